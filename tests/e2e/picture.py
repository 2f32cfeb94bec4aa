"""Photographs the demo helpdesk's page with the panel beside it: ``python -m tests.e2e.picture FILE.png [TICKET]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from assist.domain import HelpdeskKind
from tests.helpers.e2e import Homes, browsing, desk, fresh_world, station

TICKET = "o-cancel-club-zoe"


def main() -> int:
    """Take the picture; needs an X server program, a window manager, a keyring daemon and chromium."""
    target = Path(sys.argv[1]).resolve()
    ticket = sys.argv[2] if len(sys.argv) > 2 else TICKET
    with tempfile.TemporaryDirectory() as folder, station(Path(folder)) as at:
        homes = Homes(at)
        with browsing(at):
            kibitz = homes.copy(HelpdeskKind.ZENDESK)
            at.server.show(fresh_world())
            with kibitz.running(), desk(kibitz) as work:
                at.x.tool("wmctrl", "-r", "Chromium", "-b", "add,maximized_vert,maximized_horz")
                work.open(ticket)
                work.page.click("#composer")
                at.photograph(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
