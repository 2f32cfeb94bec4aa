from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from assist.domain import Decision, EventKind, Message, Outcome, Role, SentAs, SuggestionId, TicketRef
from assist.errors import NotThere, SignInNeeded, StoreError, Unreachable
from desktop.outcomes import MOST_RESUMED, MOST_WATCHED, WATCHED_FOR, OutcomeWatcher, Sight
from desktop.panel.state import Decided
from tests.helpers.builders import NOON, a_decision, a_message, a_reply, a_shown, an_author, an_open_ticket, an_outcome
from tests.helpers.fakes import Table, run, table, until

TEXT = "You can send it back within 60 days; the label is attached."


class Watch:
    """A watcher whose pauses end when a test says so. ``seen`` is what it reported, by name."""

    def __init__(self, at: Table) -> None:
        self.at = at
        self.seen: list[tuple[object, ...]] = []
        self.naps: list[float] = []
        self.watcher = OutcomeWatcher(
            at.desk,
            at.store,
            at.clock,
            Sight(
                colleague_answered=lambda ref, message: self.seen.append(("colleague", ref.id, message.author.name)),
                decided=lambda ref, decided: self.seen.append(("decided", ref.id, decided)),
                conversation_moved=lambda ref: self.seen.append(("moved", ref.id)),
                sign_in_needed=lambda seat: self.seen.append(("sign in", seat.account)),
                trouble=lambda error: self.seen.append(("trouble", str(error))),
            ),
            delay_s=lambda _: 15.0,
            sleep=self._nap,
        )

    def front(self, ref: TicketRef, *known: Message) -> None:
        """Put a ticket in front as the session does, which reads it at once; ``known`` is its conversation."""
        self.watcher.in_front(ref)
        self.watcher.has_read(an_open_ticket(ref.id, messages=known or (a_message(),)))

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.Event().wait()

    @asynccontextmanager
    async def running(self):
        task = asyncio.ensure_future(self.watcher.run())
        try:
            await until(lambda: self.naps or task.done())
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def look_again(self) -> None:
        before = len(self.naps)
        self.watcher.hurry()
        await until(lambda: len(self.naps) > before)


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        yield laid


@pytest.fixture
def watch(at):
    return Watch(at)


def shown_on(at: Table, ticket_id: int = 7, **fields):
    """Log that a reply and an article are on the screen for a ticket; return nothing to wait for."""
    ref = at.ref(ticket_id)
    reply = a_shown(f"s{ticket_id}", ref=ref, text=TEXT, at=at.clock.now(), **fields)
    hit = a_shown(f"a{ticket_id}", ref=ref, list_name="articles", text="An article.", at=at.clock.now())
    at.store.log.submit(reply, hit).result(timeout=10)


def sent(at: Table, text: str = TEXT, ticket_id: int = 7, **fields) -> None:
    """Let the helpdesk have a new message, a second from now."""
    at.clock.advance(seconds=1)
    messages = at.helpdesk.messages[ticket_id]
    message = a_reply(text, **{"id": 100 + len(messages), "created_at": at.clock.now(), **fields})
    messages.append(message)


def outcomes(at: Table, ticket_id: int = 7) -> tuple[Outcome, ...]:
    return at.store.log.outcomes(at.ref(ticket_id))


def expired(at: Table) -> set[str]:
    found = [event for event in at.events() if isinstance(event, Decision) and event.kind is EventKind.EXPIRED]
    assert all(event.how == "answered" for event in found)
    return {event.suggestion_id for event in found}


async def opened_and_answered(at: Table, watch: Watch, text: str = TEXT, **fields) -> None:
    watch.front(at.ref())
    shown_on(at)
    async with watch.running():
        sent(at, text, **fields)
        await watch.look_again()


