"""What an admin decides is read back as it was written, and what is wrong costs only itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import AccountId, HelpdeskKind
from assist.ports import EVERYTHING, SyncScope
from desktop.policy import CAREFUL, InternalUse, Offered, Policy, PolicyFile, read, write
from desktop.settings import presets

ids = st.frozensets(st.integers(0, 2**63 - 1), max_size=4)
scopes = st.builds(SyncScope, brands=ids, groups=ids, folders=ids, months=st.integers(0, 120))
lines = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=20)
policies = st.builds(
    Policy,
    quota_share=st.floats(0.01, 1.0),
    scopes=st.dictionaries(st.sampled_from([AccountId("zendesk:acme"), AccountId("freshdesk:acme")]), scopes),
    internal=st.sampled_from(InternalUse),
    acting=st.booleans(),
    retention_days=st.integers(0, 3_650),
    solved_tickets=st.integers(100, 20_000),
    offered=st.lists(
        st.builds(Offered, kind=st.sampled_from(HelpdeskKind), site=lines, client_id=lines, portal=lines, name=lines),
        max_size=3,
    ).map(tuple),
)


@given(policies)
def test_that_a_policy_is_read_back_as_it_was_written(policy):
    found = read(json.loads(json.dumps(write(policy))))
    assert found.policy == policy
    assert found.problems == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quota_share", 0),
        ("quota_share", True),
        ("quota_share", "a lot"),
        ("quota_share", float("nan")),
        ("scopes", ["zendesk:acme"]),
        ("scopes", {"zendesk:acme": {"brands": [-1]}}),
        ("internal", "always"),
        ("acting", "yes"),
        ("retention_days", 1.5),
        ("offered", [{"kind": "zendesk"}]),
        ("offered", [{"kind": "other", "site": "acme"}]),
    ],
)
def test_that_a_bad_value_costs_only_itself(key, value):
    found = read({"retention_days": 30, "acting": True, key: value})
    assert getattr(found.policy, key) == getattr(CAREFUL, key)
    assert found.problems == (f"{key} cannot be used, so the careful value holds",)
    kept = {"retention_days": 30, "acting": True} | {key: getattr(Policy(), key)}
    assert (found.policy.retention_days, found.policy.acting) == (kept["retention_days"], kept["acting"])


def test_that_a_change_is_there_after_a_restart(tmp_path):
    scope = SyncScope(months=6)
    PolicyFile(tmp_path).change(acting=True, scopes={AccountId("zendesk:acme"): scope})
    again = PolicyFile(tmp_path).value
    assert again.acting is True
    assert again.scope(AccountId("zendesk:acme")) == scope
    assert again.scope(AccountId("zendesk:other")) == EVERYTHING


def test_that_a_file_that_cannot_be_read_lets_nothing_internal_out(tmp_path, caplog):
    (tmp_path / "policy.json").write_text("{half", encoding="utf-8")
    assert PolicyFile(tmp_path).value == CAREFUL
    assert "policy.json cannot be read, so careful values hold" in caplog.text
    caplog.clear()


def test_that_a_preset_holds_until_something_is_decided_here(tmp_path):
    site = tmp_path / "site" / "preset.json"
    site.parent.mkdir()
    site.write_text('{"kibitz": 1, "policy": {"retention_days": 90, "acting": true}}', encoding="utf-8")
    mine = tmp_path / "mine"

    first = PolicyFile(mine, (site,))
    assert (first.value.retention_days, first.value.acting) == (90, True)
    first.change(retention_days=30)

    assert PolicyFile(mine, (site,)).value == first.value
    site.write_text('{"kibitz": 1, "policy": {"retention_days": 7}}', encoding="utf-8")
    assert PolicyFile(mine, (site,)).value.retention_days == 30


@pytest.mark.parametrize("raw", ["", "[]", '{"kibitz": 1}', '{"policy": []}', "[" * 100_000])
def test_that_a_preset_that_is_none_is_told_and_lets_nothing_internal_out(tmp_path, caplog, raw):
    (tmp_path / "preset.json").write_text(raw, encoding="utf-8")

    assert PolicyFile(tmp_path).value == CAREFUL
    assert "policy: preset.json" in caplog.text
    caplog.clear()


def test_that_the_nearer_preset_counts(tmp_path):
    (tmp_path / "preset.json").write_text('{"policy": {"retention_days": 1}}', encoding="utf-8")
    (tmp_path / "far.json").write_text('{"policy": {"retention_days": 2}}', encoding="utf-8")

    assert PolicyFile(tmp_path, (tmp_path / "far.json",)).value.retention_days == 1


def test_that_a_home_of_its_own_looks_at_no_preset_of_the_computer(tmp_path):
    assert presets({"KIBITZ_HOME": str(tmp_path)}) == ()
    assert {path.name for path in presets({})} == {"preset.json"}
