"""From a ticket in the browser's tab to the painted panel: a real Chromium, extension, host, socket, engine, panel.

The pages are the demo helpdesk's; behind each number is a cached ticket of the big store, as for an agent who has seen
it before. Counted from the page's commit (a full load: the first byte of the document; an SPA step: ``pushState``) to
the end of the paint that shows its help, on one clock.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from assist.domain import OpenTicket, Stage, TicketRef
from integrations.demo.process import DemoProcess
from tests.bench.opening import ACCOUNT, Away, engine_on, session_of, settled
from tests.bench.stores import Stores
from tests.bench.table import Table, load, median, p95

WARM_UP = 5
DEADLINE_S = 60.0
AIM_MS = {"SPA": 120.0, "full": 200.0}
TICKET_PATH = "/agent/tickets/"
SPA = """path => {
  const at = performance.timeOrigin + performance.now();
  history.pushState({}, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
  return at;
}"""
FULL = "() => performance.timeOrigin + performance.getEntriesByType('navigation')[0].responseStart"


@dataclass
class Waits:
    """Milliseconds from a page's commit to the end of the paint of the first and of the refined help."""

    first: list[float] = field(default_factory=list)
    refined: list[float] = field(default_factory=list)


def measure(stores: Stores, *, passages: int, runs: int) -> Table:
    database = stores.of(passages)
    demo = DemoProcess()
    try:
        url = f"http://127.0.0.1:{demo.ports().zendesk}"
        numbers = _numbers(url)[: 2 * (runs + WARM_UP)]
        with tempfile.TemporaryDirectory(prefix="kibitz-link-") as made:
            waits = _browse(stores, database, url, numbers, Path(made))
    finally:
        demo.stop()
    return _table(waits, passages)


def _numbers(url: str) -> list[int]:
    """Return the demo's tickets; each is opened once."""
    views = [httpx.get(f"{url}/demo/api/tickets", params={"view": view}).json() for view in ("unsolved", "solved")]
    return [int(row["id"]) for view in views for row in view["tickets"]]


def _browse(stores: Stores, database: Path, url: str, numbers: Sequence[int], folder: Path) -> dict[str, Waits]:
    from tests.helpers.extension import background, chromium, popup

    waits = {"SPA": Waits(), "full": Waits()}
    with (
        _app(stores.folder, database, url, numbers, folder) as app,
        chromium(folder, _told(app, "listening")) as context,
    ):
        background(context)
        _pair(popup(context), app)
        page = context.new_page()
        page.goto(f"{url}{TICKET_PATH}{numbers[0]}")
        page.wait_for_selector(".ticket")
        _painted(app, numbers[0])
        for at, number in enumerate(numbers[1:]):
            kind = "SPA" if at % 2 else "full"
            if kind == "SPA":
                committed_ms = page.evaluate(SPA, f"{TICKET_PATH}{number}")
            else:
                page.goto(f"{url}{TICKET_PATH}{number}")
                committed_ms = page.evaluate(FULL)
            first_ms, refined_ms = _painted(app, number)
            if at >= 2 * WARM_UP:
                waits[kind].first.append(first_ms - committed_ms)
                waits[kind].refined.append(refined_ms - committed_ms)
    return waits


def _pair(page: Any, app: Connection) -> None:
    page.click("#pair:visible")
    page.wait_for_selector("#code:visible")
    page.fill("#code", _told(app, "code"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#forget:visible")
    page.close()


def _painted(app: Connection, number: int) -> tuple[float, float]:
    while (told := _told(app, "painted"))[0] != number:
        pass
    return told[1], told[2]


def _told(app: Connection, what: str) -> Any:
    end = time.monotonic() + DEADLINE_S
    while app.poll(max(end - time.monotonic(), 0.0)):
        name, value = app.recv()
        if name == what:
            return value
    raise TimeoutError(f"the app did not say {what} in {DEADLINE_S:.0f} s")


@contextmanager
def _app(stores: Path, database: Path, url: str, numbers: Sequence[int], folder: Path) -> Iterator[Connection]:
    """Run session, link and panel in a process of their own; yield where it says what it shows."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_run_app, args=(theirs, stores, database, url, list(numbers), folder))
    child.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send("stop")
        child.join(DEADLINE_S)


def _run_app(pipe: Connection, stores: Path, database: Path, url: str, numbers: list[int], folder: Path) -> None:
    import qasync
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    # The offscreen platform says once for each window what it does not do.
    qInstallMessageHandler(lambda *_: None)
    app = QApplication(["kibitz-bench"])
    app.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_follow(pipe, Stores(stores), database, Pages(url, numbers), folder))
        asyncio.set_event_loop(None)


@dataclass(frozen=True)
class Pages:
    """Where the tickets' pages are, and their numbers."""

    url: str
    numbers: list[int]


class Behind(Away):
    """A helpdesk that is out of reach, whose tickets' pages are the demo's."""

    def __init__(self, pages: Pages) -> None:
        self._page = f"{pages.url}{TICKET_PATH}"

    def ticket_url(self, ticket_id: int) -> str:
        return f"{self._page}{ticket_id}"

    def ticket_id_in(self, address: str) -> int | None:
        number = address.removeprefix(self._page)
        return int(number) if number != address and number.isdecimal() else None


async def _follow(pipe: Connection, stores: Stores, database: Path, pages: Pages, folder: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from assist.store.store import open_store
    from desktop.theme import Scheme, Theme

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("the panel needs a QApplication")  # noqa: TRY004  # a missing application is no wrong type
    store = open_store(database, stores.key)
    for opened, number in zip(stores.shop.tickets(len(pages.numbers), 10_000), pages.numbers, strict=True):
        await store.tickets.put(_numbered(opened, number))
    panel = _panel(Theme(app, Scheme.LIGHT), pipe)
    panel.resize(392, 900)
    panel.show()
    async with engine_on(database, stores.key) as client:
        await settled(client)
        session, desk, tasks = session_of(client, store, panel.show_state, Behind(pages))
        link, instance = await _link(session, desk, tasks, folder, pipe)
        # A thread waits, so that nothing of this loop's time is spent on it.
        await asyncio.to_thread(pipe.recv)
        await link.aclose()
        instance.close()
        await tasks.close()
    panel.close()
    store.close()


def _numbered(opened: OpenTicket, number: int) -> OpenTicket:
    return replace(opened, ticket=replace(opened.ticket, ref=TicketRef(ACCOUNT, number)))


def _panel(theme: Any, pipe: Connection) -> Any:
    from PySide6.QtCore import QEvent

    from desktop.panel.state import PanelState, Ready
    from desktop.panel.view import PanelView

    class Telling(PanelView):
        """Qt paints a window's dirty widgets in its UpdateRequest event; after that the pixels are there."""

        shown: Ready | None = None
        painted: dict[TicketRef, float]

        def show_state(self, state: PanelState) -> None:
            super().show_state(state)
            if isinstance(state, Ready):
                self.shown = state
                self.update()

        def event(self, event: QEvent) -> bool:
            done = super().event(event)
            if event.type() is QEvent.Type.UpdateRequest and self.shown is not None:
                state, self.shown = self.shown, None
                now_ms = 1e3 * time.time()
                first_ms = marks.setdefault(state.help.ref, now_ms)
                if state.help.stage is not Stage.LEXICAL and state.help.ref not in told:
                    told.add(state.help.ref)
                    pipe.send(("painted", (state.help.ref.id, first_ms, now_ms)))
            return done

    marks: dict[TicketRef, float] = {}
    told: set[TicketRef] = set()
    return Telling(theme)


class _Nowhere:
    """Keeps no secret: the pair of a measurement ends with it."""

    async def get(self, name: str) -> None:
        del name

    async def put(self, name: str, secret: str) -> Any:
        from desktop.secrets import Kept

        del name, secret
        return Kept.SESSION

    async def forget(self, name: str) -> None:
        del name


async def _link(session: Any, desk: Any, tasks: Any, folder: Path, pipe: Connection) -> tuple[Any, Any]:
    from desktop.link.link import Link
    from desktop.link.presenter import LinkDoors
    from desktop.settings import SettingsFile
    from desktop.single_instance import claim, place_in

    doors = LinkDoors(
        is_wanted=lambda: True,
        has_keyboard=lambda: False,
        drafts=lambda: False,
        show_pairing=lambda pairing: pipe.send(("code", pairing.code)) if pairing is not None else None,
        notice=lambda _: None,
        take_keyboard=lambda: None,
        submitted=lambda _: None,
        changed=lambda: None,
    )
    settings = SettingsFile(folder / "settings.json")
    link = Link(
        session, desk, doors, secrets=_Nowhere(), settings=settings, write=lambda work: tasks.spawn("keys", work)
    )
    place = place_in(folder / "run")
    instance = claim(place, lambda _: None)
    if instance is None:
        raise RuntimeError("another Kibitz holds the folder that was made for this one")
    await link.start(place.link, instance)
    pipe.send(("listening", Path(place.link)))
    return link, instance


def _table(waits: dict[str, Waits], passages: int) -> Table:
    rows = []
    for kind, one in waits.items():
        for what, times in (("first help", one.first), ("refined", one.refined)):
            aim = AIM_MS[kind] if what == "first help" else None
            met = "-" if aim is None else f"{aim:.0f}: {'yes' if median(times) <= aim else 'no'}"
            rows.append((kind, what, len(times), median(times), p95(times), met))
    return Table(
        f"Ticket in the tab to panel painted, ms after the page's commit, {passages:,} passages",
        ("step", "painted", "tickets", "median", "p95", "aim"),
        rows,
        "Headless Chromium with the extension, the native host, the app's socket, session, engine and panel, each for\n"
        f"real; tickets cached, panel drawn offscreen. {load()}",
    )
