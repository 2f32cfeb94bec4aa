from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest

from integrations.demo.server import DemoServer
from tests.helpers.demo_data import write_demo_folder


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


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C reaches a child process differently there")
def test_that_it_runs_alone_and_stops_without_a_word_on_ctrl_c(tmp_path):
    folder = write_demo_folder(tmp_path / "demo")
    command = [sys.executable, "-W", "error", "-m", "integrations.demo", "--zendesk-port", "0", "--freshdesk-port", "0"]
    child = subprocess.Popen([*command, "--data", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://127.0.0.1:\d+", child.stdout.readline())[0]
        assert httpx.get(f"{address}/agent/dashboard", trust_env=False).status_code == 200
        child.send_signal(signal.SIGINT)
        _, complaints = child.communicate(timeout=10)
    finally:
        child.kill()

    assert (child.returncode, complaints) == (0, "")


def test_that_bad_data_is_one_line_and_not_a_traceback(tmp_path):
    command = [sys.executable, "-m", "integrations.demo", "--data", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert re.fullmatch(r"The demo helpdesk cannot start: shop\.toml: .*\n", done.stderr)
