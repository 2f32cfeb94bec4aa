from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from assist.text.compose import to_html
from assist.text.html import sanitise, to_text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Hello", "<p>Hello</p>"),
        ("Hi Inês,\n\nyes.\n\n\n  \nMaya\nTarn & Tor", "<p>Hi Inês,</p><p>yes.</p><p>Maya<br>Tarn &amp; Tor</p>"),
        ("a\r\nb\r\rc", "<p>a<br>b</p><p>c</p>"),
        (
            "Please:\n- one\n* two\n• three\nthanks",
            "<p>Please:</p><ul><li>one</li><li>two</li><li>three</li></ul><p>thanks</p>",
        ),
        ("1. unpack\n2) fold\n\n2. late", "<ol><li>unpack</li><li>fold</li></ol><p>2. late</p>"),
        ("- only one", "<p>- only one</p>"),
        ("3. of May\n4. of May", "<p>3. of May<br>4. of May</p>"),
        ("-5 degrees\n-6 degrees", "<p>-5 degrees<br>-6 degrees</p>"),
        ("<b>no</b> <script>x</script>", "<p>&lt;b&gt;no&lt;/b&gt; &lt;script&gt;x&lt;/script&gt;</p>"),
    ],
)
def test_that_paragraphs_breaks_and_lists_are_kept(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&z=2"),
        ("(http://a.example/b)", "http://a.example/b"),
        ("HTTPS://A.example", "HTTPS://A.example"),
        ("“https://a.example/ü”", "https://a.example/ü"),
    ],
)
def test_that_an_address_links_to_itself_without_the_full_stop(text, link):
    [found] = lxml_html.fromstring(f"<div>{to_html(text)}</div>").iter("a")
    assert (found.text, found.get("href")) == (link, link)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "https://", "ftp://a.example", "//a.example", "data:text/html,x"]
)
def test_that_nothing_else_is_a_link(text):
    assert "<a" not in to_html(text)


WORDS = st.text(st.sampled_from("ab <>&\"'\n-*1.)/:hts\u00a0\u202e–•"), max_size=60) | st.text(max_size=60)


@pytest.mark.promise("U1")
@given(WORDS)
def test_that_any_text_becomes_html_that_is_safe_as_it_is(text):
    made = to_html(text)
    assert sanitise(made) == made
    assert set(re.findall(r"<(\w+)", made)) <= {"p", "br", "ul", "ol", "li", "a"}


@given(
    st.lists(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=12), min_size=1, max_size=12),
    st.data(),
)
def test_that_no_word_is_lost_or_moved(words, data):
    glue = [data.draw(st.sampled_from([" ", "\n", "\n\n", "\n- "])) for _ in words]
    text = "".join(f"{between}{word}" for between, word in zip(glue, words, strict=True))
    assert re.findall(r"\w+", to_text(to_html(text))) == re.findall(r"\w+", to_text(f"<p>{text}</p>"))
