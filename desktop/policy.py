"""What an admin decides for this desktop, as one file beside the agent's own settings. Secrets are never here.

The file is JSON, written whole and at once. What is wrong in it falls back to what is careful and is logged.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from assist.domain import AccountId, HelpdeskKind
from assist.ports import EVERYTHING, SyncScope
from desktop.settings import SettingsNotSaved, write_whole

log = logging.getLogger(__name__)

FILE_NAME = "policy.json"
PRESET_NAME = "preset.json"
"""An exported settings file that whoever installs Kibitz puts there: its decisions hold until one is made here."""
LARGEST_FILE_BYTES = 1 << 20
LEAST_SHARE, LARGEST_SHARE = 0.01, 1.0
LONGEST_RETENTION_DAYS = 3_650
LONGEST_SCOPE_MONTHS = 120
LEAST_SOLVED, USUAL_SOLVED, MOST_SOLVED = 100, 2_000, 20_000
MOST_OFFERED = 100
"""Each is drawn: a file that offers thousands would stop the window for minutes."""


class InternalUse(StrEnum):
    """What may become of text that customers may not read, in a public reply."""

    NEVER = "never"
    WARN = "warn"
    """Only after a visible warning and a click."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An account that agents only have to sign in to. ``client_id`` is Zendesk's OAuth client; it is no secret."""

    kind: HelpdeskKind
    site: str
    client_id: str = ""
    portal: str = ""
    """Freshdesk: the portal's own host, where tickets are shown too."""
    name: str = ""
    """What agents call it, such as "Sandbox"."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything an admin can decide.

    Attributes:
        quota_share: Share in [0.01, 1] of each account's requests that all desktops of this machine may use.
        scopes: What is synced, for each account that is not synced whole.
        internal: Internal articles and notes in public replies.
        acting: Whether Kibitz may change tickets when the agent asks for it (docs/adr/0018-acting.md).
        retention_days: Texts of customers that are older are deleted; 0 keeps them.
        solved_tickets: How many solved tickets of each account a first sync reads, in [100, 20,000].
        offered: Accounts for agents to sign in to.
    """

    quota_share: float = 0.10
    scopes: Mapping[AccountId, SyncScope] = field(default_factory=dict)
    internal: InternalUse = InternalUse.WARN
    acting: bool = False
    retention_days: int = 0
    solved_tickets: int = USUAL_SOLVED
    offered: tuple[Offered, ...] = ()

    def scope(self, account: AccountId) -> SyncScope:
        return self.scopes.get(account, EVERYTHING)


@dataclass(frozen=True, slots=True)
class Read:
    """A policy, and sentences about what in the file could not be used."""

    policy: Policy
    problems: tuple[str, ...] = ()


CAREFUL = Policy(internal=InternalUse.NEVER)
"""What holds where nobody can tell what was decided: as shipped, but nothing internal goes anywhere."""


