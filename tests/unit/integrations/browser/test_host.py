"""The native host's reading of lengths and arguments; the process itself is tried in tests/process."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.browser import host
from integrations.browser.frames import BadFrame, FrameReader
from tests.helpers.partner import CHROMIUM, FIREFOX, framed


def test_that_it_needs_nothing_but_the_standard_library():
    tree = ast.parse(Path(host.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


@pytest.mark.promise("S5")
@given(st.lists(st.binary(max_size=40) | st.builds(framed, st.binary(max_size=40)), max_size=8))
def test_that_it_cuts_any_bytes_as_the_app_does_or_refuses_them(chunks):
    left = [chunk for chunk in chunks if chunk]
    found: list[bytes] = []
    try:
        for body in host._bodies(lambda: left.pop(0) if left else b"", "little"):
            found.append(body)  # noqa: PERF402  # those before a bad length count as well
    except host.BadLength:
        with pytest.raises(BadFrame):
            FrameReader().feed(b"".join(chunks))
    stream = b"".join(chunks)
    assert stream.startswith(b"".join(map(framed, found)))


@pytest.mark.promise("S5")
@given(st.lists(st.text() | st.sampled_from([CHROMIUM, FIREFOX, "x.json", "link@kibitz.example", "--"]), max_size=4))
def test_that_only_the_browsers_own_two_ways_name_an_origin(argv):
    origin = host.origin_in(argv)
    if origin == CHROMIUM:
        assert argv[0] == CHROMIUM
    if origin == FIREFOX:
        assert argv[0].endswith(".json")
        assert argv[1] == "link@kibitz.example"


def test_that_the_extension_is_told_once_that_the_app_is_down(tmp_path, monkeypatch):
    told: list[bytes] = []
    monkeypatch.setattr(host, "_to_browser", told.append)
    carrier = host._Carrier(str(tmp_path / "link"), CHROMIUM)
    for _ in range(3):
        carrier._carry_one()
    assert told == [b'{"app": "down"}']
