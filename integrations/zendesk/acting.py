"""Changing a Zendesk ticket, as `assist.acts.Actor`: one update for each act, refused if the ticket has moved on."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from assist.acts import Act, ActKind, Change, Done, Preview
from assist.domain import Agent, TicketStatus
from assist.errors import NotAllowed, NotThere
from integrations.connection import Connection
from integrations.http import Request, Response
from integrations.metering import spent_on
from integrations.reading import mapping, moment, text, texts, whole
from integrations.window import Purpose
from integrations.written import as_html, same_words, without
from integrations.zendesk import acting_wire as acts
from integrations.zendesk import wire
from integrations.zendesk.oauth_wire import ACTING_SCOPES, missing
from integrations.zendesk.recent import RecentViews

log = logging.getLogger(__name__)

UPDATES_AT_MOST = 30
UPDATES_WITHIN_S = 600.0
"""Zendesk takes so many updates of one ticket by one user; one more would make the whole account wait."""
KNOWN_COMMENTS = 10
"""The newest comments that a preview remembers, so that an older one is never taken for what was sent."""

STATUSES = (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.HOLD, TicketStatus.SOLVED)
_MESSAGING = "This is a messaging conversation. Answer it in Zendesk, where the customer is."
_TEXTS = frozenset({ActKind.REPLY, ActKind.NOTE})


class ZendeskActor:
    """Changes tickets as the signed-in agent."""

    statuses: tuple[TicketStatus, ...] = STATUSES

    def __init__(
        self,
        connection: Connection,
        recent: RecentViews,
        me: Callable[[], Awaitable[Agent]],
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``me`` tells who signed in; it is asked once, and only to find what was sent."""
        self._connection = connection
        self._site = connection.site
        self._recent = recent
        self._ask_me = me
        self._me: int | None = None
        self._clock_s = clock_s
        self._updates: dict[int, deque[float]] = {}

    async def preview(self, act: Act) -> Preview:
        with spent_on(Purpose.ACTING):
            return await self._preview(act)

    async def _preview(self, act: Act) -> Preview:
        _refuse_readers(self._connection.authorizer.scopes)
        ticket = await self._ticket(act)
        _refuse_what_cannot_be(act, ticket)
        known = await self._known(ticket.id)
        stamp: dict[str, Any] = {"updated": ticket.stamp, "known": known}
        match act.kind:
            case ActKind.REPLY | ActKind.NOTE:
                return await self._text_preview(act, ticket, stamp, public=act.kind is ActKind.REPLY)
            case ActKind.STATUS:
                return _status_preview(act, ticket, stamp)
            case ActKind.TAGS:
                return _tags_preview(act, ticket, stamp)
            case ActKind.MACRO:
                return await self._macro_preview(act, ticket, stamp)

    async def perform(self, preview: Preview) -> Done:
        with spent_on(Purpose.ACTING):
            return await self._perform(preview)

    async def _perform(self, preview: Preview) -> Done:
        act, stamp = preview.act, _loaded(preview.stamp)
        if act.ref.account != self._site.account:
            raise NotThere("this ticket belongs to another account")
        self._count(act.ref.id)
        updated = text(stamp.get("updated"))
        if _is_one_way(act):
            tags, remove = act.add_tags or act.remove_tags, not act.add_tags
            request = acts.tags_request(self._site, act.ref.id, tags, remove=remove, stamp=updated)
            await self._change(request, acts.read_tags)
            return Done(act, self._connection.clock.now(), undo=_dumped(_tags_back(act)))
        request = acts.update_request(self._site, act.ref.id, _body(preview, stamp), updated)
        changed = await self._change(request, acts.read_change)
        back = _back(act, stamp)
        return Done(
            act,
            changed.at or self._connection.clock.now(),
            message_id=changed.comment_id,
            undo=_dumped({**back, "updated": changed.stamp}) if back and preview.can_undo else "",
            public=changed.public,
        )

    async def find(self, preview: Preview) -> Done | None:
        with spent_on(Purpose.ACTING):
            return await self._find(preview)

    async def _find(self, preview: Preview) -> Done | None:
        act, stamp = preview.act, _loaded(preview.stamp)
        if act.kind in _TEXTS or act.text:
            return await self._find_comment(preview, stamp)
        ticket = await self._ticket(act)
        if not _is_as_wanted(act, stamp, ticket):
            return None
        back = _tags_back(act) if _is_one_way(act) else _back(act, stamp)
        undo = _dumped({**back, "updated": ticket.stamp}) if back and preview.can_undo else ""
        return Done(act, moment(ticket.stamp) or self._connection.clock.now(), undo=undo)

    async def undo(self, done: Done) -> None:
        with spent_on(Purpose.ACTING):
            await self._undo(done)

    async def _undo(self, done: Done) -> None:
        back = _loaded(done.undo)
        if not back:
            raise NotAllowed("Zendesk cannot take this back.")
        ticket_id = done.act.ref.id
        self._count(ticket_id)
        if (add := texts(back.get("add"))) and not back.get("change"):
            await self._change(acts.tags_request(self._site, ticket_id, add, remove=False), acts.read_tags)
        elif (remove := texts(back.get("remove"))) and not back.get("change"):
            await self._change(acts.tags_request(self._site, ticket_id, remove, remove=True), acts.read_tags)
        else:
            change, updated = mapping(back.get("change")), text(back.get("updated"))
            await self._change(acts.update_request(self._site, ticket_id, change, updated), acts.read_change)

    # --- previews

    async def _text_preview(
        self, act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any], *, public: bool
    ) -> Preview:
        if public and ticket.messaging:
            raise NotAllowed(_MESSAGING)
        what = "public reply" if public else "internal note"
        recipients = await self._recipients(ticket) if public else ()
        return Preview(act, (Change(what, "", act.text),), public, recipients, _dumped(stamp))

    async def _macro_preview(self, act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any]) -> Preview:
        request = acts.macro_request(self._site, ticket.id, act.macro_id or 0)
        macro = await self._connection.call(request, lambda response: acts.read_macro(response, ticket))
        if macro.fields.get("status") == TicketStatus.CLOSED.value:
            raise NotAllowed("This macro closes the ticket for good. Apply it in Zendesk.")
        filled = replace(act, text=act.text or macro.text, html=act.html or ("" if act.text else macro.html))
        public = bool(filled.text) and macro.public is not False
        if public and ticket.messaging:
            raise NotAllowed(_MESSAGING)
        changes = [Change("public reply" if public else "internal note", "", filled.text)] if filled.text else []
        changes += _field_changes(macro, ticket)
        whole_stamp = {
            **stamp,
            "public": public,
            "fields": dict(macro.fields),
            "custom": {str(id_): value for id_, value in macro.custom.items()},
            "was": {key: ticket.fields.get(key) for key in macro.fields},
            "custom_was": {str(id_): ticket.custom.get(id_) for id_ in macro.custom},
        }
        if set(macro.tags) != set(ticket.tags):
            whole_stamp |= {"tags": list(macro.tags), "tags_was": list(ticket.tags)}
        return Preview(
            filled,
            tuple(changes),
            public,
            await self._recipients(ticket) if public else (),
            _dumped(whole_stamp),
            can_undo=bool(changes) and not filled.text and ticket.status != TicketStatus.NEW.value,
        )

    async def _recipients(self, ticket: acts.ActTicket) -> tuple[str, ...]:
        """Name the requester and the people in copy; whom Zendesk does not name with the ticket is asked for."""
        names = dict(ticket.names)
        missing = tuple(id_ for id_ in ticket.people if id_ not in names)
        if missing:
            names |= await self._connection.call(acts.people_request(self._site, missing), acts.read_people)
        return tuple(names.get(id_, f"#{id_}") for id_ in ticket.people)

    # --- asking and changing

    async def _ticket(self, act: Act) -> acts.ActTicket:
        if act.ref.account != self._site.account:
            raise NotThere("this ticket belongs to another account")
        self._recent.note_own_read(act.ref.id, self._connection.clock.now())
        return await self._connection.call(acts.ticket_request(self._site, act.ref.id), acts.read_ticket)

    async def _known(self, ticket_id: int) -> list[int]:
        request = acts.newest_request(self._site, ticket_id, KNOWN_COMMENTS)
        page = await self._connection.call(request, wire.read_comments)
        return [comment.id for comment in page.comments]

    async def _change(self, request: Request, read: Callable[[Response], Any]) -> Any:
        def reading(response: Response) -> Any:
            if dropped := acts.dropped_keys(response):
                log.warning("Zendesk did not take these keys: %s", ", ".join(dropped))
            return read(response)

        return await self._connection.change(request, reading)

    async def _find_comment(self, preview: Preview, stamp: Mapping[str, Any]) -> Done | None:
        """Look for a comment that was not there at the preview, of this agent, and with these words."""
        act, me = preview.act, await self._agent_id()
        known = {id_ for one in stamp.get("known") or () if (id_ := whole(one)) is not None}
        since = moment(stamp.get("updated"))
        wanted = as_html(act.html, act.text)
        cursor: str | None = None
        while True:
            page = await self._connection.call(
                wire.comments_request(self._site, act.ref.id, cursor=cursor), wire.read_comments
            )
            for comment in page.comments:
                is_new = comment.id not in known and (
                    since is None or not comment.created_at or comment.created_at >= since
                )
                if is_new and comment.author_id == me and same_words(wanted, comment.html or comment.text):
                    at = comment.created_at or self._connection.clock.now()
                    return Done(act, at, message_id=comment.id, public=comment.public)
            reached = any(
                one.id in known or (since and one.created_at and one.created_at < since) for one in page.comments
            )
            cursor = page.next_cursor
            if cursor is None or reached:
                return None

    async def _agent_id(self) -> int:
        if self._me is None:
            self._me = (await self._ask_me()).id
        return self._me

    def _count(self, ticket_id: int) -> None:
        """Keep below Zendesk's bound for one ticket, so that it never has to say so to the whole account."""
        now_s = self._clock_s()
        times = self._updates.setdefault(ticket_id, deque())
        while times and now_s - times[0] >= UPDATES_WITHIN_S:
            times.popleft()
        if len(times) >= UPDATES_AT_MOST:
            raise NotAllowed("Zendesk takes 30 changes of one ticket in ten minutes. Wait a little, then try again.")
        times.append(now_s)
        if len(self._updates) > 200:
            self._updates.pop(next(iter(self._updates)))


