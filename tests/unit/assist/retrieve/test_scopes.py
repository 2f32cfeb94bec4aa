from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.retrieve.scopes import ScopedArticle, Scopes


def hotels(count: int = 60) -> Scopes:
    names = ["Acorn Guest House", "Ashley Hotel", *(f"Inn {word}" for word in words(count))]
    return Scopes(
        ScopedArticle((10 * place + number, "en"), f"Hotels > {name}", ("parking",) if number == 0 else ())
        for place, name in enumerate(names)
        for number in range(5)
    )


def words(count: int) -> list[str]:
    return [f"{a}{b}rn" for a in "bdfghklmpr" for b in "aeiouy"][:count]


def test_that_the_pages_of_what_was_named_come_first():
    named = hotels().named(["Is there room at the Acorn Guest House?", "Yes there is.", "Do they have parking?"])

    best = sorted(named, key=lambda key: -named[key])[:5]
    assert sorted(best) == [(number, "en") for number in range(5)]


def test_that_a_part_of_a_name_that_says_little_names_nothing():
    assert (0, "en") not in hotels().named(["We saw a house."])


def test_that_what_was_named_last_counts_more():
    named = hotels().named(["the Acorn Guest House", "or rather the Ashley Hotel"])

    assert named[10, "en"] > named[0, "en"]


def test_that_a_scope_of_everything_says_little_and_one_of_few_much():
    named = hotels().named(["hotels", "the Acorn Guest House"])

    assert named[0, "en"] == pytest.approx(1 / (1 + 5 / (62 * 5 * 0.02)), abs=1e-6)
    assert max(strength for key, strength in named.items() if key[0] >= 20) < 0.05


def test_that_an_account_without_articles_names_nothing():
    assert Scopes().named(["anything"]) == {}


@given(st.lists(st.text(max_size=60), max_size=6))
def test_that_no_text_breaks_it_and_strengths_stay_within_bounds(turns):
    assert all(0 < strength <= 1 for strength in hotels(6).named(turns).values())
