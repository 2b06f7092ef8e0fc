"""The path tracer on the CPU: rays, samples, start-up and scaling. Ratios are interleaved; the rest depends on the machine."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numba import njit

from node_agent.kernels.interface import KernelSpec, Target
from node_agent.kernels.pathtracer.hits import NO_HIT
from node_agent.kernels.pathtracer.kernel import PathTracer, State
from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.traverse import NEAREST
from node_agent.kernels.pathtracer.traverse8 import scratch8
from node_agent.kernels.pathtracer.walk import closest_hit, number_of
from tests.rendering.scenes import bumpy_sphere, cornell

ROOT = Path(__file__).parents[1]
WARM_UP = (
    "import time; start = time.perf_counter()\n"
    "from node_agent.kernels.interface import Target\n"
    "from node_agent.kernels.pathtracer.kernel import PathTracer\n"
    "PathTracer().warm_up(Target())\n"
    "print(time.perf_counter() - start)"
)


@njit(nogil=True, error_model="numpy", _nrt=False)
def trace_rays(tree, origins, directions, t, prims):
    """Closest hits of (n, 3) float32 rays."""
    for i in range(len(origins)):
        o = (origins[i, 0], origins[i, 1], origins[i, 2])
        d = (directions[i, 0], directions[i, 1], directions[i, 2])
        hit = closest_hit(tree, o, d, np.float32(0), np.float32(1e30), np.float32(0), NEAREST)
        t[i], prims[i] = hit[0], hit[3]
        if hit[3] != NO_HIT:
            prims[i] = number_of(tree, hit[3])


def run(quick: bool) -> dict:
    """Lists hold one figure a round; the framework takes medians."""
    rounds = 2 if quick else 5
    size = 64 if quick else 192
    figures: dict = {}
    packed = bumpy_sphere(60 if quick else 123).pack()
    figures["triangles"] = len(packed.triangles)
    figures |= _rays(packed, 128 if quick else 512, rounds)
    for name, scene in (("cornell", cornell().pack()), ("bumpy", packed)):
        figures |= _samples(name, scene, size, rounds)
    cold, warm = _starts(1 if quick else 3)
    return figures | {"cold_start_s": cold, "warm_start_s": warm}


def _state(packed: PackedScene, size: int, threads: int) -> State:
    spec = KernelSpec(
        scene=Path("made.in.code"), frame=1, width=size, height=size, samples=64, samples_per_pass=8
    )
    return PathTracer().prepare_scene(spec, packed, Target("cpu", threads))


def _rays(packed: PackedScene, size: int, rounds: int) -> dict:
    """Mrays/s on one thread: from the camera, and from where those hit in cosine-weighted directions."""
    scene = _state(packed, 8, 1).scene
    stack, entries = scratch8()
    tree = scene.tree._replace(stack=stack, entries=entries)
    origins, directions = _camera_rays(packed, size)
    t, prims = np.empty(len(origins), np.float32), np.empty(len(origins), np.int32)
    trace_rays(tree, origins, directions, t, prims)
    bounced = _bounced(packed, origins, directions, t, prims)
    figures = {"primary_mrays_per_s": [], "diffuse_mrays_per_s": []}
    for _ in range(rounds):
        for name, rays in zip(figures, ((origins, directions), bounced), strict=True):
            start = time.perf_counter()
            trace_rays(tree, *rays, t[: len(rays[0])], prims[: len(rays[0])])
            figures[name].append(len(rays[0]) / (time.perf_counter() - start) / 1e6)
    return figures


def _camera_rays(packed: PackedScene, size: int) -> tuple[np.ndarray, np.ndarray]:
    """One ray through the middle of each pixel, row by row."""
    matrix, tan = packed.camera.to_world.astype(float), packed.camera.tan_half_width
    grid = ((np.arange(size) + 0.5) / size * 2 - 1) * tan
    x, y = np.meshgrid(grid, -grid)
    local = np.stack([x, y, -np.ones_like(x)], axis=-1).reshape(-1, 3)
    directions = local @ matrix[:3, :3].T
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    origins = np.broadcast_to(matrix[:3, 3], directions.shape)
    return np.array(origins, np.float32), directions.astype(np.float32)


def _bounced(packed: PackedScene, o, d, t, prims) -> tuple[np.ndarray, np.ndarray]:
    """Cosine-weighted rays from where the given ones hit."""
    hit = prims != NO_HIT
    a, b, c = (packed.positions[packed.triangles[prims[hit], k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    normal *= -np.sign((normal * d[hit]).sum(axis=1, keepdims=True))
    random = np.random.default_rng(1).normal(size=normal.shape)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    directions = normal + random
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6)
    origins = o[hit] + t[hit, None] * d[hit] + 1e-4 * normal
    return origins.astype(np.float32), directions.astype(np.float32)


def _samples(name: str, packed: PackedScene, size: int, rounds: int) -> dict:
    """Msamples/s by one thread and by two, and their ratio within a round."""
    tracer, seconds = PathTracer(), {1: [], 2: []}
    states = {threads: _state(packed, size, threads) for threads in seconds}
    for number in range(rounds):
        for threads in sorted(states, reverse=bool(number % 2)):
            start = time.perf_counter()
            tracer.advance(states[threads], number, 1)
            seconds[threads].append(time.perf_counter() - start)
    work = size * size * 8 / 1e6
    ratios = [one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    return {
        f"{name}_msamples_per_s": [work / s for s in seconds[1]],
        f"{name}_scaling_2_threads_ratio": ratios,
    } | ({"scaling_2_threads_ratio": statistics.median(ratios)} if name == "bumpy" else {})


def _starts(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds from the first import to the first sample: with an empty cache, and with a full one."""
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            environment = os.environ | {"NUMBA_CACHE_DIR": cache}
            for times in (cold, warm, warm):
                done = subprocess.run(
                    [sys.executable, "-c", WARM_UP],
                    cwd=ROOT,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                times.append(float(done.stdout))
    return cold, warm
