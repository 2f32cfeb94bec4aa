"""The paired browsers: their keys in the system keyring, their names in the settings."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from desktop.secrets import Kept, KeyringTrouble
from desktop.settings import SettingsFile

log = logging.getLogger(__name__)

KEY_BYTES = 32


class Keeper(Protocol):
    """The part of `desktop.secrets.Secrets` that is used here."""

    async def get(self, name: str) -> str | None: ...
    async def put(self, name: str, secret: str) -> Kept: ...
    async def forget(self, name: str) -> None: ...


class PairedBrowsers:
    """An `integrations.browser.partner.Keys`: answers from memory, writes aside.

    A key that the keyring does not take holds until Kibitz ends, and its name is not kept either.
    """

    def __init__(
        self, secrets: Keeper, settings: SettingsFile, *, write: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        """``write`` runs what takes a while."""
        self._secrets = secrets
        self._settings = settings
        self._write = write
        self._keys: dict[str, bytes] = {}
        self._names: dict[str, str] = {}

    async def load(self) -> None:
        """Read the keys of the browsers that the settings name. One whose key is gone has to pair again."""
        for id_, name in self._settings.value.browsers.items():
            try:
                key = _key_of(await self._secrets.get(_secret_name(id_)))
            except KeyringTrouble as error:
                log.warning("the key of a paired browser cannot be read: %s", error)
                continue
            if key is not None:
                self._keys[id_], self._names[id_] = key, name

    @property
    def names(self) -> Mapping[str, str]:
        """Return the browsers that can be linked: ids to names."""
        return dict(self._names)

    def get(self, partner_id: str) -> bytes | None:
        return self._keys.get(partner_id)

    def name(self, partner_id: str) -> str:
        return self._names.get(partner_id, "")

    def put(self, partner_id: str, key: bytes, name: str) -> None:
        self._keys[partner_id], self._names[partner_id] = key, name
        self._write(self._keep(partner_id, key))

    def forget(self, partner_id: str) -> None:
        """The browser is a stranger from now on."""
        self._keys.pop(partner_id, None)
        self._names.pop(partner_id, None)
        self._write(self._drop(partner_id))

    async def _keep(self, partner_id: str, key: bytes) -> None:
        kept = await self._secrets.put(_secret_name(partner_id), base64.b64encode(key).decode())
        if partner_id not in self._keys:
            # Forgotten while the keyring took its time.
            await self._secrets.forget(_secret_name(partner_id))
        elif kept is Kept.KEYRING:
            self._settings.change(browsers={**self._settings.value.browsers, partner_id: self._names[partner_id]})

    async def _drop(self, partner_id: str) -> None:
        left = {id_: name for id_, name in self._settings.value.browsers.items() if id_ != partner_id}
        try:
            self._settings.change(browsers=left)
        finally:
            await self._secrets.forget(_secret_name(partner_id))


def _secret_name(partner_id: str) -> str:
    return f"browser {partner_id}"


def _key_of(text: str | None) -> bytes | None:
    try:
        key = base64.b64decode(text or "", validate=True)
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
