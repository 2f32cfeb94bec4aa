"""Another program's window with one text field, in place of the helpdesk in a browser."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtWidgets import QApplication, QPlainTextEdit

from tests.helpers.child_side import Commands, say


class Program:
    def __init__(self) -> None:
        self.field = QPlainTextEdit()
        self.field.setWindowTitle("Helpdesk")
        self.commands = Commands({"state": self.state, "clear": self.clear})
        self.field.showMaximized()
        self.field.activateWindow()

    def clear(self) -> Any:
        self.field.clear()
        return self.state()

    def state(self) -> Any:
        return {
            "id": int(self.field.winId()),
            "text": self.field.toPlainText(),
            "active": self.field.isActiveWindow(),
            "geometry": list(self.field.geometry().getRect()),
        }


def main() -> int:
    app = QApplication(sys.argv)
    program = Program()
    say(program.state())
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
