from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.rank.articles import ARTICLE_FLOOR, BY_WORDS, LEAST_SURE, REFINED, Measures, confidences, utility

PLAIN = Measures(cosine=0.5, lexical_share=0.5, coverage=0.5, title_coverage=0.2, named=0.0)


def sure(*measures: Measures) -> list[float]:
    ranked = sorted(measures, key=utility, reverse=True)
    return confidences([utility(one) for one in ranked], ranked)


def test_that_utility_is_the_weighted_sum_of_the_measures():
    expected = REFINED.cosine * 0.5 + REFINED.lexical_share * 0.5 + REFINED.coverage * 0.5
    assert utility(PLAIN) == pytest.approx(expected + REFINED.title_coverage * 0.2)


def test_that_without_meaning_words_count_alone():
    assert utility(replace(PLAIN, cosine=None)) == pytest.approx(
        BY_WORDS.lexical_share * 0.5 + BY_WORDS.coverage * 0.5 + BY_WORDS.title_coverage * 0.2
    )


def test_that_a_passage_without_a_vector_is_judged_as_if_it_had_the_usual_one():
    assert utility(replace(PLAIN, cosine=None), cosine=0.5) == pytest.approx(utility(PLAIN))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (PLAIN, replace(PLAIN, same_language=False)),
        (replace(PLAIN, votes=5), replace(PLAIN, votes=-5)),
        (PLAIN, replace(PLAIN, years=3.0)),
        (replace(PLAIN, named=0.5), PLAIN),
        (replace(PLAIN, coverage=0.8), PLAIN),
    ],
)
def test_that_language_votes_age_naming_and_coverage_order_what_is_else_alike(better, worse):
    assert utility(better) > utility(worse)


def test_that_old_age_and_many_votes_stop_counting():
    assert utility(replace(PLAIN, years=5.0)) == utility(replace(PLAIN, years=50.0))
    assert utility(replace(PLAIN, votes=20)) == utility(replace(PLAIN, votes=2_000))


def test_that_one_missing_vector_does_not_change_how_the_others_are_judged():
    near, far, new = PLAIN, replace(PLAIN, cosine=0.2), replace(PLAIN, cosine=None)
    values = [utility(near), utility(far), utility(new, cosine=0.1)]

    assert confidences(values, [near, far, new]) == confidences(values, [near, far, replace(new, cosine=0.1)])


def test_that_a_lead_makes_surer_and_a_rival_less_sure():
    strong, rival = replace(PLAIN, cosine=0.62), replace(PLAIN, cosine=0.61)

    assert sure(strong)[0] > sure(strong, rival)[0] > sure(strong, rival)[1]


def test_that_what_hardly_fits_is_never_shown_however_lonely():
    lonely = replace(PLAIN, cosine=0.27, coverage=0.24, lexical_share=1.0)

    assert sure(lonely) == [LEAST_SURE]
    assert LEAST_SURE < ARTICLE_FLOOR


def test_that_being_named_makes_no_article_an_answer():
    weak = replace(PLAIN, cosine=0.30, coverage=0.3)

    assert sure(replace(weak, named=1.0)) == pytest.approx(sure(weak))


def test_that_being_named_chooses_between_articles_that_are_equally_near():
    near = replace(PLAIN, cosine=0.7)
    alike, named = sure(near, near), sure(replace(near, named=0.9), near)

    assert alike[0] == alike[1]
    assert named[0] > alike[0] > named[1]


def test_that_no_article_gives_no_confidence():
    assert confidences([], []) == []


measured = st.builds(
    Measures,
    cosine=st.floats(-1, 1),
    lexical_share=st.floats(0, 1),
    coverage=st.floats(0, 1),
    title_coverage=st.floats(0, 1),
    named=st.floats(0, 1),
    same_language=st.booleans(),
    votes=st.integers(-(2**40), 2**40),
    years=st.floats(0, 100),
)


@given(st.lists(measured, min_size=1, max_size=8))
def test_that_confidences_are_shares(found):
    assert all(0 <= value <= 1 for value in sure(*found))
