"""The child's side of `tests.helpers.children`: answers commands from stdin on Qt's loop."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QSocketNotifier

import desktop  # noqa: F401  # for desktop.singletons

Verbs = Mapping[str, Callable[..., Any]]


class Commands:
    """Calls ``verbs[verb](**values)`` for each line and writes what it returns. Ends with its parent."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._buffer = b""
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._read)

    def _read(self) -> None:
        data = os.read(sys.stdin.fileno(), 65_536)
        if not data:
            self._notifier.setEnabled(False)
            QCoreApplication.exit(0)
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            command = json.loads(line)
            say(self._verbs[command.pop("verb")](**command))


def say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
