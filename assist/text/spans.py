"""Spans of a text that rules claim one after another: what a rule has taken, no later rule touches."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

KEEP = ""
"""The slot of what stays as it is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and the slot its matches become. The group ``v``, where the pattern has one, is what is replaced.

    ``fits`` may refuse a match; ``slot`` `KEEP` protects it from the rules that follow.
    """

    slot: str
    pattern: re.Pattern[str]
    fits: Callable[[re.Match[str]], bool] | None = None


@dataclass(slots=True)
class Claims:
    """What of ``text`` is claimed: [start, end) and a slot, never overlapping."""

    text: str
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    _taken: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._taken = bytearray(len(self.text))

    def free(self, start: int, end: int) -> bool:
        return start < end and not any(self._taken[start:end])

    def claim(self, start: int, end: int, slot: str) -> bool:
        """Take [start, end) for ``slot``; False where some of it is taken already."""
        if not self.free(start, end):
            return False
        self._taken[start:end] = b"\1" * (end - start)
        self.spans.append((start, end, slot))
        return True

    def apply(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            value = "v" if "v" in rule.pattern.groupindex else 0
            at = 0
            while (match := rule.pattern.search(self.text, at)) is not None:
                start, end = match.span(value)
                refused = rule.fits is not None and not rule.fits(match)
                if refused or not self.claim(start, end, rule.slot):
                    # What overlaps may hide a later match that does not.
                    end = match.start() + 1
                at = max(end, match.start() + 1)

    def written(self) -> tuple[str, dict[str, int]]:
        """Return the text with each claim as its ``[slot]``, and how many there are of each slot."""
        out: list[str] = []
        found: dict[str, int] = {}
        at = 0
        for start, end, slot in sorted(self.spans):
            if slot != KEEP:
                out += (self.text[at:start], f"[{slot}]")
                found[slot] = found.get(slot, 0) + 1
                at = end
        return "".join((*out, self.text[at:])), found
