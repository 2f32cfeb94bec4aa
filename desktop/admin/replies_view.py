"""The page about replies: text that is not for everyone, and whether Kibitz may change tickets."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from desktop.admin.parts import PageBody, card
from desktop.admin.state import RepliesPage
from desktop.i18n import tr
from desktop.policy import InternalUse
from desktop.theme import Theme
from desktop.widgets.basics import Label, column, row
from desktop.widgets.check import WrappedCheck


class RepliesView(PageBody):
    """One way in, `show_state`; signals out."""

    internal_chosen = Signal(str)
    """An `InternalUse`."""
    acting_changed = Signal(bool)

    def __init__(self, _theme: Theme) -> None:
        super().__init__(
            tr("Replies"), tr("Kibitz never sends anything by itself. These decide what it offers, and what it may do.")
        )
        self._group = QButtonGroup(self)
        self._internal: dict[InternalUse, QRadioButton] = {}
        choices = column(spacing=8)
        for use, title, about in (
            (
                InternalUse.WARN,
                tr("Ask first"),
                tr("The card is marked. Before its text or its link is copied, the agent is asked, every time."),
            ),
            (
                InternalUse.NEVER,
                tr("Never"),
                tr("Such articles can be read in the panel, and nothing of them is copied."),
            ),
        ):
            choices.addWidget(self._choice(use, title, about))
        self.acting = WrappedCheck(tr("Let Kibitz change tickets when the agent asks it to"))
        self.acting.clicked.connect(self.acting_changed)
        acting = tr(
            "Public replies, notes, status, tags and macros, each after a preview and a click. Zendesk agents sign in "
            "once more for it. Without it, replies go into the helpdesk's own editor or to the clipboard."
        )
        internal = tr(
            "Articles for agents, for signed-in customers or for some of them. Kibitz makes no reply out of them, and "
            "internal notes are never suggested."
        )
        self.body.addWidget(card(tr("Text that not every customer may read"), choices, about=internal))
        self.body.addWidget(card(tr("Acting in the helpdesk"), self.acting, about=acting))
        self.body.addStretch(1)

    def show_state(self, page: RepliesPage) -> None:
        self._internal[page.internal].setChecked(True)
        self.acting.set_checked(checked=page.acting)

    def radio(self, use: InternalUse) -> QRadioButton:
        return self._internal[use]

    def _choice(self, use: InternalUse, title: str, about: str) -> QWidget:
        radio = QRadioButton(title)
        radio.setAccessibleName(title)
        radio.setAccessibleDescription(about)
        radio.clicked.connect(lambda: self.internal_chosen.emit(use.value))
        self._group.addButton(radio)
        self._internal[use] = radio
        said = row(margins=(26, 0, 0, 0))
        said.addWidget(Label(about, "small", wrap=True))
        layout = column(spacing=2)
        layout.addWidget(radio)
        layout.addLayout(said)
        made = QWidget()
        made.setLayout(layout)
        return made
