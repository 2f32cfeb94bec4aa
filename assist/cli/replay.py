"""``replay``: ask today's code what it would have shown, and compare that with what was shown and used.

Only tickets that are still in the cache can be asked again, as they were when the suggestions were shown. What was
used then is compared by its source, because texts change with every version.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from assist.cli.brain import Answer, answering
from assist.cli.files import BadInput, add_model_option, add_store_options, store_of
from assist.domain import AccountId, Agent, Decision, EventKind, Help, OpenTicket, Shown, TicketRef
from assist.store.events import EventFilter
from assist.store.store import Store
from assist.suggest import Question

TAKEN = frozenset({EventKind.USED, EventKind.EDITED})


@dataclass(frozen=True, slots=True)
class Replayed:
    """One logged suggestion. Ranks count from 1; ``rank_now`` is None where it does not come again."""

    ticket: str
    list_name: str
    source: str
    decision: str
    rank_then: int
    rank_now: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean reciprocal ranks are over what was used or edited; what does not come again counts 0."""

    shown: int
    not_cached: int
    again: int
    taken: int
    mrr_then: float
    mrr_now: float


def add_to(commands: Any) -> None:
    replay = commands.add_parser("replay", help="ask again for logged suggestions with today's code")
    add_store_options(replay)
    add_model_option(replay)
    replay.add_argument("--out", type=Path, metavar="JSONL", help="write one line for each logged suggestion")
    replay.set_defaults(run=_replay)


def _replay(options: argparse.Namespace) -> None:
    with store_of(options) as store:
        shown = _shown(store)
        if not shown:
            raise BadInput("the log holds no suggestions yet")
        replayed = list(replay(store, shown, answering(store, plain=options.plain)))
    if options.out:
        options.out.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in replayed), encoding="utf-8")
    sys.stdout.write(_report(summary(replayed, shown=len(shown))))


def replay(store: Store, shown: Sequence[Shown], answer: Answer) -> Iterator[Replayed]:
    """Yield what became of each of ``shown`` whose ticket is cached, by ticket, then by the time of its set."""
    for (account, ticket_id, at), together in groupby(sorted(shown, key=_set), key=_set):
        ref = TicketRef(account, ticket_id)
        cached = store.tickets.get(ref, now=datetime.now(UTC))
        if cached is None:
            continue
        now = _sources(answer(Question(_as_of(cached.open_ticket, at), _NOBODY, _dismissed(store, ref, before=at))))
        for event in together:
            ranked = now[event.list_name]
            key = event.source.key
            yield Replayed(
                ticket=str(ref),
                list_name=event.list_name,
                source=key,
                decision=_decision(store, event),
                rank_then=event.rank,
                rank_now=ranked.index(key) + 1 if key in ranked else None,
            )


def summary(replayed: Sequence[Replayed], *, shown: int) -> Summary:
    """Sum up; ``shown`` is how many suggestions the log holds, with those that could not be asked again."""
    taken = [one for one in replayed if one.decision in TAKEN]
    return Summary(
        shown=shown,
        not_cached=shown - len(replayed),
        again=sum(one.rank_now is not None for one in replayed),
        taken=len(taken),
        mrr_then=_mean(1 / one.rank_then for one in taken),
        mrr_now=_mean(1 / one.rank_now if one.rank_now else 0.0 for one in taken),
    )


_NOBODY = Agent(id=0, name="")


def _shown(store: Store) -> list[Shown]:
    logged = store.log.iterate(EventFilter(kinds=frozenset({EventKind.SHOWN})))
    return [one.event for one in logged if isinstance(one.event, Shown)]


def _set(event: Shown) -> tuple[AccountId, int, datetime]:
    return event.ref.account, event.ref.id, event.at


def _as_of(opened: OpenTicket, at: datetime) -> OpenTicket:
    return replace(opened, messages=tuple(message for message in opened.messages if message.created_at <= at))


def _dismissed(store: Store, ref: TicketRef, *, before: datetime) -> frozenset[str]:
    sources = {event.suggestion_id: event.source.key for event in store.log.shown_on(ref, before=before)}
    wanted = EventFilter(ref=ref, until=before, kinds=frozenset({EventKind.DISMISSED, EventKind.UNDISMISSED}))
    barred: set[str] = set()
    for logged in store.log.iterate(wanted):
        if isinstance(logged.event, Decision) and (key := sources.get(logged.event.suggestion_id)):
            (barred.add if logged.event.kind is EventKind.DISMISSED else barred.discard)(key)
    return frozenset(barred)


def _sources(found: Help) -> dict[str, list[str]]:
    return {
        "replies": [reply.source.key for reply in found.replies],
        "articles": [f"article:{hit.article_id}:{hit.locale}" for hit in found.articles],
    }


def _decision(store: Store, event: Shown) -> str:
    standing = store.log.standing(event.suggestion_id)
    return standing.kind.value if standing is not None else ""


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else 0.0


def _report(found: Summary) -> str:
    asked = found.shown - found.not_cached
    lines = [
        f"{found.shown} logged suggestions; {found.not_cached} of tickets that are not cached any more",
        f"{found.again} of {asked} come again",
        f"{found.taken} were used; mean reciprocal rank {found.mrr_then:.3f} then, {found.mrr_now:.3f} now",
    ]
    return "\n".join(lines) + "\n"
