import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import Decision, OpenTicket, Outcome, Shown, SolvedTicket
from assist.store.codec import UnknownFormat, dumps, loads, time_text
from tests.helpers.builders import NOON, a_customer, a_message, a_shown, an_open_ticket, an_organization

TIMES = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def values_of(kind):
    return st.from_type(kind)


@pytest.fixture(scope="module", autouse=True)
def _domain_strategies():
    st.register_type_strategy(datetime, TIMES)
    st.register_type_strategy(str, TEXTS)
    st.register_type_strategy(float, st.floats(allow_nan=False))
    yield
    st.register_type_strategy(datetime, st.datetimes())
    st.register_type_strategy(str, st.text())
    st.register_type_strategy(float, st.floats())


@pytest.mark.parametrize("kind", [OpenTicket, SolvedTicket, Shown, Decision, Outcome])
@given(data=st.data())
def test_that_whatever_is_stored_is_read_back_equal(kind, data):
    value = data.draw(st.from_type(kind))

    assert loads(kind, dumps(value)) == value


def test_that_a_field_of_a_later_version_is_passed_over_and_a_missing_one_gets_its_default():
    data = json.loads(dumps(an_open_ticket(truncated=True)))
    data["invented_later"] = {"x": 1}
    del data["truncated"]

    assert loads(OpenTicket, json.dumps(data)) == an_open_ticket(truncated=False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("[]", id="list"),
        pytest.param("{}", id="no version"),
        pytest.param('{"v": 2}', id="later version"),
        pytest.param('{"v": 1}', id="fields missing"),
        pytest.param(dumps(an_open_ticket()).replace('"id":7', '"id":"7"'), id="text for a number"),
        pytest.param(dumps(an_open_ticket()).replace('"open"', '"ajar"'), id="unknown status"),
        pytest.param(dumps(an_open_ticket()).replace("2026-11-02T12", "soon"), id="no time"),
    ],
)
def test_that_what_is_no_ticket_of_this_format_is_refused(text):
    with pytest.raises(UnknownFormat):
        loads(OpenTicket, text)


def test_that_the_refusal_quotes_nobody():
    text = dumps(an_open_ticket(customer=a_customer(name="Inês", id=4))).replace('"id":4', '"id":"Inês"')

    with pytest.raises(UnknownFormat) as caught:
        loads(OpenTicket, text)

    assert "Inês" not in str(caught.value)


def test_that_a_lone_surrogate_does_not_stop_a_ticket_from_being_kept():
    text = dumps(an_open_ticket(messages=(a_message("broken \ud83d emoji"),)))

    assert loads(OpenTicket, text).messages[0].text == "broken ? emoji"


def test_that_times_are_kept_in_utc_and_sort_as_text():
    summer = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))

    assert time_text(summer) == "2026-07-01T12:00:00.000000+00:00"
    assert time_text(NOON) < time_text(NOON + timedelta(microseconds=1)) < time_text(NOON + timedelta(days=1))


def test_that_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        dumps(a_shown(at=datetime(2026, 1, 1)))  # noqa: DTZ001  # the naive time that is refused


def test_that_nested_values_and_none_survive():
    organization = an_organization(renewal_at=NOON)
    ticket = an_open_ticket(customer=a_customer(organization=organization, facts={"plan": "Trail Club"}))

    read = loads(OpenTicket, dumps(ticket))

    assert read.customer is not None
    assert read.customer.organization == organization
    assert read.customer.facts == {"plan": "Trail Club"}
    assert loads(OpenTicket, dumps(an_open_ticket(customer=None))).customer is None
