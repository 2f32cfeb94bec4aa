"""Signing in to the demo helpdesk through the real pages, sockets and ports, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.acts import Act, ActKind
from assist.domain import HelpdeskKind, TicketRef
from assist.errors import HelpdeskError, NotAllowed, SignInNeeded, UnexpectedReply, Unreachable
from integrations.connection import Connection, FixedAuthorizer, Waiting
from integrations.demo.oauth import DEMO_CLIENT_ID, Trouble
from integrations.demo.server import DEMO_OAUTH_TOKEN, DemoServer
from integrations.demo.world import World
from integrations.helpdesks import connect
from integrations.sender import HttpxSender
from integrations.site import demo_site
from integrations.zendesk import loopback
from integrations.zendesk.oauth import SignInAttempt, begin, check_client_id, redirect_uri, revoke
from integrations.zendesk.renewal import GrantPlace
from tests.helpers.demo_data import small_world
from tests.helpers.helpdesk import run
from tests.helpers.sign_in import MemoryVault, decide, free_ports, register, sign_in, state_in, visit


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with DemoServer(small_world(tmp_path_factory.mktemp("demo"))) as server:
        yield server


@pytest.fixture
def world(server: DemoServer) -> World:
    """The same shop, in which nobody has signed in yet."""
    server.world.oauth.__init__(server.world.now)  # type: ignore[misc]  # as new, behind the running server
    server.world.requests.clear()
    return server.world


@asynccontextmanager
async def attempt(server: DemoServer, *, ports=None, scopes=("read",), **more) -> AsyncIterator[SignInAttempt]:
    ports = ports or free_ports(1)
    register(server.world, ports, **more)
    site = demo_site(HelpdeskKind.ZENDESK, server.zendesk_port)
    async with begin(site, DEMO_CLIENT_ID, scopes=scopes, ports=ports) as one:
        yield one


async def in_browser(work, *arguments):
    return await asyncio.to_thread(work, *arguments)


def test_that_the_agent_signs_in_by_the_whole_flow(server, world):
    async def scenario():
        async with attempt(server, scopes=("read", "tickets:write")) as one:
            page = await in_browser(sign_in, one.url)
            grant = await one.finished()
        helpdesk = connect(demo_site(HelpdeskKind.ZENDESK, server.zendesk_port), grant)
        try:
            return page, grant, await helpdesk.me()
        finally:
            await helpdesk.aclose()

    page, grant, agent = run(scenario())
    assert (page.status_code, agent.name) == (200, "Maya Okafor")
    assert "You can close this window" in page.text
    assert grant.scopes == ("read", "tickets:write")
    assert world.oauth.exchanges == 1


@pytest.mark.promise("S1")
def test_that_the_last_page_holds_neither_code_nor_state_and_is_not_kept(server, world):
    async def scenario():
        async with attempt(server) as one:
            return await in_browser(decide, one.url), await in_browser(sign_in, one.url)

    _, page = run(scenario())
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.url.params["code"] not in page.text
    assert page.url.params["state"] not in page.text


def test_that_denying_is_said_clearly_and_nothing_was_granted(server, world):
    async def scenario():
        async with attempt(server) as one:
            page = await in_browser(sign_in, one.url, "deny")
            with pytest.raises(SignInNeeded, match=r"Access was denied.*choose Allow"):
                await one.finished()
            return page

    assert "Access was not granted" in run(scenario()).text
    assert world.oauth.live == ()


@pytest.mark.promise("S4")
def test_that_forged_and_stray_requests_do_not_end_the_attempt(server, world):
    async def scenario():
        async with attempt(server) as one:
            here = redirect_uri(one.port)
            strays = (
                f"{here}?code=stolen&state=guessed",
                f"{here}?error=access_denied&state=guessed",
                f"{here}?code=stolen",
                f"http://127.0.0.1:{one.port}/favicon.ico",
            )
            seen = [(await in_browser(visit, stray)).status_code for stray in strays]
            await in_browser(_say, one.port, b"\x16\x03\x01 not http at all\r\n\r\n")
            await in_browser(_say, one.port, b"GET /callback HTTP/1.1\r\nHost: evil.example.com\r\n\r\n")
            await in_browser(_say, one.port, b"GET /" + b"a" * 40_000)
            await in_browser(sign_in, one.url)
            return seen, await one.finished()

    seen, grant = run(scenario())
    assert seen == [400, 400, 400, 404]
    assert grant.access_token
    assert world.oauth.exchanges == 1


def _say(port: int, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
        one.sendall(raw)
        one.shutdown(socket.SHUT_WR)
        try:
            return one.recv(65_536)
        except ConnectionError:
            return b""


PIECES = st.sampled_from(
    [
        b"GET ",
        b"POST ",
        b"/callback",
        b"?code=x&state=",
        b" HTTP/1.1\r\n",
        b"Host: 127.0.0.1\r\n",
        b"\r\n",
        b"\x00",
        b"\xff",
    ]
)


class Wire:
    """What a connection's writer does, without a connection."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    async def drain(self) -> None:
        """Nobody is slow here."""

    def close(self) -> None:
        """Nothing was open."""


