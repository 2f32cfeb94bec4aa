"""``kibitz link-handler``: install, status, remove. It needs no screen."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from desktop.accounts.scheme import link_handler
from desktop.accounts.state import LinksOpen

_SAID = {
    LinksOpen.HERE: "kibitz:// links open in this copy of Kibitz.",
    LinksOpen.NOT_YET: "kibitz:// links do not open in this copy of Kibitz. For that: kibitz link-handler install",
}


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for; return 0 when it was done, or for status when links open here, else 1."""
    handler = link_handler(os.environ, Path.home())
    try:
        if handler.state() is LinksOpen.NEVER:
            sys.stderr.write(f"kibitz: {handler.what()}\n")
            return 1
        if arguments.act == "install":
            handler.install()
        elif arguments.act == "remove":
            handler.remove()
        state = handler.state()
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        sys.stderr.write(f"kibitz: {error.strerror or error}{where}\n")
        return 1
    if arguments.act == "remove":
        sys.stdout.write("Kibitz is taken out: kibitz:// links no longer open in it.\n")
        return 0
    sys.stdout.write(f"{_SAID[state]}\n")
    return 0 if state is LinksOpen.HERE else 1
