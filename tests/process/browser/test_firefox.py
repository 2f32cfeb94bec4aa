"""The extension in Firefox, on the demo helpdesk's pages."""

from __future__ import annotations

import pytest

from integrations.browser.messages import Composer, Elsewhere, Front, Insert, Inserted, Where
from integrations.demo.server import DemoServer
from tests.helpers.children import eventually
from tests.helpers.e2e import fresh_world
from tests.helpers.extension import DEADLINE_S, App, app
from tests.helpers.firefox import Tab, firefox, pair

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HTML = "<p>Hi Anna,</p><p>it is <b>on its way</b>.</p>"


def in_front(running: App) -> tuple[str, bool] | None:
    seen: tuple[str, bool] | None = None
    for message in running.said():
        if isinstance(message, Front):
            seen = message.url, message.composer
        elif isinstance(message, Composer) and seen is not None:
            seen = seen[0], message.present
        elif isinstance(message, Elsewhere):
            seen = None
    return seen


def settles(running: App, url: str) -> None:
    eventually(lambda: in_front(running), lambda front: front == (url, True), DEADLINE_S)


def insert(running: App, url: str) -> Inserted:
    running.forget()
    running.send(Insert("1", url, HTML, "Hi Anna"))
    answers = eventually(
        lambda: [message for message in running.said() if isinstance(message, Inserted)], bool, DEADLINE_S
    )
    running.send(Where())
    return answers[0]


def composed(tab: Tab) -> str:
    return " ".join(str(tab.run("document.querySelector('#composer').innerText")).split())


@pytest.mark.promise("N5")
def test_that_firefox_is_linked_told_of_and_written_to(tmp_path):
    place = tmp_path / "s"
    with (
        DemoServer(fresh_world()) as server,
        app(place, server.zendesk_url, server.freshdesk_url) as running,
        firefox(tmp_path, place) as browser,
    ):
        pair(browser, running)
        assert running.links() == ["Firefox"]
        numbers = list(server.world.tickets)[:2]
        one, two = f"{server.zendesk_url}/agent/tickets/{numbers[0]}", f"{server.freshdesk_url}/a/tickets/{numbers[1]}"

        first = browser.open(one)
        settles(running, one)
        assert insert(running, one).ok
        assert composed(first) == "Hi Anna, it is on its way."
        first.chord("\ue009", "z")
        assert composed(first) == ""

        second = browser.open(two)
        settles(running, two)
        second.click("#composer")
        second.type("Thank you for waiting.")
        assert insert(running, two).ok
        assert composed(second) == "Thank you for waiting. Hi Anna, it is on its way."
        second.chord("\ue009", "z")
        assert composed(second) == "Thank you for waiting."
        assert insert(running, one).why == "moved"

        first.front()
        settles(running, one)
        first.run(f"history.pushState({{}}, '', '/agent/tickets/{numbers[1]}')")
        stepped = f"{server.zendesk_url}/agent/tickets/{numbers[1]}"
        eventually(lambda: (in_front(running) or [""])[0], lambda url: url == stepped, DEADLINE_S)
        assert insert(running, stepped).why == "no-composer"
        first.close()
        settles(running, two)

        running.stop()
        running.forget()
        running.start()
        settles(running, two)
        assert running.codes() == []
