"""OAuth 2 of the demo helpdesk: clients, codes and tokens in memory, with Zendesk's rules. Knows no HTTP."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

DEMO_CLIENT_ID = "kibitz_demo"
DEMO_REDIRECTS = tuple(f"http://127.0.0.1:{port}/callback" for port in (28_765, 28_766, 28_767))

CODE_LIFE_S = 120
ACCESS_LIFE_S, REFRESH_LIFE_S = 1_800, 30 * 86_400
ACCESS_LIVES_S, REFRESH_LIVES_S = (300, 172_800), (604_800, 7_776_000)
"""Least and most of what a request may ask for."""

_RESOURCES = ("tickets", "users", "organizations", "hc", "triggers", "automations", "targets", "webhooks", "apps")
KNOWN_SCOPES = frozenset(
    {"read", "write", "impersonate", "auditlogs:read"}
    | {f"{resource}:{right}" for resource in _RESOURCES for right in ("read", "write")}
)


class OAuthError(Exception):
    """An answer in the shape of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description}
        self.error = error
        self.status = status


@dataclass(frozen=True, slots=True)
class Client:
    """A public client, as an admin registers it. Scopes beyond ``ceiling`` are refused."""

    id: str
    redirect_uris: tuple[str, ...]
    ceiling: frozenset[str] = KNOWN_SCOPES


@dataclass(frozen=True, slots=True)
class Wish:
    """What the agent is asked on the page."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str


@dataclass(frozen=True, slots=True)
class _Code:
    wish: Wish
    until: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and its refresh token, which live and die together."""

    client_id: str
    scopes: tuple[str, ...]
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_until: datetime
    refresh_until: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a request to the token endpoint is answered with instead; ``after`` says that it was carried out first."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False


