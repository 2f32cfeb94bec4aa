"""What the commands read and write: keys, JSON lines, stores. Every complaint is one line that says what to do."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from assist.errors import KibitzError, StoreError
from assist.store.codec import UnknownFormat, loads
from assist.store.database import StoreKey, new_key
from assist.store.store import Store, open_store

T = TypeVar("T")


class BadInput(KibitzError):
    """What was handed in cannot be used; the message names the file and the line."""


def add_store_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", type=Path, required=True, metavar="FILE", help="the encrypted database")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--key-file", type=Path, metavar="FILE", help="a file that holds the key, readable by you only")
    key.add_argument("--key-env", metavar="NAME", help="an environment variable that holds the key")


def add_model_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plain", action="store_true", help="search by words only, without the encoder")


@contextmanager
def store_of(options: argparse.Namespace, *, create: bool = False) -> Iterator[Store]:
    """Open the store that the options name, and close it.

    Args:
        options: Parsed options of `add_store_options`.
        create: Whether a store and key file that are not there are made.

    Raises:
        BadInput: If the store is not there, or the key cannot be used.
        StoreError: If it cannot be opened with this key.
    """
    if not create and not options.store.is_file():
        raise BadInput(f"there is no store at {options.store}; make one with `python -m assist index`")
    key = _key_of_environment(options.key_env) if options.key_env else _key_of_file(options.key_file, create=create)
    store = open_store(options.store, key)
    try:
        yield store
    finally:
        if undone := store.close():
            raise StoreError(f"{undone} writes could not be finished")


def lines_of(path: Path, kind: type[T]) -> Iterator[T]:
    """Yield the values of a JSON-lines file in the form of `assist.store.codec`; blank lines are passed over."""
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if line.strip():
            yield value_of(line, kind, where=f"{path}, line {number}")


def value_of(text: str, kind: type[T], *, where: str) -> T:
    try:
        return loads(kind, text)
    except UnknownFormat as error:
        raise BadInput(f"{where}: {error}; `python -m assist export` shows the form") from error


def text_of(path: Path) -> str:
    """Return the text of a file, or of the standard input for ``-``."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text") from error


def _key_of_environment(name: str) -> StoreKey:
    try:
        return StoreKey.from_text(os.environ[name])
    except KeyError:
        raise BadInput(f"the environment holds no {name}") from None
    except ValueError:
        raise BadInput(f"{name} holds no store key of 64 hexadecimal digits") from None


def _key_of_file(path: Path, *, create: bool) -> StoreKey:
    if create and not path.exists():
        key = new_key()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{key.to_text()}\n")
        return key
    text = text_of(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise BadInput(f"the key file {path} can be read by others; run: chmod 600 {path}")
    try:
        return StoreKey.from_text(text.strip())
    except ValueError:
        raise BadInput(f"{path} holds no store key of 64 hexadecimal digits") from None
