from __future__ import annotations

import html as html_lib
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.text.passages import MAX_WORDS, sentences, split_article
from resources import ROOT
from tests.helpers.builders import an_article

DEMO_ARTICLES = sorted((ROOT / "demo" / "articles").glob("*.html"))
_words = st.text("abcdefghijkäöüß", min_size=1, max_size=9)
_prose = st.lists(st.tuples(_words, st.sampled_from([" ", " ", " ", ". ", "! ", ", "])), min_size=1, max_size=80).map(
    lambda parts: "".join(word + space for word, space in parts)
)
_leaf = st.builds(
    lambda tag, text: f"<{tag}>{text}</{tag}>", st.sampled_from(["p", "div", "pre", "blockquote"]), _prose
)
_list = st.lists(_prose, min_size=1, max_size=5).map(
    lambda items: "<ul>" + "".join(f"<li>{i}</li>" for i in items) + "</ul>"
)
_table = st.lists(st.tuples(_words, _prose), min_size=1, max_size=4).map(
    lambda rows: "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows) + "</table>"
)
_heading = st.builds(lambda level, text: f"<h{level}>{text}</h{level}>", st.integers(1, 4), _words)
_inline = st.builds(lambda a, b: f"<div>{a}<b>{b}</b><p>{a}</p>{b}</div>", _words, _prose)
_bodies = st.lists(st.one_of(_leaf, _list, _table, _heading, _inline), min_size=1, max_size=12).map("".join)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def visible(html: str) -> set[str]:
    seen = re.sub(r"(?s)<(script|style)\b.*?</\1>|<!--.*?-->", " ", html)
    return words(html_lib.unescape(re.sub(r"<[^>]+>", " ", seen)))


@given(_bodies)
def test_that_every_word_of_the_body_stands_in_a_passage_or_its_headings(body: str) -> None:
    body = f"{body}<p>end</p>"
    found: set[str] = set()
    for passage in split_article(an_article(html=body)):
        found |= words(passage.text) | words(" ".join(passage.heading_path))

    assert visible(body) - found == set()


@given(_bodies)
def test_that_passages_are_bounded_numbered_and_never_empty(body: str) -> None:
    passages = split_article(an_article(html=body))

    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    assert all(passage.text.strip() for passage in passages)
    assert all(len(passage.text.split()) <= 2 * MAX_WORDS for passage in passages)


@pytest.mark.parametrize("path", DEMO_ARTICLES, ids=lambda path: path.stem)
def test_that_no_word_of_a_demo_article_is_lost(path: Path) -> None:
    body = path.read_text(encoding="utf-8").split("+++", 2)[2]
    passages = split_article(an_article(html=body))
    found = words(" ".join(" ".join((*passage.heading_path, passage.text)) for passage in passages))

    assert visible(body) - found == set()


def test_that_a_passage_keeps_the_path_of_headings_above_it() -> None:
    long = "One two three four five six seven eight nine ten. " * 6
    body = f"<p>Intro {long}</p><h2>Zips</h2><p>{long}</p><h3>Repair</h3><p>{long}</p><h2>Poles</h2><p>{long}</p>"

    paths = [passage.heading_path for passage in split_article(an_article(title="Care", html=body))]

    assert paths == [("Care",), ("Care", "Zips"), ("Care", "Zips", "Repair"), ("Care", "Poles")]


def test_that_no_sentence_is_cut() -> None:
    text = " ".join(f"Sentence number {n} has exactly eight words here." for n in range(60))

    for passage in split_article(an_article(html=f"<p>{text}</p>")):
        assert passage.text.startswith("Sentence")
        assert passage.text.endswith("here.")


def test_that_an_article_without_a_body_is_found_by_its_title() -> None:
    (passage,) = split_article(an_article(title="Return an item", html="<img src=x>"))

    assert passage.text == "Return an item"


def test_that_hidden_text_is_in_no_passage() -> None:
    (passage,) = split_article(an_article(html='<p>Seen.</p><p style="display:none">Not seen.</p>'))

    assert passage.text == "Seen."


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Ask Dr. Vogel e.g. today.", 1),
        ("Am 3. Mai kam es an. Danke.", 2),
        ("A line\nanother line", 2),
        ("It costs 4.95 euros. Yes.", 2),
        ("", 0),
    ],
)
def test_that_sentences_end_at_ends_and_not_at_abbreviations(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@given(st.text(max_size=300))
def test_that_sentences_cover_all_but_white_space_and_never_overlap(text: str) -> None:
    spans = sentences(text)

    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


@pytest.mark.promise("I1")
@pytest.mark.parametrize(
    "body",
    [
        "<p>word word word. </p>" * 250_000,
        "<div>" * 150_000 + "deep",
        "<ul><li>" * 60_000 + "deep",
        "<p>" + "word " * 1_000_000 + "</p>",
        "x" * 5_000_000,
        "<p>" + "a. " * 1_600_000 + "</p>",
    ],
    ids=["paragraphs", "deep", "deep list", "one paragraph", "one word", "many short sentences"],
)
def test_that_a_huge_article_is_split_in_bounded_time(body: str) -> None:
    began = time.process_time()

    passages = split_article(an_article(html=body))

    assert passages
    assert time.process_time() - began < 20.0
