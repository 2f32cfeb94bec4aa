"""From arguments to a running app, or to a word to the one that runs already."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from platformdirs import user_cache_path

from desktop.addresses import absolute, is_offer
from desktop.dock.geometry import prefer_platform
from desktop.settings import HOME_VARIABLE, folders
from desktop.single_instance import (
    LARGEST_ADDRESS_CHARACTERS,
    Keys,
    Open,
    Quit,
    Request,
    Toggle,
    answers,
    ask,
    place_in,
)

DEMO_FOLDER = "demo"
DEMO_ADDRESS = "http://127.0.0.1:"
TELL_DEADLINE_S = 1.5
NO_SCREEN = "there is no screen to show it on; start it in your desktop (DISPLAY and WAYLAND_DISPLAY are not set)"
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_TO_RUNNING: dict[str | None, Request] = {"toggle": Toggle(), "keys": Keys(), "quit": Quit()}


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
    _choose_home(options, is_start=arguments.command in {None, "demo"})
    if arguments.command in _TO_RUNNING:
        if _told(_TO_RUNNING[arguments.command]):
            return 0
        sys.stderr.write("kibitz: it is not running\n")
        return 1
    if options.address and _is_running(os.environ) and _told(Open(options.address)):
        return 0
    if not has_screen(os.environ, sys.platform):
        sys.stderr.write(f"kibitz: {NO_SCREEN}\n")
        return 1
    os.environ.update(prefer_platform(os.environ, sys.platform))
    from desktop.app import run_app

    return run_app(options)


def has_screen(env: Mapping[str, str], platform: str) -> bool:
    """Tell whether Qt can find a screen. Where it can not, it ends the process instead of raising."""
    return not platform.startswith("linux") or any(env.get(name) for name in _SCREENS)


def _options(arguments: argparse.Namespace, began: float) -> Options:
    ports = {"zendesk": 0, "freshdesk": 0}
    for text in arguments.demo_helpdesk:
        kind, _, port = text.partition("=")
        if kind not in ports or not port.isdecimal():
            raise ValueError(f"{text!r} is not like zendesk=8641")
        ports[kind] = int(port)
    address = absolute(getattr(arguments, "address", ""))
    if len(address) > LARGEST_ADDRESS_CHARACTERS:
        raise ValueError("the address is too long")
    return Options(
        address=address,
        demo=arguments.command == "demo",
        open_browser=not getattr(arguments, "no_browser", False),
        zendesk_port=ports["zendesk"],
        freshdesk_port=ports["freshdesk"],
        timings=arguments.timings,
        began=began,
    )


def _choose_home(options: Options, *, is_start: bool) -> None:
    """Give the demo a home of its own: it begins by deleting what is there, which must never be an agent's data.

    What is said to a running Kibitz is for the demo if it is about a ticket there, or if only the demo runs.
    """
    demo = str((folders().home or user_cache_path("kibitz", appauthor=False)) / DEMO_FOLDER)
    if options.demo or (not is_start and _is_running({HOME_VARIABLE: demo}) and _is_for_demo(options.address)):
        os.environ[HOME_VARIABLE] = demo


def _is_for_demo(address: str) -> bool:
    # An admin's link is never for the demo: what is signed in to there is forgotten.
    return address.startswith(DEMO_ADDRESS) or (not is_offer(address) and not _is_running(os.environ))


def _is_running(env: Mapping[str, str]) -> bool:
    runtime = folders(env).runtime
    return runtime.exists() and answers(place_in(runtime))


def _told(request: Request) -> bool:
    runtime = folders().runtime
    return runtime.exists() and ask(place_in(runtime), request, deadline_s=TELL_DEADLINE_S)
