"""What the agent can ask for on the ticket in front beside answering: a menu in the ticket's header."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from assist.acts import ActKind
from assist.domain import TicketStatus
from desktop.i18n import tr
from desktop.panel import words

Ask = Callable[[ActKind, TicketStatus | None], None]


def fill_acting_menu(menu: QMenu, statuses: tuple[TicketStatus, ...], ask: Ask) -> None:
    """Put the acts into ``menu``; each only opens a sheet."""
    menu.clear()
    for kind, text in (
        (ActKind.REPLY, tr("Write a public reply …")),
        (ActKind.NOTE, tr("Write an internal note …")),
        (ActKind.TAGS, tr("Change the tags …")),
    ):
        menu.addAction(text, partial(ask, kind, None))
    menu.addSeparator()
    for status in statuses:
        word = words.status_sign(status).word
        menu.addAction(tr("Set to {status} …", status=word), partial(ask, ActKind.STATUS, status))


def acting_menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAccessibleName(tr("Change this ticket"))
    return menu
