"""The helpdesks' own Kibitz apps in a real browser: their real files, a stand-in for the vendor's SDK, a real door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.browser.door import ADDRESS, PORT
from tests.helpers.children import Child, child, eventually
from tests.helpers.extension import CHROMIUM, DEADLINE_S
from tests.helpers.helpdesk_frames import APPS, FRESH_DESK, ZENDESK_DESK, Vendor, frame_of, serve
from tests.helpers.partner import spell

# The last list counts: Playwright's own would switch off that each page keeps what its frames store apart.
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-features=MediaRouter,OptimizationHints")
REPLY = {
    "verb": "insert",
    "id": "a1",
    "html": "<p>Hello <b>Anna</b></p><script>alert(1)</script>",
    "text": "Hello Anna",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield launched
        launched.close()


class Visit:
    """A helpdesk's page in a browser, the app's frames in it, and the door."""

    def __init__(
        self, context: Any, vendor: Vendor, door: Child, port: int, tickets: tuple[int, ...], locale: str
    ) -> None:
        self.vendor, self.door = vendor, door
        self.page = serve(context, vendor, port, tickets=tickets, locale=locale)

    def frame(self, ticket: int) -> Any:
        return frame_of(self.page, self.vendor, ticket)

    def fire(self, ticket: int, name: str) -> None:
        self.frame(ticket).evaluate("name => fake.fire(name)", name)

    def url(self, ticket: int) -> str:
        return self.vendor.page.format(ticket)

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.door.tell("look")
        return found

    def shows(self, ticket: int, title: str) -> None:
        self.frame(ticket).get_by_role("heading", name=title, exact=True).wait_for()

    def says(self, **message: object) -> None:
        """Wait until the app's last word is ``message``, whatever tab it has."""

        def last() -> dict[str, Any]:
            said = self.look()["said"]
            return {key: value for key, value in said[-1].items() if key != "tab"} if said else {}

        eventually(last, lambda found: found == message, DEADLINE_S)

    def pair(self, ticket: int) -> None:
        frame = self.frame(ticket)
        frame.click("#pair:visible")
        frame.wait_for_selector("#code:visible")
        frame.fill("#code", self.look()["codes"][-1])
        frame.press("#code", "Enter")
        self.shows(ticket, "Kibitz is following")

    def insert(self, ticket: int) -> None:
        assert self.door.tell(**REPLY, url=self.url(ticket)) == [True]

    def editor(self, ticket: int) -> str:
        found: str = self.page.inner_html(f'[data-ticket="{ticket}"]')
        return found


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Return what opens a vendor's page with a frame for each ticket."""
    context = browser.new_context()
    context.set_default_timeout(1e3 * DEADLINE_S)
    # An agent is asked for this once, or an admin allows it (docs/helpdesk-apps.md).
    context.grant_permissions(["local-network-access"])
    with child("tests.helpers.door_child", folder=tmp_path, env={"QT_QPA_PLATFORM": "offscreen"}) as door:
        port = door.answer()["port"]
        yield lambda vendor, *tickets, locale="en": Visit(context, vendor, door, port, tickets, locale)
        context.close()


VENDORS = pytest.mark.parametrize("vendor", [ZENDESK_DESK, FRESH_DESK], ids=["zendesk", "freshworks"])


@pytest.mark.browser
@pytest.mark.slow
@VENDORS
@pytest.mark.promise("U7")
def test_that_an_app_pairs_follows_and_puts_a_reply_where_the_agent_writes(visit, vendor):
    seen = visit(vendor, 42)
    seen.fire(42, "app.activated")
    seen.shows(42, "Link with Kibitz")
    seen.pair(42)
    seen.says(t="front", url=seen.url(42), composer=True)
    seen.insert(42)
    seen.says(t="inserted", id="a1", ok=True, why="")
    written = seen.editor(42)
    assert "Dear Anna," in written
    assert "<b>Anna</b>" in written
    assert "script" not in written


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.promise("N5")
def test_that_a_reply_for_the_ticket_before_is_refused_after_a_switch(visit):
    seen = visit(ZENDESK_DESK, 42, 43)
    seen.fire(42, "app.activated")
    seen.pair(42)
    seen.fire(42, "app.deactivated")
    seen.fire(43, "app.activated")
    seen.shows(43, "Kibitz is following")
    seen.says(t="front", url=seen.url(43), composer=True)
    before = seen.editor(42), seen.editor(43)
    seen.insert(42)
    seen.says(t="inserted", id="a1", ok=False, why="moved")
    assert (seen.editor(42), seen.editor(43)) == before
    eventually(lambda: seen.look()["linked"], lambda linked: linked == ["Zendesk app"], DEADLINE_S)


