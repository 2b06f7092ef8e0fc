"""The agent's one loop: socket, children's pipes and deadlines in; what the session decides out.

A turn drains a bounded part of each source, so that no flood of one delays another: heartbeats above
all. Order within a turn: what the session orders is done, what it wants kept is synced to the outbox
once, and then one batch is sent.
"""

from __future__ import annotations

import logging
import math
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from types import FrameType

import zmq

from node_agent.agent import session_types as t
from node_agent.agent.credit import Credit
from node_agent.agent.desk import Desk
from node_agent.agent.link import Link, LinkEvent
from node_agent.agent.logbuffer import LogBuffer
from node_agent.agent.outbox import Outbox
from node_agent.agent.power import Power, send_packets
from node_agent.agent.probe import MetricsProbe
from node_agent.agent.selfcheck import SelfCheck
from node_agent.agent.session import AgentSession
from node_agent.agent.stage import Stage
from node_agent.agent.supervisor import ChildLog, Occurrence, Supervisor
from node_agent.agent.system import platform
from node_agent.agent.wakeup import Wakeup
from node_agent.wire.codec import WireError, encode
from node_agent.wire.messages import AttemptRef, Beat, FromNode, Heartbeat, Preview, Welcome

METRICS_S = 1.0
REOPEN_S_FIRST = 1.0
REOPEN_S_MAX = 30.0
BATCH_BYTES = 256 << 10
LOG_BYTES_A_TURN = 128 << 10
CHILD_UP_S = 10.0
"""Hello names the kernels, which the first child tells; an agent whose children do not start says
Hello without."""
IDLE_S = 60.0

_log = logging.getLogger("agent")


