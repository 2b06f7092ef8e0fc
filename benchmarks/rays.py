"""Rays and trees on the CPU: the eight-way tree beside Embree 4, which a C++ program calls ray by ray.

Camera rays (coherent) and their diffuse bounces (incoherent), closest and any hit, by one thread and by two,
against three sizes of one kind of scene: npm's Stanford bunny, smoothed twice, alone, in 12 and in 114 copies.
``make bench-scenes`` fetches it; without it a bumpy sphere takes its place, and ``scene`` says so. Rounds are
interleaved, and ``*_ratio`` is the median of a round's ratios, ours by theirs: of speeds, of seconds to build
(both by all cores), of bytes. One thread's times are its own, so that other work on the machine weighs less.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks import embree
from benchmarks.report import Unavailable
from benchmarks.scenes import copies_of, smooth_bunny
from node_agent.kernels.pathtracer.bvh8_build import build8
from node_agent.kernels.pathtracer.shapes import Shape, Triangles
from node_agent.kernels.pathtracer.threads import pull_by
from node_agent.kernels.pathtracer.traverse import ANY, NEAREST
from node_agent.kernels.pathtracer.traverse8 import Tree8, scratch8
from node_agent.kernels.pathtracer.trees_kept import refitted
from node_agent.kernels.pathtracer.walk import closest_hit, number_of

COPIES = {"bunny": 1, "1m": 12, "10m": 114}
THREADS = (1, 2)
FAR = np.float32(1e30)
CHUNK = 4096


@njit(nogil=True, error_model="numpy", _nrt=False)
def cast(tree, rays, wanted, t, prims):
    """Hits of rays (n, 6)."""
    for i in range(len(rays)):
        o, d = (rays[i, 0], rays[i, 1], rays[i, 2]), (rays[i, 3], rays[i, 4], rays[i, 5])
        hit = closest_hit(tree, o, d, np.float32(0), FAR, np.float32(0), wanted)
        t[i], prims[i] = hit[0], hit[3]
        if hit[3] >= 0:
            prims[i] = number_of(tree, hit[3])


class Way(NamedTuple):
    """One of the things to measure: ``cast(kind, rays, threads, t, prims)`` gives its seconds."""

    cast: Callable
    kinds: tuple[int, ...]


def run(quick: bool) -> dict:
    scene, mesh = smooth_bunny(levels=1 if quick else 2)
    figures: dict = {"scene": scene}
    with tempfile.TemporaryDirectory() as folder:
        peer = _peer(Path(folder), figures)
        for name, copies in COPIES.items():
            if not quick or copies == 1:
                figures |= _of_scene(name, copies_of(mesh, copies), quick, peer)
    return figures


def _peer(folder: Path, figures: dict) -> embree.Embree | None:
    try:
        figures["embree"] = embree.version()
        return embree.Embree(folder)
    except Unavailable as why:
        print(f"    no ratio to Embree: {why}")
        return None


def _of_scene(name: str, mesh: Triangles, quick: bool, peer: embree.Embree | None) -> dict:
    rounds = 1 if quick else 5 if len(mesh.corners) < 1e6 else 3 if len(mesh.corners) < 5e6 else 1
    figures, tree, theirs = _builds(name, mesh, rounds, peer)
    ways = {"bvh8": Way(functools.partial(_cast_ours, tree), (embree.CLOSEST, embree.ANY))}
    if theirs is not None:
        ways["embree1"] = Way(theirs.cast, (embree.CLOSEST, embree.ANY))
        ways["embree8"] = Way(
            lambda _, *more: theirs.cast(embree.PACKETS, *more), (embree.CLOSEST,)
        )
    size = 128 if quick else 512
    figures |= _rays(name, mesh, size, 3 if quick else rounds + 2, ways)
    if theirs is not None:
        theirs.free()
    return {f"{name}_triangles": len(mesh.corners)} | figures


def _builds(name: str, mesh: Triangles, rounds: int, peer: embree.Embree | None) -> tuple:
    """(figures, our tree, Embree's scene): seconds and bytes of either, and seconds of our refit."""
    ours, theirs, refit = [], [], []
    threads = max(THREADS)
    small = mesh._replace(corners=mesh.corners[:99], names=mesh.names[:99])
    refitted(build8(small, 1), Shape(small, None), 1)  # compiles
    built = scene = None
    for _ in range(rounds):
        built = None  # one at a time
        seconds, built = _timed(lambda: build8(mesh, threads))
        ours.append(seconds)
        seconds, _ = _timed(functools.partial(refitted, built, Shape(mesh, None), threads))
        refit.append(seconds)
        if peer is not None:
            if scene is not None:
                scene.free()
            scene = embree.EmbreeScene(peer, mesh.positions, mesh.corners, threads)
            theirs.append(scene.build_s)
    assert built is not None
    figures = {f"{name}_build_s": ours, f"{name}_refit_s": refit}
    pairs = zip(ours, refit, strict=True)
    figures[f"{name}_build_over_refit_ratio"] = statistics.median(a / b for a, b in pairs)
    held = sum(part.nbytes for part in built)
    figures[f"{name}_tree_mib"] = held / 2**20
    if scene is not None:
        pairs = zip(ours, theirs, strict=True)
        figures[f"{name}_embree_build_s"] = theirs
        figures[f"{name}_build_over_embree_ratio"] = statistics.median(a / b for a, b in pairs)
        figures[f"{name}_embree_tree_mib"] = scene.bytes / 2**20
        figures[f"{name}_bytes_over_embree_ratio"] = held / scene.bytes
    return figures, Tree8(built.nodes, built.links, built.blocks.reshape(-1), *scratch8()), scene


def _timed(call: Callable) -> tuple:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def _cast_ours(tree: Tree8, kind: int, rays, threads: int, t, prims) -> float:
    """Seconds; chunks are pulled by threads as the renderer's tiles are."""
    wanted = ANY if kind == embree.ANY else NEAREST

    def make() -> Callable[[int], None]:
        own = tree._replace(**dict(zip(("stack", "entries"), scratch8(), strict=True)))

        def one(first: int) -> None:
            part = slice(first, first + CHUNK)
            cast(own, rays[part], wanted, t[part], prims[part])

        return one

    start = time.perf_counter()
    pull_by(threads, range(0, len(rays), CHUNK), make)
    return time.perf_counter() - start


def _rays(name: str, mesh: Triangles, size: int, rounds: int, ways: dict[str, Way]) -> dict:
    first = _camera_rays(mesh, size)
    t, prims = np.empty(len(first), np.float32), np.empty(len(first), np.int32)
    ways["bvh8"].cast(embree.CLOSEST, first, 1, t, prims)
    figures: dict = {}
    for what, rays in (("primary", first), ("bounce", _bounced(mesh, first, t, prims))):
        for kind, label in ((embree.CLOSEST, "closest"), (embree.ANY, "any")):
            for threads in THREADS:
                chosen = {way: each.cast for way, each in ways.items() if kind in each.kinds}
                speeds = _speeds(chosen, kind, rays, threads, rounds)
                figures |= _compared(f"{name}_{what}_{label}_{threads}t", speeds)
    return figures


def _speeds(chosen: dict, kind: int, rays, threads: int, rounds: int) -> dict[str, list[float]]:
    """Mrays/s, interleaved."""
    speeds: dict = {way: [] for way in chosen}
    t, prims = np.empty(len(rays), np.float32), np.empty(len(rays), np.int32)
    for number in range(rounds + 1):
        for way, run_rays in chosen.items():
            start = time.thread_time()
            seconds = run_rays(kind, rays, threads, t, prims)
            if threads == 1:
                seconds = time.thread_time() - start
            if number:  # the first round compiles
                speeds[way].append(len(rays) / seconds / 1e6)
    return speeds


def _compared(label: str, speeds: dict[str, list[float]]) -> dict:
    figures: dict = {f"{label}_{way}_mrays_per_s": found for way, found in speeds.items()}
    for other in [way for way in speeds if way != "bvh8"]:
        pairs = zip(speeds["bvh8"], speeds[other], strict=True)
        figures[f"{label}_over_{other}_ratio"] = statistics.median(a / b for a, b in pairs)
    return figures


def _camera_rays(mesh: Triangles, size: int):
    """Rays (n, 6) from a corner of the scene's surroundings, in tiles of 32 pixels as the launcher takes them."""
    low, high = mesh.positions.min(axis=0), mesh.positions.max(axis=0)
    middle, reach = (low + high) / 2, np.linalg.norm(high - low)
    eye = middle + np.array([0.15, 0.2, 0.7]) * reach
    forward = (middle - eye) / np.linalg.norm(middle - eye)
    right = np.cross(forward, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    grid = ((np.arange(size) + 0.5) / size * 2 - 1) * 0.45
    x, y = np.meshgrid(grid, -grid)
    rays = np.empty((size, size, 6), np.float32)
    rays[..., :3] = eye
    d = forward + x[..., None] * right + y[..., None] * np.cross(right, forward)
    rays[..., 3:] = d / np.linalg.norm(d, axis=-1, keepdims=True)
    tiles = rays.reshape(size // 32, 32, size // 32, 32, 6).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, 6))


def _bounced(mesh: Triangles, rays, t, prims):
    """Cosine-weighted rays from where the given ones hit."""
    hit = prims >= 0
    a, b, c = (mesh.positions[mesh.corners[prims[hit], k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    normal *= -np.sign((normal * rays[hit, 3:]).sum(axis=1, keepdims=True))
    random = np.random.default_rng(2).normal(size=normal.shape)
    direction = normal + random / np.linalg.norm(random, axis=1, keepdims=True)
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    origin = rays[hit, :3] + t[hit, None] * rays[hit, 3:] + 1e-4 * normal
    return np.concatenate([origin, direction], axis=1).astype(np.float32)
