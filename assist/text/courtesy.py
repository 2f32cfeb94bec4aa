"""Greetings: taken off another customer's reply, and put on again for this one."""

from __future__ import annotations

import re

_GREETING = re.compile(
    r"\A\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hiya|hallo|guten (?:tag|morgen|abend)|"
    r"sehr geehrte[rs]?|liebe[r]?|moin|servus|grüß gott|bonjour|bonsoir|cher|chère|hola|buen[oa]s (?:días|tardes|noches)|"
    r"estimad[oa]|olá|oi|bom dia|boa (?:tarde|noite)|prezad[oa])\b(?: again| there| zurück| nochmals?)?"
    r"[^\n.!?]{0,60}?[,.!:–-]*[ \t]*\n+)",
    re.IGNORECASE,
)
_INLINE_GREETING = re.compile(
    r"\A\s*(?:hi|hello|hey|dear|hallo|guten tag|bonjour|hola|olá)(?:[ \t]+[\w'’.-]{1,30}){0,3}[ \t]*[,!:][ \t]+(?=\S)",
    re.IGNORECASE,
)
_GREET = {
    "en": "Hi {name},",
    "de": "Guten Tag {name},",
    "fr": "Bonjour {name},",
    "es": "Hola, {name}:",
    "pt": "Olá, {name},",
    "it": "Buongiorno {name},",
    "nl": "Hallo {name},",
    "pl": "Dzień dobry {name},",
}
_GREET_NAMELESS = {
    "en": "Hello,",
    "de": "Guten Tag,",
    "fr": "Bonjour,",
    "es": "Hola:",
    "pt": "Olá,",
    "it": "Buongiorno,",
    "nl": "Hallo,",
    "pl": "Dzień dobry,",
}


def without_greeting(text: str) -> str:
    """Return ``text`` without its opening salutation; unchanged where that would leave nothing."""
    rest = _GREETING.sub("", text, count=1)
    if rest == text:
        rest, greeted = _INLINE_GREETING.subn("", text, count=1)
        rest = rest[:1].upper() + rest[1:] if greeted else rest
    return rest.strip() or text.strip()


def greeting(language: str, customer_name: str) -> str:
    """Return a salutation for this customer; German takes the full name, the others the first name."""
    name = customer_name.strip() if language == "de" else first_name(customer_name)
    if not name:
        return _GREET_NAMELESS.get(language, _GREET_NAMELESS["en"])
    return _GREET.get(language, _GREET["en"]).format(name=name)


def first_name(full_name: str) -> str:
    """Return the first word of a person's name, or nothing for an address or a number."""
    word = full_name.strip().split(" ")[0].strip(",")
    return word if word and "@" not in word and any(letter.isalpha() for letter in word) else ""
