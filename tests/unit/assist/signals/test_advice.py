from __future__ import annotations

from pathlib import Path

import pytest

from assist.context import build_context
from assist.domain import AlertKind, Band, ChurnSignal
from assist.signals.advice import DEFAULT_FILE, ChurnFileError, default_rules, load_rules
from assist.signals.alerts import alerts
from tests.helpers.builders import NOON, a_message, an_open_ticket


@pytest.mark.parametrize(
    ("band", "reasons", "deed"),
    [
        (Band.HIGH, ("to-rival", "last-straw"), "Callback: "),
        (Band.HIGH, ("leaving-you", "last-straw"), "Escalate: "),
        (Band.HIGH, ("leaving-you",), "Save offer: "),
        (Band.RAISED, ("no-more-use", "history"), "Save offer: "),
        (Band.RAISED, ("learned",), "Answer: "),
        (Band.LOW, ("learned",), ""),
    ],
)
def test_that_the_first_entry_that_fits_says_what_to_do(band: Band, reasons: tuple[str, ...], deed: str) -> None:
    advice = default_rules().advise(ChurnSignal(band, (), reasons))

    assert advice.startswith(deed)
    assert bool(advice) == bool(deed)


def test_that_the_admins_own_table_replaces_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "churn.toml"
    kept = DEFAULT_FILE.read_text(encoding="utf-8").split("[lists]", 1)[1]
    own.write_text(f'[[advice]]\ndo = "escalate"\ntext = "Ask Priya."\n\n[lists]{kept}', encoding="utf-8")
    opened = an_open_ticket(messages=(a_message("I'm leaving you. I won't order from you again."),))
    found = alerts(build_context(opened), opened, (), now=NOON, rules=load_rules(own)).alerts

    assert [alert.advice for alert in found if alert.kind is AlertKind.CHURN] == ["Escalate: Ask Priya."]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("", "holds no"),
        ('[[advice]]\ndo = "pray"\ntext = "x"', "do must be one of save offer, callback, escalate, answer"),
        ('[[advice]]\ndo = "escalate"', "text must say what to do"),
        ('[[advice]]\ndo = "escalate"\ntext = "x"\nband = "low"', "band must be raised or high"),
        ('[[advice]]\ndo = "escalate"\ntext = "x"\nreasons = ["moon"]', "no reason 'moon'"),
        ('[[advice]]\ndo = "escalate"\ntext = "x"\nwhen = 1', "unknown field 'when'"),
        ("[[advice]", "cannot be used"),
    ],
)
def test_that_a_bad_file_is_refused_with_what_to_correct(tmp_path: Path, entry: str, message: str) -> None:
    own = tmp_path / "churn.toml"
    own.write_text(entry, encoding="utf-8")

    with pytest.raises(ChurnFileError, match=message):
        load_rules(own)