class AgentLoop:
    """Runs until the session stops it; ``run`` returns the exit code."""

    def __init__(
        self,
        make_session: Callable[[list[str]], AgentSession],
        link: Link,
        supervisor: Supervisor,
        outbox: Outbox,
        probe: MetricsProbe,
        self_check: SelfCheck | None = None,
        desk: Desk | None = None,
        stage: Stage | None = None,
        power: Power | None = None,
    ) -> None:
        self._make_session = make_session
        self._link = link
        self._supervisor = supervisor
        self._outbox = outbox
        self._probe = probe
        self._self_check = self_check
        self._desk = desk
        self._stage = stage
        self._power = power
        self._session: AgentSession | None = None
        self._stop: t.Stop | None = None
        self._poller = zmq.Poller()
        self._polled: dict[int | zmq.Socket[bytes], int] = {}
        self._logs = LogBuffer()
        self._previews: dict[AttemptRef, Preview] = {}
        """The newest that is not sent, by attempt."""
        self._credit = Credit()
        self._batch: list[FromNode] = []
        self._is_up = False
        self._metrics_at = platform.now()
        self._begin_at = platform.now() + CHILD_UP_S
        self._reopen_at: float | None = None
        self._reopen_s = REOPEN_S_FIRST
        self._signals = 0
        self._signals_seen = 0

    # --- running -----------------------------------------------------------------------------------

    def run(self) -> int:
        """Turn until the session says Stop. Blocks."""
        wakeup = Wakeup()
        handlers = {number: signal.signal(number, self._on_signal) for number in _ENDING}
        try:
            self._supervisor.start_children()
            while self._stop is None:
                self._poll(wakeup)
                self._turn()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            wakeup.close()
            if self._self_check is not None:
                self._self_check.close()
            if self._desk is not None:
                self._desk.close()
            if self._stage is not None:
                self._stage.close()
            if self._power is not None:
                self._power.close()
            self._supervisor.close()
            self._outbox.close()
        _log.info("%s", self._stop.sentence)
        return self._stop.code

    @property
    def update(self) -> str:
        """The version that is to be installed now that ``run`` is over; '': none."""
        return self._stop.version if self._stop is not None else ""

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _poll(self, wakeup: Wakeup) -> None:
        """Wait for anything. The set of what is polled changes with the children."""
        wanted: dict[int | zmq.Socket[bytes], int] = {
            self._link.socket: zmq.POLLIN,
            self._link.monitor: zmq.POLLIN,
            wakeup.descriptor: zmq.POLLIN,
        }
        wanted.update(dict.fromkeys(self._supervisor.readable(), int(zmq.POLLIN)))
        wanted.update(dict.fromkeys(self._supervisor.writable(), int(zmq.POLLOUT)))
        if self._self_check is not None:
            wanted.update(dict.fromkeys(self._self_check.readable(), int(zmq.POLLIN)))
        if self._stage is not None:
            wanted.update(dict.fromkeys(self._stage.readable(), int(zmq.POLLIN)))
        if self._power is not None:
            wanted.update(dict.fromkeys(self._power.readable(), int(zmq.POLLIN)))
        if wanted != self._polled:
            self._poller = zmq.Poller()
            for source, flags in wanted.items():
                self._poller.register(source, flags)
            self._polled = wanted
        # Rounded up: a millisecond too early would spin until the deadline.
        ready = self._poller.poll(max(0, math.ceil((self._deadline() - platform.now()) * 1000)))
        if any(source == wakeup.descriptor for source, _ in ready):
            wakeup.clear()

    def _deadline(self) -> float:
        times = [platform.now() + IDLE_S, *self._deadlines()]
        return min(times)

    def _deadlines(self) -> Iterator[float]:
        session = self._session
        for at in (
            self._supervisor.next_deadline(),
            self._reopen_at,
            self._self_check.next_deadline() if self._self_check is not None else None,
            self._stage.next_deadline() if self._stage is not None else None,
            session.next_deadline() if session is not None else self._begin_at,
            self._desk.next_deadline(is_working=session.is_working)
            if self._desk is not None and session is not None
            else None,
        ):
            if at is not None:
                yield at
        if session is not None and session.is_served:
            yield self._metrics_at
            if self._logs and self._credit.available:
                yield platform.now()

    def _turn(self) -> None:
        self._watch_link()
        self._receive()
        children = self._stage or self._supervisor
        for occurrence in children.turn():
            self._take(occurrence)
        if self._session is None:
            self._begin_when_ready()
        else:
            self._handle_signals()
            self._handle(t.Tick())
            self._watch_desk(self._session)
            self._check_self(self._session)
            self._watch_power()
            self._add_bulk(self._session)
        self._outbox.commit()
        self._send()

    # --- in -------------------------------------------------------------------------------------------

    def _begin_when_ready(self) -> None:
        kernels = self._supervisor.kernels()
        if kernels is None and platform.now() < self._begin_at and not self._signals:
            return
        self._session = self._make_session(kernels or [])
        self._handle(t.Begin(self._outbox.backlog()))
        self._outbox.commit()
        self._outbox.retire()

    def _watch_desk(self, session: AgentSession) -> None:
        if self._desk is not None:
            changed = self._desk.turn(platform.now(), is_working=session.is_working)
            if changed is not None:
                _log.info("%s", changed.why or "this machine is the farm's again")
                self._handle(changed)

    def _check_self(self, session: AgentSession) -> None:
        """Measure once this node is registered; what comes of it goes out with another Hello."""
        check = self._self_check
        if check is None:
            return
        if check.is_wanted and session.is_served:
            check.start()
        measured = check.turn()
        self._spare()
        if measured is not None:
            self._handle(measured)

    def _watch_power(self) -> None:
        if self._power is not None and (failed := self._power.turn()) is not None:
            _log.warning("this machine does not sleep: %s", failed.sentence)
            self._handle(failed)

    def _spare(self) -> None:
        """Name the supervisor the children that are not its own."""
        check, stage, power = self._self_check, self._stage, self._power
        pids = (check.pid if check is not None else None, power.pid if power is not None else None)
        own = {pid for pid in pids if pid is not None}
        self._supervisor.spared = own | (stage.pids() if stage is not None else set())

    def _watch_link(self) -> None:
        for event in self._link.events():
            self._is_up = event is LinkEvent.UP
            if event is LinkEvent.UP:
                self._reopen_s = REOPEN_S_FIRST
                self._credit.reset()
                self._batch.clear()
                self._handle(t.LinkUp())
            elif event is LinkEvent.DENIED:
                _log.warning("the dispatcher does not take this node's key: was it removed?")
                self._reopen_later()
        if self._reopen_at is not None and platform.now() >= self._reopen_at:
            self._reopen_at = None
            self._link.reopen()

    def _reopen_later(self) -> None:
        self._is_up = False
        self._reopen_at = platform.now() + self._reopen_s
        self._reopen_s = min(REOPEN_S_MAX, self._reopen_s * 2)

    def _receive(self) -> None:
        for message in self._link.receive():
            if isinstance(message, Beat):
                self._credit.beat_answered(platform.now())
            elif isinstance(message, Welcome) and self._stage is not None:
                self._stage.port = message.staging_port
            self._handle(t.FromDispatcher(message))

    def _handle_signals(self) -> None:
        while self._signals_seen < self._signals:
            self._signals_seen += 1
            self._handle(t.Finish(now=self._signals_seen > 1))

    def _take(self, occurrence: Occurrence) -> None:
        session = self._session
        match occurrence:
            case ChildLog(ref, lines):
                if ref is None:
                    for line in lines:
                        logging.getLogger("child").info("%s", line)
                elif session is not None and session.is_reporting(ref):
                    self._logs.add(ref, lines)
                    self._handle(t.ChildSpoke(ref))
            case Preview():
                if session is not None and session.is_reporting(occurrence.ref):
                    self._previews[occurrence.ref] = occurrence
            case _:
                self._handle(occurrence)

    # --- out ------------------------------------------------------------------------------------------

    def _handle(self, event: t.SessionEvent) -> None:
        if self._session is None:
            return
        for action in self._session.handle(event, platform.now()):
            self._perform(action)

    def _perform(self, action: t.SessionAction) -> None:
        match action:
            case t.Send(message):
                self._batch.append(message)
                if isinstance(message, Heartbeat):
                    self._credit.beat_sent(platform.now())
            case t.Keep(message):
                self._outbox.keep(message)
            case t.Forget(seq):
                self._outbox.forget(seq)
            case t.DeleteParts(paths):
                # A slow file server must not keep heartbeats waiting.
                Thread(target=_delete, args=(paths,), daemon=True).start()
            case t.Suspend():
                self._suspend()
            case t.WakeOthers(macs, broadcasts):
                send_packets(macs, broadcasts)
            case t.Stop():
                self._stop = action
            case _:
                (self._stage or self._supervisor).perform(action)
                self._spare()

    def _suspend(self) -> None:
        _log.info("this machine is put to sleep")
        if self._power is not None:
            self._power.suspend()
            self._spare()

    def _add_bulk(self, session: AgentSession) -> None:
        """Metrics each second; pictures and log lines as far as the credit goes."""
        if not session.is_served:
            return
        now = platform.now()
        if now >= self._metrics_at:
            self._metrics_at = now + METRICS_S
            self._batch.append(self._probe.sample(now))
            if session.is_working:
                self._supervisor.note_use(self._probe.gpu_use())
        for ref in list(self._previews):
            if self._credit.available < len(self._previews[ref].image):
                break
            preview = self._previews.pop(ref)
            self._credit.spend(len(preview.image))
            self._batch.append(preview)
        for lines in self._logs.take(min(self._credit.available, LOG_BYTES_A_TURN)):
            self._credit.spend(sum(len(line) for line in lines.lines))
            self._batch.append(lines)

    def _send(self) -> None:
        """Send what the turn brought. What cannot be sent is lost: a new connection repeats what
        matters."""
        batch, self._batch = self._batch, []
        if not self._is_up:
            return
        for data in _packed(batch):
            if not self._link.send(data):
                _log.warning("the connection takes no more; opening another")
                self._reopen_later()
                return


_ENDING = (signal.SIGTERM, signal.SIGINT)


def _delete(paths: Sequence[str]) -> None:
    """Delete pieces of split frames; one that stays is a file too many, no more."""
    for path in paths:
        try:
            Path(path).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("cannot delete %s: %s", path, error)


def _packed(batch: list[FromNode]) -> Iterator[bytes]:
    """Encode in pieces far below the limit of a message."""
    part: list[FromNode] = []
    size = 0
    for message in batch:
        part.append(message)
        size += _rough_size(message)
        if size > BATCH_BYTES:
            yield from _encoded(part)
            part, size = [], 0
    if part:
        yield from _encoded(part)


def _rough_size(message: FromNode) -> int:
    match message:
        case Preview():
            return len(message.image)
        case _ if hasattr(message, "lines"):
            return 4 * sum(len(line) for line in getattr(message, "lines", ()))
        case _ if hasattr(message, "files"):
            return 256 * len(getattr(message, "files", ()))
        case _:
            return 128


def _encoded(part: list[FromNode]) -> Iterator[bytes]:
    try:
        yield encode(part)
    except WireError as error:
        if len(part) == 1:
            _log.error("a report cannot be sent: %s", error)
            return
        for message in part:
            yield from _encoded([message])
