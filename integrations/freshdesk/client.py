"""A Freshdesk account as `assist.ports.Helpdesk`. The only place of this package that waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

from assist.acts import RenderedMacro
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
from assist.ports import Batch, Named, Places, Quota, SyncScope
from integrations.connection import Connection, both, or_else
from integrations.freshdesk import canned, mapping, raw, solutions, solved, wire
from integrations.freshdesk.acting import FreshdeskActor
from integrations.freshdesk.conversation import Conversations, Entries
from integrations.metering import spent_on
from integrations.reading import UNKNOWN_TIME
from integrations.window import Purpose

NAMES_LAST = timedelta(hours=6)
"""Agents come and statuses are renamed; an app that runs for days reads their names again."""


class FreshdeskHelpdesk:
    """Reads one Freshdesk account as the signed-in agent.

    Opening a ticket costs six to eight calls of the account's budget: the ticket with requester and
    statistics (3), its conversation (1 per 100 entries), contact, company, history, ratings.
    """

    kind = HelpdeskKind.FRESHDESK

    def __init__(self, connection: Connection) -> None:
        self.account = connection.site.account
        self._connection = connection
        self._site = connection.site
        self._conversations = Conversations(connection)
        self.actor = FreshdeskActor(
            connection, self._conversations, me=self.me, names=self._read_names, render=self.rendered_macro
        )
        self._names: raw.Names | None = None
        self._names_read_at = UNKNOWN_TIME

    @property
    def scope(self) -> SyncScope:
        return self._connection.scope

    @scope.setter
    def scope(self, scope: SyncScope) -> None:
        self._connection.scope = scope

    async def me(self) -> Agent:
        request = wire.me_request(self._site)
        return mapping.agent(await self._connection.call(request, wire.read_me, checks_credentials=True))

    async def open_ticket(self, ticket_id: int) -> OpenTicket:
        """Read the ticket, its conversation and the names side by side, then what stands around it.

        A ticket closed for 120 days is not found under its usual address, but in the archive.
        """
        names, (found, (entries, truncated)) = await both(self._read_names(), self._ticket_and_conversation(ticket_id))
        customer, (history, ratings) = await both(
            self._customer(found), both(self._history(found), self._ratings(found))
        )
        first = mapping.first_message(found, found.requester, names)
        merged_into = mapping.merged_into(found, entries)
        return OpenTicket(
            ticket=mapping.ticket(self._site, found, names, rating=ratings.get(found.id), merged_into=merged_into),
            messages=(first, *mapping.messages(entries, found.requester, names)),
            customer=customer,
            history=tuple(mapping.ticket(self._site, item, names, rating=ratings.get(item.id)) for item in history),
            fetched_at=self._connection.clock.now(),
            truncated=truncated,
            left_out=mapping.left_out(found, entries),
        )

    async def standing(self, ticket_id: int) -> Ticket:
        """Return the ticket as it stands, with the names that are known already; an archived one takes two requests.

        Into which ticket it was merged is told by a note, which is found among the first ten entries or not at all.
        """
        names = self._names or raw.Names()
        request = wire.standing_request(self._site, ticket_id)
        try:
            found, entries = await self._connection.call(request, wire.read_standing)
        except NotThere:
            archived = wire.archived_request(self._site, ticket_id)
            found, entries = await self._connection.call(archived, wire.read_ticket), ()
        return mapping.ticket(self._site, found, names, merged_into=mapping.merged_into(found, entries))

    async def rendered_macro(self, ticket_id: int, macro_id: int) -> RenderedMacro | None:
        """Return None: Freshdesk fills placeholders only while it sends. `assist.render` fills those that are known."""
        return None

    async def places(self) -> Places:
        """Return products, groups and folders; a folder's name says in which category it is."""
        names, tree = await both(self._read_names(), solutions.read_folders(self._connection))
        return Places(
            brands=_named(names.products),
            groups=_named(names.groups),
            folders=tuple(Named(item.id, f"{tree.places[item.id]} / {item.name}") for item in tree.folders),
        )

    async def replies_since(self, ref: TicketRef, after: datetime) -> tuple[Message, ...]:
        """Read the last pages back to ``after``. Notes are among them, with ``public`` False."""
        if ref.account != self.account:
            raise NotThere("this ticket belongs to another account")
        with spent_on(Purpose.WATCHING):
            names, entries = await both(self._read_names(), self._conversations.since(ref.id, after))
        messages = mapping.messages(entries, None, names)
        return tuple(message for message in messages if message.created_at > after)

    async def recently_viewed(self) -> int | None:
        """Return None: Freshdesk has no notion of a viewed ticket."""
        return None

    def articles(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Article]]:
        """See `integrations.freshdesk.solutions`: drafts come as drafts, and once as gone."""
        return solutions.articles(self._connection, checkpoint)

    def macros(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Macro]]:
        """Read canned responses, which Freshdesk shows to admins only: others get `NotAllowed`."""
        return canned.canned_responses(self._connection, checkpoint)

    def solved_tickets(
        self, checkpoint: str | None = None, *, limit: int = 2_000
    ) -> AsyncIterator[Batch[SolvedTicket]]:
        return solved.solved_tickets(self._connection, self._read_names, checkpoint, limit=limit)

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

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def _read_names(self) -> raw.Names:
        """Read the names of agents, groups and statuses: the ticket fields tell them to every agent."""
        now = self._connection.clock.now()
        if self._names is None or not self._names_read_at <= now < self._names_read_at + NAMES_LAST:
            self._names = await or_else(self._names, self._fields(), what="names of agents and statuses")
            self._names_read_at = now
        return self._names or raw.Names()

    async def _fields(self) -> raw.Names | None:
        return await self._connection.glance(wire.fields_request(self._site), wire.read_names)

    async def _ticket_and_conversation(self, ticket_id: int) -> tuple[raw.RawTicket, Entries]:
        request = wire.ticket_request(self._site, ticket_id)
        try:
            return await both(self._connection.call(request, wire.read_ticket), self._conversations.newest(ticket_id))
        except NotThere:
            return await self._archived(ticket_id)

    async def _archived(self, ticket_id: int) -> tuple[raw.RawTicket, Entries]:
        request = wire.archived_request(self._site, ticket_id)
        found = await self._connection.call(request, wire.read_ticket)
        reading = self._conversations.newest(ticket_id, archived=True)
        nothing: Entries = ((), True)
        return found, await or_else(nothing, reading, what="the archived conversation")

    async def _customer(self, ticket: raw.RawTicket) -> Customer | None:
        """Read contact and company; without them what the ticket says of its requester has to do."""
        if ticket.requester_id is None:
            return None
        contact = await or_else(ticket.requester, self._contact(ticket.requester_id), what="the contact")
        if contact is None:
            return None
        company_id = contact.company_id or ticket.company_id
        company = None
        if company_id is not None:
            company = await or_else(None, self._company(company_id), what="the company")
        return mapping.customer(contact, company)

    async def _contact(self, contact_id: int) -> raw.RawContact | None:
        return await self._connection.call(wire.contact_request(self._site, contact_id), wire.read_contact)

    async def _company(self, company_id: int) -> raw.RawCompany | None:
        return await self._connection.call(wire.company_request(self._site, company_id), wire.read_company)

    async def _history(self, ticket: raw.RawTicket) -> tuple[raw.RawTicket, ...]:
        if ticket.requester_id is None:
            return ()
        request = wire.requested_request(self._site, ticket.requester_id)
        nothing: wire.Page[raw.RawTicket] = wire.Page((), more=False)
        page = await or_else(nothing, self._connection.glance(request, wire.read_tickets), what="the history")
        others = [item for item in page.items if item.id != ticket.id]
        return tuple(sorted(others, key=_age, reverse=True))

    async def _ratings(self, ticket: raw.RawTicket) -> dict[int, raw.RawRating]:
        """Read all ratings of the requester in one call, for this ticket and the history; latest wins."""
        if ticket.requester_id is None:
            return {}
        request = wire.ratings_request(self._site, ticket.requester_id)
        nothing: wire.Page[raw.RawRating] = wire.Page((), more=False)
        found = await or_else(nothing, self._connection.glance(request, wire.read_ratings), what="ratings")
        return mapping.latest_ratings(found.items)


def _age(found: raw.RawTicket) -> tuple[datetime, int]:
    return found.created_at or UNKNOWN_TIME, found.id


def _named(names: Mapping[int, str]) -> tuple[Named, ...]:
    return tuple(Named(id_, name) for id_, name in sorted(names.items(), key=lambda pair: pair[1].casefold()))
