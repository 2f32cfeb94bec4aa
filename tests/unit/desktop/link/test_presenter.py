from __future__ import annotations

import pytest

from assist.domain import HelpdeskKind, TicketRef
from desktop.desk import Seat
from desktop.link.presenter import FOLLOWED_WITHIN_S, MOST_FOLLOWED, Clocks, LinkPresenter
from desktop.link.state import NoComposer, Pairing, Target
from integrations.browser.messages import Away, Composer, Draft, Elsewhere, Front, Keys, LinkSettings, Submitted, Where
from integrations.browser.partner import Closed, CodeShown, Linked, PairingEnded, Said
from tests.helpers.builders import an_agent
from tests.helpers.fakes import FakeHelpdesk, Table, run, table
from tests.helpers.links import Room, page

DASHBOARD = "https://acme.example.com/agent/dashboard"


class Told:
    """A presenter over a real session. Browsers 1 and 2 are linked; ``sent`` is what they were told."""

    def __init__(self, at: Table) -> None:
        self.at = at
        self.room = Room()
        self.sent: list[tuple[int, object]] = []
        self.steady_s = self.wall_s = 1_000.0
        self.link = LinkPresenter(
            at.session,
            at.desk,
            self.room.doors(),
            send=self._send,
            clocks=Clocks(lambda: self.steady_s, lambda: self.wall_s),
        )
        at.session.inserts = lambda ref: isinstance(self.link.reach(ref), Target)

    def _send(self, browser: int, message: object) -> bool:
        self.sent.append((browser, message))
        return True

    def arrive(self, *browsers: int) -> None:
        for browser in browsers:
            self.link.on_events(browser, [Linked(f"{browser:016}", "Chromium")])

    def say(self, *messages, browser: int = 1) -> None:
        self.link.on_events(browser, [Said(message) for message in messages])

    def front(self, number: int, *, browser: int = 1, composer: bool = True) -> None:
        self.say(Front(page(number), 10 * browser, composer), browser=browser)

    def pass_s(self, seconds: float) -> None:
        self.steady_s += seconds
        self.wall_s += seconds

    def do(self, *acts):
        """Do each and let everything come to its end; return what the last one returned."""

        async def scenario():
            found = None
            for act in acts:
                found = act()
                await self.at.settle()
            return found

        found = run(scenario())
        assert self.at.errors == []
        return found


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def told(at):
    made = Told(at)
    made.arrive(1, 2)
    made.sent.clear()
    return made


# --- what is in front


def test_that_the_ticket_in_front_of_the_browser_is_opened(told, at):
    told.do(lambda: told.front(7))
    assert at.ready().opened.ticket.ref == at.ref(7)
    assert at.ready().inserts


@pytest.mark.promise("N5")
def test_that_of_several_fronts_at_once_the_newest_is_opened_and_only_that_is_read(told, at):
    told.do(lambda: told.say(*(Front(page(number), 1, composer=True) for number in (7, 8, 7, 8))))
    assert at.session.front == at.ref(8)
    assert at.helpdesk.asked == [("open_ticket", 8)]


@pytest.mark.promise("N1")
def test_that_going_back_and_forth_reads_each_ticket_once_in_five_seconds(told, at):
    told.do(*(lambda number=number: told.front(number) for number in (7, 8) * 5))
    assert sorted(at.helpdesk.asked) == [("open_ticket", 7), ("open_ticket", 8)]
    at.clock.advance(seconds=5)
    told.do(lambda: told.front(7))
    assert at.helpdesk.count("open_ticket") == 3


def test_that_a_page_without_a_ticket_shows_that_none_is_open(told, at):
    told.do(lambda: told.front(7), lambda: told.say(Front(DASHBOARD, 10, composer=False)))
    assert at.session.front is None


def test_that_a_ticket_that_was_opened_by_hand_stays_when_the_browser_shows_a_page_without_one(told, at):
    told.do(lambda: told.front(7), lambda: at.session.open(at.ref(8)))
    told.do(lambda: told.say(Front(DASHBOARD, 10, composer=False)))
    assert at.session.front == at.ref(8)


@pytest.mark.parametrize(
    "message",
    [Elsewhere(), Away(), Front("https://other.zendesk.com/agent/dashboard", 10, composer=False)],
    ids=["elsewhere", "away", "another company's helpdesk"],
)
def test_that_another_page_or_program_leaves_the_panel_and_takes_no_insert(told, at, message):
    told.do(lambda: told.front(7), lambda: told.say(message))
    assert at.session.front == at.ref(7)
    assert told.link.reach(at.ref(7)) is None
    assert not at.ready().inserts


