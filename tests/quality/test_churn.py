"""Who leaves whom in public messages, and how rarely ordinary customers are said to be leaving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assist.context import build_context
from assist.domain import Band, Role
from assist.evaluate.churn import evaluate
from assist.evaluate.rows import Row
from assist.signals.churn import assess
from tests.bench.converted import SETS
from tests.helpers.builders import NOON, a_message, a_reply, a_ticket, an_open_ticket

pytestmark = pytest.mark.slow


def alarmed(turns: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether at any of the customer's turns a chat was said to be about leaving."""
    messages = []
    for number, turn in enumerate(turns, 1):
        at = NOON + timedelta(minutes=number)
        make = a_reply if turn["role"] == "agent" else a_message
        messages.append(make(turn["text"], id=number, created_at=at))
        if messages[-1].author.role is Role.CUSTOMER:
            opened = an_open_ticket(ticket=a_ticket(subject=""), messages=tuple(messages))
            if assess(build_context(opened), opened, now=at).band in {Band.RAISED, Band.HIGH}:
                return True
    return False


@pytest.mark.promise("R5")
def test_that_the_shipped_model_sees_who_leaves_whom_in_public_messages_that_it_never_saw(data_dir: Path):
    rows = [Row(f"churn-en {number}", row) for number, row in enumerate(SETS["churn-en"].rows(data_dir), 1)]

    figures = evaluate(rows).figures

    told = ", ".join(f"{name} {figure}" for name, figure in figures.items())
    print(told)  # as below
    assert figures["shipped F1"].low >= 0.70, told
    assert figures["shipped F1"].value > figures["keyword rule F1"].value + 0.2, told
    assert figures["alert precision"].low >= 0.75, told
    assert figures["alert recall"].low >= 0.35, told


@pytest.mark.promise("R5")
def test_that_at_most_two_of_a_hundred_ordinary_chats_are_said_to_be_about_leaving(data_dir: Path):
    chats = [row["turns"] for row in SETS["wmt22-chat"].rows(data_dir)]

    alarms = sum(alarmed(turns) for turns in chats)

    told = f"{alarms} alarms in {len(chats)} chats: {100 * alarms / len(chats):.1f} per 100"
    print(told)  # the figure is what a reader of `pytest -s` came for
    assert len(chats) >= 150
    assert 100 * alarms / len(chats) <= 2.0, told
