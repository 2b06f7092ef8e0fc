"""The farm of a film for the window's benchmark, as rows: 1,900 shots, 1.2 million frames, 715 nodes; and
the flood that a busy farm sends, from a thread of its own as the connection does.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import msgspec

from app.core.commands import Finish, Finishes, Forecast
from app.core.ids import TaskState
from app.core.reports import Morning
from app.core.views import NodeSample, Snapshot, TaskChange
from tests.gui import fakes
from tests.gui.morning import nights

DELTAS_A_SECOND = 25
UPDATES_A_SECOND = 1000
SHOTS, FRAMES_A_SHOT, NODES = 1_900, 632, 715
ON_SCREEN = 12
DONE, RUNNING, READY = TaskState.DONE, TaskState.RUNNING, TaskState.READY


def snapshot(shots: int, nodes: int) -> Snapshot:
    """Return the farm at night: the first shots render on two GPUs of each node, the rest wait."""
    numbers = range(1, shots + 1)
    busy = 2 * nodes
    half = bytes([DONE] * (FRAMES_A_SHOT // 2) + [READY] * (FRAMES_A_SHOT - FRAMES_A_SHOT // 2))
    row = {"total": FRAMES_A_SHOT, "ready": FRAMES_A_SHOT // 2, "done": FRAMES_A_SHOT // 2}
    state = {"state": "running", "nodes": 40, "running": 60, "progress": 0.5}
    return fakes.snapshot(
        shots=[
            fakes.shot_row(n, **row, **(state if n <= ON_SCREEN else {}), due=_due(n))
            for n in numbers
        ],
        jobs=[fakes.job_row(n) for n in numbers],
        steps=[fakes.step_row(n, half) for n in numbers],
        nodes=[_node(n) for n in range(1, nodes + 1)],
        tasks=[
            TaskChange(1 + n % ON_SCREEN, n // ON_SCREEN, RUNNING, 1, 1 + n // 2)
            for n in range(busy)
        ],
    )


def _due(shot: int) -> float:
    return fakes.NOW + 3600.0 * shot if shot % 5 == 0 else 0.0


def _node(number: int) -> object:
    cells = [
        fakes.attempt_cell(step=1 + n % ON_SCREEN, shot=1 + n % ON_SCREEN, task=n // ON_SCREEN)
        for n in (2 * number - 2, 2 * number - 1)
    ]
    devices = [fakes.device_row(attempts=[cell]) for cell in cells]
    return fakes.node_row(number, devices, state="busy")


def wire(given: Snapshot) -> bytes:
    """Return the snapshot as it comes from the socket."""
    return msgspec.msgpack.encode(given)


def forecast(link: fakes.FakeLink) -> None:
    """Have the farm answer a trial with finishes that differ for each shot."""

    def answer(question: object) -> Finishes:
        move = question.move if isinstance(question, Forecast) else None
        by = 60.0 * (move.before % 97) if move else 0.0
        rows = link.replica.shots.values()
        return Finishes(
            rows=[Finish(row.id, row.finish_p50 + by, row.finish_p90 + by, by) for row in rows]
        )

    link.answers[Forecast] = answer


def night(shots: int, nodes: int) -> Morning:
    """Return the morning after a bad night: a fifth of the nodes gone, hundreds of causes and slips."""
    return nights.night(
        failures=min(200, shots),
        stuck=[nights.stuck(shot=n, task=n) for n in range(1, 40)],
        idle=[
            nights.idle(node=n, name=f"node{n:03d}", kind="lost", sentence=f"node{n:03d} is lost.")
            for n in range(1, nodes // 5)
        ],
        slips=[nights.slip(shot=n, name=f"NZ2/sq010/sh{n:04d}") for n in range(1, 101)],
        finished=[
            nights.finished(shot=n, name=f"NZ2/sq020/sh{n:04d}") for n in range(101, shots // 4)
        ],
    )


class Flood:
    """Sends what a busy farm sends until it is stopped."""

    def __init__(
        self,
        link: fakes.FakeLink,
        post: Callable[[Callable[[], None]], None],
        *,
        is_busy: bool = True,
    ) -> None:
        self._link, self._post = link, post
        self._chance = random.Random(7)
        self._is_busy = is_busy
        self._stopped = threading.Event()
        self._nodes = sorted(link.replica.nodes)
        self._shots = len(link.replica.shots)
        self._turn = 0
        self._thread = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _send(self) -> None:
        every_s = 1 / DELTAS_A_SECOND if self._is_busy else 1.0
        due = time.monotonic()
        while not self._stopped.is_set():
            self._post(self._busy_delta() if self._is_busy else self._link.change)
            due += every_s
            self._stopped.wait(max(0.0, due - time.monotonic()))

    def _busy_delta(self) -> Callable[[], None]:
        """Make one delta: 40 tasks, the rows of their shots, and a 25th of the nodes' metrics."""
        self._turn += 1
        chance = self._chance
        tasks, shots = [], set()
        for n in range(UPDATES_A_SECOND // DELTAS_A_SECOND):
            shot = chance.randint(1, ON_SCREEN if n % 2 else self._shots)
            state = chance.choice((DONE, RUNNING, READY))
            task = chance.randrange(FRAMES_A_SHOT)
            tasks.append(TaskChange(shot, task, state, 1, 1 + task % 700, chance.random()))
            shots.add(shot)
        at = fakes.NOW + self._turn / DELTAS_A_SECOND
        mine = self._nodes[self._turn % DELTAS_A_SECOND :: DELTAS_A_SECOND]
        samples = [_sample(node, at, chance) for node in mine]

        def change() -> None:
            rows = [
                fakes.replaced(self._link.replica.shots[shot], done=chance.randint(0, 600))
                for shot in shots
            ]
            self._link.change(*rows, tasks=tasks, samples=samples)

        return change


def _sample(node: int, at: float, chance: random.Random) -> NodeSample:
    gpus = [100 * chance.random(), 100 * chance.random()]
    return fakes.sample(node, at, 100 * chance.random(), gpus, 100 * chance.random())
