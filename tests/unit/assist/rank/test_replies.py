from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from assist.domain import Csat, SourceKind
from assist.rank.confidence import REPLY_FLOOR, word
from assist.rank.replies import MAX_REPLIES, ReplyCandidate, rank_replies
from tests.helpers.builders import NOON, a_source

LONG = (
    "A pole that breaks at the joint is covered by the warranty. Please send us two photos of the break, one from the"
    " side and one from above, and we will post you a new section free of charge."
)


def a_candidate(text: str = LONG, key: str = "reply:8:71", **fields) -> ReplyCandidate:
    return ReplyCandidate(
        **{"text": text, "source": a_source(key, date=NOON), "match": 0.6, "language": "en", **fields}
    )


def ranked(*candidates: ReplyCandidate, dismissed: tuple[str, ...] = (), now=NOON):
    return rank_replies(candidates, language="en", now=now, dismissed=frozenset(dismissed))


def keys(replies) -> list[str]:
    return [reply.candidate.source.key for reply in replies]


def confidence_of(candidate: ReplyCandidate, **more) -> float:
    (reply,) = ranked(candidate, **more)
    return reply.confidence


TEXTS = [
    LONG,
    "Your refund leaves us within five working days after the box has arrived in Venlo, back the way you paid for it.",
    "Gas cartridges travel by road only, so we can send them within the UK, the Netherlands, Germany and Belgium.",
    "Gear Swap can be paused for the summer; the boots stay with you and nothing is charged until you start it again.",
]


def test_that_the_best_three_come_in_order():
    found = ranked(
        *(
            a_candidate(text, f"article:{n}:en", match=match)
            for n, (text, match) in enumerate(zip(TEXTS, (0.5, 0.8, 0.6, 0.7), strict=True))
        )
    )

    assert len(found) == MAX_REPLIES
    assert keys(found) == ["article:1:en", "article:3:en", "article:2:en"]
    assert [reply.confidence for reply in found] == pytest.approx([0.8, 0.7, 0.6])


def test_that_below_the_floor_nothing_is_offered():
    assert ranked(a_candidate(match=REPLY_FLOOR - 0.01)) == []
    assert keys(ranked(a_candidate(match=REPLY_FLOOR))) == ["reply:8:71"]


@pytest.mark.promise("R3")
def test_that_a_dismissed_source_is_not_offered_again_nor_its_like():
    twin = a_candidate(f"Hi again,\n\n{LONG}", "reply:9:1")
    other = a_candidate(TEXTS[1], "reply:10:1")

    assert keys(ranked(a_candidate(), twin, other, dismissed=("reply:8:71",))) == ["reply:10:1"]


def test_that_agreement_of_colleagues_raises_a_reply_and_names_its_sources():
    twins = [a_candidate(f"{LONG} Bye.", f"reply:{number}:1", match=0.5) for number in (9, 10, 11)]

    (reply,) = ranked(a_candidate(), *twins)

    assert reply.confidence == pytest.approx(0.6 + 2 * 0.06)
    assert reply.because == ("solved a ticket like this", "4 colleagues' replies agree")
    assert sorted(source.key for source in reply.also) == ["reply:10:1", "reply:11:1", "reply:9:1"]


def test_that_agreement_can_lift_a_reply_over_the_floor():
    low = REPLY_FLOOR - 0.05

    (reply,) = ranked(a_candidate(match=low), a_candidate(key="reply:9:1", match=low))

    assert reply.confidence == pytest.approx(low + 0.06)


@pytest.mark.parametrize(
    ("fields", "difference"),
    [
        ({"csat": Csat.GOOD}, 0.03),
        ({"csat": Csat.BAD, "match": 0.55}, -0.15),
        ({"csat": Csat.OFFERED}, 0.0),
        ({"reopens": 2}, -0.05),
        ({"reopens": 0}, 0.0),
        ({"language": "de"}, -0.15),
        ({"language": ""}, 0.0),
    ],
    ids=str,
)
def test_what_is_known_of_a_past_reply_raises_or_lowers_it(fields, difference):
    assert confidence_of(a_candidate(**fields)) == pytest.approx(0.6 + difference)


