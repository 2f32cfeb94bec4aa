"""The extension in Chromium, on the demo helpdesk's pages, linked to the app's end of the protocol."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integrations.browser.messages import (
    Composer,
    Draft,
    Elsewhere,
    Front,
    Insert,
    Inserted,
    LinkSettings,
    Submitted,
    Where,
)
from integrations.demo.server import DemoServer
from tests.helpers.children import eventually
from tests.helpers.e2e import fresh_world
from tests.helpers.extension import DEADLINE_S, App, app, chromium, pair, popup_url
from tests.helpers.forgeries import forgeries

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HTML = "<p>Hi Anna,</p><p>it is <b>on its way</b>: <a href='https://shop.example/t?a=1&amp;b=2'>track it</a>.</p>"


@dataclass
class Desk:
    context: Any
    app: App
    server: DemoServer
    folder: Path

    def __post_init__(self) -> None:
        open_tickets = (one.number for one in self.server.world.tickets.values() if one.status == "open")
        self.tickets = sorted(open_tickets)[:10]

    def url(self, place: int, face: str = "zendesk") -> str:
        base, path = {
            "zendesk": (self.server.zendesk_url, "/agent/tickets/"),
            "freshdesk": (self.server.freshdesk_url, "/a/tickets/"),
        }[face]
        return f"{base}{path}{self.tickets[place]}"

    def open(self, url: str) -> Any:
        """Open a ticket in a new tab and wait until the app knows its composer."""
        page = self.context.new_page()
        page.goto(url)
        self.settles(url)
        return page

    def settles(self, url: str) -> None:
        eventually(self.front, lambda front: front == (url, True), DEADLINE_S)

    def front(self) -> tuple[str, bool] | None:
        """Return what the app knows: the page in front, and whether it has a composer."""
        seen: tuple[str, bool] | None = None
        for message in self.app.said():
            if isinstance(message, Front):
                seen = message.url, message.composer
            elif isinstance(message, Composer) and seen is not None:
                seen = seen[0], message.present
            elif isinstance(message, Elsewhere):
                seen = None
        return seen

    def insert(self, url: str, html: str = HTML, text: str = "Hi Anna") -> Inserted:
        known = [message for message in self.app.said() if isinstance(message, Inserted)]
        self.app.send(Insert(f"i{len(known)}", url, html, text))

        def answers() -> list[Inserted]:
            return [message for message in self.app.said() if isinstance(message, Inserted)][len(known) :]

        return eventually(answers, bool, DEADLINE_S)[0]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chromium")
    with (
        DemoServer(fresh_world()) as server,
        app(folder / "s", server.zendesk_url, server.freshdesk_url) as running,
        chromium(folder, folder / "s") as context,
    ):
        pair(context, running)
        yield Desk(context, running, server, folder)


@pytest.fixture(autouse=True)
def _tidy(request):
    if "desk" not in request.fixturenames:
        yield
        return
    at = request.getfixturevalue("desk")
    yield
    for page in at.context.pages[1:]:
        page.close()
    eventually(at.front, lambda front: front is None, DEADLINE_S)
    at.app.forget()


def test_that_loads_steps_and_switches_are_told_in_their_order(desk):
    first = desk.open(desk.url(0))
    first.evaluate("id => history.pushState({}, '', `/agent/tickets/${id}?tab=2#x`)", desk.tickets[1])
    eventually(desk.front, lambda front: front is not None and front[0] == desk.url(1), DEADLINE_S)
    second = desk.open(desk.url(2, "freshdesk"))
    first.bring_to_front()
    eventually(desk.front, lambda front: front is not None and front[0] == desk.url(1), DEADLINE_S)
    first.close()
    desk.settles(desk.url(2, "freshdesk"))
    second.goto("about:blank")
    eventually(desk.front, lambda front: front is None, DEADLINE_S)

    told = [message.url for message in desk.app.said() if isinstance(message, Front)]
    assert told == [desk.url(0), desk.url(1), desk.url(2, "freshdesk"), desk.url(1), desk.url(2, "freshdesk")]


def test_that_pages_of_other_hosts_are_never_told(desk):
    desk.app.forget()
    page = desk.context.new_page()
    page.goto(desk.url(0).replace("127.0.0.1", "localhost"))
    page.wait_for_selector("#composer")
    desk.app.send(Where())
    eventually(desk.app.said, bool, DEADLINE_S)
    assert set(desk.app.said()) == {Elsewhere()}


@pytest.mark.promise("U7")
@pytest.mark.parametrize("face", ["zendesk", "freshdesk"])
@pytest.mark.parametrize("typed", ["", "Thank you for waiting.", "One\nTwo "])
def test_that_a_reply_goes_in_at_the_caret_and_comes_out_with_one_undo(desk, face, typed):
    page = desk.open(desk.url(0, face))
    page.evaluate("document.querySelector('#composer').replaceChildren()")
    page.click("#composer")
    page.keyboard.type(typed)
    before = page.inner_text("#composer")
    comments = len(desk.server.world.tickets[desk.tickets[0]].comments)

    assert desk.insert(desk.url(0, face)) == Inserted("i0", ok=True, why="")
    assert page.inner_text("#composer").split() == f"{typed} Hi Anna, it is on its way: track it.".split()
    assert page.get_attribute("#composer a", "href") == "https://shop.example/t?a=1&b=2"
    assert page.evaluate("document.activeElement.id") == "composer"
    assert len(desk.server.world.tickets[desk.tickets[0]].comments) == comments

    page.keyboard.press("Control+z")
    assert page.inner_text("#composer") == before


def test_that_the_caret_is_where_the_agent_left_it(desk):
    page = desk.open(desk.url(0))
    page.click("#composer")
    page.keyboard.type("Before. After.")
    for _ in "After.":
        page.keyboard.press("ArrowLeft")
    page.click(".message-body", click_count=2)
    assert page.evaluate("getSelection().anchorNode.parentElement.closest('#composer')") is None
    assert desk.insert(desk.url(0), "<p>Between.</p>", "Between.").ok
    assert page.inner_text("#composer").replace("\xa0", " ").strip() == "Before. Between. After."


def test_that_what_is_marked_is_kept(desk):
    page = desk.open(desk.url(0))
    page.click("#composer")
    page.keyboard.type("All of this stays.")
    page.keyboard.press("Control+a")
    assert desk.insert(desk.url(0), "<p>New.</p>", "New.").ok
    assert page.inner_text("#composer").startswith("All of this stays.")


def test_that_only_what_a_reply_needs_is_inserted(desk):
    page = desk.open(desk.url(0))
    hostile = (
        '<p onclick="x()" style="color:red">One<script>document.title = "run"</script></p><img src=x onerror="x()">'
        '<iframe src="https://evil.example"></iframe><p><a href="javascript:x()">two</a> <font>three</font></p>'
        '<svg onload="x()"></svg><form><input value="four"><button>five</button></form>'
    )
    assert desk.insert(desk.url(0), hostile, "One").ok
    assert page.inner_html("#composer") == "<p>One</p><p>two three</p>five"
    assert not page.title().startswith("run")


def test_that_a_text_alone_becomes_paragraphs(desk):
    page = desk.open(desk.url(0))
    assert desk.insert(desk.url(0), "", "One <1>\nTwo").ok
    assert page.inner_html("#composer") == "<p>One &lt;1&gt;</p><p>Two</p>"


@pytest.mark.promise("N5")
def test_that_no_reply_goes_into_another_ticket(desk):
    page = desk.open(desk.url(0))
    other = desk.open(desk.url(1))
    assert desk.insert(desk.url(0)).why == "moved"

    # The address has moved on, what is drawn is still the last ticket: neither may get the other's reply.
    other.evaluate("id => history.pushState({}, '', `/agent/tickets/${id}`)", desk.tickets[2])
    eventually(desk.front, lambda front: front is not None and front[0] == desk.url(2), DEADLINE_S)
    assert desk.insert(desk.url(1)).why == "moved"
    assert desk.insert(desk.url(2)).why == "no-composer"

    other.goto("about:blank")
    assert desk.insert(desk.url(2)).why == "moved"
    assert (page.inner_text("#composer").strip(), other.url) == ("", "about:blank")


@pytest.mark.promise("N5")
@pytest.mark.parametrize("face", ["zendesk", "freshdesk"])
def test_that_the_editor_of_another_ticket_on_the_same_page_stays_untouched(desk, face):
    page = desk.open(desk.url(0, face))
    page.evaluate(
        """async next => {
            const kept = document.querySelector("#composer");
            history.pushState({}, "", next);
            const mine = kept.cloneNode(true);
            mine.id = "mine";
            const pane = document.createElement("div");
            pane.dataset.ticketId = next.split("/").pop();
            pane.append(mine);
            document.querySelector(".composer-frame").append(pane);
        }""",
        desk.url(1, face).partition("127.0.0.1")[2].partition("/")[2].join(["/", ""]),
    )
    desk.settles(desk.url(1, face))
    page.focus("#composer")
    assert desk.insert(desk.url(1, face)).ok
    assert page.inner_text("#composer").strip() == ""
    assert page.inner_text("#mine").startswith("Hi Anna,")


def test_that_a_page_may_use_its_editor_again_for_another_ticket(desk):
    page = desk.open(desk.url(0))
    page.evaluate(
        """next => {
            document.querySelector(".ticket").dataset.ticketId = next;
            history.pushState({}, "", `/agent/tickets/${next}`);
        }""",
        desk.tickets[1],
    )
    desk.settles(desk.url(1))
    assert desk.insert(desk.url(1)).ok


def test_that_an_editor_drawn_before_the_address_follows_is_that_tickets(desk):
    page = desk.context.new_page()
    page.goto(f"{desk.server.freshdesk_url}/a/tickets")
    page.wait_for_selector("#ticket-list")
    page.evaluate(
        """async next => {
            const editor = document.createElement("div");
            editor.className = "fr-element fr-view";
            editor.contentEditable = "true";
            document.querySelector(".main").prepend(editor);
            await new Promise(done => setTimeout(done));
            history.pushState({}, "", `/a/tickets/${next}`);
        }""",
        desk.tickets[0],
    )
    desk.settles(desk.url(0, "freshdesk"))
    assert desk.insert(desk.url(0, "freshdesk")).ok
    page.evaluate("next => history.pushState({}, '', `/a/tickets/${next}`)", desk.tickets[1])
    eventually(desk.front, lambda front: front == (desk.url(1, "freshdesk"), False), DEADLINE_S)
    assert desk.insert(desk.url(1, "freshdesk")).why == "no-composer"


def test_that_a_page_without_a_composer_is_said_to_have_none(desk):
    page = desk.open(desk.url(0))
    page.evaluate("document.querySelector('#composer').removeAttribute('contenteditable')")
    eventually(desk.front, lambda front: front == (desk.url(0), False), DEADLINE_S)
    assert desk.insert(desk.url(0)).why == "no-composer"


def test_that_sending_is_told_and_a_script_of_the_page_cannot_pretend(desk):
    page = desk.open(desk.url(0))
    tab = next(message.tab for message in desk.app.said() if isinstance(message, Front))
    page.click("#composer")
    page.keyboard.type("Done.")
    page.evaluate("document.querySelector('#send').dispatchEvent(new MouseEvent('click', {bubbles: false}))")
    page.wait_for_selector(".toast")
    page.click("#composer")
    page.keyboard.press("Control+Enter")
    assert [message for message in desk.app.said() if isinstance(message, Submitted)] == []

    page.keyboard.type("Sent by hand.")
    page.click("#send")
    sent = [Submitted(tab, desk.url(0))]
    eventually(
        lambda: [one for one in desk.app.said() if isinstance(one, Submitted)], lambda seen: seen == sent, DEADLINE_S
    )


@pytest.mark.promise("S5")
def test_that_a_frame_heard_twice_ends_the_session_and_inserts_once(desk):
    page = desk.open(desk.url(0))
    desk.app.forget()
    assert desk.insert(desk.url(0)).ok
    desk.app.repeat()
    eventually(desk.app.links, lambda links: links == ["Chromium"], DEADLINE_S)
    desk.settles(desk.url(0))
    assert page.inner_text("#composer").count("Hi Anna") == 1
    assert len([message for message in desk.app.said() if isinstance(message, Inserted)]) == 1


def test_that_what_is_typed_is_told_only_while_it_may_be(desk):
    page = desk.open(desk.url(0))
    page.click("#composer")
    page.keyboard.type("Nobody reads this.")
    desk.app.send(LinkSettings((desk.server.zendesk_url,), drafts=True))
    eventually(desk.front, lambda front: front == (desk.url(0), True), DEADLINE_S)
    page.keyboard.type(" But this.")

    def told() -> list[Draft]:
        # The page may have heard of the setting only after that was typed: go on typing, and take it back.
        page.keyboard.type("x")
        page.keyboard.press("Backspace")
        return [message for message in desk.app.said() if isinstance(message, Draft)]

    drafts = eventually(
        told,
        lambda seen: bool(seen) and seen[-1].text == "Nobody reads this. But this.",
        DEADLINE_S,
    )
    assert {draft.url for draft in drafts} == {desk.url(0)}
    desk.app.send(desk.app.settings)


def test_that_the_last_word_is_the_last_state_however_fast_it_changes(desk):
    pages = [desk.open(desk.url(place)) for place in range(3)]
    desk.app.forget()
    chance = random.Random(16)
    shown = [desk.tickets[place] for place in range(3)]
    wanted = []
    for _ in range(60):
        place = chance.randrange(3)
        shown[place] = chance.choice(desk.tickets)
        pages[place].evaluate("id => history.pushState({}, '', `/agent/tickets/${id}`)", shown[place])
        pages[place].bring_to_front()
        wanted.append(shown[place])
    last = f"{desk.server.zendesk_url}/agent/tickets/{wanted[-1]}"
    eventually(desk.front, lambda front: front is not None and front[0] == last, DEADLINE_S)
    said = len(desk.app.said())
    desk.app.send(Where())
    eventually(lambda: len(desk.app.said()), lambda now: now > said, DEADLINE_S)
    assert desk.front() is not None
    assert desk.front()[0] == last


@pytest.mark.promise("S5", part="a web page cannot talk to the extension")
def test_that_nothing_that_a_script_of_the_page_tries_reaches_the_app(desk):
    page = desk.open(desk.url(0))
    front = next(message for message in reversed(desk.app.said()) if isinstance(message, Front))
    desk.app.forget()
    assert page.evaluate(forgeries(popup_url())) == ""
    assert page.evaluate("typeof globalThis.chrome?.runtime?.sendMessage") == "undefined"
    desk.app.send(Where())
    desk.settles(desk.url(0))
    assert [(said.url, said.tab) for said in desk.app.said()] == [(front.url, front.tab)]


@pytest.mark.promise("S5")
def test_that_the_link_heals_after_the_app_and_after_the_background_script(desk):
    page = desk.open(desk.url(0))
    desk.app.stop()
    desk.app.forget()
    desk.app.start()
    desk.settles(desk.url(0))

    desk.app.forget()
    session = desk.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    eventually(lambda: desk.app.is_linked, lambda linked: not linked, DEADLINE_S)
    page.goto(desk.url(1))
    desk.settles(desk.url(1))
    assert desk.insert(desk.url(1)).ok
    assert desk.app.codes() == []
