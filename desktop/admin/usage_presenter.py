"""Keeps the page about requests up to date while it can be seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, QTimer

from desktop.admin.usage_state import UsageState
from desktop.admin.usage_view import UsagePage
from desktop.tasks import TaskSet

LOOK_EVERY_MS = 5_000


class UsagePresenter(QObject):
    """``read`` reads off the window's thread; a share that is chosen goes to ``use_share`` and is shown again."""

    def __init__(
        self,
        page: UsagePage,
        tasks: TaskSet,
        *,
        read: Callable[[], Awaitable[UsageState]],
        use_share: Callable[[float], object],
    ) -> None:
        super().__init__(page)
        self._page = page
        self._tasks = tasks
        self._read = read
        self._use_share = use_share
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        page.came_in_sight.connect(self._watch)
        page.went_out_of_sight.connect(self._timer.stop)
        page.share_chosen.connect(self._chosen)

    def look(self) -> None:
        """Read and show what was used by now."""
        self._tasks.latest("requests used", self._show())

    def _watch(self) -> None:
        self.look()
        self._timer.start()

    def _chosen(self, share: float) -> None:
        self._use_share(share)
        self.look()

    async def _show(self) -> None:
        self._page.show_state(await self._read())
