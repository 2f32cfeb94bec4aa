"""Whatever comes in, in whatever state: events come out, `Closed` at the worst, and nothing that was not said."""

from __future__ import annotations

import json

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.browser.frames import MAX_FRAME_BYTES
from integrations.browser.messages import read
from integrations.browser.partner import Closed, CodeShown, Linked, PairingEnded, Said
from tests.helpers.partner import CHROMIUM, Desk, Extension, Line, framed, spell

pytestmark = pytest.mark.promise("S5")

URL = "https://acme.zendesk.com/agent/tickets/42"
SAID = [
    {"t": "front", "url": URL, "tab": 7, "composer": True},
    {"t": "draft", "tab": 7, "url": URL, "text": "Dear Anna"},
    {"t": "submitted", "tab": 7, "url": URL},
]
STATES = ["fresh", "waiting", "pairing", "committed", "greeted", "linked"]


def in_state(state: str) -> Line:
    """Return a line whose app side is in ``state``, with nothing under way."""
    desk = Desk("471902")
    if state in ("greeted", "linked"):
        line = desk.paired(Extension(answers=state == "linked"))
        line.extension.hello()
    else:
        line = desk.line()
        if state == "fresh":
            line.extension.outgoing()
        if state in ("pairing", "committed"):
            line.extension.pair()
    line.go()
    if state == "committed":
        line.extension.type_code("471902")
        line.app.receive(line.extension.outgoing())
        line.app.outgoing()
    line.events.clear()
    return line


def fed(line: Line, *chunks: bytes) -> list:
    """Feed it and check what holds for any bytes; return the events."""
    events = []
    for chunk in chunks:
        was_closed = line.app.is_closed
        new = line.app.receive(chunk)
        assert not (was_closed and new)
        events += new
        line.app.outgoing()
    assert [isinstance(event, Closed) for event in events].count(True) <= 1
    if line.app.is_closed:
        assert isinstance(events[-1], Closed)
        assert not line.app.is_linked
    for event in events:
        assert isinstance(event, CodeShown | PairingEnded | Linked | Said | Closed)
    return events


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["0" * 16, spell(bytes(32))]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
TYPES = ["pair", "hello", "commit", "reveal", "refused", "paired", "pairing", "front", "draft", "inserted", "settings"]
NAMES = ["t", "v", "i", "n", "c", "id", "key", "name", "nonce", "commit", "why", "host", "origin", "url", "tab", "text"]
LIKELY = JSON | st.sampled_from([*TYPES, 0, 1, 1.0, CHROMIUM, spell(Extension().public), URL])
OBJECTS = st.dictionaries(st.sampled_from(NAMES), LIKELY, max_size=6) | st.builds(
    lambda kind, rest: {**rest, "t": kind}, st.sampled_from(TYPES), st.dictionaries(st.sampled_from(NAMES), LIKELY)
)
BODIES = (
    OBJECTS.map(lambda value: json.dumps(value).encode())
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.sampled_from(
        [
            b"[" * 100_000,
            b'{"a":' * 30_000,
            b'{"t":"\\ud800","n":NaN}',
            b'{"t":"hello","v":1,"id":"\\udfff"}',
            b'{"n":1e999,"c":""}',
            b'{"n":' + b"9" * 4_000 + b"}",
            b'{"n":-0,"c":"AAAA"}',
            b'{"n":0,"c":"' + b"A" * 200_000 + b'"}',
        ]
    )
)
CHUNKS = st.lists(
    BODIES.map(framed)
    | st.binary(max_size=80)
    | st.sampled_from([MAX_FRAME_BYTES + 1, 2**31 - 1, 2**32 - 1, 0]).map(lambda length: length.to_bytes(4, "little")),
    max_size=6,
)


@pytest.mark.parametrize("state", STATES)
@given(CHUNKS)
@settings(max_examples=60)
def test_that_no_bytes_make_anything_but_events(state, chunks):
    line = in_state(state)
    events = fed(line, *chunks)
    assert not any(isinstance(event, Linked | Said) for event in events)
    assert len(line.app._keys.pairs) == (state in ("greeted", "linked"))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("length", range(8))
def test_that_a_frame_that_never_ends_waits_for_the_rest(state, length):
    line = in_state(state)
    assert fed(line, framed(b'{"t":"where"}')[:length]) == []
    assert not line.app.is_closed


STEPS = 18
"""Chunks that the extension writes: host and pairing, twelve for the code, a greeting, an answer, three messages."""
CHANGES = st.one_of(
    st.builds(lambda mask: lambda at, data: data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :], st.integers(1, 255)),
    st.builds(lambda length: lambda at, data: data[:at] + data[at + length :], st.integers(1, 40)),
    st.builds(lambda extra: lambda at, data: data[:at] + extra + data[at:], st.binary(min_size=1, max_size=8)),
    st.just(lambda at, data: data[:at]),
    st.just(lambda at, data: data + data[at:]),
    st.just(lambda at, data: data + data),
    st.just(lambda at, data: b""),
)


class Saboteur:
    """Carries one pairing and one session, and changes one of the extension's chunks on its way."""

    def __init__(self, step: int, change) -> None:
        self.line = Desk("471902").line()
        self.events: list = []
        self.steps = 0
        self._step, self._change = step, change

    def run(self) -> None:
        extension = self.line.extension
        extension.pair()
        self._carry()
        if extension.told_id:
            extension.type_code("471902")
            self._carry()
        if extension.paired:
            extension.hello()
            self._carry()
        if extension.session is not None:
            for message in SAID:
                extension.say(message)
                self._carry()

    def _carry(self) -> None:
        extension, app = self.line.extension, self.line.app
        while data := extension.outgoing():
            if self.steps == self._step:
                data = self._change(data)
            self.steps += 1
            was_closed = app.is_closed
            events = app.receive(data)
            assert not (was_closed and events)
            self.events += events
            try:
                extension.hear(app.outgoing())
            except InvalidTag:  # its greeting was changed, so that the keys differ: the extension ends it, too
                self.events += app.end()
                return


def test_that_an_undisturbed_connection_takes_all_its_steps():
    saboteur = Saboteur(-1, None)
    saboteur.run()
    assert saboteur.steps == STEPS
    assert [event.message for event in saboteur.events if isinstance(event, Said)][1:] == [read(each) for each in SAID]


@given(st.integers(0, STEPS - 1), CHANGES, st.floats(0, 1, exclude_max=True))
@settings(max_examples=300)
def test_that_a_changed_transcript_says_nothing_that_was_not_said(step, change, where):
    saboteur = Saboteur(step, lambda data: change(int(where * len(data)), data))
    saboteur.run()
    heard = [event.message for event in saboteur.events if isinstance(event, Said)]
    said = [read({"t": "elsewhere"}), *map(read, SAID)]
    assert heard == said[: len(heard)]
    extension = saboteur.line.extension
    keys = [key for key, _ in saboteur.line.app._keys.pairs.values()]
    assert keys == [] or not extension.paired or keys == [extension.key]
    assert [isinstance(event, Closed) for event in saboteur.events].count(True) <= 1
