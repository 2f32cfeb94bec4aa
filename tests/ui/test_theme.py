from __future__ import annotations

import tomllib

import pytest
from PySide6.QtGui import QColor
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desktop.samples import READY
from desktop.theme import ICONS, STYLES, Scheme, Theme, read_tokens, style_sheet
from desktop.widgets.basics import IconButton

RAW = tomllib.loads((STYLES / "tokens.toml").read_text(encoding="utf-8"))


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [part / 255 for part in QColor(color).toTuple()[:3]]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_that_black_on_white_has_the_contrast_of_21_to_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.promise("I4")
@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("pair", RAW["contrast"]["text"], ids="-on-".join)
def test_that_text_can_be_read_on_its_ground(scheme, pair):
    colors = read_tokens().colors[scheme]
    assert contrast(colors[pair[0]], colors[pair[1]]) >= 4.5


@pytest.mark.promise("I4")
@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("pair", RAW["contrast"]["shapes"], ids="-on-".join)
def test_that_focus_rings_and_field_outlines_stand_out(scheme, pair):
    colors = read_tokens().colors[scheme]
    assert contrast(colors[pair[0]], colors[pair[1]]) >= 3.0


@pytest.mark.promise("I4")
@pytest.mark.parametrize("scheme", list(Scheme))
def test_that_who_asks_for_more_contrast_gets_it(theme, scheme):
    theme.use(scheme)
    before = {name: contrast(theme.color(name).name(), theme.color("canvas").name()) for name in ("muted", "border")}
    theme.ask_for_contrast(more=True)
    after = {name: contrast(theme.color(name).name(), theme.color("canvas").name()) for name in ("muted", "border")}
    theme.ask_for_contrast(more=False)
    assert after["muted"] > max(9.0, before["muted"])
    assert after["border"] >= 3.0 > before["border"]


@pytest.mark.parametrize("scheme", list(Scheme))
def test_that_the_style_sheet_names_no_colour_of_its_own(scheme):
    template = (STYLES / "base.qss").read_text(encoding="utf-8")
    assert "#panel" in template
    assert [word for word in template.split() if word.startswith("#") and QColor(word.strip(";")).isValid()] == []
    assert "@" not in style_sheet(read_tokens(), read_tokens().palette_of(scheme))


def test_that_a_token_nobody_defined_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "base.qss").write_text("/* */ QLabel { color: @nosuch; }", encoding="utf-8")
    monkeypatch.setattr("desktop.theme.STYLES", tmp_path)
    with pytest.raises(KeyError, match="nosuch"):
        style_sheet(read_tokens(STYLES / "tokens.toml"), {})


@pytest.mark.parametrize("file", sorted(ICONS.glob("*.svg")), ids=lambda file: file.stem)
def test_that_an_icon_can_be_drawn_and_takes_its_colours_from_the_theme(qapp, file):
    text = file.read_text(encoding="utf-8")
    assert QSvgRenderer(text.replace("currentColor", "#000").encode()).isValid()
    assert "#" not in text
    assert "href" not in text


def test_that_a_change_of_scheme_reaches_palette_style_sheet_and_icons(qapp, theme: Theme, qtbot):
    button = IconButton(theme, "search", "Search")
    qtbot.addWidget(button)
    before = button.icon().cacheKey()

    with qtbot.waitSignal(theme.changed):
        theme.use(Scheme.DARK)

    dark = read_tokens().colors[Scheme.DARK]
    assert qapp.palette().window().color() == QColor(dark["canvas"])
    assert dark["surface"] in qapp.styleSheet()
    assert button.icon().cacheKey() != before


def test_that_a_panel_in_use_can_change_its_scheme_again_and_again(panel, theme: Theme):
    panel.show_state(READY)
    seen = set()
    for scheme in (Scheme.DARK, Scheme.LIGHT) * 4:
        theme.use(scheme)
        QApplication.processEvents()
        corner = panel.grab().toImage().pixelColor(panel.width() // 2, 2)
        seen.add((scheme, corner.name()))
    colors = read_tokens().colors
    assert seen == {(scheme, colors[scheme]["canvas"]) for scheme in Scheme}


def test_that_widgets_in_use_keep_their_style_while_others_are_built(qapp, theme: Theme, panel):
    with theme.building():
        assert qapp.styleSheet() != ""


def test_that_the_system_changes_the_scheme_only_while_none_is_pinned(theme: Theme):
    theme.use(Scheme.DARK)
    theme._system_changed()
    assert theme.scheme is Scheme.DARK

    theme.use(None)
    assert theme.scheme is Scheme.LIGHT
