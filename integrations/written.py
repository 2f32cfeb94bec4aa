"""Whether a message of a helpdesk is the one that Kibitz wrote there: helpdesks wrap, clean and reflow texts."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from difflib import SequenceMatcher

import html_text

ALIKE = 0.8
"""Share of words in common from which on two texts count as one. What a helpdesk changes are links, spaces and numbers
that it masks; two replies that an agent writes to the same customer within minutes differ by far more."""
MOST_WORDS = 4_000

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|\S")
"""Where words are not parted by spaces, each letter counts; so does each mark and each emoji."""


def as_html(act_html: str, text: str) -> str:
    """Return what to send: the HTML that was made of a text, or the text itself as paragraphs."""
    if act_html.strip():
        return act_html
    paragraphs = (html.escape(part).replace("\n", "<br>") for part in re.split(r"\n\s*\n", text.strip()))
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def same_words(sent: str, found: str) -> bool:
    """Tell whether two HTML texts say the same, white space and tags aside."""
    one, other = _words(sent), _words(found)
    if not one or one == other:
        return bool(one)
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def without(tags: Collection[str], gone: Collection[str]) -> tuple[str, ...]:
    """Return the tags that are not ``gone``, in their order; tags differ by more than upper and lower case."""
    folded = {tag.casefold() for tag in gone}
    return tuple(tag for tag in tags if tag.casefold() not in folded)


def _words(source: str) -> list[str]:
    return _WORD.findall(html_text.extract_text(source) or "")[:MOST_WORDS]
