"""Keeping a sign-in alive: when it is renewed, what is kept first, and that a dead one ends in one question."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assist.errors import SignInNeeded, UnexpectedReply, Unreachable
from integrations.connection import Connection, Waiting
from integrations.http import Request, Response
from integrations.site import OAuthGrant
from integrations.zendesk import renewal, wire
from integrations.zendesk.client import ZendeskHelpdesk
from integrations.zendesk.oauth import revoke
from integrations.zendesk.renewal import GrantPlace, RotatingAuthorizer
from tests.helpers.helpdesk import NOW, ZENDESK, FakeTime, reply, run, zendesk_user
from tests.helpers.sign_in import MemoryVault

GRANT = OAuthGrant("kibitz", "access-0", "refresh-0", NOW + timedelta(hours=1), ("read",), NOW + timedelta(minutes=59))


class Zendesk:
    """Zendesk's rules of rotation, in a few lines: each refresh token works once, and ends its access token."""

    def __init__(self) -> None:
        self.number = 0
        self.requests: list[str] = []
        self.answers: list[Response | Exception] = []
        """What the token endpoint answers first, without doing anything."""
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        self.closed = False

    async def send(self, request: Request) -> Response:
        if request.url.endswith("/oauth/tokens"):
            return await self._token(json.loads(request.body or b""))
        header = request.headers["authorization"]
        self.requests.append(header)
        if header != f"Bearer access-{self.number}":
            return reply({"error": "Couldn't authenticate you"}, 401)
        return reply({"user": zendesk_user(1, "agent")})

    async def _token(self, fields: dict[str, str]) -> Response:
        self.requests.append(fields["refresh_token"])
        self.asked.set()
        await self.gate.wait()
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if fields["refresh_token"] != f"refresh-{self.number}":
            return reply({"error": "invalid_grant"}, 400)
        self.number += 1
        tokens = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"}
        return reply({**tokens, "expires_in": 3600, "scope": "read"})

    async def aclose(self) -> None:
        self.closed = True


class House:
    """One account with everything between a request and Zendesk but the network."""

    def __init__(self, folder: Path, grant: OAuthGrant = GRANT) -> None:
        self.zendesk, self.time, self.vault = Zendesk(), FakeTime(), MemoryVault(grant)
        self.place = GrantPlace(self.vault, folder / "grant.lock")
        self.connection = self.another()
        self.helpdesk = ZendeskHelpdesk(self.connection)

    def another(self) -> Connection:
        """Return a second user of the same kept grant, as another process would be."""
        assert self.vault.kept is not None
        authorizer = RotatingAuthorizer(ZENDESK, self.vault.kept, self.place, sender=self.zendesk, clock=self.time)
        return Connection(ZENDESK, authorizer, self.zendesk, Waiting(sleep=self.time.sleep, clock=self.time))

    async def ask(self, connection: Connection | None = None) -> object:
        """Read something that is no check of the credentials."""
        return await (connection or self.connection).call(wire.me_request(ZENDESK), wire.read_me)


@pytest.fixture
def in_house(tmp_path):
    """Run a scenario in a house of its own, and return the house."""

    def live(scenario, grant=GRANT):
        async def all_of_it():
            house = House(tmp_path, grant)
            await scenario(house)
            return house

        return run(all_of_it())

    return live


def test_that_a_token_that_holds_is_used_as_it_is(in_house):
    house = in_house(lambda house: house.ask())
    assert house.zendesk.requests == ["Bearer access-0"]
    assert house.vault.saved == []


