"""The guide for an admin: make sign-in to Zendesk one click for a whole team. Nothing secret is typed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from assist.domain import HelpdeskKind
from desktop.accounts.browser_pane import BrowserPane
from desktop.accounts.fields import Field
from desktop.accounts.state import Signing
from desktop.i18n import tr
from desktop.policy import Offered
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, reveal, row, scrolling
from desktop.widgets.clamp import ClampLabel

USUAL_CLIENT = "kibitz_desktop"
USUAL_NAME = "Kibitz"


@dataclass(frozen=True, slots=True)
class Registration:
    """What Zendesk's form for an OAuth client asks for. ``redirects`` are registered letter for letter."""

    redirects: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetupState:
    """``errors`` are by field: ``site``, ``client`` or ``name``. ``link`` is empty until the fields are right."""

    errors: Mapping[str, str] = field(default_factory=dict)
    signing: Signing | None = None
    link: str = ""
    note: str = ""
    """What became of the last click, such as where the file was saved."""


class CopyLine(QWidget):
    """One value to carry over into Zendesk's form."""

    copy_requested = Signal(str)

    def __init__(self, theme: Theme, caption: str, value: str, *, copied: bool = True) -> None:
        super().__init__()
        self.value = value
        self._shown = Label(value, "mono" if copied else "", wrap=True).selectable()
        line = row(spacing=8)
        text = column(spacing=1)
        text.addWidget(Label(caption, "small"))
        text.addWidget(self._shown)
        line.addLayout(text, 1)
        self.button = Button(theme, tr("Copy"), kind="quiet", icon="copy")
        self.button.setAccessibleName(tr("Copy {what}", what=caption))
        self.button.clicked.connect(lambda: self.copy_requested.emit(self.value))
        if copied:
            line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)

    def put(self, value: str) -> None:
        self.value = value
        self._shown.setText(value)


