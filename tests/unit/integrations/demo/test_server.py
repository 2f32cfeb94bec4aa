from __future__ import annotations

import asyncio
import socket
import threading

import httpx
import pytest

from integrations.demo.server import DemoServer


def test_that_both_ports_are_known_before_it_runs_and_free_after_it_stopped(world):
    server = DemoServer(world)
    ports = (server.zendesk_port, server.freshdesk_port)
    server.start()
    server.stop()

    for port in ports:
        with socket.socket() as one, pytest.raises(ConnectionRefusedError):
            one.connect(("127.0.0.1", port))


def test_that_a_taken_port_is_an_error_and_leaves_nothing_open(world):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match=r"[Aa]ddress|socket"):
        DemoServer(world, 0, taken.getsockname()[1])


def test_that_stopping_does_not_wait_for_a_client_that_stays_connected(world):
    threads = threading.active_count()
    server = DemoServer(world)
    server.start()
    with httpx.Client(base_url=server.zendesk_url, trust_env=False) as client:
        client.get("/api/v2/users/me")
        server.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/api/v2/users/me")

    assert threading.active_count() == threads


def test_that_stopping_twice_or_unstarted_does_nothing(world):
    server = DemoServer(world)
    server.stop()
    server.stop()


def test_that_it_serves_in_a_running_loop_until_cancelled(world):
    server = DemoServer(world)

    async def scenario():
        serving = asyncio.create_task(server.serve())
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{server.freshdesk_url}/demo/api/session")
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        return answer.json()["face"]

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) == "freshdesk"
