"""The second encoder: pieces, the packed table, its files, and that languages meet in one space."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.encoders.multilingual import Pieces, PieceTable, load, pack
from assist.errors import ModelError
from resources import ROOT

PIECES = Pieces(
    ["<unk>", "<s>", "</s>", "▁", "▁re", "▁refund", "fund", "s", "ß"],
    np.array([0, 0, 0, -3, -4, -6, -4, -2, -5], dtype=np.float32),
)


def test_that_the_likeliest_way_to_cut_a_text_is_taken():
    assert PIECES.ids("refunds") == [1, 5, 7, 2]


def test_that_blanks_are_one_and_wide_letters_are_narrow():
    assert PIECES.ids("  ｒefund\n\t refund ") == PIECES.ids("refund refund") == [1, 5, 5, 2]


def test_that_what_no_piece_holds_is_unknown_letter_by_letter():
    assert PIECES.ids("refundßxy") == [1, 5, 8, 0, 0, 2]


@given(text=st.text(alphabet="refunds ßé", max_size=40))
def test_that_pieces_begin_and_end_and_are_in_the_vocabulary(text):
    first, *inner, last = PIECES.ids(text)

    assert (first, last) == (1, 2)
    assert all(0 <= id_ < len(PIECES.texts) for id_ in inner)


def test_that_a_packed_row_comes_back_within_half_a_step_or_its_clipped_end():
    rows = np.random.default_rng(5).normal(size=(20, 64)).astype(np.float32) * np.arange(1, 21)[:, np.newaxis]
    rows[3] = 0.25
    packed, low, step = pack(rows.astype(np.float32))
    back = PieceTable(packed, low, step).vectors(range(20))

    assert packed.dtype == np.uint8
    assert packed.shape == (20, 32)
    assert back[3] == pytest.approx(rows[3], abs=1e-3)
    inside = (rows > low[:, np.newaxis]) & (rows < (low + 15 * step.astype(np.float32))[:, np.newaxis])
    assert np.all((np.abs(back - rows) <= 0.55 * step[:, np.newaxis]) | ~inside)
    assert inside.mean() > 0.85


def test_that_a_question_is_nearest_to_its_answer_in_any_of_five_languages():
    encoder = load(ROOT / "models")
    answers = encoder.encode(["Block a lost card", "Change your delivery address", "Cancel your subscription"])
    questions = encoder.encode(
        [
            "Meine Karte ist weg",
            "j'ai perdu ma carte",
            "Ich bin umgezogen, bitte woanders hin liefern",
            "quiero darme de baja",
            "quero cancelar a assinatura",
        ]
    )

    assert (questions @ answers.T).argmax(axis=1).tolist() == [0, 0, 1, 2, 2]


def test_that_its_files_are_read_when_it_is_first_asked():
    encoder = load(ROOT / "models")

    assert not encoder.is_loaded
    encoder.encode(["Hallo"])
    assert encoder.is_loaded


def test_that_changed_files_are_refused(tmp_path):
    shutil.copy(ROOT / "models" / "manifest.toml", tmp_path)
    shutil.copytree(ROOT / "models" / "multilingual", tmp_path / "multilingual")
    with (tmp_path / "multilingual" / "words.npz").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ModelError, match="not the one that was approved"):
        load(tmp_path).encode(["Hallo"])


def test_that_a_manifest_without_it_is_refused(tmp_path):
    (tmp_path / "manifest.toml").write_text("[model]\n", encoding="utf-8")

    with pytest.raises(ModelError, match="names no multilingual"):
        load(tmp_path)
