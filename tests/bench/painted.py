"""The real panel, which also knows when a state that it was given has been painted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent

from assist.domain import Stage
from desktop.panel.state import PanelState, Ready
from desktop.panel.view import PanelView
from desktop.theme import Theme

DEADLINE_S = 20.0


@dataclass(frozen=True)
class Marks:
    """Milliseconds from the opening to the end of the paint that showed it."""

    first_ms: float
    refined_ms: float
    helped: bool


class PaintedPanel(PanelView):
    """Qt paints a window's dirty widgets in its UpdateRequest event; after that the pixels are there."""

    def __init__(self, theme: Theme) -> None:
        self._began = 0.0
        self._waits_for_paint: Stage | None = None
        self._marks: dict[Stage, float] = {}
        self._refined = asyncio.Event()
        super().__init__(theme)

    def show_state(self, state: PanelState) -> None:
        super().show_state(state)
        if isinstance(state, Ready) and state.help.stage not in self._marks:
            self._waits_for_paint = state.help.stage
            self.update()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.UpdateRequest and self._waits_for_paint is not None:
            stage, self._waits_for_paint = self._waits_for_paint, None
            self._marks[stage] = 1e3 * (time.perf_counter() - self._began)
            if stage is not Stage.LEXICAL:
                self._refined.set()
        return done

    async def painted(self, open_ticket: Callable[[], None]) -> Marks:
        """Call ``open_ticket`` and wait until its refined help has been painted; raises TimeoutError."""
        self._marks.clear()
        self._refined.clear()
        self._began = time.perf_counter()
        open_ticket()
        async with asyncio.timeout(DEADLINE_S):
            await self._refined.wait()
        refined = self._marks.get(Stage.REFINED, float("nan"))
        # Where the refined help overtook the first, the first thing seen was the refined one.
        shown = self.state.help if isinstance(self.state, Ready) else None
        helped = shown is not None and bool(shown.articles or shown.replies)
        return Marks(self._marks.get(Stage.LEXICAL, refined), refined, helped)
