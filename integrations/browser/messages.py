"""What extension and app say to each other inside a session (ADR 16). No text and no address is ever in a repr."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

from integrations.browser.frames import BadFrame

MAX_DRAFT_CHARACTERS = 20_000
MAX_URL_CHARACTERS = 2_048
_LARGEST_TAB = 2**53 - 1
_PAGE = re.compile(r"https?://[!-~]+", re.ASCII)
_NOT_IN_PAGE = re.compile(r"[?#@\\\"<>`]")
_INSERT_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)

Why = Literal["", "moved", "no-composer", "failed"]
_WHYS: tuple[Why, ...] = get_args(Why)


@dataclass(frozen=True, slots=True)
class Front:
    """A helpdesk's page is in front. ``url`` is scheme, host and path; ``tab`` the browser's number for its tab."""

    url: str = field(repr=False)
    tab: int
    composer: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The tab in front is no helpdesk's page, or there is no tab."""


@dataclass(frozen=True, slots=True)
class Away:
    """Another program than the browser is in front."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The agent pressed the browser's shortcut that moves the keyboard into the panel."""


@dataclass(frozen=True, slots=True)
class Composer:
    """The reply editor of the page in ``tab`` came or went."""

    tab: int
    present: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What the agent typed so far, at most `MAX_DRAFT_CHARACTERS`."""

    tab: int
    url: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submitted:
    """The composer's send was pressed on the page at ``url``."""

    tab: int
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inserted:
    """The answer to `Insert` ``id``; ``why`` says why not, and is empty when ``ok``."""

    id: str
    ok: bool
    why: Why


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """The accounts' own origins (``https://acme.zendesk.com``), and whether drafts are wanted."""

    origins: tuple[str, ...] = field(repr=False)
    drafts: bool


@dataclass(frozen=True, slots=True)
class Insert:
    """Put a reply into the composer of the page at ``url``. ``id`` is up to 64 letters, digits and ``-_.:``."""

    id: str
    url: str = field(repr=False)
    html: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Where:
    """Say again what is in front."""


FromExtension = Front | Elsewhere | Away | Keys | Composer | Draft | Submitted | Inserted
FromApp = LinkSettings | Insert | Where
Message = FromExtension | FromApp

T = TypeVar("T")


def read(raw: Mapping[str, Any]) -> FromExtension | None:
    """Return what the extension says with ``raw``, or None for a type that is not known here.

    Fields that are not known are ignored. Half surrogate pairs in a draft, which browsers let through, become U+FFFD.

    Raises:
        BadFrame: A field of a known type is missing, of another type, or outside its range.
    """
    kind = _get(raw, "t", str)
    reader = _READERS.get(kind)
    return None if reader is None else reader(raw)


def write(message: Message) -> dict[str, object]:
    """Return ``message`` as it is said."""
    match message:
        case Front(url, tab, composer):
            return {"t": "front", "url": url, "tab": tab, "composer": composer}
        case Composer(tab, present):
            return {"t": "composer", "tab": tab, "present": present}
        case Draft(tab, url, text):
            return {"t": "draft", "tab": tab, "url": url, "text": text}
        case Submitted(tab, url):
            return {"t": "submitted", "tab": tab, "url": url}
        case Inserted(id_, ok, why):
            return {"t": "inserted", "id": id_, "ok": ok, "why": why}
        case LinkSettings(origins, drafts):
            return {"t": "settings", "origins": list(origins), "drafts": drafts}
        case Insert(id_, url, html, text):
            return {"t": "insert", "id": id_, "url": url, "html": html, "text": text}
        case Elsewhere() | Away() | Keys() | Where():
            return {"t": type(message).__name__.lower()}


def _inserted(raw: Mapping[str, Any]) -> Inserted:
    id_, ok, why = _get(raw, "id", str), _get(raw, "ok", bool), _get(raw, "why", str)
    if not _INSERT_ID.fullmatch(id_):
        raise BadFrame("an id that nobody gave")
    for known in _WHYS:
        if why == known:
            return Inserted(id_, ok, known)
    raise BadFrame("a reason that is not known")


def _draft(raw: Mapping[str, Any]) -> Draft:
    text = _get(raw, "text", str)
    if len(text) > MAX_DRAFT_CHARACTERS:
        raise BadFrame("a draft that is too long")
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return Draft(_tab(raw), _url(raw), whole)


def _tab(raw: Mapping[str, Any]) -> int:
    tab = _get(raw, "tab", int)
    if not 0 <= tab <= _LARGEST_TAB:
        raise BadFrame("a tab that cannot be")
    return tab


def _url(raw: Mapping[str, Any]) -> str:
    url = _get(raw, "url", str)
    if len(url) > MAX_URL_CHARACTERS or not _PAGE.fullmatch(url) or _NOT_IN_PAGE.search(url):
        raise BadFrame("an address that is more than scheme, host and path")
    return url


def _get(raw: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """Return a field of exactly this type: True is not 1."""
    value = raw.get(name)
    if type(value) is not kind:
        raise BadFrame(f"a message without a proper {name}")
    return value


_READERS: Mapping[str, Callable[[Mapping[str, Any]], FromExtension]] = {
    "front": lambda raw: Front(_url(raw), _tab(raw), _get(raw, "composer", bool)),
    "elsewhere": lambda _: Elsewhere(),
    "away": lambda _: Away(),
    "keys": lambda _: Keys(),
    "composer": lambda raw: Composer(_tab(raw), _get(raw, "present", bool)),
    "draft": _draft,
    "submitted": lambda raw: Submitted(_tab(raw), _url(raw)),
    "inserted": _inserted,
}
