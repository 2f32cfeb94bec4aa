"""Fine-tune the encoder on support text and write it as the app loads it.

Run ``kibitz train OUT_FOLDER`` with the extra ``train``. The loss is MultipleNegativesRankingLoss (Henderson et al.
2017, arXiv:1705.00652); the result is averaged with the weights it began from (Wortsman et al. 2022,
arXiv:2109.01903), which keeps what the general model knows of other fields.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import resources
from assist.encoders.sentence import SentenceTransformerEncoder
from assist.errors import KibitzError, ModelError
from assist.evaluate import retrieval
from assist.evaluate.report import Report, mean
from assist.evaluate.rows import read_rows
from assist.training.export import export, source_folder
from assist.training.pairs import Pair, batches, read_pairs

BATCH = 32
EPOCHS = 1
LEARNING_RATE = 2e-5
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
SHARE = 1.0
"""Of the tuned weights in the average with those it began from."""
MAX_TOKENS = 160
"""Of a training text; passages are shorter, and a batch costs as much as its longest text."""
SEED = 20261123
THREADS = 2
"""Fixed, because sums of floats depend on how they are split."""


def tune(base: Path, out: Path, pairs: Sequence[Pair], *, epochs: int = EPOCHS, share: float = SHARE) -> None:
    """Write a sentence-transformers model to ``out``: that of ``base`` after learning ``pairs``."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.losses import MultipleNegativesRankingLoss

    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(mode=True)
    model = SentenceTransformer(str(base), device="cpu", local_files_only=True)
    full_length, model.max_seq_length = model.max_seq_length, MAX_TOKENS
    before = copy.deepcopy(model.state_dict())
    loss = MultipleNegativesRankingLoss(model)
    steps = [batch for epoch in range(epochs) for batch in batches(pairs, size=BATCH, seed=SEED + epoch)]
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    rate = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step, len(steps)))
    model.train()
    for number, batch in enumerate(steps, 1):
        optimiser.zero_grad()
        value = loss(_features(model, batch), None)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        rate.step()
        if number % 10 == 0 or number == len(steps):
            sys.stderr.write(f"step {number} of {len(steps)}, loss {value.item():.3f}\n")
    after = model.state_dict()
    model.load_state_dict(
        {
            name: torch.lerp(before[name], tensor, share) if tensor.is_floating_point() else tensor
            for name, tensor in after.items()
        }
    )
    model.max_seq_length = full_length
    model.eval()
    model.save(str(out), create_model_card=False)


def _features(model: Any, batch: Sequence[Pair]) -> list[Any]:
    return [model.preprocess([pair.anchor for pair in batch]), model.preprocess([pair.positive for pair in batch])]


def _slope(step: int, steps: int) -> float:
    rising = max(int(steps * WARM_UP), 1)
    return (step + 1) / rising if step < rising else max((steps - step) / max(steps - rising, 1), 0.0)


def holds(before: Sequence[float], after: Sequence[float]) -> bool:
    """Tell whether ``after`` is not worse than ``before`` beyond chance: paired reciprocal ranks of one set.

    It holds unless the whole 95% interval of the mean difference (bootstrap) lies below zero.
    """
    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    return mean(differences).high >= 0.0


def _gate(sets: Sequence[Path], tuned: Path) -> None:
    """Compare the tuned model with the one in use on retrieval sets that it did not learn from."""
    new = SentenceTransformerEncoder(tuned)
    for path in sets:
        rows = list(read_rows(path.read_text(encoding="utf-8"), where=path.name))
        old_rank, new_rank = (_reciprocal(retrieval.evaluate(rows, encoder=encoder)) for encoder in (None, new))
        told = f"{path.name}: MRR {np.mean(old_rank):.3f} before, {np.mean(new_rank):.3f} after"
        if not holds(old_rank, new_rank):
            raise ModelError(f"{told}: worse, so nothing was written")
        sys.stderr.write(f"{told}\n")


def _reciprocal(report: Report) -> list[float]:
    return [1 / case["rank"] if case["rank"] else 0.0 for case in report.cases if case["gold"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, compare, export to the folder that was named, and print the manifest's hashes."""
    parser = argparse.ArgumentParser(prog="kibitz train", description="Fine-tune the encoder and export it")
    parser.add_argument("out", type=Path, help="folder for model.int8.onnx and tokenizer.json")
    parser.add_argument("--pairs", type=Path, default=resources.ROOT / "training" / "articles", metavar="FOLDER")
    parser.add_argument(
        "--gate",
        type=Path,
        action="append",
        default=[],
        metavar="JSONL",
        help="a retrieval set (docs/measuring.md) on which the result must not be worse; may be given several times",
    )
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            tuned = Path(scratch) / "tuned"
            tune(source_folder(), tuned, read_pairs(options.pairs))
            _gate(options.gate, tuned)
            hashes = export(options.out, source=tuned)
    except (KibitzError, ValueError) as error:
        sys.stderr.write(f"kibitz train: {error}\n")
        return 2
    for name, digest in hashes.items():
        sys.stdout.write(f'"{name}" = "{digest}"\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
