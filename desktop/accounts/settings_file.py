"""The policy in a settings file that an admin hands out: read with suspicion, and told in sentences.

The whole file is of `desktop.admin.bundle`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from desktop import policy as policies
from desktop.accounts.offer import checked
from desktop.i18n import tr
from desktop.policy import InternalUse, Offered, Policy

FORMAT = 1
LARGEST_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds. ``problems`` are sentences about what in it cannot be used."""

    policy: Policy
    problems: tuple[str, ...] = ()


def read_settings(raw: bytes) -> Found:
    """Read a file's content. Raises ValueError with a sentence to show."""
    refused = ValueError(tr("This is not a settings file of Kibitz."))
    if len(raw) > LARGEST_FILE_BYTES:
        raise ValueError(tr("The file is too large to be a settings file of Kibitz."))
    try:
        outer = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise refused from None
    if not isinstance(outer, dict) or not isinstance(outer.get("policy"), dict):
        raise refused
    if outer.get("kibitz") != FORMAT:
        raise ValueError(tr("This settings file is of another version of Kibitz."))
    found = policies.read(outer["policy"])
    offered, problems = _sound(found.policy.offered)
    said = tuple(tr("{what}.", what=problem) for problem in found.problems)
    return Found(replace(found.policy, offered=offered), said + problems)


def with_offer(policy: Policy, offered: Offered) -> Policy:
    """Return ``policy`` with an account offered, once."""
    others = tuple(one for one in policy.offered if (one.kind, one.site) != (offered.kind, offered.site))
    return replace(policy, offered=(*others, offered))


def changes(now: Policy, then: Policy) -> tuple[str, ...]:
    """Return sentences about what would be different, apart from the accounts offered."""
    return tuple(_differences(now, then))


def _differences(now: Policy, then: Policy) -> Iterable[str]:
    if now.quota_share != then.quota_share:
        yield tr(
            "Share of the helpdesk's request quota: {now} % now, {then} % then.",
            now=round(now.quota_share * 100),
            then=round(then.quota_share * 100),
        )
    if now.acting != then.acting:
        yield (
            tr("Kibitz may change tickets when you ask it to.")
            if then.acting
            else tr("Kibitz may no longer change tickets.")
        )
    if now.internal != then.internal:
        yield (
            tr("Internal texts are never suggested for public replies.")
            if then.internal is InternalUse.NEVER
            else tr("Internal texts may enter public replies after a warning.")
        )
    if now.retention_days != then.retention_days:
        yield (
            tr("Customers' texts are deleted after {n} days.", n=then.retention_days)
            if then.retention_days
            else tr("Customers' texts are no longer deleted by age.")
        )
    if now.scopes != then.scopes:
        yield tr("What is read from the helpdesk is limited differently.")
    gone = [one.name or one.site for one in now.offered if not _is_in(one, then.offered)]
    if gone:
        yield tr("No longer offered: {accounts}.", accounts=", ".join(gone))


def _is_in(one: Offered, others: Iterable[Offered]) -> bool:
    return any((one.kind, one.site) == (other.kind, other.site) for other in others)


def _sound(offered: Iterable[Offered]) -> tuple[tuple[Offered, ...], tuple[str, ...]]:
    """Return the offers that can be used, and why the others cannot."""
    sound: list[Offered] = []
    problems: list[str] = []
    for number, one in enumerate(offered, start=1):
        try:
            sound.append(checked(one))
        except ValueError as error:
            problems.append(tr("Account {n} is left out: {why}", n=number, why=error))
    return tuple(sound), tuple(problems)
