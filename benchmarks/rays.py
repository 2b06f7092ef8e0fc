"""Rays and trees on one CPU thread: the eight-way tree, the two-way one, and Embree 4 where embreex is installed.

Camera rays and their diffuse bounces against a field of bumpy spheres. Rounds are interleaved, and times are
the thread's own, so that other work on the machine weighs less; ``*_ratio`` is the median of a round's ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from numba import njit

from node_agent.kernels.pathtracer.pack import build_trees
from node_agent.kernels.pathtracer.shapes import Shape, Shapes, Triangles
from node_agent.kernels.pathtracer.traverse import ANY, NEAREST
from node_agent.kernels.pathtracer.traverse8 import scratch8
from node_agent.kernels.pathtracer.walk import closest_hit, number_of
from tests.rendering.scenes import sphere_mesh

COPIES = {"60k": 1, "1m": 17}
RINGS = 122
FAR = np.float32(1e30)


@njit(nogil=True, error_model="numpy", _nrt=False)
def cast(tree, rays, wanted, t, prims):
    """Hits of rays (n, 6)."""
    for i in range(len(rays)):
        o, d = (rays[i, 0], rays[i, 1], rays[i, 2]), (rays[i, 3], rays[i, 4], rays[i, 5])
        hit = closest_hit(tree, o, d, np.float32(0), FAR, np.float32(0), wanted)
        t[i], prims[i] = hit[0], hit[3]
        if hit[3] >= 0:
            prims[i] = number_of(tree, hit[3])


def run(quick: bool) -> dict:
    figures: dict = {}
    peer = _embree()
    for name, copies in COPIES.items():
        if quick and copies > 1:
            continue
        triangles = _field(copies, 60 if quick else RINGS)
        figures |= _builds(name, triangles, 2 if quick else 3)
        figures |= _rays(name, triangles, 128 if quick else 512, 2 if quick else 5, peer)
    ratios = [value for name, value in figures.items() if name.endswith("_over_bvh2_ratio")]
    return figures | {"bvh8_over_bvh2_ratio": statistics.median(ratios)}


def _builds(name: str, triangles, rounds: int) -> dict:
    """Seconds to build either tree, by one thread and by two. The first round compiles and is left out."""
    shapes = _shapes(triangles)
    ways = {"bvh2_1t": 0, "bvh8_1t": 1, "bvh8_2t": 2}
    seconds: dict = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, threads in ways.items():
            start = time.perf_counter()
            build_trees(shapes, threads)
            seconds[way].append(time.perf_counter() - start)
    return {f"{name}_build_{way}_s": times[1:] for way, times in seconds.items()}


def _rays(name: str, triangles, size: int, rounds: int, peer: Callable | None) -> dict:
    shapes = _shapes(triangles)
    tree = build_trees(shapes, 1)
    first = _camera_rays(triangles, size)
    casts = {"bvh2": _caster(build_trees(shapes, 0)), "bvh8": _caster(tree)}
    if peer is not None:
        casts["embree4"] = peer(triangles)
    t, prims = np.empty(len(first), np.float32), np.empty(len(first), np.int32)
    cast(tree._replace(**_scratch()), first, NEAREST, t, prims)
    bounced = _bounced(triangles, first, t, prims)
    figures: dict = {}
    for kind, rays in (("primary", first), ("bounce", bounced)):
        for what, wanted in (("closest", NEAREST), ("any", ANY)):
            speeds: dict = {way: [] for way in casts}
            for number in range(rounds + 1):
                for way, run_rays in casts.items():
                    start = time.thread_time()
                    run_rays(rays, wanted)
                    if number:  # the first round compiles
                        speeds[way].append(len(rays) / (time.thread_time() - start) / 1e6)
            label = f"{name}_{kind}_{what}"
            figures |= {f"{label}_{way}_mrays_per_s": found for way, found in speeds.items()}
            for other in [way for way in casts if way != "bvh8"]:
                pairs = zip(speeds["bvh8"], speeds[other], strict=True)
                figures[f"{label}_bvh8_over_{other}_ratio"] = statistics.median(
                    ours / theirs for ours, theirs in pairs
                )
    return figures


def _shapes(triangles) -> Shapes:
    """One mesh of corners and edges (n, 9)."""
    corner = triangles[:, None, :3]
    ends = [corner, corner + triangles[:, None, 3:6], corner + triangles[:, None, 6:]]
    positions = np.ascontiguousarray(np.concatenate(ends, axis=1).reshape(-1, 3), np.float32)
    corners = np.arange(len(positions), dtype=np.int32).reshape(-1, 3)
    names = np.arange(len(corners), dtype=np.int32)
    none = np.zeros((0, 3, 4))
    return Shapes([Shape(Triangles(positions, corners, names), None)], [], names[:0], none, none)


def _scratch() -> dict:
    return dict(zip(("stack", "entries"), scratch8(), strict=True))


def _caster(tree) -> Callable:
    tree = tree._replace(**_scratch())

    def run_rays(rays, wanted) -> None:
        cast(tree, rays, wanted, np.empty(len(rays), np.float32), np.empty(len(rays), np.int32))

    return run_rays


def _embree() -> Callable | None:
    """Embree 4 as a Python user calls it, ray by ray inside."""
    try:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh
    except ImportError:
        print("    no ratio to Embree 4: the package embreex is not installed")
        return None

    def caster(triangles) -> Callable:
        corner = triangles[:, None, :3]
        corners = np.concatenate(
            [corner, corner + triangles[:, None, 3:6], corner + triangles[:, None, 6:]], axis=1
        )
        scene = rtcore_scene.EmbreeScene()
        TriangleMesh(scene, corners)

        def run_rays(rays, wanted) -> None:
            origins, directions = (
                np.ascontiguousarray(rays[:, :3]),
                np.ascontiguousarray(rays[:, 3:]),
            )
            query = "OCCLUDED" if wanted == ANY else "INTERSECT"
            scene.run(origins, directions, query=query)

        return run_rays

    return caster


def _field(copies: int, rings: int):
    """(n, 9) float32, corner and edges, of bumpy spheres in a box of space, each turned another way."""
    points, faces = (np.asarray(part) for part in sphere_mesh(rings)[:2])
    points = points * (1 + 0.1 * np.sin(9 * points[:, :1]) * np.sin(7 * points[:, 1:2]))
    generator = np.random.default_rng(1)
    parts = []
    for k in range(copies):
        turn, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        place = np.array([k % 4, k // 4 % 3, k // 12]) * 2.2
        parts.append((points @ turn + place)[faces])
    corners = np.concatenate(parts).astype(np.float32)
    edges = corners[:, 1:] - corners[:, :1]
    return np.ascontiguousarray(np.concatenate([corners[:, :1], edges], axis=1).reshape(-1, 9))


def _camera_rays(triangles, size: int):
    """Rays (n, 6) from a corner of the scene's surroundings, in tiles of 32 pixels as the launcher takes them."""
    low, high = triangles[:, :3].min(axis=0), triangles[:, :3].max(axis=0)
    middle, reach = (low + high) / 2, np.linalg.norm(high - low)
    eye = middle + np.array([0.2, 0.25, 1.0]) * reach
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


def _bounced(triangles, rays, t, prims):
    """Cosine-weighted rays from where the given ones hit."""
    hit = prims >= 0
    row = triangles[prims[hit]]
    normal = np.cross(row[:, 3:6], row[:, 6:9])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    normal *= -np.sign((normal * rays[hit, 3:]).sum(axis=1, keepdims=True))
    random = np.random.default_rng(2).normal(size=normal.shape)
    direction = normal + random / np.linalg.norm(random, axis=1, keepdims=True)
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    origin = rays[hit, :3] + t[hit, None] * rays[hit, 3:] + 1e-4 * normal
    return np.concatenate([origin, direction], axis=1).astype(np.float32)
