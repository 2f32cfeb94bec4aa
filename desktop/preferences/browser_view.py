"""The settings' section about browsers: what is linked, what is installed, what is left to do by hand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import tr
from desktop.preferences import browser_words
from desktop.preferences.browser_state import BrowserPage, FoundBrowser, Paired, Standing
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, divider, refit, reveal, row
from desktop.widgets.check import WrappedCheck
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon, Pill

_PILLS = {
    Standing.READY: ("check", "green"),
    Standing.ABSENT: ("", "neutral"),
    Standing.OUTDATED: ("warning", "amber"),
    Standing.BLOCKED: ("warning", "amber"),
}


class BrowserRow(QWidget):
    """One browser: how it is set up, why, and what can be done."""

    install_requested = Signal(str)
    remove_requested = Signal(str)
    copy_requested = Signal(str)

    def __init__(self, theme: Theme, browser: FoundBrowser) -> None:
        super().__init__()
        self.browser = browser
        self._theme = theme
        icon, tone = _PILLS[browser.standing]
        head = row(spacing=8)
        head.addWidget(ClampLabel(browser.name, "strong", lines=1), 1)
        head.addWidget(Pill(theme, self._standing(), icon=icon, tone=tone))
        self.action = self._action()
        if self.action is not None:
            head.addWidget(self.action)
        layout = column(spacing=6)
        layout.addLayout(head)
        for sentence in (browser.said, browser.step):
            if sentence:
                layout.addWidget(Label(sentence, "small", wrap=True).selectable())
        if browser.step and browser.page:
            copy = Button(theme, tr("Copy the address"), kind="link", icon="copy")
            copy.setAccessibleName(tr("Copy {address}", address=browser.page))
            copy.clicked.connect(lambda: self.copy_requested.emit(browser.page))
            layout.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(layout)

    def _action(self) -> Button | None:
        """Return the button for what most probably comes next."""
        browser, theme = self.browser, self._theme
        match browser.standing:
            case Standing.BLOCKED:
                return None
            case Standing.READY:
                remove = Button(theme, tr("Remove"), kind="quiet")
                remove.setAccessibleName(tr("Remove from {browser}", browser=browser.name))
                remove.clicked.connect(lambda: self.remove_requested.emit(browser.key))
                return remove
            case _:
                is_new = browser.standing is Standing.ABSENT
                install = Button(theme, tr("Install") if is_new else tr("Install again"), kind="primary")
                install.setAccessibleName(tr("Install for {browser}", browser=browser.name))
                install.clicked.connect(lambda: self.install_requested.emit(browser.key))
                return install

    def _standing(self) -> str:
        return {
            Standing.READY: tr("Ready"),
            Standing.ABSENT: tr("Not set up"),
            Standing.OUTDATED: tr("Out of date"),
            Standing.BLOCKED: tr("Cannot be linked"),
        }[self.browser.standing]


class PairedRow(QWidget):
    forget_requested = Signal(str)

    def __init__(self, theme: Theme, paired: Paired) -> None:
        super().__init__()
        forget = Button(theme, tr("Forget"), kind="quiet")
        forget.setAccessibleName(tr("Forget {browser}", browser=paired.name))
        forget.clicked.connect(lambda: self.forget_requested.emit(paired.id))
        layout = row(spacing=8)
        layout.addWidget(Icon(theme, "key", "muted", 16))
        layout.addWidget(ClampLabel(paired.name, lines=1), 1)
        layout.addWidget(forget)
        self.setLayout(layout)


class BrowserSection(QWidget):
    """One way in, `show_state`; signals out."""

    install_requested = Signal(str)
    remove_requested = Signal(str)
    copy_requested = Signal(str)
    """An address to put on the clipboard."""
    forget_requested = Signal(str)
    folder_requested = Signal()
    drafts_changed = Signal(bool)
    door_changed = Signal(bool)
    came_in_sight = Signal()
    went_out_of_sight = Signal()
    grown = Signal()
    """What it shows has changed so much that it may need another height."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._browser_rows: list[BrowserRow] = []
        self._paired_rows: list[PairedRow] = []
        self._shown: tuple[FoundBrowser, ...] | None = None
        self._shown_paired: tuple[Paired, ...] | None = None
        self._icon = Icon(theme, "link", "muted", 16)
        self._live = Label("", wrap=True)
        self._problem = Label("", "small", tone="amber", wrap=True)
        self._empty = Label(
            tr("No browser that Kibitz knows was found: Chrome, Chromium, Edge, Brave or Firefox."), "muted", wrap=True
        )
        self._rows: QVBoxLayout = column(spacing=12)
        self._paired: QVBoxLayout = column(spacing=4)
        self._paired_title = Label(tr("Paired browsers"), "strong")
        self.folder = Button(theme, tr("Open the extension's folder"), icon="open")
        self.folder.clicked.connect(self.folder_requested)
        self.drafts = WrappedCheck(tr("Let the extension tell what I have typed so far (for improving drafts)"))
        self.drafts.clicked.connect(self.drafts_changed)
        self.door = WrappedCheck(tr("Let the helpdesk's own Kibitz app connect (where extensions are forbidden)"))
        self.door.clicked.connect(self.door_changed)
        self._door_problem = Label("", "small", tone="amber", wrap=True)
        self._build()

    def show_state(self, page: BrowserPage) -> None:
        before = self._looks()
        self._show_live(page)
        self._problem.put(page.problem)
        if page.browsers != self._shown:
            self._fill(page.browsers)
        if page.link.paired != self._shown_paired:
            self._fill_paired(page.link.paired)
        reveal(self._empty, visible=not page.browsers and not page.problem)
        reveal(self.folder, visible=any(one.standing is Standing.READY for one in page.browsers))
        self.drafts.set_checked(checked=page.drafts)
        self.door.set_checked(checked=page.door)
        self._door_problem.put(page.link.door_problem)
        if before != self._looks():
            refit(self._live)
            self.grown.emit()

    def _looks(self) -> tuple[object, ...]:
        texts = self._live.text(), self._problem.text(), self._door_problem.text()
        return *texts, self._shown, self._shown_paired

    @property
    def live(self) -> str:
        """What is said of the link now."""
        return self._live.text()

    def rows(self) -> tuple[BrowserRow, ...]:
        return tuple(self._browser_rows)

    def paired_rows(self) -> tuple[PairedRow, ...]:
        return tuple(self._paired_rows)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.came_in_sight.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.went_out_of_sight.emit()

    def _build(self) -> None:
        inner = column(spacing=10, margins=(16, 14, 16, 14))
        inner.addWidget(Label(tr("Browser"), "title"))
        about = tr(
            "With Kibitz's extension in your browser, help is there as soon as you open a ticket, and a reply can be "
            "put into the composer. It never sends anything."
        )
        inner.addWidget(Label(about, "small", wrap=True))
        live = row(spacing=8)
        live.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        live.addWidget(self._live, 1)
        inner.addLayout(live)
        inner.addWidget(divider())
        inner.addWidget(self._empty)
        inner.addLayout(self._rows)
        inner.addWidget(self._problem)
        inner.addWidget(self.folder, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self._paired_title)
        inner.addLayout(self._paired)
        inner.addWidget(divider())
        inner.addWidget(self.drafts)
        inner.addWidget(self.door)
        inner.addWidget(self._door_problem)
        outer = column()
        outer.addWidget(boxed(inner, "card"))
        self.setLayout(outer)
        for label in (self._problem, self._door_problem, self._paired_title, self.folder):
            label.hide()

    def _show_live(self, page: BrowserPage) -> None:
        linked = page.link.linked
        self._icon.put("check" if linked else "info", "green" if linked else "muted")
        said = "\n".join(map(browser_words.heard, linked)) if linked else browser_words.not_linked(page)
        self._live.setText(said)
        self._live.setAccessibleName(said)

    def _fill(self, browsers: tuple[FoundBrowser, ...]) -> None:
        focused = self._focused_key()
        clear(self._rows)
        self._browser_rows = []
        for index, browser in enumerate(browsers):
            one = BrowserRow(self._theme, browser)
            one.install_requested.connect(self.install_requested)
            one.remove_requested.connect(self.remove_requested)
            one.copy_requested.connect(self.copy_requested)
            if index:
                self._rows.addWidget(divider())
            self._rows.addWidget(one)
            # A widget that joins a layout is shown later only, and one that is not shown takes no focus.
            one.show()
            self._browser_rows.append(one)
            if browser.key == focused and one.action is not None:
                # A row is made anew when its button was pressed; who pressed it by keyboard goes on from there.
                one.action.setFocus()
        self._shown = browsers

    def _focused_key(self) -> str | None:
        focused = self.window().focusWidget()
        held = (one.browser.key for one in self._browser_rows if focused is not None and one.isAncestorOf(focused))
        return next(held, None)

    def _fill_paired(self, paired: tuple[Paired, ...]) -> None:
        clear(self._paired)
        self._paired_rows = []
        for browser in paired:
            one = PairedRow(self._theme, browser)
            one.forget_requested.connect(self.forget_requested)
            self._paired.addWidget(one)
            one.show()
            self._paired_rows.append(one)
        reveal(self._paired_title, visible=bool(paired))
        self._shown_paired = paired


def clear(layout: QVBoxLayout) -> None:
    """Take all widgets out of ``layout`` and delete them."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
