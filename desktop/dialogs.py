"""The system's own dialogs and programs, asked for without a nested event loop (which would break tasks that run)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget


def open_page(address: str) -> bool:
    """Open an address in the agent's browser; False where there is none."""
    return QDesktopServices.openUrl(QUrl(address))


async def ask_where(parent: QWidget, name: str) -> Path | None:
    """Ask where to save; ``name`` is suggested. None when the agent does not want to."""
    dialog = QFileDialog(parent, parent.windowTitle(), str(Path.home() / name))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    return await _chosen(dialog)


async def ask_file(parent: QWidget) -> Path | None:
    """Ask for a settings file. None when the agent does not want to."""
    dialog = QFileDialog(parent, parent.windowTitle(), str(Path.home()), "JSON (*.json)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def _chosen(dialog: QFileDialog) -> Path | None:
    chosen: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()

    def finished(result: int) -> None:
        files = dialog.selectedFiles()
        if not chosen.done():
            chosen.set_result(Path(files[0]) if result and files else None)

    dialog.finished.connect(finished)
    dialog.open()
    return await chosen
