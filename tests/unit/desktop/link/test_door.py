"""The loopback door with real sockets: who gets in, what a session may, and what a flood does."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.link.door import LEFT_S, MOST_REQUESTS, MOST_SESSIONS, REQUEST_S, WAIT_S, Door
from desktop.link.link import Link
from desktop.link.peers import is_foreign, owner_in
from desktop.link.server import NotListening
from desktop.link.state import Placed, Target
from integrations.browser.door import REFUSAL
from integrations.browser.messages import Front, Insert, LinkSettings, Where
from integrations.browser.pairing import PairingDesk
from integrations.browser.partner import Closed, CodeShown, Event, Linked, PairingEnded, Said
from tests.helpers.door import FRESHWORKS, ZENDESK, AppFrame, exchange, post, preflight, request, to_its_end
from tests.helpers.fakes import table
from tests.helpers.links import CODE, LinkedTable, page
from tests.helpers.partner import Extension, MemoryKeys
from tests.helpers.qt_loop import until

URL = "https://acme.zendesk.com/agent/tickets/42"
SETTINGS = LinkSettings(("https://acme.zendesk.com",), drafts=False)


class Entrance:
    """A door at a free port, and what it told. ``now_s`` is its clock."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.events: list[tuple[int, Event]] = []
        self.keys = MemoryKeys()
        self.desk = PairingDesk(())
        self.door = Door(
            self.keys,
            self.desk,
            settings=lambda: SETTINGS,
            on_events=lambda number, events: self.events.extend((number, event) for event in events),
            now=lambda: self.now_s,
            port=0,
        )
        self.door.open()

    @property
    def port(self) -> int:
        return self.door.port

    def all(self, kind: type) -> list:
        return [event for _, event in self.events if isinstance(event, kind)]

    def code(self) -> str:
        return self.all(CodeShown)[-1].code

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.door.tick()

    def paired(self) -> Extension:
        """Return an app that was paired before."""
        extension = Extension(id=secrets.token_hex(8), key=secrets.token_bytes(32), name="Zendesk app")
        self.keys.put(extension.id, extension.key, extension.name)
        return extension

    async def linked(self, extension: Extension | None = None, origin: str = ZENDESK) -> AppFrame:
        frame = AppFrame(self.port, extension or self.paired(), origin)
        await frame.open()
        await frame.hello()
        await until(lambda: self.door.linked)
        return frame


@pytest.fixture
def at_door(qt_loop) -> Iterator[Entrance]:
    made = Entrance()
    yield made
    made.door.close()


# Who is answered


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": None},
        {"host": "rebound.evil.example"},
        {"method": "GET"},
        {"content_type": "text/plain"},
        {"content_length": str(10**9)},
    ],
    ids=str,
)
def test_that_who_is_no_app_frame_gets_403_without_a_body_and_makes_no_session(run, at_door, changes):
    found = run(post(at_door.port, "/open", {}, **changes))
    assert (found.status, found.body) == (403, b"")
    assert "access-control-allow-origin" not in found.headers
    assert at_door.door._sessions == {}
    assert at_door.events == []


def test_that_a_foreign_page_is_refused_its_preflight(run, at_door):
    assert (
        run(exchange(at_door.port, preflight("/open", port=at_door.port, origin="https://evil.example"))).status == 403
    )
    assert run(exchange(at_door.port, preflight("/open", port=at_door.port))).status == 204


def test_that_the_door_is_on_the_loopback_alone(at_door):
    assert at_door.door._server.serverAddress().toString() == "127.0.0.1"


def test_that_a_closed_door_is_no_door(run, at_door):
    port = at_door.port
    at_door.door.close()
    with pytest.raises(ConnectionRefusedError):
        run(post(port, "/open", {}))


