"""What acting on a ticket promises, held for both helpdesks against the demo helpdesk over real sockets."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from assist.acts import Act, ActKind, Done, Preview
from assist.domain import HelpdeskKind, TicketRef, TicketStatus
from assist.errors import HelpdeskError, Moved, NotAllowed, NotGranted, NotThere, StoreError, Unanswered, Unreachable
from assist.performing import Performer
from assist.store.acts import ActState
from integrations.connection import SystemClock
from integrations.demo.model import Ticket
from integrations.demo.oauth import DEMO_CLIENT_ID
from integrations.demo.server import DEMO_ADMIN_FRESHDESK_KEY, DEMO_OAUTH_TOKEN, DemoServer
from integrations.demo.world import World, comment_text
from integrations.helpdesks import connect
from integrations.sender import HttpxSender
from integrations.site import ApiKey, Credentials, OAuthToken, demo_site
from integrations.zendesk import acting_wire
from tests.helpers.children import eventually
from tests.helpers.demo_store import demo_data
from tests.helpers.store import opened

TEXT, HTML = "Hi Ana,\n\nA new label is on its way.", "<p>Hi Ana,</p><p>A new label is on its way.</p>"
LOST = {
    "a connection that breaks": {"offline": True},
    "a gateway that gives up": {"status": 502},
    "a page instead of an answer": {"html_error_page": True, "status": 200},
    "half an answer": {"half_body": True},
    "an answer that is no JSON": {"bad_json": True},
    "a server that asks to wait too late": {"status": 503, "retry_after": "1"},
}


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


@dataclass
class Bench:
    """One account of a fresh shop, and a ticket of it that is open."""

    kind: HelpdeskKind
    server: DemoServer

    def __post_init__(self) -> None:
        self.world = World(demo_data(), datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        self.server.show(self.world)
        port = self.server.zendesk_port if self.kind is HelpdeskKind.ZENDESK else self.server.freshdesk_port
        self.site = demo_site(self.kind, port)
        self.runner = asyncio.Runner()
        self.helpdesk = None
        is_zendesk = self.kind is HelpdeskKind.ZENDESK
        self.token: Credentials = OAuthToken(DEMO_OAUTH_TOKEN) if is_zendesk else ApiKey(DEMO_ADMIN_FRESHDESK_KEY)
        self.ticket = next(one for one in list(self.world.tickets.values()) if self._fits(one))
        self.ref = TicketRef(self.site.account, self.ticket.number)
        self.agent = self.world.agent if self.kind is HelpdeskKind.ZENDESK else self.world.agent_at("freshdesk")

    def _fits(self, ticket: Ticket) -> bool:
        customers = {one.author_id for one in ticket.comments if not self.world.people[one.author_id].is_staff}
        alone = customers == {ticket.requester_id}
        return alone and ticket.status == "open" and ticket.channel == "email" and len(ticket.tags) > 0

    def act(self, kind: ActKind, **fields) -> Act:
        texts = {"text": TEXT, "html": HTML} if kind in {ActKind.REPLY, ActKind.NOTE} else {}
        return Act(uuid.uuid4().hex, self.ref, kind, **{**texts, **fields})

    def run(self, question, **ways):
        """Run ``question(actor)``. With ``ways``, which go to the sender, it is a connection of its own.

        ``port`` is where to look for the helpdesk instead.
        """

        site = demo_site(self.kind, ways.pop("port")) if "port" in ways else self.site
        elsewhere = site is not self.site

        async def answered():
            if not ways and not elsewhere:
                self.helpdesk = self.helpdesk or self._connected()
                return await question(self.helpdesk.actor)
            helpdesk = self._connected(site, **ways)
            try:
                return await question(helpdesk.actor)
            finally:
                await helpdesk.aclose()

        return self.runner.run(asyncio.wait_for(answered(), 30))

    def _connected(self, site=None, **ways):
        site = site or self.site
        return connect(site, self.token, sender=HttpxSender(site.base_url, **ways), sleep=no_wait)

    def close(self):
        if self.helpdesk is not None:
            self.runner.run(self.helpdesk.aclose())
        self.runner.close()

    def preview(self, act: Act) -> Preview:
        return self.run(lambda actor: actor.preview(act))

    def perform(self, preview: Preview, **ways) -> Done:
        return self.run(lambda actor: actor.perform(preview), **ways)

    def find(self, preview: Preview) -> Done | None:
        return self.run(lambda actor: actor.find(preview))

    def undo(self, done: Done) -> None:
        self.run(lambda actor: actor.undo(done))

    def writes(self) -> list[str]:
        """Return the methods of all requests that were meant to change something."""
        return [seen.method for seen in self.world.requests if seen.method not in ("GET", "HEAD")]

    def stood(self) -> tuple:
        ticket = self.ticket
        return ticket.status, ticket.tags, tuple(ticket.comments), ticket.version


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(World(demo_data())) as running:
        yield running


@pytest.fixture(params=list(HelpdeskKind))
def bench(server, request):
    with closing(Bench(request.param, server)) as made:
        yield made


@pytest.fixture
def zendesk(server):
    with closing(Bench(HelpdeskKind.ZENDESK, server)) as made:
        yield made


@pytest.fixture
def freshdesk(server):
    with closing(Bench(HelpdeskKind.FRESHDESK, server)) as made:
        yield made


def every_act(bench: Bench) -> list[Act]:
    macro = bench.world.macros[0]
    return [
        bench.act(ActKind.REPLY),
        bench.act(ActKind.NOTE),
        bench.act(ActKind.STATUS, status=TicketStatus.PENDING),
        bench.act(ActKind.TAGS, add_tags=("late",)),
        bench.act(ActKind.TAGS, add_tags=("late",), remove_tags=bench.ticket.tags[:1]),
        bench.act(ActKind.MACRO, macro_id=macro.id),
    ]


# --- previews


@pytest.mark.promise("U7")
def test_that_a_preview_changes_nothing(bench):
    before = bench.stood()
    for act in every_act(bench):
        bench.preview(act)
    assert bench.stood() == before
    assert bench.writes() == []


def test_that_a_reply_names_who_gets_it_and_that_it_is_public(bench):
    preview = bench.preview(bench.act(ActKind.REPLY))
    requester = bench.world.people[bench.ticket.requester_id]
    assert preview.public
    assert preview.recipients == (f"{requester.name} <{requester.email}>",)
    assert [(change.what, change.after) for change in preview.changes] == [("public reply", TEXT)]
    assert not preview.can_undo


def test_that_people_in_copy_are_named_and_mailed(bench):
    other = next(
        one for one in bench.world.people.values() if one.role == "end-user" and one.id != bench.ticket.requester_id
    )
    bench.world.add_comment(bench.ticket.number, other.id, text="Please keep me informed.")
    preview = bench.preview(bench.act(ActKind.REPLY))
    assert len(preview.recipients) == 2
    assert other.email in preview.recipients[1]


def test_that_a_note_goes_to_nobody(bench):
    preview = bench.preview(bench.act(ActKind.NOTE))
    assert (preview.public, preview.recipients) == (False, ())
    assert preview.changes[0].what == "internal note"


def test_that_a_status_and_tags_are_shown_before_and_after(bench):
    status = bench.preview(bench.act(ActKind.STATUS, status=TicketStatus.PENDING))
    tags = bench.preview(bench.act(ActKind.TAGS, add_tags=("late",), remove_tags=bench.ticket.tags[:1]))
    assert [(one.what, one.before.lower(), one.after.lower()) for one in status.changes] == [
        ("status", "open", "pending")
    ]
    assert tags.changes[0].before.replace(",", "").split() == list(bench.ticket.tags)
    assert tags.changes[0].after.replace(",", "").split() == [*bench.ticket.tags[1:], "late"]
    assert status.can_undo
    assert tags.can_undo


def test_that_what_is_so_already_is_no_change(bench):
    assert bench.preview(bench.act(ActKind.STATUS, status=TicketStatus.OPEN)).changes == ()
    assert bench.preview(bench.act(ActKind.TAGS, add_tags=bench.ticket.tags)).changes == ()


@pytest.mark.parametrize("status", [TicketStatus.CLOSED, TicketStatus.NEW, TicketStatus.OTHER])
def test_that_a_status_that_cannot_be_taken_back_is_never_set(bench, status):
    with pytest.raises(NotAllowed):
        bench.preview(bench.act(ActKind.STATUS, status=status))
    assert bench.run(_statuses).isdisjoint({status})


async def _statuses(actor):
    return frozenset(actor.statuses)


def test_that_a_ticket_of_another_account_is_not_there(bench):
    act = bench.act(ActKind.NOTE)
    elsewhere = replace(act, ref=TicketRef("zendesk:other", bench.ticket.number))
    with pytest.raises(NotThere):
        bench.preview(elsewhere)


# --- performing


def test_that_a_reply_is_written_once_publicly_and_as_this_agent(bench):
    done = bench.perform(bench.preview(bench.act(ActKind.REPLY)))
    written = bench.ticket.comments[-1]
    assert (written.public, written.author_id, written.html) == (True, bench.agent.id, HTML)
    assert (done.message_id, done.public) == (written.id, True)
    assert len(bench.writes()) == 1


def test_that_a_note_is_never_public(bench):
    done = bench.perform(bench.preview(bench.act(ActKind.NOTE)))
    written = bench.ticket.comments[-1]
    assert (written.public, written.html, done.public) == (False, HTML, False)
    assert len(bench.writes()) == 1


def test_that_what_the_agent_edited_is_what_is_written(bench):
    preview = bench.preview(bench.act(ActKind.REPLY))
    edited = replace(preview, act=replace(preview.act, text="Shorter.", html="<p>Shorter.</p>"))
    bench.perform(edited)
    assert bench.ticket.comments[-1].html == "<p>Shorter.</p>"


def test_that_a_status_is_set_and_taken_back(bench):
    done = bench.perform(bench.preview(bench.act(ActKind.STATUS, status=TicketStatus.SOLVED)))
    assert bench.ticket.status == "solved"
    bench.undo(done)
    assert bench.ticket.status == "open"
    assert len(bench.writes()) == 2


@pytest.mark.parametrize("removed", [0, 1])
def test_that_tags_leave_the_others_alone_and_are_taken_back(bench, removed):
    before = bench.ticket.tags
    done = bench.perform(bench.preview(bench.act(ActKind.TAGS, add_tags=("late",), remove_tags=before[:removed])))
    assert bench.ticket.tags == (*before[removed:], "late")
    bench.undo(done)
    assert set(bench.ticket.tags) == set(before)
    assert len(bench.writes()) == 2


def test_that_a_macro_writes_what_its_preview_said_in_one_request(bench):
    macro = next(one for one in bench.world.macros if one.tags and "{{ticket.requester.first_name}}" in one.body)
    preview = bench.preview(bench.act(ActKind.MACRO, macro_id=macro.id))
    if bench.kind is HelpdeskKind.ZENDESK:
        requester = bench.world.people[bench.ticket.requester_id]
        assert f"Hi {requester.name.split()[0]}" in preview.act.text
        assert set(macro.tags) <= set(next(one.after for one in preview.changes if one.what == "tags").split())
    assert preview.act.text in {one.after for one in preview.changes}
    bench.perform(preview)
    assert "".join(_words(bench.ticket.comments[-1].html)) == "".join(_words(preview.act.text))
    assert len(bench.writes()) == 1


def _words(text: str) -> list[str]:
    return text.replace("<p>", " ").replace("</p>", " ").replace("<br>", " ").replace("&amp;", "&").split()


def test_that_a_text_is_never_said_to_be_taken_back(bench):
    done = bench.perform(bench.preview(bench.act(ActKind.REPLY)))
    with pytest.raises(NotAllowed):
        bench.undo(done)
    assert len(bench.writes()) == 1


@pytest.mark.parametrize("elsewhere", ["customer", "colleague", "tags"])
@pytest.mark.promise("N6")
def test_that_nothing_is_changed_on_a_ticket_that_moved_on(bench, elsewhere):
    previews = [bench.preview(act) for act in every_act(bench)]
    if elsewhere == "customer":
        bench.world.customer_writes(bench.ticket.number, "Never mind, it has come.")
    elif elsewhere == "colleague":
        bench.world.agent_replies(bench.ticket.number, "<p>Done.</p>", agent=bench.world.staff()[-1])
    else:
        bench.world.change(bench.ticket.number, tags=(*bench.ticket.tags, "vip"))
    before = bench.stood()
    for preview in previews:
        with pytest.raises(Moved):
            bench.perform(preview)
    assert bench.stood() == before


@pytest.mark.promise("N6")
def test_that_an_undo_leaves_alone_what_moved_on(bench):
    done = bench.perform(bench.preview(bench.act(ActKind.STATUS, status=TicketStatus.SOLVED)))
    bench.world.now = _later(bench.world.now)
    bench.world.customer_writes(bench.ticket.number, "It broke again.")
    before = bench.stood()
    with pytest.raises(Moved):
        bench.undo(done)
    assert bench.stood() == before


def _later(now):
    return lambda: now() + timedelta(minutes=5)


def test_that_of_two_desktops_that_act_at_once_one_is_told_that_the_ticket_moved_on(bench):
    first, second = (bench.preview(bench.act(ActKind.REPLY)) for _ in range(2))

    async def both(actor):
        return await asyncio.gather(actor.perform(first), actor.perform(second), return_exceptions=True)

    if bench.kind is HelpdeskKind.ZENDESK:
        results = bench.run(both)
        assert sum(isinstance(one, Done) for one in results) == 1
        assert sum(isinstance(one, Moved) for one in results) == 1
    else:  # no safe update there: one after the other is what can be promised
        bench.perform(first)
        with pytest.raises(Moved):
            bench.perform(second)
    assert [one.html for one in bench.ticket.comments].count(HTML) == 1


# --- answers that never come


@pytest.mark.promise("N2")
@pytest.mark.parametrize("fault", LOST)
def test_that_an_answer_that_is_lost_leaves_doubt_and_a_look_finds_it(bench, fault):
    preview = bench.preview(bench.act(ActKind.REPLY))
    bench.world.faults.set({**LOST[fault], "after": True, "times": 1})
    with pytest.raises(Unanswered):
        bench.perform(preview)
    found = bench.find(preview)
    assert found is not None
    assert (found.message_id, found.public) == (bench.ticket.comments[-1].id, True)
    assert len(bench.writes()) == 1


def test_that_an_answer_that_comes_too_late_leaves_doubt_and_a_look_finds_it(bench):
    preview = bench.preview(bench.act(ActKind.NOTE))
    bench.world.faults.set({"latency_ms": 600, "after": True})
    with pytest.raises(Unanswered):
        bench.perform(preview, timeout_s=0.25)
    bench.world.faults.reset()
    found = bench.find(preview)
    assert found is not None
    assert (found.message_id, found.public) == (bench.ticket.comments[-1].id, False)
    assert len(eventually(bench.writes)) == 1


@pytest.mark.parametrize("kind", [ActKind.STATUS, ActKind.TAGS])
def test_that_a_lost_change_is_found_and_can_be_taken_back(bench, kind):
    before = bench.ticket.status, bench.ticket.tags
    preview = bench.preview(bench.act(kind, status=TicketStatus.PENDING, add_tags=("late",)))
    bench.world.faults.set({"offline": True, "after": True, "times": 1})
    with pytest.raises(Unanswered):
        bench.perform(preview)
    found = bench.find(preview)
    assert found is not None
    bench.undo(found)
    assert (bench.ticket.status, bench.ticket.tags) == before


def test_that_what_never_arrived_is_not_found(bench):
    for act in every_act(bench):
        preview = bench.preview(act)
        bench.world.faults.set({"status": 500})
        before = bench.stood()
        with pytest.raises(HelpdeskError):
            bench.perform(preview)
        bench.world.faults.reset()
        assert bench.find(preview) is None
        assert bench.stood() == before


def test_that_an_older_reply_with_the_same_words_is_not_taken_for_this_one(bench):
    bench.world.agent_replies(bench.ticket.number, HTML, agent=bench.agent)
    preview = bench.preview(bench.act(ActKind.REPLY))
    assert bench.find(preview) is None


def test_that_the_same_words_of_somebody_else_are_not_taken_for_this_reply(bench):
    preview = bench.preview(bench.act(ActKind.REPLY))
    colleague = next(one for one in bench.world.staff() if one.id != bench.agent.id)
    bench.world.agent_replies(bench.ticket.number, HTML, agent=colleague)
    bench.world.customer_writes(bench.ticket.number, TEXT)
    assert bench.find(preview) is None


def test_that_another_text_of_the_same_agent_is_not_taken_for_this_reply(bench):
    preview = bench.preview(bench.act(ActKind.REPLY))
    bench.world.agent_replies(bench.ticket.number, "<p>Could you send us a photo of the damage?</p>", agent=bench.agent)
    assert bench.find(preview) is None


def test_that_a_reply_is_found_below_what_came_after_it(bench):
    preview = bench.preview(bench.act(ActKind.REPLY))
    bench.world.faults.set({"offline": True, "after": True, "times": 1})
    with pytest.raises(Unanswered):
        bench.perform(preview)
    sent = bench.ticket.comments[-1].id
    for number in range(130):
        bench.world.customer_writes(bench.ticket.number, f"And one more thing, number {number}.")
    found = bench.find(preview)
    assert found is not None
    assert found.message_id == sent


def test_that_a_helpdesk_that_cannot_be_reached_has_surely_not_been_changed(bench):
    preview = bench.preview(bench.act(ActKind.REPLY))
    port = bench.site.base_url.rpartition(":")[2]
    bench.site = replace(bench.site, base_url=bench.site.base_url.replace(port, "9"))
    with pytest.raises(Unreachable) as told:
        bench.perform(preview, timeout_s=5.0)
    assert not isinstance(told.value, Unanswered)


@pytest.mark.promise("N1")
def test_that_a_change_that_was_told_to_wait_is_neither_done_nor_tried_again(bench):
    preview = bench.preview(bench.act(ActKind.NOTE))
    bench.world.faults.set({"status": 429, "retry_after": "30", "face": bench.kind.value})
    with pytest.raises(Unreachable) as told:
        bench.perform(preview)
    assert not isinstance(told.value, Unanswered)
    assert len(bench.writes()) <= 1


# --- what one vendor alone refuses


def test_that_a_closed_zendesk_ticket_says_that_it_is_final(zendesk):
    act = zendesk.act(ActKind.NOTE)
    preview = zendesk.preview(act)
    zendesk.world.set_status(zendesk.ticket.number, "closed")
    with pytest.raises(NotAllowed, match="closed"):
        zendesk.preview(act)
    with pytest.raises(NotAllowed, match="follow-up"):
        zendesk.perform(preview)


def test_that_a_freshdesk_ticket_that_became_spam_is_not_there(freshdesk):
    preview = freshdesk.preview(freshdesk.act(ActKind.REPLY))
    freshdesk.ticket.spam = True
    with pytest.raises(NotThere):
        freshdesk.perform(preview)


def test_that_a_mail_is_not_sent_into_a_freshdesk_chat(freshdesk):
    freshdesk.ticket.channel = "chat"
    with pytest.raises(NotAllowed, match="chat"):
        freshdesk.preview(freshdesk.act(ActKind.REPLY))
    assert freshdesk.preview(freshdesk.act(ActKind.NOTE)).changes


def test_that_the_31st_zendesk_change_of_a_ticket_is_not_even_sent(zendesk):
    async def often(actor):
        for number in range(31):
            preview = await actor.preview(zendesk.act(ActKind.TAGS, add_tags=(f"tag-{number}",)))
            await actor.perform(preview)

    with pytest.raises(NotAllowed, match="30"):
        zendesk.run(often)
    assert len(zendesk.writes()) == 30


def test_that_a_sign_in_for_reading_only_is_told_to_sign_in_again(zendesk):
    pair = zendesk.world.oauth._issue(DEMO_CLIENT_ID, ("read",), 600, 700_000)
    zendesk.token = OAuthToken(str(pair["access_token"]))
    preview = zendesk.preview(zendesk.act(ActKind.REPLY))
    with pytest.raises(NotGranted, match="reading only"):
        zendesk.perform(preview)
    assert zendesk.find(preview) is None


@pytest.mark.logs("ticket.comment.mood")
def test_that_a_key_that_zendesk_drops_is_logged_by_its_name(zendesk, caplog, monkeypatch):
    monkeypatch.setattr(
        acting_wire, "comment", lambda html, *, public: {"html_body": html, "public": public, "mood": "x"}
    )
    zendesk.perform(zendesk.preview(zendesk.act(ActKind.NOTE)))
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "Zendesk did not take these keys: ticket.comment.mood"
    ]
    assert TEXT not in caplog.text


# --- without a network


@pytest.mark.promise("N4")
def test_that_what_could_not_leave_waits_for_its_agent_and_then_goes_once_and_in_order(bench, tmp_path):
    """Nothing is queued to go by itself (docs/adr/0018-acting.md): what waits is the text, until it is sent again."""
    texts = ["A label is on its way.", "Promised a label.", "The label has been posted today."]
    kinds = [ActKind.REPLY, ActKind.NOTE, ActKind.REPLY]
    before = len(bench.ticket.comments)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        nobody_at = nobody.getsockname()[1]
    with opened(tmp_path / "kibitz.db") as store:
        performer = Performer(store.acts, SystemClock(), sleep=no_wait)
        for kind, text in zip(kinds, texts, strict=True):
            preview = bench.preview(bench.act(kind, text=text, html=f"<p>{text}</p>"))
            ended = bench.run(lambda actor, preview=preview: performer.perform(actor, preview), port=nobody_at)
            assert ended.state is ActState.REFUSED
            assert isinstance(ended.error, Unreachable)
        assert bench.writes() == []

        waiting = performer.open_acts(bench.ref.account)
        for kept in waiting:
            bench.run(lambda actor, kept=kept: performer.resolve(actor, kept))
        assert bench.writes() == []

        for kept in waiting:
            again = replace(kept.preview.act, id=uuid.uuid4().hex)
            preview = bench.preview(again)
            assert bench.run(lambda actor, preview=preview: performer.perform(actor, preview)).state is ActState.DONE
            with pytest.raises(StoreError):
                bench.run(lambda actor, preview=preview: performer.perform(actor, preview))
    new = bench.ticket.comments[before:]
    assert [(comment_text(one).strip(), one.public) for one in new] == [
        (texts[0], True),
        (texts[1], False),
        (texts[2], True),
    ]
