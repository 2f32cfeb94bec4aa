"""Sample states of the accounts window and of the guide for admins, for screenshots. Every name is invented."""

from __future__ import annotations

from dataclasses import replace

from assist.domain import AccountId, HelpdeskKind
from desktop.accounts.setup_view import Registration, SetupState
from desktop.accounts.state import (
    AccountsState,
    AskLinks,
    Connected,
    Editing,
    FromFile,
    FromLink,
    InBrowser,
    LinksOpen,
    Offer,
    Refused,
    SignedIn,
    Stopped,
)
from desktop.policy import Offered

HOST = "tarnandtor.zendesk.com"
LIVE = Offer(Offered(HelpdeskKind.ZENDESK, "tarnandtor", "kibitz_desktop", name="Tarn & Tor"), HOST)
SANDBOX = Offer(
    Offered(HelpdeskKind.ZENDESK, "tarnandtor1764", "kibitz_desktop", name="Sandbox"), "tarnandtor1764.zendesk.com"
)
FRESHDESK = Offer(
    Offered(HelpdeskKind.FRESHDESK, "tarnandtor", "", "help.tarnandtor.example", "Outlet"), "tarnandtor.freshdesk.com"
)
SIGNED_IN = (
    Connected(
        AccountId("zendesk:tarnandtor"),
        HelpdeskKind.ZENDESK,
        HOST,
        "Maya Okafor",
        name="Tarn & Tor",
        brands=("Tarn & Tor", "Tarn & Tor Deutschland", "Trail Club"),
    ),
    Connected(
        AccountId("zendesk:tarnandtor1764"),
        HelpdeskKind.ZENDESK,
        "tarnandtor1764.zendesk.com",
        "Maya Okafor",
        name="Sandbox",
        notice="Zendesk's API tokens end on 30 April 2027 (158 days left). Sign in with the browser before then.",
    ),
    Connected(
        AccountId("freshdesk:tarnandtor"),
        HelpdeskKind.FRESHDESK,
        "tarnandtor.freshdesk.com",
        "Maya Okafor",
        "Freshdesk no longer accepts this key. Nothing was lost.",
        name="Outlet",
        portal="help.tarnandtor.example",
    ),
)
OFFERED = AccountsState(offers=(LIVE, SANDBOX, FRESHDESK), links=LinksOpen.NOT_YET)
ALL = AccountsState(SIGNED_IN, links=LinksOpen.HERE)
IN_BROWSER = AccountsState(signing=InBrowser(HOST), offers=(LIVE,))
NO_BROWSER = AccountsState(signing=InBrowser(HOST, opened=False))
DONE = AccountsState(SIGNED_IN[:1], signing=SignedIn(HOST, "Maya Okafor"))
DENIED = AccountsState(
    signing=Stopped(
        HOST, "You were not signed in", "Access was denied on Zendesk's page. Sign in again and choose Allow."
    )
)
LINK = AccountsState(asked=FromLink(replace(LIVE, offered=replace(LIVE.offered, name="Tarn & Tor"))))
LINK_REFUSED = AccountsState(
    SIGNED_IN[:1],
    asked=Refused(
        "This link is not used",
        "This link carries a secret. Kibitz takes none from a link: tell whoever sent it to withdraw it.",
    ),
)
FILE = AccountsState(
    SIGNED_IN[:1],
    asked=FromFile(
        "kibitz-settings.json",
        (SANDBOX, FRESHDESK),
        ("Share of the helpdesk's request quota: 10 % now, 5 % then.", "Kibitz may change tickets when you ask it to."),
        ("Account 3 is left out: This is not the address of a Zendesk account. It looks like acme.zendesk.com.",),
    ),
)
LINKS = AccountsState(
    SIGNED_IN[:1],
    asked=AskLinks(
        "Kibitz writes the file ~/.local/share/applications/kibitz-link.desktop and one line into "
        "~/.config/mimeapps.list. Both are yours, and it can take them out again."
    ),
    links=LinksOpen.NOT_YET,
)
PORTAL_TYPED = AccountsState(
    form=Editing(
        {
            "site": "help.tarnandtor.example is your portal's own address. The API has another one, which ends in "
            ".freshdesk.com: an admin finds it under Admin › Account. The portal was kept below."
        }
    )
)
PASTING = AccountsState(
    SIGNED_IN[:1],
    pasting=True,
    paste_error="This is not a link of Kibitz. Such a link begins with kibitz://connect?",
    links=LinksOpen.NOT_YET,
)
REGISTRATION = Registration(
    (
        "http://127.0.0.1:28765/callback",
        "http://127.0.0.1:28766/callback",
        "http://127.0.0.1:28767/callback",
    ),
    ("read",),
)
SETUP = SetupState(link="kibitz://connect?kind=zendesk&site=tarnandtor&client=kibitz_desktop&name=Tarn%20%26%20Tor")
GERMAN = AccountsState(
    (
        Connected(
            AccountId("zendesk:donaudampf"),
            HelpdeskKind.ZENDESK,
            "donaudampfschifffahrtselektrizitaetenhauptbetriebswerk.zendesk.com",
            "Dr. Heinz-Günther Oberle-Schwarzenbacher 🏔️",
            "Abgemeldet: Der Helpdesk nimmt die Anmeldedaten nicht mehr an. Es ist nichts verloren gegangen.",
            name="Reiserücktrittskostenversicherungsabteilung (Sandbox) 配送センター",
            brands=("Gewährleistungsanspruchsbearbeitung", "Wiederimprägnierungswerkstatt", "مركز المساعدة"),
        ),
    ),
    offers=(
        Offer(
            Offered(HelpdeskKind.FRESHDESK, "x", name="Rechtsschutzversicherungsgesellschaften Süd-Österreich"),
            "rechtsschutzversicherungsgesellschaften-sued.freshdesk.com",
        ),
    ),
)
