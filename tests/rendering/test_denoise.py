"""Open Image Denoise at the end of a frame."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from node_agent.kernels import denoise
from tests.rendering.render import TRACER, film_hash, render, spec_of, state_of
from tests.rendering.scenes import cornell

SIZE = {"width": 64, "height": 64}


@pytest.fixture(scope="module")
def packed():
    return cornell().pack()


def error(image, truth):
    """Relative mean squared error: the lamp, and its edge above all, must not drown the room."""
    return np.mean((image - truth) ** 2 / (truth**2 + 0.01))


def test_a_denoised_frame_is_nearer_to_the_truth(packed):
    truth = render(packed, **SIZE, samples=256)["beauty"][..., :3]
    planes = render(packed, **SIZE, samples=8, denoise=1)
    assert planes["denoised"].shape == (64, 64, 3)
    assert error(planes["denoised"], truth) < error(planes["beauty"][..., :3], truth) / 4


def test_nobody_who_did_not_ask_gets_it(packed):
    assert "denoised" not in render(packed, **SIZE, samples=1)


def test_the_film_and_its_checkpoints_do_not_depend_on_it(packed):
    spec, plain = spec_of(**SIZE, samples=2, denoise=1), spec_of(**SIZE, samples=2)
    state, other = state_of(packed, spec), state_of(packed, plain)
    TRACER.advance(state, 0, 1)
    TRACER.advance(other, 0, 1)
    assert film_hash(state) == film_hash(other)
    TRACER.restore_scene(plain, packed, TRACER.checkpoint(state), state.target)


def test_a_node_without_the_library_says_so_before_it_renders(packed, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(OSError, match=r"no Open Image Denoise: pip install"):
        state_of(packed, spec_of(**SIZE, denoise=1))


def test_light_brighter_than_one_stays_so():
    light = np.full((32, 32, 3), 7.0, np.float32)
    flat = np.full((32, 32, 3), 0.5, np.float32)
    assert 6.0 < denoise.denoised(light, flat, flat).mean() < 8.0
