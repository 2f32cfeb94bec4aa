"""Keeps secrets in the system keyring, or in memory until Kibitz ends; never anywhere else.

The back end is chosen here and not by `keyring`, whose own choice falls back to files in plain text when a
package such as keyrings.alt is installed. Whether it can be used is found out by using it: a locked keyring
without a screen looks fine until something is stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import logging
import queue
import secrets as random_bytes
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from assist.errors import KibitzError
from desktop.settings import Folders, write_whole

log = logging.getLogger(__name__)

T = TypeVar("T")

SERVICE = "kibitz"
STORE_KEY_NAME = "store key"
STORE_KEY_BYTES = 32
PROBE_DEADLINE_S = 30.0
"""Long enough for somebody to type the pass phrase of a locked keyring."""
CALL_DEADLINE_S = 30.0


class KeyringTrouble(KibitzError):
    """The keyring was there and now does not answer: unlock it and try again, or sign in again."""


class Backend(Protocol):
    """The part of `keyring.backend.KeyringBackend` that is used here."""

    def get_password(self, service: str, username: str, /) -> str | None: ...
    def set_password(self, service: str, username: str, password: str, /) -> None: ...
    def delete_password(self, service: str, username: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Available:
    """Secrets are kept by the system keyring. ``backend`` names it and stays the same between starts."""

    backend: str


@dataclass(frozen=True, slots=True)
class SessionOnly:
    """Secrets are held in memory until Kibitz ends. ``reason`` may be shown to the agent."""

    reason: str


State = Available | SessionOnly


class Kept(StrEnum):
    KEYRING = "keyring"
    SESSION = "session"


class KeyState(StrEnum):
    """What to do with the local database."""

    KNOWN = "known"
    """Open it."""
    FIRST = "first"
    """There is none yet: create it."""
    LOST = "lost"
    """Its key is no longer in the keyring: set it aside, start a new one, ask to sign in again."""
    KEYRING_CHANGED = "keyring changed"
    """Its key is in another keyring: as LOST. The file set aside opens again with that keyring's key."""
    SESSION = "session"
    """Nothing can be kept: leave it alone, use another file with this key and delete that at the end."""


@dataclass(frozen=True, slots=True)
class StoreKeyFound:
    """The key of the local database, 32 bytes, and what it means. ``why`` may be shown; it is often empty."""

    key: bytes = field(repr=False)
    state: KeyState
    why: str = ""

    @property
    def is_new(self) -> bool:
        return self.state is not KeyState.KNOWN


def service_name(folders: Folders) -> str:
    """Return the name that secrets are kept under: another one for each KIBITZ_HOME, so a demo harms nothing."""
    if folders.home is None:
        return SERVICE
    return f"{SERVICE} {hashlib.sha256(str(folders.home).encode()).hexdigest()[:12]}"


_NATIVE = {
    "linux": ("keyring.backends.SecretService", "Keyring", "Secret Service"),
    "darwin": ("keyring.backends.macOS", "Keyring", "macOS Keychain"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring", "Windows Credential Manager"),
}


def native_backend(platform: str = sys.platform) -> tuple[str, Callable[[], Backend]]:
    """Return the name of this system's keyring and how to make it. Raises `KeyringTrouble` where there is none."""
    if platform not in _NATIVE:
        raise KeyringTrouble(f"Kibitz knows no keyring for {platform}")
    module, name, title = _NATIVE[platform]

    def make() -> Backend:
        kind = getattr(importlib.import_module(module), name)
        # Reading the priority asks whether a daemon is there; it raises RuntimeError where none is.
        _ = kind.priority
        backend: Backend = kind()
        return backend

    return title, make


def _errors() -> tuple[type[Exception], ...]:
    """Return what back ends raise: `keyring` wraps only some of the errors of the libraries below it."""
    found: list[type[Exception]] = [KeyringError, OSError, RuntimeError, ImportError, UnicodeError]
    for module, name in (
        ("secretstorage.exceptions", "SecretStorageException"),
        ("jeepney", "DBusErrorResponse"),
        ("keyring.backends.macOS.api", "Error"),
        ("win32ctypes.pywin32.pywintypes", "error"),
    ):
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            found.append(kind)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a back end raised, without the exception itself, whose text nobody vouches for."""

    kind: str
    locked: bool


class _Worker(Generic[T]):
    """One daemon thread: a keyring that waits for a prompt must not keep Kibitz from ending."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="kibitz-keyring", daemon=True).start()

    async def call(self, job: Callable[[], T], deadline_s: float) -> T | _Failed:
        """Run ``job`` in the thread. Raises TimeoutError; the thread is then not to be used again."""
        future: Future[T | _Failed] = Future()
        self._jobs.put((future, job))
        return await asyncio.wait_for(asyncio.wrap_future(future), deadline_s)

    def _work(self) -> None:
        while True:
            future, job = self._jobs.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job())
            except Exception as error:  # noqa: BLE001  # the outermost door of this thread
                if isinstance(error, _errors()):
                    future.set_result(_Failed(type(error).__name__, _is_locked(error)))
                else:
                    future.set_exception(error)
            del future, job


def _is_locked(error: Exception) -> bool:
    names = {type(error).__name__, type(error.__cause__).__name__}
    return isinstance(error, KeyringLocked) or bool(names & {"LockedException", "PromptDismissedException"})


