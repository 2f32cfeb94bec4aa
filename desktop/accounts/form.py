"""The form for one helpdesk account: what to type, where to find it, what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QRadioButton, QWidget

from assist.domain import HelpdeskKind
from desktop.accounts.fields import Field
from desktop.accounts.freshdesk import host_of, portal_problem, sort_address
from desktop.accounts.key_picture import KeyPicture
from desktop.accounts.state import Credentials, SignInWith
from desktop.i18n import tr
from desktop.policy import Offered
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, restyle, reveal, row
from desktop.widgets.icon import Icon

WHERE = {
    SignInWith.API_TOKEN: "Admin Centre › Apps and integrations › APIs › API tokens.",
    SignInWith.OAUTH_TOKEN: "Admin Centre › Apps and integrations › APIs › OAuth clients. It needs the scope “read”.",
    SignInWith.API_KEY: "Yours alone: treat it like a password.",
}


class AccountForm(QFrame):
    test_requested = Signal(object)
    """The `Credentials` to try."""
    browser_requested = Signal(object)
    """The `Offered` account of Zendesk to sign in to in the browser."""
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.kind = HelpdeskKind.ZENDESK
        self._name = ""
        self.setProperty("surface", "card")
        self._title = Label("", "title")
        self.site = Field("")
        self.client = Field(
            tr("OAuth client"), tr("Its unique identifier. A link or a settings file from your admin fills this in.")
        )
        self._ways, self._way_row = self._build_ways()
        self._token_end = Label("", "small", tone="amber", wrap=True)
        self.email = Field(tr("Your e-mail address"), tr("The one you sign in to Zendesk with."))
        self.picture = KeyPicture(theme)
        self.secret = Field("", secret=True)
        self.portal = Field(
            tr("Portal's own address (optional)"),
            tr("If the browser shows tickets under another address, like support.acme.com. Nothing is sent there."),
        )
        self._status_icon = Icon(theme, "sync", "accent_text", 16)
        self._status = Label("", "", wrap=True)
        status = row(spacing=8, margins=(10, 8, 10, 8))
        status.addWidget(self._status_icon, 0, Qt.AlignmentFlag.AlignTop)
        status.addWidget(self._status, 1)
        self._status_box = boxed(status, "notice")
        self.test = Button(theme, "", kind="primary")
        self.test.clicked.connect(self._submit)
        self.cancel = Button(theme, tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.more = Button(theme, "", kind="fold")
        self.more.setCheckable(True)
        self.more.toggled.connect(lambda _: self._way_changed())
        self._build()
        for field in self._fields().values():
            field.edit.returnPressed.connect(self._submit)
        self.site.edit.editingFinished.connect(self._tidy_site)
        self.start(HelpdeskKind.ZENDESK)

    @property
    def status(self) -> str:
        return "" if self._status_box.isHidden() else self._status.text()

    def start(self, kind: HelpdeskKind, site: str = "", *, portal: str = "", name: str = "", client: str = "") -> None:
        """Prepare for an account of ``kind``; what is known of it already is filled in."""
        self.clear()
        self.kind = kind
        self._name = name
        zendesk = kind is HelpdeskKind.ZENDESK
        self._title.setText(tr("Connect Zendesk") if zendesk else tr("Connect Freshdesk"))
        if zendesk:
            hint = tr("The first part of your Zendesk's address.")
            self.site.put(label=tr("Subdomain"), hint=hint, suffix=".zendesk.com")
        else:
            hint = tr("The address that ends in .freshdesk.com, even if your portal has one of its own.")
            self.site.put(label=tr("Domain"), hint=hint, suffix=".freshdesk.com")
        self.site.edit.setText(site)
        self.portal.edit.setText(portal)
        self.client.edit.setText(client)
        self.more.setChecked(False)
        self._way_changed()
        self.focus_first()

    def focus_first(self) -> None:
        """Put the cursor into the first empty field."""
        empty = (one for one in self._fields().values() if not one.isHidden() and not one.text)
        if self.isVisible() and (first := next(empty, None)) is not None:
            first.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def way(self) -> SignInWith | None:
        """Return how to sign in; None is in the browser."""
        if self.kind is HelpdeskKind.FRESHDESK:
            return SignInWith.API_KEY
        if not self.more.isChecked():
            return None
        return SignInWith.OAUTH_TOKEN if self._ways.checkedId() == 1 else SignInWith.API_TOKEN

    def put_token_end(self, sentence: str) -> None:
        """Say when API tokens end."""
        self._token_end.setText(sentence)

    def clear(self) -> None:
        """Forget what was typed: a secret does not outlive its form."""
        for field in self._fields().values():
            field.edit.clear()
            field.show_error("")
        self._name = ""
        reveal(self._status_box, visible=False)
        self._enable(enabled=True)

    def show_editing(self, errors: Mapping[str, str]) -> None:
        self._enable(enabled=True)
        for name, field in self._fields().items():
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

    def _fields(self) -> dict[str, Field]:
        """Return the fields in the order in which they stand."""
        return {
            "site": self.site,
            "client": self.client,
            "email": self.email,
            "secret": self.secret,
            "portal": self.portal,
        }

    def _build(self) -> None:
        buttons = row(spacing=8)
        buttons.addWidget(self.test)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        layout = column(spacing=14, margins=(18, 16, 18, 16))
        layout.addWidget(self._title)
        layout.addWidget(self.site)
        for widget in (self.client, self._way_row, self._token_end, self.email, self.picture, self.secret, self.portal):
            layout.addWidget(widget)
        layout.addWidget(self._status_box)
        layout.addLayout(buttons)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(Label(tr("Kept in your system's keyring, and sent to your helpdesk only."), "tiny", wrap=True))
        self.setLayout(layout)

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
        way, zendesk = self.way(), self.kind is HelpdeskKind.ZENDESK
        names = {
            SignInWith.API_TOKEN: tr("API token"),
            SignInWith.OAUTH_TOKEN: tr("OAuth access token"),
            SignInWith.API_KEY: tr("API key"),
        }
        if way is not None:
            self.secret.put(label=names[way], hint=tr(WHERE[way]))
        reveal(self.client, visible=way is None)
        reveal(self.secret, visible=way is not None)
        reveal(self._way_row, visible=zendesk and way is not None)
        reveal(self._token_end, visible=way is SignInWith.API_TOKEN)
        reveal(self.email, visible=way is SignInWith.API_TOKEN)
        reveal(self.picture, visible=not zendesk)
        reveal(self.portal, visible=not zendesk)
        reveal(self.more, visible=zendesk)
        self.more.put(tr("More ways to sign in") if way is None else tr("Sign in in the browser instead"))
        self.more.put_icon("chevron-right" if way is None else "chevron-down")
        self.test.put(tr("Sign in in the browser") if way is None else tr("Test and save"))

    def _enable(self, *, enabled: bool) -> None:
        for widget in (*self._fields().values(), self._way_row, self.test, self.more):
            widget.setEnabled(enabled)

    def _tidy_site(self) -> str:
        """Put a portal that was typed as the domain where it belongs; return what to say of it."""
        if self.kind is not HelpdeskKind.FRESHDESK:
            return ""
        found = sort_address(self.site.edit.text())
        if found.domain != self.site.edit.text():
            self.site.edit.setText(found.domain)
        if found.portal and not self.portal.text:
            self.portal.edit.setText(found.portal)
        if found.said:
            self.site.show_error(found.said)
        return found.said

    def _submit(self) -> None:
        wrong = {"site": self._tidy_site(), "portal": portal_problem(self.portal.edit.text())}
        wrong = {name: said for name, said in wrong.items() if said}
        missing = {
            name: tr("Please fill this in.")
            for name, field in self._fields().items()
            if not field.text and not field.isHidden() and name != "portal"
        }
        if missing or wrong:
            self.show_editing(missing | wrong)
            return
        way = self.way()
        if way is None:
            self.browser_requested.emit(Offered(self.kind, self.site.text, self.client.text, name=self._name))
            return
        email = self.email.text if way is SignInWith.API_TOKEN else ""
        portal = host_of(self.portal.text) if way is SignInWith.API_KEY else ""
        self.test_requested.emit(
            Credentials(self.kind, self.site.text, way, self.secret.text, email, portal, self._name)
        )
