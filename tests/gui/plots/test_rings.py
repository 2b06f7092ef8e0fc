"""Rings of samples against a plain dictionary; what is not known is a gap and never a zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gui.plots.rings import HELD_COLUMNS, ROOM, DoneRing, LoadRing
from tests.gui.fakes import sample

COLUMNS, TICK_S = 20, 5.0
samples = st.lists(
    st.tuples(st.integers(1, 12), st.floats(1000, 1200), st.integers(0, 100)), max_size=60
)


@given(samples)
def test_a_ring_holds_the_last_sample_of_each_tick(given_samples):
    ring = LoadRing(COLUMNS, TICK_S)
    known = {}
    newest = -1
    for node, at, cpu in given_samples:
        tick = int(at // TICK_S)
        if tick > newest - COLUMNS or newest < 0:
            known[node, tick] = cpu
            newest = max(newest, tick)
        ring.add(sample(node, at, cpu, [], 50.0))
    nodes = sorted({node for node, _ in known})
    values = ring.nodes("cpu", nodes)
    for row, node in enumerate(nodes):
        for column in range(COLUMNS):
            tick = newest - COLUMNS + 1 + column
            oldest = max(newest - COLUMNS + 1, tick - HELD_COLUMNS)
            held = [known[node, at] for at in range(tick, oldest - 1, -1) if (node, at) in known]
            expected = held[0] if held else None
            got = values[row, column]
            assert np.isnan(got) if expected is None else got == expected


def test_the_farms_load_is_the_mean_of_what_is_known():
    ring = LoadRing(COLUMNS, TICK_S)
    ring.add(sample(1, 1000, 20, [], 50))
    ring.add(sample(2, 1001, 60, [90, 70], 30))
    assert ring.farm("cpu")[-1] == 40
    assert ring.farm("gpu")[-1] == 80  # a node without a GPU does not pull the mean down
    assert np.isnan(ring.farm("cpu")[0])
    assert ring.newest_unix == 1005
    assert list(ring.seconds()[-2:]) == [-5.0, 0.0]
    ring.clear()
    assert np.isnan(ring.farm("cpu")).all()


def test_a_pause_longer_than_the_ring_leaves_nothing_old():
    ring = LoadRing(COLUMNS, TICK_S)
    ring.add(sample(1, 1000, 20, [], 50))
    ring.add(sample(1, 1000 + COLUMNS * TICK_S * 7, 90, [], 50))
    assert np.isfinite(ring.farm("cpu")).sum() == 1


@pytest.mark.parametrize("count", [715, ROOM + 1])
def test_many_nodes_make_the_ring_grow(count):
    ring = LoadRing(COLUMNS, TICK_S)
    for node in range(1, count + 1):
        ring.add(sample(node, 1000, node % 100, [], 50))
    assert ring.nodes("cpu").shape == (count, COLUMNS)
    assert ring.nodes("cpu", [700])[0, -1] == 0
    assert ring.nodes("cpu", [count])[0, -1] == count % 100
    assert np.isnan(ring.nodes("cpu")[:, :-1]).all()


def test_room_for_many_nodes_is_no_row_of_the_ring():
    ring = LoadRing(COLUMNS, TICK_S)
    ring.add(sample(1, 1000, 50, [], 50))
    ring._values[:, 1:] = 99.0  # whatever the system had there
    ring.add(sample(1, 1000 + TICK_S, 70, [], 50))
    assert ring.farm("cpu")[-2:].tolist() == [50, 70]
    assert ring.nodes("cpu").shape == (1, COLUMNS)


def test_finished_tasks_are_counted_by_the_minute():
    ring = DoneRing(minutes=3)
    ring.take(1, 500, 600.0)  # what was done before the window opened is not counted
    ring.take(1, 503, 610.0)
    ring.take(2, 10, 620.0)
    ring.take(2, 11, 661.0)
    ring.take(1, 503, 662.0)
    assert list(ring.counts(662.0)) == [0, 3, 1]
    assert list(ring.counts(662.0 + 120)) == [1, 0, 0]
    ring.clear()
    assert list(ring.counts(662.0)) == [0, 0, 0]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 39), st.integers(0, 100)), max_size=30),
    st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_what_is_made_bit_by_bit_is_what_would_be_made_at_once(given_samples, looks):
    grown, whole = LoadRing(columns=20), LoadRing(columns=20)
    for (node, at, load), is_looked_at in zip(given_samples, looks, strict=False):
        one = sample(node, float(at), float(load), [], 50.0)
        grown.add(one)
        whole.add(one)
        if is_looked_at:
            grown.farm("cpu")
    for measure in ("cpu", "memory"):
        assert np.array_equal(grown.farm(measure), whole.farm(measure), equal_nan=True)
        assert np.array_equal(grown.nodes(measure), whole.nodes(measure), equal_nan=True)
