"""Articles to passages: pieces of one section each, which keep the path of headings above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html as lxml_html

from assist.domain import Article, Passage
from assist.text.html import parse, tidy

TARGET_WORDS = 110
"""Passages grow to about this length; the encoder reads 256 tokens, of which the headings take some."""
MAX_WORDS = 160
MIN_WORDS = 25
"""A shorter piece joins its neighbour of the same section."""

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
    "tr",
    "dd",
    "dt",
    "body",
    "html",
    "main",
    "figure",
    "tbody",
    "thead",
    "details",
}
_SENTENCE_END = re.compile(
    # A quoted question within a sentence ("Are you sure?" pages) does not end it.
    r"(?<=[.!?…])(?P<closing>[\"'”’)\]]+(?=\s+[^a-zß-ÿ\s])|)\s+(?=[\"'“‘(\[]?[\wÀ-ÿ])|\n+",
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|no|nr|vs|mr|mrs|ms|dr|prof|st|bzw|ca|inkl|zzgl|usw|z\.\s?b|d\.\s?h|u\.\s?a|sr|sra|m|mme)|\b\d{1,2}|\b[A-Z])\.$",
    re.IGNORECASE,
)

_LONGEST_ABBREVIATION = 12
"""Characters before a full stop that are looked at; looking at all of them would take the square of the length."""
_MAX_DEPTH = 100
"""Deeper nesting is no structure but a broken or hostile page: its text is read flat."""


@dataclass(frozen=True, slots=True)
class _Block:
    heading_path: tuple[str, ...]
    text: str


def split_article(article: Article) -> tuple[Passage, ...]:
    """Return the passages of ``article`` in reading order; at least one if it holds any text.

    Headings never stand alone, sections never mix, and no sentence is cut unless it is longer than ``MAX_WORDS``.
    """
    pieces: list[_Block] = []
    for block in _merge_short(_blocks(article)):
        pieces.extend(_Block(block.heading_path, text) for text in _pack(block.text))
    if not pieces and article.title.strip():
        pieces = [_Block((), article.title.strip())]
    return tuple(
        Passage(
            article_id=article.id,
            locale=article.locale,
            ordinal=ordinal,
            heading_path=(article.title, *piece.heading_path),
            text=piece.text,
        )
        for ordinal, piece in enumerate(pieces)
    )


def sentences(text: str) -> list[tuple[int, int]]:
    """Return [start, end) of each sentence of ``text``, in order, covering all but white space."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        end = match.start() + len(match["closing"] or "")
        if "\n" not in match.group() and _ABBREVIATION.search(
            text, max(start, match.start() - _LONGEST_ABBREVIATION), match.start()
        ):
            continue
        if text[start:end].strip():
            spans.append(_trimmed(text, start, end))
        start = match.end()
    if text[start:].strip():
        spans.append(_trimmed(text, start, len(text)))
    return spans


def _blocks(article: Article) -> Iterator[_Block]:
    """Yield the text of each section with its heading path, blocks of one section joined by line breaks."""
    tree = parse(article.html)
    if tree is None:
        return
    path: dict[int, str] = {}
    current: list[str] = []
    bare = 0
    for kind, text in _walk(tree):
        if not kind:
            current.append(text)
            bare = 0
            continue
        if current:
            yield _section(path, current)
        elif bare >= kind:
            yield _bare_heading(path, bare)
        current = []
        path = {level: heading for level, heading in path.items() if level < kind} | {kind: text}
        bare = kind
    if current:
        yield _section(path, current)
    elif bare:
        yield _bare_heading(path, bare)


def _section(path: dict[int, str], lines: list[str]) -> _Block:
    return _Block(tuple(path[level] for level in sorted(path)), "\n".join(lines))


def _bare_heading(path: dict[int, str], level: int) -> _Block:
    """A heading with nothing below it is text of the section above, or it would be lost."""
    return _section({above: heading for above, heading in path.items() if above < level}, [path[level]])


def _walk(element: lxml_html.HtmlElement, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield (heading level or 0, text) of the leaf blocks below ``element``, in document order."""
    if depth > _MAX_DEPTH:
        yield from _flush([element.text_content()])
        return
    inline: list[str] = [element.text or ""]
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _HEADINGS or tag in _BLOCKS or tag == "li":
            yield from _flush(inline)
            inline = [child.tail or ""]
            if tag in _HEADINGS:
                yield from ((_HEADINGS[tag], line) for line in [tidy(child.text_content())] if line)
            elif tag == "tr":
                yield from _flush([" | ".join(filter(None, (tidy(cell.text_content()) for cell in child)))])
            elif tag == "li" and not _holds_block(child):
                yield from _flush([f"• {tidy(child.text_content())}"])
            else:
                yield from _walk(child, depth + 1)
        else:
            inline.append("\n" if tag == "br" else child.text_content() if tag else "")
            inline.append(child.tail or "")
    yield from _flush(inline)


def _flush(parts: list[str]) -> Iterator[tuple[int, str]]:
    if text := tidy("".join(parts)).strip("• "):
        yield 0, ("• " + text) if parts and parts[0].startswith("• ") else text


def _holds_block(element: lxml_html.HtmlElement) -> bool:
    return any(isinstance(child.tag, str) and child.tag in _BLOCKS for child in element.iterdescendants())


def _merge_short(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """Join a section of a few words to the one before it, heading and all, if both hang under the same parent."""
    held: _Block | None = None
    for block in blocks:
        if held is None:
            held = block
        elif (
            len(block.text.split()) < MIN_WORDS
            and len(held.text.split()) < TARGET_WORDS
            and block.heading_path[:-1] == held.heading_path[:-1]
        ):
            heading = (
                f"{block.heading_path[-1]}: " if block.heading_path and block.heading_path != held.heading_path else ""
            )
            held = _Block(held.heading_path, f"{held.text}\n{heading}{block.text}")
        else:
            yield held
            held = block
    if held is not None:
        yield held


def _pack(text: str) -> Iterator[str]:
    """Cut a section into pieces of whole sentences of about ``TARGET_WORDS`` words."""
    start = end = words = 0
    spans = [piece for span in sentences(text) for piece in _cut_long(text, span)]
    total = sum(len(text[first:last].split()) for first, last in spans)
    if total <= MAX_WORDS:
        if text.strip():
            yield text.strip()
        return
    for first, last in spans:
        count = len(text[first:last].split())
        if words and words + count > TARGET_WORDS and total - words >= MIN_WORDS:
            yield text[start:end].strip()
            total -= words
            start, words = first, 0
        end = last
        words += count
    if words:
        yield text[start:end].strip()


def _cut_long(text: str, span: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Cut one run without sentence ends (a table, a licence) every ``MAX_WORDS`` words, or every 2,000 characters."""
    words = list(re.finditer(r"\S{1,2000}", text[span[0] : span[1]]))
    for number in range(0, len(words), MAX_WORDS):
        group = words[number : number + MAX_WORDS]
        yield span[0] + group[0].start(), span[0] + group[-1].end()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
