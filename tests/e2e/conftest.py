"""One screen, keyring and demo helpdesk for all of these tests; a browser for each module of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assist.domain import HelpdeskKind
from tests.helpers.e2e import Desk, Homes, Kibitz, Station, browsing, desk, fresh_world, station
from tests.helpers.linked import BROWSERS, READ_OUT, Linked
from tests.helpers.screen_reader import ScreenReader, screen_reader
from tests.helpers.trap import Trap, listening


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station(tmp_path_factory.mktemp("office")) as made:
        yield made


@pytest.fixture(scope="session")
def homes(office: Station, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "homes"
    shared.mkdir(mode=0o700, exist_ok=True)
    return Homes(office, shared)


@pytest.fixture(scope="module")
def at_work(office: Station) -> Iterator[Station]:
    with browsing(office):
        yield office


@pytest.fixture(scope="module", params=list(HelpdeskKind), ids=lambda kind: kind.value)
def kind(request: pytest.FixtureRequest) -> HelpdeskKind:
    return request.param


@pytest.fixture(scope="module")
def shift(at_work: Station, homes: Homes, kind: HelpdeskKind) -> Iterator[Desk]:
    """An app and a page that the tests of a module share, as an agent's day does; each takes tickets of its own."""
    kibitz = homes.copy(kind)
    at_work.server.show(fresh_world())
    with kibitz.running(), desk(kibitz) as made:
        yield made


@pytest.fixture
def rested(at_work: Station, homes: Homes, kind: HelpdeskKind) -> Kibitz:
    """An app of the test's own that is not running yet, beside a helpdesk that nobody has touched."""
    kibitz = homes.copy(kind)
    at_work.server.show(fresh_world())
    return kibitz


@pytest.fixture(scope="session")
def reader(office: Station) -> Iterator[ScreenReader]:
    with screen_reader(office.bus["DBUS_SESSION_BUS_ADDRESS"]) as made:
        yield made


@pytest.fixture(scope="module")
def linked(
    office: Station,
    homes: Homes,
    reader: ScreenReader,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Linked]:
    """An app and a browser that was paired with it, for the tests of a module; each takes tickets of its own.

    Its parameter names a browser and a helpdesk, e.g. ``firefox-zendesk``.
    """
    browser, _, kind = request.param.partition("-")
    kibitz = homes.copy(HelpdeskKind(kind))
    kibitz.more_env = READ_OUT
    office.server.show(fresh_world())
    with kibitz.running(), BROWSERS[browser](kibitz, tmp_path_factory.mktemp(browser)) as web:
        made = Linked(kibitz, web, reader)
        made.pair()
        yield made


@pytest.fixture(autouse=True)
def _photograph(request: pytest.FixtureRequest, office: Station, tmp_path: Path) -> Iterator[None]:
    """Keep a picture of the screen in the test's own folder when it fails."""
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        office.photograph(tmp_path / "screen.png")


@pytest.fixture
def trap() -> Iterator[Trap]:
    with listening() as made:
        yield made
