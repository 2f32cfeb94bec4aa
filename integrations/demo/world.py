"""The one state behind the three faces: who is there, what was written, what was looked at and asked for."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from integrations.demo.build import build
from integrations.demo.content import as_text, sanitised
from integrations.demo.data import DemoData
from integrations.demo.faults import Faults, Limits, Window
from integrations.demo.ids import object_id
from integrations.demo.model import (
    END_USER,
    FRESHDESK_STATUS,
    Article,
    Comment,
    Group,
    Person,
    Section,
    Ticket,
)
from integrations.demo.oauth import OAuthBook
from integrations.demo.odds import Odds
from integrations.demo.shelf import Sought

DEMO_EMAIL = "maya@tarnandtor.example.com"
DEMO_ADMIN_EMAIL = "harriet@tarnandtor.example.com"
DEMO_ZENDESK_TOKEN = "demo-zendesk-api-token-not-a-secret"  # noqa: S105 - opens nothing but this demo
DEMO_OAUTH_TOKEN = "demo-oauth-token-not-a-secret"  # noqa: S105 - opens nothing but this demo
DEMO_ADMIN_OAUTH_TOKEN = "demo-admin-oauth-token-not-a-secret"  # noqa: S105 - opens nothing but this demo
DEMO_FRESHDESK_KEY = "demo-freshdesk-key-not-a-secret"
DEMO_ADMIN_FRESHDESK_KEY = "demo-admin-freshdesk-key-not-a-secret"

ZENDESK, FRESHDESK = "zendesk", "freshdesk"
BRAND = "Tarn & Tor"
SUPPORT_EMAIL = "help@tarnandtor.example.com"

_RECENT_AT_MOST = 100
_REQUESTS_AT_MOST = 200_000
_FRESHDESK_CODE = {"new": 2, "open": 2, "pending": 3, "hold": 7, "solved": 4, "closed": 5}


class RequestSeen(NamedTuple):
    """One request below ``/api/``; ``path`` is without its query; ``status`` is 0 where nothing was answered."""

    time: datetime
    face: str
    method: str
    path: str
    status: int


class World:
    """Everything the demo helpdesk knows. Changed from the server's loop, and from tests between requests.

    ``now`` is the moment to which the data's times are relative: a clock, or a moment from which time
    passes as it really does.
    """

    def __init__(
        self,
        data: DemoData,
        now: datetime | Callable[[], datetime] | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        self.now: Callable[[], datetime] = now if callable(now) else _passing_from(now)
        contents = build(data, self.now())
        self.people: Mapping[int, Person] = contents.people
        self.organizations = contents.organizations
        self.groups: dict[int, Group] = {group.id: group for group in contents.groups.values()}
        self.categories = contents.categories
        self.sections = contents.sections
        self.articles: Sequence[Article] = contents.articles
        self.macros = contents.macros
        self.tickets: MutableMapping[int, Ticket] = contents.tickets
        self.archived: set[int] = set()
        self.faults = Faults()
        self.limits = limits or Limits()
        self.oauth = OAuthBook(self.now)
        self.odds = Odds()
        self.requests: list[RequestSeen] = []
        self._recent: dict[int, list[int]] = defaultdict(list)
        self._windows: dict[str, Window] = defaultdict(Window)
        self._admin = self._agent_by_email(DEMO_ADMIN_EMAIL) or self._agent_by_email(DEMO_EMAIL) or self._any_agent()
        self.agent = self._agent_by_email(DEMO_EMAIL) or self._any_agent()
        """The agent to whom the demo credentials belong."""
        self.bot_id = object_id("person", "bot")

    # People

    def person(self, id_: int) -> Person | None:
        return self.people.get(id_)

    def staff(self) -> list[Person]:
        return [person for person in self.people.values() if person.is_staff]

    def named(self, value: str) -> list[Person]:
        """Return whom an id, an e-mail address or a full name means, in any case of letters."""
        wanted = value.lower()
        return [one for one in self.people.values() if wanted in (str(one.id), one.email.lower(), one.name.lower())]

    def _agent_by_email(self, email: str) -> Person | None:
        return next((person for person in self.staff() if person.email == email), None)

    def _any_agent(self) -> Person:
        return self.staff()[0]

    def agent_at(self, face: str) -> Person:
        """Return who uses the web page of ``face``: whoever Kibitz' own demo signs in as there.

        At Freshdesk that is the admin, because an agent's key may not read canned responses.
        """
        return self._admin if face == FRESHDESK else self.agent

    def zendesk_agent(self, email: str, token: str) -> Person | None:
        """Return whom ``email/token:token`` signs in; a Zendesk API token is good for every agent of the account."""
        return self._agent_by_email(email) if token == DEMO_ZENDESK_TOKEN else None

    def bearer_agent(self, token: str) -> Person | None:
        """Return whom a token belongs to: the fixed ones of tests, and what was granted on the OAuth page."""
        if self.oauth.pair_of(token) is not None:
            return self.agent
        return {DEMO_OAUTH_TOKEN: self.agent, DEMO_ADMIN_OAUTH_TOKEN: self._admin}.get(token)

    def freshdesk_agent(self, key: str) -> Person | None:
        return {DEMO_FRESHDESK_KEY: self.agent, DEMO_ADMIN_FRESHDESK_KEY: self._admin}.get(key)

    # Looking

    def ticket(self, number: int) -> Ticket | None:
        return self.tickets.get(number)

    def tickets_of(self, person_id: int) -> list[Ticket]:
        return [ticket for ticket in list(self.tickets.values()) if ticket.requester_id == person_id]

    def viewed(self, number: int, agent: Person) -> None:
        """Note that ``agent`` looked at a ticket, which moves it to the top of what was viewed recently."""
        recent = self._recent[agent.id]
        if number in recent:
            recent.remove(number)
        recent.insert(0, number)
        del recent[_RECENT_AT_MOST:]

    def read(self, number: int, agent: Person) -> None:
        """Note that ``agent`` opened a ticket on the page: viewed, and no longer unread."""
        ticket = self.tickets[number]
        ticket.viewed_at = self.now()
        self.tickets[number] = ticket
        self.viewed(number, agent)

    def recently_viewed(self, agent: Person) -> list[Ticket]:
        """Return the tickets that ``agent`` viewed, the last one first."""
        return [self.tickets[number] for number in self._recent[agent.id] if number in self.tickets]

    def is_unread(self, ticket: Ticket) -> bool:
        last = ticket.comments[-1]
        if ticket.status not in ("new", "open") or self.people[last.author_id].is_staff:
            return False
        return ticket.viewed_at is None or ticket.viewed_at < last.created_at

    def section(self, article: Article) -> Section:
        return self.sections[article.section_id]

    def article(self, id_: int, locale: str | None = None) -> Article | None:
        """Return an article in ``locale``, or in the language it was written in."""
        return next((one for one in self.translations(id_) if one.locale == (locale or one.source_locale)), None)

    # Looking into a large account; see integrations.demo.large

    def sought(self, what: Sought) -> Sequence[Ticket]:
        """Return the tickets that ``what`` means, sorted; ties by number."""
        found = [ticket for ticket in list(self.tickets.values()) if what.test(ticket)]
        found.sort(key=lambda ticket: ticket.number, reverse=what.falling)
        found.sort(key=what.key or (lambda ticket: getattr(ticket, what.sort_by)), reverse=what.falling)
        return found

    def translations(self, id_: int) -> Sequence[Article]:
        """Return an article in every language it has."""
        return [one for one in self.articles if one.id == id_]

    def articles_in(self, locale: str | None, *, sort_by: str = "", falling: bool = False) -> Sequence[Article]:
        """Return the articles that exist in ``locale``, or each in the language it was written in.

        ``sort_by`` is a field of `Article`; without it they come in the order of the help centre.
        """
        found = [one for one in self.articles if one.locale == (locale or one.source_locale)]
        if sort_by:
            found.sort(key=lambda article: getattr(article, sort_by), reverse=falling)
        return found

    def articles_changed(self, since: int) -> Sequence[Article]:
        """Return what changed at ``since`` (Unix seconds) or later, oldest first, in the source language."""
        found = (one for one in self.articles if one.locale == one.source_locale)
        changed = [one for one in found if int(one.updated_at.timestamp()) >= since]
        return sorted(changed, key=lambda article: article.updated_at)

    def shelved(self, section_id: int, visibility: str, locale: str | None) -> Sequence[Article]:
        """Return the articles of one section that the same people may read, in ``locale`` or their own language."""
        return [
            one
            for one in self.articles
            if (one.section_id, one.visibility, one.locale) == (section_id, visibility, locale or one.source_locale)
        ]

    # Working

    def put_article(self, article: Article) -> None:
        """Add an article, or another version of it in its language."""
        key = (article.id, article.locale)
        self.articles = (*(one for one in self.articles if (one.id, one.locale) != key), article)

    def remove_article(self, id_: int) -> None:
        """Take an article away in all its languages."""
        self.articles = tuple(one for one in self.articles if one.id != id_)

    def add_comment(
        self,
        number: int,
        author_id: int,
        *,
        html: str = "",
        text: str = "",
        public: bool = True,
        channel: str = "",
    ) -> Comment:
        """Write into a ticket. ``html`` is sanitised as the vendors do it; a customer's words reopen the ticket."""
        ticket = self.tickets[number]
        comment = Comment(
            id=max(comment.id for comment in ticket.comments) + 1,
            author_id=author_id,
            created_at=self.now(),
            public=public,
            text=text,
            html=sanitised(html) if html else "",
            channel=channel or ticket.channel,
        )
        ticket.comments.append(comment)
        self._touch(ticket)
        author = self.people[author_id]
        if author.role == END_USER:
            self._reopen(ticket)
        elif author.is_staff and public and ticket.assignee_id is None:
            ticket.assignee_id = author_id
        return comment

    def customer_writes(self, number: int, text: str) -> Comment:
        return self.add_comment(number, self.tickets[number].requester_id, text=text)

    def agent_replies(self, number: int, html: str, *, agent: Person | None = None, public: bool = True) -> Comment:
        """Write as ``agent`` (the demo's own when None)."""
        return self.add_comment(number, (agent or self.agent).id, html=html, public=public)

    def set_status(self, number: int, status: str, *, freshdesk_status: int | None = None) -> None:
        """Change the status. Raises ValueError for a word that the world does not know."""
        ticket = self.tickets[number]
        if status not in _FRESHDESK_CODE:
            raise ValueError(f"there is no status {status!r}")
        if status != ticket.status:
            ticket.solved_at = self.now() if status in ("solved", "closed") else None
        ticket.status = status
        ticket.freshdesk_status = freshdesk_status or _FRESHDESK_CODE[status]
        self._touch(ticket)

    def set_freshdesk_status(self, number: int, code: int) -> None:
        """Change the status by Freshdesk's code. Raises KeyError for an unknown one."""
        self.set_status(number, FRESHDESK_STATUS[code], freshdesk_status=code)

    def change(
        self,
        number: int,
        *,
        assignee_id: int | None = None,
        tags: Iterable[str] | None = None,
        priority: str | None = None,
    ) -> None:
        """Change what is not None."""
        ticket = self.tickets[number]
        ticket.assignee_id = ticket.assignee_id if assignee_id is None else assignee_id
        ticket.tags = ticket.tags if tags is None else tuple(tags)
        ticket.priority = ticket.priority if priority is None else priority
        self._touch(ticket)

    def delete(self, number: int) -> None:
        """Take a ticket away: as if it had never been, but for Freshdesk's own list of deleted tickets."""
        ticket = self.tickets[number]
        self._touch(ticket)
        self.odds.deleted[number] = ticket
        del self.tickets[number]

    def archive(self, number: int) -> None:
        """Move a ticket to where Freshdesk keeps what was closed long ago; the Zendesk face still shows it."""
        self.archived.add(number)

    def merge(self, number: int, into: int, *, agent: Person | None = None) -> None:
        """Close a ticket with the notes by which both vendors tell of a merge."""
        by = agent or self.agent
        self.odds.merged[number] = into
        self.agent_replies(
            number, f"<p>This request was closed and merged into request #{into}.</p>", agent=by, public=False
        )
        self.agent_replies(
            into, f"<p>Request #{number} was closed and merged into this request.</p>", agent=by, public=False
        )
        self.set_status(number, "closed")

    def _touch(self, ticket: Ticket) -> None:
        ticket.updated_at = self.now()
        ticket.version += 1
        self.tickets[ticket.number] = ticket

    def _reopen(self, ticket: Ticket) -> None:
        if ticket.status in ("solved", "pending", "hold", "closed"):
            ticket.reopens += ticket.status in ("solved", "closed")
            ticket.status, ticket.freshdesk_status, ticket.solved_at = "open", 2, None

    # Counting

    def take_budget(self, name: str, *, limit: int, cost: int = 1) -> tuple[bool, int, int]:
        """Use a minute's budget; return whether it was there, what is left, and the seconds until it is full again."""
        now_s = self.now().timestamp()
        window = self._windows[name]
        allowed = window.take(now_s, cost=cost, limit=limit)
        return allowed, window.remaining(limit), window.resets_in_s(now_s)

    def saw(self, face: str, method: str, path: str, status: int) -> None:
        if len(self.requests) < _REQUESTS_AT_MOST:
            self.requests.append(RequestSeen(self.now(), face, method, path, status))


_ORDER_NUMBER = re.compile(r"\bTT-\d{6}\b")


def order_number(ticket: Ticket) -> str | None:
    """Return the first order number of the subject or the first message, as a form field would hold it."""
    match = _ORDER_NUMBER.search(f"{ticket.subject} {comment_text(ticket.comments[0])}")
    return match and match[0]


def comment_text(comment: Comment) -> str:
    """Return what was written as plain text."""
    return comment.text or as_text(comment.html)


def order_lines(person: Person) -> str:
    """Return a customer's orders, newest first, one a line, as the shop's connector writes them into a field."""
    return "\n".join(
        f"{order.number} · {placed_at:%d %b %Y} · {order.status} · {order.total} · {', '.join(order.items)}"
        for order, placed_at in person.orders
    )


def _passing_from(start: datetime | None) -> Callable[[], datetime]:
    if start is None:
        return lambda: datetime.now(UTC)
    began_s = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began_s)
