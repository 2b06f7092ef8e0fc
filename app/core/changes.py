"""Changes: the only way the farm's durable state moves, live and in replay alike.

PURE. A handler decides a list of changes; ``state.apply`` folds each into the state; the store appends
the turn's changes in one transaction and, at start, folds them again: replay equals live because both
are the same function. A change holds results, never a reason to compute: applying needs no clock.
"""

from __future__ import annotations

from msgspec import Struct

from node_agent.wire.job import Frames, Needs, Work


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


class StepAdded(Struct, frozen=True, array_like=True, tag=5):
    step: int
    job: int
    name: str
    work: Work
    needs: Needs
    frames: str
    tasks: list[Frames]
    after: list[int]


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
)
