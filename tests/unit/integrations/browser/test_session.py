"""Sessions: what proves a partner, and what ends a connection."""

from __future__ import annotations

import logging

import pytest

from integrations.browser.frames import BadFrame, FrameReader
from integrations.browser.messages import Draft, Elsewhere, Front, Insert, LinkSettings, Where
from integrations.browser.partner import PROMPT_S, Closed, Linked, NotLinked, Partner, Said
from integrations.browser.secure import MAX_CLEAR_BYTES
from tests.helpers.partner import Desk, Extension, framed, spell, unframed

URL = "https://acme.zendesk.com/agent/tickets/42"
FRONT = {"t": "front", "url": URL, "tab": 7, "composer": True}
SETTINGS = {"t": "settings", "origins": ["https://acme.zendesk.com"], "drafts": False}


def ends(events) -> bool:
    return [type(event) for event in events] == [Closed]


def test_that_the_app_tells_its_settings_first_and_then_what_it_is_asked_to():
    desk = Desk()
    line = desk.linked()
    line.app.send(Where())
    line.app.send(Insert("i-1", URL, "<p>Hallo 👋</p>", "Hallo 👋"))
    line.app.send(LinkSettings((), drafts=True))
    line.go()
    assert line.extension.heard == [
        SETTINGS,
        {"t": "where"},
        {"t": "insert", "id": "i-1", "url": URL, "html": "<p>Hallo 👋</p>", "text": "Hallo 👋"},
        {"t": "settings", "origins": [], "drafts": True},
    ]


def test_that_what_the_extension_says_is_told_in_order():
    line = Desk().linked()
    line.extension.say(FRONT)
    line.extension.say({"t": "draft", "tab": 7, "url": URL, "text": "Dear"})
    line.extension.say({"t": "later", "than": "this app"})
    line.extension.say({"t": "elsewhere"})
    assert line.go() == [Said(Front(URL, 7, composer=True)), Said(Draft(7, URL, "Dear")), Said(Elsewhere())]


@pytest.mark.promise("S5")
def test_that_a_greeting_alone_links_nobody():
    desk = Desk()
    line = desk.paired()
    thief = desk.line(Extension(id=line.extension.id, key=bytes(32), answers=False))
    thief.extension.write({"t": "hello", "v": 1, "id": line.extension.id, "nonce": spell(bytes(32))})
    assert thief.app.receive(thief.extension.outgoing()) == []
    assert not thief.app.is_linked
    with pytest.raises(NotLinked):
        thief.app.send(Where())
    desk.now_s = PROMPT_S
    assert ends(thief.app.tick())


@pytest.mark.promise("S5")
def test_that_a_thief_of_the_id_does_not_drop_the_partner():
    desk = Desk()
    line = desk.linked()
    thief = desk.connection()
    data = framed({"host": 1, "origin": line.extension.origin})
    data += framed({"t": "hello", "v": 1, "id": line.extension.id, "nonce": spell(bytes(32))})
    data += framed({"n": 0, "c": spell(bytes(64))})
    assert ends(thief.receive(data))
    assert line.go() == []
    assert line.app.is_linked


@pytest.mark.promise("S5")
def test_that_a_greeting_of_another_session_cannot_be_used_again():
    desk = Desk()
    line = desk.paired()
    extension = line.extension
    extension.hello()
    recorded = extension.outgoing()
    line.app.receive(recorded)
    extension.hear(line.app.outgoing())
    answer = extension.outgoing()
    assert line.app.receive(answer)[0] == Linked(extension.id, "Chromium")
    again = desk.line()
    again.go()
    assert ends(again.app.receive(recorded + answer))


@pytest.mark.parametrize("partner_id", ["0" * 16, "f" * 16])
def test_that_a_stranger_is_told_so_and_may_pair(partner_id):
    desk = Desk()
    line = desk.line(Extension(id=partner_id))
    line.extension.hello()
    assert line.go() == []
    assert line.extension.refusals == ["unknown"]
    line.extension.pair()
    assert line.go() != []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0" * 15},
        {"id": "0" * 15 + "g"},
        {"id": "0" * 15 + "٣"},
        {"id": 5},
        {"id": None},
        {"nonce": spell(bytes(31))},
        {"nonce": spell(bytes(33))},
        {"nonce": ""},
        {"nonce": None},
    ],
    ids=repr,
)
def test_that_a_greeting_that_cannot_be_ends_the_connection(change):
    line = Desk().line()
    assert ends(line.write({"t": "hello", "v": 1, "id": "0" * 16, "nonce": spell(bytes(32)), **change}))


