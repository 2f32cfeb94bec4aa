"""All settings as one file: what goes out comes back, and nothing else comes in."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import AccountId, HelpdeskKind
from assist.ports import SyncScope
from desktop.admin import bundle as bundles
from desktop.admin.bundle import Bundle, apply, differences, present, read, to_text
from desktop.policy import InternalUse, Offered, Policy, PolicyFile
from desktop.settings import SettingsFile, ThemeChoice
from resources import ROOT

TRIGGERS = (ROOT / "triggers.toml").read_text(encoding="utf-8")
ACME = Offered(HelpdeskKind.ZENDESK, "acme", client_id="kibitz_desktop", name="Acme support")
ids = st.frozensets(st.integers(0, 2**63 - 1), max_size=3)
policies = st.builds(
    Policy,
    quota_share=st.floats(0.01, 1.0),
    scopes=st.dictionaries(
        st.just(AccountId("zendesk:acme")), st.builds(SyncScope, ids, ids, ids, st.integers(0, 120)), max_size=1
    ),
    internal=st.sampled_from(InternalUse),
    acting=st.booleans(),
    retention_days=st.integers(0, 3_650),
    solved_tickets=st.integers(100, 20_000),
    offered=st.sampled_from([(), (ACME,)]),
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "theme": st.sampled_from(["system", "light", "dark"]),
        "poll": st.booleans(),
        "language": st.sampled_from(["", "de", "pt-BR"]),
        "door_origins": st.sampled_from([[], ["https://apps.example.com"]]),
        "log_level": st.sampled_from(["info", "debug"]),
    },
)
rules = st.sampled_from([{}, {"triggers": TRIGGERS}])


class Home:
    """A config folder with its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy = PolicyFile(folder)
        self.settings = SettingsFile(folder / "settings.json")

    def present(self) -> Bundle:
        return present(self.policy.value, self.settings.value, self.folder)

    def apply(self, bundle: Bundle) -> Bundle:
        return apply(bundle, self.policy, self.settings, self.folder)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@given(policies, settings, rules)
def test_that_a_bundle_is_read_back_as_it_was_written(policy, wanted, texts):
    bundle = Bundle(policy, wanted, texts)

    assert read(to_text(bundle).encode()) == bundle


@given(policies, settings, rules)
def test_that_an_import_holds_and_its_undo_brings_everything_back(policy, wanted, texts):
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        before = home.present()
        after = Bundle(policy, wanted, texts)
        said = differences(before, after)

        undo = home.apply(after)

        assert differences(home.present(), after) == ()
        assert bool(said) is (home.present() != before)
        home.apply(undo)
        assert home.present() == before
        assert sorted(path.name for path in Path(folder).iterdir()) in (
            [],
            ["policy.json"],
            ["policy.json", "settings.json"],
            ["settings.json"],
        )


def test_that_what_an_import_changes_is_said_in_sentences(home):
    then = Bundle(
        Policy(quota_share=0.2, acting=True, retention_days=365, internal=InternalUse.NEVER, offered=(ACME,)),
        {"theme": "dark", "poll": False},
        {"triggers": TRIGGERS},
    )

    assert differences(home.present(), then) == (
        "Share of the helpdesk's request quota: 10 % now, 20 % then.",
        "Kibitz may change tickets when you ask it to.",
        "Internal texts are never suggested for public replies.",
        "Customers' texts are deleted after 365 days.",
        "Offered to agents: Acme support.",
        "Light, dark, or as the system: dark.",
        "Notice the ticket that was viewed last by asking the helpdesk: no.",
        "Own rules in triggers.toml.",
    )


def test_that_an_export_holds_no_screen_no_browser_and_no_account(home):
    home.settings.change(browsers={"0123456789abcdef": "Anna's Firefox"}, last_account="zendesk:acme", screen="DP-1")
    home.settings.change(theme=ThemeChoice.DARK)

    text = to_text(home.present())

    assert [word for word in ("Anna", "zendesk", "DP-1", "0123456789abcdef") if word in text] == []
    assert json.loads(text)["settings"]["theme"] == "dark"
    assert set(json.loads(text)) == {"kibitz", "policy", "settings"}


def test_that_a_file_without_a_part_leaves_that_part_as_it_is(home):
    home.settings.change(theme=ThemeChoice.DARK)
    (home.folder / "triggers.toml").write_text(TRIGGERS, encoding="utf-8")

    home.apply(read(b'{"kibitz": 1, "policy": {"acting": true}}'))

    assert home.policy.value.acting
    assert home.settings.value.theme is ThemeChoice.DARK
    assert (home.folder / "triggers.toml").exists()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not a settings file"),
        (b"[]", "not a settings file"),
        (b"{}", "not a settings file"),
        (b'{"kibitz": true, "policy": {}}', "not a settings file"),
        (b'{"kibitz": 1}', "not a settings file"),
        (b'{"kibitz": 2, "policy": {}}', "later version"),
        (b"\xff\xfe{", "not a settings file"),
        (b"[" * 100_000, "not a settings file"),
        (b'{"a":' * 50_000, "not a settings file"),
        (b" " * (1 << 20) + b"{}", "too large"),
        (b"PK\x03\x04", "not a settings file"),
    ],
)
def test_that_a_file_of_another_kind_is_refused_with_a_sentence(raw, said):
    with pytest.raises(ValueError, match=said):
        read(raw)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("settings", [1]),
        ("settings", {"theme": {"deep": [[]]}}),
        ("settings", {"log_level": "everything"}),
        ("settings", {"door_origins": ["http://evil.example.com"]}),
        ("triggers", 5),
        ("triggers", "[[trigger]]\nname = 1"),
        ("triggers", "../../../etc/passwd"),
        ("triggers", "\ud800"),
        ("triggers", "a = " + "[" * 5_000),
        ("churn", "x" * 500_000),
        ("churn", {"path": "/etc/passwd"}),
    ],
)
def test_that_a_part_that_cannot_be_used_is_named_and_left_out(home, part, value):
    before = home.present()

    found = read(json.dumps({"kibitz": 1, "policy": {}, part: value}).encode())

    assert len(found.problems) == 1
    home.apply(found)
    assert home.present() == before


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["kibitz", "policy", "settings", "triggers", "churn", "scopes", "offered", "theme", "zendesk:acme"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.booleans(),
)
def test_that_no_json_at_all_makes_an_import_fail_in_another_way(value, framed):
    raw = json.dumps({"kibitz": 1, "policy": value, "settings": value} if framed else value).encode()
    with contextlib.suppress(ValueError), TemporaryDirectory() as folder:
        found = read(raw)
        Home(Path(folder)).apply(found)
        assert all(problem for problem in found.problems)


def test_that_a_file_is_not_read_beyond_its_bound(tmp_path):
    path = tmp_path / "huge.json"
    path.write_bytes(b" " * (1 << 20) + to_text(Bundle(Policy())).encode())

    with pytest.raises(ValueError, match="too large"):
        bundles.read_file(path)
    with pytest.raises(ValueError, match="cannot be read"):
        bundles.read_file(tmp_path)


def test_that_a_file_that_offers_thousands_of_accounts_offers_none():
    offered = [{"kind": "freshdesk", "site": f"a{number}"} for number in range(101)]

    found = read(json.dumps({"kibitz": 1, "policy": {"offered": offered}}).encode())

    assert (found.policy.offered, len(found.problems)) == ((), 1)