@pytest.mark.browser
@pytest.mark.slow
def test_that_an_app_tells_of_closed_tickets_and_of_what_was_submitted(visit):
    seen = visit(ZENDESK_DESK, 42)
    seen.fire(42, "app.activated")
    seen.pair(42)
    seen.fire(42, "ticket.submit.done")
    seen.says(t="submitted", url=seen.url(42))
    seen.frame(42).evaluate("fake.status = 'closed'; fake.fire('ticket.status.changed')")
    seen.says(t="front", url=seen.url(42), composer=False)
    seen.insert(42)
    seen.says(t="inserted", id="a1", ok=False, why="no-composer")


@pytest.mark.browser
@pytest.mark.slow
def test_that_where_no_editor_is_open_nothing_is_inserted_and_it_is_told(visit):
    seen = visit(FRESH_DESK, 42)
    seen.fire(42, "app.activated")
    seen.pair(42)
    seen.fire(42, "ticket.sendReply")
    seen.says(t="submitted", url=seen.url(42))
    seen.page.evaluate("document.querySelector('[contenteditable]').remove()")
    seen.insert(42)
    seen.says(t="inserted", id="a1", ok=False, why="no-composer")


@pytest.mark.browser
@pytest.mark.slow
def test_that_an_app_says_when_kibitz_is_gone_and_follows_again_by_itself(visit):
    seen = visit(ZENDESK_DESK, 42)
    seen.fire(42, "app.activated")
    seen.pair(42)
    # The app's side knows of the link only a moment after the frame says so.
    eventually(lambda: seen.look()["links"], lambda links: links == 1, DEADLINE_S)
    seen.door.tell("shut")
    seen.shows(42, "Kibitz is not running")
    seen.door.tell("open")
    seen.shows(42, "Kibitz is following")
    eventually(lambda: seen.look()["links"], lambda links: links == 2, DEADLINE_S)


@pytest.mark.browser
@pytest.mark.slow
def test_that_a_wrong_code_links_nothing_and_the_next_one_may_be_right(visit):
    seen = visit(ZENDESK_DESK, 42, locale="de")
    seen.fire(42, "app.activated")
    seen.shows(42, "Mit Kibitz verbinden")
    frame = seen.frame(42)
    frame.click("#pair:visible")
    frame.wait_for_selector("#code:visible")
    frame.fill("#code", f"{(int(seen.look()['codes'][-1]) + 1) % 10**6:06}")
    frame.press("#code", "Enter")
    frame.get_by_role("alert").wait_for()
    assert frame.inner_text("#trouble") == "Das war nicht der Code aus dem Fenster. Jeder Versuch hat einen neuen."
    assert seen.look()["linked"] == []
    frame.click("#pair:visible")
    frame.wait_for_selector("#code:visible")
    frame.fill("#code", seen.look()["codes"][-1])
    frame.press("#code", "Enter")
    seen.shows(42, "Kibitz folgt")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.promise("S5")
def test_that_who_took_the_port_hears_a_greeting_and_nothing_else(visit):
    seen = visit(ZENDESK_DESK, 42)
    seen.fire(42, "app.activated")
    seen.pair(42)
    seen.fire(42, "app.deactivated")
    imposter = Imposter()
    seen.page.context.route(re.compile("^http://127"), imposter.answer)
    seen.fire(42, "app.activated")
    seen.shows(42, "Kibitz is not running")
    seen.fire(42, "ticket.submit.done")
    assert {frame["t"] for frame in imposter.heard} == {"hello"}
    assert {tuple(sorted(frame)) for frame in imposter.heard} == {("id", "nonce", "t", "v")}
    assert seen.url(42) not in str(imposter.bodies)


