"""Scenes made by other people, read and rendered small. They are not ours to ship: skipped where absent."""

from pathlib import Path

import numpy as np
import pytest

from node_agent.kernels.interface import KernelSpec, Target
from node_agent.kernels.pathtracer.kernel import PathTracer

SCENES = Path(__file__).resolve().parents[3] / "shared" / "data" / "scenes"


def render(name: str, camera: str = "") -> tuple[np.ndarray, np.ndarray, list[str]]:
    """(beauty (36, 64, 4), albedo, warnings)."""
    path = SCENES / name
    if not path.is_file():
        pytest.skip(f"{name} is not on this machine")
    warnings: list[str] = []
    spec = KernelSpec(scene=path, frame=1.0, width=64, height=36, samples=4, camera=camera)
    kernel = PathTracer()
    state = kernel.prepare(spec, Target("cpu", 2), warnings.append)
    kernel.advance(state, 0, spec.passes)
    planes = kernel.finish(state)
    return planes["beauty"], planes["albedo"], warnings


def test_mcusd():
    beauty, albedo, warnings = render("McUsd/McUsd.usda")
    assert np.isfinite(beauty).all()
    assert beauty[..., 3].mean() > 0.9
    assert 0.1 < beauty[..., :3].mean() < 3
    # Grass around the blocks.
    assert (albedo[-6:, :6, 1] > albedo[-6:, :6, 2]).mean() > 0.9
    assert not [w for w in warnings if "missing" in w or "left out" in w]


@pytest.mark.parametrize("name", ["Teapot.usd", "DrawModes.usd", "geo/FancyTeapot.usd"])
def test_teapots(name):
    beauty, _, warnings = render(f"Teapot/{name}")
    assert np.isfinite(beauty).all()
    covered = beauty[..., 3]
    assert 0.02 < covered.mean() < 0.9
    assert not [w for w in warnings if "not refined" in w]
    assert not [w for w in warnings if "left out" in w]


def test_the_made_camera_shows_the_whole_pot():
    beauty, _, _ = render("Teapot/Teapot.usd")
    covered = beauty[..., 3]
    edge = np.concatenate([covered[0], covered[-1], covered[:, 0], covered[:, -1]])
    assert not edge.any()
    assert covered[12:24, 24:40].mean() > 0.8
