"""The report that an agent may save and send: enough to mend Kibitz by, and nothing that anybody wrote."""

from __future__ import annotations

import asyncio
import json
import logging
import zipfile
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, HelpdeskKind
from assist.errors import Unreachable
from assist.ports import Quota, SyncScope
from assist.store.records import Account, Checkpoint
from desktop.diagnostics import Diagnostics, Sources
from desktop.logs import start_logging, stop_logging
from desktop.policy import Offered, Policy
from desktop.settings import LogLevel, Placement, Settings
from desktop.syncing import SyncStatus
from integrations.http import Request, Response
from integrations.shapes import UnknownShapes
from tests.helpers.builders import an_agent
from tests.helpers.fakes import table

TOKEN = "Zq7Jx94kRt21PlmVw83Ns06Bd"
NAMES = ("Ypsilon & Söhne", "ypsilon-gmbh", "Maya Okafor", "maya@ypsilon.example", "Ypsilon (Sandbox)")


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        yield laid


@pytest.fixture
def logs(tmp_path):
    start_logging(tmp_path / "log")
    yield tmp_path / "log"
    stop_logging()


def put_account(at, name: str = "Ypsilon (Sandbox)") -> None:
    agent = an_agent(name="Maya Okafor", email="maya@ypsilon.example")
    account = Account(
        id=AccountId("zendesk:ypsilon-gmbh"),
        kind=HelpdeskKind.ZENDESK,
        base_url="https://ypsilon-gmbh.zendesk.com",
        display="Ypsilon & Söhne",
        agent=agent,
        added_at=at.clock.now(),
        name=name,
    )
    asyncio.run(at.store.state.put_account(account))


def diagnostics(at, logs, *, shapes: UnknownShapes | None = None, policy: Policy | None = None) -> Diagnostics:
    told = SyncStatus(problem="Zendesk asks to wait 3 minutes before the next request")
    return Diagnostics(
        Sources(
            settings=lambda: Settings(
                placements={"HDMI-1 of Maya": Placement()},
                browsers={"ab": "Firefox of Maya Okafor"},
                log_level=LogLevel.DEBUG,
            ),
            policy=lambda: policy or Policy(),
            store=at.store,
            desk=at.desk,
            sync_status=lambda _: told,
            clock=at.clock,
            keyring="Secret Service",
            engine_is_up=lambda: True,
            unknown_shapes=(shapes or UnknownShapes()).as_json,
            log_folder=logs,
        )
    )


def saved(made: Diagnostics, tmp_path) -> dict[str, str]:
    path = tmp_path / "report.zip"
    asyncio.run(made.save_bundle(path))
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.logs("the search did not start")
def test_that_it_says_how_everything_stands(at, logs, tmp_path):
    put_account(at)
    at.helpdesk.quota = Quota(400, 361, at.clock.now() - timedelta(minutes=2))
    asyncio.run(at.store.state.put_checkpoint(at.seat.account, "articles", Checkpoint("x", True, at.clock.now())))
    policy = Policy(acting=True, scopes={at.seat.account: SyncScope(brands=frozenset({1, 2}), months=6)})
    logging.getLogger("desktop.core").warning("the search did not start")
    found = saved(diagnostics(at, logs, policy=policy), tmp_path)

    assert sorted(found) == ["README.txt", "about.json", "accounts.json", "log.txt", "settings.json", "shapes.json"]
    about, kept, accounts = (json.loads(found[name]) for name in ("about.json", "settings.json", "accounts.json"))
    assert about["keyring"] == "Secret Service"
    assert about["versions"]["PySide6-Essentials"].startswith("6.")
    assert kept["log_level"] == "debug"
    assert (kept["screens placed"], kept["browsers paired"]) == (1, 1)
    assert kept["admin"]["acting"] is True
    assert kept["admin"]["accounts limited"] == [{"brands": 2, "groups": 0, "folders": 0, "months": 6}]
    (connected,) = (one for one in accounts if one["connected"])
    assert connected["account"].startswith("zendesk-")
    assert connected["requests"] == {"limit": 400, "remaining": 361, "seen": "2 min ago"}
    assert connected["reading"]["articles"] == {"done": True, "written": "0 min ago"}
    assert connected["reading"]["problem"].startswith("Zendesk asks to wait")
    assert "the search did not start" in found["log.txt"]


