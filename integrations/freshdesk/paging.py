"""Reading a list of Freshdesk's to its end, in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from integrations.connection import Connection
from integrations.freshdesk import wire
from integrations.http import Request, Response

T = TypeVar("T")

PAGES_AT_MOST = 300
"""Freshdesk lists no more pages of tickets; nothing else is longer."""


async def pages(
    connection: Connection,
    request: Callable[[int], Request],
    read: Callable[[Response], wire.Page[T]],
    *,
    at_most: int = PAGES_AT_MOST,
) -> AsyncIterator[tuple[T, ...]]:
    """Yield page after page; ``request`` makes the one for a page, from 1. A link to an empty page ends it."""
    for number in range(1, at_most + 1):
        page = await connection.background(request(number), read)
        yield page.items
        if not page.more or not page.items:
            return


async def whole_list(
    connection: Connection, request: Callable[[int], Request], read: Callable[[Response], wire.Page[T]]
) -> tuple[T, ...]:
    return tuple([item async for page in pages(connection, request, read) for item in page])