@pytest.mark.promise("D3")
@pytest.mark.parametrize(
    ("text", "sent_as", "distance"),
    [
        (TEXT, SentAs.AS_IS, 0),
        (f"Hi Inês,\n\n{TEXT}\n\nBest wishes,\nMaya Okafor", SentAs.AS_IS, 0),
        (TEXT.replace("60", "90"), SentAs.EDITED, 1),
    ],
)
def test_that_what_was_sent_is_compared_with_what_was_shown(at, watch, text, sent_as, distance):
    run(opened_and_answered(at, watch, text))
    [outcome] = outcomes(at)
    assert (outcome.sent_as, outcome.edit_distance, outcome.suggestion_id) == (sent_as, distance, "s7")
    assert outcome.message_id == 100


def test_that_something_else_is_said_to_be_that_and_what_was_open_expires(at, watch):
    run(opened_and_answered(at, watch, "I will call you this afternoon."))
    assert outcomes(at)[0].sent_as is SentAs.SOMETHING_ELSE
    assert expired(at) == {"s7", "a7"}
    assert ("decided", 7, {"s7": Decided.EXPIRED, "a7": Decided.EXPIRED}) in watch.seen


@pytest.mark.promise("D2")
def test_that_a_decided_suggestion_does_not_expire_as_well(at, watch):
    async def scenario():
        watch.front(at.ref())
        shown_on(at)
        await at.store.log.append(a_decision(EventKind.USED, "s7", ref=at.ref(), text=TEXT))
        async with watch.running():
            sent(at)
            await watch.look_again()
            await watch.look_again()

    run(scenario())
    assert expired(at) == {"a7"}
    assert len(outcomes(at)) == 1


def test_that_each_of_two_replies_has_an_outcome_of_its_own(at, watch):
    async def scenario():
        await opened_and_answered(at, watch)
        async with watch.running():
            sent(at, "And the label is valid for two weeks from today on.")
            await watch.look_again()

    run(scenario())
    assert [outcome.sent_as for outcome in outcomes(at)] == [SentAs.AS_IS, SentAs.SOMETHING_ELSE]


def test_that_a_message_of_this_very_second_is_found_though_helpdesks_cut_times(at, watch):
    async def scenario():
        at.clock.value = NOON + timedelta(milliseconds=700)
        watch.front(at.ref())
        shown_on(at)
        at.helpdesk.messages[7].append(a_reply(TEXT, created_at=NOON))
        async with watch.running():
            pass

    run(scenario())
    assert len(outcomes(at)) == 1


@pytest.mark.parametrize(
    "fields",
    [{"public": False}, {"author": an_author(Role.CUSTOMER)}, {"author": an_author(Role.SYSTEM)}],
    ids=["note", "customer", "bot"],
)
def test_that_neither_notes_nor_others_words_are_outcomes(at, watch, fields):
    run(opened_and_answered(at, watch, **fields))
    assert outcomes(at) == ()
    assert expired(at) == set()


def test_that_the_ticket_in_front_is_read_again_when_its_customer_writes(at, watch):
    run(opened_and_answered(at, watch, author=an_author(Role.CUSTOMER)))
    assert watch.seen == [("moved", 7)]


@pytest.mark.promise("N6")
def test_that_a_colleagues_answer_is_reported_with_the_name(at, watch):
    tom = an_author(Role.AGENT, id=502, name="Tom Lindqvist")
    run(opened_and_answered(at, watch, author=tom))
    assert watch.seen == [("colleague", 7, "Tom Lindqvist"), ("moved", 7)]
    assert outcomes(at) == ()


def test_that_a_colleagues_answer_where_nothing_is_open_is_no_news(at, watch):
    async def scenario():
        watch.front(at.ref())
        async with watch.running():
            sent(at, author=an_author(Role.AGENT, id=502, name="Tom"))
            await watch.look_again()

    run(scenario())
    assert watch.seen == [("moved", 7)]


