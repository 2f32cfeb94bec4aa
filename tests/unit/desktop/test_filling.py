"""Using a macro whose placeholders Kibitz could not all fill: the helpdesk fills them, if it does so in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from assist.acts import RenderedMacro
from assist.domain import Decision, SourceKind
from assist.errors import NotAllowed, Unreachable
from tests.helpers.builders import a_source
from tests.helpers.fakes import help_for, table
from tests.helpers.links import AgentsDesk, after_opening, page

RENDERED = RenderedMacro(text="Your order TT-1 is on its way.")


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def desk(at):
    return AgentsDesk(at)


def offers(at, *slots, text="Your order [order number] is on its way.", source=None):
    """Let the only reply be one with these open slots."""
    [reply] = (help_ := help_for(7)).replies
    reply = replace(reply, text=text, open_slots=slots, source=source or a_source("macro:12"))
    at.engine.answers[7] = [replace(help_, replies=(reply,))]


def used(at):
    return [event.text for event in at.events() if isinstance(event, Decision)]


def test_that_open_slots_of_a_macro_are_filled_by_the_helpdesk_and_that_text_is_logged(at, desk):
    offers(at, "[order number]")
    at.helpdesk.rendered[12] = RENDERED
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), RENDERED.text)]
    assert used(at) == [RENDERED.text]


def test_that_a_macro_without_open_slots_is_used_as_it_was_read(at, desk):
    offers(at, text="Hello.")
    at.helpdesk.rendered[12] = RENDERED
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), "Hello.")]
    assert at.helpdesk.count("rendered_macro") == 0


def test_that_a_past_reply_with_brackets_is_never_taken_for_a_macro(at, desk):
    offers(at, "[order number]", source=a_source("reply:12:5", kind=SourceKind.PAST_REPLY))
    after_opening(at, desk.use)
    assert at.helpdesk.count("rendered_macro") == 0
    assert used(at) == ["Your order [order number] is on its way."]


@pytest.mark.parametrize("answer", [None, RenderedMacro(), Unreachable("no answer"), NotAllowed("no")])
def test_that_where_the_helpdesk_cannot_render_the_slots_stay_open(at, desk, answer):
    offers(at, "[order number]")
    at.helpdesk.rendered[12] = answer
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), "Your order [order number] is on its way.")]


def test_that_a_helpdesk_that_takes_its_time_is_not_waited_for_long(at, desk, monkeypatch):
    monkeypatch.setattr("desktop.filling.FILL_S", 0.01)
    offers(at, "[order number]")

    async def hold(what, _about):
        if what == "rendered_macro":
            await asyncio.Event().wait()

    at.helpdesk.wait = hold
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), "Your order [order number] is on its way.")]


def test_that_a_reply_is_used_though_newer_help_judged_it_differently_while_the_helpdesk_filled(at, desk):
    offers(at, "[order number]")
    at.helpdesk.rendered[12] = RENDERED

    async def judge_again(what, _about):
        front = at.session._front
        if what == "rendered_macro":
            [reply] = front.help.replies
            newer = replace(front.help, replies=(replace(reply, confidence=reply.confidence / 2),))
            front.take(newer, front.opened)

    at.helpdesk.wait = judge_again
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), RENDERED.text)]
    assert used(at) == [RENDERED.text]


@pytest.mark.promise("N5")
def test_that_nothing_is_logged_or_inserted_when_another_ticket_came_while_the_helpdesk_filled(at, desk):
    offers(at, "[order number]")
    at.helpdesk.rendered[12] = RENDERED

    async def switch(what, _about):
        if what == "rendered_macro":
            at.session.open(at.ref(8))

    at.helpdesk.wait = switch
    after_opening(at, desk.use)
    assert (desk.browsers.inserted, desk.clipboard, used(at)) == ([], [], [])


def test_that_a_rendering_that_fills_no_slot_leaves_the_text_that_was_read(at, desk):
    offers(at, "[date]", text="It left on [date].")
    at.helpdesk.rendered[12] = RenderedMacro(text="It left on [date], we think.")
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), "It left on [date].")]


def test_that_the_signature_of_a_macro_is_left_to_the_helpdesk(at, desk):
    offers(at, "[order number]")
    at.helpdesk.rendered[12] = RenderedMacro(text="Your order TT-1 is on its way.\n\n--\nMaya\nTarn & Tor")
    after_opening(at, desk.use)
    assert desk.browsers.inserted == [(page(7), "Your order TT-1 is on its way.")]
