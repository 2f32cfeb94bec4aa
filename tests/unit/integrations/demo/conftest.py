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


@pytest.fixture
def server(world):
    with DemoServer(world) as running:
        yield running


@pytest.fixture
def zendesk(server):
    with zendesk_client(server) as client:
        yield client


@pytest.fixture
def freshdesk(server):
    with freshdesk_client(server) as client:
        yield client
