"""The browser link after whatever ended: the app, by itself or by force, and the browser. Nobody pairs twice."""

from __future__ import annotations

import pytest

from assist.domain import HelpdeskKind
from tests.helpers.e2e import Homes, Station, fresh_world, soon
from tests.helpers.linked import BROWSERS, READ_OUT, Linked
from tests.helpers.screen_reader import ScreenReader

pytestmark = [pytest.mark.x11, pytest.mark.browser, pytest.mark.keyring_daemon, pytest.mark.slow]

A, B, C = "o-invoice-george", "o-cancel-club-zoe", "o-wash-ruth"


@pytest.mark.promise("I6", part="the browser link")
@pytest.mark.parametrize(
    ("browser", "kind"), [("chromium", HelpdeskKind.FRESHDESK), ("firefox", HelpdeskKind.ZENDESK)], ids=str
)
def test_that_the_link_heals_whoever_was_restarted(
    browser: str, kind: HelpdeskKind, office: Station, homes: Homes, reader: ScreenReader, tmp_path
):
    kibitz = homes.copy(kind)
    kibitz.more_env = READ_OUT
    office.server.show(fresh_world())
    with kibitz.running():
        with BROWSERS[browser](kibitz, tmp_path) as web:
            linked = Linked(kibitz, web, reader)
            linked.pair()
            tab = linked.open(A)

            kibitz.close_log()
            kibitz.kill()
            linked.step(tab, B)
            kibitz.start()
            linked.shows(B)
            linked.use()
            [used] = soon(lambda: linked.used(B))
            soon(lambda: "".join(linked.composed(tab).split()), lambda text: text == spaceless(used.text))

        soon(linked.texts, lambda texts: f"Linked with {web.name}" not in texts)
        with BROWSERS[browser](kibitz, tmp_path) as web:
            linked = Linked(kibitz, web, reader)
            linked.open(C)
            linked.says(f"Linked with {web.name}")
            assert linked.code() == ""


def spaceless(text: str) -> str:
    """Return a text without spaces, and without the marks of lists, which an editor turns into lists."""
    return "".join(text.split())
