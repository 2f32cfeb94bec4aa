from __future__ import annotations

import pytest

from assist.text.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel? It should have come on Tuesday.", "en"),
        ("Wo bleibt mein Paket? Es hätte am Dienstag kommen sollen.", "de"),
        ("Où est mon colis ? Il devait arriver mardi.", "fr"),
        ("¿Dónde está mi paquete? Tenía que llegar el martes.", "es"),
    ],
)
def test_that_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert detect(text, hint="nl") == language


@pytest.mark.parametrize(("text", "hint", "language"), [("ok", "de-AT", "de"), ("👍👍", "", "en"), ("", "pt_BR", "pt")])
def test_that_a_text_too_short_to_tell_takes_the_profile_or_english(text: str, hint: str, language: str) -> None:
    assert detect(text, hint=hint) == language
