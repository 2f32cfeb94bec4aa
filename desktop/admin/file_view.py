"""The page about the settings file: export, import with a look at what changes, undo."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from desktop.admin.parts import Done, PageBody, card, empty
from desktop.admin.state import FilePage
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, reveal, row


class FileView(PageBody):
    """One way in, `show_state`; signals out."""

    export_requested = Signal()
    choose_requested = Signal()
    import_requested = Signal()
    cancel_requested = Signal()
    undo_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            tr("Settings file"),
            tr("All of this as one file, to hand out or to keep. It holds no secret and no customer."),
        )
        self.done = Done(theme)
        self.done.undo_requested.connect(self.undo_requested)
        self.export = Button(theme, tr("Export …"), icon="export")
        self.export.clicked.connect(self.export_requested)
        self.choose = Button(theme, tr("Choose a file …"), icon="open")
        self.choose.clicked.connect(self.choose_requested)
        self.use = Button(theme, tr("Use these settings"), kind="primary")
        self.use.clicked.connect(self.import_requested)
        self.cancel = Button(theme, tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self._error = Label("", "small", tone="red", wrap=True)
        self._title = Label("", "strong", wrap=True)
        self._changes: QVBoxLayout = column(spacing=4)
        self._shown: tuple[tuple[str, ...] | None, tuple[str, ...]] = (None, ())
        self._build()

    def show_state(self, page: FilePage) -> None:
        self.done.put(page.done, can_undo=page.can_undo)
        self._error.put(page.error)
        asks = page.changes is not None
        reveal(self._asked, visible=asks)
        reveal(self.use, visible=bool(page.changes))
        self.cancel.put(tr("Cancel") if page.changes else tr("Close"))
        what = (
            tr("{name} changes this:", name=page.name)
            if page.changes
            else tr("{name} changes nothing.", name=page.name)
        )
        self._title.put(what if asks else "")
        if (page.changes, page.problems) != self._shown:
            self._shown = page.changes, page.problems
            empty(self._changes)
            for change in page.changes or ():
                self._changes.addWidget(Label(f"•  {change}", wrap=True))
            for problem in page.problems if asks else ():
                self._changes.addWidget(Label(problem, "small", tone="amber", wrap=True))

    def _build(self) -> None:
        self.body.addWidget(self.done)
        out = row()
        out.addWidget(self.export)
        out.addStretch(1)
        about = tr(
            "Accounts to sign in to, what is read, requests, replies, retention, preferences and your own rules."
        )
        self.body.addWidget(card(tr("Export"), out, about=about))
        choose = row()
        choose.addWidget(self.choose)
        choose.addStretch(1)
        about = tr("What it changes is shown before anything holds, and it can be undone.")
        self.body.addWidget(card(tr("Import"), choose, self._error, about=about))
        buttons = row(spacing=8)
        buttons.addWidget(self.use)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        self._asked = card(tr("Look first"), self._title, self._changes, buttons)
        self.body.addWidget(self._asked)
        self.body.addStretch(1)