def test_that_a_browser_that_is_away_because_the_agent_types_in_the_panel_still_takes_an_insert(told, at):
    told.do(lambda: told.front(7), lambda: told.say(Away()))
    told.room.keyboard = True
    assert told.link.reach(at.ref(7)) == Target(1, 10, page(7))


def test_that_a_ticket_is_reached_only_while_it_is_the_one_in_front_and_has_an_editor(told, at):
    told.do(lambda: told.front(7, composer=False))
    assert (told.link.reach(at.ref(7)), told.link.reach(at.ref(8))) == (NoComposer(), None)
    told.do(lambda: told.say(Composer(10, present=True)))
    assert told.link.reach(at.ref(7)) == Target(1, 10, page(7))
    assert at.ready().inserts
    told.do(lambda: told.say(Composer(99, present=False)))
    assert told.link.reach(at.ref(7)) == Target(1, 10, page(7))
    told.do(lambda: told.say(Composer(10, present=False)))
    assert told.link.reach(at.ref(7)) == NoComposer()


def test_that_of_two_browsers_the_one_that_named_a_page_last_counts(told, at):
    told.do(lambda: told.front(7), lambda: told.front(8, browser=2))
    told.do(lambda: told.say(Elsewhere(), Away(), browser=1))
    assert told.link.reach(at.ref(8)) == Target(2, 20, page(8))
    told.do(lambda: told.say(Away(), browser=2), lambda: told.say(Elsewhere(), browser=1))
    assert told.link.reach(at.ref(8)) is None


def test_that_a_lost_link_takes_what_was_in_front_with_it(told, at):
    told.do(lambda: told.front(7))
    told.link.on_events(1, [Closed("gone")])
    assert told.link.reach(at.ref(7)) is None
    assert at.session.front == at.ref(7)
    assert told.room.changes == 3


@pytest.mark.promise("S4")
@pytest.mark.parametrize(
    "url", ["https://evil.example.com/agent/tickets/7", "http://acme.example.com/agent/tickets/7x"]
)
def test_that_an_address_of_no_account_opens_nothing(told, at, url):
    told.do(lambda: told.say(Front(url, 10, composer=True)))
    assert at.session.front is None
    assert at.helpdesk.asked == []


def test_that_nothing_is_read_while_nobody_can_see_the_panel_and_the_newest_is_once_they_can(told, at):
    told.room.wanted = False
    told.do(lambda: told.front(7), lambda: told.front(8), told.link.tick)
    assert at.helpdesk.asked == []
    told.room.wanted = True
    told.do(told.link.watch_changed)
    assert at.session.front == at.ref(8)


def test_that_a_ticket_opened_by_hand_is_not_left_because_the_panel_was_shown(told, at):
    told.do(lambda: told.front(7), lambda: at.session.open(at.ref(8)), told.link.watch_changed)
    assert at.session.front == at.ref(8)


@pytest.mark.promise("S5")
def test_that_a_flood_of_tickets_is_followed_again_when_it_ends(told, at):
    at.has(*range(1, 200))
    told.do(*(lambda number=number: told.front(number) for number in range(1, 200)))
    assert at.helpdesk.count("open_ticket") == MOST_FOLLOWED
    told.pass_s(FOLLOWED_WITHIN_S + 1)
    told.do(told.link.tick)
    assert at.session.front == at.ref(199)


# --- what browsers are told


def test_that_a_browser_that_arrives_is_asked_what_is_in_front(at):
    told = Told(at)
    told.arrive(1)
    assert told.sent == [(1, Where())]


def test_that_settings_are_the_accounts_own_origins_and_go_out_when_they_change(told, at):
    assert told.link.settings() == LinkSettings(("https://acme.example.com",), drafts=False)
    told.link.tick()
    assert told.sent == []
    told.room.drafts = True
    told.link.tick()
    assert told.sent == [(number, LinkSettings(("https://acme.example.com",), drafts=True)) for number in (1, 2)]


def test_that_after_an_account_came_browsers_say_again_what_is_in_front(told, at):
    other = FakeHelpdesk("freshdesk:acme", HelpdeskKind.FRESHDESK)
    other.ticket_url = lambda number: f"https://acme.freshdesk.com/a/tickets/{number}"
    at.desk.add(Seat(other, an_agent(), "acme"))
    told.link.desk_changed()
    settings = LinkSettings(("https://acme.example.com", "https://acme.freshdesk.com"), drafts=False)
    assert told.sent == [(1, settings), (2, settings), (1, Where()), (2, Where())]


