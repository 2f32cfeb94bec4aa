"""A large demo helpdesk in a process of its own, which counts what it was asked and changes its world on demand."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from integrations.demo.faults import Limits
from integrations.demo.large import LargeWorld, Size
from integrations.demo.process import Ports

T = TypeVar("T")

ENDLESS = Limits(*[10**9] * 6)
_DEADLINE_S = 60.0


class LargeServer:
    """Use it as a context manager. ``world`` runs a function of a module on the server's own world."""

    def __init__(self, size: Size, *, limits: Limits = ENDLESS, now: datetime | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, size, limits, now), daemon=True)
        self._process.start()
        theirs.close()
        self.ports: Ports = self._answer()

    def world(self, work: Callable[..., T], *args: Any) -> T:
        """Return ``work(world, *args)``, done in the server. Both must be picklable."""
        self._ours.send((work, args))
        answer: T = self._answer()
        return answer

    def _answer(self) -> Any:
        if not self._ours.poll(_DEADLINE_S):
            raise TimeoutError("the large helpdesk did not answer")
        return self._ours.recv()

    def __enter__(self) -> LargeServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        self._process.join(10.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(10.0)


def requests_made(world: LargeWorld) -> int:
    return len(world.requests)


def forget_requests(world: LargeWorld) -> None:
    world.requests.clear()


def requests_by_path(world: LargeWorld) -> dict[str, int]:
    """Return how often each path was asked, numbers in it replaced."""
    return dict(
        Counter("/".join("N" if part.isdigit() else part for part in seen.path.split("/")) for seen in world.requests)
    )


def asked_paths(world: LargeWorld) -> list[str]:
    """Return the paths that were answered with success, in the order of the answers."""
    return [seen.path for seen in world.requests if seen.status == 200]


def most_in_a_minute(world: LargeWorld) -> int:
    """Return how many requests came in the busiest sixty seconds."""
    times = sorted(seen.time.timestamp() for seen in world.requests)
    first = 0
    most = 0
    for last, at in enumerate(times):
        while at - times[first] >= 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def _serve(pipe: Connection, size: Size, limits: Limits, now: datetime | None) -> None:
    from integrations.demo.data import load
    from integrations.demo.server import DemoServer
    from resources import ROOT

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    world = LargeWorld(load(ROOT / "demo"), now or datetime.now(UTC), limits=limits, size=size)
    with DemoServer(world) as server:
        pipe.send(Ports(server.zendesk_port, server.freshdesk_port))
        try:
            while True:
                work, args = pipe.recv()
                pipe.send(work(world, *args))
        except EOFError:
            return
