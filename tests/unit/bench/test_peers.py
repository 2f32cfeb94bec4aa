"""What the peers are given, and what is read from them; their libraries are not needed here."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.peers import churn, mood
from tests.bench.peers.cases import passages, query_text, rank_of, reply_turns
from tests.bench.peers.macros import threshold_from
from tests.bench.peers.replies import candidates

CHAT = {
    "id": "c1",
    "turns": [
        {"role": "agent", "text": "Welcome"},
        {"role": "customer", "text": "Hi"},
        {"role": "customer", "text": "my lamp broke"},
        {"role": "agent", "text": "Sorry!"},
        {"role": "agent", "text": "Which lamp?"},
    ],
}


def test_that_a_long_document_is_cut_into_passages_under_its_title():
    document = {"title": "Lamps", "section": "Shop", "text": " ".join(f"w{number}" for number in range(151))}
    first, second = passages(document)
    assert first.startswith("Shop\nLamps\nw0 w1 ")
    assert second == "Shop\nLamps\nw150"
    assert passages({"text": ""}) == [""]


def test_that_a_dialogue_is_asked_by_its_last_turn_or_by_all_of_it():
    assert query_text({"turns": CHAT["turns"][:3]}, whole=False) == "my lamp broke"
    assert query_text({"turns": CHAT["turns"][:3]}, whole=True) == "Welcome Hi my lamp broke"
    assert query_text({"text": "lamp"}, whole=True) == "lamp"


def test_that_any_of_the_right_documents_counts_and_none_beyond_ten():
    assert rank_of(["a", "b", "c"], ["c", "b"]) == 2
    assert rank_of([*"abcdefghij", "k"], ["k"]) == 0


def test_that_an_opening_by_the_agent_is_no_reply_and_texts_in_a_row_are_one():
    assert list(reply_turns(CHAT)) == [(2, "Welcome\nHi\nmy lamp broke", "Sorry!\nWhich lamp?")]


def test_that_the_true_reply_comes_first_and_no_other_twice():
    replies = [*(f"reply {number}" for number in range(150)), "reply 7"]
    drawn = candidates(replies, 7).tolist()
    assert drawn[0] == 7
    assert len(drawn) == len(set(drawn)) == 100
    assert 150 not in drawn
    assert sorted(candidates(replies[:3], 1).tolist()) == [0, 1, 2]


def test_that_the_target_is_the_same_word_for_every_brand():
    row = {"text": "Bye Salt, hello Sunrise", "target": "salt"}
    assert churn.marked(row).split() == ["Bye", "targetbrand", ",", "hello", "Sunrise"]
    assert churn.marked({"text": "bye", "target": ""}) == "bye"


@pytest.mark.parametrize(("compound", "level"), [(-1, -2), (-0.6, -2), (-0.3, -1), (0, 0), (0.05, 1), (0.6, 2)])
def test_that_five_levels_cover_a_score_of_two_signs(compound: float, level: int):
    assert mood.level_of(compound) == level


def test_that_a_threshold_lies_between_what_is_known_and_what_is_not():
    names = [f"m{number}" for number in range(8)]
    texts = [f"{name} {number}" for name in names for number in range(10)]

    def learn(known: list[str], labels: list[str]):
        taught = set(labels)

        def judge(asked: list[str]):
            said = [text.split()[0] for text in asked]
            return np.array(said), np.array([0.9 if name in taught else 0.4 for name in said])

        return judge

    threshold = threshold_from(texts, [text.split()[0] for text in texts], learn)
    assert 0.4 < threshold <= 0.9
