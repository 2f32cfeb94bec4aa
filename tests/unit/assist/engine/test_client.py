from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assist.domain import SourceKind
from assist.engine import client as module
from assist.engine.client import RESTART_DELAYS_S, SOUND_AFTER_S, EngineClient
from assist.engine.protocol import Settled, Start, Started
from assist.store.records import Changes
from tests.helpers.builders import ACME
from tests.helpers.store import KEY


@dataclass
class Crashing:
    """An engine client whose process comes up and dies as a test says; ``delays_s`` are the waits before restarts."""

    now_s: float = 0.0
    delays_s: list[float] = field(default_factory=list)
    changes: int = 0

    def __post_init__(self) -> None:
        self.client = EngineClient(
            Start(Path("none"), KEY, Path("none"), Path("none")), keep_vectors=_keep, on_change=self._changed
        )
        self.client._loop = self  # type: ignore[assignment]  # all that is asked of it is to call later

    def call_later(self, delay_s: float, _launch: Any) -> None:
        self.delays_s.append(delay_s)

    def close(self) -> None:
        """The pipe of the process that died."""

    def _changed(self) -> None:
        self.changes += 1

    def up_for(self, seconds: float) -> None:
        self.client._connection = self  # type: ignore[assignment]  # all that is asked of it is to close
        self.client._heard(Started("mini", 1, 0, 0.1))
        self.now_s += seconds
        self.client._died(self)  # type: ignore[arg-type]  # stands for the connection


async def _keep(_encoded: object) -> None:
    raise AssertionError("nothing is encoded here")


@pytest.fixture
def crashing(monkeypatch):
    made = Crashing()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: made.now_s))
    return made


@pytest.mark.logs("the engine process died")
def test_that_an_engine_which_dies_of_every_question_is_started_ever_more_slowly(crashing):
    for _ in range(5):
        crashing.up_for(2.0)
    assert crashing.delays_s == [*RESTART_DELAYS_S, RESTART_DELAYS_S[-1]]
    assert crashing.changes == 10
    assert not crashing.client.is_up


@pytest.mark.logs("the engine process died")
def test_that_an_engine_which_served_for_a_while_is_replaced_at_once(crashing):
    for seconds in (2.0, 2.0, SOUND_AFTER_S, 2.0):
        crashing.up_for(seconds)
    assert crashing.delays_s == [0.0, 1.0, 0.0, 1.0]


@pytest.mark.logs("the engine process died")
def test_that_a_window_which_cannot_show_that_it_died_does_not_keep_the_next_one_from_starting(crashing):
    def fails() -> None:
        raise RuntimeError("the window is gone")

    crashing.up_for(2.0)
    crashing.client._connection = crashing
    crashing.client._on_change = fails
    with pytest.raises(RuntimeError):
        crashing.client._died(crashing)
    assert crashing.delays_s == [0.0, 1.0]


def test_that_after_closing_the_death_of_the_process_is_no_news(crashing):
    asyncio.run(crashing.client.aclose())
    crashing.up_for(2.0)
    assert (crashing.delays_s, crashing.changes) == ([], 1)


def test_that_the_engine_is_settled_once_it_has_learned_from_all_it_was_told(crashing):
    client, settled = crashing.client, []
    client.on_settled = lambda: settled.append(client.is_settled)
    client._heard(Started("mini", 1, 0, 0.1))
    assert not client.is_settled
    client._heard(Settled(0))
    assert client.is_settled
    client.update(ACME, SourceKind.MACRO, Changes((1,), ()))
    client.forget(ACME)
    client.update(ACME, SourceKind.MACRO, Changes((), ()))
    assert not client.is_settled
    client._heard(Settled(1))
    assert not client.is_settled
    client._heard(Settled(2))
    client._heard(Settled(2))
    assert settled == [True, True, True]
