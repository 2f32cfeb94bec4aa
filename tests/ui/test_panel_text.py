"""What customers, articles and macros wrote is shown letter by letter, however long and in whatever script."""

from __future__ import annotations

import socket
import time

import pytest
from PySide6.QtCore import QSize, QUrl
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.theme import Scheme
from desktop.widgets.prose import Prose
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_similar_ticket,
    a_source,
    a_suggestion,
    a_ticket,
    an_alert,
    an_article_hit,
    an_evidence,
    an_open_ticket,
)
from tests.helpers.panel import ready, words_on

EVIL = (
    '<img src="http://127.0.0.1:{port}/x.png"><a href="javascript:alert(1)">click</a>'
    "<style>@import url(file:///etc/passwd)</style>&amp; &"
)


def everywhere(text: str, **fields):
    """Return a state in which ``text`` stands in every place that strangers can write to."""
    help_ = {
        "replies": (a_suggestion(text, because=(text,), source=a_source(title=text, url=text)),),
        "articles": (an_article_hit(text, title=text, heading_path=(text, text)),),
        "similar": (a_similar_ticket(subject=text, solved_by=text),),
        "alerts": (an_alert(title=text, advice=text, evidence=(an_evidence(text, meaning=text),)),),
        "language": text[:20],
    }
    customer = a_customer(name=text, email=text, phone=text, notes=text, facts={text: text}, tags=(text,))
    opened = an_open_ticket(
        ticket=a_ticket(subject=text), customer=customer, history=(a_ticket(3, subject=text, status_name=text),)
    )
    return ready(opened=opened, help_=help_, **fields)


@pytest.mark.promise("U1")
def test_that_markup_is_shown_as_it_is_and_nothing_is_fetched(panel, qtbot):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        text = EVIL.format(port=server.getsockname()[1])
        panel.resize(QSize(392, 1600))
        panel.show_state(everywhere(text))
        panel.ready.customer_section.fold(folded=False)
        panel.ready.alerts.shown[0].expand(opened=True)
        panel.grab()
        QApplication.processEvents()
        with pytest.raises(TimeoutError):
            server.accept()

    assert panel.ready.replies[0].text.toPlainText() == text
    assert panel.ready.articles[0].text.toPlainText() == text
    assert words_on(panel).count("<img") >= 8


@pytest.mark.promise("U1")
def test_that_no_label_of_the_panel_guesses_at_rich_text(panel):
    from PySide6.QtCore import Qt

    panel.show_state(everywhere(EVIL))
    guessing = [label.text() for label in panel.findChildren(QLabel) if label.textFormat() != Qt.TextFormat.PlainText]
    assert guessing == []


@pytest.mark.promise("U1")
def test_that_tool_tips_show_markup_as_it_is(panel):
    panel.show_state(everywhere(EVIL))
    QApplication.processEvents()
    tips = [widget.toolTip() for widget in panel.findChildren(QWidget) if "img" in widget.toolTip()]
    assert tips
    assert [tip for tip in tips if "<img" in tip or not tip.startswith("<qt>")] == []


@pytest.mark.promise("U1")
def test_that_prose_loads_no_resource(theme, qtbot):
    prose = Prose(theme)
    qtbot.addWidget(prose)
    assert prose.loadResource(2, QUrl("file:///etc/hostname")) is None
    assert prose.acceptRichText() is False


@pytest.mark.promise("I1")
def test_that_ten_thousand_words_stall_nothing(panel, qtbot):
    panel.show_state(ready("warm up"))
    QApplication.processEvents()
    text = "Wort für Wort 長い文章 " * 2_500

    started = time.process_time()
    panel.show_state(everywhere(text, ticket=9))
    panel.grab()
    folded_s = time.process_time() - started
    started = time.process_time()
    panel.ready.replies[0].toggle_fold()
    panel.grab()
    unfolded_s = time.process_time() - started

    # Processor time, and twenty times what it takes (0.15 s): only work that grows with the square of the text fails.
    assert folded_s < 4.0
    assert unfolded_s < 4.0


@pytest.mark.promise("I4")
@pytest.mark.parametrize("width_px", [332, 360, 420])
@pytest.mark.parametrize(
    "text",
    [
        "Wiederimprägnierungskostenvoranschlagsanforderungsformular" * 3,
        "田中様お問い合わせありがとうございます" * 12,
        "😡🏔️📦👨‍👩‍👧‍👦" * 30,
        "مرحباً فاطمة، شكراً لرسالتك " * 12,
        "https://example.com/" + "a" * 400,
    ],
    ids=["german", "japanese", "emoji", "arabic", "address"],
)
def test_that_no_text_makes_the_panel_wider_or_is_cut_off(panel, text, width_px):
    panel.resize(QSize(width_px, 1400))
    panel.show_state(everywhere(text, now=NOON))
    panel.ready.customer_section.fold(folded=False)
    for _ in range(3):
        QApplication.processEvents()
    assert panel.width() == width_px
    body = panel.ready.widget()
    assert body.width() <= panel.ready.viewport().width()
    outside = [
        child
        for child in body.findChildren(QWidget)
        if child.isVisibleTo(body) and child.mapTo(body, child.rect().topRight()).x() > body.width()
    ]
    assert outside == []


@pytest.mark.promise("I4")
def test_that_arabic_runs_from_right_to_left(theme, qtbot):
    from PySide6.QtCore import Qt

    prose = Prose(theme)
    qtbot.addWidget(prose)
    prose.put("مرحباً فاطمة")
    assert prose.document().firstBlock().textDirection() == Qt.LayoutDirection.RightToLeft


def test_that_an_emoji_before_a_mark_does_not_shift_it(theme, qtbot):
    from desktop.widgets.prose import Span

    prose = Prose(theme)
    qtbot.addWidget(prose)
    prose.put("😀😀 [date] end", (Span(3, 9, "slot"),))
    cursor = prose.textCursor()
    found = ""
    for position in range(prose.document().characterCount() - 1):
        cursor.setPosition(position + 1)
        if cursor.charFormat().background().color() == theme.color("slot"):
            found += prose.document().characterAt(position)
    assert found == "[date]"


def test_that_a_change_of_scheme_repaints_the_marks(panel, theme):
    panel.show_state(ready(help_={"articles": (an_article_hit("All of it."),)}))
    theme.use(Scheme.DARK)
    cursor = panel.ready.articles[0].text.textCursor()
    cursor.setPosition(3)
    assert cursor.charFormat().background().color() == theme.color("marker")


def test_that_a_cut_text_can_be_unfolded_and_folded(panel, qtbot):
    panel.show_state(ready(help_={"replies": (a_suggestion("Satz um Satz.\n" * 30),)}))
    QApplication.processEvents()
    card = panel.ready.replies[0]
    folded_px = card.text.height()
    assert card._fold.isVisible()
    card.toggle_fold()
    QApplication.processEvents()
    assert card.text.height() > folded_px * 3
    card.toggle_fold()
    QApplication.processEvents()
    assert card.text.height() == folded_px
