"""One table of what must never stand in a log: the only place that says what a secret looks like."""

from __future__ import annotations

import logging
import re

TABLE: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("credentials in an address", re.compile(r"(\bhttps?://)[^\s/@\"']+@"), r"\1…@"),
    ("query of an address", re.compile(r"(\bhttps?://[^\s?#\"'<>]+)[?#][^\s\"'<>]*"), r"\1?…"),
    ("query of a path", re.compile(r"(/[\w./%~-]+)\?[\w%.\[\]~+-]+=[^\s\"'<>]*"), r"\1?…"),
    ("authorisation", re.compile(r"(?i)\b(basic|bearer)\s+[\w.~+/=-]{6,}"), r"\1 …"),
    (
        "named secret",
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|[\w-]*(?:token|secret|password|api[_-]?key))\b"
            r"(['\"]?\s*[:=,]\s*(?:b(?=['\"]))?['\"]?)(?i:(?:basic|bearer)\s+)?[^\s'\",;&})\]]+"
        ),
        r"\1\2…",
    ),
    ("e-mail address", re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+"), "…@…"),
    ("network address", re.compile(r"\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}\b"), "…"),
)
"""Name, pattern, replacement; applied in this order."""


def redact(message: str) -> str:
    """Return ``message`` without secrets, queries, e-mail and network addresses (loopback stays)."""
    for _, pattern, replacement in TABLE:
        message = pattern.sub(replacement, message)
    return message


class RedactingFilter(logging.Filter):
    """Rewrites every record that passes. Put it on handlers, so that records of libraries pass it too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True
