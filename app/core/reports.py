"""Reports of what was: the audit log, the farm's history, and the morning after a night.

PURE: queries and answers alone, part of the wire of ``app.core.commands``. Times are Unix seconds.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from app.core.command_set import Remedy

Span = Literal["hour", "day", "quarter"]
"""The last hour, 24 hours or 90 days."""


class GetAudit(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="audit"):
    """Commands that were given, newest first; answer ``AuditLog``."""

    since: float = 0.0
    until: float = 0.0
    """Up to, not with; 0: now."""
    user: str = ""
    """'': everybody."""
    before: int = 0
    """Only numbers below; 0: all. The last number of an answer asks for the next."""
    count: int = 200


class AuditLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command that was given."""

    number: int
    at: float
    user: str
    kind: str
    """'move', 'pause', 'undo' and so on: the command's tag on the wire."""
    words: str
    """What it did, for people: "Moved sh0040 to the top."."""
    can_undo: bool
    why_not: str = ""
    """Why it cannot be undone."""
    undoes: int = 0
    undone_by: int = 0
    """Number of the undo that took it back and is in force; 0: none."""


class AuditLog(Struct, frozen=True, kw_only=True, tag="audit_log"):
    rows: list[AuditLine]


class GetHistory(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="history"):
    """The farm over time; answer ``History``."""

    span: Span = "day"


class HistoryPoint(Struct, frozen=True, array_like=True):
    """The farm from ``at`` for one step of its history: means over the part of it that was seen."""

    at: float
    seen: float
    """Part of the step, 0..1, in which a dispatcher watched; a step without is left out."""
    gpus: float
    """Connected, not drained."""
    gpus_busy: float
    cores: float
    cores_busy: float
    done: int
    """Tasks that ended so within the step; per minute: ``tasks_per_minute``."""
    failed: int
    lost: int
    """With their node."""
    ready: float
    """Tasks that wait for a device: the depth of the queue."""
    waiting: float
    """Tasks that wait for other tasks or a start time."""
    nodes: float
    power_w: float
    """Of the GPUs that measure it; 0: none does."""
    tasks_per_minute: float


class History(Struct, frozen=True, kw_only=True, tag="history"):
    """``points`` in order of time, each ``step_s`` long; the last one is still going on."""

    span: Span
    step_s: float
    points: list[HistoryPoint]


class GetMorning(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="morning"):
    """What happened since a moment, and what stands now; answer ``Morning``."""

    since: float = 0.0
    """0: yesterday 18:00 on the dispatcher's clock."""


class MorningShot(Struct, frozen=True, kw_only=True):
    """A shot that came to its end."""

    shot: int
    name: str
    """PROJECT/SEQUENCE/SHOT."""
    finished_at: float
    frames: int
    failed: int
    due: float


class MorningFailure(Struct, frozen=True, kw_only=True):
    """Failures of one cause, most frequent first."""

    cause: str
    sentence: str
    """With numbers and paths made alike."""
    count: int
    """Attempts."""
    left: int
    """Tasks that are failed now because of it."""
    tasks: list[tuple[int, int]]
    """(step, index) of those, 1,000 at most."""
    shots: list[int]
    nodes: list[str]
    """Where, most frequent first."""
    remedies: list[Remedy]


class MorningStuck(Struct, frozen=True, kw_only=True):
    """A running attempt that takes much longer than its like."""

    step: int
    task: int
    epoch: int
    shot: int
    frame: int
    node: int
    node_name: str
    since: float
    expected_s: float
    """What a frame of its step takes on such a device."""
    sentence: str
    remedies: list[Remedy]


class MorningIdle(Struct, frozen=True, kw_only=True):
    """A node that does nothing while something is left to do, or is gone."""

    node: int
    name: str
    devices: int
    since: float
    """When it was last busy or heard; 0: not known."""
    kind: str
    """'offline', 'lost', 'drained', 'reserved', 'unfit', 'held' or 'nothing'."""
    sentence: str
    remedies: list[Remedy]


class MorningSlip(Struct, frozen=True, kw_only=True):
    """A shot whose finish moved: the largest delays first, broken promises before all."""

    shot: int
    name: str
    due: float
    was_p50: float
    """As forecast at ``since``; 0: it was not."""
    p50: float
    p90: float
    slip_s: float
    """``p50 - was_p50``; 0 where nothing was forecast."""
    sentence: str
    remedies: list[Remedy]


class Morning(Struct, frozen=True, kw_only=True, tag="morning"):
    """``at``: when it was put together."""

    since: float
    at: float
    sentence: str
    """The night in a line."""
    frames_done: int
    attempts_failed: int
    utilisation: float
    """Of all devices that could work, 0..1; below 0: nobody watched."""
    finished: list[MorningShot] = field(default_factory=list[MorningShot])
    failures: list[MorningFailure] = field(default_factory=list[MorningFailure])
    stuck: list[MorningStuck] = field(default_factory=list[MorningStuck])
    idle: list[MorningIdle] = field(default_factory=list[MorningIdle])
    slips: list[MorningSlip] = field(default_factory=list[MorningSlip])