def test_that_what_its_customer_rated_bad_keeps_its_place_but_is_never_told_as_more_than_possible():
    bad = a_candidate(TEXTS[0], "reply:8:1", match=0.99, csat=Csat.BAD)
    others = [a_candidate(TEXTS[n], f"reply:{n}:1", match=0.6) for n in (1, 2)]

    first, *rest = ranked(bad, *others)

    assert (first.candidate.source.key, first.confidence) == ("reply:8:1", 0.49)
    assert first.because == ("from a ticket like this", "the customer was not satisfied")
    assert sum(first.features.values()) == pytest.approx(0.49)
    assert all(reply.confidence > first.confidence for reply in rest)
    assert word(first.confidence) == "possible match"


def test_that_old_replies_fade_but_not_for_ever():
    aged = [confidence_of(a_candidate(), now=NOON + timedelta(days=365 * years)) for years in (0, 1, 3, 9)]

    assert aged == pytest.approx([0.60, 0.56, 0.48, 0.48])


def test_that_a_macro_was_written_to_be_used():
    macro = a_candidate("Here is your label.", "macro:12", usage=23)

    (reply,) = ranked(macro)

    assert reply.confidence == pytest.approx(0.65)
    assert reply.because == ("fits what the customer asks", "used 23× last week")


def test_that_a_reply_that_fits_only_its_own_ticket_ranks_lower():
    sum_ = "Days left divided by 365, times the fee. You used 4 days, so 361/365 × €45 = €44.51."
    lace = f"{LONG} It left on [date] with [tracking number]. [name] has it."

    assert confidence_of(a_candidate(sum_, match=0.8)) < 0.66
    assert confidence_of(a_candidate(lace)) < 0.6 - 3 * 0.04
    assert confidence_of(a_candidate("Yes, tomorrow.", match=0.8)) == pytest.approx(0.8 - 0.15 * (1 - 2 / 30))


def test_that_slots_of_a_macro_were_put_there_on_purpose():
    macro = a_candidate("Your label: [link]. Your number: [RMA].", "macro:12")

    assert confidence_of(macro) == pytest.approx(0.65 - 2 * 0.01)


def test_that_the_features_add_up_to_the_confidence_and_keep_the_evidence():
    candidate = a_candidate(csat=Csat.GOOD, evidence={"cosine": 0.7, "overlap": 0.3})

    (reply,) = ranked(candidate)

    assert reply.features["cosine"] == 0.7
    assert sum(v for k, v in reply.features.items() if k not in candidate.evidence) == pytest.approx(reply.confidence)


def test_that_ties_go_by_source_whatever_the_order():
    one, other = a_candidate(TEXTS[0], "article:5:en"), a_candidate(TEXTS[1], "article:4:en")

    assert keys(ranked(one, other)) == keys(ranked(other, one)) == ["article:4:en", "article:5:en"]


def test_that_each_kind_says_why_it_is_there():
    article = a_candidate(TEXTS[2], "article:5:en")

    (reply,) = ranked(article)

    assert article.source.kind is SourceKind.ARTICLE
    assert reply.because == ("sentences of the article that answer",)


def test_that_what_the_past_speaks_for_comes_before_what_it_speaks_against():
    fits = a_candidate(TEXTS[0], "reply:1:1", match=0.60, standing=0.9)
    fails = a_candidate(TEXTS[1], "reply:2:2", match=0.68, standing=0.1)

    found = ranked(fits, fails)

    assert keys(found) == ["reply:1:1", "reply:2:2"]
    assert [reply.features["experience"] for reply in found] == pytest.approx([0.08, -0.08])
    assert keys(ranked(replace(fits, standing=None), replace(fails, standing=None))) == ["reply:2:2", "reply:1:1"]


def test_that_the_past_alone_never_lifts_a_reply_above_the_floor():
    assert ranked(a_candidate(match=REPLY_FLOOR - 0.01, standing=0.99)) == []
    assert ranked(a_candidate(match=REPLY_FLOOR + 0.01, standing=0.1)) == []
