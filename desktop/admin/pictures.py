"""Draws the admin window's pages for `desktop.screenshots`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from desktop.admin import samples, usage_samples
from desktop.admin.state import AdminState, Page
from desktop.admin.view import AdminView
from desktop.theme import Theme

Shot = tuple[str, Callable[[Theme], QWidget]]
SIZE = QSize(860, 640)
READING_SIZE = QSize(860, 860)


def admin(state: AdminState, size: QSize = SIZE) -> Callable[[Theme], QWidget]:
    """Return what draws the window in ``state``."""

    def draw(theme: Theme) -> QWidget:
        view = AdminView(theme)
        view.resize(size)
        view.usage.show_state(usage_samples.USED)
        view.show()
        view.show_state(state)
        if state.page is Page.READING:
            view.reading.cards[0].months.setValue(12)
        return view

    return draw


def admin_shots() -> Iterator[Shot]:
    """Yield every page, and those that ask something."""
    for page in Page:
        size = READING_SIZE if page is Page.READING else SIZE
        yield f"admin-{page.value}", admin(replace(samples.STATE, page=page), size)
    asking = replace(samples.DATA, asking=samples.INES)
    yield "admin-delete", admin(replace(samples.STATE, page=Page.DATA, data=asking), QSize(860, 760))
    yield "admin-nothing", admin(AdminState())
