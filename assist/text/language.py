"""Which language a text is in, through py3langid, with the doubt that short texts deserve."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl")
MIN_CHARS = 12
MIN_CONFIDENCE = 0.8

_lock = threading.Lock()


def detect(text: str, *, hint: str = "") -> str:
    """Return a two-letter code; where the text cannot tell, ``hint`` (the customer's profile language), else ``en``."""
    fallback = hint.lower().replace("_", "-").split("-")[0] or "en"
    sample = " ".join(text.split())[:600]
    if sum(letter.isalpha() for letter in sample) < MIN_CHARS:
        return fallback
    with _lock:
        language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= MIN_CONFIDENCE else fallback


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
