"""Text to HTML and back, the way a helpdesk does it; and what the agent's page may show of it."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

_BLOCKS = "div|li|tr|table|ul|ol|dl|dt|dd|hr|section|article|header|footer|center"
_EMPTY_LINE = re.compile(r"<(div|p)\b[^>]*>\s*<br\s*/?>\s*</\1>", re.IGNORECASE)
_PARAGRAPH_EDGE = re.compile(r"</?(?:p|h[1-6]|blockquote|pre)\b[^>]*>", re.IGNORECASE)
_BLOCK_EDGE = re.compile(rf"</?(?:{_BLOCKS})\b[^>]*>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v]+")
_QUOTE_INTRODUCTION = re.compile(
    r"^(?:On .{6,200} wrote:|Am .{6,200} schrieb.{0,120}:|-{2,} ?(?:Original Message|Ursprüngliche Nachricht) ?-{2,}"
    r"|_{10,}|>.*)$"
)

_PAGE_TAGS = """a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p pre q s small
span strike strong sub sup table tbody td tfoot th thead tr u ul"""
_DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "title",
    "noscript",
    "template",
    "svg",
    "math",
    "object",
    "iframe",
}
_CLEANER = nh3.Cleaner(
    tags=set(_PAGE_TAGS.split()),
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
_TEXT_ONLY = nh3.Cleaner(tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT)


def sanitised(html: str) -> str:
    """Return what may be put into the agent's page: structure and links, no style, image, form or script."""
    return _CLEANER.clean(html)


def as_text(html: str) -> str:
    """Return the readable text of ``html``: a line per block, an empty line between paragraphs."""
    marked = _EMPTY_LINE.sub("\x02", html.replace("\n", " "))
    marked = _LINE_BREAK.sub("\n", _BLOCK_EDGE.sub("\x01", _PARAGRAPH_EDGE.sub("\x02", marked)))
    text = unescape(_TEXT_ONLY.clean(marked)).replace("\u00a0", " ")
    text = re.sub(r"[\s\x01]*\x02[\s\x01\x02]*", "\n\n", text)
    text = re.sub(r"[ \n]*\x01[ \x01]*", "\n", text)
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()


def as_html(text: str) -> str:
    """Return ``text`` as paragraphs: an empty line starts one, a single line break stays one."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return "".join(
        f"<p>{'<br>'.join(escape(line, quote=False) for line in block.split(chr(10)))}</p>" for block in blocks
    )


def without_quote(text: str) -> tuple[str, str]:
    """Split a plain-text mail into what was written and what was quoted below it (empty when nothing was)."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if index and _QUOTE_INTRODUCTION.match(line.strip()):
            rest = [later for later in lines[index:] if later.strip()]
            if not line.startswith(">") or all(later.lstrip().startswith(">") for later in rest):
                return "\n".join(lines[:index]).rstrip(), "\n".join(lines[index:])
    return text, ""


def page_html(text: str, html: str) -> str:
    """Return a message for the agent's page, sanitised; what it quotes is inside ``blockquote``."""
    if html:
        return sanitised(html)
    written, quoted = without_quote(text)
    bare = re.sub(r"^(?:> ?)+", "", quoted, flags=re.MULTILINE)
    folded = f"<blockquote>{as_html(bare)}</blockquote>" if quoted else ""
    return sanitised(as_html(written) + folded)
