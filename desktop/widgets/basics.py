"""Labels, buttons and boxes. Every text here is plain text: nothing a customer wrote is ever parsed."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme

Kind = Literal["default", "primary", "quiet", "link", "field", "fold"]

_waiting: list[dict[QWidget, None]] = []
"""What `refit` was asked for inside `laid_out_once`, in order; empty outside of it."""


def set_tip(widget: QWidget, text: str) -> None:
    """Give ``widget`` a tool tip that shows ``text`` as it is.

    Qt guesses whether a tool tip is rich text, so plain text is escaped and marked as rich.
    """
    widget.setToolTip(f"<qt>{html.escape(text)}</qt>" if text else "")


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let it be looked at again when it differs."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def reveal(widget: QWidget, *, visible: bool) -> None:
    """Show or hide ``widget``; one that has no parent yet is left alone, or it would open as a window."""
    if not visible or widget.parentWidget() is not None:
        widget.setVisible(visible)


def refit(widget: QWidget) -> None:
    """Have everything around ``widget`` be laid out anew, up to the scroll area or window that it is in.

    Qt passes a changed height-for-width up one level at a time and stops where a layout was activated in
    between (showing a sibling does that), which leaves widgets that overlap.
    """
    if _waiting:
        _waiting[-1][widget] = None
    else:
        _refit(widget, set())


def _refit(widget: QWidget, seen: set[QWidget]) -> None:
    top = widget
    while top not in seen:
        seen.add(top)
        layout = top.layout()
        if layout is not None:
            layout.invalidate()
        top.updateGeometry()
        parent = top.parentWidget()
        if parent is None or top.isWindow() or isinstance(parent.parentWidget(), QScrollArea):
            QCoreApplication.postEvent(top, QEvent(QEvent.Type.LayoutRequest))
            return
        top = parent


@contextmanager
def laid_out_once(root: QWidget) -> Iterator[None]:
    """Change many things inside ``root``: its layouts rest meanwhile, and follow once at the end.

    Otherwise each widget that is shown has Qt lay out everything around it at once: thirty cards and rows, thirty
    layouts of nearly all of them.
    """
    if _waiting:  # showing one thing led to another
        yield
        return
    layouts = root.findChildren(QLayout)
    for layout in layouts:
        layout.setEnabled(False)
    _waiting.append({})
    try:
        yield
    finally:
        for layout in layouts:
            layout.setEnabled(True)
        seen: set[QWidget] = set()
        for widget in _waiting.pop():
            _refit(widget, seen)
        # From the inside out, so that none is laid out before the sizes of its parts are known.
        for layout in reversed(layouts):
            layout.activate()


def row(*, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    return layout


def column(*, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    return layout


def boxed(layout: QLayout, surface: str = "plain", *, parent: QWidget | None = None) -> QFrame:
    """Return a frame around ``layout``, painted as the style sheet says for ``surface``."""
    frame = QFrame(parent)
    frame.setProperty("surface", surface)
    frame.setLayout(layout)
    return frame


def scrolling(inside: QWidget) -> QScrollArea:
    """Return ``inside`` in an area without a frame that scrolls up and down, and takes no focus of its own."""
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def divider() -> QFrame:
    line = QFrame()
    line.setProperty("surface", "divider")
    return line


class Label(QLabel):
    """A label that shows its text literally. ``type`` and ``tone`` are names of the style sheet."""

    def __init__(self, text: str = "", type: str = "", *, tone: str = "", wrap: bool = False) -> None:  # noqa: A002  # the style sheet's word
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(wrap)
        self.setProperty("type", type)
        self.setProperty("tone", tone)
        if wrap:
            self.setMinimumWidth(1)
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def selectable(self) -> Label:
        """Let the mouse select the text, without making it a stop of the tab key."""
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        return self

    def put(self, text: str) -> None:
        """Show ``text``, and take no room when it is empty."""
        self.setText(text)
        reveal(self, visible=bool(text))


class Button(QPushButton):
    """A button with words. ``&`` in the words is shown, not taken for a mnemonic."""

    def __init__(self, theme: Theme, text: str, *, kind: Kind = "default", icon: str = "", tint: str = "") -> None:
        super().__init__(text.replace("&", "&&"))
        self._theme = theme
        self._icon_name = icon
        self._tint = tint or {"primary": "on_accent", "link": "accent_text"}.get(kind, "muted")
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setIconSize(QSize(16, 16))
        if icon:
            theme.changed.connect(self._paint_icon)
            self._paint_icon()

    def put(self, text: str) -> None:
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)

    def put_icon(self, name: str) -> None:
        self._icon_name = name
        self._paint_icon()

    def _paint_icon(self) -> None:
        self.setIcon(self._theme.icon(self._icon_name, self._tint))


class IconButton(QToolButton):
    """A button with an icon only; ``name`` is its tool tip and what a screen reader says."""

    def __init__(self, theme: Theme, icon: str, name: str, *, tint: str = "muted", size_px: int = 18) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon
        self._tint = tint
        self._size_px = size_px
        self.setAccessibleName(name)
        set_tip(self, name)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(size_px, size_px))
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def put(self, icon: str, name: str) -> None:
        self._icon_name = icon
        self.setAccessibleName(name)
        set_tip(self, name)
        self._paint_icon()

    def _paint_icon(self) -> None:
        self.setIcon(self._theme.icon(self._icon_name, self._tint, self._size_px))
