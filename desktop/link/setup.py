"""The browsers of this user as the settings show them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from assist.errors import KibitzError
from desktop.i18n import tr
from desktop.link import browsers
from desktop.preferences.browser_state import FoundBrowser, Looked, Standing
from integrations.browser.installed import Flaw, Installer, Setup, Status
from integrations.browser.known import BY_ID

log = logging.getLogger(__name__)


class LocalSetup:
    """A `BrowserSetup` for this machine. A key is a browser's id, or the folder of a profile that was given by hand."""

    def __init__(self, installer: Installer) -> None:
        self._installer = installer

    @property
    def extension_folder(self) -> str:
        return str(self._installer.parts.extension_copy)

    def look(self) -> Looked:
        try:
            return Looked(tuple(map(_found, self._installer.status())))
        except (KibitzError, OSError) as error:
            return Looked(problem=_sentence(error))

    def outdated(self) -> tuple[str, ...]:
        """Return the names of browsers in which this copy of Kibitz set up the link, and that no longer find it so."""
        try:
            found = self._installer.status()
        except (KibitzError, OSError):
            return ()
        return tuple(one.name for one in found if one.flaw not in (Flaw.NONE, Flaw.OTHER_COPY))

    def install(self, key: str) -> str:
        if key in BY_ID:
            return _tried(lambda: self._installer.install(key))
        return _tried(lambda: self._installer.install_profile(Path(key)))

    def remove(self, key: str) -> str:
        if key in BY_ID:
            return _tried(lambda: self._installer.remove(key))
        return _tried(lambda: self._installer.remove_profile(Path(key)))


def _found(status: Status) -> FoundBrowser:
    key = status.browser.id if status.browser is not None else str(status.profile)
    words, values = browsers.verdict(status)
    # A pill says these two already.
    said = "" if status.setup in (Setup.READY, Setup.ABSENT) else tr(words, **values)
    words, values = browsers.step(status)
    step = tr(words, **values) if status.setup is Setup.READY else ""
    return FoundBrowser(key, status.name, Standing(status.setup.value), said, step, browsers.page(status))


def _tried(act: Callable[[], object]) -> str:
    try:
        act()
    except (KibitzError, OSError) as error:
        log.warning("the browser link was not changed: %s", type(error).__name__)
        return _sentence(error)
    return ""


def _sentence(error: KibitzError | OSError) -> str:
    if isinstance(error, KibitzError):
        return str(error)
    return tr("{file} could not be changed: {why}", file=error.filename or "", why=error.strerror or error)
