"""Sample sheets for screenshots: the demo shop of `desktop.samples`."""

from __future__ import annotations

from dataclasses import replace

from assist.acts import ActKind, Change
from assist.domain import TicketStatus
from desktop import samples
from desktop.acting import words
from desktop.acting.state import Phase, Sheet, Told, Way
from desktop.panel.words import flags_line, slots_line

STATUSES = (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.HOLD, TicketStatus.SOLVED)
READY = replace(samples.READY, acting=STATUSES, quiet_alerts=frozenset({"churn", "deadline"}))
REF = READY.help.ref
INES = ("Inês Caldeira <ines.caldeira@example.com>", "Rui Caldeira <rui@example.com>")

REPLY = Sheet(
    REF,
    ActKind.MACRO,
    Phase.ASKING,
    text=samples.POLE.text,
    public=True,
    recipients=INES,
    changes=(Change("status", "open", "pending"), Change("tags", "lathe pole", "lathe pole warranty")),
    warnings=(slots_line(2),),
)
SHORT = replace(REPLY, kind=ActKind.REPLY, text=samples.SLEEVE.text, changes=(), warnings=())
NOTE = Sheet(REF, ActKind.NOTE, Phase.ASKING, text="Asked the workshop whether the ferrule is in stock.")
TAGS = Sheet(REF, ActKind.TAGS, Phase.ASKING, text="lathe pole warranty", tags=("lathe", "pole", "2026"))
STATUS = Sheet(REF, ActKind.STATUS, Phase.ASKING, changes=(Change("status", "open", "solved"),))
BLOCKED = replace(SHORT, blocked="Internal: agents only. Your admin does not allow it in public replies.", warnings=())
LOOKING = replace(SHORT, phase=Phase.LOOKING, line=words.looking())
DONE = replace(STATUS, phase=Phase.DONE, can_undo=True, line=words.done(ActKind.STATUS, public=False, at=samples.NOW))
MOVED = replace(
    SHORT,
    phase=Phase.NOT_DONE,
    way=Way.TRY_AGAIN,
    line=words.not_done(ActKind.REPLY, "The ticket changed while you were writing. Look at it, then try again."),
)
NOT_GRANTED = replace(
    MOVED,
    way=Way.SIGN_IN,
    line=words.not_done(
        ActKind.REPLY,
        "Zendesk does not let you change this ticket: your role does not include it, or you signed in for reading"
        " only.",
    ),
)
TOLD = (
    Told("1", REF, words.told(ActKind.REPLY, 20417, samples.before(hours=2), is_done=True), done=True),
    Told("2", REF, words.told(ActKind.REPLY, 20418, samples.NOW, is_done=False), done=False, text=samples.SLEEVE.text),
)
GERMAN = replace(
    SHORT,
    text="Sehr geehrte Frau Donaudampfschifffahrtsgesellschaftskapitänswitwe,\n\nvielen Dank für Ihre Nachricht. "
    "Die Gewährleistungsbearbeitungsnummer lautet TT-204518.",
    recipients=("Donaudampfschifffahrtsgesellschaftskapitänswitwe <donaudampfschifffahrt@gesellschaft.example>",),
    warnings=(flags_line(samples.SLEEVE.flags), "顧客だけが見られます。🙂"),
)
