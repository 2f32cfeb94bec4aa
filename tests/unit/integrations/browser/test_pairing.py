"""Pairing by six digits: between the app and an extension that shares no code with it."""

from __future__ import annotations

import base64
import hashlib
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.browser.pairing import FAILED_WITHIN_S, MOST_FAILED, PAIRING_S, REST_S, six_digits
from integrations.browser.partner import (
    MOST_REFUSED,
    PROMPT_S,
    WAITING_S,
    Closed,
    CodeShown,
    Linked,
    PairingEnded,
)
from tests.helpers.partner import CHROMIUM, FIREFOX, Desk, Extension, committed, framed, spell, unframed


def wrong_at(code: str, place: int) -> str:
    """Return ``code`` with another digit at ``place``."""
    return code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]


def asked(desk: Desk, extension: Extension | None = None):
    """Return a line on which the code is shown."""
    line = desk.line(extension)
    line.extension.pair()
    line.go()
    return line


def fail_once(desk: Desk) -> None:
    line = asked(desk)
    line.extension.type_code(wrong_at(line.code, 0))
    line.go()
    assert line.extension.refusals == ["code"]


@pytest.mark.promise("S5")
@given(st.integers(0, 999_999), st.sampled_from([CHROMIUM, FIREFOX]))
def test_that_the_code_makes_a_pair_with_one_key_on_both_sides(number, origin):
    code = f"{number:06}"
    desk = Desk(code)
    line = asked(desk, Extension("Vivaldi", origin))
    assert line.events == [CodeShown(code, "Vivaldi", PAIRING_S)]
    line.extension.type_code(code)
    assert line.go() == [PairingEnded(ok=True, why="")]
    assert line.extension.paired
    assert desk.keys.pairs == {line.extension.id: (line.extension.key, "Vivaldi")}
    assert len(line.extension.key) == 32
    assert not desk.pairing.is_pairing


def test_that_a_session_follows_on_the_same_connection():
    line = Desk().paired()
    line.extension.hello()
    assert line.go()[0] == Linked(line.extension.id, "Chromium")


@pytest.mark.promise("S5")
@pytest.mark.parametrize("place", range(6))
def test_that_one_wrong_digit_is_refused_wherever_it_is(place):
    desk = Desk("471902")
    line = asked(desk)
    line.extension.type_code(wrong_at("471902", place))
    assert line.go() == [PairingEnded(ok=False, why="code")]
    assert line.extension.refusals == ["code"]
    assert not line.extension.paired
    assert desk.keys.pairs == {}


def test_that_the_app_tells_none_of_its_nonces_for_a_wrong_digit():
    line = asked(Desk("471902"))
    extension = line.extension
    extension.type_code("571902")
    line.app.receive(extension.outgoing())
    extension.hear(line.app.outgoing())
    line.app.receive(extension.outgoing())
    assert line.app.outgoing() == framed(b'{"t":"refused","why":"code"}')


def test_that_a_second_try_on_the_same_connection_has_another_code_and_id():
    desk = Desk("111111", "222222")
    line = asked(desk)
    first = line.extension.told_id
    line.extension.type_code("111112")
    line.go()
    line.extension.pair()
    line.go()
    assert line.code == "222222"
    assert line.extension.told_id != first
    line.extension.type_code("222222")
    line.go()
    assert line.extension.paired


def test_that_codes_are_six_digits_and_are_not_told_twice_in_a_row():
    codes = [six_digits() for _ in range(300)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes)) > 290
    assert {code[0] for code in codes} == set("0123456789")


@pytest.mark.promise("S5")
def test_that_pairing_rests_for_a_minute_after_three_failed_tries():
    desk = Desk()
    for _ in range(MOST_FAILED):
        fail_once(desk)
    desk.now_s = REST_S - 0.1
    resting = asked(desk)
    assert resting.events == []
    assert resting.extension.refusals == ["busy"]
    desk.now_s = REST_S
    assert isinstance(asked(desk).events[0], CodeShown)


