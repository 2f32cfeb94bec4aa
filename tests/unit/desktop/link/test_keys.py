from __future__ import annotations

import asyncio
import base64

import pytest

from desktop.link.keys import PairedBrowsers
from desktop.secrets import Secrets
from desktop.settings import SettingsFile
from tests.helpers.fakes import DictKeyring, run

ID = "00ff00ff00ff00ff"
KEY = bytes(range(32))
SECRET = base64.b64encode(KEY).decode()


class Home:
    """Settings and a keyring that outlive a `PairedBrowsers`."""

    def __init__(self, folder) -> None:
        self.file = folder / "settings.json"
        self.keyring = DictKeyring()

    async def browsers(self) -> PairedBrowsers:
        """Return what a start of Kibitz finds."""
        self.secrets = await Secrets.open("kibitz", native=lambda: ("a test", lambda: self.keyring))
        self.settings = SettingsFile(self.file)
        self.writes: list[asyncio.Future[None]] = []
        made = PairedBrowsers(
            self.secrets, self.settings, write=lambda work: self.writes.append(asyncio.ensure_future(work))
        )
        await made.load()
        return made

    async def written(self) -> None:
        await asyncio.gather(*self.writes)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_that_a_pair_outlives_a_restart(home):
    async def scenario():
        browsers = await home.browsers()
        browsers.put(ID, KEY, "Chromium")
        assert (browsers.get(ID), browsers.name(ID)) == (KEY, "Chromium")
        await home.written()
        return await home.browsers()

    browsers = run(scenario())
    assert (browsers.get(ID), browsers.names) == (KEY, {ID: "Chromium"})


@pytest.mark.promise("S1")
def test_that_a_key_is_in_the_keyring_and_in_no_file(home):
    async def scenario():
        browsers = await home.browsers()
        browsers.put(ID, KEY, "Chromium")
        await home.written()

    run(scenario())
    assert home.keyring.entries[("kibitz", f"browser {ID}")] == SECRET
    text = home.file.read_text()
    assert "Chromium" in text
    assert SECRET not in text
    assert KEY.hex() not in text


def test_that_a_forgotten_browser_is_nowhere(home):
    async def scenario():
        browsers = await home.browsers()
        browsers.put(ID, KEY, "Chromium")
        await home.written()
        browsers.forget(ID)
        assert (browsers.get(ID), browsers.names) == (None, {})
        await home.written()
        return await home.browsers()

    assert run(scenario()).names == {}
    assert home.keyring.entries == {}


def test_that_a_browser_that_is_forgotten_while_the_keyring_takes_its_time_leaves_no_key(home):
    async def scenario():
        browsers = await home.browsers()
        browsers.put(ID, KEY, "Chromium")
        browsers.forget(ID)
        await home.written()
        return await home.browsers()

    assert run(scenario()).names == {}
    assert home.keyring.entries == {}


@pytest.mark.promise("S2")
@pytest.mark.logs("session only")
def test_that_without_a_keyring_a_pair_holds_until_the_end(home):
    home.keyring.broken = OSError("no keyring")

    async def scenario():
        browsers = await home.browsers()
        browsers.put(ID, KEY, "Chromium")
        await home.written()
        assert browsers.get(ID) == KEY
        return await home.browsers()

    assert run(scenario()).names == {}


@pytest.mark.parametrize("secret", [None, "", "no base64", base64.b64encode(b"short").decode()])
def test_that_a_browser_without_a_proper_key_is_a_stranger(home, secret):
    async def scenario():
        await home.browsers()
        home.settings.change(browsers={ID: "Chromium"})
        if secret is not None:
            await home.secrets.put(f"browser {ID}", secret)
        return await home.browsers()

    browsers = run(scenario())
    assert (browsers.get(ID), browsers.names) == (None, {})


@pytest.mark.logs("cannot be read")
def test_that_a_keyring_that_is_locked_now_costs_the_pair_only_until_the_next_start(home):
    async def scenario():
        browsers = await home.browsers()
        browsers.put(ID, KEY, "Chromium")
        await home.written()
        home.keyring.broken = OSError("locked")
        again = PairedBrowsers(home.secrets, home.settings, write=home.writes.append)
        await again.load()
        assert again.names == {}
        home.keyring.broken = None
        return await home.browsers()

    assert run(scenario()).names == {ID: "Chromium"}
