"""The agent's brain: events in, actions out; no clock, socket, process or file.

PURE. ``handle(event, now)`` returns what the shell must do, in order; ``next_deadline`` says when to
send a Tick. ``now`` is in seconds of one clock that never goes back and counts suspend.

``lease`` has the times, ``attempts`` the states and the table of moves, ``roster`` who holds which
device, ``reports`` what must not be lost, ``foreman`` what happens to attempts, and this file the link,
time and the agent's own life. Rules:

* A GPU holds one attempt, the cores as many as there are cores for. As much again may wait behind them:
  the successors of stale ones whose kill takes a moment, or a prefetch. More is not taken.
* An attempt that takes longer than its step allows, or shows no life, is killed here and has failed.
* An outcome that came first wins over an order that crossed it: work that is done is reported done,
  also while a kill is under way. A failure during a kill is the kill's.
* Without a lease grants are void, rendering goes on, and READY attempts ask again afterwards.
* A stale attempt is killed without politeness and never mentioned again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from node_agent.agent import session_types as t
from node_agent.agent.foreman import Foreman
from node_agent.agent.lease import Lease
from node_agent.wire import messages as m
from node_agent.wire.version import PROTOCOL

YIELD_GRACE_S = 20.0
"""An agent that is to end waits this long for kernels to yield and commands to finish."""
ACK_GRACE_S = 5.0
"""... and this much longer for kills and acknowledgements; the outbox keeps the rest."""
PAUSE_S = 30.0
"""A longer silence of this process's own means that it or the machine stood still: it never sleeps so long
while it has a dispatcher or looks for one."""
NAP_S = 20.0
"""A machine that was told to suspend and still runs after this long says so."""
NAP_POLL_S = 1.0
"""Until then it looks this often whether it has slept: it is awake then, and somebody waits for it."""
NAP_GAP_S = 5.0
EXIT_DONE = 0
EXIT_REFUSED = 4


class AgentSession:
    """One incarnation of an agent, from Begin to Stop."""

    def __init__(self, config: t.SessionConfig) -> None:
        self._config = config
        self._lease = Lease(config.hello_retry_s)
        self._actions: list[t.SessionAction] = []
        self._foreman = Foreman(config, self._lease, self._actions)
        self._roster = self._foreman.roster
        self._greeted_arrivals = 0
        """Arrivals when the first Hello since the last Welcome was said: what a Welcome may judge."""
        self._greeted = False
        self._begun = False
        self._away = ""
        """Why the machine is not the farm's now."""
        self._update = ""
        """The version to install when all work is over."""
        self._dozes = False
        """It said that it may sleep, and waits for the word."""
        self._naps = False
        """The machine was told to suspend."""
        self._exits = False
        """Stop as soon as nothing is left: drained, or asked to finish."""
        self._kill_at: float | None = None
        self._give_up_at: float | None = None
        self._stopped = False
        self._last_at: float | None = None
        self._on_event: dict[type, Callable[[Any, float], None]] = {
            t.Begin: self._on_begin,
            t.LinkUp: self._on_link_up,
            t.Finish: self._on_finish,
            t.Tick: self._on_tick,
            t.FromDispatcher: self._on_message,
            t.Measured: self._on_measured,
            t.WentAway: self._on_went_away,
            t.SleepFailed: self._on_sleep_failed,
            **self._foreman.handlers,
        }
        self._on_order: dict[type, Callable[[Any, float], None]] = {
            m.Welcome: self._on_welcome,
            m.Beat: self._on_beat,
            m.Refused: self._on_refused,
            m.Drain: self._on_drain,
            m.Update: self._on_update,
            m.Sleep: self._on_sleep,
            m.Wake: self._on_wake,
            **self._foreman.handlers,
        }

    # --- what the shell asks ----------------------------------------------------------------------

    @property
    def is_served(self) -> bool:
        """Whether logs, previews and metrics would reach a dispatcher that knows this agent."""
        return self._lease.served and not self._stopped

    @property
    def is_working(self) -> bool:
        """Whether a child works on something."""
        return any(self._roster.holders())

    def is_reporting(self, ref: m.AttemptRef) -> bool:
        """Whether anything about this attempt may still be said."""
        return self._foreman.is_reporting(ref)

    def handle(self, event: t.SessionEvent, now: float) -> list[t.SessionAction]:
        """Take one event and return what must be done, in this order."""
        if self._stopped:
            return []
        self._lease.watch(now)
        self._notice_pause(now)
        self._on_event[type(event)](event, now)
        if self._begun and not self._stopped:
            self._watch_timers(now)
            self._stop_when_idle(now)
        actions = list(self._actions)
        self._actions.clear()
        return actions

    def _notice_pause(self, now: float) -> None:
        """A machine that slept must not say of its attempts that they were stuck."""
        if self._last_at is not None and now - self._last_at > PAUSE_S:
            self._foreman.forgive(now - self._last_at)
        if self._naps and self._last_at is not None and now - self._last_at > NAP_GAP_S:
            self._greet(now)
        self._last_at = now

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
        times.append(self._foreman.next_timeout())
        if self._naps and self._last_at is not None:
            times.append(self._last_at + NAP_POLL_S)
        return min(times)

    # --- the shell's own events --------------------------------------------------------------------

    def _on_begin(self, event: t.Begin, now: float) -> None:
        self._begun = True
        self._lease.heard(now)
        for report in event.backlog:
            self._foreman.adopt(report)
        self._greet(now)

    def _on_link_up(self, _event: t.LinkUp, now: float) -> None:
        if self._begun:
            self._greet(now)

    def _on_measured(self, event: t.Measured, now: float) -> None:
        """The dispatcher hears of it in a Hello; none is said while the first has no answer."""
        replace = msgspec.structs.replace
        self._config = replace(self._config, gflops=event.gflops, disk_bps=event.disk_bps)
        if self._lease.served:
            self._greet(now)

    def _on_went_away(self, event: t.WentAway, _now: float) -> None:
        if self._update:
            return  # whoever comes or goes, it takes nothing more
        self._away = self._foreman.away = event.why
        if self._lease.served:
            self._actions.append(t.Send(m.Away(event.why)))
        if event.why and event.policy == "yield":
            self._foreman.yield_all()
        elif event.why and event.policy == "hand-back":
            self._foreman.hand_back()

    def _on_tick(self, _event: t.Tick, _now: float) -> None:
        """What time brings is looked at on every event."""

    def _on_finish(self, event: t.Finish, now: float) -> None:
        self._exit_when_idle(exits=True)
        if event.now or not any(self._roster.holders()):
            self._kill_at = now
        elif self._kill_at is None:
            self._kill_at = now + YIELD_GRACE_S
            self._foreman.yield_all()

    # --- time ------------------------------------------------------------------------------------------

    def _watch_timers(self, now: float) -> None:
        if now >= self._lease.absent_at:
            self._foreman.kill_all()
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at, self._give_up_at = None, now + ACK_GRACE_S
            self._foreman.kill_all()
        self._foreman.end_the_late(now)
        if not self._lease.served:
            if now >= self._lease.hello_at:
                self._greet(now)
            return
        if now >= self._lease.beat_at:
            self._beat(now)
        self._foreman.ask_for_grants(now)

    def _stop_when_idle(self, now: float) -> None:
        if not self._exits:
            return
        is_told = not self._foreman.reports or not self._lease.served
        if not self._roster and not self._foreman.reports:
            self._actions.append(t.Send(m.Goodbye("The node was asked to stop.")))
            self._stop(EXIT_DONE, "All work is over and reported.")
        elif self._give_up_at is not None and not any(self._roster.holders()) and is_told:
            self._stop(EXIT_DONE, "All work is over; its reports wait for the next start.")
        elif self._give_up_at is not None and now >= self._give_up_at:
            self._stop(EXIT_DONE, "Stopped before the dispatcher acknowledged everything.")

    def _stop(self, code: int, sentence: str) -> None:
        self._stopped = True
        self._actions.append(t.Stop(code, sentence, self._update))

    # --- the link --------------------------------------------------------------------------------------

    def _greet(self, now: float) -> None:
        self._dozes = self._naps = False
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
            gflops=config.gflops,
            disk_bps=config.disk_bps,
            away=self._away,
            macs=config.macs,
            broadcasts=config.broadcasts,
            can_sleep=config.can_sleep,
        )
        self._actions.append(t.Send(hello))

    def _beat(self, now: float) -> None:
        number = self._lease.beat_sent(now)
        self._actions.append(t.Send(m.Heartbeat(self._roster.running(), number)))

    def _on_welcome(self, message: m.Welcome, now: float) -> None:
        self._greeted = False
        self._lease.welcome(message, now)
        self._foreman.take_ack(message.acked)
        self._foreman.discard_all_but(set(message.keep), self._greeted_arrivals)
        # First the heartbeat: its answer is the lease without which the grants to come are void.
        self._beat(now)
        self._foreman.say_all_again(now)

    def _on_beat(self, message: m.Beat, _now: float) -> None:
        self._lease.beat_answered(message.number)
        for ref in message.stale:
            self._foreman.discard(ref)

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

    def _on_drain(self, message: m.Drain, _now: float) -> None:
        self._exit_when_idle(exits=self._exits or message.exit)

    def _on_update(self, message: m.Update, now: float) -> None:
        """As for a drain, but nothing more is taken, and what starts anew is another version."""
        if message.version in ("", self._config.version):
            return
        self._on_went_away(t.WentAway(f"It installs version {message.version}."), now)
        self._update = message.version
        self._exit_when_idle(exits=True)

    # --- sleep -----------------------------------------------------------------------------------------

    def _on_sleep(self, message: m.Sleep, now: float) -> None:
        """Say whether the machine may sleep; put it to sleep when the dispatcher has recorded that."""
        why = self._why_awake()
        if not message.now:
            self._dozes = not why
            self._actions.append(t.Send(m.Sleeping(why)))
        elif self._dozes and not why:
            self._dozes, self._naps = False, True
            self._lease.nap(now, NAP_S)
            self._actions.append(t.Suspend())

    def _why_awake(self) -> str:
        if self._away:
            return self._away
        if self._roster or self._foreman.reports:
            return "It has work."
        return "" if self._config.can_sleep else "Its agent knows no command for that."

    def _on_sleep_failed(self, _event: t.SleepFailed, now: float) -> None:
        self._config = msgspec.structs.replace(self._config, can_sleep=False)
        if self._naps:
            self._greet(now)

    def _on_wake(self, message: m.Wake, _now: float) -> None:
        self._actions.append(t.WakeOthers(message.macs, message.broadcasts))

    def _exit_when_idle(self, *, exits: bool) -> None:
        self._exits = self._foreman.is_ending = exits

    def check_invariants(self) -> None:
        """Raise AssertionError where two parts of the state contradict each other. For tests and the
        simulator, after each event."""
        self._foreman.check_invariants()