def _refuse_readers(scopes: tuple[str, ...] | None) -> None:
    """Raise `NotAllowed` where the sign-in is from before the admin allowed acting."""
    if scopes is not None and missing(ACTING_SCOPES, scopes):
        raise NotAllowed("You signed in for reading only. Sign in again, and Zendesk asks you for the rest.")


def _refuse_what_cannot_be(act: Act, ticket: acts.ActTicket) -> None:
    if ticket.status == TicketStatus.CLOSED.value:
        raise NotAllowed("This ticket is closed, so nothing can be changed any more. Start a follow-up in Zendesk.")
    if act.kind is ActKind.STATUS and act.status not in STATUSES:
        raise NotAllowed("Kibitz sets no such status: closing cannot be taken back.")


def _status_preview(act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any]) -> Preview:
    wanted = act.status.value if act.status is not None else ""
    changes = () if wanted == ticket.status else (Change("status", ticket.status, wanted),)
    was = {key: ticket.fields.get(key) for key in ("status", "custom_status_id")}
    # Nothing becomes new again, so that is not offered as an undo.
    can_undo = bool(changes) and ticket.status != TicketStatus.NEW.value
    return Preview(act, changes, public=False, stamp=_dumped({**stamp, "was": was}), can_undo=can_undo)


def _tags_preview(act: Act, ticket: acts.ActTicket, stamp: Mapping[str, Any]) -> Preview:
    add, remove = without(act.add_tags, ticket.tags), tuple(tag for tag in act.remove_tags if tag in ticket.tags)
    after = (*without(ticket.tags, remove), *add)
    changes = (Change("tags", " ".join(ticket.tags), " ".join(after)),) if add or remove else ()
    whole_stamp = _dumped({**stamp, "tags": list(after), "tags_was": list(ticket.tags)})
    filled = replace(act, add_tags=add, remove_tags=remove)
    return Preview(filled, changes, public=False, stamp=whole_stamp, can_undo=bool(changes))