def test_that_a_fourth_failure_within_ten_minutes_makes_it_rest_again():
    desk = Desk()
    for _ in range(MOST_FAILED):
        fail_once(desk)
    desk.now_s = 200.0
    fail_once(desk)
    assert asked(desk).extension.refusals == ["busy"]


@pytest.mark.promise("S5")
def test_that_each_rest_is_twice_as_long_as_the_one_before_up_to_an_hour():
    desk, tries = Desk(), 0
    while desk.now_s < 24 * 3_600:
        line = asked(desk)
        if line.extension.refusals == ["busy"]:
            desk.now_s += 10
        else:
            line.extension.write({"t": "refused", "why": "code"})
            line.go()
            tries += 1
    assert 60 < tries < 90


def test_that_a_pair_makes_the_next_rest_a_short_one():
    desk = Desk()
    for _ in range(MOST_FAILED):
        fail_once(desk)
    desk.now_s = REST_S
    fail_once(desk)
    desk.now_s += 2 * REST_S
    desk.paired()
    for _ in range(MOST_FAILED):
        fail_once(desk)
    desk.now_s += REST_S
    assert isinstance(asked(desk).events[0], CodeShown)


def test_that_failures_of_ten_minutes_ago_count_no_longer():
    desk = Desk()
    fail_once(desk)
    fail_once(desk)
    desk.now_s = FAILED_WITHIN_S
    fail_once(desk)
    assert isinstance(asked(desk).events[0], CodeShown)


def test_that_a_pair_forgives_the_failures_before_it():
    desk = Desk()
    fail_once(desk)
    fail_once(desk)
    desk.paired()
    fail_once(desk)
    assert isinstance(asked(desk).events[0], CodeShown)


@pytest.mark.parametrize("end", ["cancelled here", "cancelled there", "gone", "late", "out of order", "garbage"])
def test_that_every_try_that_makes_no_pair_counts_as_failed(end):
    desk = Desk()
    for _ in range(MOST_FAILED):
        line = asked(desk)
        match end:
            case "cancelled here":
                desk.pairing.cancel()
            case "cancelled there":
                line.write({"t": "refused", "why": "cancelled"})
            case "gone":
                line.app.end()
            case "late":
                desk.now_s += PAIRING_S
                line.go()
            case "out of order":
                line.write({"t": "reveal", "i": 0, "nonce": spell(bytes(32))})
            case "garbage":
                line.write(b"?")
        assert not desk.pairing.is_pairing
    assert asked(desk).extension.refusals == ["busy"]


def test_that_only_one_pairs_at_a_time():
    desk = Desk("123456")
    first, second = asked(desk), asked(desk)
    assert second.events == []
    assert second.extension.refusals == ["busy"]
    first.extension.type_code("123456")
    first.go()
    assert first.extension.paired
    second.extension.pair()
    second.go()
    assert isinstance(second.events[0], CodeShown)


def test_that_the_agent_can_cancel():
    desk = Desk("123456")
    line = asked(desk)
    desk.pairing.cancel()
    assert line.go() == [PairingEnded(ok=False, why="cancelled")]
    assert line.extension.refusals == ["cancelled"]
    line.extension.type_code("123456")
    assert line.go() == []
    assert not line.extension.paired
    desk.pairing.cancel()
    assert line.go() == []


def test_that_the_owner_is_woken_when_the_agent_cancels():
    desk, woken = Desk(), []
    line = desk.line()
    line.app._wake = lambda: woken.append(True)
    line.extension.pair()
    line.go()
    assert woken == []
    desk.pairing.cancel()
    assert woken == [True]


def test_that_the_extension_can_cancel():
    line = asked(Desk())
    assert line.write({"t": "refused", "why": "cancelled"}) == [PairingEnded(ok=False, why="cancelled")]


