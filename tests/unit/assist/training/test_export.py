from __future__ import annotations

import warnings

import pytest

from assist.encoders.manifest import read_manifest
from resources import ROOT

pytestmark = [pytest.mark.train, pytest.mark.slow]


@pytest.mark.promise("X2")
def test_that_the_original_model_is_exported_the_same_byte_by_byte(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("torch")
    from assist.training.export import export

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch and the quantiser warn of their own deprecations
        made = export(tmp_path)

    shipped = read_manifest(ROOT / "models" / "manifest.toml")["minilm"]
    assert made["tokenizer.json"] == shipped.sha256["tokenizer.json"]
    assert made["model.int8.onnx"] == "3cad7356701e86443a0f063b22844116d8c8df11bfa7dab83fdd58ff66e5c731"
