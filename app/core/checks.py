"""What must hold between the parts of the core, restated from scratch; for tests and the simulator.

PURE. Raises BugFault that names the first contradiction. Slow on purpose: nothing here trusts a count.
"""

from __future__ import annotations

from itertools import pairwise
from math import floor

from app.core.gates import devices, full_limit, is_at_cap, weight_by_project
from app.core.ids import TaskState
from app.core.live import WHOLE
from app.core.records import work_of
from app.core.state import FarmState
from app.core.tasks import READY, STATES, Step
from app.core.transitions import RUNS, Phase
from app.core.turn import Turn
from app.core.waiting import can_open_task
from app.errors import BugFault


def check(turn: Turn) -> None:
    """Raise BugFault where two parts contradict each other."""
    for step in turn.state.steps.values():
        _check_step(step)
        _check_split(turn.state, step)
    _check_farm(turn)
    _check_held(turn)
    _check_gates(turn)
    _check_attempts(turn)
    _check_devices(turn)


def expect(holds: bool, sentence: str) -> None:
    if not holds:
        raise BugFault(sentence)


def _check_step(step: Step) -> None:
    name = f"Step {step.id}"
    counts = [step.states.count(state) for state in range(STATES)]
    expect(counts == step.counts, f"{name} counts {step.counts}, has {counts}.")
    expect(sum(counts) == step.total, f"{name} has states that do not exist.")
    first = step.states.find(READY)
    expect(first < 0 or step.cursor <= first, f"{name} has a ready task before its cursor.")
    running = {task for task, state in enumerate(step.states) if state in RUNS}
    expect(running == set(step.running), f"{name} runs {running}, knows {set(step.running)}.")
    for task in running:
        expect(step.epochs[task] > 0, f"{name} runs task {task} at epoch 0.")
        expect(step.nodes[task] == step.running[task][0], f"{name} task {task} has two nodes.")


def _check_farm(turn: Turn) -> None:
    state = turn.state
    order = sorted((shot.rank, shot.id) for shot in state.shots.values())
    expect(order == state.order, "The queue's order is not that of the ranks.")
    expect(all(one[0] < two[0] for one, two in pairwise(order)), "Two shots have one rank.")
    lists: list[set[tuple[float, int]]] = [set() for _ in state.queue.klasses]
    for shot in state.shots.values():
        work = [state.steps[step] for job in shot.jobs for step in work_of(state.jobs[job])]
        steps = [step for step in work if not step.is_piece]
        counts = [sum(step.counts[number] for step in steps) for number in range(STATES)]
        expect(counts == state.counts[shot.id], f"Shot {shot.id} counts {state.counts[shot.id]}.")
        is_over = not any(counts[: TaskState.DONE]) and bool(steps)
        expect(is_over == bool(shot.finished_at), f"Shot {shot.id} is finished, or is not.")
        for step in work:
            _check_open(turn, step)
            if step.counts[READY] and not shot.paused:
                lists[step.klass].add((shot.rank, shot.id))
    for expected, places in zip(lists, state.queue.lists, strict=True):
        expect(sorted(expected) == places, f"A class lists {places}, not {sorted(expected)}.")


def _check_split(state: FarmState, step: Step) -> None:
    """What is split waits for pieces that its job knows, or is merged."""
    for task, number in step.split.items():
        pieces = state.steps[number]
        expect(pieces.piece_of == (step.id, task), f"Step {number} is not of {step.id}/{task}.")
        expect(number in state.jobs[step.job].pieces, f"Step {number} is in no job.")
        state_of = step.states[task]
        merges = (READY, *RUNS, TaskState.WAITING)
        expect(state_of in merges, f"Step {step.id} task {task} is over, and split.")
        is_done = pieces.counts[TaskState.DONE] == pieces.total
        expect(is_done or state_of == TaskState.WAITING, f"{step.id}/{task} merges too early.")


def _check_open(turn: Turn, step: Step) -> None:
    """A task is ready exactly when what it needs is done; one moment's Tick may be due for a job's start."""
    name = f"Step {step.id}"
    if turn.state.jobs[step.job].start_after > turn.now.wall:
        expect(not step.counts[READY], f"{name} is ready before its job's start.")
        return
    is_open = all(turn.state.steps[before].is_done() for before in step.after)
    expect(is_open or not step.counts[READY], f"{name} is ready too early.")
    if not is_open or turn.state.jobs[step.job].start_after:
        return
    for task in range(step.total):
        if step.states[task] in (TaskState.WAITING, TaskState.READY):
            is_ready = step.states[task] == TaskState.READY
            expect(
                can_open_task(turn, step, task) == is_ready, f"{name} task {task} waits wrongly."
            )


