"""A demo account of any size, made on the way: every article and ticket follows from a seed and its number alone.

Only what somebody changed is kept. The order of creation and the order of the last change differ, as they do in
real accounts, but both can be walked without looking at everything.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from integrations.demo import prose
from integrations.demo.data import DemoData
from integrations.demo.faults import Limits
from integrations.demo.ids import FIRST_TICKET_NUMBER
from integrations.demo.large_articles import LargeArticles
from integrations.demo.model import AGENT, END_USER, Article, Comment, Person, Ticket
from integrations.demo.shelf import Chain, Found, Sought, without
from integrations.demo.shuffle import BLOCK, mixed, shuffled, unshuffled
from integrations.demo.world import World

_FIRST_CUSTOMER_ID = 2**45 + 2**40
_FIRST_MESSAGE_ID = 2**46
_MESSAGES_PER_TICKET = 16
_TICKETS_PER_CUSTOMER = 5
_CLOSED_AFTER = timedelta(days=28)
_KEPT = 512
_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True)  # no slots: the command line shows the defaults
class Size:
    """How large an account is.

    Attributes:
        unsolved: How many of the newest tickets are not solved yet.
        span: How long ago the first ticket was written.
    """

    articles: int = 50_000
    tickets: int = 500_000
    unsolved: int = 300
    seed: int = 1
    span: timedelta = timedelta(days=730)


class _MadeTicket(Ticket):
    """A ticket whose subject and messages are written when somebody reads them."""

    __slots__ = ("_comments", "_subject", "write")

    write: Callable[[], tuple[str, list[Comment]]]
    _comments: list[Comment] | None

    def _ensure(self) -> None:
        if self._comments is None:
            self._subject, self._comments = self.write()

    @property
    def comments(self) -> list[Comment]:
        self._ensure()
        return self._comments or []

    @comments.setter
    def comments(self, value: list[Comment]) -> None:
        self._comments = value or None

    @property
    def subject(self) -> str:
        self._ensure()
        return self._subject

    @subject.setter
    def subject(self, value: str) -> None:
        self._subject = value


class LargePeople(Mapping[int, Person]):
    """The demo's staff, and as many customers as the tickets need."""

    def __init__(self, staff: Mapping[int, Person], customers: int, founded: datetime) -> None:
        self.staff = staff
        self._customers = customers
        self._founded = founded
        self._customer = lru_cache(_KEPT)(self._made)

    def _made(self, number: int) -> Person:
        name = prose.person_name(number)
        first, last = name.lower().split()
        return Person(
            id=_FIRST_CUSTOMER_ID + number,
            key=f"customer-{number}",
            name=name,
            email=f"{first}.{last}.{number}@example.com",
            role=END_USER,
            created_at=self._founded,
            phone=f"+44 1632 {number % 1_000_000:06d}" if number % 3 == 0 else "",
            language="de" if number % 7 == 0 else "en",
            tags=("vip",) if number % 50 == 0 else (),
        )

    def __getitem__(self, id_: int) -> Person:
        if id_ in self.staff:
            return self.staff[id_]
        if 0 <= id_ - _FIRST_CUSTOMER_ID < self._customers:
            return self._customer(id_ - _FIRST_CUSTOMER_ID)
        raise KeyError(id_)

    def __iter__(self) -> Iterator[int]:
        yield from self.staff
        yield from range(_FIRST_CUSTOMER_ID, _FIRST_CUSTOMER_ID + self._customers)

    def __len__(self) -> int:
        return len(self.staff) + self._customers

    def named(self, value: str) -> list[Person]:
        number = value.partition("@")[0].rpartition(".")[2]
        id_ = int(value) if value.isdigit() else _FIRST_CUSTOMER_ID + int(number) if number.isdigit() else 0
        known = [*self.staff.values(), *([self[id_]] if id_ in self and id_ not in self.staff else [])]
        return [one for one in known if value in (str(one.id), one.email.lower(), one.name.lower())]


