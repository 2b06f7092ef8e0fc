"""Our images against Mitsuba 3's: the same scenes, told apart by their noise alone."""

from __future__ import annotations

import pytest

from tests.rendering.agreement import agreement
from tests.rendering.peer_scenes import SCENES
from tests.rendering.render import beauty

mitsuba = pytest.importorskip("mitsuba", reason="mitsuba has no wheel for this machine")
SIZE, SAMPLES, DEPTH = 32, 32, 32


@pytest.fixture(scope="module")
def peer():
    """The module that converts, once there is a variant; the scalar one needs no LLVM."""
    mitsuba.set_variant("scalar_rgb")
    from tests.rendering import mitsuba_scene

    return mitsuba_scene


@pytest.mark.parametrize("name", SCENES)
def test_images_are_within_the_noise_of_mitsubas(name, peer, tmp_path):
    packed = SCENES[name]()
    scene = peer.mitsuba_scene(packed, (SIZE, SIZE), tmp_path, DEPTH)
    theirs = [peer.image(scene, SAMPLES, seed) for seed in (1, 2)]
    more = {"width": SIZE, "samples": SAMPLES, "max_depth": DEPTH}
    found = agreement([beauty(packed, seed=seed, **more) for seed in (1, 2)], theirs)
    assert found.relative_mse < 1.3 * found.noise
    assert found.bias < 0.25 * found.noise
    assert found.mean_ratio == pytest.approx((1, 1, 1), abs=0.015)
