"""Who may choose the host: the person who typed the account, nobody else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import HelpdeskKind
from assist.errors import SignInNeeded
from integrations.site import ApiKey, ApiToken, OAuthGrant, OAuthToken, authorization, demo_site, parse_site

Z, F = HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK


@pytest.mark.parametrize(
    "typed",
    [
        "acme",
        " ACME ",
        "acme.zendesk.com",
        "https://acme.zendesk.com",
        "https://acme.zendesk.com/",
        "https://ACME.zendesk.com/agent/tickets/12?brand=1#x",
        "acme.zendesk.com/agent/dashboard",
        "https://acme.zendesk.com:443/agent",
    ],
)
def test_that_names_hosts_and_pasted_addresses_give_the_same_site(typed):
    site = parse_site(Z, typed)
    assert (site.account, site.base_url) == ("zendesk:acme", "https://acme.zendesk.com")


@pytest.mark.promise("S4")
@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "acme.example.com",
        "https://evil.example.com/acme.zendesk.com",
        "acme.zendesk.com.evil.example.com",
        "https://acme.zendesk.com@evil.example.com",
        "https://me:pw@acme.zendesk.com",
        "http://acme.zendesk.com",
        "https://acme.zendesk.com:8443",
        "ftp://acme.zendesk.com",
        "a.b.zendesk.com",
        "zendesk.com",
        "-acme",
        "ac me",
        "acmé",
        "127.0.0.1",
        "http://127.0.0.1:9000",
        "localhost",
        "https://[::1",
        "acme.freshdesk.com",
        "www",
        "https://acme.zendesk.com\\@evil.example.com",
        "javascript:alert(1)",
        "acme.zendesk.com:0",
        "evil.example.com/.zendesk.com",
        "evil.example.com?.zendesk.com",
        "evil.example.com#.zendesk.com",
    ],
)
def test_that_nothing_else_becomes_a_site(typed):
    if typed == "localhost":  # a word like any other: it names localhost.zendesk.com
        assert parse_site(Z, typed).base_url == "https://localhost.zendesk.com"
        return
    with pytest.raises(ValueError, match="Zendesk account"):
        parse_site(Z, typed)


@pytest.mark.promise("S4")
@given(st.text(max_size=40) | st.text(alphabet="acme.zendskom/:@?#\\%[]-", max_size=40))
def test_that_whatever_is_typed_the_host_is_the_vendors(typed):
    try:
        base_url = parse_site(Z, typed).base_url
    except ValueError:
        return
    host = base_url.removeprefix("https://")
    assert host.endswith(".zendesk.com")
    assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


def test_that_a_portals_own_address_recognises_tickets_and_is_never_sent_to():
    site = parse_site(F, "acme", page_host="https://support.acme.com/")
    assert site.base_url == "https://acme.freshdesk.com"
    assert site.ticket_id_in("https://support.acme.com/a/tickets/12") == 12
    assert site.ticket_id_in("http://support.acme.com/a/tickets/12") is None


def test_that_a_portals_address_must_be_a_host():
    with pytest.raises(ValueError, match=r"support\.acme\.com"):
        parse_site(F, "acme", page_host="support.acme.com/evil")


@pytest.mark.promise("S4")
@pytest.mark.parametrize(
    ("address", "id_"),
    [
        ("https://acme.zendesk.com/agent/tickets/123", 123),
        ("https://acme.zendesk.com/agent/tickets/123/events?x=1#c", 123),
        ("acme.zendesk.com/agent/tickets/5", 5),
        ("https://ACME.zendesk.com:443/agent/tickets/46406156941841", 46_406_156_941_841),
        ("https://other.zendesk.com/agent/tickets/123", None),
        ("http://acme.zendesk.com/agent/tickets/123", None),
        ("https://acme.zendesk.com@evil.example.com/agent/tickets/1", None),
        ("https://me@acme.zendesk.com/agent/tickets/1", None),
        ("https://evil.example.com/?https://acme.zendesk.com/agent/tickets/1", None),
        ("https://acme.zendesk.com.evil.example.com/agent/tickets/1", None),
        ("https://acme.zendesk.com/agent/tickets/new/1", None),
        ("https://acme.zendesk.com/agent/tickets/12x", None),
        ("https://acme.zendesk.com/agent/tickets/" + "9" * 30, None),
        ("https://acme.zendesk.com/agent/tickets/١٢", None),
        ("https://acme.zendesk.com/x/agent/tickets/1", None),
        ("123", None),
        ("", None),
    ],
)
def test_that_only_ticket_pages_of_this_account_name_a_ticket(address, id_):
    assert parse_site(Z, "acme").ticket_id_in(address) == id_


def test_that_both_pages_of_freshdesk_name_a_ticket():
    site = parse_site(F, "acme")
    assert site.ticket_id_in(site.ticket_url(9)) == 9
    assert site.ticket_id_in("https://acme.freshdesk.com/helpdesk/tickets/9") == 9


def test_that_the_demo_is_on_this_machine_and_meets_no_real_account():
    site = demo_site(Z, 9123)
    assert (site.base_url, site.account) == ("http://127.0.0.1:9123", "zendesk:demo.localhost")
    assert site.ticket_id_in("http://localhost:9123/agent/tickets/4") == 4
    assert site.ticket_id_in("http://localhost:9124/agent/tickets/4") is None
    with pytest.raises(ValueError, match="zendesk"):
        parse_site(Z, "demo.localhost")


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_that_the_demos_port_is_a_port(port):
    with pytest.raises(ValueError, match="port"):
        demo_site(F, port)


def test_that_each_kind_of_credentials_becomes_its_header():
    assert authorization(Z, OAuthToken("tok")) == "Bearer tok"
    assert authorization(Z, OAuthGrant("client", "tok", "refresh", None, ())) == "Bearer tok"
    pair = authorization(Z, ApiToken("me@example.com", "tok")).removeprefix("Basic ")
    assert base64.b64decode(pair) == b"me@example.com/token:tok"
    assert base64.b64decode(authorization(F, ApiKey("key")).removeprefix("Basic ")) == b"key:X"


@pytest.mark.parametrize(
    ("kind", "credentials"),
    [
        (F, OAuthToken("CANARY")),
        (F, OAuthGrant("client", "CANARY", "CANARY", None, ())),
        (Z, OAuthGrant("client", "", "CANARY", None, ())),
        (F, ApiToken("a@b.c", "CANARY")),
        (Z, ApiKey("CANARY")),
        (Z, OAuthToken("")),
        (Z, OAuthToken("CANARY\r\nX-Evil: 1")),
        (F, ApiKey("CANÄRY")),
        (F, ApiKey("CANARY CANARY")),
    ],
)
@pytest.mark.promise("S1")
def test_that_credentials_of_the_wrong_kind_are_refused_without_being_quoted(kind, credentials):
    with pytest.raises(SignInNeeded) as caught:
        authorization(kind, credentials)
    assert "CAN" not in str(caught.value)


@pytest.mark.promise("S1")
@pytest.mark.parametrize("credentials", [OAuthToken("CANARY"), ApiKey("CANARY"), ApiToken("me@example.com", "CANARY")])
def test_that_credentials_do_not_show_their_secret(credentials):
    assert "CANARY" not in repr(credentials)
    assert "CANARY" not in str(credentials)
