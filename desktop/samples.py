# ruff: noqa: E501 - sentences of samples read best in one piece
"""Sample states for screenshots: the demo shop Tarn & Tor on a busy Monday. Every name is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from assist.domain import (
    AccountId,
    Alert,
    AlertKind,
    ArticleHit,
    Author,
    Band,
    Channel,
    ChurnSignal,
    Csat,
    Customer,
    Evidence,
    Help,
    HelpdeskKind,
    Message,
    Mood,
    OpenTicket,
    Organization,
    Role,
    SentAs,
    SimilarTicket,
    Source,
    SourceKind,
    Stage,
    Suggestion,
    SuggestionId,
    Ticket,
    TicketRef,
    TicketStatus,
    Trend,
    Visibility,
)
from assist.text.promises import find_flags
from desktop.accounts.state import Connected
from desktop.journal.state import Happened, JournalRow
from desktop.panel.state import CollectionProgress, Engine, Footer, Loading, Ready, Syncing

NOW = datetime(2026, 11, 23, 10, 40, tzinfo=UTC)
ACCOUNT = AccountId("zendesk:tarnandtor")
FOOTER = Footer(account="tarnandtor.zendesk.com", synced_age=timedelta(minutes=4))


def ref(number: int) -> TicketRef:
    return TicketRef(ACCOUNT, number)


def before(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def source(kind: SourceKind, key: str, title: str, *, days: float = 0) -> Source:
    return Source(kind, key, title, f"https://example.com/{key}", before(days=days) if days else None)


POLE = Suggestion(
    SuggestionId("pole-warranty"),
    ref(20418),
    "Hi Inês,\n\nI'm sorry the pole let you down on the second night, that is the last thing you need at 700 metres. "
    "A snapped section within five years is covered by our warranty, so you won't pay for this.\n\n"
    "Could you send me one photo of the break and one of the sticker inside the tent bag? I'll post a new pole section to "
    "[address on the order] as soon as I have them; it should be with you by [date].\n\n"
    "If you are away this weekend, the repair sleeve in the small pocket holds the pole together for a few nights: slide it over "
    "the break and tape both ends.\n\nMaya\nTarn & Tor customer care",
    source(SourceKind.MACRO, "macro:31", "Warranty::Broken pole, ask for photo"),
    ("same product (Lathe 2)", "same question: broken pole", "used 14 times this week"),
    0.86,
    ("[address on the order]", "[date]"),
)
SLEEVE = Suggestion(
    SuggestionId("pole-sleeve"),
    ref(20418),
    "Hi Inês,\n\nThanks for the photo. That is a clean break at the ferrule, which we replace rather than repair. A new 8.5 mm "
    "section is on its way by Parcelforce and needs 2-4 working days.\n\nYou can keep the old one.",
    source(SourceKind.PAST_REPLY, "reply:18804:3", "#18804 Lathe 2 pole cracked in wind", days=41),
    ("answered by Tom, rated good", "same part"),
    0.63,
)
SLEEVE = replace(SLEEVE, flags=find_flags(SLEEVE.text, language="en", facts=""))
TRAIL_CLUB = Suggestion(
    SuggestionId("club-mend"),
    ref(20418),
    "Hi Inês,\n\nAs a Trail Club member you have one free Mend a year and have not used this year's yet. If you prefer a repair "
    "to a new section, send the tent to our workshop in Kendal; it takes about 10 working days.",
    source(SourceKind.ARTICLE, "article:88:en-gb", "Mend: our repair workshop", days=96),
    ("the customer is in Trail Club",),
    0.41,
)

POLES = (
    "Poles are made to bend, not to be stepped on. A pole section that breaks in normal use within five years is replaced free of "
    "charge, whatever the weather was. Please send a photo of the break and of the batch sticker. Wear of the shock cord is not "
    "covered, but Mend renews it for £12."
)
SLEEVES = (
    "Every Lathe comes with a repair sleeve in the small pocket of the peg bag. Slide it over the break, centre it, and tape both "
    "ends. It holds for several nights."
)
VOUCHERS = "If a defect spoilt a trip, offer 10% on the next order. More than £50 needs Harriet."


def _span(text: str, first: str, last: str) -> tuple[int, int]:
    return text.index(first), text.index(last) + len(last)


WARRANTY = ArticleHit(
    SuggestionId("article-warranty"),
    88,
    "en-gb",
    "What our warranty covers",
    "https://example.com/hc/warranty",
    ("What our warranty covers", "Tents", "Poles"),
    POLES,
    _span(POLES, "A pole section", "the weather was."),
    0.81,
    before(days=40),
)
FIELD_FIX = ArticleHit(
    SuggestionId("article-sleeve"),
    91,
    "en-gb",
    "Mend a tent pole on the hill",
    "https://example.com/hc/pole",
    ("Mend a tent pole on the hill", "With the repair sleeve"),
    SLEEVES,
    _span(SLEEVES, "Slide it", "both ends."),
    0.66,
    before(days=210),
)
INTERNAL = ArticleHit(
    SuggestionId("article-internal"),
    17,
    "en-gb",
    "Goodwill: when to send a voucher",
    "https://example.com/hc/goodwill",
    ("Goodwill: when to send a voucher", "Trips that were spoilt"),
    VOUCHERS,
    _span(VOUCHERS, "If a defect", "next order."),
    0.52,
    before(days=12),
    Visibility.AGENTS,
)
CHURN = Alert(
    AlertKind.CHURN,
    "Inês may not come back",
    "Fix the pole first, then say what you do so that it does not happen again. Do not open with a voucher.",
    (
        Evidence(
            "this is the third thing that broke this year and honestly I'm looking at Nordvik now",
            "names a competitor",
            2,
        ),
        Evidence("", "Third contact in 60 days, last one rated bad"),
    ),
    Band.HIGH,
    "churn",
)
URGENCY = Alert(
    AlertKind.URGENCY,
    "Needs it by Friday",
    "Express UK (next day before 14:00) can be booked free of charge for warranty parts.",
    (Evidence("we are off to Knoydart on Friday", "a date this week", 2),),
    Band.RAISED,
    "deadline",
)


def ticket(number: int, subject: str, status: TicketStatus, *, days: float, csat: Csat | None = None) -> Ticket:
    return Ticket(
        ref(number), subject, status, before(days=days), before(days=days), 411, csat=csat, channel=Channel.EMAIL
    )


INES = Customer(
    411,
    "Inês Caldeira",
    "ines.caldeira@example.com",
    "+44 1632 960411",
    "en",
    before(days=820),
    None,
    ("wild-camper",),
    "Writes long, detailed e-mails. Prefers e-mail over phone.",
    {
        "Plan": "Trail Club, renews 15 Feb 2027",
        "Orders": "7, £924.20",
        "Last order": "TT-204518, delivered · Lathe 2 tent, moss",
    },
)
HISTORY = (
    ticket(19944, "Zip of my Rill jacket is stuck again", TicketStatus.SOLVED, days=31, csat=Csat.BAD),
    ticket(19102, "Mend: where is my jacket?", TicketStatus.CLOSED, days=58, csat=Csat.GOOD),
    ticket(17730, "Brae GTX, EU 38 or 39?", TicketStatus.CLOSED, days=244, csat=Csat.GOOD),
    ticket(16020, "Trail Club discount not applied", TicketStatus.CLOSED, days=402),
    ticket(15001, "Return of the Skarn 45", TicketStatus.CLOSED, days=700),
)
CUSTOMER = Author(411, "Inês Caldeira", Role.CUSTOMER)
OPENED = OpenTicket(
    Ticket(
        ref(20418),
        "pole snapped second night, third thing this year",
        TicketStatus.OPEN,
        before(hours=2, minutes=15),
        before(hours=2, minutes=15),
        411,
        channel=Channel.EMAIL,
    ),
    (Message(2, CUSTOMER, before(hours=2, minutes=15), public=True, text="…", channel=Channel.EMAIL),),
    INES,
    HISTORY,
    before(minutes=1),
)
SIMILAR = (
    SimilarTicket(
        ref(18804), "Lathe 2 pole cracked in wind", "https://example.com/18804", before(days=41), "Tom", Csat.GOOD
    ),
    SimilarTicket(
        ref(18120), "broken tent pole, still under warranty?", "https://example.com/18120", before(days=77), "Priya"
    ),
    SimilarTicket(
        ref(17001), "Gestänge gebrochen (Lathe 3)", "https://example.com/17001", before(days=130), "Jonas", Csat.GOOD
    ),
)
HELP = Help(
    ref(20418),
    "20418/2",
    Stage.REFINED,
    (POLE, SLEEVE, TRAIL_CLUB),
    (WARRANTY, FIELD_FIX, INTERNAL),
    SIMILAR,
    (CHURN, URGENCY),
    ChurnSignal(Band.HIGH, CHURN.evidence),
    Mood.UNHAPPY,
    "en",
)
READY = Ready(OPENED, HELP, NOW, footer=FOOTER)
LOADING = Loading(ref(20418), OPENED.ticket.subject, FOOTER)
SYNCING = Syncing(
    "tarnandtor.zendesk.com",
    (
        CollectionProgress("Articles", 64, 64, finished=True),
        CollectionProgress("Macros", 40, 40, finished=True),
        CollectionProgress("Solved tickets", 812, 2_000),
        CollectionProgress("Canned responses", 0, problem="Your role may not read these, so Kibitz does without them."),
    ),
    Footer("tarnandtor.zendesk.com", syncing=True),
)
NOTHING = replace(
    READY,
    help=replace(
        HELP,
        replies=(),
        articles=(),
        similar=(),
        alerts=(),
        churn=ChurnSignal(Band.UNKNOWN, ()),
        mood=Mood.NEUTRAL,
        why_no_replies="Nothing close enough: no macro or past reply is about importing a tent to Norway. Your own answer will be "
        "learned from.",
        why_no_articles="No article is close enough to this question. 64 articles were searched.",
    ),
)


def german() -> Ready:
    """Return long German words, a legal threat and a plain search."""
    person = Customer(
        77,
        "Dr. Heinz-Günther Oberle-Schwarzenbacher",
        "heinz-guenther.oberle-schwarzenbacher@example.de",
        language="de",
        created_at=before(days=1200),
        organization=Organization(5, "Bergwacht Oberstdorf", "gold", "Good"),
        facts={"Mitgliedschaft": "Trail Club", "Letzte Bestellung": "TT-203377, versendet · Brae GTX, Größe 44,5"},
    )
    reply = replace(
        POLE,
        id=SuggestionId("de-1"),
        text="Sehr geehrter Herr Dr. Oberle-Schwarzenbacher,\n\nvielen Dank für Ihre ausführliche Nachricht. Die "
        "Wiederimprägnierungs- und Reparaturkostenvoranschläge unserer Werkstatt sind für Mitglieder einmal jährlich kostenfrei. "
        "Bitte senden Sie uns [Fotos der Sohlenablösung] sowie die Rücksendenummer [RMA-Nummer].\n\nMit freundlichen Grüßen\n"
        "Jonas Brandt",
        source=source(SourceKind.MACRO, "macro:77", "Gewährleistung::Sohlenablösung::Erstanfrage mit Fotoanforderung"),
        because=("gleiches Produkt (Brae GTX)", "gleiche Frage: Sohle löst sich"),
        open_slots=("[Fotos der Sohlenablösung]", "[RMA-Nummer]"),
    )
    past = replace(
        SLEEVE,
        id=SuggestionId("de-2"),
        text="Sehr geehrter Herr Dr. Oberle-Schwarzenbacher,\n\nwir haben Ihnen den Kaufpreis von 189,00 € inzwischen vollständig erstattet. "
        "Die Wiederbesohlung übernimmt unsere Werkstatt; das Paar wird voraussichtlich bis Freitag geliefert. Wir melden uns morgen "
        "bei Ihnen, sobald die Versandbestätigung unter [order number] vorliegt.",
        open_slots=("[order number]",),
        because=("gleiche Frage: Sohle löst sich",),
        source=source(
            SourceKind.PAST_REPLY, "reply:9:9", "Jonas Brandt zu „Sohlenablösung nach siebzehn Monaten“", days=12
        ),
    )
    past = replace(past, flags=find_flags(past.text, language="de", facts=""))
    alert = Alert(
        AlertKind.ESCALATION,
        "Rechtsanwalt angekündigt",
        "Legal questions go to Harriet. Do not admit or refuse anything; say that a colleague answers within one working day.",
        (Evidence("werde ich die Angelegenheit meinem Rechtsanwalt übergeben", "announces a lawyer", 1),),
        Band.HIGH,
        "legal",
    )
    opened = replace(
        OPENED,
        ticket=replace(
            OPENED.ticket,
            ref=ref(20433),
            subject="Gewährleistungsanspruch wegen Sohlenablösung meiner Bergwanderschuhe nach nur siebzehn Monaten bestimmungsgemäßen "
            "Gebrauchs",
        ),
        customer=person,
        history=(),
    )
    help_ = replace(
        HELP, ref=ref(20433), state_key="de", stage=Stage.PLAIN, replies=(past, reply), articles=(), similar=SIMILAR[2:], alerts=(alert,),
        churn=ChurnSignal(Band.LOW, ()), mood=Mood.ANGRY, mood_trend=Trend.FALLING, language="de",
    )  # fmt: skip
    return Ready(opened, help_, NOW, footer=replace(FOOTER, engine=Engine.DOWN))


def many_scripts() -> Ready:
    """Return Chinese, Japanese, emoji and Arabic, and an offline copy."""
    replies = (
        replace(POLE, id=SuggestionId("ja"), open_slots=("[日付]",), source=source(SourceKind.MACRO, "m:1", "配送::到着予定"),
                text="田中様\n\nお問い合わせありがとうございます。Lumen 400 ヘッドランプは[日付]に発送いたします。ご不便をおかけして申し訳ございません。🙏"),
        replace(SLEEVE, id=SuggestionId("ar"), source=source(SourceKind.PAST_REPLY, "r:2", "استفسار عن الشحن", days=9), because=("same language",), flags=(),
                text="مرحباً فاطمة،\n\nشكراً لرسالتك. سيصل طلبك TT-204777 خلال 3 إلى 6 أيام عمل. نعتذر عن التأخير."),
    )  # fmt: skip
    opened = replace(
        OPENED,
        ticket=replace(
            OPENED.ticket,
            ref=ref(20440),
            subject="📦😡 ヘッドランプがまだ届きません!! 三回目の問い合わせです <b>URGENT</b>",
            channel=Channel.CHAT,
        ),
        customer=replace(INES, name="田中 芽依 🏔️", notes="", tags=()),
    )
    help_ = replace(HELP, ref=ref(20440), state_key="ja", replies=replies, articles=(), language="ja", mood=Mood.ANGRY, alerts=(URGENCY,),
                    churn=ChurnSignal(Band.LOW, ()))  # fmt: skip
    return Ready(opened, help_, NOW, offline_age=timedelta(hours=3), footer=replace(FOOTER, offline=True))


def _row(number: int, happened: Happened, one: Suggestion, **more: Any) -> JournalRow:
    return JournalRow(
        SuggestionId(f"row-{number}"),
        before(hours=number * 1.7),
        ref(20418 - number * 7),
        "replies",
        1,
        one.source.kind,
        one.source.title,
        happened,
        one.text,
        **more,
    )


SENT = (
    POLE.text.replace("[address on the order]", "12 Otley Road, Leeds")
    .replace("[date]", "Thursday")
    .partition("\n\nIf you are")[0]
)
JOURNAL = (
    _row(0, Happened.EDITED, POLE, used=SENT, sent=SENT + "\n\nMaya", sent_as=SentAs.EDITED, edit_distance=168),
    _row(1, Happened.USED, SLEEVE, used=SLEEVE.text, sent=SLEEVE.text, sent_as=SentAs.AS_IS, edit_distance=0),
    _row(2, Happened.DISMISSED, TRAIL_CLUB, reason="Out of date"),
    _row(3, Happened.SHOWN, SLEEVE),
    _row(4, Happened.EXPIRED, TRAIL_CLUB, sent="Hi Elena, …", sent_as=SentAs.SOMETHING_ELSE),
    _row(5, Happened.USED, POLE, used=POLE.text, sent=POLE.text, sent_as=SentAs.AS_IS, edit_distance=0),
    _row(6, Happened.DISMISSED, SLEEVE, reason="Wrong topic"),
    _row(
        7,
        Happened.EDITED,
        TRAIL_CLUB,
        used=TRAIL_CLUB.text[:120],
        sent=TRAIL_CLUB.text[:120],
        sent_as=SentAs.EDITED,
        edit_distance=61,
    ),
)
CONNECTED = (
    Connected(ACCOUNT, HelpdeskKind.ZENDESK, "tarnandtor.zendesk.com", "Maya Okafor"),
    Connected(
        AccountId("freshdesk:tarnandtor"),
        HelpdeskKind.FRESHDESK,
        "tarnandtor.freshdesk.com",
        "Maya Okafor",
        "Freshdesk no longer accepts this key. Nothing was lost.",
    ),
)