def _field_changes(macro: acts.MacroChange, ticket: acts.ActTicket) -> list[Change]:
    shown = acts.rendered(macro, ticket)
    found = []
    if shown.status is not None:
        found.append(Change("status", ticket.status, shown.status.value))
    if shown.tags is not None:
        found.append(Change("tags", " ".join(ticket.tags), " ".join(shown.tags)))
    return found + [Change(label, "", value) for label, value in shown.changes.items()]


def _body(preview: Preview, stamp: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one update holds. A comment always says whether it is public."""
    act = preview.act
    if act.kind in _TEXTS:
        return {"comment": acts.comment(as_html(act.html, act.text), public=act.kind is ActKind.REPLY)}
    if act.kind is ActKind.STATUS:
        return {"status": act.status.value if act.status is not None else ""}
    change: dict[str, Any] = dict(mapping(stamp.get("fields")))
    if isinstance(tags := stamp.get("tags"), list):
        change["tags"] = tags
    if custom := mapping(stamp.get("custom")):
        change["custom_fields"] = [{"id": int(id_), "value": value} for id_, value in custom.items()]
    if act.text:
        change["comment"] = acts.comment(as_html(act.html, act.text), public=stamp.get("public") is True)
    return change


def _back(act: Act, stamp: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an undo writes; empty where a text was written, which nothing takes back."""
    if act.text:
        return {}
    was = {key: value for key, value in mapping(stamp.get("was")).items() if value is not None}
    if isinstance(tags := stamp.get("tags_was"), list):
        was["tags"] = tags
    if custom := mapping(stamp.get("custom_was")):
        was["custom_fields"] = [{"id": int(id_), "value": value} for id_, value in custom.items()]
    return {"change": was} if was else {}


def _is_one_way(act: Act) -> bool:
    """Tell whether tags are only added or only removed, for which Zendesk has an address that leaves others alone."""
    return act.kind is ActKind.TAGS and not (act.add_tags and act.remove_tags)


def _tags_back(act: Act) -> dict[str, Any]:
    return {"remove": list(act.add_tags)} if act.add_tags else {"add": list(act.remove_tags)}


def _is_as_wanted(act: Act, stamp: Mapping[str, Any], ticket: acts.ActTicket) -> bool:
    match act.kind:
        case ActKind.STATUS:
            return act.status is not None and ticket.status == act.status.value
        case ActKind.TAGS:
            return set(act.add_tags) <= set(ticket.tags) and not set(act.remove_tags) & set(ticket.tags)
        case _:
            fields = mapping(stamp.get("fields"))
            tags = stamp.get("tags")
            same = all(ticket.fields.get(key) == value for key, value in fields.items())
            return same and (not isinstance(tags, list) or set(tags) == set(ticket.tags))


def _dumped(values: Mapping[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":")) if values else ""


def _loaded(stamp: str) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(stamp or "{}"))
    except ValueError:
        return {}