def test_that_a_token_is_renewed_a_minute_before_it_ends(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(minutes=59)
        await house.ask()
        await house.ask()

    house = in_house(scenario)
    assert house.zendesk.requests == ["refresh-0", "Bearer access-1", "Bearer access-1"]
    assert house.vault.kept.access_token == "access-1"
    assert house.vault.kept.expires_at == NOW + timedelta(minutes=119)


@pytest.mark.promise("N7")
def test_that_a_clock_that_is_slow_costs_one_refused_request(in_house):
    async def scenario(house):
        house.zendesk.number = 0
        house.time.at = NOW - timedelta(days=2)
        house.zendesk.answers = []
        await house.zendesk._token({"refresh_token": "refresh-0"})  # the server's time has passed
        house.vault.kept = replace(GRANT, refresh_token="refresh-1")
        house.zendesk.requests.clear()
        await house.ask()

    house = in_house(scenario)
    assert house.zendesk.requests == ["Bearer access-0", "refresh-1", "Bearer access-2"]


@pytest.mark.promise("N7")
def test_that_a_clock_that_is_fast_costs_one_renewal(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(days=400)
        await house.ask()
        await house.ask()

    assert in_house(scenario).zendesk.requests == ["refresh-0", "Bearer access-1", "Bearer access-1"]


def test_that_ten_refused_requests_make_one_renewal(in_house):
    async def scenario(house):
        house.vault.kept = replace(GRANT, access_token="dead")
        house.connection = house.another()
        await asyncio.gather(*(house.ask() for _ in range(10)))

    house = in_house(scenario)
    assert [sent for sent in house.zendesk.requests if sent.startswith("refresh")] == ["refresh-0"]
    assert house.zendesk.requests.count("Bearer access-1") == 10


def test_that_a_new_pair_is_kept_before_anything_of_it_is_used(in_house):
    sent_when_saved = []

    async def scenario(house):
        keep = house.vault.save

        async def save(grant):
            await asyncio.sleep(0)
            sent_when_saved.append(list(house.zendesk.requests))
            await keep(grant)

        house.vault.save = save
        house.time.at = NOW + timedelta(hours=2)
        await asyncio.gather(house.ask(), house.ask())

    house = in_house(scenario)
    assert sent_when_saved == [["refresh-0"]]
    assert house.zendesk.requests == ["refresh-0", "Bearer access-1", "Bearer access-1"]


def test_that_a_pair_is_kept_though_whoever_asked_for_it_has_gone(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.gate.clear()
        asking = asyncio.create_task(house.ask())
        await house.zendesk.asked.wait()
        asking.cancel()
        await asyncio.wait({asking})
        house.zendesk.gate.set()
        await house.helpdesk.aclose()

    house = in_house(scenario)
    assert house.vault.kept.refresh_token == "refresh-1"
    assert house.zendesk.closed


def test_that_the_pair_of_another_process_is_taken_and_nothing_sent(in_house):
    async def scenario(house):
        other = house.another()
        house.time.at = NOW + timedelta(hours=2)
        await house.ask(other)
        house.zendesk.requests.clear()
        await house.ask()

    assert in_house(scenario).zendesk.requests == ["Bearer access-1"]


def test_that_two_who_renew_at_once_send_one_request(in_house):
    async def scenario(house):
        others = [house.another() for _ in range(4)]
        house.time.at = NOW + timedelta(hours=2)
        await asyncio.gather(*(house.ask(other) for other in others))

    house = in_house(scenario)
    assert [sent for sent in house.zendesk.requests if sent.startswith("refresh")] == ["refresh-0"]


@pytest.mark.promise("N3")
def test_that_a_used_refresh_token_is_never_sent_again(in_house):
    async def scenario(house):
        await house.zendesk._token({"refresh_token": "refresh-0"})  # died between the answer and keeping it
        house.zendesk.requests.clear()
        for _ in range(3):
            with pytest.raises(SignInNeeded, match="Sign in again"):
                await house.ask()
        for _ in range(3):  # as after a restart
            with pytest.raises(SignInNeeded, match="Sign in again"):
                await house.ask(house.another())
            with pytest.raises(SignInNeeded):
                await ZendeskHelpdesk(house.another()).me()

    house = in_house(scenario)
    assert house.zendesk.requests == ["Bearer access-0", "refresh-0"]
    assert (house.vault.kept.access_token, house.vault.kept.refresh_token) == ("", "")


@pytest.mark.promise("N3")
def test_that_a_new_token_that_is_refused_too_is_not_renewed_again(in_house):
    async def scenario(house):
        send = house.zendesk.send

        async def suspended(request):
            response = await send(request)
            return response if request.url.endswith("/oauth/tokens") else reply({"error": "suspended"}, 401)

        house.zendesk.send = suspended
        for _ in range(3):
            with pytest.raises(SignInNeeded):
                await house.ask()

    house = in_house(scenario)
    assert [sent for sent in house.zendesk.requests if sent.startswith("refresh")] == ["refresh-0"]
    assert len(house.zendesk.requests) == 3


def test_that_an_anonymous_answer_is_taken_for_a_refusal(in_house):
    async def scenario(house):
        send = house.zendesk.send

        async def anonymous(request):
            response = await send(request)
            is_refused = response.status == 401
            return reply({"user": {"id": None, "name": "Anonymous user"}}) if is_refused else response

        house.zendesk.send = anonymous
        house.vault.kept = replace(GRANT, access_token="dead")
        house.connection = house.another()
        await house.ask()

    assert in_house(scenario).zendesk.requests == ["Bearer dead", "refresh-0", "Bearer access-1"]


def test_that_a_renewal_that_fails_for_now_is_tried_again_with_the_same_token(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.answers = [reply("<html>502</html>", 502), reply("maintenance", 503)]
        await house.ask()

    assert in_house(scenario).zendesk.requests == ["refresh-0"] * 3 + ["Bearer access-1"]


@pytest.mark.promise("N1")
def test_that_a_token_endpoint_that_asks_to_wait_is_not_asked_again_before(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.answers = [reply({}, 429, retry_after="40")]
        await house.ask()

    house = in_house(scenario)
    assert house.zendesk.requests == ["refresh-0", "refresh-0", "Bearer access-1"]
    assert sum(house.time.slept) >= 40


@pytest.mark.promise("N1")
def test_that_others_do_not_ask_for_tokens_while_zendesk_asks_to_wait(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.answers = [reply({}, 429, retry_after="3000")]
        for _ in range(4):
            with pytest.raises(Unreachable, match="asks to wait"):
                await house.ask()

    assert in_house(scenario).zendesk.requests == ["refresh-0"]


def test_that_an_answer_that_cannot_be_read_is_an_error_and_not_a_sign_out(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.answers = [reply('{"access_tok', 200)]
        with pytest.raises(UnexpectedReply):
            await house.ask()
        await house.ask()

    assert in_house(scenario).zendesk.requests == ["refresh-0", "refresh-0", "Bearer access-1"]


def test_that_a_client_that_was_removed_does_not_spoil_the_grant(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.answers = [reply({"error": "invalid_client"}, 401)]
        with pytest.raises(SignInNeeded, match="kibitz"):
            await house.ask()
        await house.ask(house.another())

    assert in_house(scenario).zendesk.requests == ["refresh-0", "refresh-0", "Bearer access-1"]


def test_that_who_was_signed_out_elsewhere_sends_nothing_more(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.vault.kept = None
        with pytest.raises(SignInNeeded, match="signed out"):
            await house.ask()

    assert in_house(scenario).zendesk.requests == []


def test_that_another_process_that_never_finishes_makes_nobody_wait_for_ever(in_house, monkeypatch):
    monkeypatch.setattr(renewal, "LONGEST_LOCK_WAIT_S", 0.0)

    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        async with house.place.turn():
            with pytest.raises(Unreachable, match="another Kibitz"):
                await house.ask()
        await house.ask()

    assert in_house(scenario).zendesk.requests == ["refresh-0", "Bearer access-1"]


@pytest.mark.promise("D4")
def test_that_a_folder_that_cannot_be_written_is_said_and_nothing_is_sent(in_house, tmp_path):
    (tmp_path / "file").write_text("in the way")

    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.place = GrantPlace(house.vault, tmp_path / "file" / "run" / "grant.lock")
        with pytest.raises(Unreachable, match="The sign-in cannot be renewed"):
            await house.ask(house.another())

    assert in_house(scenario).zendesk.requests == []


def test_that_signing_in_again_outlasts_a_renewal_of_the_old_grant(in_house):
    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.gate.clear()
        asking = asyncio.create_task(house.ask())
        await house.zendesk.asked.wait()
        new = asyncio.create_task(house.place.put(replace(GRANT, access_token="brand new")))
        await asyncio.sleep(0)
        house.zendesk.gate.set()
        await asyncio.gather(asking, new)

    house = in_house(scenario)
    assert [grant.access_token for grant in house.vault.saved] == ["access-1", "brand new"]


def test_that_revoking_never_takes_long_and_never_raises(in_house, monkeypatch):
    monkeypatch.setattr("integrations.zendesk.oauth.LONGEST_REVOCATION_S", 0.05)

    async def scenario(house):
        house.time.at = NOW + timedelta(hours=2)
        house.zendesk.gate.clear()
        assert await revoke(house.connection) is False
        house.zendesk.gate.set()
        await house.connection.aclose()
        assert house.vault.kept.refresh_token == "refresh-1"

    in_house(scenario)