class LargeTickets(MutableMapping[int, Ticket]):
    """The tickets by number. One number of each block is missing, as deleted tickets leave gaps.

    ``index`` counts the tickets in the order of creation from 0, ``place`` in the order of their last change.
    """

    def __init__(self, size: Size, now: datetime, people: LargePeople, groups: Sequence[int]) -> None:
        self._size, self._people, self._groups, self._now = size, people, groups, now
        self._agents = [one for one in people.staff.values() if one.role == AGENT] or list(people.staff.values())
        self._step = size.span / (size.tickets + BLOCK + 1)
        self._start = now - size.span
        self._customers = max(1, size.tickets // _TICKETS_PER_CUSTOMER)
        self._made = lru_cache(_KEPT)(self._make)
        self._changed: dict[int, Ticket] = {}
        self._deleted: set[int] = set()

    def number(self, index: int) -> int:
        block, slot = divmod(index, BLOCK - 1)
        return FIRST_TICKET_NUMBER + block * BLOCK + slot + (slot >= self._gap(block))

    def index(self, number: int) -> int | None:
        """Return where a ticket stands, or None for a number that was never given or is a gap."""
        block, slot = divmod(number - FIRST_TICKET_NUMBER, BLOCK)
        gap = self._gap(block)
        index = block * (BLOCK - 1) + slot - (slot > gap)
        return index if 0 <= index < self._size.tickets and slot != gap else None

    def _gap(self, block: int) -> int:
        return mixed(self._size.seed, block) % BLOCK

    # The mapping

    def __getitem__(self, number: int) -> Ticket:
        if number in self._changed:
            return self._changed[number]
        index = self.index(number)
        if index is None or number in self._deleted:
            raise KeyError(number)
        return self._made(index)

    def __setitem__(self, number: int, ticket: Ticket) -> None:
        """Keep a ticket that was changed, or a new one whose number is beyond the others."""
        self._changed[number] = ticket
        self._deleted.discard(number)

    def __delitem__(self, number: int) -> None:
        if number not in self:
            raise KeyError(number)
        self._changed.pop(number, None)
        self._deleted.add(number)

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int) or number in self._deleted:
            return False
        return number in self._changed or self.index(number) is not None

    def __iter__(self) -> Iterator[int]:
        made = (self.number(index) for index in range(self._size.tickets))
        yield from (number for number in made if number not in self._deleted)
        yield from self._added()

    def __len__(self) -> int:
        return self._size.tickets + len(self._added()) - len(self._indices(self._deleted))

    def _added(self) -> list[int]:
        return sorted(number for number in self._changed if self.index(number) is None)

    def _indices(self, numbers: set[int]) -> list[int]:
        return [index for number in numbers if (index := self.index(number)) is not None]

    # Orders

    def sought(self, what: Sought) -> Sequence[Ticket]:
        if what.requester_id is not None:
            row: Sequence[Ticket] = self.of_customer(what.requester_id)
        elif what.sort_by == "updated_at":
            row = self._by_change(*self._between(what))
        else:
            row = self._by_number(*self._between(what))
        return Found(row, what.test, falling=what.falling)

    def of_customer(self, id_: int) -> list[Ticket]:
        """Return a customer's tickets by number."""
        customer = id_ - _FIRST_CUSTOMER_ID
        indices = range(customer, self._size.tickets, self._customers) if 0 <= customer < self._customers else ()
        numbers = {self.number(index) for index in indices} | {
            one.number for one in self._changed.values() if one.requester_id == id_
        }
        return [self[number] for number in sorted(numbers) if number in self]

    def _between(self, what: Sought) -> tuple[datetime, datetime]:
        """Return when the tickets that are meant changed last, as far as that can be told; nothing changes late."""
        longest = self._step * (2 * BLOCK)
        first, last = what.between.get("updated_at", _ALWAYS)
        for field in ("created_at", "solved_at"):
            earliest, latest = what.between.get(field, _ALWAYS)
            first = max(first, earliest)
            last = min(last, latest + longest) if latest < self._now else last
        return first, last

    def _by_change(self, first: datetime, last: datetime) -> Sequence[Ticket]:
        """Return what changed within that time, in that order, and after it all that was changed by somebody."""
        length = self._size.tickets
        start = bisect.bisect_left(range(length), first, key=self._changed_at)
        stop = max(start, bisect.bisect_right(range(length), last, key=self._changed_at))
        gone = (shuffled(index, length) - start for index in self._indices({*self._changed, *self._deleted}))
        row = without(gone, stop - start, lambda place: self._made(unshuffled(start + place, length)))
        return Chain(row, sorted(self._changed.values(), key=lambda one: (one.updated_at, one.number)))

    def _by_number(self, first: datetime, last: datetime) -> Sequence[Ticket]:
        """Return at least what changed within that time, and all that was changed by somebody, by number."""
        length, longest = self._size.tickets, 2 * BLOCK
        start = max(0, bisect.bisect_left(range(length), first, key=self._created_at) - longest)
        stop = max(start, bisect.bisect_right(range(length), last, key=self._created_at))
        gone = (index - start for index in self._indices(self._deleted))
        row = without(gone, stop - start, lambda place: self[self.number(start + place)])
        changed = [self._changed[number] for number in sorted(self._changed)]
        before = [one for one in changed if (index := self.index(one.number)) is not None and index < start]
        after = [one for one in changed if (index := self.index(one.number)) is None or index >= stop]
        return Chain(before, row, after)

    def _created_at(self, index: int) -> datetime:
        return (self._start + self._step * index).replace(microsecond=0)

    def _changed_at(self, place: int) -> datetime:
        return (self._start + self._step * (place + BLOCK)).replace(microsecond=0)

    # Making

    def _make(self, index: int) -> Ticket:
        bits, number = mixed(self._size.seed, index), self.number(index)
        updated_at = self._changed_at(shuffled(index, self._size.tickets))
        status = self._status(index, bits, updated_at)
        solved = status in ("solved", "closed")
        rated = (bits >> 12) % 100 if solved else 99
        agent = self._agents[(bits >> 3) % len(self._agents)]
        ticket = _MadeTicket(
            number=number,
            key=f"large-{number}",
            subject="",
            requester_id=_FIRST_CUSTOMER_ID + index % self._customers,
            assignee_id=None if status == "new" else agent.id,
            group_id=self._groups[(bits >> 20) % len(self._groups)],
            organization_id=None,
            status=status,
            created_at=self._created_at(index),
            updated_at=updated_at,
            solved_at=updated_at if solved else None,
            channel=("email", "email", "email", "web", "chat")[(bits >> 28) % 5],
            priority=("", "", "normal", "high", "low", "urgent")[(bits >> 34) % 6],
            tags=(prose.TAGS[(bits >> 46) % len(prose.TAGS)],),
            csat="good" if rated < 15 else "bad" if rated < 18 else "",
            csat_comment="Quick and friendly." if rated < 5 else "",
            reopens=int((bits >> 40) % 25 == 0),
            comments=[],
            freshdesk_status={"closed": 5, "solved": 4, "pending": 3, "hold": 7}.get(status, 2),
            viewed_at=self._now if solved else None,
        )
        ticket.write = lambda: self._written(ticket, agent)
        return ticket

    def _status(self, index: int, bits: int, updated_at: datetime) -> str:
        if index >= self._size.tickets - self._size.unsolved:
            return ("open", "pending", "new", "hold")[bits % 4]
        return "closed" if self._now - updated_at > _CLOSED_AFTER else "solved"

    def _written(self, ticket: Ticket, agent: Person) -> tuple[str, list[Comment]]:
        customer, seed = self._people[ticket.requester_id], self._size.seed
        signed = agent.name.split()[0]
        story = prose.story(seed, ticket.number, tag=ticket.tags[0], customer=customer.name, agent=signed)
        messages = story.messages if ticket.status not in ("new", "open") else story.messages[:1]
        lasted, last = ticket.updated_at - ticket.created_at, max(1, len(messages) - 1)
        return story.subject, [
            Comment(
                id=_FIRST_MESSAGE_ID + ticket.number * _MESSAGES_PER_TICKET + place,
                author_id=customer.id if who == "customer" else agent.id,
                created_at=ticket.created_at + lasted * (place / last),
                public=who != "note",
                text=text,
                html="",
                channel=ticket.channel,
            )
            for place, (who, text) in enumerate(messages)
        ]


