"""A report that an agent can save and send: what Kibitz is, how it stands, and nothing that anybody wrote.

Names of accounts are hashed with a salt of the report's own, so that two reports cannot be laid side by side.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import platform
import re
import secrets
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, qVersion
from PySide6.QtGui import QGuiApplication

from assist.ports import Clock
from assist.store.records import Account
from assist.store.store import Store
from assist.sync import CollectionName
from desktop.desk import Desk
from desktop.i18n import tr
from desktop.logs import FILE_NAME, KEPT_FILES, clean
from desktop.policy import Policy
from desktop.settings import Settings
from desktop.syncing import SyncStatus

LOG_TAIL_BYTES = 200_000
_PACKAGES = ("PySide6-Essentials", "httpx", "apsw-sqlite3mc", "numpy", "onnxruntime", "faiss-cpu", "keyring", "kibitz")
_TOLD_SETTINGS = (
    *("collapsed", "reserve_edge", "show_at_start", "theme", "language", "poll", "drafts", "door", "offer_link"),
    "log_level",
)
_TOLD_ENVIRONMENT = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR")
_ACCOUNT = re.compile(r"\b(zendesk|freshdesk):[\w.-]+")
_HOST = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.(zendesk|freshdesk)\.com\b")
_TICKET = re.compile(r"#\d+")
_WORD = re.compile(r"[\w.+-]{1,40}", re.ASCII)

README = """Kibitz: report

What is in here:
  about.json     versions of Kibitz, of the system and of its parts
  settings.json  how Kibitz is set up, and what the admin decided; no names, no addresses
  accounts.json  each connected helpdesk by its kind and a made-up name; how far it was read; what is left of
                 its requests
  shapes.json    what answers looked like that Kibitz could not read: names of fields, and the kind and rough
                 length of values, never the values
  log.txt        the end of the log, which names no customer and no secret

What is not: texts of tickets, articles or replies; names, e-mail addresses, sign-ins, keys.
All files are plain text. Look through them before you send them to anybody.
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a report gets its facts. Each is asked on the event loop's thread."""

    settings: Callable[[], Settings]
    policy: Callable[[], Policy]
    store: Store
    desk: Desk
    sync_status: Callable[[Any], SyncStatus]
    clock: Clock
    keyring: str
    engine_is_up: Callable[[], bool]
    unknown_shapes: Callable[[], list[dict[str, Any]]]
    log_folder: Path


class Diagnostics:
    def __init__(self, sources: Sources) -> None:
        self._from = sources

    async def save_bundle(self, path: Path) -> None:
        """Write the report as a zip file, whole or not at all. Raises OSError."""
        names = _Names(self._from.store.state.accounts(), self._from.desk)
        parts: dict[str, Any] = {
            "about.json": _about(self._from),
            "settings.json": _settings(self._from.settings(), self._from.policy()),
            "accounts.json": _accounts(self._from, names),
            "shapes.json": self._from.unknown_shapes(),
        }
        await asyncio.to_thread(_write, path, parts, self._from.log_folder, names)


class _Names:
    """Replaces what accounts and agents are called."""

    def __init__(self, accounts: Sequence[Account], desk: Desk) -> None:
        self._salt = secrets.token_bytes(16)
        called: dict[str, str] = {str(Path.home()): "~"}
        for account in accounts:
            known = (account.id, account.display, account.name, account.portal, account.client_id, account.base_url)
            called |= dict.fromkeys(known, self.of(account.id))
            called[account.id.partition(":")[2]] = self.of(account.id)
            called |= dict.fromkeys((account.agent.name, account.agent.email), "agent")
        for seat in desk:
            called |= dict.fromkeys((seat.account, seat.display), self.of(seat.account))
            called |= dict.fromkeys((seat.agent.name, seat.agent.email), "agent")
        self._called = {name: instead for name, instead in called.items() if len(name) > 1}
        longest_first = sorted(self._called, key=len, reverse=True)
        self._known = re.compile("|".join(map(_pattern, longest_first)), re.IGNORECASE)
        self._lower = {name.lower(): instead for name, instead in self._called.items()}

    def of(self, account: str) -> str:
        """Return a name that says nothing, the same throughout one report."""
        kind = account.partition(":")[0]
        return f"{kind}-{hashlib.blake2b(account.encode(), key=self._salt, digest_size=4).hexdigest()}"

    def hidden(self, line: str) -> str:
        line = self._known.sub(lambda found: self._lower.get(found[0].lower(), "…"), line)
        return _TICKET.sub("#…", _HOST.sub(r"….\1.com", _ACCOUNT.sub(r"\1:…", line)))


