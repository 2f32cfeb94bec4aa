"""Topics that stay with people: rules of phrases, in a file that an admin can edit. No rule depends on another."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from assist.context import Context
from assist.domain import Alert, AlertKind, Band, Evidence, Role, Trigger
from assist.errors import KibitzError
from assist.signals.phrases import (
    Phrase,
    PhraseError,
    PhraseIndex,
    Sentence,
    compile_phrases,
    excerpt,
    newest,
    sentence,
    spoken,
)
from resources import ROOT

DEFAULT_FILE = ROOT / "triggers.toml"
MAX_EVIDENCE = 3
MAX_WORDS_CHARS = 80
_REQUIRED = ("name", "title", "advice", "phrases")
_OPTIONAL = ("unless", "languages", "kind", "band")


class TriggerFileError(KibitzError):
    """A trigger file that cannot be used. The message says which file, which entry, and what to do."""


def load_triggers(path: Path = DEFAULT_FILE) -> tuple[Trigger, ...]:
    """Return the triggers of a file in its order; all or none, so that a typing error is not found out too late."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TriggerFileError(
            f"{path} cannot be read ({error.strerror}): check that it is there and readable."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TriggerFileError(
            f"{path} is not valid TOML in UTF-8: {error}. Correct that line and load it again."
        ) from error
    entries = raw.get("trigger")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise TriggerFileError(f"{path} holds no [[trigger]]: add one, or remove the file to use the shipped triggers.")
    triggers = tuple(_trigger(entry, f"{path}, trigger {number}") for number, entry in enumerate(entries, 1))
    names = [trigger.name for trigger in triggers]
    for name in names:
        if names.count(name) > 1:
            raise TriggerFileError(f"{path} has two triggers called {name!r}: give each its own name.")
    return triggers


def fired(context: Context, triggers: Iterable[Trigger]) -> tuple[Alert, ...]:
    """Return an alert for each trigger that the customer's own public words set off, with the sentences that did.

    The order of ``triggers`` does not matter: HIGH before RAISED, then by name. A sentence that holds an ``unless``
    phrase does not count for that trigger. A trigger with ``languages`` is asked only for tickets in those.
    """
    rules = tuple(triggers)
    index, unless = _compiled(rules)
    evidence: dict[int, list[Evidence]] = {}
    for said in _said(context):
        for number, found in _matching(said, index, unless):
            evidence.setdefault(number, []).append(found)
    alerts = [
        Alert(
            rule.kind, rule.title, rule.advice, tuple(evidence[number][:MAX_EVIDENCE]), band=rule.band, rule=rule.name
        )
        for number, rule in enumerate(rules)
        if number in evidence and (not rule.languages or context.language in rule.languages)
    ]
    return tuple(sorted(alerts, key=lambda alert: (alert.band is not Band.HIGH, alert.rule)))


def compile_phrases_of(triggers: Iterable[Trigger]) -> Iterator[None]:
    """Compile all phrases of ``triggers`` now, a step each, so that no ticket waits for it."""
    index, unless = _compiled(tuple(triggers))
    yield from index.compile()
    yield from PhraseIndex(unless).compile()


def _said(context: Context) -> Iterator[Sentence]:
    """The subject and all public sentences of customers, newest message first: an older threat still stands."""
    for turn in reversed(newest(context.customer_turns)):
        yield from spoken(turn.text, message_id=turn.message_id)
    first = context.turns[0] if context.turns else None
    if first is not None and first.role is Role.CUSTOMER and first.public and context.subject:
        yield sentence(context.subject, message_id=first.message_id)


def _matching(
    said: Sentence, index: PhraseIndex, unless: Sequence[tuple[Phrase, ...]]
) -> Iterator[tuple[int, Evidence]]:
    """Yield (number of the trigger, evidence) for each trigger that this sentence sets off, by its first phrase."""
    seen: set[int] = set()
    for number, _, match in index.matches(said):
        if number in seen:
            continue
        seen.add(number)
        if not any(exception.pattern.search(said.text) for exception in unless[number]):
            quote = excerpt(said.quote, *match.span())
            yield number, Evidence(quote, f"says “{_words(said.quote[slice(*match.span())])}”", said.message_id)


def _words(found: str) -> str:
    """Return the customer's words that set a rule off, on one line; of very long ones the beginning."""
    line = " ".join(found.split())
    return line if len(line) <= MAX_WORDS_CHARS else f"{line[:MAX_WORDS_CHARS]}…"


@lru_cache(maxsize=8)
def _compiled(triggers: tuple[Trigger, ...]) -> tuple[PhraseIndex, tuple[tuple[Phrase, ...], ...]]:
    return (
        PhraseIndex([compile_phrases(trigger.phrases) for trigger in triggers]),
        tuple(compile_phrases(trigger.unless) for trigger in triggers),
    )


def _trigger(entry: Mapping[str, Any], where: str) -> Trigger:
    name = entry.get("name")
    where = f"{where} ({name})" if isinstance(name, str) else where
    if missing := [key for key in _REQUIRED if not entry.get(key)]:
        raise TriggerFileError(f"{where} has no {missing[0]}: add it.")
    if unknown := sorted(set(entry) - {*_REQUIRED, *_OPTIONAL}):
        raise TriggerFileError(
            f"{where} has an unknown field {unknown[0]!r}: known are {', '.join((*_REQUIRED, *_OPTIONAL))}."
        )
    for key in ("name", "title", "advice"):
        if not isinstance(entry[key], str):
            raise TriggerFileError(f"{where}: {key} must be a text in quotes.")
    try:
        return Trigger(
            name=entry["name"],
            title=entry["title"],
            advice=entry["advice"],
            phrases=_texts(entry, "phrases", where),
            unless=_texts(entry, "unless", where),
            languages=_texts(entry, "languages", where),
            kind=AlertKind(entry.get("kind", AlertKind.ESCALATION)),
            band=Band(entry.get("band", Band.RAISED)),
        )
    except ValueError as error:
        raise TriggerFileError(f"{where}: {error}. Correct it and load the file again.") from error


def _texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise TriggerFileError(f'{where}: {key} must be a list of texts, such as {key} = ["one", "two"].')
    if key != "languages":
        try:
            compile_phrases(values)
        except PhraseError as error:
            raise TriggerFileError(f"{where}: {error}. Correct it and load the file again.") from error
    return tuple(values)
