"""The page about requests: what it says, what it paints, and what can be chosen on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea

from desktop.admin import usage_samples as samples
from desktop.admin import usage_words as words
from desktop.admin.usage_chart import MinuteBars
from desktop.admin.usage_presenter import UsagePresenter
from desktop.admin.usage_state import BARS, Budget, UsageState
from desktop.admin.usage_view import UsagePage
from desktop.tasks import TaskSet
from desktop.theme import Scheme
from tests.helpers.panel import words_on
from tests.ui.test_accessible import nameless

PAGE = QSize(560, 900)


@pytest.fixture
def page(theme, show) -> UsagePage:
    made = UsagePage(theme)
    made.show_state(samples.USED)
    return show(made, PAGE)


def said(budget: Budget, share: float = 0.1) -> str:
    return words.allowance(replace(samples.ZENDESK, budget=budget), share)


def test_that_an_account_says_what_was_used_for_what_and_how_often_it_was_told_to_wait(page):
    shown = words_on(page.cards()[0])
    for line in ("Tarn & Tor", "7 of 20", "4812", "Opening tickets", "2110", "Watching for news", "Syncing", "12"):
        assert line in shown.splitlines()
    assert "Asked to wait 3 times in the last day." in shown
    assert "Left for everyone: 148, seen 12 s ago." in shown
    assert "The help center has a budget of its own: 3 of 20 in the last minute." in shown
    assert "Signing in" not in shown


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Budget(20, 7, 200), "200 requests a minute for everyone who uses it. Kibitz may use 20 of them (10%)."),
        (Budget(20, 0), "Zendesk has not said yet how many requests a minute the account has: 200 are assumed."),
        (Budget(12, 0, 100, is_least=True), "Kibitz may use 12: 10% would be less, and could not open one ticket."),
        (Budget(0, 0, 0), "This Zendesk plan allows other programs no requests at all."),
    ],
)  # fmt: skip
def test_that_it_says_what_the_account_allows_and_what_of_it_is_ours(budget, expected):
    assert expected in said(budget)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "just now"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (7_300, "2 h ago"),
        (86_400, "1 day ago"),
        (2e5, "2 days ago"),
    ],
)
def test_that_an_age_is_said_in_its_largest_unit(seconds, expected):
    assert words.ago(timedelta(seconds=seconds)) == expected


@pytest.mark.promise("I4")
def test_that_the_chart_says_in_words_what_it_shows(page):
    chart = page.cards()[1].findChild(MinuteBars)
    expected = "Requests minute by minute over the last hour: 41 in all, at most 16 in one minute (15 min ago)."
    assert chart.accessibleName() == expected
    assert expected in words_on(page.cards()[1])
    assert words.chart(samples.DEMO) == "No requests in the last hour."


@pytest.mark.promise("I4")
def test_that_every_control_of_the_page_has_a_name(page):
    assert nameless(page) == []


def painted(chart: MinuteBars, color: QColor) -> int:
    """Return in how many columns of the chart ``color`` is seen."""
    image = chart.grab().toImage()
    columns = range(image.width())
    return sum(any(image.pixelColor(x, y) == color for y in range(image.height())) for x in columns)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_that_bars_are_painted_where_requests_were_in_both_schemes(page, theme, qtbot, scheme):
    theme.use(scheme)
    chart = page.cards()[0].findChild(MinuteBars)
    chart.resize(10 * BARS, 60)
    chart.put((0,) * 30 + (9,) * 30, 20, "")
    assert painted(chart, theme.color("accent")) == pytest.approx(30 * 9, abs=35)
    chart.put((0,) * BARS, 20, "")
    assert painted(chart, theme.color("accent")) == 0


def test_that_the_line_of_the_cap_is_left_out_where_the_bars_could_not_be_told_apart(theme, qtbot):
    chart = MinuteBars(theme)
    qtbot.addWidget(chart)
    chart.put((0, 8, 4), 20, "")
    assert (chart.shows_cap, chart.top) == (True, 20)
    chart.put((0, 8, 4), 250, "")
    assert (chart.shows_cap, chart.top) == (False, 8)
    chart.put((0, 8, 4), 0, "")
    assert (chart.shows_cap, chart.top) == (False, 8)


@pytest.mark.promise("I7")
def test_that_an_empty_page_says_why_and_one_that_cannot_be_read_says_that(page):
    page.show_state(samples.NOTHING)
    assert page.cards() == ()
    assert "Nothing was asked yet" in words_on(page)
    page.show_state(samples.TROUBLE)
    assert "What was used cannot be read now." in words_on(page)
    assert "Nothing was asked yet" not in words_on(page)


# Choosing the share


@pytest.mark.promise("I4")
def test_that_the_share_is_chosen_by_keyboard_on_the_slider_or_as_a_number(qtbot, page):
    chosen = []
    page.share_chosen.connect(chosen.append)
    qtbot.keyClick(page.share.slider, Qt.Key.Key_Right)
    qtbot.keyClick(page.share.slider, Qt.Key.Key_PageUp)
    assert (chosen, page.share.number.value()) == ([0.11, 0.16], 16)
    page.share.number.setFocus()
    page.share.number.selectAll()
    qtbot.keyClicks(page.share.number, "25")
    assert chosen == [0.11, 0.16]
    qtbot.keyClick(page.share.number, Qt.Key.Key_Return)
    assert (chosen, page.share.slider.value()) == ([0.11, 0.16, 0.25], 25)


def test_that_dragging_says_only_where_it_ended(qtbot, page):
    chosen = []
    page.share_chosen.connect(chosen.append)
    slider = page.share.slider
    slider.setSliderDown(True)
    for value in (20, 30, 40):
        slider.setValue(value)
        page.show_state(samples.USED)
    assert (chosen, page.share.number.value(), slider.value()) == ([], 40, 40)
    slider.setSliderDown(False)
    assert chosen == [0.4]


def test_that_showing_a_state_chooses_nothing(qtbot, page):
    with qtbot.assertNotEmitted(page.share_chosen):
        page.show_state(replace(samples.USED, share=0.5))
    assert page.share.slider.value() == 50


def test_that_scrolling_past_the_slider_moves_the_page_and_not_the_share(qtbot, page):
    page.share.number.setFocus()
    slider = page.share.slider
    spot = QPointF(slider.rect().center())
    wheel = QWheelEvent(
        spot, slider.mapToGlobal(spot), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, wheel)
    assert slider.value() == 10
    assert not wheel.isAccepted()


@pytest.mark.parametrize("width", [280, 560, 1_100])
def test_that_nothing_is_cut_or_overlaps_at_any_width_with_long_german_names(theme, show, width):
    area = QScrollArea()
    page = UsagePage(theme)
    page.show_state(UsageState(0.1, (samples.FRESHDESK,)))
    area.setWidget(page)
    area.setWidgetResizable(True)
    show(area, QSize(width + 20, 700))
    [card] = page.cards()
    assert page.width() <= max(width + 20, page.minimumSizeHint().width())
    assert page.minimumSizeHint().width() <= 290
    labels = [one for one in card.findChildren(QLabel) if one.text() and one.isVisibleTo(card)]
    boxes = [one.rect().translated(one.mapTo(card, QPoint())) for one in labels]
    assert all(card.rect().contains(box) for box in boxes)
    assert not [1 for index, box in enumerate(boxes) for other in boxes[index + 1 :] if box.intersects(other)]


# Kept up to date


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - one turn of the loop at a time
        await asyncio.sleep(0)


def test_that_it_is_read_when_it_comes_in_sight_and_after_a_choice(qtbot, theme, show):
    reads, shares = [], []

    async def read() -> UsageState:
        reads.append(shares[-1] if shares else 0.1)
        return replace(samples.USED, share=reads[-1])

    async def scenario() -> None:
        page, tasks = UsagePage(theme), TaskSet(lambda name, error: pytest.fail(f"{name}: {error}"))
        UsagePresenter(page, tasks, read=read, use_share=shares.append)
        show(page, PAGE)
        await until(lambda: len(reads) == 1 and len(page.cards()) == 3)
        qtbot.keyClick(page.share.slider, Qt.Key.Key_Right)
        await until(lambda: len(reads) == 2 and not len(tasks))
        assert page.share.slider.value() == 11
        await tasks.close()

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert (reads, shares) == ([0.1, 0.11], [0.11])
