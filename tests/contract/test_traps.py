"""Each trap of the vendors' APIs has a test: the tables beside this file name them, and they exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (?P<trap>[^|]+) \| `(?P<file>[\w/.-]+)::(?P<test>\w+)` \|$")
TABLES = sorted(Path(__file__).parent.glob("traps-*.md"))


def rows(table: Path) -> list[str]:
    lines = table.read_text(encoding="utf-8").splitlines()
    inside = [line for line in lines if line.startswith("|") and not line.startswith(("| trap", "|---", "| **"))]
    assert len(inside) == len(set(inside))
    return inside


@cache
def names_in(path: Path) -> frozenset[str]:
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in found if isinstance(node, kinds) and node.name.startswith("test_"))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_that_every_trap_names_a_test_that_exists(table):
    for line in rows(table):
        row = ROW.fullmatch(line)
        assert row is not None, f"no trap and test: {line}"
        path = TESTS / row["file"]
        assert path.is_file(), line
        assert row["test"] in names_in(path), line


@pytest.mark.parametrize("vendor", ["zendesk", "freshdesk"])
def test_that_the_table_of_each_vendor_is_there(vendor):
    assert len(rows(Path(__file__).parent / f"traps-{vendor}.md")) > 80
