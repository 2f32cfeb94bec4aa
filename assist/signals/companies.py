"""Which company a sentence speaks of: the one that is ours, and others, known or guessed.

A text is read as tokens. A mention of ours becomes ``US``, of another company ``THEM``; other names, of people and
places, become ``NAME``, so that nothing is learned of a particular company.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from assist.signals.phrases import APOSTROPHES

US = "<us>"
THEM = "<them>"
NAME = "<name>"
NUMBER = "<number>"

MIN_PART = 4
"""A shorter part of a company's name ("Net", "One") is no mention of it."""
_GENERIC = frozenset(
    [
        "bank",
        "banque",
        "banco",
        "mobile",
        "mobil",
        "telecom",
        "telekom",
        "online",
        "insurance",
        "versicherung",
        "seguros",
        "direct",
        "group",
        "gmbh",
        "limited",
        "the",
        "die",
        "der",
        "das",
        "les",
        "los",
        "las",
        "mutuelle",
        "mutua",
        "seguro",
        "assurance",
        "energy",
        "energie",
        "services",
        "service",
        "wireless",
        "internet",
        "clube",
        "club",
        "gym",
        "fitness",
        "support",
        "help",
        "team",
        "care",
        "company",
        "shop",
        "store",
        "outdoor",
    ]
)
_TOKEN = re.compile(
    r"https?://\S+|[@#][\w.-]*\w|\d+(?:[.,:/]\d+)*|(?i:[jldnmtsc]|qu)'(?=[^\W\d_]{2})"
    r"|[^\W\d_]+(?:['&.-](?=\w)\w+)*'?|[?!]+|[^\w\s]",
    re.UNICODE,
)
"""French "j'hésite" is two words; "isn't" and "aujourd'hui" are one."""
_ODD = re.compile(r"[^\w]|_")
_RELATION = frozenset(
    [
        "from",
        "to",
        "leave",
        "leaving",
        "left",
        "quit",
        "quitting",
        "join",
        "joining",
        "joined",
        "than",
        "for",
        "with",
        "at",
        "by",
        "via",
        "chez",
        "d'",
        "bei",
        "von",
        "zu",
        "nach",
        "als",
        "de",
        "con",
        "para",
        "por",
        "com",
        "do",
        "da",
        "no",
        "na",
        "ao",
        "à",
        "a",
        "en",
        "em",
        "switch",
        "ditch",
        "ditched",
        "ditching",
        "quitte",
        "quitté",
        "quitter",
        "quittons",
        "quittez",
        "quittent",
        "quittant",
        "pour",
        "pela",
        "pelo",
        "dejamos",
        "dejé",
        "dejando",
        "deixei",
        "deixamos",
        "deixando",
        "larguei",
        "largar",
        "troco",
        "troquei",
        "verlasse",
        "verlassen",
        "leaves",
        "dropping",
        "dropped",
        "dumping",
        "dumped",
        "dejo",
        "dejar",
        "deixo",
        "deixar",
        "goodbye",
        "bye",
        "hello",
        "tschüss",
        "hallo",
        "adieu",
        "adiós",
        "adeus",
        "olá",
        "hola",
        "vs",
        "or",
        "oder",
        "ou",
        "versus",
        "like",
        "love",
        "hate",
        "over",
        "gegen",
    ]
)
_NO_COMPANY = frozenset(
    [
        "i",
        "ok",
        "ps",
        "faq",
        "tv",
        "pc",
        "sms",
        "usb",
        "wifi",
        "uk",
        "usa",
        "eu",
        "gb",
        "pin",
        "pac",
        "puk",
        "rio",
        "iban",
        "sepa",
        "asap",
        "lol",
        "omg",
        "wtf",
        "imo",
        "tbh",
        "dear",
        "hi",
        "hello",
        "hey",
        "sehr",
        "liebe",
        "lieber",
        "liebes",
        "hallo",
        "bonjour",
        "qu",
        "qu'",
        "madame",
        "monsieur",
        "mr",
        "mrs",
        "ms",
        "dr",
        "herr",
        "frau",
        "señor",
        "señora",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "christmas",
        "easter",
        "noël",
        "pâques",
        "navidad",
        "natal",
        "páscoa",
        "weihnachten",
        "ostern",
        "english",
        "german",
        "french",
        "spanish",
        "portuguese",
        "ihnen",
        "ihr",
        "ihre",
        "ihrem",
        "ihren",
        "ihrer",
        "sie",
        "euch",
        "euer",
        "hause",
        "haus",
        "anfang",
        "beginn",
        "ende",
        "weihnachten",
        "ostern",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "januar",
        "februar",
        "märz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "recht",
        "bedarf",
        "fuß",
        "hand",
    ]
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, mark or mention. ``word`` is in small letters, or `US`, `THEM`, `NAME`, `NUMBER`."""

    word: str
    raw: str = field(repr=False)


@dataclass(frozen=True)
class Companies:
    """Names that are known: ``ours`` in any spelling (empty where unknown), ``others`` those of competitors."""

    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @cached_property
    def _ours(self) -> _Names:
        return _Names(self.ours)

    @cached_property
    def _others(self) -> _Names:
        ours = {_bare(name) for name in self.ours}
        return _Names(name for name in self.others if _bare(name) not in ours)

    def read(self, text: str, *, ordinary: Collection[str] = ()) -> list[Token]:
        """Return the tokens of ``text``. ``ordinary`` are words that are no names even with a capital."""
        raws = _TOKEN.findall(text.translate(APOSTROPHES))
        tokens: list[Token] = []
        at = 0
        while at < len(raws):
            word, length = self._mention(raws, at) or (_plain(raws, at, ordinary), 1)
            raw = " ".join(raws[at : at + length])
            at += length
            if word in (NAME, THEM) and tokens and tokens[-1].word == word and not raw.startswith(("@", "#")):
                tokens[-1] = Token(word, f"{tokens[-1].raw} {raw}")
            else:
                tokens.append(Token(word, raw))
        return _guess(tokens)

    def _mention(self, raws: Sequence[str], at: int) -> tuple[str, int] | None:
        for word, names in ((US, self._ours), (THEM, self._others)):
            if length := names.length_at(raws, at):
                return word, length
        return None


class _Names:
    """Company names, found in any common spelling: @Name, NameHelp, "name mobile", its telling part alone."""

    def __init__(self, names: Iterable[str]) -> None:
        self._whole: set[str] = set()
        self._parts: set[str] = set()
        for name in names:
            self._whole.update(
                spelling
                for spelling in (_bare(name), _bare(name, drop_and=True), _bare(name.replace("&", "and")))
                if len(spelling) > 1
            )
            words = [_bare(word) for word in re.split(r"[\s._/-]+", name)]
            telling = [word for word in words if len(word) >= MIN_PART and word not in _GENERIC]
            if len(words) > 1 and telling:
                self._parts.add(telling[0] if len(words[0]) >= MIN_PART else max(telling, key=len))
        self._longest = max((len(name) for name in self._whole), default=0)
        self._starts = {name[:2] for name in self._whole | self._parts}

    def length_at(self, raws: Sequence[str], at: int) -> int:
        """Return how many of ``raws`` from ``at`` on name one of the companies; 0 where none."""
        first = _bare(raws[at])
        if first[:2] not in self._starts:
            return 0
        joined, best = "", 0
        for count, raw in enumerate(raws[at : at + 5], 1):
            joined += _bare(raw)
            if len(joined) > self._longest + 1:
                break
            if joined in self._whole or joined.removesuffix("s") in self._whole:
                best = count
        if best:
            return best
        handle = raws[at].startswith(("@", "#"))
        if handle and any(first.startswith(name) for name in self._whole if len(name) > 2):
            return 1
        named = handle or raws[at][:1].isupper()
        return int(
            ((named or len(first) > MIN_PART) and first.removesuffix("s") in self._parts) or first in self._parts
        )


@lru_cache(maxsize=4_096)
def _bare(name: str, *, drop_and: bool = False) -> str:
    """Return the letters and digits of ``name``, small, a possessive taken off."""
    name = name.lower().removesuffix("'s").removesuffix("'")
    if drop_and:
        name = re.sub(r"\b(?:and|und|et|y|e)\b", "", name)
    return _ODD.sub("", name)


def _plain(raws: Sequence[str], at: int, ordinary: Collection[str]) -> str:
    """Return the word at ``at``, or a marker for what looks like a name or a number."""
    raw = raws[at]
    if raw[0].isdigit():
        return NUMBER
    if raw.startswith("@"):
        return THEM
    word = raw.lower()
    if raw.startswith("#"):
        return word
    bare = word.removesuffix("'s").rstrip("'")
    if not raw[0].isupper() or bare in _NO_COMPANY or bare in ordinary or len(bare) < 2:
        return word
    if (
        raw.isupper()
        and len(raw) > 1
        and (len(raw) < MIN_PART or any(_shouted(raws, near) for near in (at - 1, at + 1)))
    ):
        return word
    return word if "'" in raw and word.split("'")[0] in _NO_COMPANY | {"you", "we", "they", "that", "it"} else NAME


def _shouted(raws: Sequence[str], at: int) -> bool:
    return 0 <= at < len(raws) and len(raws[at]) > 1 and raws[at].isupper()


def _guess(tokens: list[Token]) -> list[Token]:
    """Take names where companies stand ("from X to Y", "leave X", "bye X") for other companies."""
    words = [token.word for token in tokens]
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        if word == NAME and before in _RELATION:
            words[at] = THEM
    for at, word in enumerate(words):  # "from velo to larkcell": if one is a company, the other is
        if word in ("from", "von", "de") and at + 3 < len(words) and words[at + 2] in ("to", "zu", "para", "à", "a"):
            one, other = words[at + 1], words[at + 3]
            a_name = other not in (US, THEM) and len(other) > 3 and other.isalpha() and other not in _NO_COMPANY
            if one in (US, THEM) and a_name and other not in ("you", "your", "ihnen", "euch"):
                words[at + 3] = THEM
    return [Token(word, token.raw) for word, token in zip(words, tokens, strict=True)]
