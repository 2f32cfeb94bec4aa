"""Secrets in a real gnome-keyring on a real bus, and without either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.children import Child, child
from tests.helpers.keyring_daemon import desktop, private_env

pytestmark = [pytest.mark.keyring_daemon]

CANARY = "kanarienvogel-7f3c9a-token"


@contextmanager
def kibitz(folder: Path, env: dict[str, str]) -> Iterator[Child]:
    with child("tests.helpers.keyring_child", folder=folder, env=env) as running:
        yield running


def places_of(secret: str, folder: Path, running: Child) -> list[str]:
    """Return where ``secret`` can be read: files below ``folder``, the child's arguments and environment."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    files += [Path(f"/proc/{running.pid}") / name for name in ("cmdline", "environ")]
    return [str(path) for path in files if secret.encode() in path.read_bytes()]


@pytest.mark.promise("S2")
def test_that_a_secret_outlives_the_process_and_is_gone_once_forgotten(tmp_path):
    with desktop(tmp_path, unlocked=True) as session:
        with kibitz(tmp_path, session.env) as first:
            assert first.tell("state") == ["Available", "Secret Service"]
            assert first.tell("put", name="zendesk:acme", secret=CANARY) == "keyring"
        with kibitz(tmp_path, session.env) as second:
            assert second.tell("get", name="zendesk:acme") == CANARY
            second.tell("forget", name="zendesk:acme")
            assert second.tell("get", name="zendesk:acme") is None


@pytest.mark.promise("S1")
def test_that_a_secret_in_use_stands_in_no_file_argument_or_environment(tmp_path):
    with desktop(tmp_path, unlocked=True) as session, kibitz(tmp_path, session.env) as running:
        running.tell("put", name="zendesk:acme", secret=CANARY)
        assert running.tell("get", name="zendesk:acme") == CANARY
        _, key, _ = running.tell("store_key", exists=False)
        assert (tmp_path / "kibitz" / "log" / "kibitz.log").exists()
        assert places_of(CANARY, tmp_path, running) == []
        assert places_of(key, tmp_path, running) == []


def test_that_the_store_key_is_the_same_at_the_next_start(tmp_path):
    with desktop(tmp_path, unlocked=True) as session:
        with kibitz(tmp_path, session.env) as first:
            state, key, _ = first.tell("store_key", exists=False)
            assert state == "first"
        with kibitz(tmp_path, session.env) as second:
            assert second.tell("store_key", exists=True) == ["known", key, ""]


@pytest.mark.promise("S2")
def test_that_a_key_which_is_lost_with_its_keyring_is_said(tmp_path):
    with desktop(tmp_path, unlocked=True) as session, kibitz(tmp_path, session.env) as running:
        running.tell("store_key", exists=False)
    for file in (tmp_path / "home" / "data" / "keyrings").iterdir():
        file.unlink()
    with desktop(tmp_path, unlocked=True) as session, kibitz(tmp_path, session.env) as running:
        state, _, why = running.tell("store_key", exists=True)
    assert (state, why) == ("lost", "The key of the local database is no longer in Secret Service")


@pytest.mark.promise("S2")
def test_that_without_a_bus_secrets_are_of_this_session_even_where_a_plain_file_back_end_is_installed(tmp_path):
    leak = tmp_path / "plain"
    leak.touch()
    env = {
        **private_env(tmp_path),
        "PYTHON_KEYRING_BACKEND": "tests.helpers.plain_keyring.PlainFile",
        "PLAIN_KEYRING_FILE": str(leak),
    }
    with kibitz(tmp_path, env) as running:
        assert running.tell("state") == ["SessionOnly", "Secret Service is not running"]
        assert running.tell("put", name="zendesk:acme", secret=CANARY) == "session"
        assert running.tell("get", name="zendesk:acme") == CANARY
        assert running.tell("store_key", exists=True)[0] == "session"
        assert places_of(CANARY, tmp_path, running) == []
        assert not (tmp_path / "kibitz" / "data" / "keyring.json").exists()
    with kibitz(tmp_path, env) as later:
        assert later.tell("get", name="zendesk:acme") is None
    assert leak.read_text() == ""


@pytest.mark.promise("S2")
def test_that_a_locked_keyring_that_nobody_can_open_is_not_used_and_that_is_said(tmp_path):
    with desktop(tmp_path, unlocked=False) as session, kibitz(tmp_path, session.env) as running:
        kind, reason = running.tell("state")
        assert kind == "SessionOnly"
        assert reason.startswith("Secret Service is locked")
        assert running.tell("put", name="zendesk:acme", secret=CANARY) == "session"
        assert places_of(CANARY, tmp_path, running) == []


@pytest.mark.promise("S2")
def test_that_a_keyring_that_dies_is_said_and_loses_nothing_of_this_session(tmp_path):
    with desktop(tmp_path, unlocked=True) as session, kibitz(tmp_path, session.env) as running:
        running.tell("put", name="old", secret=CANARY)
        session.daemon.kill()
        session.daemon.wait(10)
        assert running.tell("get", name="old").keys() == {"trouble"}
        assert running.tell("put", name="new", secret=CANARY) == "session"
        assert running.tell("get", name="new") == CANARY
        assert places_of(CANARY, tmp_path, running) == []
