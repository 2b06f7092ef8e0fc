"""The queue's brain at the size of a film: 1,900 shots, 1.2 million frames, 1,200 devices.

What a pick, a drag, a restart and a what-if cost in seconds of CPU (pure code: other programs on the
machine do not count), and what the state weighs. No sockets and no disk:
``dispatch`` measures the whole dispatcher.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from random import Random
from statistics import median, quantiles

from app.core import commands as cmd
from app.core.changes import Change, JobAdded, LimitSet, ShotAdded, StepAdded, TaskMoved
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import ClientAsked, NodeSaid, Now, Tick
from app.core.gate_index import GateIndex
from app.core.ids import Role, TaskState
from app.core.live import Live
from app.core.ready import View
from app.core.scheduling import can_serve, pick
from app.core.state import FarmState
from node_agent.wire import messages as m
from node_agent.wire.job import Frames, KernelWork, Needs

SHOTS, FRAMES, NODES, DEVICES = 1900, 640, 150, 8
GIB = 2**30
ADMIN = "a" * 40
POOLS = 8
MEMORY = (8, 16, 24, 48)
LIMITS = 20


def run(quick: bool) -> dict:
    """Return the figures; ``quick`` takes a tenth of the shots and samples."""
    shots = SHOTS // 10 if quick else SHOTS
    changes = film(shots)
    figures: dict[str, float] = {"shots": shots, "tasks": shots * FRAMES}
    started = time.thread_time()
    load(FarmState(), changes)
    figures["build_s"] = time.thread_time() - started
    tracemalloc.start()
    state = load(FarmState(), changes)
    gc.collect()
    figures["state_mb"] = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    figures |= picks(state, 2_000 if quick else 20_000)
    figures |= gated(shots, quick)
    figures |= restart(state)
    figures |= farm(state, quick)
    return figures


def film(shots: int) -> list[Change]:
    """Every shot with one job of one step, in 32 classes of needs."""
    rng, changes = Random(1), []
    tasks = [Frames(frame, frame) for frame in range(1001, 1001 + FRAMES)]
    for shot in range(1, shots + 1):
        needs = Needs(
            device="cuda",
            memory_bytes=rng.choice(MEMORY) * GIB,
            tags=[f"tag{rng.randrange(POOLS)}"],
        )
        work = KernelWork(kernel="pathtracer", scene=f"/film/{shot}.usda")
        frames = f"1001-{1000 + FRAMES}"
        changes += [
            ShotAdded(shot, "film", f"sq{shot // 20:03d}", f"sh{shot:04d}", float(shot), 0.0),
            JobAdded(shot, shot, "v001", "ada", 3, scouts=True, at=0.0),
            StepAdded(shot, shot, "render", work, needs, frames, tasks, []),
        ]
    return changes


def load(state: FarmState, changes: Sequence[Change]) -> FarmState:
    for change in changes:
        state.apply(change)
    return state


def timed(count: int, do: Callable[[int], object]) -> tuple[float, float]:
    """Return the median and the 99th percentile, in microseconds."""
    times = []
    for index in range(count):
        started = time.thread_time_ns()
        do(index)
        times.append((time.thread_time_ns() - started) / 1000)
    cuts = quantiles(times, n=100)
    return cuts[49], cuts[98]


def hello(number: int) -> m.Hello:
    """A node with eight cards of one size and the tags of three kinds of work."""
    rng = Random(number)
    card = m.DeviceInfo(kind="cuda", name="card", memory_bytes=rng.choice(MEMORY) * GIB)
    return m.Hello(
        protocol=1,
        version="",
        name=f"n{number}",
        incarnation="1" * 16,
        devices=[card] * DEVICES,
        kernels=["pathtracer"],
        tags=[f"tag{(number + k) % POOLS}" for k in range(3)],
    )


def picks(state: FarmState, count: int) -> dict[str, float]:
    """A pick, the change it makes, and one that ends the frame, over devices of every kind."""
    views = [view_of(state, hello(number)) for number in range(NODES)]
    chosen: list[tuple[int, int]] = []

    def pick_one(index: int) -> None:
        choice = pick(state, views[index % NODES].ready, _may)
        assert choice
        chosen.append((choice[0].id, choice[1]))

    def apply_one(index: int) -> None:
        step, task = chosen[index]
        state.apply(TaskMoved(step, task, TaskState.RUNNING, 1, 0.0, 1, 0))

    times: list[float] = []
    applied: list[float] = []
    for index in range(count):
        start = time.thread_time_ns()
        pick_one(index)
        middle = time.thread_time_ns()
        apply_one(index)
        times.append((middle - start) / 1000)
        applied.append((time.thread_time_ns() - middle) / 1000)
    for step, task in chosen:
        state.apply(TaskMoved(step, task, TaskState.DONE, 1, 0.0))
    cuts = quantiles(times, n=100)
    return {
        "pick_p50_us": cuts[49],
        "pick_p99_us": cuts[98],
        "apply_p50_us": quantiles(applied, n=100)[49],
    }


def view_of(state: FarmState, greeting: m.Hello) -> View:
    """What a node of this kind can serve; made once for all nodes that are alike."""
    likeness = (greeting.devices[0].memory_bytes, tuple(greeting.tags))
    return state.queue.view(likeness, lambda klass: can_serve(klass, greeting, greeting.devices[0]))


def gated(shots: int, quick: bool) -> dict[str, float]:
    """The same film behind shots that wait for licences: 400 of them, each of its own class, for 20
    limits. A pick looks past them; a licence that comes free, or is taken, moves the gates it concerns."""
    state = load(FarmState(), film(shots))
    blocked, first = (40 if quick else 400), shots + 1
    work = KernelWork(kernel="pathtracer", scene="/film/held.usda")
    for number in range(blocked):
        needs = Needs(memory_bytes=GIB + number, limits={f"limit{number % LIMITS}": 1})
        shot, name = first + number, f"held{number:03d}"
        load(
            state,
            [
                ShotAdded(shot, "film", "held", name, -1000.0 + number, 0.0),
                JobAdded(shot, shot, "v001", "ada", 3, scouts=True, at=0.0),
                StepAdded(shot, shot, "sim", work, needs, "1-10", [Frames(1, 1)] * 10, []),
            ],
        )
    for number in range(LIMITS):
        state.apply(LimitSet(f"limit{number}", 1, {}))
    live, index = Live(), GateIndex()
    holders = [state.steps[first + number].klass for number in range(LIMITS)]
    live.held = dict.fromkeys(holders, 1)
    index.rebuild(state, NODES * DEVICES, live.held, live.weights, set())

    def move(number: int) -> None:
        """A licence is given back, or taken again."""
        klass = holders[number // 2 % LIMITS]
        live.held[klass] = number % 2
        index.follow(state.queue, live.held, live.weights, [klass])
        state.queue.turned.clear()

    figures = picks(state, 2_000 if quick else 20_000)
    gate_p50, gate_p99 = timed(2_000, move)
    return {
        "gated_pick_p50_us": figures["pick_p50_us"],
        "gated_pick_p99_us": figures["pick_p99_us"],
        "gate_move_p50_us": gate_p50,
        "gate_move_p99_us": gate_p99,
    }


def restart(state: FarmState) -> dict[str, float]:
    """Write all sections, load them, and replay 200,000 changes."""
    started = time.thread_time()
    blobs = state.sections()
    packed = time.thread_time()
    loaded = FarmState.from_sections(blobs)
    read = time.thread_time()
    moves: list[TaskMoved] = []
    for step in list(loaded.steps.values())[:200]:
        for task in range(FRAMES):
            if step.states[task] == TaskState.READY:
                moves.append(TaskMoved(step.id, task, TaskState.RUNNING, 1, 1.0, 1, 0))
                moves.append(TaskMoved(step.id, task, TaskState.DONE, 1, 2.0))
    moves = moves[:200_000]
    replayed = time.thread_time()
    load(loaded, moves)
    ended = time.thread_time()
    return {
        "sections_s": packed - started,
        "sections_mb": sum(map(len, blobs.values())) / 1e6,
        "load_s": read - packed,
        "replay_us": (ended - replayed) / len(moves) * 1e6,
    }


def farm(state: FarmState, quick: bool) -> dict[str, float]:
    """The whole core with its nodes: filling the farm, a report's turn, a drag, a what-if."""
    core, mono = Dispatcher(state, Config()), 1.0
    core.handle(Tick(), Now(mono, 1e9))
    core.admit(ADMIN, Role.ADMIN, "Ada", Now(mono, 1e9))
    keys = [f"n{number}".ljust(40, "0") for number in range(NODES)]
    for number, key in enumerate(keys):
        core.admit(key, Role.NODE, f"n{number}", Now(mono, 1e9))
        core.handle(NodeSaid(key, hello(number)), Now(mono, 1e9))
    started = time.thread_time()
    core.place(Now(mono, 1e9))
    filled = time.thread_time() - started
    turn = core._turn
    rng = Random(3)
    count = 300 if quick else 3000
    seqs = dict.fromkeys(keys, 0)

    def report(_: int) -> None:
        nonlocal mono
        attempt = rng.choice(list(turn.live.attempts.values()))
        key = keys[attempt.node - 1]
        seqs[key] += 1
        mono += 0.001
        now = Now(mono, 1e9 + mono)
        done = m.Done(seq=seqs[key], ref=attempt.ref, files=[], usage=m.Usage(wall_s=60.0))
        started = time.thread_time_ns()
        core.handle(NodeSaid(key, done), now)
        core.place(now)
        reports.append((time.thread_time_ns() - started) / 1000)

    def drag(_: int) -> None:
        shots = list(state.shots)
        body = cmd.Move(shots=[rng.choice(shots)], before=rng.choice(shots))
        core.handle(ClientAsked(ADMIN, b"", 1, body), Now(mono, 1e9 + mono))

    reports: list[float] = []
    turn.rows.has_news = False
    timed(count, report)
    drag_p50, drag_p99 = timed(count, drag)
    preempt_p50, preempt_p99 = timed(20, lambda _: ask_cost(core, rng, Now(mono, 1e9 + mono)))
    figures = forecasts(core, Now(mono, 1e9 + mono), list(state.shots), 20 if quick else 100)
    cuts = quantiles(reports, n=100)
    return {
        "fill_s": filled,
        "report_turn_p50_us": cuts[49],
        "report_turn_p99_us": cuts[98],
        "drag_p50_us": drag_p50,
        "drag_p99_us": drag_p99,
        "preempt_cost_p50_us": preempt_p50,
        "preempt_cost_p99_us": preempt_p99,
        **figures,
    }


