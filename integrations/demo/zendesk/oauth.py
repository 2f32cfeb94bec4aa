"""The OAuth pages and endpoints of the Zendesk face; the rules are in `integrations.demo.oauth`."""

from __future__ import annotations

import asyncio
import json
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from integrations.demo.gate import ApiError
from integrations.demo.oauth import OAuthError, Wish, redirect
from integrations.demo.world import ZENDESK
from integrations.demo.zendesk.common import Endpoints, error_body

_HEADERS = {
    # form-action holds for the redirect that follows the form, too.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'self' http://127.0.0.1:*; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_WORDS = {
    "read": "Read what you may read",
    "write": "Change what you may change",
    "tickets:write": "Change tickets, and write in them",
}
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Allow access · Demo helpdesk</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;min-height:90vh;margin:0;display:grid;place-items:center;padding:0 1.5em}}
main{{max-width:28em;border:1px solid #8885;border-radius:12px;padding:1.75em 2em;overflow-wrap:anywhere}}
h1{{font-size:1.2em;margin:0 0 .5em}}button{{font:inherit;padding:.4em 1.4em;margin-right:.6em}}</style></head>
<body><main>{body}</main></body></html>
"""
_ASK = """<h1>{client} asks for access</h1>
<p>You are signed in to the demo helpdesk as {agent}. If you allow it, it can:</p>
<ul>{scopes}</ul><form method="post" action="/oauth/authorizations"><input type="hidden" name="form" value="{form}">
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>"""


class OAuth(Endpoints):
    """Authorisation code with PKCE, rotating refresh tokens, revocation."""

    def routes(self) -> list[Route]:
        return [
            Route("/oauth/authorizations/new", self.ask),
            Route("/oauth/authorizations", self.decide, methods=["POST"]),
            Route("/oauth/tokens", self.tokens, methods=["POST"]),
            Route("/api/v2/oauth/tokens/current", self.revoke, methods=["DELETE"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the page with Allow and Deny, or send the browser back with an error."""
        query, book = dict(request.query_params), self._world.oauth
        try:
            _, redirect_uri = book.client_for(query)
        except OAuthError as error:
            return _page(f"<h1>Invalid request</h1><p>{escape(error.body['error_description'])}.</p>", 400)
        try:
            form, wish = book.ask(query)
        except OAuthError as error:
            return RedirectResponse(redirect(redirect_uri, query.get("state", ""), error=error.error), 302)
        return _page(self._question(form, wish))

    async def decide(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode("latin-1")))
        try:
            target = self._world.oauth.decide(fields.get("form", ""), allow=fields.get("decision") == "allow")
        except KeyError:
            return _page("<h1>This form was used already</h1><p>Start again where you came from.</p>", 400)
        return RedirectResponse(target, 303, headers=_HEADERS)

    async def tokens(self, request: Request) -> Response:
        """Exchange a code or a refresh token. JSON and form bodies are both taken."""
        book = self._world.oauth
        trouble = book.troubles.pop(0) if book.troubles else None
        if trouble is None or trouble.after:
            response = await self._tokens(request)
        if book.latency_s:
            await asyncio.sleep(book.latency_s)
        if trouble is not None:
            response = JSONResponse(error_body(trouble.status), trouble.status, dict(trouble.headers))
        self._world.saw(ZENDESK, "POST", "/oauth/tokens", response.status_code)
        return response

    async def _tokens(self, request: Request) -> Response:
        try:
            return JSONResponse(self._world.oauth.tokens(await _fields(request)), headers={"Cache-Control": "no-store"})
        except OAuthError as error:
            return JSONResponse(error.body, error.status)

    async def revoke(self, request: Request) -> Response:
        """End the token that the request came with, and its refresh token."""
        self._agent(request)
        pair = self._world.oauth.pair_of(request.headers["authorization"].partition(" ")[2].strip())
        if pair is None:
            raise ApiError(404, error_body(404))
        self._world.oauth.revoke(pair)
        return Response(status_code=204)

    def _question(self, form: str, wish: Wish) -> str:
        scopes = "".join(f"<li>{escape(_WORDS.get(scope, scope))}</li>" for scope in wish.scopes)
        agent, client = escape(self._world.agent.name), escape(wish.client.id)
        return _ASK.format(client=client, agent=agent, scopes=scopes, form=escape(form))


def _page(body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(body=body), status_code=status, headers=_HEADERS)


async def _fields(request: Request) -> dict[str, Any]:
    body = await request.body()
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(parse_qsl(body.decode("latin-1")))
    try:
        found = json.loads(body)
    except ValueError as error:
        raise OAuthError("invalid_request", "The body is not JSON") from error
    if not isinstance(found, dict):
        raise OAuthError("invalid_request", "The body is not an object")
    return found
