"""From typed or kept credentials to a helpdesk that answers. The shell's only importer of the helpdesks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from assist.domain import AccountId, HelpdeskKind
from assist.ports import Helpdesk, Quota
from assist.store.records import Account
from desktop.accounts.state import Credentials, SignInWith
from desktop.desk import Seat, SystemClock
from desktop.policy import Offered
from integrations.demo.process import DemoProcess, Ports
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_EMAIL, DEMO_ZENDESK_TOKEN
from integrations.helpdesks import connect
from integrations.politeness import poll_delay_s
from integrations.site import ApiKey, ApiToken, OAuthToken, Site, demo_site, parse_site
from integrations.site import Credentials as SiteCredentials

__all__ = [
    "DemoProcess",
    "Ports",
    "account_of",
    "checked_offer",
    "demo_delay_s",
    "demo_seats",
    "follow_delay_s",
    "host_of",
    "kept_form",
    "outcome_delay_s",
    "restore",
    "secret_name",
    "sign_in",
]

POLL_S = 5.0
DEMO_POLL_S = 1.0
OUTCOME_POLL_S = 15.0


def follow_delay_s(quota: Quota | None) -> float:
    """Return the wait between two looks at the recently viewed tickets of a real account."""
    return poll_delay_s(quota, POLL_S)


def outcome_delay_s(quota: Quota | None) -> float:
    """Return the wait between two looks for what was sent on a real account."""
    return poll_delay_s(quota, OUTCOME_POLL_S)


def demo_delay_s(_: Quota | None) -> float:
    """The demo helpdesk is on this machine and nobody pays for its requests."""
    return DEMO_POLL_S


def secret_name(account: AccountId) -> str:
    """Return under which name the keyring holds an account's credentials."""
    return f"account {account}"


def checked_offer(offered: Offered) -> Offered:
    """Return an offer with its site in short and its portal as a host. Raises ValueError with a sentence to show."""
    site = parse_site(offered.kind, offered.site, page_host=offered.portal)
    short = site.account.partition(":")[2]
    return replace(offered, site=short, portal="".join(site.page_hosts))


def host_of(offered: Offered) -> str:
    """Return the one host that signing in to ``offered`` talks to. Raises ValueError as `checked_offer`."""
    return _host(parse_site(offered.kind, offered.site))


async def sign_in(credentials: Credentials) -> Seat:
    """Try what was typed, as the agent.

    Raises:
        ValueError: The address names no account of that vendor; the text can be shown.
        HelpdeskError: The helpdesk refused or did not answer.
    """
    site = parse_site(credentials.kind, credentials.site)
    helpdesk = connect(site, _site_credentials(credentials.sign_in_with, credentials.email, credentials.secret))
    try:
        agent = await helpdesk.me()
    except BaseException:
        await helpdesk.aclose()
        raise
    return Seat(helpdesk, agent, _host(site))


def kept_form(credentials: Credentials) -> str:
    """Return the text that the keyring keeps for an account."""
    return json.dumps(
        {"with": credentials.sign_in_with.value, "email": credentials.email, "secret": credentials.secret}
    )


def restore(account: Account, kept: str) -> Seat:
    """Return an account as it was when Kibitz ended. Nothing is sent.

    Raises:
        ValueError: What the keyring holds, or the address, is not what Kibitz wrote.
    """
    try:
        raw: Mapping[str, str] = json.loads(kept)
        credentials = _site_credentials(SignInWith(raw["with"]), raw["email"], raw["secret"])
    except (ValueError, KeyError, TypeError):
        # The text itself is a secret, so the error must not quote it.
        raise ValueError("the kept credentials cannot be read") from None
    site = parse_site(account.kind, account.base_url)
    return Seat(connect(site, credentials), account.agent, account.display)


async def demo_seats(ports: Ports) -> list[Seat]:
    """Connect both faces of the demo helpdesk. Raises `HelpdeskError` if one does not answer."""
    seats = []
    for kind, port, credentials in (
        (HelpdeskKind.ZENDESK, ports.zendesk, ApiToken(DEMO_EMAIL, DEMO_ZENDESK_TOKEN)),
        (HelpdeskKind.FRESHDESK, ports.freshdesk, ApiKey(DEMO_ADMIN_FRESHDESK_KEY)),
    ):
        if port:
            helpdesk = connect(demo_site(kind, port), credentials)
            seats.append(Seat(helpdesk, await helpdesk.me(), f"Tarn & Tor ({kind.value.title()} demo)"))
    return seats


def account_of(seat: Seat) -> Account:
    """Return what the store keeps of a seat; no secret is in it."""
    helpdesk: Helpdesk = seat.helpdesk
    address = urlsplit(helpdesk.ticket_url(1))
    return Account(
        id=helpdesk.account,
        kind=helpdesk.kind,
        base_url=f"{address.scheme}://{address.netloc}",
        display=seat.display,
        agent=seat.agent,
        added_at=SystemClock().now(),
    )


def _site_credentials(sign_in_with: SignInWith, email: str, secret: str) -> SiteCredentials:
    match sign_in_with:
        case SignInWith.API_TOKEN:
            return ApiToken(email.strip(), secret.strip())
        case SignInWith.OAUTH_TOKEN:
            return OAuthToken(secret.strip())
        case SignInWith.API_KEY:
            return ApiKey(secret.strip())


def _host(site: Site) -> str:
    return urlsplit(site.base_url).hostname or site.base_url
