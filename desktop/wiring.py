"""From typed or kept credentials to a helpdesk that answers. The shell's only importer of the helpdesks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from assist.domain import AccountId, HelpdeskKind
from assist.errors import Retryable, Unreachable
from assist.ports import Helpdesk, Quota
from assist.store.records import Account
from desktop.accounts.state import Credentials, SignInWith
from desktop.admin.usage_state import AccountUsage, Budget, Spent, UsageState
from desktop.desk import Seat, SystemClock
from desktop.grants import Keeping, KeyringVault
from desktop.i18n import tr, tr_n
from desktop.policy import Offered
from integrations.demo.process import DemoProcess, Ports
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_EMAIL, DEMO_ZENDESK_TOKEN
from integrations.helpdesks import connect
from integrations.ledger import Ledger
from integrations.ledger_usage import LaneUsage, Usage
from integrations.metering import Meter, Rules
from integrations.politeness import least_delay_s, poll_delay_s
from integrations.shapes import UNKNOWN
from integrations.site import API_TOKENS_END, DEMO_ACCOUNT, ApiKey, ApiToken, OAuthToken, Site, demo_site, parse_site
from integrations.site import Credentials as SiteCredentials
from integrations.zendesk.loopback import Said, Words
from integrations.zendesk.oauth import PORTS, begin, check_client_id, give_back, redirect_uri
from integrations.zendesk.oauth_wire import ACTING_SCOPES, READ_SCOPES, grant_in, grant_text, is_grant
from integrations.zendesk.renewal import GrantPlace

__all__ = [
    "Budgets",
    "DemoProcess",
    "Ports",
    "account_of",
    "api_token_notice",
    "check_client_id",
    "checked_offer",
    "delays",
    "demo_delay_s",
    "demo_seats",
    "follow_delay_s",
    "forget_sign_in",
    "host_of",
    "is_api_token",
    "kept_form",
    "kept_scopes",
    "open_budgets",
    "outcome_delay_s",
    "redirect_uris",
    "restore",
    "revoke",
    "secret_name",
    "sign_in",
    "sign_in_at",
    "sign_in_scopes",
    "sign_in_with_browser",
    "unknown_shapes",
]

POLL_S = 5.0
DEMO_POLL_S = 1.0
OUTCOME_POLL_S = 15.0

unknown_shapes = UNKNOWN.as_json


def follow_delay_s(quota: Quota | None) -> float:
    """Return the wait between two looks at the recently viewed tickets of a real account."""
    return poll_delay_s(quota, POLL_S)


def outcome_delay_s(quota: Quota | None) -> float:
    """Return the wait between two looks for what was sent on a real account."""
    return poll_delay_s(quota, OUTCOME_POLL_S)


def demo_delay_s(_: Quota | None) -> float:
    """The demo helpdesk is on this machine and nobody pays for its requests."""
    return DEMO_POLL_S


class Budgets:
    """How much of each account's requests may be used, kept together with every other Kibitz that has this run folder.

    ``share`` is asked before each request, so what an admin changes holds at once.
    """

    def __init__(self, folder: Path, share: Callable[[], float]) -> None:
        self._ledger = Ledger(folder)
        self.share = share

    def meter(self, site: Site) -> Meter:
        """Return the meter that every request to ``site`` passes."""
        return self._ledger.meter(site.account, self._rules(site.kind, is_demo=site.is_demo))

    async def usage(self, names: Mapping[AccountId, str]) -> UsageState:
        """Return what was used lately, for the page about requests. ``names`` are what accounts are called."""
        found = await self._ledger.usage()
        if found is None:
            said = tr("What was used cannot be read now. Kibitz still keeps to its share, each one for itself.")
            return UsageState(self.share(), problem=said)
        now = SystemClock().now()
        return UsageState(self.share(), tuple(self._shown(usage, names, now) for usage in found if _is_ours(usage)))

    async def aclose(self) -> None:
        await self._ledger.aclose()

    def _rules(self, kind: HelpdeskKind, *, is_demo: bool) -> Rules:
        return Rules(kind, self.share, exempt=is_demo)

    def _shown(self, usage: Usage, names: Mapping[AccountId, str], now: datetime) -> AccountUsage:
        vendor, _, own_name = usage.account.partition(":")
        kind, is_demo = HelpdeskKind(vendor), own_name == DEMO_ACCOUNT
        rules = self._rules(kind, is_demo=is_demo)
        tickets, *others = (self._budget(lane, rules, now) for lane in usage.lanes)
        return AccountUsage(
            account=usage.account,
            kind=kind,
            name=names.get(usage.account, own_name),
            budget=tickets,
            help_center=others[0] if others else None,
            hour=usage.hour,
            day=usage.day,
            week=usage.week,
            bars=usage.bars,
            spent={Spent(purpose.value): cost for purpose, cost in usage.purposes.items()},
            waits=usage.waits,
            is_demo=is_demo,
        )

    @staticmethod
    def _budget(lane: LaneUsage, rules: Rules, now: datetime) -> Budget:
        allowance = rules.allowance(lane.limit)
        return Budget(
            ours=allowance.cap,
            minute=lane.minute,
            limit=lane.limit,
            remaining=lane.remaining,
            seen_ago=None if lane.seen_at is None else max(now - lane.seen_at, timedelta(0)),
            is_least=allowance.is_least,
        )


def _is_ours(usage: Usage) -> bool:
    return usage.account.partition(":")[0] in {kind.value for kind in HelpdeskKind}


_open: list[Budgets] = []
"""The budgets of this process, at most one: an account's budget is one, whoever connects to it."""


