"""The pipeline on a small shop: what is offered, what is not, and why."""

from __future__ import annotations

import random
import re
import socket
from datetime import timedelta

import pytest

from assist.domain import AlertKind, Csat, OpenTicket, Role, SourceKind, Stage, Visibility
from assist.encoders.minilm import load
from assist.engine.service import Engine
from assist.ingest import macro_language, past_replies
from assist.retrieve.backend import PlainBackend
from assist.signals.phrases import Phrase
from assist.signals.triggers import load_triggers
from assist.suggest import Assistant, Question
from assist.text.passages import split_article
from resources import ROOT
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_macro,
    a_message,
    a_reply,
    a_solved_ticket,
    a_ticket,
    an_agent,
    an_article,
    an_author,
    an_open_ticket,
)
from tests.helpers.demo_store import demo_articles, slug_of
from tests.helpers.store import opened, run

POLE_PAGE = an_article(
    5,
    title="Snapped tent pole",
    html="<p>A pole that breaks at the joint is covered by the warranty. Send us photos of both ends of the break.</p>",
)
RETURN_PAGE = an_article(6, title="Return an item", html="<p>You can return an unused item within 60 days.</p>")
SECRET_PAGE = an_article(
    7,
    title="Goodwill for snapped tent poles",
    html="<p>Agents may offer a free pole section up to £25 when a snapped tent pole is out of warranty.</p>",
    visibility=Visibility.AGENTS,
)
POLE_MACRO = a_macro(
    12,
    title="Warranty::Snapped pole",
    body="Hi {{ticket.requester.first_name}},\n\nyour snapped tent pole is covered: order {{dc.order}} is noted.",
    usage=9,
)
POLE_REPLY = (
    "Hi Zoe,\n\nA tent pole that snapped at the joint is covered, Zoe, so a new section of 8.5 mm is on its way to"
    " zoe@example.org at 12 Mill Lane, order TT-204518, call me on +44 20 7946 0018 if it is not there by 3 March.\n\n"
    "Kind regards,\nMaya"
)
QUESTION = "My tent pole snapped at the joint on the second night. Is the pole covered by the warranty?"


def solved(number: int, reply: str = POLE_REPLY, asked: str = "Zoe here, my tent pole snapped at the joint!", **ticket):
    return a_solved_ticket(
        number,
        ticket=a_ticket(number, subject="Snapped tent pole", **ticket),
        messages=(
            a_message(asked, author=an_author(name="Zoe Marsh")),
            a_reply(reply, id=number * 10, created_at=NOON - timedelta(days=1)),
        ),
    )


@pytest.fixture(scope="module")
def encoder():
    return load(ROOT / "models")


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield store


def shop(store, encoder, *, articles=(), macros=(), tickets=(), triggers=()) -> Engine:
    run(store.knowledge.put_articles([(article, split_article(article)) for article in articles]))
    run(store.knowledge.put_macros(macros, languages={macro.id: macro_language(macro) for macro in macros}))
    run(store.knowledge.put_solved([(ticket, past_replies(ticket)) for ticket in tickets]))
    engine = Engine(reader=store.reader, encoder=encoder, triggers=triggers, now=lambda: NOON)
    engine.load()
    list(engine.encode_missing())
    return engine


def a_ticket_that_says(text: str = QUESTION, *more: object, subject: str = "Snapped tent pole", **fields) -> OpenTicket:
    messages = (a_message(text), *more)
    return an_open_ticket(7, ticket=a_ticket(7, subject=subject), messages=messages, **fields)


def refined(engine: Engine, opened_ticket: OpenTicket | None = None, *, dismissed: tuple[str, ...] = ()):
    question = Question(opened_ticket or a_ticket_that_says(), an_agent(), frozenset(dismissed))
    return list(engine.answer(question))[-1]


def keys(found) -> list[str]:
    return [reply.source.key for reply in found.replies]


def test_that_each_kind_of_source_gives_a_reply_with_where_it_is_from(store, encoder):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO], tickets=[solved(8)])

    found = refined(engine)

    sources = {reply.source.kind: reply for reply in found.replies}
    assert set(sources) == set(SourceKind)
    assert sources[SourceKind.MACRO].text == ("Hi Inês,\n\nyour snapped tent pole is covered: order [order] is noted.")
    assert sources[SourceKind.MACRO].open_slots == ("[order]",)
    assert sources[SourceKind.MACRO].because[-1] == "used 9× last week"
    assert sources[SourceKind.PAST_REPLY].source.title == "Maya Okafor on “Snapped tent pole”"
    assert sources[SourceKind.ARTICLE].text == (
        "Hi Inês,\n\nA pole that breaks at the joint is covered by the warranty. "
        f"Send us photos of both ends of the break.\n\n{POLE_PAGE.url}"
    )
    assert [hit.title for hit in found.articles] == ["Snapped tent pole"]
    assert [similar.ref.id for similar in found.similar] == [8]
    assert (found.why_no_replies, found.why_no_articles) == ("", "")


