"""A reply from an article: whole sentences, or the steps of a list, in the order in which the article has them."""

from __future__ import annotations

from collections.abc import Sequence

from assist.rank.highlight import is_pointer
from assist.text.passages import sentences

MAX_STEPS = 8
MAX_SENTENCES = 4
MIN_SENTENCES = 2

_BULLET = "• "


def draft_from(text: str, highlight: tuple[int, int]) -> str:
    """Return the part of a passage around ``highlight`` that can be sent alone, or "" if there is none.

    A step brings its whole list with the line that introduces it, a sentence its neighbours. What only points to
    another page is left out, because the reply links to the article anyway.

    Args:
        text: A passage: one block per line, steps with a bullet, cells of a row between ``" | "``.
        highlight: [start, end) of the sentence that matters most.
    """
    lines = [line.strip() for line in text.split("\n")]
    at = text[: highlight[0]].count("\n")
    best = text[highlight[0] : highlight[1]]
    chosen = _steps(lines, at) if lines[at].startswith(_BULLET) else _prose(lines, at, best)
    kept = [line for line in chosen if line]
    while kept and kept[-1].endswith(":"):
        kept.pop()
    return "\n".join(kept) if sum(len(line.split()) for line in kept) >= MIN_SENTENCES * 3 else ""


def _steps(lines: Sequence[str], at: int) -> list[str]:
    first = last = at
    while first > 0 and lines[first - 1].startswith(_BULLET):
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].startswith(_BULLET):
        last += 1
    intro = [_sentences(lines[first - 1])[-1]] if first > 0 and _sentences(lines[first - 1]) else []
    if last - first + 1 > MAX_STEPS:
        first = min(at, last - MAX_STEPS + 1)
        last = first + MAX_STEPS - 1
    steps = [line for line in lines[first : last + 1] if not is_pointer(line) or line.endswith(":")]
    return [*intro, *steps] if len(steps) > 1 or intro else [step.removeprefix(_BULLET) for step in steps]


def _prose(lines: Sequence[str], at: int, best: str) -> list[str]:
    own = _sentences(lines[at])
    # A joined highlight covers several sentences; the first of them marks the place.
    place = next((number for number, sentence in enumerate(own) if best.startswith(sentence[:40])), 0)
    start = 0 if len(own) <= MAX_SENTENCES else min(max(place - 1, 0), len(own) - 3)
    chosen = own[start : start + MAX_SENTENCES]
    out = [" ".join(sentence for sentence in chosen if sentence.endswith(":") or not is_pointer(sentence))]
    following = at + 1
    if following < len(lines) and lines[following].startswith(_BULLET):
        # The steps say how to do what the sentence says can be done.
        return [*out, *_steps(lines, following)[1:]]
    while following < len(lines) and len(_sentences(" ".join(out))) < MIN_SENTENCES:
        if lines[following].startswith(_BULLET) or " | " in lines[following]:
            break
        more = [sentence for sentence in _sentences(lines[following]) if not is_pointer(sentence)]
        out.append(" ".join(more[:MIN_SENTENCES]))
        following += 1
    return [_row(line) for line in out]


def _sentences(line: str) -> list[str]:
    return [line[start:end] for start, end in sentences(line)]


def _row(line: str) -> str:
    return " – ".join(cell.strip() for cell in line.split(" | "))
