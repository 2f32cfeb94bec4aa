"""The panel's words for values of the vocabulary: pure functions, one place per word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QDate, QLocale

from assist.domain import (
    Alert,
    AlertKind,
    Band,
    Channel,
    Csat,
    Flag,
    FlagKind,
    Mood,
    OpenTicket,
    Role,
    Source,
    SourceKind,
    Suggestion,
    TicketStatus,
    Trend,
    Visibility,
)
from desktop.i18n import tr, tr_n, words_locale
from desktop.panel.state import Decided, Place
from desktop.settings import Loaded
from desktop.widgets.prose import Span


@dataclass(frozen=True, slots=True)
class Sign:
    """A word with the icon and the tone that go with it."""

    word: str
    icon: str
    tone: str = "neutral"


def age(delta: timedelta) -> str:
    """Return how long ``delta`` is, in its largest unit: ``12 min``, ``2 h 5 min``, ``2 days``."""
    minutes = max(0, int(delta.total_seconds() // 60))
    if minutes < 1:
        return tr("a moment")
    if minutes < 60:
        return tr("{n} min", n=minutes)
    if minutes < 10 * 60 and minutes % 60:
        return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    if minutes < 48 * 60:
        return tr("{n} h", n=minutes // 60)
    days = minutes // (24 * 60)
    if days < 21:
        return tr("{n} days", n=days)
    if days < 60:
        return tr("{n} weeks", n=days // 7)
    if days < 730:
        return tr("{n} months", n=days // 30)
    return tr("{n} years", n=days // 365)


def ago(delta: timedelta) -> str:
    """Return ``delta`` as a time in the past."""
    return tr("just now") if delta < timedelta(minutes=1) else tr("{age} ago", age=age(delta))


def moved_line(name: str, since: timedelta, *, by_colleague: bool) -> str:
    """Return what an agent is told who is about to answer although somebody wrote ``since`` ago."""
    seconds = int(since.total_seconds())
    when = tr("{n} s ago", n=seconds) if 1 <= seconds < 60 else ago(since)
    if by_colleague:
        return tr("{name} answered {when}. Look first.", name=name or tr("A colleague"), when=when)
    return tr("{name} wrote {when}. Look first.", name=name or tr("The customer"), when=when)


def day(moment: datetime) -> str:
    """Return the date of ``moment`` where the user is, e.g. ``12 Oct 2026``."""
    local = moment.astimezone()
    return words_locale().toString(QDate(local.year, local.month, local.day), "d MMM yyyy")


def waiting_since(opened: OpenTicket) -> datetime | None:
    """Return when the customer's oldest unanswered public message came; None when an agent answered last."""
    since: datetime | None = None
    for message in reversed(opened.messages):
        if not message.public or message.author.role is Role.SYSTEM:
            continue
        if message.author.role is Role.AGENT:
            break
        since = message.created_at
    return since


def channel_sign(channel: Channel) -> Sign:
    return {
        Channel.EMAIL: Sign(tr("E-mail"), "mail"),
        Channel.WEB: Sign(tr("Web form"), "web"),
        Channel.CHAT: Sign(tr("Chat"), "chat"),
        Channel.PHONE: Sign(tr("Phone"), "phone"),
        Channel.SOCIAL: Sign(tr("Social"), "social"),
        Channel.API: Sign(tr("API"), "web"),
        Channel.OTHER: Sign(tr("Other channel"), "ticket"),
    }[channel]


def mood_sign(mood: Mood) -> Sign:
    return {
        Mood.ANGRY: Sign(tr("Angry"), "mood-angry", "red"),
        Mood.UNHAPPY: Sign(tr("Unhappy"), "mood-unhappy", "amber"),
        Mood.NEUTRAL: Sign(tr("Neutral"), "mood-neutral", "neutral"),
        Mood.CONTENT: Sign(tr("Content"), "mood-content", "green"),
        Mood.HAPPY: Sign(tr("Happy"), "mood-happy", "green"),
    }[mood]


