from __future__ import annotations

import json
import stat
import sys
import threading
from pathlib import Path

import pytest
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError

from desktop.secrets import (
    Available,
    Kept,
    KeyringTrouble,
    KeyState,
    Secrets,
    SessionOnly,
    native_backend,
    service_name,
)
from desktop.settings import folders

SECRET = "tok-1234567890-canary"


class FakeKeyring:
    """A keyring in memory, which can be broken while it runs."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.threads: set[str] = set()
        self.broken: Exception | None = None

    def _used(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self.broken is not None:
            raise self.broken

    def get_password(self, service: str, username: str) -> str | None:
        self._used()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._used()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._used()
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("no such password")


class Amnesiac(FakeKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        return None


@pytest.fixture
def keyring() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keyring.json"


async def opened(keyring: FakeKeyring, name: str = "Fake Vault", *, deadline_s: float = 10.0) -> Secrets:
    return await Secrets.open("kibitz test", native=lambda: (name, lambda: keyring), deadline_s=deadline_s)


def test_that_a_secret_is_kept_by_the_keyring_until_it_is_forgotten(run, keyring):
    async def scenario() -> tuple[Kept, str | None, str | None]:
        secrets = await opened(keyring)
        kept = await secrets.put("zendesk:acme", SECRET)
        again = await (await opened(keyring)).get("zendesk:acme")
        await secrets.forget("zendesk:acme")
        return kept, again, await secrets.get("zendesk:acme")

    assert run(scenario()) == (Kept.KEYRING, SECRET, None)
    assert keyring.entries == {}


def test_that_the_probe_leaves_nothing_behind_and_names_the_keyring(run, keyring):
    secrets = run(opened(keyring))
    assert secrets.state == Available("Fake Vault")
    assert keyring.entries == {}


def test_that_the_keyring_is_never_used_on_the_main_thread(run, keyring):
    async def scenario() -> None:
        secrets = await opened(keyring)
        await secrets.put("a", SECRET)
        await secrets.get("a")
        await secrets.forget("a")

    run(scenario())
    assert keyring.threads == {"kibitz-keyring"}


def test_that_forgetting_what_was_never_kept_is_no_error(run, keyring):
    async def scenario() -> None:
        await (await opened(keyring)).forget("nobody")

    run(scenario())


@pytest.mark.promise("S2")
@pytest.mark.logs("this session only")
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("no daemon"), "Fake Vault is not running"),
        (KeyringLocked("locked"), "Fake Vault is locked"),
        (InitError(f"prompt dismissed {SECRET}"), "Fake Vault cannot be used (InitError)"),
        (PasswordSetError("full"), "Fake Vault cannot be used (PasswordSetError)"),
        (ConnectionResetError("bus"), "Fake Vault cannot be used (ConnectionResetError)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_that_a_keyring_that_fails_the_probe_is_not_used_and_the_reason_is_said(run, keyring, error, reason):
    keyring.broken = error

    async def scenario() -> tuple[Secrets, Kept, str | None]:
        secrets = await opened(keyring)
        keyring.broken = None
        return secrets, await secrets.put("zendesk:acme", SECRET), await secrets.get("zendesk:acme")

    secrets, kept, found = run(scenario())
    assert secrets.state == SessionOnly(reason)
    assert (kept, found) == (Kept.SESSION, SECRET)
    assert keyring.entries == {}


@pytest.mark.promise("S2")
@pytest.mark.logs("this session only")
def test_that_a_keyring_that_gives_back_another_value_is_not_used(run):
    assert isinstance(run(opened(Amnesiac())).state, SessionOnly)


@pytest.mark.promise("S2")
@pytest.mark.logs("this session only")
def test_that_a_keyring_that_waits_for_ever_is_given_up(run, keyring):
    free = threading.Event()
    keyring.set_password = lambda *_: free.wait()  # type: ignore[method-assign,assignment,return-value]  # hangs where the real one answers
    try:
        secrets = run(opened(keyring, deadline_s=0.1))
        assert secrets.state == SessionOnly("Fake Vault did not answer")
    finally:
        free.set()


@pytest.mark.promise("S2")
@pytest.mark.logs("this session only")
def test_that_a_system_without_a_known_keyring_holds_secrets_in_memory(run):
    async def scenario() -> tuple[Secrets, str | None]:
        secrets = await Secrets.open(native=lambda: native_backend("plan9"))
        await secrets.put("a", SECRET)
        return secrets, await secrets.get("a")

    secrets, found = run(scenario())
    assert secrets.state == SessionOnly("Kibitz knows no keyring for plan9")
    assert found == SECRET


@pytest.mark.promise("S2")
def test_that_the_native_keyrings_are_no_files(run):
    names = {native_backend(platform)[0] for platform in ("linux", "darwin", "win32")}
    assert names == {"Secret Service", "macOS Keychain", "Windows Credential Manager"}


@pytest.mark.promise("S2")
@pytest.mark.logs("a secret is kept for this session only")
def test_that_a_secret_which_the_keyring_refuses_later_is_held_in_memory_and_said_so(run, keyring):
    async def scenario() -> tuple[Kept, str | None]:
        secrets = await opened(keyring)
        keyring.broken = KeyringLocked("locked meanwhile")
        return await secrets.put("a", SECRET), await secrets.get("a")

    assert run(scenario()) == (Kept.SESSION, SECRET)
    assert keyring.entries == {}


@pytest.mark.parametrize(
    ("error", "said"),
    [(KeyringLocked(SECRET), "the keyring is locked"), (KeyringError(SECRET), "the keyring failed (KeyringError)")],
)
def test_that_a_keyring_that_stops_answering_is_named_without_its_words(run, keyring, error, said):
    async def scenario() -> None:
        secrets = await opened(keyring)
        keyring.broken = error
        await secrets.get("a")

    with pytest.raises(KeyringTrouble) as caught:
        run(scenario())
    assert str(caught.value) == said
    assert caught.value.__cause__ is None


def test_that_a_mistake_of_ours_is_not_taken_for_a_broken_keyring(run, keyring):
    async def scenario() -> None:
        secrets = await opened(keyring)
        keyring.broken = ZeroDivisionError()
        await secrets.get("a")

    with pytest.raises(ZeroDivisionError):
        run(scenario())


def test_that_the_store_key_is_made_once_and_then_found(run, keyring, marker):
    async def scenario() -> tuple:
        first = await (await opened(keyring)).store_key(marker, database_exists=False)
        later = await (await opened(keyring)).store_key(marker, database_exists=True)
        return first, later

    first, later = run(scenario())
    assert (first.state, first.is_new, later.state, later.is_new) == (KeyState.FIRST, True, KeyState.KNOWN, False)
    assert first.key == later.key
    assert len(first.key) == 32
    assert first.key.hex() not in repr(first)


def test_that_the_marker_names_the_keyring_and_holds_no_key(run, keyring, marker):
    found = run(_store_key(keyring, marker, database_exists=False))
    assert json.loads(marker.read_text()) == {"keyring": "Fake Vault"}
    assert found.key.hex() not in marker.read_text()
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600


async def _store_key(keyring, marker, *, database_exists, name="Fake Vault"):
    return await (await opened(keyring, name)).store_key(marker, database_exists=database_exists)


@pytest.mark.promise("S2")
def test_that_a_key_which_is_gone_while_a_database_is_there_is_said(run, keyring, marker):
    old = run(_store_key(keyring, marker, database_exists=False))
    keyring.entries.clear()
    found = run(_store_key(keyring, marker, database_exists=True))
    assert found.state is KeyState.LOST
    assert found.why == "The key of the local database is no longer in Fake Vault"
    assert found.key != old.key


@pytest.mark.promise("S2")
def test_that_another_keyring_is_told_from_a_lost_key(run, keyring, marker):
    run(_store_key(keyring, marker, database_exists=False))
    found = run(_store_key(FakeKeyring(), marker, database_exists=True, name="Other Vault"))
    assert found.state is KeyState.KEYRING_CHANGED
    assert found.why == "The keyring was Fake Vault and is now Other Vault"


@pytest.mark.promise("S2")
@pytest.mark.logs("this session only")
def test_that_without_a_keyring_the_key_is_of_this_session_and_the_marker_stays(run, keyring, marker):
    run(_store_key(keyring, marker, database_exists=False))
    before = marker.read_bytes()
    keyring.broken = RuntimeError("no daemon")
    found = run(_store_key(keyring, marker, database_exists=True))
    keyring.broken = None
    later = run(_store_key(keyring, marker, database_exists=True))
    assert (found.state, found.why) == (KeyState.SESSION, "Fake Vault is not running")
    assert marker.read_bytes() == before
    assert later.state is KeyState.KNOWN


def test_that_a_keyring_that_fails_when_asked_for_the_key_never_makes_a_new_one(run, keyring, marker):
    async def scenario() -> None:
        secrets = await opened(keyring)
        keyring.broken = KeyringLocked("locked meanwhile")
        await secrets.store_key(marker, database_exists=True)

    with pytest.raises(KeyringTrouble):
        run(scenario())
    assert keyring.entries == {}


def test_that_each_home_has_secrets_of_its_own(tmp_path):
    names = {service_name(folders(env)) for env in ({}, {"KIBITZ_HOME": "/a"}, {"KIBITZ_HOME": "/b"})}
    assert len(names) == 3
    assert "kibitz" in names


def test_that_loading_the_module_chooses_no_keyring():
    core = sys.modules.get("keyring.core")
    assert core is None or core._keyring_backend is None
