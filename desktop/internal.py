"""Stands between an agent's act and text that not every customer may read (promise U5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assist.domain import Visibility
from desktop.i18n import tr
from desktop.policy import InternalUse

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class GateDoors:
    """``ask`` shows the question in a card and says whether it could; ``notice`` says a sentence."""

    use: Callable[[], InternalUse]
    ask: Callable[[str, Visibility], bool]
    notice: Callable[[str], None]


class InternalGate:
    """Every way to the clipboard or into a browser goes through `pass_`; what waits is asked about in its card."""

    def __init__(self, doors: GateDoors) -> None:
        self._doors = doors
        self._waiting: dict[str, tuple[Act, Act]] = {}

    def pass_(self, suggestion_id: str, visibility: Visibility | None, act: Act, otherwise: Act = lambda: None) -> None:
        """Do ``act`` at once where everyone may read the text; else ask first, or refuse, and do ``otherwise``.

        ``visibility`` is None for what is not of the ticket in front any more; the act itself says so.
        """
        if visibility is None or visibility is Visibility.EVERYONE:
            act()
        elif self._doors.use() is InternalUse.NEVER:
            self._doors.notice(tr("Not every customer may read this, so it stays out of replies here."))
            otherwise()
        elif self._doors.ask(suggestion_id, visibility):
            self._waiting = {suggestion_id: (act, otherwise)}
        else:
            otherwise()

    def answered(self, suggestion_id: str, used: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        """The agent answered in the card."""
        act, otherwise = self._waiting.pop(suggestion_id, (None, None))
        if used and act is not None and self._doors.use() is not InternalUse.NEVER:
            act()
        elif otherwise is not None:
            otherwise()
