"""Tokens, style sheet, palette and icons, for light and dark. Colours are named here and nowhere else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory

from resources import ROOT

ICONS = ROOT / "icons"
STYLES = ROOT / "styles"
PIXEL_RATIOS = (1.0, 1.5, 2.0, 3.0)


class Scheme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The table of ``resources/styles/tokens.toml``. Sizes are device-independent pixels."""

    type_px: Mapping[str, int]
    families: tuple[str, ...]
    mono: tuple[str, ...]
    space: Mapping[str, int]
    radius: Mapping[str, int]
    duration_ms: Mapping[str, int]
    colors: Mapping[Scheme, Mapping[str, str]]


@cache
def read_tokens(path: Path = STYLES / "tokens.toml") -> Tokens:
    """Read the tokens. Raises `ValueError` when light and dark do not name the same colours."""
    raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    if raw["light"].keys() != raw["dark"].keys():
        raise ValueError(f"light and dark differ in {sorted(raw['light'].keys() ^ raw['dark'].keys())}")
    sizes = {name: value for name, value in raw["type"].items() if isinstance(value, int)}
    return Tokens(
        type_px=sizes,
        families=tuple(raw["type"]["families"]),
        mono=tuple(raw["type"]["mono"]),
        space=raw["space"],
        radius=raw["radius"],
        duration_ms=raw["duration_ms"],
        colors={scheme: raw[scheme.value] for scheme in Scheme},
    )


def style_sheet(tokens: Tokens, scheme: Scheme) -> str:
    """Return the style sheet of ``scheme``. Raises `KeyError` for a token that nobody defined."""
    values = dict(tokens.colors[scheme])
    values |= {f"type_{name}": f"{size}px" for name, size in tokens.type_px.items()}
    values |= {f"radius_{name}": f"{size}px" for name, size in tokens.radius.items()}
    values["font_mono"] = ", ".join(f'"{family}"' for family in tokens.mono)
    template = (STYLES / "base.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda found: values[found[1]], template.partition("*/")[2])


def palette(colors: Mapping[str, str]) -> QPalette:
    """Return a palette for what the style sheet does not reach (Fusion's own drawing, placeholders)."""
    role = QPalette.ColorRole
    made = QPalette(QColor(colors["canvas"]))
    for target, name in {
        role.Window: "canvas",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "canvas",
        role.Text: "text",
        role.Button: "surface",
        role.ButtonText: "text",
        role.ToolTipBase: "surface",
        role.ToolTipText: "text",
        role.PlaceholderText: "faint",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Link: "accent_text",
        role.LinkVisited: "accent_text",
        role.Accent: "accent",
        role.Mid: "border_strong",
        role.Light: "surface",
        role.Dark: "border_input",
    }.items():
        made.setColor(target, QColor(colors[name]))
    disabled = QPalette.ColorGroup.Disabled
    for target in (role.Text, role.WindowText, role.ButtonText):
        made.setColor(disabled, target, QColor(colors["faint"]))
    return made


class Theme(QObject):
    """The look of one application. Follows the system until `use` pins a scheme.

    Widgets ask it for colours and icons, and draw themselves anew on ``changed``.
    """

    changed = Signal()

    def __init__(self, app: QApplication, scheme: Scheme | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._pinned = scheme
        self.tokens = read_tokens()
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(self.font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.scheme = scheme or _system_scheme()
        self._apply()

    def use(self, scheme: Scheme | None) -> None:
        """Pin ``scheme``, or follow the system again when None."""
        self._pinned = scheme
        self._switch(scheme or _system_scheme())

    def color(self, name: str) -> QColor:
        return QColor(self.tokens.colors[self.scheme][name])

    def space(self, name: str) -> int:
        return self.tokens.space[name]

    def font(self, size: str = "body", *, bold: bool = False) -> QFont:
        font = QFont()
        font.setFamilies(list(self.tokens.families))
        font.setPixelSize(self.tokens.type_px[size])
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def pixmap(self, name: str, tint: str, size: QSize | int, ratio: float = 1.0) -> QPixmap:
        """Return icon ``name`` drawn in the colour token ``tint``; ``size`` in device-independent pixels."""
        box = QSize(size, size) if isinstance(size, int) else size
        key = (name, tint, box.width() * 10_000 + box.height(), ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._draw(name, tint, box, ratio)
        return self._pixmaps[key]

    def icon(self, name: str, tint: str = "muted", size_px: int = 16) -> QIcon:
        """Return icon ``name`` as a QIcon that stays sharp at every usual scale."""
        icon = QIcon()
        for ratio in PIXEL_RATIOS:
            icon.addPixmap(self.pixmap(name, tint, size_px, ratio))
        return icon

    def _draw(self, name: str, tint: str, box: QSize, ratio: float) -> QPixmap:
        source = _svg(name)
        for word, tone in (
            ("currentColor", tint),
            ("var(--accent)", "accent"),
            ("var(--surface)", "surface"),
            ("var(--soft)", "accent_soft"),
        ):
            source = source.replace(word, self.color(tone).name())
        renderer = QSvgRenderer(QByteArray(source.encode()))
        pixmap = QPixmap(box * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _system_changed(self) -> None:
        if self._pinned is None:
            self._switch(_system_scheme())

    def _switch(self, scheme: Scheme) -> None:
        if scheme != self.scheme:
            self.scheme = scheme
            self._apply()

    def _apply(self) -> None:
        self._pixmaps.clear()
        self._app.setPalette(palette(self.tokens.colors[self.scheme]))
        self._app.setStyleSheet(style_sheet(self.tokens, self.scheme))
        self.changed.emit()


@cache
def _svg(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


def _system_scheme() -> Scheme:
    hints = QGuiApplication.styleHints()
    return Scheme.DARK if hints.colorScheme() == Qt.ColorScheme.Dark else Scheme.LIGHT
