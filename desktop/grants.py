"""Sign-ins that renew themselves, kept in the system keyring: where each account's is, and how it is read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from assist.domain import AccountId
from assist.errors import Unreachable
from desktop.i18n import tr
from desktop.secrets import KeyringTrouble, Secrets

G = TypeVar("G")


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where sign-ins are kept: the keyring, and the run folder with the files by which processes take turns."""

    secrets: Secrets
    folder: Path

    def lock(self, account: AccountId) -> Path:
        """Return the account's lock file. It holds nothing."""
        return self.folder / f"grant-{account.replace(':', '-')}.lock"


class KeyringVault(Generic[G]):
    """One account's grant in the keyring, as `integrations.zendesk.renewal.GrantVault` wants it.

    Without a keyring it lives in memory until Kibitz ends, as all secrets do.
    """

    def __init__(self, secrets: Secrets, name: str, *, read: Callable[[str], G], write: Callable[[G], str]) -> None:
        """``read`` raises ValueError for what is no grant, such as a token that somebody typed instead."""
        self._secrets = secrets
        self._name = name
        self._read = read
        self._write = write

    async def load(self) -> G | None:
        """Return what is kept now, or None when there is no grant. Raises `Unreachable`: then nobody knows."""
        try:
            kept = await self._secrets.get(self._name)
        except KeyringTrouble as error:
            said = tr("The keyring does not answer, so your sign-in cannot be renewed. Unlock it and try again.")
            raise Unreachable(said) from error
        try:
            return self._read(kept or "")
        except ValueError:
            return None

    async def save(self, grant: G) -> None:
        """Keep ``grant``; what the keyring refuses is held in memory, which is logged."""
        await self._secrets.put(self._name, self._write(grant))
