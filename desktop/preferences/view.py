"""The settings window: what an agent may want otherwise. Changes hold at once; there is no "apply"."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.dock.beside import keep_whole, most_size
from desktop.i18n import tr
from desktop.preferences.browser_view import BrowserSection
from desktop.settings import Side, ThemeChoice
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, row

WIDTH_PX = 460
MARGIN_PX = 20


@dataclass(frozen=True, slots=True)
class PreferencesState:
    """``limits`` is what this desktop does not allow, in one sentence, or empty."""

    theme: ThemeChoice
    side: Side
    reserve_edge: bool
    show_at_start: bool
    follow: bool
    limits: str = ""


class PreferencesView(QWidget):
    """A window of its own, never modal. One way in, `show_state`; signals out.

    ``browser`` is a section with a state of its own, which is there after `have_browser`.
    """

    theme_chosen = Signal(str)
    side_chosen = Signal(str)
    admin_requested = Signal()
    """Show what an admin decides: a window of its own."""
    flag_changed = Signal(str, bool)
    """The key of a setting, and its new value."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Kibitz: settings"))
        self._themes = self._choices(
            {
                ThemeChoice.SYSTEM: tr("As the system"),
                ThemeChoice.LIGHT: tr("Light"),
                ThemeChoice.DARK: tr("Dark"),
            },
            self.theme_chosen,
        )
        self._sides = self._choices({Side.LEFT: tr("Left edge"), Side.RIGHT: tr("Right edge")}, self.side_chosen)
        self._flags = {
            "reserve_edge": QCheckBox(tr("Keep other windows from covering the panel")),
            "show_at_start": QCheckBox(tr("Show the panel when Kibitz starts")),
            "poll": QCheckBox(tr("Notice the ticket that I open in Zendesk")),
        }
        for key, box in self._flags.items():
            box.setAccessibleName(box.text())
            box.clicked.connect(lambda checked, key=key: self.flag_changed.emit(key, checked))
        self._limits = Label("", "small", tone="amber", wrap=True)
        self.browser = BrowserSection(theme)
        self.browser.grown.connect(self._fit)
        self._body = QWidget()
        self._area = QScrollArea()
        self._build(theme)
        self.browser.hide()

    def show_state(self, state: PreferencesState) -> None:
        self._themes[state.theme].setChecked(True)
        if not self.isVisible():
            # Qt would begin with the first choice, where a key would choose something else.
            self._themes[state.theme].setFocus(Qt.FocusReason.OtherFocusReason)
        self._sides[state.side].setChecked(True)
        self._flags["reserve_edge"].setChecked(state.reserve_edge)
        self._flags["show_at_start"].setChecked(state.show_at_start)
        self._flags["poll"].setChecked(state.follow)
        self._limits.put(state.limits)
        self._fit()

    def have_browser(self) -> None:
        """Show the section about browsers among the others."""
        self.browser.show()
        self._fit()

    def scroll_to_browser(self) -> None:
        """Bring the section about browsers into sight."""
        bar = self._area.verticalScrollBar()
        bar.setValue(min(bar.maximum(), self.browser.y() - MARGIN_PX))

    def _fit(self) -> None:
        """Be as high as what is shown, as far as the screen allows; the rest is scrolled to."""
        layout = self._body.layout()
        if layout is None:
            return
        layout.activate()
        bar_px = self._area.verticalScrollBar().sizeHint().width()
        most = most_size(self)
        width_px = min(max(WIDTH_PX, layout.totalMinimumSize().width() + bar_px), most.width())
        self.setFixedSize(width_px, min(layout.totalHeightForWidth(width_px), most.height()))
        keep_whole(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _choices(self, names: dict[str, str], chosen: SignalInstance) -> dict[str, QAbstractButton]:
        group = QButtonGroup(self)
        buttons: dict[str, QAbstractButton] = {}
        for key, text in names.items():
            button = QRadioButton(text)
            button.setAccessibleName(text)
            button.clicked.connect(lambda _=False, key=key: chosen.emit(str(key)))
            group.addButton(button)
            buttons[key] = button
        return buttons

    def _build(self, theme: Theme) -> None:
        layout = column(spacing=14, margins=(24, MARGIN_PX, 24, MARGIN_PX))
        layout.addWidget(Label(tr("Settings"), "display"))
        layout.addWidget(self._section(tr("Look"), self._row_of(self._themes)))
        panel = self._row_of(self._sides)
        place = column(spacing=8)
        place.addLayout(panel)
        place.addWidget(self._flags["reserve_edge"])
        place.addWidget(self._flags["show_at_start"])
        place.addWidget(self._limits)
        layout.addWidget(self._section(tr("Panel"), place))
        follow = column(spacing=4)
        follow.addWidget(self._flags["poll"])
        hint = tr("Asks Zendesk every few seconds while the panel is visible, and less often when its budget is low.")
        follow.addWidget(Label(hint, "small", wrap=True))
        layout.addWidget(self._section(tr("Tickets"), follow))
        layout.addWidget(self.browser)
        admin = Button(theme, tr("For admins …"), kind="link")
        admin.clicked.connect(self.admin_requested)
        close = Button(theme, tr("Close"))
        close.clicked.connect(self.close)
        last = row(spacing=8)
        last.addWidget(admin)
        last.addStretch(1)
        last.addWidget(close)
        layout.addLayout(last)
        self._body.setObjectName("body")
        self._body.setLayout(layout)
        self._area.setWidget(self._body)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = column(spacing=0)
        outer.addWidget(self._area)
        self.setLayout(outer)

    @staticmethod
    def _row_of(buttons: dict[str, QAbstractButton]) -> QVBoxLayout:
        line = row(spacing=16)
        for button in buttons.values():
            line.addWidget(button)
        line.addStretch(1)
        outer = column(spacing=0)
        outer.addLayout(line)
        return outer

    @staticmethod
    def _section(title: str, content: QVBoxLayout) -> QWidget:
        inner = column(spacing=10, margins=(16, 14, 16, 14))
        inner.addWidget(Label(title, "title"))
        inner.addLayout(content)
        return boxed(inner, "card")