@pytest.mark.promise("S5")
@pytest.mark.parametrize("version", [0, 2, "1", 1.0, True, None])
def test_that_another_version_ends_the_connection(version):
    desk = Desk()
    line = desk.line(desk.paired().extension)
    hello = {"t": "hello", "v": version, "id": line.extension.id, "nonce": spell(bytes(32))}
    assert ends(line.write(hello))
    assert line.extension.refusals == ["version"]


def sealed(extension: Extension) -> dict:
    """Return the frame that says what is in front next."""
    assert extension.session is not None
    return extension.session.seal(FRONT)


def replay(extension):
    frame = sealed(extension)
    return [frame, frame]


def older(extension):
    first, second = sealed(extension), sealed(extension)
    return [first, second, first]


def gap(extension):
    sealed(extension)
    return [sealed(extension)]


def wrong_tag(extension):
    frame = sealed(extension)
    flipped = ("B" if frame["c"][0] == "A" else "A") + frame["c"][1:]
    return [{**frame, "c": flipped}]


def short(extension):
    return [{**sealed(extension), "c": spell(b"short")}]


def empty(extension):
    return [{**sealed(extension), "c": ""}]


def renumbered(extension):
    first, second = sealed(extension), sealed(extension)
    return [first, {**first, "n": second["n"]}]


def clear(_):
    return [FRONT]


def greeting(extension):
    return [{"t": "hello", "v": 1, "id": extension.id, "nonce": spell(bytes(32))}]


def pairing(_):
    return [{"t": "pair", "v": 1, "name": "x", "key": spell(Extension().public)}]


def host(extension):
    return [{"host": 1, "origin": extension.origin}]


def refusal(_):
    return [{"t": "refused", "why": "code"}]


def more_fields(extension):
    return [{**sealed(extension), "t": "front"}]


def number_as_text(extension):
    frame = sealed(extension)
    return [{**frame, "n": str(frame["n"])}]


def number_as_fraction(extension):
    frame = sealed(extension)
    return [{**frame, "n": float(frame["n"])}]


def number_as_truth(extension):
    frame = sealed(extension)
    return [{**frame, "n": frame["n"] == 1}]


def not_json(extension):
    return [extension.session.seal(b"front")]


def not_an_object(extension):
    return [extension.session.seal(b"[]")]


def bad_message(extension):
    return [extension.session.seal({**FRONT, "tab": "7"})]


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "attack",
    [
        replay,
        older,
        gap,
        wrong_tag,
        short,
        empty,
        renumbered,
        clear,
        greeting,
        pairing,
        host,
        refusal,
        more_fields,
        number_as_text,
        number_as_fraction,
        number_as_truth,
        not_json,
        not_an_object,
        bad_message,
    ],
    ids=lambda attack: attack.__name__,
)
def test_that_anything_but_the_next_sealed_frame_ends_the_connection(attack):
    line = Desk().linked()
    *before, last = attack(line.extension)
    for payload in before:
        assert line.write(payload) == [Said(Front(URL, 7, composer=True))]
    assert ends(line.write(last))
    assert not line.app.is_linked
    assert line.extension.outgoing() == b""
    with pytest.raises(NotLinked):
        line.app.send(Where())


@pytest.mark.promise("S5")
def test_that_a_reflected_frame_ends_the_connection():
    line = Desk().paired()
    extension = line.extension
    extension.hello()
    line.app.receive(extension.outgoing())
    hello, settings = unframed(line.app.outgoing())
    assert hello["t"] == "hello"
    assert settings["n"] == 0
    assert ends(line.app.receive(framed(settings)))


def test_that_after_the_end_nothing_is_heard_and_nothing_is_written():
    line = Desk().linked()
    frames = [line.extension.session.seal(FRONT) for _ in range(2)]
    data = framed(frames[0]) + framed(b"?") + framed(frames[1])
    heard = line.app.receive(data)
    assert [type(event) for event in heard] == [Said, Closed]
    assert line.app.receive(framed(frames[1])) == []
    assert line.app.tick() == []
    assert line.app.end() == []
    assert line.app.outgoing() == b""


def test_that_a_connection_in_use_stays_however_quiet_it_is():
    desk = Desk()
    line = desk.linked()
    desk.now_s = 1_000_000.0
    assert line.go() == []
    line.extension.say(FRONT)
    assert line.go() == [Said(Front(URL, 7, composer=True))]


