"""A sync of a large account through everything that can go wrong. The server counts what it was asked."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from assist.domain import HelpdeskKind, SourceKind
from assist.errors import HelpdeskError, UnexpectedReply, Unreachable
from assist.ports import Helpdesk
from assist.store.store import Store
from assist.sync import CollectionName, Synchroniser
from integrations.demo.data import load
from integrations.demo.faults import Limits
from integrations.demo.large import LargeWorld, Size
from integrations.demo.oauth import DEMO_CLIENT_ID
from integrations.demo.server import DemoServer
from integrations.demo.shelf import Sought
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_EMAIL, DEMO_ZENDESK_TOKEN
from integrations.helpdesks import connect
from integrations.metering import LocalMeter, Rules, now_of
from integrations.site import ApiKey, ApiToken, OAuthGrant, demo_site
from integrations.zendesk.renewal import GrantPlace
from resources import ROOT
from tests.helpers.children import child, eventually
from tests.helpers.helpdesk import NOW, FakeTime
from tests.helpers.large_server import (
    ENDLESS,
    LargeServer,
    asked_paths,
    most_in_a_minute,
    requests_made,
)
from tests.helpers.store import opened

Z, F = HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK
BOTH = pytest.mark.parametrize("kind", [Z, F], ids=["zendesk", "freshdesk"])
SIZE = Size(articles=220, tickets=130, unsolved=10, seed=3)
BATCH = 100
"""No collection reads more at once than a page of so many."""


def credentials(kind):
    return ApiToken(DEMO_EMAIL, DEMO_ZENDESK_TOKEN) if kind is Z else ApiKey(DEMO_ADMIN_FRESHDESK_KEY)


def port_of(kind, ports):
    return ports.zendesk if kind is Z else ports.freshdesk


@dataclass
class Account:
    """A large account whose server lives in this process and shares the time with the client."""

    kind: HelpdeskKind
    world: LargeWorld
    server: DemoServer
    time: FakeTime

    def connected(self, **options) -> Helpdesk:
        port = self.server.zendesk_port if self.kind is Z else self.server.freshdesk_port
        site = demo_site(self.kind, port)
        return connect(site, credentials(self.kind), sleep=self.time.sleep, clock=self.time, **options)

    @property
    def published(self) -> int:
        return sum(not one.draft for one in self.world.articles)

    @property
    def solved(self) -> int:
        return SIZE.tickets - SIZE.unsolved


@pytest.fixture(scope="module")
def shop():
    return load(ROOT / "demo")


@pytest.fixture
def accounts(shop):
    time = FakeTime()
    world = LargeWorld(shop, time.now, limits=replace_limits(), size=SIZE)
    with DemoServer(world) as server:
        yield lambda kind: Account(kind, world, server, time)


def replace_limits(**limits: int) -> Limits:
    return replace(ENDLESS, **limits)


async def sync(helpdesk: Helpdesk, store: Store, time: FakeTime) -> None:
    await Synchroniser(helpdesk, store, time, on_changes=lambda *_: None, on_progress=lambda _: None).run()


def stored(store: Store, kind: SourceKind) -> set[str]:
    return {document.source for document in store.documents.iterate(kind)}


def comments_asked(paths: list[str]) -> Counter[int]:
    """Return how often each solved ticket's conversation was asked for."""
    found = (re.fullmatch(r"/api/v2/tickets/(\d+)/(?:comments|conversations)(?:\.json)?", path) for path in paths)
    return Counter(int(match[1]) for match in found if match)


# Faults in the middle

FAULTS = {
    "500": {"status": 500, "times": 2},
    "502 with a page": {"html_error_page": True, "times": 3},
    "503": {"status": 503, "times": 2},
    "503 with a time": {"status": 503, "retry_after": "20", "times": 1},
    "503 with a date": {"status": 503, "retry_after": "Sun, 22 Nov 2026 12:01:00 GMT", "times": 1},
    "429 without a time": {"status": 429, "times": 3},
    "429 with nonsense": {"status": 429, "retry_after": "soon", "times": 2},
    "half a body": {"half_body": True, "times": 2},
    "no answer": {"offline": True, "times": 3},
    "half of the JSON": {"bad_json": True, "times": 1},
    "unknown words": {"odd_values": True, "times": 5},
}


