"""Personal data of another customer: found, and replaced by a slot that says what belongs there.

A slot is ``[order number]``, ``[date]`` …: left visibly open unless this ticket's own values fill it.
Amounts stay, because prices and fees are what makes a reply useful; dates go, because they were that ticket's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import phonenumbers

SLOT = re.compile(r"\[[^\[\]\n]{2,60}\]")

_REGIONS = ("GB", "DE")
_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_TRACKING_URL = re.compile(r"https?://\S*(?:track|sendung|parcel|token|signature|sig=|auth)\S*", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"\b(?:\d[ -]?){13,19}\b")
_POSTCODE_UK = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_STREET = re.compile(
    r"\b\d{1,4}[a-z]?,? (?:[A-Z][\w'’.-]+ ){1,3}(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Close|Court|Way|Terrace|Place|Crescent|Row|Gardens)\b\.?"
    r"|\b[A-ZÄÖÜ][\wäöüß.-]*(?:straße|strasse|str\.|weg|gasse|allee|platz|ufer|damm) ?\d{1,4} ?[a-z]?\b"
    r"|\b\d{5} [A-ZÄÖÜ][\wäöüß-]+\b"
)
_RETURN = re.compile(r"\b(?:RMA|RET|RTN)[-#: ]?\d{3,}\b")
_GIFT_CARD = re.compile(r"\b[A-Z]{2,4}(?:-[A-Z0-9]{4}){2,5}\b")
_SERIAL = re.compile(r"\b[A-Z]\d{1,3}(?:-\d{2,4})*-\d{4,}\b")
_ORDER = re.compile(
    # Any shop's own prefix (TT-204518), the usual words without a hyphen (INV20418), or a bare #20418.
    r"\b(?!RMA|RET|RTN)[A-Z]{2,8}[-#]\d{4,}(?:-[A-Z0-9]{1,6})*\b"
    r"|\b(?:ORD|PO|SO|INV|ORDER|CASE|REF)(?=[A-Z0-9]*\d)[A-Z0-9]{4,}\b|#\d{4,}\b"
)
_TRACKING = re.compile(r"\b(?=[A-Z0-9]*\d{4})(?=[A-Z0-9]*[A-Z])[A-Z0-9]{9,22}\b|\b\d{9,22}\b")
_MONTHS = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|jun[ei]?|jul[yi]?|aug(?:ust)?|sep(?:t|tember)?|"
    "oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|dez(?:ember)?"
)
_WEEKDAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
_DATE = re.compile(
    rf"\b(?:(?:{_WEEKDAYS}),? )?(?:\d{{1,2}}(?:st|nd|rd|th|\.)? ?(?:of )?(?:{_MONTHS})\b\.?(?:,? \d{{4}})?"
    rf"|(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b|\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d{{2}})\b|\d{{4}}-\d{{2}}-\d{{2}}\b|(?<![\d.,€£$])(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?!\d))"
    rf"|\b(?:this|next|last|on|by|until|am|bis|nächsten?|kommenden?|letzten?) (?:{_WEEKDAYS})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without the other customer's data. ``found`` counts what was replaced, by kind."""

    text: str
    found: Mapping[str, int]


def mask(text: str, *, names: Iterable[str]) -> Masked:
    """Replace personal data in ``text`` by slots.

    Args:
        text: Plain text that another customer's agent wrote.
        names: Names (and other own words) of the people in that ticket: customer, organisation, agents.
    """
    found: dict[str, int] = {}

    def count(slot: str, pattern: re.Pattern[str], source: str) -> str:
        masked, hits = pattern.subn(f"[{slot}]", source)
        if hits:
            found[slot] = found.get(slot, 0) + hits
        return masked

    masked = text
    for slot, pattern in (
        ("e-mail address", _EMAIL),
        ("tracking link", _TRACKING_URL),
        ("account number", _IBAN),
        ("return number", _RETURN),
        ("gift card code", _GIFT_CARD),
        ("serial number", _SERIAL),
        ("order number", _ORDER),
        ("date", _DATE),
        ("card number", _CARD),
        ("tracking number", _TRACKING),
    ):
        masked = count(slot, pattern, masked)
    masked = _without_phones(masked, found)
    for slot, pattern in (("address", _STREET), ("postcode", _POSTCODE_UK)):
        masked = count(slot, pattern, masked)
    for pattern in _name_patterns(names):
        masked = count("name", pattern, masked)
    return Masked(masked, found)


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
    return list(dict.fromkeys(_ORDER.findall(text)))


def return_numbers(text: str) -> list[str]:
    """Return what looks like a return number in ``text``, in order of appearance, each once."""
    return list(dict.fromkeys(_RETURN.findall(text)))


def _without_phones(text: str, found: dict[str, int]) -> str:
    """Phone numbers through Google's metadata, per region, longest first at each place."""
    spans: list[tuple[int, int]] = []
    for region in _REGIONS:
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE):
            if sum(letter.isdigit() for letter in match.raw_string) >= 7 and not any(
                match.start < end and start < match.end for start, end in spans
            ):
                spans.append((match.start, match.end))
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}[phone number]{text[end:]}"
    if spans:
        found["phone number"] = len(spans)
    return text


def _name_patterns(names: Iterable[str]) -> list[re.Pattern[str]]:
    """Whole names first, then their parts; two-letter parts and common words stay, or replies turn to lace."""
    whole = sorted({name.strip() for name in names if len(name.strip()) > 2 and "@" not in name}, key=len, reverse=True)
    parts = sorted(
        {part for name in whole for part in re.split(r"[\s,]+", name) if len(part) > 2 and part[0].isupper()},
        key=len,
        reverse=True,
    )
    return [
        re.compile(
            rf"(?<!\w)(?:(?i:mr|mrs|ms|miss|dr|herr|herrn|frau)\.? )?{re.escape(name)}(?:['’]s)?(?!\w)",
            re.IGNORECASE if " " in name else 0,
        )
        for name in (*whole, *parts)
    ]
