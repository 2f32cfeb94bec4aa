"""Who opens ``kibitz://`` links on this machine. Nothing is written unasked. Needs no screen: a command uses it, too.

Linux: a desktop entry of this user, and one line in their list of default applications
(https://specifications.freedesktop.org/mime-apps-spec/). Windows: keys below HKEY_CURRENT_USER. macOS: only a
bundle can say so, which this copy is not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from desktop.accounts.state import LinksOpen
from desktop.i18n import tr
from desktop.settings import HOME_VARIABLE, write_whole

ENTRY = "kibitz-link.desktop"
MIME_TYPE = "x-scheme-handler/kibitz"
DEFAULTS = "[Default Applications]"
CLASSES = r"Software\Classes\kibitz"
LARGEST_LIST_BYTES = 1 << 20
ROOT = Path(__file__).resolve().parent.parent.parent


class Registry(Protocol):
    """Values below HKEY_CURRENT_USER; an empty name is a key's default value. Each method may raise OSError."""

    def get(self, key: str, /) -> str | None: ...
    def put(self, key: str, value: str, /) -> None: ...
    def put_named(self, key: str, name: str, value: str, /) -> None: ...
    def delete(self, key: str, /) -> None: ...


class LinkHandler(Protocol):
    """May raise OSError where files cannot be written."""

    def state(self) -> LinksOpen: ...
    def what(self) -> str:
        """Return a sentence: what `install` writes and where, or why it cannot."""

    def install(self) -> None: ...
    def remove(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Program:
    """How Kibitz is started. ``folder`` is where it has to be started in, or None where that is all the same."""

    words: tuple[str, ...]
    folder: Path | None = None


def this_program(env: Mapping[str, str], executable: str = sys.executable) -> Program:
    """Return how the copy of Kibitz that runs is started, for the same home."""
    script = Path(executable).with_name("kibitz.exe" if sys.platform == "win32" else "kibitz")
    home = env.get(HOME_VARIABLE, "").strip()
    words = ("env", f"{HOME_VARIABLE}={Path(home).expanduser().absolute()}") if home else ()
    if script.is_file():
        return Program((*words, str(script)))
    return Program((*words, executable, "-m", "desktop"), ROOT)


def desktop_entry(program: Program) -> str:
    """Return the desktop entry that starts ``program`` with a link."""
    # GLib looks for the first word before it undoes the escaping of a percent sign, so that word is never a path.
    words = program.words if program.words[0] == "env" else ("env", *program.words)
    start = " ".join((*map(_quoted, (*words, "open", "--")), "%u"))
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Name=Kibitz",
        "Comment=Opens links that connect Kibitz to a helpdesk",
        f"Exec={start}",
        "NoDisplay=true",
        "Terminal=false",
        "StartupNotify=false",
        f"MimeType={MIME_TYPE};",
    ]
    if program.folder is not None:
        lines.insert(5, f"Path={_escaped(str(program.folder))}")
    return "\n".join(lines) + "\n"


