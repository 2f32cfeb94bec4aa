"""From an account's settings to a `Helpdesk`. Everything of one account shares a sender and a budget."""

from __future__ import annotations

import asyncio

from assist.domain import HelpdeskKind
from assist.ports import Clock, Helpdesk
from integrations.connection import Connection, SystemClock, Waiting
from integrations.freshdesk.client import FreshdeskHelpdesk
from integrations.http import Sender
from integrations.retry import Sleep
from integrations.sender import HttpxSender
from integrations.site import Credentials, Site, authorization
from integrations.zendesk.client import ZendeskHelpdesk


def connect(
    site: Site,
    credentials: Credentials,
    *,
    sender: Sender | None = None,
    sleep: Sleep = asyncio.sleep,
    clock: Clock | None = None,
) -> Helpdesk:
    """Return the account as a helpdesk; nothing is sent yet.

    Raises:
        SignInNeeded: The credentials are of another vendor's kind, or cannot be sent at all.
    """
    header = authorization(site.kind, credentials)
    waiting = Waiting(sleep=sleep, clock=clock or SystemClock())
    connection = Connection(site, header, sender or HttpxSender(site.base_url), waiting)
    match site.kind:
        case HelpdeskKind.ZENDESK:
            return ZendeskHelpdesk(connection)
        case HelpdeskKind.FRESHDESK:
            return FreshdeskHelpdesk(connection)
