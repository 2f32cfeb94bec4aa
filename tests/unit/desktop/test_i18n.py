"""Which language dates are in, and how numbers are written, for readers of any country."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from assist.domain import SourceKind, SuggestionId
from desktop import i18n
from desktop.acting.words import clock
from desktop.admin.usage_words import percentage
from desktop.journal.model import cells
from desktop.journal.state import Happened, JournalRow
from desktop.panel import words
from tests.helpers.builders import a_ref

IN_MARCH = datetime(2026, 3, 4, 14, 5).astimezone()


@pytest.fixture
def reader() -> Iterator[None]:
    """A computer whose language a test chooses."""
    before = QLocale()
    yield
    QLocale.setDefault(before)


@pytest.fixture
def german_words(qapp: QCoreApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The interface speaks German: a catalogue of that language is installed as Kibitz's own."""
    (tmp_path / "translations").mkdir()
    of_qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / "qtbase_de.qm"
    shutil.copy(of_qt, tmp_path / "translations" / "kibitz_de.qm")
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    assert i18n.install_translator(qapp, QLocale("de_AT"))
    yield
    for catalogue in qapp.findChildren(QTranslator, i18n.CONTEXT):
        qapp.removeTranslator(catalogue)
        catalogue.setParent(None)


def said(name: str) -> tuple[str, str, str, str, str]:
    """Return a date, a row's time in the journal, a time of day, a share and a large number, as a reader sees them."""
    QLocale.setDefault(QLocale(name))
    row = JournalRow(
        SuggestionId("s1"), IN_MARCH.astimezone(UTC), a_ref(7), "replies", 1, SourceKind.MACRO, "", Happened.SHOWN, ""
    )
    return (
        words.day(IN_MARCH),
        cells(row)[0],
        clock(IN_MARCH).replace("\u202f", " "),
        percentage(0.1),
        i18n.number(95_002),
    )


@pytest.mark.usefixtures("qapp", "reader")
@pytest.mark.parametrize(
    ("name", "time", "large"),
    [("de_DE", "14:05", "95.002"), ("en_US", "2:05 PM", "95,002"), ("en_GB", "14:05", "95,002")],
)
def test_that_english_words_have_english_dates_and_the_readers_own_numbers(name, time, large):
    assert said(name) == ("4 Mar 2026", "4 Mar 14:05", time, "10%", large)


@pytest.mark.usefixtures("qapp", "reader")
@pytest.mark.parametrize("name", ["ja_JP", "ko_KR", "ar_EG"])
def test_that_no_word_of_another_language_stands_in_an_english_date_or_time(name):
    assert said(name)[:3] == ("4 Mar 2026", "4 Mar 14:05", "14:05")


@pytest.mark.usefixtures("german_words", "reader")
@pytest.mark.parametrize("name", ["de_DE", "de_AT", "fr_FR", "en_US"])
def test_that_german_words_have_german_dates(name):
    assert said(name)[:3] == ("4 März 2026", "4 März 14:05", "14:05")


@pytest.mark.usefixtures("german_words", "reader")
def test_that_a_reader_of_the_words_language_has_the_months_of_the_own_country():
    QLocale.setDefault(QLocale("de_AT"))
    assert words.day(datetime(2026, 1, 4, 12).astimezone()).startswith("4 Jän")


def test_that_a_language_without_a_catalogue_leaves_the_words_english(qapp):
    assert not i18n.install_translator(qapp, QLocale("de_DE"))
    assert i18n.words_locale().language() == QLocale.Language.English
