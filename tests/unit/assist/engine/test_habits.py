"""What is learned of an account's replies in the engine, and that it weighs what is offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from assist.domain import AccountId, SourceKind
from assist.encoders.recent import Recent
from assist.engine.habits import RELEARN_SHARE, past_exchanges
from assist.engine.service import Engine
from assist.ingest import past_replies
from assist.ports import Vectors
from assist.store.documents import Documents
from assist.store.snapshot import Snapshot
from assist.store.store import Store
from assist.suggest import Question
from tests.helpers.builders import (
    ACME,
    NOON,
    a_macro,
    a_message,
    a_reply,
    a_solved_ticket,
    an_agent,
    an_open_ticket,
)
from tests.helpers.encoders import HashingEncoder
from tests.helpers.store import KEY, opened, run

ANSWERS = {
    "zip": "The zip of a jacket is mended for free in our workshop; send it to us with the form.",
    "pole": "A pole is replaced within a week; tell us which tent it belongs to and the length.",
    "boot": "We resole a boot twice; the second time costs half of what the first time did.",
}


def put_solved(store: Store, count: int, *, first: int = 100) -> object:
    solved = []
    for number in range(first, first + count):
        thing = list(ANSWERS)[number % 3]
        asked = a_message(f"The {thing} that I bought in spring broke, number {number}", id=10 * number)
        answer = a_reply(ANSWERS[thing], id=10 * number + 1, created_at=NOON + timedelta(minutes=number))
        ticket = a_solved_ticket(number, messages=(asked, answer))
        solved.append((ticket, past_replies(ticket)))
    return run(store.knowledge.put_solved(solved))


def an_engine(store: Store) -> Engine:
    engine = Engine(reader=store.reader, encoder=HashingEncoder(), triggers=(), now=lambda: NOON)
    engine.load()
    list(engine.encode_missing())
    return engine


def model_of(engine: Engine, account: str = ACME):
    return engine._habits.models.get(AccountId(account))


def test_that_replies_say_how_they_stand_with_the_past_in_the_log(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 24)
        run(store.knowledge.put_macros([a_macro(1, body=ANSWERS["pole"]), a_macro(2, body="We are closed on Sunday.")]))
        engine = an_engine(store)
        question = Question(an_open_ticket(messages=(a_message("The pole that I bought broke"),)), an_agent())

        first, refined = engine.answer(question)

        assert {reply.features["experience"] for reply in first.replies} <= {0.0}
        best = refined.replies[0]
        assert ANSWERS["pole"].split(";")[0] in best.text
        assert best.features["experience"] > 0


def test_that_what_agents_always_answer_is_offered_though_no_word_of_the_ticket_finds_it(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        habit = "Thank you for writing to us; please send a photo of the tag so that we can look up the order."
        solved = []
        for number in range(100, 140):
            asked = a_message(f"Item {number}: something about {number * 7919 % 997} went wrong", id=10 * number)
            answer = a_reply(habit, id=10 * number + 1, created_at=NOON + timedelta(minutes=number))
            ticket = a_solved_ticket(number, messages=(asked, answer))
            solved.append((ticket, past_replies(ticket)))
        run(store.knowledge.put_solved(solved))
        engine = an_engine(store)
        foreign = an_open_ticket(messages=(a_message("Bonjour les amis du velours cramoisi"),))

        first, refined = engine.answer(Question(foreign, an_agent()))

        assert [habit in reply.text for reply in first.replies] == []
        assert habit in refined.replies[0].text
        assert refined.replies[0].features["chance"] > 0.9


def test_that_the_ticket_in_front_is_not_asked_about_itself(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 12)
        model = model_of(an_engine(store))

        reading = model.read([("customer", "The zip that I bought in spring broke, number 102")], without="102")

        own = [e.conversation == "102" for e in model.memory.exchanges]
        assert sum(own) == 1
        assert reading.weights[own].tolist() == [0.0]


def test_that_an_account_without_a_past_has_no_model_and_one_that_left_has_none_either(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        assert model_of(an_engine(store)) is None
        put_solved(store, 6)
        engine = an_engine(store)
        assert len(model_of(engine).memory) == 6

        engine.forget(AccountId(ACME))

        assert model_of(engine) is None


def test_that_it_is_learned_anew_once_enough_came(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 60)
        engine = an_engine(store)
        before = model_of(engine)
        assert 60 * RELEARN_SHARE > 1

        engine.update(AccountId(ACME), SourceKind.PAST_REPLY, put_solved(store, 1, first=300))
        list(engine.encode_missing())
        assert model_of(engine) is before

        engine.update(AccountId(ACME), SourceKind.PAST_REPLY, put_solved(store, 2, first=400))
        list(engine.encode_missing())
        assert len(model_of(engine).memory) == 63


def test_that_the_turns_of_a_ticket_are_put_together_again_in_the_order_of_their_times():
    messages = (
        a_message("The zip broke again today", id=1),
        a_reply("Please send us a photo of the zip of your jacket.", id=2, created_at=NOON),
        a_message("Here is the photo", id=3),
        a_reply("Thank you, we will mend the zip within the week.", id=4, created_at=NOON + timedelta(hours=1)),
    )
    replies = past_replies(a_solved_ticket(5, messages=messages))

    first, second = past_exchanges(tuple(reversed(replies)))

    assert first.conversation == second.conversation == "5"
    assert [role for role, _ in second.turns] == ["customer", "agent", "customer"]
    assert second.turns[1][1] == first.reply == "Please send us a photo of the zip of your jacket."
    assert second.turns[2][1] == "Here is the photo"
    assert first.turns[0][1].endswith("The zip broke again today")


class Counting(HashingEncoder):
    """Keeps the texts that it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return super().encode(texts)