@pytest.mark.promise("N2")
@pytest.mark.promise("N4")
@BOTH
def test_that_a_sync_through_every_fault_reads_everything_once(accounts, kind, tmp_path):
    """One fault after another, each in the middle of something; what stops the sync is followed by a next run."""
    account = accounts(kind)
    left = list(FAULTS.values())

    async def scenario(store):
        helpdesk, stops = account.connected(), list[type[HelpdeskError]]()
        breaking = asyncio.ensure_future(_break_now_and_then(account, left))
        while True:
            try:
                await sync(helpdesk, store, account.time)
                break
            except HelpdeskError as error:
                stops.append(type(error))
                if len(stops) > 30:
                    break
        breaking.cancel()
        await helpdesk.aclose()
        return stops

    with opened(tmp_path / "kibitz.db") as store:
        stops = asyncio.run(asyncio.wait_for(scenario(store), 150.0))
        assert left == []
        assert set(stops) <= {Unreachable, UnexpectedReply}
        counts = store.documents.counts()
        assert counts.articles == account.published
        assert counts.solved_tickets == account.solved
    world_faults = account.world.faults
    assert not world_faults.is_breaking


async def _break_now_and_then(account: Account, left: list[dict[str, object]]) -> None:
    """Let the next fault begin when the last is over and ten more requests were answered."""
    answered = 0
    while left:
        good = sum(seen.status == 200 for seen in account.world.requests)
        if not account.world.faults.is_breaking and good >= answered + 5:
            account.world.faults.reset()
            account.world.faults.set({**left.pop(0), "face": account.kind.value})
            answered = good
        await asyncio.sleep(0)


# The budget


@pytest.mark.promise("N1")
@pytest.mark.parametrize(("kind", "limit", "share"), [(Z, 400, 0.10), (F, 200, 0.25)], ids=["zendesk", "freshdesk"])
def test_that_a_large_sync_never_sends_more_in_a_minute_than_its_half_of_the_share(accounts, kind, limit, share):
    account = accounts(kind)
    account.world.limits = replace_limits(zendesk=limit, freshdesk=limit)
    meter = LocalMeter(Rules(kind, share=lambda: share), now_of(account.time))

    async def scenario():
        helpdesk = account.connected(meter=meter)
        read = [item async for batch in helpdesk.solved_tickets() for item in batch.items]
        await helpdesk.aclose()
        return len(read)

    assert asyncio.run(scenario()) == account.solved
    asked = len(account.world.requests)
    assert asked > account.solved
    assert most_in_a_minute(account.world) <= limit * share / 2 + 1  # the first answer tells the limit
    least = timedelta(minutes=asked / (limit * share))
    assert account.time.now() - NOW >= least


# The clock


@pytest.mark.promise("N7")
@pytest.mark.parametrize(("kind", "days"), [(Z, -400), (F, 400)], ids=["zendesk, slow", "freshdesk, fast"])
def test_that_a_clock_that_is_a_year_wrong_and_then_set_right_hides_no_change(shop, kind, days, tmp_path):
    right, wrong = FakeTime(), FakeTime(NOW + timedelta(days=days))
    world = LargeWorld(shop, right.now, limits=ENDLESS, size=Size(articles=40, tickets=30, unsolved=5))
    edited, answered = world.articles_in(None)[9], world.sought(Sought(sort_by="updated_at", falling=True))[0].number

    async def scenario(server, store):
        account = Account(kind, world, server, wrong)
        helpdesk = account.connected()
        await sync(helpdesk, store, wrong)
        right.at += timedelta(minutes=20)
        world.put_article(replace(edited, html="<p>Now with seventeen pockets.</p>", updated_at=right.now()))
        world.agent_replies(answered, "<p>Your pole left our workshop in Kendal.</p>")
        world.set_status(answered, "solved")
        right.at += timedelta(minutes=20)
        wrong.at = right.at
        await sync(helpdesk, store, right)
        await helpdesk.aclose()

    with opened(tmp_path / "kibitz.db") as store, DemoServer(world) as server:
        asyncio.run(asyncio.wait_for(scenario(server, store), 150.0))
        articles = store.documents.articles(_account(kind), edited.id)
        assert any("seventeen pockets" in article.html for article in articles.values())
        (solved,) = (one for one in store.documents.solved_tickets() if one.ticket.ref.id == answered)
        assert "left our workshop in Kendal" in solved.messages[-1].text
        assert store.documents.counts().solved_tickets == 26


