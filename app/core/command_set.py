"""The commands: what a person or pipeline may change of the farm, and the least role of each.

PURE. Import them from ``app.core.commands``, which has the queries and answers too.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from app.core.ids import Role
from node_agent.wire.job import LogRule, Needs, PathRoots, Work

Place = Literal["before", "top", "bottom"]
AtEnd = Literal["warn", "hold", "stop"]
UsageKey = Literal[
    "project", "sequence", "shot", "user", "node", "pool", "outcome", "hour", "day", "month"
]


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


class SetBudget(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="budget"):
    """What a project may use of the farm in all. An amount below 0 is no bound; both below 0: no budget."""

    project: str
    gpu_hours: float = -1.0
    core_hours: float = -1.0
    """Hours of CPU time."""
    warn: float = 0.8
    """Part of the budget, 0..1, from which on people are warned."""
    at_end: AtEnd = "warn"
    """'hold': what runs ends, nothing more is assigned; 'stop': what runs is ended too, kernels with all their
    samples."""


class SetPaths(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="paths"):
    """The farm's shared folders as each system names them; replaces all that there were."""

    paths: list[PathRoots] = field(default_factory=list[PathRoots])


class SetLogRules(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="log_rules"):
    """Log rules for every program of the farm, after a step's own; replaces all that there were."""

    rules: list[LogRule] = field(default_factory=list[LogRule])


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


class UpdateNodes(Struct, frozen=True, kw_only=True, tag="update"):
    """Have these nodes finish what they run, install the dispatcher's version and start anew."""

    nodes: list[int]


class WakeNodes(Struct, frozen=True, kw_only=True, tag="wake"):
    """Wake these nodes' machines, asleep or switched off, by the hardware addresses that their agents named."""

    nodes: list[int]


class SleepNodes(Struct, frozen=True, kw_only=True, tag="sleep"):
    """Put these nodes' machines to sleep until a person wakes them; refused while one of them runs something."""

    nodes: list[int]


class SetSleep(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="idle_sleep"):
    """Put nodes to sleep that had nothing to do for so many minutes (0: never); they are woken when work waits
    that fits them. Below 0 takes a pool's own rule away."""

    minutes: float
    pool: str = ""
    """Of the nodes of this pool; '': of all whose pools have no rule of their own."""


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
    | SetBudget
    | SetPaths
    | SetLogRules
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
    | UpdateNodes
    | WakeNodes
    | SleepNodes
    | SetSleep
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
    SetBudget: Role.ADMIN,
    SetPaths: Role.ADMIN,
    SetLogRules: Role.ADMIN,
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
    UpdateNodes: Role.ADMIN,
    WakeNodes: Role.SUPERVISOR,
    SleepNodes: Role.SUPERVISOR,
    SetSleep: Role.ADMIN,
    MakeToken: Role.ADMIN,
    AddKey: Role.ADMIN,
    RevokeKey: Role.ADMIN,
    Undo: Role.SUPERVISOR,
}
"""The least role of each command; queries need VIEWER."""


class Remedy(Struct, frozen=True, kw_only=True):
    """What would change a reason: words for a button and, where one command does it, the command."""

    text: str
    command: Command | None = None