def forecasts(core: Dispatcher, now: Now, shots: list[int], count: int) -> dict[str, float]:
    """What a look and a what-if cost in all, and the slices in which a patient dispatcher makes them."""
    core.config = core._turn.config = Config(is_patient=True)
    rng, slices, looks, what_ifs = Random(4), [], [], []

    def think() -> float:
        total = 0
        while core.is_thinking:
            started = time.thread_time_ns()
            core.think(now)
            slices.append((time.thread_time_ns() - started) / 1e6)
            total += slices[-1]
        return total

    for _ in range(max(3, count // 10)):
        core._turn.rows.has_news, core._forecaster._looked_at = True, float("-inf")
        core.place(now)
        looks.append(think())
    for _ in range(count):
        moved = rng.sample(shots, 5)
        body = cmd.Forecast(move=cmd.Move(shots=moved, place="top"))
        core.handle(ClientAsked(ADMIN, b"", 1, body), now)
        what_ifs.append(think())
    return {
        "forecast_look_ms": median(looks),
        "forecast_what_if_ms": median(what_ifs),
        "forecast_slice_p99_ms": quantiles(slices, n=100)[98],
        "forecast_slice_max_ms": max(slices),
    }


def ask_cost(core: Dispatcher, rng: Random, now: Now) -> None:
    """What the window asks while a shot is dragged with Shift."""
    shot = rng.choice([shot for _, shot in core.state.order][-200:])
    body = cmd.GetPreemption(move=cmd.Move(shots=[shot], place="top", preempt=True))
    core.handle(ClientAsked(ADMIN, b"", 1, body), now)


def _may(_job: object, _step: object) -> bool:
    """No node is marked."""
    return True
