"""The path tracer's scale: trees and refits, bytes a triangle, a crowd of 10^9 instanced triangles, a warm start.

``quick`` takes a thousandth of the crowd. What one ray or one sample costs: see ``rays`` and ``kernel``.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from node_agent.kernels.interface import KernelSpec, Target
from node_agent.kernels.pathtracer.arrays import SceneArrays
from node_agent.kernels.pathtracer.bvh8_build import build8
from node_agent.kernels.pathtracer.kernel import PathTracer
from node_agent.kernels.pathtracer.pack import pack
from node_agent.kernels.pathtracer.shapes import Shape, Triangles
from node_agent.kernels.pathtracer.trees_kept import refitted
from tests.rendering.scenes import Builder, sphere_mesh

THREADS = 2
UNIT_RINGS = 50
"""Of a unit's body; with its head it has 10,160 triangles."""
FAR = 1e30


def run(quick: bool) -> dict:
    """Lists hold one figure a round; the framework takes medians."""
    tracer = PathTracer()
    tracer.warm_up(Target("cpu", THREADS))
    rings = 120 if quick else 707
    figures = _trees(rings, 1 if quick else 3) | _bytes(60 if quick else 500)
    with tempfile.TemporaryDirectory() as folder:
        figures |= _crowd(Path(folder) / "crowd.usdc", 100 if quick else 100_000)
        figures["crowd_next_frame_s"] = _warm(tracer, Path(folder) / "crowd.usdc", 3)
        _write_crowd(Path(folder) / "one.usdc", 1)
        seconds = _warm(tracer, Path(folder) / "one.usdc", 3 if quick else 15)
        figures["warm_first_pass_ms"] = [1000 * each for each in seconds]
    return figures


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def _ball(rings: int) -> Triangles:
    """A bumpy sphere of about 4 rings^2 triangles."""
    points, faces = sphere_mesh(rings)
    x, y, z = points.T.astype(np.float64)
    bumps = 1 + 0.08 * np.sin(9 * x) * np.sin(11 * y + 1) * np.sin(10 * z + 2)
    positions = np.ascontiguousarray(points * bumps[:, None], np.float32)
    return Triangles(positions, faces.astype(np.int32), np.arange(len(faces), dtype=np.int32))


def _trees(rings: int, rounds: int) -> dict:
    """Seconds to build and to refit a tree of one mesh, and how much faster a refit is within a round."""
    small, large = _ball(8), _ball(rings)
    refitted(build8(small, 1), Shape(small, None), 1)  # compiles
    build, refit = [], []
    for _ in range(rounds):
        seconds, built = _timed(lambda: build8(large, THREADS))
        build.append(seconds)
        again = functools.partial(refitted, built, Shape(large, None), THREADS)
        refit.append(_timed(again)[0])
    return {
        "triangles": len(large.corners),
        "build_s": build,
        "refit_s": refit,
        "build_over_refit_ratio": [one / other for one, other in zip(build, refit, strict=True)],
    }


def _size(scene: SceneArrays) -> int:
    """Bytes of all that a frame's kernels read."""
    return sum(array.nbytes for array in (*scene.tree[:3], *scene.tables))


def _bytes(rings: int) -> dict:
    """Bytes a triangle of a packed scene, without texture coordinates and with them."""
    figures = {}
    for name, textured in (("plain", False), ("textured", True)):
        b = Builder()
        more = {"tex_base": b.texture(np.ones((1, 1, 4)))} if textured else {}
        ball = _ball(rings)
        b.mesh(ball.positions, ball.corners, b.material(**more), normals=ball.positions)
        scene = pack(b.pack(), (64, 64), 0, 4, FAR, print, THREADS)
        figures[f"{name}_bytes_per_triangle"] = _size(scene) / len(ball.corners)
    return figures


def _write_crowd(path: Path, units: int) -> None:
    """``units`` point instances of two meshes each, on an uneven grid, under a dome."""
    from pxr import Gf, Usd, UsdGeom, UsdLux, Vt

    stage = Usd.Stage.CreateNew(str(path))
    instancer = UsdGeom.PointInstancer.Define(stage, "/Crowd")
    UsdGeom.Xform.Define(stage, "/Crowd/Unit")
    for number, (name, rings) in enumerate((("Body", UNIT_RINGS), ("Head", 10))):
        points, faces = sphere_mesh(rings)
        mesh = UsdGeom.Mesh.Define(stage, f"/Crowd/Unit/{name}")
        mesh.CreateSubdivisionSchemeAttr("none")
        shifted = points * (0.4 - 0.2 * number) + [0, 0.5 * number, 0]
        mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(shifted.astype(np.float32)))
        counts = np.full(len(faces), 3, np.int32)
        mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(counts))
        mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(faces.ravel().astype(np.int32)))
    instancer.CreatePrototypesRel().AddTarget("/Crowd/Unit")
    across = max(int(units**0.5), 1)
    grid = np.stack([np.arange(units) % across, np.zeros(units), np.arange(units) // across], 1)
    grid += np.random.default_rng(1).uniform(-0.3, 0.3, grid.shape)
    instancer.CreatePositionsAttr(Vt.Vec3fArray.FromNumpy(grid.astype(np.float32)))
    instancer.CreateProtoIndicesAttr(Vt.IntArray.FromNumpy(np.zeros(units, np.int32)))
    camera = UsdGeom.Camera.Define(stage, "/Camera")
    camera.AddTranslateOp().Set(Gf.Vec3d(across / 2, across / 10, across * 1.1))
    UsdLux.DomeLight.Define(stage, "/Sky")
    stage.Save()


def _crowd(path: Path, units: int) -> dict:
    """Seconds to read and to pack a crowd, and what it weighs."""
    from node_agent.kernels.pathtracer.usd_reader import read_usd

    _write_crowd(path, units)
    read_usd(path, 1.0, "", 1.0, print)  # finds USD's own plug-ins
    read, packed = _timed(lambda: read_usd(path, 1.0, "", 1.0, print))
    build, scene = _timed(lambda: pack(packed, (64, 64), 0, 4, FAR, print, THREADS))
    return {
        "instanced_triangles": len(packed.instance_meshes) * len(packed.triangles),
        "crowd_read_s": read,
        "crowd_build_s": build,
        "crowd_mib": _size(scene) / 2**20,
    }


def _warm(tracer: PathTracer, path: Path, rounds: int) -> list[float]:
    """Seconds from a task's start to its first pass, of a small picture of a scene that was drawn just before."""
    spec = KernelSpec(scene=path, frame=1.0, width=32, height=32, samples=1, samples_per_pass=1)
    target = Target("cpu", THREADS)

    def start() -> None:
        tracer.advance(tracer.prepare(spec, target, print), 0, 1)

    start()
    return [_timed(start)[0] for _ in range(rounds)]
