"""Photographs the demo helpdesk's page with the panel beside it: ``python -m tests.e2e.picture FILE.png [TICKET]``.

With ``--linked`` the browser is linked, and the first reply has been put into the composer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from assist.domain import HelpdeskKind
from tests.helpers.e2e import Homes, browsing, desk, fresh_world, soon, station
from tests.helpers.linked import BROWSERS, READ_OUT, Linked
from tests.helpers.screen_reader import screen_reader

TICKET = "o-cancel-club-zoe"


def main() -> int:
    """Take the picture; needs an X server program, a window manager, a keyring daemon and chromium."""
    names = [one for one in sys.argv[1:] if one != "--linked"]
    target = Path(names[0]).resolve()
    ticket = names[1] if len(names) > 1 else TICKET
    if "--linked" in sys.argv:
        return linked(target, ticket)
    with tempfile.TemporaryDirectory() as folder, station(Path(folder)) as at:
        homes = Homes(at, at.folder)
        with browsing(at):
            kibitz = homes.copy(HelpdeskKind.ZENDESK)
            at.server.show(fresh_world())
            with kibitz.running(), desk(kibitz) as work:
                at.x.tool("wmctrl", "-r", "Chromium", "-b", "add,maximized_vert,maximized_horz")
                work.open(ticket)
                work.page.click("#composer")
                at.photograph(target)
    return 0


def linked(target: Path, ticket: str) -> int:
    """Take the picture with a paired browser, after "Use"."""
    with tempfile.TemporaryDirectory() as made, station(Path(made)) as at:
        kibitz = Homes(at, at.folder).copy(HelpdeskKind.ZENDESK)
        kibitz.more_env = READ_OUT
        at.server.show(fresh_world())
        with (
            kibitz.running(),
            screen_reader(at.bus["DBUS_SESSION_BUS_ADDRESS"]) as reader,
            BROWSERS["chromium"](kibitz, Path(made)) as web,
        ):
            work = Linked(kibitz, web, reader)
            work.pair()
            tab = work.open(ticket)
            work.use()
            soon(lambda: work.composed(tab))
            at.photograph(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
