"""What was really sent, compared with what was suggested. Pure.

Greeting, sign-off and signature are set aside on both sides, quotes and dashes are made alike, white space and the
marks of list items are taken out, because helpdesks and composers change all of these by themselves. What is left is
compared by characters. A filled ``[bracket]`` is an edit like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz.distance import Levenshtein

from assist.domain import Decision, EventKind, Outcome, SentAs, Shown, SuggestionId, TicketRef

EDITED_SIMILARITY = 0.6
"""From here on a sent text counts as the suggestion, edited.

Among the 412 agents' replies of the demo data, two that have nothing to do with each other are 0.19 alike in
the median, 0.31 at the 99.9th percentile and 0.34 at most: chance does not reach 0.6, while a suggestion of
which two fifths of the characters were changed still does.
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a sent text relates to the nearest suggestion; see `Outcome` for the fields."""

    sent_as: SentAs
    suggestion_id: SuggestionId | None
    edit_distance: int | None
    similarity: float


@dataclass(frozen=True, slots=True)
class Frame:
    """What may stand around a reply: names of the customer and of agents, and signatures in full."""

    names: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()


def compare(sent_text: str, shown: Sequence[tuple[SuggestionId, str]], *, frame: Frame = Frame()) -> Comparison:
    """Find the suggestion that a sent text is nearest to.

    Args:
        sent_text: Plain text, as sent.
        shown: Suggestions that had been shown before it, as ``(id, text)``; of equally near ones the first wins.
        frame: What to set aside beyond the usual greetings and sign-offs.

    Returns:
        AS_IS with distance 0 when only greeting, signature or white space differ; EDITED from a similarity of
        `EDITED_SIMILARITY` on; else SOMETHING_ELSE, with the nearest suggestion still named. With nothing
        shown, there is neither suggestion nor distance.
    """
    best = Comparison(SentAs.SOMETHING_ELSE, None, None, 0.0)
    for suggestion_id, text in shown:
        distance, similarity = _nearness(text, sent_text, frame)
        if best.suggestion_id is None or similarity > best.similarity:
            best = Comparison(_verdict(distance, similarity), suggestion_id, distance, similarity)
    return best


def outcome_of(comparison: Comparison, *, ref: TicketRef, message_id: int, sent_text: str, at: datetime) -> Outcome:
    """Make the event that is logged when the agent's message has been seen."""
    return Outcome(
        ref=ref,
        message_id=message_id,
        sent_as=comparison.sent_as,
        suggestion_id=comparison.suggestion_id,
        edit_distance=comparison.edit_distance,
        similarity=comparison.similarity,
        sent_text=sent_text,
        at=at,
    )


def candidates(shown: Iterable[Shown], used: Iterable[Decision] = ()) -> list[tuple[SuggestionId, str]]:
    """Return the replies among what was shown, in their order: articles are sent as links, not as text.

    A reply that was used with its slots filled by the helpdesk stands there with that text as well.
    """
    replies = [(event.suggestion_id, event.text) for event in shown if event.list_name == "replies"]
    filled = [(event.suggestion_id, event.text) for event in used if event.kind is EventKind.USED and event.text]
    return list(dict.fromkeys([*replies, *filled]))


def edit_distance(before: str, after: str) -> int:
    """Return how many characters were inserted, deleted or replaced, after `core` of both."""
    return _nearness(before, after, Frame())[0]


def core(text: str, frame: Frame = Frame()) -> str:
    """Return a text without greeting, sign-off, signature and white space; never empty unless ``text`` is."""
    flat = _flat(text)
    signatures = sorted(filter(None, map(_flat, frame.signatures)), key=len, reverse=True)
    names = sorted(filter(None, map(_flat, _with_parts(frame.names))), key=len, reverse=True)
    trimmed = _without_greeting(flat, names)
    trimmed = _without_ending(trimmed, names, signatures)
    return _NO_SPACE.sub("", trimmed)


def _nearness(suggestion: str, sent: str, frame: Frame) -> tuple[int, float]:
    pairs = (
        (core(suggestion, frame), core(sent, frame)),
        # A composer makes real lists of lines with marks; where line breaks are lost, the marks are text.
        (core(_unmarked(suggestion), frame), core(_unmarked(sent), frame)),
        # Whole, because a text that was not touched must have distance 0 however its ends are read.
        (_NO_SPACE.sub("", _flat(suggestion)), _NO_SPACE.sub("", _flat(sent))),
    )
    distance, longest = min((Levenshtein.distance(a, b), max(len(a), len(b))) for a, b in pairs)
    return distance, 1.0 - distance / longest if longest else 0.0


