"""The icon in the notification area and its menu. Reports what was chosen, decides nothing."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QByteArray, QLineF, QObject, QRectF, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction, QBrush, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop.i18n import tr
from desktop.theme import ICONS, Scheme, read_tokens

SIZES_PX = (16, 20, 22, 24, 32, 40, 44, 48, 64)
WINDOW_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)
"""What title bars, task lists and window switchers draw, also twice as dense."""
LOOK_AGAIN_MS = 2_000
LOOKS = 30
"""For so many times after the start a missing notification area is looked for: at login it may come later."""


class Badge(StrEnum):
    """What the icon says. Each differs in shape, not only in colour."""

    NORMAL = "normal"
    ALERT = "alert"
    """A filled dot: something about the open ticket should be known before answering."""
    OFFLINE = "offline"
    """A grey mark with a stroke through it: the helpdesk cannot be reached, or Kibitz pauses."""


class Tray(QObject):
    """Does nothing visible until `show`. Where there is no notification area, `available` is False."""

    toggle_requested = Signal()
    """Show or hide the panel: the menu's first entry, or a click on the icon."""
    quick_open_requested = Signal()
    journal_requested = Signal()
    accounts_requested = Signal()
    settings_requested = Signal()
    admin_requested = Signal()
    pause_toggled = Signal(bool)
    quit_requested = Signal()
    message_clicked = Signal()
    became_available = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._panel_shown = False
        self._paused = False
        self._status = ""
        self._badge = Badge.NORMAL
        self._icon: QSystemTrayIcon | None = None
        self._looks_left = LOOKS
        self.menu = QMenu()
        self._fill_menu()
        self.menu.aboutToShow.connect(self._refresh)
        self._looking = QTimer(self, interval=LOOK_AGAIN_MS)
        self._looking.timeout.connect(self._look)

    @property
    def available(self) -> bool:
        """Whether there is a notification area now, so that a hidden panel can be found again."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def badge(self) -> Badge:
        return self._badge

    def show(self) -> None:
        """Show the icon as soon as there is a place for it. Calling it twice is harmless."""
        if self._icon is not None:
            return
        if self.available:
            self._make_icon()
        else:
            self._looking.start()

    def close(self) -> None:
        self._looking.stop()
        if self._icon is not None:
            self._icon.hide()
        self.menu.close()

    def put(self, *, panel_shown: bool, paused: bool, status: str) -> None:
        """Say how things are: ``status`` is one line such as "Synced 3 min ago", and may be empty."""
        self._panel_shown = panel_shown
        self._paused = paused
        self._status = status
        self._refresh()

    def put_badge(self, badge: Badge) -> None:
        if badge is not self._badge:
            self._badge = badge
            self._draw()

    def notice(self, text: str) -> bool:
        """Show ``text`` as the desktop's own notification; False where that is not possible."""
        if self._icon is None or not QSystemTrayIcon.supportsMessages():
            return False
        self._icon.showMessage("Kibitz", text, self._icon.icon(), 8_000)
        return True

    def _make_icon(self) -> None:
        # Made no sooner: Qt decides between the protocols when the icon is made, and keeps to that.
        icon = QSystemTrayIcon(self)
        icon.setContextMenu(self.menu)
        icon.activated.connect(self._activated)
        icon.messageClicked.connect(self.message_clicked)
        self._icon = icon
        self._draw()
        self._refresh()
        icon.show()

    def _look(self) -> None:
        self._looks_left -= 1
        if self.available:
            self._looking.stop()
            self._make_icon()
            self.became_available.emit()
        elif self._looks_left <= 0:
            self._looking.stop()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.toggle_requested.emit()

    def _fill_menu(self) -> None:
        self._line = self.menu.addAction("")
        self._line.setEnabled(False)
        self._line_below = self.menu.addSeparator()
        self._toggle = self._entry("", self.toggle_requested)
        # Without its key, which holds in the panel only.
        self._entry(tr("Open a ticket …"), self.quick_open_requested)
        self._pause = self.menu.addAction(tr("Pause"))
        self._pause.setCheckable(True)
        self._pause.triggered.connect(self.pause_toggled)
        self.menu.addSeparator()
        self._entry(tr("Journal"), self.journal_requested)
        self._entry(tr("Accounts"), self.accounts_requested)
        self._entry(tr("Settings"), self.settings_requested)
        self._entry(tr("Admin"), self.admin_requested)
        self.menu.addSeparator()
        self._entry(tr("Quit Kibitz"), self.quit_requested)
        self._refresh()

    def _entry(self, text: str, chosen: SignalInstance) -> QAction:
        entry = self.menu.addAction(text)
        entry.triggered.connect(lambda _checked: chosen.emit())
        return entry

    def _refresh(self) -> None:
        """Bring the entries up to date. They are not made anew: some desktops keep the menu open meanwhile."""
        self._toggle.setText(tr("Hide panel") if self._panel_shown else tr("Show panel"))
        self._pause.setChecked(self._paused)
        self._line.setText(self._status)
        self._line.setVisible(bool(self._status))
        self._line_below.setVisible(bool(self._status))
        if self._icon is not None:
            self._icon.setToolTip(f"Kibitz\n{self._status}" if self._status else "Kibitz")

    def _draw(self) -> None:
        if self._icon is not None:
            self._icon.setIcon(badge_icon(self._badge))


def badge_icon(badge: Badge) -> QIcon:
    """Return the mark with ``badge``, drawn for each size that notification areas use."""
    return _icon(badge, SIZES_PX)


def window_icon() -> QIcon:
    """Return the mark as windows have it, drawn for each size that desktops show it in."""
    return _icon(Badge.NORMAL, WINDOW_SIZES_PX)


def _icon(badge: Badge, sizes_px: tuple[int, ...]) -> QIcon:
    icon = QIcon()
    for size_px in sizes_px:
        icon.addPixmap(badge_pixmap(badge, size_px))
    return icon


def badge_pixmap(badge: Badge, size_px: int) -> QPixmap:
    """Draw the mark at ``size_px``, in tones that stand off from light and from dark panels."""
    colors = read_tokens().colors[Scheme.LIGHT]
    body = colors["focus"] if badge is not Badge.OFFLINE else colors["border_input"]
    source = (ICONS / "mark.svg").read_text(encoding="utf-8")
    for word, color in (("var(--accent)", body), ("currentColor", body), ("var(--surface)", colors["surface"])):
        source = source.replace(word, color)
    pixmap = QPixmap(size_px, size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size_px, size_px))
    if badge is Badge.ALERT:
        _draw_dot(painter, size_px, QColor(colors["red_accent"]))
    elif badge is Badge.OFFLINE:
        _draw_stroke(painter, size_px, QColor(body))
    painter.end()
    return pixmap


def _draw_dot(painter: QPainter, size_px: int, color: QColor) -> None:
    diameter = 0.46 * size_px
    box = QRectF(size_px - diameter, 0, diameter, diameter)
    _cut_out(painter, box.adjusted(-size_px / 14, -size_px / 14, size_px / 14, size_px / 14))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(box)


def _cut_out(painter: QPainter, box: QRectF) -> None:
    """Leave a transparent ring, so that the dot stands off on any background."""
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setBrush(Qt.GlobalColor.black)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(box)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


def _draw_stroke(painter: QPainter, size_px: int, color: QColor) -> None:
    width = size_px / 9
    line = QLineF(width, width, size_px - width, size_px - width)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(_round_pen(color, 2.2 * width))
    painter.drawLine(line)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setPen(_round_pen(color, width))
    painter.drawLine(line)


def _round_pen(color: QColor, width: float) -> QPen:
    return QPen(QBrush(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