def test_that_a_code_is_void_after_two_minutes():
    desk = Desk("123456")
    line = asked(desk)
    desk.now_s = PAIRING_S - 0.1
    assert line.go() == []
    desk.now_s = PAIRING_S
    line.extension.type_code("123456")
    assert line.go() == [PairingEnded(ok=False, why="late")]
    assert line.extension.refusals == ["late"]
    assert not line.extension.paired


def test_that_a_code_is_void_even_between_the_last_two_digits():
    desk = Desk("123456")
    line = asked(desk)
    line.extension.type_code("123456")
    for _ in range(11):
        line.app.receive(line.extension.outgoing())
        line.extension.hear(line.app.outgoing())
    desk.now_s = PAIRING_S
    assert line.go() == [PairingEnded(ok=False, why="late")]
    assert desk.keys.pairs == {}


@pytest.mark.parametrize(
    "frames",
    [
        [{"t": "reveal", "i": 0, "nonce": spell(bytes(32))}],
        [{"t": "commit", "i": 1, "commit": spell(bytes(32))}],
        [{"t": "commit", "i": -1, "commit": spell(bytes(32))}],
        [{"t": "commit", "i": 0, "commit": spell(bytes(32))}] * 2,
        [{"t": "commit", "i": 0, "commit": spell(bytes(32))}, {"t": "reveal", "i": 1, "nonce": spell(bytes(32))}],
        [{"t": "paired"}],
        [{"t": "pairing"}],
        [{"t": "hello", "v": 1, "id": "0" * 16, "nonce": spell(bytes(32))}],
        [{"t": "pair", "v": 1, "name": "x", "key": spell(Extension().public)}],
        [{"n": 0, "c": spell(bytes(32))}],
    ],
    ids=lambda frames: " ".join(f"{each.get('t')}{each.get('i', '')}" for each in frames),
)
def test_that_another_order_is_refused(frames):
    line = asked(Desk())
    events = line.app.receive(b"".join(map(framed, frames)))
    assert events == [PairingEnded(ok=False, why="order")]
    assert unframed(line.app.outgoing())[-1] == {"t": "refused", "why": "order"}


@pytest.mark.parametrize(
    "payload",
    [
        {"t": "commit", "i": 0},
        {"t": "commit", "i": 0, "commit": spell(bytes(31))},
        {"t": "commit", "i": 0, "commit": "?"},
        {"t": "commit", "i": False, "commit": spell(bytes(32))},
        {"t": "commit", "i": "0", "commit": spell(bytes(32))},
        {"t": "commit", "commit": spell(bytes(32))},
    ],
    ids=repr,
)
def test_that_an_unreadable_round_ends_the_connection(payload):
    line = asked(Desk())
    events = line.write(payload)
    assert events[0] == PairingEnded(ok=False, why="gone")
    assert isinstance(events[1], Closed)
    assert line.app.is_closed


def test_that_a_nonce_of_another_length_reveals_nothing():
    """A key that HMAC pads with zeros would be a second opening of the same commitment."""
    line = asked(Desk("000000"))
    extension = line.extension
    nonce = bytes(range(31))
    ours = committed(nonce, b"ext", 0, "0", extension.public, extension._app_key)
    assert line.app.receive(framed({"t": "commit", "i": 0, "commit": spell(ours)})) == []
    events = line.app.receive(framed({"t": "reveal", "i": 0, "nonce": spell(nonce)}))
    assert [type(event) for event in events] == [PairingEnded, Closed]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 41},
        {"name": "a\nb"},
        {"name": "a\u202eb"},
        {"name": "\ud800"},
        {"name": 5},
        {"name": None},
        {"key": ""},
        {"key": spell(bytes(65))},
        {"key": spell(b"\x04" + hashlib.sha512(b"not on the curve").digest())},
        {"key": spell(bytes(64))},
        {"key": None},
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"v": None},
    ],
    ids=repr,
)
def test_that_a_pairing_that_cannot_be_ends_the_connection_and_shows_no_code(change):
    desk = Desk()
    line = desk.line()
    line.write({"t": "pair", "v": 1, "name": "Chromium", "key": spell(Extension().public), **change})
    assert [type(event) for event in line.events] == [Closed]
    assert not desk.pairing.is_pairing


