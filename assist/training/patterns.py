"""Draws example sentences from a grammar (``resources/training/churn/patterns.toml``): plain ways to say one thing."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_CHOICE = re.compile(r"\(([^()]*)\)")
_KINDS = {"decided": 3, "threatened": 2, "thought": 1, "staying": 0}
_COMPANIES = [
    "Velo",
    "Nordtel",
    "Larkcell",
    "Tukano",
    "Zuvio",
    "Fibrana",
    "Ostranet",
    "Brightloop",
    "Kinoba",
    "Strimmo",
    "Penvale",
    "Dovebank",
    "Mintora",
    "Hoppla",
    "Cabbo",
    "Tallow",
    "Voltaby",
    "Emberly",
    "Hostmoss",
    "Skyherne",
]
"""Invented; features know companies by their part only."""
_LOWERED = 0.4
"""So many sentences are written in small letters, as chats are."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text. ``intensity`` is 0 (no risk) to 3 (decided); ``others`` are companies known not to be ours."""

    text: str = field(repr=False)
    target: str
    intensity: int
    language: str
    others: tuple[str, ...] = ()
    group: str = ""
    written: bool = False
    """By hand, not drawn."""


def draw(grammar: bytes, *, each: int, seed: int) -> list[Example]:
    """Return up to ``each`` different sentences of each pattern, always the same for the same arguments."""
    chance = random.Random(seed)  # noqa: S311  # the same sentences each time, no secret
    table = tomllib.loads(grammar.decode("utf-8"))
    return [
        example
        for language, entry in table.items()
        for kind, intensity in _KINDS.items()
        for pattern in entry[kind]
        for example in _drawn(pattern, entry, language, intensity, each=each, chance=chance)
    ]


def _drawn(
    pattern: str, entry: Mapping[str, Any], language: str, intensity: int, *, each: int, chance: random.Random
) -> Iterator[Example]:
    seen: set[str] = set()
    for _ in range(each):
        us, them = chance.sample(_COMPANIES, 2)
        text = chance.choice(entry["opener"]) + _expanded(pattern, chance) + chance.choice(entry["closer"])
        text = text.replace("{plan}", chance.choice(entry["plan"])).replace("{when}", chance.choice(entry["when"]))
        text = re.sub(r"\s+([.,!])", r"\1", re.sub(r" +", " ", text.replace("{us}", us).replace("{them}", them)))
        text = text.strip().lower() if chance.random() < _LOWERED else text.strip()
        if text not in seen:
            seen.add(text)
            yield Example(text, us, intensity, language, (them,), pattern)


def _expanded(pattern: str, chance: random.Random) -> str:
    while (choice := _CHOICE.search(pattern)) is not None:
        options: Sequence[str] = choice[1].split("|")
        pattern = pattern[: choice.start()] + chance.choice(options) + pattern[choice.end() :]
    return pattern
