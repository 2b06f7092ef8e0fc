"""From one frame to the next: what stands still is used again, what moves is refitted, with the same picture."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from node_agent.kernels.pathtracer.film import new_film
from node_agent.kernels.pathtracer.launch_cpu import launch
from node_agent.kernels.pathtracer.pack import pack
from node_agent.kernels.pathtracer.trees_kept import Keeper, cost_of, refit_nodes
from tests.rendering.test_instances import GRID, SIZE, place, stage


def film_of(packed, keeper):
    scene = pack(packed, SIZE, 3, 4, 1e30, pytest.fail, 2, keeper)
    film = new_film(*SIZE)
    launch(scene, film, 0, 2, 2)
    return film


def bent(packed, amount):
    """The balls, which are all but the floor's four points, out of shape."""
    positions = packed.positions.copy()
    positions[4:, 1] += amount * np.sin(3 * positions[4:, 0]).astype(np.float32)
    return dataclasses.replace(packed, positions=positions)


def counts(keeper):
    return keeper.reused, keeper.refitted, keeper.rebuilt


def test_a_still_scene_is_built_once():
    keeper, packed = Keeper(), stage(GRID, False)
    films = [film_of(packed, keeper) for _ in range(3)]
    assert counts(keeper) == (2, 0, 1)
    np.testing.assert_array_equal(films[0], films[2])


@pytest.mark.parametrize("instanced", [False, True])
def test_points_that_move_refit_their_tree_alone(instanced):
    keeper, packed = Keeper(), stage(GRID, instanced)
    film_of(packed, keeper)
    for amount in (0.1, 0.2):
        moved = bent(packed, amount)
        np.testing.assert_array_equal(film_of(moved, keeper), film_of(moved, Keeper()))
    # Of instances, the floor stays as it is.
    assert counts(keeper) == ((2, 2, 2) if instanced else (0, 2, 1))


def test_places_that_move_build_no_mesh():
    keeper = Keeper()
    film_of(stage(GRID, True), keeper)
    moved = stage([matrix + place(np.zeros((3, 3)), (0.25, 0, 0)) for matrix in GRID], True)
    np.testing.assert_array_equal(film_of(moved, keeper), film_of(moved, Keeper()))
    assert counts(keeper) == (2, 0, 2)


def test_what_moves_while_the_shutter_is_open_is_refitted_too():
    keeper, packed = Keeper(), stage(GRID, False)

    def frame(amount):
        close = bent(packed, amount + 0.1).positions
        return dataclasses.replace(bent(packed, amount), positions_close=close)

    film_of(frame(0.1), keeper)
    np.testing.assert_array_equal(film_of(frame(0.2), keeper), film_of(frame(0.2), Keeper()))
    assert keeper.refitted == 1


def test_what_has_come_apart_is_built_again():
    keeper, packed = Keeper(), stage(GRID, False)
    film_of(packed, keeper)
    rng = np.random.default_rng(1)
    scattered = rng.uniform(-3, 3, packed.positions[4:].shape).astype(np.float32)
    positions = np.concatenate([packed.positions[:4], scattered])
    torn = dataclasses.replace(packed, positions=positions)
    np.testing.assert_array_equal(film_of(torn, keeper), film_of(torn, Keeper()))
    assert counts(keeper) == (0, 0, 2)


def test_other_faces_are_another_mesh():
    keeper, packed = Keeper(), stage(GRID, False)
    film_of(packed, keeper)
    turned = dataclasses.replace(packed, triangles=packed.triangles[:, [1, 2, 0]].copy())
    film_of(turned, keeper)
    assert counts(keeper) == (0, 0, 2)


def test_the_cost_is_the_same_by_either_way():
    packed = stage(GRID, False)
    tree = pack(packed, SIZE, 0, 4, 1e30, pytest.fail, 1).tree
    nodes = tree.nodes.copy()
    # Boxes of leaves that no one changed: those of the nodes themselves.
    boxes = np.zeros((int((~tree.links).max()) + 1, 6), np.float32)
    leaves = np.nonzero((tree.links < 0) & (nodes[:, 0] <= nodes[:, 3]))
    boxes[~tree.links[leaves]] = nodes.transpose(0, 2, 1)[leaves]
    assert refit_nodes(nodes, tree.links, boxes) == pytest.approx(cost_of(tree.nodes), rel=1e-4)
    np.testing.assert_array_equal(nodes, tree.nodes)
