"""The log file: rotating, for its owner only, and free of what customers wrote and of secrets.

Code that logs names no such thing in the first place; what is here is the second line of defence. Every line
passes `integrations.redaction` and a rule for long tokens, and is cut. Of an exception that is not one of
Kibitz's own, the type and the frames are written, but not its text, which may quote what it failed on.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from assist.errors import KibitzError
from desktop.settings import LogLevel, make_private
from integrations.redaction import redact

FILE_NAME = "kibitz.log"
LARGEST_FILE_BYTES = 1_000_000
KEPT_FILES = 3
LONGEST_MESSAGE = 600
LEVEL_VARIABLE = "KIBITZ_LOG_LEVEL"
QUIET = ("httpx", "httpcore", "asyncio", "qasync", "keyring", "jeepney", "secretstorage", "uvicorn", "tokenizers")
"""Libraries that write arguments, headers or addresses at lower levels than WARNING."""
_TOKEN = re.compile(r"(?<![\w/.-])(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{20,}(?![\w/.])")
"""Letters and digits in one long run; paths and dotted module names are spared."""
_NAME = "kibitz"
_HEX_TOKEN = re.compile(r"\b[0-9a-fA-F]{32,}\b")


def clean(message: str) -> str:
    """Return ``message`` without secrets, e-mail addresses and long tokens, on one line, cut."""
    message = _HEX_TOKEN.sub("…", _TOKEN.sub("…", redact(message)))
    message = message.replace("\r", " ").replace("\n", " ⏎ ")
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"


def safe_traceback(error: BaseException) -> str:
    """Return types and frames of ``error`` and its causes; the text only of Kibitz's own errors, cleaned."""
    parts = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        said = f": {clean(str(current))}" if isinstance(current, KibitzError) else ""
        frames = "".join(
            f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}\n"
            for frame in traceback.extract_tb(current.__traceback__, limit=-20)
        )
        parts.append(f"{type(current).__module__}.{type(current).__qualname__}{said}\n{frames}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "because of ".join(parts).rstrip()


class CleanFormatter(logging.Formatter):
    """Cleans what is about to be written, whoever logged it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        try:
            said = record.getMessage()
        except (TypeError, ValueError, KeyError):
            said = f"(a message of {record.module}:{record.lineno} does not fit its values)"
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {clean(said)}"
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line}\n{safe_traceback(error)}"


class _OwnerOnlyFile(RotatingFileHandler):
    def _open(self) -> Any:
        descriptor = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging calls it so
        """A full disk must not print the record, and its arguments, to the terminal."""


def level(setting: LogLevel, env: Mapping[str, str] = os.environ) -> int:
    """Return the level of the environment, else that of the settings."""
    named = env.get(LEVEL_VARIABLE, "").strip().upper()
    known = logging.getLevelNamesMapping()
    return known.get(named, known[setting.value.upper()])


def start_logging(folder: Path, least: int = logging.INFO, *, to_terminal: bool = False) -> Path | None:
    """Write the log to ``folder`` from now on; calling it again replaces what it set up before.

    Returns:
        The file, or None when it cannot be written: Kibitz then runs without a log file.
    """
    root = logging.getLogger()
    stop_logging()
    handlers: list[logging.Handler] = [logging.StreamHandler()] if to_terminal else []
    path: Path | None = folder / FILE_NAME
    try:
        make_private(folder)
        handlers.append(
            _OwnerOnlyFile(folder / FILE_NAME, maxBytes=LARGEST_FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
        )
    except OSError:
        path = None
    for handler in handlers:
        handler.setFormatter(CleanFormatter())
        handler.set_name(_NAME)
        root.addHandler(handler)
    root.setLevel(least)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
    return path


def stop_logging() -> None:
    """Close what `start_logging` opened."""
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if handler.get_name() == _NAME:
            root.removeHandler(handler)
            handler.close()
