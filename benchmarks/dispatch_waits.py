"""What waits for the dispatcher: a drop for its assignment, nodes after a restart, devices between frames.

The nodes that hold frames for 5 s are ``app.simulate.light`` in processes of their own, the others light ones in this
process.
"""

from __future__ import annotations

import time
from statistics import median

import psutil

from app.client import connect
from app.core.commands import Move, Receipt
from app.simulate.real import Load as Real
from app.simulate.real import drive
from app.store.home import read_connection
from benchmarks.dispatch import DEVICES, LONE, farm_of, nodes_of, start, submit
from benchmarks.dispatch_restart import restart

HELLO_S = 1.0


def run(quick: bool) -> dict[str, float]:
    """Measure; see the module."""
    drops = _drop_latencies(30 if quick else 200)
    return {
        "drop_to_assign_p50_ms": _percentile(drops, 50),
        "drop_to_assign_p99_ms": _percentile(drops, 99),
        **restart(50 if quick else 1_900),
        "agents_1200_back_s": _back(100 if quick else LONE),
        **_idle(quick),
    }


def _drop_latencies(rounds: int) -> list[float]:
    """Milliseconds from sending a Move, with a frame ending at the same time, to an Assign of that shot."""
    found: list[float] = []
    with farm_of() as home, nodes_of(home, 1, hold=True) as load, connect(home.root) as farm:
        shots = [submit(farm, name, 10_000).ids[0] for name in ("a", "b")]
        node = load.nodes[0]
        load.run_until(lambda: len(node.running) == DEVICES)
        for number in range(rounds):
            shot = shots[(number + 1) % 2]
            node.assigned.clear()
            start = time.perf_counter()
            farm._ask(Move(shots=[shot], place="top"), Receipt)
            node.finish()
            load.run_until(lambda: bool(node.assigned))
            at, ref = node.assigned[0]
            assert ref.step == shots.index(shot) + 1, "the wrong shot came next"
            found.append(1000 * (at - start))
    return found


def _back(nodes: int) -> float:
    """Seconds from the restart of a killed dispatcher until all agents have their Welcome."""
    with farm_of() as home, nodes_of(home, nodes, 1) as load:
        connection = read_connection(home)
        assert connection is not None
        psutil.Process(connection.pid).kill()
        for node in load.nodes:
            node.is_welcome = False
        process = start(home)
        said_at = 0.0

        def all_back() -> bool:
            # As agents do until they are answered: what was said into a broken connection is lost.
            nonlocal said_at
            away = [node for node in load.nodes if not node.is_welcome]
            if time.perf_counter() - said_at > HELLO_S:
                said_at = time.perf_counter()
                for node in away:
                    node.hello()
            return not away

        try:
            return load.run_until(all_back)
        finally:
            process.kill()
            process.wait()


def _idle(quick: bool) -> dict[str, float]:
    """A device's wait between two frames of 5 s, 1,200 devices; their nodes are processes of their own."""
    nodes, gpus, seconds = (15, 120, 12.0) if quick else (150, 1_200, 30.0)
    found = drive(Real(nodes, gpus, seed=1, frame_s=5.0, seconds=seconds))
    return {
        "idle_between_5s_tasks_p50_ms": found.idle_p50_ms,
        "idle_between_5s_tasks_p99_ms": found.idle_p99_ms,
        "utilisation_5s_tasks_ratio": found.utilisation,
    }


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    if percent == 50:
        return median(ordered)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
