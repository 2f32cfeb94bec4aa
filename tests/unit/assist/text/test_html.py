from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.text.html import MAX_HTML_CHARS, sanitise, tidy, to_text

HOSTILE = [
    '<script>fetch("https://evil.example.net")</script>',
    '<img src="https://evil.example.net/p.gif">',
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" jav&#x09;ascript:alert(1)">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="data:text/html,<script>1</script>">x</a>',
    '<a href="https://ok.example.com" onclick="alert(1)" style="background:url(https://evil.example.net)">x</a>',
    '<iframe src="https://evil.example.net"></iframe>',
    '<link rel="stylesheet" href="https://evil.example.net/a.css">',
    "<style>@import url(https://evil.example.net/a.css); @font-face{src:url(https://evil.example.net/f)}</style>",
    '<div style="background-image:url(https://evil.example.net/b.png)">x</div>',
    '<svg><script>1</script><image href="https://evil.example.net"/></svg>',
    '<object data="https://evil.example.net"></object><embed src="https://evil.example.net">',
    '<video src="https://evil.example.net" autoplay></video><audio src="https://evil.example.net"></audio>',
    '<form action="https://evil.example.net"><input autofocus onfocus=alert(1)></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example.net"><base href="https://evil.example.net">',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
    "<table background=https://evil.example.net><tr><td>x</td></tr></table>",
    "<p>a<!--><img src=x onerror=alert(1)>--></p>",
    '<img srcset="https://evil.example.net/1 1x"><input type=image src=https://evil.example.net>',
]
_RUNS_OR_LOADS = re.compile(
    r"<(?:script|style|iframe|object|embed|svg|img|link|meta|base|video|audio|form|input|math)\b"
    r"|\s(?:on\w+|src|srcset|style|background|action|data|poster)\s*=|(?:j\s*a\s*v\s*(?:&#x09;)?\s*a\s*script|file|data|vbscript):",
    re.IGNORECASE,
)


def danger(html: str) -> list[str]:
    """Return what in the tags of ``html`` could run or load; text between tags can do neither."""
    return [tag for tag in re.findall(r"<[^>]*>", html) if _RUNS_OR_LOADS.search(tag)]


@pytest.mark.parametrize("html", HOSTILE)
def test_that_nothing_that_runs_or_loads_survives(html: str) -> None:
    assert danger(f"<p>{html}</p>") != []

    assert danger(sanitise(f"<p>before {html} after</p>")) == []


@given(
    st.lists(st.sampled_from([*HOSTILE, "<p>", "</div>", "text", "<b", '"', "'>", "<!--", "-->", "]]>"]), max_size=8)
)
def test_that_no_mixture_of_tricks_survives(parts: list[str]) -> None:
    assert danger(sanitise("".join(parts))) == []


def test_that_links_keep_only_http_and_mail_addresses() -> None:
    addresses = ["https://a.example.com/x", "mailto:a@example.com", "ftp://c", "//d", "/etc/passwd", "#top", "tel:1"]
    html = "".join(f'<a href="{address}">link</a>' for address in addresses)

    assert re.findall(r'href="([^"]*)"', sanitise(html)) == ["https://a.example.com/x", "mailto:a@example.com"]


def test_that_formatting_survives() -> None:
    html = "<h2>Zip</h2><ul><li><b>One</b></li></ul><table><tr><td>1</td></tr></table>"

    assert sanitise(html) == html.replace("<tr>", "<tbody><tr>").replace("</tr>", "</tr></tbody>")


@pytest.mark.promise("U2")
@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">SECRET</div>',
        '<span style="DISPLAY : None !important">SECRET</span>',
        '<p style="visibility:hidden">SECRET</p>',
        '<p style="opacity:0">SECRET</p>',
        '<p style="font-size:0px">SECRET</p>',
        "<p hidden>SECRET</p>",
        '<p aria-hidden="true">SECRET</p>',
        "<template>SECRET</template>",
        "<noscript>SECRET</noscript>",
        "<!-- SECRET -->",
        "<title>SECRET</title>",
        "<script>SECRET</script>",
        "<style>SECRET</style>",
    ],
)
def test_that_what_a_reader_cannot_see_is_not_read(hidden: str) -> None:
    assert to_text(f"<div>Hello {hidden} there</div>").split() == ["Hello", "there"]


@pytest.mark.parametrize("style", ["font-size:0.9em", "opacity:0.8", "display:block", "font-size: 10px"])
def test_that_small_and_faint_text_is_still_read(style: str) -> None:
    assert to_text(f'<p style="{style}">Hello</p>') == "Hello"


def test_that_invisible_characters_and_odd_spaces_go() -> None:
    assert tidy("a\u200bb\u00adc\u202ed\r\n\r\n\r\n\n  e\u00a0 f\tg \n") == "abcd\n\ne f g"


def test_that_blocks_become_lines() -> None:
    assert to_text("<p>One</p><p>Two<br>Three</p>").split() == ["One", "Two", "Three"]
    assert "\n" in to_text("<p>One</p><p>Two</p>")


@pytest.mark.parametrize("html", ["", "   ", "\x00", "<!---->", "<?xml version='1.0' encoding='utf-8'?>", "<"])
def test_that_an_empty_body_is_empty_text(html: str) -> None:
    assert to_text(html).strip("<") == ""


@given(st.text(max_size=500))
def test_that_any_text_can_be_read_and_sanitised(html: str) -> None:
    assert isinstance(to_text(html), str)
    assert danger(sanitise(html)) == []


@pytest.mark.promise("I1")
@pytest.mark.parametrize(
    "html",
    ["<p>word</p>" * 450_000, "<div>" * 200_000, "<b><i>" * 100_000 + "x", "a" * 5_000_000, "<a href='" * 100_000],
    ids=["5 MB of paragraphs", "deep", "unclosed", "one word", "broken"],
)
def test_that_a_huge_or_deep_body_is_read_in_bounded_time(html: str) -> None:
    began = time.process_time()

    text = to_text(html)

    assert len(text) <= MAX_HTML_CHARS * 2
    assert time.process_time() - began < 20.0
