"""The mathematics of the link against bytes that another implementation made (vectors.json says which)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from integrations.browser.frames import BadFrame, FrameReader, frame
from integrations.browser.messages import Draft, Front, LinkSettings, Where, read, write
from integrations.browser.secure import (
    MAX_CLEAR_BYTES,
    KeyPair,
    Opener,
    Sealer,
    commitment,
    from_base64,
    pair_key,
    session_keys,
)
from tests.helpers.partner import committed, derive

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
PAIRING, SESSION = VECTORS["pairing"], VECTORS["session"]


def decoded(text: str) -> bytes:
    return base64.b64decode(text)


KEYS = (decoded(PAIRING["extension_key"]), decoded(PAIRING["app_key"]))


def key_pair(scalar: str) -> KeyPair:
    return KeyPair(ec.derive_private_key(int.from_bytes(decoded(scalar), "big"), ec.SECP256R1()))


def test_that_both_sides_compute_the_known_secret():
    extension, app = key_pair(PAIRING["extension_private"]), key_pair(PAIRING["app_private"])
    assert (extension.public, app.public) == KEYS
    assert extension.secret_with(app.public) == app.secret_with(extension.public) == decoded(PAIRING["secret"])


@pytest.mark.parametrize("known", PAIRING["rounds"], ids=lambda known: f"digit {known['i']}")
def test_that_commitments_have_the_known_bytes(known):
    place, digit = known["i"], known["digit"]
    for side, name in ((b"ext", "extension"), (b"app", "app")):
        nonce, expected = decoded(known[f"{name}_nonce"]), decoded(known[f"{name}_commit"])
        assert commitment(nonce, side, place, digit, KEYS) == expected
        assert committed(nonce, side, place, digit, *KEYS) == expected


def test_that_the_keys_are_the_known_ones():
    key = pair_key(decoded(PAIRING["secret"]), KEYS)
    assert key == decoded(PAIRING["key"])
    assert key == derive(decoded(PAIRING["secret"]), b"".join(KEYS), b"kibitz link 1 pair", 32)
    both = session_keys(key, decoded(SESSION["extension_nonce"]), decoded(SESSION["app_nonce"]))
    assert both.to_app == decoded(SESSION["to_app"])
    assert both.to_extension == decoded(SESSION["to_extension"])


def test_that_what_the_app_says_has_the_known_bytes_on_the_socket():
    sealer = Sealer(decoded(SESSION["to_extension"]), b"a")
    said = [LinkSettings(("https://acme.zendesk.com",), drafts=False), Where()]
    for message, known in zip(said, SESSION["from_app"], strict=True):
        assert frame(sealer.seal(write(message))) == decoded(known["on_the_socket"])


def test_that_what_the_extension_said_is_understood():
    opener = Opener(decoded(SESSION["to_app"]), b"e")
    on_the_socket = b"".join(decoded(known["on_the_socket"]) for known in SESSION["from_extension"])
    url = "https://acme.zendesk.com/agent/tickets/42"
    assert [read(opener.open(raw)) for raw in FrameReader().feed(on_the_socket)] == [
        Front(url, 7, composer=True),
        Draft(7, url, "Grüße 👋"),
    ]


@pytest.mark.parametrize(
    "public",
    [
        b"",
        KEYS[0][:-1],
        KEYS[0] + b"\0",
        b"\x02" + KEYS[0][1:33],
        b"\x02" + KEYS[0][1:],
        bytes(65),
        b"\x04" + bytes(64),
        KEYS[0][:-1] + bytes([KEYS[0][-1] ^ 1]),
    ],
    ids=["none", "short", "long", "compressed", "other form", "zeros", "not on the curve", "one bit off"],
)
def test_that_a_point_off_the_curve_is_no_key(public):
    with pytest.raises(BadFrame):
        KeyPair().secret_with(public)


@pytest.mark.parametrize(
    "text", ["YQ", "YQ=", "YR==", "YQ==\n", " YQ==", "Y-_=", "YQ==YQ==", "é", "\ud800", None, 5, ["YQ=="], True]
)
def test_that_base64_has_one_spelling(text):
    assert from_base64("YQ==") == b"a"
    with pytest.raises(BadFrame):
        from_base64(text)


def test_that_a_message_too_long_to_seal_uses_nothing_up():
    key = bytes(32)
    sealer, opener = Sealer(key, b"a"), Opener(key, b"a")
    overhead = len('{"text":""}')
    with pytest.raises(BadFrame):
        sealer.seal({"text": "x" * (MAX_CLEAR_BYTES - overhead + 1)})
    longest = {"text": "x" * (MAX_CLEAR_BYTES - overhead)}
    [raw] = FrameReader().feed(frame(sealer.seal(longest)))
    assert raw["n"] == 0
    assert opener.open(raw) == longest
