"""What a screen reader is told: the windows of one process, over the real accessibility bus (AT-SPI)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, Properties, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

SERVICE = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
TIMEOUT_S = 20.0
_SHOWING = 25
_ROOT = "/org/a11y/atspi/accessible/root"
_REGISTRY = "org.a11y.atspi.Registry"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
Node = tuple[str, str]
"""The owner's name on the bus, and a path."""


_ANNOUNCEMENTS = MatchRule(type="signal", interface="org.a11y.atspi.Event.Object", member="Announcement")


class Gone(Exception):
    """What was asked about is no longer there."""


@dataclass(frozen=True)
class Part:
    """One thing on the screen. ``name`` is what is read out."""

    name: str
    node: Node


class ScreenReader:
    """Sees the windows of other processes by what they say of themselves."""

    def __init__(self, bus: DBusConnection) -> None:
        self._bus = bus
        self._said: deque[Any] = deque()
        self._ask(_of_bus("AddMatch", "s", (_ANNOUNCEMENTS.serialise(),)))
        registry = DBusAddress("/org/a11y/atspi/registry", _REGISTRY, "org.a11y.atspi.Registry")
        self._ask(new_method_call(registry, "RegisterEvent", "s", ("object:announcement",)))

    def announced(self) -> list[str]:
        """Return the sentences that windows had read out, since this was asked last."""
        self._ask(_of_bus("GetId"))  # what came before its answer has been taken by then
        found = [str(message.body[3][1]) for message in self._said]
        self._said.clear()
        return found

    def texts(self, pid: int) -> list[str]:
        """Return everything that can be read in the windows of a process."""
        return [part.name for part in self.parts(pid)]

    def parts(self, pid: int) -> list[Part]:
        """Return everything with a name that is shown in the windows of a process; what goes meanwhile is left out."""
        found: list[Part] = []
        try:
            level = self._children([self._application(pid)])
        except Gone:
            return []
        while level:
            states = self._ask_all([_call(node, _ACCESSIBLE, "GetState") for node in level])
            level = [node for node, answer in zip(level, states, strict=True) if answer and _is_showing(answer[0])]
            names = self._ask_all([Properties(DBusAddress(*reversed(node), _ACCESSIBLE)).get("Name") for node in level])
            named = [(node, str(answer[0][1])) for node, answer in zip(level, names, strict=True) if answer]
            found += [Part(name, node) for node, name in named if name]
            level = self._children(level)
        return found

    def part(self, pid: int, name: str) -> Part | None:
        return next((part for part in self.parts(pid) if part.name == name), None)

    def is_showing(self, part: Part) -> bool:
        [answer] = self._ask_all([_call(part.node, _ACCESSIBLE, "GetState")])
        return answer is not None and _is_showing(answer[0])

    def press(self, part: Part) -> None:
        """Do what a click on ``part`` does."""
        self._ask(_call(part.node, "org.a11y.atspi.Action", "DoAction", "i", (0,)))

    def box(self, part: Part) -> tuple[int, int, int, int]:
        """Return where a part is on the screen: x, y, width and height in device pixels."""
        x, y, width, height = self._ask(_call(part.node, "org.a11y.atspi.Component", "GetExtents", "u", (0,)))[0]
        return x, y, width, height

    def _application(self, pid: int) -> Node:
        for node in self._children([(_REGISTRY, _ROOT)]):
            if self._ask(_of_bus("GetConnectionUnixProcessID", "s", (node[0],)))[0] == pid:
                return node
        raise Gone(f"no windows of {pid}")

    def _children(self, nodes: list[Node]) -> list[Node]:
        answers = self._ask_all([_call(node, _ACCESSIBLE, "GetChildren") for node in nodes])
        return [(owner, path) for answer in answers if answer for owner, path in answer[0]]

    def _ask(self, message: Message) -> Any:
        [answer] = self._ask_all([message])
        if answer is None:
            raise Gone
        return answer

    def _ask_all(self, messages: Sequence[Message]) -> list[Any]:
        """Ask everything at once, which costs one round trip; None for what is gone."""
        waiting: dict[int, int] = {}
        for place, message in enumerate(messages):
            serial = next(self._bus.outgoing_serial)
            self._bus.send(message, serial=serial)
            waiting[serial] = place
        answers: list[Any] = [None] * len(messages)
        while waiting:
            message = self._bus.receive(timeout=TIMEOUT_S)
            place = waiting.pop(message.header.fields.get(HeaderFields.reply_serial, -1), -1)
            if place >= 0 and message.header.message_type is MessageType.method_return:
                answers[place] = message.body
            elif place < 0 and _ANNOUNCEMENTS.matches(message):
                self._said.append(message)
        return answers


def _of_bus(method: str, signature: str = "", values: tuple[Any, ...] = ()) -> Message:
    return new_method_call(message_bus, method, signature or None, values)


def _call(node: Node, interface: str, method: str, signature: str = "", values: tuple[Any, ...] = ()) -> Message:
    return new_method_call(DBusAddress(node[1], node[0], interface), method, signature or None, values)


def _is_showing(state: Sequence[int]) -> bool:
    return bool(state[0] >> _SHOWING & 1)


@contextmanager
def screen_reader(session_bus: str) -> Iterator[ScreenReader]:
    """Read the screen of the session whose message bus has this address."""
    if not SERVICE.exists():
        pytest.skip("not installed: at-spi2-core")
    with open_dbus_connection(session_bus) as session:
        bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        address = session.send_and_get_reply(new_method_call(bus, "GetAddress"), timeout=TIMEOUT_S).body[0]
        with open_dbus_connection(address) as connection:
            yield ScreenReader(connection)
