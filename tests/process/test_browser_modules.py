"""The extension's own JavaScript against the app's own Python: they share nothing but ADR 16."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

from integrations.browser.messages import Draft, Elsewhere, Front, Insert
from integrations.browser.partner import Closed, CodeShown, Linked, PairingEnded, Said
from tests.helpers.partner import CHROMIUM, Desk, committed, framed, spell, unframed
from tests.helpers.partner import Extension as Twin

SCRIPT = Path(__file__).resolve().parents[1] / "helpers" / "extension_node.mjs"
URL = "https://acme.zendesk.com/agent/tickets/42"
SETTINGS = {"t": "settings", "origins": ["https://acme.zendesk.com"], "drafts": False}


class Extension:
    """The extension's modules in Node, and the app's side of their connection."""

    def __init__(self, process: subprocess.Popen[str], desk: Desk) -> None:
        self._process = process
        self.app = desk.connection()
        self.app.receive(framed({"host": 1, "origin": CHROMIUM}))
        self.told: list[Any] = []
        """What the modules report, their frames apart."""

    def write(self, value: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def line(self) -> Any:
        """Return the next frame or report of the modules."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the extension's modules ended"
        return json.loads(line)

    def until_event(self, wanted: type) -> list:
        """Carry frames until the app tells such an event; return all events."""
        events: list = []
        while not any(isinstance(event, wanted) for event in events):
            events += self._carry()
        return events

    def until_told(self) -> Any:
        """Carry frames until the modules report something; return it."""
        while not self.told:
            assert self._carry() == []
        return self.told.pop(0)

    def _carry(self) -> list:
        self.flush()
        frame = self.line()
        if "heard" in frame or "failed" in frame:
            self.told.append(frame)
            return []
        events = self.app.receive(framed(frame))
        self.flush()
        return events

    def flush(self) -> None:
        for frame in unframed(self.app.outgoing()):
            self.write(frame)


@pytest.fixture
def desk() -> Desk:
    return Desk("471902")


@pytest.fixture
def extension(desk) -> Iterator[Extension]:
    node = str(compute_driver_executable()[0])
    with subprocess.Popen([node, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Extension(process, desk)
        process.kill()


def test_that_the_extension_pairs_links_and_talks(desk, extension):
    assert extension.until_event(CodeShown) == [CodeShown("471902", "Chromium", 120.0)]
    extension.write({"typed": "471902"})
    assert extension.until_event(PairingEnded) == [PairingEnded(ok=True, why="")]
    assert extension.until_told() == {"heard": SETTINGS}
    extension.write({"say": {"t": "elsewhere"}})
    assert extension.until_event(Said) == [Linked(next(iter(desk.keys.pairs)), "Chromium"), Said(Elsewhere())]
    extension.write({"say": {"t": "front", "url": URL, "tab": 7, "composer": True}})
    assert extension.until_event(Said) == [Said(Front(URL, 7, composer=True))]
    extension.app.send(Insert("1", URL, "<p>é 👋</p>", "é 👋" * 10_000))
    heard = {"t": "insert", "id": "1", "url": URL, "html": "<p>é 👋</p>", "text": "é 👋" * 10_000}
    assert extension.until_told() == {"heard": heard}


def test_that_a_draft_cut_within_a_pair_of_surrogates_arrives(extension):
    extension.until_event(CodeShown)
    extension.write({"typed": "471902"})
    extension.until_event(PairingEnded)
    extension.until_told()
    extension.write({"say": {"t": "draft", "tab": 7, "url": URL, "text": "長" * 19_999 + "\ud83d"}})
    assert extension.until_event(Said)[1:] == [Said(Draft(7, URL, "長" * 19_999 + "\ufffd"))]


@pytest.mark.promise("S5")
@pytest.mark.parametrize("typed", ["571902", "471903"])
def test_that_the_extension_and_the_app_agree_that_a_digit_is_wrong(desk, extension, typed):
    extension.until_event(CodeShown)
    extension.write({"typed": typed})
    assert extension.until_event(PairingEnded) == [PairingEnded(ok=False, why="code")]
    assert extension.until_told() == {"failed": "code"}
    assert desk.keys.pairs == {}


@pytest.mark.promise("S5")
def test_that_the_extension_finds_out_an_app_that_does_not_know_the_code(extension):
    theirs, false = base64.b64decode(extension.line()["key"]), Twin()
    extension.write({"t": "pairing", "key": spell(false.public), "id": "0" * 16})
    extension.write({"typed": "471902"})
    for place, guess in enumerate("4718"):
        assert extension.line()["t"] == "commit"
        nonce = bytes([place] * 32)
        ours = committed(nonce, b"app", place, guess, theirs, false.public)
        extension.write({"t": "commit", "i": place, "commit": spell(ours)})
        assert extension.line()["t"] == "reveal"
        extension.write({"t": "reveal", "i": place, "nonce": spell(nonce)})
    assert extension.line() == {"t": "refused", "why": "code"}
    assert extension.line() == {"failed": "code"}


def test_that_the_extension_ends_at_a_frame_that_comes_twice(extension):
    extension.until_event(CodeShown)
    extension.write({"typed": "471902"})
    extension.until_event(PairingEnded)
    extension.until_told()
    extension.write({"say": {"t": "elsewhere"}})
    extension.until_event(Said)
    extension.app.send(Insert("1", URL, "", ""))
    [frame] = unframed(extension.app.outgoing())
    extension.write(frame)
    assert extension.until_told()["heard"]["t"] == "insert"
    extension.write(frame)
    assert extension.until_told() == {"failed": "RangeError"}
    assert not any(isinstance(event, Closed) for event in extension.app.tick())