def _verdict(distance: int, similarity: float) -> SentAs:
    if distance == 0 and similarity > 0:
        return SentAs.AS_IS
    return SentAs.EDITED if similarity >= EDITED_SIMILARITY else SentAs.SOMETHING_ELSE


_NO_SPACE = re.compile(r"\s+")
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*•‣◦–]|\d{1,3}[.)])[ \t]+(?=\S)", re.MULTILINE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛‹›′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
    }
)


def _flat(text: str) -> str:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text[:_MOST_CHARACTERS])).translate(_ALIKE)
    return _NO_SPACE.sub(" ", text).strip()


def _unmarked(text: str) -> str:
    return _LIST_MARK.sub("", text[:_MOST_CHARACTERS])


def _with_parts(names: Iterable[str]) -> set[str]:
    """Return the names and, of each, its first and last part: people are greeted by either."""
    found = set()
    for name in names:
        parts = name.split()
        found |= {name, *parts[:1], *parts[-1:]}
    return {name for name in found if len(name) > 1}


_GREETINGS = (
    "good morning|good afternoon|good evening|hello there|hi there|hey there|hello|hi|hey|dear|greetings|"
    "guten morgen|guten tag|guten abend|sehr geehrte damen und herren|sehr geehrter|sehr geehrte|"
    "liebe|lieber|hallo|moin|servus|grüß gott|"
    "bonjour|bonsoir|salut|cher|chère|madame, monsieur|"
    "buenos días|buenas tardes|buenas noches|buenas|hola|estimado|estimada|querido|querida|"
    "bom dia|boa tarde|boa noite|olá|oi|prezado|prezada|caro|cara"
)
_TITLE = r"(?i:mr|mrs|ms|mx|dr|prof|herr|frau|monsieur|madame|mme|m|señor|señora|sr|sra|senhor|senhora)\.?"
_NAME = r"[^\W\d_a-zß-öø-ÿ][\w'.-]*"
_ANYBODY = r"(?i:[^\W\d_][\w'-]*|sir or madam|an alle)"
_GREETING = re.compile(
    rf"(?i:{_GREETINGS})\b(?:(?: (?:{_TITLE}|{_NAME})){{0,4}}|(?: {_TITLE})? {_ANYBODY})"
    r"(?: ?[,!:;]+| -+(?= )|\.(?= |$)) ?"
)
_BARE_GREETING = re.compile(rf"(?i:{_GREETINGS})\b(?: {_TITLE})? ")
_PLAIN_GREETING = re.compile(
    r"(?i:good (?:morning|afternoon|evening)|hello there|hi there|hey there|hello|hi|hey|guten (?:morgen|tag|abend)|"
    r"hallo|moin|bonjour|bonsoir|buenos días|buenas tardes|hola|bom dia|boa tarde|olá) (?=[^a-zß-öø-ÿ])"
)
"""These open a reply even where neither a name nor a comma follows."""
_AFTER_NAME = re.compile(r"(?: ?[,!:;]+| -+(?= )) ?")


def _without_greeting(flat: str, names: Sequence[str]) -> str:
    while True:
        end = _greeting_end(flat, names)
        if end == 0 or end >= len(flat):
            return flat
        flat = flat[end:]


def _greeting_end(flat: str, names: Sequence[str]) -> int:
    if found := _GREETING.match(flat):
        return found.end()
    start = bare.end() if (bare := _BARE_GREETING.match(flat)) else 0
    for name in names:
        if flat[start : start + len(name)].casefold() == name.casefold():
            end = start + len(name)
            if rest := _AFTER_NAME.match(flat, end):
                return rest.end()
            if start and flat[end : end + 1] == " ":
                return end + 1
    return plain.end() if (plain := _PLAIN_GREETING.match(flat)) else 0


