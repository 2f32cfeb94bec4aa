"""The parts that the panel is made of."""

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QStyle, QStyleOptionButton, QWidget

from desktop.widgets.basics import Label, column, laid_out_once, refit
from desktop.widgets.check import WrappedCheck
from desktop.widgets.clamp import ClampLabel


class Counting(QWidget):
    """A part of fixed height that counts how often it is asked for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def sizeHint(self) -> QSize:
        self.asked += 1
        return QSize(80, 30)


def a_window(*parts: QWidget) -> QWidget:
    window = QWidget()
    layout = column(spacing=0)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch(1)
    window.setLayout(layout)
    window.resize(200, 400)
    return window


def test_that_what_is_shown_together_is_laid_out_once(qtbot):
    counting, labels = Counting(), [QLabel("one", visible=False) for _ in range(8)]
    window = a_window(counting, *labels)
    qtbot.addWidget(window)
    window.show()
    QApplication.processEvents()

    before = counting.asked
    with laid_out_once(window):
        for label in labels:
            label.show()
            refit(label)
            refit(counting)
        assert counting.asked == before
    assert counting.asked == before + 1
    assert [label.y() for label in labels] == [30 + number * labels[0].height() for number in range(8)]


def test_that_a_change_inside_a_change_waits_for_the_outer_one(qtbot):
    first, second = QLabel("first", visible=False), QLabel("second", visible=False)
    window = a_window(first, second)
    qtbot.addWidget(window)
    window.show()
    QApplication.processEvents()

    with laid_out_once(window):
        with laid_out_once(window):
            first.show()
            refit(first)
        second.show()
        assert second.y() < first.height()
    assert second.y() == first.height() > 0


def test_that_layouts_work_again_after_a_failure(qtbot):
    label = QLabel("one", visible=False)
    window = a_window(label)
    qtbot.addWidget(window)
    window.show()

    with pytest.raises(ValueError, match="half way"), laid_out_once(window):
        raise ValueError("half way")

    assert window.layout().isEnabled()
    label.show()
    QApplication.processEvents()
    assert label.height() > 0


@pytest.mark.parametrize("lines", [1, 2])
def test_that_a_label_tells_its_whole_text_exactly_while_it_is_cut(qtbot, lines):
    text = "Rindfleischetikettierungsüberwachung " * 4
    label = ClampLabel("", lines=lines)
    window = a_window(label)
    qtbot.addWidget(window)
    window.resize(160, 120)
    window.show()

    label.put(text)
    qtbot.waitUntil(lambda: label.toolTip() == f"<qt>{' '.join(text.split()) if lines > 1 else text}</qt>")
    window.resize(2_400, 120)
    qtbot.waitUntil(lambda: label.toolTip() == "")


def test_that_words_on_several_lines_stand_beside_their_box_as_those_on_one_do(theme, show):
    short, long = QCheckBox("Show the panel"), WrappedCheck("Let the extension tell what I have typed so far " * 3)
    host = show(a_window(short, long), QSize(300, 200))
    option = QStyleOptionButton()
    short.initStyleOption(option)
    style = short.style()
    words = style.subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, short)
    [label] = long.findChildren(Label)
    line = QRect(label.mapTo(host, label.contentsRect().topLeft()), QSize(1, label.fontMetrics().height()))
    assert line.left() == short.mapTo(host, words.topLeft()).x()
    assert line.center().y() == pytest.approx(long.box.mapTo(host, long.box.rect().center()).y(), abs=1)


SCRIPTS = ["返金 日本語", "العربية ﷽", "กี่ ญี่ปุ่น ตั๋ว", "👩🏽‍🚀 hi"]


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("text", [*SCRIPTS, f"Pole {SCRIPTS[0]} and {SCRIPTS[1]} snapped, {' '.join(SCRIPTS[2:])}"])
def test_that_a_label_is_as_high_as_what_it_paints_in_any_script(qtbot, text, lines):
    label, below = ClampLabel(text, lines=lines), QLabel("below")
    window = a_window(label, below)
    qtbot.addWidget(window)
    window.show()
    QApplication.processEvents()

    free = ClampLabel(text, lines=lines)
    qtbot.addWidget(free)
    free.resize(label.width(), label.height() + 80)
    painted = rows_painted(free)

    assert painted
    assert max(painted) < label.height() <= below.y()


def rows_painted(widget: QWidget) -> list[int]:
    """Return the rows of pixels that hold anything but the ground."""
    image = widget.grab().toImage()
    ground = image.pixel(image.width() - 1, image.height() - 1)
    return [y for y in range(image.height()) if any(image.pixel(x, y) != ground for x in range(image.width()))]
