"""The panel's keys: one table that the shortcuts and their overview are made from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSlider, QApplication, QFrame, QGridLayout, QWidget
from shiboken6 import isValid

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import IconButton, Label, boxed, column, row, scrolling

MARGIN_PX = 12
WIDTH_PX = 360
BELOW_BAR_PX = 56
_MODIFIERS = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta}
_SCROLLS = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
}


@dataclass(frozen=True, slots=True)
class Shortcut:
    """``verb`` names the view's handler. An empty ``does`` is a second spelling, left out of the overview."""

    verb: str
    keys: tuple[str, ...]
    does: str
    shown_as: tuple[str, ...] = ()


SHORTCUTS = (
    Shortcut("use_1", ("1",), ""),
    Shortcut("use_2", ("2",), ""),
    Shortcut("use_3", ("3",), "Use the reply with this number", ("1", "2", "3")),
    Shortcut("next", ("Down", "J"), "Next card", ("↓", "J")),
    Shortcut("previous", ("Up", "K"), "Previous card", ("↑", "K")),
    Shortcut("use", ("Return", "Enter", "U"), "Use the reply, open the article", ("↵", "U")),
    Shortcut("edit", ("E",), "Edit the reply in place", ("E",)),
    Shortcut("dismiss", ("D",), "Dismiss the reply", ("D",)),
    Shortcut("dismiss_why", ("Shift+D",), "Dismiss with a reason", ("Shift", "D")),
    Shortcut("undo", ("Z", "Ctrl+Z"), "Undo the dismissal", ("Z",)),
    Shortcut("open", ("O",), "Open the article or source", ("O",)),
    Shortcut("copy_link", ("C",), "Copy the article's link", ("C",)),
    Shortcut("copy_passage", ("P",), "Copy the passage", ("P",)),
    Shortcut("unfold", ("Space",), "Show all of the text", ("Space",)),
    Shortcut("quick_open", ("Ctrl+K",), "Open a ticket", ("Ctrl", "K")),
    Shortcut("next_section", ("F6",), "Next section", ("F6",)),
    Shortcut("previous_section", ("Shift+F6",), ""),
    Shortcut("escape", ("Esc",), "Close the editor, collapse the panel", ("Esc",)),
    Shortcut("help", ("?", "F1"), "These shortcuts", ("?",)),
)


class ShortcutOverlay(QWidget):
    """Lists the keys on a sheet over the whole panel; any key or click takes it away.

    Only keys that scroll do not, while there is something to scroll to. The click does nothing else: it does not
    reach what lies beneath.
    """

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._before: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Keyboard shortcuts"))
        close = IconButton(theme, "close", tr("Close"), size_px=14)
        close.clicked.connect(self.close_overlay)
        head = row()
        head.addWidget(Label(tr("Keyboard shortcuts"), "title"), 1)
        head.addWidget(close)
        self._body = QWidget()
        self._body.setObjectName("body")
        self._body.setLayout(_table())
        self._area = scrolling(self._body)
        layout = column(spacing=12, margins=(16, 12, 12, 16))
        layout.addLayout(head)
        layout.addWidget(self._area, 1)
        self.sheet = boxed(layout, "overlay", parent=self)
        parent.installEventFilter(self)
        self.hide()

    def show_overlay(self) -> None:
        self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_overlay(self) -> None:
        """Take the sheet away, and give the focus back to what had it."""
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            # Otherwise the key would do what is written beside it, to what cannot be seen.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        if event.key() in _MODIFIERS:
            return
        bar = self._area.verticalScrollBar()
        if bar.maximum() > 0 and event.key() in _SCROLLS:
            bar.triggerAction(_SCROLLS[Qt.Key(event.key())])
        else:
            self.close_overlay()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.close_overlay()

    def paintEvent(self, event: QPaintEvent) -> None:
        veil = self._theme.color("canvas")
        veil.setAlphaF(0.6)
        QPainter(self).fillRect(self.rect(), veil)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Lie under the panel's bar, or higher where the panel is too low for that."""
        host = self.parentWidget()
        layout, table = self.sheet.layout(), self._body.layout()
        if host is None or layout is None or table is None:
            return
        self.setGeometry(host.rect())
        width_px = min(host.width() - 2 * MARGIN_PX, WIDTH_PX)
        sides = layout.contentsMargins()
        table_px = table.totalHeightForWidth(width_px - sides.left() - sides.right() - 2)
        # All but the table: the title and the margins.
        rest_px = layout.totalSizeHint().height() - self._area.sizeHint().height() + 2
        height_px = min(rest_px + table_px, host.height() - 2 * MARGIN_PX)
        top_px = max(MARGIN_PX, min(BELOW_BAR_PX, host.height() - MARGIN_PX - height_px))
        self.sheet.setGeometry((host.width() - width_px) // 2, top_px, width_px, height_px)


def _table() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(1, 1)
    shown = [one for one in SHORTCUTS if one.does]
    for number, shortcut in enumerate(shown):
        grid.addWidget(_keys(shortcut.shown_as), number, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(Label(tr(shortcut.does), "", wrap=True), number, 1)
    grid.setRowMinimumHeight(len(shown), 6)
    way_in = tr(
        "To bring the keyboard here, press Alt+Shift+K in a linked browser, "
        "or bind a key of your desktop to “kibitz keys”."
    )
    grid.addWidget(Label(way_in, "small", wrap=True), len(shown) + 1, 0, 1, 2)
    return grid


def _keys(keys: tuple[str, ...]) -> QFrame:
    layout = row(spacing=3)
    for key in keys:
        layout.addWidget(Label(key, "keycap"), 0, Qt.AlignmentFlag.AlignVCenter)
    layout.addStretch(1)
    return boxed(layout)
