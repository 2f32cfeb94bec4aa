import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from assist.acts import Act, ActKind, Change, Done, Preview
from assist.errors import Moved, NotAllowed, Unanswered, Unreachable
from assist.performing import SETTLED_AFTER, Ended, Performer
from assist.store.acts import ActState
from tests.helpers.acting import FakeActor
from tests.helpers.builders import NOON, a_ref
from tests.helpers.fakes import HandClock
from tests.helpers.store import opened


@dataclass
class Stage:
    """A performer over a real store; sleeping only moves the clock."""

    store: object
    clock: HandClock = field(default_factory=HandClock)
    actor: FakeActor = field(default_factory=FakeActor)
    slept_s: list = field(default_factory=list)

    def __post_init__(self):
        self.performer = Performer(self.store.acts, self.clock, sleep=self.sleep)

    async def sleep(self, seconds):
        self.slept_s.append(seconds)
        self.clock.advance(seconds=seconds)

    def perform(self, kind=ActKind.REPLY, id_="a1", **fields):
        async def work():
            preview = await self.actor.preview(Act(id_, a_ref(), kind, text="Hello.", **fields))
            return await self.performer.perform(self.actor, preview)

        return asyncio.run(work())

    def resolve(self):
        async def work():
            return [
                await self.performer.resolve(self.actor, kept) for kept in self.performer.open_acts(a_ref().account)
            ]

        return asyncio.run(work())

    def state(self, id_="a1"):
        return self.store.acts.get(id_).state


