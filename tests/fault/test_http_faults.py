"""Real sockets, a misbehaving server, both vendors: honest errors, polite waiting, no secret anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from datetime import timedelta
from email.utils import format_datetime

import pytest

from assist.domain import HelpdeskKind
from assist.errors import Retryable, SignInNeeded, UnexpectedReply, Unreachable
from integrations.helpdesks import connect
from integrations.http import Request
from integrations.sender import HttpxSender, user_agent
from integrations.site import ApiKey, ApiToken, OAuthToken, demo_site
from tests.helpers.helpdesk import NOW, FakeTime, freshdesk_ticket, run, zendesk_ticket, zendesk_user
from tests.helpers.http_server import Script, a_closed_port, answer, answer_json, serving

CANARY = "canary-7f3a9b2e"
CUSTOMER = "ada.lovelace@customer.example.com"
Z, F = HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK
BOTH = pytest.mark.parametrize("kind", [Z, F], ids=["zendesk", "freshdesk"])


def credentials(kind):
    return OAuthToken(CANARY) if kind is Z else ApiKey(CANARY)


def client(kind, port, time, sender=None):
    site = demo_site(kind, port)
    return connect(site, credentials(kind), sender=sender, sleep=time.sleep, clock=time)


def me(kind):
    if kind is Z:
        return answer_json({"user": zendesk_user(3, "agent")})
    return answer_json({"id": 3, "contact": {"name": "Person 3"}})


def sequence(*scripts):
    """Answer with each in turn, then with the last for ever."""
    left = list(scripts)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


async def ask(kind, answerer, *, timeout_s=None):
    """Return the agent's id or the error, the waits, and the server."""
    time = FakeTime()
    async with serving(answerer) as server:
        sender = HttpxSender(server.url, timeout_s=timeout_s)
        helpdesk = client(kind, server.port, time, sender)
        try:
            found = (await helpdesk.me()).id
        except Exception as error:  # noqa: BLE001 - the error is the result
            found = error
        finally:
            await helpdesk.aclose()
    return found, time.slept, server


def waits(slept):
    return [wait for wait in slept if wait]


@pytest.mark.promise("N1")
@BOTH
@pytest.mark.parametrize(
    ("header", "least_s", "most_s"),
    [
        ("2", 2, 2),
        ("0", 0.25, 0.5),
        ("DATE+45", 45, 45),
        ("DATE-45", 0.25, 0.5),
        (None, 10, 10.5),
        ("-1", 10, 10.5),
        ("soon", 10, 10.5),
        ("120", 120, 120),
    ],
)
def test_that_a_429_is_waited_for_in_every_form_of_retry_after(kind, header, least_s, most_s):
    headers = {"date": format_datetime(NOW, usegmt=True)}
    if header is not None and header.startswith("DATE"):
        header = format_datetime(NOW + timedelta(seconds=int(header[4:])), usegmt=True)
    if header is not None:
        headers["retry-after"] = header
    found, slept, server = run(ask(kind, sequence(answer(429, "slow down", **headers), me(kind))))
    assert found == 3
    assert len(server.seen) == 2
    assert len(waits(slept)) == 1
    assert least_s <= waits(slept)[0] <= most_s


@pytest.mark.promise("N1")
@BOTH
def test_that_a_date_is_counted_from_our_clock_where_the_server_names_none(kind):
    until = format_datetime(NOW + timedelta(seconds=45), usegmt=True)
    found, slept, _ = run(ask(kind, sequence(answer(429, retry_after=until), me(kind))))
    assert (found, waits(slept)) == (3, [45.0])


@pytest.mark.promise("N1")
@BOTH
def test_that_a_huge_wait_is_told_instead_of_waited(kind):
    found, slept, server = run(ask(kind, sequence(answer(429, retry_after="86400"), me(kind))))
    assert isinstance(found, Unreachable)
    assert "asks to wait 1440 minutes" in str(found)
    assert (waits(slept), len(server.seen)) == ([], 1)


