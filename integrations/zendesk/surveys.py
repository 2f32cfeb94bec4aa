"""Ratings by the newer kind of CSAT. An account uses either this or the rating on the ticket itself, never both."""

from __future__ import annotations

from collections.abc import Sequence

from assist.errors import NotAllowed, NotThere, UnexpectedReply, Unreachable
from integrations.connection import Connection, log
from integrations.zendesk import parts, raw, wire

_LEGACY = ("good", "bad")


class Surveys:
    """Asks for answers about tickets until it is clear that there are none to be seen.

    Zendesk shows them to admins only: one refusal, or one rating on a ticket, ends the asking for this session.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_off = False

    async def about(self, tickets: Sequence[raw.RawTicket], *, patient: bool = False) -> tuple[parts.RawSurvey, ...]:
        """Return what customers said of ``tickets``, at most a hundred, in one request or none."""
        if any(ticket.csat_score.startswith(_LEGACY) for ticket in tickets):
            self._is_off = True
        if self._is_off or not tickets:
            return ()
        ask = self._connection.background if patient else self._connection.glance
        request = wire.surveys_request(self._connection.site, [ticket.id for ticket in tickets])
        try:
            return await ask(request, wire.read_surveys)
        except Unreachable as error:
            log.info("shown without survey answers: %s", type(error).__name__)
        except (NotAllowed, NotThere, UnexpectedReply) as error:
            log.info("no survey answers from now on: %s", type(error).__name__)
            self._is_off = True
        return ()
