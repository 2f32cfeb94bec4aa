from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.text.personal import SLOT, fill, mask, order_numbers, return_numbers, slots

FIRST = ["Ines", "Callum", "Gwen", "Matthias", "Anneliese", "Tomasz", "Zoë", "Heinz"]
LAST = ["Caldeira", "Pritchard", "Lenz", "Krug", "Zieliński", "O'Sullivan", "Müller-Lüdenscheidt"]
MONTHS = ["January", "March", "August", "Oct", "Mai", "Dezember"]
_digits = st.text("0123456789", min_size=6, max_size=6)
_names = st.builds(lambda a, b: f"{a} {b}", st.sampled_from(FIRST), st.sampled_from(LAST))
_emails = st.builds(
    lambda user, host: f"{user}@{host}.example.com",
    st.from_regex(r"[a-z]{1,8}([._+-][a-z0-9]{1,6})?", fullmatch=True),
    st.from_regex(r"[a-z]{2,9}", fullmatch=True),
)
_phones = st.one_of(
    st.builds(lambda n: f"+44 1632 960{n:03d}", st.integers(0, 999)),
    st.builds(lambda n: f"07700 900{n:03d}", st.integers(0, 999)),
    st.builds(lambda n: f"+49 30 23125 {n:03d}", st.integers(0, 999)),
    st.builds(lambda n: f"(01632) 960 {n:03d}", st.integers(0, 999)),
)
_orders = st.builds(lambda prefix, n: f"{prefix}-{n}", st.sampled_from(["TT", "RMA", "INV"]), _digits)
_ibans = st.builds(lambda n: f"DE{n:02d} 5001 0517 5407 3249 {n:02d}", st.integers(10, 99))
_cards = st.builds(lambda n: f"4111 1111 1111 {n}", st.integers(1000, 9999))
_dates = st.one_of(
    st.builds(lambda d, m, y: f"{d} {m} {y}", st.integers(1, 28), st.sampled_from(MONTHS), st.integers(2020, 2027)),
    st.builds(lambda d, m, y: f"{d}.{m}.{y}", st.integers(1, 28), st.integers(1, 12), st.integers(2020, 2027)),
    st.builds(lambda d, m, y: f"{y}-{m:02d}-{d:02d}", st.integers(1, 28), st.integers(1, 12), st.integers(2020, 2027)),
)
_filler = st.sampled_from(
    [
        "please see",
        "we sent it to",
        "thank you,",
        "and then",
        "Ihre Sendung ging an",
        "it costs £4.95 for",
        "call",
        "on",
    ]
)


@pytest.mark.promise("U6")
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("e-mail", _emails),
        ("phone", _phones),
        ("order", _orders),
        ("iban", _ibans),
        ("card", _cards),
        ("date", _dates),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_that_no_personal_value_survives_wherever_it_stands(kind: str, values: st.SearchStrategy[str]) -> None:
    @given(values, _filler, _filler, st.sampled_from([".", ",", "!", ")", "\n", " "]))
    def check(value: str, before: str, after: str, mark: str) -> None:
        text = mask(f"{before} {value}{mark} {after} again {value}", names=()).text
        assert value not in text
        assert not re.search(r"\d{3,}", text.replace("4.95", "")), text

    check()


@pytest.mark.promise("U6")
@given(_names, _filler, st.sampled_from(["Dear {0},", "Hi {1},", "Herr {2},", "{0}'s parcel", "{1} {2}", "Frau {2}!"]))
def test_that_no_name_of_the_ticket_survives_in_part_or_whole(name: str, filler: str, form: str) -> None:
    first, last = name.split(" ")

    text = mask(f"{form.format(name, first, last)} {filler} {name.upper()}", names=[name]).text

    assert name.lower() not in text.lower()
    assert not re.search(rf"\b{re.escape(first)}\b|\b{re.escape(last)}\b", text)


