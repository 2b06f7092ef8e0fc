"""The palette file holds what it promises: contrast for text, and states that nobody mixes up.

Contrast is WCAG 2's; colour blindness is simulated with the matrices of Machado, Oliveira and Fernandes
(2009) at full strength; the distance between two colours is CIE76's, in L*a*b*.
"""

import itertools
import json
import re

import numpy as np
import pytest
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app import resources
from app.core.ids import TaskState
from app.gui import icons, states, style

GROUNDS = ("window", "panel", "raised", "well", "hover", "selection", "selection_idle", "pressed")
TEXT_CONTRAST = 4.5
CELL_CONTRAST = 3.0
DISTANCE = 10.0
KINDS = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(text: str) -> np.ndarray:
    """Return #rrggbb as linear light, 0..1."""
    values = np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(text: str) -> float:
    return float(linear(text) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    scaled = (np.array(to_xyz) @ light) / [0.95047, 1.0, 1.08883]
    root = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def seen(text: str, kind: str) -> np.ndarray:
    return lab(np.clip(np.array(KINDS[kind]) @ linear(text), 0, 1))


@pytest.mark.parametrize("name", style.THEMES)
@pytest.mark.parametrize("ink", ["text", "text_dim", "text_faint"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_ux20_text_can_be_read_on_every_ground(name, ink, ground):
    colours = style.theme(name).colours
    assert contrast(colours[ink], colours[ground]) >= TEXT_CONTRAST


@pytest.mark.parametrize("name", style.THEMES)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("on_accent", "accent"),
        ("on_accent", "accent_strong"),
        ("banner_text", "banner"),
        ("bad", "panel"),
        ("bad", "selection"),
        ("warn", "panel"),
        ("good", "window"),
        ("accent", "panel"),
    ],
)
def test_ux20_coloured_text_can_be_read(name, ink, ground):
    colours = style.theme(name).colours
    assert contrast(colours[ink], colours[ground]) >= TEXT_CONTRAST


@pytest.mark.parametrize("name", style.THEMES)
@pytest.mark.parametrize("state", list(style.theme().states))
def test_ux20_every_state_stands_out_from_its_ground(name, state):
    theme = style.theme(name)
    for ground in ("panel", "selection"):
        assert contrast(theme.states[state], theme.colours[ground]) >= CELL_CONTRAST


@pytest.mark.parametrize("name", style.THEMES)
@pytest.mark.parametrize("kind", list(KINDS))
def test_ux20_no_two_states_look_the_same_to_anybody(name, kind):
    close = {
        (one, other): round(float(np.linalg.norm(seen(first, kind) - seen(second, kind))), 1)
        for (one, first), (other, second) in itertools.combinations(
            style.theme(name).states.items(), 2
        )
        if np.linalg.norm(seen(first, kind) - seen(second, kind)) < DISTANCE
    }
    assert not close


@pytest.mark.parametrize("name", style.THEMES)
def test_ux20_the_heat_map_reads_without_colour(name):
    lightness = [luminance(stop) for stop in style.theme(name).heat]
    assert lightness == sorted(lightness, reverse=name == "light")


def test_the_themes_have_the_same_names():
    dark, light = style.theme("dark"), style.theme("light")
    assert dark.colours.keys() == light.colours.keys()
    assert dark.states.keys() == light.states.keys()
    assert len(dark.series) == len(light.series)


def test_a_theme_is_changed_while_the_window_lives(qapp):
    before = style.colour("panel").name(), icons.pixmap("pause", 24)
    try:
        assert style.use("light")
        style.apply(qapp)
        icons.forget()
        assert style.colour("panel").name() == style.theme("light").colours["panel"] != before[0]
        assert qapp.palette().color(QPalette.ColorRole.Base) == style.colour("panel")
        assert style.theme("light").colours["panel"] in qapp.styleSheet()
        assert icons.pixmap("pause", 24).toImage() != before[1].toImage()
    finally:
        style.use("dark")
        style.apply(qapp)
        icons.forget()


def test_a_setting_that_is_no_theme_is_dark():
    assert style.chosen("plaid") == "dark"
    assert style.chosen("system") in style.THEMES


def test_every_state_has_a_glyph_of_its_own():
    outlines = {
        name: tuple((e.x, e.y) for e in map(path.elementAt, range(path.elementCount())))
        for name in style.theme().states
        for path in [states._glyph(name)[0]]
    }
    assert len(set(outlines.values())) == len(outlines)
    assert set(states.TASK_NAMES.values()) <= set(style.theme().states)
    assert len(states.TASK_NAMES) == len(TaskState)


def test_the_style_sheet_names_only_colours_that_there_are():
    used = set(re.findall(r"\$(\w+)", resources.find("themes/window.qss").read_text()))
    assert used <= {*style.theme().colours, "arrow"}
    assert "$" not in style.sheet()


def test_no_colour_is_written_outside_the_theme():
    files = resources.find("icons").parent.parent.joinpath("app", "gui").rglob("*.py")
    assert not [file.name for file in files if re.search(r"#[0-9a-fA-F]{6}\b", file.read_text())]


def test_the_application_is_dressed(qapp):
    assert style.FAMILY in QFontDatabase.families()
    dark = QApplication.palette().color(QPalette.ColorRole.Window)
    assert dark.name() == style.theme().colours["window"]
    assert QApplication.font().family() == style.FAMILY


def test_icons_are_painted_in_the_colour_asked_for(qapp):
    image = icons.pixmap("pause", 24, "accent").toImage()
    painted = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert painted == {style.theme().colours["accent"]}


@pytest.mark.parametrize("name", style.THEMES)
def test_the_palette_file_is_json_that_anybody_can_change(name):
    raw = json.loads(resources.find(f"themes/{name}.json").read_text())
    assert {"states", "series", "heat", "name"} <= set(raw)