def test_that_the_customers_name_in_the_greeting_is_set_aside(at, watch):
    async def scenario():
        await at.store.tickets.put(an_open_ticket(7))
        await opened_and_answered(at, watch, f"Inês - {TEXT}")

    run(scenario())
    assert outcomes(at)[0].edit_distance == 0


# --- after a restart


@pytest.mark.promise("D1")
def test_that_a_reply_sent_while_kibitz_was_gone_is_found_at_the_next_start(at, watch):
    async def scenario():
        shown_on(at)
        await at.store.log.append(a_decision(EventKind.USED, "s7", ref=at.ref(), text=TEXT))
        await at.store.log.append(a_decision(EventKind.DISMISSED, "a7", ref=at.ref()))
        sent(at)
        at.clock.advance(minutes=3)
        watch.watcher.resume()
        async with watch.running():
            pass

    run(scenario())
    [outcome] = outcomes(at)
    assert (outcome.sent_as, outcome.suggestion_id) == (SentAs.AS_IS, "s7")


def test_that_an_answered_ticket_is_not_looked_after_again(at, watch):
    async def scenario():
        shown_on(at)
        await at.store.log.append(an_outcome(ref=at.ref(), suggestion_id=SuggestionId("s7"), at=at.clock.now()))
        watch.watcher.resume()
        async with watch.running():
            pass

    run(scenario())
    assert at.helpdesk.asked == []


def test_that_of_many_unanswered_tickets_those_shown_last_are_looked_after(at, watch):
    async def scenario():
        for ticket_id in range(1, MOST_RESUMED + 3):
            shown_on(at, ticket_id)
            at.clock.advance(minutes=10)
        watch.watcher.resume()
        async with watch.running():
            pass

    run(scenario())
    assert [ticket_id for _, ticket_id in at.helpdesk.asked] == list(range(MOST_RESUMED + 2, 2, -1))


def test_that_a_resumed_ticket_is_looked_at_once_unless_the_helpdesk_did_not_answer(at, watch):
    async def scenario():
        for ticket_id in (6, 7, 8):
            shown_on(at, ticket_id)
        at.helpdesk.messages[7] = Unreachable("no answer")
        at.helpdesk.messages[8] = NotThere("no such ticket")
        watch.watcher.resume()
        async with watch.running():
            await watch.look_again()

    run(scenario())
    assert sorted(ticket_id for _, ticket_id in at.helpdesk.asked) == [6, 7, 7, 8]


def test_that_what_is_older_than_two_days_is_let_go(at, watch):
    async def scenario():
        shown_on(at)
        at.clock.advance(days=2, seconds=1)
        watch.watcher.resume()
        async with watch.running():
            pass

    run(scenario())
    assert at.helpdesk.asked == []


def test_that_a_ticket_opened_again_later_brings_the_outcome_it_missed(at, watch):
    async def scenario():
        shown_on(at)
        sent(at)
        at.clock.advance(days=9)
        watch.front(at.ref())
        async with watch.running():
            pass

    run(scenario())
    assert outcomes(at)[0].sent_as is SentAs.AS_IS


# --- politeness


def test_that_only_the_tickets_left_last_are_looked_at(at, watch):
    async def scenario():
        for ticket_id in range(1, MOST_WATCHED + 4):
            watch.front(at.ref(ticket_id))
            at.clock.advance(seconds=30)
        async with watch.running():
            pass

    run(scenario())
    assert at.helpdesk.count("replies_since") == MOST_WATCHED
    assert at.helpdesk.asked[:2] == [("standing", MOST_WATCHED + 3), ("replies_since", MOST_WATCHED + 3)]


def test_that_a_ticket_left_long_ago_is_not_looked_at_but_the_one_in_front_is(at, watch):
    async def scenario():
        watch.front(at.ref(1))
        watch.front(at.ref(2))
        at.clock.advance(seconds=WATCHED_FOR.total_seconds() + 1)
        async with watch.running():
            pass

    run(scenario())
    assert at.helpdesk.asked == [("standing", 2), ("replies_since", 2)]


