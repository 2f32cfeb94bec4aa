"""Signing in and renewing in real processes: a real keyring, real ports, the demo helpdesk's rotating tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integrations.demo.server import DemoServer
from integrations.demo.world import World
from tests.helpers.children import Child, child, eventually
from tests.helpers.demo_data import small_world
from tests.helpers.keyring_daemon import Desktop, desktop
from tests.helpers.sign_in import free_ports, register, sign_in

pytestmark = [pytest.mark.keyring_daemon, pytest.mark.slow]

CODES: list[str] = []
"""Every authorisation code that went through a browser here."""


class House:
    """The demo helpdesk, a keyring, and the Kibitzes that use both."""

    def __init__(self, folder: Path, server: DemoServer, session: Desktop) -> None:
        self.folder = folder
        self.server = server
        self._session = session
        self._port = free_ports(1)[0]
        register(self.world, (self._port,))

    @property
    def world(self) -> World:
        return self.server.world

    @contextmanager
    def kibitz(self, *, restored: bool = True) -> Iterator[Child]:
        arguments = (str(self.server.zendesk_port), str(self._port))
        with child("tests.helpers.oauth_child", *arguments, folder=self.folder, env=self._session.env) as one:
            if restored:
                assert one.tell("restore") is True
            yield one

    def sign_in(self, one: Child) -> None:
        """Sign ``one`` in through the browser's pages, and forget what led there."""
        url = one.tell("sign_in")
        page = sign_in(url)
        CODES.append(page.url.params["code"])
        assert one.answer() == "Maya Okafor"
        self.world.requests.clear()
        self.world.oauth.refreshes = 0

    @property
    def token_requests(self) -> list[int]:
        """How the requests for tokens were answered."""
        return [seen.status for seen in self.world.requests if seen.path == "/oauth/tokens"]

    @property
    def api_requests(self) -> list[int]:
        return [seen.status for seen in self.world.requests if seen.path.startswith("/api/")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("oauth")
    with DemoServer(small_world(folder / "shop")) as server, desktop(folder, unlocked=True) as session:
        yield House(folder, server, session)


@pytest.fixture(scope="module")
def first(house: House) -> Iterator[Child]:
    with house.kibitz(restored=False) as one:
        yield one


@pytest.fixture
def signed_in(house: House, first: Child) -> Child:
    house.world.oauth.latency_s = 0.0
    house.sign_in(first)
    return first


@pytest.fixture
def another(house: House, signed_in: Child) -> Iterator[Child]:
    with house.kibitz() as one:
        yield one


def both(*children: Child, times: int = 1) -> list[Any]:
    with ThreadPoolExecutor(len(children)) as threads:
        return list(threads.map(lambda one: one.tell("read", times=times), children))


def test_that_two_processes_that_renew_at_once_send_one_request_and_both_work(house, signed_in, another):
    house.world.oauth.latency_s = 0.2
    for rounds in (1, 2, 3):
        house.world.oauth.expire_all()
        assert both(signed_in, another, times=4) == [["read"] * 4] * 2
        assert house.token_requests == [200] * rounds


def test_that_twenty_refused_requests_make_one_renewal(house, signed_in):
    house.world.oauth.expire_all()
    assert signed_in.tell("read", times=20) == ["read"] * 20
    assert house.token_requests == [200]
    assert house.api_requests.count(200) == 20


def test_that_a_token_that_ends_in_the_middle_of_work_stops_nobody(house, signed_in):
    for _ in range(3):
        assert signed_in.tell("read") == ["read"]
        house.world.oauth.expire_all()
        assert signed_in.tell("read") == ["read"]
    assert house.token_requests == [200] * 3
    assert house.api_requests == [200, 401, 200] * 3


@pytest.mark.promise("N3")
def test_that_a_revoked_sign_in_stops_the_work_asks_once_and_goes_on_after_signing_in(house, signed_in):
    house.world.oauth.revoke_all()
    assert signed_in.tell("read") == ["SignInNeeded"]
    for _ in range(3):
        assert signed_in.tell("read", times=5) == ["SignInNeeded"] * 5
    assert (house.api_requests, house.token_requests) == ([401], [400])
    house.world.requests.clear()
    with house.kibitz() as restarted:
        assert restarted.tell("read", times=5) == ["SignInNeeded"] * 5
    assert (house.api_requests, house.token_requests) == ([], [])
    house.sign_in(signed_in)
    assert signed_in.tell("read") == ["read"]


@pytest.mark.promise("N3")
def test_that_a_process_killed_between_answer_and_keeping_ends_in_one_question(house, signed_in):
    with house.kibitz() as dying:
        house.world.oauth.latency_s = 1.0
        house.world.oauth.expire_all()
        assert dying.process.stdin is not None
        dying.process.stdin.write(json.dumps({"verb": "read"}) + "\n")
        dying.process.stdin.flush()
        eventually(lambda: house.world.oauth.refreshes == 1)
        dying.process.kill()
        dying.wait()
    house.world.oauth.latency_s = 0.0
    eventually(lambda: house.token_requests == [200])
    # The lock died with its holder; the old pair is still kept, and is dead.
    for _ in range(3):
        assert signed_in.tell("read") == ["SignInNeeded"]
    assert house.token_requests == [200, 400]


@pytest.mark.promise("S2")
def test_that_signing_out_ends_the_grant_at_the_helpdesk_and_in_the_keyring(house, signed_in, another):
    assert len(house.world.oauth.live) >= 1
    held = {pair.access for pair in house.world.oauth.live}
    signed_in.tell("sign_out")
    assert len(held - {pair.access for pair in house.world.oauth.live}) == 1
    house.world.requests.clear()
    assert another.tell("read", times=3) == ["SignInNeeded"] * 3
    assert house.token_requests == []  # it saw that the keyring holds nothing


@pytest.mark.promise("S1")
@pytest.mark.promise("S3")
def test_that_no_token_or_code_stands_in_a_log_argument_environment_or_file(house, signed_in):
    house.world.oauth.expire_all()
    signed_in.tell("read")
    secrets = [*house.world.oauth.issued, *CODES]
    assert len(secrets) > 3
    places = [path for path in house.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    places += [Path(f"/proc/{signed_in.pid}") / name for name in ("cmdline", "environ")]
    logs = [path for path in places if path.suffix == ".log" and "kibitz" in path.parts]
    assert any("POST /oauth/tokens -> 200" in path.read_text("utf-8") for path in logs)
    found = [str(path) for path in places for secret in secrets if secret.encode() in path.read_bytes()]
    assert found == []


@pytest.mark.promise("S1")
def test_that_the_lock_s_file_is_empty_and_for_its_owner_only(house, signed_in):
    locks = list(house.folder.rglob("grant-*.lock"))
    assert [lock.name for lock in locks] == ["grant-zendesk-demo.localhost.lock"]
    assert (locks[0].stat().st_size, locks[0].stat().st_mode & 0o077) == (0, 0)
