"""Changing a Freshdesk ticket, as `assist.acts.Actor`. The ticket is read again right before each change.

That leaves the moment between that read and the change, which Freshdesk offers nothing against
(docs/adr/0018-acting.md).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import html_text

from assist.acts import Act, ActKind, Change, Done, Preview, RenderedMacro
from assist.domain import Agent, TicketStatus
from assist.errors import Moved, NotAllowed, NotThere
from integrations.connection import Connection, both
from integrations.freshdesk import acting_wire as acts
from integrations.freshdesk import raw
from integrations.freshdesk.conversation import Conversations
from integrations.metering import spent_on
from integrations.reading import UNKNOWN_TIME, mapping, moment, text, texts, whole
from integrations.window import Purpose
from integrations.written import as_html, same_words, without

STATUSES = tuple(acts.CODES)

Render = Callable[[int, int], Awaitable[RenderedMacro | None]]
"""Takes the ids of a ticket and of a canned response."""


class FreshdeskActor:
    """Changes tickets as the agent whose key it is."""

    statuses: tuple[TicketStatus, ...] = STATUSES

    def __init__(
        self,
        connection: Connection,
        conversations: Conversations,
        *,
        me: Callable[[], Awaitable[Agent]],
        names: Callable[[], Awaitable[raw.Names]],
        render: Render,
    ) -> None:
        """``me`` tells who signed in; it is asked once, and only to find what was sent."""
        self._connection = connection
        self._site = connection.site
        self._conversations = conversations
        self._ask_me = me
        self._me: int | None = None
        self._names = names
        self._render = render

    async def preview(self, act: Act) -> Preview:
        with spent_on(Purpose.ACTING):
            return await self._preview(act)

    async def _preview(self, act: Act) -> Preview:
        ticket, last = await self._look(act)
        stamp: dict[str, Any] = {"updated": ticket.stamp, "last": last}
        match act.kind:
            case ActKind.REPLY:
                return _reply_preview(act, ticket, stamp)
            case ActKind.NOTE:
                return Preview(act, (Change("internal note", "", act.text),), public=False, stamp=_dumped(stamp))
            case ActKind.STATUS:
                return _status_preview(act, ticket, stamp, await self._names())
            case ActKind.TAGS:
                return _tags_preview(act, ticket, stamp)
            case ActKind.MACRO:
                return _reply_preview(await self._filled(act), ticket, stamp)

    async def perform(self, preview: Preview) -> Done:
        with spent_on(Purpose.ACTING):
            return await self._perform(preview)

    async def _perform(self, preview: Preview) -> Done:
        act, stamp = preview.act, _loaded(preview.stamp)
        ticket, last = await self._look(act)
        _refuse_if_moved(stamp, ticket, last)
        html = as_html(act.html, act.text)
        match act.kind:
            case ActKind.REPLY | ActKind.MACRO:
                if ticket.is_chat:
                    raise NotAllowed(_CHAT)
                request = acts.reply_request(self._site, ticket, html)
                return self._written(act, await self._connection.change(request, acts.read_written))
            case ActKind.NOTE:
                request = acts.note_request(self._site, ticket.id, html)
                return self._written(act, await self._connection.change(request, acts.read_written))
            case ActKind.STATUS | ActKind.TAGS:
                request = acts.update_request(self._site, ticket.id, _change(act, ticket))
                after = await self._connection.change(request, acts.read_change)
                return self._changed(act, stamp, after, can_undo=preview.can_undo)

    async def find(self, preview: Preview) -> Done | None:
        with spent_on(Purpose.ACTING):
            return await self._find(preview)

    async def _find(self, preview: Preview) -> Done | None:
        act, stamp = preview.act, _loaded(preview.stamp)
        if act.kind in {ActKind.REPLY, ActKind.NOTE, ActKind.MACRO}:
            return await self._find_entry(act, stamp)
        ticket, _ = await self._look(act)
        if act.kind is ActKind.STATUS:
            there = act.status is not None and ticket.status == acts.CODES.get(act.status)
        else:
            there = set(act.add_tags) <= set(ticket.tags) and not set(act.remove_tags) & set(ticket.tags)
        return self._changed(act, stamp, ticket.stamp, can_undo=preview.can_undo) if there else None

    async def undo(self, done: Done) -> None:
        with spent_on(Purpose.ACTING):
            await self._undo(done)

    async def _undo(self, done: Done) -> None:
        back = _loaded(done.undo)
        if not back:
            raise NotAllowed("Freshdesk cannot take this back.")
        ticket, last = await self._look(done.act)
        _refuse_if_moved(back, ticket, last)
        if (status := whole(back.get("status"))) is not None:
            change: dict[str, Any] = {"status": status}
        else:
            change = {"tags": [*without(ticket.tags, texts(back.get("remove"))), *texts(back.get("add"))]}
        await self._connection.change(acts.update_request(self._site, ticket.id, change), acts.read_change)

    async def _look(self, act: Act) -> tuple[acts.ActTicket, int]:
        """Read the ticket and the id of its newest entry."""
        if act.ref.account != self._site.account:
            raise NotThere("this ticket belongs to another account")
        request = acts.ticket_request(self._site, act.ref.id)
        ticket, entries = await both(
            self._connection.call(request, acts.read_ticket),
            self._conversations.since(act.ref.id, self._connection.clock.now()),
        )
        return ticket, max((entry.id for entry in entries), default=0)

    async def _find_entry(self, act: Act, stamp: Mapping[str, Any]) -> Done | None:
        """Look for an entry that was not there at the preview, of this agent, and with these words."""
        since, last, me = moment(stamp.get("updated")) or UNKNOWN_TIME, whole(stamp.get("last")) or 0, await self._id()
        wanted, private = as_html(act.html, act.text), act.kind is ActKind.NOTE
        for entry in await self._conversations.since(act.ref.id, since):
            fresh = entry.id > last and (entry.created_at is None or entry.created_at >= since)
            mine = entry.user_id == me and not entry.incoming and entry.private is private
            if fresh and mine and same_words(wanted, entry.html or entry.text):
                at = entry.created_at or self._connection.clock.now()
                return Done(act, at, message_id=entry.id, public=not entry.private)
        return None

    async def _filled(self, act: Act) -> Act:
        """Return a macro with the text that it would write, unless the agent wrote one."""
        if act.text or act.macro_id is None:
            return act
        rendered = await self._render(act.ref.id, act.macro_id)
        if rendered is None:
            request = acts.response_request(self._site, act.macro_id)
            found = await self._connection.call(request, acts.read_response)
            rendered = RenderedMacro(found.text or html_text.extract_text(found.html or ""))
        return replace(act, text=rendered.text, html=rendered.html)

    async def _id(self) -> int:
        if self._me is None:
            self._me = (await self._ask_me()).id
        return self._me

    def _written(self, act: Act, written: acts.Written) -> Done:
        at = written.at or self._connection.clock.now()
        return Done(act, at, message_id=written.id, public=written.public)

    def _changed(self, act: Act, stamp: Mapping[str, Any], after: str, *, can_undo: bool) -> Done:
        undo = ""
        if can_undo and after:
            was: dict[str, Any] = {"updated": after, "last": stamp.get("last")}
            if act.kind is ActKind.STATUS:
                was["status"] = stamp.get("was")
            else:
                was |= {"remove": list(act.add_tags), "add": list(act.remove_tags)}
            undo = _dumped(was)
        return Done(act, moment(after) or self._connection.clock.now(), undo=undo)


_CHAT = "This customer is in a chat, which a mail would not reach. Answer it in Freshdesk."


def _reply_preview(act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any]) -> Preview:
    if ticket.is_chat:
        raise NotAllowed(_CHAT)
    recipients = tuple(one for one in (ticket.requester, *ticket.copies) if one)
    changes = (Change("public reply", "", act.text),)
    return Preview(act, changes, public=True, recipients=recipients, stamp=_dumped(stamp))


def _status_preview(act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any], names: raw.Names) -> Preview:
    if act.status not in acts.CODES:
        raise NotAllowed("Kibitz sets no such status.")
    code = acts.CODES[act.status]
    before, after = acts.status_word(ticket.status, names), names.statuses.get(code, act.status.value)
    changes = () if code == ticket.status else (Change("status", before, after),)
    whole_stamp = _dumped({**stamp, "was": ticket.status})
    return Preview(act, changes, public=False, stamp=whole_stamp, can_undo=bool(changes) and ticket.status is not None)


def _tags_preview(act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any]) -> Preview:
    add, remove = without(act.add_tags, ticket.tags), tuple(tag for tag in act.remove_tags if tag in ticket.tags)
    after = (*without(ticket.tags, remove), *add)
    changes = (Change("tags", ", ".join(ticket.tags), ", ".join(after)),) if add or remove else ()
    filled = replace(act, add_tags=add, remove_tags=remove)
    return Preview(filled, changes, public=False, stamp=_dumped(stamp), can_undo=bool(changes))


def _change(act: Act, ticket: acts.ActTicket) -> dict[str, Any]:
    if act.kind is ActKind.STATUS:
        return {"status": acts.CODES[act.status or TicketStatus.OPEN]}
    return {"tags": [*without(ticket.tags, act.remove_tags), *without(act.add_tags, ticket.tags)]}


def _refuse_if_moved(stamp: Mapping[str, Any], ticket: acts.ActTicket, last: int) -> None:
    if ticket.stamp != text(stamp.get("updated")) or last != (whole(stamp.get("last")) or 0):
        raise Moved("The ticket changed while you were writing. Look at it, then try again.")


def _dumped(values: Mapping[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _loaded(stamp: str) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(stamp or "{}"))
    except ValueError:
        return {}
