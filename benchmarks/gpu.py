"""The path tracer on one NVIDIA GPU: samples a second of two scenes, beside the CPU, and whether both agree.

Run it by ``make bench-gpu`` where a driver and numba-cuda are; elsewhere it says so and measures nothing.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.report import Unavailable
from node_agent.kernels.interface import KernelSpec, Target
from node_agent.kernels.pathtracer.kernel import PathTracer, State
from node_agent.kernels.pathtracer.scene import PackedScene
from tests.rendering.scenes import bumpy_sphere, cornell


def run(quick: bool) -> dict:
    """Lists hold one figure a round; the framework takes medians."""
    _require_gpu()
    size, rounds = (128, 2) if quick else (1024, 5)
    scenes = {"cornell": cornell().pack(), "bumpy": bumpy_sphere(40 if quick else 500).pack()}
    figures: dict = {}
    for name, packed in scenes.items():
        figures |= _scene(name, packed, size, rounds)
    return figures


def _require_gpu() -> None:
    try:
        from numba import cuda
    except ImportError as error:
        raise Unavailable("numba-cuda is not installed") from error
    if not cuda.is_available():
        raise Unavailable("no NVIDIA GPU with a driver on this machine")


def _state(tracer: PathTracer, packed: PackedScene, size: int, target: Target) -> State:
    spec = KernelSpec(
        scene=Path("made.in.code"),
        frame=1,
        width=size,
        height=size,
        samples=512,
        samples_per_pass=16,
    )
    return tracer.prepare_scene(spec, packed, target)


def _scene(name: str, packed: PackedScene, size: int, rounds: int) -> dict:
    """Msamples/s of either, interleaved; the first pass compiles and is left out."""
    tracer = PathTracer()
    targets = {"gpu": Target("cuda"), "cpu": Target("cpu", 2)}
    states = {kind: _state(tracer, packed, size, target) for kind, target in targets.items()}
    speeds: dict[str, list[float]] = {kind: [] for kind in states}
    for number in range(rounds + 1):
        for kind, state in states.items():
            start = time.perf_counter()
            tracer.advance(state, number, 1)
            seconds = time.perf_counter() - start
            if number:
                speeds[kind].append(size * size * 16 / seconds / 1e6)
    ours, theirs = (tracer.finish(states[kind])["beauty"][..., :3] for kind in ("gpu", "cpu"))
    error = float(np.mean((ours - theirs) ** 2) / np.mean(theirs.astype(float) ** 2))
    pairs = zip(speeds["gpu"], speeds["cpu"], strict=True)
    return {
        f"{name}_gpu_msamples_per_s": speeds["gpu"],
        f"{name}_cpu_2_threads_msamples_per_s": speeds["cpu"],
        f"{name}_relative_mse_to_cpu": error,
        f"{name}_gpu_over_cpu_ratio": statistics.median(one / other for one, other in pairs),
    }