def kept_engine(store: Store, encoder: HashingEncoder) -> Engine:
    snapshot = Snapshot(store.path, KEY)
    engine = Engine(reader=store.reader, encoder=encoder, triggers=(), now=lambda: NOON, snapshot=snapshot)
    engine.load()
    for made in engine.encode_missing():
        run(store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype(np.float32)))
    for _ in engine.keep():
        pass
    return engine


def test_that_what_was_learned_from_is_not_read_again_at_the_next_start(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 24)
        before = kept_engine(store, HashingEncoder())
        kept = Snapshot(store.path, KEY).kept()
        encoder = Counting()

        after = kept_engine(store, encoder)

        assert set(encoder.asked) <= {""}
        assert np.array_equal(model_of(after).memory.replies, model_of(before).memory.replies)
        assert not after.is_unkept
        assert Snapshot(store.path, KEY).kept() == kept


def test_that_what_came_since_is_read_and_what_went_is_kept_no_longer(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 24)
        kept_engine(store, HashingEncoder())
        gone = [100 + number for number in range(6)]
        run(store.knowledge.remove(SourceKind.PAST_REPLY, AccountId(ACME), gone))
        put_solved(store, 2, first=200)
        encoder = Counting()

        after = kept_engine(store, encoder)

        assert {text[-3:] for text in encoder.asked if "number" in text} == {"200", "201"}
        [piece] = after._habits.to_keep().values()
        assert len(piece.arrays()["digests"]) == len(ANSWERS) + 20


def test_that_vectors_of_another_encoder_are_not_taken_for_this_ones(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 24)
        kept_engine(store, HashingEncoder())
        other = Counting()
        other.name = "another encoder"

        kept_engine(store, other)

        read = {text[-3:] for text in other.asked if "number" in text}
        assert read == {str(number) for number in range(100, 124)}


def test_that_what_is_read_ahead_is_what_is_asked_and_no_macro_waits_for_a_ticket(tmp_path, monkeypatch):
    begun: list[str] = []
    asked: list[str] = []
    begin, encode = Recent.begin, Recent.encode
    monkeypatch.setattr(Recent, "begin", lambda self, texts: (begun.extend(texts), begin(self, texts))[1])
    monkeypatch.setattr(Recent, "encode", lambda self, texts: (asked.extend(texts), encode(self, texts))[1])
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 24)
        macro = f"{ANSWERS['pole']} The workshop is open from nine to five."
        run(store.knowledge.put_macros([a_macro(1, body=macro)]))
        engine = an_engine(store)
        asked.clear()
        conversation = (
            a_message("The pole that I bought broke", id=1),
            a_reply("Which tent does it belong to?", id=2),
            a_message("To the small green one, since last week", id=3),
        )

        answers = engine.answer(Question(an_open_ticket(messages=conversation), an_agent()))
        next(answers)
        ahead = list(begun)
        refined = list(answers)[-1]

    assert [text for text in ahead if "small green one" in text and "pole" not in text]
    assert [text for text in ahead if "Which tent" in text]
    assert set(ahead) <= set(asked)
    assert macro in [reply.text for reply in refined.replies]
    assert [text for text in asked if macro in text] == []


def test_that_what_agents_answer_now_is_learned_from_their_newest_replies_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("assist.engine.habits.LEARNED_FROM", 20)
    with opened(tmp_path / "kibitz.db") as store:
        put_solved(store, 30)
        read: list[int] = []
        past_replies_of = Documents.past_replies
        monkeypatch.setattr(
            Documents, "past_replies", lambda self, ids: (read.extend(ids), past_replies_of(self, ids))[1]
        )
        engine = an_engine(store)

        learned = {exchange.conversation for exchange in model_of(engine).memory.exchanges}
        by_ticket = {reply.ref.id for reply in past_replies_of(store.documents, read).values()}

    assert learned == {str(number) for number in range(110, 130)}
    assert by_ticket == set(range(110, 130))
