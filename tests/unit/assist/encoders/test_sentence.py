from __future__ import annotations

import sys
import tomllib
import warnings

import numpy as np
import pytest

from assist.encoders.minilm import load
from assist.encoders.sentence import SentenceTransformerEncoder
from assist.errors import ModelError
from resources import ROOT


def test_that_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "modules.json").write_text("[]")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(ModelError, match="install Kibitz with the extra: train"):
        SentenceTransformerEncoder(tmp_path)


def test_that_a_folder_without_a_model_is_a_model_error_and_nothing_is_fetched(tmp_path):
    with pytest.raises(ModelError, match=r"holds no sentence-transformers model \(modules.json is missing\)"):
        SentenceTransformerEncoder(tmp_path / "all-MiniLM-L6-v2")


@pytest.mark.train
def test_that_a_broken_model_is_a_model_error(tmp_path):
    pytest.importorskip("sentence_transformers")
    (tmp_path / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "x", "type": "no.such.Module"}]')

    warnings.simplefilter("ignore", DeprecationWarning)

    with pytest.raises(ModelError, match="cannot be read"):
        SentenceTransformerEncoder(tmp_path)


@pytest.mark.train
@pytest.mark.slow
def test_that_the_shipped_file_is_the_original_model_tuned_a_little():
    pytest.importorskip("sentence_transformers")
    from assist.training.export import MAX_TOKENS, source_folder

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        original = SentenceTransformerEncoder(source_folder(), name="minilm-original", max_tokens=MAX_TOKENS)
    macros = tomllib.loads((ROOT / "demo" / "macros.toml").read_text(encoding="utf-8"))["macro"]
    texts = [macro["body"] for macro in macros if macro["locale"] == "en"]

    cosines = (original.encode(texts) * load(ROOT / "models").encode(texts)).sum(axis=1)

    assert original.name == "minilm-original"
    assert 0.9 < float(np.mean(cosines)) < 0.98, f"mean cosine {np.mean(cosines):.4f}"
    assert float(np.min(cosines)) > 0.85, f"least cosine {np.min(cosines):.4f}"
