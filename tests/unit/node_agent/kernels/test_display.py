"""The one transform from linear light to the screen."""

import numpy as np
import pytest

from node_agent.kernels.display import from_display, to_display
from node_agent.kernels.pathtracer.film import BEAUTY, FILM_PLANES, GRID, SAMPLES
from node_agent.kernels.pathtracer.preview import preview


def test_known_values():
    # 18 % grey is 118 of 255 in sRGB; white is on the shoulder, below the top.
    assert to_display(np.array([0.0, 0.18, 0.5])).tolist() == [0, 118, 188]
    assert 230 < to_display(np.array([1.0]))[0] < 250
    assert to_display(np.array([1e6]))[0] == 255


def test_exposure_is_in_stops():
    values = np.linspace(0, 0.2, 50, dtype=np.float32)
    assert (to_display(values, 1.0) == to_display(values * 2)).all()


def test_brighter_is_never_darker():
    shown = to_display(np.linspace(0, 20, 5000)).astype(int)
    assert (np.diff(shown) >= 0).all()


def test_what_is_no_light_is_black_and_what_is_infinite_white():
    values = np.array([np.nan, -1.0, -np.inf, np.inf], np.float32)
    assert to_display(values).tolist() == [0, 0, 0, 255]


def test_a_preview_looks_like_the_frame():
    light = np.round(np.random.default_rng(1).gamma(1.0, 0.7, (12, 3)) * GRID) / GRID
    film = np.zeros((12, FILM_PLANES), np.int64)
    film[:, BEAUTY : BEAUTY + 3], film[:, SAMPLES] = np.rint(light * GRID), 1

    shown = preview(film, size=(4, 3), limits=(4, 3), exposure=0.5)

    assert (shown.reshape(-1, 3) == to_display(light, 0.5)).all()


@pytest.mark.parametrize("value", [0, 1, 90, 200])
def test_back_and_forth_below_the_shoulder(value):
    values = np.array([value], np.uint8)
    assert to_display(from_display(values))[0] == value
