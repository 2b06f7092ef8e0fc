"""The look: colours from resources/themes, the palette, the style sheet and the fonts.

Qt's own dark scheme does nothing on plain X11 and offscreen, so the palette is ours, over Fusion.
Colours have names; nobody else writes a hex number.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from app import resources

FONT_PX = 13
SMALL_PX = 11
FAMILY = "Inter"
FONTS = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")


@dataclass(frozen=True)
class Theme:
    """A palette file, read once."""

    name: str
    colours: dict[str, str]
    states: dict[str, str]
    series: tuple[str, ...]
    heat: tuple[str, ...]
    """From idle to full; lightness rises all the way, so that a heat map reads without colour too."""


@cache
def theme(name: str = "dark") -> Theme:
    """Read resources/themes/NAME.json; small, and read before the window is shown."""
    raw: dict[str, Any] = json.loads(resources.find(f"themes/{name}.json").read_text("utf-8"))
    states, series, heat = raw.pop("states"), tuple(raw.pop("series")), tuple(raw.pop("heat"))
    return Theme(raw.pop("name"), raw, states, series, heat)


@cache
def colour(name: str, alpha: float = 1.0) -> QColor:
    """Return the theme's colour of that name, or of that state, as a shared QColor: do not change it."""
    colours = theme().colours
    found = QColor(colours[name] if name in colours else theme().states[name])
    found.setAlphaF(alpha)
    return found


@cache
def series_colour(number: int) -> QColor:
    """Return the colour of a plot's n-th line."""
    return QColor(theme().series[number % len(theme().series)])


@cache
def font(px: int = FONT_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the window's typeface with figures of one width, so that live numbers do not dance."""
    made = QFont(FAMILY)
    made.setPixelSize(px)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def mono(px: int = 12) -> QFont:
    """Return the desktop's typewriter face."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(px)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def apply(application: QApplication) -> None:
    """Dress the whole application; call once, before the first window."""
    for name in FONTS:
        QFontDatabase.addApplicationFont(str(resources.find(f"fonts/{name}")))
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(_palette())
    application.setFont(font())
    application.setStyleSheet(sheet())


def sheet() -> str:
    """Return the style sheet with the theme's colours in it."""
    text = resources.find(f"themes/{theme().name}.qss").read_text("utf-8")
    arrow = resources.find(f"themes/{theme().name}-arrow.svg").as_posix()
    return string.Template(text).substitute(theme().colours, arrow=arrow)


def _palette() -> QPalette:
    role = QPalette.ColorRole
    names = {
        role.Window: "window",
        role.Base: "panel",
        role.AlternateBase: "panel",
        role.Button: "raised",
        role.ToolTipBase: "raised",
        role.Highlight: "selection",
        role.Mid: "line_strong",
        role.Dark: "well",
        role.Light: "pressed",
        role.PlaceholderText: "text_faint",
        role.Link: "accent",
        role.Accent: "accent",
    }
    palette = QPalette()
    for one, name in names.items():
        palette.setColor(one, colour(name))
    for one in (
        role.WindowText,
        role.Text,
        role.ButtonText,
        role.ToolTipText,
        role.HighlightedText,
    ):
        palette.setColor(one, colour("text"))
        palette.setColor(QPalette.ColorGroup.Disabled, one, colour("text_faint"))
    return palette
