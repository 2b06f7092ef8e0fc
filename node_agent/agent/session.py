"""The agent's brain: events in, actions out; no clock, socket, process or file.

PURE. ``handle(event, now)`` returns what the shell must do, in order; ``next_deadline`` says when to
send a Tick. ``now`` is in seconds of one clock that never goes back and counts suspend.

``lease`` has the times, ``attempts`` the states and the table of moves, ``roster`` who holds which
device, ``reports`` what must not be lost, and this file what each event means. Rules:

* A device holds one attempt. One more may wait behind it: the successor of a stale one whose kill
  takes a moment, or a prefetch. A third is refused as a bug of the dispatcher's.
* An outcome that came first wins over an order that crossed it: work that is done is reported done,
  also while a kill is under way. A failure during a kill is the kill's.
* Without a lease grants are void, rendering goes on, and READY attempts ask again afterwards.
* A stale attempt is killed without politeness and never mentioned again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from node_agent.agent import session_types as t
from node_agent.agent.attempts import HOLDS_DEVICE, Attempt, AttemptState, Cue
from node_agent.agent.lease import Lease
from node_agent.agent.reports import Reports
from node_agent.agent.roster import Move, Roster
from node_agent.wire import messages as m
from node_agent.wire.job import Frames, Work
from node_agent.wire.version import PROTOCOL

GRANT_RETRY_S = 10.0
"""Ready is said again after this long without a grant: a dispatcher that dies between acknowledging
and granting would otherwise leave a finished frame waiting."""
YIELD_GRACE_S = 20.0
"""An agent that is to end waits this long for kernels to yield and commands to finish."""
ACK_GRACE_S = 5.0
"""... and this much longer for kills and acknowledgements; the outbox keeps the rest."""
STEPS_MAX = 16_384
SENTENCE_MAX = 1_000
EXIT_DONE = 0
EXIT_REFUSED = 4

_S = AttemptState


class AgentSession:
    """One incarnation of an agent, from Begin to Stop."""

    def __init__(self, config: t.SessionConfig) -> None:
        self._config = config
        self._lease = Lease(config.hello_retry_s)
        self._reports = Reports()
        self._actions: list[t.SessionAction] = []
        self._works: dict[int, Work] = {}
        self._roster = Roster()
        self._greeted_arrivals = 0
        """Arrivals when the first Hello since the last Welcome was said: what a Welcome may judge."""
        self._greeted = False
        self._begun = False
        self._exits = False
        """Stop as soon as nothing is left: drained, or asked to finish."""
        self._kill_at: float | None = None
        self._give_up_at: float | None = None
        self._stopped = False
        self._on_event: dict[type, Callable[[Any, float], None]] = {
            t.Begin: self._on_begin,
            t.LinkUp: self._on_link_up,
            t.Finish: self._on_finish,
            t.Tick: self._on_tick,
            t.FromDispatcher: self._on_message,
            t.ChildStarted: self._on_child_started,
            t.ChildProgress: self._on_child_progress,
            t.ChildReady: self._on_child_ready,
            t.ChildDone: self._on_child_done,
            t.ChildFailed: self._on_child_failed,
            t.ChildYielded: self._on_child_yielded,
            t.ChildKilled: self._on_child_killed,
        }
        self._on_order: dict[type, Callable[[Any, float], None]] = {
            m.Welcome: self._on_welcome,
            m.Beat: self._on_beat,
            m.Refused: self._on_refused,
            m.Describe: self._on_describe,
            m.Assign: self._on_assign,
            m.Grant: self._on_grant,
            m.Revoke: self._on_revoke,
            m.Stale: self._on_stale,
            m.Ack: self._on_ack,
            m.Watch: self._on_watch,
            m.Drain: self._on_drain,
        }

    # --- what the shell asks ----------------------------------------------------------------------

    @property
    def is_served(self) -> bool:
        """Whether logs, previews and metrics would reach a dispatcher that knows this agent."""
        return self._lease.served and not self._stopped

    def is_reporting(self, ref: m.AttemptRef) -> bool:
        """Whether anything about this attempt may still be said."""
        attempt = self._roster.get(ref)
        return attempt is not None and attempt.state is not _S.DISCARDING

    def handle(self, event: t.SessionEvent, now: float) -> list[t.SessionAction]:
        """Take one event and return what must be done, in this order."""
        if self._stopped:
            return []
        self._lease.watch(now)
        self._on_event[type(event)](event, now)
        if self._begun and not self._stopped:
            self._watch_timers(now)
            self._stop_when_idle(now)
        actions, self._actions = self._actions, []
        return actions

    def next_deadline(self) -> float | None:
        """When to send a Tick if nothing else happens before; None: never."""
        if self._stopped or not self._begun:
            return None
        times = [self._lease.next_at]
        times += [at for at in (self._kill_at, self._give_up_at) if at is not None]
        if self._lease.served:
            times += [attempt.ask_at for attempt in self._roster.ready()]
        if self._roster.has_endable():
            times.append(self._lease.absent_at)
        return min(times)

    # --- the shell's own events --------------------------------------------------------------------

    def _on_begin(self, event: t.Begin, now: float) -> None:
        self._begun = True
        self._lease.heard(now)
        for report in event.backlog:
            self._adopt(report)
        self._greet(now)

    def _adopt(self, report: m.Reliable) -> None:
        """Take over an outcome of the previous incarnation under a number of this one."""
        if isinstance(report, m.Ready) or self._roster.get(report.ref) is not None:
            return  # that child is dead; or the report was kept twice
        assign = m.Assign(ref=report.ref, device=-1, frames=Frames(0, 0))
        self._report(self._roster.add_ended(assign), report)

    def _on_link_up(self, _event: t.LinkUp, now: float) -> None:
        if self._begun:
            self._greet(now)

    def _on_tick(self, _event: t.Tick, _now: float) -> None:
        """What time brings is looked at on every event."""

    def _on_finish(self, event: t.Finish, now: float) -> None:
        self._exits = True
        if event.now or not any(self._roster.holders()):
            self._kill_at = now
        elif self._kill_at is None:
            self._kill_at = now + YIELD_GRACE_S
            for attempt in self._roster.everyone():
                self._move(attempt, Cue.REVOKE_YIELD)

    # --- time ------------------------------------------------------------------------------------------

    def _watch_timers(self, now: float) -> None:
        if now >= self._lease.absent_at:
            self._kill_all()
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at, self._give_up_at = None, now + ACK_GRACE_S
            self._kill_all()
        if not self._lease.served:
            if now >= self._lease.hello_at:
                self._greet(now)
            return
        if now >= self._lease.beat_at:
            self._beat(now)
        for attempt in self._roster.ready():
            if now >= attempt.ask_at:
                self._ask_again(attempt, now)

    def _kill_all(self) -> None:
        for attempt in self._roster.everyone():
            self._move(attempt, Cue.REVOKE_KILL)

    def _stop_when_idle(self, now: float) -> None:
        if not self._exits:
            return
        is_told = not self._reports or not self._lease.served
        if not self._roster and not self._reports:
            self._actions.append(t.Send(m.Goodbye("The node was asked to stop.")))
            self._stop(EXIT_DONE, "All work is over and reported.")
        elif self._give_up_at is not None and not any(self._roster.holders()) and is_told:
            self._stop(EXIT_DONE, "All work is over; its reports wait for the next start.")
        elif self._give_up_at is not None and now >= self._give_up_at:
            self._stop(EXIT_DONE, "Stopped before the dispatcher acknowledged everything.")

    def _stop(self, code: int, sentence: str) -> None:
        self._stopped = True
        self._actions.append(t.Stop(code, sentence))

    # --- the link --------------------------------------------------------------------------------------

    def _greet(self, now: float) -> None:
        if not self._greeted:
            self._greeted, self._greeted_arrivals = True, self._roster.arrivals
        self._lease.greet(now)
        config = self._config
        hello = m.Hello(
            protocol=PROTOCOL,
            version=config.version,
            name=config.name,
            incarnation=config.incarnation,
            devices=config.devices,
            kernels=config.kernels,
            tags=config.tags,
            cores=config.cores,
            memory_bytes=config.memory_bytes,
            platform=config.platform,
            running=self._roster.running(),
        )
        self._actions.append(t.Send(hello))

    def _beat(self, now: float) -> None:
        self._lease.beat_sent(now)
        self._actions.append(t.Send(m.Heartbeat(self._roster.running())))

    def _on_welcome(self, message: m.Welcome, now: float) -> None:
        self._greeted = False
        self._lease.welcome(message, now)
        self._take_ack(message.acked)
        kept = set(message.keep)
        for attempt in self._roster.everyone():
            if attempt.number <= self._greeted_arrivals and attempt.ref not in kept:
                self._move(attempt, Cue.STALE)
        # First the heartbeat: its answer is the lease without which the grants to come are void.
        self._beat(now)
        self._actions.extend(t.Send(report) for report in self._reports.all_waiting())
        for attempt in self._roster.ready():
            if self._reports.waiting(attempt.seq) is None:
                self._ask_again(attempt, now)

    def _on_beat(self, message: m.Beat, _now: float) -> None:
        self._lease.beat_answered()
        for ref in message.stale:
            self._cue(ref, Cue.STALE)

    def _on_refused(self, message: m.Refused, now: float) -> None:
        if message.retry:
            self._lease.refused(now)
        else:
            self._stop(EXIT_REFUSED, f"The dispatcher refused this node: {message.sentence}")

    # --- orders of the dispatcher ------------------------------------------------------------------

    def _on_message(self, event: t.FromDispatcher, now: float) -> None:
        self._lease.heard(now)
        handler = self._on_order.get(type(event.message))
        if handler is not None:  # Joined is another time's
            handler(event.message, now)

    def _on_describe(self, message: m.Describe, _now: float) -> None:
        self._works.pop(message.step, None)
        self._works[message.step] = message.work
        if len(self._works) > STEPS_MAX:
            del self._works[next(iter(self._works))]

    def _on_assign(self, message: m.Assign, _now: float) -> None:
        device, devices = message.device, self._config.devices
        if self._roster.get(message.ref) is not None:
            return  # said twice
        work = self._works.get(message.ref.step)
        if not 0 <= device < len(devices):
            sentence = f"Device {device} is not one of this node's {len(devices)}."
            self._report_failure(self._roster.add_ended(message), "bug", sentence, m.Usage())
        elif work is not None and not self._roster.is_full(device):
            self._accept(message, work)
        # Else the two sides see the session differently for a moment, after a pause of this process or a
        # lost message: the frame is not to blame. The dispatcher misses it in the heartbeat and says
        # both, the description and the assignment, again.

    def _accept(self, message: m.Assign, work: Work) -> None:
        attempt = self._roster.add_waiting(message, work)
        if self._exits:
            self._move(attempt, Cue.REVOKE_YIELD)
        self._follow(self._roster.fill(message.device))

    def _on_grant(self, message: m.Grant, now: float) -> None:
        attempt = self._roster.get(message.ref)
        deadline = min(now + message.valid_s, self._lease.publish_until)
        if attempt is None or deadline <= now:
            return  # without a lease the grant is void, and the attempt asks again
        if self._move(attempt, Cue.GRANT):
            attempt.granted = True
            self._actions.append(t.PublishChild(attempt.ref, deadline))

    def _on_revoke(self, message: m.Revoke, _now: float) -> None:
        is_kill = message.mode == "kill"
        self._cue(message.ref, Cue.REVOKE_KILL if is_kill else Cue.REVOKE_YIELD)

    def _on_stale(self, message: m.Stale, _now: float) -> None:
        self._cue(message.ref, Cue.STALE)

    def _on_ack(self, message: m.Ack, _now: float) -> None:
        self._take_ack(message.seq)

    def _take_ack(self, seq: int) -> None:
        acknowledged = self._reports.acknowledge(seq)
        for report in acknowledged:
            attempt = self._roster.get(report.ref)
            if attempt is not None and attempt.seq == report.seq:
                self._move(attempt, Cue.ACKNOWLEDGED)
        if acknowledged:
            self._actions.append(t.Forget(acknowledged[-1].seq))

    def _on_watch(self, message: m.Watch, _now: float) -> None:
        attempt = self._roster.get(message.ref)
        if attempt is not None and attempt.state in HOLDS_DEVICE:
            self._actions.append(t.WatchChild(message.ref, on=message.on))

    def _on_drain(self, message: m.Drain, _now: float) -> None:
        self._exits = self._exits or message.exit

    # --- what children say -------------------------------------------------------------------------

    def _on_child_started(self, event: t.ChildStarted, _now: float) -> None:
        if self._cue(event.ref, Cue.STARTED) and self._lease.served:
            self._actions.append(t.Send(m.Started(event.ref)))

    def _on_child_progress(self, event: t.ChildProgress, _now: float) -> None:
        if self._lease.served and self.is_reporting(event.ref):
            text = event.text[:SENTENCE_MAX]
            self._actions.append(t.Send(m.Progress(event.ref, event.done, event.total, text)))

    def _on_child_ready(self, event: t.ChildReady, now: float) -> None:
        attempt = self._cue(event.ref, Cue.READY)
        if attempt is not None:
            attempt.files = event.files
            attempt.ask_at = now + GRANT_RETRY_S
            self._report(attempt, m.Ready(seq=0, ref=event.ref, files=event.files))

    def _ask_again(self, attempt: Attempt, now: float) -> None:
        attempt.ask_at = now + GRANT_RETRY_S
        waiting = self._reports.waiting(attempt.seq)
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
        report = m.Done(seq=0, ref=event.ref, files=event.files, usage=event.usage)
        self._report(attempt, report)

    def _on_child_failed(self, event: t.ChildFailed, _now: float) -> None:
        known = self._roster.get(event.ref)
        was_killed = known is not None and known.state is _S.KILLING
        attempt = self._end(event.ref, Cue.FAILED)
        if attempt is None:
            return
        if was_killed:
            self._report(attempt, m.Released(seq=0, ref=event.ref, usage=event.usage))
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
        attempt = self._end(event.ref, Cue.KILLED)
        if attempt is not None:
            self._report(attempt, m.Released(seq=0, ref=event.ref, usage=event.usage))

    # --- moves and reports -------------------------------------------------------------------------

    def _cue(self, ref: m.AttemptRef, cue: Cue) -> Attempt | None:
        """Move the attempt of this name; None where it is unknown or the cue means nothing to it."""
        attempt = self._roster.get(ref)
        return attempt if attempt is not None and self._move(attempt, cue) else None

    def _end(self, ref: m.AttemptRef, cue: Cue) -> Attempt | None:
        """As ``_cue``, for endings: None also where the ending is not to be reported."""
        attempt = self._cue(ref, cue)
        return attempt if attempt is not None and attempt.state is _S.ENDED else None

    def _move(self, attempt: Attempt, cue: Cue) -> bool:
        """Apply the table; False where the cue means nothing to the attempt's state."""
        moves = self._roster.move(attempt, cue)
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
                case AttemptState.KILLING:
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
        )
        self._actions.append(start)
        if assign.watched:
            self._actions.append(t.WatchChild(assign.ref, on=True))

    def _report(self, attempt: Attempt, report: m.Reliable) -> None:
        """Number it, keep it, and send it where somebody listens; after a Welcome all are sent."""
        numbered = self._reports.number(report)
        attempt.seq = numbered.seq
        self._actions.append(t.Keep(numbered))
        if self._lease.served:
            self._actions.append(t.Send(numbered))

    def _report_failure(self, attempt: Attempt, cause: str, sentence: str, usage: m.Usage) -> None:
        sentence = sentence[:SENTENCE_MAX]
        report = m.Failed(seq=0, ref=attempt.ref, cause=cause, sentence=sentence, usage=usage)
        self._report(attempt, report)

    def check_invariants(self) -> None:
        """Raise AssertionError where two parts of the state contradict each other. For tests and the
        simulator, after each event."""
        self._reports.check_invariants()
        self._roster.check_invariants()
        for attempt in self._roster.everyone():
            if attempt.state is _S.ENDED:
                assert self._reports.waiting(attempt.seq) is not None, attempt.ref


def _given_back(ref: m.AttemptRef, cue: Cue) -> m.Reliable:
    """The report of an attempt that never started."""
    if cue is Cue.REVOKE_KILL:
        return m.Released(seq=0, ref=ref, usage=m.Usage())
    return m.Yielded(seq=0, ref=ref, checkpoint="", passes_done=0, usage=m.Usage())
