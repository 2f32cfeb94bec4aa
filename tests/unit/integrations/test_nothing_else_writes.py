"""Who may change anything in a helpdesk, read from the sources (promise U7)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAY_BUILD_CHANGES = {"integrations/zendesk/acting_wire.py", "integrations/freshdesk/acting_wire.py"}
SIGNING_IN = {"integrations/zendesk/oauth_wire.py", "integrations/zendesk/oauth.py"}


def sources(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if "demo" not in path.parts]


def calls(path: Path, name: str) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if getattr(call.func, "id", getattr(call.func, "attr", "")) == name]


@pytest.mark.promise("U7")
def test_that_only_acting_builds_requests_that_change_a_ticket():
    builders = set()
    for path in sources("integrations"):
        for call in calls(path, "Request"):
            method = call.args[0] if call.args else None
            if not (isinstance(method, ast.Constant) and method.value == "GET"):
                builders.add(path.relative_to(ROOT).as_posix())
    assert builders >= MAY_BUILD_CHANGES
    assert builders <= MAY_BUILD_CHANGES | SIGNING_IN


@pytest.mark.promise("U7")
def test_that_only_one_place_has_acts_carried_out_and_it_writes_them_down_first():
    places = [
        (path.relative_to(ROOT).as_posix(), ast.unparse(call.func))
        for path in sources("assist", "desktop")
        for call in calls(path, "perform")
    ]
    assert places == [
        ("assist/performing.py", "actor.perform"),
        ("desktop/acting/presenter.py", "self._performer.perform"),
    ]
    source = (ROOT / "assist" / "performing.py").read_text(encoding="utf-8")
    assert source.index("self._acts.plan(") < source.index("self._acts.send(") < source.index("actor.perform(")