def open_budgets(folder: Path, share: Callable[[], float]) -> Budgets:
    """Count the requests of every account that is connected from now on. ``folder`` is the run folder."""
    _open[:] = [Budgets(folder, share)]
    return _open[0]


def delays(share: Callable[[], float]) -> tuple[Callable[[Quota | None], float], Callable[[Quota | None], float]]:
    """Return the waits of `follow_delay_s` and `outcome_delay_s`, longer where ``share`` of the account is little."""

    def stretched(delay_s: Callable[[Quota | None], float]) -> Callable[[Quota | None], float]:
        return lambda quota: max(delay_s(quota), least_delay_s(quota, share()))

    return stretched(follow_delay_s), stretched(outcome_delay_s)


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
    site = parse_site(credentials.kind, credentials.site, page_host=credentials.portal)
    helpdesk = _connect(site, _site_credentials(credentials.sign_in_with, credentials.email, credentials.secret))
    try:
        agent = await helpdesk.me()
    except BaseException:
        await helpdesk.aclose()
        raise
    return Seat(helpdesk, agent, _host(site))


async def sign_in_with_browser(
    offered: Offered, keeping: Keeping, *, acting: bool, opened: Callable[[str], None]
) -> Seat:
    """Let the agent sign in to Zendesk with the browser, and keep the sign-in. Cancelling it frees its port.

    Args:
        acting: Whether the policy lets Kibitz change tickets; without it only reading is asked for.
        opened: Gets the address to open in the agent's browser, once, when the answer can be received.

    Raises:
        ValueError: The address names no Zendesk account, or the client's identifier is none; the text can be shown.
        SignInNeeded: Denied, refused, or less was granted than asked; the text says what to do.
        Unreachable: Zendesk did not answer.
        HelpdeskError: All ports are taken, nobody answered in time, or the answer cannot be read; to be shown.
    """
    site = parse_site(HelpdeskKind.ZENDESK, offered.site)
    return await sign_in_at(site, offered.client_id, keeping, scopes=sign_in_scopes(acting=acting), opened=opened)


async def sign_in_at(
    site: Site,
    client_id: str,
    keeping: Keeping,
    *,
    scopes: tuple[str, ...],
    opened: Callable[[str], None],
    ports: Sequence[int] = PORTS,
) -> Seat:
    """As `sign_in_with_browser`, for a site that may be the demo helpdesk's. ``ports`` are those to wait on."""
    async with begin(site, client_id, scopes=scopes, ports=ports, words=_browser_words()) as attempt:
        opened(attempt.url)
        grant = await attempt.finished()
    place, trying = _grant_place(site.account, keeping), _connect(site, grant)
    try:
        agent = await trying.me()
        before = await place.put(grant)
    except BaseException:
        await give_back(site, grant)
        raise
    finally:
        await trying.aclose()
    if before is not None:
        await give_back(site, before)
    return Seat(_connect(site, grant, kept_in=place), agent, _host(site))


async def revoke(seat: Seat) -> None:
    """End a seat's sign-in at its helpdesk where Kibitz got it by the browser. Best effort, a few seconds at most."""
    if isinstance(seat.helpdesk, _Revocable):
        await seat.helpdesk.revoke()


async def forget_sign_in(account: AccountId, keeping: Keeping) -> None:
    """Delete an account's credentials, at once and again after whoever is renewing them. Raises `KeyringTrouble`."""
    await keeping.secrets.forget(secret_name(account))
    try:
        async with _grant_place(account, keeping).turn() as vault:
            if await vault.load() is not None:
                await keeping.secrets.forget(secret_name(account))
    except (Retryable, Unreachable):
        return  # nobody takes turns where there is no lock, and whoever hangs keeps nothing


