"""HTML of mails and articles to plain text, and to HTML that is safe to show.

Hidden text is dropped: customers cannot see it, so it can only be a trick or a tracking device.
"""

from __future__ import annotations

import re

import html_text
import nh3
from lxml import etree
from lxml import html as lxml_html

MAX_HTML_CHARS = 1_000_000
"""Of a longer body only this much is read; a person reads none of it."""

_DROPPED_TAGS = (
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "form",
)
_QUOTE_XPATH = (
    "//blockquote[@type='cite' or contains(@class, 'gmail_quote') or contains(@class, 'freshdesk_quote')]"
    " | //*[contains(concat(' ', @class, ' '), ' gmail_quote ') or contains(@class, 'gmail_quote_container')]"
    " | //*[contains(concat(' ', @class, ' '), ' yahoo_quoted ') or contains(@class, 'freshdesk_quote')]"
    " | //*[@id='divRplyFwdMsg' or @id='appendonsend' or contains(@class, 'moz-cite-prefix')]"
)
_SIGNATURE_XPATH = "//*[contains(@class, 'gmail_signature') or contains(@class, 'moz-signature') or @id='Signature']"
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
_SAFE_TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol",
    "p", "pre", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ABSOLUTE = re.compile(r"https?://|mailto:", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Soft hyphens, zero-width and direction-forcing characters: they hide words from a reader or from a search.

Zero-width joiners inside emoji go too; the emoji then shows as its parts, which is harmless."""


def parse(html: str) -> lxml_html.HtmlElement | None:
    """Return a tree without scripts, comments and hidden elements, or None for a blank or unreadable text."""
    source = html[:MAX_HTML_CHARS].replace("\x00", "")
    if not source.strip():
        return None
    try:
        # Encoded bytes, because lxml refuses a str that starts with an XML declaration.
        tree = lxml_html.document_fromstring(
            source.encode("utf-8", "replace"), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    etree.strip_elements(tree, *_DROPPED_TAGS, etree.Comment, with_tail=False)
    for element in list(tree.iter()):
        if isinstance(element.tag, str) and _is_hidden(element):
            _drop(element)
    return tree


def to_text(html: str, *, without_quotes: bool = False) -> str:
    """Return what a reader sees, as plain text with line breaks; optionally without quoted mail and signatures."""
    tree = parse(html)
    if tree is None:
        return ""
    if without_quotes:
        for element in tree.xpath(f"{_QUOTE_XPATH} | {_SIGNATURE_XPATH}"):
            _drop(element)
    return tidy(html_text.extract_text(tree) or "")


def tidy(text: str) -> str:
    """Return ``text`` without invisible characters, odd spaces and runs of blank lines."""
    visible = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    lines = [re.sub(r"[ \t\f\v]+", " ", line).strip() for line in visible.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def sanitise(html: str) -> str:
    """Return HTML that loads nothing, runs nothing and links only to http(s) and mail addresses."""
    return nh3.clean(
        html[:MAX_HTML_CHARS],
        tags=_SAFE_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_absolute_link,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _absolute_link(_tag: str, _attribute: str, value: str) -> str | None:
    """Relative addresses go: there is no page that they could be relative to, and "//host" is one of them."""
    return value if _ABSOLUTE.match(value) else None


def _is_hidden(element: lxml_html.HtmlElement) -> bool:
    if element.get("hidden") is not None or (element.get("aria-hidden") or "").lower() == "true":
        return True
    return bool(_HIDDEN_STYLE.search(element.get("style") or ""))


def _drop(element: lxml_html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
