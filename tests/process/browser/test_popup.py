"""The popup in Chromium: pairing, what it says, and what the browser keeps."""

from __future__ import annotations

import re

import pytest

from integrations.browser.messages import Composer, Front, Insert, Inserted
from integrations.demo.server import DemoServer
from tests.helpers.children import eventually
from tests.helpers.e2e import fresh_world
from tests.helpers.extension import DEADLINE_S, app, background, chromium, for_tests, pair, popup

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEPT = """new Promise(done => {
    const open = indexedDB.open("kibitz", 1);
    open.onsuccess = () => {
        const all = open.result.transaction("keys").objectStore("keys").getAll();
        all.onsuccess = () => {
            open.result.close();
            done(all.result.map(({ key }) => [key.constructor.name, key.extractable]));
        };
    };
})"""


def test_that_a_wrong_code_pairs_nobody_and_a_restarted_browser_is_still_paired(tmp_path):
    place = tmp_path / "s"
    with app(place, "https://acme.zendesk.com") as running:
        with chromium(tmp_path, place) as context:
            page = popup(context)
            page.click("#pair:visible")
            page.wait_for_selector("#code:visible")
            (code,) = running.codes()
            page.fill("#code", code[:5] + ("0" if code[5] != "0" else "1"))
            page.keyboard.press("Enter")
            page.wait_for_selector("#trouble:visible")
            assert (running.endings(), running.keys.pairs, running.is_linked) == (["code"], {}, False)
            page.close()
            pair(context, running)
        assert running.endings() == ["code", ""]
        running.forget()
        with chromium(tmp_path, place) as context:
            background(context)
            eventually(lambda: running.is_linked, bool, DEADLINE_S)
            assert running.codes() == []
            assert popup(context).evaluate(KEPT) == [["CryptoKey", False]]
            page = popup(context)
            page.click("#forget:visible")
            page.click("#forget-yes:visible")
            page.wait_for_selector("#pair:visible")
            assert page.evaluate(KEPT) == []


def test_that_the_popup_says_what_is_missing(tmp_path):
    with chromium(tmp_path, None) as context:
        page = popup(context)
        page.wait_for_selector("#retry:visible")
        assert page.inner_text("#title") == "Not set up in this browser"
    place = tmp_path / "s"
    with chromium(tmp_path, place) as context:
        page = popup(context)
        page.wait_for_selector("#title:has-text('Kibitz is not running')")
        with app(place, "https://acme.zendesk.com", "https://help.acme.example") as running:
            pair(context, running)
            page = popup(context)
            page.wait_for_selector("#allow:visible")
            hosts = page.eval_on_selector_all("#host-list li", "rows => rows.map(row => row.innerText)")
            assert [re.split(r"\s+", row, maxsplit=1) for row in hosts] == [
                ["acme.zendesk.com", "allowed"],
                ["help.acme.example", "not allowed yet"],
            ]


def test_that_pages_of_a_host_allowed_by_hand_are_written_to_whether_open_or_new(tmp_path):
    extension = for_tests(tmp_path / "own-host", own_host=True)
    with (
        DemoServer(fresh_world()) as server,
        app(tmp_path / "s", server.zendesk_url) as running,
        chromium(tmp_path, tmp_path / "s", extension=extension) as context,
    ):
        old, new = (f"{server.zendesk_url}/agent/tickets/{number}" for number in list(server.world.tickets)[:2])
        context.pages[0].goto(old)
        context.pages[0].wait_for_selector("#composer")
        pair(context, running)
        for page, url in ((context.pages[0], old), (context.new_page(), new)):
            running.forget()
            if page.url != url:
                page.goto(url)
            page.bring_to_front()
            eventually(
                lambda: (
                    [message for message in running.said() if getattr(message, "composer", False)]
                    or [message for message in running.said() if isinstance(message, Composer) and message.present]
                ),
                bool,
                DEADLINE_S,
            )
            assert [message.url for message in running.said() if isinstance(message, Front)][-1:] in ([url], [])
            running.send(Insert("1", url, "<p>Hello.</p>", "Hello."))
            eventually(running.said, lambda said: Inserted("1", ok=True, why="") in said, DEADLINE_S)
            assert page.inner_text("#composer").strip() == "Hello."
