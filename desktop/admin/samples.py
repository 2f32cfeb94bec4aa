"""An admin window as it may look, for pictures and tests."""

from __future__ import annotations

from assist.domain import AccountId
from assist.store.forgetting import Holdings, KnownCustomer
from desktop.admin.state import (
    AccountLine,
    AdminState,
    Choice,
    DataPage,
    FilePage,
    Found,
    Page,
    Reading,
    ReadingPage,
)

ZENDESK, FRESHDESK = AccountId("zendesk:tarnandtor"), AccountId("freshdesk:tarnandtor")
ACCOUNTS = (
    AccountLine(ZENDESK, "tarnandtor.zendesk.com", "Zendesk", "Maya Okafor", "read 4 min ago"),
    AccountLine(FRESHDESK, "tarnandtor.freshdesk.com", "Freshdesk", "Maya Okafor", "read 12 min ago"),
)
READING = ReadingPage(
    (
        Reading(
            ZENDESK,
            "tarnandtor.zendesk.com",
            brands=(Choice(1, "Tarn & Tor", chosen=True), Choice(2, "Fell Outlet")),
            groups=(Choice(11, "Repairs", chosen=True), Choice(12, "Returns", chosen=True), Choice(13, "Wholesale")),
            folders=(Choice(21, "Tents"), Choice(22, "Warranty"), Choice(23, "Shipping and customs")),
            months=24,
        ),
        Reading(FRESHDESK, "tarnandtor.freshdesk.com", is_loading=True),
    ),
)
INES = Found(
    KnownCustomer(ZENDESK, 900, "Inês Caldeira", "ines.caldeira@example.com"),
    "tarnandtor.zendesk.com",
    Holdings(solved=3, replies=5, opened=2, log_texts=14),
)
NAMESAKE = Found(KnownCustomer(ZENDESK, 1207, "Rui Caldeira"), "tarnandtor.zendesk.com")
DATA = DataPage(365, found=(INES, NAMESAKE))
FILE = FilePage(
    "team.json",
    changes=(
        "Share of the helpdesk's request quota: 10 % now, 5 % then.",
        "Customers' texts are deleted after 365 days.",
        "Offered to agents: Tarn & Tor.",
        "Own rules in triggers.toml.",
    ),
)
STATE = AdminState(Page.ACCOUNTS, ACCOUNTS, READING, data=DATA, file=FILE)
