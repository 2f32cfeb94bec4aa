"""The sign-in that goes on in the browser: where it goes, how to give it up, how it ended."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from desktop.accounts.state import InBrowser, SignedIn, Signing, Stopped
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, refit, reveal, row
from desktop.widgets.icon import Icon


class BrowserPane(QFrame):
    """One way in, `show_state`; signals out. It never holds an address or a token."""

    cancel_requested = Signal()
    """Give the sign-in up, or take note of how it ended."""
    open_requested = Signal()
    copy_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._icon = Icon(theme, "web", "accent_text", 20)
        self._title = Label("", "title", wrap=True)
        self._text = Label("", "", wrap=True)
        self._host = Label("", "strong").selectable()
        self._hint = Label(
            tr(
                "Kibitz never sees your password. Check that the browser shows this address before you type it. If "
                "Zendesk shows an error instead, cancel and tell your admin: Kibitz is not registered there correctly."
            ),
            "small",
            wrap=True,
        )
        self.open = Button(theme, tr("Open again"), icon="open")
        self.open.setAccessibleName(tr("Open the sign-in page again"))
        self.open.clicked.connect(self.open_requested)
        self.copy = Button(theme, tr("Copy the address instead"), kind="quiet", icon="copy")
        self.copy.clicked.connect(self.copy_requested)
        self.again = Button(theme, tr("Try again"), kind="primary")
        self.again.clicked.connect(self.again_requested)
        self.cancel = Button(theme, tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self._build()

    def _build(self) -> None:
        head = row(spacing=10)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        first = row(spacing=8)
        for button in (self.again, self.open, self.cancel):
            first.addWidget(button)
        first.addStretch(1)
        layout = column(spacing=10, margins=(18, 16, 18, 16))
        layout.addLayout(head)
        layout.addWidget(self._text)
        layout.addWidget(self._host)
        layout.addWidget(self._hint)
        layout.addLayout(first)
        layout.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(layout)

    @property
    def said(self) -> str:
        """What is said now, in one piece."""
        return f"{self._title.text()} {self._text.text()}".strip()

    def show_state(self, signing: Signing) -> None:
        waits, stopped = isinstance(signing, InBrowser), isinstance(signing, Stopped)
        for widget in (self.open, self.copy, self._hint, self._host):
            reveal(widget, visible=waits)
        reveal(self.again, visible=stopped)
        self.cancel.put(tr("Cancel") if waits else tr("Close"))
        match signing:
            case InBrowser(host, opened):
                said = tr("Kibitz goes on by itself as soon as you have signed in and agreed there.")
                if not opened:
                    said = tr("No browser could be opened. Copy the address and open it in your browser.")
                self._put("web", "accent_text", tr("Finish signing in in your browser"), said)
                self._host.setText(host)
            case SignedIn(host, agent):
                said = tr("Connected to {site} as {agent}.", site=host, agent=agent)
                self._put("check", "green", tr("You are signed in"), said)
            case Stopped(_, title, advice):
                self._put("warning", "amber", title, advice)
            case _:
                assert_never(signing)
        refit(self._text)

    def focus_first(self) -> None:
        """Put the keyboard on the button that most probably comes next."""
        shown = (one for one in (self.again, self.open, self.cancel) if not one.isHidden())
        if (first := next(shown, None)) is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put(self, icon: str, tint: str, title: str, text: str) -> None:
        self._icon.put(icon, tint)
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
