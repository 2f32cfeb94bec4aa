"""The sheet on which the agent decides about one act: what will change, who will see it, and what became of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from assist.acts import ActKind, Change
from desktop.acting import words
from desktop.acting.state import Phase, Sheet, Way
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, refit, reveal, row
from desktop.widgets.check import WrappedCheck
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.editor import Editor, LineField
from desktop.widgets.icon import Icon, Pill

MOST_RECIPIENT_LINES = 12
_ICONS = {
    ActKind.REPLY: "reply",
    ActKind.NOTE: "lock",
    ActKind.STATUS: "check",
    ActKind.TAGS: "pencil",
    ActKind.MACRO: "macro",
}
_LINE_ICONS = {
    Phase.READING: ("clock", "muted"),
    Phase.SENDING: ("clock", "muted"),
    Phase.LOOKING: ("search", "amber"),
    Phase.DONE: ("check", "accent_text"),
    Phase.NOT_DONE: ("warning", "amber"),
}


class ActingPage(QScrollArea):
    """Shows a `Sheet` in place of the cards. Nothing is sent but by its own button, or Ctrl+Enter in its editor."""

    send_requested = Signal(str)
    """The text, or for tags the whole line of them."""
    cancelled = Signal()
    undo_requested = Signal()
    copy_requested = Signal(str)
    way_requested = Signal(str)
    """A `Way`, and the text as it stands."""
    drafted = Signal(str)
    """What the agent typed so far."""
    pressed = Signal()
    """The agent clicked into a field, so it is to have the keyboard."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sheet: Sheet | None = None
        body = QWidget()
        body.setObjectName("body")
        body.setLayout(self._build())
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("What Kibitz would change"))

    # In

    @property
    def sheet(self) -> Sheet | None:
        return self._sheet

    def show_state(self, sheet: Sheet) -> None:
        """Show ``sheet``. What is being typed stays as it is while the same act is asked about."""
        before, self._sheet = self._sheet, sheet
        new = before is None or (before.ref, before.kind) != (sheet.ref, sheet.kind)
        asking = sheet.phase is Phase.ASKING
        self._icon.put(_ICONS[sheet.kind], "accent_text")
        self._title.setText(words.title(sheet.kind, public=sheet.public))
        self._show_reach(sheet)
        self._show_text(sheet, fresh=new or before is None or before.phase is Phase.READING)
        self._show_tags(sheet, fresh=new or before is None or before.phase is Phase.READING)
        self._show_changes(sheet.changes)
        self._show_warnings(sheet, fresh=new or before is None or not set(sheet.warnings) <= set(before.warnings))
        self._show_line(sheet, before)
        self._show_buttons(sheet)
        self._agree.setEnabled(asking)
        self._gate()
        refit(self._card)

    def go_in(self) -> None:
        """Give the focus to what the agent will need first, unless another window has the keyboard."""
        if not self.window().isActiveWindow():
            return
        for widget in (self.editor, self.tags, self.send, self.cancel, self.close_button):
            if widget.isVisibleTo(self) and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    # How it is built

    def _build(self) -> QVBoxLayout:
        inner = column(spacing=10, margins=(14, 12, 14, 12))
        inner.addLayout(self._build_head())
        self.editor = Editor(tr("What will be written"))
        self.editor.accepted.connect(self._send)
        self.editor.left.connect(self._leave)
        self.editor.pressed.connect(self.pressed)
        self.editor.textChanged.connect(self._typed)
        inner.addWidget(self.editor)
        inner.addWidget(self._build_tags())
        self._changes = column(spacing=4)
        self._changes_box = boxed(self._changes)
        inner.addWidget(self._changes_box)
        inner.addWidget(self._build_warnings())
        inner.addWidget(self._build_line())
        inner.addLayout(self._build_buttons())
        self._card = boxed(inner, "card")
        layout = column(spacing=0, margins=(12, 0, 12, 16))
        layout.addWidget(self._card)
        layout.addStretch(1)
        return layout

    def _build_head(self) -> QVBoxLayout:
        self._icon = Icon(self._theme, "reply", "accent_text", 18)
        self._title = Label("", "strong", wrap=True)
        first = row(spacing=8)
        first.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self._title, 1)
        self._reach = Pill(self._theme, " ")
        self._to = ClampLabel("", "small", lines=MOST_RECIPIENT_LINES)
        head = column(spacing=6)
        head.addLayout(first)
        head.addWidget(self._reach, 0, Qt.AlignmentFlag.AlignLeft)
        head.addWidget(self._to)
        return head

    def _build_tags(self) -> QFrame:
        self.tags = LineField(tr("Tags, separated by spaces"))
        self.tags.left.connect(self._leave)
        self.tags.textEdited.connect(self._typed)
        self.tags.installEventFilter(self)
        self._tags_line = Label("", "small", wrap=True)
        layout = column(spacing=4)
        self._tags_label = Label("", "small")
        layout.addWidget(self._tags_label)
        layout.addWidget(self.tags)
        layout.addWidget(self._tags_line)
        self._tags_box = boxed(layout)
        return self._tags_box

    def _build_warnings(self) -> QFrame:
        self._warning = Label("", "", tone="amber", wrap=True)
        self._agree = WrappedCheck(tr("I have checked this. Send it all the same."))
        self._agree.clicked.connect(lambda _: self._gate())
        words_ = row(spacing=8)
        words_.addWidget(Icon(self._theme, "warning", "amber", 16), 0, Qt.AlignmentFlag.AlignTop)
        words_.addWidget(self._warning, 1)
        layout = column(spacing=8, margins=(10, 8, 10, 8))
        layout.addLayout(words_)
        layout.addWidget(self._agree)
        self._warning_box = boxed(layout, "amber")
        return self._warning_box

    def _build_line(self) -> QFrame:
        self._line_icon = Icon(self._theme, "clock", "muted", 16)
        self._line = Label("", "", wrap=True)
        layout = row(spacing=8)
        layout.addWidget(self._line_icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._line, 1)
        self._line_box = boxed(layout)
        return self._line_box

    def _build_buttons(self) -> QVBoxLayout:
        self.send = Button(self._theme, "", kind="primary")
        self.send.clicked.connect(self._send)
        self.cancel = Button(self._theme, tr("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        self.way = Button(self._theme, "", kind="primary")
        self.way.clicked.connect(self._take_way)
        self.undo = Button(self._theme, tr("Undo"), icon="undo")
        self.undo.clicked.connect(self.undo_requested)
        self.copy = Button(self._theme, tr("Copy the text"), icon="copy")
        self.copy.clicked.connect(lambda: self.copy_requested.emit(self._text()))
        self.close_button = Button(self._theme, tr("Close"))
        self.close_button.clicked.connect(self.cancelled)
        self._hint = Label("Ctrl ↵", "keycap")
        first: QHBoxLayout = row(spacing=6)
        for button in (self.send, self.cancel, self.way, self.undo, self.close_button):
            first.addWidget(button)
        first.addStretch(1)
        first.addWidget(self._hint)
        layout = column(spacing=6)
        layout.addLayout(first)
        layout.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        return layout

    # What it shows

    def _show_reach(self, sheet: Sheet) -> None:
        sign = words.reach(public=sheet.public)
        shown = sheet.writes and sheet.phase is not Phase.READING
        self._reach.put(sign.word if shown else "", icon=sign.icon, tone=sign.tone)
        to = tr("To: {people}", people=", ".join(sheet.recipients)) if sheet.recipients and shown else ""
        self._to.put(to)

    def _show_text(self, sheet: Sheet, *, fresh: bool) -> None:
        reveal(self.editor, visible=sheet.writes and sheet.phase is not Phase.DONE)
        self.editor.setReadOnly(sheet.phase is not Phase.ASKING)
        if fresh and self.editor.toPlainText() != sheet.text:
            self.editor.blockSignals(True)  # noqa: FBT003  # Qt's own
            self.editor.setPlainText(sheet.text)
            self.editor.blockSignals(False)  # noqa: FBT003  # Qt's own
        self.editor.setAccessibleName(words.title(sheet.kind, public=sheet.public))

    def _show_tags(self, sheet: Sheet, *, fresh: bool) -> None:
        shown = sheet.kind is ActKind.TAGS and sheet.phase is Phase.ASKING
        reveal(self._tags_box, visible=shown)
        by_commas = _have_spaces(sheet.tags)
        name = tr("Tags, separated by commas") if by_commas else tr("Tags, separated by spaces")
        self._tags_label.setText(name)
        self.tags.setAccessibleName(name)
        if shown and fresh:
            self.tags.setText(sheet.text or tag_line(sheet.tags))
        self._say_tags()

    def _show_changes(self, changes: tuple[Change, ...]) -> None:
        while (item := self._changes.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for change in changes:
            self._changes.addWidget(Label(_sentence(change), "", wrap=True))
        reveal(self._changes_box, visible=bool(changes))

    def _show_warnings(self, sheet: Sheet, *, fresh: bool) -> None:
        said = (sheet.blocked,) if sheet.blocked else sheet.warnings
        asked = sheet.phase is Phase.ASKING and bool(said)
        self._warning.setText("\n".join(said))
        self._warning_box.setAccessibleName(self._warning.text())
        reveal(self._agree, visible=not sheet.blocked)
        reveal(self._warning_box, visible=asked)
        if fresh or not asked:
            self._agree.set_checked(checked=False)

    def _show_line(self, sheet: Sheet, before: Sheet | None) -> None:
        self._line.setText(sheet.line)
        icon, tint = _LINE_ICONS.get(sheet.phase, ("info", "muted"))
        self._line_icon.put(icon, tint)
        reveal(self._line_box, visible=bool(sheet.line))
        if sheet.line and (before is None or before.line != sheet.line):
            self._line_box.setAccessibleName(sheet.line)
            QAccessible.updateAccessibility(QAccessibleEvent(self._line_box, QAccessible.Event.Alert))

    def _show_buttons(self, sheet: Sheet) -> None:
        phase = sheet.phase
        self.send.put(words.send(sheet))
        reveal(self.send, visible=phase in {Phase.ASKING, Phase.SENDING})
        reveal(self.cancel, visible=phase in {Phase.READING, Phase.ASKING})
        reveal(self._hint, visible=phase is Phase.ASKING and sheet.writes)
        names = {Way.TRY_AGAIN: tr("Try again"), Way.SIGN_IN: tr("Sign in again")}
        self.way.put(names.get(sheet.way, ""))
        reveal(self.way, visible=phase is Phase.NOT_DONE and sheet.way is not Way.NONE)
        reveal(self.undo, visible=phase is Phase.DONE and sheet.can_undo)
        reveal(self.close_button, visible=phase in {Phase.LOOKING, Phase.DONE, Phase.NOT_DONE})
        reveal(self.copy, visible=phase in {Phase.LOOKING, Phase.NOT_DONE} and sheet.writes)

    # What the agent does

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.tags and event.type() == QEvent.Type.MouseButtonPress:
            self.pressed.emit()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Claim Escape, which folds the panel otherwise."""
        claims = event.type() == QEvent.Type.ShortcutOverride
        if claims and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return
        super().keyPressEvent(event)

    def _leave(self) -> None:
        if self._sheet is not None and self._sheet.phase is not Phase.SENDING:
            self.cancelled.emit()

    def _send(self) -> None:
        if self._sheet is not None and self._sheet.phase is Phase.ASKING and self.send.isEnabled():
            self.send_requested.emit(self._text())

    def _take_way(self) -> None:
        if self._sheet is not None:
            self.way_requested.emit(self._sheet.way.value)

    def _typed(self) -> None:
        self._say_tags()
        self._gate()
        if self._sheet is not None and self._sheet.phase is Phase.ASKING:
            self.drafted.emit(self._text())

    def _text(self) -> str:
        is_tags = self._sheet is not None and self._sheet.kind is ActKind.TAGS
        return self.tags.text() if is_tags else self.editor.toPlainText()

    def _say_tags(self) -> None:
        sheet = self._sheet
        if sheet is None or sheet.kind is not ActKind.TAGS:
            return
        add, remove = tag_changes(sheet.tags, self.tags.text())
        parts = [tr("Adds: {tags}", tags=" ".join(add)) if add else "", tr("Removes: {tags}", tags=" ".join(remove))]
        self._tags_line.put(" · ".join(filter(None, (parts[0], parts[1] if remove else ""))))

    def _gate(self) -> None:
        """Let the button be pressed when there is something to send, and nothing that was not agreed to."""
        sheet = self._sheet
        if sheet is None:
            return
        if sheet.kind is ActKind.TAGS:
            is_something = any(tag_changes(sheet.tags, self.tags.text()))
        else:
            is_something = bool(self.editor.toPlainText().strip()) if sheet.writes else bool(sheet.changes)
        agreed = not sheet.warnings or self._agree.box.isChecked()
        ready = sheet.phase is Phase.ASKING and not sheet.blocked
        self.send.setEnabled(ready and is_something and agreed)


def tag_changes(before: tuple[str, ...], line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which tags a line of them adds to those of a ticket, and which it takes away.

    Where a tag of the ticket has spaces, as Freshdesk's may, only commas part them.
    """
    parts = line.split(",") if _have_spaces(before) else line.replace(",", " ").split()
    now = tuple(dict.fromkeys(filter(None, map(str.strip, parts))))
    known, wanted = {tag.strip().casefold() for tag in before}, {tag.casefold() for tag in now}
    added = tuple(tag for tag in now if tag.casefold() not in known)
    return added, tuple(tag for tag in before if tag.strip().casefold() not in wanted)


def tag_line(tags: tuple[str, ...], add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> str:
    """Return the line that `tag_changes` reads as these changes of ``tags``."""
    gone = {tag.casefold() for tag in remove}
    kept = [tag for tag in tags if tag.casefold() not in gone]
    return (", " if _have_spaces(tags) else " ").join(dict.fromkeys((*kept, *add)))


def _have_spaces(tags: tuple[str, ...]) -> bool:
    return any(" " in tag for tag in tags)


def _sentence(change: Change) -> str:
    label = words.change_label(change.what)
    before, after = (words.change_value(change.what, value) for value in (change.before, change.after))
    if not before:
        return tr("{label}: {after}", label=label, after=after or "–")
    return tr("{label}: {before} → {after}", label=label, before=before, after=after or "–")
