"""Opens the local store with the key from the keyring; what cannot be opened is set aside and said."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from assist.errors import StoreError
from assist.store.database import StoreKey, delete_database, new_key, set_aside
from assist.store.errors import Corrupt, WrongKey
from assist.store.store import Store, open_store
from desktop.i18n import tr
from desktop.secrets import KeyringTrouble, KeyState, Secrets
from desktop.settings import make_private

log = logging.getLogger(__name__)

FILE_NAME = "kibitz.db"
MARKER_NAME = "keyring"
_SET_ASIDE = frozenset({KeyState.LOST, KeyState.KEYRING_CHANGED})


@dataclass(frozen=True, slots=True)
class Vault:
    """An open store. ``notice`` is what the agent should know about how it was opened; usually empty.

    ``is_session_only`` says that all of it goes when Kibitz ends.
    """

    store: Store
    key: StoreKey
    is_session_only: bool
    notice: str = ""

    def close(self) -> None:
        """Write what is queued and close; a session's store is deleted."""
        self.store.close()
        if self.is_session_only:
            delete_database(self.store.path)
            shutil.rmtree(self.store.path.parent, ignore_errors=True)


async def open_vault(secrets: Secrets, folder: Path) -> Vault:
    """Open the store in ``folder``; never fails for what is in it, because the agent has to go on working."""
    try:
        path = make_private(folder) / FILE_NAME
        found = await secrets.store_key(folder / MARKER_NAME, database_exists=path.exists())
    except (KeyringTrouble, OSError) as error:
        return await _for_session(_why(error))
    if found.state is KeyState.SESSION:
        return await _for_session(found.why)
    return await asyncio.to_thread(_open, path, StoreKey(found.key), set_aside_first=found.state in _SET_ASIDE)


def _open(path: Path, key: StoreKey, *, set_aside_first: bool) -> Vault:
    try:
        if set_aside_first and path.exists():
            return _anew(path, key, tr("The key of the local data is no longer in the keyring."))
        try:
            return Vault(open_store(path, key), key, is_session_only=False)
        except (Corrupt, WrongKey) as error:
            log.warning("the local database cannot be opened: %s", type(error).__name__)
            return _anew(path, key, tr("The local data could not be read."))
    except StoreError as error:
        return _session_vault(str(error))


def _anew(path: Path, key: StoreKey, why: str) -> Vault:
    """Begin with an empty store beside the old file. Raises StoreError."""
    kept = set_aside(path)
    notice = tr("{why} The old file was kept as {name}.", why=why, name=kept.name)
    return Vault(open_store(path, key), key, is_session_only=False, notice=notice)


async def _for_session(why: str) -> Vault:
    return await asyncio.to_thread(_session_vault, why)


def _session_vault(why: str) -> Vault:
    """A store that nobody can read later: its key is only in memory, and a crash leaves it unreadable."""
    log.warning("nothing is kept after this session: %s", why)
    key = new_key()
    path = Path(tempfile.mkdtemp(prefix="kibitz-session-")) / FILE_NAME
    notice = tr("Nothing is kept after quitting: {why}.", why=why.rstrip("."))
    return Vault(open_store(path, key), key, is_session_only=True, notice=notice)


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
