"""What lies between Kibitz and a helpdesk: names, certificates, proxies, slow and dead connections. Real sockets."""

from __future__ import annotations

import asyncio
import time

import pytest
import trustme

from assist.domain import AccountId, HelpdeskKind
from assist.errors import Retryable, Unreachable
from integrations.helpdesks import connect
from integrations.http import Request
from integrations.retry import NotSent
from integrations.sender import WHOLE_S, HttpxSender
from integrations.site import OAuthToken, Site, demo_site
from integrations.window import LONGEST_FLIGHT_S
from tests.helpers import tls
from tests.helpers.helpdesk import FakeTime, run, zendesk_user
from tests.helpers.http_server import answer_json

CANARY = "canary-9b1d77aa"
AUTHORIZED = {"authorization": f"Bearer {CANARY}"}


async def send(url: str, **options: float) -> object:
    """Return the answer of one request, or the error."""
    sender = HttpxSender(url, **options)  # type: ignore[arg-type]  # seconds, by name
    try:
        return await sender.send(Request("GET", f"{url}/api/v2/x", AUTHORIZED))
    except Exception as error:  # noqa: BLE001 - the error is the result
        return error
    finally:
        await sender.aclose()


# Slow


@pytest.mark.promise("N2")
@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n"], ids=["head", "body"])
def test_that_an_answer_that_drips_for_ever_ends_at_the_deadline_of_the_whole_request(head):
    dripped: list[int] = []

    async def scenario():
        async def handle(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            while True:
                writer.write(b"x")
                dripped.append(1)
                await writer.drain()
                await asyncio.sleep(0.01)  # each byte comes long before the time-out of one step

        async with tls.listening(handle) as port:
            began = time.monotonic()
            found = await send(f"http://127.0.0.1:{port}", timeout_s=5.0, whole_s=0.25)
            return found, time.monotonic() - began

    found, took_s = run(scenario())
    assert isinstance(found, Retryable)
    assert not isinstance(found, NotSent)
    assert "did not answer in time" in str(found)
    assert len(dripped) > 3
    assert 0.25 <= took_s < 5.0


def test_that_no_request_outlives_what_the_ledger_takes_for_a_dead_process():
    assert WHOLE_S < LONGEST_FLIGHT_S


# Names


@pytest.mark.promise("N2")
@pytest.mark.promise("N4")
def test_that_a_name_that_is_not_found_is_unreachable_and_was_never_sent(monkeypatch):
    async def scenario():
        time_ = FakeTime()
        site = Site(HelpdeskKind.ZENDESK, AccountId("zendesk:acme"), "https://acme.zendesk.com")
        helpdesk = connect(site, OAuthToken(CANARY), sleep=time_.sleep, clock=time_)
        try:
            with pytest.raises(Unreachable) as caught:
                await helpdesk.me()
        finally:
            await helpdesk.aclose()
        return caught.value, len(time_.slept)

    with tls.names(monkeypatch, {}) as asked:
        error, waits = run(scenario())
    assert isinstance(error.__cause__, NotSent)
    assert "acme" not in str(error)
    assert asked == ["acme.zendesk.com"] * 4
    assert waits == 3


# Certificates


@pytest.fixture
def authority(monkeypatch, tmp_path):
    """An authority that this process trusts."""
    made = trustme.CA()
    tls.trusted(monkeypatch, made, tmp_path)
    return made


def over_tls(monkeypatch, shown: trustme.LeafCert) -> tuple[object, list[bytes]]:
    async def scenario():
        async with tls.tls_server(shown) as (port, heads):
            return await send(f"https://{tls.HOST}:{port}"), heads

    with tls.names(monkeypatch, {tls.HOST: "127.0.0.1"}):
        return run(scenario())


@pytest.mark.promise("S4")
def test_that_a_good_certificate_of_a_trusted_authority_is_taken(monkeypatch, authority):
    found, heads = over_tls(monkeypatch, tls.certificate(authority))

    assert getattr(found, "status", found) == 200
    assert CANARY.encode() in heads[0]


@pytest.mark.promise("S4")
@pytest.mark.parametrize("fault", ["of another host", "of a wider name", "ended", "of nobody", "of another authority"])
def test_that_no_byte_of_a_request_goes_to_a_certificate_that_is_not_good(monkeypatch, authority, fault):
    shown = {
        "of another host": lambda: tls.certificate(authority, "evil.example.com"),
        "of a wider name": lambda: tls.certificate(authority, "*.example.com"),
        "ended": lambda: tls.certificate(authority, ended=True),
        "of nobody": lambda: trustme.CA().issue_cert(tls.HOST),
        "of another authority": lambda: tls.certificate(trustme.CA()),
    }[fault]()
    found, heads = over_tls(monkeypatch, shown)

    assert isinstance(found, NotSent), found
    assert heads == []
    assert CANARY not in str(found)


# Proxies


@pytest.mark.promise("N7")
@pytest.mark.promise("S4")
def test_that_a_proxy_of_the_environment_gets_a_tunnel_and_no_secret(monkeypatch, authority):
    async def scenario():
        async with (
            tls.connect_proxy() as (proxy, targets, through),
            tls.tls_server(tls.certificate(authority)) as (port, heads),
        ):
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
            return await send(f"https://{tls.HOST}:{port}"), targets, b"".join(through), heads, port

    with tls.names(monkeypatch, {}) as asked:  # behind a proxy names are the proxy's business
        found, targets, through, heads, port = run(scenario())
    assert getattr(found, "status", found) == 200
    assert targets == [f"{tls.HOST}:{port}"]
    assert asked == []
    assert CANARY.encode() in heads[0]
    assert CANARY.encode() not in through


@pytest.mark.promise("N7")
@pytest.mark.promise("S4")
def test_that_a_proxy_that_opens_the_tunnel_itself_is_refused(monkeypatch, authority):
    """A proxy that answers in the helpdesk's place has no certificate of it, unless an admin trusts that one."""

    async def scenario():
        async with tls.connect_proxy() as (proxy, _, _), tls.tls_server(trustme.CA().issue_cert(tls.HOST)) as server:
            port, heads = server
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
            return await send(f"https://{tls.HOST}:{port}"), heads

    with tls.names(monkeypatch, {}):
        found, heads = run(scenario())
    assert isinstance(found, NotSent)
    assert heads == []


@pytest.mark.promise("N7")
def test_that_a_proxy_that_is_gone_is_unreachable_like_a_network_that_is_gone(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with tls.names(monkeypatch, {tls.HOST: "127.0.0.1"}):
        found = run(send(f"https://{tls.HOST}"))

    assert isinstance(found, NotSent)


# Sleep and new networks


@pytest.mark.promise("N7")
@pytest.mark.promise("N4")
def test_that_connections_that_died_in_sleep_cost_one_more_try_and_no_error():
    """The server lets the second request of each connection fall, as one does whose client slept for an hour."""

    async def scenario():
        served: list[int] = []

        async def handle(reader, writer):
            for request in range(2):
                await reader.readuntil(b"\r\n\r\n")
                if request == 0:
                    body = answer_json({"user": zendesk_user(3, "agent")}).raw.replace(b"connection: close\r\n", b"")
                    writer.write(body)
                    served.append(1)

        async with tls.listening(handle) as port:
            time_ = FakeTime()
            helpdesk = connect(
                demo_site(HelpdeskKind.ZENDESK, port), OAuthToken(CANARY), sleep=time_.sleep, clock=time_
            )
            found = [(await helpdesk.me()).id for _ in range(5)]
            await helpdesk.aclose()
            return found, len(served), [wait for wait in time_.slept if wait]

    found, served, waits = run(scenario())
    assert found == [3] * 5
    assert served == 5
    assert len(waits) == 4  # every one but the first found its connection dead once
    assert max(waits) < 1


@pytest.mark.promise("N7")
def test_that_the_next_request_after_a_network_was_away_needs_no_new_start(monkeypatch, authority):
    async def scenario():
        time_ = FakeTime()
        raw = answer_json({"user": zendesk_user(3, "agent")}).raw
        async with tls.tls_server(tls.certificate(authority), raw) as (port, _):
            site = Site(HelpdeskKind.ZENDESK, AccountId("zendesk:acme"), f"https://{tls.HOST}:{port}")
            known: dict[str, str] = {}
            with tls.names(monkeypatch, known):
                helpdesk = connect(site, OAuthToken(CANARY), sleep=time_.sleep, clock=time_)
                with pytest.raises(Unreachable):
                    await helpdesk.me()
                known[tls.HOST] = "127.0.0.1"
                found = (await helpdesk.me()).id
                await helpdesk.aclose()
        return found

    assert run(scenario()) == 3
