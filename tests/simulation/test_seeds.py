"""Farms drawn from seeds: nothing may go wrong while anything may break, and all must end once it heals.

A failure's text begins with the command that runs the seed again; ``make chaos`` runs as many as there is
time for.
"""

import pytest

from app.simulate.faults import Faults
from app.simulate.film import Film, Run
from app.simulate.report import figures
from tests.simulation.world import Broken, World

SEEDS = 200
BATCH = 10


@pytest.mark.parametrize("first", range(1, SEEDS + 1, BATCH))
def test_farms_survive(first):
    results = 0
    for seed in range(first, first + BATCH):
        world = World(seed)
        world.run()
        results += world.ledger.accepted
    assert results > 10 * BATCH


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_farm_of_715_nodes_survives():
    """The simulated film, short and badly treated."""
    faults = Faults(nodes=300.0, frames=5.0, links=30.0, dispatcher=200.0, drags=3.0)
    film = Run(Film(nodes=715, gpus=1200, shots=24, frames=(40, 60), seed=6, faults=faults))
    film.run()
    found = figures(film, 1.0)
    assert found.invariant_violations == 0, found.violations
    assert found.done + found.failed == found.frames > 1000
    assert found.lost_samples == 0
    assert film.host.life > 1
    assert found.lost_gpu_hours["lost"] > 0


def test_a_run_is_the_same_each_time():
    stories = []
    for _ in range(2):
        world = World(14)
        world.run()
        stories.append(world.story)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 300


def test_a_second_result_is_noticed():
    """The judge itself is judged: what it must catch, it catches."""
    world = World(1)
    world.run()
    done = [
        change for change in world.host.store.changes if getattr(change, "outcome", "") == "done"
    ]
    world.ledger.read(done[:1])
    assert any("second result" in fault for fault in world.ledger.faults)


def test_a_failure_names_the_command_that_repeats_it():
    world = World(1)
    world.ledger.faults.append("by hand")
    with pytest.raises(Broken, match=r"python -m tests.simulation --seed 1\n.*nodes="):
        world.run()
