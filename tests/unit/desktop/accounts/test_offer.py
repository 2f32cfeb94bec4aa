from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import HelpdeskKind
from desktop.accounts.offer import LARGEST_LINK_CHARACTERS, link_of, parse_link
from desktop.accounts.state import is_sandbox
from desktop.addresses import absolute, is_link, is_settings_file
from desktop.policy import Offered
from desktop.single_instance import LARGEST_ADDRESS_CHARACTERS

ACME = Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_desktop")
LABELS = st.from_regex(r"[a-z][a-z0-9]{0,30}", fullmatch=True).filter(
    lambda label: label not in {"www", "support", "developer", "developers", "help", "api"}
)
NAMES = st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), max_size=20).map(str.strip)


def test_that_a_link_offers_an_account_of_zendesk_with_its_client():
    assert parse_link("kibitz://connect?kind=zendesk&site=acme&client=kibitz_desktop") == ACME


def test_that_a_link_offers_an_account_of_freshdesk_with_its_portal_and_name():
    link = "kibitz://connect?kind=freshdesk&site=acme&portal=support.acme.com&name=Acme%20EU%20%F0%9F%8F%94%EF%B8%8F"
    assert parse_link(link) == Offered(HelpdeskKind.FRESHDESK, "acme", "", "support.acme.com", "Acme EU 🏔️")


@pytest.mark.parametrize(
    "link",
    [
        "KIBITZ://CONNECT?kind=zendesk&site=acme&client=kibitz_desktop",
        "kibitz://connect/?kind=zendesk&site=acme&client=kibitz_desktop",
        "  kibitz://connect?kind=zendesk&site=ACME.zendesk.com&client=kibitz_desktop\n",
        "kibitz://connect?kind=zendesk&site=https%3A%2F%2Facme.zendesk.com%2Fagent&client=kibitz_desktop",
    ],
)
def test_that_what_browsers_and_people_do_to_a_link_changes_nothing(link):
    assert parse_link(link) == ACME


@given(LABELS, st.from_regex(r"[a-z][a-z0-9_]{0,40}", fullmatch=True), NAMES)
def test_that_a_link_is_read_as_it_was_written(site, client, name):
    offered = Offered(HelpdeskKind.ZENDESK, site, client, name=name)
    found = parse_link(link_of(offered))
    assert (found.kind, found.site, found.client_id) == (HelpdeskKind.ZENDESK, site, client)
    assert link_of(found) == link_of(offered)


@given(st.text(max_size=300) | st.text(max_size=200).map(lambda text: f"kibitz://connect?kind=zendesk&site={text}"))
def test_that_any_other_text_is_refused_with_a_sentence(text):
    try:
        said, offered = "", parse_link(text)
    except ValueError as error:
        said, offered = str(error), ACME
    assert said.endswith(".") or parse_link(link_of(offered)) == offered


@pytest.mark.promise("S4")
@pytest.mark.parametrize(
    "site",
    [
        "acme.zendesk.com.evil.example",
        "acme.freshdesk.com",
        "evil.example%2Facme.zendesk.com",
        "evil.example%23.zendesk.com",
        "acme%40evil.example",
        "http%3A%2F%2Facme.zendesk.com",
        "acme.zendesk.com%3A8443",
        "127.0.0.1",
        "%D0%B0cme",
        "",
        "support",
    ],
)
def test_that_a_host_that_is_no_account_of_zendesk_is_refused(site):
    with pytest.raises(ValueError, match="not the address of a Zendesk account"):
        parse_link(f"kibitz://connect?kind=zendesk&site={site}&client=kibitz_desktop")


