"""Reading a ticket's conversation from its end, although Freshdesk only pages from the beginning.

``include=conversations`` is not used: it gives the first ten entries for the price of two calls, while a
page of its own gives a hundred for one, at the same time as the ticket. A long thread's last page cannot be
asked for either, nor counted, so it is searched for: page numbers are doubled until one is empty, then halved
in. A ticket of 10,000 entries takes about 15 requests; one of up to 300 takes three.
"""

from __future__ import annotations

from datetime import datetime

from assist.errors import NotThere
from integrations.connection import Connection
from integrations.freshdesk import raw, wire

PAGES_KEPT = 3
ENTRIES_AT_MOST = PAGES_KEPT * wire.PAGE_SIZE
LAST_SAFE_PAGE = 500
"""Freshdesk asks not to read pages beyond."""

REMEMBERED = 500

Entries = tuple[tuple[raw.RawConversation, ...], bool]
"""Entries as they were read, and whether older ones were left out."""

_Page = wire.Page[raw.RawConversation]


class Conversations:
    """Reads conversations and remembers where each one ended."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last_pages: dict[int, int] = {}

    async def newest(self, ticket_id: int, *, archived: bool = False) -> Entries:
        """Read the newest 300 entries."""
        thread = _Thread(self._connection, ticket_id, archived=archived)
        last = await thread.last_page()
        self._remember(ticket_id, last)
        first = max(1, last - PAGES_KEPT) if last > PAGES_KEPT else 1
        found: list[raw.RawConversation] = []
        for number in range(first, last + 1):
            found.extend((await thread.page(number)).items)
        return tuple(found[-ENTRIES_AT_MOST:]), first > 1 or len(found) > ENTRIES_AT_MOST

    async def since(self, ticket_id: int, after: datetime) -> tuple[raw.RawConversation, ...]:
        """Read what was added after a time: usually one page, the one where the thread ended last time."""
        thread = _Thread(self._connection, ticket_id)
        number = self._last_pages.get(ticket_id, 0) or await thread.last_page()
        found = list((await thread.page(number)).items)
        last = number
        while (await thread.page(last)).more and last < LAST_SAFE_PAGE:
            last += 1
            found.extend((await thread.page(last)).items)
        self._remember(ticket_id, last)
        while number > 1 and all(item.created_at is None or item.created_at > after for item in found):
            number -= 1
            found[:0] = (await thread.page(number)).items
        return tuple(found)

    def _remember(self, ticket_id: int, last: int) -> None:
        self._last_pages.pop(ticket_id, None)
        self._last_pages[ticket_id] = last
        if len(self._last_pages) > REMEMBERED:
            self._last_pages.pop(next(iter(self._last_pages)))


class _Thread:
    """The pages of one ticket, each read once."""

    def __init__(self, connection: Connection, ticket_id: int, *, archived: bool = False) -> None:
        self._connection = connection
        self._ticket_id = ticket_id
        self._archived = archived
        self._pages: dict[int, _Page] = {}

    async def page(self, number: int) -> _Page:
        """Read a page; one behind the end is empty, whether Freshdesk says so by 200 or by 404."""
        if number not in self._pages:
            request = wire.conversations_request(
                self._connection.site, self._ticket_id, number, archived=self._archived
            )
            try:
                self._pages[number] = await self._connection.call(request, wire.read_conversations)
            except NotThere:
                if number == 1:
                    raise
                self._pages[number] = wire.Page((), more=False)
        return self._pages[number]

    async def last_page(self) -> int:
        """Return the number of the last page with entries, 1 for an empty thread."""
        for number in range(1, PAGES_KEPT + 1):
            if not (await self.page(number)).more:
                return number
        low, high = PAGES_KEPT, PAGES_KEPT + 1
        while (await self.page(high)).more and high < LAST_SAFE_PAGE:
            low, high = high, min(high * 2, LAST_SAFE_PAGE)
        while not (await self.page(high)).items and high - low > 1:
            middle = (low + high) // 2
            found = await self.page(middle)
            if found.items and not found.more:
                return middle
            low, high = (middle, high) if found.items else (low, middle)
        return high if (await self.page(high)).items else low
