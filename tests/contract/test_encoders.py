"""What every encoder promises (`assist.ports.Encoder`)."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.encoders import multilingual as multilingual_encoder
from assist.encoders.minilm import load
from assist.ports import Encoder
from resources import ROOT
from tests.helpers.encoders import HashingEncoder

TEXTS = [
    "How do I return an item?",
    "",
    "Wie kann ich einen Artikel zurücksenden? " * 3,
    "   \n\t ",
    "お誕生日おめでとう!山でまた会いましょう。",
    "كل عام وأنتم بخير",
    "🎒💦❓😬",
    "a",
    "TT-204518",
    "word " * 40,
    "half a \ud83d smile",
]


def minilm() -> Encoder:
    return load(ROOT / "models")


def multilingual() -> Encoder:
    return multilingual_encoder.load(ROOT / "models")


def sentence_transformer() -> Encoder:
    from assist.encoders.sentence import SentenceTransformerEncoder
    from assist.training.export import source_folder

    pytest.importorskip("sentence_transformers", reason="needs the extra `train`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch's own, of its own parts
        return SentenceTransformerEncoder(source_folder())


@pytest.fixture(
    scope="module",
    params=[HashingEncoder, minilm, multilingual, pytest.param(sentence_transformer, marks=pytest.mark.train)],
    ids=["hashing", "minilm", "multilingual", "sentence-transformers"],
)
def encoder(request) -> Encoder:
    return request.param()


def test_that_rows_are_float32_and_of_the_dimension_it_names(encoder):
    vectors = encoder.encode(TEXTS)

    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    assert encoder.dimension in {256, 384}


def test_that_rows_are_of_unit_length_and_blank_texts_give_zero(encoder):
    lengths = np.linalg.norm(encoder.encode(TEXTS), axis=1)

    assert lengths == pytest.approx([1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1], abs=1e-4)


def test_that_no_texts_give_no_rows(encoder):
    assert encoder.encode([]).shape == (0, encoder.dimension)
    assert encoder.encode([" "]).tolist() == [[0.0] * encoder.dimension]


def test_that_the_same_texts_give_the_same_bytes(encoder):
    assert encoder.encode(TEXTS).tobytes() == encoder.encode(TEXTS).tobytes()


def test_that_a_vector_does_not_depend_on_its_batch_or_its_place(encoder):
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    backwards = encoder.encode(TEXTS[::-1])[::-1]

    assert together == pytest.approx(alone, abs=1e-5)
    assert together == pytest.approx(backwards, abs=1e-5)


def test_that_order_is_kept_among_texts_of_all_lengths(encoder):
    words = ["tent", "boot", "stove", "refund", "parcel", "jacket", "filter", "invoice", "gift card", "repair"]
    texts = [f"{word} " * (1 + 7 * (number % 4)) for number, word in enumerate(words)]
    vectors = encoder.encode(texts)
    questions = encoder.encode(words)

    assert (questions @ vectors.T).argmax(axis=1).tolist() == list(range(len(words)))


def test_that_a_text_beyond_all_limits_is_cut_and_not_refused(encoder):
    book = "My tent pole snapped. " * 20_000

    (whole,) = encoder.encode([book])

    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-4)
    pole, stove = encoder.encode(["My tent pole snapped. " * 20, "Gas cartridges travel by road. " * 20])
    assert whole @ pole > 0.8 > whole @ stove


def test_that_like_meanings_are_nearer_than_unlike_ones(encoder):
    question, answer, other = encoder.encode(
        ["How do I return my boots?", "Return boots within 60 days", "Gas cartridges travel by road"]
    )

    assert question @ answer > question @ other + 0.1


def test_that_its_name_tells_model_and_revision(encoder):
    assert encoder.name
    assert encoder.name != HashingEncoder(name="another@1").name


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=80), max_size=5))
def test_that_any_text_at_all_gives_unit_rows_or_zero(encoder, texts):
    lengths = np.linalg.norm(encoder.encode(texts), axis=1)

    assert all(length == pytest.approx(1, abs=1e-3) or length == 0 for length in lengths)
