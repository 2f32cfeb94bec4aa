"""One short courtesy reply where a customer only says thanks, agrees or says goodbye, and nothing better is needed.

The formulas are data (``resources/courtesy.toml``). They pass for a macro, so that the log, the panel and the store
need no kind of source of their own; the key begins with ``courtesy:``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from assist.context import Context, split_turns
from assist.domain import Role, Source, SourceKind
from assist.rank.replies import RankedReply, ReplyCandidate
from assist.signals.cues import without_accents
from assist.text.courtesy import greeting
from resources import ROOT

TITLE = "Courtesy formula"
CONFIDENCE = 0.7
MAX_WORDS = 6
"""A longer message says more than "ok" or "bye"."""

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[👍👌]")


class Occasion(StrEnum):
    THANKS = "thanks"
    NOTED = "noted"
    GOODBYE = "goodbye"


_BECAUSE = {
    Occasion.THANKS: "the customer says thanks and asks nothing",
    Occasion.NOTED: "the customer agrees and asks nothing",
    Occasion.GOODBYE: "the customer says goodbye and asks nothing",
}


@dataclass(frozen=True, slots=True)
class _Formulas:
    texts: dict[Occasion, dict[str, str]]
    noted: frozenset[str]
    goodbye: frozenset[str]
    farewells: frozenset[str]


@cache
def _formulas() -> _Formulas:
    raw = tomllib.loads((ROOT / "courtesy.toml").read_text(encoding="utf-8"))
    words = {name: frozenset(listed) for name, listed in raw["words"].items()}
    texts = {occasion: dict(raw[occasion.value]) for occasion in Occasion}
    return _Formulas(texts, words["noted"], words["goodbye"], words["farewells"])


def occasion(context: Context) -> Occasion | None:
    """Return what the customer's latest words are good for, None where they hold anything else or a reply is due.

    "Ok" to a question of the agent is an answer that something must follow, so it is no occasion.
    """
    if context.is_closing:
        return Occasion.THANKS
    public = [turn for turn in context.turns if turn.public and turn.role is not Role.SYSTEM]
    agents = [turn for turn in public if turn.role is Role.AGENT]
    if not agents or public[-1].role is not Role.CUSTOMER or "?" in agents[-1].text:
        return None
    latest, _ = split_turns(context.turns)
    text = "\n".join(turn.text for turn in latest)
    words = _TOKEN.findall(without_accents(text.lower()).replace("’", "'"))
    formulas = _formulas()
    if not 0 < len(words) <= MAX_WORDS or "?" in text:
        return None
    if formulas.farewells & set(words) and all(word in formulas.goodbye | formulas.noted for word in words):
        return Occasion.GOODBYE
    return Occasion.NOTED if all(word in formulas.noted for word in words) else None


def courtesy_reply(context: Context, *, dismissed: frozenset[str]) -> RankedReply | None:
    """Return the formula for the moment in the customer's language; None where there is none, or it was dismissed."""
    moment = occasion(context)
    text = _formulas().texts[moment].get(context.language, "") if moment is not None else ""
    if moment is None or not text:
        return None
    key = f"courtesy:{moment}:{context.language}"
    if key in dismissed:
        return None
    source = Source(SourceKind.MACRO, key, TITLE)
    candidate = ReplyCandidate(
        text=f"{greeting(context.language, context.customer_name)}\n\n{text}",
        source=source,
        match=CONFIDENCE,
        language=context.language,
    )
    return RankedReply(candidate, CONFIDENCE, (_BECAUSE[moment],), {"courtesy": CONFIDENCE}, ())
