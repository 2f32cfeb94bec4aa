"""What things are called in one account, read when first needed and again after an hour."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from assist.errors import NotAllowed, NotThere, UnexpectedReply, Unreachable
from integrations.connection import Connection, both, log
from integrations.http import Request, Response
from integrations.zendesk import naming, parts, raw

T = TypeVar("T")

KEPT_FOR = timedelta(hours=1)
PAGES_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Names:
    """By id. Empty where the agent's role may not see them, or nothing needed them."""

    statuses: Mapping[int, str] = field(default_factory=dict)
    brands: Mapping[int, parts.RawBrand] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    fields: Mapping[int, parts.RawField] = field(default_factory=dict)


NO_NAMES = Names()


class NameReader:
    """Asks once and remembers, refusals too: a name is never worth a second request within the hour.

    With ``patient`` the reading waits for the account's budget; without, a ticket is shown without names.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kept: dict[str, tuple[datetime, Mapping[int, Any]]] = {}

    async def of_ticket(self, ticket: raw.RawTicket) -> Names:
        """Read what names this ticket's status, brand and fields: no request where it has none of its own."""
        statuses, (brands, fields) = await both(
            self._if(ticket.custom_status_id is not None, self.statuses()),
            both(
                self._if(ticket.brand_id is not None, self.brands()),
                self._if(bool(ticket.fields), self.fields()),
            ),
        )
        return Names(statuses, brands, {}, fields)

    async def of_solved(self) -> Names:
        """Read what names the brands and groups of many tickets."""
        brands, groups = await both(self.brands(patient=True), self.groups(patient=True))
        return Names({}, brands, groups, {})

    async def statuses(self) -> Mapping[int, str]:
        def read(response: Response) -> tuple[dict[int, str], bool]:
            return naming.read_statuses(response), False

        return await self._named("custom statuses", lambda site, _: naming.statuses_request(site), read)

    async def brands(self, *, patient: bool = False) -> Mapping[int, parts.RawBrand]:
        """Read the brands, which some roles may not see."""
        return await self._named("brands", naming.brands_request, naming.read_brands, patient=patient)

    async def groups(self, *, patient: bool = False) -> Mapping[int, str]:
        return await self._named("groups", naming.groups_request, naming.read_groups, patient=patient)

    async def fields(self) -> Mapping[int, parts.RawField]:
        return await self._named("ticket fields", naming.fields_request, naming.read_fields)

    async def sections(self) -> Mapping[int, str]:
        return await self._named("sections", naming.sections_request, naming.read_sections, patient=True)

    async def segments(self) -> Mapping[int, raw.RawSegment]:
        return await self._named("user segments", naming.segments_request, naming.read_segments, patient=True)

    def forget_help_center(self) -> None:
        """Read sections and segments again when next asked: a new article may stand in a new one."""
        for what in ("sections", "user segments"):
            self._kept.pop(what, None)

    async def _if(self, needed: bool, reading: Coroutine[Any, Any, Mapping[int, T]]) -> Mapping[int, T]:  # noqa: FBT001  # reads as "if needed"
        if not needed:
            reading.close()
            return {}
        return await reading

    async def _named(
        self,
        what: str,
        request: Callable[..., Request],
        read: Callable[[Response], tuple[dict[int, T], bool]],
        *,
        patient: bool = False,
    ) -> Mapping[int, T]:
        """Read all pages; a fault on the way costs the rest of them."""
        now = self._connection.clock.now()
        at, kept = self._kept.get(what, (None, {}))
        if at is not None and abs(now - at) < KEPT_FOR:
            return kept
        ask = self._connection.background if patient else self._connection.glance
        found: dict[int, T] = {}
        try:
            for page in range(1, PAGES_AT_MOST + 1):
                names, more = await ask(request(self._connection.site, page), read)
                new = names.keys() - found.keys()
                found.update(names)
                if not more or not new:
                    break
        except Unreachable as error:
            log.info("shown without all %s: %s", what, type(error).__name__)
            return found or kept
        except (NotAllowed, NotThere, UnexpectedReply) as error:
            log.info("shown without all %s: %s", what, type(error).__name__)
        self._kept[what] = now, found
        return found
