"""Which promises of docs/promises.md have a test that holds them. ``python -m tests.promises -v --require D1,N5``."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PROMISE = re.compile(r"^- \*\*([A-Z]\d+)\*\* (.+)$", re.MULTILINE)
_NOT_RUN = frozenset({"skip", "xfail"})
"""A test that is skipped or expected to fail holds nothing; ``skipif`` does where it can run."""


def promises(text: str) -> dict[str, str]:
    """Return the promises in a list of ``- **ID** words``, by id, in their order."""
    return dict(_PROMISE.findall(text))


def kept_by(tests: Path) -> dict[str, list[str]]:
    """Return the tests below ``tests`` that hold each promise, as ``path::name``, by promise id."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        place = path.relative_to(tests.parent).as_posix()
        for name, ids in held(path.read_text(encoding="utf-8")):
            for promise_id in ids:
                found.setdefault(promise_id, []).append(f"{place}::{name}")
    return found


def held(source: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each test of a module with the promises that it, its class or its module is marked with."""
    tree = ast.parse(source)
    module_marks = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    ]
    yield from _held(tree.body, module_marks, "")


def _held(body: Sequence[ast.stmt], around: Sequence[ast.expr], prefix: str) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _held(node.body, [*around, *node.decorator_list], f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            marks = [*around, *node.decorator_list]
            if not any(_is_not_run(mark) for mark in marks) and (ids := _ids(marks)):
                yield f"{prefix}{node.name}", ids


def _is_not_run(mark: ast.expr) -> bool:
    target = mark.func if isinstance(mark, ast.Call) else mark
    return isinstance(target, ast.Attribute) and target.attr in _NOT_RUN


def _ids(marks: Sequence[ast.expr]) -> list[str]:
    calls = (
        node
        for mark in marks
        for node in ast.walk(mark)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "promise"
    )
    arguments = (argument for call in calls for argument in call.args)
    return list(dict.fromkeys(str(a.value) for a in arguments if isinstance(a, ast.Constant)))


def report(texts: Mapping[str, str], kept: Mapping[str, Sequence[str]], *, verbose: bool) -> str:
    lines = []
    for promise_id, text in texts.items():
        tests = kept.get(promise_id, ())
        state = f"kept by {len(tests)} test{'' if len(tests) == 1 else 's'}" if tests else "open"
        lines.append(f"{promise_id:3} {state:17} {text}")
        if verbose:
            lines += [f"      {test}" for test in tests]
    number = sum(bool(kept.get(promise_id)) for promise_id in texts)
    return "\n".join((*lines, "", f"{number} of {len(texts)} promises are kept, {len(texts) - number} are open."))


def main(argv: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.promises", description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true", help="name the tests")
    parser.add_argument("--require", default="", metavar="D1,N5", help="fail unless all of these are kept")
    options = parser.parse_args(argv)
    texts = promises((root / "docs" / "promises.md").read_text(encoding="utf-8"))
    kept = kept_by(root / "tests")
    print(report(texts, kept, verbose=options.verbose))  # noqa: T201
    required = [name.strip() for name in options.require.split(",") if name.strip()]
    missing = [name for name in required if not kept.get(name) or name not in texts]
    unknown = sorted(set(kept) - set(texts))
    if missing:
        print(f"missing: {', '.join(missing)}")  # noqa: T201
    if unknown:
        print(f"tests name promises that docs/promises.md does not have: {', '.join(unknown)}")  # noqa: T201
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
