"""A process that logs events and acknowledges each on its standard output, to be killed at any moment.

    python -m tests.helpers.log_child PATH FIRST_NUMBER

The key comes as one line of standard input. ``ready`` is printed once the database is open; then, for each event
that `append` returned from, a line with its ``seq`` and ``uuid``.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from assist.domain import EventKind
from assist.store.database import StoreKey
from assist.store.events import append
from assist.store.writer import Writer
from tests.helpers.builders import a_decision, a_shown

LIVES = (
    (EventKind.USED,),
    (EventKind.DISMISSED, EventKind.UNDISMISSED, EventKind.EDITED),
    (EventKind.DISMISSED, EventKind.DISMISSED),
    (),
    (EventKind.EXPIRED, EventKind.USED),
)
"""What is decided about one suggestion after another; some of it repeats and must not be logged."""


def main(path: Path, first: int) -> None:
    writer = Writer(path, StoreKey.from_text(sys.stdin.readline().strip()))
    say("ready")
    for number in itertools.count(first):
        # Once more what the process before may have been killed over: the app tries again after a restart.
        names = (f"s{max(number - 1, 0)}", f"s{number}")
        batches = [[a_shown(name) for name in names]]
        batches += [[a_decision(kind, names[1])] for kind in LIVES[number % len(LIVES)]]
        for batch in batches:
            appended = writer.submit(lambda connection, batch=batch: append(connection, batch)).result()
            acknowledged = [f"{a.logged.seq} {a.logged.uuid}" for a in appended if a.logged is not None]
            say(*acknowledged)


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
