"""The audit log as people read it: what each command did, in words, and whether it can be taken back.

PURE; reads, decides nothing. The store has every command, the state the newest thousand: those can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from app.core import commands as a
from app.core.ids import Role
from app.core.reports import AuditLine
from app.core.stamps import unpack_command
from app.core.state import FarmState
from app.core.undo import obstacle

NAMED_MAX = 3
"""Things that a line names; more are counted."""


class Recorded(NamedTuple):
    """A row of the store's table of commands."""

    number: int
    at: float
    user: str
    kind: str
    command: bytes
    has_inverse: bool
    undoes: int


def audit_lines(
    state: FarmState, rows: Iterable[Recorded], undone: dict[int, int]
) -> list[AuditLine]:
    """Return the lines of these rows; ``undone`` has the newest undo of each command that has one."""
    known = {line.number: line for line in state.audit}
    lines: list[AuditLine] = []
    for row in rows:
        line = known.get(row.number)
        undone_by = _in_force(row.number, undone)
        if undone_by:
            why_not = f"Command {undone_by} took it back."
        elif not row.has_inverse:
            why_not = "It changed nothing that can be undone."
        else:
            why_not = obstacle(state, line) if line else "It is too old."
        lines.append(
            AuditLine(
                number=row.number,
                at=row.at,
                user=row.user,
                kind=row.kind,
                words=words(state, unpack_command(row.command)),
                can_undo=not why_not,
                why_not=why_not,
                undoes=row.undoes,
                undone_by=undone_by,
            )
        )
    return lines


def _in_force(number: int, undone: dict[int, int]) -> int:
    """Return the undo of this command that was not itself taken back; 0: it stands."""
    chain = 0
    undo = first = undone.get(number, 0)
    while undo:
        chain += 1
        undo = undone.get(undo, 0)
    return first if chain % 2 else 0


def words(state: FarmState, command: a.Command) -> str:
    """Say in a sentence what a command does."""
    return _Words(state).say(command)


class _Words:
    """Knows the names of what commands name by number; what is gone keeps its number."""

    def __init__(self, state: FarmState) -> None:
        self._state = state

    def say(self, command: a.Command) -> str:
        say = _WORDS.get(type(command))
        return say(self, command) if say else f"Gave the command {type(command).__name__}."

    def shots(self, numbers: Sequence[int]) -> str:
        shots = self._state.shots
        return _named([shots[n].name if n in shots else f"shot {n}" for n in numbers], "shots")

    def jobs(self, numbers: Sequence[int]) -> str:
        jobs, shots = self._state.jobs, self._state.shots
        names = [
            f"{shots[jobs[n].shot].name} {jobs[n].name}" if n in jobs else f"job {n}"
            for n in numbers
        ]
        return _named(names, "jobs")

    def nodes(self, numbers: Sequence[int]) -> str:
        nodes = self._state.nodes
        return _named([nodes[n].name if n in nodes else f"node {n}" for n in numbers], "nodes")

    def tasks(self, tasks: Sequence[tuple[int, int]]) -> str:
        steps, shots = self._state.steps, self._state.shots
        names: list[str] = []
        for number, task in tasks:
            step = steps.get(number)
            is_known = step is not None and 0 <= task < step.total
            names.append(
                f"{shots[step.shot].name} frame {step.task_frames(task).first}"
                if step is not None and is_known
                else f"task {number}/{task}"
            )
        return _named(names, "frames")

    def of(self, shots: Sequence[int], jobs: Sequence[int]) -> str:
        return self.shots(shots) if shots else self.jobs(jobs)

    def key(self, public_key: str) -> str:
        known = self._state.keys.get(public_key)
        return f"the key of {known.name}" if known else f"key {public_key[:8]}"


def _named(names: list[str], noun: str) -> str:
    if len(names) > NAMED_MAX:
        return f"{', '.join(names[: NAMED_MAX - 1])} and {len(names) - NAMED_MAX + 1} more {noun}"
    if len(names) < 2:
        return names[0] if names else f"no {noun}"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _move(w: _Words, c: a.Move) -> str:
    where = f"before {w.shots([c.before])}" if c.place == "before" else f"to the {c.place}"
    room = " and made room for it" if c.preempt else ""
    return f"Moved {w.shots(c.shots)} {where}{room}."


