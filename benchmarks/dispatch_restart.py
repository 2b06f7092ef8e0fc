"""A restart after kill -9 with a whole film queued, to the first assignment.

The database is written by the store itself, without a process in between: a film of shots of 640 frames, a
snapshot, and then 200,000 changes, four times what the store lets gather before it writes the next one: each task
begins, ends, and gets its line in the ledger. The dispatcher that starts on it reads the blobs, folds the changes, and assigns to a light node that knocks all the while.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil
import zmq

from app.client import connect
from app.core import changes as c
from app.core.ids import TaskState
from app.store.home import Home, read_connection
from app.store.repository import Repository
from node_agent.wire.job import CommandWork, Frames, Needs

FRAMES = 640
CHANGES = 200_000
TURN = 1_000


def restart(shots: int) -> dict[str, float]:
    """Seconds from starting the process to the first Assign; memory and size of the database then."""
    from benchmarks.dispatch import join, start
    from benchmarks.dispatch_load import Load, Node
    from benchmarks.dispatch_load import connect as open_node

    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        process = start(home)
        with connect(home.root) as farm:
            pair = join(context, farm, "node")
        connection = read_connection(home)
        assert connection is not None
        process.kill()
        process.wait()
        write_film(home, shots)
        address, key = connection.address_nodes, connection.server_key.encode()
        node = Node(open_node(context, address, key, pair), 1, "0" * 16, hold=True)
        node.socket.setsockopt(zmq.RECONNECT_IVL, 5)
        load = Load([node])
        began = time.perf_counter()
        process = start(home)
        node.hello()
        load.run_until(lambda: bool(node.assigned))
        seconds = node.assigned[0][0] - began
        rss = psutil.Process(process.pid).memory_info().rss
        process.kill()
        process.wait()
        context.destroy(linger=0)
        size = sum(path.stat().st_size for path in home.root.glob(f"{home.database.name}*"))
    return {
        "restart_to_assign_s": seconds,
        "restart_frames": float(shots * FRAMES),
        "restart_changes": float(CHANGES),
        "restart_rss_mb": rss / 1e6,
        "restart_database_mb": size / 1e6,
    }


def write_film(home: Home, shots: int) -> None:
    """Queue a film and let part of it be rendered since the last snapshot."""
    repository = Repository(home.database)
    state = repository.load()
    now = time.time()

    def commit(changes: list[c.Change]) -> None:
        for change in changes:
            state.apply(change)
        repository.commit(changes, now)

    frames = [Frames(number, number) for number in range(1, FRAMES + 1)]
    work = CommandWork(argv=["true"])
    for number in range(1, shots + 1):
        commit(
            [
                c.ShotAdded(number, "FILM", "sq010", f"sh{number:04}", float(number), now),
                c.JobAdded(number, number, "beauty", "bench", 3, scouts=True, at=now),
                c.StepAdded(number, number, "beauty", work, Needs(), f"1-{FRAMES}", frames, [], []),
            ]
        )
    repository.snapshot(state)
    batch: list[c.Change] = []
    for index in range(CHANGES // 3):
        step, task = index % shots + 1, index // shots
        for after in (TaskState.RUNNING, TaskState.DONE):
            node = 1 if after is TaskState.RUNNING else 0
            batch.append(c.TaskMoved(step, task, after, 1, now, node=node, device=node - 1))
        figures = (now, now, "done", "", "", 1.0, 1.0, 1 << 30, 64, 0.0)
        batch.append(c.AttemptEnded(step, task, 1, 1, 0, *figures, [], "cpu"))
        if len(batch) >= TURN:
            commit(batch)
            batch = []
    commit(batch)
    repository.close()
