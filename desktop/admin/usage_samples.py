"""States of the page about requests, for pictures and tests."""

from __future__ import annotations

import math
from datetime import timedelta

from assist.domain import AccountId, HelpdeskKind
from desktop.admin.usage_state import BARS, AccountUsage, Budget, Spent, UsageState


def _busy(most: int) -> tuple[int, ...]:
    return tuple(round(most * (0.5 + 0.5 * math.sin(index / 5)) * (1 if index % 7 else 0.2)) for index in range(BARS))


_BARS = _busy(19)
ZENDESK = AccountUsage(
    AccountId("zendesk:tarnandtor"),
    HelpdeskKind.ZENDESK,
    "Tarn & Tor",
    Budget(ours=20, minute=7, limit=200, remaining=148, seen_ago=timedelta(seconds=12)),
    help_center=Budget(ours=20, minute=3, limit=200),
    hour=sum(_BARS),
    day=4_812,
    week=23_407,
    bars=_BARS,
    spent={Spent.OPENING: 2_110, Spent.WATCHING: 1_302, Spent.SYNCING: 1_388, Spent.ACTING: 12},
    waits=3,
)
FRESHDESK = AccountUsage(
    AccountId("freshdesk:tarn"),
    HelpdeskKind.FRESHDESK,
    "Gewährleistungs- und Reparaturkostenvoranschlagsabteilung Süd · 東京サポート 🏔",
    Budget(ours=16, minute=16, limit=100, remaining=0, seen_ago=timedelta(hours=5), is_least=True),
    hour=41,
    day=502,
    week=502,
    bars=(0,) * 40 + (8, 16, 0, 1, 16) + (0,) * 15,
    spent={Spent.SYNCING: 480, Spent.OPENING: 16, Spent.SIGNING_IN: 6},
)
DEMO = AccountUsage(
    AccountId("zendesk:demo.localhost"),
    HelpdeskKind.ZENDESK,
    "Tarn & Tor (Zendesk demo)",
    Budget(ours=70, minute=0, limit=700, remaining=690, seen_ago=timedelta(minutes=4)),
    day=0,
    is_demo=True,
)
USED = UsageState(0.1, (ZENDESK, FRESHDESK, DEMO))
NOTHING = UsageState(0.1)
TROUBLE = UsageState(0.25, problem="What was used cannot be read now.")
