"""Stand-ins for the outside of `integrations`: a helpdesk that answers from a script, time that costs nothing."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from assist.domain import AccountId, HelpdeskKind
from assist.ports import Batch
from integrations.connection import Connection, FixedAuthorizer, Waiting
from integrations.freshdesk.client import FreshdeskHelpdesk
from integrations.http import Request, Response
from integrations.site import Site
from integrations.zendesk.client import ZendeskHelpdesk

T = TypeVar("T")

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ZENDESK = Site(HelpdeskKind.ZENDESK, AccountId("zendesk:acme"), "https://acme.zendesk.com")
FRESHDESK = Site(
    HelpdeskKind.FRESHDESK, AccountId("freshdesk:acme"), "https://acme.freshdesk.com", ("support.acme.com",)
)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, in at most ten seconds."""

    async def bounded() -> T:
        return await asyncio.wait_for(work, 10.0)

    return asyncio.run(bounded())


async def collect(batches: AsyncIterator[Batch[T]]) -> list[Batch[T]]:
    return [batch async for batch in batches]


async def keep(kept: list[Batch[T]], batches: AsyncIterator[Batch[T]]) -> None:
    """Collect batches into a list that outlives an error among them."""
    async for batch in batches:
        kept.append(batch)  # noqa: PERF401 - what came before an error counts


@dataclass
class FakeTime:
    """A clock that only sleeping moves. ``slept`` are the waits, in seconds."""

    at: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


Answer = Response | Exception | Callable[[Request], Response]


def reply(body: Any = None, status: int = 200, **headers: str) -> Response:
    """Return an answer with a JSON body; header names are given with underscores."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


class ScriptedSender:
    """Answers by path. A path with several answers gives them in turn and then repeats the last."""

    def __init__(self, answers: dict[str, Answer | list[Answer]] | None = None) -> None:
        self.answers = answers or {}
        self.requests: list[Request] = []
        self.closed = False

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        await asyncio.sleep(0)
        path = urlsplit(request.url).path.removeprefix("/api/v2/")
        answer = self.answers.get(path, reply({"error": "RecordNotFound"}, 404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    async def aclose(self) -> None:
        self.closed = True

    @property
    def paths(self) -> list[str]:
        return [urlsplit(request.url).path.removeprefix("/api/v2/") for request in self.requests]

    def queries(self, path: str) -> list[dict[str, str]]:
        """Return the queries that were sent to a path, in order."""
        found = (urlsplit(request.url) for request in self.requests)
        return [query_of(parts.query) for parts in found if parts.path == f"/api/v2/{path}"]


def query_of(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}


def query(request: Request) -> dict[str, str]:
    return query_of(urlsplit(request.url).query)


def connection(site: Site, sender: ScriptedSender, time: FakeTime | None = None) -> Connection:
    time = time or FakeTime()
    waiting = Waiting(sleep=time.sleep, clock=time, rng=random.Random(7))
    return Connection(site, FixedAuthorizer("Bearer hunter2-secret"), sender, waiting)


def zendesk(sender: ScriptedSender, time: FakeTime | None = None) -> ZendeskHelpdesk:
    return ZendeskHelpdesk(connection(ZENDESK, sender, time))


def freshdesk(sender: ScriptedSender, time: FakeTime | None = None) -> FreshdeskHelpdesk:
    return FreshdeskHelpdesk(connection(FRESHDESK, sender, time))


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def zendesk_user(id_: int, role: str = "end-user", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": f"Person {id_}",
        "email": f"p{id_}@example.com",
        "role": role,
        "phone": None,
        "locale": "en-GB",
        "created_at": "2024-02-01T08:00:00Z",
        "organization_id": None,
        "tags": [],
        "notes": None,
        "user_fields": {},
        **more,
    }


def zendesk_ticket(id_: int = 7, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "subject": f"Subject {id_}",
        "description": "It broke.",
        "status": "open",
        "custom_status_id": None,
        "priority": None,
        "type": None,
        "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        "requester_id": 20,
        "assignee_id": None,
        "organization_id": None,
        "group_id": None,
        "external_id": None,
        "tags": [],
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-21T09:00:00Z",
        "satisfaction_rating": None,
        **more,
    }


def zendesk_comment(id_: int, author_id: int = 20, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "type": "Comment",
        "author_id": author_id,
        "body": f"Body {id_}",
        "plain_body": f"Body {id_}",
        "html_body": f'<div class="zd-comment" dir="auto"><p>Body {id_}</p></div>',
        "public": True,
        "attachments": [],
        "via": {"channel": "email"},
        "created_at": stamp(at),
        "metadata": {"system": {"ip_address": "203.0.113.9", "location": "Kendal"}, "custom": {}},
        **more,
    }


def zendesk_comments(comments: Iterable[dict[str, Any]], *, users: Iterable[Any] = (), cursor: str = "") -> Response:
    """Return a page of comments. As in real life ``links.next`` is there on the last page too."""
    meta = {"has_more": bool(cursor), "after_cursor": cursor or "stale", "before_cursor": "b"}
    links = {"next": "https://elsewhere.example.com/api/v2/tickets/7/comments?page[after]=evil", "prev": None}
    return reply({"comments": list(comments), "users": list(users), "meta": meta, "links": links})


def freshdesk_ticket(id_: int = 7, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "subject": f"Subject {id_}",
        "description": "<div>It broke.</div>",
        "description_text": "It broke.",
        "status": 2,
        "priority": 1,
        "source": 1,
        "type": None,
        "requester_id": 20,
        "responder_id": None,
        "company_id": None,
        "group_id": None,
        "product_id": None,
        "spam": False,
        "tags": [],
        "cc_emails": None,
        "custom_fields": {},
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-21T09:00:00Z",
        **more,
    }


def freshdesk_entry(id_: int, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "body": f"<div>Body {id_}</div>",
        "body_text": f"Body {id_}",
        "incoming": False,
        "private": False,
        "user_id": 30,
        "support_email": None,
        "source": 0,
        "to_emails": None,
        "from_email": None,
        "cc_emails": [],
        "bcc_emails": None,
        "attachments": [],
        "automation_id": None,
        "auto_response": False,
        "created_at": stamp(at),
        **more,
    }


def paged(items: list[dict[str, Any]]) -> Callable[[Request], Response]:
    """Answer page by page as Freshdesk does; the address in the Link header names another host."""

    def answer(request: Request) -> Response:
        asked = query(request)
        number, size = int(asked.get("page", "1")), int(asked.get("per_page", "30"))
        page = items[(number - 1) * size : number * size]
        more = len(items) > number * size
        link = {"link": f'<https://elsewhere.example.com/api/v2/x?page={number + 1}>;rel="next"'} if more else {}
        return reply(page, 200, **link)

    return answer
