from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from assist.domain import HelpdeskKind, Stage, TicketRef
from assist.engine.protocol import Settled, Started
from assist.errors import SignInNeeded, Unreachable
from assist.ports import EVERYTHING, Batch, SyncScope
from assist.store.database import new_key
from desktop.core import Core, Pace, Surface, TriggerFile, data_problem, find_triggers
from desktop.desk import Seat
from desktop.panel.state import Action, Engine, NoAccount, NoTicket, Offline, Ready, Starting, Syncing, Trouble
from desktop.policy import PolicyFile
from desktop.tasks import TaskSet
from desktop.vault import Vault
from resources import ROOT
from tests.helpers.builders import a_macro, a_solved_ticket, a_ticket, an_agent, an_article, an_open_ticket
from tests.helpers.fakes import FakeHelpdesk, run, until
from tests.helpers.store import KEY, opened


class House:
    """A core on a real store; its engine process is never started, so that plain search answers."""

    def __init__(self, store, **vault) -> None:
        self.shown: list[object] = []
        self.sign_ins: list[str] = []
        self.errors: list[tuple[str, BaseException]] = []
        self.helpdesk = FakeHelpdesk()
        self.seat = Seat(self.helpdesk, an_agent(), "acme")
        self.core = Core(
            Vault(store, KEY, **{"is_session_only": False, **vault}),
            TaskSet(lambda name, error: self.errors.append((name, error))),
            Surface(self.shown.append, lambda: True, lambda seat: self.sign_ins.append(seat.account)),
            Pace(lambda _: 0.01, lambda _: 0.01),
            triggers=TriggerFile(ROOT / "triggers.toml", ()),
            policy=PolicyFile(store.path.parent),
        )

    def run(self, scenario):
        async def whole():
            try:
                return await scenario()
            finally:
                await self.core.tasks.close()

        result = run(whole())
        assert self.errors == []
        return result

    async def synced(self) -> None:
        await until(lambda: self.core.syncing.status(self.helpdesk.account).finished_at)

    def states(self) -> list[str]:
        """Return the names of the states that were shown, repeats left out."""
        names = [type(state).__name__ for state in self.shown]
        return [name for index, name in enumerate(names) if names[index - 1 : index] != [name]]


