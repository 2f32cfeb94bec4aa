"""Translated words. English is the source language; catalogues are Qt ``.qm`` files in ``resources/translations``."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from resources import ROOT

CONTEXT = "Kibitz"


def tr(text: str, /, **values: object) -> str:
    """Return ``text`` in the user's language, then filled with ``values`` by ``str.format``.

    ``values`` are never parsed again, so a customer's words may stand in them.
    """
    translated = QCoreApplication.translate(CONTEXT, text)
    return translated.format(**values) if values else translated


def tr_n(one: str, many: str, /, *, n: int) -> str:
    """Return ``one`` when ``n`` is 1, else ``many``; both may hold ``{n}``."""
    return tr(one if n == 1 else many, n=n)


def number(value: int) -> str:
    """Return a whole number as it is written where the reader lives, whatever language the words are in."""
    return QLocale().toString(value)


def words_locale() -> QLocale:
    """Return whose names of months and days are used: the reader's where the words are in that language.

    Otherwise those of the words' own language, so that no sentence is half in one language and half in another.
    """
    app, reader = QCoreApplication.instance(), QLocale()
    catalogue = app.findChild(QTranslator, CONTEXT) if app is not None else None
    language = QLocale(catalogue.language()).language() if catalogue is not None else QLocale.Language.English
    return reader if reader.language() == language else QLocale(language)


def install_translator(app: QCoreApplication, locale: QLocale | None = None) -> bool:
    """Load the catalogue for ``locale`` (the system's when None); False where there is none."""
    translator = QTranslator(app)
    found = translator.load(locale or QLocale.system(), "kibitz", "_", str(ROOT / "translations"))
    translator.setObjectName(CONTEXT if found else "")
    return found and app.installTranslator(translator)
