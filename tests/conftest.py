"""What every test keeps: offscreen, an own home, only loopback sockets, no unexpected warning in any log."""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("LANG", "C.UTF-8")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    # A runner in the background ignores Ctrl+C, and programs started by tests would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Time limits of examples measure the machine, not the code; what must be fast is in `make bench`.
settings.register_profile("kibitz", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kibitz")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--recorded", default=str(ROOT / "../shared/reference/recorded"), help="recorded API replies")
    parser.addoption("--data", default=str(ROOT / "../shared/data"), help="public data sets to measure with")
    parser.addoption("--switches", type=int, default=250, help="switches between tickets in a real browser")


@pytest.fixture(scope="session")
def recorded_dir(pytestconfig: pytest.Config) -> Path:
    """The folder of recorded replies; it is not part of the project."""
    return _folder(pytestconfig, "--recorded")


@pytest.fixture(scope="session")
def data_dir(pytestconfig: pytest.Config) -> Path:
    """The folder of public data sets; it is not part of the project."""
    return _folder(pytestconfig, "--data")


def _folder(config: pytest.Config, option: str) -> Path:
    folder = Path(config.getoption(option)).resolve()
    if not folder.is_dir():
        pytest.skip(f"{option} is not there; name its folder with {option}=FOLDER")
    return folder


@pytest.fixture(autouse=True)
def _garbage_of_the_main_thread() -> Iterator[None]:
    """As `desktop.garbage`: a thread that some test has started must not destroy the Qt objects of an earlier one."""
    gc.disable()
    yield
    gc.disable()
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            break


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIBITZ_HOME", str(tmp_path_factory.mktemp("kibitz-home")))


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A record at WARNING or above fails the test, unless the test says which it expects (``logs`` marker)."""
    yield
    expected = [re.compile(pattern) for mark in request.node.iter_markers("logs") for pattern in mark.args]
    for phase in ("setup", "call"):
        for record in caplog.get_records(phase):
            text = f"{record.name}: {record.getMessage()}"
            if record.levelno >= logging.WARNING and not any(pattern.search(text) for pattern in expected):
                pytest.fail(f"unexpected log record: {record.levelname} {text}")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine, and every test that tries fails loudly."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else ""
            if not (host.startswith("127.") or host in ("localhost", "::1")):
                raise AssertionError(f"a test tried to reach {host}")
        real(self, address)  # type: ignore[arg-type]  # whatever the caller passed

    monkeypatch.setattr(socket.socket, "connect", connect)
