"""What the settings show of browsers, made up: for screenshots and tests."""

from __future__ import annotations

from desktop.preferences.browser_state import BrowserPage, FoundBrowser, LinkedBrowser, LinkState, Paired, Standing
from desktop.preferences.view import PreferencesState
from desktop.settings import Side, ThemeChoice

SETTINGS = PreferencesState(ThemeChoice.SYSTEM, Side.RIGHT, reserve_edge=True, show_at_start=True, follow=True)
_LOAD = "Open {page}, turn on “Developer mode”, press “Load unpacked” and choose the extension's folder."
CHROME = FoundBrowser(
    "chrome",
    "Google Chrome",
    Standing.READY,
    step=_LOAD.format(page="chrome://extensions"),
    page="chrome://extensions",
)
CHROMIUM = FoundBrowser("chromium", "Chromium", Standing.READY, page="chrome://extensions")
EDGE = FoundBrowser(
    "edge",
    "Microsoft Edge",
    Standing.OUTDATED,
    "Kibitz was moved or updated since it was set up. Install again.",
    page="edge://extensions",
)
SNAP = FoundBrowser(
    "firefox",
    "Firefox",
    Standing.BLOCKED,
    "This Firefox is a snap, which may not start Kibitz's host. Use Firefox as a package of your system or from its "
    "maker, or paste a ticket's address into Kibitz (Ctrl+K).",
    page="about:debugging#/runtime/this-firefox",
)
BRAVE = FoundBrowser("brave", "Brave", Standing.ABSENT, page="brave://extensions")
LINKED = BrowserPage(
    (CHROMIUM, EDGE, BRAVE, SNAP),
    LinkState((LinkedBrowser("Chromium", 3.2),), (Paired("0123456789abcdef", "Chromium"),), listening=True),
)
TO_LOAD = BrowserPage((CHROME,), LinkState(listening=True), drafts=True)
NO_BROWSER = BrowserPage((), LinkState(listening=True))
