"""Puts acting together for one run: the presenter of its sheets, and what tells how earlier acts ended."""

from __future__ import annotations

from collections.abc import Callable

from assist.domain import Shown, Source, SuggestionId, TicketRef
from assist.performing import Performer
from assist.store.events import EventLog
from desktop import standing
from desktop.acting.doors import ActingDoors
from desktop.acting.presenter import ActingPresenter
from desktop.acting.told import TellTale
from desktop.core import Core
from desktop.meanwhile import Moved
from desktop.panel import words
from desktop.panel.view import PanelView
from desktop.session import Session
from desktop.standing import Changed


async def news_line(session: Session, suggestion_id: str) -> str:
    """Say what happened on the ticket since a suggestion was made; once, and empty where nothing is known of."""
    news = await session.news_for(suggestion_id)
    match news:
        case Moved():
            return words.moved_line(news.name, session.age_of(news), by_colleague=news.by_colleague)
        case Changed():
            return standing.notice(news)
        case _:
            return ""


def source_of(log: EventLog, suggestion_id: SuggestionId) -> Source | None:
    """Return what a suggestion was made from, as it was logged when it was shown."""
    shown = (logged.event for logged in log.about((suggestion_id,)))
    return next((one.source for one in shown if isinstance(one, Shown)), None)


def make_acting(
    core: Core,
    panel: PanelView,
    *,
    copy: Callable[[str], bool],
    notice: Callable[[str], None],
    sign_in: Callable[[], None],
) -> ActingPresenter:
    """Wire acting to the panel and to the core; nothing of it shows while the admin does not allow it."""
    performer = Performer(core.store.acts, core.clock)
    tell_tale = TellTale(panel.told, performer, core.store.acts, core.tasks, copy=copy)
    doors = ActingDoors(
        allowed=lambda: core.policy.value.acting,
        internal=lambda: core.policy.value.internal,
        copy=copy,
        notice=notice,
        sent=lambda ref: core.tasks.spawn("sent", core.outcomes.expect(ref)),
        sign_in=sign_in,
        news=lambda id_: news_line(core.session, id_),
        source=lambda id_: source_of(core.store.log, id_),
    )
    made = ActingPresenter(
        panel,
        session=core.session,
        desk=core.desk,
        performer=performer,
        tell_tale=tell_tale,
        tasks=core.tasks,
        clock=core.clock,
        doors=doors,
    )
    panel.send_asked.connect(made.ask_reply)
    panel.act_asked.connect(made.ask)
    before = core.session.on_front_changed

    def front_changed(ref: TicketRef | None) -> None:
        before(ref)
        made.front_changed(ref)

    core.session.on_front_changed = front_changed
    core.on_connected.append(lambda seat: made.look_again(seat.account))
    return made
