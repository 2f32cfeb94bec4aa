"""Text between markers in a Markdown file, so that figures there come from a run and not from a hand."""

from __future__ import annotations

from pathlib import Path


def put_block(file: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of ``name``; they are added at the end of a file that has none."""
    begins, ends = f"<!-- {name} begins -->", f"<!-- {name} ends -->"
    there = file.read_text(encoding="utf-8") if file.exists() else ""
    block = f"{begins}\n{text.strip()}\n{ends}"
    if begins in there and ends in there.split(begins, 1)[1]:
        before, rest = there.split(begins, 1)
        file.write_text(before + block + rest.split(ends, 1)[1], encoding="utf-8")
    else:
        file.write_text(f"{there.rstrip()}\n\n{block}\n".lstrip(), encoding="utf-8")
