# ruff: noqa: E501 - sentences read best in one piece; chance here decides no secret
"""Replies of agents with personal data put into them, in five languages: two halves of sentences, names and numbers.

Half 0 is for choosing rules, half 1 for reporting: no sentence, name, street or number format of one is in the other.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from assist.domain import Role, SolvedTicket
from tests.helpers.builders import a_message, a_reply, a_solved_ticket, a_ticket, an_author
from tests.helpers.injected_texts import (
    ADDRESSES,
    AMOUNTS,
    BARE,
    BODIES,
    DATES,
    DAYS,
    LANGUAGES,
    NAMES,
    NOUNS,
    OWN_NAMES,
    SHAPES,
    STREET_NAMES,
    STREETS,
    THIRD_NAMES,
    WITH_NOUN,
    WITHOUT_NOUN,
)


@dataclass(frozen=True, slots=True)
class Injected:
    """A solved ticket whose last message, an agent's, holds ``value``; ``pieces`` must not survive."""

    kind: str
    language: str
    value: str
    pieces: tuple[str, ...]
    sentence: str
    solved: SolvedTicket = field(repr=False)

    def survivors(self, text: str) -> list[str]:
        """Return the pieces that ``text`` still holds as words, whatever the case."""
        return [piece for piece in self.pieces if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", text, re.IGNORECASE)]


def injections(count: int, *, half: int, seed: int) -> Iterator[Injected]:
    """Yield ``count`` injections of all kinds in turn, each into a reply of its own."""
    chance = random.Random(seed)
    kinds = (*_MAKERS, "own name", "third name", "address", "date", "amount")
    for number in range(count):
        yield injection(kinds[number % len(kinds)], half=half, chance=chance, number=number)


def injection(kind: str, *, half: int, chance: random.Random, number: int = 0) -> Injected:
    language = chance.choice(LANGUAGES)
    name, customer = _pick(NAMES[half].split("|"), chance), "Robin Oakley"
    if kind in ("own name", "third name"):
        shapes = OWN_NAMES if kind == "own name" else THIRD_NAMES
        sentence, pieces = _named(_pick(shapes[language][half], chance), name)
        value, customer = name, name if kind == "own name" else customer
    elif kind in ("address", "date", "amount"):
        frames, value, pieces = _framed(kind, language, half, chance)
        sentence = _pick(frames[language][half], chance).format(v=value)
    else:
        value, pieces = _MAKERS[kind](half, chance)
        sentence = _coded(kind, language, half, chance).replace("{v}", value)
    body = f"{_into(_pick(BODIES[language], chance), sentence, chance)}"
    return Injected(kind, language, value, pieces, sentence, _solved(body, customer, number))


def _solved(body: str, customer: str, number: int) -> SolvedTicket:
    asked = a_message("Where is it?", author=an_author(Role.CUSTOMER, name=customer))
    return a_solved_ticket(ticket=a_ticket(1000 + number), messages=(asked, a_reply(body)))


def _into(body: str, sentence: str, chance: random.Random) -> str:
    sentences = re.split(r"(?<=[.!?]) ", body)
    at = chance.randint(1, len(sentences))
    gap = chance.choice((" ", "\n\n"))
    return gap.join(part for part in (" ".join(sentences[:at]), sentence, " ".join(sentences[at:])) if part)


def _named(shape: str, name: str) -> tuple[str, tuple[str, ...]]:
    words = name.split()
    first, last = (words[0], words[-1]) if len(words) > 1 else (name, name)
    if len(words) > 1 and words[0] in ("Nguyễn", "Trần"):
        first = words[-1]
    sentence = shape.format(n=first, l=last, f=name, i=first[0], low=first.lower(), up=name.upper())
    held = {word for word in words if re.search(rf"(?<!\w){re.escape(word)}", sentence, re.IGNORECASE)}
    return sentence, tuple(sorted(word for word in held if len(word) > 2 or not word.isascii()))


def _framed(
    kind: str, language: str, half: int, chance: random.Random
) -> tuple[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]], str, tuple[str, ...]]:
    if kind == "address":
        value = _pick(STREETS[language][half], chance)
        return (
            ADDRESSES,
            value,
            (
                value,
                *sorted(piece for piece in STREET_NAMES[half] if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", value)),
            ),
        )
    if kind == "date":
        value = _pick(DAYS[language][half], chance)
        return DATES, value, (value,)
    whole, part = chance.randint(11, 480), chance.randint(11, 99)
    value = (
        f"£{whole}.{part}"
        if language == "en" and half
        else f"{whole}.{part} EUR"
        if language == "en"
        else f"{whole},{part} €"
        if half
        else f"{whole},{part} EUR"
    )
    return AMOUNTS, value, (f"{whole}.{part}", f"{whole},{part}")


def _coded(kind: str, language: str, half: int, chance: random.Random) -> str:
    noun = NOUNS[kind][LANGUAGES.index(language)]
    if kind in BARE and chance.random() < 0.5:
        return _pick(WITHOUT_NOUN[language][half], chance)
    return _pick(WITH_NOUN[language][half], chance).replace("{k}", noun).replace("{K}", noun[0].upper() + noun[1:])


# --- values. "#" a digit, "^" a capital, "*" either, "%" a small letter


def _shaped(kind: str) -> Callable[[int, random.Random], tuple[str, tuple[str, ...]]]:
    def make(half: int, chance: random.Random) -> tuple[str, tuple[str, ...]]:
        return _whole(fill_shape(_pick(SHAPES[kind][half], chance), chance))

    return make


def fill_shape(shape: str, chance: random.Random) -> str:
    signs = {
        "#": string.digits,
        "^": "BCDFGHJKLMNPRSTVWXYZ",
        "*": string.ascii_uppercase + string.digits,
        "%": string.ascii_lowercase,
    }
    return "".join(chance.choice(signs[sign]) if sign in signs else sign for sign in shape)


def _whole(value: str) -> tuple[str, tuple[str, ...]]:
    """A fragment of four digits or more gives a value away as much as the whole."""
    return value, (
        value,
        *dict.fromkeys(piece for piece in re.findall(r"\w+", value) if sum(c.isdigit() for c in piece) >= 4),
    )


def _email(half: int, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    first, last = (
        _pick([name for name in NAMES[half].split("|") if name.isascii() and " " in name], chance)
        .lower()
        .replace("'", "")
        .split()[:2]
    )
    mailbox = chance.choice(
        (f"{first}.{last}", f"{first[0]}{last}{chance.randint(10, 99)}")
        if half
        else (f"{first}_{last}", f"{last}+shop")
    )
    value = f"{mailbox}@{chance.choice(('example.co.uk', 'mail.example.com') if half else ('example.com', 'web.example.de'))}"
    return value, (value, mailbox)


def _birth(half: int, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1940, 2004)
    value = (
        f"{year}-{month:02d}-{day:02d}"
        if half and day % 2
        else f"{day:02d}/{month:02d}/{year}"
        if half
        else f"{day:02d}.{month:02d}.{year}"
    )
    return value, (value, str(year))


_MAKERS: dict[str, Callable[[int, random.Random], tuple[str, tuple[str, ...]]]] = {
    kind: _shaped(kind) for kind in SHAPES
}
_MAKERS |= {"e-mail": _email, "birth": _birth}
KINDS = (*_MAKERS, "own name", "third name", "address", "date", "amount")


def _pick(choices: tuple[str, ...] | list[str], chance: random.Random) -> str:
    return choices[chance.randrange(len(choices))]
