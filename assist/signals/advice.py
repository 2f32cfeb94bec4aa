"""What to do about a customer who may leave: a table in ``churn.toml`` that the admin can replace by an own file.

An own ``churn.toml`` beside the own ``triggers.toml`` replaces the shipped one as a whole: phrases and advice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from assist.domain import Band, ChurnSignal
from assist.errors import KibitzError
from assist.signals.cues import CueFileError, Cues, load_cues
from resources import ROOT

DEFAULT_FILE = ROOT / "churn.toml"
_KNOWN = frozenset({"do", "text", "band", "reasons"})


class ChurnFileError(KibitzError):
    """A churn file that cannot be used. The message says which file, which entry, and what to do."""


class Deed(StrEnum):
    """What an alert asks for."""

    SAVE_OFFER = "save offer"
    CALLBACK = "callback"
    ESCALATE = "escalate"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Advice:
    """Applies to a signal of ``band``, or of any where None, that has one of ``reasons``, or any where empty."""

    do: Deed
    text: str
    band: Band | None = None
    reasons: frozenset[str] = frozenset()

    def fits(self, signal: ChurnSignal) -> bool:
        return (self.band is None or self.band is signal.band) and (
            not self.reasons or not self.reasons.isdisjoint(signal.reasons)
        )


@dataclass(frozen=True, slots=True)
class ChurnRules:
    """A whole file. Of ``advice`` the first that fits is given."""

    cues: Cues
    advice: tuple[Advice, ...]

    def advise(self, signal: ChurnSignal) -> str:
        """Return what to do, with the deed in front; empty where no entry fits."""
        found = next((one for one in self.advice if one.fits(signal)), None)
        return "" if found is None else f"{found.do.value.capitalize()}: {found.text}"


@cache
def default_rules() -> ChurnRules:
    return load_rules(DEFAULT_FILE)


def load_rules(path: Path) -> ChurnRules:
    """Read a churn file.

    Raises:
        ChurnFileError: If it cannot be read, or an entry of it cannot be used; nothing of it is used then.
    """
    try:
        cues = load_cues(path)
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (CueFileError, OSError, ValueError) as error:
        raise ChurnFileError(
            f"{path} cannot be used: {error}. Correct it, or remove it to use the shipped one."
        ) from error
    entries = raw.get("advice", [])
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ChurnFileError(f"{path} holds no [[advice]]: add one, or remove the file to use the shipped one.")
    return ChurnRules(cues, tuple(_advice(entry, f"{path}, advice {n}", cues) for n, entry in enumerate(entries, 1)))


def _advice(entry: Mapping[str, Any], where: str, cues: Cues) -> Advice:
    if unknown := sorted(set(entry) - _KNOWN):
        raise ChurnFileError(f"{where} has an unknown field {unknown[0]!r}: known are {', '.join(sorted(_KNOWN))}.")
    text, reasons = entry.get("text"), entry.get("reasons", [])
    if not isinstance(text, str) or not text.strip():
        raise ChurnFileError(f"{where}: text must say what to do.")
    return Advice(_deed(entry, where), text.strip(), _band(entry, where), _reasons(reasons, where, cues))


def _deed(entry: Mapping[str, Any], where: str) -> Deed:
    try:
        return Deed(entry.get("do", ""))
    except ValueError as error:
        raise ChurnFileError(f"{where}: do must be one of {', '.join(Deed)}.") from error


def _band(entry: Mapping[str, Any], where: str) -> Band | None:
    if "band" not in entry:
        return None
    if (band := entry["band"]) not in (Band.RAISED, Band.HIGH):
        raise ChurnFileError(f"{where}: band must be raised or high.")
    return Band(band)


def _reasons(reasons: Sequence[object], where: str, cues: Cues) -> frozenset[str]:
    known = {*(cue.name for cue in cues.cues), "learned", "history"}
    for reason in reasons if isinstance(reasons, list) else [reasons]:
        if reason not in known:
            raise ChurnFileError(f"{where}: there is no reason {reason!r}; a reason is the name of a cue of the file.")
    return frozenset(str(reason) for reason in reasons)
