"""The look: colours from resources/themes, the palette, the style sheet and the fonts.

``use`` chooses the theme; whatever paints asks ``colour`` while it paints. Qt's own dark scheme does nothing on plain X11 and offscreen, so the palette is ours, over Fusion.
Colours have names; nobody else writes a hex number.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from app import resources

FONT_PX = 13
SMALL_PX = 11
FAMILY = "Inter"
FONTS = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")
THEMES = ("dark", "light")
SCALES = (100, 125, 150, 175, 200)
"""Percent of the desktop's own scale, for those who sit far from a large screen."""


@dataclass(frozen=True)
class Theme:
    """A palette file, read once."""

    name: str
    colours: dict[str, str]
    states: dict[str, str]
    series: tuple[str, ...]
    heat: tuple[str, ...]
    """From idle to full; lightness rises all the way (falls, in light), so that a heat map reads without
    colour too."""


class _Chosen:
    """The theme in use; read when the first colour is wanted."""

    name = "dark"


@cache
def _read(name: str) -> Theme:
    """Read resources/themes/NAME.json; small, and read before the window is shown."""
    raw: dict[str, Any] = json.loads(resources.find(f"themes/{name}.json").read_text("utf-8"))
    states, series, heat = raw.pop("states"), tuple(raw.pop("series")), tuple(raw.pop("heat"))
    return Theme(raw.pop("name"), raw, states, series, heat)


def theme(name: str = "") -> Theme:
    """Return the theme in use, or the one of that name."""
    return _read(name or _Chosen.name)


def use(name: str) -> bool:
    """Paint in this theme from now on; 'system' is the desktop's. Return whether it is another one."""
    before, _Chosen.name = _Chosen.name, chosen(name)
    for each in (colour, series_colour):
        each.cache_clear()
    return before != _Chosen.name


def chosen(name: str) -> str:
    """Return the theme that a setting stands for; a desktop that does not say is dark."""
    if name != "system":
        return name if name in THEMES else THEMES[0]
    is_light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
    return "light" if is_light else "dark"


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
    """Dress the whole application; call before the first window, and again after ``use``."""
    if FAMILY not in QFontDatabase.families():
        for name in FONTS:
            QFontDatabase.addApplicationFont(str(resources.find(f"fonts/{name}")))
        application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(_palette())
    application.setFont(font())
    application.setStyleSheet(sheet())


def sheet() -> str:
    """Return the style sheet with the theme's colours in it."""
    text = resources.find("themes/window.qss").read_text("utf-8")
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
