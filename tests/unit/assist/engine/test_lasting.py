"""What Python's collector of the engine looks at."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from assist.engine.process import set_lasting_apart


class Ring:
    """Refers to itself, so only the collector ends it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_that_what_lasts_is_not_looked_at_again_and_rubbish_is_not_kept() -> None:
    lasting, rubbish = Ring(), weakref.ref(Ring())

    set_lasting_apart()

    assert rubbish() is None
    assert not any(one is lasting for one in gc.get_objects())


def test_that_what_is_made_later_is_still_collected() -> None:
    set_lasting_apart()
    later = weakref.ref(Ring())

    gc.collect()

    assert later() is None