@pytest.mark.promise("N7")
@pytest.mark.parametrize(("steady_s", "wall_s"), [(0.5, 3_600), (3_600, 3_600)])
def test_that_after_sleep_browsers_say_again_what_is_in_front(told, steady_s, wall_s):
    told.steady_s += steady_s
    told.wall_s += wall_s
    told.link.tick()
    assert told.sent == [(1, Where()), (2, Where())]
    told.link.tick()
    assert len(told.sent) == 2


@pytest.mark.promise("N7")
def test_that_a_clock_that_is_set_back_means_nothing(told):
    told.steady_s += 1
    told.wall_s -= 86_400
    told.link.tick()
    assert told.sent == []


def test_that_a_reply_that_was_sent_off_is_looked_for_on_its_ticket(told, at):
    told.say(Submitted(10, page(7)), Submitted(10, DASHBOARD))
    assert told.room.submitted == [at.ref(7)]


@pytest.mark.promise("I3")
def test_that_the_browsers_shortcut_takes_the_keyboard_and_a_helpdesks_app_cannot(told):
    told.say(Keys())
    assert told.room.keyboard_taken == 1
    told.say(Keys(), browser=-1)
    assert told.room.keyboard_taken == 1


# --- drafts


def test_that_a_draft_is_kept_for_the_ticket_in_front_while_it_is_allowed(told, at):
    told.room.drafts = True
    told.do(lambda: told.front(7), lambda: told.say(Draft(10, page(7), "Dear Inês")))
    assert (told.link.draft(at.ref(7)), told.link.draft(at.ref(8))) == ("Dear Inês", "")
    told.room.drafts = False
    assert told.link.draft(at.ref(7)) == ""
    told.link.tick()
    told.room.drafts = True
    assert told.link.draft(at.ref(7)) == ""


@pytest.mark.parametrize("drafts", [False, True])
@pytest.mark.parametrize(
    ("browser", "message"),
    [(1, Draft(10, page(8), "x")), (1, Draft(11, page(7), "x")), (2, Draft(10, page(7), "x"))],
)
def test_that_a_draft_of_another_page_or_tab_or_browser_is_not_taken(told, at, browser, message, drafts):
    told.room.drafts = drafts
    told.do(lambda: told.front(7), lambda: told.say(message, browser=browser))
    assert [told.link.draft(at.ref(number)) for number in (7, 8)] == ["", ""]


@pytest.mark.parametrize(
    "leave",
    [
        lambda told: told.front(8),
        lambda told: told.say(Elsewhere()),
        lambda told: told.say(Front(DASHBOARD, 10, composer=False)),
        lambda told: told.link.on_events(1, [Closed("gone")]),
    ],
    ids=["another ticket", "elsewhere", "no ticket", "the link is lost"],
)
def test_that_a_draft_is_dropped_when_its_ticket_leaves(told, at, leave):
    told.room.drafts = True
    told.do(lambda: told.front(7), lambda: told.say(Draft(10, page(7), "Dear Inês")), lambda: leave(told))
    told.arrive(1)
    told.do(lambda: told.front(7))
    assert told.link.draft(at.ref(7)) == ""


@pytest.mark.promise("S3")
def test_that_neither_a_draft_nor_an_address_is_in_any_log_or_repr(told, at, caplog):
    told.room.drafts = True
    with caplog.at_level(0):
        told.do(lambda: told.front(7), lambda: told.say(Draft(10, page(7), "Kanarienvogel")))
    assert "Kanarienvogel" not in caplog.text + repr(told.link._fronts.page)
    assert "acme.example.com" not in repr(told.link._fronts.page) + repr(told.link.reach(at.ref(7)))


# --- pairing


def test_that_a_code_is_shown_and_taken_away_with_a_word(told):
    told.link.on_events(3, [CodeShown("481902", "Firefox", 120.0)])
    assert told.room.pairings == [Pairing("481902", "Firefox", 120.0)] == [told.link.pairing]
    told.link.on_events(3, [PairingEnded(ok=True, why="")])
    assert (told.room.pairings[-1], told.link.pairing) == (None, None)
    assert told.room.notices == ["Linked with Firefox."]


@pytest.mark.parametrize(
    ("why", "said"),
    [("code", "That was another code."), ("late", "The code has expired."), ("cancelled", ""), ("gone", "")],
)
def test_that_a_failed_pairing_says_why_where_the_agent_can_do_something(told, why, said):
    told.link.on_events(3, [CodeShown("481902", "Firefox", 120.0), PairingEnded(ok=False, why=why)])
    assert told.room.pairings[-1] is None
    assert [notice.startswith(said) for notice in told.room.notices] == ([True] if said else [])


def test_that_a_ref_of_another_account_is_not_reached(told, at):
    told.do(lambda: told.front(7))
    assert told.link.reach(TicketRef("zendesk:other", 7)) is None