def test_that_the_pause_is_what_the_budget_allows(at, watch):
    async def scenario():
        async with watch.running():
            await watch.look_again()

    run(scenario())
    assert watch.naps == [15.0, 15.0]


def test_that_a_hurry_during_a_look_is_not_lost(at, watch):
    async def scenario():
        watch.front(at.ref())

        async def use_meanwhile(*_):
            if len(at.helpdesk.asked) == 1:
                watch.watcher.hurry()

        at.helpdesk.wait = use_meanwhile
        async with watch.running():
            await until(lambda: at.helpdesk.count("standing") == 2)

    run(scenario())


def test_that_a_helpdesk_out_of_reach_is_asked_again_after_the_pause(at, watch):
    async def scenario():
        watch.front(at.ref())
        at.helpdesk.messages[7] = Unreachable("no answer")
        async with watch.running():
            at.helpdesk.messages[7] = []
            shown_on(at)
            sent(at)
            await watch.look_again()

    run(scenario())
    assert len(outcomes(at)) == 1


@pytest.mark.promise("N3")
def test_that_a_refused_sign_in_is_said_once_and_work_goes_on_after_the_next(at, watch):
    async def scenario():
        for ticket_id in (6, 7):
            watch.front(at.ref(ticket_id))
            at.helpdesk.messages[ticket_id] = SignInNeeded("signed out")
        async with watch.running():
            await watch.look_again()
            await watch.look_again()
            assert at.helpdesk.count("replies_since") == 1
            assert watch.seen == [("sign in", at.helpdesk.account)]

            at.helpdesk.messages[7], at.helpdesk.messages[6] = [], []
            shown_on(at)
            sent(at)
            watch.watcher.signed_in(at.helpdesk.account)
            await until(lambda: outcomes(at))

    run(scenario())


@pytest.mark.promise("D4")
def test_that_an_outcome_which_could_not_be_written_is_written_in_the_next_round(at, watch, monkeypatch):
    real, failures = type(at.store.log).append, [StoreError("the disk is full")]

    async def append(self, *events):
        if failures:
            raise failures.pop()
        return await real(self, *events)

    async def scenario():
        watch.front(at.ref())
        shown_on(at)
        monkeypatch.setattr(type(at.store.log), "append", append)
        sent(at)
        async with watch.running():
            assert outcomes(at) == ()
            await watch.look_again()

    run(scenario())
    assert ("trouble", "the disk is full") in watch.seen
    assert len(outcomes(at)) == 1


# --- two clocks


@pytest.mark.promise("D3")
@pytest.mark.promise("N7")
@pytest.mark.parametrize("minutes", [-10, 10])
def test_that_a_machine_whose_clock_is_off_sees_the_reply_and_nothing_from_before(at, watch, minutes):
    """Messages carry the helpdesk's time, which only the helpdesk's own messages can be compared with."""
    before = a_reply("An earlier answer.", id=99, created_at=NOON - timedelta(minutes=3))
    at.helpdesk.messages[7].append(before)

    async def scenario():
        at.clock.advance(minutes=minutes)
        watch.front(at.ref(), a_message(created_at=NOON - timedelta(minutes=5)), before)
        shown_on(at)
        async with watch.running():
            at.helpdesk.messages[7].append(a_reply(TEXT, id=100, created_at=NOON + timedelta(minutes=1)))
            await watch.look_again()

    run(scenario())
    assert [outcome.message_id for outcome in outcomes(at)] == [100]


def test_that_nothing_is_looked_for_before_the_conversation_is_known(at, watch):
    async def scenario():
        watch.watcher.in_front(at.ref())
        async with watch.running():
            await watch.look_again()
            assert at.helpdesk.asked == []
            watch.watcher.has_read(an_open_ticket(7))
            await until(lambda: at.helpdesk.asked)

    run(scenario())