@pytest.mark.promise("N1")
@BOTH
def test_that_all_requests_of_an_account_wait_for_one_429_and_the_loop_stays_alive(kind):
    async def scenario():
        time, released, waiting = FakeTime(), asyncio.Event(), asyncio.Event()
        slept = []

        async def sleep(seconds):
            slept.append(seconds)
            waiting.set()
            await released.wait()

        async with serving(sequence(answer(429, retry_after="30"), me(kind))) as server:
            site = demo_site(kind, server.port)
            helpdesk = connect(site, credentials(kind), sleep=sleep, clock=time)
            first = asyncio.create_task(helpdesk.me())
            await waiting.wait()
            others = [asyncio.create_task(helpdesk.me()) for _ in range(5)]
            for _ in range(50):
                await asyncio.sleep(0)
            while_waiting = len(server.seen)
            released.set()
            agents = await asyncio.gather(first, *others)
            await helpdesk.aclose()
            return while_waiting, waits(slept), [agent.id for agent in agents], len(server.seen)

    assert run(scenario()) == (1, [30.0], [3] * 6, 7)


BROKEN = {
    "500": answer(500, "oops"),
    "502 with a page": answer(502, "<html><body>Bad gateway</body></html>", content_type="text/html"),
    "503": answer(503),
    "504": answer(504),
    "half a body": answer(200, json.dumps({"user": zendesk_user(3, "agent")}), cut=40),
    "half a head": Script(b"HTTP/1.1 200 OK\r\ncontent-le"),
    "no word": Script(b""),
    "not HTTP": Script(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "bad gzip": answer(200, b"not gzip", content_encoding="gzip"),
}


@pytest.mark.promise("N2")
@BOTH
@pytest.mark.parametrize("name", BROKEN)
def test_that_a_passing_fault_is_tried_again_with_back_off(kind, name):
    found, slept, server = run(ask(kind, sequence(BROKEN[name], BROKEN[name], me(kind))))
    assert found == 3
    assert len(server.seen) == 3
    assert [0.25 <= waits(slept)[0] <= 0.5, 0.5 <= waits(slept)[1] <= 1.0] == [True, True]


@pytest.mark.promise("N2")
@BOTH
@pytest.mark.parametrize("name", BROKEN)
def test_that_patience_with_a_fault_ends_in_unreachable(kind, name):
    found, slept, server = run(ask(kind, sequence(BROKEN[name])))
    assert isinstance(found, Unreachable)
    assert (len(server.seen), len(slept)) == (4, 3)
    assert sum(slept) < 4


@pytest.mark.promise("N2")
@BOTH
@pytest.mark.parametrize(
    "body",
    ["<html>maintenance</html>", '{"user": {"id": 3', "null", "[]", '"x"', "{}", "\xff\xfe", '{"user": 7, "id": {}}'],
)
def test_that_a_success_in_no_known_shape_is_an_honest_error_and_not_tried_again(kind, body):
    found, _, server = run(ask(kind, sequence(answer(200, body.encode("latin-1")))))
    assert isinstance(found, UnexpectedReply | SignInNeeded)
    assert len(server.seen) == 1
    assert "maintenance" not in str(found)


@pytest.mark.promise("N2")
@BOTH
def test_that_a_server_that_never_answers_is_unreachable(kind):
    found, slept, server = run(ask(kind, sequence(Script(hang=True)), timeout_s=0.05))
    assert isinstance(found, Unreachable)
    assert "did not answer in time" in str(found)
    assert (len(server.seen), len(slept)) == (4, 3)


@pytest.mark.promise("N2")
@BOTH
def test_that_nobody_listening_is_unreachable(kind):
    async def scenario():
        time = FakeTime()
        helpdesk = client(kind, await a_closed_port(), time)
        try:
            with pytest.raises(Unreachable, match="cannot be reached"):
                await helpdesk.me()
        finally:
            await helpdesk.aclose()
        return len(time.slept)

    assert run(scenario()) == 3


@pytest.mark.promise("N2")
def test_that_an_answer_without_end_is_cut_off():
    async def scenario():
        async with serving(sequence(answer(200, b" " * 2_000_000))) as server:
            sender = HttpxSender(server.url, largest_body_bytes=1_000_000)
            try:
                with pytest.raises(UnexpectedReply, match="larger than"):
                    await sender.send(Request("GET", f"{server.url}/x"))
            finally:
                await sender.aclose()

    run(scenario())


@pytest.mark.promise("N3")
@BOTH
def test_that_a_401_is_never_tried_again_and_stops_everything_after_it(kind):
    async def scenario():
        time = FakeTime()
        async with serving(sequence(answer(401, '{"error": "Couldn\'t authenticate you"}'))) as server:
            helpdesk = client(kind, server.port, time)
            errors = []
            for _ in range(3):
                try:
                    await helpdesk.open_ticket(1)
                except SignInNeeded as error:
                    errors.append(error)
            await helpdesk.aclose()
            return len(errors), len(server.seen), time.slept

    errors, requests, slept = run(scenario())
    assert (errors, slept) == (3, [])
    assert requests <= 3  # the parts of the first ticket, which were on their way together


@pytest.mark.promise("S4")
@BOTH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_that_credentials_never_follow_a_redirect(kind, status):
    async def scenario():
        async with serving(sequence(me(kind))) as other:
            elsewhere = f"http://127.0.0.1:{other.port}/steal"
            found, _, server = await ask(kind, sequence(answer(status, location=elsewhere)))
            return found, len(server.seen), other.seen

    found, asked, stolen = run(scenario())
    assert isinstance(found, UnexpectedReply)
    assert (asked, stolen) == (1, [])


@pytest.mark.promise("S4")
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/api/v2/users/me",
        "http://acme.zendesk.com/api/v2/users/me",
        "https://acme.zendesk.com:8443/api/v2/users/me",
        "https://acme.zendesk.com@evil.example.com/",
        "https://acme.zendesk.com.evil.example.com/",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_that_the_sender_sends_to_its_own_host_only(url):
    async def scenario():
        sender = HttpxSender("https://acme.zendesk.com")
        try:
            with pytest.raises(UnexpectedReply):
                await sender.send(Request("GET", url, {"authorization": f"Bearer {CANARY}"}))
        finally:
            await sender.aclose()

    run(scenario())


@pytest.mark.promise("S4")
@pytest.mark.parametrize("origin", ["http://acme.zendesk.com", "http://192.168.0.9", "ftp://acme.zendesk.com"])
def test_that_plain_http_is_for_this_machine_only(origin):
    with pytest.raises(UnexpectedReply, match="only https"):
        HttpxSender(origin)


@pytest.mark.promise("S4")
def test_that_a_certificate_nobody_vouches_for_is_refused():
    trustme = pytest.importorskip("trustme")
    import ssl

    async def scenario():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("localhost", "127.0.0.1").configure_cert(context)
        seen = []

        async def handle(reader, writer):
            seen.append(await reader.read(10))
            writer.close()

        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        sender = HttpxSender(url)
        try:
            with pytest.raises(Retryable, match="ConnectError"):
                await sender.send(Request("GET", f"{url}/x", {"authorization": f"Bearer {CANARY}"}))
        finally:
            await sender.aclose()
            server.close()
        return seen

    assert run(scenario()) == []


def test_that_cookies_are_not_kept_and_kibitz_says_its_name():
    async def scenario():
        async with serving(sequence(answer(200, "{}", set_cookie="session=1; path=/"))) as server:
            sender = HttpxSender(server.url)
            for _ in range(2):
                await sender.send(Request("GET", f"{server.url}/x"))
            await sender.aclose()
            return server.seen[1].headers

    headers = run(scenario())
    assert "cookie" not in headers
    assert headers["user-agent"] == user_agent()
    assert user_agent().startswith("Kibitz/")


def test_that_a_proxy_of_the_environment_is_not_used_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    found, _, server = run(ask(Z, sequence(me(Z))))
    assert (found, len(server.seen)) == (3, 1)


def a_ticket(kind):
    def respond(request):
        if "tickets/7" in request.path and "conversations" not in request.path and "comments" not in request.path:
            if kind is Z:
                return answer_json({"ticket": zendesk_ticket(7), "users": [zendesk_user(20, email=CUSTOMER)]})
            return answer_json(freshdesk_ticket(7, requester={"id": 20, "name": "Ada", "email": CUSTOMER}))
        if "search" in request.path:
            return answer(400, json.dumps({"error": f"bad {CUSTOMER}"}), set_cookie=f"s={CANARY}")
        if "conversations" in request.path or "comments" in request.path:
            body = {"comments": [], "meta": {}} if kind is Z else []
            return answer_json(body, set_cookie=f"s={CANARY}")
        return answer(403, json.dumps({"message": f"not for {CUSTOMER}"}))

    return respond


@pytest.mark.promise("S1")
@pytest.mark.promise("S3")
@pytest.mark.parametrize(
    ("kind", "secret"),
    [(Z, OAuthToken(CANARY)), (Z, ApiToken("me@example.com", CANARY)), (F, ApiKey(CANARY))],
    ids=["oauth", "api token", "api key"],
)
def test_that_no_log_at_debug_no_repr_and_no_traceback_holds_token_or_customer(kind, secret, caplog):
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "integrations", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    shown = []

    async def scenario():
        time = FakeTime()
        async with serving(a_ticket(kind)) as server:
            helpdesk = connect(demo_site(kind, server.port), secret, sleep=time.sleep, clock=time)
            opened = await helpdesk.open_ticket(7)
            shown.extend(
                [
                    repr(opened.ticket),
                    repr(opened.customer),
                    repr(helpdesk),
                    str(vars(helpdesk)),
                    repr(secret),
                    repr(server.seen[:0]),
                ]
            )
            for read in (helpdesk.me, helpdesk.recently_viewed):
                try:
                    await read()
                except Exception:  # noqa: BLE001 - every error is shown
                    shown.append(traceback.format_exc())
            try:
                async for _ in helpdesk.solved_tickets():
                    pass
            except Exception:  # noqa: BLE001 - every error is shown
                shown.append(traceback.format_exc())
            await helpdesk.aclose()
            return any(
                CANARY in seen.headers["authorization"] or "Basic" in seen.headers["authorization"]
                for seen in server.seen
            )

    assert run(scenario())
    everything = "\n".join([*shown, caplog.text, *(str(record.args) for record in caplog.records)])
    assert "GET /api/v2/tickets/7 -> 200" in caplog.text
    assert "per_page" not in caplog.text
    encoded = [connect_header.split()[-1] for connect_header in _headers(kind, secret)]
    for hidden in (CANARY, CUSTOMER, "me@example.com", "Ada", "It broke", *encoded):
        assert hidden not in everything


def _headers(kind, secret):
    from integrations.site import authorization

    return [authorization(kind, secret)]


def test_that_who_still_asks_after_the_sign_out_is_told_so_at_once():
    """A look that began before the account was closed must not end whoever looks."""
    time = FakeTime()

    async def scenario():
        async with serving(lambda _request: me(Z)) as server:
            helpdesk = client(Z, server.port, time, HttpxSender(server.url))
            await helpdesk.me()
            await helpdesk.aclose()
            with pytest.raises(Unreachable, match="disconnected"):
                await helpdesk.me()

    run(scenario())
    assert waits(time.slept) == []


@pytest.mark.parametrize("kind", [Z, F], ids=["zendesk", "freshdesk"])
def test_that_an_account_closed_while_it_is_asked_answers_with_an_error_of_its_own(kind):
    time = FakeTime()

    async def scenario():
        async with serving(lambda _request: Script(hang=True)) as server:
            helpdesk = client(kind, server.port, time, HttpxSender(server.url))
            asking = asyncio.ensure_future(helpdesk.me())
            while not server.seen:  # noqa: ASYNC110  # the server has no event for this
                await asyncio.sleep(0.001)
            await helpdesk.aclose()
            with pytest.raises(Unreachable):
                await asking

    run(scenario())


@BOTH
def test_that_a_helpdesk_is_out_of_reach_until_it_answers_again(kind):
    async def scenario():
        time = FakeTime()
        gone, slow_down = answer(503), answer(429, retry_after="600")
        async with serving(sequence(me(kind), *[gone] * 4, me(kind), slow_down)) as server:
            helpdesk = client(kind, server.port, time)
            seen = []
            for _ in range(4):
                with contextlib.suppress(Unreachable):
                    await helpdesk.me()
                seen.append(helpdesk.is_reachable)
            await helpdesk.aclose()
        return seen

    assert run(scenario()) == [True, False, True, True]