@pytest.fixture
def house(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield House(store)


@pytest.mark.promise("I7")
def test_that_without_an_account_that_is_what_is_shown(house):
    house.core.refresh()
    assert isinstance(house.shown[-1], NoAccount)


@pytest.mark.promise("I7")
def test_that_the_first_sync_is_shown_until_there_is_something_to_suggest_from(house):
    async def scenario():
        gate = asyncio.Event()

        async def hold(what, _about):
            if what == "articles":
                await gate.wait()

        house.helpdesk.collections["macros"] = [Batch((a_macro(1), a_macro(2)), "m", done=True)]
        house.helpdesk.wait = hold
        house.core.connect(house.seat)
        await until(lambda: house.helpdesk.count("articles"))
        state = house.shown[-1]
        assert isinstance(state, Syncing)
        assert (state.collections[0].done, state.collections[0].finished) == (2, True)
        assert state.footer.syncing
        gate.set()
        await house.synced()
        await until(lambda: isinstance(house.shown[-1], NoTicket))

    house.run(scenario)
    assert house.states() == ["Syncing", "NoTicket"]


@pytest.mark.promise("I7")
def test_that_nobody_is_asked_for_an_account_while_known_ones_are_connected(house):
    house.core.is_connecting = True
    house.core.refresh()
    assert isinstance(house.shown[-1], Starting)
    house.core.is_connecting = False
    house.core.refresh()
    assert isinstance(house.shown[-1], NoAccount)


def test_that_a_helpdesk_out_of_reach_is_said_at_once_and_tried_again_when_it_is_back(house):
    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        house.helpdesk.tickets[7] = Unreachable("no answer")
        house.core.session.open(house.core.desk.find("7"))
        house.core.tasks.latest("follow", house.core.follower.run())
        await until(lambda: house.helpdesk.count("recently_viewed"))
        assert not house.core.footer().offline
        await until(lambda: isinstance(house.shown[-1], Offline))
        house.core.session.close()
        house.shown.clear()
        house.helpdesk.is_reachable = False
        await until(lambda: house.shown and house.shown[-1].footer.offline)
        house.core.session.open(house.core.desk.find("7"))
        await until(lambda: house.core.session._front.out_of_reach)
        house.helpdesk.tickets[7] = an_open_ticket(7)
        house.helpdesk.is_reachable = True
        await until(lambda: isinstance(house.shown[-1], Ready))
        assert not house.core.footer().offline

    house.run(scenario)


def test_that_the_footer_says_that_the_engine_is_learning(house):
    engine = house.core.engine

    async def scenario():
        house.core.desk.add(house.seat)
        engine._heard(Started("mini", 1, 0, 0.1))
        assert house.core.footer().engine is Engine.LEARNING
        engine._heard(Settled(0))
        assert house.core.footer().engine is Engine.READY
        assert house.shown[-1].footer.engine is Engine.READY

    house.run(scenario)


def test_that_help_is_early_while_an_account_is_read_for_the_first_time(house):
    reads_first = house.core.session.reads_first
    assert reads_first(house.helpdesk.account)

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()

    house.run(scenario)
    assert not reads_first(house.helpdesk.account)


@pytest.mark.parametrize(("kind", "watches"), [(HelpdeskKind.ZENDESK, True), (HelpdeskKind.FRESHDESK, False)])
def test_that_the_panel_says_whether_it_notices_tickets_by_itself(house, kind, watches):
    house.helpdesk.kind = kind

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()

    house.run(scenario)
    state = house.core.idle_state()
    assert (state.watches, state.helpdesk) == (watches, "acme")


def test_that_a_ticket_is_helped_plainly_before_the_engine_is_up(house):
    house.helpdesk.tickets[7] = an_open_ticket(7)
    house.helpdesk.collections["articles"] = [
        Batch((an_article(5, html="<p>A snapped tent pole is mended for free.</p>"),), "a", done=True)
    ]

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        house.core.session.open(house.core.desk.find("7"))
        await until(lambda: isinstance(house.shown[-1], Ready))

    house.run(scenario)
    state = house.shown[-1]
    assert state.help.stage is Stage.PLAIN
    assert state.footer.engine is Engine.STARTING


@pytest.mark.promise("N3")
def test_that_a_refused_sign_in_is_asked_for_once_and_stops_all_requests_until_the_next(house):
    async def scenario():
        house.helpdesk.tickets[7] = an_open_ticket(7)
        house.core.connect(house.seat)
        await house.synced()
        refused = SignInNeeded("signed out")
        house.helpdesk.viewed = refused
        house.helpdesk.messages[7] = refused
        house.core.session.open(house.core.desk.find("7"))
        await until(lambda: isinstance(house.shown[-1], Ready))
        house.core.tasks.latest("follow", house.core.follower.run())
        house.core.tasks.latest("outcomes", house.core.outcomes.run())
        await until(lambda: {"recently_viewed", "replies_since"} <= {what for what, _ in house.helpdesk.asked})
        await until(lambda: house.sign_ins)
        before = len(house.helpdesk.asked)
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert len(house.helpdesk.asked) == before
        assert house.sign_ins == [house.helpdesk.account]
        trouble = next(state for state in house.shown if isinstance(state, Trouble))
        assert (trouble.title, trouble.action) == ("Signed out of acme", Action.SIGN_IN)
        assert trouble.footer.offline

        fresh = FakeHelpdesk()
        fresh.tickets[8] = an_open_ticket(8)
        fresh.viewed = 8
        house.core.connect(Seat(fresh, an_agent(), "acme"))
        await until(lambda: house.core.session.front and house.core.session.front.id == 8)
        await until(lambda: fresh.count("replies_since"))

    house.run(scenario)
    assert house.helpdesk.closed


@pytest.mark.promise("N3")
def test_that_a_ticket_opened_while_signed_out_says_so_and_is_read_after_the_sign_in(house):
    async def scenario():
        house.helpdesk.tickets[7] = house.helpdesk.tickets[8] = SignInNeeded("signed out")
        house.core.connect(house.seat)
        await house.synced()
        for number in (7, 8):
            house.core.session.open(house.core.desk.find(str(number)))
            await until(lambda number=number: ("open_ticket", number) in house.helpdesk.asked)
            await until(lambda: isinstance(house.shown[-1], Trouble))
        assert house.sign_ins == [house.helpdesk.account]

        fresh = FakeHelpdesk()
        fresh.tickets[8] = an_open_ticket(8)
        house.core.connect(Seat(fresh, an_agent(), "acme"))
        await until(lambda: isinstance(house.shown[-1], Ready))

    house.run(scenario)
    assert house.shown[-1].opened.ticket.ref.id == 8


@pytest.mark.promise("N3")
def test_that_while_signed_out_that_is_what_is_shown_without_a_ticket(house):
    async def scenario():
        house.helpdesk.collections["articles"] = [SignInNeeded("signed out")]
        house.core.connect(house.seat)
        await until(lambda: house.sign_ins)
        house.core.refresh()

    house.run(scenario)
    assert isinstance(house.shown[-1], Trouble)
    assert house.shown[-1].action is Action.SIGN_IN


def test_that_the_footer_tells_the_age_of_the_oldest_account_and_who_is_out_of_reach(house):
    other = FakeHelpdesk("freshdesk:acme", HelpdeskKind.FRESHDESK)
    other.collections["articles"] = [Unreachable("no answer")]

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        assert house.core.footer().synced_age < timedelta(minutes=1)
        assert not house.core.footer().offline
        house.core.connect(Seat(other, an_agent(), "other"))
        await until(lambda: house.core.syncing.status(other.account).problem)

    house.run(scenario)
    footer = house.core.footer()
    assert (footer.account, footer.synced_age, footer.offline) == ("acme", None, True)


def test_that_an_account_that_is_disconnected_leaves_nothing_but_the_log(house):
    house.helpdesk.tickets[7] = an_open_ticket(7)
    house.helpdesk.collections["articles"] = [Batch((an_article(5),), "a", done=True)]

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        house.core.session.open(house.core.desk.find("7"))
        await until(lambda: isinstance(house.shown[-1], Ready))
        await house.core.disconnect(house.helpdesk.account)

    house.run(scenario)
    assert isinstance(house.shown[-1], NoAccount)
    assert house.helpdesk.closed
    assert house.core.session.front is None
    store = house.core.store
    assert store.state.checkpoint(house.helpdesk.account, "articles") is None
    assert store.tickets.recent(house.helpdesk.account) == []


def test_that_a_ticket_that_was_just_read_is_not_kept_after_its_account_was_forgotten(house):
    house.helpdesk.tickets[7] = an_open_ticket(7)

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        leaving = []

        async def leave(*_about):
            leaving.append(asyncio.ensure_future(house.core.disconnect(house.helpdesk.account)))

        house.helpdesk.wait = leave
        house.core.session.open(house.core.desk.find("7"))
        await until(lambda: leaving and leaving[0].done())
        await until(lambda: not {"keep ticket", "ticket"} & house.core.tasks.names())

    house.run(scenario)
    assert house.core.store.tickets.recent(house.helpdesk.account) == []


@pytest.mark.promise("N3")
@pytest.mark.parametrize("asked", ["recently_viewed", "replies_since", "open_ticket"])
def test_that_a_late_refusal_of_the_old_credentials_does_not_sign_the_new_ones_out(house, asked):
    old, new = house.helpdesk, FakeHelpdesk()
    old.tickets[7] = new.tickets[7] = an_open_ticket(7)
    gate = asyncio.Event()

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        house.core.session.open(house.core.desk.find("7"))
        await until(lambda: isinstance(house.shown[-1], Ready))

        async def hold(what, _about):
            if what == asked:
                await gate.wait()
                raise SignInNeeded("signed out")

        old.wait, before = hold, old.count(asked)
        if asked == "open_ticket":
            house.core.session.reload()
        house.core.tasks.latest("follow", house.core.follower.run())
        house.core.tasks.latest("outcomes", house.core.outcomes.run())
        await until(lambda: old.count(asked) > before)
        house.core.connect(Seat(new, an_agent(), "acme"))
        gate.set()
        await until(lambda: {"recently_viewed", "replies_since"} <= {what for what, _ in new.asked})

    house.run(scenario)
    assert house.sign_ins == []
    assert not any(isinstance(state, Trouble) for state in house.shown)


def test_that_a_ticket_viewed_in_an_account_that_was_just_removed_is_not_opened(house):
    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        gate, asked = asyncio.Event(), []

        async def hold(what, _about):
            if what == "recently_viewed":
                asked.append(what)
                await gate.wait()

        house.helpdesk.wait, house.helpdesk.viewed = hold, 7
        house.core.tasks.latest("follow", house.core.follower.run())
        await until(lambda: asked)
        await house.core.disconnect(house.helpdesk.account)
        gate.set()
        for _ in range(20):
            await asyncio.sleep(0.002)

    house.run(scenario)
    assert house.core.session.front is None
    assert isinstance(house.shown[-1], NoAccount)


def test_that_an_account_which_is_removed_while_signed_out_is_not_asked_for_any_more(house):
    async def scenario():
        house.helpdesk.collections["articles"] = [SignInNeeded("signed out")]
        house.core.connect(house.seat)
        await until(lambda: house.sign_ins)
        await house.core.disconnect(house.helpdesk.account)

    house.run(scenario)
    assert isinstance(house.shown[-1], NoAccount)


@pytest.mark.promise("I7")
def test_that_an_account_without_its_credentials_is_asked_for_instead_of_a_welcome(house):
    house.core.locked(house.helpdesk.account, "acme.zendesk.com")

    shown = house.shown[-1]
    assert isinstance(shown, Trouble)
    assert shown.title == "Sign in to acme.zendesk.com again"
    assert shown.action is Action.SIGN_IN


def test_that_an_account_that_was_locked_is_forgotten_with_the_rest(house):
    house.core.locked(house.helpdesk.account, "acme.zendesk.com")

    house.run(lambda: house.core.disconnect(house.helpdesk.account))
    assert isinstance(house.shown[-1], NoAccount)


def test_that_a_store_set_aside_is_said_in_the_panel(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        problem = data_problem(Vault(store, KEY, is_session_only=False, notice="The old file was kept."))
        assert (problem.advice, problem.action) == ("The old file was kept.", Action.OPEN_DATA_FOLDER)
        assert data_problem(Vault(store, KEY, is_session_only=False)) is None
        assert data_problem(Vault(store, new_key(), is_session_only=True, notice="Nothing is kept.")) is None


def test_that_a_good_own_trigger_file_is_used(tmp_path):
    own = tmp_path / "triggers.toml"
    own.write_text((ROOT / "triggers.toml").read_text(encoding="utf-8"), encoding="utf-8")
    found = find_triggers(tmp_path)
    assert (found.path, found.problem) == (own, "")
    assert found.triggers


@pytest.mark.logs("the own trigger file is not used")
def test_that_a_bad_own_trigger_file_is_said_and_the_shipped_one_used(tmp_path):
    (tmp_path / "triggers.toml").write_text("[[trigger]\n", encoding="utf-8")
    found = find_triggers(tmp_path)
    assert found.path == ROOT / "triggers.toml"
    assert found.problem
    assert found.triggers == find_triggers(tmp_path / "nowhere").triggers


def test_that_a_good_own_churn_file_is_used(tmp_path):
    own = tmp_path / "churn.toml"
    own.write_text((ROOT / "churn.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert (find_triggers(tmp_path).churn, find_triggers(tmp_path).problem) == (own, "")


@pytest.mark.logs("the own churn file is not used")
def test_that_a_bad_own_churn_file_is_said_and_the_shipped_one_used(tmp_path):
    (tmp_path / "churn.toml").write_text('[[advice]]\ndo = "pray"\n', encoding="utf-8")
    found = find_triggers(tmp_path)
    assert found.churn == ROOT / "churn.toml"
    assert "advice 1: text must say what to do" in found.problem


# --- while a browser is linked


@pytest.mark.promise("N1")
def test_that_helpdesks_are_not_polled_while_a_browser_is_linked_and_again_when_it_is_gone(house):
    linked = ["Chromium"]
    house.core.browsers = lambda: tuple(linked)

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        house.core.tasks.latest("follow", house.core.follower.run())
        for _ in range(30):
            await asyncio.sleep(0.002)
        assert house.helpdesk.count("recently_viewed") == 0
        linked.clear()
        await until(lambda: house.helpdesk.count("recently_viewed"))

    house.run(scenario)


def test_that_a_linked_browser_is_in_the_footer_and_watches_for_every_helpdesk(house):
    house.helpdesk.kind = HelpdeskKind.FRESHDESK
    house.core.browsers = lambda: ("Chromium",)

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()

    house.run(scenario)
    state = house.core.idle_state()
    assert (state.watches, state.footer.browsers) == (True, ("Chromium",))


def test_that_the_link_is_told_when_an_account_comes_or_goes(house):
    told = []
    house.core.on_desk_changed = lambda: told.append(len(house.core.desk))

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        await house.core.disconnect(house.helpdesk.account)

    house.run(scenario)
    assert told == [1, 0]


GROUP_5 = SyncScope(groups=frozenset({5}))


@pytest.mark.promise("U4")
def test_that_a_changed_scope_lets_go_of_other_groups_at_once_and_reads_anew(house):
    helpdesk = house.helpdesk
    tickets = [a_solved_ticket(number, ticket=a_ticket(number, group_id=number)) for number in (5, 6)]
    helpdesk.collections["solved_tickets"] = [Batch(tuple(tickets), "1", done=True)]
    ids = lambda: [one.ticket.ref.id for one in house.core.store.documents.solved_tickets()]  # noqa: E731  # asked twice

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        before = ids(), helpdesk.scope
        asked = helpdesk.count("articles")
        house.core.policy.change(scopes={helpdesk.account: GROUP_5})
        await until(lambda: helpdesk.count("articles") > asked)
        return before, (ids(), helpdesk.scope)

    assert house.run(scenario) == (([5, 6], EVERYTHING), ([5], GROUP_5))


@pytest.mark.parametrize(("kind", "resumed"), [(HelpdeskKind.FRESHDESK, None), (HelpdeskKind.ZENDESK, "end")])
def test_that_more_solved_tickets_are_read_when_the_bound_is_raised(house, kind, resumed):
    house.helpdesk.kind = kind

    async def scenario():
        house.core.connect(house.seat)
        await house.synced()
        house.core.policy.change(solved_tickets=20_000)
        asked = house.helpdesk.count("solved_tickets")
        await until(lambda: house.helpdesk.count("solved_tickets") > asked)
        return [about for what, about in house.helpdesk.asked if what == "solved_tickets"]

    assert house.run(scenario) == [None, resumed]


@pytest.mark.promise("D7")
def test_that_the_ticket_in_front_is_closed_when_its_customer_is_deleted(house):
    async def scenario():
        house.helpdesk.tickets[7] = an_open_ticket(7)
        house.core.connect(house.seat)
        house.core.session.open(TicketRef(house.helpdesk.account, 7))
        await until(lambda: any(isinstance(state, Ready) for state in house.shown))
        await until(lambda: house.core.store.tickets.recent(house.helpdesk.account))
        (customer,) = await house.core.keeping.find(house.helpdesk.account, "900")
        await house.core.keeping.forget(customer)
        return house.core.session.front

    assert house.run(scenario) is None