@pytest.mark.logs("loopback door cannot listen")
def test_that_a_port_that_another_program_uses_is_said_and_logged_once_and_taken_when_it_is_free(at_door, caplog):
    other = Door(at_door.keys, at_door.desk, settings=lambda: SETTINGS, on_events=print, port=at_door.port)
    for _ in range(3):
        with pytest.raises(NotListening, match=f"Another program uses port {at_door.port}"):
            other.open()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert not other.is_open
    at_door.door.close()
    other.open()
    assert other.is_open
    other.close()


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="needs another user")
@pytest.mark.logs("a connection to the loopback door was refused")
@pytest.mark.promise("S5")
def test_that_another_user_of_this_machine_is_not_answered(run, at_door):
    script = """if True:
        import os, socket, sys
        asked = sys.stdin.buffer.read()
        os.setuid(65534)
        s = socket.socket()
        s.connect(("127.0.0.1", int(sys.argv[1])))
        try:
            s.sendall(asked)
            print("heard", len(s.recv(100)))
        except ConnectionError:
            print("heard 0")
    """
    asked = request("/open", port=at_door.port)

    async def ask(code: str) -> str:
        command = [sys.executable, "-S", "-c", code, str(at_door.port)]
        return (await asyncio.to_thread(subprocess.run, command, input=asked, capture_output=True)).stdout.decode()

    assert run(ask(script)) == "heard 0\n"
    assert at_door.door._sessions == {}
    assert run(ask(script.replace("os.setuid(65534)", ""))) == "heard 100\n"
    assert len(at_door.door._sessions) == 1


def test_that_the_owner_of_a_connection_is_read_from_the_systems_table():
    lines = [
        "   0: 0100007F:BAC3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1",
        "   1: 0100007F:BAC3 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 2 1",
        "   2: 0100007F:9C40 0100007F:BAC3 01 00000000:00000000 00:00000000 00000000  1001        0 3 1",
        "short",
    ]
    assert owner_in(lines, 0xBAC3, 0x9C40) == 1001
    assert owner_in(lines, 0xBAC3, 0x9C41) is None
    assert not is_foreign(1, 1)


# Half requests and floods


def test_that_half_a_request_is_dropped_after_a_while(run, at_door):
    async def scenario():
        reader, writer = await asyncio.open_connection("127.0.0.1", at_door.port)
        writer.write(request("/open", port=at_door.port)[:40])
        await until(lambda: at_door.door._requests)
        at_door.pass_s(REQUEST_S + 1)
        assert await to_its_end(reader) == b""
        writer.close()

    run(scenario())
    assert at_door.door._requests == set()


@pytest.mark.logs("a connection to the loopback door was refused")
@pytest.mark.promise("S5")
def test_that_a_flood_of_connections_is_cut_and_the_door_is_usable_afterwards(run, at_door):
    async def scenario():
        streams = [await asyncio.open_connection("127.0.0.1", at_door.port) for _ in range(MOST_REQUESTS + 10)]
        await asyncio.gather(*(to_its_end(reader) for reader, _ in streams[MOST_REQUESTS:]))
        assert len(at_door.door._requests) == MOST_REQUESTS
        at_door.pass_s(REQUEST_S + 1)
        for _, writer in streams:
            writer.close()
        await until(lambda: not at_door.door._requests)
        await at_door.linked()

    run(scenario())


def test_that_a_body_without_end_is_cut(run, at_door):
    async def scenario():
        reader, writer = await asyncio.open_connection("127.0.0.1", at_door.port)
        writer.write(request("/send", port=at_door.port, content_length="5000000"))
        assert await to_its_end(reader) in (b"", REFUSAL)
        writer.close()
        await until(lambda: not at_door.door._requests)

    run(scenario())


def test_that_strangers_never_fill_all_places(run, at_door):
    async def scenario():
        mine = await at_door.linked()
        for _ in range(3 * MOST_SESSIONS):
            assert (await post(at_door.port, "/open", {})).status == 200
        assert len(at_door.door._sessions) == MOST_SESSIONS
        await mine.say(t="elsewhere")

    run(scenario())
    assert len(at_door.all(Linked)) == 1


def test_that_no_more_sessions_are_linked_than_there_are_places(run, at_door):
    async def scenario():
        for _ in range(MOST_SESSIONS):
            await at_door.linked()
        assert (await post(at_door.port, "/open", {})).status == 503

    run(scenario())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4))
