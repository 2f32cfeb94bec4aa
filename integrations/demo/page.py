"""The agent's web page and the small JSON API behind it. Loopback only, no sign-in: the page is the demo agent's."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from html import escape
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from integrations.demo.content import sanitised
from integrations.demo.gate import ApiError
from integrations.demo.model import Article
from integrations.demo.page_shapes import LIST_PATHS, VIEWS, PageShapes
from integrations.demo.world import World

Handler = Callable[[Request], Awaitable[Response]]

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MEDIA_TYPES = {"app.js": "text/javascript", "style.css": "text/css", "icon.svg": "image/svg+xml"}
_CUSTOMER_LINES = {
    "en": (
        "Hi, any news on this? I'd like to have it sorted before the weekend if that's possible.",
        "Thanks for getting back to me. That makes sense, but could you tell me how long it will take?",
        "Sorry, me again. I forgot to say that I still have the original packaging, if that helps.",
        "Honestly, I've been waiting for days now. If this can't be solved I'd rather have my money back.",
    ),
    "de": (
        "Guten Tag, gibt es schon etwas Neues? Ich würde das gern vor dem Wochenende klären.",
        "Danke für Ihre Antwort. Wie lange wird das denn ungefähr dauern?",
        "Ehrlich gesagt warte ich jetzt schon mehrere Tage. Wenn das nicht klappt, hätte ich gern mein Geld zurück.",
    ),
}


def page_routes(world: World, face: str) -> list[Route]:
    """Return the routes of the page as ``face`` looks."""
    page = _Page(world, face)
    ticket_path = "/agent/tickets/{id:int}" if face == "zendesk" else "/a/tickets/{id:int}"
    article_path = "/hc/{locale}/articles/{name}" if face == "zendesk" else "/support/solutions/articles/{name}"
    api = "/demo/api"
    return [
        Route("/", page.start),
        Route(LIST_PATHS[face], page.shell),
        Route(ticket_path, page.shell),
        Route(article_path, page.article),
        Route("/hc/{locale}/articles/{name}", page.article),
        Route("/demo/static/{name}", page.static),
        Route(f"{api}/session", page.session),
        Route(f"{api}/tickets", page.tickets),
        Route(f"{api}/tickets/{{id:int}}", page.ticket),
        Route(f"{api}/tickets/{{id:int}}/viewed", _from_here(page.viewed), methods=["POST"]),
        Route(f"{api}/tickets/{{id:int}}/reply", _from_here(page.reply), methods=["POST"]),
        Route(f"{api}/tickets/{{id:int}}/customer", _from_here(page.customer), methods=["POST"]),
        Route("/demo/faults", page.faults),
        Route("/demo/faults", _from_here(page.set_faults), methods=["POST"]),
        Route("/demo/faults", _from_here(page.reset_faults), methods=["DELETE"]),
    ]


def _from_here(handler: Handler) -> Handler:
    """Let only JSON through: a page of another origin cannot send it without asking first."""

    async def guarded(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise ApiError(415, {"error": "send application/json"})
        return await handler(request)

    return guarded


def _resource(name: str) -> bytes:
    return (files("resources") / "demo_page" / name).read_bytes()


class _Page:
    def __init__(self, world: World, face: str) -> None:
        self._world = world
        self._face = face
        self._agent = world.agent_at(face)
        self._shapes = PageShapes(world, face)
        self._lines_used = 0

    # Documents

    async def start(self, _request: Request) -> Response:
        return RedirectResponse(LIST_PATHS[self._face], 302)

    async def shell(self, _request: Request) -> Response:
        html = _resource("index.html").decode().replace("{face}", self._face)
        return HTMLResponse(html, headers=_HEADERS)

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _MEDIA_TYPES:
            raise ApiError(404)
        return Response(_resource(name), media_type=_MEDIA_TYPES[name], headers=_HEADERS)

    async def article(self, request: Request) -> Response:
        """Show an article as a customer sees it; the address may hold its id, its slug, or both."""
        name = request.path_params["name"]
        id_, _, _ = name.partition("-")
        for one in self._world.translations(int(id_)) if id_.isdigit() else self._world.articles:
            if name in (one.slug, str(one.id), f"{one.id}-{one.slug}") and self._wanted(request, one):
                section = self._world.section(one).name
                html = _resource("article.html").decode()
                for key, value in (("locale", one.locale), ("title", one.title), ("section", section)):
                    html = html.replace(f"{{{key}}}", escape(value))
                return HTMLResponse(html.replace("{body}", sanitised(one.html)), headers=_HEADERS)
        raise ApiError(404)

    @staticmethod
    def _wanted(request: Request, article: Article) -> bool:
        named_by_slug = article.slug in request.path_params["name"]
        return named_by_slug or article.locale == request.path_params.get("locale", article.source_locale)

    # Data

    async def session(self, _request: Request) -> Response:
        return self._json(self._shapes.session())

    async def tickets(self, request: Request) -> Response:
        view = request.query_params.get("view", "unsolved")
        if view not in VIEWS:
            raise ApiError(404, {"error": f"there is no view {view!r}"})
        return self._json(self._shapes.rows(view))

    async def ticket(self, request: Request) -> Response:
        """Answer the whole ticket, or that nothing changed since ``version``."""
        number = self._number(request)
        version = self._world.tickets[number].version
        if request.query_params.get("version") == str(version):
            return self._json({"version": version, "unchanged": True})
        return self._json(self._shapes.ticket(number))

    async def viewed(self, request: Request) -> Response:
        self._world.read(self._number(request), self._agent)
        return self._json({})

    async def reply(self, request: Request) -> Response:
        number = self._number(request)
        wishes = await _body(request)
        html, public, status = wishes.get("html", ""), wishes.get("public"), wishes.get("status")
        if not isinstance(html, str) or not isinstance(public, bool):
            raise ApiError(422, {"error": "html and public are needed"})
        self._world.agent_replies(number, html, agent=self._agent, public=public)
        if status is not None:
            self._set_status(number, status)
        self._world.read(number, self._agent)
        return self._json(self._shapes.ticket(number))

    def _set_status(self, number: int, status: Any) -> None:
        try:
            self._world.set_status(number, str(status))
        except ValueError as error:
            raise ApiError(422, {"error": str(error)}) from error

    async def customer(self, request: Request) -> Response:
        """Let the customer write; ``text`` may be left out."""
        number = self._number(request)
        text = (await _body(request)).get("text")
        ticket = self._world.tickets[number]
        if not isinstance(text, str) or not text.strip():
            lines = _CUSTOMER_LINES[self._world.people[ticket.requester_id].language]
            text = lines[self._lines_used % len(lines)]
            self._lines_used += 1
        self._world.customer_writes(number, text)
        return self._json(self._shapes.ticket(number))

    async def faults(self, _request: Request) -> Response:
        return self._json(self._world.faults.as_json())

    async def set_faults(self, request: Request) -> Response:
        try:
            self._world.faults.set(await _body(request))
        except ValueError as error:
            raise ApiError(422, {"error": str(error)}) from error
        return self._json(self._world.faults.as_json())

    async def reset_faults(self, _request: Request) -> Response:
        self._world.faults.reset()
        return self._json(self._world.faults.as_json())

    def _number(self, request: Request) -> int:
        number: int = request.path_params["id"]
        if self._world.ticket(number) is None:
            raise ApiError(404, {"error": "there is no such ticket"})
        return number

    @staticmethod
    def _json(answer: Any) -> Response:
        return JSONResponse(answer, headers=_HEADERS)


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ApiError(400, {"error": "the body is not JSON"}) from error
    if not isinstance(body, dict):
        raise ApiError(400, {"error": "the body is not an object"})
    return body
