"""What a person or pipeline may ask of the farm, and the answers; also the wire between client and
dispatcher.

PURE. A *command* changes the farm, is written to the audit log with its inverse and answered by a
``Receipt``; a *query* changes nothing. Each command names the role it needs (``ROLES``). The texts in a
``Refusal`` are shown to people as they are.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from app.core.ids import Role
from app.core.views import AttemptRow, Snapshot, TaskRow
from node_agent.wire.job import Needs, Work

Place = Literal["before", "top", "bottom"]
UsageKey = Literal[
    "project", "sequence", "shot", "user", "node", "pool", "outcome", "hour", "day", "month"
]

# --- commands -------------------------------------------------------------------------------------


class FrameAfter(Struct, frozen=True, array_like=True):
    """A dependency frame by frame: frame ``f`` needs frames ``f + first`` to ``f + last`` of that earlier
    step of the job (those that it has) to be done."""

    step: str
    first: int = 0
    last: int = 0


class StepRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of work over a frame range."""

    name: str = "render"
    work: Work
    frames: str = "1"
    """fileseq grammar: ``1001-1100x2``, ``1,5,10-12``."""
    chunk: int = 1
    """Frames a task."""
    needs: Needs = field(default_factory=Needs)
    after: list[str] = field(default_factory=list[str])
    """Names of earlier steps of the job that must be done, whole, before this one starts."""
    frame_after: list[FrameAfter] = field(default_factory=list[FrameAfter])
    """Earlier steps that each frame needs only its own frames of."""


class Submit(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="submit"):
    """One job for one shot; the shot is made where it does not exist, at the bottom or before another."""

    project: str
    sequence: str
    shot: str
    name: str
    user: str = ""
    steps: list[StepRequest]
    before: int = 0
    """Shot id; 0: an existing shot keeps its place, a new one goes to the bottom."""
    scouts: bool = True
    attempts: int = 3
    start_after: float = 0.0
    """Unix seconds; nothing of the job is assigned before. 0: at once."""
    due: float = 0.0
    """Unix seconds; the shot's promise. 0: leaves what the shot has."""


class Move(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="move"):
    """Put these shots, in their present order, before that one, at the top or at the bottom."""

    shots: list[int]
    place: Place = "before"
    before: int = 0
    preempt: bool = False
    """Also take devices from later shots now: kernels yield with all their samples."""
    kill: bool = False
    """With ``preempt``: commands are killed too (what they lose is in ``PreemptionCost``); else they finish."""


class OrderByDue(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="order_by_due"):
    """Sort these shots (none: all unfinished) by due date, earliest first, on the places that they hold;
    shots without one keep theirs."""

    shots: list[int] = field(default_factory=list[int])


class SetDue(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="due"):
    """Promise these shots for a moment (Unix seconds; 0 takes the promise back)."""

    shots: list[int]
    due: float
    pinned: bool = False
    """Warn when the forecast slips past it."""


class SetStart(Struct, frozen=True, kw_only=True, tag="start_after"):
    """Assign nothing of these jobs before a moment (Unix seconds; 0: at once)."""

    jobs: list[int]
    at: float


class SetLimit(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="limit"):
    """Set a counted limit (a licence); ``count`` below 0 removes it. A limit nobody set is unlimited."""

    name: str
    count: int
    owned: dict[str, int] = field(default_factory=dict[str, int])
    """Of these, how many belong to each project. What an owner does not use is lent to others, and comes
    back as their tasks end."""


class SetShare(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="share"):
    """A project's part of the farm's devices, 0..1: ``guarantee`` comes before the order of shots while the
    project has ready work and less than it; ``cap`` is never exceeded. (0, 1) removes the share."""

    project: str
    guarantee: float = 0.0
    cap: float = 1.0


class ReserveNodes(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="reserve"):
    """Until a moment (Unix seconds; 0: free again) these nodes take only that project's work; with no
    project they take none (an artist sits there)."""

    nodes: list[int]
    until: float
    project: str = ""


class SetNode(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set_node"):
    """Pools and tags of nodes, beside the tags that their agents say."""

    nodes: list[int]
    pools: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])


class BlockNodes(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="block"):
    """Let these jobs run on these nodes no more (or again, with ``on`` false)."""

    jobs: list[int]
    nodes: list[int]
    on: bool = True


class Skip(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="skip"):
    """Go on without these failed tasks, (step, index): they count as cancelled, and whatever depends on
    them may begin."""

    tasks: list[tuple[int, int]]


class Kill(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="kill"):
    """End these running attempts, (step, index); the tasks become ready again. With ``yields`` a kernel keeps
    its samples."""

    tasks: list[tuple[int, int]]
    why: str = ""
    yields: bool = False