def _check_held(turn: Turn) -> None:
    held: dict[int, int] = {}
    slots = [slot for session in turn.live.online() for slot in session.slots]
    on_slots = [attempt for slot in slots for attempt in slot.attempts]
    every = {id(attempt): attempt for attempt in [*turn.live.attempts.values(), *on_slots]}
    for attempt in every.values():
        held[attempt.klass] = held.get(attempt.klass, 0) + 1
    known = {klass: count for klass, count in turn.live.held.items() if count}
    expect(held == known, f"Attempts by class are {held}, counted {known}.")
    weights: dict[int, int] = {}
    for attempt in every.values():
        weights[attempt.klass] = weights.get(attempt.klass, 0) + attempt.weight
    weighed = {klass: weight for klass, weight in turn.live.weights.items() if weight}
    expect(weights == weighed, f"Attempts weigh {weights}, counted {weighed}.")


def _check_gates(turn: Turn) -> None:
    """Between turns, which end with a placement, every gate is as the sums from scratch say."""
    if turn.live.gates_stale or turn.live.touched or turn.state.queue.turned:
        return
    queue, held = turn.state.queue, weight_by_project(turn)
    farm = devices(turn)
    for number, klass in enumerate(queue.klasses):
        share, count = turn.state.shares.get(klass.project), held.get(klass.project, 0)
        is_closed = klass.project in turn.live.spent or bool(full_limit(turn, klass))
        is_closed = is_closed or is_at_cap(turn, klass)
        guarantee = floor(share.guarantee * farm + 1e-9) * WHOLE if share else 0
        is_favoured = share is not None and count < guarantee
        expect(is_closed == (number in queue.closed), f"{klass} is closed, or is not.")
        expect(is_favoured == (number in queue.favoured), f"{klass} is favoured, or is not.")
    for view in queue.views():
        ready = {n for n in view.klasses if queue.lists[n] and n not in queue.closed}
        expect(ready == set(view.ready), f"A view shows {set(view.ready)}, not {ready}.")


def _check_attempts(turn: Turn) -> None:
    live = turn.live
    running = {
        (step.id, task): step.running[task][:2]
        for step in turn.state.steps.values()
        for task in step.running
    }
    known = {key: (attempt.node, attempt.device) for key, attempt in live.attempts.items()}
    expect(running == known, f"The state runs {running}, the leases are for {known}.")
    by_node = {key for attempts in live.of_node.values() for key in attempts}
    expect(by_node == set(known), "Attempts by node are not all attempts.")
    for (number, task), attempt in live.attempts.items():
        step = turn.state.steps[number]
        expect(attempt.ref.epoch == step.epochs[task], f"{attempt.ref} is not the newest.")
        is_publishing = step.states[task] == TaskState.PUBLISHING
        expect((attempt.phase is Phase.PUBLISHING) == is_publishing, f"{attempt.ref} publishes?")


def _check_devices(turn: Turn) -> None:
    live = turn.live
    slots = [slot for session in live.online() for slot in session.slots]
    room = {(slot.node, slot.device) for slot in slots if slot.has_room}
    expect(room == set(live.idle), f"Room is on {room}, known {set(live.idle)}.")
    for session in live.online():
        expect(session.free_ram() >= 0, f"Node {session.node} has promised more RAM than it has.")
        for attempt in session.attempts():
            is_own = live.attempts.get((attempt.ref.step, attempt.ref.task)) is attempt
            expect(
                is_own or attempt.phase is Phase.CLOSING,
                f"{attempt.ref} holds a device for nothing.",
            )
            lies = {slot.device for slot in session.slots if attempt in slot.attempts}
            expect(lies == set(attempt.devices), f"{attempt.ref} lies on {lies}.")
    for slot in slots:
        is_shared = slot.is_cpu and all(attempt.cores for attempt in slot.attempts)
        cores = sum(attempt.cores for attempt in slot.attempts)
        is_fair = cores <= slot.cores if is_shared else len(slot.attempts) <= 1
        expect(is_fair, f"Device {slot.device} of node {slot.node} holds too much.")
    for attempt in live.attempts.values():
        is_there = len(live.slots_of(attempt)) == 0 or live.lies(attempt)
        expect(is_there, f"{attempt.ref} is not on its device.")
    _check_gangs(turn)


def _check_gangs(turn: Turn) -> None:
    """The ranks of a gang that run are all that are not done, each on a node of its own."""
    for step in turn.state.steps.values():
        if step.needs.gang and step.running:
            nodes = [node for node, _, _ in step.running.values()]
            expect(len(set(nodes)) == len(nodes), f"Two ranks of step {step.id} share a node.")
            counts = step.counts
            expect(not counts[READY] and not counts[TaskState.WAITING], f"Half of {step.id} runs.")