@pytest.fixture
def stage(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield Stage(store)


def test_that_it_is_on_disk_as_being_sent_before_the_request_leaves(stage):
    seen = []

    async def wait(what):
        seen.extend([stage.state()] if what == "perform" else [])

    stage.actor.wait = wait
    ended = stage.perform()
    assert seen == [ActState.SENDING]
    assert (ended.state, stage.state(), len(stage.actor.written)) == (ActState.DONE, ActState.DONE, 1)


@pytest.mark.parametrize("error", [Moved("the ticket moved on"), NotAllowed("closed"), Unreachable("offline")])
def test_that_what_was_surely_not_done_keeps_its_text_and_says_why(stage, error):
    stage.actor.fails = error
    ended = stage.perform()
    kept = stage.store.acts.get("a1")
    assert (ended.state, ended.error) == (ActState.REFUSED, error)
    assert (kept.state, kept.why, kept.preview.act.text) == (ActState.REFUSED, str(error), "Hello.")
    assert "find" not in stage.actor.asked


def test_that_a_lost_answer_is_looked_for_and_found(stage):
    stage.actor.fails, stage.actor.loses_only_the_answer = Unanswered("no answer"), True
    ended = stage.perform()
    assert (ended.state, ended.done.message_id) == (ActState.DONE, 900)
    assert stage.actor.asked.count("perform") == 1


def test_that_it_is_not_said_to_be_unsent_before_it_cannot_arrive_any_more(stage):
    stage.actor.fails = Unanswered("no answer")
    ended = stage.perform()
    assert ended.state is ActState.REFUSED
    assert sum(stage.slept_s) == SETTLED_AFTER.total_seconds()
    assert stage.actor.asked[-1] == "find"


def test_that_it_stays_open_while_nobody_can_look(stage):
    stage.actor.fails, stage.actor.unreachable = Unanswered("no answer"), Unreachable("offline")
    assert stage.perform().state is ActState.UNKNOWN
    assert stage.state() is ActState.UNKNOWN
    stage.actor.unreachable = None
    assert [ended.state for ended in stage.resolve()] == [ActState.REFUSED]


def test_that_after_a_restart_what_was_planned_is_told_to_be_unsent_without_asking(stage):
    preview = Preview(Act("a1", a_ref(), ActKind.NOTE, text="x"), (Change("internal note", "", "x"),), public=False)
    asyncio.run(stage.store.acts.plan(preview, NOON))
    assert [ended.state for ended in stage.resolve()] == [ActState.REFUSED]
    assert stage.actor.asked == []


@pytest.mark.promise("N7")
@pytest.mark.parametrize(("later", "waits"), [(3600, False), (-3600, True), (10, True)])
def test_that_a_wrong_clock_only_makes_it_wait_longer(stage, later, waits):
    preview = Preview(Act("a1", a_ref(), ActKind.NOTE, text="x"), (Change("internal note", "", "x"),), public=False)
    asyncio.run(stage.store.acts.plan(preview, NOON))
    asyncio.run(stage.store.acts.send("a1", NOON))
    stage.clock.advance(seconds=later)
    assert [ended.state for ended in stage.resolve()] == [ActState.REFUSED]
    assert bool(stage.slept_s) is waits
    assert sum(stage.slept_s) <= SETTLED_AFTER.total_seconds()


def test_that_what_is_under_way_is_not_looked_for_beside_it(stage):
    async def work():
        gate, reached = asyncio.Event(), asyncio.Event()

        async def wait(what):
            if what == "perform":
                reached.set()
                await gate.wait()

        stage.actor.wait = wait
        preview = await stage.actor.preview(Act("a1", a_ref(), ActKind.REPLY, text="Hello."))
        sending = asyncio.ensure_future(stage.performer.perform(stage.actor, preview))
        await reached.wait()
        kept = stage.store.acts.get("a1")
        beside = stage.performer.open_acts(a_ref().account), await stage.performer.resolve(stage.actor, kept)
        gate.set()
        return beside, await sending

    beside, ended = asyncio.run(work())
    assert beside == ((), None)
    assert ended.state is ActState.DONE


# --- any interleaving of steps and crashes


class Killed(BaseException):
    """The process ends here: nothing of it goes on, and nothing is caught."""


class Fuse:
    """Ends the process after so many steps, before or after what the step does."""

    def __init__(self, steps=None):
        self.steps = steps

    async def burn(self, work):
        if self.steps is not None:
            self.steps -= 1
            if self.steps == 0:
                work.close()
                raise Killed
        result = await work
        if self.steps is not None:
            self.steps -= 1
            if self.steps == 0:
                raise Killed
        return result


class Fused:
    """Something whose methods are steps."""

    def __init__(self, inner, fuse):
        self._inner, self._fuse = inner, fuse

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(found):
            return found
        return lambda *args, **kwargs: self._fuse.burn(found(*args, **kwargs))


class Server:
    """A helpdesk that does at once, later, or never what it is asked, and may lose the answer. It never dies."""

    statuses = ()

    def __init__(self, clock):
        self.clock = clock
        self.has = []
        self.coming = []
        self.next = "answers"
        self.delay_s = 0.0

    def arrive(self):
        for at, act in [one for one in self.coming if one[0] <= self.clock.now()]:
            self.coming.remove((at, act))
            self.has.append(act)

    async def perform(self, preview):
        self.arrive()
        if self.next == "refuses":
            raise Moved("it moved on")
        if self.next != "never got it":
            self.coming.append((self.clock.now() + timedelta(seconds=self.delay_s), preview.act))
            self.arrive()
        if self.next == "answers" and not self.delay_s:
            return Done(preview.act, self.clock.now(), len(self.has))
        raise Unanswered("no answer")

    async def find(self, preview):
        if self.next == "is away":
            raise Unreachable("away")
        self.arrive()
        same = [number for number, act in enumerate(self.has) if act.id == preview.act.id]
        return Done(preview.act, self.clock.now(), same[0] + 1) if same else None


def preview_of(id_):
    act = Act(id_, a_ref(), ActKind.REPLY, text="The one reply.")
    return Preview(act, (Change("public reply", "", act.text),), public=True, stamp="1")


class Acting(RuleBasedStateMachine):
    """An agent who wants one reply to be there, and tries again only when told that it is not."""

    folder = None
    number = 0

    @initialize()
    def open(self):
        Acting.number += 1
        self.entered = opened(self.folder / f"{Acting.number}.db")
        self.store = self.entered.__enter__()
        self.clock = HandClock()
        self.server = Server(self.clock)
        self.tries = 0
        self.told = None
        self.restart()

    def restart(self):
        self.fuse = Fuse()
        self.performer = Performer(Fused(self.store.acts, self.fuse), self.clock, sleep=self.sleep)

    async def sleep(self, seconds):
        self.clock.advance(seconds=seconds)

    def live(self, work, steps):
        """Let the process live for so many steps; a None lets it live."""
        self.fuse.steps = steps
        try:
            return asyncio.run(work(Fused(self.server, self.fuse)))
        except Killed:
            self.restart()
            return None
        finally:
            self.fuse.steps = None

    @precondition(lambda self: self.told in (None, ActState.REFUSED) and not self.open_acts())
    @rule(
        does=st.sampled_from(["answers", "loses it", "never got it", "refuses"]),
        delay_s=st.sampled_from([0.0, 0.0, 5.0, 60.0, 85.0]),
        steps=st.none() | st.integers(1, 14),
    )
    def ask(self, does, delay_s, steps):
        self.tries += 1
        self.server.next, self.server.delay_s = does, delay_s
        preview = preview_of(f"try{self.tries}")
        self.told = None
        self.tell(self.live(lambda actor: self.performer.perform(actor, preview), steps))

    @precondition(lambda self: self.open_acts())
    @rule(steps=st.none() | st.integers(1, 14), away=st.booleans())
    def look(self, steps, away):
        self.server.next = "is away" if away else "answers"
        (kept,) = self.open_acts()
        if kept.state is ActState.DONE:
            self.tell(Ended(ActState.DONE, preview_of(kept.id)))
            return
        self.tell(self.live(lambda actor: self.performer.resolve(actor, kept), steps))

    @rule(seconds=st.sampled_from([1, 20, 100]))
    def wait(self, seconds):
        self.clock.advance(seconds=seconds)

    def open_acts(self):
        """Return what the agent is told of, or waits for, after a restart."""
        return self.performer.open_acts(a_ref().account)

    def tell(self, ended):
        if ended is None:
            return
        self.told = ended.state
        self.server.arrive()
        if ended.state is ActState.DONE:
            assert len(self.server.has) == 1
            asyncio.run(self.store.acts.tell(ended.preview.act.id))
        if ended.state is ActState.REFUSED:
            assert (self.server.has, self.server.coming) == ([], [])
            asyncio.run(self.store.acts.tell(ended.preview.act.id))

    def teardown(self):
        if not hasattr(self, "server"):
            return
        self.clock.advance(seconds=1_000)
        self.server.arrive()
        assert len(self.server.has) <= 1, "the customer got the reply twice"
        self.entered.__exit__(None, None, None)


@pytest.mark.promise("U7")
def test_that_no_order_of_crashes_and_lost_answers_doubles_a_reply(tmp_path):
    Acting.folder = tmp_path
    run_state_machine_as_test(Acting, settings=settings(max_examples=40, stateful_step_count=12, deadline=None))
