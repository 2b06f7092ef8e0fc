"""Compiled code against the same functions run by Python: no libm, no fused products, so no tolerance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.rendering.render import TRACER, film_hash, spec_of, state_of
from tests.rendering.scenes import Builder, cornell

ROOT = Path(__file__).parents[2]


def everything() -> Builder:
    """A small scene in which every kind of light, lobe and texture lookup has a part."""
    b = cornell("rect")
    pixels = [[(0.9, 0.1, 0.1, 1), (0.1, 0.9, 0.1, 0.3)], [(0.2, 0.2, 0.9, 0.6), (1, 1, 1, 1)]]
    image = b.texture(pixels, wrap=(2, 1))
    sky = b.texture([[(1, 0.5, 0.2, 1), (0.1, 0.2, 0.5, 1)], [(0.3, 3, 0.3, 1), (0, 0, 0.1, 1)]])
    painted = b.material(tex_base=image, tex_opacity=b.texture(pixels, channel=3), tex_normal=image)
    tones = np.arange(40 * 33).reshape(40, 33, 1)
    grey, half = (
        b.texture((tones % 256).astype(np.uint8)),
        b.texture(tones.astype(np.float16) / 1320),
    )
    deep = b.texture((tones * 49).astype(np.uint16), scale=(1, 2, 1, 1), bias=(0, 0.1, 0, 0))
    leaf = b.texture(np.repeat(tones % 256, 4, axis=2).astype(np.uint8), curve=1)
    several = b.images.add_row(-1, tiles=(2, 1))
    b.images.add_row(3)
    b.images.add_row(-1)
    for k, image_of_kind in enumerate((grey, half, deep, leaf, several)):
        b.quad((k * 0.4 - 1, -0.9, 0.9), (0.3, 0, 0), (0, 0.2, 0), b.matt(tex_base=image_of_kind))
    b.quad((-0.8, -0.5, 0.5), (0.9, 0, 0), (0, 0.8, 0.2), painted)
    b.quad((0.5, 0.2, 0.4), (0.2, 0, 0), (0, 0.2, 0), b.matt(0.1, emit=(1, 2, 3)))
    b.sphere_light((0.6, 0.5, 0.5), 0.1, 5.0)
    b.disk_light((0, 0.5, 0.9), (0.2, 0, 0), (0, 0.2, 0), 2.0)
    for k in range(6):  # enough for the trees of lights
        b.sphere_light((0.25 * k - 0.7, 0.8, 0.2), 0.05, 1.0 + k)
    b.distant_light((0.3, 0.5, 1), 1.0)
    b.distant_light((-0.3, 0.5, 1), 20.0, 0.999)
    b.dome(0.5)
    b.dome(1.0, texture=sky)
    return b


def small_film():
    """The state of the scene above after a few samples."""
    spec = spec_of(8, samples=2, seed=7)
    state = state_of(everything().pack(), spec, threads=1)
    TRACER.advance(state, 0, 1)
    return state


@pytest.mark.slow
def test_python_computes_the_same_bits():
    code = (
        "import numpy as np; np.seterr(all='ignore')\n"
        "from tests.rendering.test_plain_python import film_hash, small_film\n"
        "print(film_hash(small_film()))"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == film_hash(small_film())
