"""One suggested reply: read it, use it, edit it in place, or dismiss it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from assist.domain import Suggestion, SuggestionId
from desktop.i18n import tr
from desktop.panel import words
from desktop.panel.card import Card
from desktop.panel.internal_ask import InternalAsk
from desktop.panel.reason import REASONS, ReasonRow
from desktop.panel.state import Decided, Place
from desktop.theme import Theme
from desktop.widgets.basics import Button, IconButton, Label, boxed, column, restyle, row, set_tip
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.editor import Editor
from desktop.widgets.icon import Icon, Pill
from desktop.widgets.popup import pop_up
from desktop.widgets.prose import Prose, Span

FOLDED_LINES = 7


@dataclass(frozen=True, slots=True)
class Way:
    """How a reply comes to the customer: where its text is, and whether "Use" inserts it.

    ``outdated`` says that somebody else wrote after it was made, ``sends`` that it can be sent from here.
    """

    place: Place | None = None
    inserts: bool = False
    outdated: bool = False
    sends: bool = False


PLAIN = Way()


class ReplyCard(Card):
    """Shows a `Suggestion` in one of three faces: to read, to edit, or dismissed with an undo."""

    use_requested = Signal(str, str)
    """Suggestion id, and ``click`` or ``key``."""
    edited = Signal(str, str)
    """Suggestion id, and the text as the agent changed it."""
    dismissed = Signal(str, str)
    """Suggestion id, and a reason, which may be empty."""
    undo_requested = Signal(str)
    send_requested = Signal(str)
    source_requested = Signal(str)
    edit_started = Signal()
    edit_ended = Signal()
    undo_ended = Signal()

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__(theme)
        self.number = number
        self.suggestion: Suggestion | None = None
        self.decided: Decided | None = None
        self._spans: tuple[Span, ...] = ()
        self._read = self._build_read()
        self._editor_box = self._build_editor()
        self._strip = self._build_strip()
        self._undo_timer = QTimer(self)
        self._undo_timer.setSingleShot(True)
        self._undo_timer.setInterval(theme.tokens.duration_ms["undo"])
        self._undo_timer.timeout.connect(self.end_undo)
        layout = column(spacing=0)
        for face in (self._read, self._editor_box, self._strip):
            layout.addWidget(face)
        self.setLayout(layout)
        self._show_face(self._read)

    # What the panel asks

    def put(self, suggestion: Suggestion, decided: Decided | None, way: Way = PLAIN) -> None:
        """Show ``suggestion``. A card that is being edited keeps its editor whatever arrives."""
        new = self.suggestion is None or self.suggestion.id != suggestion.id
        before = None if new else self.decided
        self.suggestion = suggestion
        self.decided = decided
        self._fill(suggestion)
        self._show_way(way)
        if new:
            self.ask.end()
            self._undo_timer.stop()
        if new or decided is not None:
            self.leave_reason()
        if self.is_editing and not new and decided is None:
            return
        if decided is Decided.DISMISSED:
            if not (new or before is Decided.DISMISSED):
                self._undo_timer.start()
            self._show_face(self._strip)
        else:
            self._undo_timer.stop()
            self._show_face(self._read)
            self._show_outcome(decided, way)

    def is_held(self) -> bool:
        return super().is_held() or any(
            (
                self.is_editing,
                self.asks_reason,
                self.text.has_selection(),
                self.offers_undo,
                self.ask.is_asking,
            )
        )

    @property
    def id(self) -> SuggestionId | None:
        return self.suggestion.id if self.suggestion is not None else None

    @property
    def is_editing(self) -> bool:
        return not self._editor_box.isHidden()

    @property
    def asks_reason(self) -> bool:
        """Whether the agent is being asked to say in words why the reply is no good."""
        return self.reason.is_asking

    @property
    def writing_in(self) -> QWidget | None:
        """Return what the agent writes in on this card, if anything."""
        return self._editor_box if self.is_editing else self.reason if self.asks_reason else None

    @property
    def offers_undo(self) -> bool:
        return self._undo_timer.isActive()

    @property
    def draft(self) -> str:
        return self.editor.toPlainText()

    def use(self, how: str) -> None:
        if self.suggestion is not None and not self.is_editing and self.decided is not Decided.DISMISSED:
            self.use_requested.emit(self.suggestion.id, how)

    def edit(self) -> None:
        """Open the editor with the suggestion's text, and go there."""
        if self.suggestion is None or self.decided is not None:
            return
        if not self.is_editing:
            self.open_editor(self.suggestion.text)
        self.edit_started.emit()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_editor(self, draft: str) -> None:
        """Show ``draft`` to be edited, without taking the focus."""
        self.editor.setPlainText(draft)
        untouched = self.suggestion is not None and draft == self.suggestion.text
        self.editor.mark(self.theme, self._spans if untouched else ())
        self._show_face(self._editor_box)

    def close_editor(self) -> None:
        self._show_face(self._read)

    def ask_reason(self) -> None:
        """Let the agent write why the reply is dismissed."""
        if self.suggestion is None or self.decided is not None:
            return
        self.reason.ask()
        self.edit_started.emit()
        self.reason.go_in()

    def leave_reason(self) -> None:
        """Take the question for a reason away; the reply stays."""
        if self.asks_reason:
            self.reason.hide()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.edit_ended.emit()

    def cancel_edit(self) -> None:
        if self.is_editing:
            self._show_face(self._read)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.edit_ended.emit()

    def use_edited(self) -> None:
        if self.suggestion is not None and self.is_editing:
            text = self.draft
            self._show_face(self._read)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.edited.emit(self.suggestion.id, text)
            self.edit_ended.emit()

    def ask_to_send(self) -> None:
        if self.suggestion is not None and not self.is_editing:
            self.send_requested.emit(self.suggestion.id)

    def dismiss(self, reason: str = "") -> None:
        if self.suggestion is not None and self.decided is not Decided.DISMISSED:
            self.dismissed.emit(self.suggestion.id, reason)

    def undo(self) -> None:
        if self.suggestion is not None and self.decided is Decided.DISMISSED:
            self.undo_requested.emit(self.suggestion.id)

    def end_undo(self) -> None:
        """Take the undo strip away: its time is over, or the agent went on."""
        self._undo_timer.stop()
        if self.decided is Decided.DISMISSED:
            self.undo_ended.emit()

    def show_reasons(self) -> None:
        pop_up(self._reason_menu(), self._why_button)

    def toggle_fold(self) -> None:
        self.text.fold(folded=not self.text.is_folded)

    # How it looks

    def _build_read(self) -> QWidget:
        head = self._build_head()
        self.text = Prose(self.theme, lines=FOLDED_LINES)
        self.text.folded_changed.connect(self._show_fold)
        self._fold = Button(self.theme, tr("Show all"), kind="link")
        self._fold.clicked.connect(self.toggle_fold)
        self._slots = Label("", "small", tone="amber", wrap=True)
        self._flags = Label("", "small", tone="amber", wrap=True)
        set_tip(self._flags, tr("Underlined: it was true of the ticket that this reply was written for"))
        self._because = ClampLabel("", "tiny", lines=2)
        self._warning = Pill(self.theme)
        self._outdated = Pill(self.theme)
        self._done_icon = Icon(self.theme, "check", "accent_text", 16)
        self._done = Label("", "strong", tone="accent", wrap=True)
        done = row(spacing=6)
        done.addWidget(self._done_icon)
        done.addWidget(self._done, 1)
        self._done_row = boxed(done)
        layout = column(spacing=8, margins=(12, 10, 12, 10))
        layout.addLayout(head)
        marks = row(spacing=6)
        marks.addWidget(self._outdated)
        marks.addWidget(self._warning)
        layout.addLayout(marks)
        layout.setAlignment(marks, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.text)
        layout.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        before_sending = column(spacing=2)
        before_sending.addWidget(self._slots)
        before_sending.addWidget(self._flags)
        layout.addLayout(before_sending)
        layout.addWidget(self._because)
        layout.addWidget(self._done_row)
        self.ask = InternalAsk(self.theme)
        layout.addWidget(self.ask)
        layout.addLayout(self._build_actions())
        layout.addWidget(self._build_send(), 0, Qt.AlignmentFlag.AlignLeft)
        self.reason = ReasonRow(self.theme)
        self.reason.left.connect(self.leave_reason)
        self.reason.pressed.connect(self.edit_started)
        self.reason.given.connect(self._dismiss_for)
        layout.addWidget(self.reason)
        return boxed(layout)

    def _build_head(self) -> QVBoxLayout:
        self._number = Label(str(self.number), "number")
        self._number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tip(self._number, tr("Press {n} to use this reply", n=self.number))
        self._source_icon = Icon(self.theme, "macro", "faint", 14)
        self._source = ClampLabel("", "tiny", lines=1)
        self._title = ClampLabel("", "source", lines=1)
        self._open_source = IconButton(self.theme, "open", tr("Open the source of this reply"), size_px=14)
        self._open_source.clicked.connect(self._ask_for_source)
        self._confidence = Pill(self.theme, " ")
        title = row(spacing=8)
        title.addWidget(self._number)
        title.addWidget(self._title, 1)
        title.addWidget(self._open_source)
        kind = row(spacing=4, margins=(26, 0, 0, 0))
        kind.addWidget(self._source_icon)
        kind.addWidget(self._source, 1)
        kind.addWidget(self._confidence)
        head = column(spacing=0)
        head.addLayout(title)
        head.addLayout(kind)
        return head

    def _build_actions(self) -> QHBoxLayout:
        self._use = Button(self.theme, tr("Use"), kind="primary", icon="copy")
        self._use.clicked.connect(lambda: self.use("click"))
        self._edit = Button(self.theme, tr("Edit"), icon="pencil")
        self._edit.clicked.connect(self.edit)
        self._dismiss = Button(self.theme, tr("Dismiss"), kind="quiet")
        self._dismiss.clicked.connect(lambda _=False: self.dismiss())
        self._why_button = IconButton(self.theme, "chevron-down", tr("Dismiss with a reason"), size_px=16)
        self._why_button.clicked.connect(self.show_reasons)
        actions = row(spacing=6)
        actions.addWidget(self._use)
        actions.addWidget(self._edit)
        actions.addStretch(1)
        actions.addWidget(self._dismiss)
        actions.addWidget(self._why_button)
        return actions

    def _build_send(self) -> Button:
        self._send = Button(self.theme, tr("Send from here …"), kind="link", icon="reply")
        set_tip(self._send, tr("Look at what would be sent; nothing leaves yet"))
        self._send.clicked.connect(lambda _=False: self.ask_to_send())
        self._send.hide()
        return self._send

    def _build_editor(self) -> QFrame:
        self.editor = Editor(tr("Edit the reply"))
        self.editor.accepted.connect(self.use_edited)
        self.editor.left.connect(self.cancel_edit)
        self.editor.pressed.connect(self.edit_started)
        use = Button(self.theme, tr("Use edited"), kind="primary", icon="copy")
        use.clicked.connect(self.use_edited)
        cancel = Button(self.theme, tr("Cancel"))
        cancel.clicked.connect(self.cancel_edit)
        actions = row(spacing=6)
        actions.addWidget(use)
        actions.addWidget(cancel)
        actions.addStretch(1)
        actions.addWidget(Label("Ctrl ↵", "keycap"))
        layout = column(spacing=8, margins=(12, 12, 12, 10))
        self._editing_flags = Label("", "small", tone="amber", wrap=True)
        layout.addWidget(self.editor)
        layout.addWidget(self._editing_flags)
        layout.addLayout(actions)
        return boxed(layout)

    def _build_strip(self) -> QFrame:
        undo = Button(self.theme, tr("Undo"), kind="link", icon="undo")
        undo.clicked.connect(self.undo)
        self._strip_text = ClampLabel("", "muted", lines=1)
        layout = row(spacing=8, margins=(12, 8, 12, 8))
        layout.addWidget(Icon(self.theme, "close", "muted", 14))
        layout.addWidget(self._strip_text, 1)
        layout.addWidget(undo)
        layout.addWidget(Label("Z", "keycap"))
        return boxed(layout)

    def _fill(self, suggestion: Suggestion) -> None:
        sign = words.source_sign(suggestion.source.kind)
        self._source_icon.put(sign.icon, "faint")
        title = words.source_title(suggestion.source) or sign.word
        self._title.put(title)
        self._strip_text.put(tr("Dismissed: {title}", title=title))
        self._source.put(words.source_line(suggestion.source))
        self._open_source.setVisible(bool(suggestion.source.url))
        confidence = words.confidence_sign(suggestion.confidence)
        self._confidence.put(confidence.word, icon=confidence.icon, tone=confidence.tone)
        warning = words.visibility_warning(suggestion.source.visibility)
        if warning is None:
            self._warning.put("")
        else:
            self._warning.put(warning.word, icon=warning.icon, tone=warning.tone)
        spans = words.slot_spans(suggestion)
        flags = words.flags_line(suggestion.flags) if suggestion.flags else ""
        self._spans = (*words.flag_spans(suggestion), *spans)
        self.text.put(suggestion.text, self._spans, name=tr("Text of reply {n}", n=self.number))
        self._slots.put(words.slots_line(len(spans)) if spans else "")
        self._flags.put(flags)
        self._editing_flags.put(flags)
        self._because.put(tr("Why: {reasons}", reasons=" · ".join(suggestion.because)) if suggestion.because else "")
        self.setAccessibleName(tr("Reply {n}, {match}", n=self.number, match=confidence.word))
        self.setAccessibleDescription("\n".join(part for part in (flags, suggestion.text[:1_000]) if part))
        self._show_fold()

    def _show_way(self, way: Way) -> None:
        """Say what "Use" would do, and whether there is a reason not to."""
        self._use.put_icon("insert" if way.inserts else "copy")
        inserts, copies = tr("Put into your reply, where the caret is"), tr("Copy to the clipboard, ready to paste")
        set_tip(self._use, inserts if way.inserts else copies)
        outdated = tr("Out of date") if way.outdated else ""
        self._outdated.put(outdated, icon="stale", tone="amber", tip=tr("The ticket changed after this was made."))

    def _show_outcome(self, decided: Decided | None, way: Way) -> None:
        used = decided in {Decided.USED, Decided.EDITED}
        self._done.setText(words.outcome_line(decided, way.place) if decided is not None else "")
        self._done_row.setVisible(decided is not None)
        self.text.set_lines(2 if used else FOLDED_LINES, ground="accent_soft" if used else "surface")
        self._because.setVisible(not used and bool(self.suggestion and self.suggestion.because))
        again = tr("Insert again") if way.inserts else tr("Copy again")
        self._use.put(tr("Inserting …") if way.place is Place.UNDER_WAY else again if used else tr("Use"))
        self._send.setVisible(way.sends and (decided is None or (used and way.place is not Place.SENT)))
        for button in (self._use, self._edit, self._dismiss, self._send):
            button.setAccessibleName(tr("{verb} reply {n}", verb=button.text(), n=self.number))
        self._dismiss.setVisible(decided is None)
        self._why_button.setVisible(decided is None)
        self._use.setVisible(decided is not Decided.EXPIRED)
        self._edit.setVisible(decided is None)
        restyle(self, "done", "true" if used else "false")

    def _show_fold(self) -> None:
        open_long = not self.text.is_folded
        self._fold.setVisible(self.text.is_cut or open_long)
        self._fold.put(tr("Show less") if open_long else tr("Show all"))

    def _show_face(self, face: QWidget) -> None:
        for one in (self._read, self._editor_box, self._strip):
            one.setVisible(one is face)
        restyle(self, "surface", "strip" if face is self._strip else "card")

    def _reason_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for reason in REASONS:
            menu.addAction(tr(reason), partial(self.dismiss, reason))
        menu.addSeparator()
        menu.addAction(tr("Other…"), self.ask_reason)
        return menu

    def _ask_for_source(self) -> None:
        if self.suggestion is not None:
            self.source_requested.emit(self.suggestion.id)

    def _dismiss_for(self, reason: str) -> None:
        self.leave_reason()
        self.dismiss(reason)
