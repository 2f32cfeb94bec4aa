"""The command ``kibitz``. Nothing heavy is imported before the arguments are read; the engine imports this too."""

from __future__ import annotations

import argparse
import multiprocessing
import subprocess
import sys
from collections.abc import Sequence

from assist import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] == ["train"]:
        # A process of its own: training loads torch, which the app never does.
        return subprocess.call([sys.executable, "-m", "assist.training.encoder", *arguments[1:]])  # noqa: S603  # this very Python, with the words of whoever typed the command
    options = _parser(arguments).parse_args(arguments)
    if options.command == "admin":
        from desktop.admin.command import run as run_admin

        return run_admin(options)
    if options.command == "browser":
        from desktop.link.command import run

        return run(options)
    if options.command == "link-handler":
        from desktop.accounts.scheme_command import run as run_links

        return run_links(options)
    from desktop.start import start

    return start(options)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kibitz",
        description="Shows replies, articles and alerts for the ticket that is open in your helpdesk. "
        "Without a command it starts, or shows the panel if it runs already.",
    )
    parser.add_argument("--version", action="version", version=f"kibitz {__version__}")
    parser.add_argument("--timings", action="store_true", help="print when the tray, the panel and help were there")
    # For tests: connect a demo helpdesk that runs already, e.g. zendesk=8641.
    parser.add_argument("--demo-helpdesk", action="append", default=[], metavar="KIND=PORT", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="command")
    demo = commands.add_parser("demo", help="look around with a built-in demo helpdesk; nothing of it is kept")
    demo.add_argument("--no-browser", action="store_true", help="print the helpdesk's address instead of opening it")
    open_ = commands.add_parser("open", help="open a ticket in the panel, or an admin's link or settings file")
    open_.add_argument("address", help="the address of the ticket's page, or its number; kibitz://…; or a .json file")
    commands.add_parser("toggle", help="show or hide the panel; made for a keyboard shortcut of your desktop")
    commands.add_parser("keys", help="move the keyboard into the panel, or back; made for such a shortcut as well")
    _add_browser(commands.add_parser("browser", help="let a browser tell Kibitz which ticket is open"))
    links = commands.add_parser("link-handler", help="let kibitz:// links, as admins send them, open in Kibitz")
    links.add_argument("act", choices=("install", "status", "remove"))
    _add_admin(commands.add_parser("admin", help="check, export and import settings, delete a customer"), arguments)
    # Listed here for the help only; its arguments are read by the trainer.
    commands.add_parser("train", help="fine-tune the encoder (needs the extra: train); see kibitz train --help")
    commands.add_parser("quit", help="end the Kibitz that is running")
    return parser


def _add_admin(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """What it knows is imported only where it is asked for."""
    if "admin" in arguments:
        from desktop.admin.command import add_commands

        add_commands(parser)


def _add_browser(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="act", required=True)
    for act, said in (
        ("install", "set up the browsers that are found, and say what is left to do by hand"),
        ("status", "say how each browser stands"),
        ("remove", "take out what install wrote"),
    ):
        one = acts.add_parser(act, help=said)
        one.add_argument("--browser", choices=("chrome", "chromium", "edge", "brave", "firefox"), help="only this one")
        one.add_argument(
            "--user-data-dir", metavar="DIR", help="a profile elsewhere, as a Chromium browser is told of it"
        )


if __name__ == "__main__":
    sys.exit(main())
