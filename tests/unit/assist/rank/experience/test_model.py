"""A small made-up desk: two agents with wordings of their own, and answers that follow from what was said."""

from __future__ import annotations

import pytest

from assist.rank.experience.candidates import EVIDENCE
from assist.rank.experience.memory import LIKENESS, Rarity
from assist.rank.experience.model import ReplyModel
from assist.rank.experience.situations import Exchange, Memo, exchanges, merged, read
from tests.helpers.encoders import HashingEncoder

TOPICS = {
    "parcel": "your parcel was handed to the carrier and arrives within two days",
    "refund": "the refund for your purchase reaches your bank account after five working days",
    "invoice": "please find the corrected invoice with the tax number attached to this message",
    "login": "open the settings page and choose a new password to get into your account again",
}
QUESTIONS = {
    "parcel": "where is my parcel it should have come last monday",
    "refund": "when do i get the money back that you owe me",
    "invoice": "company details are wrong on our bill vat id missing",
    "login": "cannot sign in anymore it says wrong password",
}
HELLO = {
    "anna": "hello and welcome to the shop how can i be of help",
    "bert": "good day bert speaking what is it about",
}
GOODBYE = "thank you for choosing us have a wonderful day"


def a_desk(size: int = 24) -> list[Exchange]:
    past: list[Exchange] = []
    for number in range(size):
        topic = list(TOPICS)[number % len(TOPICS)]
        agent = list(HELLO)[number // 2 % 2]
        past += exchanges(
            f"c{number}",
            [
                ("customer", f"hi number {number}"),
                ("agent", HELLO[agent]),
                ("customer", f"{QUESTIONS[topic]} number {number}"),
                ("agent", TOPICS[topic]),
                ("customer", "great that was all thanks"),
                ("agent", GOODBYE),
            ],
        )
    return past


@pytest.fixture(scope="module")
def model() -> ReplyModel:
    found = ReplyModel.fit(a_desk(), HashingEncoder())
    assert found is not None
    return found


def best(model: ReplyModel, turns: list[tuple[str, str]]) -> str:
    texts = [*TOPICS.values(), *HELLO.values(), GOODBYE]
    scores = model.score(model.read(turns), texts, model.vectors(texts))
    return texts[int(scores.argmax())]


@pytest.mark.parametrize("topic", TOPICS)
def test_that_the_answer_to_such_questions_is_ranked_first_and_offered_first(model, topic):
    turns = [("customer", "hi"), ("agent", HELLO["anna"]), ("customer", f"hello {QUESTIONS[topic]}")]

    offers = model.offers(model.read(turns))

    assert best(model, turns) == TOPICS[topic]
    assert model.memory.texts[offers[0].row] == TOPICS[topic]


def test_that_what_follows_on_what_was_said_is_offered(model):
    turns = [
        ("customer", "hi"),
        ("agent", HELLO["bert"]),
        ("customer", QUESTIONS["refund"]),
        ("agent", TOPICS["refund"]),
    ]
    turns += [("customer", "great that was all thanks")]

    assert best(model, turns) == GOODBYE
    assert model.memory.texts[model.offers(model.read(turns))[0].row] == GOODBYE


def test_that_the_three_differ_and_their_chances_fall(model):
    offers = model.offers(model.read([("customer", "hi there")]))

    assert len({model.memory.texts[offer.row] for offer in offers}) == 3
    chances = [offer.chance for offer in offers]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 + 1e-9 for chance in chances)


def test_that_a_reply_stands_above_the_usual_where_it_fits_and_below_where_not(model):
    reading = model.read([("customer", "hi"), ("agent", HELLO["anna"]), ("customer", "where is my parcel")])
    texts = [TOPICS["parcel"], TOPICS["login"]]

    fits, fails = model.standing(reading, texts, model.vectors(texts))

    assert fits > 0.6
    assert fails < 0.4


def test_that_a_conversation_does_not_speak_for_itself():
    odd = Exchange("odd", (("customer", "is the zeppelin for sale"),), "no zeppelin was ever for sale here dear friend")
    model = ReplyModel.fit([*a_desk(), odd], HashingEncoder())
    turns = [("customer", "is the zeppelin for sale")]

    with_it, without = (model.read(turns, without=name) for name in ("", "odd"))

    assert with_it.weights[-1] == with_it.weights.max()
    assert without.weights[-1] == 0.0
    assert without.weights.sum() == pytest.approx(1.0)
    texts, own = [odd.reply], model.vectors([odd.reply])
    assert model.score(with_it, texts, own, conversations=["odd"])[0] < model.score(with_it, texts, own)[0]


def test_that_learning_twice_gives_the_same():
    one, two = (ReplyModel.fit(a_desk(), HashingEncoder()) for _ in range(2))

    assert one.weights.candidate.tolist() == two.weights.candidate.tolist()
    assert one.weights.likeness.tolist() == two.weights.likeness.tolist()


@pytest.mark.parametrize("size", [1, 2, 9])
def test_that_a_short_past_is_enough_to_answer(size):
    model = ReplyModel.fit(a_desk(size), HashingEncoder())
    reading = model.read([("customer", QUESTIONS["parcel"])])

    assert len(model.offers(reading)) == min(3, 3 * size)
    assert model.score(reading, ["x"], model.vectors(["x"])).shape == (1,)


def test_that_without_a_past_there_is_no_model():
    assert ReplyModel.fit([], HashingEncoder()) is None


def test_that_every_weight_has_a_name(model):
    assert len(model.weights.likeness) == len(LIKENESS)
    assert len(model.weights.candidate) == len(EVIDENCE)


def test_that_consecutive_texts_of_a_role_are_one_turn():
    assert merged([("agent", "a"), ("agent", "b"), ("customer", "c")]) == (("agent", "a\nb"), ("customer", "c"))
    assert [e.reply for e in exchanges("c", [("agent", "a"), ("customer", "b"), ("agent", "c"), ("agent", "d")])] == [
        "c\nd"
    ]


def test_that_a_turn_is_encoded_once_and_after_giving_way():
    asked: list[str] = []
    waits: list[int] = []

    class Counting(HashingEncoder):
        def encode(self, texts):
            asked.extend(texts)
            return super().encode(texts)

    memo = Memo(Counting(), give_way=lambda: waits.append(len(asked)))
    for _ in range(2):
        read([(("customer", "one"), ("agent", "two"), ("customer", "three"))], memo)

    assert sorted(asked) == ["", "one", "three", "two"]
    assert waits == [0, 1, 2, 3]


def test_that_bm25_counts_telling_words_more_and_long_texts_less():
    rarity = Rarity(["the tent", "the pole", "the boot", "the pole of the tent"])
    tent, long_tent, pole = rarity.bm25(["the tent", "the tent and many more words than that", "pole"]).scores(
        ["the tent"]
    )[0]

    assert tent > long_tent > pole == 0
    assert rarity.of("tent") > rarity.of("the")
