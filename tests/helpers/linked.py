"""An agent's desk with the browser link: a real browser with the extension, the app, and the panel as it is read out.

A browser is a `Firefox` or a `Chrome`; both have tabs with the same few methods.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assist.domain import Decision, EventKind
from integrations.demo.world import comment_text
from tests.helpers.children import ROOT
from tests.helpers.e2e import DEADLINE_S, Kibitz, Shop, soon
from tests.helpers.extension import background, chromium, for_tests, popup_url
from tests.helpers.firefox import POPUP, firefox
from tests.helpers.screen_reader import Part, ScreenReader

CTRL, ENTER, END, LEFT = "\ue009", "\ue006", "\ue010", "\ue012"
_NAMES = {CTRL: "Control", ENTER: "Enter", END: "End", LEFT: "ArrowLeft"}
_SIZE = ("1000", "880")
READ_OUT = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
"""Qt speaks to screen readers only where the desktop says that there is one."""


class Chrome:
    """Chromium, by Playwright."""

    name = "Chromium"
    popup_url = popup_url()

    def __init__(self, context: Any) -> None:
        self.context = context

    def open(self, url: str, *, kind: str = "tab") -> ChromeTab:
        """Open ``url`` in a new tab or a new window, in front."""
        if kind == "tab":
            page = self.context.new_page()
        else:
            with self.context.expect_page() as opened:
                background(self.context).evaluate("() => chrome.windows.create({ url: 'about:blank', focused: true })")
            page = opened.value
        tab = ChromeTab(page)
        tab.go(url)
        return tab

    def popup(self) -> ChromeTab:
        return self.open(self.popup_url)

    def tidy(self) -> None:
        """Close all but one empty tab."""
        for page in self.context.pages[1:]:
            page.close()


class ChromeTab:
    """One tab of Chromium, with the methods of `tests.helpers.firefox.Tab`."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def go(self, url: str) -> None:
        self.page.goto(url)

    def front(self) -> None:
        self.page.bring_to_front()

    def close(self) -> None:
        self.page.close()

    def run(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def wait(self, expression: str) -> None:
        soon(lambda: self.run(f"Boolean({expression})"))

    def click(self, selector: str) -> None:
        self.page.click(f"{selector}:visible")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def chord(self, *keys: str) -> None:
        self.page.keyboard.press("+".join(_NAMES.get(key, key) for key in keys))


class Fox:
    """Firefox, by WebDriver BiDi."""

    name = "Firefox"
    popup_url = POPUP

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._first = self._tabs()[0]

    def open(self, url: str, *, kind: str = "tab") -> Any:
        return self.driver.open(url, kind=kind)

    def popup(self) -> Any:
        return self.driver.popup()

    def tidy(self) -> None:
        for tab in self._tabs():
            if tab != self._first:
                self.driver.tell("browsingContext.close", context=tab)

    def _tabs(self) -> list[str]:
        return [one["context"] for one in self.driver.tell("browsingContext.getTree", maxDepth=0)["contexts"]]


def installed(kibitz: Kibitz, *words: str) -> Path:
    """Run ``kibitz browser install`` and return the folder of the extension that it names."""
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "browser", "install", *words],
        cwd=ROOT,
        env=kibitz.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    [folder] = re.findall(r"extension's folder: (.+)", done.stdout)
    return Path(folder)


@contextmanager
def chrome_for(kibitz: Kibitz, folder: Path) -> Iterator[Chrome]:
    """Start Chromium with the link of ``kibitz`` installed. The same folder again is the same browser again."""
    extension = folder / "extension"
    if not extension.exists():
        for_tests(extension, installed(kibitz, "--user-data-dir", str(folder / "profile")))
    more = ("--window-position=0,0", f"--window-size={','.join(_SIZE)}")
    with chromium(folder, None, headless=False, more=more, env=kibitz.station.env) as context:
        yield Chrome(context)


@contextmanager
def firefox_for(kibitz: Kibitz, folder: Path) -> Iterator[Fox]:
    """Do the same with Firefox, which has one place for the hosts of all its profiles."""
    extension = folder / "extension"
    if not extension.exists():
        for_tests(extension, installed(kibitz, "--browser", "firefox"))
    more = ("--width", _SIZE[0], "--height", _SIZE[1])
    with firefox(folder, None, headless=False, more=more, env=kibitz.station.env) as driver:
        yield Fox(driver)


BROWSERS = {"chromium": chrome_for, "firefox": firefox_for}


