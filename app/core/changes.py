"""Changes: the only way the farm's durable state moves, live and in replay alike.

PURE. A handler decides a list of changes; ``state.apply`` folds each into the state; the store appends
the turn's changes in one transaction and, at start, folds them again: replay equals live because both
are the same function. A change holds results, never a reason to compute: applying needs no clock.
"""

from __future__ import annotations

from msgspec import Struct

from node_agent.wire.job import Frames, LogRule, Needs, PathRoots, Run, Work
from node_agent.wire.messages import Hello


class ShotAdded(Struct, frozen=True, array_like=True, tag=1):
    shot: int
    project: str
    sequence: str
    name: str
    rank: float
    at: float


class ShotRanked(Struct, frozen=True, array_like=True, tag=2):
    shot: int
    rank: float


class ShotPaused(Struct, frozen=True, array_like=True, tag=3):
    shot: int
    paused: bool


class JobAdded(Struct, frozen=True, array_like=True, tag=4):
    job: int
    shot: int
    name: str
    user: str
    attempts: int
    scouts: bool
    at: float
    start_after: float = 0.0
    """Unix seconds; later than ``at``: the job's tasks wait for it."""


class StepAdded(Struct, frozen=True, array_like=True, tag=5):
    step: int
    job: int
    name: str
    work: Work
    needs: Needs
    frames: str
    tasks: list[Frames]
    after: list[int]
    frame_after: list[tuple[int, int, int]] = []
    """(step, first, last): frame ``f`` needs frames ``f + first`` to ``f + last`` of that step."""


class TaskMoved(Struct, frozen=True, array_like=True, tag=6):
    """A row of the transition table happened. ``epoch`` is the task's after the change; node and device
    are set for RUNNING (0 and -1 otherwise); ``checkpoint`` and ``passes`` carry kept work forward."""

    step: int
    task: int
    state: int
    epoch: int
    at: float
    node: int = 0
    device: int = -1
    checkpoint: str = ""
    passes: int = 0
    more: list[int] = []
    """Further devices of the node that the attempt lies on."""


class AttemptEnded(Struct, frozen=True, array_like=True, tag=7):
    """A line for the ledger. Outcome: 'done', 'failed', 'yielded', 'killed', 'lost'."""

    step: int
    task: int
    epoch: int
    node: int
    device: int
    started_at: float
    ended_at: float
    outcome: str
    cause: str
    sentence: str
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    samples: int
    energy_j: float
    files: list[tuple[str, int, str]]
    """(path, size, sha256) of what was published."""
    device_kind: str = ""
    """'cpu' or 'cuda': frame times are learned for each."""
    gpus: int = 1
    """That it held; ``wall_s`` counts so often."""
    peak_gpu_bytes: int = 0
    card_bytes: int = 0
    """Memory of the smallest GPU that it lay on; 0: it lay on none."""


class FailureCounted(Struct, frozen=True, array_like=True, tag=8):
    """Counters that outlive attempts: 'task' (frame failed), 'node' (node died under the task),
    'mark' (this node failed this job)."""

    kind: str
    step: int
    task: int
    node: int
    count: int


class NodeAdded(Struct, frozen=True, array_like=True, tag=9):
    node: int
    name: str
    public_key: str
    at: float


class NodeDrained(Struct, frozen=True, array_like=True, tag=10):
    node: int
    on: bool


class KeyAdded(Struct, frozen=True, array_like=True, tag=11):
    public_key: str
    role: int
    name: str
    at: float
    expires_at: float = 0.0
    """0: never. Join tokens are keys of role JOINER."""


class KeyRevoked(Struct, frozen=True, array_like=True, tag=12):
    public_key: str


class CommandDone(Struct, frozen=True, array_like=True, tag=13):
    """The audit log: who did what; ``command`` and ``inverse`` are MessagePack of ``commands.Command``
    (inverse empty where there is none)."""

    number: int
    at: float
    user: str
    command: bytes
    inverse: bytes
    undoes: int = 0
    renumbered: bool = False
    """All ranks were dealt anew for this command: older moves can no longer be undone."""


class TasksMoved(Struct, frozen=True, array_like=True, tag=14):
    """Every task of the step that is in state ``before`` is now in ``state``; epochs stay. One change for
    a step that opens, is cancelled or is retried, however many frames it has."""

    step: int
    before: int
    state: int
    at: float


class ShotDue(Struct, frozen=True, array_like=True, tag=15):
    """A promise, Unix seconds; 0 takes it back."""

    shot: int
    due: float
    pinned: bool


class JobStart(Struct, frozen=True, array_like=True, tag=16):
    """Nothing of the job is assigned before; 0: at once. Its tasks move by changes of their own."""

    job: int
    at: float


