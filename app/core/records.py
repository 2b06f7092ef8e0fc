"""The durable records beside tasks: shots, jobs, nodes, keys and the tail of the audit log.

PURE. Packed as they are into the ``farm`` section; changed by ``FarmState.apply`` alone.
"""

from __future__ import annotations

from msgspec import Struct, field

from node_agent.wire.job import LogRule, PathRoots
from node_agent.wire.messages import Hello

JUDGED_MAX = 2000
"""Forecasts whose judgement is kept, for the score."""
AUDIT_MAX = 1000
"""Commands kept in memory, for undo; the store has them all."""


class Shot(Struct, array_like=True):
    id: int
    project: str
    sequence: str
    name: str
    rank: float
    at: float
    paused: bool = False
    jobs: list[int] = field(default_factory=list[int])
    """Oldest first."""
    finished_at: float = 0.0
    """When the last of its tasks ended; 0 while any may still run."""
    due: float = 0.0
    due_pinned: bool = False


class Job(Struct, array_like=True):
    id: int
    shot: int
    name: str
    user: str
    attempts: int
    scouts: bool
    at: float
    steps: list[int] = field(default_factory=list[int])
    marks: dict[int, int] = field(default_factory=dict[int, int])
    """How often each node failed this job."""
    start_after: float = 0.0
    blocked: list[int] = field(default_factory=list[int])
    """Nodes that it may not run on."""
    pieces: list[int] = field(default_factory=list[int])
    """Steps that hold the pieces of its split frames."""


def work_of(job: Job) -> list[int]:
    """Return the numbers of all steps that hold tasks of a job, the pieces of split frames first."""
    return job.pieces + job.steps if job.pieces else job.steps


class Node(Struct, array_like=True):
    id: int
    name: str
    public_key: str
    at: float
    drained: bool = False
    done: int = 0
    failed: int = 0
    reserved_until: float = 0.0
    reserved_for: str = ""
    pools: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    macs: list[str] = field(default_factory=list[str])
    broadcasts: list[str] = field(default_factory=list[str])
    asleep_since: float = 0.0
    """Unix seconds; 0: it is not asleep."""
    asleep: Hello | None = None
    """What it said last before it went to sleep."""
    is_asleep_by_hand: bool = False


class Limit(Struct, array_like=True, frozen=True):
    """A counted licence; ``owned`` by project, the rest belongs to all."""

    name: str
    count: int
    owned: dict[str, int]


class Share(Struct, array_like=True, frozen=True):
    """A project's part of the farm's devices, 0..1."""

    project: str
    guarantee: float
    cap: float


class Budget(Struct, array_like=True, frozen=True):
    """What a project may use in all, in hours; below 0: no bound."""

    project: str
    gpu_hours: float
    core_hours: float
    warn: float
    at_end: str


class Judged(Struct, array_like=True, frozen=True):
    """A forecast beside what came."""

    at: float
    p50: float
    p90: float
    ended_at: float


class Key(Struct, array_like=True, frozen=True):
    public_key: str
    role: int
    name: str
    at: float
    expires_at: float = 0.0


class Audited(Struct, array_like=True, frozen=True):
    """A command of the audit log with what an undo must know.

    Everything that a command can undo has a *stamp*: the number of the command that made it what it is.
    ``before`` and ``after`` are the stamps around this one. An undo puts the old stamps back, because
    the farm is then as it was: so undoing twice walks back two commands, and an undo can be undone.
    """

    number: int
    at: float
    user: str
    command: bytes
    inverse: bytes
    undoes: int
    before: dict[str, int]
    after: dict[str, int]


class FarmBlob(Struct, array_like=True, frozen=True):
    """The ``farm`` section."""

    version: int
    shots: list[Shot]
    jobs: list[Job]
    steps: list[int]
    nodes: list[Node]
    keys: list[Key]
    audit: list[Audited]
    stamps: dict[str, int]
    commands: int
    """Number of the last command."""
    limits: list[Limit] = field(default_factory=list[Limit])
    shares: list[Share] = field(default_factory=list[Share])
    paths: list[PathRoots] = field(default_factory=list[PathRoots])
    log_rules: list[LogRule] = field(default_factory=list[LogRule])
    budgets: list[Budget] = field(default_factory=list[Budget])
    used: dict[str, tuple[float, float]] | None = None
    """GPU-seconds and CPU-seconds of ended attempts by project; None: the blob is older than budgets."""
    judged: list[Judged] = field(default_factory=list[Judged])
    judged_count: int = 0
    """Ever; ``judged`` has the newest."""
    sleep: dict[str, float] = field(default_factory=dict[str, float])
