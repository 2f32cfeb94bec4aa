"""Signing in to Zendesk with the browser, from the address to open to the tokens, and signing out.

A public client with PKCE and a loopback redirect (RFC 8252). Tokens are asked for and sent at the account's own
origin only; nothing of an answer chooses a host.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from assist.errors import HelpdeskError, Retryable, SignInNeeded, Unreachable
from assist.ports import Clock
from integrations.connection import Connection, FixedAuthorizer, SystemClock, Waiting
from integrations.http import Sender
from integrations.sender import HttpxSender
from integrations.site import OAuthGrant, Site, authorization
from integrations.zendesk import oauth_wire as wire
from integrations.zendesk.callback import PATH, Refused
from integrations.zendesk.loopback import HOST, Receiver, Words

log = logging.getLogger(__name__)

PORTS = (28_765, 28_766, 28_767)
"""The ports that an admin registers, as ``http://127.0.0.1:{port}/callback`` each: below the ranges from which
systems take ports for themselves, and known for no other program."""

LONGEST_ATTEMPT_S = 300.0
LONGEST_REVOCATION_S = 3.0
NOBODY_ANSWERED = (
    "Nobody answered in the browser. If Zendesk showed an error there, tell your admin; else start the sign-in again."
)
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{1,120}", re.ASCII)


def redirect_uri(port: int) -> str:
    """Return the address that Zendesk sends the browser back to; registered letter for letter."""
    return f"http://{HOST}:{port}{PATH}"


def check_client_id(client_id: str) -> str:
    """Return ``client_id``, which may come from a link. Raises ValueError with a sentence."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise ValueError("This is not the identifier of an OAuth client. It looks like kibitz_desktop.")
    return client_id


class _OwnToken(FixedAuthorizer):
    revocable = True


class SignInAttempt:
    """One attempt: show ``url`` in the agent's browser, then await `finished`.

    Attributes:
        url: Holds the attempt's ``state`` and PKCE challenge, and no secret.
        port: Where the answer is awaited.
        taken: Registered ports that other programs use.
    """

    def __init__(self, site: Site, asked: wire.Asked, receiver: Receiver, *, sender: Sender, clock: Clock) -> None:
        self._site = site
        self._receiver = receiver
        self._sender = sender
        self._clock = clock
        self._asked = asked
        self._verifier = wire.new_verifier()
        self.port = receiver.port
        self.taken = receiver.taken
        self.url = wire.authorize_url(site, asked, state=receiver.state, challenge=wire.challenge_of(self._verifier))

    async def finished(self, *, limit_s: float = LONGEST_ATTEMPT_S) -> OAuthGrant:
        """Wait for the agent, then exchange the code. Nothing is kept yet.

        Raises:
            SignInNeeded: Denied, refused, or less was granted than asked; the sentence says what to do.
            Unreachable: Zendesk did not answer the exchange.
            HelpdeskError: Nobody answered within ``limit_s``, or the answer cannot be read.
        """
        try:
            async with asyncio.timeout(limit_s):
                answer = await self._receiver.answer()
        except TimeoutError:
            raise HelpdeskError(NOBODY_ANSWERED) from None
        if isinstance(answer, Refused):
            raise wire.refusal(answer.error)
        request = wire.exchange_request(self._site, self._asked, code=answer.code, verifier=self._verifier)
        try:
            response = await self._sender.send(request)
            grant = wire.read_grant(response, self._asked.client_id, scopes=self._asked.scopes, at=self._clock.now())
        except wire.GrantRefused as error:
            raise HelpdeskError("Zendesk took too long to sign you in. Start the sign-in again.") from error
        except Retryable as error:
            # The code may have been used up by an answer that was lost, so it is not sent again.
            raise Unreachable(f"Zendesk did not finish the sign-in: {error}. Start it again.") from error
        try:
            wire.check_scopes(self._asked.scopes, grant.scopes)
        except SignInNeeded:
            await give_back(self._site, grant, self._sender)
            raise
        return grant


@asynccontextmanager
async def begin(
    site: Site,
    client_id: str,
    *,
    scopes: tuple[str, ...] = wire.READ_SCOPES,
    ports: Sequence[int] = PORTS,
    sender: Sender | None = None,
    clock: Clock | None = None,
    words: Words | None = None,
) -> AsyncIterator[SignInAttempt]:
    """Listen for the browser's answer as long as the block runs; leaving or cancelling it frees the port.

    Raises:
        HelpdeskError: All registered ports are taken; the sentence names them.
        ValueError: ``client_id`` is none; the sentence may be shown.
    """
    check_client_id(client_id)
    own = sender or HttpxSender(site.base_url)
    try:
        async with Receiver(ports, wire.new_state(), words or Words()) as receiver:
            asked = wire.Asked(client_id, redirect_uri(receiver.port), scopes)
            yield SignInAttempt(site, asked, receiver, sender=own, clock=clock or SystemClock())
    finally:
        if sender is None:
            await own.aclose()


async def revoke(connection: Connection) -> bool:
    """End the grant at Zendesk, access and refresh token both; say whether that is known to have worked.

    Best effort: it takes at most `LONGEST_REVOCATION_S` and raises nothing. Credentials that somebody typed are
    left alone, because other programs may use them.
    """
    if not connection.authorizer.revocable:
        return False
    try:
        async with asyncio.timeout(LONGEST_REVOCATION_S):
            await connection.call(wire.revoke_request(connection.site), wire.read_revoked, checks_credentials=True)
    except (HelpdeskError, TimeoutError) as error:
        log.info("the sign-in was not revoked: %s", type(error).__name__)
        return False
    return True


async def give_back(site: Site, grant: OAuthGrant, sender: Sender | None = None) -> bool:
    """End a grant that is of no use any more; as `revoke`."""
    if not grant.access_token:
        return False
    own = sender or HttpxSender(site.base_url)
    try:
        return await revoke(Connection(site, _OwnToken(authorization(site.kind, grant)), own, Waiting()))
    finally:
        if sender is None:
            await own.aclose()
