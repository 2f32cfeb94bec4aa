"""What can go wrong on purpose, and how much the faces allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """Applied to requests below ``/api/`` only, so that the demo page can still switch them off.

    ``times`` is for how many requests everything but ``latency_ms`` holds; None means until it is reset.
    """

    latency_ms: int = 0
    status: int = 0
    """Answer this status instead (429, 500, 503 …); 0 for none."""
    retry_after: str | None = None
    """The header of that name, as is: seconds, a date, or nonsense."""
    half_body: bool = False
    html_error_page: bool = False
    offline: bool = False
    """Close the connection without an answer."""
    bad_json: bool = False
    odd_values: bool = False
    """Put keys and statuses into tickets that no documentation mentions."""
    after: bool = False
    """Break only requests that change something, and only when they have been carried out."""
    times: int | None = None
    face: str = ""
    """``zendesk``, ``freshdesk``, or empty for both."""

    def set(self, wishes: Mapping[str, Any]) -> None:
        """Change what ``wishes`` names. Raises ValueError for an unknown name or a wrong type; changes nothing then."""
        known = {field.name for field in fields(self)}
        for name, value in wishes.items():
            if name not in known:
                raise ValueError(f"there is no fault {name!r}")
            if not _fits(name, value):
                raise ValueError(f"{value!r} does not fit {name!r}")
        for name, value in wishes.items():
            setattr(self, name, value)

    def reset(self) -> None:
        self.set({field.name: field.default for field in fields(self)})

    def take(self, face: str, method: str = "GET") -> Faults:
        """Return what holds for one request of ``face``, and count it."""
        if self.face not in ("", face) or (self.after and method in ("GET", "HEAD")):
            return Faults()
        now = Faults(**self.as_json())
        if self.times is not None and now.is_breaking:
            self.times -= 1
            if self.times <= 0:
                latency_ms = self.latency_ms
                self.reset()
                self.latency_ms = latency_ms
        return now

    @property
    def is_breaking(self) -> bool:
        return bool(
            self.status or self.half_body or self.html_error_page or self.offline or self.bad_json or self.odd_values
        )

    def as_json(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _fits(name: str, value: Any) -> bool:
    if name in ("latency_ms", "status"):
        return type(value) is int and value >= 0
    if name == "times":
        return value is None or (type(value) is int and value > 0)
    if name == "retry_after":
        return value is None or isinstance(value, str)
    return isinstance(value, str) if name == "face" else isinstance(value, bool)


@dataclass(slots=True)
class Limits:
    """Requests in a minute, per face and account, as the vendors' Enterprise plans have them."""

    zendesk: int = 700
    zendesk_incremental: int = 10
    zendesk_export: int = 100
    zendesk_updates: int = 100
    freshdesk: int = 700
    freshdesk_ticket_lists: int = 200


@dataclass(slots=True)
class Window:
    """A fixed window of a minute."""

    started_at_s: float = float("-inf")
    used: int = 0

    def take(self, now_s: float, *, cost: int, limit: int) -> bool:
        """Use ``cost`` of ``limit`` and say whether it was there; a refused request costs as well."""
        if now_s - self.started_at_s >= 60:
            self.started_at_s, self.used = now_s, 0
        self.used += cost
        return self.used <= limit

    def remaining(self, limit: int) -> int:
        return max(limit - self.used, 0)

    def resets_in_s(self, now_s: float) -> int:
        return max(1, round(60 - (now_s - self.started_at_s)))
