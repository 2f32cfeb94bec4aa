"""The security note names tests: they have to be there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTE = (ROOT / "docs" / "security-browser-link.md").read_text(encoding="utf-8")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
NAMED = re.compile(r"`(test_\w+)`")


def test_that_every_test_that_the_note_names_is_there():
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in DEFINED.findall(path.read_text(encoding="utf-8"))
    }
    named = set(NAMED.findall(NOTE))
    assert len(named) > 40
    assert named - there == set()
