"""The knowledge on the command line, without a window and without a network.

python -m assist index --store s.db --key-file s.key --articles articles.jsonl
python -m assist suggest --store s.db --key-file s.key --ticket ticket.json --text
python -m assist replay --store s.db --key-file s.key
python -m assist eval retrieval --data questions.jsonl
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from assist.cli import ask, evaluation, index, replay
from assist.errors import KibitzError

COMMANDS = (index, ask, replay, evaluation)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 after one line on the standard error that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m assist", description="Kibitz without its window")
    commands = parser.add_subparsers(title="commands", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except KibitzError as error:
        print(f"python -m assist: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"python -m assist: {error.filename or 'a file'}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
