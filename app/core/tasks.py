"""A step and its tasks: one byte of state and a few array cells each, and sparse dicts for the rest.

PURE. Read freely; only ``FarmState.apply`` calls what changes a step. ``pack`` and ``unpack`` are the
step's section. Derived fields (counts, cursor, followers) are never packed: they are counted again.
"""

from __future__ import annotations

import sys
from array import array

from msgspec import Struct
from msgspec.structs import replace

from app.core.changes import StepAdded
from app.core.ids import TaskState
from node_agent.wire.job import (
    CommandWork,
    Frames,
    KernelWork,
    Needs,
    OpenJDWork,
    Run,
    Work,
    count_tasks,
    fold,
    frames_at,
    run_frames,
)

READY, CANCELLED = int(TaskState.READY), int(TaskState.CANCELLED)
STATES = len(TaskState)
WALLS_MAX = 64
"""Frame times kept a step and kind of device: enough for a median that follows a change of scene."""


class StepBlob(Struct, array_like=True, frozen=True):
    """What is packed of a step; arrays little-endian, 4 bytes a cell."""

    id: int
    job: int
    shot: int
    name: str
    work: Work
    needs: Needs
    frames: str
    runs: list[Run]
    after: list[int]
    states: bytes
    epochs: bytes
    nodes: bytes
    started: bytes
    seconds: bytes
    running: dict[int, tuple[int, int, float]]
    kept: dict[int, tuple[str, int]]
    failures: dict[int, int]
    deaths: dict[int, int]
    errors: list[tuple[int, str, str]]
    walls: dict[str, list[float]]
    frame_after: list[tuple[int, int, int]] = []
    skipped: list[int] = []
    more: dict[int, list[int]] = {}
    split: dict[int, int] = {}
    piece_of: tuple[int, int] = (0, -1)
    ranges: list[tuple[int, int]] = []
    wall_nodes: dict[str, list[int]] = {}
    resized: int = 0
    peaks: tuple[bytes, bytes, bytes] = (b"", b"", b"")
    learned: tuple[int, int] = (0, 0)
    heavy: dict[int, int] = {}
    spent: dict[int, float] = {}


