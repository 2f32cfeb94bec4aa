"""Puts text where Ctrl+V finds it."""

from __future__ import annotations

from PySide6.QtGui import QClipboard, QGuiApplication


def copy_text(text: str) -> bool:
    """Put ``text`` on the clipboard as plain text, leaving the X11 selection alone.

    Returns:
        False when another program holds the clipboard, so that the text is not there.
    """
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(text, QClipboard.Mode.Clipboard)
    return clipboard.text(QClipboard.Mode.Clipboard) == text
