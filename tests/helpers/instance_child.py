"""Starts as Kibitz does: claims its place, or hands its request (the first argument, JSON) to who has it."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication

from desktop.settings import folders
from desktop.single_instance import Quit, Request, ask, claim, place_in, read_request
from tests.helpers.child_side import say


def main() -> int:
    app = QCoreApplication(sys.argv)
    place = place_in(folders().runtime)

    def on_request(request: Request) -> None:
        say(repr(request) if not isinstance(request, Quit) else "quit")
        if isinstance(request, Quit):
            app.quit()

    server = claim(place, on_request)
    if server is None:
        request = read_request(sys.argv[1].encode())
        assert request is not None
        say("handed over" if ask(place, request) else "nobody answers")
        return 0
    say("first")
    status = app.exec()
    server.close()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
