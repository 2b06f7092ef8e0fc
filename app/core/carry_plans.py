"""Commands about when and where work may run: promises, start times, blocked nodes, reservations, limits.

PURE. As ``carry_out``: each checks all, then saves; raises UserMistake with nothing saved.
"""

from __future__ import annotations

from app.core import budgets, live
from app.core import changes as c
from app.core import commands as a
from app.core.on_timer import watch_wall
from app.core.order import check_shots
from app.core.outcome import Outcome, named_jobs, named_nodes, together
from app.core.placing import forget_fits, wake_all
from app.core.records import Job, work_of
from app.core.submit import check_name, check_time
from app.core.turn import Turn
from app.core.waiting import close_step, open_step
from app.errors import UserMistake

COUNT_MAX = 1_000_000
HOURS_MAX = 1e9
WORDS_MAX = 100


def set_due(turn: Turn, command: a.SetDue, _user: str) -> Outcome:
    check_shots(turn.state, command.shots)
    check_time(command.due)
    shots = [turn.state.shots[shot] for shot in dict.fromkeys(command.shots)]
    pinned = command.pinned and command.due > 0
    changed = [shot for shot in shots if (shot.due, shot.due_pinned) != (command.due, pinned)]
    before: dict[tuple[float, bool], list[int]] = {}
    for shot in changed:
        before.setdefault((shot.due, shot.due_pinned), []).append(shot.id)
        turn.save(c.ShotDue(shot.id, command.due, pinned))
    return Outcome(
        together([a.SetDue(shots=ids, due=due, pinned=pin) for (due, pin), ids in before.items()])
    )


def set_start(turn: Turn, command: a.SetStart, _user: str) -> Outcome:
    jobs = named_jobs(turn, command.jobs)
    check_time(command.at)
    changed = [job for job in jobs if job.start_after != command.at]
    before: dict[float, list[int]] = {}
    for job in changed:
        before.setdefault(job.start_after, []).append(job.id)
        turn.save(c.JobStart(job.id, command.at))
        _wait_or_open(turn, job)
    return Outcome(together([a.SetStart(jobs=ids, at=at) for at, ids in before.items()]))


def _wait_or_open(turn: Turn, job: Job) -> None:
    is_later = job.start_after > turn.now.wall
    if is_later:
        watch_wall(turn, job.start_after, live.START, job.id)
    for number in work_of(job):
        (close_step if is_later else open_step)(turn, turn.state.steps[number])


def block_nodes(turn: Turn, command: a.BlockNodes, _user: str) -> Outcome:
    jobs, nodes = named_jobs(turn, command.jobs), named_nodes(turn, command.nodes)
    inverses: list[a.Command] = []
    for job in jobs:
        changed = [node for node in nodes if (node in job.blocked) != command.on]
        for node in changed:
            turn.save(c.JobBlocked(job.id, node, command.on))
        if changed:
            inverses.append(a.BlockNodes(jobs=[job.id], nodes=changed, on=not command.on))
    wake_all(turn)
    turn.rows.all_shots()
    return Outcome(together(inverses))


def reserve(turn: Turn, command: a.ReserveNodes, _user: str) -> Outcome:
    nodes = named_nodes(turn, command.nodes)
    check_time(command.until)
    if command.until and command.until <= turn.now.wall:
        raise UserMistake("The reservation would be over already: name a later time.")
    if command.project:
        check_name("project", command.project)
    project = command.project if command.until else ""
    before: dict[tuple[float, str], list[int]] = {}
    for node in map(turn.state.nodes.__getitem__, nodes):
        is_over = node.reserved_until <= turn.now.wall
        was = (0.0, "") if is_over else (node.reserved_until, node.reserved_for)
        before.setdefault(was, []).append(node.id)
        turn.save(c.NodeReserved(node.id, command.until, project))
        if command.until:
            watch_wall(turn, command.until, live.RESERVED, node.id)
    wake_all(turn)
    turn.rows.all_shots()
    return Outcome(
        together(
            [a.ReserveNodes(nodes=ids, until=at, project=who) for (at, who), ids in before.items()]
        )
    )