class Linked(Shop):
    """A browser and Kibitz, linked, beside each other on the screen."""

    def __init__(self, kibitz: Kibitz, web: Any, reader: ScreenReader) -> None:
        super().__init__(kibitz)
        self.web = web
        self.reader = reader

    # The browser

    def open(self, key: str, *, kind: str = "tab") -> Any:
        """Open a ticket in a new tab, wait until the panel shows it, and return the tab."""
        tab = self.web.open(self.address(key), kind=kind)
        self.drawn(tab, key)
        self.shows(key)
        return tab

    def step(self, tab: Any, key: str) -> None:
        """Go to another ticket as the page's own links do, without loading anything anew."""
        self.push(tab, f"'{self.path(key)}'")
        self.drawn(tab, key)

    def push(self, tab: Any, path: str) -> None:
        """Have the page's own router go to ``path``, an expression of JavaScript."""
        tab.run(f"history.pushState({{}}, '', {path}), dispatchEvent(new PopStateEvent('popstate')), 0")

    def path(self, key: str) -> str:
        return "/" + self.address(key).split("/", 3)[3]

    def drawn(self, tab: Any, key: str) -> None:
        tab.wait(f"document.querySelector('.ticket[data-ticket-id=\"{self.number(key)}\"] #composer')")

    def looked_at(self, tab: Any) -> None:
        """Wait until the extension has looked at what the page drew last, and told of it.

        Its look is a timer of at most 200 ms in the same page; one that is set now and longer comes after it.
        """
        tab.run("window.lookedAt = false, setTimeout(() => { window.lookedAt = true; }, 400), 0")
        tab.wait("window.lookedAt")

    def composed(self, tab: Any) -> str:
        return str(tab.run("document.querySelector('#composer').innerText")).strip()

    def write(self, tab: Any, text: str) -> None:
        tab.front()
        tab.click("#composer")
        tab.type(text)

    def send(self, tab: Any, key: str) -> str:
        """Press the page's own button and return what the helpdesk then has."""
        before = len(self.ticket(key).comments)
        tab.click("#send")
        soon(lambda: len(self.ticket(key).comments) > before)
        return comment_text(self.ticket(key).comments[-1])

    # The panel

    def texts(self) -> list[str]:
        return self.reader.texts(self.kibitz.pid)

    def front(self) -> int | None:
        """Return the number of the ticket that the panel shows, None for none."""
        found = [re.search(r"(?:· |Ticket )#(\d+)$", text) for text in self.texts()]
        return next((int(match[1]) for match in found if match), None)

    def shows(self, key: str) -> None:
        soon(self.front, lambda number: number == self.number(key))

    def shows_nothing(self) -> None:
        soon(self.texts, lambda texts: "No ticket is open" in texts)

    def says(self, sentence: str) -> None:
        """Wait until something in the panel reads ``sentence``."""
        soon(self.texts, lambda texts: any(sentence in text for text in texts))

    def announces(self, sentence: str) -> None:
        """Wait until the panel has had ``sentence`` read out, and forget all that was before it."""
        heard: list[str] = []

        def so_far() -> list[str]:
            heard.extend(self.reader.announced())
            return heard

        soon(so_far, lambda said: sentence in said)

    def button(self, name: str = "Use reply 1") -> Part:
        return soon(lambda: self.reader.part(self.kibitz.pid, name))

    def use(self) -> None:
        """Click "Use" of the first reply with the mouse."""
        x, y, width, height = self.reader.box(self.button())
        self.station.x.click(x + width // 2, y + height // 2)

    def used(self, key: str, kind: EventKind = EventKind.USED) -> list[Decision]:
        return self.log.decisions(self.ref(key), kind)

    # Both

    def pair(self) -> None:
        """Pair as an agent does: ask for the code in the popup, read it on the panel, type it, see that it worked."""
        popup = self.web.popup()
        popup.click("#pair")
        code = soon(self.code)
        popup.wait("document.querySelector('#code').checkVisibility()")
        popup.click("#code")
        popup.type(code)
        popup.chord(ENTER)
        popup.wait("document.querySelector('#forget').checkVisibility()")
        self.says(f"Linked with {self.web.name}")
        popup.close()

    def code(self) -> str:
        """Return the six digits that the panel shows, empty when it shows none."""
        found = re.search(r"Type this code there: (\d(?: \d){5})$", "\n".join(self.texts()), re.MULTILINE)
        return found[1].replace(" ", "") if found else ""

    def tidy(self) -> None:
        """Leave no ticket in front and nothing broken."""
        self.world.faults.reset()
        self.web.tidy()


def quoted(text: str) -> str:
    """Return a text as JavaScript writes it."""
    return json.dumps(text)
