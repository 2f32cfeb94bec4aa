from __future__ import annotations

import pytest

from assist.domain import Channel, SlaMetric, SlaTarget
from assist.render import placeholder_values, render
from assist.text.personal import slots
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_message,
    a_reply,
    a_ticket,
    an_agent,
    an_open_ticket,
    an_organization,
)

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


FRESHDESK = an_open_ticket(
    7,
    ticket=a_ticket(
        7,
        tags=("tents", "warranty"),
        brand="Tarn & Tor",
        channel=Channel.WEB,
        fields={"Order number": "TT-204518", "Type": "Refund", "Größe (cm)": "180"},
        sla=(SlaTarget(SlaMetric.RESOLUTION, NOON), SlaTarget(SlaMetric.FIRST_RESPONSE, None, breached=True)),
    ),
    customer=a_customer(
        language="pt",
        phone="+44 1632 960411",
        facts={"Plan": "Trail Club"},
        organization=an_organization(tier="Premium", health="At risk", renewal_at=NOON),
    ),
    messages=(a_message("It broke."), a_reply("Which one?"), a_message("Notes to self", public=False)),
)


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("ticket.cf_order_number", "TT-204518"),
        ("ticket.cf_größe_cm", "180"),
        ("ticket.ticket_type", "Refund"),
        ("ticket.tags", "tents, warranty"),
        ("ticket.source", "web"),
        ("ticket.portal_name", "Tarn & Tor"),
        ("ticket.due_by_time", "2026-11-02 12:00 UTC"),
        ("ticket.description", "It broke."),
        ("ticket.latest_public_comment", "Which one?"),
        ("ticket.from_email", "ines.caldeira@example.com"),
        ("ticket.requester.phone", "+44 1632 960411"),
        ("ticket.requester.mobile", "+44 1632 960411"),
        ("ticket.requester.language", "pt"),
        ("ticket.requester.cf_plan", "Trail Club"),
        ("ticket.company.name", "Fellside Scout District"),
        ("ticket.company.account_tier", "Premium"),
        ("ticket.company.health_score", "At risk"),
        ("ticket.company.renewal_date", "2026-11-02"),
        ("ticket.public_url", "[public url]"),
        ("ticket.satisfaction_survey", "[satisfaction survey]"),
        ("ticket.latest_private_comment", "[latest private comment]"),
        ("ticket.company.domains", "[domains]"),
        ("ticket.internal_agent.name", "[name]"),
        ("helpdesk_name", "[helpdesk name]"),
        ("ticket.cf_never_heard_of", "[cf never heard of]"),
    ],
)
def test_that_freshdesks_placeholders_are_filled_as_far_as_they_are_known(placeholder, value):
    rendered = render(f"<{{{{{placeholder}}}}}>", placeholder_values(FRESHDESK, an_agent()))

    assert rendered == f"<{value}>"


def test_that_a_promise_whose_clock_stands_still_leaves_its_time_open():
    paused = an_open_ticket(ticket=a_ticket(sla=(SlaTarget(SlaMetric.RESOLUTION, None),)))

    assert render("By {{ticket.due_by_time}}", placeholder_values(paused, an_agent())) == "By [due by time]"


def test_that_a_field_of_the_customers_cannot_stand_in_for_a_known_placeholder():
    customer = a_customer(name="Inês Caldeira", facts={"Email": "other@example.com", "Name": "Somebody else"})
    values = placeholder_values(an_open_ticket(customer=customer), an_agent())

    assert render("{{ticket.requester.name}} {{ticket.requester.email}}", values) == (
        "Inês Caldeira ines.caldeira@example.com"
    )


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


def test_that_brackets_around_a_placeholder_stay_an_open_slot():
    text = "Dear [name, e.g. {{ticket.requester.first_name}}], your [{{ticket.ticket_field_7}} of the order]"
    assert slots(render(text, VALUES)) == ("[name, e.g. Inês]", "[[ticket field 7] of the order]")
