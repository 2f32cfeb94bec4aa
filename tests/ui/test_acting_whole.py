"""From the click to the customer: core, panel and the real Zendesk adapter against the demo helpdesk."""

from __future__ import annotations

import pytest

from assist.acts import ActKind
from assist.domain import SentAs, TicketRef, TicketStatus
from assist.store.acts import ActState
from desktop.acting.making import make_acting
from desktop.core import Core, Pace, Surface, TriggerFile
from desktop.desk import Seat
from desktop.policy import PolicyFile
from desktop.tasks import TaskSet
from desktop.vault import Vault
from integrations.demo.server import DEMO_OAUTH_TOKEN, DemoServer
from integrations.demo.world import World
from integrations.helpdesks import connect
from integrations.site import HelpdeskKind, OAuthToken, demo_site
from resources import ROOT
from tests.helpers.demo_store import demo_data
from tests.helpers.fakes import run, until
from tests.helpers.panel import words_on
from tests.helpers.store import KEY, opened


@pytest.fixture
def server():
    with DemoServer(World(demo_data())) as running:
        yield running


@pytest.fixture
def core(panel, tmp_path):
    errors = []
    with opened(tmp_path / "kibitz.db") as store:
        yield Core(
            Vault(store, KEY, is_session_only=False),
            TaskSet(lambda name, error: errors.append((name, error))),
            Surface(panel.show_state, lambda: True, lambda _: None),
            Pace(lambda _: 0.05, lambda _: 0.05),
            triggers=TriggerFile(ROOT / "triggers.toml", ()),
            policy=PolicyFile(tmp_path),
        )
    assert errors == []


@pytest.mark.promise("U7")
def test_that_a_reply_from_the_sheet_reaches_the_customer_once_and_its_outcome_is_logged(panel, core, server):
    notices: list[str] = []
    make_acting(core, panel, copy=lambda _: True, notice=notices.append, sign_in=lambda: None)
    site = demo_site(HelpdeskKind.ZENDESK, server.zendesk_port)
    ticket = next(one for one in list(server.world.tickets.values()) if one.status == "open")
    ref, before = TicketRef(site.account, ticket.number), len(ticket.comments)

    async def scenario():
        helpdesk = connect(site, OAuthToken(DEMO_OAUTH_TOKEN))
        core.desk.add(Seat(helpdesk, await helpdesk.me(), "demo"))
        core.session.open(ref)
        await until(lambda: panel.pages.currentWidget() is panel.ready)
        assert not panel.header.change.isVisibleTo(panel)
        core.policy.change(acting=True)
        core.refresh()
        assert panel.header.change.isVisibleTo(panel)
        await post(helpdesk)
        await until(lambda: core.store.log.outcomes(ref))
        await core.tasks.close()
        await helpdesk.aclose()

    async def post(helpdesk):
        panel.act_asked.emit(ActKind.REPLY, None)
        await until(lambda: "Public: the customer will see it" in words_on(panel.acting))
        panel.acting.editor.setPlainText("Hello,\n\n- one\n- two")
        panel.acting.send.click()
        await until(lambda: "Sent at" in words_on(panel.acting))
        panel.acting.close_button.click()
        panel.act_asked.emit(ActKind.STATUS, TicketStatus.SOLVED)
        await until(lambda: "Status: Open → Solved" in words_on(panel.acting))
        panel.acting.send.click()
        await until(lambda: "The status was set" in words_on(panel.acting))

    run(scenario())
    (written,) = ticket.comments[before:]
    assert (written.public, written.html) == (True, "<p>Hello,</p><ul><li>one</li><li>two</li></ul>")
    assert ticket.status == "solved"
    assert [outcome.sent_as for outcome in core.store.log.outcomes(ref)] == [SentAs.SOMETHING_ELSE]
    assert [kept.state for kept in core.store.acts.on_ticket(ref)] == [ActState.DONE, ActState.DONE]
    assert notices == []
