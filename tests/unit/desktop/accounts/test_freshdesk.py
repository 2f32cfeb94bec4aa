from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.accounts.freshdesk import Sorted, portal_problem, sort_address


@pytest.mark.parametrize(
    "typed", ["acme", " acme ", "acme.freshdesk.com", "https://ACME.freshdesk.com/a/tickets/7", "acme.freshdesk.com/"]
)
def test_that_the_domain_is_found_in_what_was_typed(typed):
    assert sort_address(typed) == Sorted("acme")


@pytest.mark.parametrize(
    ("typed", "portal"),
    [
        ("support.acme.com", "support.acme.com"),
        ("https://support.acme.com/a/tickets/12?x=1", "support.acme.com"),
        ("HELP.Acme.co.uk", "help.acme.co.uk"),
        ("support.bergführer.example", "support.xn--bergfhrer-u9a.example"),
        ("acme.freshdesk.com.evil.example", "acme.freshdesk.com.evil.example"),
    ],
)
def test_that_a_portal_is_kept_as_the_portal_and_the_domain_is_asked_for(typed, portal):
    found = sort_address(typed)
    assert (found.domain, found.portal) == ("", portal)
    assert found.said.startswith(f"{portal} is your portal's own address.")
    assert "ends in .freshdesk.com" in found.said


def test_that_the_organisation_s_address_is_neither():
    found = sort_address("https://acme.myfreshworks.com/login")
    assert (found.domain, found.portal) == ("", "")
    assert "ends in .freshdesk.com" in found.said


@pytest.mark.parametrize("typed", ["", "a b", "http://acme.freshdesk.com", "acme@evil.example", "acme.com:99", "[::1"])
def test_that_what_is_no_address_is_left_for_the_form_to_refuse(typed):
    assert sort_address(typed) == Sorted(typed)


@given(st.text(max_size=60))
def test_that_nothing_that_is_typed_is_lost_without_a_word(typed):
    found = sort_address(typed)
    assert found.domain or found.said or not typed.strip()


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [("", False), ("support.acme.com", False), ("acme.freshdesk.com", True), ("acme", True), ("a b.com", True)],
)
def test_that_only_a_host_of_one_s_own_is_a_portal(typed, wrong):
    assert bool(portal_problem(typed)) is wrong
