"""Somebody between app and extension, with keys of his own and without the code."""

from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.browser.partner import Closed, PairingEnded
from tests.helpers.partner import Desk, Extension, committed, framed, spell, unframed

CODES = st.integers(0, 999_999).map(lambda number: f"{number:06}")


class Middle:
    """Plays the app to the extension and the extension to the app, with the best that there is to do.

    In each round it must commit to a guess before the extension reveals. What that reveals tells it the digit
    (one of ten), in time for the app's half of the same round.
    """

    def __init__(self, desk: Desk, extension: Extension, guess: str) -> None:
        self._guess = guess
        self._extension = extension
        self._to_app = Extension(name=extension.name)
        self._app = desk.connection()
        self.events: list = []
        self._own = Extension()

    def pair(self) -> str:
        """Let both begin; return the code that the app shows."""
        self._extension.connect()
        self._extension.pair()
        _, asked = unframed(self._extension.outgoing())
        self._their_key = base64.b64decode(asked["key"])
        self._to_app.connect()
        self._to_app.pair()
        [told] = self._ask_app(self._to_app.outgoing())
        self._app_key = base64.b64decode(told["key"])
        self._ask_extension({"t": "pairing", "key": spell(self._own.public), "id": told["id"]})
        return self.events[0].code

    def carry(self) -> None:
        """Do both halves of all rounds, as far as either side goes along."""
        commit = self._frames_of_extension()[0]
        for place in range(6):
            digit, commit = self._extension_s_round(place, commit)
            if digit and not any(isinstance(event, PairingEnded) for event in self.events):
                self._app_s_round(place, digit)
            if commit is None:
                return
        self._ask_extension({"t": "paired"})

    def _extension_s_round(self, place: int, commit: dict) -> tuple[str, dict | None]:
        nonce = secrets.token_bytes(32)
        keys = (self._their_key, self._own.public)
        ours = committed(nonce, b"app", place, self._guess[place], *keys)
        [revealed] = self._ask_extension({"t": "commit", "i": place, "commit": spell(ours)})
        theirs = base64.b64decode(revealed["nonce"])
        [digit] = [
            each for each in "0123456789" if spell(committed(theirs, b"ext", place, each, *keys)) == commit["commit"]
        ]
        following = self._ask_extension({"t": "reveal", "i": place, "nonce": spell(nonce)})
        if following and following[0]["t"] == "refused":
            return digit, None
        return digit, following[0] if following else commit

    def _app_s_round(self, place: int, digit: str) -> None:
        nonce = secrets.token_bytes(32)
        ours = committed(nonce, b"ext", place, digit, self._to_app.public, self._app_key)
        self._ask_app(framed({"t": "commit", "i": place, "commit": spell(ours)}))
        self._ask_app(framed({"t": "reveal", "i": place, "nonce": spell(nonce)}))

    def _ask_app(self, data: bytes) -> list[dict]:
        self.events += self._app.receive(data)
        return unframed(self._app.outgoing())

    def _ask_extension(self, payload: dict) -> list[dict]:
        self._extension.hear(framed(payload))
        return self._frames_of_extension()

    def _frames_of_extension(self) -> list[dict]:
        return unframed(self._extension.outgoing())


def pair_through_the_middle(code: str, guess: str) -> tuple[Desk, Extension, Middle]:
    desk, extension = Desk(code), Extension()
    middle = Middle(desk, extension, guess)
    extension.type_code(middle.pair())
    middle.carry()
    return desk, extension, middle


@pytest.mark.promise("S5")
@given(CODES, CODES)
def test_that_a_man_in_the_middle_is_paired_only_as_far_as_he_guesses(code, guess):
    desk, extension, _ = pair_through_the_middle(code, guess)
    assert extension.paired == (guess == code)
    # The extension's last reveal tells him the last digit before the app asks for it.
    assert bool(desk.keys.pairs) == (guess[:5] == code[:5])


@pytest.mark.promise("S5")
@given(CODES, st.integers(0, 5), st.integers(1, 9))
def test_that_one_wrong_guess_is_enough_to_be_found_out(code, place, by):
    guess = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    desk, extension, middle = pair_through_the_middle(code, guess)
    assert not extension.paired
    assert bool(desk.keys.pairs) == (place == 5)
    if place < 5:
        assert desk.pairing.is_pairing
        middle._app.end()
        assert not desk.pairing.is_pairing


@given(CODES)
def test_that_even_one_who_guesses_all_has_two_keys_and_not_that_of_the_two(code):
    desk, extension, _ = pair_through_the_middle(code, code)
    [(key, _)] = desk.keys.pairs.values()
    assert key != extension.key
    assert list(desk.keys.pairs) == [extension.id]
    line = desk.line(Extension(id=extension.id, key=extension.key))
    line.extension.hello()
    line.app.receive(line.extension.outgoing())
    line.extension.answers = False
    line.app.outgoing()
    line.extension.write({"n": 0, "c": spell(bytes(48))})
    assert [type(event) for event in line.app.receive(line.extension.outgoing())] == [Closed]


@pytest.mark.promise("S5")
@given(CODES, CODES)
def test_that_a_program_that_guesses_at_the_app_is_paired_only_by_the_code(code, guess):
    desk = Desk(code)
    line = desk.line()
    line.extension.pair()
    line.go()
    line.extension.type_code(guess)
    line.go()
    assert bool(desk.keys.pairs) == (guess == code)


@given(CODES)
def test_that_who_swaps_the_keys_and_relays_the_rest_is_found_out_at_once(code):
    desk, extension = Desk(code), Extension()
    line = desk.line(extension)
    extension.pair()
    first, asked = unframed(extension.outgoing())
    events = line.app.receive(framed(first) + framed({**asked, "key": spell(Extension().public)}))
    extension.hear(line.app.outgoing())
    extension.type_code(code)
    events += line.go()
    assert events[-1] == PairingEnded(ok=False, why="code")
    assert not extension.paired
