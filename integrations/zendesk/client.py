"""A Zendesk account as `assist.ports.Helpdesk`. The only place of this package that waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from assist.acts import RenderedMacro
from assist.domain import (
    Agent,
    Article,
    Csat,
    HelpdeskKind,
    Macro,
    Message,
    OpenTicket,
    Role,
    SolvedTicket,
    Ticket,
    TicketRef,
)
from assist.errors import NotThere, UnexpectedReply
from assist.ports import Batch, Named, Places, Quota, SyncScope
from integrations.connection import Connection, both, or_else
from integrations.http import Response
from integrations.metering import spent_on
from integrations.window import Purpose
from integrations.zendesk import acting_wire as acts
from integrations.zendesk import details, mapping, parts, raw, solved, sync, wire
from integrations.zendesk.acting import ZendeskActor
from integrations.zendesk.names import NameReader, Names
from integrations.zendesk.oauth import revoke
from integrations.zendesk.recent import RecentViews
from integrations.zendesk.surveys import Surveys

MESSAGES_AT_MOST = 300
"""The newest of a long ticket; its first message comes on top."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Comments as they were read, newest first; ``truncated`` says that older ones were left out."""

    comments: tuple[raw.RawComment, ...]
    users: Mapping[int, raw.RawUser]
    truncated: bool
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a ticket. All of it can be done without."""

    users: Mapping[int, raw.RawUser]
    names: Names
    history: tuple[Ticket, ...]
    surveys: tuple[parts.RawSurvey, ...]


class ZendeskHelpdesk:
    """Reads one Zendesk account as the signed-in agent.

    Opening a ticket costs three requests: the ticket with everything beside it, its newest 100 comments, the
    requester's history. Once an hour come the names of statuses, brands and fields, as far as the ticket has any;
    one more is asked for authors that came with neither, and, by an admin of an account with surveys, for what
    was answered about a solved ticket.
    """

    kind = HelpdeskKind.ZENDESK

    def __init__(self, connection: Connection) -> None:
        self.account = connection.site.account
        self._connection = connection
        self._site = connection.site
        self._recent = RecentViews()
        self.actor = ZendeskActor(connection, self._recent, self.me)
        self._names = NameReader(connection)
        self._surveys = Surveys(connection)

    @property
    def scope(self) -> SyncScope:
        """What is synced. Set by whoever decides it; see `assist.ports.Surroundings`."""
        return self._connection.scope

    @scope.setter
    def scope(self, scope: SyncScope) -> None:
        self._connection.scope = scope

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
        around = await self._around(reply, conversation)
        users, found = around.users, reply.ticket
        messages = mapping.messages(conversation.comments, users, found.requester_id)
        if conversation.truncated:
            first = await or_else((), self._first_message(reply, users), what="its first message")
            messages = (*(first or (mapping.description_message(found, users),)), *messages)
        elif not messages and found.description:
            messages = (mapping.description_message(found, users),)
        requester = users.get(found.requester_id) if found.requester_id is not None else None
        return OpenTicket(
            ticket=self._ticket(reply, conversation, around),
            messages=messages,
            customer=mapping.customer(requester, reply.organizations) if requester else None,
            history=around.history,
            fetched_at=self._connection.clock.now(),
            truncated=conversation.truncated,
            left_out=details.left_out(found, conversation.comments, unreadable=conversation.unreadable),
        )

    def _ticket(self, reply: wire.TicketReply, conversation: Conversation, around: Around) -> Ticket:
        found, users = reply.ticket, around.users
        ticket = mapping.ticket_of(
            self._site, replace(reply, users=users), around.names, now=self._connection.clock.now()
        )
        if ticket.csat in (None, Csat.OFFERED):
            csat, comment = details.rating(around.surveys, found.id)
            ticket = replace(ticket, csat=csat or ticket.csat, csat_comment=comment or ticket.csat_comment)
        last = max(conversation.comments, key=lambda one: (one.created_at is not None, one.created_at), default=None)
        if last is None:
            return ticket
        by_staff = mapping.author(last.author_id, users, found.requester_id).role is Role.AGENT
        return replace(ticket, merged_into=details.merged_into(found, last.text, by_staff=by_staff))

    async def replies_since(self, ref: TicketRef, after: datetime) -> tuple[Message, ...]:
        """Read the newest comments back to ``after``. Notes are among them, with ``public`` False."""
        if ref.account != self.account:
            raise NotThere("this ticket belongs to another account")
        self._recent.note_own_look(ref.id, self._connection.clock.now())
        with spent_on(Purpose.WATCHING):
            found = await self._comments(ref.id, after=after)
        messages = mapping.messages(found.comments, found.users, None)
        return tuple(message for message in messages if message.created_at > after)

    async def standing(self, ticket_id: int) -> Ticket:
        """Read a list of this one ticket, which is not known to move the agent's list of recent views."""
        self._recent.note_own_read(ticket_id, self._connection.clock.now())
        with spent_on(Purpose.WATCHING):
            page = await self._connection.call(wire.standing_request(self._site, ticket_id), wire.read_tickets)
        found = next((ticket for ticket in page.tickets if ticket.id == ticket_id), None)
        if found is None:
            raise NotThere("this ticket was deleted, or is not visible to you")
        target = details.merged_into(found, page.said_last.get(ticket_id, ""), by_staff=False)
        ticket = mapping.ticket(self._site, found, users=page.users, names=Names(groups=page.groups))
        return replace(ticket, merged_into=target)

    async def rendered_macro(self, ticket_id: int, macro_id: int) -> RenderedMacro | None:
        """Ask for the macro's preview on this ticket, and for the ticket, to tell what would change."""
        self._recent.note_own_read(ticket_id, self._connection.clock.now())
        asked = acts.ticket_request(self._site, ticket_id), acts.macro_request(self._site, ticket_id, macro_id)
        ticket, response = await both(
            self._connection.call(asked[0], acts.read_ticket), self._connection.call(asked[1], _answered)
        )
        try:
            return acts.rendered(acts.read_macro(response, ticket), ticket)
        except UnexpectedReply:
            return None

    async def places(self) -> Places:
        """Read brands, groups and sections; what this agent may not see is left empty."""
        brands, (groups, sections) = await both(
            self._names.brands(patient=True), both(self._names.groups(patient=True), self._names.sections())
        )
        return Places(
            brands=tuple(Named(brand.id, brand.name) for brand in brands.values()),
            groups=tuple(Named(id_, name) for id_, name in groups.items()),
            folders=tuple(Named(id_, name) for id_, name in sections.items()),
        )

    async def recently_viewed(self) -> int | None:
        """Poll ``tickets/recent``; `integrations.zendesk.recent` says how own reads are told apart."""
        page = await self._connection.poll(wire.recent_request(self._site), wire.read_tickets)
        order = [ticket.id for ticket in page.tickets]
        return self._recent.viewed(order, self._connection.clock.now())

    def articles(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Article]]:
        """See `integrations.zendesk.sync.articles`: drafts come as drafts, and once as gone."""
        return sync.articles(self._connection, self._names, checkpoint)

    def macros(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Macro]]:
        return sync.macros(self._connection, checkpoint)

    def solved_tickets(
        self, checkpoint: str | None = None, *, limit: int = 2_000
    ) -> AsyncIterator[Batch[SolvedTicket]]:
        outside = solved.Outside(self._connection, self._recent, self._names, self._surveys)
        return solved.solved_tickets(outside, checkpoint, limit=limit)

    def ticket_url(self, ticket_id: int) -> str:
        return self._site.ticket_url(ticket_id)

    def ticket_id_in(self, address: str) -> int | None:
        return self._site.ticket_id_in(address)

    @property
    def quota(self) -> Quota | None:
        return self._connection.budget.quota

    @property
    def is_reachable(self) -> bool:
        return self._connection.is_reachable

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
        unreadable = 0
        while len(found) < MESSAGES_AT_MOST:
            request = wire.comments_request(self._site, ticket_id, cursor=cursor)
            page = await self._connection.call(request, wire.read_comments)
            new = [item for item in page.comments if item.id not in found]
            found.update((item.id, item) for item in new)
            users.update(page.users)
            unreadable += page.left_out
            cursor = page.next_cursor
            reached = after is not None and any(item.created_at and item.created_at <= after for item in new)
            if cursor is None or reached or not new:
                return Conversation(tuple(found.values()), users, truncated=False, unreadable=unreadable)
        return Conversation(tuple(found.values())[:MESSAGES_AT_MOST], users, truncated=True, unreadable=unreadable)

    async def _around(self, reply: wire.TicketReply, conversation: Conversation) -> Around:
        """Read what stands around the ticket, side by side: people, names, the history, what a survey said."""
        found = reply.ticket
        users = {**reply.users, **conversation.users}
        authors = {comment.author_id for comment in conversation.comments}
        missing = {id_ for id_ in authors | {found.requester_id} if id_ is not None and id_ > 0} - users.keys()
        (more, names), (history, surveys) = await both(
            both(self._people(missing), self._names.of_ticket(found)),
            both(self._history(reply), self._surveys.about((found,) if _was_solved(reply) else ())),
        )
        return Around({**users, **more}, names, history, surveys)

    async def _people(self, ids: Collection[int]) -> Mapping[int, raw.RawUser]:
        """Read users together: a request for each would cost an open ticket dozens."""
        if not ids:
            return {}
        reading = self._connection.glance(wire.users_request(self._site, ids), wire.read_users)
        return await or_else({}, reading, what="people")

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

    async def _first_message(self, reply: wire.TicketReply, users: Mapping[int, raw.RawUser]) -> tuple[Message, ...]:
        request = wire.first_comment_request(self._site, reply.ticket.id)
        page = await self._connection.call(request, wire.read_comments)
        return mapping.messages(page.comments[:1], {**users, **page.users}, reply.ticket.requester_id)


def _answered(response: Response) -> Response:
    wire.raise_for(response)
    return response


def _was_solved(reply: wire.TicketReply) -> bool:
    """Only then was a customer asked how it went."""
    found = reply.ticket
    metrics = reply.metrics.get(found.id) or found.metrics
    return found.status in ("solved", "closed") or bool(metrics and metrics.reopens)
