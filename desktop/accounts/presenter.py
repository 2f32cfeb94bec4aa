"""Connects and disconnects accounts: credentials are tried first and kept only when they are accepted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from assist.domain import AccountId, HelpdeskKind
from assist.errors import HelpdeskError, KibitzError, NotAllowed, SignInNeeded, Unreachable
from desktop.accounts.state import AccountsState, Connected, Credentials, Editing, FormState, Saved, Trying
from desktop.accounts.view import AccountsView
from desktop.desk import Seat
from desktop.i18n import tr
from desktop.tasks import TaskSet


@dataclass(frozen=True, slots=True)
class AccountDoors:
    """What the presenter may do with accounts; wired in ``desktop/backstage.py``."""

    sign_in: Callable[[Credentials], Awaitable[Seat]]
    """Try the credentials, then keep them. Raises ValueError for a bad address, HelpdeskError otherwise."""
    sign_out: Callable[[AccountId], Awaitable[None]]
    listed: Callable[[], tuple[Connected, ...]]
    start_demo: Callable[[], None]
    is_session_only: bool


@dataclass(slots=True)
class _Now:
    form: FormState | None = None
    problems: dict[AccountId, str] = field(default_factory=dict)


class AccountsPresenter:
    def __init__(self, view: AccountsView, doors: AccountDoors, tasks: TaskSet) -> None:
        self._view = view
        self._doors = doors
        self._tasks = tasks
        self._now = _Now()
        view.test_requested.connect(self._test)
        view.add_requested.connect(self.add)
        view.cancel_requested.connect(self._cancel)
        view.sign_in_requested.connect(self._sign_in_again)
        view.sign_out_requested.connect(lambda account: tasks.latest("sign out", self._sign_out(AccountId(account))))
        view.demo_requested.connect(doors.start_demo)
        view.closed.connect(self._cancel)

    def show(self) -> None:
        """Show the window with what is connected."""
        self._draw()
        self._view.show()
        self._view.raise_()
        self._view.activateWindow()

    def add(self, kind: str) -> None:
        """Show the window with an empty form for a helpdesk of ``kind``."""
        self._now.form = Editing()
        self.show()
        self._view.start_form(HelpdeskKind(kind))

    def needs_sign_in(self, account: AccountId) -> None:
        """Mark ``account`` as signed out; the window says so when it is looked at."""
        self._now.problems[account] = tr("Signed out: the helpdesk no longer accepts the credentials.")
        self._draw()

    def _draw(self) -> None:
        accounts = tuple(
            Connected(known.account, known.kind, known.site, known.agent_name, self._now.problems[known.account])
            if known.account in self._now.problems
            else known
            for known in self._doors.listed()
        )
        self._view.show_state(AccountsState(accounts, self._now.form, session_only=self._doors.is_session_only))

    def _test(self, credentials: Credentials) -> None:
        self._now.form = Trying(credentials.site)
        self._draw()
        self._tasks.latest("sign in", self._sign_in(credentials))

    async def _sign_in(self, credentials: Credentials) -> None:
        try:
            seat = await self._doors.sign_in(credentials)
        except ValueError as error:
            self._now.form = Editing({"site": str(error)})
        except (HelpdeskError, KibitzError) as error:
            self._now.form = Editing(_explained(error))
        else:
            self._now.problems.pop(seat.account, None)
            self._now.form = Saved(seat.display, seat.agent.name)
        self._draw()

    def _cancel(self) -> None:
        self._tasks.cancel("sign in")
        self._now.form = None
        self._draw()

    def _sign_in_again(self, account: str) -> None:
        known = next((known for known in self._doors.listed() if known.account == account), None)
        if known is not None:
            self._now.form = Editing()
            self._draw()
            self._view.start_form(known.kind, known.site)

    async def _sign_out(self, account: AccountId) -> None:
        await self._doors.sign_out(account)
        self._now.problems.pop(account, None)
        self._draw()


def _explained(error: KibitzError) -> dict[str, str]:
    """Put the error beside the field that it is about, with what to do."""
    match error:
        case SignInNeeded():
            return {"secret": tr("The helpdesk does not accept these credentials. Check them for missing characters.")}
        case NotAllowed():
            return {"form": tr("Signed in, but this account may not read tickets. Ask your admin for an agent's role.")}
        case Unreachable():
            return {"site": tr("No answer from this address. Check it, and your network, then try again.")}
        case _:
            return {"form": str(error)}