def _quoted(word: str) -> str:
    """Quote a word of ``Exec``: first as an argument, then as any string of such a file."""
    argument = "".join(f"\\{one}" if one in '"`$\\' else one for one in word).replace("%", "%%")
    return _escaped(f'"{argument}"')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def with_default(text: str, entry: str | None) -> str:
    """Return a list of default applications in which ``entry`` opens our links; None takes ours out again.

    Every other line stays as it was.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    kept: list[str] = []
    at = -1
    inside = False
    for line in lines:
        if line.strip().startswith("["):
            inside = line.strip() == DEFAULTS
        key, _, value = line.partition("=")
        is_ours = value.strip().rstrip(";") == ENTRY
        if inside and key.strip() == MIME_TYPE and (entry is not None or is_ours):
            continue
        kept.append(line)
        if inside and at < 0:
            at = len(kept)
    if entry is None:
        return "".join(kept)
    if at < 0:
        kept.append(f"{DEFAULTS}\n")
        at = len(kept)
    kept.insert(at, f"{MIME_TYPE}={entry}\n")
    return "".join(kept)


def default_in(text: str) -> str:
    """Return which desktop entry opens our links, after a list of default applications; empty where none does."""
    inside = False
    for line in text.splitlines():
        if line.strip().startswith("["):
            inside = line.strip() == DEFAULTS
        key, _, value = line.partition("=")
        if inside and key.strip() == MIME_TYPE:
            return value.strip().partition(";")[0]
    return ""


class LinuxHandler:
    """A `LinkHandler` for desktops that follow freedesktop.org."""

    def __init__(self, env: Mapping[str, str], home: Path, program: Program) -> None:
        data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share")
        self._entry = data / "applications" / ENTRY
        # Resolved: some people keep it elsewhere and link to it, and it is replaced as a whole.
        self._list = (Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "mimeapps.list").resolve()
        self._text = desktop_entry(program)

    def state(self) -> LinksOpen:
        is_ours = _read(self._entry) == self._text and default_in(_read(self._list)) == ENTRY
        return LinksOpen.HERE if is_ours else LinksOpen.NOT_YET

    def what(self) -> str:
        return tr(
            "Kibitz writes the file {entry} and one line into {list}. Both are yours, and it can take them out again.",
            entry=self._entry,
            list=self._list,
        )

    def install(self) -> None:
        write_whole(self._entry, self._text)
        write_whole(self._list, with_default(_read(self._list), ENTRY))

    def remove(self) -> None:
        self._entry.unlink(missing_ok=True)
        before = _read(self._list)
        if (after := with_default(before, None)) != before:
            write_whole(self._list, after)


def _read(path: Path) -> str:
    """Return a file's text; empty where there is none. Raises OSError where it cannot be what it should be."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_LIST_BYTES + 1)
    except FileNotFoundError:
        return ""
    if len(raw) > LARGEST_LIST_BYTES:
        raise OSError(0, "it is too large", str(path))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise OSError(0, "it is no text", str(path)) from None


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """One value below HKEY_CURRENT_USER; an empty ``name`` is the key's default value."""

    key: str
    name: str
    value: str


def registry_values(program: Program) -> tuple[RegistryValue, ...]:
    """Return what makes Windows open our links with ``program``. ``--`` keeps a link from passing for an option."""
    command = " ".join(f'"{word}"' for word in (*program.words, "open", "--", "%1"))
    return (
        RegistryValue(CLASSES, "", "URL:Kibitz"),
        RegistryValue(CLASSES, "URL Protocol", ""),
        RegistryValue(rf"{CLASSES}\shell\open\command", "", command),
    )


class WindowsHandler:
    """A `LinkHandler` for Windows. Its values are tested; it was not tried on a real Windows yet."""

    def __init__(self, registry: Registry, program: Program) -> None:
        self._registry = registry
        self._program = program

    def state(self) -> LinksOpen:
        if self._program.folder is not None or self._program.words[0] == "env":
            return LinksOpen.NEVER
        wanted = registry_values(self._program)[-1]
        return LinksOpen.HERE if self._registry.get(wanted.key) == wanted.value else LinksOpen.NOT_YET

    def what(self) -> str:
        if self.state() is LinksOpen.NEVER:
            return tr("This copy of Kibitz is not installed as a program, so Windows cannot start it for a link.")
        return tr("Kibitz writes the key {key} for your user. It can take it out again.", key=f"HKCU\\{CLASSES}")

    def install(self) -> None:
        for one in registry_values(self._program):
            if one.name:
                self._registry.put_named(one.key, one.name, one.value)
            else:
                self._registry.put(one.key, one.value)

    def remove(self) -> None:
        for rest in (r"\shell\open\command", r"\shell\open", r"\shell", ""):  # the inner first: keys with keys stay
            self._registry.delete(CLASSES + rest)


class NoHandler:
    """A `LinkHandler` where links can only be pasted; ``why`` says why."""

    def __init__(self, why: str = "") -> None:
        self._why = why or tr(
            "macOS gives links to programs that are installed as a bundle, which this copy of Kibitz is not. Paste "
            "links into the accounts window instead."
        )

    def state(self) -> LinksOpen:
        return LinksOpen.NEVER

    def what(self) -> str:
        return self._why

    def install(self) -> None:
        """Nothing can be done."""

    def remove(self) -> None:
        """Nothing was done."""


def link_handler(env: Mapping[str, str], home: Path, platform: str = sys.platform) -> LinkHandler:
    """Return what registers Kibitz for links on this system."""
    program = this_program(env)
    if platform.startswith("linux"):
        return LinuxHandler(env, home, program)
    if sys.platform == "win32":
        from desktop.link.registry import UserRegistry

        return WindowsHandler(UserRegistry(), program)
    return NoHandler()
