"""What the agent can set, as one table; where Kibitz keeps its files. Secrets are never here.

The file is JSON, written whole and at once. What is wrong in it falls back to the default and is logged;
a file that cannot be read is kept aside.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from platformdirs import PlatformDirs

from assist.errors import KibitzError

log = logging.getLogger(__name__)

HOME_VARIABLE = "KIBITZ_HOME"
LEAST_WIDTH_PX = 360
LARGEST_WIDTH_PX = 420
DEFAULT_WIDTH_PX = 392
LARGEST_FILE_BYTES = 1 << 20


class SettingsNotSaved(KibitzError):
    """The settings could not be written. They hold until Kibitz ends."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where Kibitz keeps its files. ``home`` is what KIBITZ_HOME says, else None."""

    config: Path
    data: Path
    log: Path
    runtime: Path
    home: Path | None = None


def folders(env: Mapping[str, str] = os.environ) -> Folders:
    """Return the folders of this user, or those below KIBITZ_HOME. Makes none of them."""
    if home := env.get(HOME_VARIABLE, "").strip():
        root = Path(home).expanduser().absolute()
        return Folders(root / "config", root / "data", root / "log", root / "run", root)
    dirs = PlatformDirs("kibitz", appauthor=False)
    data = Path(dirs.user_data_dir)
    # Not the runtime folder: whether a session has one differs, and one database must have one lock.
    return Folders(Path(dirs.user_config_dir), data, Path(dirs.user_log_dir), data / "run")


