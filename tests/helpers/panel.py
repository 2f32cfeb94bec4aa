"""Panel states with defaults, and what can be read on the screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QTextEdit, QWidget

from assist.domain import Suggestion, SuggestionId
from desktop.panel.state import Ready
from tests.helpers import builders
from tests.helpers.builders import NOON, a_help, a_suggestion, an_open_ticket

NOW = NOON + timedelta(hours=3)


def replies(*names: str, **fields: Any) -> tuple[Suggestion, ...]:
    """Return a suggestion for each of ``names``, which is its id and a part of its text."""
    return tuple(a_suggestion(f"Hello, this is {name}.", id=SuggestionId(name), **fields) for name in names)


def ready(*names: str, ticket: int = 7, state_key: str = "7/1", **fields: Any) -> Ready:
    """Return a Ready state with replies of these names. ``help_`` are fields of its `Help`."""
    help_fields = {"replies": replies(*names), **fields.pop("help_", {})}
    made = a_help(ref=builders.a_ref(ticket), state_key=state_key, **help_fields)
    return Ready(**{"opened": an_open_ticket(ticket), "help": made, "now": NOW, **fields})


def words_on(widget: QWidget) -> str:
    """Return all text that is visible on ``widget``, a line for each label, button or text field."""
    found: list[str] = []
    for child in widget.findChildren(QWidget):
        if not child.isVisibleTo(widget):
            continue
        if isinstance(child, QLabel | QAbstractButton):
            found.append(child.text().replace("&&", "&"))
        elif isinstance(child, QTextEdit | QPlainTextEdit):
            found.append(child.toPlainText())
    return "\n".join(found)
