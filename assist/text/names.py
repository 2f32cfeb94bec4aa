# ruff: noqa: E501 - patterns of many words
"""People's names in a reply: those of the ticket in every form, and third persons by cues, lists and shapes.

No model: the cues (titles, greetings, kinship, "signed by"), a list of given and family names (resources/names.txt) and shapes
of names (initials, prefixes, endings, other scripts). German writes every noun large, so there a capital alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from assist.text.introductions import greeted, mailbox_names
from assist.text.name_tokens import Token, is_other_script, is_plain, spellings, stem, tokenise
from assist.text.name_words import (
    BEFORE_NAME,
    BEFORE_ONE,
    COMMON,
    COMMON_ENDINGS,
    DOERS,
    ENDINGS,
    ENDINGS_DE,
    GREETING,
    HELLO,
    KIN,
    LOWER_TITLES,
    NOUNS,
    OURS,
    PARTICLES,
    PLACES,
    PREFIXED,
    PREPOSITIONS_DE,
    SHORT_TITLES,
    SUFFIXES,
    TITLES,
    WORD,
    fold,
    listed_names,
    stop_words,
)


def name_spans(
    text: str, *, known: Iterable[str], language: str, ordinary: Container[str] = frozenset()
) -> list[tuple[int, int]]:
    """Return [start, end) of every name in ``text``, without overlaps, in order.

    Args:
        text: What an agent wrote.
        known: Names of the people of that ticket, whole or in part; an address stands for the names in it.
        language: Of ``text``; in German a capital alone is no evidence.
        ordinary: Folded words that the shop itself writes large, its products say: alone or in pairs no names.
    """
    finder = _Finder(text, language, ordinary)
    finder.known(known)
    finder.cued()
    finder.listed()
    finder.paired()
    return finder.found()


class _Finder:
    def __init__(self, text: str, language: str, ordinary: Container[str]) -> None:
        self._text = text
        self._language = language
        self._ordinary = ordinary
        self._german = language == "de"
        self._tokens = tokenise(text)
        self._spans: list[tuple[int, int]] = []
        self._open = [(m.start(), m.end()) for m in re.finditer(r"\[[^\[\]\n]{2,60}\]", text)]

    def found(self) -> list[tuple[int, int]]:
        merged: list[tuple[int, int]] = []
        for start, end in sorted(set(self._spans)):
            if any(start < last and first < end for first, last in self._open):
                continue
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif merged and re.fullmatch(r"[ ]|-|\. ", self._text[merged[-1][1] : start]):
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        return merged

    # --- people of the ticket

    def known(self, names: Iterable[str]) -> None:
        whole = {name.strip() for name in names if len(name.strip()) > 1}
        for name in whole:
            if " " in name or not WORD.fullmatch(name):
                for match in re.finditer(rf"(?<!\w){re.escape(name)}(?:['’]s)?(?!\w)", self._text, re.IGNORECASE):
                    self._take(match.start(), match.end())
        parts = {
            part
            for name in whole
            for part in (mailbox_names(name) if "@" in name else WORD.findall(name))
            if len(part) > 2 or not part.isascii()
        }
        forms = {
            form
            for part in parts
            for piece in {part, *part.split("-")}
            if len(piece) > 2 or not piece.isascii()
            for form in spellings(piece)
        }
        for place, token in enumerate(self._tokens):
            if self._is_known(token, forms):
                first = self._back_to_initial(place)
                self._take(first, token.end)

    def _is_known(self, token: Token, forms: set[str]) -> bool:
        if not self._names(token, forms):
            return False
        folded = fold(token.word)
        if folded in stop_words() or folded in PARTICLES or folded in {"best", "price", "long", "call", "day"}:
            return token.is_large and not token.opens
        return token.is_large or len(folded) > 3 or folded not in listed_names()[2]

    def _names(self, token: Token, forms: set[str]) -> bool:
        folded = fold(token.word)
        if folded in forms or any(piece in forms and len(piece) > 2 for piece in folded.split("-")):
            return True
        return token.is_large and any(
            folded.endswith(suffix) and len(stem := folded.removesuffix(suffix)) > 2 and stem in forms
            for suffix in SUFFIXES
        )

    # --- third persons

    def cued(self) -> None:
        for match in GREETING.finditer(self._text):
            hello = HELLO.match(match[0].strip()) is not None
            if greeted(match["v"]) and (
                match["v"][0].isupper() or (" " not in match["v"] and (hello or fold(match["v"]) in listed_names()[0]))
            ):
                self._take(*match.span("v"))
        for match in BEFORE_NAME.finditer(self._text):
            place = next((at for at, token in enumerate(self._tokens) if token.start >= match.end()), None)
            if place is not None and self._tokens[place].start == match.end():
                self._take_person(place, sure=not self._german)
        for place, token in enumerate(self._tokens[:-1]):
            if token.lower in TITLES or token.word in SHORT_TITLES.get(self._language, ()):
                self._take_titled(place)
            elif token.lower in KIN:
                self._take_kin(place)

    def _take_titled(self, place: int) -> None:
        following = self._tokens[place + 1]
        if self._gap(place) not in (" ", ". ", "."):
            return
        if (following.is_large and not is_plain(following)) or following.word.isupper():
            self._take(self._tokens[place].start, self._sequence_end(place + 1))
        elif (
            self._tokens[place].lower in LOWER_TITLES
            and following.lower not in stop_words()
            and len(following.word) > 2
            and following.lower not in PARTICLES
        ):
            self._take(self._tokens[place].start, following.end)

    def _take_kin(self, place: int) -> None:
        token = self._tokens[place]
        before = self._tokens[place - 1].lower if place else ""
        following = self._tokens[place + 1]
        gap = self._gap(place)
        if gap == " " and not (token.lower == "partner" and before in OURS):
            self._take_person(place + 1, sure=not self._german or before not in ("", "der", "die", "dem", "den"))
        elif (gap in (", ", " (", ": ", " – ", " - ", ". ") and following.is_large and self._listed(following)) or (
            gap in (", ", " (") and not self._german and following.is_large and not is_plain(following)
        ):
            self._take(following.start, self._sequence_end(place + 1))

    def _take_person(self, place: int, *, sure: bool) -> None:
        """Take the name at ``place``, if it is one: where not ``sure``, a list or a second capital has to say so."""
        token = self._tokens[place]
        folded = fold(token.word)
        if folded in TITLES or token.lower in KIN:
            return
        if not token.is_large:
            given, _, also = listed_names()
            if folded in given and folded not in also and folded not in stop_words():
                self._take(token.start, token.end)
            return
        if is_plain(token) or (token.word.isupper() and len(token.word) > 1 and not self._listed(token)):
            return
        end = self._sequence_end(place)
        if sure or self._listed(token) or end > token.end:
            self._take(token.start, end)

    def listed(self) -> None:
        given, family, also = listed_names()
        for place, token in enumerate(self._tokens):
            if any(start <= token.start < end for start, end in self._spans) or self._is_place(place):
                continue
            if not token.is_large:
                if is_other_script(token.word, self._text):
                    self._take(token.start, token.end)
                continue
            folded = stem(fold(token.word), given | family)
            alone = folded not in also and not is_plain(token)
            if is_other_script(token.word, self._text) or PREFIXED.match(token.word):
                self._take(token.start, token.end)
            elif (folded in given or any(piece in given and piece not in also for piece in folded.split("-"))) and (
                alone or self._goes_on(place)
            ):
                self._take(token.start, self._sequence_end(place))
            elif folded in family and alone and not token.opens:
                self._take(self._back_to_given(place), token.end)
            elif self._is_shaped(place, alone=alone):
                self._take(self._back_to_given(place), self._sequence_end(place) if not self._german else token.end)
            elif folded in given and self._is_called(place):
                self._take(token.start, token.end)

    def paired(self) -> None:
        """Two capitals in a row within a sentence that nobody writes large otherwise; in German only after a preposition."""
        for place, token in enumerate(self._tokens[:-1]):
            before = self._tokens[place - 1].lower if place else ""
            if token.opens or self._gap(place) not in (
                " ",
                " de ",
                " da ",
                " do ",
                " dos ",
                " van ",
                " von ",
                " di ",
                " del ",
            ):
                continue
            if self._german and before not in PREPOSITIONS_DE:
                continue
            following = self._tokens[place + 1]
            if following.lower in PARTICLES and not following.is_large:
                following = (
                    self._tokens[place + 2] if place + 2 < len(self._tokens) and self._gap(place + 1) == " " else token
                )
            if before in BEFORE_ONE and not self._german and self._may_be_name(token) and len(token.word) > 2:
                self._take(token.start, self._sequence_end(place))
            elif following is not token and self._may_be_name(token) and self._may_be_name(following):
                self._take(token.start, max(self._sequence_end(place), following.end))

    def _may_be_name(self, token: Token) -> bool:
        folded = fold(token.word)
        return (
            token.is_large
            and token.word[1:].replace("-", "").replace("'", "").replace("’", "") != ""
            and not token.word[1:].isupper()
            and not is_plain(token)
            and folded not in COMMON
            and folded not in self._ordinary
            and not COMMON_ENDINGS.search(folded)
            and not re.match(r"[ -]?\d", self._text[token.end : token.end + 2])
        )

    def _is_shaped(self, place: int, *, alone: bool) -> bool:
        token = self._tokens[place]
        if not alone or len(token.word) < 4:
            return False
        if self._initial_before(place):
            return True
        if not token.word[1:].islower():
            return False
        if not token.opens and (ENDINGS_DE if self._german else ENDINGS).search(token.lower):
            return True
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        after = self._tokens[place + 2] if place + 2 < len(self._tokens) else None
        return (
            not self._german
            and following is not None
            and after is not None
            and self._gap(place) == " "
            and following.word[0].isupper()
            and following.word[1:].islower()
            and not is_plain(following)
            and after.lower in DOERS
        )

    def _initial_before(self, place: int) -> bool:
        if not place:
            return False
        before = self._tokens[place - 1]
        return (
            len(before.word) == 1
            and before.is_large
            and self._gap(place - 1) in (". ", ".")
            and before.word not in ("I", "A")
            and not before.opens
        )

    def _is_place(self, place: int) -> bool:
        return bool(place) and self._tokens[place - 1].lower in PLACES and self._gap(place - 1) in (" ", ". ", "-")

    def _is_called(self, place: int) -> bool:
        """Spoken to: ", Mark." or ", Rose!" at the end of a sentence."""
        token = self._tokens[place]
        return bool(re.search(r"\w, $", self._text[: token.start])) and bool(
            re.match(r"[.!?]?(?:\n|$)|[!?]", self._text[token.end :])
        )

    def _goes_on(self, place: int) -> bool:
        """Whether a family name follows a given name that is a word too."""
        if place + 1 >= len(self._tokens) or self._gap(place) != " ":
            return False
        following = self._tokens[place + 1]
        folded = fold(following.word)
        if not following.is_large or is_plain(following) or following.word.isupper():
            return False
        _, family, _ = listed_names()
        return folded in family or (
            not self._german and bool(PREFIXED.match(following.word) or ENDINGS.search(following.lower))
        )

    def _listed(self, token: Token) -> bool:
        given, family, _ = listed_names()
        folded = fold(token.word)
        return folded in given or folded in family or any(piece in given for piece in folded.split("-"))

    # --- how far a name reaches

    def _sequence_end(self, place: int) -> int:
        """Return where the name that begins at ``place`` ends: capitals, initials and particles, four words at most."""
        given, _, _ = listed_names()
        end = self._tokens[place].end
        for at in range(place, min(place + 4, len(self._tokens) - 1)):
            following = self._tokens[at + 1]
            gap = self._gap(at)
            initial = len(self._tokens[at].word) == 1 and gap in (". ", ".")
            if not (gap in (" ", "-") or initial):
                break
            if following.lower in PARTICLES and not following.is_large:
                after = self._tokens[at + 2] if at + 2 < len(self._tokens) else None
                if (
                    after is None
                    or self._text[following.end : after.start] != " "
                    or not (after.is_large or after.lower in PARTICLES)
                    or (following.lower in ("y", "e", "of", "zu", "zur", "vom") and self._german)
                ):
                    break
                continue
            if not following.is_large or is_plain(following) or following.lower in KIN:
                break
            if self._german and at > place and not (self._listed(following) or fold(self._tokens[at].word) in given):
                break
            if self._german and fold(following.word) in NOUNS:
                break
            end = following.end + (
                1 if len(following.word) == 1 and self._text[following.end : following.end + 1] == "." else 0
            )
        return end

    def _back_to_given(self, place: int) -> int:
        """Return where the name that ends at ``place`` begins: an initial, or in other than German a capital before."""
        start = self._back_to_initial(place)
        if start != self._tokens[place].start or not place or self._gap(place - 1) != " ":
            return start
        before = self._tokens[place - 1]
        plain = is_plain(before) or before.lower in KIN
        return (
            before.start if before.is_large and not self._german and not plain and self._may_be_name(before) else start
        )

    def _back_to_initial(self, place: int) -> int:
        return self._tokens[place - 1].start if self._initial_before(place) else self._tokens[place].start

    def _gap(self, place: int) -> str:
        return self._text[self._tokens[place].end : self._tokens[place + 1].start]

    def _take(self, start: int, end: int) -> None:
        self._spans.append((start, end))
