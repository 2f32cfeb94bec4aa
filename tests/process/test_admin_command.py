"""``kibitz admin`` as a process of its own: a real keyring, a real store, the demo helpdesk, and no screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.demo.process import DemoProcess
from tests.helpers.keyring_daemon import desktop

ROOT = Path(__file__).resolve().parents[2]
LIVED_IN = """
import asyncio
from assist.store.database import StoreKey
from assist.store.store import open_store
from desktop.secrets import Secrets, service_name
from desktop.settings import folders
from assist.domain import Author, Role, SolvedTicket
from tests.helpers.builders import a_customer, a_message, a_ticket, an_open_ticket

async def main():
    where = folders()
    where.data.mkdir(parents=True)
    secrets = await Secrets.open(service_name(where))
    found = await secrets.store_key(where.data / "keyring", database_exists=False)
    store = open_store(where.data / "kibitz.db", StoreKey(found.key))
    await store.tickets.put(an_open_ticket())
    olga = a_customer(id=901, name="Olga Caldeira", email="olga@example.org")
    await store.tickets.put(an_open_ticket(8, ticket=a_ticket(8, requester_id=901), customer=olga, messages=()))
    quoting = a_message("Please write to rui@example.org.", author=Author(902, "Petra Vogel", Role.CUSTOMER))
    await store.knowledge.put_solved([(SolvedTicket(a_ticket(9, requester_id=902), (quoting,)), ())])
    store.close()

asyncio.run(main())
"""


def python(*arguments: object, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def admin(*words: object, env: dict[str, str], ports: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    given = [word for port in ports for word in ("--demo-helpdesk", port)]
    return python("-m", "desktop", *given, "admin", *words, env=env)


@pytest.mark.slow
@pytest.mark.keyring_daemon
@pytest.mark.promise("D7")
def test_that_a_machine_without_a_screen_is_checked_and_a_customer_deleted_from_it(tmp_path):
    demo = DemoProcess()
    try:
        ports = demo.ports()
        with desktop(tmp_path, unlocked=True) as session:
            assert python("-c", LIVED_IN, env=session.env).stderr == ""
            several = admin("delete-customer", "zendesk:acme", "caldeira", "--yes", env=session.env)
            quoted = admin("delete-customer", "zendesk:acme", "rui@example.org", "--yes", env=session.env)
            one = admin("delete-customer", "zendesk:acme", "900", "--yes", env=session.env)
            given = (f"zendesk={ports.zendesk}", f"freshdesk={ports.freshdesk}")
            check = admin("check", env=session.env, ports=given)
    finally:
        demo.stop()

    assert (several.returncode, quoted.returncode, one.returncode) == (1, 1, 0)
    assert "Petra Vogel (902) wrote that address, which may be somebody else's" in quoted.stdout
    assert "901  Olga Caldeira  olga@example.org" in several.stdout
    assert "1 opened tickets" in one.stdout
    assert "What the helpdesk holds is not changed." in one.stdout
    assert check.returncode == 0, check.stdout + check.stderr
    for wanted in ("Tarn & Tor (Zendesk demo)", "Keyring: Secret Service", "All is well.", "Kibitz may use 10%"):
        assert wanted in check.stdout
    assert check.stdout.count("Reads solved tickets: yes") == 2
