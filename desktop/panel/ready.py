"""Help for one ticket: alerts, replies, articles, similar tickets, the customer, in one scrolled column."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from assist.domain import Stage, Suggestion, SuggestionId, Visibility
from desktop.i18n import tr
from desktop.panel.alerts import Alerts
from desktop.panel.article_card import ArticleCard
from desktop.panel.card import Card, focus_card_of
from desktop.panel.customer import CustomerCard
from desktop.panel.reply_card import ReplyCard, Way
from desktop.panel.similar import SimilarTickets
from desktop.panel.slots import place
from desktop.panel.state import Decided, Ready
from desktop.theme import Theme
from desktop.widgets.basics import column, laid_out_once, refit, restyle
from desktop.widgets.empty import EmptyState
from desktop.widgets.section import Section

REPLY_SLOTS = 3
ARTICLE_SLOTS = 5
SPACING_PX = 14
SMALL_HEIGHT_PX = 820
MOST_DRAFTS = 20


class ReadyPage(QScrollArea):
    """Refines in place: see `desktop.panel.slots.place`, and `_keep_still` for what is under the pointer."""

    editing_changed = Signal(bool)
    internal_answered = Signal(str, bool)
    """The id of what `ask_internal` asked about, and whether it is used all the same."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.state: Ready | None = None
        self._drafts: dict[SuggestionId, str] = {}
        self.alerts = Alerts(theme)
        self.replies = [ReplyCard(theme, number + 1) for number in range(REPLY_SLOTS)]
        self.articles = [ArticleCard(theme, number + 1) for number in range(ARTICLE_SLOTS)]
        self.reply_section = Section(theme, tr("Suggested replies"))
        self.article_section = Section(theme, tr("Articles"))
        self.similar_section = Section(theme, tr("Similar tickets"))
        self.customer_section = Section(theme, tr("Customer"))
        self.similar = SimilarTickets(theme)
        self.customer = CustomerCard(theme)
        self.nothing = EmptyState(theme, "empty-none", tr("Nothing good enough to suggest"))
        self._head_room = QWidget()
        self._tail_room = QWidget()
        self._fill_sections()
        body = QWidget()
        body.setObjectName("body")
        layout = column(spacing=SPACING_PX, margins=(12, 0, 2, 16))
        for widget in (self._head_room, self.alerts, self.nothing, *self.sections, self._tail_room):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._column = layout
        self._body = body
        body.setLayout(layout)
        self._make_room(self._head_room, 0)
        self._make_room(self._tail_room, 0)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A bar that came and went would change the width, and with it where every line breaks.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalScrollBar().rangeChanged.connect(self._show_bar)
        self._show_bar(0, 0)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._settle_now)

    @property
    def sections(self) -> tuple[Section, ...]:
        return (self.reply_section, self.article_section, self.similar_section, self.customer_section)

    def cards(self) -> list[Card]:
        """Return the cards that can be seen, from top to bottom."""
        return [card for card in (*self.replies, *self.articles) if card.isVisibleTo(self)]

    def current_card(self) -> Card | None:
        return focus_card_of(QApplication.focusWidget())

    def show_ready(self, state: Ready) -> None:
        """Show ``state``; what is held stays where it is as long as the ticket's conversation is the same."""
        before = self.state
        same_ticket = before is not None and before.help.ref == state.help.ref
        same_help = same_ticket and before is not None and before.help.state_key == state.help.state_key
        anchor = self._anchor() if same_ticket else None
        if not same_ticket:
            self._leave_ticket()
        self.state = state
        with laid_out_once(self._body):
            self.alerts.put(state.help.alerts, state.help.churn, quiet=state.quiet_alerts, told=state.told_alerts)
            self._put_replies(state, before, same_ticket=same_ticket, same_help=same_help)
            self._put_articles(state, before, keep=same_help)
            self.similar.put(state.help.similar, now=state.now)
            self.similar_section.put(len(state.help.similar[:ARTICLE_SLOTS]))
            self.customer.put(state)
            known = state.opened.customer is not None or bool(state.opened.history)
            self.customer_section.put(int(known), counted=False)
        if anchor is not None:
            self._keep_still(*anchor)
        elif not same_ticket:
            self._to_top()

    def move_focus(self, step: int) -> None:
        cards = self.cards()
        if not cards:
            return
        current = self.current_card()
        if current in cards:
            index = max(0, min(len(cards) - 1, cards.index(current) + step))
        else:
            index = self._nearest(cards, step)
        self.focus(cards[index])

    def _nearest(self, cards: Sequence[Card], step: int) -> int:
        """Return the index of the card below (1) or above (-1) what has the focus; the first or last without that."""
        focused = QApplication.focusWidget()
        if focused is None or not self._body.isAncestorOf(focused):
            return 0 if step > 0 else len(cards) - 1
        y_px = focused.mapTo(self._body, QPoint(0, 0)).y()
        above = sum(card.mapTo(self._body, QPoint(0, 0)).y() <= y_px for card in cards)
        return min(above, len(cards) - 1) if step > 0 else max(above - 1, 0)

    def keep_editing(self, suggestion_id: str, text: str) -> None:
        """Give the agent back what they had written: it was not used after all.

        Without the focus: meanwhile the keyboard went back to the browser, and keys for it must not land here.
        """
        for card in self.replies:
            if card.id == suggestion_id and card.isVisibleTo(self) and not card.is_editing:
                card.open_editor(text)
                return

    def ask_internal(self, suggestion_id: str, visibility: Visibility) -> bool:
        """Ask in its card whether text that not everyone may read is used; False where it is not on the screen."""
        asked: list[ReplyCard | ArticleCard] = [*self.replies, *self.articles]
        for card in asked:
            if card.id == suggestion_id and card.isVisibleTo(self):
                card.ask.ask(visibility)
                self.ensureWidgetVisible(card.ask, 0, 24)
                return True
        return False

    def _answered(self, card: ReplyCard | ArticleCard, *, used: bool) -> None:
        if card.id is not None:
            self.internal_answered.emit(card.id, used)

    def focus(self, widget: QWidget) -> None:
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.ensureWidgetVisible(widget, 0, 24)

    def end_undo_of_others(self, but: object = None) -> None:
        """The agent went on: undo strips of earlier dismissals go."""
        for card in self.replies:
            if card.id != but and card.offers_undo:
                card.end_undo()

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out anew: borders and paddings count only from the time the style sheet has been applied."""
        super().showEvent(event)
        for card in (*self.replies, *self.articles):
            refit(card)

    def _fill_sections(self) -> None:
        for card in self.replies:
            card.edit_started.connect(partial(self._editing_began, card))
            card.edit_ended.connect(lambda: self.editing_changed.emit(False))  # noqa: FBT003  # a signal's only value
            card.released.connect(lambda: self._settle.start(0))
            card.undo_ended.connect(self._settle_now)
            card.ask.answered.connect(lambda used, card=card: self._answered(card, used=used))
            card.hide()
            self.reply_section.body.addWidget(card)
        for article in self.articles:
            article.released.connect(lambda: self._settle.start(0))
            article.ask.answered.connect(lambda used, card=article: self._answered(card, used=used))
            article.hide()
            self.article_section.body.addWidget(article)
        self.similar_section.body.addWidget(self.similar)
        self.customer_section.body.addWidget(self.customer)

    def _editing_began(self, card: ReplyCard) -> None:
        self.editing_changed.emit(True)  # noqa: FBT003  # a signal's only value
        if (writing_in := card.writing_in) is not None:
            self.ensureWidgetVisible(writing_in, 0, 24)

    def _put_replies(self, state: Ready, before: Ready | None, *, same_ticket: bool, same_help: bool) -> None:
        known: dict[SuggestionId, Suggestion] = {one.id: one for one in state.help.replies}
        standing = [card.id if card.suggestion is not None and not card.isHidden() else None for card in self.replies]
        held = {
            card.id
            for card in self.replies
            if card.id is not None and _stays(card, state, same_ticket=same_ticket, same_help=same_help)
        }
        for card in self.replies:
            if card.suggestion is not None and card.id in held:
                known.setdefault(card.suggestion.id, card.suggestion)
        wanted = [one.id for one in state.help.replies if _is_open(state.decided.get(one.id)) or one.id in held]
        now = standing if same_ticket else [None] * REPLY_SLOTS
        if self._was_a_first_look(before):
            now = [one if one in held else None for one in now]
        for card, wish in zip(self.replies, place(now, wanted, held=held - {None}, size=REPLY_SLOTS), strict=True):
            card.setVisible(wish is not None)
            if wish is None:
                card.suggestion = None
                continue
            way = Way(state.places.get(wish), state.inserts, wish in state.outdated, bool(state.acting))
            card.put(known[wish], state.decided.get(wish), way)
            if wish in self._drafts and not card.is_editing and state.decided.get(wish) is None:
                card.open_editor(self._drafts.pop(wish))
        shown = sum(not card.isHidden() for card in self.replies)
        why = self._why_no_replies(state)
        # Before meaning was looked at, "nothing" is not yet an answer, and would flash by.
        looking = state.help.stage is Stage.LEXICAL
        nothing = not (looking or shown or state.help.replies or state.help.articles)
        self.nothing.text.setText(why)
        self.nothing.setVisible(nothing)
        self.reply_section.put(shown, why_empty="" if nothing else why)

    @staticmethod
    def _was_a_first_look(before: Ready | None) -> bool:
        """What stood there by words alone for a blink has no claim to its place, unless the agent holds it."""
        return before is not None and before.help.stage is Stage.LEXICAL

    def _why_no_replies(self, state: Ready) -> str:
        if state.help.stage is Stage.LEXICAL and not state.help.replies:
            return tr("Looking further …")
        if state.help.why_no_replies:
            return state.help.why_no_replies
        if state.help.replies:
            return tr("You have dismissed every suggestion for this ticket.")
        return tr("Nothing similar enough was found to suggest a reply.")

    def _put_articles(self, state: Ready, before: Ready | None, *, keep: bool) -> None:
        hits = {hit.id: hit for hit in state.help.articles}
        held = {
            card.id for card in self.articles if keep and card.id is not None and not card.isHidden() and card.is_held()
        }
        for card in self.articles:
            if card.hit is not None and card.id in held:
                hits.setdefault(card.hit.id, card.hit)
        wanted = [hit.id for hit in state.help.articles if state.decided.get(hit.id) is not Decided.DISMISSED]
        now = [card.id if keep and not card.isHidden() else None for card in self.articles]
        if self._was_a_first_look(before):
            now = [one if one in held else None for one in now]
        slots = place(now, wanted, held={one for one in held if one is not None}, size=ARTICLE_SLOTS)
        for card, wish in zip(self.articles, slots, strict=True):
            card.setVisible(wish is not None)
            if wish is None:
                card.hit = None
            else:
                hit = hits[wish]
                copies = state.shares_internal or hit.visibility is Visibility.EVERYONE
                card.put(hit, state.decided.get(wish), now=state.now, copies=copies)
        shown = sum(wish is not None for wish in slots)
        why = state.help.why_no_articles or tr("No article is close enough to this question.")
        if state.help.stage is Stage.LEXICAL:
            why = tr("Looking further …")
        self.article_section.put(shown, why_empty=why)

    def _leave_ticket(self) -> None:
        """Put drafts aside: one never lands on another ticket, and none is lost on the way back."""
        for card in self.replies:
            if card.id is not None and card.is_editing:
                self._drafts[card.id] = card.draft
                while len(self._drafts) > MOST_DRAFTS:
                    self._drafts.pop(next(iter(self._drafts)))
                card.close_editor()
                self.editing_changed.emit(False)  # noqa: FBT003  # a signal's only value
            card.leave_reason()
            card.suggestion = None
        self.customer_section.fold(folded=self.window().height() < SMALL_HEIGHT_PX)

    def _settle_now(self) -> None:
        """Let go of what was kept only because it was held."""
        if self.state is not None and self.isVisible():
            self.show_ready(self.state)

    def _anchor(self) -> tuple[QWidget, int] | None:
        """Return the widget that must not move on the screen, and where it is in the viewport."""
        held = [card for card in self.cards() if card.is_held()]
        pointed = [card for card in held if card.underMouse()]
        widget = next(iter((*pointed, *held)), None)
        if widget is None:
            return None
        return widget, widget.mapTo(self.viewport(), QPoint(0, 0)).y()

    def _keep_still(self, widget: QWidget, was_y_px: int) -> None:
        """Scroll by as much as ``widget`` moved; where there is nothing to scroll, make room for it."""
        self._lay_out()
        moved = widget.mapTo(self.viewport(), QPoint(0, 0)).y() - was_y_px
        if moved == 0:
            return
        bar = self.verticalScrollBar()
        content_px = self._column.totalHeightForWidth(self._body.width())
        short = bar.value() + moved + self.viewport().height() - content_px
        if bar.value() + moved < 0:
            self._make_room(self._head_room, _room(self._head_room) - bar.value() - moved)
            moved = -bar.value()
        elif short > 0:
            self._make_room(self._tail_room, _room(self._tail_room) + short)
        self._lay_out()
        bar.setValue(bar.value() + moved)

    def _show_bar(self, least: int, most: int) -> None:
        restyle(self.verticalScrollBar(), "idle", "true" if most <= least else "false")

    def _to_top(self) -> None:
        self._make_room(self._head_room, 0)
        self._make_room(self._tail_room, 0)
        self.verticalScrollBar().setValue(0)

    def _make_room(self, room: QWidget, height_px: int) -> None:
        """Give ``room`` this height, the gap that the column adds to it included."""
        room.setFixedHeight(max(0, height_px - SPACING_PX))
        room.setVisible(height_px > 0)

    def _lay_out(self) -> None:
        """Have the pending layout happen now, before anything is painted."""
        for _ in range(2):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            self._column.activate()


def _room(room: QWidget) -> int:
    return 0 if room.isHidden() else room.height() + SPACING_PX


def _is_open(decided: Decided | None) -> bool:
    return decided not in {Decided.DISMISSED, Decided.EXPIRED}


def _stays(card: ReplyCard, state: Ready, *, same_ticket: bool, same_help: bool) -> bool:
    """Whether ``card`` keeps its slot though better ones came."""
    if not same_ticket or card.isHidden() or card.id is None:
        return False
    if card.is_editing or card.asks_reason:
        return True
    decided = state.decided.get(card.id)
    if decided is Decided.DISMISSED:
        return card.offers_undo or card.decided is not Decided.DISMISSED
    return same_help and card.is_held()
