"""What the accounts window can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assist.domain import AccountId, HelpdeskKind


class SignInWith(StrEnum):
    """How an account is signed in to. Freshdesk has API keys only."""

    API_TOKEN = "api-token"  # noqa: S105 - the name of a way, no secret
    OAUTH_TOKEN = "oauth-token"  # noqa: S105 - as above
    API_KEY = "api-key"


@dataclass(frozen=True, slots=True)
class Connected:
    """One account in the list. ``problem`` says what to do about it, if anything."""

    account: AccountId
    kind: HelpdeskKind
    site: str
    agent_name: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed into the form, as it was typed."""

    kind: HelpdeskKind
    site: str
    sign_in_with: SignInWith
    secret: str = field(repr=False)
    email: str = ""


@dataclass(frozen=True, slots=True)
class Editing:
    """The form waits to be filled in. ``errors`` are by field: ``site``, ``email``, ``secret`` or ``form``."""

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
class AccountsState:
    """``form`` is None while the form is closed."""

    accounts: tuple[Connected, ...] = ()
    form: FormState | None = None
    session_only: bool = False
    """No system keyring: what is typed is forgotten when Kibitz quits."""
