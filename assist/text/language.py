"""Which language a text is in, through CLD2, with the doubt that short texts deserve.

CLD2 was chosen for its 4 MB and 50 µs, and for short texts, where it errs least (docs/adr/0002-dependencies.md).
"""

from __future__ import annotations

import pycld2

from assist.text.spelling_profile import SPELLED, by_spelling

LANGUAGES = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "pl"})
"""What Kibitz expects; a short text that looks like another language is rather a name or a typo."""
UNDERSTOOD = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "tr", "ar", "zh", "ja", "ko", "th"})
"""What the encoders learned; tickets in any other language are found mostly by words (docs/adr/0013-languages.md)."""
MIN_LETTERS = 8
SHORT_LETTERS = 40
SAMPLE_CHARS = 1_500
SURE, SURE_AGAINST_HINT = 2.0, 6.0
"""Lead in log odds from which the spelling of a short text is believed."""


def detect(text: str, *, hint: str = "") -> str:
    """Return a two-letter code; where the text cannot tell, ``hint`` (the customer's profile language), else ``en``."""
    fallback = hint.lower().replace("_", "-").split("-")[0] or "en"
    sample = " ".join(text[:SAMPLE_CHARS].encode("utf-8", "ignore").decode().split())
    if not sample.isprintable():
        sample = "".join(c if c.isprintable() else " " for c in sample)
    letters = sum(map(str.isalpha, sample))
    if letters < MIN_LETTERS:
        return fallback
    try:
        reliable, _, guesses = pycld2.detect(sample, bestEffort=True)
    except pycld2.error:  # it refuses what it takes for broken UTF-8
        return fallback
    code = str(guesses[0][1]).split("-")[0]
    if letters >= SHORT_LETTERS:
        return code if code != "un" else fallback
    if reliable and code in LANGUAGES.difference(SPELLED):
        return code
    spelled, lead = by_spelling(sample)
    if lead >= (SURE_AGAINST_HINT if hint else SURE):
        return spelled
    agreed = code in LANGUAGES and (code == spelled or code not in SPELLED)
    return code if agreed and (reliable or not hint) else fallback
