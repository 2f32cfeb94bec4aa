"""The browser's side of signing in to the demo helpdesk, and where a test keeps what comes of it."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx

from integrations.demo.oauth import DEMO_CLIENT_ID, Client
from integrations.demo.world import World
from integrations.site import OAuthGrant
from integrations.zendesk.oauth import redirect_uri


@dataclass
class MemoryVault:
    """A vault that remembers every grant it was given."""

    kept: OAuthGrant | None = None
    saved: list[OAuthGrant] = field(default_factory=list)

    async def load(self) -> OAuthGrant | None:
        return self.kept

    async def save(self, grant: OAuthGrant) -> None:
        self.kept = grant
        self.saved.append(grant)


def free_ports(count: int) -> tuple[int, ...]:
    """Return ports of 127.0.0.1 that nobody uses now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(one.getsockname()[1] for one in sockets)
    for one in sockets:
        one.close()
    return ports


def register(world: World, ports: tuple[int, ...], **more: object) -> None:
    """Register the demo's client with the redirect addresses of ``ports``."""
    uris = tuple(redirect_uri(port) for port in ports)
    world.oauth.register(Client(DEMO_CLIENT_ID, uris, **more))  # type: ignore[arg-type]  # a test's own words


def _browser(base_url: str = "") -> httpx.Client:
    # Without certificates: reading them takes longer than all the rest, and nothing here is https.
    return httpx.Client(base_url=base_url, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def decide(url: str, decision: str = "allow") -> str:
    """Open the page that asks, press Allow or Deny, and return where the browser is sent."""
    parts = urlsplit(url)
    with _browser(f"{parts.scheme}://{parts.netloc}") as browser:
        page = browser.get(url)
        if page.status_code == 302:
            return page.headers["location"]
        form = re.search(r'name="form" value="([^"]+)"', page.text)
        assert form, page.text
        answer = browser.post("/oauth/authorizations", data={"form": form[1], "decision": decision})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


def visit(address: str) -> httpx.Response:
    """Open an address as the browser does."""
    with _browser() as browser:
        return browser.get(address)


def sign_in(url: str, decision: str = "allow") -> httpx.Response:
    """Do all that the agent does in the browser; return the page at the end."""
    return visit(decide(url, decision))


def state_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]
