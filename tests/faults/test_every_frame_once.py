"""The promise of the farm: kill anything at any moment, and every frame comes out once, whole, the same.

Sixty frames are rendered twice: undisturbed in one process, and on a farm whose dispatcher and agents
are killed with SIGKILL at random moments. Every pixel of every frame must be equal, every frame's
result accepted exactly once, and nothing left lying about.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray

from app.client import Farm
from app.core.views import AttemptRow
from app.submit import submit_file
from tests.integration.local_farm import ROOT, LocalFarm, local_farm, wait_until

FRAMES = range(1, 61)
SHOT = "CHAOS/sq010/sh0010"
SCENE = ROOT / "tests" / "scenes" / "spinning_box.usda"
SIZE = (64, 36)
SAMPLES = 512
RUN_TIMEOUT_S = 240.0
KILLS = 8
SEED = 20261123


@pytest.mark.timeout(600)
def test_every_frame_is_rendered_once_and_the_same_whatever_is_killed(tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    _render_alone(undisturbed)
    disturbed = tmp_path / "disturbed"
    with local_farm(tmp_path / "farm") as farm:
        farm.start_agent("one", "--threads", "1")
        farm.start_agent("two", "--threads", "1")
        _submit(farm, disturbed)
        kills = _kill_at_random(farm, disturbed)
        wait_until(lambda: _all_done(farm), RUN_TIMEOUT_S, "the end of the run")
        attempts = _attempts(farm)
    assert kills >= KILLS // 2, f"only {kills} kills fell into the run: make the frames longer"
    _check_each_accepted_once(attempts)
    _check_same_pixels(undisturbed, disturbed)
    assert not list(disturbed.rglob(".*")), "temporary files were left behind"


def _render_alone(out: Path) -> None:
    width, height = SIZE
    options = ["--frames", f"{FRAMES[0]}-{FRAMES[-1]}", "--size", f"{width}x{height}"]
    command = [
        sys.executable,
        "-m",
        "app",
        "render",
        SCENE,
        *options,
        "--spp",
        SAMPLES,
        "--out",
        out,
    ]
    done = subprocess.run([str(c) for c in command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _submit(farm: LocalFarm, out: Path) -> None:
    with farm.client() as client:
        submit_file(
            client,
            SCENE,
            shot=SHOT,
            frames=f"{FRAMES[0]}-{FRAMES[-1]}",
            size=SIZE,
            spp=SAMPLES,
            out=out,
        )


def _kill_at_random(farm: LocalFarm, out: Path) -> int:
    """Kill the dispatcher or an agent, each time as many frames further on as the seed says."""
    draw = random.Random(SEED)
    done = 0
    for kill in range(KILLS):
        done += draw.randint(2, 6)
        if done >= len(FRAMES) - 4:
            return kill
        wait_until(lambda wanted=done: _published(out) >= wanted, RUN_TIMEOUT_S, f"frame {done}")
        _kill_one(farm, draw)
    return KILLS


def _kill_one(farm: LocalFarm, draw: random.Random) -> None:
    if draw.random() < 0.5:
        farm.kill_dispatcher()
        farm.start_dispatcher()
        return
    name = draw.choice(["one", "two"])
    farm.kill_agent(name)
    farm.start_agent(name, "--threads", "1")


def _published(out: Path) -> int:
    return len([path for path in out.rglob("*.exr") if not path.name.startswith(".")])


def _all_done(farm: LocalFarm) -> bool:
    with farm.client() as client:
        return _shot(client).done == len(FRAMES)


def _shot(client: Farm):
    return next(row for row in client.list("shots") if row.name == "sh0010")


def _attempts(farm: LocalFarm) -> list[AttemptRow]:
    with farm.client() as client:
        return client.list("attempts")


def _check_each_accepted_once(attempts: list[AttemptRow]) -> None:
    accepted = sorted(row.first for row in attempts if row.outcome == "done")
    assert accepted == list(FRAMES)


def _check_same_pixels(undisturbed: Path, disturbed: Path) -> None:
    expected, found = _frames(undisturbed), _frames(disturbed)
    assert sorted(found) == sorted(expected) == list(FRAMES)
    for number, path in found.items():
        wanted, got = _pixels(expected[number]), _pixels(path)
        assert wanted.keys() == got.keys(), f"frame {number} has other planes"
        for name, plane in got.items():
            assert np.array_equal(plane, wanted[name], equal_nan=True), f"frame {number}, {name}"


def _frames(folder: Path) -> dict[int, Path]:
    return {int(path.stem.rsplit(".", 1)[1]): path for path in folder.rglob("*.exr")}


def _pixels(path: Path) -> dict[str, NDArray[np.generic]]:
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return {
            f"{index}/{name}": np.asarray(channel.pixels)
            for index, part in enumerate(file.parts)
            for name, channel in part.channels.items()
        }