def presets(env: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Return where a preset for all users of this computer is looked for; nowhere where KIBITZ_HOME is set."""
    if env.get(HOME_VARIABLE, "").strip():
        return ()
    dirs = PlatformDirs("kibitz", appauthor=False, multipath=True)
    return tuple(Path(folder) / "preset.json" for folder in dirs.site_config_dir.split(os.pathsep))


def make_private(folder: Path) -> Path:
    """Make ``folder``, for its owner only. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, text: str) -> None:
    """Replace ``path`` by ``text`` at once: a crash leaves the old file or the new one. Raises OSError."""
    make_private(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class ThemeChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class LogLevel(StrEnum):
    INFO = "info"
    DEBUG = "debug"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the panel sits on one screen. ``width_px`` is in device-independent pixels."""

    side: Side = Side.RIGHT
    width_px: int = DEFAULT_WIDTH_PX


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `TABLE` says what each means."""

    screen: str = ""
    placements: Mapping[str, Placement] = field(default_factory=dict)
    collapsed: bool = False
    reserve_edge: bool = True
    show_at_start: bool = True
    theme: ThemeChoice = ThemeChoice.SYSTEM
    language: str = ""
    poll: bool = True
    drafts: bool = False
    door: bool = False
    door_origins: Sequence[str] = ()
    offer_link: bool = True
    browsers: Mapping[str, str] = field(default_factory=dict)
    last_account: str = ""
    log_level: LogLevel = LogLevel.INFO

    def placement(self, screen: str) -> Placement:
        """Return where the panel sits on ``screen``, a key of `desktop.dock`."""
        return self.placements.get(screen, Placement())


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError("true or false")
    return raw


def _text(pattern: str) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        if not isinstance(raw, str) or re.fullmatch(pattern, raw) is None:
            raise ValueError("a text of another form")
        return raw

    return read


def _browsers(raw: Any) -> dict[str, str]:
    return {_PARTNER(key): _PARTNER_NAME(value) for key, value in raw.items()}


def _origins(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise TypeError("a list of origins")
    return tuple(_ORIGIN(one) for one in raw)


def _placements(raw: Any) -> dict[str, Placement]:
    return {_SCREEN(key): _placement(value) for key, value in raw.items()}


def _placement(raw: Any) -> Placement:
    width_px = raw["width_px"]
    if type(width_px) is not int:
        raise TypeError("a whole number of pixels")
    return Placement(Side(raw["side"]), clamped_width_px(width_px))


def clamped_width_px(width_px: int) -> int:
    return max(LEAST_WIDTH_PX, min(LARGEST_WIDTH_PX, width_px))


_PARTNER = _text(r"[0-9a-f]{16}")
_PARTNER_NAME = _text(r"[^\x00-\x1f]{1,40}")
_ORIGIN = _text(r"https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
_SCREEN = _text(r"[^\x00-\x1f]{0,200}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. ``read`` turns JSON into the value, or raises ValueError, TypeError or KeyError."""

    key: str
    read: Callable[[Any], Any]
    help: str

    @property
    def default(self) -> Any:
        return getattr(Settings(), self.key)


TABLE = (
    Setting("screen", _SCREEN, "The screen that the panel was docked at last"),
    Setting("placements", _placements, "Edge and width of the panel, for each screen"),
    Setting("collapsed", _flag, "Show the narrow strip instead of the panel"),
    Setting("reserve_edge", _flag, "Keep other windows from covering the panel, where the desktop can"),
    Setting("show_at_start", _flag, "Show the panel when Kibitz starts"),
    Setting("theme", ThemeChoice, "Light, dark, or as the system"),
    Setting("language", _text(r"|[a-z]{2,3}([_-][A-Za-z]{2,4})?"), "Language of the words; empty for the system's"),
    Setting("poll", _flag, "Notice the ticket that was viewed last by asking the helpdesk"),
    Setting("drafts", _flag, "Let the browser's extension tell what was typed so far, for improving drafts"),
    Setting("door", _flag, "Let the helpdesk's own Kibitz app connect, where extensions are forbidden"),
    Setting("door_origins", _origins, "Where else such apps are served from, like https://apps.example.com"),
    Setting("offer_link", _flag, "Say in the panel what the browser link would add, until that was answered once"),
    Setting("browsers", _browsers, "Names of the paired browsers; their keys are in the keyring"),
    Setting("last_account", _text(r"|[a-z]{1,20}:[\w.-]{1,200}"), "The account that was used last"),
    Setting("log_level", LogLevel, "How much is written to the log"),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """``problems`` are sentences for the log; ``unknown`` is what a later version may have written.

    ``unusable`` are the settings whose defaults hold because of what the file says; ``unreadable`` tells that none of
    the file could be used, and ``kept`` where it is now.
    """

    settings: Settings
    problems: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)
    unusable: tuple[Setting, ...] = ()
    unreadable: bool = False
    kept: Path | None = None


def parse(raw: Mapping[str, Any]) -> Loaded:
    """Read what the file holds. A bad value costs only itself."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    unusable: list[Setting] = []
    for setting in TABLE:
        if setting.key not in raw:
            continue
        try:
            values[setting.key] = setting.read(raw[setting.key])
        except (ValueError, TypeError, KeyError, AttributeError):
            problems.append(f"setting {setting.key} cannot be used, so its default holds")
            unusable.append(setting)
    known = {setting.key for setting in TABLE}
    unknown = {key: value for key, value in raw.items() if key not in known}
    return Loaded(Settings(**values), tuple(problems), unknown, tuple(unusable))


class SettingsFile:
    """The settings of this user, kept in one file. Use it from one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        loaded = self.loaded = self._load()
        """What the file held when it was opened."""
        for problem in loaded.problems:
            log.warning("%s", problem)
        self.value = loaded.settings
        self._unknown = loaded.unknown

    def change(self, **changes: Any) -> Settings:
        """Set what is named, save, and return all settings.

        Raises:
            SettingsNotSaved: The new values hold, but only until Kibitz ends.
            TypeError: There is no setting of that name.
        """
        self.value = dataclasses.replace(self.value, **changes)
        payload = {**self._unknown, **dataclasses.asdict(self.value)}
        try:
            write_whole(self._path, json.dumps(payload, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise SettingsNotSaved(f"The settings could not be saved: {error.strerror}") from error
        return self.value

    def place(self, screen: str, placement: Placement) -> Settings:
        """Remember where the panel sits on ``screen``. Raises `SettingsNotSaved`."""
        return self.change(screen=screen, placements={**self.value.placements, screen: placement})

    def _load(self) -> Loaded:
        try:
            with self._path.open("rb") as file:
                raw = json.loads(file.read(LARGEST_FILE_BYTES + 1))
        except FileNotFoundError:
            return Loaded(Settings())
        except (OSError, ValueError, RecursionError):
            return self._keep_aside()
        if not isinstance(raw, dict):
            return self._keep_aside()
        return parse(raw)

    def _keep_aside(self) -> Loaded:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        kept = self._path.with_name(f"{self._path.name}.unreadable-{stamp}")
        try:
            self._path.rename(kept)
        except OSError:
            problem = "the settings file cannot be read and not be renamed, so the defaults hold"
            return Loaded(Settings(), (problem,), unreadable=True)
        problem = f"the settings file cannot be read, so the defaults hold; it was kept as {kept.name}"
        return Loaded(Settings(), (problem,), unreadable=True, kept=kept)
