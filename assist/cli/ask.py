"""``suggest``: what the panel would show for a ticket, as JSON or as text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assist.cli.brain import answering
from assist.cli.files import add_model_option, add_store_options, store_of, text_of, value_of
from assist.domain import Agent, Help, OpenTicket
from assist.rank.confidence import word
from assist.store.codec import dumps
from assist.suggest import Question


def add_to(commands: Any) -> None:
    suggest = commands.add_parser("suggest", help="print help for a ticket")
    add_store_options(suggest)
    add_model_option(suggest)
    suggest.add_argument(
        "--ticket", type=Path, required=True, metavar="JSON", help="an assist.domain.OpenTicket; - for standard input"
    )
    suggest.add_argument("--agent", default="", metavar="NAME", help="who answers, for placeholders of macros")
    suggest.add_argument("--text", action="store_true", help="print text for people instead of JSON")
    suggest.set_defaults(run=_suggest)


def _suggest(options: argparse.Namespace) -> None:
    opened = value_of(text_of(options.ticket), OpenTicket, where=str(options.ticket))
    with store_of(options) as store:
        answer = answering(store, plain=options.plain)
        dismissed = store.log.dismissed_sources(opened.ticket.ref)
        found = answer(Question(opened, Agent(id=0, name=options.agent), dismissed))
    sys.stdout.write("\n".join(_lines(found)) + "\n" if options.text else f"{dumps(found)}\n")


def _lines(found: Help) -> Iterator[str]:
    for alert in found.alerts:
        yield f"! {alert.title}: {alert.advice}"
        yield from (f"    “{evidence.quote}”" for evidence in alert.evidence if evidence.quote)
    for number, reply in enumerate(found.replies, 1):
        yield f"{number}. {reply.source.kind.value}: {reply.source.title} ({', '.join(reply.because)})"
        yield from (f"    {line}" for line in reply.text.split("\n"))
    if found.why_no_replies:
        yield found.why_no_replies
    for hit in found.articles:
        yield f"- {' › '.join(hit.heading_path)} ({word(hit.confidence)}) {hit.url}"
        yield f"    {hit.text[slice(*hit.highlight)]}"
    if found.why_no_articles:
        yield found.why_no_articles
