"""Questions that came from outside: a link, a settings file, links of this system. Nothing happens before a click."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.accounts.rows import KIND_NAMES, headline
from desktop.accounts.state import Asked, AskLinks, FromFile, FromLink, Offer, Refused
from desktop.i18n import tr, tr_n
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, divider, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon


class AskedCard(QFrame):
    """Shows one question; is made anew for the next."""

    offer_chosen = Signal(object)
    """The `Offered` account of a link."""
    file_accepted = Signal()
    links_accepted = Signal()
    dismissed = Signal()

    def __init__(self, theme: Theme, asked: Asked) -> None:
        super().__init__()
        self._theme = theme
        self.asked = asked
        self.setProperty("surface", "asking")
        self._layout: QVBoxLayout = column(spacing=10, margins=(18, 16, 18, 16))
        self.no = Button(theme, tr("Not now"))
        self.no.clicked.connect(self.dismissed)
        self.yes: Button | None = None
        match asked:
            case FromLink(offer, is_connected):
                self._from_link(offer, is_connected=is_connected)
            case FromFile():
                self._from_file(asked)
            case Refused(title, why):
                self._head(title, "warning", "amber")
                self._say(why)
                self.no.put(tr("Close"))
            case AskLinks(what):
                self._head(tr("Open links of Kibitz on this machine?"), "link", "accent_text")
                self._say(what)
                self._yes(tr("Yes, open them here")).clicked.connect(self.links_accepted)
            case _:
                assert_never(asked)
        self._buttons()
        self.setLayout(self._layout)

    def focus_first(self) -> None:
        """Put the keyboard on what does nothing: a link can come while somebody types."""
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _from_link(self, offer: Offer, *, is_connected: bool) -> None:
        if is_connected:
            self._head(tr("You are signed in there already"), "check", "accent_text")
            self._layout.addWidget(self._offer(offer))
            self.no.put(tr("Close"))
            return
        self._head(tr("A link asks you to sign in"), "link", "accent_text")
        self._layout.addWidget(self._offer(offer))
        self._say(
            tr(
                "You will sign in at {host}, and Kibitz will read tickets and articles there. Go on only if you know "
                "this address and expected the link.",
                host=offer.host,
            )
        )
        button = self._yes(tr("Sign in"))
        button.setAccessibleName(tr("Sign in to {site}", site=offer.host))
        button.clicked.connect(lambda: self.offer_chosen.emit(offer.offered))

    def _from_file(self, asked: FromFile) -> None:
        self._head(tr("Use the settings in this file?"), "engine", "accent_text")
        self._layout.addWidget(ClampLabel(asked.file, "small", lines=1))
        if asked.offers:
            n = len(asked.offers)
            self._layout.addWidget(Label(tr_n("It offers one account:", "It offers {n} accounts:", n=n), "strong"))
        for offer in asked.offers:
            self._layout.addWidget(self._offer(offer))
        if asked.changes:
            self._layout.addWidget(Label(tr("It changes:"), "strong"))
        for sentence in asked.changes or (() if asked.offers else (tr("Nothing would change."),)):
            self._layout.addLayout(self._line(sentence, "info", "muted"))
        for sentence in asked.problems:
            self._layout.addLayout(self._line(sentence, "warning", "amber"))
        self._layout.addWidget(divider())
        self._say(tr("What these settings decide now is replaced. Your accounts and what Kibitz has learned stay."))
        self._yes(tr("Use this file")).clicked.connect(self.file_accepted)

    def _offer(self, offer: Offer) -> QWidget:
        inner = column(spacing=1, margins=(12, 8, 12, 8))
        inner.addLayout(headline(self._theme, offer.host, sandbox=offer.is_sandbox))
        vendor = KIND_NAMES[offer.offered.kind]
        named = tr("{helpdesk} · {name}", helpdesk=vendor, name=offer.offered.name)
        inner.addWidget(ClampLabel(named if offer.offered.name else vendor, "small", lines=1))
        if offer.offered.portal:
            inner.addWidget(ClampLabel(tr("Portal: {host}", host=offer.offered.portal), "small", lines=1))
        return boxed(inner, "calm")

    def _head(self, title: str, icon: str, tint: str) -> None:
        line = row(spacing=10)
        line.addWidget(Icon(self._theme, icon, tint, 20), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Label(title, "title", wrap=True), 1)
        self._layout.addLayout(line)
        self.setAccessibleName(title)

    def _line(self, sentence: str, icon: str, tint: str) -> QVBoxLayout:
        line = row(spacing=8)
        line.addWidget(Icon(self._theme, icon, tint, 16), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Label(sentence, "", wrap=True), 1)
        outer = column()
        outer.addLayout(line)
        return outer

    def _say(self, text: str) -> None:
        self._layout.addWidget(Label(text, "", wrap=True))
        self.setAccessibleDescription(text)

    def _yes(self, text: str) -> Button:
        self.yes = Button(self._theme, text, kind="primary")
        return self.yes

    def _buttons(self) -> None:
        line = row(spacing=8)
        for button in (self.yes, self.no):
            if button is not None:
                line.addWidget(button)
        line.addStretch(1)
        self._layout.addLayout(line)
