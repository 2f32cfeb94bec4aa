"""What the accounts window can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assist.domain import AccountId, HelpdeskKind
from desktop.policy import Offered


class SignInWith(StrEnum):
    """How an account is signed in to. Freshdesk has API keys only."""

    API_TOKEN = "api-token"  # noqa: S105 - the name of a way, no secret
    OAUTH_TOKEN = "oauth-token"  # noqa: S105 - as above
    API_KEY = "api-key"


def is_sandbox(name: str, site: str) -> bool:
    """Tell whether an account is one to try things in. A name that the admin gave decides; else its address."""
    return "sandbox" in (name or site).casefold()


@dataclass(frozen=True, slots=True)
class Connected:
    """One account in the list. ``problem`` says what to do about it, if anything.

    ``name``, ``portal`` and ``client_id`` are as in `assist.store.records.Account`; ``brands`` are names.
    """

    account: AccountId
    kind: HelpdeskKind
    site: str
    agent_name: str = ""
    problem: str = ""
    name: str = ""
    portal: str = ""
    client_id: str = ""
    brands: tuple[str, ...] = ()
    notice: str = ""
    """What the agent should know about it, while it works still."""

    @property
    def is_sandbox(self) -> bool:
        return is_sandbox(self.name, self.site)


@dataclass(frozen=True, slots=True)
class Offer:
    """An account that only has to be signed in to. ``host`` is the one place that this talks to."""

    offered: Offered
    host: str

    @property
    def is_sandbox(self) -> bool:
        return is_sandbox(self.offered.name, self.host)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed into the form, as it was typed."""

    kind: HelpdeskKind
    site: str
    sign_in_with: SignInWith
    secret: str = field(repr=False)
    email: str = ""
    portal: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Editing:
    """The form waits to be filled in. ``errors`` are by field: ``site``, ``client``, ``email``, ``secret``,
    ``portal`` or ``form``."""

    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trying:
    """The credentials are being tried; nothing is kept yet."""

    site: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The account answered and is kept. ``agent_name`` is who Kibitz acts as."""

    site: str
    agent_name: str


FormState = Editing | Trying | Saved


@dataclass(frozen=True, slots=True)
class InBrowser:
    """The rest of the sign-in happens in the browser. ``opened`` is False where none could be opened."""

    host: str
    opened: bool = True


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The helpdesk let the agent in, and the account is kept."""

    host: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The sign-in ended without an account. ``title`` says what happened, ``advice`` what to do."""

    host: str
    title: str
    advice: str


Signing = InBrowser | SignedIn | Stopped


@dataclass(frozen=True, slots=True)
class FromLink:
    """Somebody's link wants the agent to sign in. ``is_connected`` says that the account is there already."""

    offer: Offer
    is_connected: bool = False


@dataclass(frozen=True, slots=True)
class FromFile:
    """A settings file was opened. Nothing of it holds before the agent says so.

    Attributes:
        file: The file's name.
        offers: Accounts that it offers.
        changes: Sentences about what else would be different.
        problems: Sentences about what in it cannot be used.
    """

    file: str
    offers: tuple[Offer, ...] = ()
    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A link or a file that is not used, and why."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class AskLinks:
    """May Kibitz tell the system that it opens ``kibitz://`` links? ``what`` says what would be written where."""

    what: str


Asked = FromLink | FromFile | Refused | AskLinks


class LinksOpen(StrEnum):
    """What becomes of a ``kibitz://`` link that somebody clicks on this machine."""

    HERE = "here"
    NOT_YET = "not yet"
    """Kibitz could be registered."""
    NEVER = "never"
    """This system, or this copy of Kibitz, cannot; a link can be pasted."""


@dataclass(frozen=True, slots=True)
class AccountsState:
    """``form`` is None while the form is closed, ``signing`` while no sign-in runs, ``asked`` without a question."""

    accounts: tuple[Connected, ...] = ()
    form: FormState | None = None
    session_only: bool = False
    """No system keyring: what is typed is forgotten when Kibitz quits."""
    offers: tuple[Offer, ...] = ()
    """What the admin offers and is not connected yet."""
    signing: Signing | None = None
    asked: Asked | None = None
    links: LinksOpen = LinksOpen.NEVER
    pasting: bool = False
    """A field waits for a link; ``paste_error`` is what was wrong with the one before."""
    paste_error: str = ""