def test_that_any_bytes_leave_the_door_usable(run, at_door, chunks):
    async def scenario():
        reader, writer = await asyncio.open_connection("127.0.0.1", at_door.port)
        for chunk in chunks:
            writer.write(chunk)
        writer.write_eof()
        assert await to_its_end(reader) in (b"", REFUSAL)
        writer.close()
        assert (await post(at_door.port, "/open", {})).status == 200

    run(scenario())


# A session


@pytest.mark.promise("S5")
def test_that_an_app_frame_pairs_and_is_linked(run, at_door):
    async def scenario():
        frame = AppFrame(at_door.port)
        await frame.open()
        await frame.pair(at_door.code)
        await frame.hello()
        return frame

    frame = run(scenario())
    assert [event.ok for event in at_door.all(PairingEnded)] == [True]
    assert at_door.keys.get(frame.extension.id) == frame.extension.key
    assert frame.extension.heard == [{"t": "settings", "origins": ["https://acme.zendesk.com"], "drafts": False}]
    assert list(at_door.door.linked.values()) == [(frame.extension.id, "Zendesk app")]
    assert all(number < 0 for number in at_door.door.linked)


def test_that_an_insert_is_fetched_by_the_question_that_is_open(run, at_door):
    async def scenario():
        frame = await at_door.linked(origin=FRESHWORKS)
        await frame.say(t="front", url=URL, tab=7, composer=True)
        asked = asyncio.ensure_future(frame.wait())
        await until(lambda: any(one.asker for one in at_door.door._sessions.values()))
        [number] = at_door.door.linked
        assert at_door.door.send(number, Insert("a1", URL, "<p>Hello</p>", "Hello"))
        await asked
        await frame.say(t="inserted", id="a1", ok=True, why="")
        return frame

    frame = run(scenario())
    assert at_door.all(Said)[-2].message == Front(URL, 7, composer=True)
    assert frame.extension.heard[-1] == {"t": "insert", "id": "a1", "url": URL, "html": "<p>Hello</p>", "text": "Hello"}