class Step:
    """The live step; see ``StepBlob`` for what is durable."""

    __slots__ = (
        "after",
        "cost",
        "counts",
        "cursor",
        "deaths",
        "epochs",
        "errors",
        "failures",
        "followers",
        "frame_after",
        "frame_followers",
        "frames",
        "heavy",
        "id",
        "is_piece",
        "job",
        "kept",
        "klass",
        "learned",
        "make",
        "more",
        "name",
        "needs",
        "nodes",
        "peaks",
        "piece_of",
        "ranges",
        "resized",
        "running",
        "runs",
        "scouts",
        "seconds",
        "shot",
        "skipped",
        "spent",
        "split",
        "started",
        "states",
        "total",
        "wall_nodes",
        "walls",
        "work",
    )

    def __init__(
        self, added: StepAdded, shot: int, runs: list[Run] | None = None, *, waits: bool = False
    ) -> None:
        self.id = added.step
        self.job = added.job
        self.shot = shot
        self.name = added.name
        self.work = added.work
        self.needs = added.needs
        self.frames = added.frames
        self.after = list(added.after)
        self.frame_after = [(step, first, last) for step, first, last in added.frame_after]
        self.runs = fold(added.tasks) if runs is None else runs
        self.total = self.runs[-1].index + self.runs[-1].count if self.runs else 0
        has_to_wait = waits or added.after or added.frame_after
        first = TaskState.WAITING if has_to_wait else TaskState.READY
        self.states = bytearray([first]) * self.total
        # Number of attempts so far; the last is the only one that may speak for the task.
        self.epochs = array("I", bytes(4 * self.total))
        # Node of the last attempt, its start (Unix seconds) and, when done, the seconds of all attempts and
        # pieces that the result stands on.
        self.nodes = array("I", bytes(4 * self.total))
        self.started = array("I", bytes(4 * self.total))
        self.seconds = array("f", bytes(4 * self.total))
        # Exactly the tasks in RUNNING or PUBLISHING: (node, device, started at).
        self.running: dict[int, tuple[int, int, float]] = {}
        # Those that lie on several devices: the further ones.
        self.more: dict[int, list[int]] = {}
        # Tasks with work to go on from: (checkpoint, passes).
        self.kept: dict[int, tuple[str, int]] = {}
        # Seconds of the attempts that made these checkpoints.
        self.spent: dict[int, float] = {}
        self.failures: dict[int, int] = {}
        self.deaths: dict[int, int] = {}
        # Newest failure of unfinished tasks, oldest first: (cause, sentence).
        self.errors: dict[int, tuple[str, str]] = {}
        # Cancelled tasks that what depends on this step does without.
        self.skipped: set[int] = set()
        # Newest wall seconds of done tasks, by kind of device.
        self.walls: dict[str, list[float]] = {}
        # Tasks that were split, and the steps that hold their pieces.
        self.split: dict[int, int] = {}
        # Of such a step: (step, task) of the frame, and (first sample, how many) of each of its tasks.
        self.piece_of: tuple[int, int] = (0, -1)
        self.ranges: list[tuple[int, int]] = []
        self.is_piece = False
        # The node of each of these.
        self.wall_nodes: dict[str, list[int]] = {}
        # From this task on chunks have the size in force; before it, what they began with.
        self.resized = 0
        self.followers: list[int] = []
        # (step, first, last) of the steps that need this one frame by frame.
        self.frame_followers: list[tuple[int, int, int]] = []
        self._know_no_memory()
        self.klass = -1
        self.scouts = self._scouts()
        # What does the work, and what one task costs of it: frames of one make cost alike.
        self.make, self.cost = _make_and_cost(self.work, self.task_frames(0))
        self.recount()

    @property
    def target_s(self) -> float:
        """Seconds that a chunk is to take; 0: chunks stay as they are."""
        work = self.work
        return work.target_s if isinstance(work, OpenJDWork) and work.picks != "task" else 0.0

    def _scouts(self) -> tuple[int, ...]:
        if self.target_s > 0:
            return (0,)  # what is cut anew as it goes has its last tasks untouched
        return tuple(dict.fromkeys((0, self.total // 2, self.total - 1)))

    def resize(self, first: int, runs: list[Run]) -> None:
        """Replace the tasks from ``first`` on, which are all ready and were never begun."""
        before = self._frames_of(first)
        kept = [run for run in self.runs if run.index < first]
        kept = [replace(run, count=min(run.count, first - run.index)) for run in kept]
        self.runs = [*kept, *(replace(run, index=run.index + first) for run in runs)]
        self.total, self.resized = count_tasks(self.runs), first
        self.states = self.states[:first] + bytearray([READY]) * (self.total - first)
        for cells in (self.epochs, self.nodes, self.started, self.seconds):
            del cells[first:]
            cells.frombytes(bytes(4 * (self.total - first)))
        # Frame times are those of tasks like the ones that are left.
        grown = self._frames_of(first) / before
        self.walls = {kind: [wall * grown for wall in walls] for kind, walls in self.walls.items()}
        self.cost = float(self._frames_of(first))
        self.recount()

    def _frames_of(self, task: int) -> int:
        return len(self.task_frames(task).numbers())

    def mean_seconds(self) -> float:
        """Return the mean wall seconds of done tasks, as if they had been of the size in force."""
        if not self.resized:
            return sum(self.seconds) / self.counts[TaskState.DONE]
        done = [task for task, state in enumerate(self.states) if state == TaskState.DONE]
        frames = sum(map(self._frames_of, done))
        return sum(self.seconds[task] for task in done) / frames * self.cost

    def _know_no_memory(self) -> None:
        # Newest peaks, in bytes: RAM of done tasks; of those on GPUs the card's size, and what was taken of it
        # (0: it ran out).
        self.peaks = (array("Q"), array("Q"), array("Q"))
        # Bytes of GPU memory and of RAM that a task is taken to need: see ``memory``.
        self.learned: tuple[int, int] = (0, 0)
        # Tasks that ran out of a card's memory: what the next card must have.
        self.heavy: dict[int, int] = {}

    def recount(self) -> None:
        self.counts = [self.states.count(state) for state in range(STATES)]
        # No task before the cursor is READY.
        self.cursor = 0

    def task_frames(self, task: int) -> Frames:
        """Return the frames of one task."""
        return frames_at(self.runs, task)

    def all_frames(self) -> list[Frames]:
        """Return the frames of every task, in order."""
        return run_frames(self.runs)

    def is_done(self) -> bool:
        """Tell whether nothing of it is left that a step after it needs."""
        return self.counts[TaskState.DONE] + len(self.skipped) == self.total

    def become_pieces(self, frame: tuple[int, int], ranges: list[tuple[int, int]]) -> None:
        """Its tasks are the pieces of a split frame (step, task), which has these ranges of samples."""
        self.piece_of, self.ranges, self.is_piece, self.scouts = frame, ranges, True, ()

    def shown_state(self, task: int) -> int:
        """Return a task's state as people see it: one whose pieces are rendered runs."""
        is_split = task in self.split and self.states[task] == TaskState.WAITING
        return int(TaskState.RUNNING) if is_split else self.states[task]

    def shown_states(self) -> bytes:
        states = bytearray(self.states)
        for task in self.split:
            states[task] = self.shown_state(task)
        return bytes(states)

    def shown_counts(self) -> list[int]:
        """Return how many tasks are in each state, as people see them."""
        counts = list(self.counts)
        for task in self.split:
            counts[self.states[task]] -= 1
            counts[self.shown_state(task)] += 1
        return counts

    def is_whole(self) -> bool:
        """Tell whether all that is to begin together can: nothing of a gang waits, runs, failed or is missing."""
        if not self.needs.gang:
            return True
        gone = self.counts[TaskState.DONE] + len(self.skipped)
        return self.counts[READY] + gone == self.total

    def is_task_done(self, task: int) -> bool:
        return self.states[task] == TaskState.DONE or task in self.skipped

    def set_state(self, task: int, after: int) -> None:
        """Move one task, keeping counts and cursor true."""
        if self.skipped and after != CANCELLED:
            self.skipped.discard(task)
        self.count(self.states[task], after)
        self.states[task] = after
        if after == READY and task < self.cursor:
            self.cursor = task

    def count(self, before: int, after: int) -> None:
        """Keep the counts true."""
        self.counts[before] -= 1
        self.counts[after] += 1

    def set_all(self, before: int, after: int) -> None:
        """Move every task that is in ``before``."""
        if before == TaskState.CANCELLED:
            self.skipped.clear()
        table = bytearray(range(256))
        table[before] = after
        self.states = self.states.translate(table)
        self.recount()

    def next_ready(self) -> int:
        """Return the first READY task, or -1."""
        task = self.states.find(READY, self.cursor)
        self.cursor = task if task >= 0 else self.total
        return task

    def next_ready_within(self, card_bytes: int) -> int:
        """Return the first READY task that a card of this size is not known to be too small for, or -1."""
        task = self.next_ready()
        while task >= 0 and self.heavy.get(task, 0) > card_bytes:
            task = self.states.find(READY, task + 1)
        return task

    def heavy_ready(self) -> list[int]:
        """Return the READY tasks that ran out of a card's memory."""
        return [task for task in sorted(self.heavy) if self.states[task] == READY]

    def pack(self) -> StepBlob:
        rams, cards, taken = self.peaks
        return StepBlob(
            id=self.id,
            job=self.job,
            shot=self.shot,
            name=self.name,
            work=self.work,
            needs=self.needs,
            frames=self.frames,
            runs=self.runs,
            after=self.after,
            states=bytes(self.states),
            epochs=_to_bytes(self.epochs),
            nodes=_to_bytes(self.nodes),
            started=_to_bytes(self.started),
            seconds=_to_bytes(self.seconds),
            running=self.running,
            kept=self.kept,
            failures=self.failures,
            deaths=self.deaths,
            errors=[(task, *error) for task, error in self.errors.items()],
            walls=self.walls,
            wall_nodes=self.wall_nodes,
            frame_after=self.frame_after,
            skipped=sorted(self.skipped),
            more=self.more,
            split=self.split,
            piece_of=self.piece_of,
            ranges=self.ranges,
            resized=self.resized,
            peaks=(_to_wide(rams), _to_wide(cards), _to_wide(taken)),
            learned=self.learned,
            heavy=self.heavy,
            spent=self.spent,
        )


def unpack(blob: StepBlob) -> Step:
    """Build the step that was packed. Raises ValueError when its parts differ in length."""
    none: list[Frames] = []
    added = StepAdded(
        *(blob.id, blob.job, blob.name, blob.work, blob.needs, blob.frames, none, blob.after),
        blob.frame_after,
    )
    step = Step(added, blob.shot, blob.runs)
    step.states = bytearray(blob.states)
    step.epochs = _from_bytes(blob.epochs)
    step.nodes = _from_bytes(blob.nodes)
    step.started = _from_bytes(blob.started)
    step.seconds = array("f", _native(blob.seconds))
    step.running = dict(blob.running)
    step.more = dict(blob.more)
    step.split = dict(blob.split)
    if blob.piece_of[0] > 0:
        step.become_pieces(blob.piece_of, list(blob.ranges))
    step.resized = blob.resized
    step.skipped = set(blob.skipped)
    rams, cards, taken = blob.peaks
    step.peaks = (_from_wide(rams), _from_wide(cards), _from_wide(taken))
    step.learned, step.heavy = blob.learned, dict(blob.heavy)
    step.kept = dict(blob.kept)
    step.spent = dict(blob.spent)
    step.failures = dict(blob.failures)
    step.deaths = dict(blob.deaths)
    step.errors = {task: (cause, sentence) for task, cause, sentence in blob.errors}
    step.walls = {kind: list(walls) for kind, walls in blob.walls.items()}
    step.wall_nodes = {
        kind: list(blob.wall_nodes.get(kind, [0] * len(walls)))
        for kind, walls in blob.walls.items()
    }
    cells = (step.states, step.epochs, step.nodes, step.started, step.seconds)
    if any(len(cell) != step.total for cell in cells):
        raise ValueError(f"step {step.id} has {step.total} tasks and arrays of other lengths")
    if step.resized:
        step.cost = float(len(step.task_frames(step.resized).numbers()))
    step.recount()
    return step


def _make_and_cost(work: Work, frames: Frames) -> tuple[str, float]:
    count = len(frames.numbers())
    if isinstance(work, KernelWork):
        return f"kernel {work.kernel}", float(count * work.width * work.height * work.samples)
    if isinstance(work, CommandWork):
        return f"command {work.argv[0]}", float(count)
    return f"openjd {work.session}", float(count)


def _to_bytes(cells: array[int] | array[float]) -> bytes:
    return _native(cells.tobytes())


def _from_bytes(data: bytes) -> array[int]:
    cells: array[int] = array("I")
    cells.frombytes(_native(data))
    return cells


def _to_wide(cells: array[int]) -> bytes:
    return b"".join(cell.to_bytes(8, "little") for cell in cells)


def _from_wide(data: bytes) -> array[int]:
    return array(
        "Q", (int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8))
    )


def _native(data: bytes) -> bytes:
    """Between this machine's byte order and little-endian, either way."""
    if sys.byteorder == "little":
        return data
    cells = array("I", data)
    cells.byteswap()
    return cells.tobytes()
