from __future__ import annotations

from collections.abc import Iterator

import pytest

from assist.engine.service import Engine
from tests.helpers.demo_store import engine_on, fill
from tests.helpers.store import opened


@pytest.fixture(scope="session")
def demo_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on the whole demo shop, with the shipped encoder."""
    with opened(tmp_path_factory.mktemp("demo") / "kibitz.db") as store:
        fill(store)
        yield engine_on(store)
