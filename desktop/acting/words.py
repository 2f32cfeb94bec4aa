"""The words for acts: pure functions, one place per word."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QLocale, QTime

from assist.acts import ActKind
from assist.domain import Source, Suggestion, TicketStatus, Visibility
from assist.text.personal import slots
from desktop.acting.state import Sheet
from desktop.i18n import tr, words_locale
from desktop.panel import words
from desktop.panel.words import Sign
from desktop.policy import InternalUse


def title(kind: ActKind, *, public: bool) -> str:
    match kind:
        case ActKind.STATUS:
            return tr("Set the status")
        case ActKind.TAGS:
            return tr("Change the tags")
        case ActKind.MACRO:
            return tr("Apply the macro")
        case _:
            return tr("Public reply") if public else tr("Internal note")


def reach(*, public: bool) -> Sign:
    """Return who will see it, in a word and a sign: never by colour alone."""
    if public:
        return Sign(tr("Public: the customer will see it"), "mail", "amber")
    return Sign(tr("Internal: only your team will see it"), "lock", "neutral")


def send(sheet: Sheet) -> str:
    """Return what the button says that does it."""
    match sheet.kind:
        case ActKind.STATUS:
            return tr("Set status")
        case ActKind.TAGS:
            return tr("Change tags")
        case ActKind.MACRO if not sheet.writes:
            return tr("Apply macro")
        case _:
            return tr("Send public reply") if sheet.public else tr("Add internal note")


def warnings(found: Suggestion | Source | None, text: str, internal: InternalUse) -> tuple[tuple[str, ...], str]:
    """Return what has to be agreed to before a customer gets ``text``, and why it may not be sent at all (promise U5).

    ``found`` is what the text came from; of a suggestion of an earlier run only the source is known.
    """
    if found is None:
        return (), ""
    said = []
    sources = (found,) if isinstance(found, Source) else (found.source, *found.also)
    inside = next((one.visibility for one in sources if one.visibility is not Visibility.EVERYONE), None)
    if inside is not None and (sign := words.visibility_warning(inside)) is not None:
        if internal is InternalUse.NEVER:
            return (), tr("{who}. Your admin does not allow it in public replies.", who=sign.word)
        said.append(tr("{who}. This customer may not be meant to read it.", who=sign.word))
    if isinstance(found, Suggestion):
        if left := slots(text) if found.open_slots else ():
            said.append(words.slots_line(len(left)))
        if found.flags:
            said.append(words.flags_line(found.flags))
    return tuple(said), ""


def under_way(sheet: Sheet) -> str:
    match sheet.kind:
        case ActKind.STATUS | ActKind.TAGS:
            return tr("Changing …")
        case _:
            return tr("Sending …") if sheet.public else tr("Adding …")


def done(kind: ActKind, *, public: bool, at: datetime) -> str:
    match kind:
        case ActKind.STATUS:
            return tr("The status was set at {time}.", time=clock(at))
        case ActKind.TAGS:
            return tr("The tags were changed at {time}.", time=clock(at))
        case _ if public:
            return tr("Sent at {time}.", time=clock(at))
        case ActKind.MACRO:
            return tr("The macro was applied at {time}.", time=clock(at))
        case _:
            return tr("Added as an internal note at {time}.", time=clock(at))


def not_public() -> str:
    """Return what is said where the helpdesk made a note of a reply."""
    return tr("Added as an internal note only: your role may not answer publicly. The customer did not get it.")


def not_done(kind: ActKind, why: str) -> str:
    kept = tr("Nothing was changed.") if kind in {ActKind.STATUS, ActKind.TAGS} else tr("Not sent; your text is kept.")
    return f"{why} {kept}" if why else kept


def looking() -> str:
    return tr("No answer came. Kibitz looks whether it has arrived; that can take up to two minutes.")


def out_of_sight() -> str:
    return tr("It is not known whether it has arrived, and the helpdesk cannot be asked now. Kibitz goes on looking.")


def told(kind: ActKind, ref_id: int, at: datetime, *, is_done: bool) -> str:
    """Return what became of something that was asked for ``at``."""
    what = {
        ActKind.REPLY: tr("Your reply of {time} to #{id}", time=clock(at), id=ref_id),
        ActKind.NOTE: tr("Your note of {time} on #{id}", time=clock(at), id=ref_id),
        ActKind.STATUS: tr("The status that you set at {time} on #{id}", time=clock(at), id=ref_id),
        ActKind.TAGS: tr("The tags that you changed at {time} on #{id}", time=clock(at), id=ref_id),
        ActKind.MACRO: tr("The macro that you applied at {time} to #{id}", time=clock(at), id=ref_id),
    }[kind]
    if kind in {ActKind.REPLY, ActKind.NOTE, ActKind.MACRO}:
        return tr("{what} was sent.", what=what) if is_done else tr("{what} was not sent.", what=what)
    return tr("{what} went through.", what=what) if is_done else tr("{what} did not go through.", what=what)


def change_label(what: str) -> str:
    return {"status": tr("Status"), "tags": tr("Tags")}.get(what, what)


def change_value(what: str, value: str) -> str:
    """Return a status in the agent's words; everything else as it is."""
    if what == "status" and value in set(TicketStatus):
        return words.status_sign(TicketStatus(value)).word
    return value


def clock(at: datetime) -> str:
    """Return the time of day of ``at`` where the user is, in words of the interface's language or none at all."""
    local = at.astimezone()
    time, locale = QTime(local.hour, local.minute), words_locale()
    return locale.toString(time, QLocale.FormatType.ShortFormat) if locale == QLocale() else time.toString("HH:mm")
