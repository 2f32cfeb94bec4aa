from __future__ import annotations

import pytest

from integrations.demo.content import as_html, as_text, page_html, sanitised, without_quote


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("first<div>second</div><div><br></div><div>third</div>", "first\nsecond\n\nthird"),
        ("<p>Hi</p><p>you<br>there</p>", "Hi\n\nyou\nthere"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<ul><li>a &amp; b</li><li>c</li></ul>", "a & b\nc"),
        ("a<script>b</script><style>c</style>", "a"),
        ("a&nbsp;b", "a b"),
    ],
)
def test_that_html_becomes_a_line_per_block(html, text):
    assert as_text(html) == text


def test_that_text_survives_the_way_to_html_and_back():
    text = 'Hi Inês,\n\n5 < 6 & "so" on\nnext line\n\nBye'

    assert as_text(as_html(text)) == text


@pytest.mark.promise("U1")
@pytest.mark.parametrize(
    "html",
    [
        "<img src='https://spy.example.com/p.png'>",
        "<p onclick='x()'>a</p>",
        "<a href='javascript:x()'>a</a>",
        "<a href='file:///etc/passwd'>a</a>",
        "<iframe src='https://spy.example.com'></iframe>",
        "<link rel=stylesheet href='https://spy.example.com/a.css'>",
        "<form action='https://spy.example.com'><input></form>",
        "<p style='background:url(https://spy.example.com)'>a</p>",
        "<svg><script>x()</script></svg>",
    ],
)
def test_that_nothing_that_runs_or_loads_is_left(html):
    clean = sanitised(html)

    for danger in ("spy.example.com", "x()", "file:", "<img", "<iframe", "<form", "<svg"):
        assert danger not in clean


@pytest.mark.parametrize(
    ("text", "written", "quoted"),
    [
        (
            "Thanks!\n\nOn Tue, 3 Nov 2026, Maya wrote:\n> Hi\n> you",
            "Thanks!",
            "On Tue, 3 Nov 2026, Maya wrote:\n> Hi\n> you",
        ),
        (
            "Danke.\n\nAm 3.11.2026 schrieb Jonas Brandt:\n> Guten Tag",
            "Danke.",
            "Am 3.11.2026 schrieb Jonas Brandt:\n> Guten Tag",
        ),
        ("ok\n> old", "ok", "> old"),
        ("> your question\nmy answer below it", "> your question\nmy answer below it", ""),
        ("a\n> inline quote\nanswer to it", "a\n> inline quote\nanswer to it", ""),
    ],
)
def test_that_only_what_is_quoted_at_the_end_is_cut_off(text, written, quoted):
    assert without_quote(text) == (written, quoted)


def test_that_the_page_gets_quoted_mail_in_a_blockquote():
    assert page_html("ok\n> old\n>> older", "") == "<p>ok</p><blockquote><p>old<br>older</p></blockquote>"
