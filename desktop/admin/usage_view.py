"""The page about requests: the share of each account that Kibitz may use, and what was used of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSlider, QSpinBox, QVBoxLayout, QWidget

from assist.domain import AccountId
from desktop.admin import usage_words as words
from desktop.admin.usage_chart import MinuteBars, PartBar
from desktop.admin.usage_state import AccountUsage, Spent, UsageState
from desktop.i18n import number, tr
from desktop.theme import Theme
from desktop.widgets.basics import Label, boxed, column, divider, refit, reveal, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.empty import EmptyState
from desktop.widgets.icon import Icon, Pill

LEAST_PERCENT, LARGEST_PERCENT = 1, 100
FIGURES = ("minute", "hour", "day")


class _CalmSlider(QSlider):
    """A slider that the wheel moves only while it has the keyboard: scrolling past it changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _CalmSpin(QSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ShareRow(QWidget):
    """A slider and a number for the same share, in percent."""

    chosen = Signal(int)
    """Said when a choice is made, not on the way to it."""

    def __init__(self) -> None:
        super().__init__()
        name = tr("Share of each account's requests, in percent")
        self.slider = _CalmSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(LEAST_PERCENT, LARGEST_PERCENT)
        self.slider.setPageStep(5)
        self.slider.setAccessibleName(name)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.number = _CalmSpin()
        self.number.setRange(LEAST_PERCENT, LARGEST_PERCENT)
        self.number.setSuffix(words.percentage(0).removeprefix("0"))
        self.number.setKeyboardTracking(False)
        self.number.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.number, self.number.lineEdit()):
            widget.setAccessibleName(name)
        self.number.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shown = 0
        layout = row(spacing=12)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)
        self.setLayout(layout)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self._choose(self.slider.value()))
        self.number.valueChanged.connect(self._choose)

    def put(self, percent: int) -> None:
        """Show what holds, unless somebody is just choosing."""
        if not self.slider.isSliderDown():
            self._show(percent)

    def _show(self, percent: int) -> None:
        self._shown = percent
        for control in (self.slider, self.number):
            with QSignalBlocker(control):
                control.setValue(percent)

    def _slid(self, percent: int) -> None:
        if self.slider.isSliderDown():
            with QSignalBlocker(self.number):
                self.number.setValue(percent)
        else:
            self._choose(percent)

    def _choose(self, percent: int) -> None:
        if percent != self._shown:
            self._show(percent)
            self.chosen.emit(percent)


