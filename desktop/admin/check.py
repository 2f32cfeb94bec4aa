"""Looks at everything an admin wants to be sure of: sign-ins, rights, quotas, age of what was read. Changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from assist import __version__
from assist.domain import AccountId
from assist.errors import HelpdeskError, KibitzError, NotAllowed, StoreError
from assist.ports import Batch, Helpdesk
from assist.store.database import StoreKey
from assist.store.records import Account
from assist.store.state import StoreState
from assist.store.writer import Reader
from assist.sync import CollectionName
from desktop import policy as policies
from desktop.core import find_triggers
from desktop.desk import Seat
from desktop.grants import Keeping
from desktop.i18n import tr
from desktop.policy import Policy, PolicyFile
from desktop.secrets import STORE_KEY_NAME, Available, KeyringTrouble, Secrets, service_name
from desktop.settings import Folders, presets
from desktop.vault import FILE_NAME
from desktop.wiring import (
    Ports,
    account_of,
    api_token_notice,
    demo_seats,
    is_api_token,
    kept_scopes,
    open_budgets,
    restore,
    secret_name,
)

ANSWER_DEADLINE_S = 30.0
READ_DEADLINE_S = 180.0
"""What is read waits for its turn where the share of requests is small."""


@dataclass(frozen=True, slots=True)
class Readable:
    """Whether this agent may read something, and if not, why."""

    what: str
    allowed: bool
    why: str = ""
    is_fault: bool = False
    """Something is wrong, and it is not just a role that may not."""


@dataclass(frozen=True, slots=True)
class AccountReport:
    """``problem`` is empty for an account that works; ``synced_minutes`` are ages by collection, None for not yet."""

    account: AccountId
    name: str
    problem: str = ""
    agent: str = ""
    is_admin: bool = False
    sign_in: str = ""
    scopes: tuple[str, ...] = ()
    notice: str = ""
    readable: tuple[Readable, ...] = ()
    quota_limit: int | None = None
    quota_left: int | None = None
    share: float = 0.0
    synced_minutes: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """``problems`` are sentences about this machine; those of an account stand with it."""

    version: str
    keyring: str
    is_running: bool
    accounts: tuple[AccountReport, ...]
    problems: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return not self.problems and not any(one.problem for one in self.accounts)


@dataclass(frozen=True, slots=True)
class _Known:
    """An account as it is kept, with the text that the keyring holds for it."""

    account: Account
    kept: str = field(repr=False)
    seat: Seat | None
    problem: str = ""


async def check(where: Folders, *, is_running: bool, ports: Ports) -> Report:
    """Look. Sends a handful of requests to each account, within the same budget as everything else.

    ``ports`` are those of a demo helpdesk to look at instead of the accounts that are kept, 0 for none.
    """
    secrets = await Secrets.open(service_name(where))
    problems = list(_policy_problems(where.config))
    policy = PolicyFile(where.config, presets()).value
    if not isinstance(secrets.state, Available):
        problems.append(tr("Nothing is kept after quitting: {why}.", why=secrets.state.reason.rstrip(".")))
    if rules := find_triggers(where.config).problem:
        problems.append(rules)
    budgets = open_budgets(where.runtime, lambda: policy.quota_share)
    reader = None
    try:
        reader, said = await _opened(secrets, where.data / FILE_NAME)
        problems += said
        known = await _demo(ports) if ports != Ports(0, 0) else await _kept(reader, Keeping(secrets, where.runtime))
        if not known:
            problems.append(tr("No helpdesk is connected on this machine."))
        reports = [await _looked_at(one, policy, reader) for one in known]
    finally:
        if reader is not None:
            reader.close()
        await budgets.aclose()
    keyring = secrets.state.backend if isinstance(secrets.state, Available) else ""
    return Report(__version__, keyring, is_running, tuple(reports), tuple(problems))


def lines(report: Report) -> list[str]:
    """Return the report as text, a line for each fact."""
    said = [
        f"Kibitz {report.version}" + (", running" if report.is_running else ", not running"),
        f"Keyring: {report.keyring or 'none'}",
    ]
    for one in report.accounts:
        said += ["", *_account_lines(one)]
    if report.problems:
        said += ["", *(f"! {problem}" for problem in report.problems)]
    return [*said, "", "All is well." if report.is_well else "Something is to be done: see the lines with !"]


def _account_lines(one: AccountReport) -> list[str]:
    said = [f"{one.name} ({one.account})"]
    if one.problem:
        said.append(f"  ! {one.problem}")
    if one.agent:
        role = "admin" if one.is_admin else "agent"
        said.append(f"  Signed in as {one.agent} ({role}), {one.sign_in}")
    if one.scopes:
        said.append(f"  Granted: {' '.join(one.scopes)}")
    if one.notice:
        said.append(f"  ! {one.notice}")
    said += [f"  Reads {read.what}: {'yes' if read.allowed else f'no. {read.why}'}" for read in one.readable]
    if one.agent:
        said.append(f"  {_quota_line(one)}")
    said += [f"  {what} read: {_age(minutes)}" for what, minutes in one.synced_minutes.items()]
    return said


def _quota_line(one: AccountReport) -> str:
    share = f"Kibitz may use {one.share:.0%}"
    if one.quota_limit is None:
        return f"Quota: not told. {share}"
    left = "" if one.quota_left is None else f", {one.quota_left} left"
    return f"Quota: {one.quota_limit} requests a minute{left}. {share}"


def _age(minutes: int | None) -> str:
    if minutes is None:
        return "not yet"
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"


def _policy_problems(folder: Path) -> tuple[str, ...]:
    try:
        raw = json.loads((folder / policies.FILE_NAME).read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError):
        return (tr("The admin's settings cannot be read, so the defaults hold."),)
    if not isinstance(raw, dict):
        return (tr("The admin's settings cannot be read, so the defaults hold."),)
    return tuple(f"{policies.FILE_NAME}: {problem}" for problem in policies.read(raw).problems)


async def _opened(secrets: Secrets, path: Path) -> tuple[Reader | None, tuple[str, ...]]:
    """Open the store to read, beside a Kibitz that runs; without making one, and without making a key."""
    if not await asyncio.to_thread(path.exists):
        return None, ()
    try:
        key = await secrets.get(STORE_KEY_NAME)
        if key is None:
            return None, (tr("The key of the local data is not in the keyring."),)
        return await asyncio.to_thread(Reader, path, StoreKey.from_text(key)), ()
    except (KeyringTrouble, StoreError, ValueError) as error:
        return None, (str(error),)


async def _kept(reader: Reader | None, keeping: Keeping) -> list[_Known]:
    if reader is None:
        return []
    # Only what reads is used of it: the writer is the running Kibitz.
    found = []
    for account in StoreState(cast("Any", None), reader).accounts():
        try:
            kept = await keeping.secrets.get(secret_name(account.id)) or ""
            found.append(_Known(account, kept, restore(account, kept, keeping)))
        except (KeyringTrouble, ValueError):
            problem = tr("Its sign-in is not in the keyring: sign in again.")
            found.append(_Known(account, "", None, problem))
    return found


async def _demo(ports: Ports) -> list[_Known]:
    return [_Known(account_of(seat), "", seat) for seat in await demo_seats(ports)]


async def _looked_at(known: _Known, policy: Policy, reader: Reader | None) -> AccountReport:
    account, seat = known.account, known.seat
    name = account.name or account.display
    synced = _synced(reader, account.id)
    if seat is None:
        return AccountReport(account.id, name, known.problem, share=policy.quota_share, synced_minutes=synced)
    helpdesk = seat.helpdesk
    try:
        async with asyncio.timeout(ANSWER_DEADLINE_S):
            agent = await helpdesk.me()
    except (HelpdeskError, TimeoutError) as error:
        problem = str(error) or tr("It did not answer in time.")
        await _close(helpdesk)
        return AccountReport(account.id, name, problem, share=policy.quota_share, synced_minutes=synced)
    readable = await _readable(helpdesk)
    quota = helpdesk.quota
    await _close(helpdesk)
    return AccountReport(
        account=account.id,
        name=name,
        problem=next((one.why for one in readable if one.is_fault), ""),
        agent=agent.name,
        is_admin=agent.is_admin,
        sign_in=_sign_in(known.kept),
        scopes=kept_scopes(known.kept),
        notice=api_token_notice(datetime.now().astimezone().date()) if is_api_token(known.kept) else "",
        readable=readable,
        quota_limit=quota.limit if quota is not None else None,
        quota_left=quota.remaining if quota is not None else None,
        share=policy.quota_share,
        synced_minutes=synced,
    )


async def _readable(helpdesk: Helpdesk) -> tuple[Readable, ...]:
    return (
        await _may("macros", helpdesk.macros()),
        await _may("articles", helpdesk.articles()),
        await _may("solved tickets", helpdesk.solved_tickets(limit=1)),
    )


async def _may(what: str, batches: AsyncIterator[Batch[Any]]) -> Readable:
    """Read the first page, and no more."""
    try:
        async with asyncio.timeout(READ_DEADLINE_S), aclosing(cast("Any", batches)) as pages:
            async for _ in pages:
                break
    except HelpdeskError as error:
        return Readable(what, allowed=False, why=str(error), is_fault=not isinstance(error, NotAllowed))
    except TimeoutError:
        why = tr("It did not answer in time. The share of requests may be used up.")
        return Readable(what, allowed=False, why=why, is_fault=True)
    return Readable(what, allowed=True)


def _sign_in(kept: str) -> str:
    if not kept:
        return "as the demo does"
    if is_api_token(kept):
        return "with an API token"
    return "with the browser" if kept_scopes(kept) else "with a key"


def _synced(reader: Reader | None, account: AccountId) -> dict[str, int | None]:
    if reader is None:
        return {}
    state = StoreState(cast("Any", None), reader)
    now = datetime.now().astimezone()
    found: dict[str, int | None] = {}
    for name in CollectionName:
        reached = state.checkpoint(account, name.value)
        age = now - reached.updated_at if reached is not None and reached.done else None
        found[name.value] = None if age is None else max(int(age / timedelta(minutes=1)), 0)
    return found


async def _close(helpdesk: Helpdesk) -> None:
    with suppress(KibitzError):
        await helpdesk.aclose()