def test_that_what_was_said_meanwhile_is_fetched_later_in_its_order(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        [number] = at_door.door.linked
        for insert_id in ("a1", "a2", "a3"):
            at_door.door.send(number, Insert(insert_id, URL, "", ""))
        await frame.wait()
        return frame

    frame = run(scenario())
    assert [one["id"] for one in frame.extension.heard[1:]] == ["a1", "a2", "a3"]


def test_that_a_question_is_answered_with_nothing_after_a_while(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        asked = asyncio.ensure_future(frame.wait())
        await until(lambda: any(one.asker for one in at_door.door._sessions.values()))
        at_door.pass_s(WAIT_S + 1)
        await asked
        return frame

    frame = run(scenario())
    assert frame.over == ""
    assert at_door.door.linked


def test_that_an_app_frame_that_asks_no_longer_is_gone(run, at_door):
    run(at_door.linked())
    at_door.pass_s(LEFT_S + 1)
    assert at_door.door.linked == {}
    assert len(at_door.all(Closed)) == 1


def test_that_a_frame_that_leaves_is_gone_at_once(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        assert (await frame.call("/end")).status == 204
        assert (await frame.call("/wait")).status == 410

    run(scenario())
    assert len(at_door.all(Closed)) == 1


@pytest.mark.promise("S5")
def test_that_a_frame_that_is_sent_again_ends_the_session(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        sealed = frame.extension.session.seal({"t": "elsewhere"})
        assert (await frame.call("/send", frame=sealed)).status == 204
        assert (await frame.call("/send", frame=sealed)).status == 204
        await frame.wait()
        return frame

    assert run(scenario()).over == "ended"
    assert at_door.door.linked == {}


def test_that_a_session_cannot_be_used_from_another_origin(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        frame.origin = FRESHWORKS
        return await frame.call("/wait")

    assert run(scenario()).status == 410
    assert at_door.door.linked


@pytest.mark.parametrize("token", ["", "0" * 32, None, 7, []])
def test_that_a_session_that_nobody_gave_is_told_to_open_anew(run, at_door, token):
    assert run(post(at_door.port, "/wait", {"session": token})).status == 410


def test_that_who_is_not_paired_hears_unknown_and_nothing_else(run, at_door):
    async def scenario():
        frame = AppFrame(at_door.port, Extension(id="0" * 16, key=bytes(32)))
        await frame.open()
        frame.extension.hello()
        await frame.run(lambda: frame.extension.refusals)
        return frame

    assert run(scenario()).extension.refusals == ["unknown"]
    assert at_door.all(Linked) == []


def test_that_a_wrong_code_pairs_nobody(run, at_door):
    async def scenario():
        frame = AppFrame(at_door.port)
        await frame.open()
        frame.extension.pair()
        await frame.run(lambda: frame.extension.told_id)
        frame.extension.type_code(f"{(int(at_door.code()) + 1) % 10**6:06}")
        await frame.run(lambda: frame.extension.refusals)

    run(scenario())
    assert [event.why for event in at_door.all(PairingEnded)] == ["code"]
    assert at_door.keys.pairs == {}


def test_that_a_forgotten_app_is_cut_off(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        at_door.keys.pairs.clear()
        at_door.door.end(frame.extension.id)
        assert (await frame.call("/send", frame={"n": 1, "c": ""})).status == 410

    run(scenario())


def test_that_a_newer_frame_of_the_same_app_takes_the_place_of_the_older(run, at_door):
    async def scenario():
        old = await at_door.linked()
        new = await at_door.linked(Extension(id=old.extension.id, key=old.extension.key, name="Zendesk app"))
        await old.wait()
        return old, new

    old, new = run(scenario())
    assert old.over == "replaced"
    assert new.over == ""
    assert len(at_door.door.linked) == 1


# In the app


@pytest.fixture
def joined(tmp_path, qt_loop) -> Iterator[LinkedTable]:
    with table(tmp_path) as at:
        at.has(7, 8)
        made = LinkedTable(at, tmp_path)
        made.link = Link(
            at.session,
            at.desk,
            made.room.doors(),
            secrets=made.secrets,
            settings=made.settings,
            write=lambda work: at.tasks.spawn("paired browsers", work),
            digits=lambda: CODE,
            door_port=0,
        )
        yield made
        made.instance.close()


def test_that_the_door_is_shut_until_the_setting_opens_it_and_shut_again_by_it(run, joined):
    async def scenario():
        await joined.start()
        assert not joined.link._door.is_open
        joined.settings.change(door=True)
        joined.link.use_door()
        assert joined.link._door.is_open
        joined.settings.change(door=False)
        joined.link.use_door()
        assert not joined.link._door.is_open
        await joined.link.aclose()

    run(scenario())


@pytest.mark.promise("N5")
def test_that_an_app_frame_is_followed_and_given_only_what_is_for_its_ticket(run, joined):
    async def scenario():
        joined.settings.change(door=True)
        await joined.start()
        frame = AppFrame(joined.link._door.port)
        await frame.open()
        await frame.pair(lambda: CODE)
        await frame.hello()
        assert joined.link.names == ("Zendesk app",)
        await frame.say(t="front", url=page(7), tab=1, composer=True)
        await until(lambda: joined.at.session.front == joined.at.ref(7))
        await joined.at.settle()
        reach = joined.link.reach(joined.at.ref(7))
        assert isinstance(reach, Target)
        assert joined.link.reach(joined.at.ref(8)) is None
        placing = asyncio.ensure_future(joined.link.insert(reach, "Hello"))
        await frame.run(lambda: frame.extension.heard[-1]["t"] == "insert")
        asked = frame.extension.heard[-1]
        assert asked["url"] == page(7)
        await frame.say(t="inserted", id=asked["id"], ok=False, why="moved")
        assert await placing is Placed.MOVED
        await joined.link.aclose()

    run(scenario())


def test_that_the_question_where_reaches_an_app_frame(run, at_door):
    async def scenario():
        frame = await at_door.linked()
        at_door.door.send(next(iter(at_door.door.linked)), Where())
        await frame.wait()
        return frame

    assert run(scenario()).extension.heard[-1] == {"t": "where"}
