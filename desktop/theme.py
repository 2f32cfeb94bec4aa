"""Tokens, style sheet, palette and icons, for light and dark. Colours are named here and nowhere else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    high_contrast: Mapping[str, str]
    """Colour to the colour that takes its place when the system asks for more contrast."""

    def palette_of(self, scheme: Scheme, *, more_contrast: bool = False) -> dict[str, str]:
        colors = dict(self.colors[scheme])
        if more_contrast:
            colors |= {name: self.colors[scheme][other] for name, other in self.high_contrast.items()}
        return colors


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
        high_contrast=raw["high_contrast"],
    )


def style_sheet(tokens: Tokens, colors: Mapping[str, str]) -> str:
    """Return the style sheet in these colours. Raises `KeyError` for a token that nobody defined."""
    values = dict(colors)
    values |= {f"type_{name}": f"{size}px" for name, size in tokens.type_px.items()}
    values |= {f"radius_{name}": f"{size}px" for name, size in tokens.radius.items()}
    values["font_mono"] = ", ".join(f'"{family}"' for family in tokens.mono)
    # A style sheet cannot tint a picture, so there is a tick for each colour that it stands on.
    ticked = "tick-dark" if colors.get("on_accent") == "#04211b" else "tick-light"
    values["tick"] = (STYLES / f"{ticked}.svg").as_posix()
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
        self.scheme = scheme or _system_scheme()
        self.more_contrast = False
        self._colors: dict[str, str] = {}
        self._listen()
        self._apply()

    def use(self, scheme: Scheme | None) -> None:
        """Pin ``scheme``, or follow the system again when None."""
        self._pinned = scheme
        self._switch(scheme or _system_scheme())

    def color(self, name: str) -> QColor:
        return QColor(self._colors[name])

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

    @contextmanager
    def building(self) -> Iterator[None]:
        """Style what is made inside once, at the end.

        Under a style sheet Qt styles a whole subtree anew each time a part is put into its parent, which made
        building the panel five times as slow. Does nothing once there are other widgets: taking their style
        away and giving it back has crashed Qt 6.11.
        """
        if QApplication.topLevelWidgets():
            yield
            return
        sheet = self._app.styleSheet()
        self._app.setStyleSheet("")
        try:
            yield
        finally:
            self._app.setStyleSheet(sheet)

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

    def ask_for_contrast(self, *, more: bool) -> None:
        """Draw outlines and quiet text as strong as the rest, or as designed again."""
        if more != self.more_contrast:
            self.more_contrast = more
            self._apply()

    def _listen(self) -> None:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        # QAccessibilityHints came with Qt 6.10.
        if hasattr(hints, "accessibility"):
            access = hints.accessibility()
            high = Qt.ContrastPreference.HighContrast
            self.more_contrast = access.contrastPreference() == high
            access.contrastPreferenceChanged.connect(lambda wish: self.ask_for_contrast(more=wish == high))

    def _system_changed(self) -> None:
        if self._pinned is None:
            self._switch(_system_scheme())

    def _switch(self, scheme: Scheme) -> None:
        if scheme != self.scheme:
            self.scheme = scheme
            self._apply()

    def _apply(self) -> None:
        self._pixmaps.clear()
        self._colors = self.tokens.palette_of(self.scheme, more_contrast=self.more_contrast)
        self._app.setPalette(palette(self._colors))
        self._app.setStyleSheet(style_sheet(self.tokens, self._colors))
        self.changed.emit()


@cache
def _svg(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


def _system_scheme() -> Scheme:
    hints = QGuiApplication.styleHints()
    return Scheme.DARK if hints.colorScheme() == Qt.ColorScheme.Dark else Scheme.LIGHT
