from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.demo.data import load
from integrations.demo.toml_table import DemoDataError, duration
from tests.helpers.demo_data import write_demo_folder


@pytest.fixture
def folder(tmp_path):
    return write_demo_folder(tmp_path / "demo")


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("35d 4h", timedelta(days=35, hours=4)),
        ("in 40d", timedelta(days=40)),
        ("0m", timedelta()),
        ("2h 15m", timedelta(hours=2, minutes=15)),
        ("1w", timedelta(days=7)),
    ],
)
def test_that_a_duration_is_the_sum_of_its_parts(text, span):
    assert duration(text) == span


@pytest.mark.parametrize("text", ["", "soon", "4 years", "3h x", "-2d"])
def test_that_a_text_that_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        duration(text)


def test_that_the_folder_is_read_whole(folder):
    data = load(folder)

    assert [agent.key for agent in data.agents] == ["maya", "harriet"]
    assert data.customers[0].orders[0].total == "£389.00"
    assert {article.slug for article in data.articles if article.draft} == {"new-boots"}
    assert [len(ticket.messages) for ticket in data.tickets] == [130, 2, 2, 3, 2]
    assert data.macros[0].body.startswith("Hi {{ticket.requester.first_name}},")


def test_that_keys_which_may_be_left_out_have_a_default(folder):
    klara = load(folder).customers[1]

    assert (klara.phone, klara.plan, klara.renewal, klara.organization, klara.orders) == ("", "", None, "", ())


def test_that_macros_articles_and_tickets_may_be_missing(folder):
    for path in [*folder.glob("articles/*"), *folder.glob("tickets/*"), folder / "macros.toml"]:
        path.unlink()

    data = load(folder)

    assert (data.articles, data.macros, data.tickets) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (
            "tickets/some.toml",
            'customer = "ines"',
            'customer = "inez"',
            "tickets/some.toml: ticket 'solved': customer 'inez'",
        ),
        (
            "tickets/some.toml",
            'status = "solved"',
            'status = "done"',
            "tickets/some.toml: ticket 'solved': 'status' is 'done'",
        ),
        ("tickets/some.toml", 'ago = "45d"', 'agoo = "45d"', "tickets/some.toml: ticket 'solved': 'ago' is missing"),
        ("tickets/some.toml", 'csat = "good"', 'csta = "good"', "ticket 'solved': unknown key 'csta'"),
        ("tickets/some.toml", "reopens = 1", 'reopens = "1"', "ticket 'solved': 'reopens' should be int, is str"),
        ("tickets/some.toml", 'at = "2h"\ntext', 'at = "60d"\ntext', "ticket 'solved': a message lies in the future"),
        ("tickets/some.toml", 'at = "2h"\ntext', 'html = "<p>x</p>"\ntext', "'solved': message 2: needs either"),
        ("tickets/some.toml", 'author = "klara"', 'author = "clara"', "ticket 'open': message 3: author 'clara'"),
        ("tickets/some.toml", 'key = "pending"', 'key = "solved"', "ticket 'solved' exists twice"),
        ("tickets/long.toml", "[[ticket]]", "[[ticket]", "long.toml: "),
        ("shop.toml", 'organization = "scouts"', 'organization = "guides"', "customer 'ines': organization 'guides'"),
        ("shop.toml", 'ago = "21d"', 'ago = "soon"', "order 'TT-204518': 'ago': 'soon' is not a duration"),
        ("articles/new-boots.html", "+++\n", "", "articles/new-boots.html: front matter"),
        (
            "articles/artikel-zurueck.html",
            '"return-an-item"',
            '"gone"',
            "articles/artikel-zurueck.html: translation_of 'gone'",
        ),
        ("macros.toml", 'title = "Hello"', "title = 3", "macros.toml: macro 'hello': 'title' should be str"),
    ],
)
def test_that_a_complaint_says_where(folder, name, old, new, complaint):
    change(folder / name, old, new)

    with pytest.raises(DemoDataError) as caught:
        load(folder)

    assert complaint in str(caught.value)