@pytest.mark.promise("U2")
def test_that_a_past_reply_holds_nothing_of_the_customer_it_was_written_to(store, encoder):
    (reply,) = refined(shop(store, encoder, tickets=[solved(8)])).replies

    for theirs in ("Zoe", "zoe@example.org", "12 Mill Lane", "TT-204518", "7946", "3 March"):
        assert theirs not in reply.text
    assert reply.text.startswith("Hi Inês,\n\nA tent pole that snapped at the joint is covered")
    assert set(reply.open_slots) == {"[name]", "[address]", "[order number]", "[phone number]", "[date]"}
    assert "ines.caldeira@example.com" in reply.text


def test_that_this_tickets_own_order_number_fills_the_gap(store, encoder):
    engine = shop(store, encoder, tickets=[solved(8)])

    (reply,) = refined(engine, a_ticket_that_says(f"{QUESTION} Order TT-999111.")).replies

    assert "order TT-999111" in reply.text
    assert "[order number]" not in reply.open_slots


def test_that_two_order_numbers_leave_the_gap_open(store, encoder):
    engine = shop(store, encoder, tickets=[solved(8)])

    (reply,) = refined(engine, a_ticket_that_says(f"{QUESTION} TT-999111 or TT-999222?")).replies

    assert "[order number]" in reply.open_slots


@pytest.mark.promise("R3")
@pytest.mark.parametrize("key", ["macro:12", "reply:8:80", "article:5:en-gb"])
def test_that_a_dismissed_suggestion_is_not_offered_again_on_the_ticket(store, encoder, key):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO], tickets=[solved(8)])
    before = keys(refined(engine))

    after = keys(refined(engine, dismissed=(key,)))

    assert key in before
    assert sorted(after) == sorted(set(before) - {key})


def test_that_colleagues_who_say_the_same_are_one_suggestion(store, encoder):
    engine = shop(store, encoder, tickets=[solved(8), solved(9, csat=Csat.GOOD), solved(10)])

    (reply,) = refined(engine).replies

    assert reply.source.key == "reply:9:90"
    assert sorted(source.key for source in reply.also) == ["reply:10:100", "reply:8:80"]
    assert "3 colleagues' replies agree" in reply.because


@pytest.mark.promise("I7")
def test_that_a_question_nobody_has_answered_gets_nothing_and_the_reason(store, encoder):
    engine = shop(store, encoder, articles=[POLE_PAGE, RETURN_PAGE], macros=[POLE_MACRO], tickets=[solved(8)])

    found = refined(
        engine, a_ticket_that_says("Which insurer covers a hired kayak on Lake Titicaca?", subject="Kayak in Peru")
    )

    assert (found.replies, found.articles) == ((), ())
    assert found.why_no_replies == "No reply is close enough to what the customer writes."
    assert found.why_no_articles == "No article is close enough to what the customer writes."


@pytest.mark.promise("I7")
def test_that_an_empty_shop_says_that_nothing_was_read(store, encoder):
    found = refined(shop(store, encoder))

    assert found.why_no_replies == "No macros or solved tickets have been read from this helpdesk yet."
    assert found.why_no_articles == "No help articles have been read from this helpdesk yet."


@pytest.mark.parametrize(
    ("text", "subject"),
    [("🎒💦❓😬", "Chat"), (".", "Fwd: photo"), ("", ""), ("   ", "?")],
    ids=["emoji", "dot", "empty", "?"],
)
def test_that_a_ticket_without_words_gets_nothing(store, encoder, text, subject):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO])

    found = refined(engine, a_ticket_that_says(text, subject=subject))

    assert (found.replies, found.articles) == ((), ())
    assert found.why_no_replies == "The customer has not written enough words yet."


@pytest.mark.parametrize(
    ("last_words", "closes"),
    [
        ("thank you!! you're a star 🌟", True),
        ("Perfect, danke!", True),
        ("Thanks! But how do I send the pole back?", False),
        ("Thanks, it still does not hold.", False),
        ("My tent pole snapped again", False),
    ],
)
def test_that_a_thank_you_needs_no_answer_and_a_question_does(store, encoder, last_words, closes):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO])
    later = NOON + timedelta(hours=1)
    told = a_ticket_that_says(
        QUESTION,
        a_reply("It is covered.", created_at=later),
        a_message(last_words, id=72, created_at=later + timedelta(hours=1)),
    )

    found = refined(engine, told)

    assert (found.why_no_articles == "The customer says thanks and asks nothing.") is closes
    assert any(key.startswith("courtesy:thanks:") for key in keys(found)) is closes
    assert len(found.replies) == 1 or not closes