class SpentRows(QWidget):
    """What the last day's requests were for: a name, a bar and a number each."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[Spent, tuple[Label, PartBar, Label]] = {}
        for line, purpose in enumerate(Spent):
            made = (Label(words.spent(purpose), "small"), PartBar(theme), Label("", "source"))
            made[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, widget in enumerate(made):
                self._grid.addWidget(widget, line, place)
            self._rows[purpose] = made
        self.setLayout(self._grid)

    def put(self, usage: AccountUsage) -> None:
        whole = max(1, sum(usage.spent.values()))
        for purpose, (name, bar, count) in self._rows.items():
            used = usage.spent.get(purpose, 0)
            bar.put(used / whole)
            count.setText(number(used))
            count.setAccessibleName(f"{name.text()}: {number(used)}")
            for widget in (name, bar, count):
                widget.setVisible(used > 0)


class AccountCard(QWidget):
    """What one account was asked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._name = ClampLabel("", "title", lines=2)
        self._vendor = Pill(theme, "")
        self._figures = {name: Label("", "display") for name in FIGURES}
        self._chart = MinuteBars(theme)
        self._chart_box = QWidget()
        self._chart_words = Label("", "small", wrap=True)
        self._spent = SpentRows(theme)
        self._spent_title = Label(tr("The last day, by what it was for"), "strong", wrap=True)
        self._sentences = [Label("", "small", wrap=True) for _ in range(4)]
        self._wait_icon = Icon(theme, "check", "green", 16)
        self._waits = Label("", "small", wrap=True)
        inner = column(spacing=12, margins=(16, 14, 16, 14))
        head = row(spacing=8)
        head.addWidget(self._name, 1)
        head.addWidget(self._vendor, 0, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(head)
        inner.addLayout(self._figure_row())
        inner.addLayout(self._chart_column())
        inner.addWidget(self._spent_title)
        inner.addWidget(self._spent)
        inner.addWidget(divider())
        inner.addLayout(self._sentence_column())
        outer = column()
        outer.addWidget(boxed(inner, "card"))
        self.setLayout(outer)

    def show_usage(self, usage: AccountUsage, share: float) -> None:
        budget, limited = usage.budget, not usage.is_demo
        self.setAccessibleName(usage.name)
        self._name.put(usage.name)
        self._vendor.put(words.VENDORS[usage.kind])
        figures = {
            "minute": words.minute(budget, limited=limited),
            "hour": number(usage.hour),
            "day": number(usage.day),
        }
        for name, text in figures.items():
            self._figures[name].setText(text)
        said = words.chart(usage)
        self._chart.put(usage.bars, budget.ours if limited else 0, said)
        self._chart_words.put(said)
        reveal(self._chart_box, visible=any(usage.bars))
        self._spent.put(usage)
        for widget in (self._spent_title, self._spent):
            reveal(widget, visible=any(usage.spent.values()))
        sentences = [words.allowance(usage, share), words.remaining(budget)]
        sentences += [
            words.help_center(usage.help_center) if usage.help_center and limited else "",
            words.week(usage.week),
        ]
        for label, sentence in zip(self._sentences, sentences, strict=True):
            label.put(sentence)
        self._wait_icon.put("clock" if usage.waits else "check", "amber" if usage.waits else "green")
        self._waits.setText(words.waits(usage.waits))

    def _figure_row(self) -> QHBoxLayout:
        captions = {"minute": tr("in the last minute"), "hour": tr("in the last hour"), "day": tr("in the last day")}
        line = row(spacing=16)
        for name, caption in captions.items():
            figure = column(spacing=0)
            figure.addWidget(self._figures[name])
            figure.addWidget(Label(caption, "small", wrap=True))
            line.addLayout(figure, 1)
        return line

    def _chart_column(self) -> QVBoxLayout:
        ends = row()
        ends.addWidget(Label(tr("an hour ago"), "tiny"))
        ends.addStretch(1)
        ends.addWidget(Label(tr("now"), "tiny"))
        inner = column(spacing=4)
        inner.addWidget(self._chart)
        inner.addLayout(ends)
        self._chart_box.setLayout(inner)
        chart = column(spacing=4)
        chart.addWidget(self._chart_box)
        chart.addWidget(self._chart_words)
        return chart

    def _sentence_column(self) -> QVBoxLayout:
        wait = row(spacing=8)
        wait.addWidget(self._wait_icon, 0, Qt.AlignmentFlag.AlignTop)
        wait.addWidget(self._waits, 1)
        sentences = column(spacing=6)
        sentences.addLayout(wait)
        for label in self._sentences:
            sentences.addWidget(label)
        return sentences


class UsagePage(QWidget):
    """One way in, `show_state`; signals out. Put it into something that scrolls."""

    share_chosen = Signal(float)
    """The new share, in [0.01, 1]."""
    came_in_sight = Signal()
    went_out_of_sight = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cards: dict[AccountId, AccountCard] = {}
        self.share = ShareRow()
        self.share.chosen.connect(lambda percent: self.share_chosen.emit(percent / 100))
        self._problem = Label("", tone="amber", wrap=True)
        self._empty = EmptyState(
            theme,
            "empty-none",
            tr("Nothing was asked yet"),
            tr(
                "As soon as an account is connected, this page says how many of its requests Kibitz used, and for what."
            ),
        )
        self._accounts: QVBoxLayout = column(spacing=14)
        layout = column(spacing=14)
        layout.addWidget(self._share_card())
        layout.addWidget(self._problem)
        layout.addLayout(self._accounts)
        layout.addWidget(self._empty)
        layout.addStretch(1)
        self.setLayout(layout)
        self._problem.hide()

    def show_state(self, state: UsageState) -> None:
        self.share.put(round(state.share * 100))
        self._problem.put(state.problem)
        reveal(self._empty, visible=not state.accounts and not state.problem)
        wanted = [usage.account for usage in state.accounts]
        if wanted != list(self._cards):
            self._make_cards(wanted)
        for usage in state.accounts:
            self._cards[usage.account].show_usage(usage, state.share)

    def cards(self) -> tuple[AccountCard, ...]:
        return tuple(self._cards.values())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.came_in_sight.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.went_out_of_sight.emit()

    def _make_cards(self, accounts: list[AccountId]) -> None:
        for card in self._cards.values():
            self._accounts.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {account: AccountCard(self._theme) for account in accounts}
        for card in self._cards.values():
            self._accounts.addWidget(card)
            card.show()
        refit(self)

    def _share_card(self) -> QWidget:
        inner = column(spacing=10, margins=(16, 14, 16, 14))
        inner.addWidget(Label(tr("Share of the requests"), "title"))
        about = tr(
            "A helpdesk allows an account so many requests a minute, for all its agents and apps together. Kibitz uses "
            "at most this part of them, however often it runs on this computer."
        )
        inner.addWidget(Label(about, "small", wrap=True))
        inner.addWidget(self.share)
        least = tr(
            "Never less than 12 a minute at Zendesk and 16 at Freshdesk, or no ticket could be opened. Half is always "
            "kept for opening tickets; syncing waits."
        )
        inner.addWidget(Label(least, "small", wrap=True))
        return boxed(inner, "card")
