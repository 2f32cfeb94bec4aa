"""Sign-ins in the keyring, and signing in with the browser on the app's own loop."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assist.domain import AccountId, Agent, HelpdeskKind
from assist.errors import SignInNeeded, Unreachable
from assist.store.records import Account
from desktop import wiring
from desktop.accounts.state import Credentials, SignInWith
from desktop.grants import Keeping, KeyringVault
from desktop.secrets import KeyringTrouble, Secrets
from integrations.demo.oauth import DEMO_CLIENT_ID
from integrations.demo.server import DemoServer
from integrations.site import OAuthGrant, demo_site
from integrations.zendesk.oauth_wire import ACTING_SCOPES, READ_SCOPES, grant_in, grant_text
from integrations.zendesk.renewal import GrantPlace
from tests.helpers.demo_data import small_world
from tests.helpers.fakes import until
from tests.helpers.sign_in import free_ports, register, sign_in

GRANT = OAuthGrant("kibitz", "a", "r", datetime(2026, 11, 23, tzinfo=UTC), ("read",), None)
ACME = Account(
    AccountId("zendesk:acme"),
    HelpdeskKind.ZENDESK,
    "https://acme.zendesk.com",
    "acme.zendesk.com",
    Agent(1, "Maya", "maya@example.com"),
    datetime(2026, 11, 23, tzinfo=UTC),
)


async def memory() -> Secrets:
    """Return secrets without a keyring."""

    def none() -> None:
        raise KeyringTrouble("no keyring here")

    return await Secrets.open("kibitz test", native=none)


def vault(secrets: Secrets) -> KeyringVault[OAuthGrant]:
    return KeyringVault(secrets, "account zendesk:acme", read=grant_in, write=grant_text)


@pytest.mark.promise("S2")
def test_that_a_grant_is_kept_for_the_session_where_there_is_no_keyring(run):
    async def scenario():
        secrets = await memory()
        await vault(secrets).save(GRANT)
        return await vault(secrets).load(), await vault(await memory()).load()

    assert run(scenario()) == (GRANT, None)


def test_that_what_was_typed_instead_is_no_grant(run):
    async def scenario():
        secrets = await memory()
        typed = Credentials(HelpdeskKind.ZENDESK, "acme", SignInWith.OAUTH_TOKEN, "typed")
        await secrets.put("account zendesk:acme", wiring.kept_form(typed))
        return await vault(secrets).load()

    assert run(scenario()) is None


def test_that_a_keyring_that_stopped_answering_signs_nobody_out(run):
    async def scenario():
        secrets = await memory()

        async def get(name):
            raise KeyringTrouble("the keyring is locked")

        secrets.get = get
        await vault(secrets).load()

    with pytest.raises(Unreachable, match="keyring does not answer"):
        run(scenario())


@pytest.mark.parametrize(
    "kept",
    [
        grant_text(GRANT),
        json.dumps({"with": "api-token", "email": "maya@example.com", "secret": "t"}),
        json.dumps({"with": "oauth-token", "email": "", "secret": "t"}),
    ],
)
def test_that_every_form_that_was_ever_kept_is_restored(run, tmp_path, kept):
    async def scenario():
        seat = wiring.restore(ACME, kept, Keeping(await memory(), tmp_path / "run"))
        await seat.helpdesk.aclose()
        return seat.account, seat.display

    assert run(scenario()) == ("zendesk:acme", "acme.zendesk.com")


@pytest.mark.promise("S1")
def test_that_a_renewal_of_another_kibitz_leaves_nothing_behind_a_sign_out(run, tmp_path):
    async def scenario():
        secrets = await memory()
        keeping = Keeping(secrets, tmp_path / "run")
        place = GrantPlace(vault(secrets), keeping.lock(ACME.id))
        await vault(secrets).save(GRANT)
        async with place.turn() as theirs:
            out = asyncio.create_task(wiring.forget_sign_in(ACME.id, keeping))
            await until(lambda: wiring.secret_name(ACME.id) not in secrets._memory)
            await theirs.save(GRANT)
        await out
        return await vault(secrets).load()

    assert run(scenario()) is None


@pytest.mark.promise("S1")
@pytest.mark.parametrize(
    "kept", ["", "{", '{"with":"oauth-grant","access":"CANARY"}', '{"with": "new", "secret": "CANARY"}']
)
def test_that_what_cannot_be_restored_is_not_quoted(run, tmp_path, kept):
    async def scenario():
        with pytest.raises(ValueError, match="cannot be read") as found:
            wiring.restore(ACME, kept, Keeping(await memory(), tmp_path / "run"))
        return str(found.value)

    assert "CANARY" not in run(scenario())


def test_that_signing_in_with_the_browser_works_on_the_app_s_own_loop_and_is_kept(run, tmp_path: Path):
    async def scenario(server: DemoServer):
        keeping, site = Keeping(await memory(), tmp_path / "run"), demo_site(HelpdeskKind.ZENDESK, server.zendesk_port)
        ports, browser = free_ports(1), []
        register(server.world, ports)

        def opened(url: str) -> None:
            browser.append(asyncio.ensure_future(asyncio.to_thread(sign_in, url)))

        seat = await wiring.sign_in_at(site, DEMO_CLIENT_ID, keeping, scopes=READ_SCOPES, opened=opened, ports=ports)
        kept = grant_in(await keeping.secrets.get(wiring.secret_name(seat.account)) or "")
        server.world.oauth.expire_all()
        await seat.helpdesk.recently_viewed()
        renewed = grant_in(await keeping.secrets.get(wiring.secret_name(seat.account)) or "")
        await wiring.revoke(seat)
        await seat.helpdesk.aclose()
        await asyncio.gather(*browser)
        return seat.agent.name, kept.scopes, kept.access_token != renewed.access_token

    with DemoServer(small_world(tmp_path)) as server:
        assert run(scenario(server)) == ("Maya Okafor", ("read",), True)
        assert server.world.oauth.live == ()


def test_that_a_sign_in_that_leads_nowhere_leaves_the_one_before_alone(run, tmp_path):
    async def scenario(server: DemoServer):
        keeping, site = Keeping(await memory(), tmp_path / "run"), demo_site(HelpdeskKind.ZENDESK, server.zendesk_port)
        await keeping.secrets.put(wiring.secret_name(site.account), grant_text(GRANT))
        ports, browser = free_ports(1), []
        register(server.world, ports)

        def opened(url: str) -> None:
            browser.append(asyncio.ensure_future(asyncio.to_thread(sign_in, url)))

        asking = wiring.sign_in_at(site, DEMO_CLIENT_ID, keeping, scopes=READ_SCOPES, opened=opened, ports=ports)
        server.world.faults.set({"status": 401, "times": 1})
        with pytest.raises(SignInNeeded):
            await asking
        await asyncio.gather(*browser)
        return grant_in(await keeping.secrets.get(wiring.secret_name(site.account)) or "")

    with DemoServer(small_world(tmp_path)) as server:
        assert run(scenario(server)) == GRANT
        assert (server.world.oauth.exchanges, server.world.oauth.live) == (1, ())


def test_that_signing_in_again_ends_the_sign_in_before(run, tmp_path):
    async def scenario(server: DemoServer):
        keeping, site = Keeping(await memory(), tmp_path / "run"), demo_site(HelpdeskKind.ZENDESK, server.zendesk_port)
        ports, browser, agents = free_ports(1), [], []
        register(server.world, ports)

        def opened(url: str) -> None:
            browser.append(asyncio.ensure_future(asyncio.to_thread(sign_in, url)))

        for scopes in (READ_SCOPES, ACTING_SCOPES):
            seat = await wiring.sign_in_at(site, DEMO_CLIENT_ID, keeping, scopes=scopes, opened=opened, ports=ports)
            agents.append(seat.agent.name)
            await seat.helpdesk.aclose()
        await asyncio.gather(*browser)
        return agents

    with DemoServer(small_world(tmp_path)) as server:
        assert run(scenario(server)) == ["Maya Okafor"] * 2
        assert [pair.scopes for pair in server.world.oauth.live] == [ACTING_SCOPES]


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 23), "API tokens end on 30 April 2027 (158 days left)"),
        (date(2027, 4, 29), "API tokens end on 30 April 2027 (1 day left)"),
        (date(2027, 4, 30), "API tokens ended on 30 April 2027"),
    ],
)
def test_that_the_end_of_api_tokens_is_said_with_its_date(today, said):
    assert said in wiring.api_token_notice(today)


def test_that_the_addresses_to_register_are_the_three_loopback_ports():
    assert wiring.redirect_uris() == tuple(f"http://127.0.0.1:{port}/callback" for port in (28765, 28766, 28767))
