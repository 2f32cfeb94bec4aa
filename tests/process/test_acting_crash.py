"""A desktop is killed, for real, while it posts: the customer gets one reply at most, and the agent is told true."""

import asyncio
import sys
from contextlib import ExitStack
from datetime import timedelta

import pytest

from assist.domain import HelpdeskKind, TicketRef
from assist.performing import Performer
from assist.store.acts import ActState
from integrations.connection import SystemClock
from integrations.demo.server import DemoServer
from integrations.demo.world import World
from integrations.helpdesks import connect
from integrations.site import demo_site
from tests.helpers.acting_child import CREDENTIALS, HTML
from tests.helpers.children import child, eventually
from tests.helpers.demo_store import demo_data
from tests.helpers.store import KEY, opened

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL"),
    pytest.mark.promise("D1"),
    pytest.mark.promise("U7"),
]
NOT_SENT = ("after plan", "after send")
SENT = ("after perform", "after done")


@pytest.fixture(scope="module")
def server():
    with DemoServer(World(demo_data())) as running:
        yield running


class Shop:
    def __init__(self, server, kind, folder):
        self.server, self.kind, self.folder = server, kind, folder
        server.show(World(demo_data()))
        self.port = server.zendesk_port if kind is HelpdeskKind.ZENDESK else server.freshdesk_port
        tickets = list(server.world.tickets.values())
        self.ticket = next(one for one in tickets if one.status == "open" and one.channel == "email")
        self.ref = TicketRef(demo_site(kind, self.port).account, self.ticket.number)

    def desktop(self, name, point=""):
        """Start a desktop that has read its preview and waits for the click."""
        path = str(self.folder / f"{name}.db")
        arguments = (path, self.kind.value, str(self.port), str(self.ticket.number), point)
        return child("tests.helpers.acting_child", *arguments, folder=self.folder)

    def begin(self, running):
        running.process.stdin.write(KEY.to_text() + "\n")
        running.process.stdin.flush()
        assert running.answer() == {"public": True}

    def click(self, running):
        running.process.stdin.write("go\n")
        running.process.stdin.flush()

    def replies(self):
        return [one for one in self.ticket.comments if one.html == HTML]

    def posts(self):
        """Return how many requests the server has seen that were meant to change something."""
        return sum(seen.method not in ("GET", "HEAD") for seen in self.server.world.requests)

    def after_restart(self, name):
        """Return how each act ended that an earlier run left open, as the agent is told two minutes later."""

        class Later(SystemClock):
            def now(self):
                return super().now() + timedelta(minutes=2)

        async def told():
            helpdesk = connect(demo_site(self.kind, self.port), CREDENTIALS[self.kind])
            try:
                with opened(self.folder / f"{name}.db") as store:
                    performer = Performer(store.acts, Later())
                    open_ = performer.open_acts(self.ref.account)
                    ended = [await performer.resolve(helpdesk.actor, kept) for kept in open_]
                    return [
                        one.state if one is not None else kept.state for one, kept in zip(ended, open_, strict=True)
                    ]
            finally:
                await helpdesk.aclose()

        return asyncio.run(told())


@pytest.mark.slow
@pytest.mark.parametrize("point", [*NOT_SENT, *SENT])
def test_that_a_kill_at_any_step_never_doubles_a_reply_and_is_told_truly(server, tmp_path, point):
    shop = Shop(server, HelpdeskKind.ZENDESK, tmp_path)
    with shop.desktop("mine", point) as running:
        shop.begin(running)
        shop.click(running)
        assert running.answer()["stopped"]
        running.process.kill()
        running.wait()
    told = shop.after_restart("mine")
    if point in NOT_SENT:
        assert (told, shop.replies()) == ([ActState.REFUSED], [])
    else:
        assert told == [ActState.DONE]
        assert len(shop.replies()) == 1
    assert shop.posts() == len(shop.replies())
    assert shop.after_restart("mine") == told


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(HelpdeskKind))
def test_that_a_kill_while_the_server_holds_its_answer_is_found_out(server, tmp_path, kind):
    shop = Shop(server, kind, tmp_path)
    with shop.desktop("mine") as running:
        shop.begin(running)
        server.world.faults.set({"latency_ms": 1_500, "after": True})
        shop.click(running)
        eventually(shop.replies)
        running.process.kill()
        running.wait()
    server.world.faults.reset()
    assert shop.after_restart("mine") == [ActState.DONE]
    assert len(shop.replies()) == 1
    assert eventually(shop.posts) == 1


@pytest.mark.slow
def test_that_of_two_desktops_that_answer_at_once_one_is_told_to_look(server, tmp_path):
    shop = Shop(server, HelpdeskKind.ZENDESK, tmp_path)
    with ExitStack() as stack:
        both = [stack.enter_context(shop.desktop(name)) for name in ("mine", "yours")]
        for running in both:
            shop.begin(running)
        for running in both:
            shop.click(running)
        answers = [running.answer() for running in both]
    assert sorted(answer["state"] for answer in answers) == ["done", "refused"]
    assert {answer["error"] for answer in answers} == {"NoneType", "Moved"}
    assert len(shop.replies()) == 1
