"""What a node's agent says about an attempt; all of it fenced by (task, epoch, node).

PURE. Reliable reports are numbered: one that was handled before is acknowledged again and otherwise
ignored, one with a gap before it is not taken. ``Ack`` follows the saves of the same turn.
"""

from __future__ import annotations

from app.core import attempts
from app.core.changes import TaskMoved
from app.core.ids import TaskState
from app.core.live import Attempt, Session
from app.core.on_node import hold
from app.core.transitions import Phase
from app.core.turn import Turn
from node_agent.wire import messages as m

SENTENCE_MAX = 1000
SAY_HELLO = "There is no session with this node, or a report is missing: say hello."


def on_reliable(turn: Turn, key: str, session: Session, message: m.Reliable) -> None:
    """Handle a numbered report at most once and acknowledge it."""
    acked = turn.live.acked.get(session.life)
    if acked is not None and message.seq > acked + 1:
        turn.send_key(key, m.Refused(sentence=SAY_HELLO, retry=True))
        return
    if acked is None or message.seq > acked:
        turn.live.acked[session.life] = acked = message.seq
        _report(turn, key, session, message)
    turn.send_key(key, m.Ack(acked))


def _report(turn: Turn, key: str, session: Session, message: m.Reliable) -> None:
    attempt = current(turn, session, message.ref)
    if attempt is None:
        closing = _closing(session, message.ref)
        if closing and not isinstance(message, m.Ready):
            # Its task has moved on; all that counts is that the device is free.
            if isinstance(message, m.Done) and turn.state.steps[message.ref.step].is_piece:
                turn.send_key(key, m.Clean([file.path for file in message.files]))
            closing.enter(Phase.OVER)
            turn.live.free(closing)
            turn.rows.node(session.node)
        elif not closing:
            _refuse(turn, key, session, message)
        return
    match message:
        case m.Ready():
            _on_ready(turn, attempt)
        case m.Done(files=files, usage=usage):
            _on_done(turn, attempt, files, usage)
        case m.Failed(cause=cause, sentence=sentence, usage=usage):
            known = cause if cause in m.FAILURE_CAUSES else "bug"
            attempts.fail(turn, attempt, known, sentence[:SENTENCE_MAX], usage)
        case m.Yielded(checkpoint=checkpoint, passes_done=passes, usage=usage):
            attempts.yield_back(turn, attempt, checkpoint, passes, usage)
        case m.Released(usage=usage):
            attempts.give_back(turn, attempt, "killed", usage)


def current(turn: Turn, session: Session, ref: m.AttemptRef) -> Attempt | None:
    """Return the attempt of this ref if it is the task's own and this node's; the fence."""
    attempt = turn.live.attempts.get((ref.step, ref.task))
    if attempt and attempt.ref == ref and attempt.node == session.node:
        return attempt
    return None


def _closing(session: Session, ref: m.AttemptRef) -> Attempt | None:
    return next((attempt for attempt in session.attempts() if attempt.ref == ref), None)


def _refuse(turn: Turn, key: str, session: Session, message: m.Reliable) -> None:
    """Not current: a zombie's, or one that was handled before a restart. Only the first is news."""
    ref = message.ref
    attempts.tell_stale(turn, key, ref)
    step = turn.state.steps.get(ref.step)
    if step is None or not 0 <= ref.task < step.total or step.epochs[ref.task] != ref.epoch:
        name = turn.state.nodes[session.node].name
        turn.log("warning", f"{name} sent a {type(message).__name__} of an old attempt.", ref)


def _on_ready(turn: Turn, attempt: Attempt) -> None:
    """Record that this attempt publishes, and grant it; again if the first grant was lost."""
    hold(turn, attempt)
    ref = attempt.ref
    if turn.live.granted_until.get((ref.step, ref.task), 0.0) > turn.now.mono:
        return  # a cancelled attempt may still rename; the agent asks again
    turn.live.granted_until.pop((ref.step, ref.task), None)
    if attempt.phase is not Phase.PUBLISHING:
        turn.save(
            TaskMoved(
                *(ref.step, ref.task, TaskState.PUBLISHING, ref.epoch, turn.now.wall),
                node=attempt.node,
                device=attempt.device,
            )
        )
        attempt.enter(Phase.PUBLISHING)
    turn.send(attempt.node, m.Grant(ref, turn.config.grant_s))


def _on_done(turn: Turn, attempt: Attempt, files: list[m.OutputFile], usage: m.Usage) -> None:
    if files and attempt.phase is not Phase.PUBLISHING:
        # The fence holds, so the result is the right one; but nobody granted it.
        turn.log("warning", "A frame was published without a grant.", attempt.ref)
    attempts.finish(turn, attempt, files, usage)


def on_started(turn: Turn, key: str, session: Session, message: m.Started) -> None:
    if attempt := current(turn, session, message.ref):
        hold(turn, attempt)
    else:
        attempts.tell_stale(turn, key, message.ref)


def on_progress(turn: Turn, key: str, session: Session, message: m.Progress) -> None:
    if attempt := current(turn, session, message.ref):
        attempt.done, attempt.parts = message.done, message.total
        turn.rows.progress(attempt)
    else:
        attempts.tell_stale(turn, key, message.ref)


def on_fleeting(turn: Turn, key: str, message: m.LogLines | m.Preview) -> None:
    """Logs and previews: kept by the shell; here only a zombie is told what it is."""
    if not is_current(turn, message.ref, key):
        attempts.tell_stale(turn, key, message.ref)


def is_current(turn: Turn, ref: m.AttemptRef, key: str) -> bool:
    """Tell whether this is the task's newest attempt, running or over, and was given to this node."""
    step = turn.state.steps.get(ref.step)
    return (
        step is not None
        and 0 <= ref.task < step.total
        and step.epochs[ref.task] == ref.epoch
        and ref.epoch > 0
        and step.nodes[ref.task] == turn.state.node_keys.get(key)
    )
