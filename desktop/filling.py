"""Lets the helpdesk itself fill a macro's placeholders that Kibitz could not fill."""

from __future__ import annotations

import asyncio
import logging

from assist.domain import SourceKind, Suggestion
from assist.errors import HelpdeskError
from assist.text.mail import without_signature
from assist.text.personal import slots
from desktop.desk import Desk

log = logging.getLogger(__name__)

FILL_S = 1.5
"""What an agent who presses "Use" waits at most for it."""


async def filled(reply: Suggestion, desk: Desk) -> str:
    """Return the text to use: of a macro with open slots as the helpdesk renders it for this ticket, else as shown.

    A macro without open slots stays as the agent has read it, and so does one of which the helpdesk fills no more.
    Where it cannot render, or takes longer than `FILL_S`, the slots stay open. Nothing is changed in the helpdesk.
    """
    kind, _, macro_id = reply.source.key.partition(":")
    seat = desk.get(reply.ref.account)
    is_macro = reply.source.kind is SourceKind.MACRO and kind == "macro" and macro_id.isdecimal()
    if seat is None or not is_macro or not reply.open_slots:
        return reply.text
    try:
        async with asyncio.timeout(FILL_S):
            rendered = await seat.helpdesk.rendered_macro(reply.ref.id, int(macro_id))
    except (HelpdeskError, TimeoutError) as error:
        log.info("a macro was used with open slots: %s", type(error).__name__)
        return reply.text
    # The helpdesk adds the signature to what is sent, as for the text on the card.
    text = without_signature(f"{rendered.text}\n") if rendered is not None else ""
    return text if text and len(slots(text)) < len(reply.open_slots) else reply.text