def trend_word(trend: Trend) -> str:
    """Return where the mood goes, or nothing where it stays or cannot be told."""
    return {Trend.FALLING: tr("getting worse"), Trend.RISING: tr("getting better")}.get(trend, "")


def mood_tip(trend: Trend) -> str:
    return {
        Trend.UNKNOWN: tr("The mood of the customer's last message"),
        Trend.STEADY: tr("The mood of the customer's last message, much as before"),
        Trend.FALLING: tr("The mood of the customer's last message, worse than before"),
        Trend.RISING: tr("The mood of the customer's last message, better than before"),
    }[trend]


def band_word(band: Band) -> str:
    return {
        Band.UNKNOWN: tr("Not enough known"),
        Band.LOW: tr("Low"),
        Band.RAISED: tr("Raised"),
        Band.HIGH: tr("High"),
    }[band]


def alert_sign(alert: Alert) -> Sign:
    """Return the kind's word and icon; the tone is red where the matter may not wait."""
    word, icon = {
        AlertKind.CHURN: (tr("May leave"), "leaving"),
        AlertKind.ESCALATION: (tr("Needs a human lead"), "shield"),
        AlertKind.ANGER: (tr("Angry"), "flame"),
        AlertKind.URGENCY: (tr("Urgent"), "urgent"),
        AlertKind.STALE: (tr("Ticket changed"), "stale"),
    }[alert.kind]
    if alert.kind is AlertKind.STALE:
        return Sign(word, icon, "neutral")
    return Sign(word, icon, "red" if alert.band is Band.HIGH else "amber")


def source_sign(kind: SourceKind) -> Sign:
    return {
        SourceKind.MACRO: Sign(tr("Macro"), "macro"),
        SourceKind.PAST_REPLY: Sign(tr("Past reply"), "past-reply"),
        SourceKind.ARTICLE: Sign(tr("Article"), "article"),
    }[kind]


def source_line(source: Source) -> str:
    """Return kind and date in one line."""
    kind = tr("Courtesy") if source.key.startswith("courtesy:") else source_sign(source.kind).word
    parts = [kind, day(source.date) if source.date is not None else ""]
    return " · ".join(part for part in parts if part)


def path(text: str) -> str:
    """Return ``Folder::Title``, as helpdesks write what stands in what, as a path; other text with colons as it is."""
    return text.replace("::", " › ") if ":" not in text.replace("::", "") and "\n" not in text else text


def source_title(source: Source) -> str:
    """Return the title; a macro's ``Folder::Title`` reads as a path."""
    return source.title.replace("::", " › ")


def confidence_sign(confidence: float) -> Sign:
    """Return a word for ``confidence``: a number would claim more than is known."""
    if confidence >= 0.75:
        return Sign(tr("Strong match"), "check", "accent")
    if confidence >= 0.5:
        return Sign(tr("Good match"), "", "neutral")
    return Sign(tr("Possible match"), "question", "neutral")


def visibility_warning(visibility: Visibility) -> Sign | None:
    """Return what to warn of before this goes to a customer, or None where everyone may read it."""
    return {
        Visibility.EVERYONE: None,
        Visibility.SIGNED_IN: Sign(tr("Signed-in customers only"), "lock", "amber"),
        Visibility.RESTRICTED: Sign(tr("Some customers only"), "lock", "amber"),
        Visibility.AGENTS: Sign(tr("Internal: agents only"), "lock", "red"),
    }[visibility]


def status_sign(status: TicketStatus, own_name: str = "") -> Sign:
    sign = {
        TicketStatus.NEW: Sign(tr("New"), "", "accent"),
        TicketStatus.OPEN: Sign(tr("Open"), "", "amber"),
        TicketStatus.PENDING: Sign(tr("Pending"), "", "neutral"),
        TicketStatus.HOLD: Sign(tr("On hold"), "", "neutral"),
        TicketStatus.SOLVED: Sign(tr("Solved"), "", "green"),
        TicketStatus.CLOSED: Sign(tr("Closed"), "", "neutral"),
        TicketStatus.OTHER: Sign(tr("Other"), "", "neutral"),
    }[status]
    return Sign(own_name, sign.icon, sign.tone) if own_name else sign


