"""What each command changes, and what would undo it.

PURE. One function a command: checks all, then saves. Raises UserMistake, with nothing saved, where it
cannot be done. ``on_client`` writes the audit log around these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.core import attempts, carry_plans, carry_rules, carry_sleep, carry_tasks
from app.core import changes as c
from app.core import commands as a
from app.core.ids import Role, TaskState
from app.core.live import START
from app.core.on_node import end_session
from app.core.on_timer import watch_wall
from app.core.order import Plan, check_shots, checked_plan, plan_move, plan_restore, spread
from app.core.outcome import Outcome, named_nodes, named_steps, named_task, together
from app.core.placing import wake_all
from app.core.preempt import preempt
from app.core.records import Key
from app.core.submit import check_submit, submit_changes
from app.core.tasks import Step
from app.core.transitions import Link
from app.core.turn import Turn
from app.core.waiting import open_step, opened, unskip
from app.errors import UserMistake
from node_agent.wire import messages as m
from node_agent.wire.token import is_key


def carry_out(turn: Turn, command: a.Command, user: str) -> Outcome:
    """Carry out any command but Undo, MakeToken (those are on_client's). Raises UserMistake."""
    return _COMMANDS[type(command)](turn, command, user)


def _submit(turn: Turn, command: a.Submit, user: str) -> Outcome:
    state = turn.state
    checked = check_submit(state, command, turn.config.tasks_max)
    bottom = spread(state.order[-1][0] if state.order else None, None, 1)
    assert bottom is not None
    changes = submit_changes(state, checked, bottom[0], command.user or user, turn.now.wall)
    for change in changes:
        turn.save(change)
    if command.start_after > turn.now.wall:
        watch_wall(turn, command.start_after, START, turn.state.next_job() - 1)
    shot = state.shot_names[command.project, command.sequence, command.shot]
    job = state.shots[shot].jobs[-1]
    is_renumbered = False
    if command.before and command.before != shot:
        is_renumbered = _rank(
            turn, plan_move(state.order, state.shots, [shot], "before", command.before)
        )
    return Outcome(a.Cancel(jobs=[job]), (shot, job), is_renumbered)


def _move(turn: Turn, command: a.Move, user: str) -> Outcome:
    outcome = _ranked(turn, checked_plan(turn.state, command), command.shots)
    if command.preempt:
        preempt(turn, command, user)
    return outcome


def _order_by_due(turn: Turn, command: a.OrderByDue, _user: str) -> Outcome:
    state = turn.state
    if command.shots:
        check_shots(state, command.shots)
    chosen = set(command.shots or [shot for _, shot in state.order if state.is_open(shot)])
    places = [
        (rank, shot) for rank, shot in state.order if shot in chosen and state.shots[shot].due
    ]
    if not places:
        raise UserMistake("None of these shots has a due date.")
    # Sorting is stable: shots due at the same moment stay as they lie.
    wanted = sorted((shot for _, shot in places), key=lambda shot: state.shots[shot].due)
    ranks = {shot: rank for (rank, _), shot in zip(places, wanted, strict=True)}
    outcome = _ranked(turn, Plan(ranks), [shot for _, shot in places])
    return outcome._replace(done=a.OrderByDue(shots=[shot for _, shot in places]))


def _together(turn: Turn, command: a.Together, user: str) -> Outcome:
    """Carry out all, in order. What the first refuses changes nothing; a later one's refusal is kept to
    what it is about, so the parts that undo names are those that were done."""
    if not 0 < len(command.commands) <= TOGETHER_MAX:
        raise UserMistake(f"1 to {TOGETHER_MAX} commands go together.")
    if any(isinstance(part, TOGETHER_NOT) for part in command.commands):
        raise UserMistake("A submission, an undo, a key or a token goes alone.")
    done: list[a.Command] = []
    inverses: list[a.Command] = []
    is_renumbered = False
    for part in command.commands:
        try:
            outcome = carry_out(turn, part, user)
        except UserMistake:
            if not done:
                raise
            continue
        done.append(outcome.done or part)
        is_renumbered |= outcome.renumbered
        if outcome.inverse:
            inverses.insert(0, outcome.inverse)
    return Outcome(together(inverses), renumbered=is_renumbered, done=a.Together(commands=done))


def _restore(turn: Turn, command: a.Restore, _user: str) -> Outcome:
    check_shots(turn.state, [shot for shot, _ in command.ranks])
    if not all(abs(rank) < 1e300 for _, rank in command.ranks):
        raise UserMistake("A rank is not a number.")
    plan = plan_restore(turn.state.order, command.ranks)
    return _ranked(turn, plan, [shot for shot, _ in command.ranks])


def _ranked(turn: Turn, plan: Plan, moved: Iterable[int]) -> Outcome:
    """Save a plan; its inverse names the moved shots alone."""
    shots = turn.state.shots
    old = plan.old or {shot: shots[shot].rank for shot in moved}
    is_renumbered = _rank(turn, plan)
    return Outcome(a.Restore(ranks=list(old.items())), renumbered=is_renumbered)


def _rank(turn: Turn, plan: Plan) -> bool:
    for shot, rank in plan.ranks.items():
        if turn.state.shots[shot].rank != rank:
            turn.save(c.ShotRanked(shot, rank))
    return plan.renumbered


def _pause(turn: Turn, command: a.Pause, _user: str) -> Outcome:
    changed = _set_paused(turn, command.shots, paused=True)
    return Outcome(a.Resume(shots=changed) if changed else None)


def _resume(turn: Turn, command: a.Resume, _user: str) -> Outcome:
    changed = _set_paused(turn, command.shots, paused=False)
    return Outcome(a.Pause(shots=changed) if changed else None)


def _set_paused(turn: Turn, shots: list[int], *, paused: bool) -> list[int]:
    check_shots(turn.state, shots)
    changed = [shot for shot in dict.fromkeys(shots) if turn.state.shots[shot].paused != paused]
    for shot in changed:
        turn.save(c.ShotPaused(shot, paused))
    return changed


def _cancel(turn: Turn, command: a.Cancel, user: str) -> Outcome:
    steps = named_steps(turn, command.shots, command.jobs)
    unfinished = [step for step in steps if any(step.counts[: TaskState.DONE])]
    if not unfinished:
        raise UserMistake("Nothing of this is unfinished, so there is nothing to cancel.")
    # A retry of all would bring back what had failed or was cancelled before, too: then single tasks are named.
    is_clean = not any(
        step.counts[TaskState.FAILED] or step.counts[TaskState.CANCELLED] for step in steps
    )
    retry: a.Command | None = a.Retry(shots=command.shots, jobs=command.jobs)
    if not is_clean:
        tasks = [(step.id, task) for step in unfinished for task in _unfinished(step)]
        retry = a.Retry(tasks=tasks) if len(tasks) <= NAMED_TASKS_MAX else None
    for step in unfinished:
        _cancel_step(turn, step, f"Cancelled by {user}.")
    return Outcome(retry)


def _unfinished(step: Step) -> list[int]:
    return [task for task, state in enumerate(step.states) if state < TaskState.DONE]


def _cancel_step(turn: Turn, step: Step, reason: str) -> None:
    for task in sorted(step.running):
        attempts.cancel(turn, turn.live.attempts[step.id, task], reason)
    for task in sorted(step.split):
        attempts.drop_pieces(turn, step, task)
    for before in (TaskState.WAITING, TaskState.READY):
        if step.counts[before]:
            turn.save(c.TasksMoved(step.id, before, TaskState.CANCELLED, turn.now.wall))


def _retry(turn: Turn, command: a.Retry, _user: str) -> Outcome:
    steps = named_steps(turn, command.shots, command.jobs) if command.shots or command.jobs else []
    tasks = [named_task(turn, step, task) for step, task in dict.fromkeys(command.tasks)]
    retried = (TaskState.FAILED, TaskState.CANCELLED)
    tasks = [(step, task) for step, task in tasks if step.states[task] in retried]
    steps = [step for step in steps if any(step.counts[state] for state in retried)]
    if not steps and not tasks:
        raise UserMistake("Nothing of this failed or was cancelled, so there is nothing to retry.")
    # A cancel puts back exactly what was all cancelled, and nothing else: that is redo.
    is_redo = not tasks and not any(
        sum(step.counts[: TaskState.DONE]) or step.counts[TaskState.FAILED] for step in steps
    )
    for step, wanted in _by_step(steps, tasks):
        unskip(turn, step, wanted)
    for step in steps:
        _retry_step(turn, step)
    for step, task in tasks:
        _retry_task(turn, step, task)
    return Outcome(a.Cancel(shots=command.shots, jobs=command.jobs) if is_redo else None)


def _by_step(
    steps: Iterable[Step], tasks: Iterable[tuple[Step, int]]
) -> list[tuple[Step, list[int]]]:
    """Return each step with the skipped tasks of it that are wanted again."""
    wanted = {step.id: (step, sorted(step.skipped)) for step in steps}
    for step, task in tasks:
        wanted.setdefault(step.id, (step, []))[1].append(task)
    return list(wanted.values())


def _retry_step(turn: Turn, step: Step) -> None:
    # The counts go first: who retries says that the cause is gone.
    for task in dict.fromkeys([*step.failures, *step.deaths, *step.heavy]):
        if step.states[task] in (TaskState.FAILED, TaskState.CANCELLED):
            _forget(turn, step, task)
    _forget_marks(turn, step)
    # What needs single frames of other steps waits, and what is done of them opens it again at once.
    after = TaskState.WAITING if step.frame_after else opened(turn, step)
    for before in (TaskState.FAILED, TaskState.CANCELLED):
        if step.counts[before]:
            turn.save(c.TasksMoved(step.id, before, after, turn.now.wall))
    if step.frame_after:
        open_step(turn, step)


def _retry_task(turn: Turn, step: Step, task: int) -> None:
    if step.needs.gang:
        _retry_step(turn, step)  # they begin together or not at all
        return
    if step.states[task] not in (TaskState.FAILED, TaskState.CANCELLED):
        return  # its shot was named too
    _forget(turn, step, task)
    _forget_marks(turn, step)
    after, (checkpoint, passes) = opened(turn, step, task), step.kept.get(task, ("", 0))
    turn.save(
        c.TaskMoved(
            *(step.id, task, after, step.epochs[task], turn.now.wall),
            checkpoint=checkpoint,
            passes=passes,
        )
    )


def _forget(turn: Turn, step: Step, task: int) -> None:
    if task in step.heavy:
        turn.save(c.TaskGrew(step.id, task, 0))
    for kind, counts in (("task", step.failures), ("node", step.deaths)):
        if task in counts:
            turn.save(c.FailureCounted(kind, step.id, task, 0, 0))


def _forget_marks(turn: Turn, step: Step) -> None:
    for node in list(turn.state.jobs[step.job].marks):
        turn.save(c.FailureCounted("mark", step.id, 0, node, 0))


def _drain(turn: Turn, command: a.DrainNode, _user: str) -> Outcome:
    nodes = turn.state.nodes
    named = named_nodes(turn, command.nodes)
    changed = [node for node in named if nodes[node].drained != command.on]
    for node in changed:
        turn.save(c.NodeDrained(node, command.on))
    wake_all(turn)
    turn.rows.all_shots()
    return Outcome(a.DrainNode(nodes=changed, on=not command.on) if changed else None)


def _update(turn: Turn, command: a.UpdateNodes, _user: str) -> Outcome:
    version = turn.config.version
    sessions = [(node, turn.live.sessions.get(node)) for node in named_nodes(turn, command.nodes)]
    away = [node for node, session in sessions if session is None or not session.is_online]
    if away:
        names = ", ".join(turn.state.nodes[node].name for node in away)
        raise UserMistake(f"{names}: not connected, so it cannot be told to update.")
    for node, _ in sessions:
        turn.send(node, m.Update(version))
    return Outcome()


def _add_key(turn: Turn, command: a.AddKey, _user: str) -> Outcome:
    if not is_key(command.public_key):
        raise UserMistake("That is not a CURVE public key: it has 40 characters.")
    if command.role not in (Role.VIEWER, Role.ARTIST, Role.SUPERVISOR, Role.ADMIN):
        raise UserMistake("A person is a viewer, an artist, a supervisor or an admin.")
    if not command.name.strip() or not command.name.isprintable() or len(command.name) > 64:
        raise UserMistake("A key's name has 1 to 64 printable characters.")
    known = turn.state.keys.get(command.public_key)
    if known and known.role in (Role.NODE, Role.JOINER):
        raise UserMistake("That key is a node's: a person has one of their own.")
    turn.save(c.KeyAdded(command.public_key, command.role, command.name, turn.now.wall))
    turn.key_changed(command.public_key)
    return Outcome(_as_before(command.public_key, known))


def _as_before(public_key: str, known: Key | None) -> a.Command:
    """Return the command that gives a key the role, or the absence, that it had."""
    if known is None:
        return a.RevokeKey(public_key=public_key)
    return a.AddKey(public_key=public_key, role=known.role, name=known.name)


def _revoke_key(turn: Turn, command: a.RevokeKey, _user: str) -> Outcome:
    record = turn.state.keys.get(command.public_key)
    if record is None:
        raise UserMistake("That key is not on the list.")
    admins = [key for key in turn.state.keys.values() if key.role == Role.ADMIN]
    if admins == [record]:
        raise UserMistake("That is the last admin's key: add another admin first.")
    turn.save(c.KeyRevoked(command.public_key))
    turn.key_changed(command.public_key)
    session = turn.live.sessions.get(turn.state.node_keys.get(command.public_key, 0))
    if session and (session.is_online or session.is_asleep):
        # It cannot be told to stop any more: what it runs is over with its lease.
        end_session(turn, session, Link.OFFLINE)
    is_person = record.role not in (Role.NODE, Role.JOINER)
    return Outcome(_as_before(command.public_key, record) if is_person else None)


NAMED_TASKS_MAX = 1_000
"""Tasks that an inverse names one by one."""
TOGETHER_MAX = 100
TOGETHER_NOT = (a.Submit, a.Undo, a.MakeToken, a.AddKey, a.RevokeKey, a.Together)

_COMMANDS: dict[type[Any], Callable[[Turn, Any, str], Outcome]] = {
    a.OrderByDue: _order_by_due,
    a.Together: _together,
    a.SetDue: carry_plans.set_due,
    a.SetStart: carry_plans.set_start,
    a.SetLimit: carry_plans.set_limit,
    a.SetShare: carry_plans.set_share,
    a.SetBudget: carry_plans.set_budget,
    a.SetPaths: carry_rules.set_paths,
    a.SetLogRules: carry_rules.set_log_rules,
    a.ReserveNodes: carry_plans.reserve,
    a.SetNode: carry_plans.set_node,
    a.BlockNodes: carry_plans.block_nodes,
    a.Skip: carry_tasks.skip,
    a.Kill: carry_tasks.kill,
    a.Submit: _submit,
    a.Move: _move,
    a.Restore: _restore,
    a.Pause: _pause,
    a.Resume: _resume,
    a.Cancel: _cancel,
    a.Retry: _retry,
    a.DrainNode: _drain,
    a.UpdateNodes: _update,
    a.WakeNodes: carry_sleep.wake,
    a.SleepNodes: carry_sleep.sleep,
    a.SetSleep: carry_sleep.set_sleep,
    a.AddKey: _add_key,
    a.RevokeKey: _revoke_key,
}