@pytest.mark.promise("S1")
@pytest.mark.parametrize(
    "key", ["token", "api_key", "client_secret", "password", "code", "refresh_token", "Authorization", "KEY"]
)
def test_that_a_link_with_a_secret_is_refused_without_repeating_it(key):
    with pytest.raises(ValueError, match="carries a secret") as refused:
        parse_link(f"kibitz://connect?kind=zendesk&site=acme&client=c&{key}=hunter2-canary")
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("kind=zendesk&site=acme&site=evil&client=c", "says more"),
        ("kind=zendesk&site=acme&client=c&redirect=x", "says more"),
        ("kind=jira&site=acme", "no helpdesk that Kibitz knows"),
        ("site=acme&client=c", "no helpdesk that Kibitz knows"),
        ("kind=zendesk&site=acme", "identifier is missing"),
        ("kind=zendesk&site=acme&client=a%20b", "identifier is missing"),
        ("kind=zendesk&site=acme&client=c&portal=support.acme.com", "Only Freshdesk"),
        ("kind=freshdesk&site=acme&client=c", "Only Zendesk"),
        ("kind=freshdesk&site=acme&portal=evil", "portal's own address"),
        ("kind=freshdesk&site=acme&name=acme.zendesk.com", "must not look like an address"),
        ("kind=freshdesk&site=acme&name=acme%EF%BC%8Ezendesk%E3%80%82com", "must not look like an address"),
        ("kind=freshdesk&site=acme&name=a%E2%80%AEb", "hidden characters"),
        ("kind=freshdesk&site=acme&name=a%0Ab", "hidden characters"),
        ("kind=freshdesk&site=acme&name=%FF", "cannot be read"),
        ("kind=freshdesk&site", "cannot be read"),
        ("", "no helpdesk that Kibitz knows"),
        ("kind=freshdesk&site=acme%00", "hidden characters"),
        ("kind=freshdesk&site=acme&name=" + "x" * 61, "name is too long"),
        ("kind=freshdesk&site=acme#x", "not a link of Kibitz"),
    ],
)
def test_that_a_link_that_is_not_exactly_one_says_why(rest, said):
    with pytest.raises(ValueError, match=said):
        parse_link(f"kibitz://connect?{rest}")


@pytest.mark.parametrize(
    "link",
    [
        "https://connect?kind=freshdesk&site=acme",
        "kibitz://disconnect?kind=freshdesk&site=acme",
        "kibitz://user@connect?kind=freshdesk&site=acme",
        "kibitz://connect:80?kind=freshdesk&site=acme",
        "kibitz://connect/x?kind=freshdesk&site=acme",
        "kibitz:connect?kind=freshdesk&site=acme",
        "kibitz://[",
    ],
)
def test_that_only_connect_is_a_link(link):
    with pytest.raises(ValueError, match="not a link of Kibitz"):
        parse_link(link)


def test_that_an_oversize_link_is_refused_and_every_other_fits_what_passes_it_on():
    with pytest.raises(ValueError, match="too long"):
        parse_link("kibitz://connect?kind=freshdesk&site=acme&name=" + "x" * LARGEST_LINK_CHARACTERS)
    assert LARGEST_LINK_CHARACTERS < LARGEST_ADDRESS_CHARACTERS


def test_that_no_link_is_made_of_an_offer_that_would_be_refused():
    with pytest.raises(ValueError, match="identifier is missing"):
        link_of(Offered(HelpdeskKind.ZENDESK, "acme"))


@pytest.mark.parametrize(
    ("name", "site", "expected"),
    [
        ("", "acmesandbox1", True),
        ("", "acme", False),
        ("Sandbox EU", "acme", True),
        ("Live", "acmesandbox1", False),
        ("SANDBOX", "acme", True),
    ],
)
def test_that_the_offered_name_decides_whether_an_account_is_a_sandbox(name, site, expected):
    assert is_sandbox(name, site) is expected


@pytest.mark.parametrize(("text", "expected"), [(" Kibitz://x", True), ("kibitz:", True), ("https://acme", False)])
def test_that_a_link_is_told_from_a_ticket_s_address(text, expected):
    assert is_link(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kibitz-settings.json", True),
        ("C:\\Users\\m\\Settings.JSON", True),
        ("https://acme/x.json", False),
        ("7", False),
    ],
)
def test_that_a_settings_file_is_told_from_a_ticket_s_address(text, expected):
    assert is_settings_file(text) is expected


def test_that_a_settings_file_is_named_by_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute("for agents.json") == str(tmp_path / "for agents.json")
    assert absolute("20418") == "20418"
