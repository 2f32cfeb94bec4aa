"""Draws every state with sample data to PNG files: ``python -m desktop.screenshots OUT_DIR``.

For the README, and to look at a change. Draws offscreen; ``QT_SCALE_FACTOR=2`` gives the pictures twice as sharp.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from assist.domain import HelpdeskKind
from desktop import samples
from desktop.about.view import AboutView
from desktop.accounts import samples as account_samples
from desktop.accounts.setup_view import TeamSetupView
from desktop.accounts.state import AccountsState, Editing, Trying
from desktop.accounts.view import AccountsView
from desktop.acting import samples as acting_samples
from desktop.acting.state import Sheet
from desktop.admin.pictures import admin_shots
from desktop.journal.state import JournalState, Rows
from desktop.journal.view import JournalView
from desktop.link.state import Pairing
from desktop.meanwhile import Moved, with_stale
from desktop.panel import words
from desktop.panel.state import (
    Action,
    Decided,
    Footer,
    NoAccount,
    NoTicket,
    Offline,
    PanelState,
    Place,
    Trouble,
)
from desktop.panel.strip import WIDTH_PX as STRIP_WIDTH_PX
from desktop.panel.view import WIDTH_PX, PanelView
from desktop.preferences import samples as browser_samples
from desktop.preferences.browser_state import BrowserPage
from desktop.preferences.view import PreferencesView
from desktop.quick_open.view import QuickOpenView
from desktop.theme import Scheme, Theme
from desktop.widgets.toast import Toast

HEIGHT_PX = 1000
TALL_PX = 2100
Shot = tuple[str, Callable[[Theme], QWidget]]
LINKED = replace(
    samples.READY,
    footer=replace(samples.FOOTER, browsers=("Chromium",)),
    inserts=True,
    quiet_alerts=frozenset({"churn", "deadline"}),
)
IN_COMPOSER = {samples.POLE.id: Place.COMPOSER}


def panel(state: PanelState, *, height_px: int = HEIGHT_PX, width_px: int = WIDTH_PX) -> Callable[[Theme], QWidget]:
    def draw(theme: Theme) -> QWidget:
        view = PanelView(theme)
        view.resize(width_px, height_px)
        view.show()
        view.show_state(state)
        return view

    return draw


def panel_states() -> Iterator[Shot]:
    yield "panel", panel(samples.READY)
    yield "panel-tall", panel(samples.READY, height_px=TALL_PX)
    yield "panel-narrow", panel(samples.READY, width_px=340)
    yield "no-account", panel(NoAccount())
    yield "syncing", panel(samples.SYNCING, height_px=760)
    yield "no-ticket", panel(NoTicket(helpdesk="Zendesk", footer=samples.FOOTER), height_px=760)
    yield "loading", panel(samples.LOADING, height_px=760)
    yield "nothing", panel(samples.NOTHING, height_px=760)
    yield "german", panel(samples.german())
    yield "scripts", panel(samples.many_scripts())
    yield (
        "offline",
        panel(Offline(age=timedelta(hours=3), footer=Footer(samples.FOOTER.account, offline=True)), height_px=760),
    )
    trouble = Trouble(
        "Sign in again",
        "tarnandtor.zendesk.com no longer accepts the token that Kibitz holds. Nothing was lost.",
        Action.SIGN_IN,
        "Sign in …",
        samples.FOOTER,
    )
    yield "trouble", panel(trouble, height_px=760)
    yield "link-hint", link_hint(NoTicket(helpdesk="Zendesk", footer=samples.FOOTER))
    yield "link-hint-ready", link_hint(samples.READY)
    yield "decided", decided
    yield "editing", editing
    yield "pairing", pairing
    yield "inserted", panel(replace(LINKED, decided={samples.POLE.id: Decided.USED}, places=IN_COMPOSER))
    yield "moved-on", moved_on
    yield "strip", strip
    yield "shortcuts", shortcuts
    yield "focus", focus


def acting(sheet: Sheet) -> Callable[[Theme], QWidget]:
    def draw(theme: Theme) -> QWidget:
        view = panel(acting_samples.READY, height_px=820)(theme)
        assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
        view.show_sheet(sheet)
        return view

    return draw


def acting_told(theme: Theme) -> QWidget:
    view = panel(acting_samples.READY)(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    view.told.show_state(acting_samples.TOLD)
    return view


def acting_states() -> Iterator[Shot]:
    yield "acting-reply", acting(acting_samples.REPLY)
    yield "acting-note", acting(acting_samples.NOTE)
    yield "acting-tags", acting(acting_samples.TAGS)
    yield "acting-looking", acting(acting_samples.LOOKING)
    yield "acting-moved", acting(acting_samples.MOVED)
    yield "acting-german", acting(acting_samples.GERMAN)
    yield "acting-told", acting_told


def decided(theme: Theme) -> QWidget:
    view = panel(samples.READY)(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    marks = {samples.POLE.id: Decided.USED, samples.SLEEVE.id: Decided.DISMISSED}
    view.show_state(replace(samples.READY, decided=marks, quiet_alerts=frozenset({"churn", "deadline"})))
    return view


def pairing(theme: Theme) -> QWidget:
    view = panel(samples.READY)(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    view.show_pairing(Pairing("481902", "Chromium", time.monotonic() + 102.5))
    return view


def moved_on(theme: Theme) -> QWidget:
    """A colleague has answered while the agent was about to."""
    anna = Moved(frozenset({1}), "Anna", samples.NOW, by_colleague=True)
    stale = with_stale(replace(samples.READY.help, alerts=()), anna)
    ids = frozenset(reply.id for reply in stale.replies)
    view = panel(replace(LINKED, help=stale, outdated=ids))(theme)
    line = words.moved_line("Anna", timedelta(seconds=40), by_colleague=True)
    Toast(theme, view).say(line)
    return view


def editing(theme: Theme) -> QWidget:
    view = panel(samples.READY)(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    view.show_state(replace(samples.READY, quiet_alerts=frozenset({"churn"})))
    view.ready.replies[0].edit()
    return view


def focus(theme: Theme) -> QWidget:
    view = panel(replace(samples.READY, quiet_alerts=frozenset({"churn"})))(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    view.activateWindow()
    view.ready.move_focus(1)
    return view


def shortcuts(theme: Theme) -> QWidget:
    view = panel(samples.READY)(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    view.overlay.show_overlay()
    return view


def strip(theme: Theme) -> QWidget:
    view = panel(samples.READY, height_px=500)(theme)
    assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
    view.set_collapsed(collapsed=True)
    view.resize(STRIP_WIDTH_PX, 500)
    return view


def accounts(
    state: AccountsState,
    *,
    kind: HelpdeskKind = HelpdeskKind.ZENDESK,
    height_px: int = 680,
    site: str = "tarnandtor",
    portal: str = "",
    more: bool = False,
) -> Callable[[Theme], QWidget]:
    def draw(theme: Theme) -> QWidget:
        view = AccountsView(theme)
        view.resize(view.width(), height_px)
        view.show()
        view.show_state(state)
        if state.form is not None:
            view.form.put_token_end(account_samples.SIGNED_IN[1].notice)
            view.start_form(kind, site, portal=portal, client="kibitz_desktop")
            view.form.more.setChecked(more)
            view.show_state(state)
        return view

    return draw


def team_setup(theme: Theme) -> QWidget:
    """The guide for admins, filled in."""
    view = TeamSetupView(theme, account_samples.REGISTRATION)
    view.site.edit.setText("tarnandtor")
    view.name.edit.setText("Tarn & Tor")
    view.resize(view.width(), 1240)
    view.show()
    view.show_state(account_samples.SETUP)
    return view


def trying_setup(theme: Theme) -> QWidget:
    view = team_setup(theme)
    assert isinstance(view, TeamSetupView)  # noqa: S101  # tells mypy what was drawn
    view.resize(view.width(), 1500)
    note = "The link is on the clipboard. It holds no secret, so it can go into an e-mail or a chat."
    view.show_state(replace(account_samples.SETUP, signing=account_samples.IN_BROWSER.signing, note=note))
    return view


def journal(state: JournalState) -> Callable[[Theme], QWidget]:
    def draw(theme: Theme) -> QWidget:
        view = JournalView(theme)
        view.show()
        view.show_state(state)
        return view

    return draw


def link_hint(state: PanelState) -> Callable[[Theme], QWidget]:
    def draw(theme: Theme) -> QWidget:
        view = panel(state, height_px=760)(theme)
        assert isinstance(view, PanelView)  # noqa: S101  # tells mypy what was drawn
        view.offer_link(offered=True)
        return view

    return draw


def settings(page: BrowserPage) -> Callable[[Theme], QWidget]:
    def draw(theme: Theme) -> QWidget:
        view = PreferencesView(theme)
        view.show_state(browser_samples.SETTINGS)
        view.have_browser()
        view.browser.show_state(page)
        view.show()
        view.scroll_to_browser()
        return view

    return draw


def quick_open(theme: Theme) -> QWidget:
    view = panel(NoTicket(helpdesk="Zendesk", footer=samples.FOOTER), height_px=760)(theme)
    QuickOpenView(theme, view).show_open("https://tarnandtor.zendesk.com/agent/tickets/20418")
    return view


def about(theme: Theme) -> QWidget:
    view = AboutView(theme, "0.1.0", "~/.local/share/kibitz")
    view.show()
    return view


def other_windows() -> Iterator[Shot]:
    connected = samples.CONNECTED
    yield from account_windows()
    yield "accounts-none", accounts(AccountsState())
    wrong = Editing({"secret": "Zendesk did not accept this token. Was it copied whole?"})
    yield "accounts-form", accounts(AccountsState(connected[:1], wrong, session_only=True), more=True, height_px=800)
    testing = AccountsState((), Trying("tarnandtor.freshdesk.com"))
    yield "accounts-testing", accounts(testing, kind=HelpdeskKind.FRESHDESK)
    yield "journal", journal(Rows(samples.JOURNAL))
    yield "journal-empty", journal(Rows(()))
    yield "settings", settings(browser_samples.LINKED)
    yield "settings-to-load", settings(browser_samples.TO_LOAD)
    yield "settings-no-browser", settings(browser_samples.NO_BROWSER)
    yield "quick-open", quick_open
    yield "about", about


def account_windows() -> Iterator[Shot]:
    yield "accounts", accounts(account_samples.ALL)
    yield "agent-signin", accounts(account_samples.OFFERED, height_px=470)
    yield "accounts-in-browser", accounts(account_samples.IN_BROWSER, height_px=480)
    yield "accounts-no-browser", accounts(account_samples.NO_BROWSER, height_px=480)
    yield "accounts-signed-in", accounts(account_samples.DONE, height_px=480)
    yield "accounts-denied", accounts(account_samples.DENIED, height_px=480)
    yield "accounts-link", accounts(account_samples.LINK)
    yield "accounts-link-refused", accounts(account_samples.LINK_REFUSED)
    yield "accounts-file", accounts(account_samples.FILE, height_px=900)
    yield "accounts-links", accounts(account_samples.LINKS)
    yield "accounts-paste", accounts(account_samples.PASTING)
    yield "accounts-zendesk", accounts(AccountsState(form=Editing()), height_px=520)
    freshdesk = HelpdeskKind.FRESHDESK
    yield "freshdesk-key", accounts(AccountsState(form=Editing()), kind=freshdesk, height_px=680)
    portal = account_samples.FRESHDESK.offered.portal
    yield (
        "accounts-portal",
        accounts(account_samples.PORTAL_TYPED, kind=freshdesk, site="", portal=portal, height_px=820),
    )
    yield "accounts-german", accounts(account_samples.GERMAN)
    yield "admin-signin-setup", team_setup
    yield "admin-signin-trying", trying_setup


def all_shots() -> Iterator[Shot]:
    yield from panel_states()
    yield from acting_states()
    yield from admin_shots()
    yield from other_windows()


def _unfocus(name: str) -> None:
    """Take away the focus that a window gives to its first control, except where it is the point."""
    focused = QApplication.focusWidget()
    if focused is not None and name not in {"focus", "editing", "quick-open"}:
        focused.clearFocus()
    QApplication.processEvents()


def save_all(app: QApplication, folder: Path, only: str = "") -> list[Path]:
    """Draw each shot in light and dark into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    theme = Theme(app, Scheme.LIGHT)
    saved: list[Path] = []
    for scheme in Scheme:
        theme.use(scheme)
        for name, draw in all_shots():
            file_name = f"{name}-{scheme.value}"
            if only and only not in (name, file_name):
                continue
            widget = draw(theme)
            for _ in range(3):
                app.processEvents()
            path = folder / f"{file_name}.png"
            _unfocus(name)
            widget.grab().save(str(path))
            saved.append(path)
            widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            widget.close()
    return saved


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw every state of Kibitz's windows to PNG files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="draw only this picture: panel, or panel-light")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    for path in save_all(app, arguments.folder, arguments.only):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
