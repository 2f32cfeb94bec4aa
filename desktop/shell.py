"""The panel's window, the tray and the theme together: what can be seen of Kibitz."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QUrl
from PySide6.QtGui import QDesktopServices, QWindow
from PySide6.QtWidgets import QApplication

from desktop import clipboard
from desktop.dock.base import choose_dock
from desktop.dock.beside import bring_up
from desktop.dock.window import DockWindow
from desktop.i18n import install_translator, tr
from desktop.link.state import Pairing
from desktop.panel import words
from desktop.panel.state import PanelState, Ready, Starting, Trouble, alert_key
from desktop.panel.view import PanelView
from desktop.preferences.browser_presenter import BrowserDoors, BrowserPresenter
from desktop.preferences.browser_state import BrowserSetup, LinkSource, NoLink
from desktop.preferences.view import PreferencesState, PreferencesView
from desktop.quick_open.view import QuickOpenView
from desktop.settings import Placement, SettingsFile, SettingsNotSaved, Side, ThemeChoice
from desktop.theme import Scheme, Theme
from desktop.tray import Badge, Tray, window_icon
from desktop.widgets.toast import Toast

GRACE_S = 3.0
"""What an agent did in the panel is still the panel's so long after the keyboard went back to the browser."""
_SCHEMES = {ThemeChoice.LIGHT: Scheme.LIGHT, ThemeChoice.DARK: Scheme.DARK}


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences that more than one place says."""

    not_a_ticket: str


class Shell:
    """Made first, shown at once. Knows nothing of stores, engines or networks."""

    def __init__(self, app: QApplication, settings: SettingsFile) -> None:
        language = settings.value.language
        install_translator(app, QLocale(language) if language else None)
        app.setWindowIcon(window_icon())
        self._app = app
        self.settings = settings
        self._paused = False
        self._borrowed = False
        """Whether the panel has the keyboard only for what is written in place, to be handed back after that."""
        self._preferences: PreferencesView | None = None
        self.link: LinkSource = NoLink()
        """The running link; its owner puts it here."""
        self.browsers: BrowserSetup | None = None
        """What installs the link; without it the settings have no section about browsers."""
        self.on_admin_wanted: Callable[[], None] = lambda: None
        """Called when the settings lead to what an admin decides."""
        self.on_watch_changed: Callable[[], None] = lambda: None
        """Called when the panel was shown or hidden, or following was paused or not any more."""
        self._left_at_s = -GRACE_S
        """When the keyboard left Kibitz last, by the monotonic clock."""
        self._before_pairing: tuple[bool, bool] | None = None
        """Whether the panel could be seen, and was collapsed, before it was shown for a code; until the agent acts."""
        self._state: PanelState = Starting()
        self.words = Words(not_a_ticket=tr("This is not a ticket of a connected helpdesk."))
        self.theme = Theme(app, _SCHEMES.get(settings.value.theme))
        self.panel = PanelView(self.theme)
        self.quick_open = QuickOpenView(self.theme, self.panel)
        self.toast = Toast(self.theme, self.panel)
        self.window = DockWindow(choose_dock(app.platformName()), self.panel)
        self.tray = Tray()
        self._connect()
        wanted = settings.value
        self.window.configure(
            wanted.screen, wanted.placements, collapsed=wanted.collapsed, reserving=wanted.reserve_edge
        )
        self.panel.set_collapsed(collapsed=wanted.collapsed)
        self.panel.set_edge(self.window.placement.side.value)

    def _connect(self) -> None:
        self.panel.collapse_toggled.connect(self._collapsed)
        self.panel.keyboard_wanted.connect(self._lend_keyboard)
        self.panel.quick_open_requested.connect(lambda: self.window.accept_keyboard(wanted=True))
        self.quick_open.closed.connect(self.give_keyboard_back)
        self.panel.link_setup_requested.connect(self._set_up_link)
        self.panel.link_declined.connect(self.never_offer_link)
        self.window.placed.connect(self._placed)
        self.window.side_changed.connect(self.panel.set_edge)
        self.window.hide_requested.connect(self.hide_panel)
        self.window.keyboard_left.connect(self._keyboard_left)
        self._app.focusWindowChanged.connect(self._focus_moved)
        self.tray.toggle_requested.connect(self.toggle)
        self.tray.quick_open_requested.connect(self._quick_open)
        self.tray.settings_requested.connect(self.show_settings)
        self.tray.pause_toggled.connect(self._pause)
        self.panel.pause_toggled.connect(self._pause)

    # --- showing

    def show_first(self) -> None:
        """Show the tray icon, and the panel unless the settings say otherwise."""
        self.tray.show()
        if self.settings.value.show_at_start or not self.tray.available:
            self.show_panel(with_keyboard=False)
        self._tell_tray()
        if lost := words.settings_lost(self.settings.loaded):
            self.panel.notice.tell(lost)
            if not self.window.isVisible() or self.panel.is_collapsed:
                self.tray.notice(lost)

    def show_state(self, state: PanelState) -> None:
        self._state = state
        self.panel.show_state(state)
        self._tell_tray()

    def show_panel(self, *, with_keyboard: bool) -> None:
        """Show the panel; it takes the keyboard only when the agent has just asked for it."""
        self.window.show_docked()
        if with_keyboard:
            self._borrowed = False
            self.window.accept_keyboard(wanted=True)
        self._tell_tray()
        self.on_watch_changed()

    def hide_panel(self) -> None:
        """Hide the panel; without a tray to bring it back, it collapses to the strip instead."""
        if self.tray.available:
            self.window.hide_docked()
        else:
            self.panel.set_collapsed(collapsed=True)
            self._collapsed(collapsed=True)
        self._tell_tray()
        self.on_watch_changed()

    def toggle(self) -> None:
        self._before_pairing = None
        if self.window.isVisible() and not self.panel.is_collapsed:
            self.hide_panel()
        else:
            self.show_whole(with_keyboard=True)

    def show_whole(self, *, with_keyboard: bool) -> None:
        """Show all of the panel, not the strip: the agent asked for what is in it."""
        self.panel.set_collapsed(collapsed=False)
        self._collapsed(collapsed=False)
        self.show_panel(with_keyboard=with_keyboard)

    def switch_keyboard(self) -> None:
        """Take the keyboard into the panel, or hand it back where the panel has it."""
        if self.window.takes_keyboard:
            self.give_keyboard_back()
        else:
            self.show_whole(with_keyboard=True)

    def give_keyboard_back(self) -> None:
        """Let the window that had the keyboard before have it again."""
        self._borrowed = False
        if self.window.takes_keyboard:
            self.window.accept_keyboard(wanted=False)

    def _lend_keyboard(self, wanted: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        """Something is written in place: take the keyboard, and hand it back unless the panel had it before."""
        if wanted:
            self._borrowed = self._borrowed or not self.window.takes_keyboard
            self.window.accept_keyboard(wanted=True)
        elif self._borrowed:
            self.give_keyboard_back()

    def is_seen(self) -> bool:
        """Tell whether somebody could be looking, and has not paused following."""
        return self.window.isVisible() and not self._paused

    def is_watched(self) -> bool:
        """Tell whether helpdesks may be polled: somebody could be looking, and wants to be followed."""
        return self.is_seen() and self.settings.value.poll

    def has_keyboard(self) -> bool:
        """Tell whether a window of Kibitz has the keyboard, or had it until a moment ago: browsers notice later."""
        return QApplication.activeWindow() is not None or time.monotonic() - self._left_at_s < GRACE_S

    def show_pairing(self, pairing: Pairing | None) -> None:
        """Show the code that a browser waits for, without taking the keyboard; None takes it away.

        A panel that was hidden or collapsed is so again afterwards, unless the agent has touched it meanwhile.
        """
        self.panel.show_pairing(pairing)
        if pairing is not None:
            if self._before_pairing is None:
                self._before_pairing = self.window.isVisible(), self.panel.is_collapsed
            self._show_collapsed(collapsed=False)
            self.show_panel(with_keyboard=False)
        elif self._before_pairing is not None:
            (was_visible, was_collapsed), self._before_pairing = self._before_pairing, None
            self._show_collapsed(collapsed=was_collapsed)
            if not was_visible:
                self.hide_panel()

    def _show_collapsed(self, *, collapsed: bool) -> None:
        self.panel.set_collapsed(collapsed=collapsed)
        self.window.set_collapsed(collapsed=collapsed)

    def notice(self, text: str) -> None:
        """Say a sentence where the agent looks, without taking the focus."""
        if self.window.isVisible() and not self.panel.is_collapsed:
            self.toast.say(text)
        else:
            self.tray.notice(text)

    def show_settings(self, *, browser: bool = False) -> None:
        """Show the settings window, made when it is first asked for; ``browser`` scrolls to that section."""
        if self._preferences is None:
            self._preferences = self._make_preferences()
        wanted = self.settings.value
        self._preferences.show_state(
            PreferencesState(
                theme=wanted.theme,
                side=self.window.placement.side,
                reserve_edge=wanted.reserve_edge,
                show_at_start=wanted.show_at_start,
                follow=wanted.poll,
                limits=self.window.limits,
            )
        )
        bring_up(self._preferences)
        if browser:
            self._preferences.scroll_to_browser()

    def _make_preferences(self) -> PreferencesView:
        view = PreferencesView(self.theme)
        view.theme_chosen.connect(self._use_theme)
        view.side_chosen.connect(self._use_side)
        view.flag_changed.connect(self._use_flag)
        view.admin_requested.connect(self._show_admin)
        if self.browsers is not None:
            doors = BrowserDoors(
                setup=self.browsers,
                link=lambda: self.link,
                copy=clipboard.copy_text,
                open_folder=lambda folder: QDesktopServices.openUrl(QUrl.fromLocalFile(folder)),
                drafts=lambda: self.settings.value.drafts,
                use_drafts=lambda wanted: self._use_flag("drafts", wanted),
                door=lambda: self.settings.value.door,
                use_door=lambda wanted: self._use_flag("door", wanted),
            )
            BrowserPresenter(view.browser, doors)
            view.have_browser()
        return view

    def _show_admin(self) -> None:
        self.on_admin_wanted()

    def offer_link(self) -> None:
        """Say what the browser link would add, unless that was answered once or a browser is paired."""
        if self.settings.value.offer_link and not self.link.link_state().paired:
            self.panel.offer_link(offered=True)

    def never_offer_link(self) -> None:
        """The offer was answered, or a browser was paired: never say it again."""
        self.panel.offer_link(offered=False)
        if self.settings.value.offer_link:
            self._remember(offer_link=False)

    def _set_up_link(self) -> None:
        self.never_offer_link()
        self.show_settings(browser=True)

    def _use_theme(self, name: str) -> None:
        choice = ThemeChoice(name)
        self.theme.use(_SCHEMES.get(choice))
        self._remember(theme=choice)

    def _use_side(self, name: str) -> None:
        placement = Placement(Side(name), self.window.placement.width_px)
        self.window.place(placement)
        self._placed(self.window.screen_key, placement)

    def _use_flag(self, key: str, value: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        self._remember(**{key: value})
        if key == "reserve_edge":
            self.window.set_reserving(reserving=value)

    def close(self) -> None:
        self.window.hide_docked()
        self.tray.close()

    # --- remembering

    def _focus_moved(self, window: QWindow | None) -> None:
        if window is None:
            self._left_at_s = time.monotonic()

    def _keyboard_left(self) -> None:
        self._borrowed = False

    def _placed(self, screen: str, placement: Placement) -> None:
        try:
            self.settings.place(screen, placement)
        except SettingsNotSaved as error:
            self.notice(str(error))

    def _collapsed(self, collapsed: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        self._before_pairing = None
        self.window.set_collapsed(collapsed=collapsed)
        if collapsed:
            self.give_keyboard_back()
        self._remember(collapsed=collapsed)

    def _remember(self, **changes: object) -> None:
        try:
            self.settings.change(**changes)
        except SettingsNotSaved as error:
            self.notice(str(error))

    def _quick_open(self) -> None:
        self.show_whole(with_keyboard=True)
        self.quick_open.show_open()

    def _pause(self, paused: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        self._paused = paused
        self.panel.show_paused(paused=paused)
        self._tell_tray()
        self.on_watch_changed()

    def _tell_tray(self) -> None:
        footer = self._state.footer
        synced = footer.synced_age
        status = tr("Synced {age} ago", age=words.age(synced)) if synced is not None else footer.account
        self.tray.put(panel_shown=self.window.isVisible(), paused=self._paused, status=status)
        self.tray.put_badge(self._badge())

    def _badge(self) -> Badge:
        state = self._state
        if self._paused or state.footer.offline:
            return Badge.OFFLINE
        if isinstance(state, Trouble):
            return Badge.ALERT
        if isinstance(state, Ready) and any(alert_key(one) not in state.quiet_alerts for one in state.help.alerts):
            return Badge.ALERT
        return Badge.NORMAL
