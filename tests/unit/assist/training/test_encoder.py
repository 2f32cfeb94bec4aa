from __future__ import annotations

import json
import warnings

import pytest

from assist.training.pairs import FILES, Pair, batches, read_pairs
from resources import ROOT


def test_that_each_question_is_paired_with_its_article_and_with_its_rephrasings(tmp_path):
    article = {"kb": "shop", "title": "Returns", "text": "Send it back.", "queries": ["return?", "send back", "no fit"]}
    for name in FILES:
        rows = [article, {"kb": "shop", "unanswered": ["?"]}] if name == "shops" else []
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    found = [(pair.anchor, pair.positive) for pair in read_pairs(tmp_path)]

    passage = "Returns\nSend it back."
    assert found == [
        ("return?", passage),
        ("send back", passage),
        ("no fit", passage),
        ("return?", "send back"),
        ("return?", "no fit"),
    ]


def test_that_no_batch_holds_two_pairs_of_one_article_and_every_full_batch_comes():
    pairs = [Pair(f"q{a}.{q}", f"a{a}", f"article{a}", f"kb{a // 6}") for a in range(24) for q in range(4)]

    made = list(batches(pairs, size=8, seed=5))

    assert all(len({pair.article for pair in batch}) == len(batch) for batch in made)
    assert sorted(pair.anchor for batch in made for pair in batch) == sorted(pair.anchor for pair in pairs)
    assert made == list(batches(pairs, size=8, seed=5))


def test_that_the_held_out_languages_are_never_learned_from():
    learned = {pair.positive for pair in read_pairs(ROOT / "training" / "articles")}
    held_out = (ROOT / "training" / "articles" / "languages-test.jsonl").read_text(encoding="utf-8").splitlines()

    assert len(held_out) == 40
    assert not any(f"{row['title']['en']}\n{row['text']['en']}" in learned for row in map(json.loads, held_out))


@pytest.mark.train
@pytest.mark.slow
def test_that_training_twice_gives_the_same_model(tmp_path):
    pytest.importorskip("torch")
    from assist.training.encoder import tune
    from assist.training.export import source_folder

    pairs = read_pairs(ROOT / "training" / "articles")[:16]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name in ("one", "two"):
            tune(source_folder(), tmp_path / name, pairs)

    one, two = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one != next(source_folder().glob("*.safetensors")).read_bytes()


@pytest.mark.train
def test_that_a_model_that_is_worse_beyond_chance_is_refused_and_one_that_is_even_is_kept():
    pytest.importorskip("sentence_transformers")
    from assist.training.encoder import holds

    assert holds([1.0, 0.5] * 40, [0.5, 1.0] * 40)
    assert holds([0.5] * 80, [0.6] * 80)
    assert not holds([1.0] * 80, [0.5, 1.0, 1.0, 1.0] * 20)
