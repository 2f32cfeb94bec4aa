"""The extension in a real browser, and an app for it to talk to.

An agent allows a host of their own in a prompt of the browser, which no test can answer. So the copy of the extension
that tests load has the demo helpdesk's host among its own (`for_tests`); that is its only difference.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from integrations.browser.known import Family
from integrations.browser.launcher import HOST, HOST_FILE, Ids, launcher, manifest, read_ids
from integrations.browser.messages import FromApp, FromExtension, LinkSettings
from integrations.browser.pairing import PairingDesk
from integrations.browser.partner import CodeShown, Event, Linked, PairingEnded, Partner, Said
from resources import ROOT as RESOURCES
from tests.helpers.children import eventually
from tests.helpers.partner import MemoryKeys

EXTENSION = RESOURCES / "browser"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DEADLINE_S = 60.0
LOOPBACK = "http://127.0.0.1/"
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def ids() -> Ids:
    return read_ids(EXTENSION)


def for_tests(folder: Path, source: Path = EXTENSION, *, own_host: bool = False) -> Path:
    """Copy the extension to ``folder`` and let it see pages of 127.0.0.1 without being allowed to by an agent.

    With ``own_host`` that is as if an agent had just allowed it: the manifest knows of no script for its pages.
    """
    shutil.copytree(source, folder)
    file = folder / "manifest.json"
    described = json.loads(file.read_text())
    described["host_permissions"].append(f"{LOOPBACK}*")
    if not own_host:
        described["content_scripts"][0]["matches"] += [f"{LOOPBACK}agent/*", f"{LOOPBACK}a/*"]
    file.write_text(json.dumps(described))
    return folder


def put_host(folder: Path, place: Path, *, family: Family, hosts: Path) -> None:
    """Let a browser that looks for hosts in ``hosts`` start ours, for the app whose socket is at ``place``."""
    script = folder / "kibitz-link"
    script.write_text(launcher(sys.executable, HOST_FILE, str(place), ids().origins))
    script.chmod(0o700)
    hosts.mkdir(parents=True, exist_ok=True)
    (hosts / f"{HOST}.json").write_text(json.dumps(manifest(family, script, ids())))


class App:
    """The app's end of the link: the real protocol on a real socket, and nothing behind it.

    It remembers the keys of its partners, so it can be stopped and started again as an app is.
    """

    def __init__(self, place: Path, *origins: str, drafts: bool = False) -> None:
        self.place = place
        self.settings = LinkSettings(tuple(origins), drafts)
        self.events: list[Event] = []
        self.keys = MemoryKeys()
        self._desk = PairingDesk(ids().origins)
        self._lock = threading.RLock()
        self._partners: dict[Partner, socket.socket] = {}
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._last = b""

    def start(self) -> None:
        self.place.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.place))
        self._listener.listen()
        self._begin(self._accept, self._listener)

    def stop(self) -> None:
        if self._listener is None:
            return
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None
        with self._lock:
            open_now = list(self._partners.values())
        for connection in open_now:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(DEADLINE_S)
        self._threads.clear()
        self.place.unlink(missing_ok=True)

    def _begin(self, work: Callable[[socket.socket], None], of: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(of,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self._begin(self._serve, listener.accept()[0])

    def _serve(self, connection: socket.socket) -> None:
        partner = Partner(self.keys, self._desk, settings=lambda: self.settings, now=time.monotonic)
        connection.settimeout(0.2)
        with self._lock:
            self._partners[partner] = connection
        with connection, suppress(OSError):
            while not partner.is_closed:
                data = None
                with suppress(TimeoutError):
                    data = connection.recv(65_536)
                with self._lock:
                    self.events += partner.tick() if data is None else partner.receive(data)
                    connection.sendall(partner.outgoing())
                if data == b"":
                    break
        with self._lock:
            del self._partners[partner]
            self.events += partner.end()

    def send(self, message: FromApp) -> None:
        """Say something to the browser that is linked."""
        with self._lock:
            partner = next(one for one in reversed(self._partners) if one.is_linked)
            partner.send(message)
            self._last = partner.outgoing()
            self._partners[partner].sendall(self._last)

    def repeat(self) -> None:
        """Write the last frame once more, as somebody who recorded it could."""
        with self._lock:
            self._partners[next(one for one in reversed(self._partners) if one.is_linked)].sendall(self._last)

    def cancel_pairing(self) -> None:
        """Refuse the code that is shown, as the agent does in the panel."""
        with self._lock:
            self._desk.cancel()

    @property
    def is_linked(self) -> bool:
        with self._lock:
            return any(one.is_linked for one in self._partners)

    def said(self) -> list[FromExtension]:
        """Return what the browser said since `forget`, in its order."""
        return [event.message for event in self._all(Said)]

    def codes(self) -> list[str]:
        return [event.code for event in self._all(CodeShown)]

    def endings(self) -> list[str]:
        """Return how the tries to pair ended: empty texts for those that made a pair."""
        return [event.why for event in self._all(PairingEnded)]

    def links(self) -> list[str]:
        """Return the names of the browsers, for each session that began."""
        return [event.name for event in self._all(Linked)]

    def _all(self, kind: type[Any]) -> list[Any]:
        with self._lock:
            return [event for event in self.events if isinstance(event, kind)]

    def forget(self) -> None:
        """Forget what happened so far."""
        with self._lock:
            self.events.clear()

    def hears(self, message: FromExtension) -> None:
        """Wait until the browser's last word is ``message``."""
        eventually(self.said, lambda said: bool(said) and said[-1] == message, DEADLINE_S)


@contextmanager
def app(place: Path, *origins: str, drafts: bool = False) -> Iterator[App]:
    running = App(place, *origins, drafts=drafts)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def chromium(
    folder: Path,
    place: Path | None,
    *,
    extension: Path | None = None,
    more: Sequence[str] = (),
    env: dict[str, str] | None = None,
    headless: bool = True,
) -> Iterator[Any]:
    """Start Chromium with the extension and yield Playwright's context; ``place`` None means that there is no host.

    ``folder`` keeps the profile, so a second start with the same one is the same browser again.
    """
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    loaded = extension or (folder / "extension" if (folder / "extension").exists() else for_tests(folder / "extension"))
    profile = folder / "profile"
    if place is not None:
        put_host(folder, place, family=Family.CHROMIUM, hosts=profile / "NativeMessagingHosts")
    with playwright.sync_playwright() as started:
        context = started.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            headless=headless,
            args=[*_QUIET, *more, f"--disable-extensions-except={loaded}", f"--load-extension={loaded}"],
            env={**os.environ, **(env or {})},
            no_viewport=None if headless else True,
        )
        context.set_default_timeout(1e3 * DEADLINE_S)
        try:
            yield context
        finally:
            context.close()


def background(context: Any) -> Any:
    """Return the extension's background script, once Chromium has started it."""
    return context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")


def popup_url() -> str:
    return f"chrome-extension://{ids().chromium}/popup.html"


def popup(context: Any) -> Any:
    """Open the popup in a tab of its own: the bubble that it is for agents cannot be reached by a test."""
    page = context.new_page()
    page.goto(popup_url())
    return page


def pair(context: Any, with_: App) -> None:
    """Pair as an agent does: ask for the code in the popup, read it on the panel, type it."""
    page = popup(context)
    page.click("#pair:visible")
    page.wait_for_selector("#code:visible")
    page.fill("#code", with_.codes()[-1])
    page.keyboard.press("Enter")
    page.wait_for_selector("#forget:visible")
    page.close()
    eventually(lambda: with_.is_linked, bool, DEADLINE_S)