def _pattern(name: str) -> str:
    """Find a name also inside of a longer word, unless it is so short that it would be in many."""
    return re.escape(name) if len(name) > 3 else rf"(?<!\w){re.escape(name)}(?!\w)"


def _about(sources: Sources) -> dict[str, Any]:
    screens = [screen.devicePixelRatio() for screen in QGuiApplication.screens()] if QGuiApplication.instance() else []
    return {
        "written": f"{sources.clock.now():%Y-%m-%dT%H:%MZ}",
        "versions": {name: _version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "qt": qVersion(),
        "window system": QGuiApplication.platformName() if screens else "",
        "screens": screens,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "language": QLocale.system().name(),
        "environment": {name: _word(os.environ.get(name, "")) for name in _TOLD_ENVIRONMENT},
        "keyring": sources.keyring,
        "search is up": sources.engine_is_up(),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _word(value: str) -> str:
    return value if _WORD.fullmatch(value) else "…" if value else ""


def _settings(settings: Settings, policy: Policy) -> dict[str, Any]:
    return {
        **{key: getattr(settings, key) for key in _TOLD_SETTINGS},
        "screens placed": len(settings.placements),
        "browsers paired": len(settings.browsers),
        "admin": {
            "share of requests": policy.quota_share,
            "internal text": policy.internal,
            "acting": policy.acting,
            "retention in days": policy.retention_days,
            "solved tickets": policy.solved_tickets,
            "accounts offered": len(policy.offered),
            "accounts limited": [
                {
                    "brands": len(scope.brands),
                    "groups": len(scope.groups),
                    "folders": len(scope.folders),
                    "months": scope.months,
                }
                for scope in policy.scopes.values()
            ],
        },
    }


def _accounts(sources: Sources, names: _Names) -> list[dict[str, Any]]:
    now = sources.clock.now()
    seats = {seat.account: seat for seat in sources.desk}
    known = dict.fromkeys([*(account.id for account in sources.store.state.accounts()), *seats])
    return [
        {
            "account": names.of(account),
            "connected": account in seats,
            "requests": _quota(seats[account].helpdesk.quota, now) if account in seats else None,
            "reading": _reading(sources, account, names, now),
            "stored": {field: getattr(sources.store.documents.counts(account), field) for field in _COUNTED},
        }
        for account in known
    ]


_COUNTED = ("articles", "passages", "macros", "solved_tickets", "past_replies")


def _quota(quota: Any, now: datetime) -> dict[str, Any] | None:
    if quota is None:
        return None
    return {"limit": quota.limit, "remaining": quota.remaining, "seen": _ago(now - quota.seen_at)}


def _reading(sources: Sources, account: Any, names: _Names, now: datetime) -> dict[str, Any]:
    status = sources.sync_status(account)
    reached = {name.value: sources.store.state.checkpoint(account, name.value) for name in CollectionName}
    return {
        "running": status.running,
        "problem": names.hidden(clean(status.problem)),
        "complete": None if status.finished_at is None else _ago(now - status.finished_at),
        **{
            name: None if one is None else {"done": one.done, "written": _ago(now - one.updated_at)}
            for name, one in reached.items()
        },
    }


def _ago(age: timedelta) -> str:
    return f"{max(0, round(age.total_seconds() / 60))} min ago"


def _write(path: Path, parts: dict[str, Any], log_folder: Path, names: _Names) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", tr(README))
            for part, value in parts.items():
                archive.writestr(part, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
            archive.writestr("log.txt", "\n".join(_log_tail(log_folder, names)) + "\n")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _log_tail(folder: Path, names: _Names) -> Iterable[str]:
    """Return the last lines of the log. They were cleaned when they were written; they are cleaned again."""
    text = b""
    for file in (folder / FILE_NAME, *(folder / f"{FILE_NAME}.{number}" for number in range(1, KEPT_FILES + 1))):
        if len(text) >= LOG_TAIL_BYTES or not file.is_file():
            break
        text = file.read_bytes()[-LOG_TAIL_BYTES:] + text
    lines = text[-LOG_TAIL_BYTES:].decode("utf-8", "replace").splitlines()
    return [names.hidden(clean(line)) for line in lines]