@pytest.mark.promise("D1")
def test_that_a_restart_begins_at_the_copy_that_was_kept_however_the_clock_was_put(at, watch):
    async def scenario():
        await at.store.tickets.put(an_open_ticket(7))
        at.clock.advance(minutes=10)
        shown_on(at)
        at.helpdesk.messages[7].append(a_reply(TEXT, id=100, created_at=NOON + timedelta(minutes=1)))
        watch.watcher.resume()
        async with watch.running():
            pass

    run(scenario())
    assert [outcome.message_id for outcome in outcomes(at)] == [100]


@pytest.mark.promise("N6")
def test_that_a_colleagues_answer_which_is_on_the_screen_already_is_not_reported_as_new(at, watch):
    """The cached copy is old; the conversation as it is now, with the answer, was read before the first look."""
    answer = a_reply("Tom here.", id=100, author=an_author(Role.AGENT, id=502, name="Tom"), created_at=NOON)

    async def scenario():
        shown_on(at)
        watch.front(at.ref())
        watch.watcher.has_read(an_open_ticket(7, messages=(a_message(), answer)))
        at.helpdesk.messages[7].append(answer)
        async with watch.running():
            pass

    run(scenario())
    assert [what for what, *_ in watch.seen] == ["moved"]


def test_that_a_ticket_that_left_the_list_is_not_noted(at, watch):
    watch.watcher.has_read(an_open_ticket(7))

    async def scenario():
        async with watch.running():
            pass

    run(scenario())
    assert at.helpdesk.asked == []


# --- a reply that was just sent off


class Expecting(Watch):
    """A watcher whose short pauses pass at once; ``arrives_after`` of them the reply can be read."""

    def __init__(self, at: Table, arrives_after: int) -> None:
        super().__init__(at)
        self.arrives_after = arrives_after

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        if len(self.naps) == self.arrives_after:
            sent(self.at)


@pytest.mark.parametrize(("arrives_after", "naps"), [(0, []), (1, [1.0]), (2, [1.0, 2.0])])
def test_that_a_reply_that_was_just_sent_is_looked_for_until_it_is_seen(at, arrives_after, naps):
    watch = Expecting(at, arrives_after)
    watch.front(at.ref())
    shown_on(at)
    if not arrives_after:
        sent(at)
    run(watch.watcher.expect(at.ref()))
    assert [outcome.sent_as for outcome in outcomes(at)] == [SentAs.AS_IS]
    assert watch.naps == naps
    assert at.helpdesk.count("replies_since") == len(naps) + 1


@pytest.mark.promise("N1")
def test_that_a_reply_that_does_not_come_is_looked_for_three_times_however_often_it_is_announced(at):
    watch = Expecting(at, 99)
    watch.front(at.ref())

    async def scenario():
        await asyncio.gather(*(watch.watcher.expect(at.ref()) for _ in range(20)))

    run(scenario())
    assert at.helpdesk.count("replies_since") == 3


def test_that_a_ticket_without_help_is_not_looked_at_because_something_was_sent_there(at):
    watch = Expecting(at, 99)
    run(watch.watcher.expect(at.ref()))
    assert at.helpdesk.asked == []


@pytest.mark.promise("D2")
def test_that_two_looks_at_once_log_one_outcome(at, watch):
    async def scenario():
        watch.front(at.ref())
        shown_on(at)
        sent(at)

        async def slowly(*_about):
            for _ in range(20):
                await asyncio.sleep(0)

        async with watch.running():
            at.helpdesk.wait = slowly
            expecting = asyncio.ensure_future(watch.watcher.expect(at.ref()))
            await watch.look_again()
            await until(lambda: expecting.done() or 1.0 in watch.naps)
            expecting.cancel()

    run(scenario())
    assert len(outcomes(at)) == 1
    assert [kind for kind, *_ in watch.seen] == ["decided", "moved"]
