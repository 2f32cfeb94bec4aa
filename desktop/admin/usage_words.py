"""The sentences of the page about requests. Pure functions of its state."""

from __future__ import annotations

from datetime import timedelta

from assist.domain import HelpdeskKind
from desktop.admin.usage_state import AccountUsage, Budget, Spent
from desktop.i18n import number, tr, tr_n

VENDORS = {HelpdeskKind.ZENDESK: "Zendesk", HelpdeskKind.FRESHDESK: "Freshdesk"}


def spent(purpose: Spent) -> str:
    return {
        Spent.OPENING: tr("Opening tickets"),
        Spent.WATCHING: tr("Watching for news"),
        Spent.SYNCING: tr("Syncing"),
        Spent.ACTING: tr("Acting on tickets"),
        Spent.SIGNING_IN: tr("Signing in"),
    }[purpose]


def minute(budget: Budget, *, limited: bool) -> str:
    """Return how much of our part the last minute took: ``7 of 20``."""
    if not limited:
        return number(budget.minute)
    return tr("{used} of {ours}", used=number(budget.minute), ours=number(budget.ours))


def allowance(usage: AccountUsage, share: float) -> str:
    """Say what the account allows and what of it is ours."""
    budget, vendor = usage.budget, VENDORS[usage.kind]
    if usage.is_demo:
        return tr("The demo helpdesk is on this computer, so its requests are counted but not limited.")
    if budget.limit == 0:
        return tr("This {vendor} plan allows other programs no requests at all.", vendor=vendor)
    if budget.limit is None:
        whole = tr("{vendor} has not said yet how many requests a minute the account has: {limit} are assumed.")
        said = whole.format(vendor=vendor, limit=number(200))
    else:
        limit = number(budget.limit)
        said = tr("The account has {limit} requests a minute for everyone who uses it.", limit=limit)
    return f"{said} {_ours(budget, share)}"


def _ours(budget: Budget, share: float) -> str:
    ours, percent = number(budget.ours), percentage(share)
    if budget.is_least:
        return tr(
            "Kibitz may use {ours}: {percent} would be less, and could not open one ticket.", ours=ours, percent=percent
        )
    return tr("Kibitz may use {ours} of them ({percent}).", ours=ours, percent=percent)


def percentage(share: float) -> str:
    return tr("{n}%", n=round(share * 100))


def remaining(budget: Budget) -> str:
    """Say what the whole account had left when it last said so; empty where it never did."""
    if budget.remaining is None or budget.seen_ago is None:
        return ""
    return tr("Left for everyone: {left}, seen {ago}.", left=number(budget.remaining), ago=ago(budget.seen_ago))


def help_center(budget: Budget) -> str:
    """Say what was used of the help center's own budget."""
    return tr(
        "The help center has a budget of its own: {used} of {ours} in the last minute.",
        used=number(budget.minute),
        ours=number(budget.ours),
    )


def waits(count: int) -> str:
    if count == 0:
        return tr("Not once asked to wait in the last day.")
    return tr_n("Asked to wait once in the last day.", "Asked to wait {n} times in the last day.", n=count)


def week(count: int) -> str:
    return tr("{n} in the last seven days.", n=number(count))


def chart(usage: AccountUsage) -> str:
    """Say in words what the chart shows."""
    most = max(usage.bars, default=0)
    if most == 0:
        return tr("No requests in the last hour.")
    minutes_ago = len(usage.bars) - 1 - max(index for index, count in enumerate(usage.bars) if count == most)
    return tr(
        "Requests minute by minute over the last hour: {hour} in all, at most {most} in one minute ({when}).",
        hour=number(usage.hour),
        most=number(most),
        when=ago(timedelta(minutes=minutes_ago)),
    )


def ago(age: timedelta) -> str:
    seconds = round(age.total_seconds())
    if seconds < 5:
        return tr("just now")
    if seconds < 60:
        return tr("{n} s ago", n=seconds)
    if seconds < 3_600:
        return tr("{n} min ago", n=seconds // 60)
    if seconds < 86_400:
        return tr("{n} h ago", n=seconds // 3_600)
    return tr_n("1 day ago", "{n} days ago", n=seconds // 86_400)
