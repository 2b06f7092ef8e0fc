"""The morning after: what came to an end, what failed and why, what hangs, who stands idle, what slipped.

PURE; reads, decides nothing. What the state does not keep (failures that are over, what was forecast, the
farm's sums) the shell brings as ``Night``. Each line has the commands that would answer it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from app.core import commands as a
from app.core import reports as r
from app.core.estimates import robust_mean
from app.core.failures import alike
from app.core.ids import TaskState
from app.core.live import Attempt, Session
from app.core.placing_rules import fits, offered
from app.core.records import Node, Shot
from app.core.rows import NO_FINISH, node_word
from app.core.scheduling import misfit, own_tags
from app.core.tasks import READY, Step
from app.core.turn import Turn

FAILED = TaskState.FAILED
TASKS_MAX = 1000
LINES_MAX = 200
SLIPS_MAX = 50
STUCK_TIMES, STUCK_S = 3.0, 60.0
"""Stuck is what takes three times as long as its like, and a minute more."""
SLIP_S = 300.0
"""Less is no slip."""


class Failure(NamedTuple):
    """An attempt that failed, or was lost with its node."""

    step: int
    task: int
    node: int
    cause: str
    sentence: str
    ended_at: float


class Night(NamedTuple):
    """What the shell knows of the time from ``since`` on."""

    since: float
    failures: list[Failure]
    was: dict[int, float]
    """p50 of each shot as forecast at the beginning."""
    done: int
    attempts_failed: int
    utilisation: float
    last_worked: dict[int, float]
    """By node."""


def morning(turn: Turn, night: Night) -> r.Morning:
    """Put the report together."""
    finished = _finished(turn, night.since)
    failures = _failures(turn, night)
    stuck = _stuck(turn)
    idle = _idle(turn, night)
    slips = _slips(turn, night)
    late = sum(1 for slip in slips if slip.due and slip.p50 > slip.due)
    parts = [
        _count(len(finished), "shot") + " finished",
        _count(night.done, "frame") + " done",
        _count(night.attempts_failed, "attempt") + " failed" if night.attempts_failed else "",
        _count(late, "promise") + " in danger" if late else "",
        _count(len(stuck), "frame") + " stuck" if stuck else "",
        f"devices busy {night.utilisation:.0%}" if night.utilisation >= 0 else "",
    ]
    return r.Morning(
        since=night.since,
        at=turn.now.wall,
        sentence=", ".join(part for part in parts if part) + ".",
        frames_done=night.done,
        attempts_failed=night.attempts_failed,
        utilisation=night.utilisation,
        finished=finished,
        failures=failures,
        stuck=stuck,
        idle=idle,
        slips=slips,
    )


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _name(shot: Shot) -> str:
    return f"{shot.project}/{shot.sequence}/{shot.name}"


# --- what came to an end --------------------------------------------------------------------------


def _finished(turn: Turn, since: float) -> list[r.MorningShot]:
    over = [shot for shot in turn.state.shots.values() if shot.finished_at >= since]
    over = [shot for shot in over if turn.state.counts[shot.id][TaskState.DONE]]
    return [
        r.MorningShot(
            shot=shot.id,
            name=_name(shot),
            finished_at=shot.finished_at,
            frames=turn.state.counts[shot.id][TaskState.DONE],
            failed=turn.state.counts[shot.id][FAILED],
            due=shot.due,
        )
        for shot in sorted(over, key=lambda shot: shot.finished_at)
    ]


# --- what failed ----------------------------------------------------------------------------------


class _Group:
    """Failures that are alike."""

    def __init__(self) -> None:
        self.count = 0
        self.tasks: dict[tuple[int, int], None] = {}
        self.shots: dict[int, None] = {}
        self.nodes: Counter[int] = Counter()


def _failures(turn: Turn, night: Night) -> list[r.MorningFailure]:
    names = [node.name for node in turn.state.nodes.values()]
    groups: dict[tuple[str, str], _Group] = {}
    said: dict[str, str] = {}
    for failure in night.failures:
        if failure.sentence not in said:
            said[failure.sentence] = alike(failure.sentence, names)
        key = (failure.cause, said[failure.sentence])
        group = groups.setdefault(key, _Group())
        group.count += 1
        group.nodes[failure.node] += 1
        step = turn.state.steps.get(failure.step)
        if step is None:
            continue
        group.shots[step.shot] = None
        if 0 <= failure.task < step.total and step.states[failure.task] == FAILED:
            group.tasks[failure.step, failure.task] = None
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1].tasks), -item[1].count))
    return [_failure(turn, *key, group) for key, group in ordered[:LINES_MAX]]


def _failure(turn: Turn, cause: str, sentence: str, group: _Group) -> r.MorningFailure:
    tasks = list(group.tasks)[:TASKS_MAX]
    nodes = [node for node, _ in group.nodes.most_common()]
    remedies: list[a.Remedy] = []
    if tasks:
        many = _count(len(tasks), "frame")
        remedies = [
            a.Remedy(text=f"Retry {many}", command=a.Retry(tasks=tasks)),
            a.Remedy(text=f"Go on without {many}", command=a.Skip(tasks=tasks)),
        ]
    known = turn.state.nodes
    if len(nodes) == 1 and group.count > 1 and nodes[0] in known and not known[nodes[0]].drained:
        drain = a.DrainNode(nodes=nodes, on=True)
        remedies.append(a.Remedy(text=f"Drain {known[nodes[0]].name}", command=drain))
    return r.MorningFailure(
        cause=cause,
        sentence=sentence,
        count=group.count,
        left=len(group.tasks),
        tasks=tasks,
        shots=list(group.shots),
        nodes=[known[node].name for node in nodes if node in known],
        remedies=remedies,
    )


# --- what hangs -----------------------------------------------------------------------------------


def _stuck(turn: Turn) -> list[r.MorningStuck]:
    found: list[r.MorningStuck] = []
    for attempt in turn.live.attempts.values():
        step = turn.state.steps[attempt.ref.step]
        walls = step.walls.get(attempt.kind)
        expected = robust_mean(walls) if walls else 0.0
        elapsed = turn.now.wall - attempt.started_at
        if expected and elapsed > STUCK_TIMES * expected + STUCK_S and not _is_ending(attempt):
            found.append(_stuck_line(turn, attempt, step, elapsed, expected))
    return sorted(found, key=lambda line: line.since)[:LINES_MAX]


def _is_ending(attempt: Attempt) -> bool:
    return attempt.progress > 0.9


def _stuck_line(
    turn: Turn, attempt: Attempt, step: Step, elapsed: float, expected: float
) -> r.MorningStuck:
    ref, node = attempt.ref, turn.state.nodes[attempt.node]
    frame, shot = step.task_frames(ref.task).first, turn.state.shots[step.shot]
    kill = a.Kill(tasks=[(ref.step, ref.task)], why="stuck")
    away = a.Together(
        commands=[a.BlockNodes(jobs=[step.job], nodes=[node.id]), kill],
    )
    return r.MorningStuck(
        step=ref.step,
        task=ref.task,
        epoch=ref.epoch,
        shot=step.shot,
        frame=frame,
        node=node.id,
        node_name=node.name,
        since=attempt.started_at,
        expected_s=expected,
        sentence=f"{_name(shot)} frame {frame} has run for {_span(elapsed)} on {node.name}; its like"
        f" take {_span(expected)}.",
        remedies=[
            a.Remedy(text="End it and try again", command=kill),
            a.Remedy(text=f"Try it on another node than {node.name}", command=away),
        ],
    )


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


# --- who stands idle ------------------------------------------------------------------------------


def _idle(turn: Turn, night: Night) -> list[r.MorningIdle]:
    has_work = any(turn.state.queue.lists)
    lines: list[r.MorningIdle] = []
    for node in turn.state.nodes.values():
        session = turn.live.sessions.get(node.id)
        word = node_word(node, session)
        if word in ("busy", "draining") or (word == "idle" and not has_work):
            continue
        kind, sentence, remedies = _why_idle(turn, node, session, word)
        seen = session.seen_wall if session and word in ("lost", "offline") else 0.0
        lines.append(
            r.MorningIdle(
                node=node.id,
                name=node.name,
                devices=len(session.slots) if session else 0,
                since=seen or night.last_worked.get(node.id, 0.0),
                kind=kind,
                sentence=sentence,
                remedies=remedies,
            )
        )
    return lines


def idle_nodes(turn: Turn) -> list[int]:
    """Return the nodes that run nothing, so that the shell can say since when."""
    sessions = turn.live.sessions
    return [n.id for n in turn.state.nodes.values() if node_word(n, sessions.get(n.id)) != "busy"]


_Why = tuple[str, str, list[a.Remedy]]


def _why_idle(turn: Turn, node: Node, session: Session | None, word: str) -> _Why:
    if session is None or word in ("lost", "offline"):
        gone = "is lost: no news of it" if word == "lost" else "is not connected"
        return word, f"{node.name} {gone}.", []
    if word == "drained":
        undrain = a.DrainNode(nodes=[node.id], on=False)
        return (
            "drained",
            f"{node.name} is drained.",
            [a.Remedy(text="Let it work", command=undrain)],
        )
    classes = {number for slot in session.slots for number in fits(turn, slot)}
    wanted = {number for number, places in enumerate(turn.state.queue.lists) if places}
    fitting = classes & wanted
    if not fitting:
        return _unfit(turn, node, session, min(wanted))
    slot = session.slots[0]
    if not set(offered(turn, slot, sorted(fitting))):
        whom = f" for {node.reserved_for}" if node.reserved_for else ""
        free = a.ReserveNodes(nodes=[node.id], until=0.0)
        remedy = a.Remedy(text="Free it", command=free)
        return "reserved", f"{node.name} is reserved{whom}.", [remedy]
    return _held(turn, node, fitting)


def _unfit(turn: Turn, node: Node, session: Session, number: int) -> _Why:
    klass = turn.state.queue.klasses[number]
    own = own_tags(node)
    lacks = [misfit(klass, session.hello, slot.info, own) for slot in session.slots]
    need = next((lack for lack in lacks if lack), "a device")
    return "unfit", f"Nothing that is ready fits {node.name}: it needs {need}.", []


def _held(turn: Turn, node: Node, fitting: Collection[int]) -> _Why:
    if all(number in turn.state.queue.closed for number in fitting):
        what = "a limit, a share or a budget holds back what fits it"
        return "held", f"{node.name} waits: {what}.", []
    jobs = [
        job.id
        for job in turn.state.jobs.values()
        if (node.id in job.blocked or node.id in job.marks)
        and any(turn.state.steps[step].counts[READY] for step in job.steps)
    ]
    if jobs:
        allow = a.BlockNodes(jobs=jobs, nodes=[node.id], on=False)
        sentence = f"{node.name} is blocked for, or failed, the jobs that are left."
        return "held", sentence, [a.Remedy(text="Unblock it", command=allow)]
    return "nothing", f"{node.name} is free and about to get work.", []


# --- what slipped ---------------------------------------------------------------------------------


def _slips(turn: Turn, night: Night) -> list[r.MorningSlip]:
    lines: list[r.MorningSlip] = []
    for shot in turn.state.shots.values():
        p50, p90 = turn.rows.finishes.get(shot.id, NO_FINISH)
        if not p50 or not turn.state.is_open(shot.id):
            continue
        was = night.was.get(shot.id, 0.0)
        slip = p50 - was if was else 0.0
        late = p50 - shot.due if shot.due else 0.0
        if late > 0 or slip > SLIP_S:
            lines.append(_slip(shot, was, (p50, p90), slip, late))
    lines.sort(key=lambda line: (not (line.due and line.p50 > line.due), -line.slip_s))
    return lines[:SLIPS_MAX]


def _slip(
    shot: Shot, was: float, finish: tuple[float, float], slip: float, late: float
) -> r.MorningSlip:
    says = [
        f"is expected {_span(late)} after its promise" if late > 0 else "",
        f"slipped by {_span(slip)}" if slip > SLIP_S else "",
    ]
    top = a.Move(shots=[shot.id], place="top")
    now = a.Move(shots=[shot.id], place="top", preempt=True)
    return r.MorningSlip(
        shot=shot.id,
        name=_name(shot),
        due=shot.due,
        was_p50=was,
        p50=finish[0],
        p90=finish[1],
        slip_s=slip,
        sentence=f"{_name(shot)} {' and '.join(word for word in says if word)}.",
        remedies=[
            a.Remedy(text="Move to the top", command=top),
            a.Remedy(text="Move to the top and make room now", command=now),
        ],
    )
