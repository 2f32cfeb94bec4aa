"""Firefox with the extension, driven by WebDriver BiDi, which Firefox speaks itself."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from integrations.browser.known import Family
from tests.helpers.children import eventually
from tests.helpers.extension import DEADLINE_S, App, for_tests, put_host

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
_PORT_FILE = "WebDriverBiDiServer.json"
_PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.tabs.warnOnClose": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.webextensions.uuids": json.dumps({"link@kibitz.example": "6b1b1277-6b69-4b74-8c1f-6c696e6b2121"}),
    "intl.locale.requested": "en-US",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
POPUP = "moz-extension://6b1b1277-6b69-4b74-8c1f-6c696e6b2121/popup.html"


class Firefox:
    """One browser: commands of BiDi in, their results out."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._ids = itertools.count(1)

    def tell(self, method: str, **params: Any) -> Any:
        """Run one command and return its result. Events are not asked for, so none come between."""
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._connection.recv(timeout=DEADLINE_S))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, url: str, *, kind: str = "tab") -> Tab:
        """Open ``url`` in a new tab or a new window, in front."""
        tab = Tab(self, self.tell("browsingContext.create", type=kind)["context"])
        tab.go(url)
        return tab

    def popup(self) -> Tab:
        """Open the popup in a tab, by the browser's own window: no page may lead to an extension's."""
        window = self.tell("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"][0]["context"]
        words = f"gBrowser.selectedTab = gBrowser.addTrustedTab({json.dumps(POPUP)}); 0"
        self.tell("script.evaluate", expression=words, target={"context": window}, awaitPromise=False)
        tabs = eventually(self._popups, bool, DEADLINE_S)
        return Tab(self, tabs[-1])

    def _popups(self) -> list[str]:
        tabs = self.tell("browsingContext.getTree")["contexts"]
        return [tab["context"] for tab in tabs if tab["url"] == POPUP]


class Tab:
    """One tab."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self.context = context

    def go(self, url: str) -> None:
        self._firefox.tell("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def front(self) -> None:
        self._firefox.tell("browsingContext.activate", context=self.context)

    def close(self) -> None:
        self._firefox.tell("browsingContext.close", context=self.context)

    def run(self, expression: str) -> Any:
        """Return what a JavaScript expression of the page gives: a text, a number, a truth value or nothing."""
        target = {"context": self.context}
        done = self._firefox.tell("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert done["type"] == "success", done
        return done["result"].get("value")

    def wait(self, expression: str) -> None:
        eventually(lambda: self.run(f"Boolean({expression})"), bool, DEADLINE_S)

    def click(self, selector: str) -> None:
        self.wait(f"document.querySelector({json.dumps(selector)})?.checkVisibility()")
        box = json.loads(
            self.run(
                f"(box => JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]))"
                f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
            )
        )
        move = {"type": "pointerMove", "x": int(box[0]), "y": int(box[1])}
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._act({"type": "pointer", "id": "mouse", "actions": [move, *press]})

    def type(self, text: str) -> None:
        self._keys(
            [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")],
        )

    def chord(self, *keys: str) -> None:
        """Press keys together, by WebDriver's letters: "\\ue009" is Ctrl, "\\ue006" Return."""
        downs = [{"type": "keyDown", "value": key} for key in keys]
        self._keys([*downs, *({"type": "keyUp", "value": key} for key in reversed(keys))])

    def _keys(self, actions: list[dict[str, Any]]) -> None:
        self._act({"type": "key", "id": "keys", "actions": actions})

    def _act(self, source: dict[str, Any]) -> None:
        self._firefox.tell("input.performActions", context=self.context, actions=[source])


@contextmanager
def firefox(
    folder: Path,
    place: Path | None,
    *,
    headless: bool = True,
    more: Sequence[str] = (),
    env: dict[str, str] | None = None,
) -> Iterator[Firefox]:
    """Start Firefox with the extension; ``place`` None means that there is no host.

    The home folder is ``folder/home``, because hosts are looked for there. An extension that a test loads is gone after
    a restart, and is loaded again; its storage stays with the profile in ``folder``.
    """
    if FIREFOX is None:
        pytest.skip("no firefox on this machine")
    client = pytest.importorskip("websockets.sync.client")
    extension = folder / "extension" if (folder / "extension").exists() else for_tests(folder / "extension")
    profile, home = folder / "profile", folder / "home"
    profile.mkdir(exist_ok=True)
    home.mkdir(exist_ok=True)
    if place is not None:
        put_host(folder, place, family=Family.FIREFOX, hosts=home / ".mozilla" / "native-messaging-hosts")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    (profile / _PORT_FILE).unlink(missing_ok=True)
    words = [FIREFOX, *(["--headless"] if headless else []), "--no-remote", "--profile", str(profile)]
    words += ["--remote-debugging-port=0", "--remote-allow-system-access", *more]
    with (folder / "firefox.log").open("ab") as log:
        process = subprocess.Popen(
            words,
            env={**os.environ, "HOME": str(home), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        port = eventually(lambda: _port(profile), bool, DEADLINE_S)
        with client.connect(f"ws://127.0.0.1:{port}/session", max_size=None, open_timeout=DEADLINE_S) as connection:
            started = Firefox(connection)
            started.tell("session.new", capabilities={})
            started.tell("webExtension.install", extensionData={"type": "path", "path": str(extension)})
            yield started
            with suppress(Exception):
                started.tell("browser.close")
    finally:
        _end(process)


def _port(profile: Path) -> int:
    try:
        return int(json.loads((profile / _PORT_FILE).read_text())["ws_port"])
    except (OSError, ValueError, KeyError):
        return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(DEADLINE_S)


def pair(browser: Firefox, with_: App) -> None:
    """Pair as an agent does: ask for the code in the popup, read it on the panel, type it."""
    popup = browser.popup()
    popup.click("#pair")
    popup.wait("document.querySelector('#code').checkVisibility()")
    popup.click("#code")
    popup.type(with_.codes()[-1])
    popup.chord("\ue006")
    popup.wait("document.querySelector('#forget').checkVisibility()")
    popup.close()
    eventually(lambda: with_.is_linked, bool, DEADLINE_S)
