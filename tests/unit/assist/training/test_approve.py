from __future__ import annotations

import hashlib

import pytest

from assist.encoders.manifest import checked_bytes, read_manifest
from assist.training.approve import approve

MANIFEST = """# two models
[model.one]
revision = "1"
dimension = 2
max_tokens = 0

[model.one.sha256]
"a.npz" = "0"
"b.npz" = "0"

[model.two]
revision = "1"
dimension = 2
max_tokens = 0

[model.two.sha256]
"a.npz" = "kept"
"c.npz" = "kept"
"""


@pytest.fixture
def models(tmp_path):
    (tmp_path / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "one").mkdir()
    for name in ("a.npz", "b.npz", "c.npz"):
        (tmp_path / "one" / name).write_bytes(name.encode())
    return tmp_path


def test_that_what_was_approved_can_be_loaded_and_nothing_else_changes(models):
    found = approve(models, "one", ("a.npz", "b.npz"))

    one = read_manifest(models / "manifest.toml")["one"]
    assert [checked_bytes(one, name) for name in found] == [b"a.npz", b"b.npz"]
    digests = [hashlib.sha256(name.encode()).hexdigest() for name in ("a.npz", "b.npz")]
    expected = MANIFEST.replace('"a.npz" = "0"', f'"a.npz" = "{digests[0]}"')
    expected = expected.replace('"b.npz" = "0"', f'"b.npz" = "{digests[1]}"')
    assert (models / "manifest.toml").read_text(encoding="utf-8") == expected


def test_that_a_file_that_only_another_model_has_is_refused(models):
    with pytest.raises(ValueError, match=r"no line for one/c\.npz"):
        approve(models, "one", ("c.npz",))

    assert (models / "manifest.toml").read_text(encoding="utf-8") == MANIFEST
