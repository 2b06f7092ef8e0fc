"""Instances and motion: the same picture as from the triangles themselves."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.film import new_film, resolve
from node_agent.kernels.pathtracer.launch_cpu import launch
from node_agent.kernels.pathtracer.pack import pack
from node_agent.kernels.pathtracer.simd import BLOCK_ROWS, LANES
from tests.rendering.scenes import Builder

SIZE = (40, 32)


def place(linear=None, shift=(0, 0, 0)):
    """(3, 4) of a matrix and a shift."""
    linear = np.eye(3) if linear is None else np.asarray(linear, float)
    return np.concatenate([linear, np.reshape(shift, (3, 1))], axis=1)


def turned(angle, axis=1):
    c, s = np.cos(angle), np.sin(angle)
    a, b = [k for k in range(3) if k != axis]
    matrix = np.eye(3)
    matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b] = c, s, -s, c
    return matrix


def stage(places, instanced, places_close=None):
    """A floor, a lamp, and bumpy balls at ``places``: as instances, or each with triangles of its own."""
    b = Builder()
    b.quad((-6, -1, 6), (12, 0, 0), (0, 0, -12), b.matt(0.6))
    b.rect_light((0, 5, 2), (-1, 0, 0), (0, 0, 1), 6.0)
    b.dome(0.3)
    b.look((0, 2, 7), (0, 0, 0), 0.6)
    shiny = b.material((0.7, 0.3, 0.2), roughness=0.3)
    first = len(b.triangles)
    places = np.asarray(places, np.float32).reshape(-1, 3, 4)
    for matrix in [place()] if instanced else places:
        before = len(b.positions), len(b.triangles)
        b.sphere(shiny, 0.5, rings=12)
        linear = matrix[:, :3].astype(float)
        points = b.positions[before[0] :].astype(float) @ linear.T + matrix[:, 3]
        b.positions[before[0] :] = points.astype(np.float32)
        normals = b.normals[before[1] :].astype(float) @ np.linalg.inv(linear)
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        b.normals[before[1] :] = normals.astype(np.float32)
    packed = b.pack()
    if not instanced:
        return packed
    close = np.zeros((0, 3, 4)) if places_close is None else places_close
    return dataclasses.replace(
        packed,
        meshes=np.array([first], np.int32),
        instance_meshes=np.zeros(len(places), np.int32),
        instance_places=places,
        instance_places_close=np.asarray(close, np.float32).reshape(-1, 3, 4),
    )


def film_of(packed, samples=4, threads=2, seed=3):
    """``threads`` 0: by the two-way tree, as a GPU walks it."""
    scene = pack(packed, SIZE, seed, 4, 1e30, pytest.fail, threads)
    film = new_film(*SIZE)
    launch(scene, film, 0, samples, max(threads, 1))
    return film


def beauty(packed, **more):
    return resolve(film_of(packed, **more), *SIZE)["beauty"].astype(float)


def albedo(packed, **more):
    """As ``beauty``, without the noise of light."""
    return resolve(film_of(packed, **more), *SIZE)["albedo"].astype(float)


GRID = [place(shift=(x, 0.5 * z, z)) for x in (-2, 0, 2) for z in (-2, 0, 1)]
"""Shifts by which float32 rounds nothing that matters here: see ``test_exact_places``."""


def test_exact_places_give_the_very_same_film():
    """Where moving a point rounds nothing, an instance is its triangles to the last bit."""
    packed = stage(GRID[4:5], True)
    np.testing.assert_array_equal(film_of(packed), film_of(stage(GRID[4:5], False)))


@pytest.mark.parametrize("threads", [0, 2], ids=["two-way", "eight-way"])
def test_any_places_give_the_same_picture(threads):
    """Turned, stretched, mirrored, overlapping: but for single rays that rounding sends elsewhere."""
    places = [
        place(turned(0.7) @ np.diag([1, 2, 0.5]), (-1.5, 0.3, 0)),
        place(turned(1.9, 0) @ np.diag([-1, 1, 1]), (0, 0, 0.2)),
        place(1.5 * turned(0.4, 2), (0.6, 0, -1)),
        *(place(0.3 * turned(k), (k / 4 - 2, 1.2, -1)) for k in range(16)),
    ]
    ours = beauty(stage(places, True), threads=threads)
    theirs = beauty(stage(places, False), threads=threads)
    far = np.abs(ours - theirs).max(axis=2) > 1e-3
    assert far.mean() < 0.03
    assert abs(ours.mean() - theirs.mean()) < 2e-3 * theirs.mean()


def test_both_trees_agree():
    """What the GPU walks and what the CPU walks, instances that move among them."""
    close = [matrix + place(np.zeros((3, 3)), (0.3, 0.1, 0)) for matrix in GRID]
    packed = stage(GRID, True, close)
    np.testing.assert_array_equal(film_of(packed, threads=0), film_of(packed))


def test_many_instances_weigh_little():
    """Ten thousand of a thousand triangles each: a record and a share of a node, not their triangles."""
    rng = np.random.default_rng(1)
    shifts = rng.uniform(-20, 20, (10_000, 3))
    packed = stage([place(0.2 * np.eye(3), shift) for shift in shifts], True)
    scene = pack(packed, SIZE, 0, 4, 1e30, pytest.fail, 2)
    size = sum(array.nbytes for array in (*scene.tree[:3], *scene.tables))
    assert size < 10_000 * 450 + 1_000_000
    assert len(scene.tree.pool) % (BLOCK_ROWS * LANES) == 0


def test_a_moving_instance_is_its_mean_over_time():
    """By samples in time: the mean of many still pictures, each at its moment."""
    way = np.array(place(np.zeros((3, 3)), (1.6, 0, 0)))
    start = place(2 * np.eye(3), (-0.8, 0, 0))
    moving = albedo(stage([start], True, [start + way]), samples=64)
    moments = (np.arange(16) + 0.5) / 16
    still = np.mean(
        [albedo(stage([start + t * way], True), samples=4, seed=k) for k, t in enumerate(moments)],
        axis=0,
    )
    noise = np.abs(moving - still).mean()
    frozen = albedo(stage([start + way / 2], True), samples=64)
    assert np.abs(moving - frozen).mean() > 3 * noise


@pytest.mark.parametrize("threads", [0, 2], ids=["two-way", "eight-way"])
def test_moving_points_and_a_moving_place_are_one_picture(threads):
    """A mesh whose points all go one way, in world space, and an instance that goes that way."""
    start, way = place(shift=(-0.5, 0, 0)), (1.0, 0.5, 0.0)
    placed = stage([start], True, [start + place(np.zeros((3, 3)), way)])
    points = stage([start], False)
    close = points.positions.copy()
    close[4:] += np.array(way, np.float32)  # all but the floor
    points = dataclasses.replace(points, positions_close=close)
    one, other = beauty(placed, threads=threads), beauty(points, threads=threads)
    assert (np.abs(one - other).max(axis=2) > 1e-3).mean() < 0.03


def test_a_moving_camera_blurs_as_a_moving_world():
    packed = stage([place()], True)
    matrix = packed.camera.to_world
    close = matrix.copy()
    close[0, 3] += 1.0
    camera = dataclasses.replace(packed.camera, to_world_close=close)
    blurred = albedo(dataclasses.replace(packed, camera=camera), samples=64)
    ends = []
    for t in (np.arange(16) + 0.5) / 16:
        view = dataclasses.replace(packed.camera, to_world=(matrix + t * (close - matrix)))
        ends.append(albedo(dataclasses.replace(packed, camera=view), samples=4, seed=int(t * 99)))
    noise = np.abs(blurred - np.mean(ends, axis=0)).mean()
    assert np.abs(blurred - albedo(packed, samples=64)).mean() > 5 * noise


def test_an_instance_without_extent_is_told_of_and_left_out():
    said = []
    packed = stage([place(np.zeros((3, 3))), place()], True)
    pack(packed, SIZE, 0, 4, 1e30, said.append, 2)
    assert said == ["1 instances have a transform without an extent; left out."]


def test_an_instance_of_no_mesh_is_refused():
    packed = dataclasses.replace(stage([place()], True), instance_meshes=np.array([3], np.int32))
    with pytest.raises(KernelRefusal, match="instance_meshes"):
        pack(packed, SIZE, 0, 4, 1e30, pytest.fail, 2)
