"""The one transform from linear light to the screen."""

import numpy as np
import pytest

from node_agent.kernels.display import from_display, to_display, to_srgb
from node_agent.kernels.pathtracer.film import BEAUTY, FILM_PLANES, GRID, SAMPLES
from node_agent.kernels.pathtracer.preview import preview


def grey(values):
    """(n, 3) of equal channels."""
    return np.repeat(np.asarray(values, np.float32)[:, None], 3, axis=1)


def test_known_values_of_aces():
    # The ACES output transform puts 18 % grey at a tenth of the screen's light (90 of 255) and diffuse white
    # at about 0.65 of it: room above for what shines.
    shown = to_display(grey([0.0, 0.18, 1.0, 100.0]))
    assert (shown == shown[:, :1]).all()
    black, middle, white, lamp = shown[:, 0]
    assert black == 0
    assert 85 <= middle <= 95
    assert 190 <= white <= 215
    assert lamp >= 253


def test_exposure_is_in_stops():
    values = grey(np.linspace(0, 0.2, 50))
    assert (to_display(values, 1.0) == to_display(values * 2)).all()


def test_brighter_is_never_darker():
    shown = to_display(grey(np.linspace(0, 20, 5000))).astype(int)
    assert (np.diff(shown, axis=0) >= 0).all()


def test_what_is_no_light_is_black_and_what_is_infinite_white():
    shown = to_display(grey([np.nan, -1.0, -np.inf, np.inf]))
    assert shown[:3].max() == 0
    assert shown[3].min() >= 253


def test_what_is_given_stays_as_it_was():
    values = grey([0.5])
    to_display(values)
    assert (values == 0.5).all()


def test_display_values_are_not_toned_twice():
    assert to_srgb(np.array([0.0, 0.18, 0.5, 1.0, 7.0])).tolist() == [0, 118, 188, 255, 255]


def test_a_preview_looks_like_the_frame():
    light = np.round(np.random.default_rng(1).gamma(1.0, 0.7, (12, 3)) * GRID) / GRID
    film = np.zeros((12, FILM_PLANES), np.int64)
    film[:, BEAUTY : BEAUTY + 3], film[:, SAMPLES] = np.rint(light * GRID), 1

    shown = preview(film, size=(4, 3), limits=(4, 3), exposure=0.5)

    assert (shown.reshape(-1, 3) == to_display(light, 0.5)).all()


@pytest.mark.parametrize("value", [0, 1, 90, 255])
def test_back_and_forth(value):
    values = np.array([value], np.uint8)
    assert to_srgb(from_display(values))[0] == value