def set_node(turn: Turn, command: a.SetNode, _user: str) -> Outcome:
    nodes = named_nodes(turn, command.nodes)
    for what, words in (("pool", command.pools), ("tag", command.tags)):
        if len(words) > WORDS_MAX:
            raise UserMistake(f"A node has at most {WORDS_MAX} {what}s.")
        for word in words:
            check_name(what, word)
    pools, tags = list(dict.fromkeys(command.pools)), list(dict.fromkeys(command.tags))
    inverses: list[a.Command] = []
    for node in map(turn.state.nodes.__getitem__, nodes):
        if (node.pools, node.tags) != (pools, tags):
            inverses.append(a.SetNode(nodes=[node.id], pools=node.pools, tags=node.tags))
            turn.save(c.NodeSet(node.id, pools, tags))
            forget_fits(turn, node.id)
    wake_all(turn)
    turn.rows.all_shots()
    return Outcome(together(inverses))


def set_limit(turn: Turn, command: a.SetLimit, _user: str) -> Outcome:
    check_name("limit", command.name)
    if command.count > COUNT_MAX or any(count < 0 for count in command.owned.values()):
        raise UserMistake(f"A limit counts from 0 to {COUNT_MAX:,}, and so does what is owned.")
    if command.count >= 0 and sum(command.owned.values()) > command.count:
        raise UserMistake(
            f"The projects own {sum(command.owned.values())} of {command.name}, which has only"
            f" {command.count}."
        )
    old = turn.state.limits.get(command.name)
    if old is None and command.count < 0:
        raise UserMistake(f"There is no limit {command.name}.")
    count = max(command.count, -1)
    turn.save(c.LimitSet(command.name, count, command.owned if count >= 0 else {}))
    turn.live.gates_stale = True
    turn.rows.all_shots()
    was = (old.count, old.owned) if old else (-1, dict[str, int]())
    return Outcome(a.SetLimit(name=command.name, count=was[0], owned=was[1]))


def set_share(turn: Turn, command: a.SetShare, _user: str) -> Outcome:
    check_name("project", command.project)
    if not 0 <= command.guarantee <= command.cap <= 1:
        raise UserMistake("A share has 0 <= guarantee <= cap <= 1, as parts of the farm's devices.")
    others = [share for share in turn.state.shares.values() if share.project != command.project]
    promised = sum(share.guarantee for share in others) + command.guarantee
    if promised > 1 + 1e-9:
        raise UserMistake(f"That would guarantee {promised:.0%} of the farm's devices in all.")
    old = turn.state.shares.get(command.project)
    turn.save(c.ShareSet(command.project, command.guarantee, command.cap))
    turn.live.gates_stale = True
    turn.rows.all_shots()
    was = (old.guarantee, old.cap) if old else (0.0, 1.0)
    return Outcome(a.SetShare(project=command.project, guarantee=was[0], cap=was[1]))


def set_budget(turn: Turn, command: a.SetBudget, _user: str) -> Outcome:
    check_name("project", command.project)
    bounds = (command.gpu_hours, command.core_hours)
    if not all(bound <= HOURS_MAX for bound in bounds):
        raise UserMistake(f"A budget has at most {HOURS_MAX:,.0f} hours.")
    if not 0 < command.warn <= 1:
        raise UserMistake("A budget warns at more than 0 and at most 1 of it.")
    old = turn.state.budgets.get(command.project)
    if old is None and max(bounds) < 0:
        raise UserMistake(f"{command.project} has no budget.")
    gpu_hours, core_hours = (max(bound, -1.0) for bound in bounds)
    turn.save(c.BudgetSet(command.project, gpu_hours, core_hours, command.warn, command.at_end))
    budgets.check(turn)
    budgets.watch(turn)
    if old is None:
        return Outcome(a.SetBudget(project=command.project))
    return Outcome(
        a.SetBudget(
            project=old.project,
            gpu_hours=old.gpu_hours,
            core_hours=old.core_hours,
            warn=old.warn,
            at_end=_at_end(old.at_end),
        )
    )


def _at_end(word: str) -> a.AtEnd:
    return "stop" if word == "stop" else "hold" if word == "hold" else "warn"
