"""Where an account lives and how an agent signs in. Only an admin's or agent's own entry chooses a host."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import SplitResult, urlsplit

from assist.domain import AccountId, HelpdeskKind
from assist.errors import SignInNeeded

DOMAINS = {HelpdeskKind.ZENDESK: "zendesk.com", HelpdeskKind.FRESHDESK: "freshdesk.com"}
VENDORS = {HelpdeskKind.ZENDESK: "Zendesk", HelpdeskKind.FRESHDESK: "Freshdesk"}

DEMO_ACCOUNT = "demo.localhost"

_TICKET_PATHS = {
    HelpdeskKind.ZENDESK: re.compile(r"/agent/tickets/(\d{1,18})(?:/.*)?", re.ASCII),
    HelpdeskKind.FRESHDESK: re.compile(r"/(?:a|helpdesk)/tickets/(\d{1,18})(?:/.*)?", re.ASCII),
}
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_NO_ACCOUNT = frozenset({"www", "support", "developer", "developers", "help", "api"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Site:
    """One account of one vendor.

    Attributes:
        base_url: The only origin that is ever sent to, without a trailing slash.
        page_hosts: More hosts on which the agent's browser may show tickets (Freshdesk portals with an own
            domain). They help to recognise a ticket's address and are never sent to.
    """

    kind: HelpdeskKind
    account: AccountId
    base_url: str
    page_hosts: tuple[str, ...] = ()

    @property
    def vendor(self) -> str:
        return VENDORS[self.kind]

    @property
    def is_demo(self) -> bool:
        """Whether it is the demo helpdesk on this machine, for whose requests nobody pays."""
        return urlsplit(self.base_url).hostname in _LOOPBACK

    def ticket_url(self, ticket_id: int) -> str:
        """Return the address of the agent's page for a ticket."""
        page = "agent/tickets" if self.kind is HelpdeskKind.ZENDESK else "a/tickets"
        return f"{self.base_url}/{page}/{ticket_id}"

    def ticket_id_in(self, address: str) -> int | None:
        """Return the ticket id if ``address`` is a ticket page of this account, else None."""
        parts = _split(address.strip())
        own = urlsplit(self.base_url)
        if parts is None or parts.username is not None or parts.password is not None:
            return None
        same_origin = _origin(parts) == _origin(own)
        on_own_portal = parts.hostname in self.page_hosts and parts.scheme == "https" and _port(parts) == 443
        if not same_origin and not on_own_portal:
            return None
        path = parts.path.removeprefix(own.path) if same_origin else parts.path
        found = _TICKET_PATHS[self.kind].fullmatch(path)
        return int(found[1]) if found else None


def parse_site(kind: HelpdeskKind, typed: str, *, page_host: str = "") -> Site:
    """Read what a person typed: ``acme``, ``acme.zendesk.com`` or an address pasted from the browser.

    Raises:
        ValueError: With a sentence that can be shown, if it names no account of that vendor.
    """
    vendor, domain = VENDORS[kind], DOMAINS[kind]
    wanted = typed.strip().lower()
    host = wanted if "." not in wanted and "/" not in wanted and ":" not in wanted else _host_in(wanted)
    subdomain = host.removesuffix(f".{domain}")
    if not _LABEL.fullmatch(subdomain) or subdomain in _NO_ACCOUNT:
        raise ValueError(f"This is not the address of a {vendor} account. It looks like acme.{domain}.")
    portal = page_host.strip().lower().removeprefix("https://").rstrip("/")
    if portal and not _HOST.fullmatch(portal):
        raise ValueError("The portal's own address looks like support.acme.com.")
    return Site(
        kind=kind,
        account=AccountId(f"{kind}:{subdomain}"),
        base_url=f"https://{subdomain}.{domain}",
        page_hosts=(portal,) if portal else (),
    )


def demo_site(kind: HelpdeskKind, port: int, *, prefix: str = "") -> Site:
    """Return the demo helpdesk on this machine: the only kind of site that is reached by plain http.

    A dot cannot stand in a real subdomain, so its account never meets a real one.
    """
    if not 0 < port < 65_536:
        raise ValueError(f"{port} is not a port")
    return Site(kind, AccountId(f"{kind}:{DEMO_ACCOUNT}"), f"http://127.0.0.1:{port}{prefix}")


def _host_in(wanted: str) -> str:
    parts = _split(wanted)
    if parts is None or parts.username is not None or parts.scheme != "https" or _port(parts) != 443:
        return ""
    return parts.hostname or ""


def _split(address: str) -> SplitResult | None:
    """Split an address; one without a scheme is taken as https. None where it cannot be read."""
    if any(character.isspace() or character in "\\\x00" for character in address):
        return None
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        usable = parts.port != 0  # reading the port is what finds a bad one
    except ValueError:
        return None
    return parts if usable else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Return scheme, host and port; the names of this machine are one."""
    host = parts.hostname or ""
    return parts.scheme, "127.0.0.1" if host in _LOOPBACK else host, _port(parts)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """Zendesk: an e-mail address and an API token that exists already (they end on 2027-04-30)."""

    email: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """Zendesk: an OAuth access token, which acts with the rights of the agent who gave it."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Freshdesk: the agent's personal API key."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthGrant:
    """Zendesk: what the agent granted in the browser. One use of ``refresh_token`` replaces the whole.

    Attributes:
        client_id: The account's OAuth client; no secret.
        access_token: Empty where the grant is void: then only signing in again helps.
        refresh_token: Single use; empty where there is none.
        expires_at: By this machine's clock; None where Zendesk did not say.
        scopes: What was granted, which may be less than what was asked.
        renew_at: From when on it is renewed without being asked to; before ``expires_at``.
    """

    client_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime | None
    scopes: tuple[str, ...]
    renew_at: datetime | None = None


Credentials = ApiToken | OAuthToken | OAuthGrant | ApiKey

API_TOKENS_END = date(2027, 4, 30)
"""Zendesk's API tokens stop for good; since 2026-10-27 no new one can be made."""


def authorization(kind: HelpdeskKind, credentials: Credentials) -> str:
    """Return the Authorization header. Raises `SignInNeeded` for credentials that a vendor does not take."""
    match kind, credentials:
        case HelpdeskKind.ZENDESK, OAuthToken(token) if _sendable(token):
            return f"Bearer {token}"
        case HelpdeskKind.ZENDESK, OAuthGrant(access_token=token) if _sendable(token):
            return f"Bearer {token}"
        case HelpdeskKind.ZENDESK, ApiToken(email, token) if _sendable(token) and _sendable(email):
            return _basic(f"{email}/token:{token}")
        case HelpdeskKind.FRESHDESK, ApiKey(key) if _sendable(key):
            return _basic(f"{key}:X")
    raise SignInNeeded(f"These credentials cannot be used with {VENDORS[kind]}.")


def _sendable(secret: str) -> bool:
    """A pasted secret with a line break or a strange letter would otherwise fail deep in the HTTP library."""
    return bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret


def _basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode('utf-8')).decode('ascii')}"
