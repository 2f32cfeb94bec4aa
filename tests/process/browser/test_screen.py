"""The extension in Chromium on a real screen with a window manager: several windows, and other programs."""

from __future__ import annotations

import pytest

from integrations.browser.messages import Away, Composer, Front
from integrations.demo.server import DemoServer
from tests.helpers.children import child, eventually
from tests.helpers.e2e import fresh_world
from tests.helpers.extension import DEADLINE_S, app, background, chromium, pair
from tests.helpers.x11 import x_server

pytestmark = [pytest.mark.browser, pytest.mark.x11, pytest.mark.slow]


def test_that_the_window_with_the_focus_counts_and_another_program_is_away(tmp_path):
    with (
        x_server(tmp_path) as x,
        DemoServer(fresh_world()) as server,
        app(tmp_path / "s", server.zendesk_url) as running,
        chromium(tmp_path, tmp_path / "s", headless=False, env=x.env) as context,
    ):
        pair(context, running)
        one, two = (f"{server.zendesk_url}/agent/tickets/{ticket}" for ticket in list(server.world.tickets)[:2])

        def last() -> object:
            """Return the address in front, or "away"; whether there is a composer does not matter here."""
            told = [message for message in running.said() if not isinstance(message, Composer)]
            return told[-1].url if told and isinstance(told[-1], Front) else type(told[-1]) if told else None

        def is_(wanted: object) -> None:
            eventually(last, lambda seen: seen == wanted, DEADLINE_S)

        context.pages[0].goto(one)
        is_(one)
        script = background(context)
        script.evaluate("url => chrome.windows.create({ url, focused: true })", two)
        is_(two)
        focus = """async other => {
            const all = await chrome.tabs.query({ active: true });
            await chrome.windows.update(all.find(({ url }) => url === other).windowId, { focused: true });
        }"""
        script.evaluate(focus, one)
        is_(one)

        with child("tests.helpers.other_app", folder=tmp_path, env=x.env) as other:
            eventually(lambda: other.tell("state")["active"], bool, DEADLINE_S)
            is_(Away)
        # Its end gives the focus back to a window of the browser.
        eventually(last, lambda seen: seen in (one, two), DEADLINE_S)
        script.evaluate(focus, two)
        is_(two)
