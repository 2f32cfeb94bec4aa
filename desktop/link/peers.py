"""Whose program is at the other end of a loopback connection, where the system tells."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def is_foreign(port: int, peer_port: int) -> bool:
    """Tell whether the connection from ``peer_port`` to our ``port`` is another user's.

    Only Linux tells, and not everywhere; where it does not, the answer is False and pairing alone protects.
    """
    if sys.platform != "linux":
        return False
    for table in _TABLES:
        try:
            lines = table.read_text("ascii").splitlines()[1:]
        except (OSError, ValueError):
            continue
        if (owner := owner_in(lines, port, peer_port)) is not None:
            return owner != os.getuid()
    return False


def owner_in(lines: Iterable[str], port: int, peer_port: int) -> int | None:
    """Return the user id of the socket that is bound to ``peer_port`` and connected to ``port``, or None.

    Source: proc(5), /proc/net/tcp: local and remote address in hexadecimal, the port after the colon; the eighth
    column is the user id.
    """
    ends = f":{peer_port:04X} ", f":{port:04X} "
    for line in lines:
        if not all(end in line for end in ends):
            continue
        columns = line.split()
        if len(columns) < 8:
            continue
        if f"{columns[1]} ".endswith(ends[0]) and f"{columns[2]} ".endswith(ends[1]):
            return int(columns[7])
    return None
