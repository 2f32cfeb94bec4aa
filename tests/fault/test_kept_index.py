"""The kept index when its writer is killed: what is read afterwards is whole, and of one state."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assist.store.snapshot import Part, Snapshot
from tests.helpers.store import KEY

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
import numpy as np
from assist.store.snapshot import Part, Snapshot
from tests.helpers.store import KEY
snapshot = Snapshot(Path(sys.argv[1]), KEY)
for state in range(1, 1_000):
    for piece in range(3):
        print("add", flush=True)
        snapshot.add(state * 10 + piece, {"numbers": np.full(400_000, state * 10 + piece, dtype=np.int64)})
    print("settle", flush=True)
    pieces = tuple(state * 10 + piece for piece in range(3))
    snapshot.settle([Part("zendesk:one", "article", "words", "me", pieces)])
"""


def killed_after(store: Path, steps: int) -> None:
    """Run a writer and kill it in the middle of the step that it announced as number ``steps``."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(steps):
            assert writer.stdout.readline()
        writer.kill()


@pytest.mark.slow
def test_that_a_killed_writer_leaves_a_whole_index_behind(tmp_path):
    draw = random.Random(3)
    for _ in range(12):
        store = tmp_path / "kibitz.db"
        killed_after(store, draw.randint(1, 14))

        snapshot = Snapshot(store, KEY)
        parts = snapshot.parts()
        pieces = [uid for part in parts for uid in part.pieces]

        assert {uid // 10 for uid in pieces} <= {pieces[0] // 10} if pieces else True
        assert set(pieces) <= snapshot.kept()
        for uid in pieces:
            assert np.array_equal(snapshot.piece(uid)["numbers"], np.full(400_000, uid))
        assert snapshot.settle([Part("zendesk:one", "article", "words", "me", ())])
        assert snapshot.kept() == frozenset()


def test_that_a_full_disk_is_borne(tmp_path):
    snapshot = Snapshot(tmp_path / "kibitz.db", KEY)
    assert snapshot.add(1, {"numbers": np.arange(5)})
    numbers = np.zeros(1_000_000, dtype=np.int64)

    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        assert not snapshot.add(2, {"numbers": numbers})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

    assert snapshot.add(2, {"numbers": numbers})
    assert 2 in snapshot.kept()


def test_that_numbers_come_back_as_they_were_and_unknown_pieces_are_empty(tmp_path):
    snapshot = Snapshot(tmp_path / "kibitz.db", KEY)
    arrays = {
        "a": np.array([-1, 2**62]),
        "b": np.array([[1, 2, 3]], dtype=np.uint16),
        "c": np.zeros(0, dtype=np.uint8),
        "d": np.array([2**64 - 1], dtype=np.uint64),
    }

    assert snapshot.add(7, arrays)

    found = snapshot.piece(7)
    assert {name: (one.dtype, one.tolist()) for name, one in found.items()} == {
        name: (one.dtype, one.tolist()) for name, one in arrays.items()
    }
    assert snapshot.piece(8) == {}
    assert (tmp_path / "kibitz.db-index").stat().st_mode & 0o777 == 0o600
