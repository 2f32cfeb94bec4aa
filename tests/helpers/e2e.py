"""An agent's desk for end-to-end tests: a screen, a keyring, a browser, the demo helpdesk, and the app itself.

Nothing here looks into the app: what the panel showed is read from its encrypted log, beside the running app, with
the key from the keyring; what the agent does are key events of the X server and clicks in the browser.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from assist.domain import AccountId, HelpdeskKind, Shown, TicketRef
from assist.store.database import StoreKey
from integrations.demo.data import DemoData, load
from integrations.demo.faults import Limits
from integrations.demo.model import Ticket
from integrations.demo.server import DemoServer
from integrations.demo.world import RequestSeen, World, comment_text
from resources import ROOT as RESOURCES
from tests.helpers.app_log import Log
from tests.helpers.children import ROOT, Child, child, eventually
from tests.helpers.keyring_daemon import desktop
from tests.helpers.x11 import XServer, x_server

DEADLINE_S = 60.0
KEY_DEADLINE_S = 20.0
SOLVED = 60
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-position=0,0",
    "--window-size=1000,880",
)
STORE_KEY_NAME = "store key"
_NEEDED = ("Xvfb", "openbox", "xdotool", "xprop", "xclip", "dbus-daemon", "gnome-keyring-daemon")
_TICKET_PATHS = {HelpdeskKind.ZENDESK: "/agent/tickets/", HelpdeskKind.FRESHDESK: "/a/tickets/"}
_DATA: list[DemoData] = []


def soon(look: Callable[[], Any], wanted: Callable[[Any], object] = bool, deadline_s: float = DEADLINE_S) -> Any:
    """Look until what is seen is ``wanted``; the machine may be busy, so the deadline is generous."""
    return eventually(look, wanted, deadline_s)


def fresh_world() -> World:
    """Return the demo shop as it is at this moment, which nobody has touched. Its budget is never used up.

    Of the solved tickets only the newest are there, because reading them one by one is most of a first sync.
    """
    if not _DATA:
        _DATA.append(load(RESOURCES / "demo"))
    plenty = 1_000_000
    world = World(_DATA[0], limits=Limits(plenty, plenty, plenty, plenty, plenty, plenty))
    solved = sorted((t for t in world.tickets.values() if t.solved_at is not None), key=lambda t: t.created_at)
    for ticket in solved[:-SOLVED]:
        del world.tickets[ticket.number]
    return world


@dataclass
class Station:
    """One agent's screen, message bus with a keyring, and the helpdesk. A browser comes with each module."""

    x: XServer
    bus: dict[str, str]
    folder: Path
    server: DemoServer
    browser: Any = None

    @property
    def env(self) -> dict[str, str]:
        """The environment of programs that are started here."""
        screen = {key: self.x.env[key] for key in ("DISPLAY", "QT_QPA_PLATFORM", "LANG", "NO_AT_BRIDGE")}
        return {**os.environ, "PYTHONPATH": str(ROOT), **self.bus, **screen}

    def press(self, *keys: str) -> None:
        """Press keys, by their X names, with the server's own test device."""
        self.x.tool("xdotool", "key", "--clearmodifiers", "--delay", "30", *keys)

    def clipboard(self) -> str:
        done = subprocess.run(
            ["xclip", "-selection", "clipboard", "-o"],
            env=self.env,
            capture_output=True,
            timeout=20,
            check=False,
        )
        return done.stdout.decode()

    def set_clipboard(self, text: str) -> None:
        """Put a text there, so that what was there before cannot be taken for new."""
        done = subprocess.Popen(
            ["xclip", "-selection", "clipboard", "-i"],
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        done.communicate(text.encode(), timeout=20)
        soon(self.clipboard, lambda now: now == text)

    def photograph(self, file: Path) -> None:
        """Save what is on the screen; best effort, for whoever looks into a failure."""
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(["import", "-window", "root", str(file)], env=self.env, timeout=30, check=False)


@contextmanager
def station(folder: Path) -> Iterator[Station]:
    """Start screen, keyring and helpdesk. Skips where one of them is not installed."""
    if missing := [name for name in _NEEDED if shutil.which(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with x_server(folder) as x, desktop(folder, unlocked=True) as session, DemoServer(fresh_world()) as server:
        yield Station(x, session.env, folder, server)


@contextmanager
def browsing(at: Station) -> Iterator[None]:
    """Give the station a browser for a while. Playwright holds an event loop as long as it runs."""
    if BROWSER is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        at.browser = started.chromium.launch(executable_path=BROWSER, headless=False, args=list(QUIET), env=at.env)
        try:
            yield
        finally:
            at.browser.close()
            at.browser = None


@dataclass
class Kibitz:
    """The app as a process of its own, and the words that a second start says to it."""

    station: Station
    kind: HelpdeskKind
    home: Path
    process: subprocess.Popen[bytes] | None = None
    more_env: dict[str, str] = field(default_factory=dict)
    _log: Log | None = None

    @property
    def account(self) -> AccountId:
        return AccountId(f"{self.kind.value}:demo.localhost")

    @property
    def server(self) -> DemoServer:
        return self.station.server

    @property
    def port(self) -> int:
        return self.server.zendesk_port if self.kind is HelpdeskKind.ZENDESK else self.server.freshdesk_port

    @property
    def env(self) -> dict[str, str]:
        return {**self.station.env, "KIBITZ_HOME": str(self.home), **self.more_env}

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start the app and return when it knows its helpdesk."""
        told, failed = self._files()
        with told.open("w") as output, failed.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desktop", "--timings", "--demo-helpdesk", f"{self.kind.value}={self.port}"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
        soon(lambda: self.said("ready after"))

    def said(self, words: str) -> bool:
        """Tell whether the app has printed ``words``. Fails when it has ended instead."""
        assert self.process is not None
        text = self._files()[0].read_text()
        assert self.process.poll() is None or words in text, self.errors()
        return words in text

    def errors(self) -> str:
        """Return what the app wrote to its standard error."""
        return self._files()[1].read_text()

    def _files(self) -> tuple[Path, Path]:
        return self.home.with_suffix(".out"), self.home.with_suffix(".err")

    def say(self, *words: str) -> int:
        """Start the command a second time, as an agent or a script does; return its exit status."""
        done = subprocess.run(
            [sys.executable, "-m", "desktop", *words],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        return done.returncode

    def kill(self) -> None:
        """End the app as a power cut would, together with nothing else."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)

    def force_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)

    def end(self) -> None:
        """Quit as an agent does; by force only if that fails, which fails the test."""
        self.close_log()
        if self.process is None or self.process.poll() is not None:
            return
        status = self.say("quit")
        try:
            self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(DEADLINE_S)
            raise AssertionError("the app did not quit") from None
        assert (status, self.process.returncode) == (0, 0), self.errors()

    def close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    @property
    def log(self) -> Log:
        if self._log is None:
            self._log = Log(self.home / "data" / "kibitz.db", self.key())
        return self._log

    @contextmanager
    def keyring(self) -> Iterator[Child]:
        """Talk to the keyring about what this home keeps there."""
        env = {**self.station.bus, "KIBITZ_HOME": str(self.home), "DISPLAY": "", "QT_QPA_PLATFORM": "offscreen"}
        with child("tests.helpers.keyring_child", folder=self.home.parent, env=env) as running:
            yield running

    def key(self) -> StoreKey:
        with self.keyring() as keyring:
            return StoreKey.from_text(soon(lambda: keyring.tell("get", name=STORE_KEY_NAME)))

    @contextmanager
    def running(self) -> Iterator[Kibitz]:
        """Start the app, and end it as an agent does."""
        self.start()
        try:
            yield self
        except BaseException:
            self.close_log()
            self.force_end()
            raise
        self.end()

    def wait_until_learnt(self) -> None:
        """Wait until the first sync and the encoding of all texts are over."""
        soon(lambda: self.log.is_synced(self.account))
        soon(self.log.missing_vectors, lambda missing: missing == 0)

    # The panel, from outside

    def window(self) -> int:
        """Return the X window of the panel."""
        found = self.station.x.tool(
            "xdotool", "search", "--onlyvisible", "--pid", str(self.pid), "--name", "Kibitz", check=False
        )
        return int(found.split()[-1]) if found else 0

    def take_keyboard(self) -> int:
        """Ask for the panel as an agent does, by starting Kibitz again, and return its window once it has the keys."""
        assert self.say() == 0
        window = soon(self.window)
        soon(self.station.x.focused, lambda focused: focused == window)
        return int(window)

    def strangers(self) -> list[str]:
        """Return the addresses beyond this machine that the app and its children are connected to or listen on."""
        app = psutil.Process(self.pid)
        found = [one for process in (app, *app.children(recursive=True)) for one in process.net_connections("inet")]
        addresses = [end.ip for one in found for end in (one.laddr, one.raddr) if end]
        return [address for address in addresses if not address.startswith("127.")]

    def written_log(self) -> str:
        return "".join(file.read_text() for file in sorted((self.home / "log").glob("*.log*")))


class Homes:
    """Homes in which the first sync is over, made once for each helpdesk and copied for each test that spoils one.

    ``shared`` is a folder that all workers of a test run have in common: reading the shop takes half a minute.
    """

    def __init__(self, at: Station, shared: Path) -> None:
        self._station = at
        self._shared = shared
        self._count = 0

    def copy(self, kind: HelpdeskKind) -> Kibitz:
        """Return an app that knows the whole shop already and has not been started."""
        learnt, key = self._learnt(kind)
        self._count += 1
        copied = Kibitz(self._station, kind, self._station.folder / f"{kind.value}-{self._count}")
        shutil.copytree(learnt, copied.home, ignore=shutil.ignore_patterns("run", "log"))
        with copied.keyring() as keyring:
            assert keyring.tell("put", name=STORE_KEY_NAME, secret=key) == "keyring"
        return copied

    def _learnt(self, kind: HelpdeskKind) -> tuple[Path, str]:
        """Return a home of the demo shop and the key of its store, which guards nothing of anybody's."""
        home, key = self._shared / f"{kind.value}-learnt", self._shared / f"{kind.value}-key"
        with FileLock(self._shared / f"{kind.value}-lock"):
            if not key.exists():
                shutil.rmtree(home, ignore_errors=True)  # what a test run that was broken off has left
                first = Kibitz(self._station, kind, home)
                first.home.mkdir(mode=0o700)
                with first.running():
                    first.wait_until_learnt()
                key.write_text(first.key().to_text())
        return home, key.read_text()


class Shop:
    """One helpdesk, and what Kibitz has to do with it. Tickets go by their keys in the demo's data."""

    def __init__(self, kibitz: Kibitz) -> None:
        self.kibitz = kibitz
        self.station = kibitz.station

    @property
    def world(self) -> World:
        return self.kibitz.server.world

    @property
    def log(self) -> Log:
        return self.kibitz.log

    def number(self, key: str) -> int:
        return next(ticket.number for ticket in self.world.tickets.values() if ticket.key == key)

    def ticket(self, key: str) -> Ticket:
        return self.world.tickets[self.number(key)]

    def ref(self, key: str) -> TicketRef:
        return TicketRef(self.kibitz.account, self.number(key))

    def address(self, key: str) -> str:
        url = self.kibitz.server.zendesk_url
        if self.kibitz.kind is HelpdeskKind.FRESHDESK:
            url = self.kibitz.server.freshdesk_url
        return f"{url}{_TICKET_PATHS[self.kibitz.kind]}{self.number(key)}"

    def articles(self, key: str) -> list[str]:
        """Return the titles of the articles that were shown for a ticket, by rank."""
        shown = [event for event in self.log.shown(self.ref(key)) if event.list_name == "articles"]
        return [event.source.title for event in sorted(shown, key=lambda event: event.rank)]

    def asked(self) -> list[RequestSeen]:
        """Return what was asked of this helpdesk's API, which is what Kibitz asked: the page has its own."""
        return [seen for seen in self.world.requests if seen.face == self.kibitz.kind.value]


class Desk(Shop):
    """One helpdesk, as the agent has it open in the browser, and Kibitz beside it."""

    def __init__(self, kibitz: Kibitz, page: Any) -> None:
        super().__init__(kibitz)
        self.page = page
        self.foreign: list[str] = []
        page.on("request", lambda request: "127.0.0.1" in request.url or self.foreign.append(request.url))

    def look_at(self, key: str) -> None:
        """Open a ticket on the page. At Zendesk that is all; at Freshdesk nobody can tell, so Kibitz is told."""
        self.page.goto(self.address(key))
        self.page.wait_for_selector(f'.ticket[data-ticket-id="{self.number(key)}"]')
        if self.kibitz.kind is HelpdeskKind.FRESHDESK:
            assert self.kibitz.say("open", self.page.url) == 0

    def open(self, key: str) -> list[Shown]:
        """Open a ticket and return the replies that the panel shows for it, by rank."""
        self.look_at(key)
        return soon(lambda: self.log.replies(self.ref(key)))

    def focus_composer(self) -> None:
        """Click into the composer and wait until the browser has the keyboard."""
        self.page.bring_to_front()
        self.page.click("#composer")
        soon(
            lambda: self.page.evaluate("document.hasFocus() && document.activeElement.id"),
            lambda id_: id_ == "composer",
        )
        panel = self.kibitz.window()
        soon(self.station.x.focused, lambda focused: focused not in {0, panel})

    def composed(self) -> str:
        return str(self.page.inner_text("#composer")).strip()

    def paste(self) -> None:
        self.focus_composer()
        self.station.press("ctrl+v")
        soon(self.composed)

    def send(self) -> str:
        """Send what is in the composer and return it as the helpdesk has it."""
        with self.page.expect_response("**/reply") as sent:
            self.page.click("#send")
        assert sent.value.status == 200
        number = int(self.page.url.rpartition("/")[2])
        return comment_text(self.world.tickets[number].comments[-1])

    def use_first(self) -> str:
        """Press "1" on the panel and return what is then on the clipboard.

        It was seen once, in a whole run, that the key did nothing; why is not known. Then it is pressed again.
        """
        self.station.set_clipboard("nothing yet")
        for _ in range(2):
            self.kibitz.take_keyboard()
            self.station.press("1")
            with suppress(AssertionError):
                return str(eventually(self.station.clipboard, lambda text: text != "nothing yet", KEY_DEADLINE_S))
        raise AssertionError("the first reply was used twice and nothing was copied")


@contextmanager
def desk(kibitz: Kibitz) -> Iterator[Desk]:
    context = kibitz.station.browser.new_context(no_viewport=True)
    context.set_default_timeout(1e3 * DEADLINE_S)
    try:
        yield Desk(kibitz, context.new_page())
    finally:
        context.close()