@pytest.mark.promise("U6")
@given(st.lists(st.one_of(_emails, _phones, _orders, _ibans, _dates, _names), min_size=1, max_size=6))
def test_that_values_side_by_side_are_all_gone(values: list[str]) -> None:
    names = [value for value in values if value.split(" ")[0] in FIRST]

    text = mask(" and ".join(values), names=names).text

    assert not [value for value in values if value in text]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("The fee is £4.95, or 7,90 €.", "The fee is £4.95, or 7,90 €."),
        ("Refunds take 5 working days within 60 days.", "Refunds take 5 working days within 60 days."),
        ("Order TT-204518 left.", "Order [order number] left."),
        ("Write to gwen@example.com.", "Write to [e-mail address]."),
        ("It comes on Tuesday.", "It comes [date]."),
        ("See https://parcel.example.com/track/AB123 now", "See [tracking link] now"),
        ("Flat 4, 31 Brudenell Road, Leeds LS6 1HA", "[address]"),
        ("Sonnenallee 12, 12045 Berlin", "[address]"),
        ("The Lathe 3 and the Lumen 400 weigh 2,1 kg.", "The Lathe 3 and the Lumen 400 weigh 2,1 kg."),
    ],
)
def test_that_amounts_periods_and_products_stay_and_the_rest_becomes_a_slot(text: str, masked: str) -> None:
    assert mask(text, names=()).text == masked


def test_that_masking_counts_what_it_replaced() -> None:
    masked = mask("Ines, TT-204518 and TT-204519 go to ines@example.com.", names=["Ines Caldeira"])

    assert masked.found == {"e-mail address": 1, "order number": 2, "name": 1}


def test_that_slots_are_listed_once_in_order() -> None:
    assert slots("[order number] by [date], [order number]") == ("[order number]", "[date]")
    assert slots("no slots [x] here []") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Send [Name of [product]] back.", ("[Name of [product]]",)),
        ("Send [Name of [x]] back.", ("[Name of [x]]",)),
        ("[[Name]] and [the [old [blue]] tent]", ("[[Name]]", "[the [old [blue]] tent]")),
        ("[a [b [c [deep]]]]", ("[b [c [deep]]]",)),
        ("[Name of [product], please", ("[product]",)),
        ("Name of [product]], please", ("[product]",)),
        (f"[{'a [b] ' * 12}]", (f"[{'a [b] ' * 12}]",)),
        ("[]", ()),
        ("[[]]", ()),
        (f"[{'a' * 61}]", ()),
    ],
)
def test_that_a_slot_within_a_slot_leaves_the_outer_one_open(text: str, found: tuple[str, ...]) -> None:
    assert slots(text) == found


@given(st.text("[[[]]]ab \n", max_size=80))
def test_that_no_brackets_around_words_go_unseen(text: str) -> None:
    assert re.findall(r"\[[^\[\]\n]{2,60}\]", SLOT.sub("\n", text)) == []
    assert all(slot in text and slot.count("[") == slot.count("]") for slot in slots(text))


@pytest.mark.parametrize(
    ("piece", "found"), [("[", 0), ("[a", 0), ("[[a]", 0), ("[a [b] ", 0), ("[[[a]]", 50_000), ("[[" + "a" * 60, 0)]
)
def test_that_a_long_text_of_odd_brackets_is_read_to_its_end(piece: str, found: int) -> None:
    assert len(SLOT.findall(piece * 50_000)) == found


def test_that_a_slot_is_filled_only_where_one_value_is_known() -> None:
    text = "[order number] to [e-mail address] on [date]"
    values = {"order number": ["TT-1", "TT-1"], "e-mail address": ["a@example.com", "b@example.com"], "date": [""]}

    assert fill(text, values) == "TT-1 to [e-mail address] on [date]"


def test_that_order_numbers_of_any_shop_are_found_once_each_in_order() -> None:
    text = "TT-204519, RMA-40317 and again TT-204519, ACME-99812, #20418, GC-7KQ2-M4TR; not A&E-1, Brae GTX or E23-07"
    assert order_numbers(text) == ["TT-204519", "ACME-99812", "#20418"]


def test_that_a_return_number_a_gift_card_and_a_serial_have_slots_of_their_own() -> None:
    masked = mask("RMA-40317 for TT-204519, paid with GC-7KQ2-M4TR, serial E23-09-04417, batch E23-07", names=[])
    assert masked.text == (
        "[return number] for [order number], paid with [gift card code], serial [serial number], batch E23-07"
    )


def test_that_a_return_number_is_not_filled_with_an_order_number() -> None:
    assert fill("[return number]", {"order number": ["TT-204519"], "return number": []}) == "[return number]"
    assert return_numbers("RMA-40317, TT-204519, RMA-40317") == ["RMA-40317"]