class LargeWorld(World):
    """A world of a given size around the staff, the groups and the macros of ``data``."""

    def __init__(
        self,
        data: DemoData,
        now: datetime | Callable[[], datetime] | None = None,
        *,
        limits: Limits | None = None,
        size: Size | None = None,
    ) -> None:
        bare = replace(data, articles=(), tickets=(), customers=(), organizations=())
        super().__init__(bare, now, limits=limits)
        self.size = size or Size()
        at = self.now().replace(microsecond=0) - timedelta(minutes=1)
        customers = max(1, self.size.tickets // _TICKETS_PER_CUSTOMER)
        people = LargePeople(self.people, customers, at - self.size.span - timedelta(days=90))
        tickets = LargeTickets(self.size, at, people, list(self.groups))
        self._articles = LargeArticles(self.size.articles, self.size.seed, at, self.size.span)
        self._large_people, self._large_tickets = people, tickets
        self.people, self.tickets = people, tickets
        self.categories, self.sections = self._articles.categories, self._articles.sections
        self.articles = self._articles.all()

    def staff(self) -> list[Person]:
        known = self.people.staff if isinstance(self.people, LargePeople) else self.people
        return [one for one in known.values() if one.is_staff]

    def named(self, value: str) -> list[Person]:
        return self._large_people.named(value.lower())

    def tickets_of(self, person_id: int) -> list[Ticket]:
        return self._large_tickets.of_customer(person_id)

    def sought(self, what: Sought) -> Sequence[Ticket]:
        return self._large_tickets.sought(what)

    def translations(self, id_: int) -> Sequence[Article]:
        return self._articles.translations(id_)

    def articles_in(self, locale: str | None, *, sort_by: str = "", falling: bool = False) -> Sequence[Article]:
        row = self._articles.in_locale(locale, by_change=sort_by == "updated_at")
        return Found(row, lambda _article: True, falling=True) if falling else row

    def articles_changed(self, since: int) -> Sequence[Article]:
        return self._articles.changed(datetime.fromtimestamp(since, UTC))

    def shelved(self, section_id: int, visibility: str, locale: str | None) -> Sequence[Article]:
        return self._articles.shelved(section_id, visibility, locale)

    def put_article(self, article: Article) -> None:
        self._articles.put(article)

    def remove_article(self, id_: int) -> None:
        self._articles.remove(id_)