def _budget(_w: _Words, c: a.SetBudget) -> str:
    amounts = [
        f"{hours:g} {what}"
        for hours, what in ((c.gpu_hours, "GPU-hours"), (c.core_hours, "core-hours"))
        if hours >= 0
    ]
    if not amounts:
        return f"Took the budget of {c.project} away."
    return f"Gave {c.project} a budget of {' and '.join(amounts)}, then {c.at_end}."


def _reserve(w: _Words, c: a.ReserveNodes) -> str:
    if not c.until:
        return f"Freed {w.nodes(c.nodes)}."
    return f"Reserved {w.nodes(c.nodes)} for {c.project or 'an artist'}."


def _set_node(w: _Words, c: a.SetNode) -> str:
    pools = ", ".join(c.pools) or "none"
    tags = ", ".join(c.tags) or "none"
    return f"Set pools ({pools}) and tags ({tags}) of {w.nodes(c.nodes)}."


def _limit(_w: _Words, c: a.SetLimit) -> str:
    if c.count < 0:
        return f"Took the limit {c.name} away."
    return f"Set the limit {c.name} to {c.count}."


def _sleep(_w: _Words, c: a.SetSleep) -> str:
    whose = f"the pool {c.pool}" if c.pool else "the farm"
    if c.minutes < 0:
        return f"Took the idle sleep of {whose} away."
    return f"Set the idle sleep of {whose} to {f'{c.minutes:g} minutes' if c.minutes else 'never'}."


def _retry(w: _Words, c: a.Retry) -> str:
    what = w.of(c.shots, c.jobs) if c.shots or c.jobs else w.tasks(c.tasks)
    return f"Retried {what}."


def _add_key(_w: _Words, c: a.AddKey) -> str:
    return f"Let {c.name} in as {Role(c.role).name.lower()}."


_WORDS: dict[type[Any], Callable[[_Words, Any], str]] = {
    a.Submit: lambda _w, c: f"Submitted {c.name} of {c.project}/{c.sequence}/{c.shot}.",
    a.Move: _move,
    a.OrderByDue: lambda w, c: f"Ordered {w.shots(c.shots)} by due date.",
    a.SetDue: lambda w, c: (
        f"Promised {w.shots(c.shots)}."
        if c.due
        else f"Took the promise of {w.shots(c.shots)} back."
    ),
    a.SetStart: lambda w, c: (
        f"Put off the start of {w.jobs(c.jobs)}." if c.at else f"Let {w.jobs(c.jobs)} start."
    ),
    a.SetLimit: _limit,
    a.SetShare: lambda _w, c: f"Set the share of {c.project} to {c.guarantee:.0%} to {c.cap:.0%}.",
    a.SetBudget: _budget,
    a.SetPaths: lambda _w, c: f"Named {len(c.paths)} shared folders for the farm's systems.",
    a.SetLogRules: lambda _w, c: f"Gave the farm {len(c.rules)} log rules.",
    a.ReserveNodes: _reserve,
    a.SetNode: _set_node,
    a.BlockNodes: lambda w, c: (
        f"{'Blocked' if c.on else 'Unblocked'} {w.nodes(c.nodes)} for {w.jobs(c.jobs)}."
    ),
    a.Skip: lambda w, c: f"Went on without {w.tasks(c.tasks)}.",
    a.Kill: lambda w, c: f"{'Made room of' if c.yields else 'Ended'} {w.tasks(c.tasks)}.",
    a.Together: lambda w, c: " ".join(map(w.say, c.commands)),
    a.Restore: lambda w, c: f"Put {w.shots([shot for shot, _ in c.ranks])} back.",
    a.Pause: lambda w, c: f"Paused {w.shots(c.shots)}.",
    a.Resume: lambda w, c: f"Resumed {w.shots(c.shots)}.",
    a.Cancel: lambda w, c: f"Cancelled {w.of(c.shots, c.jobs)}.",
    a.Retry: _retry,
    a.DrainNode: lambda w, c: f"{'Drained' if c.on else 'Undrained'} {w.nodes(c.nodes)}.",
    a.UpdateNodes: lambda w, c: f"Had {w.nodes(c.nodes)} install the dispatcher's version.",
    a.WakeNodes: lambda w, c: f"Woke {w.nodes(c.nodes)}.",
    a.SleepNodes: lambda w, c: f"Put {w.nodes(c.nodes)} to sleep.",
    a.SetSleep: _sleep,
    a.MakeToken: lambda _w, _c: "Made a token for a new node.",
    a.AddKey: _add_key,
    a.RevokeKey: lambda w, c: f"Shut {w.key(c.public_key)} out.",
    a.Undo: lambda _w, c: f"Took command {c.command} back.",
}
