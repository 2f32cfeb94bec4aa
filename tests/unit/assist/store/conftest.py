from collections.abc import Iterator
from pathlib import Path

import pytest

from assist.store.store import Store
from tests.helpers.store import opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kibitz.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with opened(path) as store:
        yield store
