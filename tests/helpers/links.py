"""A browser link around a session: a real socket with the extension's side on it, and what a presenter was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtNetwork import QLocalSocket

from assist.domain import SuggestionId, TicketRef
from desktop.link.link import Link
from desktop.link.presenter import LinkDoors
from desktop.link.state import NoComposer, Pairing, Placed, Reach, Target
from desktop.panel.state import Place
from desktop.secrets import Secrets, SessionOnly
from desktop.settings import SettingsFile
from desktop.single_instance import Server, claim, place_in
from desktop.using import Outlets, Use
from integrations.browser.launcher import read_ids
from resources import ROOT
from tests.helpers.fakes import Table, run
from tests.helpers.partner import Extension
from tests.helpers.qt_loop import until

CODE = "481902"
PAGE = "https://acme.example.com/agent/tickets/{}"
ORIGIN = read_ids(ROOT / "browser").origins[0]


def page(number: int | str) -> str:
    """Return the address of a ticket of the fake helpdesk."""
    return PAGE.format(number)


class Room:
    """What the link asks of windows and core, and what it was seen to do."""

    def __init__(self) -> None:
        self.wanted = True
        self.keyboard = False
        self.drafts = False
        self.pairings: list[Pairing | None] = []
        self.notices: list[str] = []
        self.submitted: list[TicketRef] = []
        self.changes = 0
        self.keyboard_taken = 0

    def doors(self) -> LinkDoors:
        return LinkDoors(
            is_wanted=lambda: self.wanted,
            has_keyboard=lambda: self.keyboard,
            take_keyboard=self._take_keyboard,
            drafts=lambda: self.drafts,
            show_pairing=self.pairings.append,
            notice=self.notices.append,
            submitted=self.submitted.append,
            changed=self._changed,
        )

    def _take_keyboard(self) -> None:
        self.keyboard_taken += 1

    def _changed(self) -> None:
        self.changes += 1


class FakeBrowsers:
    """A `desktop.using.Browsers` in which one page is in front. ``inserted`` are (address, text) that it took.

    ``answer`` says what becomes of an insert, and may take its time.
    """

    def __init__(self, at: Table) -> None:
        self._at = at
        self.front: int | None = None
        self.composer = True
        self.inserted: list[tuple[str, str]] = []
        self.answer: Callable[[Target, str], Any] = lambda _target, _text: Placed.INSERTED

    def reach(self, ref: TicketRef) -> Reach:
        if self.front is None or self._at.ref(self.front) != ref:
            return None
        return Target(1, 1, page(self.front)) if self.composer else NoComposer()

    async def insert(self, target: Target, text: str) -> Placed:
        placed = self.answer(target, text)
        if not isinstance(placed, Placed):
            placed = await placed
        if placed is Placed.INSERTED:
            self.inserted.append((target.url, text))
        return placed


class Wire:
    """The extension's side of one connection, on a socket of this process."""

    def __init__(self, name: str, extension: Extension) -> None:
        self.extension = extension
        self.socket = QLocalSocket()
        self.socket.readyRead.connect(self._read)
        self.socket.connectToServer(name)
        assert self.socket.waitForConnected(5_000), self.socket.errorString()
        extension.connect()
        self.flush()

    @property
    def is_open(self) -> bool:
        return self.socket.state() is QLocalSocket.LocalSocketState.ConnectedState

    def flush(self) -> None:
        if data := self.extension.outgoing():
            self.socket.write(data)
            self.socket.flush()

    def pair(self) -> None:
        self.extension.pair()
        self.flush()

    def type_code(self, code: str = CODE) -> None:
        self.extension.type_code(code)
        self.flush()

    def hello(self) -> None:
        self.extension.hello()
        self.flush()

    def say(self, **message: object) -> None:
        self.extension.say(message)
        self.flush()

    def front(self, number: int | str, *, tab: int = 1, composer: bool = True) -> None:
        self.say(t="front", url=page(number), tab=tab, composer=composer)

    def heard(self, kind: str) -> list[Mapping[str, Any]]:
        """Return what the app said of this kind, oldest first."""
        return [one for one in self.extension.heard if one["t"] == kind]

    def _read(self) -> None:
        self.extension.hear(bytes(self.socket.readAll().data()))
        self.flush()


class LinkedTable:
    """A table with a listening link."""

    def __init__(self, at: Table, folder: Path) -> None:
        self.at = at
        self.room = Room()
        self.settings = SettingsFile(folder / "settings.json")
        self.secrets = Secrets("kibitz", SessionOnly("a test"), None, None)
        self.place = place_in(folder / "run")
        instance = claim(self.place, lambda _: None)
        assert instance is not None
        self.instance: Server = instance
        self.link = self.new_link()

    def new_link(self) -> Link:
        return Link(
            self.at.session,
            self.at.desk,
            self.room.doors(),
            secrets=self.secrets,
            settings=self.settings,
            write=lambda work: self.at.tasks.spawn("paired browsers", work),
            digits=lambda: CODE,
        )

    async def start(self) -> None:
        await self.link.start(self.place.link, self.instance)

    def browser(self, **fields: Any) -> Wire:
        return Wire(self.place.link, Extension(**{"origin": ORIGIN, **fields}))


@contextmanager
def linked_table(at: Table, folder: Path) -> Iterator[LinkedTable]:
    made = LinkedTable(at, folder)
    yield made
    made.instance.close()


async def paired(linked: LinkedTable, **fields: Any) -> Wire:
    """Return a browser that has paired and is linked."""
    wire = linked.browser(**fields)
    wire.pair()
    await until(lambda: wire.extension.told_id)
    wire.type_code()
    await until(lambda: wire.extension.paired)
    wire.hello()
    await until(lambda: wire.heard("where"))
    return wire


class AgentsDesk:
    """An agent's desk: ticket 7 in the panel, and in front of the browser unless a test says otherwise."""

    def __init__(self, at: Table) -> None:
        self.at = at
        self.browsers = FakeBrowsers(at)
        self.browsers.front = 7
        self.clipboard: list[str] = []
        self.notices: list[str] = []
        self.used = 0
        at.session.inserts = lambda ref: isinstance(self.browsers.reach(ref), Target)
        self.using = Use(at.session, self.browsers, Outlets(self._copy, self.notices.append, self._used))

    def _copy(self, text: str) -> bool:
        self.clipboard.append(text)
        return True

    def _used(self) -> None:
        self.used += 1

    async def use(self, id_: str = "s7-1") -> bool:
        return await self.using(id_, lambda: self.at.session.use(id_, how="key"))

    async def use_edited(self, text: str, id_: str = "s7-1") -> bool:
        return await self.using(id_, lambda: self.at.session.use_edited(id_, text))

    def place(self, id_: str = "s7-1") -> Place | None:
        return self.at.ready().places.get(SuggestionId(id_))


def after_opening(at: Table, *acts: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Open ticket 7, do what the agent does, let all come to its end; return what each act returned."""

    async def scenario() -> list[Any]:
        await at.open()
        found = [await act() for act in acts]
        await at.settle()
        return found

    found = run(scenario())
    assert at.errors == []
    return found
