"""What an agent is told of each kind of error, and what the one button does."""

from __future__ import annotations

import inspect

import pytest

from assist import errors
from assist.errors import (
    HelpdeskError,
    KibitzError,
    Moved,
    NotAllowed,
    NotGranted,
    NotThere,
    Retryable,
    SignInNeeded,
    StoreError,
    Unanswered,
    UnexpectedReply,
    Unreachable,
)
from desktop.panel.state import Action, Footer
from desktop.troubles import TABLE, is_passing, needs_sign_in, sentence, told, trouble

EXPECTED = {
    SignInNeeded: ("Signed out of Acme", Action.SIGN_IN, "Sign in"),
    NotAllowed: ("Acme does not let you see this", Action.WHY, "Why?"),
    NotThere: ("This ticket is not there", Action.OPEN_HELPDESK, "Open in the helpdesk"),
    Unreachable: ("Acme cannot be reached", Action.RETRY, "Try again"),
    UnexpectedReply: ("Acme answered in a way that Kibitz does not know", Action.SAVE_REPORT, "Save a report …"),
    NotGranted: ("Acme does not let you change this", Action.SIGN_IN, "Sign in again"),
    Unanswered: ("Nobody knows whether that was carried out", Action.OPEN_HELPDESK, "Open in the helpdesk"),
    Moved: ("The ticket changed meanwhile", Action.RETRY, "Read it again"),
    StoreError: ("Kibitz cannot keep anything", Action.OPEN_DATA_FOLDER, "Open the data folder"),
}


@pytest.mark.parametrize(("kind", "expected"), EXPECTED.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_that_each_kind_of_error_has_a_title_a_sentence_and_one_button(kind, expected):
    state = trouble(kind("the reason"), Footer(account="Acme"), "Acme")

    assert (state.title, state.action, state.action_label) == expected
    assert state.advice.endswith(".")
    assert state.footer == Footer(account="Acme")


def test_that_no_error_of_a_helpdesk_is_without_words():
    kinds = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, HelpdeskError)]
    for kind in kinds:
        if kind is not HelpdeskError:
            assert any(issubclass(kind, known) for known, _ in TABLE), kind
        assert told(kind("x")).action is not Action.NONE


def test_that_only_the_reason_of_a_refusal_stands_behind_why():
    assert trouble(NotAllowed("Your plan ends here."), Footer(), "Acme").why == "Your plan ends here."
    assert trouble(UnexpectedReply("odd (418)"), Footer(), "Acme").why == ""


def test_that_how_long_it_lasts_is_said_before_what_to_expect():
    state = trouble(Unreachable("Zendesk asks to wait 3 minutes before the next request"), Footer(), "Acme")

    assert state.advice.startswith("Zendesk asks to wait 3 minutes before the next request. Kibitz tries again")


def test_that_a_notice_is_one_sentence_with_a_mark_at_its_end():
    assert sentence(Unreachable("zendesk has a fault (500)")) == "Zendesk has a fault (500)."
    assert sentence(StoreError("The disk is full.")) == "The disk is full."
    assert sentence(UnexpectedReply("Zendesk refused a request (418)")) == (
        "The helpdesk answered in a way that Kibitz does not know."
    )
    assert sentence(ValueError("anything a customer wrote")) == "Something went wrong inside Kibitz."
    assert sentence(KibitzError("")) == "Something went wrong inside Kibitz."


def test_that_only_what_passes_is_tried_again_by_itself():
    kinds = (Unreachable, Retryable, NotThere, UnexpectedReply, Unanswered)
    assert [is_passing(kind("x")) for kind in kinds] == [True, True, False, False, False]


def test_that_a_sign_in_that_is_needed_marks_the_account_as_out_of_reach():
    state = needs_sign_in("Acme", Footer())

    assert (state.title, state.action, state.footer.offline) == ("Signed out of Acme", Action.SIGN_IN, True)
