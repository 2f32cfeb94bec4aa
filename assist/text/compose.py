"""Plain text of a reply to the simple HTML that a helpdesk's editor takes: paragraphs, line breaks, lists, links."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from assist.text.html import sanitise

_BULLET = re.compile(r"[ \t]*[-*•–][ \t]+(?=\S)")
_NUMBER = re.compile(r"[ \t]*\d{1,3}[.)][ \t]+(?=\S)")
_LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?…)]}»”’*_"


def to_html(text: str) -> str:
    """Return ``text`` as HTML that shows the same words; it loads nothing and runs nothing.

    Blank lines part paragraphs. Two or more lines in a row that begin with a dash or a bullet become a list, as do
    lines numbered from 1 on. A web address becomes a link to itself, so a link never says another address.
    """
    blocks = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    return sanitise("".join(piece for block in blocks if block.strip() for piece in _block(block.split("\n"))))


def _block(lines: list[str]) -> Iterator[str]:
    plain: list[str] = []
    while lines:
        taken, made = _list(lines)
        if not taken:
            plain.append(lines.pop(0))
            continue
        if plain:
            yield _paragraph(plain)
            plain = []
        yield made
        del lines[:taken]
    if plain:
        yield _paragraph(plain)


def _list(lines: list[str]) -> tuple[int, str]:
    """Return how many of the first lines are one list, and the list."""
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol")):
        items: list[str] = []
        for line in lines:
            if (mark := pattern.match(line)) is None:
                break
            if tag == "ol" and int(re.sub(r"\D", "", mark[0])) != len(items) + 1:
                break
            items.append(f"<li>{_inline(line[mark.end() :].strip())}</li>")
        if len(items) >= 2:
            return len(items), f"<{tag}>{''.join(items)}</{tag}>"
    return 0, ""


def _paragraph(lines: list[str]) -> str:
    return f"<p>{'<br>'.join(_inline(line.strip()) for line in lines)}</p>"


def _inline(line: str) -> str:
    made, at = [], 0
    for found in _LINK.finditer(line):
        address = found[0].rstrip(_AFTER_LINK)
        if len(address) <= len("https://"):
            continue
        made.append(html.escape(line[at : found.start()]))
        made.append(f'<a href="{html.escape(address)}">{html.escape(address)}</a>')
        at = found.start() + len(address)
    return "".join((*made, html.escape(line[at:])))