@pytest.mark.promise("S4")
@settings(max_examples=60)
@given(st.lists(PIECES | st.binary(max_size=30), max_size=10).map(b"".join))
def test_that_no_bytes_without_the_state_end_the_attempt_or_raise(raw):
    async def scenario():
        receiver = loopback.Receiver((0,), "the state of this attempt", loopback.Words())
        reader, wire = asyncio.StreamReader(), Wire()
        reader.feed_data(raw)
        reader.feed_eof()
        async with receiver:
            await receiver._handle(reader, wire)
            return wire.written, receiver._answer.done()

    written, ended = run(scenario())
    assert not ended
    assert written[:10] in {b"", b"HTTP/1.1 4"}


def test_that_a_callback_that_comes_twice_is_exchanged_once(server, world):
    async def scenario():
        async with attempt(server) as one:
            back = await in_browser(decide, one.url)
            pages = [await in_browser(visit, back) for _ in range(3)]
            await one.finished()
            return [page.status_code for page in pages]

    assert run(scenario()) == [200, 410, 410]
    assert (world.oauth.exchanges, len(world.oauth.live)) == (1, 1)


def test_that_another_code_with_the_right_state_comes_too_late(server, world):
    async def scenario():
        async with attempt(server) as one:
            await in_browser(sign_in, one.url)
            late = f"{redirect_uri(one.port)}?code=other&state={state_in(one.url)}"
            assert (await in_browser(visit, late)).status_code == 410
            await one.finished()

    run(scenario())
    assert world.oauth.exchanges == 1


def test_that_the_next_registered_port_is_used_where_one_is_taken(server, world):
    async def scenario():
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken, ports = other.getsockname()[1], free_ports(1)
            async with attempt(server, ports=(taken, *ports)) as one:
                await in_browser(sign_in, one.url)
                await one.finished()
                return one.port == ports[0], one.taken == (taken,)

    assert run(scenario()) == (True, True)


def test_that_ports_that_are_all_taken_are_named(server, world):
    async def scenario():
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            with pytest.raises(HelpdeskError, match=f"other programs use the ports {taken}") as found:
                async with attempt(server, ports=(taken,)):
                    pass
            return found

    run(scenario())


def test_that_cancelling_frees_the_port_at_once(server, world):
    async def scenario():
        ports = free_ports(1)
        waiting = asyncio.Event()

        async def wait():
            async with attempt(server, ports=ports) as one:
                waiting.set()
                await one.finished()

        task = asyncio.create_task(wait())
        await waiting.wait()
        task.cancel()
        await asyncio.wait({task})
        with socket.create_server(("127.0.0.1", ports[0])):
            return task.cancelled()

    assert run(scenario())


def test_that_nobody_answering_ends_the_attempt_with_a_sentence(server, world):
    async def scenario():
        async with attempt(server) as one:
            with pytest.raises(HelpdeskError, match="Nobody answered in the browser"):
                await one.finished(limit_s=0.01)

    run(scenario())


def test_that_a_connection_that_says_nothing_does_not_keep_the_answer_out(server, world, monkeypatch):
    monkeypatch.setattr(loopback, "MOST_CONNECTIONS", 4)

    async def scenario():
        async with attempt(server) as one:
            silent = [await asyncio.open_connection("127.0.0.1", one.port) for _ in range(3)]
            await in_browser(sign_in, one.url)
            grant = await one.finished()
            for _, writer in silent:
                writer.close()
            return grant

    assert run(scenario()).access_token


