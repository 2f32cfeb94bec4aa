"""What every peer's run shares: data in, passages, queries, one line of result for each case."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
PASSAGE_WORDS = 150
TURNS = 3
"""A reply's context is this many last turns."""


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def write(path: Path, cases: Iterable[Mapping[str, Any]]) -> None:
    lines = [json.dumps(case, ensure_ascii=False) for case in cases]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def full_text(document: Row) -> str:
    return "\n".join(part for part in (document.get("section"), document.get("title"), document["text"]) if part)


def passages(document: Row) -> list[str]:
    """Cut the text into pieces of 150 words, each under its section and title."""
    words = document["text"].split()
    head = "\n".join(part for part in (document.get("section"), document.get("title")) if part)
    pieces = max(1, math.ceil(len(words) / PASSAGE_WORDS))
    cut = [" ".join(words[at * PASSAGE_WORDS : (at + 1) * PASSAGE_WORDS]) for at in range(pieces)]
    return [f"{head}\n{piece}".strip() for piece in cut]


def query_text(query: Row, *, whole: bool) -> str:
    """Return the query's text; of a dialogue its last turn, or all of it where ``whole``."""
    turns = query.get("turns")
    if not turns:
        return str(query["text"])
    return " ".join(turn["text"] for turn in turns) if whole else str(turns[-1]["text"])


def rank_of(found: Sequence[str], gold: Iterable[str], *, cut: int = 10) -> int:
    """Return the place of the first right one from 1; 0 beyond ``cut``."""
    right = set(gold)
    return next((at for at, one in enumerate(found[:cut], 1) if one in right), 0)


def reply_turns(conversation: Row) -> Iterator[tuple[int, str, str]]:
    """Yield (number, context, reply) of each agent turn that follows something; consecutive texts are one turn."""
    turns: list[tuple[str, str]] = []
    for turn in conversation["turns"]:
        if turns and turns[-1][0] == turn["role"]:
            turns[-1] = (turn["role"], f"{turns[-1][1]}\n{turn['text']}")
        else:
            turns.append((turn["role"], turn["text"]))
    for at, (role, text) in enumerate(turns):
        if role == "agent" and at:
            yield at, "\n".join(said for _, said in turns[max(0, at - TURNS) : at]), text
