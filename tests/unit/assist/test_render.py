from __future__ import annotations

import pytest

from assist.render import placeholder_values, render
from assist.text.personal import slots
from tests.helpers.builders import a_customer, a_ticket, an_agent, an_open_ticket, an_organization

OPENED = an_open_ticket(
    7,
    ticket=a_ticket(7, subject="Tent pole snapped", group="Mend", brand="Tarn & Tor", url="https://x.example.com/7"),
    customer=a_customer(name="Inês Caldeira", email="ines@example.com", organization=an_organization()),
)
VALUES = placeholder_values(OPENED, an_agent(name="Maya Okafor", email="maya@acme.example.com"))


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("{{ticket.id}}", "7"),
        ("{{ ticket.title }}", "Tent pole snapped"),
        ("{{ticket.requester.first_name}}", "Inês"),
        ("{{ticket.requester.firstname}}", "Inês"),
        ("{{ticket.requester.last_name}}", "Caldeira"),
        ("{{ticket.requester.name}}", "Inês Caldeira"),
        ("{{ticket.requester.email}}", "ines@example.com"),
        ("{{Ticket.Requester.Name}}", "Inês Caldeira"),
        ("{{ticket.requester.name | capitalize}}", "Inês Caldeira"),
        ("{{current_user.first_name}}", "Maya"),
        ("{{ticket.agent.name}}", "Maya Okafor"),
        ("{{ticket.agent.firstname}}", "Maya"),
        ("{{ticket.agent.lastname}}", "Okafor"),
        ("{{ticket.assignee.last_name}}", "Okafor"),
        ("{{current_user.email}}", "maya@acme.example.com"),
        ("{{ticket.organization.name}}", "Fellside Scout District"),
        ("{{ticket.requester.company_name}}", "Fellside Scout District"),
        ("{{ticket.link}}", "https://x.example.com/7"),
        ("{{agent.email}}", "maya@acme.example.com"),
        ("{{ticket.group.name}}", "Mend"),
        ("{{ticket.status}}", "open"),
    ],
)
def test_that_placeholders_of_both_helpdesks_are_filled(placeholder, value):
    assert render(f"<{placeholder}>", VALUES) == f"<{value}>"


def test_that_a_signature_goes_because_the_helpdesk_adds_its_own():
    assert render("See you soon.\n\n{{agent.signature}}", VALUES) == "See you soon."
    assert render("Bye {{ticket.agent.signature}}{{some.other.signature}}", VALUES) == "Bye"


def test_that_what_cannot_be_known_stays_open_in_brackets():
    assert render("Code: {{dc.voucher_code}} and [tracking link]", VALUES) == "Code: [voucher code] and [tracking link]"


@pytest.mark.parametrize(
    ("placeholder", "slot"),
    [
        ("{{ticket.ticket_field_360012}}", "[ticket field 360012]"),
        ("{{ticket.comments[0].value}}", "[value]"),
        ("{{ticket.satisfaction.rating-section}}", "[rating section]"),
        ("{{ticket.7}}", "[placeholder]"),
        ("{{ticket.requester.custom_fields.plan | default: 'none'}}", "[plan]"),
    ],
)
def test_that_any_placeholder_that_is_not_known_is_an_open_slot(placeholder, slot):
    assert render(f"Plan: {placeholder}.", VALUES) == f"Plan: {slot}."
    assert slots(render(placeholder, VALUES)) == (slot,)


def test_that_an_empty_value_stays_open_too():
    nameless = placeholder_values(an_open_ticket(customer=None), an_agent())

    assert render("Hi {{ticket.requester.first_name}},", nameless) == "Hi [first name],"


def test_that_an_address_is_no_first_name():
    values = placeholder_values(an_open_ticket(customer=a_customer(name="ines@example.com")), an_agent())

    assert render("Hi {{ticket.requester.first_name}},", values) == "Hi [first name],"


def test_that_liquid_blocks_are_dropped_and_their_text_kept():
    body = "{% if ticket.brand.name %}Thanks{% else %}\nThanks{% endif %}"

    assert render(body, VALUES) == "Thanks\nThanks"


def test_that_a_value_that_looks_like_a_placeholder_is_not_filled_again():
    opened = an_open_ticket(ticket=a_ticket(subject="{{agent.email}}"))

    assert render("{{ticket.title}}", placeholder_values(opened, an_agent())) == "{{agent.email}}"


@pytest.mark.parametrize("body", ["", "{{", "}} {{", "{{}}", "{% if", "{{ticket.id"])
def test_that_broken_markup_stays_as_it_is(body):
    assert render(body, VALUES) == body