class NodeReserved(Struct, frozen=True, array_like=True, tag=17):
    """Until then the node takes that project's work alone, none with '' (0: free)."""

    node: int
    until: float
    project: str


class NodeSet(Struct, frozen=True, array_like=True, tag=18):
    """Pools and tags of the node, beside those that its agent says."""

    node: int
    pools: list[str]
    tags: list[str]


class JobBlocked(Struct, frozen=True, array_like=True, tag=19):
    """The job runs on this node no more (or again)."""

    job: int
    node: int
    on: bool


class LimitSet(Struct, frozen=True, array_like=True, tag=20):
    """A counted limit; below 0 there is none."""

    name: str
    count: int
    owned: dict[str, int]


class ShareSet(Struct, frozen=True, array_like=True, tag=21):
    """A project's part of the devices; (0, 1): no share."""

    project: str
    guarantee: float
    cap: float


class TaskSkipped(Struct, frozen=True, array_like=True, tag=22):
    """A cancelled task counts as done for what depends on it, until it is retried."""

    step: int
    task: int


class PathsSet(Struct, frozen=True, array_like=True, tag=23):
    """The farm's shared folders, all of them."""

    paths: list[PathRoots]


class LogRulesSet(Struct, frozen=True, array_like=True, tag=24):
    """The farm's log rules, all of them."""

    rules: list[LogRule]


class BudgetSet(Struct, frozen=True, array_like=True, tag=30):
    """A project's budget, in hours; below 0 is no bound, and both below 0 no budget."""

    project: str
    gpu_hours: float
    core_hours: float
    warn: float
    at_end: str


class TaskSplit(Struct, frozen=True, array_like=True, tag=40):
    """A ready frame waits from now on for its pieces: the tasks of a new step ``pieces``, which render
    ``ranges`` of its samples (first sample, how many)."""

    step: int
    task: int
    pieces: int
    at: float
    ranges: list[tuple[int, int]]


class SplitEnded(Struct, frozen=True, array_like=True, tag=41):
    """The frame needs its pieces no more: it is published, or begins anew, or is over. ``sentence`` says why
    a piece failed for good."""

    step: int
    task: int
    cause: str = ""
    sentence: str = ""


class StepResized(Struct, frozen=True, array_like=True, tag=60):
    """From task ``first`` on, where none has begun, the step's frames are cut into these tasks instead."""

    step: int
    first: int
    runs: list[Run]
    """Their indexes count from 0."""


class ForecastJudged(Struct, frozen=True, array_like=True, tag=31):
    """A forecast of a shot that is finished now: when it was made, what it said, when the shot ended."""

    shot: int
    at: float
    p50: float
    p90: float
    ended_at: float


class NodeAddressed(Struct, frozen=True, array_like=True, tag=50):
    """By which hardware addresses the node can be woken, and the broadcast address of each card's network."""

    node: int
    macs: list[str]
    broadcasts: list[str]


class NodeSlept(Struct, frozen=True, array_like=True, tag=51):
    """The node sleeps from now on, and what it is like (its last Hello); without one, it is awake again or
    given up."""

    node: int
    at: float
    hello: Hello | None = None
    by_hand: bool = False
    """A person put it to sleep: only a person wakes it."""


class SleepSet(Struct, frozen=True, array_like=True, tag=52):
    """After how many idle minutes nodes of a pool ('': of the farm) are put to sleep; 0: never, below 0: no rule."""

    pool: str
    minutes: float


class StepLearned(Struct, frozen=True, array_like=True, tag=53):
    """What the step's tasks are taken to need from now on, by what those that are done took; 0: nothing is known."""

    step: int
    gpu_bytes: int
    ram_bytes: int


class TaskGrew(Struct, frozen=True, array_like=True, tag=54):
    """This task needs a card of so much memory at least: it ran out of a smaller one's; 0 forgets that."""

    step: int
    task: int
    gpu_bytes: int


Change = (
    ShotAdded
    | ShotRanked
    | ShotPaused
    | JobAdded
    | StepAdded
    | TaskMoved
    | AttemptEnded
    | FailureCounted
    | NodeAdded
    | NodeDrained
    | KeyAdded
    | KeyRevoked
    | CommandDone
    | TasksMoved
    | ShotDue
    | JobStart
    | NodeReserved
    | NodeSet
    | JobBlocked
    | LimitSet
    | ShareSet
    | TaskSkipped
    | PathsSet
    | LogRulesSet
    | BudgetSet
    | ForecastJudged
    | TaskSplit
    | SplitEnded
    | NodeAddressed
    | NodeSlept
    | SleepSet
    | StepResized
    | StepLearned
    | TaskGrew
)
