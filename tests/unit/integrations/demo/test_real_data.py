"""The shop that ships with Kibitz, held to what it must at least have."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from integrations.demo.data import load
from integrations.demo.world import World

FOLDER = Path(resources.ROOT) / "demo"


@pytest.fixture(scope="module")
def data():
    return load(FOLDER)


def test_that_there_is_enough_of_everything(data):
    statuses = [ticket.status for ticket in data.tickets]

    assert len([article for article in data.articles if not article.draft]) >= 60
    assert len(data.macros) >= 40
    assert len(data.customers) >= 30
    assert statuses.count("solved") >= 200
    assert len(statuses) - statuses.count("solved") >= 60


def test_that_one_thread_has_three_hundred_messages(data):
    assert max(len(ticket.messages) for ticket in data.tickets) >= 300


def test_that_there_are_two_languages(data):
    assert {article.locale for article in data.articles} == {"en-gb", "de"}
    assert {customer.language for customer in data.customers} == {"en", "de"}


def test_that_the_demo_agents_are_who_the_credentials_say(data):
    world = World(data)

    assert (world.agent.key, world.agent.role) == ("maya", "agent")


def test_that_links_between_articles_lead_somewhere(data):
    slugs = {article.slug for article in data.articles}
    linked = {
        link.partition('"')[0].partition("#")[0]
        for article in data.articles
        for prefix in ("/hc/en-gb/articles/", "/hc/de/articles/")
        for link in article.html.split(f'href="{prefix}')[1:]
    }

    assert linked - slugs == set()