@pytest.mark.promise("S1")
@pytest.mark.promise("S3")
@pytest.mark.logs("integrations.connection: ")
def test_that_no_name_no_token_and_no_word_of_a_reply_is_in_it(at, logs, tmp_path):
    put_account(at)
    log = logging.getLogger("integrations.connection")
    log.warning("sync of zendesk:ypsilon-gmbh stopped: %s", Unreachable.__name__)
    log.warning("GET https://ypsilon-gmbh.zendesk.com/api/v2/tickets.json?email=maya@ypsilon.example -> 500")
    log.error("%s signed in with Bearer %s at Ypsilon & Söhne", "Maya Okafor", TOKEN)
    log.error("ticket %s of freshdesk:other-shop could not be read from %s", "zendesk:ypsilon-gmbh#4711", tmp_path)
    shapes = UnknownShapes()
    body = json.dumps({"id": 1, "status": "on_the_moon", "body": "Dear Mr Ypsilon", "Maya Okafor": TOKEN}).encode()
    shapes.note("Zendesk", Request("GET", "https://x.example/api/v2/tickets/4711"), Response(200, {}, body))
    policy = Policy(offered=(Offered(HelpdeskKind.ZENDESK, "ypsilon-gmbh", client_id="ypsilon_client"),))
    found = saved(diagnostics(at, logs, shapes=shapes, policy=policy), tmp_path)

    everything = "\n".join(found.values()).lower()
    for secret in (*NAMES, TOKEN, "ypsilon", "maya", "other-shop", "4711", "on_the_moon", "ypsilon_client"):
        assert secret.lower() not in everything, secret
    assert "sync of zendesk-" in everything
    assert "stopped: unreachable" in everything


@pytest.mark.promise("S1")
@pytest.mark.promise("S3")
@pytest.mark.logs("could not sign in")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.text("abcdefgxyzäöü -", min_size=5, max_size=20).map(lambda text: f"Q{text.strip()}q"),
    token=st.text("abcdefghijkXYZ0123456789", min_size=30, max_size=60).map(lambda text: f"a1{text}"),
    mail=st.from_regex(r"[a-z]{3,9}\.[a-z]{3,9}@[a-z]{4,9}\.example", fullmatch=True),
)
def test_that_whatever_an_account_and_an_agent_are_called_it_is_not_in_it(at, logs, tmp_path, name, token, mail):
    put_account(at, name)
    log = logging.getLogger("desktop.core")
    log.warning("%s could not sign in as %s with token=%s", name, mail, token)
    shapes = UnknownShapes()
    said = json.dumps({"id": 7, name: token, "subject": mail, "list": [{mail: name}, token]}).encode()
    shapes.note("Freshdesk", Request("GET", f"https://x.example/{token}?{mail}={name}"), Response(400, {}, said))
    path = tmp_path / "report.zip"
    everything = "\n".join(saved(diagnostics(at, logs, shapes=shapes), tmp_path).values()).lower()

    for secret in (name, token, mail):
        assert secret.lower() not in everything
        assert secret.encode() not in path.read_bytes()


def test_that_a_report_that_cannot_be_written_leaves_nothing_behind(at, logs, tmp_path):
    made = diagnostics(at, logs)
    (tmp_path / "taken").mkdir()

    with pytest.raises(OSError, match="taken"):
        asyncio.run(made.save_bundle(tmp_path / "taken"))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".taken")] == []


def test_that_two_reports_name_the_same_account_differently(at, logs, tmp_path):
    one, other = (json.loads(saved(diagnostics(at, logs), tmp_path)["accounts.json"]) for _ in range(2))

    assert one[0]["account"] != other[0]["account"]