_CLEAR_SIGN_OFFS = (
    "(?:with )?(?:best|kind|kindest|warm|warmest|many)(?: regards| wishes)|all the best|regards|"
    "yours (?:sincerely|truly|faithfully)|sincerely(?: yours)?|have a (?:great|nice|lovely|good) (?:day|weekend)|"
    "mit (?:freundlichen|besten|herzlichen|lieben) (?:grüßen|gruessen)|"
    "(?:viele|beste|liebe|freundliche|herzliche|schöne) grüße|"
    "bien cordialement|cordialement|bien à vous|sincères salutations|"
    "un cordial saludo|saludos cordiales|un saludo|saludos|atentamente|"
    "com os melhores cumprimentos|melhores cumprimentos|cumprimentos|atenciosamente|abraços"
)
_SHORT_SIGN_OFFS = (
    "many thanks|thank you(?: so much)?|thanks(?: again)?|cheers|best|take care|"
    "vielen dank|danke(?: schön)?|lg|vg|mfg|merci(?: beaucoup)?|gracias|muchas gracias|obrigad[oa]"
)
_SIGN_OFF = re.compile(
    rf"(?:(?:^|(?<=\s))(?P<clear>{_CLEAR_SIGN_OFFS})|(?:^|(?<=[.!?:)\]] ))(?P<short>{_SHORT_SIGN_OFFS}))"
    r"(?P<stop> ?[,.!-]*)(?=\s|$)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"(?:^|(?<=\s))--(?=\s|$)")
_JOINING = frozenset(
    [
        "of",
        "the",
        "and",
        "&",
        "|",
        "·",
        "-",
        ",",
        "from",
        "at",
        "for",
        "der",
        "die",
        "das",
        "von",
        "und",
        "de",
        "la",
        "le",
        "du",
        "et",
        "y",
        "e",
        "do",
        "da",
    ]
)
_JOB = frozenset(
    [
        "customer",
        "care",
        "support",
        "service",
        "team",
        "help",
        "desk",
        "specialist",
        "agent",
        "advisor",
        "lead",
        "manager",
        "kundenservice",
    ]
)
_CONTACT = re.compile(r"@|www\.|https?:|^[+(]*\d|\.\w{2,4}$|^\W+$")
_MOST_SIGNATURE_WORDS = 16
_ENDING_CHARACTERS = 600
_MOST_CHARACTERS = 50_000
"""Longer texts are compared by their beginnings: the time grows with the product of the lengths."""


def _without_ending(flat: str, names: Sequence[str], signatures: Sequence[str]) -> str:
    while True:
        start = _ending_start(flat, names, signatures)
        rest = flat[:start].rstrip()
        if start == len(flat) or not rest:
            return flat
        flat = rest


def _ending_start(flat: str, names: Sequence[str], signatures: Sequence[str]) -> int:
    """Return where the last sign-off or signature begins, or the text's length where there is none."""
    for text in (*signatures, *names):
        start = len(flat) - len(text)
        if start > 0 and flat[start:].casefold() == text.casefold():
            before = flat[:start]
            if before[-1] in " ,-" and (text in signatures or _is_closed(before)):
                return start
    where_endings_are = max(0, len(flat) - _ENDING_CHARACTERS)
    for found in reversed(list(_SIGN_OFF.finditer(flat, where_endings_are))):
        tail = flat[found.end() :].split()
        if found["clear"] and _is_signature(tail, names):
            return found.start()
        if found["short"] and len(tail) <= 3 and _are_names(tail, names):
            return found.start()
    delimiters = [found.start() for found in _DELIMITER.finditer(flat, where_endings_are)]
    if delimiters and len(flat[delimiters[-1] :].split()) <= 2 * _MOST_SIGNATURE_WORDS:
        return delimiters[-1]
    return len(flat)


def _is_closed(before: str) -> bool:
    return before.rstrip()[-1:] in tuple(".!?,;:)]-")


def _is_signature(words: Sequence[str], names: Sequence[str]) -> bool:
    if len(words) > _MOST_SIGNATURE_WORDS:
        return False
    known = {part.casefold() for name in names for part in name.split()} | _JOINING | _JOB
    return all(word[:1].isupper() or word.strip(",.").casefold() in known or _CONTACT.search(word) for word in words)


def _are_names(words: Sequence[str], names: Sequence[str]) -> bool:
    known = {part.casefold() for name in names for part in name.split()}
    return all(word.strip(",.!").casefold() in known for word in words)
