"""Rows as people see them: what snapshots and deltas carry to every window, CLI and script.

PURE. A client keeps rows by id (``app.client.replica``). Times are Unix seconds (0: not yet); durations
seconds; sizes bytes. Only the dispatcher makes rows; a row always replaces the whole older row.
"""

from __future__ import annotations

from msgspec import Struct, field

from node_agent.wire.job import Run


class ShotRow(Struct, frozen=True, kw_only=True, tag="shot"):
    """A line of the queue. ``state``: 'running', 'ready', 'waiting', 'paused', 'failed', 'done',
    'cancelled' (the first of these words that fits, failed before done)."""

    id: int
    project: str
    sequence: str
    name: str
    rank: float
    """Queue order, ascending; equal ranks do not exist."""
    state: str
    paused: bool
    total: int
    ready: int
    running: int
    done: int
    failed: int
    cancelled: int
    progress: float
    """0..1, running frames counted by their passes."""
    nodes: int
    """Nodes that work on it now."""
    user: str
    submitted_at: float
    finished_at: float
    finish_p50: float
    finish_p90: float
    reason: str
    """Why nothing of it runs although something is left to do; '' otherwise."""
    error: str
    """The newest failure's sentence; ''."""
    jobs: list[int]
    due: float = 0.0
    """The promise; 0: none."""
    due_pinned: bool = False
    start_after: float = 0.0
    """The earliest of its waiting jobs' start times, where all of them wait for one."""


class JobRow(Struct, frozen=True, kw_only=True, tag="job"):
    id: int
    shot: int
    name: str
    user: str
    state: str
    total: int
    done: int
    failed: int
    running: int
    submitted_at: float
    steps: list[int]


class StepRow(Struct, frozen=True, kw_only=True, tag="step"):
    """A step with its tasks' states; deltas send single tasks (``TaskChange``) instead of new rows."""

    id: int
    job: int
    shot: int
    name: str
    kind: str
    """'kernel', 'command' or 'openjd'."""
    frames: str
    """In the submitter's words."""
    runs: list[Run]
    """The tasks' frames."""
    states: bytes
    """One ``TaskState`` a task."""
    directory: str
    pattern: str
    preview_directory: str
    width: int
    height: int
    samples: int
    gpu_bytes: int = 0
    """Of a GPU's memory, that a task is taken to need: the more of what was asked and what was learned."""
    ram_bytes: int = 0
    is_learned: bool = False
    """Whether the tasks that are done took more than was asked."""


class TaskChange(Struct, frozen=True, array_like=True, tag="task"):
    """One task is now so; ``progress`` 0..1 while it runs."""

    step: int
    task: int
    state: int
    epoch: int
    node: int
    """0 when it does not run."""
    progress: float = 0.0


class AttemptCell(Struct, frozen=True, kw_only=True):
    """A running attempt, as its device shows it."""

    step: int
    task: int
    epoch: int
    frame: int
    shot: int
    progress: float
    since: float
    cores: int = 0


class DeviceRow(Struct, frozen=True, kw_only=True):
    kind: str
    name: str
    memory_bytes: int
    cores: int
    attempts: list[AttemptCell]
    """Empty when idle; several only on cores that are shared."""


class NodeRow(Struct, frozen=True, kw_only=True, tag="node"):
    """``state``: 'idle', 'busy', 'draining', 'drained', 'asleep', 'waking' (it was told to wake and has not
    answered yet), 'lost', 'offline'; in ``ABSENT`` of these its agent is not connected."""

    id: int
    name: str
    state: str
    drain: bool
    devices: list[DeviceRow]
    tags: list[str]
    cores: int
    memory_bytes: int
    platform: str
    version: str
    seen_at: float
    done: int
    """Tasks finished since the dispatcher knows it."""
    failed: int
    pools: list[str] = field(default_factory=list[str])
    reserved_until: float = 0.0
    reserved_for: str = ""
    """Project; with ``reserved_until`` and '' it takes no work at all."""
    gflops: float = 0.0
    disk_bps: float = 0.0
    away: str = ""
    """Why the node takes no work of its own accord: an artist sits there, or its hours are over."""
    asleep_since: float = 0.0
    """0: it is not asleep."""
    can_sleep: bool = False
    """Whether ``SleepNodes`` may be asked now: it is connected, its agent can suspend it, and nothing runs."""
    can_wake: bool = False
    """Whether ``WakeNodes`` may be asked now: it is absent, and its hardware address is known."""


ABSENT = ("asleep", "waking", "lost", "offline")
"""States of nodes whose agent is not connected; only 'lost' is a fault."""


class LimitRow(Struct, frozen=True, kw_only=True, tag="limit"):
    """A counted limit: ``used`` of ``count``; ``owned`` and ``used_by`` by project. A ``count`` below 0: it is
    gone."""

    name: str
    count: int
    used: int
    owned: dict[str, int]
    used_by: dict[str, int]

    @property
    def id(self) -> str:
        """What replaces an older row."""
        return self.name