class OAuthBook:
    """Every grant of the demo's agent.

    Attributes:
        access_life_s: For tests: how long access tokens live, whatever is asked; None for what is asked.
        latency_s: For tests: how long an answer with tokens waits after they were made.
        troubles: For tests: what the next requests for tokens meet, in order.
        exchanges, refreshes: How many succeeded.
        issued: Every token that was ever given out, for tests that look for them where none may be.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.clients = {DEMO_CLIENT_ID: Client(DEMO_CLIENT_ID, DEMO_REDIRECTS)}
        self.access_life_s: int | None = None
        self.latency_s = 0.0
        self.troubles: list[Trouble] = []
        self.exchanges = self.refreshes = 0
        self.issued: list[str] = []
        self._wishes: dict[str, Wish] = {}
        self._codes: dict[str, _Code] = {}
        self._pairs: list[Pair] = []

    def register(self, client: Client) -> None:
        self.clients[client.id] = client

    # The page

    def client_for(self, query: Mapping[str, str]) -> tuple[Client, str]:
        """Return the client and its redirect address. Raises `OAuthError`: then nobody is redirected anywhere."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthError("invalid_client", "No such client")
        redirect_uri = query.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise OAuthError("invalid_request", "This redirect address is not registered")
        return client, redirect_uri

    def ask(self, query: Mapping[str, str]) -> tuple[str, Wish]:
        """Note what is asked; return the form's one-time id. Raises `OAuthError`, to be told by a redirect."""
        client, redirect_uri = self.client_for(query)
        if query.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "Only code")
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            raise OAuthError("invalid_request", "A public client needs a code_challenge of S256")
        scopes = self._granted(client, query.get("scope", ""))
        wish = Wish(client, redirect_uri, scopes, query.get("state", ""), query["code_challenge"])
        form = secrets.token_urlsafe(16)
        self._wishes[form] = wish
        return form, wish

    def decide(self, form: str, *, allow: bool) -> str:
        """Return where the browser goes next. Raises KeyError for a form that was used or never shown."""
        wish = self._wishes.pop(form)
        if not allow:
            return redirect(wish.redirect_uri, wish.state, error="access_denied")
        code = secrets.token_hex(32)
        self._codes[code] = _Code(wish, self._now() + timedelta(seconds=CODE_LIFE_S))
        return redirect(wish.redirect_uri, wish.state, code=code)

    # The token endpoint

    def tokens(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request for tokens. Raises `OAuthError`."""
        client = self.clients.get(str(fields.get("client_id", "")))
        if client is None:
            raise OAuthError("invalid_client", "Client authentication failed", 401)
        match fields.get("grant_type"):
            case "authorization_code":
                return self._exchange(client, fields)
            case "refresh_token":
                return self._refresh(client, fields)
        raise OAuthError("unsupported_grant_type", "Neither authorization_code nor refresh_token")

    def _exchange(self, client: Client, fields: Mapping[str, Any]) -> dict[str, Any]:
        code = self._codes.pop(str(fields.get("code", "")), None)
        wish = code.wish if code is not None else None
        if code is None or wish is None or self._now() > code.until:
            raise _invalid_grant()
        if client is not wish.client or fields.get("redirect_uri") != wish.redirect_uri:
            raise _invalid_grant()
        if not hmac.compare_digest(_challenge(str(fields.get("code_verifier", ""))), wish.challenge):
            raise _invalid_grant()
        if set(self._granted(client, str(fields.get("scope", "")))) - set(wish.scopes):
            raise OAuthError("invalid_scope", "The requested scope is invalid, unknown, or malformed")
        lives = (
            _asked(fields, "expires_in", ACCESS_LIVES_S),
            _asked(fields, "refresh_token_expires_in", REFRESH_LIVES_S),
        )
        self.exchanges += 1
        return self._issue(client.id, wish.scopes, lives[0] or ACCESS_LIFE_S, lives[1] or REFRESH_LIFE_S)

    def _refresh(self, client: Client, fields: Mapping[str, Any]) -> dict[str, Any]:
        token, now = str(fields.get("refresh_token", "")), self._now()
        old = next((pair for pair in self._pairs if pair.refresh == token and pair.client_id == client.id), None)
        if old is None or now > old.refresh_until:
            raise _invalid_grant()
        self._pairs.remove(old)
        self.refreshes += 1
        return self._issue(client.id, old.scopes, ACCESS_LIFE_S, REFRESH_LIFE_S)

    def _issue(self, client_id: str, scopes: tuple[str, ...], access_s: int, refresh_s: int) -> dict[str, Any]:
        life_s = access_s if self.access_life_s is None else self.access_life_s
        access, refresh, now = secrets.token_hex(32), secrets.token_hex(32), self._now()
        until = now + timedelta(seconds=life_s), now + timedelta(seconds=refresh_s)
        self._pairs.append(Pair(client_id, scopes, access, refresh, *until))
        self.issued += [access, refresh]
        return {
            "access_token": access,
            "token_type": "bearer",
            "scope": " ".join(scopes),
            "expires_in": life_s,
            "refresh_token": refresh,
            "refresh_token_expires_in": refresh_s,
        }

    # The API

    def pair_of(self, access: str) -> Pair | None:
        """Return the pair of a token that holds now."""
        now = self._now()
        return next((pair for pair in self._pairs if pair.access == access and now < pair.access_until), None)

    def revoke(self, pair: Pair) -> None:
        self._pairs.remove(pair)

    def revoke_all(self) -> None:
        """End every grant, as an admin can."""
        self._pairs.clear()

    def expire_all(self) -> None:
        """End every access token now; the refresh tokens stay good."""
        self._pairs = [
            Pair(one.client_id, one.scopes, one.access, one.refresh, self._now(), one.refresh_until)
            for one in self._pairs
        ]

    @property
    def live(self) -> tuple[Pair, ...]:
        return tuple(self._pairs)

    @staticmethod
    def _granted(client: Client, asked: str) -> tuple[str, ...]:
        """Return what is granted of ``asked``: unknown names are dropped without a word, as Zendesk does."""
        known = tuple(scope for scope in asked.split() if scope in KNOWN_SCOPES)
        if not asked.strip():
            known = ("read", "write")
        if set(known) - client.ceiling:
            raise OAuthError("invalid_scope", "The requested scope is invalid, unknown, or malformed")
        return known


def allows(pair: Pair, method: str, path: str) -> bool:
    """Say whether a token's scopes are enough for a request. Everybody may end the own token."""
    resource = path.removeprefix("/api/v2/").partition("/")[0].removesuffix(".json")
    if resource == "oauth":
        return True
    resource = "hc" if resource in ("help_center", "guide") else resource
    right = "read" if method in ("GET", "HEAD") else "write"
    return bool({right, f"{resource}:{right}"} & set(pair.scopes))


def redirect(address: str, state: str, **fields: str) -> str:
    """Return the registered address with an answer in its query."""
    return f"{address}?{urlencode({**fields, 'state': state})}"


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _asked(fields: Mapping[str, Any], name: str, limits: tuple[int, int]) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if not str(value).isdecimal() or not limits[0] <= int(value) <= limits[1]:
        raise OAuthError("invalid_request", f"{name} must be from {limits[0]} to {limits[1]}")
    return int(value)


def _invalid_grant() -> OAuthError:
    return OAuthError(
        "invalid_grant",
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in "
        "the authorization request, or was issued to another client.",
    )
