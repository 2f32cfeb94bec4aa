from __future__ import annotations

import pytest

from integrations.demo.server import DemoServer
from tests.helpers.demo_data import HandClock, freshdesk_client, small_world, zendesk_client


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def world(tmp_path, clock):
    return small_world(tmp_path, clock=clock)


@pytest.fixture(scope="session")
def running_server(tmp_path_factory):
    """One server for all tests: stopping one takes uvicorn a fifth of a second."""
    with DemoServer(small_world(tmp_path_factory.mktemp("first"))) as running:
        yield running


@pytest.fixture
def server(running_server, world):
    running_server.show(world)
    return running_server


@pytest.fixture
def zendesk(server):
    with zendesk_client(server) as client:
        yield client


@pytest.fixture
def freshdesk(server):
    with freshdesk_client(server) as client:
        yield client
