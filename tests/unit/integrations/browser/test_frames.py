"""Frames: bounded, in any pieces, and nothing but JSON objects."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.browser.frames import DEEPEST, MAX_FRAME_BYTES, BadFrame, FrameReader, frame
from tests.helpers.partner import framed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
OBJECTS = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=8,
    ),
    max_size=4,
)


def deep(levels: int) -> bytes:
    """Return an object with ``levels - 1`` lists in it."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_that_a_frame_is_a_little_endian_length_and_compact_utf_8():
    assert frame({"t": "é"}) == b'\x0a\0\0\0{"t":"\xc3\xa9"}'
    assert frame({"t": "é"}, order="big") == b'\0\0\0\x0a{"t":"\xc3\xa9"}'


def test_that_half_a_surrogate_pair_is_written_as_a_question_mark():
    assert frame({"t": "a\ud83d"}) == framed(b'{"t":"a?"}')


@given(st.lists(OBJECTS, max_size=4), st.data())
def test_that_frames_arrive_whole_however_they_are_cut(objects, data):
    stream = b"".join(frame(each) for each in objects)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader, found = FrameReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += reader.feed(stream[start:end])
    assert found == objects


def test_that_a_frame_of_the_browser_s_byte_order_is_read():
    assert FrameReader(order=sys.byteorder).feed(frame({"a": 1}, order=sys.byteorder)) == [{"a": 1}]


def test_that_the_longest_frame_passes_and_one_more_byte_does_not():
    fits = {"a": "x" * (MAX_FRAME_BYTES - len('{"a":""}'))}
    assert FrameReader().feed(frame(fits)) == [fits]
    with pytest.raises(BadFrame):
        frame({"a": fits["a"] + "x"})


@pytest.mark.promise("S5")
@pytest.mark.parametrize("length", [0, MAX_FRAME_BYTES + 1, 2**31, 2**32 - 1])
def test_that_a_length_out_of_bounds_is_refused_before_anything_of_it_is_kept(length):
    with pytest.raises(BadFrame):
        FrameReader().feed(length.to_bytes(4, "little"))


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"[]",
        b"null",
        b'"t"',
        b"{",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1,}',
        b'{"a":1}{}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":"\n"}',
        b"[" * 200_000,
        b'{"a":' * 50_000,
        deep(DEEPEST + 1),
        deep(900),
    ],
    ids=lambda body: repr(body[:16]),
)
def test_that_anything_but_a_shallow_json_object_is_refused(body):
    with pytest.raises(BadFrame) as caught:
        FrameReader().feed(framed(body))
    assert caught.value.__cause__ is None  # it would hold what came


def test_that_an_object_may_be_as_deep_as_is_allowed():
    assert FrameReader().feed(framed(deep(DEEPEST))) == [json.loads(deep(DEEPEST))]


def test_that_the_frames_before_a_bad_one_are_seen():
    seen = FrameReader().frames(framed({"a": 1}) + framed(b"x"))
    assert next(seen) == {"a": 1}
    with pytest.raises(BadFrame):
        next(seen)


@pytest.mark.promise("S5")
@given(st.binary(max_size=400) | st.builds(framed, st.binary(min_size=1, max_size=400)))
def test_that_bytes_become_objects_or_are_refused(data):
    try:
        found = FrameReader().feed(data)
    except BadFrame:
        return
    assert all(isinstance(each, dict) for each in found)
