"""Libraries that would report to their makers leave a file for it in the home; each is asked in an empty one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "ORT_DISABLE_TELEMETRY")
ENCODE = """
from assist.encoders.minilm import load
from resources import ROOT
assert load(ROOT / "models").encode(["a snapped pole"]).any()
"""


def left_behind(program: str, home: Path) -> list[str]:
    """Run ``program`` with an empty home; return the names of the files it made there."""
    home.mkdir()
    env = {name: value for name, value in os.environ.items() if name not in OWN}
    env |= {"HOME": str(home), "LOCALAPPDATA": str(home)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, check=True, timeout=120)
    return sorted(path.name for path in home.rglob("*") if path.is_file())


@pytest.mark.promise("X1")
def test_that_the_encoder_s_library_keeps_nothing_to_report_to_its_maker(tmp_path):
    assert left_behind(ENCODE, tmp_path / "home") == []
