"""One account, and one offer of an account."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assist.domain import HelpdeskKind
from desktop.accounts.state import Connected, Offer
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon, Pill

KIND_NAMES = {HelpdeskKind.ZENDESK: "Zendesk", HelpdeskKind.FRESHDESK: "Freshdesk"}
MOST_BRANDS = 12


def headline(theme: Theme, title: str, *, sandbox: bool) -> QHBoxLayout:
    """Return a title, and beside it the badge of an account to try things in."""
    line = row(spacing=8)
    line.addWidget(ClampLabel(title, "strong", lines=2), 1)
    if sandbox:
        line.addWidget(Pill(theme, tr("Sandbox"), icon="info", tone="amber"), 0, Qt.AlignmentFlag.AlignTop)
    return line


class AccountRow(QWidget):
    sign_out_requested = Signal(str)
    sign_in_requested = Signal(str)

    def __init__(self, theme: Theme, account: Connected) -> None:
        super().__init__()
        self.account = account
        icon = Icon(theme, "warning" if account.problem else "check", "amber" if account.problem else "accent_text", 18)
        self.sign_out = Button(theme, tr("Sign out"), kind="quiet", icon="sign-out")
        self.sign_out.setAccessibleName(tr("Sign out of {site}", site=account.site))
        self.sign_out.clicked.connect(lambda: self.sign_out_requested.emit(account.account))
        inner = row(spacing=12, margins=(14, 10, 10, 10))
        inner.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(self._names(theme), 1)
        buttons = column(spacing=6)
        if account.problem:
            sign_in = Button(theme, tr("Sign in"), kind="primary")
            sign_in.setAccessibleName(tr("Sign in to {site}", site=account.site))
            sign_in.clicked.connect(lambda: self.sign_in_requested.emit(account.account))
            buttons.addWidget(sign_in)
        buttons.addWidget(self.sign_out)
        inner.addLayout(buttons)
        inner.setAlignment(buttons, Qt.AlignmentFlag.AlignVCenter)
        outer = column()
        outer.addWidget(boxed(inner, "card"))
        self.setLayout(outer)

    def _names(self, theme: Theme) -> QVBoxLayout:
        account = self.account
        names = column(spacing=1)
        names.addLayout(headline(theme, account.name or account.site, sandbox=account.is_sandbox))
        if account.name:
            names.addWidget(ClampLabel(account.site, "small", lines=2))
        vendor = KIND_NAMES[account.kind]
        acts_as = tr("{helpdesk} · signed in as {agent}", helpdesk=vendor, agent=account.agent_name)
        names.addWidget(ClampLabel(acts_as if account.agent_name else vendor, "small", lines=2))
        if account.portal:
            names.addWidget(ClampLabel(tr("Portal: {host}", host=account.portal), "small", lines=1))
        if account.brands:
            names.addWidget(ClampLabel(_brands(account.brands), "small", lines=2))
        if account.notice and not account.problem:
            names.addWidget(Label(account.notice, "small", tone="amber", wrap=True))
        if account.problem:
            names.addWidget(Label(account.problem, "small", tone="amber", wrap=True))
        return names


class OfferRow(QWidget):
    """An account that the admin offers. The host stands as large as the name: it is where a password goes."""

    chosen = Signal(object)
    """The `Offered` account."""

    def __init__(self, theme: Theme, offer: Offer) -> None:
        super().__init__()
        self.offer = offer
        vendor = KIND_NAMES[offer.offered.kind]
        names = column(spacing=1)
        names.addLayout(headline(theme, offer.offered.name or offer.host, sandbox=offer.is_sandbox))
        where = tr("{helpdesk} · {host}", helpdesk=vendor, host=offer.host)
        names.addWidget(ClampLabel(where if offer.offered.name else vendor, "small", lines=3))
        self.sign_in = Button(theme, tr("Sign in"), kind="primary")
        self.sign_in.setAccessibleName(tr("Sign in to {site}", site=offer.host))
        self.sign_in.clicked.connect(lambda: self.chosen.emit(offer.offered))
        inner = row(spacing=12, margins=(14, 10, 10, 10))
        inner.addWidget(Icon(theme, "key", "muted", 18), 0, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(names, 1)
        inner.addWidget(self.sign_in)
        outer = column()
        outer.addWidget(boxed(inner, "card"))
        self.setLayout(outer)


def _brands(brands: tuple[str, ...]) -> str:
    shown = ", ".join(brands[:MOST_BRANDS])
    if len(brands) > MOST_BRANDS:
        return tr("Brands: {brands} and {n} more", brands=shown, n=len(brands) - MOST_BRANDS)
    return tr("Brands: {brands}", brands=shown) if len(brands) > 1 else tr("Brand: {brands}", brands=shown)
