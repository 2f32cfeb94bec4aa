"""A demo shop so small that a test can know all of it, and a server around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from integrations.demo.data import load
from integrations.demo.faults import Limits
from integrations.demo.server import DEMO_FRESHDESK_KEY, DEMO_OAUTH_TOKEN, DemoServer
from integrations.demo.world import World

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LONG_THREAD = 130

SOLVED, LONG, PENDING, OPEN, NEW = 1001, 1002, 1003, 1004, 1005
"""Ticket numbers, by age."""

SHOP = """
[[agent]]
key = "maya"
name = "Maya Okafor"
email = "maya@tarnandtor.example.com"
signature = "Maya"
[[agent]]
key = "harriet"
name = "Harriet Shaw"
email = "harriet@tarnandtor.example.com"
role = "admin"

[[organization]]
key = "scouts"
name = "Fellside Scout District"
tier = "silver"
health = "At risk"
renewal = "in 40d"

[[customer]]
key = "ines"
name = "Inês Caldeira"
email = "ines@example.com"
phone = "+44 1632 960411"
organization = "scouts"
since = "820d"
plan = "Trail Club"
renewal = "in 12d"
tags = ["vip"]
notes = "Prefers e-mail."
[[customer.order]]
number = "TT-204518"
ago = "21d"
status = "delivered"
total = "£389.00"
items = ["Lathe 2 tent, moss"]
[[customer]]
key = "klara"
name = "Klara Vogel"
email = "klara@example.de"
language = "de"
"""

MACROS = """
[[macro]]
key = "label"
title = "Returns::Send label"
tags = ["returns"]
uses_7d = 23
body = '''
Hi {{ticket.requester.first_name}},

the label is attached.

{{agent.signature}}
'''
[[macro]]
key = "hello"
title = "Hello"
uses_7d = 40
body = "Hello {{ticket.requester.name}}, this is {{agent.name}}."
"""

ARTICLES = {
    "return-an-item": 'title = "Return an item"\nlabels = ["returns"]\nvotes = 17\nupdated = "40d"\n',
    "artikel-zurueck": 'title = "Artikel zurück"\nlocale = "de"\ntranslation_of = "return-an-item"\nupdated = "30d"\n',
    "new-boots": 'title = "New boots"\ndraft = true\nupdated = "3d"\n',
    "refund-limits": 'title = "Refund limits"\nvisibility = "agents"\nupdated = "9d"\n',
}

TICKETS = """
[[ticket]]
key = "solved"
subject = "pole snapped"
customer = "ines"
assignee = "maya"
status = "solved"
ago = "45d"
channel = "email"
priority = "normal"
tags = ["tents", "warranty"]
csat = "good"
csat_comment = "Lovely."
reopens = 1
[[ticket.message]]
author = "customer"
text = "The pole of my Lathe 2 snapped, order TT-204518."
attachments = ["IMG_2231.jpg"]
[[ticket.message]]
author = "maya"
at = "2h"
text = '''
Hi Inês,

a new one is on its way.
'''
[[ticket]]
key = "pending"
subject = "Reißverschluss klemmt"
customer = "klara"
assignee = "maya"
status = "pending"
ago = "10d"
channel = "web"
[[ticket.message]]
author = "customer"
text = "Der Reißverschluss klemmt."
[[ticket.message]]
author = "maya"
at = "1h"
text = "Können Sie ein Foto schicken?"
[[ticket]]
key = "open"
subject = "Where is my refund?"
customer = "ines"
assignee = "harriet"
status = "open"
ago = "2d"
channel = "email"
priority = "high"
[[ticket.message]]
author = "customer"
html = "<div style='color:red'>Where is <b>it</b>?<img src='https://spy.example.com/p.png'><script>alert(1)</script></div>"
[[ticket.message]]
author = "harriet"
at = "1h"
public = false
text = "Finance is on it."
[[ticket.message]]
author = "klara"
at = "2h"
text = "I am waiting as well."
[[ticket]]
key = "new"
subject = ""
customer = "klara"
status = "new"
ago = "20m"
channel = "chat"
[[ticket.message]]
author = "customer"
text = "Hallo?"
[[ticket.message]]
author = "bot"
at = "1m"
text = "I am handing you over."
"""


def write_demo_folder(folder: Path) -> Path:
    """Write the shop into ``folder`` and return it."""
    (folder / "articles").mkdir(parents=True)
    (folder / "tickets").mkdir()
    (folder / "shop.toml").write_text(SHOP, encoding="utf-8")
    (folder / "macros.toml").write_text(MACROS, encoding="utf-8")
    for slug, front in ARTICLES.items():
        section = "Boots and clothing" if slug == "new-boots" else "Returns and refunds"
        text = f'+++\n{front}section = "{section}"\n+++\n<p>About <b>{slug}</b>: sixty days.</p>\n'
        (folder / "articles" / f"{slug}.html").write_text(text, encoding="utf-8")
    (folder / "tickets" / "some.toml").write_text(TICKETS, encoding="utf-8")
    (folder / "tickets" / "long.toml").write_text(_long_ticket(), encoding="utf-8")
    return folder


LONG_TICKET = """
[[ticket]]
key = "long"
subject = "Long story"
customer = "ines"
assignee = "maya"
status = "open"
ago = "20d"
"""
LONG_TICKET_MESSAGE = """
[[ticket.message]]
author = "{author}"
at = "{index}h"
text = "Message {index}."
"""


def _long_ticket() -> str:
    authors = ("customer", "maya")
    messages = [LONG_TICKET_MESSAGE.format(author=authors[index % 2], index=index) for index in range(LONG_THREAD)]
    return LONG_TICKET + "".join(messages)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.value = now

    def __call__(self) -> datetime:
        return self.value

    def advance(self, **span: float) -> None:
        self.value += timedelta(**span)


def small_world(folder: Path, *, clock: HandClock | None = None, limits: Limits | None = None) -> World:
    """Return a world of the small shop, written below ``folder``, in which time stands still."""
    return World(load(write_demo_folder(folder / "demo")), clock or HandClock(), limits=limits)


@contextmanager
def zendesk_client(server: DemoServer, token: str | None = DEMO_OAUTH_TOKEN) -> Iterator[httpx.Client]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{server.zendesk_url}/api/v2", headers=headers, trust_env=False) as client:
        yield client


@contextmanager
def freshdesk_client(server: DemoServer, key: str | None = DEMO_FRESHDESK_KEY) -> Iterator[httpx.Client]:
    auth = None if key is None else (key, "X")
    with httpx.Client(base_url=f"{server.freshdesk_url}/api/v2", auth=auth, trust_env=False) as client:
        yield client