class Imposter:
    """Another program at the door's port: it answers as Kibitz does, as far as it can without the key."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.bodies: list[str] = []
        self._answers = [{"t": "hello", "nonce": spell(bytes(32))}, {"n": 0, "c": spell(bytes(64))}]

    def answer(self, route: Any) -> None:
        asked = route.request
        allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}
        body: dict[str, Any] = {"session": "0" * 32}
        if asked.url.endswith("/send"):
            self.heard.append(asked.post_data_json["frame"])
        if asked.url.endswith("/wait"):
            body = {"frames": [self._answers.pop(0)] if self._answers else [], "over": "" if self._answers else "ended"}
        self.bodies.append(asked.post_data or "")
        route.fulfill(status=200, headers=allowed, json=body)


@pytest.mark.browser
@pytest.mark.slow
def test_that_the_browsers_half_of_a_pair_cannot_be_exported(visit):
    seen = visit(ZENDESK_DESK, 42)
    seen.fire(42, "app.activated")
    seen.pair(42)
    script = """async () => {
        const { key } = await (await import("./keys.js")).savedKey();
        const tried = (form) => crypto.subtle.exportKey(form, key).catch(({ name }) => name);
        return [key.extractable, key.usages, await Promise.all(["raw", "jwk", "pkcs8"].map(tried))];
    }"""
    extractable, usages, tries = seen.frame(42).evaluate(script)
    assert (extractable, usages) == (False, ["deriveBits"])
    assert set(tries) <= {"InvalidAccessError", "NotSupportedError"}


@pytest.mark.browser
@pytest.mark.slow
def test_that_a_helpdesk_that_kibitz_does_not_know_is_not_told_of(visit):
    seen = visit(ZENDESK_DESK, 42)
    frame = seen.frame(42)
    frame.evaluate("fake.subdomain = 'other'")
    seen.fire(42, "app.activated")
    frame.click("#pair:visible")
    frame.wait_for_selector("#code:visible")
    frame.fill("#code", seen.look()["codes"][-1])
    frame.press("#code", "Enter")
    seen.shows(42, "Kibitz does not know this helpdesk")
    seen.says(t="elsewhere")
    assert len(seen.look()["said"]) == 1


@pytest.mark.browser
@pytest.mark.slow
def test_that_a_browser_that_keeps_frames_from_this_computer_is_named(visit, browser):
    seen = visit(ZENDESK_DESK, 42)
    seen.page.context.clear_permissions()
    seen.fire(42, "app.activated")
    seen.frame(42).click("#pair:visible")
    seen.shows(42, "Your browser blocks the way to Kibitz")
    assert seen.look()["codes"] == []


# The files


SHARED = ("bytes.js", "keys.js", "pairing.js", "session.js")
COMMON = ("clean.js", "door.js", "follower.js", "sidebar.js", "words.js")


@pytest.mark.parametrize("name", SHARED)
def test_that_the_apps_pair_and_talk_by_the_extensions_own_code(name):
    original = (APPS.parent / "browser" / name).read_bytes()
    assert (APPS / "zendesk" / "assets" / name).read_bytes() == original
    assert (APPS / "freshworks" / "app" / "scripts" / name).read_bytes() == original


def test_that_both_apps_look_the_same():
    style = (APPS / "zendesk/assets/sidebar.css").read_bytes()
    assert (APPS / "freshworks/app/styles/sidebar.css").read_bytes() == style


def test_that_nothing_is_loaded_from_elsewhere_but_the_vendors_sdk():
    for path in (*APPS.rglob("*.html"), *APPS.rglob("*.js"), *APPS.rglob("*.css")):
        hosts = set(re.findall(r"(?:https?:)?//([a-z0-9.-]+\.[a-z0-9]+)", path.read_text(encoding="utf-8")))
        assert hosts <= {"static.zdassets.com", "127.0.0.1"}, path


def test_that_the_apps_speak_to_the_port_of_the_door():
    assert f'"http://{ADDRESS}:{PORT}"' in (APPS / "zendesk/assets/door.js").read_text()
    assert f"connect-src http://{ADDRESS}:{PORT};" in (APPS / "zendesk/assets/iframe.html").read_text()


@pytest.mark.parametrize("name", COMMON)
def test_that_both_apps_have_the_same_parts(name):
    assert (APPS / "zendesk/assets" / name).read_bytes() == (APPS / "freshworks/app/scripts" / name).read_bytes()
