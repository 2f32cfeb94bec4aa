"""The agent at the sheet of acting: a real panel, or the parts of one, over a real store, and a helpdesk in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from assist.domain import Visibility
from assist.performing import Performer
from desktop.acting.doors import ActingDoors
from desktop.acting.making import source_of
from desktop.acting.presenter import ActingPresenter
from desktop.acting.told import TellTale
from desktop.panel.acting import ActingPage
from desktop.panel.acting_strip import ActingStrip
from desktop.panel.state import Ready
from desktop.policy import InternalUse
from desktop.widgets.basics import column
from tests.helpers.builders import a_source
from tests.helpers.fakes import Table, run

TEXT = "Reply to 7."
INTERNAL = a_source("reply:8:1", visibility=Visibility.AGENTS)


class Light(QWidget):
    """The parts of a panel that acting needs, which are made faster than a whole one."""

    send_asked = Signal(str)
    act_asked = Signal(object, object)

    def __init__(self, theme):
        super().__init__()
        self.acting = ActingPage(theme)
        self.told = ActingStrip(theme)
        layout = column()
        layout.addWidget(self.told)
        layout.addWidget(self.acting)
        self.setLayout(layout)
        self.show_sheet(None)

    def show_state(self, _state):
        """Nothing of a ticket is shown here."""

    def show_sheet(self, sheet):
        self.acting.setVisible(sheet is not None)
        if sheet is not None:
            self.acting.show_state(sheet)


class Screen(list):
    """What the session shows, also on the panel; ``desk`` adds what the admin decided."""

    def __init__(self, panel, desk):
        super().__init__()
        self.panel, self.desk = panel, desk

    def append(self, state):
        if isinstance(state, Ready):
            statuses = self.desk.at.helpdesk.actor.statuses if self.desk.allowed else ()
            state = replace(state, acting=statuses)
        super().append(state)
        self.panel.show_state(state)


class Desk:
    """A panel, a session and the acting between them."""

    def __init__(self, panel, store):
        self.panel = panel
        self.allowed = True
        self.internal = InternalUse.WARN
        self.news = ""
        self.notices: list[str] = []
        self.copied: list[str] = []
        self.sent: list = []
        self.sign_ins = 0
        self.at = Table(store, shown=Screen(panel, self))
        self.at.has(7, 8)
        self.actor = self.at.helpdesk.actor
        self.performer = Performer(store.acts, self.at.clock, sleep=self._sleep)
        tell_tale = TellTale(
            *(panel.told, self.performer, store.acts, self.at.tasks), copy=self._copy, sleep=self._sleep
        )
        doors = ActingDoors(
            allowed=lambda: self.allowed,
            internal=lambda: self.internal,
            copy=self._copy,
            notice=self.notices.append,
            sent=self.sent.append,
            sign_in=self._sign_in,
            news=self._news,
            source=lambda id_: source_of(store.log, id_),
        )
        self.acting = ActingPresenter(
            panel,
            session=self.at.session,
            desk=self.at.desk,
            performer=self.performer,
            tell_tale=tell_tale,
            tasks=self.at.tasks,
            clock=self.at.clock,
            doors=doors,
        )
        panel.send_asked.connect(self.acting.ask_reply)
        panel.act_asked.connect(self.acting.ask)
        self.at.session.on_front_changed = self.acting.front_changed
        self.page = panel.acting

    async def _sleep(self, seconds):
        self.at.clock.advance(seconds=seconds)
        await asyncio.sleep(0)

    async def _news(self, _suggestion_id):
        return self.news

    def _copy(self, text):
        self.copied.append(text)
        return True

    def _sign_in(self):
        self.sign_ins += 1

    def after(self, *acts):
        """Open ticket 7, do what the agent does, and let each come to its end."""

        async def scenario():
            await self.at.open()
            for act in acts:
                act()
                await self.at.settle()

        run(scenario())
        assert self.at.errors == []

    # what the agent does

    def ask(self):
        self.panel.send_asked.emit("s7-1")

    def send(self):
        self.page.send.click()

    def type(self, text):
        return lambda: self.page.editor.setPlainText(text)

    def switch_to(self, ticket):
        return lambda: self.at.session.open(self.at.ref(ticket))

    @property
    def shows_sheet(self):
        return self.page.isVisibleTo(self.panel)

    @property
    def written(self):
        return [(act.kind, act.text) for act in self.actor.written]

    def states(self):
        return [kept.state for kept in self.at.store.acts.on_ticket(self.at.ref())]
