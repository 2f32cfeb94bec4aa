"""The demo shop's open tickets, judged as an agent would: what must come up, and when nothing may.

The articles were chosen by reading the tickets, not by looking at what is found.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from assist.domain import Help, SourceKind, Visibility
from assist.retrieve.dense import DenseIndex
from assist.store.vectors import read_blocks
from assist.suggest import Question
from assist.text.personal import SLOT
from tests.helpers.builders import an_agent
from tests.helpers.demo_store import slug_of
from tests.helpers.demo_tickets import demo_tickets

pytestmark = pytest.mark.slow

WANTED = {
    "o-parcel-callum": {"missing-parcel", "track-your-parcel"},
    "o-parcel-callum-dup": {"missing-parcel", "track-your-parcel"},
    "o-parcel-tomasz": {"missing-parcel", "track-your-parcel"},
    "o-parcel-fatima": {"track-your-parcel", "missing-parcel", "change-delivery-address"},
    "o-double-charge-hannah": {"double-charge-september-2026", "ways-to-pay"},
    "o-joining-hannah": {"trail-club-what-you-get"},
    "o-misprice-owen": {"lathe-3-price-error", "voucher-codes"},
    "o-nosubject-aisha": {"gear-swap-sizes", "gear-swap-how-it-works"},
    "o-giftcard-zoe": {"voucher-codes", "gift-cards"},
    "o-chargeback-ben": {"gear-swap-damage-fee", "chargeback-handling"},
    "o-injury-liam": {"ember-recall"},
    "o-privacy-klara": {"ihre-daten-und-datenschutz"},
    "o-press-lucy": {"ember-recall"},
    "o-injection-peter": {"make-a-warranty-claim", "warranty-what-is-covered"},
    "o-injection-zoe": {"voucher-codes"},
    "o-cancel-club-zoe": {"cancel-trail-club"},
    "o-nordvik-aisha": {"cancel-trail-club", "trail-club-refund", "cancel-gear-swap"},
    "o-furious-marcus": {"when-is-my-refund-coming"},
    "o-marcus-third": {"when-is-my-refund-coming"},
    "o-anneliese-membership": {"trail-club-kuendigen"},
    "o-anneliese-label": {"artikel-zuruecksenden", "return-labels"},
    "o-mixed-jule": {"gear-swap-so-funktioniert-es", "cancel-gear-swap"},
    "o-gearswap-jule": {"gear-swap-so-funktioniert-es"},
    "o-fuelplan-pause": {"pause-or-cancel-fuel-plan"},
    "o-pole-snapped-ines": {"snapped-tent-pole", "warranty-what-is-covered"},
    "o-followup-ines": {"mend-repairs-and-prices"},
    "o-trail-trial-sofia": {"trail-trial-for-boots"},
    "o-airport-sofia": {"use-your-ember-stove", "gas-cartridge-delivery"},
    "o-html-dev": {"beck-filter-slow-flow"},
    "o-crash-dev": {"lumen-400-modes"},
    "o-wash-ruth": {"wash-your-cairn-down-jacket"},
    "o-invoice-george": {"vat-invoice"},
    "o-sohle-heinz": {"mend-reparaturen-und-preise"},
    "o-mahnung-matthias": {"mit-klarna-bezahlen"},
    "o-boots-matthias": {"garantie-was-ist-abgedeckt"},
    "o-ust-emre": {"rechnung-mit-umsatzsteuer"},
    "o-lumen-sven": {"stirnlampe-lumen-400-laedt-nicht", "garantie-was-ist-abgedeckt"},
    "o-sarcasm-peter": {"lumen-400-not-charging", "lumen-400-modes"},
    "o-two-boots-callum": {"wrong-or-missing-item"},
    "o-bulk-sven": {"orders-for-organisations"},
    "o-thread-fellside": {"return-an-item", "return-labels", "orders-for-organisations"},
}
"""Ticket to the articles of which one should be among the three. Some are hard: the customer names nothing by its
name, or asks in German what only an English article says."""

SURE = (
    "o-cancel-club-zoe",
    "o-pole-snapped-ines",
    "o-injury-liam",
    "o-trail-trial-sofia",
    "o-double-charge-hannah",
    "o-invoice-george",
    "o-wash-ruth",
    "o-fuelplan-pause",
    "o-mahnung-matthias",
    "o-misprice-owen",
    "o-privacy-klara",
)
"""Here the first article must be right: the customer says what is wanted, and there is a page on it."""

SILENT = ("o-emoji-mei", "o-kayak-peru", "o-attachment-callum")
"""Nothing here can be answered from what the shop has written."""


@pytest.fixture(scope="module")
def helps(demo_engine) -> dict[str, Help]:
    """The refined help of every open demo ticket."""
    return {
        key: list(demo_engine.answer(Question(demo.opened, an_agent())))[-1]
        for key, demo in demo_tickets().items()
        if not demo.solved
    }


def slugs(found: Help) -> list[str]:
    return [slug_of(hit.article_id) for hit in found.articles]


def test_that_enough_open_tickets_get_the_article_an_agent_wants(helps):
    hit = {key for key, wanted in WANTED.items() if wanted & set(slugs(helps[key]))}
    first = {key for key, wanted in WANTED.items() if slugs(helps[key])[:1] and slugs(helps[key])[0] in wanted}
    shown = sum(len(slugs(helps[key])) for key in WANTED)
    right = sum(len(wanted & set(slugs(helps[key]))) for key, wanted in WANTED.items())

    assert len(WANTED) >= 25
    measured = (
        f"{len(hit)} of {len(WANTED)} among three, {len(first)} first, {right} of {shown} shown are right;"
        f" missed {sorted(set(WANTED) - hit)}"
    )
    print(measured)  # the figure is what a reader of `pytest -s` came for
    assert len(hit) >= 23, measured
    assert len(first) >= 21, measured
    assert right / shown >= 0.65, measured


@pytest.mark.parametrize("key", SURE)
def test_that_a_plain_question_gets_its_article_first(helps, key):
    assert set(slugs(helps[key])[:1]) & WANTED[key], slugs(helps[key])


@pytest.mark.parametrize("key", SILENT)
def test_that_nothing_is_suggested_where_nothing_fits_and_it_says_why(helps, key):
    found = helps[key]

    assert (found.replies, found.articles) == ((), ())
    assert found.why_no_replies
    assert found.why_no_articles


def test_that_a_thank_you_gets_a_courtesy_reply_alone_and_says_why_there_are_no_articles(helps):
    found = helps["o-thanks-fatima"]

    assert [(reply.source.key, reply.source.title) for reply in found.replies] == [
        ("courtesy:thanks:en", "Courtesy formula")
    ]
    assert found.replies[0].text.startswith("Hi Fatima,\n\nYou're welcome!")
    assert (found.articles, found.why_no_articles) == ((), "The customer says thanks and asks nothing.")


def test_that_courtesy_is_offered_on_no_open_ticket_that_asks_something(helps):
    offered = {key for key, found in helps.items() if any(r.source.key.startswith("courtesy:") for r in found.replies)}

    assert offered == {"o-thanks-fatima"}


def test_that_drafts_from_articles_are_whole_sentences(helps):
    drafts = [r for found in helps.values() for r in found.replies if r.source.kind is SourceKind.ARTICLE]

    assert len(drafts) >= 15
    for draft in drafts:
        greeting, body, _link = re.fullmatch(r"(.+?)\n\n(.+)\n\n(https://\S+)", draft.text, re.DOTALL).groups()
        assert greeting.endswith((",", ":"))
        assert len(body.split()) >= 6, body
        assert len(body.split()) <= 160, body
        assert body.count("“") == body.count("”") + body.count("„"), body
        assert not body.rstrip().endswith(":"), body


def test_that_no_highlight_is_a_bare_link(helps):
    highlights = [hit.text[slice(*hit.highlight)] for found in helps.values() for hit in found.articles]

    assert len(highlights) > 35
    assert [text for text in highlights if re.match(r"(?i)[• ]*(see|go to|more in|siehe) ", text)] == []


@pytest.mark.promise("U5")
def test_that_internal_articles_are_marked_and_never_become_a_reply(helps):
    internal = [hit for found in helps.values() for hit in found.articles if hit.visibility is not Visibility.EVERYONE]
    drafts = [r.source for found in helps.values() for r in found.replies if r.source.kind is SourceKind.ARTICLE]

    assert {source.visibility for source in drafts} == {Visibility.EVERYONE}
    assert all(hit.article_id not in {int(source.key.split(":")[1]) for source in drafts} for hit in internal)


@pytest.mark.promise("U2", part="other customers' data and hidden HTML; not every hiding place and language")
def test_that_no_suggestion_holds_what_another_customer_wrote_about_themselves(helps):
    """Names, addresses and numbers of all other customers, searched for in every suggested past reply."""
    people = {demo.opened.customer.name: demo.opened.customer for demo in demo_tickets().values()}
    order_numbers = {
        number
        for demo in demo_tickets().values()
        for message in demo.opened.messages
        for number in re.findall(r"\b(?:TT|RMA)-\d{5,6}\b", message.text + message.html)
    }
    looked_at = 0
    for key, found in helps.items():
        opened = demo_tickets()[key].opened
        own = f"{opened.ticket.subject} " + " ".join(m.text + m.html for m in opened.messages)
        for reply in found.replies:
            if reply.source.kind is not SourceKind.PAST_REPLY:
                continue
            looked_at += 1
            for name, person in people.items():
                if person.email != opened.customer.email:
                    assert name not in reply.text
                    assert person.email not in reply.text
            assert {n for n in order_numbers if n in reply.text and n not in own} == set(), reply.text
            assert SLOT.sub("", reply.text).count("[") == 0
    assert looked_at >= 30


def test_that_ids_and_state_are_the_same_when_asked_again(demo_engine, helps):
    for key in ("o-cancel-club-zoe", "o-lumen-sven"):
        question = Question(demo_tickets()[key].opened, an_agent())
        lexical, refined = demo_engine.answer(question)

        assert lexical.state_key == refined.state_key == helps[key].state_key
        assert [r.id for r in refined.replies] == [r.id for r in helps[key].replies]
        shared = {r.source.key: r.id for r in lexical.replies if r.source.kind is not SourceKind.ARTICLE}
        assert all(r.id == shared.get(r.source.key, r.id) for r in refined.replies)


def test_that_eight_bits_find_what_exact_search_finds_on_real_vectors(demo_engine):
    """Questions are what customers of solved tickets wrote, documents the passages of the help centre."""
    reader, encoder = demo_engine._reader, demo_engine._encoder.name
    questions, passages = (
        np.concatenate([block.vectors for block in read_blocks(reader, encoder, kind)]).astype(np.float32)
        for kind in (SourceKind.PAST_REPLY, SourceKind.ARTICLE)
    )
    index = DenseIndex(passages.shape[1])
    index.replace(np.arange(len(passages)), passages)
    exact = np.argsort(-(questions @ passages.T), axis=1)[:, :10]
    found = [set(index.search(question, limit=10).ids.tolist()) for question in questions]

    recall = np.mean([len(set(best.tolist()) & ids) / 10 for best, ids in zip(exact, found, strict=True)])

    print(f"8 bit: recall@10 {recall:.4f} over {len(questions)} questions, {len(passages)} passages")
    assert recall >= 0.98, f"recall@10 {recall:.4f}"
