"""What a person or pipeline may ask of the farm, and the answers; also the wire between client and
dispatcher.

PURE. A *command* changes the farm, is written to the audit log with its inverse and answered by a
``Receipt``; a *query* changes nothing. Each command names the role it needs (``ROLES``). The texts in a
``Refusal`` are shown to people as they are.
"""

from __future__ import annotations

from msgspec import Struct, field

from app.core.command_set import (
    ROLES,
    AddKey,
    AtEnd,
    BlockNodes,
    Cancel,
    Command,
    DrainNode,
    FrameAfter,
    Kill,
    MakeToken,
    Move,
    OrderByDue,
    Pause,
    Place,
    Remedy,
    ReserveNodes,
    Restore,
    Resume,
    Retry,
    RevokeKey,
    SetBudget,
    SetDue,
    SetLimit,
    SetLogRules,
    SetNode,
    SetPaths,
    SetShare,
    SetSleep,
    SetStart,
    Skip,
    SleepNodes,
    StepRequest,
    Submit,
    Together,
    Undo,
    UpdateNodes,
    UsageKey,
    WakeNodes,
)
from app.core.reports import (
    AuditLog,
    GetAudit,
    GetHistory,
    GetMorning,
    History,
    Morning,
)
from app.core.views import AttemptRow, Snapshot, TaskRow
from node_agent.wire.job import LogRule, PathRoots

__all__ = [
    "ROLES",
    "AddKey",
    "Answer",
    "Ask",
    "AtEnd",
    "Attempts",
    "AuditLog",
    "BlockNodes",
    "Cancel",
    "Command",
    "DrainNode",
    "Explain",
    "Explanation",
    "FarmRules",
    "Finish",
    "Finishes",
    "Forecast",
    "FrameAfter",
    "GetAttempts",
    "GetAudit",
    "GetHistory",
    "GetLog",
    "GetMorning",
    "GetPreemption",
    "GetPreview",
    "GetRules",
    "GetSnapshot",
    "GetSubmission",
    "GetTasks",
    "GetUsage",
    "History",
    "Kill",
    "LogText",
    "MakeToken",
    "Morning",
    "Move",
    "OrderByDue",
    "Pause",
    "Place",
    "PreemptionCost",
    "PreviewImage",
    "Query",
    "Reason",
    "Receipt",
    "Refusal",
    "Remedy",
    "Reply",
    "ReserveNodes",
    "Restore",
    "Resume",
    "Retry",
    "RevokeKey",
    "SetBudget",
    "SetDue",
    "SetLimit",
    "SetLogRules",
    "SetNode",
    "SetPaths",
    "SetShare",
    "SetSleep",
    "SetStart",
    "Skip",
    "SleepNodes",
    "StepRequest",
    "Submission",
    "Submit",
    "Tasks",
    "Together",
    "Undo",
    "UpdateNodes",
    "UsageKey",
    "UsageTable",
    "WakeNodes",
    "WatchTask",
]

# --- queries --------------------------------------------------------------------------------------


class GetSnapshot(Struct, frozen=True, tag="snapshot"):
    """The whole farm as rows; answer ``Snapshot``. Subscribe to deltas first, then ask."""


class GetTasks(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="tasks"):
    """A window of a shot's tasks in frame order; answer ``Tasks``."""

    shot: int
    first: int = 0
    count: int = 1000


class GetAttempts(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="attempts"):
    """The newest attempts of a task, a shot, a node or the farm; answer ``Attempts``."""

    shot: int = 0
    step: int = 0
    task: int = -1
    count: int = 200
    node: int = 0
    """0: of any; else without a shot or step."""


class GetLog(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="log"):
    """Bytes of an attempt's log from ``offset`` (negative: from the end); answer ``LogText``."""

    step: int
    task: int
    epoch: int = 0
    """0: the newest attempt."""
    offset: int = 0
    size: int = 65536


class GetPreview(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="preview"):
    """The newest preview of a task, or of a shot (task -1); answer ``PreviewImage``."""

    shot: int = 0
    step: int = 0
    task: int = -1


class WatchTask(Struct, frozen=True, kw_only=True, tag="watch"):
    """Stream previews of this task on topic ``preview`` for ``seconds`` (repeat to go on); answer Receipt."""

    step: int
    task: int
    seconds: float = 10.0


class Forecast(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="forecast"):
    """Finish times of all shots as they are, or as they would be after ``move``; answer ``Finishes``."""

    move: Move | None = None


class Explain(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="explain"):
    """Why a shot, or one task, is not running; answer ``Explanation``."""

    shot: int = 0
    step: int = 0
    task: int = -1


class GetPreemption(Struct, frozen=True, kw_only=True, tag="preemption"):
    """What a preempting move would take, before it is made; answer ``PreemptionCost``."""

    move: Move


