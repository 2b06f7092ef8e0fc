"""The demo's own scenes: no warnings, every camera in place, and pictures that are lit as intended."""

import json
from pathlib import Path

import numpy as np
import pytest

from node_agent.kernels.interface import KernelSpec, Target
from node_agent.kernels.pathtracer.kernel import PathTracer
from node_agent.kernels.pathtracer.usd_reader import read_usd

SCENES = Path(__file__).resolve().parents[2] / "resources" / "scenes"
SHOTS = json.loads((SCENES / "demo.json").read_text())
NAMES = [shot["shot"] for shot in SHOTS]
SCENE_KIB_MAX = 2048


def frames_of(shot: dict) -> tuple[int, int]:
    first, _, last = shot["frames"].partition("-")
    return int(first), int(last or first)


def test_there_are_six_shots_of_three_scenes():
    assert len(SHOTS) >= 6
    assert len(set(NAMES)) == len(SHOTS)
    assert len({shot["scene"] for shot in SHOTS}) == 3


@pytest.mark.parametrize("shot", SHOTS, ids=NAMES)
def test_a_shot_is_read_without_a_warning_and_moves(shot):
    first, last = frames_of(shot)
    assert 1001 <= first < last <= 1024
    path, warnings = SCENES / shot["scene"], []
    packed = [
        read_usd(path, frame, shot["camera"], 16 / 9, warnings.append) for frame in (first, last)
    ]
    assert warnings == []
    assert packed[0].digest != packed[1].digest
    assert not np.allclose(packed[0].camera.to_world, packed[1].camera.to_world)
    assert len(packed[0].triangles) < 200_000
    assert path.stat().st_size < SCENE_KIB_MAX * 1024


@pytest.mark.parametrize("shot", SHOTS, ids=NAMES)
def test_a_shot_is_neither_black_nor_burnt_out(shot):
    spec = KernelSpec(
        scene=SCENES / shot["scene"],
        frame=frames_of(shot)[0],
        width=64,
        height=36,
        samples=4,
        camera=shot["camera"],
    )
    kernel = PathTracer()
    warnings: list[str] = []
    state = kernel.prepare(spec, Target("cpu", 2), warnings.append)
    kernel.advance(state, 0, spec.passes)
    shown = kernel.preview(state, 64, 36).astype(float).mean(axis=2)
    assert warnings == []
    assert 40 < shown.mean() < 190
    assert (shown > 250).mean() < 0.1
    assert shown.std() > 25