class Together(Struct, frozen=True, kw_only=True, tag="together"):
    """Several commands as one: one line of the audit log, one undo. They are carried out in order; if the
    first is refused nothing changes, a later one that is refused is left out."""

    commands: list[Command]


class Restore(Struct, frozen=True, kw_only=True, tag="restore"):
    """Inverse of a Move: give each shot its old rank back. Made by undo, never by hand."""

    ranks: list[tuple[int, float]]


class Pause(Struct, frozen=True, kw_only=True, tag="pause"):
    """Assign nothing more of these shots; what runs goes on."""

    shots: list[int]


class Resume(Struct, frozen=True, kw_only=True, tag="resume"):
    shots: list[int]


class Cancel(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="cancel"):
    """End the unfinished tasks of these shots or jobs; running attempts are killed."""

    shots: list[int] = field(default_factory=list[int])
    jobs: list[int] = field(default_factory=list[int])


class Retry(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="retry"):
    """Make failed and cancelled tasks ready again: of shots, of jobs, or single (step, index) tasks."""

    shots: list[int] = field(default_factory=list[int])
    jobs: list[int] = field(default_factory=list[int])
    tasks: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


class DrainNode(Struct, frozen=True, kw_only=True, tag="drain"):
    """Assign nothing more to these nodes (or again, with ``on`` false)."""

    nodes: list[int]
    on: bool


class MakeToken(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="token"):
    """A join token that works once; ``Receipt.text`` carries it."""

    valid_s: float = 3600.0


class AddKey(Struct, frozen=True, kw_only=True, tag="add_key"):
    """Let a person's key in with a role."""

    public_key: str
    role: int
    name: str


class RevokeKey(Struct, frozen=True, kw_only=True, tag="revoke_key"):
    public_key: str


class Undo(Struct, frozen=True, kw_only=True, tag="undo"):
    """Apply the inverse of that command; refused, with the reason, when its shots have changed since.
    The undo is itself a command and can be undone (redo)."""

    command: int


Command = (
    Submit
    | Move
    | OrderByDue
    | SetDue
    | SetStart
    | SetLimit
    | SetShare
    | ReserveNodes
    | SetNode
    | BlockNodes
    | Skip
    | Kill
    | Together
    | Restore
    | Pause
    | Resume
    | Cancel
    | Retry
    | DrainNode
    | MakeToken
    | AddKey
    | RevokeKey
    | Undo
)

ROLES: dict[type, Role] = {
    Submit: Role.ARTIST,
    Move: Role.SUPERVISOR,
    OrderByDue: Role.SUPERVISOR,
    SetDue: Role.SUPERVISOR,
    SetStart: Role.ARTIST,
    SetLimit: Role.ADMIN,
    SetShare: Role.ADMIN,
    ReserveNodes: Role.SUPERVISOR,
    SetNode: Role.ADMIN,
    BlockNodes: Role.SUPERVISOR,
    Skip: Role.SUPERVISOR,
    Kill: Role.SUPERVISOR,
    Restore: Role.SUPERVISOR,
    Pause: Role.SUPERVISOR,
    Resume: Role.SUPERVISOR,
    Cancel: Role.SUPERVISOR,
    Retry: Role.ARTIST,
    DrainNode: Role.SUPERVISOR,
    MakeToken: Role.ADMIN,
    AddKey: Role.ADMIN,
    RevokeKey: Role.ADMIN,
    Undo: Role.SUPERVISOR,
}
"""The least role of each command; queries need VIEWER."""

# --- queries --------------------------------------------------------------------------------------


class GetSnapshot(Struct, frozen=True, tag="snapshot"):
    """The whole farm as rows; answer ``Snapshot``. Subscribe to deltas first, then ask."""


class GetTasks(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="tasks"):
    """A window of a shot's tasks in frame order; answer ``Tasks``."""

    shot: int
    first: int = 0
    count: int = 1000


class GetAttempts(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="attempts"):
    """The newest attempts of a task, a shot or the farm; answer ``Attempts``."""

    shot: int = 0
    step: int = 0
    task: int = -1
    count: int = 200


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


class Finishes(Struct, frozen=True, kw_only=True, tag="finishes"):
    rows: list[Finish]


class Remedy(Struct, frozen=True, kw_only=True):
    """What would change a reason: words for a button and, where one command does it, the command."""

    text: str
    command: Command | None = None


class Reason(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason why something waits; the most decisive comes first."""

    kind: str
    """'paused', 'after', 'start', 'limit', 'share', 'no_node', 'memory', 'busy', 'marks', 'reserved',
    'drained' or 'failed'."""
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
)


class Reply(Struct, frozen=True, kw_only=True):
    """What the dispatcher answers to the Ask of the same id."""

    id: int
    body: Answer