class GetUsage(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="usage"):
    """Sums of the ledger from ``since`` to ``until`` (Unix seconds, whole hours; 0: open), a line for each
    distinct combination of ``by`` (times are UTC, ``pool`` is the node's of now); answer ``UsageTable``."""

    since: float = 0.0
    until: float = 0.0
    by: list[UsageKey] = field(default_factory=lambda: ["project"])


class GetRules(Struct, frozen=True, tag="rules"):
    """The farm's paths, log rules and idle sleep; answer ``FarmRules``."""


class GetSubmission(Struct, frozen=True, kw_only=True, tag="submission"):
    """A job as it was submitted; answer ``Submission``."""

    job: int


Query = (
    GetSnapshot
    | GetTasks
    | GetAttempts
    | GetLog
    | GetPreview
    | WatchTask
    | Forecast
    | Explain
    | GetPreemption
    | GetUsage
    | GetAudit
    | GetHistory
    | GetMorning
    | GetRules
    | GetSubmission
)


class Ask(Struct, frozen=True, kw_only=True):
    """What a client sends: a number of its own choosing and one command or query."""

    id: int
    body: Command | Query
    protocol: int = 1


# --- answers --------------------------------------------------------------------------------------


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="receipt"):
    """The command is committed. ``seq`` is the delta that shows its effect."""

    command: int = 0
    text: str = ""
    ids: list[int] = field(default_factory=list[int])
    """What was made: for Submit [shot, job]."""
    seq: int = 0


class Refusal(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refusal"):
    """Nothing was changed. ``blame``: 'user', 'environment', 'peer' or 'bug' (see app.errors)."""

    sentence: str
    blame: str = "user"


class Tasks(Struct, frozen=True, kw_only=True, tag="tasks"):
    rows: list[TaskRow]
    total: int


class Attempts(Struct, frozen=True, kw_only=True, tag="attempts"):
    rows: list[AttemptRow]


class LogText(Struct, frozen=True, kw_only=True, tag="log"):
    text: bytes
    offset: int
    size: int
    """Of the whole log now."""
    path: str
    epoch: int


class PreviewImage(Struct, frozen=True, kw_only=True, tag="preview"):
    image: bytes
    frame: int
    passes_done: int
    passes: int
    step: int
    task: int
    epoch: int


class Finish(Struct, frozen=True, array_like=True):
    """Forecast of one shot, Unix seconds; 0 where nothing can be said (paused, no node fits)."""

    shot: int
    p50: float
    p90: float
    change_s: float = 0.0
    """Seconds by which the asked move puts off p50; negative: sooner."""


class Finishes(Struct, frozen=True, kw_only=True, tag="finishes"):
    rows: list[Finish]


class Reason(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason why something waits; the most decisive comes first."""

    kind: str
    """'paused', 'after', 'start', 'limit', 'share', 'no_node', 'memory', 'busy', 'marks', 'reserved',
    'drained', 'budget', 'failed', 'asleep', 'room' (several devices, cores or nodes at once), 'held' (devices held back
    for such a task) or 'split' (its pieces are rendered)."""
    sentence: str
    tasks: int = 0
    """How many of the shot's tasks wait for it."""
    remedies: list[Remedy] = field(default_factory=list[Remedy])


class Explanation(Struct, frozen=True, kw_only=True, tag="explanation"):
    """``title`` names what was asked about; no reason: it runs or is over, and the title says so."""

    title: str
    reasons: list[Reason]


class PreemptionCost(Struct, frozen=True, kw_only=True, tag="preemption_cost"):
    """``yields``: running kernels that go on later without losing a sample; ``kills``: commands, and the
    seconds of work that they would lose; ``sentence`` says both."""

    yields: int
    kills: int
    lost_s: float
    sentence: str


class UsageTable(Struct, frozen=True, kw_only=True, tag="usage_table"):
    """``columns`` names the cells: the keys asked for, then attempts, gpu_hours, core_hours, energy_kwh,
    lost_hours (of attempts that came to nothing)."""

    columns: list[str]
    rows: list[list[str | float]]


class FarmRules(Struct, frozen=True, kw_only=True, tag="farm_rules"):
    paths: list[PathRoots]
    log_rules: list[LogRule]
    sleep: dict[str, float] = field(default_factory=dict[str, float])
    """After how many idle minutes nodes are put to sleep, by pool; '': the farm's."""


class Submission(Struct, frozen=True, kw_only=True, tag="submission"):
    request: Submit


Answer = (
    Receipt
    | Refusal
    | Snapshot
    | Tasks
    | Attempts
    | LogText
    | PreviewImage
    | Finishes
    | Explanation
    | PreemptionCost
    | UsageTable
    | AuditLog
    | History
    | Morning
    | FarmRules
    | Submission
)


class Reply(Struct, frozen=True, kw_only=True):
    """What the dispatcher answers to the Ask of the same id."""

    id: int
    body: Answer