class TeamSetupView(QWidget):
    """A window of its own. One way in, `show_state`; signals out."""

    typed = Signal(object)
    """The `Offered` account as the fields say now; it may be wrong still."""
    try_requested = Signal(object)
    admin_requested = Signal(object)
    """Open Zendesk's admin centre of the `Offered` account."""
    copy_requested = Signal(str)
    copy_link_requested = Signal(object)
    save_requested = Signal(object)
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, registration: Registration) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._theme = theme
        self._registration = registration
        self._shown_signing: Signing | None = None
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Kibitz: sign-in for a team"))
        self.site = Field(tr("Subdomain"), tr("The first part of your Zendesk's address."), suffix=".zendesk.com")
        self.client = Field(tr("Unique identifier of the client"), tr("As it stands in Zendesk's form."))
        self.client.edit.setText(USUAL_CLIENT)
        self.name = Field(tr("What agents call it (optional)"), tr("Such as “Sandbox”, which is then marked as one."))
        self.pane = BrowserPane(theme)
        self.pane.cancel_requested.connect(self.cancel_requested)
        self._note = Label("", "small", tone="green", wrap=True)
        self._link = ClampLabel("", "mono", lines=8)
        self._lines: list[CopyLine] = []
        self._build()
        for one in (self.site, self.client, self.name):
            one.edit.textChanged.connect(self._typed)
        self.resize(600, 760)
        self.show_state(SetupState())

    def offered(self) -> Offered:
        return Offered(HelpdeskKind.ZENDESK, self.site.text, self.client.text, name=self.name.text)

    def lines(self) -> tuple[CopyLine, ...]:
        return tuple(self._lines)

    def show_state(self, state: SetupState) -> None:
        for name, one in (("site", self.site), ("client", self.client), ("name", self.name)):
            one.show_error(state.errors.get(name, ""))
        self._link.put(state.link or tr("Fill in the subdomain in step 1 first."))
        for button in (self.copy_link, self.save):
            button.setEnabled(bool(state.link))
        self._note.put(state.note)
        reveal(self.pane, visible=state.signing is not None)
        if state.signing is not None and state.signing != self._shown_signing:
            self.pane.show_state(state.signing)
            if type(state.signing) is not type(self._shown_signing):
                self.pane.focus_first()
                # Laid out first: where it will stand is not known yet.
                QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.pane))
        self._shown_signing = state.signing
        self.try_.setEnabled(state.signing is None)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.pane.isVisible():
                self.cancel_requested.emit()
            else:
                self.close()
            return
        super().keyPressEvent(event)

    def _build(self) -> None:
        layout = column(spacing=14, margins=(24, 20, 24, 20))
        layout.addWidget(Label(tr("Sign-in for my team"), "display"))
        about = tr(
            "Once, an admin of Zendesk registers Kibitz. Then each agent only clicks “Sign in” and acts with their own "
            "rights. There is no secret to hand out."
        )
        layout.addWidget(Label(about, "muted", wrap=True))
        for step in (self._open_step(), self._register_step(), self._try_step(), self._hand_step()):
            layout.addWidget(step)
        layout.addStretch(1)
        body = QWidget()
        body.setObjectName("body")
        body.setLayout(layout)
        self._area = scrolling(body)
        outer = column(spacing=0)
        outer.addWidget(self._area)
        self.setLayout(outer)

    def _open_step(self) -> QWidget:
        inner = self._step(
            1,
            tr("Open the form for OAuth clients in Zendesk"),
            tr("Admin Center › Apps and integrations › APIs › OAuth clients › Add OAuth client."),
        )
        inner.addWidget(self.site)
        self.admin = Button(self._theme, tr("Open the Admin Center"), icon="open")
        self.admin.clicked.connect(lambda: self.admin_requested.emit(self.offered()))
        inner.addWidget(self.admin, 0, Qt.AlignmentFlag.AlignLeft)
        return _card(inner)

    def _register_step(self) -> QWidget:
        registration = self._registration
        inner = self._step(2, tr("Register Kibitz with exactly these values"), "")
        lines = (
            CopyLine(self._theme, tr("Name"), USUAL_NAME),
            CopyLine(self._theme, tr("Unique identifier"), USUAL_CLIENT),
            CopyLine(self._theme, tr("Client kind"), tr("Public"), copied=False),
            CopyLine(self._theme, tr("Redirect URLs, one a line"), "\n".join(registration.redirects)),
            CopyLine(self._theme, tr("Scopes, where the form asks for them"), " ".join(registration.scopes)),
        )
        for line in lines:
            line.copy_requested.connect(self.copy_requested)
            inner.addWidget(line)
        self._lines.extend(lines)
        said = tr("Leave everything else empty, and save. Kibitz needs no secret: if Zendesk shows one, ignore it.")
        inner.addWidget(Label(said, "small", wrap=True))
        return _card(inner)

    def _try_step(self) -> QWidget:
        inner = self._step(3, tr("Try it yourself"), tr("You sign in once, as your agents will."))
        self.try_ = Button(self._theme, tr("Try it"), kind="primary")
        self.try_.setAccessibleName(tr("Try the sign-in"))
        self.try_.clicked.connect(lambda: self.try_requested.emit(self.offered()))
        inner.addWidget(self.client)
        inner.addWidget(self.name)
        inner.addWidget(self.try_, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.pane)
        return _card(inner)

    def _hand_step(self) -> QWidget:
        inner = self._step(
            4,
            tr("Hand it to your agents"),
            tr("The link opens Kibitz with this account filled in. The file holds all settings of yours as well."),
        )
        box = column(margins=(10, 8, 10, 8))
        box.addWidget(self._link)
        inner.addWidget(boxed(box, "well"))
        self.copy_link = Button(self._theme, tr("Copy the link"), kind="primary", icon="copy", tint="on_accent")
        self.copy_link.clicked.connect(lambda: self.copy_link_requested.emit(self.offered()))
        self.save = Button(self._theme, tr("Save a settings file"), icon="export")
        self.save.clicked.connect(lambda: self.save_requested.emit(self.offered()))
        buttons = row(spacing=8)
        buttons.addWidget(self.copy_link)
        buttons.addWidget(self.save)
        buttons.addStretch(1)
        inner.addLayout(buttons)
        inner.addWidget(self._note)
        return _card(inner)

    def _step(self, number: int, title: str, text: str) -> QVBoxLayout:
        layout = column(spacing=10, margins=(18, 16, 18, 16))
        head = row(spacing=10)
        digit = Label(str(number), "number")
        digit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head.addWidget(digit, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Label(title, "title", wrap=True), 1)
        layout.addLayout(head)
        if text:
            layout.addWidget(Label(text, "", wrap=True))
        return layout

    def _typed(self) -> None:
        self._lines[1].put(self.client.text or USUAL_CLIENT)
        self.typed.emit(self.offered())


def _card(inner: QLayout) -> QWidget:
    return boxed(inner, "card")
