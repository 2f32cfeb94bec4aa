"""From an account's settings to a `Helpdesk`. Everything of one account shares a sender and a budget."""

from __future__ import annotations

import asyncio

from assist.domain import HelpdeskKind
from assist.ports import Clock, Helpdesk
from integrations.connection import Authorizer, Connection, FixedAuthorizer, SystemClock, Waiting
from integrations.freshdesk.client import FreshdeskHelpdesk
from integrations.http import Sender
from integrations.metering import Meter
from integrations.retry import Sleep
from integrations.sender import HttpxSender
from integrations.site import Credentials, OAuthGrant, Site, authorization
from integrations.zendesk.client import ZendeskHelpdesk
from integrations.zendesk.renewal import GrantPlace, RotatingAuthorizer


def connect(
    site: Site,
    credentials: Credentials,
    *,
    sender: Sender | None = None,
    sleep: Sleep = asyncio.sleep,
    clock: Clock | None = None,
    kept_in: GrantPlace | None = None,
    meter: Meter | None = None,
) -> Helpdesk:
    """Return the account as a helpdesk; nothing is sent yet.

    ``kept_in`` is where an `OAuthGrant` is kept, so that it can be renewed; without it a grant is used until it ends.
    ``meter`` is the account's budget of requests; without it this process counts for itself.

    Raises:
        SignInNeeded: The credentials are of another vendor's kind, or cannot be sent at all.
    """
    waiting = Waiting(sleep=sleep, clock=clock or SystemClock(), meter=meter)
    sender = sender or HttpxSender(site.base_url)
    authorizer: Authorizer
    if isinstance(credentials, OAuthGrant) and site.kind is HelpdeskKind.ZENDESK and kept_in is not None:
        authorizer = RotatingAuthorizer(site, credentials, kept_in, sender=sender, clock=waiting.clock)
    else:
        authorizer = FixedAuthorizer(authorization(site.kind, credentials))
    connection = Connection(site, authorizer, sender, waiting)
    match site.kind:
        case HelpdeskKind.ZENDESK:
            return ZendeskHelpdesk(connection)
        case HelpdeskKind.FRESHDESK:
            return FreshdeskHelpdesk(connection)
