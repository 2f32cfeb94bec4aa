"""Text to HTML and back, the way a helpdesk does it; and what the agent's page may show of it."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

_BLOCK_END = re.compile(r"</(?:p|div|h[1-6]|li|tr|blockquote|ul|ol|table)>|<br\s*/?>|<hr\s*/?>", re.IGNORECASE)
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
    """Return the readable text of ``html``, a block per line."""
    lines = unescape(_TEXT_ONLY.clean(_BLOCK_END.sub("\n", html.replace("\n", " ")))).replace("\u00a0", " ")
    stripped = [_SPACES.sub(" ", line).strip() for line in lines.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(stripped)).strip()


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
    folded = f"<blockquote>{as_html(quoted)}</blockquote>" if quoted else ""
    return sanitised(as_html(written) + folded)