class Secrets:
    """Names to secrets. Make it with `open`. Use it from the loop's thread; the keyring is used in another."""

    def __init__(self, service: str, state: State, backend: Backend | None, worker: _Worker[Any] | None) -> None:
        self._service = service
        self._state: State = state
        self._backend = backend
        self._worker = worker
        self._memory: dict[str, str] = {}

    @classmethod
    async def open(
        cls,
        service: str = SERVICE,
        *,
        deadline_s: float = PROBE_DEADLINE_S,
        native: Callable[[], tuple[str, Callable[[], Backend]]] = native_backend,
    ) -> Secrets:
        """Store, read and delete a random value; what cannot do that within ``deadline_s`` is not used."""
        try:
            name, make = native()
        except KeyringTrouble as error:
            return cls(service, SessionOnly(str(error)), None, None)
        worker: _Worker[Any] = _Worker()
        try:
            found = await worker.call(lambda: _probed(make, service), deadline_s)
        except TimeoutError:
            found = None
        if found is None or isinstance(found, _Failed):
            reason = _reason(name, found)
            log.warning("secrets are kept for this session only: %s", reason)
            return cls(service, SessionOnly(reason), None, None)
        return cls(service, Available(name), found, worker)

    @property
    def state(self) -> State:
        return self._state

    async def get(self, name: str) -> str | None:
        """Return the secret, or None when nothing is kept under ``name``. Raises `KeyringTrouble`."""
        if name in self._memory or self._backend is None:
            return self._memory.get(name)
        backend = self._backend
        secret: str | None = await self._call(lambda: backend.get_password(self._service, name))
        return secret

    async def put(self, name: str, secret: str) -> Kept:
        """Keep a secret, and say where. One that the keyring refuses is held in memory."""
        if self._backend is not None:
            backend = self._backend
            try:
                await self._call(lambda: backend.set_password(self._service, name, secret))
            except KeyringTrouble as error:
                log.warning("a secret is kept for this session only: %s", error)
            else:
                self._memory.pop(name, None)
                return Kept.KEYRING
        self._memory[name] = secret
        return Kept.SESSION

    async def forget(self, name: str) -> None:
        """Delete a secret; nothing happens when there is none. Raises `KeyringTrouble`."""
        self._memory.pop(name, None)
        if self._backend is not None:
            backend = self._backend
            await self._call(lambda: _deleted(backend, self._service, name))

    async def store_key(self, marker: Path, *, database_exists: bool) -> StoreKeyFound:
        """Return the key of the local database, made and kept on the first call.

        ``marker`` is a small file beside the database that names the keyring its key is in. It holds no
        secret and is written here. Raises `KeyringTrouble` when the keyring stopped answering: then it is
        not known whether there is a key, and nothing must be set aside.
        """
        if not isinstance(self._state, Available):
            return StoreKeyFound(random_bytes.token_bytes(STORE_KEY_BYTES), KeyState.SESSION, self._state.reason)
        now = self._state.backend
        if (key := _key_of(await self.get(STORE_KEY_NAME))) is not None:
            _write_marker(marker, now)
            return StoreKeyFound(key, KeyState.KNOWN)
        before = _read_marker(marker)
        key = random_bytes.token_bytes(STORE_KEY_BYTES)
        if await self.put(STORE_KEY_NAME, key.hex()) is Kept.SESSION:
            self._memory.pop(STORE_KEY_NAME)
            return StoreKeyFound(key, KeyState.SESSION, f"{now} did not take the key of the local database")
        _write_marker(marker, now)
        if not database_exists:
            return StoreKeyFound(key, KeyState.FIRST)
        if before not in {"", now}:
            return StoreKeyFound(key, KeyState.KEYRING_CHANGED, f"The keyring was {before} and is now {now}")
        return StoreKeyFound(key, KeyState.LOST, f"The key of the local database is no longer in {now}")

    async def _call(self, job: Callable[[], Any]) -> Any:
        if self._worker is None:
            raise KeyringTrouble("the keyring stopped answering")
        try:
            answer = await self._worker.call(job, CALL_DEADLINE_S)
        except TimeoutError:
            self._worker = None
            raise KeyringTrouble(f"the keyring did not answer within {CALL_DEADLINE_S:.0f} s") from None
        if isinstance(answer, _Failed):
            raise KeyringTrouble("the keyring is locked" if answer.locked else f"the keyring failed ({answer.kind})")
        return answer


def _probed(make: Callable[[], Backend], service: str) -> Backend:
    """Return a back end that has just kept, given back and deleted a value. Runs in the thread."""
    backend = make()
    name, value = f"probe {random_bytes.token_hex(4)}", random_bytes.token_hex(16)
    backend.set_password(service, name, value)
    try:
        if backend.get_password(service, name) != value:
            raise KeyringError("it gave back another value")
    finally:
        _deleted(backend, service, name)
    return backend


def _deleted(backend: Backend, service: str, name: str) -> None:
    try:
        backend.delete_password(service, name)
    except PasswordDeleteError:
        # Back ends say so for what was never there. Anything else that is wrong shows in the next call.
        if backend.get_password(service, name) is not None:
            raise


def _reason(name: str, failed: _Failed | None) -> str:
    if failed is None:
        return f"{name} did not answer"
    if failed.locked:
        return f"{name} is locked"
    if failed.kind in {"RuntimeError", "NoKeyringError", "ImportError", "ModuleNotFoundError"}:
        return f"{name} is not running"
    return f"{name} cannot be used ({failed.kind})"


def _key_of(text: str | None) -> bytes | None:
    try:
        key = bytes.fromhex(text or "")
    except ValueError:
        return None
    return key if len(key) == STORE_KEY_BYTES else None


def _read_marker(marker: Path) -> str:
    try:
        raw = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    backend = raw.get("keyring") if isinstance(raw, dict) else None
    return backend if isinstance(backend, str) else ""


def _write_marker(marker: Path, backend: str) -> None:
    if _read_marker(marker) == backend:
        return
    try:
        write_whole(marker, json.dumps({"keyring": backend}) + "\n")
    except OSError as error:
        log.warning("cannot note which keyring is in use: %s", error.strerror)
