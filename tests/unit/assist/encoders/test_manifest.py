from __future__ import annotations

import hashlib
import shutil

import pytest

from assist.encoders.manifest import checked_bytes, read_manifest
from assist.encoders.minilm import load
from assist.errors import ModelError
from resources import ROOT

SHIPPED = ROOT / "models"


def test_that_the_shipped_files_are_the_ones_the_manifest_names():
    for model in read_manifest(SHIPPED / "manifest.toml").values():
        for name, digest in model.sha256.items():
            assert hashlib.sha256((model.folder / name).read_bytes()).hexdigest() == digest


def test_that_a_model_is_told_apart_by_name_and_revision():
    model = read_manifest(SHIPPED / "manifest.toml")["minilm"]

    assert model.version == f"minilm@{model.revision}" == load(SHIPPED).name
    assert (model.dimension, model.max_tokens) == (384, 256)


@pytest.fixture
def copied(tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(SHIPPED, folder)
    return folder


@pytest.mark.promise("X2", part="model files; dependencies are pinned without hashes, and no build is signed")
@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json"])
def test_that_a_damaged_model_file_is_not_loaded(copied, name):
    file = copied / "minilm" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(ModelError, match=f"minilm/{name} is not the one that was approved"):
        load(copied)


@pytest.mark.promise("X2")
def test_that_a_missing_model_file_says_what_to_do(copied):
    (copied / "minilm" / "model.int8.onnx").unlink()

    with pytest.raises(ModelError, match=r"minilm/model\.int8\.onnx is missing; install Kibitz again"):
        load(copied)


def test_that_a_file_that_the_manifest_does_not_name_is_refused(copied):
    model = read_manifest(copied / "manifest.toml")["minilm"]
    (model.folder / "extra.bin").write_bytes(b"x")

    with pytest.raises(ModelError, match="is not the one that was approved"):
        checked_bytes(model, "extra.bin")


@pytest.mark.parametrize(
    "text",
    ["", "no toml [", "[model.minilm]\nrevision = 'a'\n", "model = 3\n", "[model.minilm]\ndimension = 'many'"],
    ids=["empty", "not TOML", "keys missing", "not a table", "not a number"],
)
def test_that_an_unreadable_manifest_is_a_model_error(tmp_path, text):
    (tmp_path / "manifest.toml").write_text(text)

    with pytest.raises(ModelError, match=r"manifest\.toml cannot be read"):
        read_manifest(tmp_path / "manifest.toml")


def test_that_a_manifest_that_is_not_there_is_a_model_error(tmp_path):
    with pytest.raises(ModelError, match=r"manifest\.toml cannot be read"):
        read_manifest(tmp_path / "manifest.toml")


def test_that_a_manifest_without_the_shipped_model_is_a_model_error(tmp_path):
    (tmp_path / "manifest.toml").write_text("[model]\n")

    with pytest.raises(ModelError, match="names no minilm"):
        load(tmp_path)
