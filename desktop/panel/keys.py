"""What the panel's keys do: the verbs of `desktop.panel.shortcuts`, each for whatever is in front or has the focus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from desktop.panel.article_card import ArticleCard
from desktop.panel.card import Card
from desktop.panel.reply_card import ReplyCard
from desktop.panel.shortcuts import SHORTCUTS
from desktop.panel.state import Ready

if TYPE_CHECKING:
    from desktop.panel.view import PanelView


class PanelKeys:
    """Makes the shortcuts of a panel."""

    def __init__(self, view: PanelView) -> None:
        self._view = view
        self._make_shortcuts()

    def _make_shortcuts(self) -> None:
        handlers = self._handlers()
        for shortcut in SHORTCUTS:
            for keys in shortcut.keys:
                made = QShortcut(QKeySequence(keys), self._view)
                made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                made.activated.connect(partial(self._act, handlers[shortcut.verb]))

    def _act(self, handler: Callable[[], None]) -> None:
        """The strip has no keys: nothing happens to what cannot be seen."""
        if not self._view.is_collapsed:
            handler()

    def _handlers(self) -> dict[str, Callable[[], None]]:
        return {
            "use_1": lambda: self._use_number(0),
            "use_2": lambda: self._use_number(1),
            "use_3": lambda: self._use_number(2),
            "next": lambda: self._move_focus(1),
            "previous": lambda: self._move_focus(-1),
            "use": self._use_current,
            "edit": lambda: self._with_reply(ReplyCard.edit),
            "dismiss": lambda: self._with_reply(ReplyCard.dismiss),
            "dismiss_why": lambda: self._with_reply(ReplyCard.show_reasons),
            "undo": self._undo,
            "open": self._open_current,
            "copy_link": lambda: self._with_article(ArticleCard.copy_link),
            "copy_passage": lambda: self._with_article(ArticleCard.copy_passage),
            "unfold": self._unfold,
            "quick_open": self._view.quick_open_requested.emit,
            "next_section": lambda: self._next_section(1),
            "previous_section": lambda: self._next_section(-1),
            "escape": self._escape,
            "help": self._view.show_shortcuts,
        }

    def _has_cards(self) -> bool:
        """Whether replies and articles can be seen: no key acts on what is behind something else."""
        return isinstance(self._view.state, Ready) and self._view.pages.currentWidget() is self._view.ready

    def _current(self) -> Card | None:
        return self._view.ready.current_card() if self._has_cards() else None

    def _move_focus(self, step: int) -> None:
        if self._has_cards():
            self._view.ready.move_focus(step)

    def _use_number(self, slot: int) -> None:
        if self._has_cards() and self._view.ready.replies[slot].isVisibleTo(self._view.ready):
            self._view.ready.replies[slot].use("key")

    def _use_current(self) -> None:
        """Enter presses a focused button; on a card it uses the reply or opens the article."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
            return
        match self._current():
            case ReplyCard() as reply:
                reply.use("key")
            case ArticleCard() as article:
                article.open()
            case _:
                pass

    def _open_current(self) -> None:
        match self._current():
            case ReplyCard() as reply if reply.suggestion is not None and reply.suggestion.source.url:
                self._view.source_open.emit(reply.suggestion.id)
            case ArticleCard() as article:
                article.open()
            case _:
                pass

    def _with_reply(self, act: Callable[[ReplyCard], None]) -> None:
        if isinstance(card := self._current(), ReplyCard):
            act(card)

    def _with_article(self, act: Callable[[ArticleCard], None]) -> None:
        if isinstance(card := self._current(), ArticleCard):
            act(card)

    def _unfold(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        elif isinstance(card := self._current(), ReplyCard | ArticleCard):
            card.toggle_fold()

    def _undo(self) -> None:
        for card in self._view.ready.replies if self._has_cards() else ():
            if card.offers_undo:
                card.undo()
                return

    def _next_section(self, step: int) -> None:
        stops: list[QWidget] = [self._view.bar.quick_open]
        if self._has_cards():
            stops += [section.head for section in self._view.ready.sections if section.isVisibleTo(self._view)]
        focused = QApplication.focusWidget()
        order = self._reading_order(stops, focused)
        self._view.ready.focus(stops[(order + step) % len(stops)])

    def _reading_order(self, stops: list[QWidget], focused: QWidget | None) -> int:
        """Return the index of the section that ``focused`` is in; 0 when it is in none."""
        for index, section in enumerate(self._view.ready.sections):
            if focused is not None and section.isAncestorOf(focused) and section.head in stops:
                return stops.index(section.head) or index
        return 0

    def _escape(self) -> None:
        if self._view.overlay.isVisible():
            self._view.overlay.close_overlay()
        else:
            self._view.collapse(collapsed=True)