def test_that_the_end_of_the_socket_is_told_once():
    line = Desk().linked()
    assert line.app.end() == [Closed("gone")]
    assert line.app.end() == []


def test_that_the_newest_connection_of_a_partner_replaces_the_one_before():
    desk = Desk()
    old = desk.linked()
    new = desk.line(Extension(id=old.extension.id, key=old.extension.key))
    new.extension.hello()
    new.go()
    assert new.app.is_linked
    assert old.app.tick() == [Closed("replaced")]
    assert new.go() == []
    old.app.end()
    new.extension.say(FRONT)
    assert new.go() == [Said(Front(URL, 7, composer=True))]


def test_that_the_owner_is_woken_when_a_connection_is_replaced():
    desk, woken = Desk(), []
    old = desk.linked()
    old.app._wake = lambda: woken.append(True)
    new = desk.line(Extension(id=old.extension.id, key=old.extension.key))
    new.extension.hello()
    new.go()
    assert woken == [True]


def test_that_a_connection_that_has_ended_is_not_woken_by_a_newer_one():
    desk, woken = Desk(), []
    old = desk.linked()
    old.app._wake = lambda: woken.append(True)
    old.app.end()
    new = desk.line(Extension(id=old.extension.id, key=old.extension.key))
    new.extension.hello()
    new.go()
    assert new.app.is_linked
    assert woken == []


def test_that_two_browsers_are_linked_at_once_and_hear_only_what_is_theirs():
    desk = Desk()
    one, two = desk.linked(), desk.linked(Extension("Firefox"))
    one.app.send(Where())
    two.extension.say(FRONT)
    assert one.go() == []
    assert two.go() == [Said(Front(URL, 7, composer=True))]
    assert one.extension.heard == [SETTINGS, {"t": "where"}]
    assert two.extension.heard == [SETTINGS]
    frame = one.extension.session.seal(FRONT)
    assert ends(two.write(frame))
    assert one.app.is_linked


def test_that_keys_are_new_in_each_session():
    desk = Desk()
    line = desk.linked()
    before = line.extension.session
    again = desk.line(line.extension)
    again.extension.hello()
    again.go()
    assert again.app.is_linked
    assert not {before.to_app, before.to_extension} & {
        line.extension.session.to_app,
        line.extension.session.to_extension,
    }


def test_that_a_reply_too_long_for_a_frame_is_refused_and_the_session_goes_on():
    line = Desk().linked()
    with pytest.raises(BadFrame):
        line.app.send(Insert("1", URL, "x" * MAX_CLEAR_BYTES, ""))
    line.app.send(Where())
    line.go()
    assert line.extension.heard == [SETTINGS, {"t": "where"}]


def test_that_a_long_draft_in_any_script_fits():
    line = Desk().linked()
    text = "長" * 20_000
    line.extension.say({"t": "draft", "tab": 7, "url": URL, "text": text})
    assert line.go() == [Said(Draft(7, URL, text))]


def test_that_a_partner_is_forgotten_by_its_key():
    desk = Desk()
    line = desk.linked()
    desk.keys.pairs.clear()
    again = desk.line(line.extension)
    again.extension.hello()
    again.go()
    assert again.extension.refusals == ["unknown"]


def test_that_every_byte_alone_is_as_good_as_all_at_once():
    line = Desk().paired()
    extension = line.extension
    extension.hello()

    def drip(app: Partner, data: bytes) -> list:
        return [event for byte in data for event in app.receive(bytes([byte]))]

    assert drip(line.app, extension.outgoing()) == []
    extension.hear(line.app.outgoing())
    extension.say(FRONT)
    assert drip(line.app, extension.outgoing()) == [
        Linked(extension.id, "Chromium"),
        Said(Elsewhere()),
        Said(Front(URL, 7, composer=True)),
    ]


def test_that_what_is_written_are_whole_frames():
    line = Desk().linked()
    line.app.send(Where())
    reader = FrameReader()
    assert [raw["n"] for raw in reader.feed(line.app.outgoing())] == [1]


@pytest.mark.promise("S3")
def test_that_the_log_says_why_a_link_ended_and_nothing_of_what_was_said(caplog):
    caplog.set_level(logging.DEBUG)
    line = Desk().linked()
    line.extension.say({"t": "draft", "tab": 7, "url": URL, "text": "Dear Anna"})
    line.go()
    line.extension.say({"t": "front", "url": URL + "?secret=1", "tab": 7, "composer": True})
    line.go()
    assert caplog.messages == [
        "a connection of the browser link ended: an address that is more than scheme, host and path"
    ]
