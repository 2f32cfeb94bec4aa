"""A loopback door in a process of its own, for browsers to knock at: commands and answers are JSON lines.

``python -m tests.helpers.door_child [MORE ORIGINS...]``
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from desktop.link.door import Door
from integrations.browser.messages import Insert, LinkSettings, write
from integrations.browser.pairing import PairingDesk
from integrations.browser.partner import CodeShown, Event, Linked, Said
from tests.helpers.partner import MemoryKeys

ORIGINS = ("https://acme.zendesk.com", "https://acme.freshdesk.com")


class Porter(QObject):
    told = Signal(str)

    def __init__(self, more: Sequence[str]) -> None:
        super().__init__()
        self._more = more
        self._said: list[dict[str, Any]] = []
        self._codes: list[str] = []
        self._links = 0
        self._keys, self._desk = MemoryKeys(), PairingDesk(())
        self._door = self._made(0)
        self.told.connect(self._obey)
        self._door.open(more)
        self._port = self._door.port
        self._answer({"port": self._port})

    def _made(self, port: int) -> Door:
        settings = LinkSettings(ORIGINS, drafts=False)
        return Door(self._keys, self._desk, settings=lambda: settings, on_events=self._hear, port=port)

    def _hear(self, _number: int, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case CodeShown(code=code):
                    self._codes.append(code)
                case Linked():
                    self._links += 1
                case Said(message=message):
                    self._said.append(write(message))

    def _obey(self, line: str) -> None:
        command = json.loads(line)
        match command["verb"]:
            case "look":
                names = [name for _, name in self._door.linked.values()]
                self._answer({"said": self._said, "codes": self._codes, "links": self._links, "linked": names})
            case "insert":
                message = Insert(command["id"], command["url"], command["html"], command["text"])
                self._answer([self._door.send(number, message) for number in self._door.linked])
            case "shut":
                self._door.close()
                self._answer(True)
            case "open":
                self._door = self._made(self._port)
                self._door.open(self._more)
                self._answer(True)

    def _answer(self, value: object) -> None:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


def main() -> int:
    app = QCoreApplication([])
    porter = Porter(sys.argv[1:])

    def listen() -> None:
        for line in sys.stdin:
            porter.told.emit(line)

    threading.Thread(target=listen, daemon=True).start()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
