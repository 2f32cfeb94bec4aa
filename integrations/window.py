"""How many requests an account may be sent in a minute, as arithmetic. Nothing here waits or keeps anything.

A request is in the window from when it is allowed until `WINDOW_S` after it was answered. The vendor counts it at some
moment in between, so whatever minute the vendor looks at, what it counts there stays within the cap (ADR 19).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assist.domain import HelpdeskKind
from integrations.retry import RetryPolicy

WINDOW_S = 60.0
LONGEST_FLIGHT_S = 60.0
"""A request that nobody heard of for so long was of a process that died: it counts as answered then."""
PROBE_LEASE_S = 45.0
"""Whoever asks whether a wait is over has so long; then another one may ask."""
PROBE_POLL_S = 0.5
SHORTEST_WAIT_S = 0.01
LONGEST_HOLD_S = 3_600.0
"""A server that asks for days is asked again after an hour: such a number is more often a mistake."""
NO_REQUESTS_HOLD_S = 60.0
"""So long a limit of 0 is believed."""
SMALLEST_PLAN = 200
"""Requests a minute of either vendor's smallest plan with an API; holds until the account says its own."""
FLOORS = {HelpdeskKind.ZENDESK: 12, HelpdeskKind.FRESHDESK: 16}
"""Never less than this a minute: half of it, which background work leaves alone, opens one ticket."""
LEAST_HOURLY = 3_000
"""Freshdesk's old accounts have 3,000 to 5,000 requests an hour; what is sold by the minute ends at 2,000."""


MOST_ENTRIES = 200
"""More of them are merged by the second, so that a large plan's window costs no more than a small one's."""


class Lane(StrEnum):
    """What has a budget of its own: Zendesk counts its help center apart."""

    TICKETS = "tickets"
    HELP_CENTER = "help_center"


class Purpose(StrEnum):
    """What a request was for, as the page about requests shows it."""

    OPENING = "opening"
    WATCHING = "watching"
    SYNCING = "syncing"
    ACTING = "acting"
    SIGNING_IN = "signing_in"


class Ending(StrEnum):
    """What became of a request."""

    ANSWERED = "answered"
    THROTTLED = "throttled"
    FAILED = "failed"
    """No answer, or a fault of the server: it says nothing about whether a wait is over."""
    NOT_SENT = "not_sent"
    """It never left this machine, so it costs nothing."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment by two clocks, both in seconds.

    ``wall_s`` may be set by a person and goes on while the machine sleeps; ``steady_s`` never goes back, is the same
    for all processes, and begins anew when the machine starts.
    """

    wall_s: float
    steady_s: float

    def age_s(self, now: Moment) -> float:
        """Return for how long it has been over: never longer than it really is, or else -1 where nobody can tell."""
        if now.steady_s >= self.steady_s:
            return now.steady_s - self.steady_s
        return max(-1.0, now.wall_s - self.wall_s)  # the machine was started anew


@dataclass(frozen=True, slots=True)
class Wish:
    """One request before it is sent. ``cost`` is what the vendor will probably take for it, in requests.

    Attributes:
        urgent: Somebody waits for it; all else may use half of the window at most.
        optional: It is left out where it cannot be sent at once, and the last quarter of the window is not for it.
    """

    cost: int
    urgent: bool
    purpose: Purpose
    lane: Lane = Lane.TICKETS
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A request in the window. ``at`` is when it was allowed or, once it is not ``open``, when it was answered."""

    at: Moment
    cost: int
    urgent: bool
    open: bool

    def left_s(self, now: Moment, window_s: float) -> float:
        """Return for how long it still counts; 0 where it does not."""
        age_s = self.at.age_s(now)
        if age_s < 0:
            return 0.0
        return max(0.0, window_s + (LONGEST_FLIGHT_S if self.open else 0.0) - age_s)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an account may be sent.

    Attributes:
        limit: Requests a minute that the vendor allows the whole account, or None while it has not said.
        share: Our part of it, in (0, 1].
        floor: Never less than this, as long as the vendor allows so much.
        exempt: Nobody pays for it (the demo helpdesk on this machine): counted, but not limited.
        polled: The open ticket is found by polling, which a sync that always has more to read must leave room for.
    """

    limit: int | None
    share: float
    floor: int
    exempt: bool = False
    window_s: float = WINDOW_S
    polled: bool = False

    @property
    def cap(self) -> int:
        """Return how many requests may be sent in any window."""
        return min(self._assumed, max(self.floor, self._part))

    @property
    def is_least(self) -> bool:
        """Whether the cap is more than the share, because the share could not open a ticket."""
        return self.cap > self._part

    @property
    def _assumed(self) -> int:
        return SMALLEST_PLAN if self.limit is None else self.limit

    @property
    def _part(self) -> int:
        return math.floor(self._assumed * self.share + 1e-9)


