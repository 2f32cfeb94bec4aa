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

import resources
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
"""Of a training text; passages are shorter, and longer ones cost twice the time."""
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, export to the folder that was named, and print the manifest's hashes."""
    parser = argparse.ArgumentParser(prog="kibitz train", description="Fine-tune the encoder and export it")
    parser.add_argument("out", type=Path, help="folder for model.int8.onnx and tokenizer.json")
    parser.add_argument("--pairs", type=Path, default=resources.ROOT / "training" / "articles", metavar="FOLDER")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        tuned = Path(scratch) / "tuned"
        tune(source_folder(), tuned, read_pairs(options.pairs))
        hashes = export(options.out, source=tuned)
    for name, digest in hashes.items():
        sys.stdout.write(f'"{name}" = "{digest}"\n')


if __name__ == "__main__":
    main()