def test_that_another_version_is_told_before_the_end():
    line = Desk().line()
    line.write({"t": "pair", "v": 2})
    assert line.extension.refusals == ["version"]
    assert line.app.is_closed


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "first",
    [
        {"host": 1, "origin": "chrome-extension://abcdefghijklmnopabcdefghijklmnoo/"},
        {"host": 1, "origin": CHROMIUM.upper()},
        {"host": 1, "origin": CHROMIUM.rstrip("/")},
        {"host": 1, "origin": ""},
        {"host": 1, "origin": None},
        {"host": 1, "origin": [CHROMIUM]},
        {"host": 1},
        {"host": 2, "origin": CHROMIUM},
        {"host": True, "origin": CHROMIUM},
        {"t": "pair", "v": 1, "name": "x", "key": spell(b"\x04" * 65)},
        {"t": "hello", "v": 1, "id": "0" * 16, "nonce": spell(bytes(32))},
    ],
    ids=repr,
)
def test_that_only_a_host_for_the_own_extension_is_listened_to(first):
    desk = Desk()
    app = desk.connection()
    events = app.receive(framed(first) + framed({"t": "pair", "v": 1, "name": "x", "key": spell(Extension().public)}))
    assert [type(event) for event in events] == [Closed]
    assert app.outgoing() == b""


def test_that_nobody_waits_in_the_line_for_ever():
    desk = Desk()
    silent = desk.connection()
    waiting = desk.line()
    waiting.go()
    desk.now_s = PROMPT_S - 0.1
    assert silent.tick() == []
    desk.now_s = PROMPT_S
    assert isinstance(silent.tick()[0], Closed)
    desk.now_s = WAITING_S - 0.1
    assert waiting.go() == []
    desk.now_s = WAITING_S
    assert isinstance(waiting.go()[0], Closed)


def test_that_who_is_refused_again_and_again_is_dropped():
    line = Desk().line()
    hello = {"t": "hello", "v": 1, "id": "0" * 16, "nonce": spell(bytes(32))}
    for count in range(1, MOST_REFUSED + 1):
        assert not line.app.is_closed
        line.write(hello)
        assert len(line.extension.refusals) == count
    assert line.app.is_closed
    assert line.write(hello) == []


def test_that_what_was_under_way_when_a_try_ended_is_passed_over():
    line = asked(Desk())
    line.write({"t": "refused", "why": "code"})
    for late in ({"t": "commit", "i": 0, "commit": "x"}, {"t": "reveal"}, {"t": "refused", "why": "code"}):
        assert line.write(late) == []
    assert not line.app.is_closed
    assert line.extension.refusals == []


@pytest.mark.promise("S3")
@pytest.mark.promise("S5")
def test_that_code_and_key_are_in_no_repr_and_no_log(caplog):
    caplog.set_level(logging.DEBUG)
    desk = Desk("471902")
    line = asked(desk)
    attempt = line.app._attempt
    shown = [repr(attempt), *map(repr, line.events)]
    line.extension.type_code("471902")
    line.go()
    line.extension.hello()
    line.go()
    shown += [*map(repr, line.events), repr(line.app)]
    line.write(b"the end")
    everything = " ".join([*shown, *map(repr, line.events), *caplog.messages])
    assert "the browser link ended" in everything
    secrets = (line.extension.key, attempt.key, attempt._secret)
    for secret in ("471902", *map(repr, secrets), *map(spell, secrets), *(each.hex() for each in secrets)):
        assert secret not in everything


def test_that_the_id_is_sixteen_hex_digits():
    line = asked(Desk())
    assert len(base64.b16decode(line.extension.told_id, casefold=True)) == 8
    assert line.extension.told_id == line.extension.told_id.lower()
