"""What an agent is told when something failed: for each kind of error a title, a sentence and one button.

The only place that puts an error into words for a window. The error's own words are Kibitz's too and name no
customer; they stand behind *Why*, or after the sentence where they say how long it will last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from assist.errors import (
    EngineDown,
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
from desktop.i18n import tr
from desktop.panel.state import Action, Footer, Trouble


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of an error. ``advice`` tells what to do or expect; ``own_words`` adds the error's to it."""

    title: str
    advice: str
    action: Action
    label: str
    own_words: bool = False


def _sign_in_needed(site: str) -> Told:
    return Told(
        tr("Signed out of {site}", site=site),
        tr("The helpdesk no longer accepts the credentials. What was read before stays here."),
        Action.SIGN_IN,
        tr("Sign in"),
    )


def _not_allowed(site: str) -> Told:
    return Told(
        tr("{site} does not let you see this", site=site),
        tr("Your role or your plan does not include it. Everything else goes on as usual."),
        Action.WHY,
        tr("Why?"),
    )


def _not_granted(site: str) -> Told:
    return Told(
        tr("{site} does not let you change this", site=site),
        tr("Your role does not include it, or you signed in for reading only. Nothing was changed."),
        Action.SIGN_IN,
        tr("Sign in again"),
    )


def _unanswered(site: str) -> Told:
    return Told(
        tr("Nobody knows whether that was carried out"),
        tr("{site} did not answer. Look at the ticket there before you try again.", site=site),
        Action.OPEN_HELPDESK,
        tr("Open in the helpdesk"),
    )


def _not_there(site: str) -> Told:
    return Told(
        tr("This ticket is not there"),
        tr("{site} says that it was deleted or merged, or that you may not see it.", site=site),
        Action.OPEN_HELPDESK,
        tr("Open in the helpdesk"),
    )


def _unreachable(site: str) -> Told:
    return Told(
        tr("{site} cannot be reached", site=site),
        tr("Kibitz tries again by itself; what it has read before stays here."),
        Action.RETRY,
        tr("Try again"),
        own_words=True,
    )


def _unexpected(site: str) -> Told:
    return Told(
        tr("{site} answered in a way that Kibitz does not know", site=site),
        tr("Nothing was changed. A report says what the answer looked like, and holds nothing that anybody wrote."),
        Action.SAVE_REPORT,
        tr("Save a report …"),
    )


def _moved(_site: str) -> Told:
    return Told(
        tr("The ticket changed meanwhile"),
        tr("Somebody wrote or changed something after you looked. Nothing was sent; look at it again first."),
        Action.RETRY,
        tr("Read it again"),
    )


def _store(_site: str) -> Told:
    return Told(
        tr("Kibitz cannot keep anything"),
        tr("Help is still shown, and nothing can be used until there is room on the disk and the folder is writable."),
        Action.OPEN_DATA_FOLDER,
        tr("Open the data folder"),
        own_words=True,
    )


def _engine(_site: str) -> Told:
    return Told(
        tr("The search is starting again"),
        tr("Meanwhile Kibitz searches by words alone."),
        Action.RETRY,
        tr("Try again"),
    )


def _other(_site: str) -> Told:
    return Told(
        tr("Something went wrong inside Kibitz"),
        tr("It goes on. A report helps whoever looks after Kibitz, and holds nothing that anybody wrote."),
        Action.SAVE_REPORT,
        tr("Save a report …"),
    )


TABLE: tuple[tuple[type[KibitzError], Callable[[str], Told]], ...] = (
    (SignInNeeded, _sign_in_needed),
    (NotGranted, _not_granted),
    (NotAllowed, _not_allowed),
    (NotThere, _not_there),
    (Moved, _moved),
    (Unanswered, _unanswered),
    (Unreachable, _unreachable),
    (Retryable, _unreachable),
    (UnexpectedReply, _unexpected),
    (StoreError, _store),
    (EngineDown, _engine),
)
"""The first that fits an error says what is told of it."""


def told(error: BaseException, site: str = "") -> Told:
    """Return what is said of ``error``. ``site`` is the account as it is shown to the agent."""
    make = next((make for kind, make in TABLE if isinstance(error, kind)), _other)
    found = make(site or tr("The helpdesk"))
    if found.own_words and isinstance(error, KibitzError) and str(error):
        return replace(found, advice=f"{_ended(str(error))} {found.advice}")
    return found


def trouble(error: BaseException, footer: Footer, site: str = "") -> Trouble:
    """Return the state of the panel for something that could not be had at all."""
    said = told(error, site)
    why = str(error) if said.action is Action.WHY else ""
    return Trouble(said.title, said.advice, said.action, said.label, footer, why=why)


def sentence(error: BaseException) -> str:
    """Return one line for a notice: the error's own words where they are Kibitz's, else the title of its kind."""
    if isinstance(error, UnexpectedReply) or not isinstance(error, KibitzError) or not str(error):
        return _ended(told(error).title)
    return _ended(str(error))


def needs_sign_in(site: str, footer: Footer) -> Trouble:
    return trouble(SignInNeeded(""), replace(footer, offline=True), site)


def is_passing(error: HelpdeskError) -> bool:
    """Say whether waiting may help, so that Kibitz tries again by itself."""
    return isinstance(error, Unreachable | Retryable) and not isinstance(error, Unanswered)


def _ended(said: str) -> str:
    """Return ``said`` as a sentence: with a large letter at its start and a mark at its end."""
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."
