"""What every helpdesk promises through the port, held against the demo helpdesk over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assist.domain import HelpdeskKind, Role, TicketRef, TicketStatus
from assist.errors import NotAllowed, NotThere, SignInNeeded
from integrations.demo.data import load
from integrations.demo.faults import Limits
from integrations.demo.server import (
    DEMO_ADMIN_FRESHDESK_KEY,
    DEMO_ADMIN_OAUTH_TOKEN,
    DEMO_FRESHDESK_KEY,
    DEMO_OAUTH_TOKEN,
    DemoServer,
)
from integrations.demo.world import World
from integrations.helpdesks import connect
from integrations.site import ApiKey, Credentials, OAuthToken, demo_site
from tests.helpers.helpdesk import collect

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
AGENT: dict[HelpdeskKind, Credentials] = {
    HelpdeskKind.ZENDESK: OAuthToken(DEMO_OAUTH_TOKEN),
    HelpdeskKind.FRESHDESK: ApiKey(DEMO_FRESHDESK_KEY),
}
ADMIN: dict[HelpdeskKind, Credentials] = {
    HelpdeskKind.ZENDESK: OAuthToken(DEMO_ADMIN_OAUTH_TOKEN),
    HelpdeskKind.FRESHDESK: ApiKey(DEMO_ADMIN_FRESHDESK_KEY),
}
WRONG: dict[HelpdeskKind, Credentials] = {
    HelpdeskKind.ZENDESK: OAuthToken("wrong-token"),
    HelpdeskKind.FRESHDESK: ApiKey("wrong-key"),
}


async def no_wait(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    unlimited = Limits(zendesk=100_000, zendesk_incremental=1_000, freshdesk=100_000, freshdesk_ticket_lists=10_000)
    with DemoServer(World(load(DEMO), limits=unlimited)) as running:
        yield running


@pytest.fixture(scope="module", params=list(HelpdeskKind))
def ask(server, request):
    """Run a question against the helpdesk: ``ask(lambda helpdesk: helpdesk.me())``."""
    kind = request.param
    port = server.zendesk_port if kind is HelpdeskKind.ZENDESK else server.freshdesk_port

    def run(question, credentials=ADMIN):
        async def answered():
            helpdesk = connect(demo_site(kind, port), credentials[kind], sleep=no_wait)
            try:
                return await question(helpdesk)
            finally:
                await helpdesk.aclose()

        return asyncio.run(asyncio.wait_for(answered(), 60))

    return run


@pytest.fixture(scope="module")
def solved(ask):
    """All solved tickets, read once."""
    batches = ask(lambda helpdesk: collect(helpdesk.solved_tickets()))
    return [item for batch in batches for item in batch.items]


def test_that_me_is_the_agent_who_signed_in(ask):
    agent = ask(lambda helpdesk: helpdesk.me(), AGENT)
    assert agent.id > 0
    assert agent.email.endswith("@tarnandtor.example.com")


@pytest.mark.promise("N3")
@pytest.mark.parametrize("question", ["me", "open_ticket", "recently_viewed"])
def test_that_wrong_credentials_ask_for_signing_in(ask, question):
    async def asking(helpdesk):
        await (helpdesk.open_ticket(1) if question == "open_ticket" else getattr(helpdesk, question)())
        await helpdesk.me()

    with pytest.raises(SignInNeeded):
        ask(asking, WRONG)


def test_that_a_ticket_nobody_wrote_is_not_there(ask):
    with pytest.raises(NotThere):
        ask(lambda helpdesk: helpdesk.open_ticket(99_999_999))


def test_that_every_solved_ticket_opens_with_the_same_public_conversation(ask, solved):
    for item in solved[::15]:
        opened = ask(lambda helpdesk, id_=item.ticket.ref.id: helpdesk.open_ticket(id_))
        public = [message.text for message in opened.messages if message.public]
        assert public == [message.text for message in item.messages]
        assert opened.ticket.subject == item.ticket.subject
        assert opened.customer is not None
        assert opened.customer.id == opened.ticket.requester_id


def test_that_messages_are_oldest_first_and_each_once(solved):
    for item in solved:
        times = [message.created_at for message in item.messages]
        assert times == sorted(times)
        assert len({message.id for message in item.messages}) == len(item.messages)
        assert item.messages[0].author.role is Role.CUSTOMER or item.messages[0].author.role is Role.SYSTEM


def test_that_solved_tickets_come_newest_first_and_are_solved(solved):
    assert len(solved) >= 100
    changed = [item.ticket.updated_at for item in solved]
    assert changed == sorted(changed, reverse=True)
    assert {item.ticket.status for item in solved} <= {TicketStatus.SOLVED, TicketStatus.CLOSED}


def test_that_solved_tickets_stop_at_the_limit_and_resume_there(ask):
    batches = ask(lambda helpdesk: collect(helpdesk.solved_tickets(limit=45)))
    ids = [item.ticket.ref.id for batch in batches for item in batch.items]
    assert len(ids) == 45
    rest = ask(lambda helpdesk: collect(helpdesk.solved_tickets(batches[0].checkpoint, limit=45)))
    assert [item.ticket.ref.id for batch in (batches[0], *rest) for item in batch.items] == ids


def test_that_a_second_sync_of_articles_sends_next_to_nothing_again(ask):
    batches = ask(lambda helpdesk: collect(helpdesk.articles()))
    articles = [article for batch in batches for article in batch.items]
    again = ask(lambda helpdesk: collect(helpdesk.articles(batches[-1].checkpoint)))
    assert len({(article.id, article.locale) for article in articles}) >= 60
    assert {article.locale[:2] for article in articles} == {"en", "de"}
    assert sum(len(batch.items) for batch in again) <= 2
    assert all(article.title and article.html and article.section for article in articles)


def test_that_a_draft_is_gone(ask):
    batches = ask(lambda helpdesk: collect(helpdesk.articles()))
    drafts = {article.id for batch in batches for article in batch.items if article.draft}
    assert drafts <= {id_ for batch in batches for id_ in batch.gone}


def test_that_articles_resume_after_every_batch(ask):
    batches = ask(lambda helpdesk: collect(helpdesk.articles()))
    whole = {(article.id, article.locale) for batch in batches for article in batch.items}
    for stop in (1, len(batches) // 2):
        rest = ask(lambda helpdesk, at=stop: collect(helpdesk.articles(batches[at - 1].checkpoint)))
        found = {(article.id, article.locale) for batch in (*batches[:stop], *rest) for article in batch.items}
        assert found == whole


def test_that_macros_are_text_with_their_placeholders(ask):
    batches = ask(lambda helpdesk: collect(helpdesk.macros()))
    macros = [macro for batch in batches for macro in batch.items]
    assert len(macros) >= 40
    assert any("{{ticket.requester." in macro.body for macro in macros)
    assert not any("<p>" in macro.body or "<div" in macro.body for macro in macros)


def test_that_macros_are_read_or_not_allowed_for_a_plain_agent(ask):
    try:
        found = ask(lambda helpdesk: collect(helpdesk.macros()), AGENT)
    except NotAllowed:
        return
    assert found[-1].done


def test_that_replies_since_are_the_later_part_of_the_conversation(ask, solved):
    ref = next(item.ticket.ref for item in solved if len(item.messages) >= 3)

    async def question(helpdesk):
        opened = await helpdesk.open_ticket(ref.id)
        later = await helpdesk.replies_since(ref, opened.messages[1].created_at)
        none = await helpdesk.replies_since(ref, opened.messages[-1].created_at + timedelta(seconds=1))
        return opened.messages[2:], later, none

    expected, later, none = ask(question)
    assert [message.text for message in later] == [message.text for message in expected]
    assert none == ()


def test_that_ticket_addresses_round_trip(ask):
    async def question(helpdesk):
        return helpdesk.ticket_id_in(helpdesk.ticket_url(4_711)), TicketRef(helpdesk.account, 4_711)

    id_, ref = ask(question)
    assert id_ == ref.id


def test_that_the_budget_is_known_after_an_answer(ask):
    async def question(helpdesk):
        before = helpdesk.quota
        await helpdesk.me()
        return before, helpdesk.quota

    before, after = ask(question)
    assert before is None
    assert after is not None
    assert 0 <= after.remaining <= after.limit
