"""Windows under test: one theme for the application, a panel that is shown and active, and what a view said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.panel.view import PanelView
from desktop.theme import Scheme, Theme

SIGNALS = (
    "use_requested",
    "edited",
    "dismissed",
    "undo_dismiss",
    "source_open",
    "article_open",
    "article_copy_link",
    "article_copy_passage",
    "ticket_open",
    "alert_dismissed",
    "retry",
    "action_requested",
    "connect_requested",
    "demo_requested",
    "cancel_sync",
    "quick_open_requested",
    "collapse_toggled",
    "menu_requested",
)
_themes: dict[int, Theme] = {}


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = _themes.setdefault(id(qapp), Theme(qapp, Scheme.LIGHT)) if id(qapp) not in _themes else _themes[id(qapp)]
    made.use(Scheme.LIGHT)
    yield made
    made.use(Scheme.LIGHT)


@pytest.fixture
def show(qtbot: Any) -> Callable[..., Any]:
    """Return what shows a widget, makes its window the active one and waits until it is there."""

    def shown(widget: QWidget, size: QSize | None = None) -> QWidget:
        qtbot.addWidget(widget)
        if size is not None:
            widget.resize(size)
        with qtbot.waitActive(widget):
            widget.show()
            widget.activateWindow()
        return widget

    return shown


@pytest.fixture
def panel(theme: Theme, show: Callable[..., Any]) -> PanelView:
    return show(PanelView(theme), QSize(392, 900))


@pytest.fixture
def heard(panel: PanelView) -> list[tuple[Any, ...]]:
    """Return a list to which every signal of the panel adds its name and arguments."""
    said: list[tuple[Any, ...]] = []
    for name in SIGNALS:
        getattr(panel, name).connect(lambda *values, name=name: said.append((name, *values)))
    return said


@pytest.fixture
def point_at() -> Callable[[QWidget], None]:
    """Return what moves the pointer over a widget, as far as Qt is concerned."""

    def point(widget: QWidget) -> None:
        spot = QPointF(5, 5)
        QApplication.sendEvent(widget, QEnterEvent(spot, spot, QPointF(widget.mapToGlobal(spot.toPoint()))))

    return point