@pytest.mark.promise("U5")
def test_that_an_internal_article_is_shown_as_such_and_never_drafted_from(store, encoder):
    engine = shop(store, encoder, articles=[SECRET_PAGE])

    found = refined(engine)

    assert [(hit.title, hit.visibility) for hit in found.articles] == [
        ("Goodwill for snapped tent poles", Visibility.AGENTS)
    ]
    assert found.replies == ()


def test_that_the_page_of_what_was_named_turns_before_comes_first(store, encoder):
    page = "<p>Yes, there is parking behind the house. It costs £4 a night; please book it with your room.</p>"
    houses = {5: "Acorn Guest House", 6: "Limehouse Lodge", 7: "Gonville Hotel"}
    engine = shop(
        store,
        encoder,
        articles=[an_article(id_, title="Is there parking?", section=name, html=page) for id_, name in houses.items()],
    )
    between = [
        (Role.AGENT, "How lovely! For how many nights?"),
        (Role.CUSTOMER, "Three nights, from Friday."),
        (Role.AGENT, "And how many of you will there be?"),
        (Role.CUSTOMER, "Two adults and a small child."),
        (Role.AGENT, "Thank you. What else may I do for you?"),
        (Role.CUSTOMER, "Is there parking for our car?"),
    ]

    for id_, name in houses.items():
        more = [a_message(text, id=72 + number, role=role) for number, (role, text) in enumerate(between)]
        opened = a_ticket_that_says(f"We would like to stay at the {name} in May.", *more, subject="May")
        assert [hit.article_id for hit in refined(engine, opened).articles][:1] == [id_]


def test_that_names_and_chat_do_not_drown_the_words_that_matter(store, encoder):
    engine = shop(store, encoder, articles=[POLE_PAGE, RETURN_PAGE], macros=[POLE_MACRO])
    names = "Aye Gwladys Llanfair Affric Glencoe Wainwright Keith Oberstdorf Marktredwitz Goldsteig Zara Idris Tomasz"
    chat = f"{names} {names.lower()[::-1]} {QUESTION}"

    (plain,), (chatty,) = (
        [r for r in refined(engine, a_ticket_that_says(text)).replies if r.source.key == "macro:12"]
        for text in (QUESTION, chat)
    )

    assert chatty.features["overlap"] > 0.1
    assert chatty.confidence > 0.6
    assert plain.confidence - chatty.confidence < 0.2


@pytest.mark.parametrize("visibility", [v for v in Visibility if v is not Visibility.EVERYONE])
def test_that_only_what_everyone_may_read_becomes_a_draft(store, encoder, visibility):
    page = an_article(5, title=POLE_PAGE.title, html=POLE_PAGE.html, visibility=visibility)

    found = refined(shop(store, encoder, articles=[page]))

    assert len(found.articles) == 1
    assert found.replies == ()


def test_that_the_customers_own_solved_ticket_is_no_source_for_itself(store, encoder):
    engine = shop(store, encoder, tickets=[solved(7)])

    found = refined(engine)

    assert (found.replies, found.similar) == ((), ())


def test_that_lexical_and_refined_share_their_state_and_their_ids(store, encoder):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO], tickets=[solved(8)])
    question = Question(a_ticket_that_says(), an_agent())

    lexical, better = engine.answer(question)
    again = list(engine.answer(question))[-1]

    assert (lexical.stage, better.stage) == (Stage.LEXICAL, Stage.REFINED)
    assert lexical.state_key == better.state_key
    first = {reply.source.key: reply.id for reply in lexical.replies}
    assert first
    assert {reply.source.key: reply.id for reply in better.replies} | first == {
        reply.source.key: reply.id for reply in better.replies
    }
    assert [reply.id for reply in again.replies] == [reply.id for reply in better.replies]


def test_that_the_conversation_moving_on_gives_new_ids(store, encoder):
    engine = shop(store, encoder, macros=[POLE_MACRO])
    later = a_ticket_that_says(QUESTION, a_message("And how do I mend the snapped tent pole?", id=72))

    before, after = refined(engine), refined(engine, later)

    assert before.state_key != after.state_key
    assert before.replies[0].source.key == after.replies[0].source.key
    assert before.replies[0].id != after.replies[0].id


def test_that_an_internal_note_changes_neither_state_nor_ids(store, encoder):
    engine = shop(store, encoder, macros=[POLE_MACRO])
    noted = a_ticket_that_says(QUESTION, a_message("Check the stock.", id=72, role=Role.AGENT, public=False))

    assert refined(engine, noted).state_key == refined(engine).state_key
    assert [r.id for r in refined(engine, noted).replies] == [r.id for r in refined(engine).replies]


