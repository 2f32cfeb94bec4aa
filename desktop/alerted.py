"""Which churn alerts were raised: the same reason is told once a day for a customer, and a dismissed one stays away.

Kept in the store as one small setting: ids and names of rules only, no words of a customer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from assist.domain import AlertKind, Band, ChurnSignal, TicketRef
from assist.store.state import StoreState
from desktop.front import Front

SETTING = "alerts.raised"
KEPT = timedelta(days=90)
"""A dismissal is remembered so long after it; a day that is over is of no use otherwise."""
WITHOUT_REASON = "churn"
TOLD = frozenset({Band.RAISED, Band.HIGH})


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert as it was raised. ``customer`` is the requester's id at the helpdesk, or the ticket where unknown."""

    account: str
    customer: str
    reason: str
    ticket: int
    day: str
    dismissed: bool = False


class Alerted:
    """Asked before an alert is painted. Belongs to the event loop's thread."""

    def __init__(
        self,
        state: StoreState,
        *,
        write: Callable[[Coroutine[Any, Any, None]], object],
        zone: tzinfo | None = None,
    ) -> None:
        """``write`` starts the writing of a setting; ``zone`` is whose midnight ends the day, the agent's when None."""
        self._state = state
        self._write = write
        self._zone = zone
        self._raised = _read(state.setting(SETTING))

    def may_raise(self, ref: TicketRef, customer: int | None, reason: str, *, now: datetime) -> bool:
        """Return whether an alert is new today, and remember it as raised if so; ask once for each opening of a ticket.

        A second call on the same day says no, on this ticket and on any other of the same customer.
        """
        day = self._day(now)
        oldest = (day - KEPT).isoformat()
        person = _person(ref, customer)
        for one in self._raised:
            if (one.account, one.customer, one.reason) == (ref.account, person, reason) and (
                one.day == day.isoformat() or (one.dismissed and one.ticket == ref.id and one.day >= oldest)
            ):
                return False
        self._keep([*self._raised, Raised(ref.account, person, reason, ref.id, day.isoformat())], day)
        return True

    def dismiss(self, ref: TicketRef, customer: int | None, reason: str, *, now: datetime) -> None:
        """Remember that the agent does not want to see this on this ticket again."""
        day = self._day(now)
        gone = Raised(ref.account, _person(ref, customer), reason, ref.id, day.isoformat(), dismissed=True)
        rest = [one for one in self._raised if replace(one, day=gone.day, dismissed=True) != gone]
        self._keep([*rest, gone], day)

    def quiet(self, front: Front, key: str, *, now: datetime) -> None:
        """The agent has read an alert (its `alert_key`) and does not need it on this ticket any more."""
        if key == AlertKind.CHURN.value and front.help is not None and front.help.churn.band in TOLD:
            reason = main_reason(front.help.churn)
            front.raised[reason] = False
            self.dismiss(front.ref, front.customer_id, reason, now=now)
        else:
            front.quiet_alerts.add(key)

    def quiet_on(self, front: Front, churn: ChurnSignal, *, now: datetime) -> frozenset[str]:
        """Return what is not shown: what was dismissed, and a churn alert that was raised today for the same reason."""
        if churn.band not in TOLD:
            return frozenset(front.quiet_alerts)
        reason = main_reason(churn)
        if reason not in front.raised:
            front.raised[reason] = self.may_raise(front.ref, front.customer_id, reason, now=now)
        return frozenset(front.quiet_alerts | (set() if front.raised[reason] else {AlertKind.CHURN.value}))

    def told_on(self, front: Front, churn: ChurnSignal) -> frozenset[str]:
        """Return what `quiet_on` keeps quiet only because it was told today: it may be looked up, but does not call."""
        reason = main_reason(churn)
        if churn.band not in TOLD or front.raised.get(reason, True):
            return frozenset()
        who = (front.ref.account, _person(front.ref, front.customer_id), reason, front.ref.id)
        gone = any(one.dismissed and (one.account, one.customer, one.reason, one.ticket) == who for one in self._raised)
        return frozenset(() if gone else (AlertKind.CHURN.value,))

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _keep(self, raised: list[Raised], today: date) -> None:
        oldest = (today - KEPT).isoformat()
        self._raised = [one for one in raised if one.day >= (oldest if one.dismissed else today.isoformat())]
        self._write(self._state.put_setting(SETTING, json.dumps([asdict(one) for one in self._raised])))


def main_reason(signal: ChurnSignal) -> str:
    """Return the reason that weighs most: what the customer says before what the helpdesk knows."""
    return next((reason for reason in signal.reasons if reason != "history"), "") or next(
        iter(signal.reasons), WITHOUT_REASON
    )


def _person(ref: TicketRef, customer: int | None) -> str:
    return f"ticket {ref.id}" if customer is None else str(customer)


def _read(text: str | None) -> list[Raised]:
    """Return what was kept; a setting that cannot be read is as good as none, one alert too many does no harm."""
    try:
        return [Raised(**one) for one in json.loads(text or "[]")]
    except (ValueError, TypeError):
        return []
