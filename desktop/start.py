"""From arguments to a running app, or to a word to the one that runs already."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass

from platformdirs import user_cache_path

from desktop.dock.geometry import prefer_platform
from desktop.settings import HOME_VARIABLE, folders
from desktop.single_instance import Quit, Request, Toggle, ask, place_in

DEMO_FOLDER = "demo"
TELL_DEADLINE_S = 1.5
_TO_RUNNING: dict[str | None, Request] = {"toggle": Toggle(), "quit": Quit()}


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line. Ports are 0 where no demo helpdesk is to be connected."""

    address: str = ""
    demo: bool = False
    open_browser: bool = True
    zendesk_port: int = 0
    freshdesk_port: int = 0
    timings: bool = False
    began: float = 0.0
    """`time.perf_counter` when the command began."""


def start(arguments: argparse.Namespace) -> int:
    """Do what ``arguments`` say; return the exit status."""
    began = time.perf_counter()
    try:
        options = _options(arguments, began)
    except ValueError as error:
        sys.stderr.write(f"kibitz: {error}\n")
        return 2
    _prepare_environment(options)
    if arguments.command in _TO_RUNNING:
        return _tell_running(_TO_RUNNING[arguments.command])
    from desktop.app import run_app

    return run_app(options)


def _options(arguments: argparse.Namespace, began: float) -> Options:
    ports = {"zendesk": 0, "freshdesk": 0}
    for text in arguments.demo_helpdesk:
        kind, _, port = text.partition("=")
        if kind not in ports or not port.isdecimal():
            raise ValueError(f"{text!r} is not like zendesk=8641")
        ports[kind] = int(port)
    return Options(
        address=getattr(arguments, "address", ""),
        demo=arguments.command == "demo",
        open_browser=not getattr(arguments, "no_browser", False),
        zendesk_port=ports["zendesk"],
        freshdesk_port=ports["freshdesk"],
        timings=arguments.timings,
        began=began,
    )


def _prepare_environment(options: Options) -> None:
    os.environ.update(prefer_platform(os.environ, sys.platform))
    if options.demo and not os.environ.get(HOME_VARIABLE):
        # A home of its own, so that the demo never touches an agent's real data.
        os.environ[HOME_VARIABLE] = str(user_cache_path("kibitz", appauthor=False) / DEMO_FOLDER)


def _tell_running(request: Request) -> int:
    runtime = folders().runtime
    if runtime.exists() and ask(place_in(runtime), request, deadline_s=TELL_DEADLINE_S):
        return 0
    sys.stderr.write("kibitz: it is not running\n")
    return 1