def csat_sign(csat: Csat | None) -> Sign | None:
    return {
        None: None,
        Csat.GOOD: Sign(tr("Rated good"), "thumb-up", "green"),
        Csat.BAD: Sign(tr("Rated bad"), "thumb-down", "red"),
        Csat.OFFERED: Sign(tr("Not rated"), "", "neutral"),
    }[csat]


def outcome_line(decided: Decided, place: Place | None) -> str:
    """Return what became of a suggestion; a dismissed one has its own face."""
    edited = decided is Decided.EDITED
    if decided is Decided.EXPIRED:
        return tr("The ticket has moved on.")
    if decided is Decided.DISMISSED:
        return ""
    match place:
        case Place.UNDER_WAY:
            return tr("Inserting …")
        case Place.COMPOSER:
            own, as_is = (
                "Your version is in your reply. Read it, then send.",
                "It is in your reply. Read it, then send.",
            )
        case Place.NOWHERE:
            own = as_is = "Not inserted: something else was in front."
        case Place.SENT:
            own, as_is = "Your version was sent.", "It was sent."
        case None:
            own, as_is = "Your version is copied. Paste it into your reply.", "Copied. Paste it into your reply."
    return tr(own if edited else as_is)


def slot_spans(suggestion: Suggestion) -> tuple[Span, ...]:
    """Return where the open slots stand in the text, brackets included, in order of appearance.

    Of a slot within another one only the outer is told.
    """
    spans: list[Span] = []
    for slot in dict.fromkeys(suggestion.open_slots):
        wanted = slot if slot.startswith("[") else f"[{slot}]"
        start = suggestion.text.find(wanted)
        while start >= 0:
            spans.append(Span(start, start + len(wanted), "slot"))
            start = suggestion.text.find(wanted, start + len(wanted))
    ends = 0
    outer: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start >= ends:
            outer.append(span)
            ends = span.end
    return tuple(outer)


def flag_spans(suggestion: Suggestion) -> tuple[Span, ...]:
    """Return where the text says what was true of another ticket, in order of appearance."""
    return tuple(Span(flag.start, flag.end, "flag") for flag in suggestion.flags)


def flags_line(flags: Sequence[Flag]) -> str:
    """Return what to check, each kind once, in order of appearance."""
    kinds = {
        FlagKind.DATE: tr("date"),
        FlagKind.AMOUNT: tr("amount"),
        FlagKind.DONE: tr("what was done"),
        FlagKind.PROMISE: tr("promise"),
    }
    return tr("Check: {kinds}", kinds=", ".join(dict.fromkeys(kinds[flag.kind] for flag in flags)))


def slots_line(count: int) -> str:
    return tr_n("Fill in one place before you send", "Fill in {n} places before you send", n=count)


LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
}


def settings_lost(loaded: Loaded) -> str:
    """Return what to say of a settings file that could not be used, or not all of it; empty when it could."""
    if loaded.kept is not None:
        return tr(
            "Your settings file could not be read, so Kibitz starts with its usual settings. Accounts and data are as "
            "they were. The file was kept: {path}",
            path=str(loaded.kept),
        )
    if loaded.unreadable:
        return tr(
            "Your settings file could not be read, and was left as it is. Kibitz starts with its usual settings. "
            "Accounts and data are as they were."
        )
    if loaded.unusable:
        names = "; ".join(f"“{tr(one.help)}”" for one in loaded.unusable)
        return tr(
            "Your settings file has values that Kibitz cannot use. These are as usual: {settings}.", settings=names
        )
    return ""


def language_word(code: str) -> str:
    """Return the language's own name, or the code where its name is not known here."""
    primary = code.partition("-")[0].lower()
    if primary in LANGUAGES:
        return LANGUAGES[primary]
    native = QLocale(primary).nativeLanguageName() if primary else ""
    return native.capitalize() or code
