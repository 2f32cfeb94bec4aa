from __future__ import annotations

from PySide6.QtGui import QClipboard, QGuiApplication

from desktop.clipboard import copy_text


def test_that_text_is_copied_as_plain_text_only(qapp):
    assert copy_text("Hi <b>Inês</b>,\nthe pole — ☃ عربى")
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "Hi <b>Inês</b>,\nthe pole — ☃ عربى"
    assert not data.hasHtml()


def test_that_the_selection_of_x11_is_left_alone(qapp):
    clipboard = QGuiApplication.clipboard()
    if clipboard.supportsSelection():
        clipboard.setText("selected", QClipboard.Mode.Selection)
    copy_text("copied")
    assert clipboard.text(QClipboard.Mode.Selection) in {"selected", ""}
