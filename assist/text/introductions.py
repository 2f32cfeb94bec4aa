# ruff: noqa: E501 - patterns of many words
"""Who a conversation itself names: who is greeted, introduced or signs."""

from __future__ import annotations

import re

from assist.text.name_words import COMPANIES, GREETING, THANKS_LINE, TITLES, WORD, fold, stop_words


def harvest(text: str, *, signed: bool) -> set[str]:
    """Return the names that ``text`` gives of itself: who is greeted, who says "my name is", and who signs (``signed``)."""
    names = {name for match in GREETING.finditer(text) if (name := greeted(match["v"]))}
    own = re.compile(
        r"(?:my name is|this is|i am called|mein name ist|ich heiße|je m['’]appelle|me llamo|mi nombre es|meu nome é|chamo-me|me chamo) ((?:[^\W\d_a-z][\w'’-]+ ?){1,3})",
        re.IGNORECASE,
    )
    names |= {match[1].strip() for match in own.finditer(text) if match[1][0].isupper()}
    lines = [line.strip(" ,.-–—!*") for line in text.strip().split("\n") if line.strip()]
    if signed and len(lines) > 1:
        last = WORD.findall(lines[-1])
        if (
            1 <= len(last) <= 4
            and len(lines[-1]) <= 40
            and not re.search(r"[\d@?:]", lines[-1])
            and not {fold(w) for w in last} & (THANKS_LINE | stop_words() | COMPANIES)
        ):
            names.add(" ".join(last))
    for address in re.findall(r"[\w.+-]+@[\w.-]+", text):
        names |= set(mailbox_names(address))
    return {name for name in names if len(name) > 2}


def mailbox_names(address: str) -> list[str]:
    """Return the words of an address's local part that may be names: ``ines.caldeira84@…`` gives ines and caldeira."""
    roles = {
        "info",
        "mail",
        "office",
        "contact",
        "kontakt",
        "support",
        "hello",
        "shop",
        "sales",
        "admin",
        "service",
        "post",
        "home",
        "team",
        "the",
        "help",
        "orders",
    }
    return [
        part
        for part in re.split(r"[^a-zA-ZÀ-ÿ]+", address.split("@", maxsplit=1)[0])
        if len(part) > 3 and part.lower() not in roles | stop_words()
    ]


def greeted(said: str) -> str:
    """Return the name in what follows a greeting, without titles; empty where it is nobody in particular."""
    words = said.split()
    while words and fold(words[0].strip(".")) in TITLES | {"fr", "hr", "m"}:
        words = words[1:]
    if not 1 <= len(words) <= 4 or {fold(word) for word in words} & (stop_words() | COMPANIES):
        return ""
    return " ".join(words) if not any(letter.isdigit() for letter in said) else ""
