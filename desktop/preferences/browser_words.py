"""How the settings say whether a browser is linked."""

from __future__ import annotations

from desktop.i18n import tr
from desktop.preferences.browser_state import BrowserPage, LinkedBrowser, Standing

JUST_NOW_S = 2.0


def heard(browser: LinkedBrowser) -> str:
    """Return when a linked browser was heard of last, in words."""
    seconds = browser.last_heard_s
    if seconds < JUST_NOW_S:
        return tr("Linked with {browser}, last heard just now.", browser=browser.name)
    if seconds < 60:
        return tr("Linked with {browser}, last heard {n} s ago.", browser=browser.name, n=int(seconds))
    if seconds < 3_600:
        return tr("Linked with {browser}, last heard {n} min ago.", browser=browser.name, n=int(seconds // 60))
    return tr("Linked with {browser}, last heard {n} h ago.", browser=browser.name, n=int(seconds // 3_600))


def not_linked(page: BrowserPage) -> str:
    """Return what to do next so that a browser becomes linked."""
    if page.link.problem:
        return tr("Not linked: {problem}", problem=page.link.problem)
    usable = [one for one in page.browsers if one.standing is not Standing.BLOCKED]
    if not usable:
        return tr("Not linked: there is no browser here that can be.")
    if not any(one.standing is Standing.READY for one in usable):
        return tr("Not linked: install it for your browser first.")
    if not page.link.listening:
        return tr("Not linked: Kibitz does not listen for browsers now. Quit it and start it again.")
    if not page.link.paired:
        return tr("Not linked: load the extension, then click it in the browser's toolbar and type the panel's code.")
    return tr("Not linked: start the browser, and look whether the extension is switched on.")
