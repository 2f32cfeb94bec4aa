"""The demo helpdesk in a process of its own, so that it never shares the window's event loop."""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

START_DEADLINE_S = 30.0
STOP_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class Ports:
    zendesk: int
    freshdesk: int


class DemoProcess:
    """Starts the demo helpdesk with its shipped data on free ports (or given ones) and stops it on `stop`."""

    def __init__(self, wanted: Ports = Ports(0, 0)) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs, wanted), name="kibitz-demo-helpdesk", daemon=True
        )
        self._process.start()
        theirs.close()

    def ports(self) -> Ports:
        """Wait until it serves, and return where.

        Raises:
            OSError: If it did not come up.
        """
        try:
            if self._ours.poll(START_DEADLINE_S):
                answer = self._ours.recv()
                if isinstance(answer, Ports):
                    return answer
        except EOFError:
            pass
        raise OSError("the demo helpdesk did not start; its ports may be taken")

    def stop(self) -> None:
        """Hang up, which ends it; by force after a deadline."""
        self._ours.close()
        self._process.join(STOP_DEADLINE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(STOP_DEADLINE_S)


def _serve(connection: Connection, wanted: Ports) -> None:
    from integrations.demo.data import load
    from integrations.demo.server import DemoServer
    from integrations.demo.world import World
    from resources import ROOT

    # Ctrl+C in the terminal reaches this process too; Kibitz decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with DemoServer(World(load(ROOT / "demo")), wanted.zendesk, wanted.freshdesk) as server:
        connection.send(Ports(server.zendesk_port, server.freshdesk_port))
        try:
            connection.recv()
        except EOFError:
            return
