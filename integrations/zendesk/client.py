"""A Zendesk account as `assist.ports.Helpdesk`. The only place of this package that waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from assist.domain import (
    Agent,
    Article,
    Customer,
    HelpdeskKind,
    Macro,
    Message,
    OpenTicket,
    SolvedTicket,
    Ticket,
    TicketRef,
)
from assist.errors import NotThere
from assist.ports import Batch, Quota
from integrations.connection import Connection, both, or_else
from integrations.http import Request
from integrations.zendesk import mapping, raw, sync, wire
from integrations.zendesk.oauth import revoke
from integrations.zendesk.recent import RecentViews

MESSAGES_AT_MOST = 300
"""The newest of a long ticket; its first message comes on top."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Comments as they were read; ``truncated`` says that older ones were left out."""

    comments: tuple[raw.RawComment, ...]
    users: Mapping[int, raw.RawUser]
    truncated: bool


class ZendeskHelpdesk:
    """Reads one Zendesk account as the signed-in agent."""

    kind = HelpdeskKind.ZENDESK

    def __init__(self, connection: Connection) -> None:
        self.account = connection.site.account
        self._connection = connection
        self._site = connection.site
        self._recent = RecentViews()
        self._statuses: Mapping[int, str] | None = None

    async def me(self) -> Agent:
        """Return the signed-in agent; an anonymous answer, which Zendesk gives with status 200, is none."""
        request = wire.me_request(self._site)
        return mapping.agent(await self._connection.call(request, wire.read_me, checks_credentials=True))

    async def open_ticket(self, ticket_id: int) -> OpenTicket:
        """Read the ticket and its conversation side by side, then the requester's history.

        Only this ticket is read by id, because that moves the agent's list of recent views.
        """
        self._recent.note_own_read(ticket_id, self._connection.clock.now())
        request = wire.ticket_request(self._site, ticket_id)
        reply, conversation = await both(self._connection.call(request, wire.read_ticket), self._comments(ticket_id))
        users = {**reply.users, **conversation.users}
        statuses, (history, customer) = await self._around(reply, users)
        messages = mapping.messages(conversation.comments, users, reply.ticket.requester_id)
        if conversation.truncated:
            first = await or_else((), self._first_message(reply, users), what="its first message")
            messages = (*(first or (mapping.description_message(reply.ticket, users),)), *messages)
        elif not messages and reply.ticket.description:
            messages = (mapping.description_message(reply.ticket, users),)
        return OpenTicket(
            ticket=mapping.ticket_of(self._site, reply, statuses),
            messages=messages,
            customer=customer,
            history=history,
            fetched_at=self._connection.clock.now(),
            truncated=conversation.truncated,
        )

    async def replies_since(self, ref: TicketRef, after: datetime) -> tuple[Message, ...]:
        """Read the newest comments back to ``after``. Notes are among them, with ``public`` False."""
        if ref.account != self.account:
            raise NotThere("this ticket belongs to another account")
        self._recent.note_own_look(ref.id, self._connection.clock.now())
        found = await self._comments(ref.id, after=after)
        messages = mapping.messages(found.comments, found.users, None)
        return tuple(message for message in messages if message.created_at > after)

    async def recently_viewed(self) -> int | None:
        """Poll ``tickets/recent``; `integrations.zendesk.recent` says how own reads are told apart."""
        page = await self._connection.call(wire.recent_request(self._site), wire.read_tickets)
        order = [ticket.id for ticket in page.tickets]
        return self._recent.viewed(order, self._connection.clock.now())

    def articles(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Article]]:
        """See `integrations.zendesk.sync.articles`: drafts come as drafts, and once as gone."""
        return sync.articles(self._connection, checkpoint)

    def macros(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Macro]]:
        return sync.macros(self._connection, checkpoint)

    def solved_tickets(
        self, checkpoint: str | None = None, *, limit: int = 2_000
    ) -> AsyncIterator[Batch[SolvedTicket]]:
        return sync.solved_tickets(self._connection, self._recent, checkpoint, limit=limit)

    def ticket_url(self, ticket_id: int) -> str:
        return self._site.ticket_url(ticket_id)

    def ticket_id_in(self, address: str) -> int | None:
        return self._site.ticket_id_in(address)

    @property
    def quota(self) -> Quota | None:
        return self._connection.budget.quota

    async def revoke(self) -> None:
        """End the sign-in at Zendesk, where it is Kibitz' own; best effort. See `integrations.zendesk.oauth.revoke`."""
        await revoke(self._connection)

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def _comments(self, ticket_id: int, *, after: datetime | None = None) -> Conversation:
        """Read comments newest first, back to ``after`` or to the bound.

        The end is where ``has_more`` says so: the link to the next page stays there on the last one.
        """
        found: dict[int, raw.RawComment] = {}
        users: dict[int, raw.RawUser] = {}
        cursor: str | None = None
        while len(found) < MESSAGES_AT_MOST:
            request = wire.comments_request(self._site, ticket_id, cursor=cursor)
            page = await self._connection.call(request, wire.read_comments)
            new = [item for item in page.comments if item.id not in found]
            found.update((item.id, item) for item in new)
            users.update(page.users)
            cursor = page.next_cursor
            reached = after is not None and any(item.created_at and item.created_at <= after for item in new)
            if cursor is None or reached or not new:
                return Conversation(tuple(found.values()), users, truncated=False)
        return Conversation(tuple(found.values())[:MESSAGES_AT_MOST], users, truncated=True)

    async def _around(
        self, reply: wire.TicketReply, users: Mapping[int, raw.RawUser]
    ) -> tuple[Mapping[int, str], tuple[tuple[Ticket, ...], Customer | None]]:
        """Read what stands around the ticket: names of statuses, the requester and their other tickets."""
        return await both(self._status_names(reply.ticket), both(self._history(reply), self._customer(reply, users)))

    async def _status_names(self, ticket: raw.RawTicket) -> Mapping[int, str]:
        if ticket.custom_status_id is None:
            return {}
        if self._statuses is None:
            request = wire.statuses_request(self._site)
            reading = self._connection.glance(request, wire.read_statuses)
            self._statuses = await or_else({}, reading, what="names of custom statuses")
        return self._statuses

    async def _history(self, reply: wire.TicketReply) -> tuple[Ticket, ...]:
        requester_id = reply.ticket.requester_id
        if requester_id is None:
            return ()
        request = wire.requested_request(self._site, requester_id)
        empty = wire.TicketPage((), {}, full=False)
        page = await or_else(empty, self._connection.glance(request, wire.read_tickets), what="the history")
        others = [
            mapping.ticket(self._site, found, users=reply.users)
            for found in page.tickets
            if found.id != reply.ticket.id
        ]
        return tuple(sorted(others, key=lambda ticket: (ticket.created_at, ticket.ref.id), reverse=True))

    async def _customer(self, reply: wire.TicketReply, users: Mapping[int, raw.RawUser]) -> Customer | None:
        requester_id = reply.ticket.requester_id
        if requester_id is None:
            return None
        user = users.get(requester_id)
        if user is None:
            request = wire.user_request(self._site, requester_id)
            user = await or_else(None, self._user(request), what="the requester")
        return mapping.customer(user, reply.organizations) if user else None

    async def _user(self, request: Request) -> raw.RawUser | None:
        return await self._connection.call(request, wire.read_user)

    async def _first_message(self, reply: wire.TicketReply, users: Mapping[int, raw.RawUser]) -> tuple[Message, ...]:
        request = wire.first_comment_request(self._site, reply.ticket.id)
        page = await self._connection.call(request, wire.read_comments)
        return mapping.messages(page.comments[:1], {**users, **page.users}, reply.ticket.requester_id)