# The sign-in


@dataclass
class Vault:
    """A keyring of one entry, which notes what it was given."""

    grant: OAuthGrant | None
    saved: list[OAuthGrant] = field(default_factory=list)

    async def load(self) -> OAuthGrant | None:
        return self.grant

    async def save(self, grant: OAuthGrant) -> None:
        self.grant = grant
        self.saved.append(grant)


def granted(world: LargeWorld) -> dict[str, object]:
    return world.oauth._issue(DEMO_CLIENT_ID, ("read",), 1_800, 2_592_000)


def expire(world: LargeWorld) -> None:
    world.oauth.expire_all()


def refreshed(world: LargeWorld) -> int:
    return world.oauth.refreshes


@pytest.mark.slow
@pytest.mark.promise("N3")
def test_that_a_token_that_ends_amid_fifty_thousand_articles_costs_no_article_and_no_question(tmp_path):
    with LargeServer(Size(articles=50_000, tickets=100)) as server:
        pair = server.world(granted)
        grant = OAuthGrant(DEMO_CLIENT_ID, str(pair["access_token"]), str(pair["refresh_token"]), None, ("read",))
        vault = Vault(grant)

        async def scenario():
            place = GrantPlace(vault, tmp_path / "renewal.lock")
            helpdesk = connect(demo_site(Z, server.ports.zendesk), grant, kept_in=place)
            seen: list[int] = []
            batches = 0
            async for batch in helpdesk.articles():
                seen += [item.id for item in batch.items if item.locale == "en-gb"]
                batches += 1
                if batches in (50, 300):
                    await asyncio.to_thread(server.world, expire)
            await helpdesk.aclose()
            return seen

        seen = asyncio.run(asyncio.wait_for(scenario(), 240.0))
        assert len(seen) == len(set(seen)) == 50_000
        assert server.world(refreshed) == len(vault.saved) == 2


# kill -9


@pytest.mark.slow
@pytest.mark.promise("D1")
@pytest.mark.parametrize(("kind", "requests"), [(Z, (8, 120)), (F, (160,))], ids=["zendesk", "freshdesk"])
def test_that_a_sync_that_is_killed_goes_on_where_it_was(shop, kind, requests, tmp_path):
    """What was read before is there, no more than a page is read again, and nothing is missing in the end."""
    database, size = tmp_path / "kibitz.db", replace(SIZE, tickets=300, unsolved=40)
    with LargeServer(size) as server:
        arguments = ("tests.helpers.sync_child", kind.value, str(port_of(kind, server.ports)), str(database))
        for made in requests:
            with child(*arguments, folder=tmp_path) as one:
                assert one.answer() == "begun"
                least = server.world(requests_made) + made
                eventually(lambda: server.world(requests_made), lambda now, least=least: now >= least)
                one.process.kill()
                one.process.wait(10.0)
            with opened(database) as store:  # sound, and its checkpoints name no more than what is there
                assert store.state.checkpoint(_account(kind), CollectionName.MACROS.value) is not None
        with child(*arguments, folder=tmp_path) as one:
            assert (one.answer(), one.answer()) == ("begun", "read")
        asked = comments_asked(server.world(asked_paths))

    with opened(database) as store:
        counts = store.documents.counts()
    assert counts.solved_tickets == len(asked) == 260
    assert counts.articles == sum(not one.draft for one in LargeWorld(shop, size=size).articles)
    assert sum(times - 1 for times in asked.values()) <= len(requests) * BATCH
    assert max(asked.values()) <= 1 + len(requests)


def _account(kind: HelpdeskKind):
    return demo_site(kind, 1).account
