"""What the session does with attempts: takes them, starts them, follows them to their report.

PURE. The rules about attempts that ``session`` names live here; the link, time and the agent's own life
are the session's. Actions go into the list that both share, in the order in which they are to be done.
"""

from __future__ import annotations

from typing import Any

from node_agent.agent import session_types as t
from node_agent.agent.attempts import FOREVER, HOLDS_DEVICE, TIMED, Attempt, AttemptState, Cue
from node_agent.agent.lease import Lease
from node_agent.agent.reports import Reports
from node_agent.agent.roster import Move, Roster
from node_agent.wire import messages as m
from node_agent.wire.job import Frames, KernelWork, Work
from node_agent.wire.paths import System, localise

GRANT_RETRY_S = 10.0
"""Ready is said again after this long without a grant: a dispatcher that dies between acknowledging
and granting would otherwise leave a finished frame waiting."""
VOID_RETRY_S = 0.5
"""And after this long where a grant came before the lease that it needs: answers that waited in a network
which carried one way alone arrive all at once."""
STEPS_MAX = 16_384
SENTENCE_MAX = 1_000

_S = AttemptState


class Foreman:
    """The attempts of one session, and their reports."""

    def __init__(
        self, config: t.SessionConfig, lease: Lease, actions: list[t.SessionAction]
    ) -> None:
        self._lease = lease
        self._actions = actions
        self._works: dict[int, Work] = {}
        self._system: System = config.system
        self.roster = Roster(config.devices)
        self.reports = Reports()
        self.is_ending = False
        """The agent is about to stop: what arrives now is given back."""
        self.away = ""
        """The machine is somebody's: the same, while this says why."""
        self.handlers: dict[type, Any] = {
            m.Describe: self._on_describe,
            m.Assign: self._on_assign,
            m.Grant: self._on_grant,
            m.Revoke: self._on_revoke,
            m.Stale: self._on_stale,
            m.Ack: self._on_ack,
            m.Watch: self._on_watch,
            m.Clean: self._on_clean,
            t.ChildStarted: self._on_child_started,
            t.ChildSpoke: self._on_child_spoke,
            t.ChildProgress: self._on_child_progress,
            t.ChildReady: self._on_child_ready,
            t.ChildDone: self._on_child_done,
            t.ChildFailed: self._on_child_failed,
            t.ChildYielded: self._on_child_yielded,
            t.ChildKilled: self._on_child_killed,
        }

    # --- what the session asks ----------------------------------------------------------------------

    def is_reporting(self, ref: m.AttemptRef) -> bool:
        """Whether anything about this attempt may still be said."""
        attempt = self.roster.get(ref)
        return attempt is not None and attempt.state is not _S.DISCARDING

    def adopt(self, report: m.Reliable) -> None:
        """Take over an outcome of the previous incarnation under a number of this one."""
        if isinstance(report, m.Ready) or self.roster.get(report.ref) is not None:
            return  # that child is dead; or the report was kept twice
        assign = m.Assign(ref=report.ref, device=-1, frames=Frames(0, 0))
        self._report(self.roster.add_ended(assign), report)

    def yield_all(self) -> None:
        """Have everything stop with what it has."""
        for attempt in self.roster.everyone():
            self._move(attempt, Cue.REVOKE_YIELD)

    def hand_back(self) -> None:
        """Free the devices soon: kernels stop with their samples, commands are killed."""
        for attempt in self.roster.everyone():
            is_kernel = isinstance(attempt.work, KernelWork)
            self._move(attempt, Cue.REVOKE_YIELD if is_kernel else Cue.REVOKE_KILL)

    def kill_all(self) -> None:
        """End everything that runs or waits."""
        for attempt in self.roster.everyone():
            self._move(attempt, Cue.REVOKE_KILL)

    def discard_all_but(self, kept: set[m.AttemptRef], up_to: int) -> None:
        """The dispatcher keeps these of the first ``up_to`` arrivals; the rest is somebody else's."""
        for attempt in self.roster.everyone():
            if attempt.number <= up_to and attempt.ref not in kept:
                self._move(attempt, Cue.STALE)

    def discard(self, ref: m.AttemptRef) -> None:
        """The dispatcher knows a newer epoch."""
        self._cue(ref, Cue.STALE)

    def say_all_again(self, now: float) -> None:
        """After a Welcome: all reports, and the questions for grants."""
        self._actions.extend(t.Send(report) for report in self.reports.all_waiting())
        for attempt in self.roster.ready():
            if self.reports.waiting(attempt.seq) is None:
                self._ask_again(attempt, now)

    def ask_for_grants(self, now: float) -> None:
        """Ask once more where the answer is late."""
        for attempt in self.roster.ready():
            if now >= attempt.ask_at:
                self._ask_again(attempt, now)

    def end_the_late(self, now: float) -> None:
        """Kill what ran too long or shows no life."""
        for attempt in list(self.roster.holders()):
            if attempt.judge(now):
                self._move(attempt, Cue.TIMED_OUT)

    def next_timeout(self) -> float:
        """When ``end_the_late`` has something to do."""
        return min((attempt.timeout_at() for attempt in self.roster.holders()), default=FOREVER)

    def forgive(self, seconds: float) -> None:
        """The whole machine stood still so long: no attempt is to blame for it."""
        for attempt in self.roster.holders():
            attempt.started_at += seconds
            attempt.lively_at += seconds

    def take_ack(self, seq: int) -> None:
        """Reports up to ``seq`` are committed."""
        acknowledged = self.reports.acknowledge(seq)
        for report in acknowledged:
            attempt = self.roster.get(report.ref)
            if attempt is not None and attempt.seq == report.seq:
                self._move(attempt, Cue.ACKNOWLEDGED)
        if acknowledged:
            self._actions.append(t.Forget(acknowledged[-1].seq))

    # --- orders of the dispatcher ------------------------------------------------------------------

    def _on_describe(self, message: m.Describe, _now: float) -> None:
        self._works.pop(message.step, None)
        self._works[message.step] = localise(
            message.work, message.paths, message.log_rules, self._system
        )
        if len(self._works) > STEPS_MAX:
            del self._works[next(iter(self._works))]

    def _on_assign(self, message: m.Assign, now: float) -> None:
        if self.roster.get(message.ref) is not None:
            return  # said twice
        work = self._works.get(message.ref.step)
        if fault := self.roster.fault(message):
            self._report_failure(self.roster.add_ended(message), "bug", fault, m.Usage())
        elif work is not None and not self.roster.is_full(message):
            self._accept(message, work, now)
        # Else the two sides see the session differently for a moment, after a pause of this process or a
        # lost message: the frame is not to blame. The dispatcher misses it in the heartbeat and says
        # both, the description and the assignment, again.

    def _accept(self, message: m.Assign, work: Work, now: float) -> None:
        attempt = self.roster.add_waiting(message, work)
        if self.is_ending or self.away:
            self._move(attempt, Cue.REVOKE_YIELD)
        self._follow(self.roster.fill())
        attempt.started_at = attempt.lively_at = now

    def _on_grant(self, message: m.Grant, now: float) -> None:
        attempt = self.roster.get(message.ref)
        deadline = min(now + message.valid_s, self._lease.publish_until)
        if attempt is None:
            return
        if deadline <= now:  # without a lease the grant is void, and the attempt asks again
            attempt.ask_at = min(attempt.ask_at, now + VOID_RETRY_S)
            return
        if self._move(attempt, Cue.GRANT):
            attempt.granted = True
            self._actions.append(t.PublishChild(attempt.ref, deadline))

    def _on_revoke(self, message: m.Revoke, _now: float) -> None:
        is_kill = message.mode == "kill"
        self._cue(message.ref, Cue.REVOKE_KILL if is_kill else Cue.REVOKE_YIELD)

    def _on_stale(self, message: m.Stale, _now: float) -> None:
        self.discard(message.ref)

    def _on_ack(self, message: m.Ack, _now: float) -> None:
        self.take_ack(message.seq)

    def _on_watch(self, message: m.Watch, _now: float) -> None:
        attempt = self.roster.get(message.ref)
        if attempt is not None and attempt.state in HOLDS_DEVICE:
            self._actions.append(t.WatchChild(message.ref, on=message.on))

    def _on_clean(self, message: m.Clean, _now: float) -> None:
        paths = [path for path in message.paths if path.endswith(".part")]
        if paths:
            self._actions.append(t.DeleteParts(paths))

    # --- what children say -------------------------------------------------------------------------

    def _on_child_started(self, event: t.ChildStarted, now: float) -> None:
        attempt = self._cue(event.ref, Cue.STARTED)
        if attempt is not None:
            attempt.started_at = attempt.lively_at = now
            self._send(m.Started(event.ref))

    def _on_child_spoke(self, event: t.ChildSpoke, now: float) -> None:
        attempt = self.roster.get(event.ref)
        if attempt is not None and attempt.state in TIMED:
            attempt.lively_at = now

    def _on_child_progress(self, event: t.ChildProgress, now: float) -> None:
        attempt = self.roster.get(event.ref)
        if attempt is None or attempt.state is _S.DISCARDING:
            return
        if event.done != attempt.done:
            attempt.done, attempt.lively_at = event.done, now
        self._send(m.Progress(event.ref, event.done, event.total, event.text[:SENTENCE_MAX]))

    def _on_child_ready(self, event: t.ChildReady, now: float) -> None:
        attempt = self._cue(event.ref, Cue.READY)
        if attempt is not None:
            attempt.files = event.files
            attempt.ask_at = now + GRANT_RETRY_S
            self._report(attempt, m.Ready(seq=0, ref=event.ref, files=event.files))

    def _ask_again(self, attempt: Attempt, now: float) -> None:
        attempt.ask_at = now + GRANT_RETRY_S
        waiting = self.reports.waiting(attempt.seq)
        if waiting is not None:
            self._actions.append(t.Send(waiting))
        else:
            self._report(attempt, m.Ready(seq=0, ref=attempt.ref, files=attempt.files))

    def _on_child_done(self, event: t.ChildDone, _now: float) -> None:
        attempt = self._end(event.ref, Cue.DONE)
        if attempt is None:
            return
        if event.files and not attempt.granted:
            sentence = "The worker published files without a grant."
            self._report_failure(attempt, "bug", sentence, event.usage)
            return
        self._report(attempt, m.Done(seq=0, ref=event.ref, files=event.files, usage=event.usage))

    def _on_child_failed(self, event: t.ChildFailed, _now: float) -> None:
        before = self._state_of(event.ref)
        attempt = self._end(event.ref, Cue.FAILED)
        if attempt is None:
            return
        if before is _S.KILLING or before is _S.EXPIRING:
            self._report_kill(attempt, before, event.usage)
            return
        cause = event.cause if event.cause in m.FAILURE_CAUSES else "bug"
        self._report_failure(attempt, cause, event.sentence, event.usage)

    def _on_child_yielded(self, event: t.ChildYielded, _now: float) -> None:
        attempt = self._end(event.ref, Cue.YIELDED)
        if attempt is not None:
            report = m.Yielded(
                seq=0,
                ref=event.ref,
                checkpoint=event.checkpoint,
                passes_done=event.passes_done,
                usage=event.usage,
            )
            self._report(attempt, report)

    def _on_child_killed(self, event: t.ChildKilled, _now: float) -> None:
        before = self._state_of(event.ref)
        attempt = self._end(event.ref, Cue.KILLED)
        if attempt is not None:
            self._report_kill(attempt, before, event.usage)

    def _report_kill(self, attempt: Attempt, before: AttemptState | None, usage: m.Usage) -> None:
        """The kill was the dispatcher's, or our own because its time was over."""
        if before is _S.EXPIRING:
            self._report_failure(attempt, "timeout", attempt.verdict, usage)
        else:
            self._report(attempt, m.Released(seq=0, ref=attempt.ref, usage=usage))

    # --- moves and reports -------------------------------------------------------------------------

    def _state_of(self, ref: m.AttemptRef) -> AttemptState | None:
        attempt = self.roster.get(ref)
        return attempt.state if attempt is not None else None

    def _cue(self, ref: m.AttemptRef, cue: Cue) -> Attempt | None:
        """Move the attempt of this name; None where it is unknown or the cue means nothing to it."""
        attempt = self.roster.get(ref)
        return attempt if attempt is not None and self._move(attempt, cue) else None

    def _end(self, ref: m.AttemptRef, cue: Cue) -> Attempt | None:
        """As ``_cue``, for endings: None also where the ending is not to be reported."""
        attempt = self._cue(ref, cue)
        return attempt if attempt is not None and attempt.state is _S.ENDED else None

    def _move(self, attempt: Attempt, cue: Cue) -> bool:
        """Apply the table; False where the cue means nothing to the attempt's state."""
        moves = self.roster.move(attempt, cue)
        self._follow(moves)
        return bool(moves)

    def _follow(self, moves: list[Move]) -> None:
        """Do what entering a state brings with it."""
        for move in moves:
            ref = move.attempt.ref
            match move.attempt.state:
                case AttemptState.ASSIGNED:
                    self._start(move.attempt)
                case AttemptState.YIELDING:
                    self._actions.append(t.YieldChild(ref))
                case AttemptState.KILLING | AttemptState.EXPIRING:
                    self._actions.append(t.KillChild(ref))
                case AttemptState.DISCARDING:
                    self._actions.append(t.KillChild(ref, polite=False))
                case AttemptState.ENDED if move.before is _S.WAITING:
                    self._report(move.attempt, _given_back(ref, move.cue))
                case _:
                    pass

    def _start(self, attempt: Attempt) -> None:
        assign = attempt.assign
        assert attempt.work is not None, "_on_assign lets none through"
        start = t.StartChild(
            ref=assign.ref,
            device=assign.device,
            work=attempt.work,
            frames=assign.frames,
            checkpoint=assign.checkpoint,
            first_sample=assign.first_sample,
            samples=assign.samples,
            more_devices=assign.more_devices,
            cores=assign.cores,
            parts=assign.parts,
            peers=assign.peers,
            ram_bytes=assign.ram_bytes,
        )
        self._actions.append(start)
        if assign.watched:
            self._actions.append(t.WatchChild(assign.ref, on=True))

    def _send(self, message: m.FromNode) -> None:
        """Say what may be lost, where somebody listens."""
        if self._lease.served:
            self._actions.append(t.Send(message))

    def _report(self, attempt: Attempt, report: m.Reliable) -> None:
        """Number it, keep it, and send it where somebody listens; after a Welcome all are sent."""
        numbered = self.reports.number(report)
        attempt.seq = numbered.seq
        self._actions.append(t.Keep(numbered))
        self._send(numbered)

    def _report_failure(self, attempt: Attempt, cause: str, sentence: str, usage: m.Usage) -> None:
        sentence = sentence[:SENTENCE_MAX]
        report = m.Failed(seq=0, ref=attempt.ref, cause=cause, sentence=sentence, usage=usage)
        self._report(attempt, report)

    def check_invariants(self) -> None:
        """Raise AssertionError where two parts of the state contradict each other."""
        self.reports.check_invariants()
        self.roster.check_invariants()
        for attempt in self.roster.everyone():
            if attempt.state is _S.ENDED:
                assert self.reports.waiting(attempt.seq) is not None, attempt.ref


def _given_back(ref: m.AttemptRef, cue: Cue) -> m.Reliable:
    """The report of an attempt that never started."""
    if cue is Cue.REVOKE_KILL:
        return m.Released(seq=0, ref=ref, usage=m.Usage())
    return m.Yielded(seq=0, ref=ref, checkpoint="", passes_done=0, usage=m.Usage())