class ProjectRow(Struct, frozen=True, kw_only=True, tag="project"):
    """A project's share of the devices. A ``cap`` below 0: it is gone."""

    name: str
    guarantee: float
    cap: float
    devices: int
    """That it holds now."""

    @property
    def id(self) -> str:
        """What replaces an older row."""
        return self.name


class BudgetRow(Struct, frozen=True, kw_only=True, tag="budget"):
    """A project's budget and what of it is used, running attempts counted. ``state``: 'ok', 'warned' or 'over'.
    Both amounts below 0: it is gone."""

    name: str
    gpu_hours: float
    """Below 0: not bounded in these."""
    core_hours: float
    warn: float
    at_end: str
    """'warn', 'hold' or 'stop'."""
    used_gpu_hours: float
    used_core_hours: float
    state: str
    running: int = 0
    """Its attempts that run now."""
    ends_at: float = 0.0
    """When it is used up at the pace of what runs now; 0: never."""

    @property
    def id(self) -> str:
        """What replaces an older row."""
        return self.name


class ScoreRow(Struct, frozen=True, kw_only=True, tag="score"):
    """How forecasts did against what came, by how far ahead they were made. Honest are 0.5, 0.9 and 0.4."""

    name: str
    """'all', or how far ahead: 'under 1 h', '1 h to 8 h', '8 h to 1 d', 'over 1 d'."""
    forecasts: int
    """That were judged: of shots that finished."""
    by_p50: float
    """Part of them, 0..1, that was finished by p50."""
    by_p90: float
    between: float
    """Part that finished from p50 to p90."""
    error: float
    """Median distance of p50 from the finish, as part of the time ahead."""

    @property
    def id(self) -> str:
        """What replaces an older row."""
        return self.name


class GpuSample(Struct, frozen=True, array_like=True):
    utilisation_percent: float
    memory_used_bytes: int
    memory_bytes: int
    temperature_c: float
    power_w: float


class NodeSample(Struct, frozen=True, array_like=True, tag="sample"):
    """Metrics of a node at a time; not stored in rows, but in rings on both sides."""

    node: int
    at: float
    cpu_percent: float
    memory_used_bytes: int
    memory_bytes: int
    disk_read_bps: float
    disk_write_bps: float
    net_in_bps: float
    net_out_bps: float
    load_1: float
    gpus: list[GpuSample] = field(default_factory=list[GpuSample])


class TaskRow(Struct, frozen=True, kw_only=True):
    """A task for a table: the window over a shot's tasks, and ``windfire ls tasks``."""

    step: int
    step_name: str
    task: int
    first: int
    last: int
    state: int
    epoch: int
    node: str
    started_at: float
    seconds: float
    progress: float
    error: str


class AttemptRow(Struct, frozen=True, kw_only=True):
    """A line of the ledger. ``outcome``: 'running', 'done', 'failed', 'yielded', 'killed', 'lost'."""

    step: int
    task: int
    epoch: int
    shot: int
    job: int
    first: int
    last: int
    node: int
    node_name: str
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


class FarmInfo(Struct, frozen=True, kw_only=True):
    """About the dispatcher itself."""

    instance: str
    """New at each start; a changed one means: ask for a new snapshot."""
    version: str
    started_at: float
    now: float
    database: str


Row = ShotRow | JobRow | StepRow | NodeRow | LimitRow | ProjectRow | BudgetRow | ScoreRow


class Snapshot(Struct, frozen=True, kw_only=True, tag="snapshot_rows"):
    """The farm at delta number ``seq``."""

    seq: int
    farm: FarmInfo
    shots: list[ShotRow]
    jobs: list[JobRow]
    steps: list[StepRow]
    nodes: list[NodeRow]
    tasks: list[TaskChange]
    """Only the running and publishing ones (their node, epoch and progress)."""
    samples: list[NodeSample]
    """Newest hour, thinned; may be empty."""
    limits: list[LimitRow] = field(default_factory=list[LimitRow])
    projects: list[ProjectRow] = field(default_factory=list[ProjectRow])
    budgets: list[BudgetRow] = field(default_factory=list[BudgetRow])
    scores: list[ScoreRow] = field(default_factory=list[ScoreRow])


class Delta(Struct, frozen=True, kw_only=True):
    """Published as topic ``delta``: what changed in one turn. ``seq`` counts by one within an instance; a
    gap means: ask for a snapshot. Published at most 25 times a second (turns are merged). An idle
    dispatcher publishes an empty one every second, so that clients know the age of what they show."""

    instance: str
    seq: int
    at: float
    rows: list[Row] = field(default_factory=list[Row])
    tasks: list[TaskChange] = field(default_factory=list[TaskChange])
    removed_shots: list[int] = field(default_factory=list[int])
    samples: list[NodeSample] = field(default_factory=list[NodeSample])


class PreviewNews(Struct, frozen=True, kw_only=True):
    """Published as topic ``preview`` for watched tasks and at the end of each frame (thumbnail)."""

    shot: int
    step: int
    task: int
    epoch: int
    frame: int
    passes_done: int
    passes: int
    image: bytes


class LogNews(Struct, frozen=True, kw_only=True):
    """Published as topic ``log``: lines just received of a task that somebody watches."""

    step: int
    task: int
    epoch: int
    first: int
    lines: list[str]
