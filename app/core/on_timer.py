"""What time alone brings: leases that are over and nodes that are silent.

PURE. Moments lie in one heap and are looked at when due; one that was renewed since is put back, so a
heartbeat costs nothing here.
"""

from __future__ import annotations

from app.core import attempts, budgets, holds, live, sleepers, splits
from app.core.ids import TaskState
from app.core.live import Attempt
from app.core.on_node import lose_node
from app.core.placing import wake_all
from app.core.records import work_of
from app.core.transitions import Phase
from app.core.turn import Turn
from app.core.waiting import open_step
from node_agent.wire.messages import AttemptRef


def on_time(turn: Turn) -> None:
    """End what is over by now."""
    while due := turn.live.due(turn.now.mono):
        kind, first, second, third = due
        match kind:
            case live.LEASE:
                _on_lease(turn, due, turn.live.attempts.get((first, second)), third)
            case live.SILENCE:
                _on_silence(turn, due, first)
            case live.HOLD:
                holds.on_moment(turn, first)
            case live.SPLIT:
                splits.on_moment(turn)
            case live.RESERVED:
                _on_reserved(turn, first)
            case live.BUDGET:
                budgets.on_time(turn)
            case live.IDLE:
                sleepers.look(turn)
            case live.WAKE:
                sleepers.on_moment(turn, first)
            case _:
                _on_start(turn, first)


def _on_lease(
    turn: Turn, due: tuple[int, int, int, int], attempt: Attempt | None, epoch: int
) -> None:
    if attempt is None or attempt.ref.epoch != epoch:
        return
    if attempt.lease_until > turn.now.mono:
        turn.live.again(attempt.lease_until, due)
        return
    session = turn.live.sessions.get(attempt.node)
    is_heard = session is not None and turn.now.mono - session.seen_mono < 2 * turn.config.resend_s
    if is_heard and attempt.phase is Phase.SENT:
        # The node lives and never had it: nobody died.
        attempts.give_back(turn, attempt, "lost", attempts.NO_USAGE)
        return
    name, lease_s = turn.state.nodes[attempt.node].name, turn.config.lease_s
    what = "it from " if is_heard else ""
    attempts.lose(turn, attempt, f"No news of {what}{name} for {lease_s:.0f} s.")
    turn.live.free(attempt)


def _on_silence(turn: Turn, due: tuple[int, int, int, int], node: int) -> None:
    session = turn.live.sessions.get(node)
    if session is None or not session.is_online:
        return
    until = session.seen_mono + turn.config.lease_s
    if until > turn.now.mono:
        turn.live.again(until, due)
    else:
        lose_node(turn, session)


def watch_wall(turn: Turn, at: float, kind: int, number: int) -> None:
    """Look again when the wall clock, as far as is known now, shows ``at``."""
    turn.live.again(turn.now.mono + max(0.0, at - turn.now.wall), (kind, number, 0, 0))


def _on_reserved(turn: Turn, number: int) -> None:
    node = turn.state.nodes[number]
    if node.reserved_until > turn.now.wall:
        watch_wall(turn, node.reserved_until, live.RESERVED, number)
    else:
        wake_all(turn)
        turn.rows.node(number)
        turn.rows.all_shots()


def _on_start(turn: Turn, number: int) -> None:
    job = turn.state.jobs[number]
    if job.start_after > turn.now.wall:
        watch_wall(turn, job.start_after, live.START, number)
        return
    for step in work_of(job):
        open_step(turn, turn.state.steps[step])


def take_up(turn: Turn) -> None:
    """After a load: every running attempt gets one full lease of grace, whoever holds it; what waits for a
    time of day is watched again."""
    mono, lease_s = turn.now.mono, turn.config.lease_s
    budgets.on_time(turn)
    sleepers.take_up(turn)
    for job in turn.state.jobs.values():
        if job.start_after:
            watch_wall(turn, job.start_after, live.START, job.id)
    for node in turn.state.nodes.values():
        if node.reserved_until > turn.now.wall:
            watch_wall(turn, node.reserved_until, live.RESERVED, node.id)
    for step in turn.state.steps.values():
        for task, (node, device, started_at) in step.running.items():
            turn.live.add(
                Attempt(
                    ref=AttemptRef(step.id, task, step.epochs[task]),
                    node=node,
                    device=device,
                    kind="",
                    klass=step.klass,
                    started_at=started_at,
                    lease_until=mono + lease_s,
                    sent_at=mono,
                    phase=_loaded_phase(step.states[task]),
                    more=tuple(step.more.get(task, ())),
                    cores=step.needs.cores,
                    ram_bytes=step.needs.ram_bytes,
                )
            )


def _loaded_phase(state: int) -> Phase:
    return Phase.PUBLISHING if state == TaskState.PUBLISHING else Phase.SENT