def test_that_alerts_come_with_the_first_answer(store, encoder):
    engine = shop(store, encoder, articles=[POLE_PAGE], triggers=load_triggers(ROOT / "triggers.toml"))
    angry = a_ticket_that_says("My tent pole snapped. My solicitor will write to you about legal action.")

    first = next(iter(engine.answer(Question(angry, an_agent()))))

    assert first.stage is Stage.LEXICAL
    assert AlertKind.ESCALATION in {alert.kind for alert in first.alerts}


def test_that_no_phrase_is_left_to_compile_for_the_first_ticket_of_the_day(store, encoder, monkeypatch):
    engine = shop(store, encoder, triggers=load_triggers(ROOT / "triggers.toml"))
    question = Question(
        a_ticket_that_says("I will cancel and sue you, this is outrageous! A manager, now!"), an_agent()
    )
    engine.ripen()
    compiled = []
    monkeypatch.setattr(
        Phrase.pattern, "func", lambda phrase: compiled.append(phrase) or re.compile(phrase._expression)
    )
    list(engine.answer(question))
    assert compiled == []


def test_that_without_the_engine_plain_search_still_answers(store, encoder):
    shop(store, encoder, articles=[POLE_PAGE, RETURN_PAGE], macros=[POLE_MACRO], tickets=[solved(8)])
    plain = Assistant(
        documents=store.documents,
        backend=PlainBackend(store.search),
        encoder=None,
        triggers=(),
        now=lambda: NOON,
    )

    (found,) = plain.answer(Question(a_ticket_that_says(), an_agent()))

    assert found.stage is Stage.PLAIN
    assert [hit.title for hit in found.articles][:1] == ["Snapped tent pole"]
    assert "macro:12" in keys(found)
    assert found.versions["encoder"] == ""


def test_that_a_german_customer_gets_german_before_english(store, encoder):
    german = an_article(
        8,
        locale="de",
        title="Gebrochene Zeltstange",
        html="<p>Eine Zeltstange, die an der Verbindung bricht, ist von der Garantie gedeckt. Senden Sie Fotos.</p>",
    )
    engine = shop(store, encoder, articles=[POLE_PAGE, german])
    asked = a_ticket_that_says(
        "Guten Tag, die Zeltstange ist an der Verbindung gebrochen. Ist das von der Garantie gedeckt?",
        subject="Zeltstange gebrochen",
        customer=a_customer(name="Petra Stein", language="de"),
    )

    found = refined(engine, asked)

    assert found.language == "de"
    assert found.articles[0].title == "Gebrochene Zeltstange"
    assert found.replies[0].text.startswith("Guten Tag Petra Stein,\n\nEine Zeltstange")


ODD = [
    "\ud83d half a smile, my tent pole snapped",
    "a\x00b tent pole snapped",
    "tent pole " * 20_000,
    "(" * 5_000,
    '"tent" AND OR NOT ( [ pole: ^ ~ * \\',
    "{{ticket.requester.email}} {% raw %} tent pole",
    "テントのポールが折れました。保証の対象ですか?" * 20,
    "انكسر عمود الخيمة هل يشمله الضمان",
    "\u202etent pole\u202c \u200b snapped",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_that_no_ticket_is_too_odd_to_be_answered(store, encoder, text):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO], tickets=[solved(8)])

    found = refined(engine, a_ticket_that_says(text, subject=text[:300]))

    assert found.stage is Stage.REFINED


def test_that_a_ticket_of_nobody_without_messages_is_answered(store, encoder):
    engine = shop(store, encoder, articles=[POLE_PAGE], macros=[POLE_MACRO])
    empty = an_open_ticket(
        7, ticket=a_ticket(7, subject="My tent pole snapped", requester_id=None), messages=(), customer=None
    )

    found = refined(engine, empty)

    assert keys(found)[0] == "macro:12"
    assert found.replies[0].text.startswith("Hi [first name],")


@pytest.mark.slow
@pytest.mark.promise("X1")
def test_that_articles_alone_give_a_useful_first_suggestion_without_any_connection(store, encoder, monkeypatch):
    asked_for: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: asked_for.append(address))
    twenty = random.Random(7).sample([a for a in demo_articles() if a.locale == "en-gb" and not a.draft], 30)
    wanted = next(a for a in demo_articles() if slug_of(a.id) == "cancel-trail-club")
    engine = shop(store, encoder, articles=[*twenty, wanted])
    question = an_open_ticket(
        7,
        ticket=a_ticket(7, wanted.account, subject="how do I cancel Trail Club"),
        messages=(a_message("how do I cancel Trail Club? can't find the button in the app. renewal is in 3 weeks"),),
    )

    found = refined(engine, question)

    assert found.articles[0].title == "Cancel Trail Club"
    assert found.replies[0].source.title == "Cancel Trail Club"
    assert "Choose Cancel membership" in found.replies[0].text
    assert asked_for == []
