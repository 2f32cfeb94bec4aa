"""Which promises of docs/promises.md have a test that holds them. ``python -m tests.promises -v --require D1,N5``."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PROMISE = re.compile(r"^- \*\*([A-Z]\d+)\*\* (.+)$", re.MULTILINE)
_NOT_RUN = frozenset({"skip", "xfail"})
"""A test that is skipped or expected to fail holds nothing; ``skipif`` does where it can run."""


@dataclass
class Keeping:
    """The tests that hold a promise, as ``path::name``, and what they say is held of it where that is not all.

    A promise of which one test says so is kept in part, whatever the others hold.
    """

    tests: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def promises(text: str) -> dict[str, str]:
    """Return the promises in a list of ``- **ID** words``, by id, in their order."""
    return dict(_PROMISE.findall(text))


def kept_by(tests: Path) -> dict[str, Keeping]:
    """Return what the tests below ``tests`` hold, by promise id."""
    found: dict[str, Keeping] = {}
    for path in sorted(tests.rglob("test_*.py")):
        place = path.relative_to(tests.parent).as_posix()
        for name, marks in held(path.read_text(encoding="utf-8")):
            for promise_id, part in marks.items():
                keeping = found.setdefault(promise_id, Keeping())
                keeping.tests.append(f"{place}::{name}")
                if part and part not in keeping.parts:
                    keeping.parts.append(part)
    return found


def held(source: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each test of a module with the promises that it, its class or its module is marked with.

    To each promise's id there is what the mark says is held of it (``part="…"``), or nothing for all of it.
    """
    tree = ast.parse(source)
    module_marks = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    ]
    yield from _held(tree.body, module_marks, "")


def _held(body: Sequence[ast.stmt], around: Sequence[ast.expr], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _held(node.body, [*around, *node.decorator_list], f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            marks = [*around, *node.decorator_list]
            if not any(_is_not_run(mark) for mark in marks) and (promised := _promised(marks)):
                yield f"{prefix}{node.name}", promised


def _is_not_run(mark: ast.expr) -> bool:
    target = mark.func if isinstance(mark, ast.Call) else mark
    return isinstance(target, ast.Attribute) and target.attr in _NOT_RUN


def _promised(marks: Sequence[ast.expr]) -> dict[str, str]:
    calls = [
        node
        for mark in marks
        for node in ast.walk(mark)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "promise"
    ]
    found: dict[str, str] = {}
    for call in calls:
        part = next(
            (str(k.value.value) for k in call.keywords if k.arg == "part" and isinstance(k.value, ast.Constant)), ""
        )
        for argument in call.args:
            if isinstance(argument, ast.Constant):
                found[str(argument.value)] = found.get(str(argument.value)) or part
    return found


def report(texts: Mapping[str, str], kept: Mapping[str, Keeping], *, verbose: bool) -> str:
    lines = []
    for promise_id, text in texts.items():
        keeping = kept.get(promise_id, Keeping())
        lines.append(f"{promise_id:3} {_state(keeping):17} {text}")
        lines += [f"      in part: {part}" for part in keeping.parts]
        if verbose:
            lines += [f"      {test}" for test in keeping.tests]
    whole = sum(_is_kept(kept, promise_id) for promise_id in texts)
    partly = sum(promise_id in kept for promise_id in texts) - whole
    states = f"{whole} of {len(texts)} promises are kept, {partly} in part, {len(texts) - whole - partly} are open."
    return "\n".join((*lines, "", states))


def _state(keeping: Keeping) -> str:
    if not keeping.tests:
        return "open"
    by = f"by {len(keeping.tests)} test{'' if len(keeping.tests) == 1 else 's'}"
    return f"part {by}" if keeping.parts else f"kept {by}"


def _is_kept(kept: Mapping[str, Keeping], promise_id: str) -> bool:
    return promise_id in kept and not kept[promise_id].parts


def main(argv: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.promises", description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true", help="name the tests")
    parser.add_argument("--require", default="", metavar="D1,N5", help="fail unless all of these are kept whole")
    options = parser.parse_args(argv)
    texts = promises((root / "docs" / "promises.md").read_text(encoding="utf-8"))
    kept = kept_by(root / "tests")
    print(report(texts, kept, verbose=options.verbose))
    required = [name.strip() for name in options.require.split(",") if name.strip()]
    missing = [name for name in required if not _is_kept(kept, name) or name not in texts]
    unknown = sorted(set(kept) - set(texts))
    if missing:
        print(f"missing: {', '.join(missing)}")
    if unknown:
        print(f"tests name promises that docs/promises.md does not have: {', '.join(unknown)}")
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
