"""Which language a text is in, through CLD2, with the doubt that short texts deserve.

CLD2 was chosen for its 4 MB and 50 µs, and for short texts, where it errs least (docs/adr/0002-dependencies.md).
"""

from __future__ import annotations

import re

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
LEAST_OWN, LEAST_OF_ALL = 1 / 3, 1 / 8
"""Shares of a customer's own words, and of all of the text, that make the profile's language theirs beside English."""
_NOT_OWN = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|[“„\"«][^“”\"»\n]*[“”\"»]?|:[ \t][^.!?\n]*")
"""Addresses, what is quoted, and what follows a colon: error messages and names of things are mostly English."""
_SENTENCE = re.compile(r"[^.!?;\n()\[\]]+")


def detect(text: str, *, hint: str = "") -> str:
    """Return a two-letter code; where the text cannot tell, ``hint`` (the customer's profile language), else ``en``.

    A text that is mostly English is in the profile's language where enough of the customer's own words are.
    """
    fallback = hint.lower().replace("_", "-").split("-")[0] or "en"
    code = _main(text, hint, fallback)
    return fallback if code == "en" != fallback and _writes(text[:SAMPLE_CHARS], fallback) else code


def _main(text: str, hint: str, fallback: str) -> str:
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


def _writes(text: str, language: str) -> bool:
    """Tell whether sentences of the customer's own in ``language`` stand in an otherwise English text."""
    own = theirs = 0
    for sentence in _SENTENCE.findall(_NOT_OWN.sub("\n", text)):
        letters = sum(map(str.isalpha, sentence))
        if letters >= MIN_LETTERS:
            own += letters
            theirs += letters if _main(sentence, "", "en") == language else 0
    return theirs > 0 and theirs >= max(own * LEAST_OWN, sum(map(str.isalpha, text)) * LEAST_OF_ALL)
