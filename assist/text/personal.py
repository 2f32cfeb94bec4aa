"""Personal data of another customer: found, and replaced by a slot that says what belongs there.

A slot is ``[order number]``, ``[date]`` …: left visibly open unless this ticket's own values fill it.
Amounts stay, because prices and fees are what makes a reply useful; dates go, because they were that ticket's.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assist.text.addresses import ADDRESS, PLACE, POSTCODE
from assist.text.codes import (
    CONTACTS,
    CUED,
    FIGURES,
    ORDER_NUMBER,
    PLATES,
    RETURN_NUMBER,
    SHAPES,
    SUMS,
    public_figures,
    run_slot,
    runs,
    tokens,
)
from assist.text.dates import OWN_DATES, is_own_date
from assist.text.language import detect
from assist.text.names import name_spans
from assist.text.spans import Claims, Rule

_PLAIN = r"[^\[\]\n]"
_INNER = rf"\[(?:{_PLAIN}|\[{_PLAIN}{{0,60}}+\]){{0,60}}+\]"
SLOT = re.compile(rf"\[(?!.?\])(?:{_PLAIN}|{_INNER}){{1,60}}+\]")
"""The outermost brackets, of up to three that stand in each other. Nothing is tried twice, so any text is read quickly."""

_BEFORE_DATES: tuple[Rule, ...] = (*CONTACTS, *SHAPES, *CUED)
_AFTER_DATES: tuple[Rule, ...] = (Rule("address", ADDRESS), Rule("address", PLACE), Rule("postcode", POSTCODE), *PLATES)
_DATES: tuple[Rule, ...] = tuple(Rule("date", pattern, is_own_date) for pattern in OWN_DATES)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without the other customer's data. ``found`` counts what was replaced, by kind."""

    text: str
    found: Mapping[str, int]


def mask(
    text: str,
    *,
    names: Iterable[str],
    own: Sequence[str] = (),
    ordinary: Container[str] = frozenset(),
    language: str = "",
) -> Masked:
    """Replace personal data in ``text`` by slots.

    Args:
        text: Plain text that another customer's agent wrote.
        names: Names (and other own words) of the people in that ticket: customer, organisation, agents.
        own: Words of the shop's own hosts; its public links and mailboxes stay.
        ordinary: Words that the shop itself writes large, folded (`names.fold`): no names.
        language: Of ``text``, found where it is not given.
    """
    claims = Claims(text)
    claims.apply(public_figures(own))
    claims.apply((*SUMS, *_BEFORE_DATES, *_DATES))
    claims.apply(FIGURES)
    claims.apply(_AFTER_DATES)
    for match in runs().finditer(text):
        claims.claim(*match.span(), run_slot(match[0]))
    for start, end, slot in tokens(text):
        claims.claim(start, end, slot)
    language = language or detect(text)
    for start, end in name_spans(text, known=names, language=language, ordinary=ordinary):
        _claim_name(claims, start, end)
    return Masked(*claims.written())


def _claim_name(claims: Claims, start: int, end: int) -> None:
    """Where part of a name is taken already (a mailbox, say), the words that are left still go."""
    if not claims.claim(start, end, "name"):
        for word in re.finditer(r"[^\W\d_]{2,}", claims.text[start:end]):
            claims.claim(start + word.start(), start + word.end(), "name")


def slots(text: str) -> tuple[str, ...]:
    """Return the open slots of ``text`` with their brackets, each once, in order."""
    return tuple(dict.fromkeys(SLOT.findall(text)))


def fill(text: str, values: Mapping[str, Iterable[str]]) -> str:
    """Fill each slot for which this ticket holds exactly one value; two candidates leave it open.

    ``values`` maps slot names without brackets to candidates.
    """
    for name, candidates in values.items():
        unique = tuple(dict.fromkeys(value for value in candidates if value))
        if len(unique) == 1:
            text = text.replace(f"[{name}]", unique[0])
    return text


def order_numbers(text: str) -> list[str]:
    """Return what looks like an order or case number in ``text``, in order of appearance, each once."""
    return list(dict.fromkeys(ORDER_NUMBER.findall(text)))


def return_numbers(text: str) -> list[str]:
    """Return what looks like a return number in ``text``, in order of appearance, each once."""
    return list(dict.fromkeys(RETURN_NUMBER.findall(text)))