@dataclass(frozen=True, slots=True)
class Hold:
    """The vendor said to wait. When ``wait_s`` are over since ``since``, one request probes; ``probe`` names whose.

    ``tries`` counts the refusals in a row.
    """

    since: Moment
    wait_s: float
    tries: int = 1
    probe: str = ""
    probe_since: Moment = Moment(0.0, 0.0)

    def left_s(self, now: Moment) -> float:
        """Return what is left of the wait. Sleep of the machine counts; a clock that was set back ends it."""
        wall_s = now.wall_s - self.since.wall_s
        steady_s = now.steady_s - self.since.steady_s
        if steady_s < 0 and wall_s < 0:
            return 0.0
        return max(0.0, self.wait_s - max(wall_s, steady_s))

    def may_be_probed(self, now: Moment) -> bool:
        age_s = self.probe_since.age_s(now)
        return not self.probe or age_s < 0 or age_s >= PROBE_LEASE_S

    def probed_by(self, name: str, now: Moment) -> Hold:
        return replace(self, probe=name, probe_since=now)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may be sent: now if ``wait_s`` is 0, else after so long it is worth asking again.

    ``held`` says that the vendor asked to wait, ``probing`` that this request finds out whether that is over.
    """

    wait_s: float = 0.0
    held: bool = False
    probing: bool = False


def judge(wish: Wish, entries: Sequence[Entry], allowance: Allowance, hold: Hold | None, now: Moment) -> Verdict:
    """Return whether ``wish`` may be sent, given what was sent on its lane and what the vendor said."""
    if hold is not None:
        if (left_s := hold.left_s(now)) > 0:
            return Verdict(max(left_s, SHORTEST_WAIT_S), held=True)
        if not hold.may_be_probed(now):
            return Verdict(PROBE_POLL_S, held=True)
    if (wait_s := wait_for_room_s(wish, entries, allowance, now)) > 0:
        return Verdict(wait_s)
    return Verdict(probing=hold is not None)


def wait_for_room_s(wish: Wish, entries: Sequence[Entry], allowance: Allowance, now: Moment) -> float:
    """Return after how long the window has room for ``wish``: 0 for now.

    What is on its way leaves the window a whole window after its answer, so the wait may turn out longer.
    """
    if allowance.exempt:
        return 0.0
    leaving = [(entry.left_s(now, allowance.window_s), entry.cost, entry.urgent) for entry in entries]
    used = sum(cost for left_s, cost, _ in leaving if left_s > 0)
    background = sum(cost for left_s, cost, urgent in leaving if left_s > 0 and not urgent)
    if _fits(wish, used, background, allowance):
        return 0.0
    for left_s, cost, urgent in sorted(leaving):
        if left_s <= 0:
            continue
        used -= cost
        background -= 0 if urgent else cost
        if _fits(wish, used, background, allowance):
            return max(left_s, SHORTEST_WAIT_S)
    return SHORTEST_WAIT_S  # never reached: into an empty window everything fits


def _fits(wish: Wish, used: int, background: int, allowance: Allowance) -> bool:
    """Tell whether there is room. A request that is larger than all the room there is may go alone.

    What a ticket can be shown without leaves a quarter to what it cannot.
    """
    cap = allowance.cap
    if used and used + wish.cost > (cap - cap // 4 if wish.optional else cap):
        return False
    for_polls = allowance.polled and not wish.optional and wish.lane is Lane.TICKETS
    most = cap // 2 - (max(1, cap // 20) if for_polls else 0)
    return wish.urgent or not background or background + wish.cost <= most


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Return fewer entries that hold as much room: what was answered within one second leaves together, as the last."""
    found: dict[tuple[int, bool], Entry] = {}
    kept: list[Entry] = []
    for entry in entries:
        key = math.floor(entry.at.steady_s), entry.urgent
        if entry.open:
            kept.append(entry)
        elif (other := found.get(key)) is None:
            found[key] = entry
        else:
            latest = max(entry.at, other.at, key=lambda moment: moment.steady_s)
            found[key] = Entry(latest, entry.cost + other.cost, entry.urgent, open=False)
    return kept + list(found.values())


def hold_after(
    hold: Hold | None, ending: Ending, asked_s: float | None, now: Moment, *, probing: bool, policy: RetryPolicy
) -> Hold | None:
    """Return the hold after an answer. ``asked_s`` is what the vendor asked to wait, None where it did not say."""
    if ending is not Ending.THROTTLED:
        if not probing or hold is None:
            return hold
        return None if ending is Ending.ANSWERED else replace(hold, probe="")
    if hold is None or probing:
        tries = hold.tries + 1 if hold is not None else 1
        return Hold(now, min(policy.least_throttle_s(asked_s, tries), LONGEST_HOLD_S), tries)
    # An answer that was on its way when the vendor first said so: the longer wait counts.
    wait_s = min(policy.least_throttle_s(asked_s, hold.tries), LONGEST_HOLD_S)
    return replace(hold, since=now, wait_s=wait_s) if wait_s > hold.left_s(now) else hold


def per_minute(kind: HelpdeskKind, told: int) -> int:
    """Return the limit of a minute from what the vendor told, which is of an hour for old Freshdesk accounts."""
    return told // 60 if kind is HelpdeskKind.FRESHDESK and told >= LEAST_HOURLY else told
