"""The whole app at DEBUG beside the demo helpdesk: what it leaves behind in files, arguments, environments and logs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from integrations.demo.data import load
from integrations.demo.model import Ticket
from integrations.demo.server import DEMO_ADMIN_FRESHDESK_KEY, DEMO_ZENDESK_TOKEN, DemoServer
from integrations.demo.world import World
from resources import ROOT
from tests.helpers.children import eventually
from tests.helpers.keyring_daemon import desktop

pytestmark = [pytest.mark.keyring_daemon, pytest.mark.slow]

OPENED = ("o-pole-snapped-ines", "o-legal-haines", "o-bereaved-gwen")
SECRETS = (DEMO_ZENDESK_TOKEN, DEMO_ADMIN_FRESHDESK_KEY)


@dataclass(frozen=True)
class Run:
    """One run of the app that opened tickets: where it lived, what its processes were called with, what it logged."""

    home: Path
    arguments: str
    environments: str
    log: str
    world: World


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("secrecy")
    (folder / "session").mkdir()
    world = World(load(ROOT / "demo"))
    with DemoServer(world) as server, desktop(folder / "session", unlocked=True) as session:
        home = folder / "home"
        env = {
            **os.environ,
            **session.env,
            "KIBITZ_HOME": str(home),
            "KIBITZ_LOG_LEVEL": "DEBUG",
            "QT_QPA_PLATFORM": "offscreen",
        }
        ports = [f"--demo-helpdesk=zendesk={server.zendesk_port}", f"--demo-helpdesk=freshdesk={server.freshdesk_port}"]
        with (folder / "out").open("wb") as out:
            app = subprocess.Popen(
                [sys.executable, "-m", "desktop", "--timings", *ports], cwd=ROOT.parent, env=env, stdout=out, stderr=out
            )
        try:
            # Before that, `open` would start a Kibitz of its own.
            eventually(lambda: "ready after" in (folder / "out").read_text("utf-8"), deadline_s=60)
            _open_tickets(world, server, env, home)
            processes = [psutil.Process(app.pid), *psutil.Process(app.pid).children(recursive=True)]
            arguments = "\n".join(" ".join(process.cmdline()) for process in processes)
            environments = "\n".join(str(process.environ()) for process in processes)
        finally:
            app.terminate()
            app.wait(30)
        log = "\n".join(path.read_text("utf-8") for path in (home / "log").iterdir())
        yield Run(home, arguments, environments, log + (folder / "out").read_text("utf-8"), world)


def _open_tickets(world: World, server: DemoServer, env: dict[str, str], home: Path) -> None:
    """Open tickets by their addresses and wait until the app has read each of them from the helpdesk."""
    numbers = [number for number, ticket in world.tickets.items() if ticket.key in OPENED]
    assert len(numbers) == len(OPENED)
    for number in numbers:
        for url in (f"{server.zendesk_url}/agent/tickets/{number}", f"{server.freshdesk_url}/a/tickets/{number}"):
            face = "zendesk" if "/agent/" in url else "freshdesk"
            subprocess.run(
                [sys.executable, "-m", "desktop", "open", url], cwd=ROOT.parent, env=env, check=True, timeout=60
            )
            eventually(
                lambda number=number, face=face: any(
                    seen.face == face and re.search(rf"/tickets/{number}(\.json)?$", seen.path)
                    for seen in world.requests
                ),
                deadline_s=60,
            )
    eventually(lambda: any((home / "data").glob("*.db")), deadline_s=30)


def _bytes_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


@pytest.mark.promise("S1")
def test_that_no_file_of_the_app_holds_a_credential(run: Run) -> None:
    kept = [path for path, content in _bytes_below(run.home) for secret in SECRETS if secret.encode() in content]
    assert kept == []
    assert any(path.name == "kibitz.db" for path, _ in _bytes_below(run.home))


@pytest.mark.promise("S1")
def test_that_no_argument_or_environment_of_its_processes_holds_a_credential(run: Run) -> None:
    assert "zendesk=" in run.arguments  # the arguments were read
    assert "KIBITZ_HOME" in run.environments
    for secret in SECRETS:
        assert secret not in run.arguments
        assert secret not in run.environments


@pytest.mark.promise("S1")
@pytest.mark.promise("S3")
def test_that_the_debug_log_holds_no_credential_address_subject_or_sentence(run: Run) -> None:
    assert "DEBUG" in run.log
    found = [secret for secret in SECRETS if secret in run.log]
    for key in OPENED:
        ticket = next(ticket for ticket in run.world.tickets.values() if ticket.key == key)
        found += [piece for piece in _private_pieces(ticket, run.world) if piece in run.log]
    assert found == []


def _private_pieces(ticket: Ticket, world: World) -> list[str]:
    """The subject, the requester's name and e-mail address, and every sentence of the conversation."""
    customer = world.people[ticket.requester_id]
    lines = [line for comment in ticket.comments for line in re.split(r"[.!?\n]", comment.text)]
    sentences = [line.strip() for line in lines if len(line.strip()) > 25]
    assert sentences
    return [ticket.subject, customer.name, customer.email, *sentences]


@pytest.mark.promise("S1")
def test_that_what_the_app_keeps_is_for_its_owner_only(run: Run) -> None:
    if os.name == "nt":
        pytest.skip("POSIX modes")
    modes = {path.name: path.stat().st_mode & 0o077 for path, _ in _bytes_below(run.home / "data")}
    assert modes["kibitz.db"] == 0
    assert {name for name, mode in modes.items() if mode} == set()
