from __future__ import annotations

import pytest

from tests.helpers.fakes import table
from tests.helpers.links import linked_table


@pytest.fixture
def linked(qapp, qt_loop, tmp_path):
    with table(tmp_path) as at, linked_table(at, tmp_path) as made:
        at.has(7, 8)
        yield made


@pytest.fixture
def go(run, linked):
    """Run a scenario with the link listening, and end it."""

    def whole(scenario):
        async def bounded():
            await linked.start()
            try:
                return await scenario()
            finally:
                await linked.at.settle()
                await linked.link.aclose()

        result = run(bounded())
        assert linked.at.errors == []
        return result

    return whole