def sign_in_scopes(*, acting: bool) -> tuple[str, ...]:
    """Return what is asked for at Zendesk: reading alone, unless the policy lets Kibitz change tickets."""
    return ACTING_SCOPES if acting else READ_SCOPES


def redirect_uris() -> tuple[str, ...]:
    """Return the addresses that an admin registers with Zendesk's OAuth client, in the order they are tried."""
    return tuple(redirect_uri(port) for port in PORTS)


def api_token_notice(today: date) -> str:
    """Return the sentence for agents who still sign in to Zendesk with an API token."""
    day = tr("30 April 2027")
    if today >= API_TOKENS_END:
        return tr("Zendesk's API tokens ended on {day}. Sign in with the browser instead.", day=day)
    left = tr_n("{n} day left", "{n} days left", n=(API_TOKENS_END - today).days)
    return tr("Zendesk's API tokens end on {day} ({left}). Sign in with the browser before then.", day=day, left=left)


@runtime_checkable
class _Revocable(Protocol):
    async def revoke(self) -> None: ...


def _grant_place(account: AccountId, keeping: Keeping) -> GrantPlace:
    vault = KeyringVault(keeping.secrets, secret_name(account), read=grant_in, write=grant_text)
    return GrantPlace(vault, keeping.lock(account))


def _browser_words() -> Words:
    return Words(
        received=Said(tr("Kibitz has your answer"), tr("You can close this window.")),
        refused=Said(tr("Access was not granted"), tr("You can close this window and try again in Kibitz.")),
        stray=Said(
            tr("Nothing to do here"), tr("This page belongs to no sign-in that Kibitz waits for. You can close it.")
        ),
    )


def kept_form(credentials: Credentials) -> str:
    """Return the text that the keyring keeps for an account."""
    return json.dumps(
        {"with": credentials.sign_in_with.value, "email": credentials.email, "secret": credentials.secret}
    )


def is_api_token(kept: str) -> bool:
    """Tell whether what the keyring holds is a Zendesk API token, which ends one day."""
    try:
        raw = json.loads(kept)
    except ValueError:
        return False
    return isinstance(raw, dict) and raw.get("with") == SignInWith.API_TOKEN


def kept_scopes(kept: str) -> tuple[str, ...]:
    """Return what was granted to a sign-in with the browser; nothing for another way to sign in."""
    return grant_in(kept).scopes if is_grant(kept) else ()


def restore(account: Account, kept: str, keeping: Keeping) -> Seat:
    """Return an account as it was when Kibitz ended. Nothing is sent.

    Raises:
        ValueError: What the keyring holds, or the address, is not what Kibitz wrote.
    """
    if is_grant(kept) and account.kind is HelpdeskKind.ZENDESK:
        site, place = _site_of(account), _grant_place(account.id, keeping)
        return Seat(_connect(site, grant_in(kept), kept_in=place), account.agent, account.display)
    try:
        raw: Mapping[str, str] = json.loads(kept)
        credentials = _site_credentials(SignInWith(raw["with"]), raw["email"], raw["secret"])
    except (ValueError, KeyError, TypeError):
        # The text itself is a secret, so the error must not quote it.
        raise ValueError("the kept credentials cannot be read") from None
    return Seat(_connect(_site_of(account), credentials), account.agent, account.display)


async def demo_seats(ports: Ports) -> list[Seat]:
    """Connect both faces of the demo helpdesk. Raises `HelpdeskError` if one does not answer."""
    seats = []
    for kind, port, credentials in (
        (HelpdeskKind.ZENDESK, ports.zendesk, ApiToken(DEMO_EMAIL, DEMO_ZENDESK_TOKEN)),
        (HelpdeskKind.FRESHDESK, ports.freshdesk, ApiKey(DEMO_ADMIN_FRESHDESK_KEY)),
    ):
        if port:
            helpdesk = _connect(demo_site(kind, port), credentials)
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


def _connect(site: Site, credentials: SiteCredentials, *, kept_in: GrantPlace | None = None) -> Helpdesk:
    meter = _open[0].meter(site) if _open else None
    return connect(site, credentials, kept_in=kept_in, meter=meter)


def _site_credentials(sign_in_with: SignInWith, email: str, secret: str) -> SiteCredentials:
    match sign_in_with:
        case SignInWith.API_TOKEN:
            return ApiToken(email.strip(), secret.strip())
        case SignInWith.OAUTH_TOKEN:
            return OAuthToken(secret.strip())
        case SignInWith.API_KEY:
            return ApiKey(secret.strip())


def _site_of(account: Account) -> Site:
    return parse_site(account.kind, account.base_url, page_host=account.portal)


def _host(site: Site) -> str:
    return urlsplit(site.base_url).hostname or site.base_url