def test_that_a_scope_above_the_client_s_ceiling_is_explained(server, world):
    async def scenario():
        async with attempt(server, scopes=("read", "tickets:write"), ceiling=frozenset({"read"})) as one:
            await in_browser(lambda: visit(decide(one.url)))
            await one.finished()

    with pytest.raises(SignInNeeded, match="may not ask for these rights"):
        run(scenario())


def test_that_a_scope_that_was_dropped_without_a_word_is_named_and_the_grant_given_back(server, world):
    async def scenario():
        async with attempt(server, scopes=("read", "knowledge:write")) as one:
            await in_browser(sign_in, one.url)
            await one.finished()

    with pytest.raises(SignInNeeded, match="did not grant knowledge:write"):
        run(scenario())
    assert (world.oauth.exchanges, world.oauth.live) == (1, ())


def test_that_a_code_is_not_sent_again_when_the_answer_to_it_was_lost(server, world):
    world.oauth.troubles.append(Trouble(502, after=True))

    async def scenario():
        async with attempt(server) as one:
            await in_browser(sign_in, one.url)
            await one.finished()

    with pytest.raises(Unreachable, match="Start it again"):
        run(scenario())
    assert [seen.path for seen in world.requests] == ["/oauth/tokens"]


@pytest.mark.promise("S4")
def test_that_a_redirect_of_the_token_endpoint_is_not_followed(server, world):
    world.oauth.troubles.append(Trouble(307, {"Location": f"{server.freshdesk_url}/oauth/tokens"}))

    async def scenario():
        async with attempt(server) as one:
            await in_browser(sign_in, one.url)
            await one.finished()

    with pytest.raises(UnexpectedReply, match="another address"):
        run(scenario())
    assert [(seen.face, seen.path) for seen in world.requests] == [("zendesk", "/oauth/tokens")]


def test_that_a_code_is_worth_nothing_without_the_verifier_of_its_attempt(server, world):
    async def scenario():
        async with attempt(server) as one, attempt(server) as other:
            register(world, (one.port, other.port))
            code = httpx.URL(await in_browser(decide, one.url)).params["code"]
            await in_browser(visit, f"{redirect_uri(other.port)}?code={code}&state={state_in(other.url)}")
            await other.finished()

    with pytest.raises(HelpdeskError, match="Start the sign-in again"):
        run(scenario())
    assert world.oauth.live == ()


@pytest.mark.parametrize("client_id", ["", "a b", "x" * 121, "kibitz&scope=write", "kibitz\n", "ключ"])
def test_that_a_client_id_of_a_link_is_looked_at_before_it_is_used(client_id):
    with pytest.raises(ValueError, match="not the identifier"):
        check_client_id(client_id)


def test_that_who_signed_in_for_reading_is_told_so_before_anything_is_shown_to_change(server, world, tmp_path):
    ref = TicketRef(demo_site(HelpdeskKind.ZENDESK, server.zendesk_port).account, next(iter(world.tickets)))

    async def previewed(scopes):
        async with attempt(server, scopes=scopes) as one:
            await in_browser(sign_in, one.url)
            grant = await one.finished()
        place = GrantPlace(MemoryVault(grant), tmp_path / "grant.lock")
        helpdesk = connect(demo_site(HelpdeskKind.ZENDESK, server.zendesk_port), grant, kept_in=place)
        try:
            return await helpdesk.actor.preview(Act("a" * 32, ref, ActKind.NOTE, text="Seen."))
        finally:
            await helpdesk.aclose()

    with pytest.raises(NotAllowed, match="signed in for reading only"):
        run(previewed(("read",)))
    assert [seen.path for seen in world.requests] == ["/oauth/tokens"]
    assert run(previewed(("read", "tickets:write"))).act.text == "Seen."


def test_that_what_somebody_typed_is_not_revoked(server, world):
    async def scenario():
        site = demo_site(HelpdeskKind.ZENDESK, server.zendesk_port)
        fixed = FixedAuthorizer(f"Bearer {DEMO_OAUTH_TOKEN}")
        connection = Connection(site, fixed, HttpxSender(site.base_url), Waiting())
        try:
            return await revoke(connection)
        finally:
            await connection.aclose()

    assert run(scenario()) is False
    assert world.requests == []
