from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from assist.errors import SignInNeeded
from desktop.logs import (
    LONGEST_MESSAGE,
    QUIET,
    CleanFormatter,
    clean,
    level,
    safe_traceback,
    start_logging,
    stop_logging,
)
from desktop.settings import LogLevel

LETTER = "Dear all, my order 4711 never came and I want my money back"
TOKEN = "6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv"


@pytest.fixture(autouse=True)
def _levels() -> Iterator[None]:
    root, before = logging.getLogger(), logging.getLogger().level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield
    stop_logging()
    root.setLevel(before)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


@pytest.fixture
def written(tmp_path: Path):
    path = start_logging(tmp_path / "log", logging.DEBUG)
    assert path is not None
    return path.read_text


@pytest.mark.promise("S3")
@pytest.mark.parametrize(
    "secret",
    [
        "mara.voss@example.org",
        "Authorization: Basic bWFyYUBleGFtcGxlLm9yZzpzZWNyZXQ=",
        "Bearer abc.def.ghi1234567",
        "api_key=s3cr3t",
        TOKEN,
        f"token={TOKEN}",
        "0123456789abcdef0123456789abcdef",
        "https://acme.zendesk.com/api/v2/search.json?query=mara%20voss",
    ],
)
@pytest.mark.parametrize("how", ["argument", "message"])
def test_that_a_secret_in_a_record_is_not_written(written, secret, how):
    log = logging.getLogger("some.library")
    if how == "argument":
        log.debug("got %s here", secret)
    else:
        log.debug(f"got {secret} here")  # noqa: G004  # what must not reach a log
    text = written()
    secret_part = secret.rpartition("=" if "key=" in secret else " ")[2].rpartition("query=")[2]
    assert "got " in text
    assert secret_part not in text


def test_that_paths_modules_and_plain_words_stay_readable():
    line = "desktop.dock.geometry: opened /home/mara/.local/share/kibitz/data/kibitz-2026.db in 12.5 ms, 3 of 4711"
    assert clean(line) == line


@pytest.mark.promise("S3")
@pytest.mark.logs("reading failed")
def test_that_the_words_of_a_foreign_exception_are_not_written(written):
    try:
        try:
            int(LETTER)
        except ValueError as error:
            raise KeyError(TOKEN) from error
    except KeyError:
        logging.getLogger("assist").exception("reading failed")
    text = written()
    assert "builtins.KeyError" in text
    assert "because of builtins.ValueError" in text
    assert "test_logs.py:" in text
    assert LETTER not in text
    assert TOKEN not in text


def test_that_the_words_of_our_own_errors_are_written_cleaned():
    error = SignInNeeded("mara@example.org has to sign in")
    assert safe_traceback(error) == "assist.errors.SignInNeeded: …@… has to sign in"


def test_that_a_loop_of_causes_ends():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert safe_traceback(first).count("because of") == 1


def test_that_a_long_message_is_cut_and_stays_on_one_line(written):
    logging.getLogger("assist").info("a\n%s", "b c" * 5_000)
    [line] = written().splitlines()
    assert len(line) < LONGEST_MESSAGE + 100
    assert "a ⏎ b c" in line


def test_that_a_message_that_does_not_fit_its_values_costs_nothing():
    record = logging.LogRecord("x", logging.INFO, "file.py", 7, "%d of %d", ("one",), None)
    assert "(a message of file:7 does not fit its values)" in CleanFormatter().format(record)


@pytest.mark.promise("S3")
def test_that_chatty_libraries_are_heard_from_warning_on_only(written):
    for name in ("httpx", "httpcore.http11", "asyncio", "qasync._QEventLoop"):
        logging.getLogger(name).info("hello from %s", name)
    assert written() == ""


def test_that_the_file_is_for_its_owner_only_also_after_it_was_rotated(tmp_path, monkeypatch):
    monkeypatch.setattr("desktop.logs.LARGEST_FILE_BYTES", 500)
    path = start_logging(tmp_path / "log")
    for number in range(40):
        logging.getLogger("assist").info("line %d", number)
    files = sorted(one.name for one in path.parent.iterdir())
    assert files == ["kibitz.log", "kibitz.log.1", "kibitz.log.2", "kibitz.log.3"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}


def test_that_a_folder_that_cannot_be_written_leaves_kibitz_without_a_log(tmp_path):
    (tmp_path / "log").write_text("a file")
    assert start_logging(tmp_path / "log") is None


def test_that_starting_again_does_not_write_twice(tmp_path):
    start_logging(tmp_path / "log")
    path = start_logging(tmp_path / "log")
    logging.getLogger("assist").info("once")
    assert path.read_text().count("once") == 1


@pytest.mark.parametrize(
    ("env", "setting", "expected"),
    [
        ({}, LogLevel.INFO, logging.INFO),
        ({}, LogLevel.DEBUG, logging.DEBUG),
        ({"KIBITZ_LOG_LEVEL": "warning"}, LogLevel.DEBUG, logging.WARNING),
        ({"KIBITZ_LOG_LEVEL": "loud"}, LogLevel.DEBUG, logging.DEBUG),
    ],
)
def test_that_the_environment_overrides_the_setting(env, setting, expected):
    assert level(setting, env) == expected
