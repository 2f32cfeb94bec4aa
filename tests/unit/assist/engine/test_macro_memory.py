"""What the past says of macros, from the store to the suggestion."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assist.domain import SourceKind
from assist.engine.service import Engine
from assist.ingest import past_replies
from assist.rank.past_macros import HALF_TRUSTED, KnownMacro, with_known, with_past
from assist.rank.replies import ReplyCandidate
from assist.suggest import Question
from tests.helpers.builders import (
    ACME,
    NOON,
    a_macro,
    a_message,
    a_reply,
    a_solved_ticket,
    a_source,
    a_ticket,
    an_agent,
    an_open_ticket,
)
from tests.helpers.encoders import HashingEncoder
from tests.helpers.store import opened, run

BODIES = {
    1: "Hello {{ticket.requester.first_name}},\n\nMoney for what came back is on its way within five working days.",
    2: "Hi {{ticket.requester.first_name}},\n\nPlease measure your foot in the evening and compare it to our chart.",
    3: "Hello {{ticket.requester.first_name}},\n\nYour consignment left our warehouse and the carrier brings it soon.",
}
ASKED = {
    1: ("where is my refund", "refund still not here", "i wait for my refund since monday"),
    2: ("which boots fit me", "boots too small", "do boots come in half sizes"),
    3: ("parcel is late", "track my parcel", "my parcel did not come"),
}


def the_past(bodies=BODIES, asked=ASKED):
    for macro, texts in asked.items():
        for number, text in enumerate(texts):
            body = bodies[macro].replace("{{ticket.requester.first_name}}", "Inês")
            id_ = 100 * macro + number
            ticket = a_ticket(id_, subject="Question")
            yield a_solved_ticket(id_, ticket=ticket, messages=(a_message(text), a_reply(body, id=id_)))


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield store


def an_engine(store, past, *, macros=BODIES) -> Engine:
    run(store.knowledge.put_macros([a_macro(id_, title=f"Macro {id_}", body=body) for id_, body in macros.items()]))
    run(store.knowledge.put_solved([(solved, past_replies(solved)) for solved in past]))
    engine = Engine(reader=store.reader, encoder=HashingEncoder(), triggers=(), now=lambda: NOON)
    engine.load()
    list(engine.encode_missing())
    return engine


def macros_for(engine: Engine, text: str) -> list[tuple[str, float]]:
    ticket = an_open_ticket(7, ticket=a_ticket(7, subject="Question"), messages=(a_message(text),))
    found = list(engine.answer(Question(ticket, an_agent())))[-1]
    return [(s.key, reply.features.get("past", 0.0)) for reply in found.replies for s in (reply.source, *reply.also)]


def test_that_a_macro_is_offered_for_what_agents_used_it_for_though_it_shares_no_word(store):
    engine = an_engine(store, the_past())

    (best, *_) = macros_for(engine, "my refund is not here yet")

    assert best[0] == "macro:1"
    assert best[1] > 0.5


def test_that_without_such_a_past_the_macro_is_not_found(store):
    engine = an_engine(store, ())

    assert macros_for(engine, "my refund is not here yet") == []


def test_that_what_an_agent_wrote_anew_says_nothing_of_macros(store):
    written = dict.fromkeys(BODIES, "We looked into this with great care and have put everything right for you today.")
    engine = an_engine(store, the_past(written))

    assert not [key for key, _ in macros_for(engine, "my refund is not here yet") if key.startswith("macro:")]


def test_that_of_a_long_past_the_newest_answers_count(store, monkeypatch):
    """Half a million solved tickets are read oldest first; what macros are used for now is at the end."""
    monkeypatch.setattr("assist.engine.macro_memory.MAX_REPLIES", 9)
    long_ago = [
        a_solved_ticket(
            number,
            messages=(
                a_message(f"something else altogether {number}"),
                a_reply(
                    "We looked into this with great care and put everything right.",
                    id=number,
                    created_at=NOON - timedelta(days=900),
                ),
            ),
        )
        for number in range(1, 30)
    ]
    engine = an_engine(store, (*long_ago, *the_past()))

    assert ACME in engine._macros.matchers
    assert "macro:1" in dict(macros_for(engine, "my refund is not here yet"))


def test_that_a_macro_that_goes_is_not_offered_any_more(store):
    engine = an_engine(store, the_past())

    engine.update(ACME, SourceKind.MACRO, run(store.knowledge.remove(SourceKind.MACRO, ACME, [1])))
    list(engine.encode_missing())

    assert "macro:1" not in dict(macros_for(engine, "my refund is not here yet"))


def test_that_the_past_counts_the_more_the_more_there_is():
    candidate = ReplyCandidate("text", a_source("macro:1"), match=0.8, language="en", evidence={"cosine": 0.4})

    judged = [with_past(candidate, KnownMacro(0.2, examples)).match for examples in (1, int(HALF_TRUSTED), 97)]

    assert judged == pytest.approx([0.65, 0.5, 0.218])
    assert with_past(candidate, KnownMacro(0.2, 3)).evidence == {"cosine": 0.4, "past": 0.2}
    assert with_past(candidate, None) is candidate


def test_that_only_likely_macros_are_added_to_what_was_found():
    found = with_known([], {1: KnownMacro(0.9, 5), 2: KnownMacro(0.05, 5)})

    assert [candidate.doc_id for candidate in found] == [1]
    assert with_known(found, {1: KnownMacro(0.9, 5)}) == found
