from __future__ import annotations

import warnings

import pytest

from assist.encoders.manifest import read_manifest
from resources import ROOT

pytestmark = [pytest.mark.train, pytest.mark.slow]


@pytest.mark.promise("X2")
def test_that_the_shipped_model_can_be_made_again_byte_by_byte(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("torch")
    from assist.training.export import export

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch and the quantiser warn of their own deprecations
        made = export(tmp_path)

    shipped = read_manifest(ROOT / "models" / "manifest.toml")["minilm"]
    assert made == shipped.sha256
    for name in made:
        assert (tmp_path / name).read_bytes() == (shipped.folder / name).read_bytes()