def read(raw: Mapping[str, Any]) -> Read:
    """Read what a file holds. A bad value costs only itself, and is taken as in `CAREFUL`."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, reader in _READERS.items():
        if name not in raw:
            continue
        try:
            values[name] = reader(raw[name])
        except (ValueError, TypeError, KeyError, AttributeError):
            values[name] = getattr(CAREFUL, name)
            problems.append(f"{name} cannot be used, so the careful value holds")
    return Read(Policy(**values), tuple(problems))


def write(policy: Policy) -> dict[str, Any]:
    """Return what `read` understands."""
    raw = asdict(policy)
    raw["scopes"] = {
        account: {key: sorted(value) if isinstance(value, frozenset) else value for key, value in scope.items()}
        for account, scope in raw["scopes"].items()
    }
    return raw


class PolicyFile:
    """The policy of this desktop, kept in one file. Use it from one thread."""

    def __init__(self, folder: Path, presets: Iterable[Path] = ()) -> None:
        """``presets`` are looked for, after one in ``folder``, while there is no policy of this desktop's own."""
        self._path = folder / FILE_NAME
        self._presets = (folder / PRESET_NAME, *presets)
        self.on_change: list[Callable[[Policy, Policy], None]] = []
        """Called with the policy before and after each change."""
        found = self._load()
        for problem in found.problems:
            log.warning("policy: %s", problem)
        self.value = found.policy

    def change(self, **changes: Any) -> Policy:
        """Set what is named, save, and return the whole. Raises `SettingsNotSaved`: it holds until Kibitz ends."""
        return self.put(replace(self.value, **changes))

    def put(self, policy: Policy) -> Policy:
        """Replace the whole and save it. Raises as `change`."""
        before, self.value = self.value, policy
        for told in self.on_change:
            told(before, policy)
        try:
            write_whole(self._path, json.dumps(write(policy), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise SettingsNotSaved(f"The admin's settings could not be saved: {error.strerror}") from error
        return policy

    def _load(self) -> Read:
        try:
            return _read_file(self._path)
        except FileNotFoundError:
            return self._preset()

    def _preset(self) -> Read:
        for path in self._presets:
            try:
                return _read_file(path, within="policy")
            except FileNotFoundError:
                continue
        return Read(Policy())


def _read_file(path: Path, *, within: str = "") -> Read:
    """Read a policy, or the one under a key. Raises FileNotFoundError."""
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(LARGEST_FILE_BYTES + 1))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError):
        return Read(CAREFUL, (f"{path.name} cannot be read, so careful values hold",))
    found = raw.get(within) if within and isinstance(raw, dict) else raw
    return read(found) if isinstance(found, dict) else Read(CAREFUL, (f"{path.name} is no such file",))


_ACCOUNT = re.compile(r"[a-z]{1,20}:[\w.-]{1,200}", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f\x7f]{0,200}")


def _share(raw: Any) -> float:
    if isinstance(raw, bool) or not LEAST_SHARE <= float(raw) <= LARGEST_SHARE:
        raise ValueError("a share from 0.01 to 1")
    return float(raw)


def _whole(raw: Any, most: int) -> int:
    if type(raw) is not int or not 0 <= raw <= most:
        raise ValueError("a whole number in range")
    return raw


def _solved_tickets(raw: Any) -> int:
    if _whole(raw, MOST_SOLVED) < LEAST_SOLVED:
        raise ValueError("too few to learn from")
    return int(raw)


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError("true or false")
    return raw


def _line(raw: Any) -> str:
    if not isinstance(raw, str) or _LINE.fullmatch(raw) is None:
        raise ValueError("one short line of text")
    return raw


def _ids(raw: Any) -> frozenset[int]:
    if not isinstance(raw, list):
        raise TypeError("a list of ids")
    return frozenset(_whole(one, 2**63 - 1) for one in raw)


def _scopes(raw: Any) -> dict[AccountId, SyncScope]:
    return {AccountId(account): _scope(one) for account, one in raw.items() if _ACCOUNT.fullmatch(account)}


def _scope(raw: Any) -> SyncScope:
    return SyncScope(
        brands=_ids(raw.get("brands", [])),
        groups=_ids(raw.get("groups", [])),
        folders=_ids(raw.get("folders", [])),
        months=_whole(raw.get("months", 0), LONGEST_SCOPE_MONTHS),
    )


def _offered(raw: Any) -> tuple[Offered, ...]:
    if len(raw) > MOST_OFFERED:
        raise ValueError("too many accounts")
    return tuple(
        Offered(
            kind=HelpdeskKind(one["kind"]),
            site=_line(one["site"]),
            client_id=_line(one.get("client_id", "")),
            portal=_line(one.get("portal", "")),
            name=_line(one.get("name", "")),
        )
        for one in raw
    )


_READERS = {
    "quota_share": _share,
    "scopes": _scopes,
    "internal": InternalUse,
    "acting": _flag,
    "retention_days": lambda raw: _whole(raw, LONGEST_RETENTION_DAYS),
    "solved_tickets": _solved_tickets,
    "offered": _offered,
}
