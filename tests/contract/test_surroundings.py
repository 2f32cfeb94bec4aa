"""What both helpdesks promise beyond tickets: standing, places, scope, names and numbers; and what a sync costs."""

from __future__ import annotations

import asyncio

import pytest

from assist.domain import HelpdeskKind, SlaMetric, TicketStatus
from assist.errors import NotThere
from assist.ports import EVERYTHING, SyncScope
from integrations.demo.faults import Limits
from integrations.demo.server import DEMO_ADMIN_FRESHDESK_KEY, DEMO_ADMIN_OAUTH_TOKEN, DEMO_OAUTH_TOKEN, DemoServer
from integrations.helpdesks import connect
from integrations.site import ApiKey, OAuthToken, demo_site
from tests.helpers.demo_data import LONG, OPEN, PENDING, SOLVED, HandClock, small_world
from tests.helpers.helpdesk import collect

UNLIMITED = Limits(zendesk=100_000, zendesk_incremental=1_000, freshdesk=100_000, freshdesk_ticket_lists=10_000)
ZENDESK, FRESHDESK = HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK


class WorldClock:
    """The world's own clock as an `assist.ports.Clock`."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock

    def now(self):
        return self._clock.value


class Account:
    """One demo account of one vendor, and the world behind it."""

    def __init__(self, server: DemoServer, clock: HandClock, kind: HelpdeskKind) -> None:
        self.server, self.world, self.clock, self.kind = server, server.world, clock, kind

    def ask(self, question, *, scope=EVERYTHING, token=DEMO_ADMIN_OAUTH_TOKEN):
        async def answered():
            port = self.server.zendesk_port if self.kind is ZENDESK else self.server.freshdesk_port
            credentials = OAuthToken(token) if self.kind is ZENDESK else ApiKey(DEMO_ADMIN_FRESHDESK_KEY)
            site, clock = demo_site(self.kind, port), WorldClock(self.clock)
            helpdesk = connect(site, credentials, sleep=lambda _: asyncio.sleep(0), clock=clock)
            helpdesk.scope = scope
            try:
                return await question(helpdesk)
            finally:
                await helpdesk.aclose()

        return asyncio.run(asyncio.wait_for(answered(), 30))

    def articles(self, checkpoint=None, **how):
        return self.ask(lambda helpdesk: collect(helpdesk.articles(checkpoint)), **how)

    def solved(self, checkpoint=None, **how):
        return self.ask(lambda helpdesk: collect(helpdesk.solved_tickets(checkpoint)), **how)

    def requests(self):
        return [seen.path for seen in self.world.requests]


@pytest.fixture
def account(tmp_path, request):
    clock = HandClock()
    with DemoServer(small_world(tmp_path, clock=clock, limits=UNLIMITED)) as server:
        yield Account(server, clock, request.param)


both = pytest.mark.parametrize("account", list(HelpdeskKind), indirect=True)
zendesk_only = pytest.mark.parametrize("account", [ZENDESK], indirect=True)


def ids_of(batches):
    return {item.id if hasattr(item, "id") else item.ticket.ref.id for batch in batches for item in batch.items}


def gone_of(batches):
    return {id_ for batch in batches for id_ in batch.gone}


@both
@pytest.mark.promise("N6")
def test_that_a_standing_says_what_opening_the_ticket_says(account):
    opened = account.ask(lambda helpdesk: helpdesk.open_ticket(OPEN)).ticket
    standing = account.ask(lambda helpdesk: helpdesk.standing(OPEN))
    assert (standing.ref, standing.status, standing.subject) == (opened.ref, TicketStatus.OPEN, opened.subject)
    assert (standing.assignee_id, standing.group_id, standing.updated_at) == (
        opened.assignee_id,
        opened.group_id,
        opened.updated_at,
    )


@both
@pytest.mark.promise("N6")
def test_that_a_standing_costs_one_request_and_is_read_by_no_one_else(account):
    account.ask(lambda helpdesk: helpdesk.standing(OPEN))
    assert len(account.requests()) == 1


@both
@pytest.mark.promise("N6")
def test_that_a_standing_follows_a_reassignment_an_answer_and_a_deletion(account):
    before = account.ask(lambda helpdesk: helpdesk.standing(OPEN))
    maya = account.world.agent
    account.clock.advance(minutes=3)
    account.world.change(OPEN, assignee_id=maya.id)
    given = account.ask(lambda helpdesk: helpdesk.standing(OPEN))
    account.clock.advance(minutes=3)
    account.world.agent_replies(OPEN, "<p>Done.</p>")
    answered = account.ask(lambda helpdesk: helpdesk.standing(OPEN))
    assert before.assignee_id != given.assignee_id == maya.id
    assert before.updated_at < given.updated_at < answered.updated_at
    account.world.delete(OPEN)
    with pytest.raises(NotThere):
        account.ask(lambda helpdesk: helpdesk.standing(OPEN))


@both
@pytest.mark.promise("N6")
def test_that_a_merge_is_told_with_its_target_by_standing_and_by_opening(account):
    account.world.merge(OPEN, LONG)
    standing = account.ask(lambda helpdesk: helpdesk.standing(OPEN))
    opened = account.ask(lambda helpdesk: helpdesk.open_ticket(OPEN)).ticket
    target = account.ask(lambda helpdesk: helpdesk.open_ticket(LONG)).ticket
    assert (standing.status, standing.merged_into) == (TicketStatus.CLOSED, LONG)
    assert (opened.status, opened.merged_into) == (TicketStatus.CLOSED, LONG)
    assert target.merged_into is None


@both
def test_that_places_are_named_and_tickets_and_articles_stand_in_them(account):
    places = account.ask(lambda helpdesk: helpdesk.places())
    ticket = account.ask(lambda helpdesk: helpdesk.open_ticket(OPEN)).ticket
    groups = {group.id: group.name for group in places.groups}
    assert groups[ticket.group_id] == ticket.group
    assert len({folder.id for folder in places.folders}) == len(places.folders) > 1
    assert all(place.name for place in (*places.brands, *places.groups, *places.folders))


@both
def test_that_numbers_of_a_ticket_are_in_minutes(account):
    metrics = account.ask(lambda helpdesk: helpdesk.open_ticket(SOLVED)).ticket.metrics
    assert metrics is not None
    assert metrics.first_response_minutes == 120


@both
def test_that_a_scope_of_one_folder_reads_only_that_and_gives_up_the_rest(account):
    whole = account.articles()
    places = account.ask(lambda helpdesk: helpdesk.places())
    boots = next(folder.id for folder in places.folders if folder.name.endswith("Boots and clothing"))
    narrow = SyncScope(folders=frozenset({boots}))
    everything = ids_of(whole)
    drafts = {item.id for batch in whole for item in batch.items if item.draft}
    inside = {item.id for batch in whole for item in batch.items if item.section == "Boots and clothing"}
    assert account.articles(scope=narrow)[-1].done
    assert ids_of(account.articles(scope=narrow)) <= inside
    narrowed = account.articles(whole[-1].checkpoint, scope=narrow)
    assert gone_of(narrowed) >= everything - inside - drafts
    assert not gone_of(narrowed) & (inside - drafts)
    widened = account.articles(narrowed[-1].checkpoint)
    assert ids_of(widened) >= everything - inside - drafts
    assert gone_of(widened) <= drafts


@both
def test_that_a_scope_of_one_group_gives_up_the_tickets_of_the_others(account):
    account.world.set_status(PENDING, "solved")
    whole = account.solved()
    group = account.world.tickets[PENDING].group_id
    narrow = SyncScope(groups=frozenset({group}))
    narrowed = account.solved(whole[-1].checkpoint, scope=narrow)
    assert ids_of(whole) == {SOLVED, PENDING}
    assert (gone_of(narrowed), SOLVED in ids_of(narrowed)) == ({SOLVED}, False)
    assert ids_of(account.solved(scope=narrow)) == {PENDING}
    widened = account.solved(narrowed[-1].checkpoint)
    assert (SOLVED in ids_of(widened), gone_of(widened)) == (True, set())


@both
def test_that_a_scope_of_months_leaves_out_what_was_last_changed_before(account):
    account.world.set_status(PENDING, "solved")
    month = SyncScope(months=1)
    assert ids_of(account.solved(scope=month)) == {PENDING}
    assert gone_of(account.solved(account.solved()[-1].checkpoint, scope=month)) == {SOLVED}


@both
def test_that_a_second_sync_with_nothing_new_costs_a_handful_of_requests(account):
    """Zendesk: macros, articles, languages, the one other language, the search. Freshdesk counts its own folders."""
    marks = [batches[-1].checkpoint for batches in (account.articles(), account.solved())]
    account.clock.advance(minutes=30)
    account.world.requests.clear()
    again = ids_of(account.articles(marks[0])) | ids_of(account.solved(marks[1]))
    assert len(again) <= (0 if account.kind is ZENDESK else 2)
    account.ask(lambda helpdesk: collect(helpdesk.macros()))
    spent = account.requests()
    if account.kind is ZENDESK:
        assert sorted(path.removeprefix("/api/v2/") for path in spent) == [
            "help_center/de/articles",
            "help_center/incremental/articles",
            "help_center/locales",
            "macros/active",
            "search",
        ]
    assert len(spent) <= 20


# --- only Zendesk tells


@zendesk_only
def test_that_a_ticket_has_its_brand_its_fields_and_its_promised_times(account):
    account.world.odds.outlet.add(OPEN)
    opened = account.ask(lambda helpdesk: helpdesk.open_ticket(OPEN)).ticket
    solved = account.ask(lambda helpdesk: helpdesk.open_ticket(SOLVED)).ticket
    assert (opened.brand, solved.brand) == ("Tarn & Tor Outlet", "Tarn & Tor")
    assert dict(solved.fields) == {"Order number": "TT-204518", "Contact reason": "Something broke::Warranty"}
    assert "4242" not in repr(solved) + str(solved.fields)
    assert [(one.metric, one.breached) for one in opened.sla] == [
        (SlaMetric.FIRST_RESPONSE, True),
        (SlaMetric.RESOLUTION, False),
    ]


@zendesk_only
def test_that_a_paused_promise_is_due_at_no_time(account):
    [target] = account.ask(lambda helpdesk: helpdesk.open_ticket(PENDING)).ticket.sla
    assert (target.metric, target.due_at, target.breached) == (SlaMetric.RESOLUTION, None, False)


@zendesk_only
def test_that_names_which_agents_may_not_see_are_done_without_and_asked_for_once(account):
    account.world.odds.admins_only |= {"/api/v2/brands", "/api/v2/ticket_fields"}

    async def twice(helpdesk):
        await helpdesk.open_ticket(SOLVED)
        return (await helpdesk.open_ticket(SOLVED)).ticket, await helpdesk.places()

    ticket, places = account.ask(twice, token=DEMO_OAUTH_TOKEN)
    assert (ticket.brand, dict(ticket.fields), places.brands) == ("", {}, ())
    assert ticket.brand_id is not None
    assert [account.requests().count(f"/api/v2/{name}") for name in ("brands", "ticket_fields")] == [1, 1]


@zendesk_only
def test_that_a_scope_of_another_brand_gives_up_this_help_center_and_its_tickets(account):
    account.world.odds.outlet.add(SOLVED)
    brands = {brand.name: brand.id for brand in account.ask(lambda helpdesk: helpdesk.places()).brands}
    outlet = SyncScope(brands=frozenset({brands["Tarn & Tor Outlet"]}))
    whole = account.articles()
    assert {item.brand_id for batch in whole for item in batch.items} == {brands["Tarn & Tor"]}
    assert gone_of(account.articles(whole[-1].checkpoint, scope=outlet)) == ids_of(whole) - gone_of(whole)
    account.world.set_status(PENDING, "solved")
    assert ids_of(account.solved(scope=outlet)) == {SOLVED}


@zendesk_only
@pytest.mark.parametrize("surveys", [False, True], ids=["on the ticket", "by survey"])
def test_that_both_kinds_of_rating_are_read_where_the_ticket_is_opened_and_where_it_is_learned_from(account, surveys):
    account.world.odds.surveys = surveys
    opened = account.ask(lambda helpdesk: helpdesk.open_ticket(SOLVED)).ticket
    [learned] = [item.ticket for batch in account.solved() for item in batch.items]
    assert (opened.csat, opened.csat_comment) == ("good", "Lovely.")
    assert (learned.csat, learned.csat_comment) == ("good", "Lovely.")
    assert account.requests().count("/api/v2/guide/survey_responses") == (2 if surveys else 0)


@zendesk_only
def test_that_survey_answers_which_only_admins_see_are_asked_for_once(account):
    account.world.odds.surveys = True

    async def twice(helpdesk):
        await helpdesk.open_ticket(SOLVED)
        return (await helpdesk.open_ticket(SOLVED)).ticket

    assert account.ask(twice, token=DEMO_OAUTH_TOKEN).csat is None
    assert account.requests().count("/api/v2/guide/survey_responses") == 1


@zendesk_only
def test_that_a_macro_is_rendered_for_the_ticket_without_changing_it(account):
    macro = next(one for one in account.world.macros if one.title == "Returns::Send label")
    version = account.world.tickets[OPEN].version
    rendered = account.ask(lambda helpdesk: helpdesk.rendered_macro(OPEN, macro.id))
    assert rendered is not None
    assert rendered.text.startswith("Hi Inês,")
    assert (rendered.public, rendered.tags, rendered.status) == (True, ("returns",), None)
    assert account.world.tickets[OPEN].version == version


@zendesk_only
def test_that_a_merged_ticket_is_nothing_to_learn_from(account):
    account.world.merge(OPEN, LONG)
    assert OPEN not in ids_of(account.solved())


@zendesk_only
def test_that_a_deleted_solved_ticket_is_gone_within_a_week(account):
    account.world.set_status(PENDING, "solved")
    account.world.set_status(LONG, "solved")
    mark = account.solved()[-1].checkpoint
    account.world.delete(PENDING)
    same_day = account.solved(mark)
    account.clock.advance(days=8)
    account.world.requests.clear()
    later = account.solved(same_day[-1].checkpoint)
    assert (gone_of(same_day), gone_of(later), ids_of(later)) == (set(), {PENDING}, set())
    assert account.requests() == ["/api/v2/search"]


@zendesk_only
def test_that_what_a_ticket_holds_and_is_not_read_is_named(account):
    account.world.odds.messaging.add(OPEN)
    assert account.ask(lambda helpdesk: helpdesk.open_ticket(OPEN)).left_out == ("messaging conversation",)
    assert account.ask(lambda helpdesk: helpdesk.open_ticket(SOLVED)).left_out == ()


@zendesk_only
def test_that_opening_a_ticket_costs_three_requests_once_the_names_are_known(account):
    async def twice(helpdesk):
        await helpdesk.open_ticket(PENDING)
        account.world.requests.clear()
        return await helpdesk.open_ticket(PENDING)

    account.ask(twice)
    assert len(account.requests()) == 3
