"""The form for one helpdesk account: what to type, where to find it, what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLineEdit, QRadioButton, QWidget

from assist.domain import HelpdeskKind
from desktop.accounts.state import Credentials, SignInWith
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, restyle, reveal, row
from desktop.widgets.icon import Icon

WHERE = {
    SignInWith.API_TOKEN: "Admin Centre › Apps and integrations › APIs › API tokens. An admin can make one for you.",
    SignInWith.OAUTH_TOKEN: "Admin Centre › Apps and integrations › APIs › OAuth clients. It needs the scope “read”.",
    SignInWith.API_KEY: "Your profile picture › Profile settings › View API key, on the right.",
}


class Field(QWidget):
    """A labelled line with a hint below, which turns into the error when there is one."""

    def __init__(self, label: str, hint: str = "", *, suffix: str = "", secret: bool = False) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        caption = Label(label, "strong")
        caption.setBuddy(self.edit)
        self._hint_text = hint
        self._hint = Label(hint, "small", wrap=True)
        line = row(spacing=8)
        line.addWidget(self.edit, 1)
        self._suffix = Label("", "muted")
        self._suffix.put(suffix)
        line.addWidget(self._suffix)
        layout = column(spacing=4)
        layout.addWidget(caption)
        layout.addLayout(line)
        layout.addWidget(self._hint)
        self.setLayout(layout)
        self.caption = caption

    @property
    def text(self) -> str:
        return self.edit.text().strip()

    @property
    def error(self) -> str:
        return self._hint.text() if self.edit.property("wrong") == "true" else ""

    def put(self, *, label: str, hint: str, suffix: str = "") -> None:
        self.caption.setText(label)
        self.edit.setAccessibleName(label)
        self._hint_text = hint
        self._suffix.put(suffix)
        self.show_error("")

    def show_error(self, error: str) -> None:
        self._hint.put(error or self._hint_text)
        restyle(self._hint, "tone", "red" if error else "")
        restyle(self.edit, "wrong", "true" if error else "false")
        self.edit.setAccessibleDescription(error or self._hint_text)


class AccountForm(QFrame):
    test_requested = Signal(object)
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.kind = HelpdeskKind.ZENDESK
        self.setProperty("surface", "card")
        self._title = Label("", "title")
        self.site = Field("")
        self._ways, self._way_row = self._build_ways()
        self.email = Field(tr("Your e-mail address"), tr("The one you sign in to Zendesk with."))
        self.secret = Field("", secret=True)
        self._status_icon = Icon(theme, "sync", "accent_text", 16)
        self._status = Label("", "", wrap=True)
        status = row(spacing=8, margins=(10, 8, 10, 8))
        status.addWidget(self._status_icon, 0, Qt.AlignmentFlag.AlignTop)
        status.addWidget(self._status, 1)
        self._status_box = boxed(status, "notice")
        self.test = Button(theme, tr("Test and save"), kind="primary")
        self.test.clicked.connect(self._submit)
        self.cancel = Button(theme, tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        buttons = row(spacing=8)
        buttons.addWidget(self.test)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        layout = column(spacing=14, margins=(18, 16, 18, 16))
        for widget in (self._title, self.site, self._way_row, self.email, self.secret, self._status_box):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addWidget(Label(tr("Kept in your system's keyring, and sent to your helpdesk only."), "tiny", wrap=True))
        self.setLayout(layout)
        for field in (self.site, self.email, self.secret):
            field.edit.returnPressed.connect(self._submit)
        self.start(HelpdeskKind.ZENDESK)

    @property
    def status(self) -> str:
        return "" if self._status_box.isHidden() else self._status.text()

    def start(self, kind: HelpdeskKind, site: str = "") -> None:
        self.clear()
        self.kind = kind
        zendesk = kind is HelpdeskKind.ZENDESK
        self._title.setText(tr("Connect Zendesk") if zendesk else tr("Connect Freshdesk"))
        if zendesk:
            hint = tr("The first part of your Zendesk's address.")
            self.site.put(label=tr("Subdomain"), hint=hint, suffix=".zendesk.com")
        else:
            hint = tr("The address that you open Freshdesk with.")
            self.site.put(label=tr("Domain"), hint=hint, suffix=".freshdesk.com")
        self.site.edit.setText(site)
        self._way_row.setVisible(zendesk)
        self._way_changed()
        first = self.secret if site else self.site
        if self.isVisible():
            first.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def way(self) -> SignInWith:
        if self.kind is HelpdeskKind.FRESHDESK:
            return SignInWith.API_KEY
        return SignInWith.OAUTH_TOKEN if self._ways.checkedId() == 1 else SignInWith.API_TOKEN

    def clear(self) -> None:
        """Forget what was typed: a secret does not outlive its form."""
        for field in (self.site, self.email, self.secret):
            field.edit.clear()
            field.show_error("")
        reveal(self._status_box, visible=False)
        self._enable(enabled=True)

    def show_editing(self, errors: Mapping[str, str]) -> None:
        self._enable(enabled=True)
        for name, field in (("site", self.site), ("email", self.email), ("secret", self.secret)):
            field.show_error(errors.get(name, ""))
        self._say(errors.get("form", ""), icon="warning", tint="red", surface="red")

    def show_testing(self, site: str) -> None:
        self._enable(enabled=False)
        self._say(tr("Asking {site} who you are …", site=site), icon="sync", tint="accent_text", surface="notice")

    def show_saved(self, site: str, agent_name: str) -> None:
        self.clear()
        self._enable(enabled=False)
        said = tr("Connected to {site} as {agent}.", site=site, agent=agent_name)
        self._say(said, icon="check", tint="accent_text", surface="notice")

    def _say(self, text: str, *, icon: str, tint: str, surface: str) -> None:
        self._status.setText(text)
        self._status_icon.put(icon, tint)
        restyle(self._status_box, "surface", surface)
        reveal(self._status_box, visible=bool(text))

    def _build_ways(self) -> tuple[QButtonGroup, QWidget]:
        group = QButtonGroup(self)
        layout = row(spacing=18)
        for number, text in enumerate((tr("API token"), tr("OAuth token"))):
            radio = QRadioButton(text)
            radio.setAccessibleName(tr("Sign in with {way}", way=text))
            radio.setChecked(number == 0)
            group.addButton(radio, number)
            layout.addWidget(radio)
        layout.addStretch(1)
        group.idToggled.connect(lambda *_: self._way_changed())
        return group, boxed(layout)

    def _way_changed(self) -> None:
        way = self.way()
        names = {
            SignInWith.API_TOKEN: tr("API token"),
            SignInWith.OAUTH_TOKEN: tr("OAuth access token"),
            SignInWith.API_KEY: tr("API key"),
        }
        self.secret.put(label=names[way], hint=tr(WHERE[way]))
        reveal(self.email, visible=way is SignInWith.API_TOKEN)

    def _enable(self, *, enabled: bool) -> None:
        for widget in (self.site, self.email, self.secret, self._way_row, self.test):
            widget.setEnabled(enabled)

    def _submit(self) -> None:
        missing = {
            name: tr("Please fill this in.")
            for name, field in (("site", self.site), ("email", self.email), ("secret", self.secret))
            if not field.text and not field.isHidden()
        }
        if missing:
            self.show_editing(missing)
            return
        email = self.email.text if self.way() is SignInWith.API_TOKEN else ""
        self.test_requested.emit(Credentials(self.kind, self.site.text, self.way(), self.secret.text, email))
