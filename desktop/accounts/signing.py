"""One sign-in in the browser, from the click to an account or a reason why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from assist.errors import KibitzError, NotAllowed, SignInNeeded, Unreachable
from desktop.accounts.state import InBrowser, SignedIn, Signing, Stopped
from desktop.desk import Seat
from desktop.i18n import tr
from desktop.policy import Offered
from desktop.tasks import TaskSet
from desktop.wiring import host_of

TASK = "sign in"
"""One at a time on this machine, whichever window it began in, and whatever is signed in with."""


@dataclass(frozen=True, slots=True)
class BrowserDoors:
    """What a sign-in needs from outside; wired in ``desktop/backstage.py``."""

    sign_in: Callable[[Offered, Callable[[str], None]], Awaitable[Seat]]
    """Wait for the browser and keep the account; calls with the address to open, once, when it can be answered.

    Raises ValueError or KibitzError, each with a sentence to show.
    """
    open_page: Callable[[str], bool]
    """Open an address in the agent's browser; False where there is none."""
    copy: Callable[[str], object]


class BrowserSignIn:
    """Holds ``state`` for a window to show, and the address for as long as it can be used; no token comes here."""

    def __init__(
        self, doors: BrowserDoors, tasks: TaskSet, changed: Callable[[], None], signed_in: Callable[[Seat], None]
    ) -> None:
        self.state: Signing | None = None
        self._doors = doors
        self._tasks = tasks
        self._changed = changed
        self._signed_in = signed_in
        self._offered: Offered | None = None
        self._address = ""
        self._number = 0

    @property
    def is_waiting(self) -> bool:
        return isinstance(self.state, InBrowser)

    def start(self, offered: Offered) -> None:
        """Open the browser. What was under way is given up. Raises ValueError where the address names no account."""
        host = host_of(offered)
        self._number += 1
        self._offered = offered
        self._address = ""
        self.state = InBrowser(host)
        self._tasks.latest(TASK, self._run(offered, host, self._number))
        self._changed()

    def again(self) -> None:
        """Start anew with what was tried last."""
        if self._offered is not None:
            self.start(self._offered)

    def stop(self) -> None:
        """Give up what is under way, or take note of how it ended. The caller shows what is left."""
        if isinstance(self.state, InBrowser):
            self._tasks.cancel(TASK)
        self._number += 1
        self._address = ""
        self.state = None

    def open_again(self) -> None:
        if self._address and isinstance(self.state, InBrowser):
            self.state = replace(self.state, opened=self._doors.open_page(self._address))
            self._changed()

    def copy_address(self) -> None:
        if self._address:
            self._doors.copy(self._address)

    async def _run(self, offered: Offered, host: str, number: int) -> None:
        def opened(address: str) -> None:
            if number == self._number:
                self._address = address
                self.open_again()

        try:
            seat = await self._doors.sign_in(offered, opened)
        except (KibitzError, ValueError) as error:
            self._end(number, stopped(host, error))
        except asyncio.CancelledError:
            self._end(number, None)
            raise
        else:
            self._signed_in(seat)
            self._end(number, SignedIn(host, seat.agent.name))

    def _end(self, number: int, state: Signing | None) -> None:
        """Show how it ended, unless another sign-in has begun since."""
        if number == self._number:
            self._address = ""
            self.state = state
            self._changed()


def stopped(host: str, error: KibitzError | ValueError) -> Stopped:
    """Return what is said of a sign-in that failed. The errors' own sentences say what to do."""
    match error:
        case SignInNeeded():
            return Stopped(host, tr("You were not signed in"), str(error))
        case NotAllowed():
            said = tr("This account may not read tickets. Ask your admin for an agent's role.")
            return Stopped(host, tr("Signed in, but not allowed"), said)
        case Unreachable():
            return Stopped(host, tr("No answer from {host}", host=host), str(error))
        case _:
            return Stopped(host, tr("The sign-in was not finished"), str(error))
