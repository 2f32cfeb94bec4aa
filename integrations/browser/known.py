"""The browsers that Kibitz knows, and which of them are on a machine. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

SCRIPT_HEAD_BYTES = 4_096


class Family(StrEnum):
    CHROMIUM = "chromium"
    FIREFOX = "firefox"


class Packaging(StrEnum):
    PLAIN = ""
    SNAP = "snap"
    FLATPAK = "flatpak"


class Registry(Protocol):
    """The default values of keys below HKEY_CURRENT_USER on Windows. Each may raise OSError."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str) -> None: ...

    def delete(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Machine:
    """What has to be known of a computer and its user. ``platform`` is as `sys.platform`.

    ``which`` finds a program by its name, as `shutil.which` does. ``root`` is where the system's own folders begin.
    """

    platform: str
    home: Path
    environ: Mapping[str, str]
    which: Callable[[str], str | None]
    root: Path = Path("/")
    registry: Registry | None = None

    @property
    def config(self) -> Path:
        """Below it are the folders of Chromium's family, on Linux."""
        return Path(self.environ.get("XDG_CONFIG_HOME") or self.home / ".config")

    @property
    def library(self) -> Path:
        """The same on macOS, for all browsers."""
        return self.home / "Library" / "Application Support"

    def folder(self, name: str, otherwise: str) -> Path:
        """Return the folder that a variable of Windows names; ``otherwise`` is below the user's home."""
        return Path(self.environ.get(name) or self.home / otherwise)


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser. Folders are relative: below the configuration (Linux), "Application Support", "AppData"."""

    id: str
    name: str
    family: Family
    page: str
    """The address of the page where an extension is loaded from a folder."""
    commands: tuple[str, ...]
    linux: str
    mac: str
    windows: str
    registry: str
    app: str
    exe: str
    snap: str = ""
    flatpak: str = ""


CHROME = Browser(
    id="chrome",
    name="Google Chrome",
    family=Family.CHROMIUM,
    page="chrome://extensions",
    commands=("google-chrome-stable", "google-chrome"),
    linux="google-chrome",
    mac="Google/Chrome",
    windows="Google/Chrome/User Data",
    registry=r"Software\Google\Chrome",
    app="Google Chrome.app",
    exe="Google/Chrome/Application/chrome.exe",
    flatpak="com.google.Chrome",
)
CHROMIUM = Browser(
    id="chromium",
    name="Chromium",
    family=Family.CHROMIUM,
    page="chrome://extensions",
    commands=("chromium", "chromium-browser"),
    linux="chromium",
    mac="Chromium",
    windows="Chromium/User Data",
    registry=r"Software\Chromium",
    app="Chromium.app",
    exe="Chromium/Application/chrome.exe",
    snap="chromium",
    flatpak="org.chromium.Chromium",
)
EDGE = Browser(
    id="edge",
    name="Microsoft Edge",
    family=Family.CHROMIUM,
    page="edge://extensions",
    commands=("microsoft-edge-stable", "microsoft-edge"),
    linux="microsoft-edge",
    mac="Microsoft Edge",
    windows="Microsoft/Edge/User Data",
    registry=r"Software\Microsoft\Edge",
    app="Microsoft Edge.app",
    exe="Microsoft/Edge/Application/msedge.exe",
    flatpak="com.microsoft.Edge",
)
BRAVE = Browser(
    id="brave",
    name="Brave",
    family=Family.CHROMIUM,
    page="brave://extensions",
    commands=("brave-browser-stable", "brave-browser", "brave"),
    linux="BraveSoftware/Brave-Browser",
    mac="BraveSoftware/Brave-Browser",
    windows="BraveSoftware/Brave-Browser/User Data",
    registry=r"Software\BraveSoftware\Brave-Browser",
    app="Brave Browser.app",
    exe="BraveSoftware/Brave-Browser/Application/brave.exe",
    snap="brave",
    flatpak="com.brave.Browser",
)
FIREFOX = Browser(
    id="firefox",
    name="Firefox",
    family=Family.FIREFOX,
    page="about:debugging#/runtime/this-firefox",
    commands=("firefox", "firefox-esr"),
    linux=".mozilla",
    mac="Mozilla",
    windows="Mozilla/Firefox",
    registry=r"Software\Mozilla",
    app="Firefox.app",
    exe="Mozilla Firefox/firefox.exe",
    snap="firefox",
    flatpak="org.mozilla.firefox",
)
BROWSERS = (CHROME, CHROMIUM, EDGE, BRAVE, FIREFOX)
BY_ID = {browser.id: browser for browser in BROWSERS}


@dataclass(frozen=True, slots=True)
class Found:
    """A browser that is here. The same one may be here twice, packaged differently."""

    browser: Browser
    packaging: Packaging = Packaging.PLAIN


def find(machine: Machine) -> tuple[Found, ...]:
    """Return the browsers of this user, in the order of `BROWSERS`, those that can start a host first."""
    return tuple(Found(browser, packaging) for browser in BROWSERS for packaging in _packagings(browser, machine))


def hosts_folder(browser: Browser, machine: Machine) -> Path:
    """Return where the browser looks for a user's host manifests. Not for Windows, which keeps them in the registry."""
    if machine.platform == "darwin":
        return machine.library / browser.mac / "NativeMessagingHosts"
    if browser.family is Family.FIREFOX:
        return machine.home / browser.linux / "native-messaging-hosts"
    return machine.config / browser.linux / "NativeMessagingHosts"


def _packagings(browser: Browser, machine: Machine) -> Iterator[Packaging]:
    if machine.platform == "win32":
        if _is_on_windows(browser, machine):
            yield Packaging.PLAIN
        return
    if machine.platform == "darwin":
        if _is_on_mac(browser, machine):
            yield Packaging.PLAIN
        return
    programs = {_packaging_of(Path(path), machine) for name in browser.commands if (path := machine.which(name))}
    packed = [kind for kind in (Packaging.SNAP, Packaging.FLATPAK) if kind in programs or _is(kind, browser, machine)]
    # What another packaging left in the home folder is no sign of a browser while that one is there.
    if Packaging.PLAIN in programs or (not packed and _has_data(browser, machine)):
        yield Packaging.PLAIN
    yield from packed


def _packaging_of(program: Path, machine: Machine) -> Packaging:
    """Tell how a program on the PATH is packaged. Ubuntu's /usr/bin/firefox is a script that starts the snap."""
    paths = (program, program.resolve())
    if any("/flatpak/exports/" in path.as_posix() for path in paths):
        return Packaging.FLATPAK
    if any(path.is_relative_to(machine.root / "snap") for path in paths):
        return Packaging.SNAP
    try:
        with program.open("rb") as file:
            head = file.read(SCRIPT_HEAD_BYTES)
    except OSError:
        return Packaging.PLAIN
    return Packaging.SNAP if head.startswith(b"#!") and b"/snap/bin/" in head else Packaging.PLAIN


def _is(kind: Packaging, browser: Browser, machine: Machine) -> bool:
    if kind is Packaging.SNAP:
        snaps = (machine.root / "snap" / "bin" / browser.snap, machine.home / "snap" / browser.snap)
        return bool(browser.snap) and any(place.exists() for place in snaps)
    exports = Path("flatpak/exports/bin") / browser.flatpak
    data = machine.environ.get("XDG_DATA_HOME") or machine.home / ".local" / "share"
    places = (machine.root / "var" / "lib" / exports, Path(data) / exports, machine.home / ".var/app" / browser.flatpak)
    return bool(browser.flatpak) and any(place.exists() for place in places)


def _has_data(browser: Browser, machine: Machine) -> bool:
    if browser.family is Family.FIREFOX:
        return any((folder / "profiles.ini").exists() for folder in _firefox_folders(machine))
    return (machine.config / browser.linux / "Local State").exists()


def _firefox_folders(machine: Machine) -> tuple[Path, ...]:
    return machine.home / ".mozilla" / "firefox", machine.config / "mozilla" / "firefox"


def _is_on_windows(browser: Browser, machine: Machine) -> bool:
    local = machine.folder("LOCALAPPDATA", "AppData/Local")
    roaming = machine.folder("APPDATA", "AppData/Roaming")
    if browser.family is Family.FIREFOX:
        data = roaming / browser.windows / "profiles.ini"
    else:
        data = local / browser.windows / "Local State"
    names = ("ProgramFiles", "ProgramFiles(x86)", "ProgramW6432")
    programs = [local, *(Path(folder) for name in names if (folder := machine.environ.get(name)))]
    return data.exists() or any((folder / browser.exe).exists() for folder in programs)


def _is_on_mac(browser: Browser, machine: Machine) -> bool:
    if browser.family is Family.FIREFOX:
        data = machine.library / "Firefox" / "profiles.ini"
    else:
        data = machine.library / browser.mac / "Local State"
    applications = (machine.root / "Applications", machine.home / "Applications")
    return data.exists() or any((folder / browser.app).exists() for folder in applications)
