"""The loop: one turn drains, decides, commits once, then sends. One thread, no locks.

Persist, then send: an answer, an acknowledgement or a grant leaves only after the transaction that holds
what it says. When a commit fails, what the core decided is thrown away and the state is loaded anew.
"""

from __future__ import annotations

import gc
import logging
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

import app
from app.core.actions import (
    Action,
    AnswerClient,
    KeyChanged,
    Log,
    NewKeyPair,
    PublishRow,
    PublishTask,
    Save,
    SendNode,
    WakeMachine,
)
from app.core.commands import Answer, Receipt, Refusal
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import ClientAsked, Event, Now, Tick, TokenMade
from app.core.ids import Role
from app.core.views import FarmInfo
from app.dispatcher.access import Access
from app.dispatcher.clock import read_now
from app.dispatcher.content import Content
from app.dispatcher.history import HistoryKeeper
from app.dispatcher.inbox import Inbox, Inputs
from app.dispatcher.keys import new_token
from app.dispatcher.logs import Logs
from app.dispatcher.outbox import Outbox
from app.dispatcher.pictures import Pictures
from app.dispatcher.pruning import roots_in_use
from app.dispatcher.publisher import Publisher
from app.dispatcher.queries import Queries
from app.dispatcher.recorder import Recorder
from app.dispatcher.sockets import Sockets
from app.dispatcher.staging import Granted, Grants
from app.dispatcher.telemetry import Telemetry
from app.dispatcher.wake import wake
from app.dispatcher.watch import Watches
from app.store.faults import StoreFault
from app.store.home import Home
from app.store.repository import Repository
from node_agent.wire.messages import Grant, Watch

log = logging.getLogger("windfire.dispatcher")
core_log = logging.getLogger("windfire.core")

WAIT_S_MAX = 1.0
REST_S = 2.0
"""The WAL is emptied this often, after a turn that left nothing waiting: a large farm is never silent."""
STUCK_S = 1.0
"""After a commit that failed, the next one is tried after this long."""
THINK_S = 0.001
"""Of a turn, for forecasts."""
MARK_S = 3600
NAME_S = 600.0
GC_EVERY = 50_000
"""New objects between two collections of garbage: a turn makes thousands, and none of them is part of a cycle."""
LAG_S = 0.001
"""At least this long between two Ticks."""

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who this dispatcher is to others."""

    address_nodes: str
    server_key: str
    admin_key: str
    admin_name: str


class Loop:
    """A dispatcher in operation; ``begin`` loads, ``run`` serves until ``stop``."""

    def __init__(
        self,
        *,
        home: Home,
        config: Config,
        identity: Identity,
        repository: Repository,
        sockets: Sockets,
        now: Callable[[], Now] = read_now,
        access: Access | None = None,
        grants: Grants | None = None,
    ) -> None:
        self._home = home
        self._config = config
        self._identity = identity
        self._repository = repository
        self._sockets = sockets
        self._now = now
        self._access = access or Access()
        self._grants = grants
        self._inbox = Inbox(sockets, self._access)
        self._outbox = Outbox(sockets, self._inbox)
        self._telemetry = Telemetry()
        self._logs = Logs(home.logs)
        self._pictures = Pictures(home.thumbnails)
        self._history = HistoryKeeper(repository)
        self._watches = Watches()
        self._recorder = Recorder(home.events)
        self._started_at = now().wall
        self._made: list[Event] = []
        """Events of our own making, for the next turn."""
        self._recorded_watches: list[tuple[int, int, bool]] = []
        self._decided: int | None = None
        """Checksum of what the last turn saved."""
        self._stuck_until = float("-inf")
        self._stuck_why = ""
        self._ticked_at = float("-inf")
        self._rested_at = float("-inf")
        self._marked_at = 0
        self._named_at = float("-inf")
        self._is_more = False
        self._is_stopping = False
        self.on_begin: Callable[[str], None] = lambda _: None
        """Called with each new instance."""

    def begin(self) -> None:
        """Load the state, and start a new instance: clients will ask for a new snapshot."""
        now = self._now()
        state = self._repository.load()
        self._core = Dispatcher(state, self._config)
        self.instance = secrets.token_hex(8)
        self._publisher = Publisher(self.instance, self._sockets.publish)
        self._new_watches: list[tuple[int, int]] = []
        self._queries = self._make_queries()
        self._content = Content(
            self._core,
            self._publisher,
            self._sockets.publish,
            self._telemetry,
            self._logs,
            self._pictures,
            self._watches,
        )
        self._made = [Tick()]
        admitted = self._core.admit(
            self._identity.admin_key, Role.ADMIN, self._identity.admin_name, now
        )
        self._commit(admitted, now)
        self._perform(admitted, now)
        self._access.replace(self._core.allowed_keys(now))
        # What was just loaded stays: without it a collection of garbage takes a twentieth of the time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_EVERY, 20, 20)
        self.on_begin(self.instance)

    def run(self) -> None:
        """Serve until ``stop``, then leave a snapshot so that the next start is quick."""
        while not self._is_stopping:
            self.turn()
        self._history.write(self._now())
        self._repository.snapshot(self._core.state)

    def stop(self) -> None:
        """End ``run`` after this turn; may be called by a signal handler."""
        self._is_stopping = True

    def watch(self, wake: socket.socket) -> None:
        """Wake up when something is written to this socket's other end."""
        self._wake = wake
        self._sockets.watch(wake.fileno())

    def close(self) -> None:
        """Close the recording; sockets and repository are their owner's."""
        self._recorder.close()

    # --- one turn ---------------------------------------------------------------------------------

    def turn(self) -> None:
        """Wait for something to do, then do all of it, behind one commit."""
        is_stuck = self._now().mono < self._stuck_until
        self._sockets.wait(self._wait_s(), nodes=not is_stuck)
        now = self._now()
        self._sockets.answer_handshakes(
            lambda door, key: self._access.may_enter(door, key, now.wall)
        )
        inputs = self._inbox.drain(now, nodes=not is_stuck)
        self._is_more = inputs.is_more
        if is_stuck:
            self._refuse_commands(inputs)
        else:
            self._serve(inputs, now)
        self._answer(inputs.queries, now)
        self._outbox.flush()
        self._sockets.reopen_deltas()
        self._publisher.flush(now)
        self._think(now)
        if self._history.is_due(now):
            self._history.watch(self._core.pulse(now), self._telemetry.power_w(now.wall), now)
        if now.mono - self._rested_at > REST_S and not self._is_more:
            self._rested_at = now.mono
            self._rest(now)

    def _serve(self, inputs: Inputs, now: Now) -> None:
        events = [*self._made, *inputs.events]
        self._made = []
        self._end_watches(now)
        if self._is_due(now):
            self._ticked_at = now.mono
            events.append(Tick())
        if not events:
            return
        self._record(events, now)
        actions = self._core.handle_all(events, now)
        try:
            self._commit(actions, now)
        except StoreFault as fault:
            self._get_stuck(fault, inputs)
            return
        self._perform(actions, now)
        self._outbox.flush()
        self._perform(self._core.show(now), now)
        self._content.keep(events, now)
        self._snapshot_if_due()

    def _think(self, now: Now) -> None:
        """Go on with a forecast for a moment: what arrives meanwhile waits no longer than for a message more."""
        end = self._now().mono + THINK_S
        while self._core.is_thinking:
            self._perform(self._core.think(now), now)
            if self._is_more or self._now().mono >= end:
                break

    def _record(self, events: list[Event], now: Now) -> None:
        """Keep what the core is about to see, for a replay."""
        if self._recorder.is_wanting(now.mono):
            sections, changes = self._repository.whole(self._core.state)
            self._recorder.begin(sections, changes, self._config, now)
            self._decided = None
        self._recorder.record(now, events, self._recorded_watches, self._decided)
        self._recorded_watches = []

    def _is_due(self, now: Now) -> bool:
        deadline = self._core.next_deadline()
        return deadline is not None and max(deadline, self._ticked_at + LAG_S) <= now.mono

    def _commit(self, actions: list[Action], now: Now) -> None:
        changes = [action.change for action in actions if isinstance(action, Save)]
        if changes:
            self._repository.commit(changes, now.wall)
            self._history.count(changes)
        self._decided = self._repository.check if changes else 0

    def _perform(self, actions: list[Action], now: Now) -> None:
        """Do what was decided, in order; the frequent ones first."""
        for action in actions:
            if isinstance(action, Save):
                continue
            if isinstance(action, SendNode):
                if isinstance(action.message, Grant):
                    self._allow(action.key, action.message, now)
                self._outbox.add(action.key, action.message)
            elif isinstance(action, PublishTask):
                self._publisher.add_task(action.change)
            elif isinstance(action, PublishRow):
                self._publisher.add_row(action.row)
            else:
                self._perform_rare(action, now)

    def _allow(self, key: str, grant: Grant, now: Now) -> None:
        """Frames that are brought here may be put in their folder while the grant holds."""
        work = self._core.state.steps[grant.ref.step].work
        if self._grants is not None and getattr(work, "staged", ""):
            output, until = work.output, now.mono + grant.valid_s
            granted = Granted(output.directory, output.preview_directory, until)
            self._grants.allow(key, grant.ref, granted)

    def _perform_rare(self, action: Action, now: Now) -> None:
        match action:
            case AnswerClient(route, number, body):
                self._inbox.answer(route, number, self._with_seq(body))
            case KeyChanged():
                self._change_key(action)
            case NewKeyPair(key, route, number, valid_s):
                self._make_token(key, route, number, valid_s, now)
            case WakeMachine(macs, broadcasts):
                wake(macs, broadcasts)
            case Log(level, sentence, ref):
                where = f" [{ref.step}/{ref.task}#{ref.epoch}]" if ref else ""
                core_log.log(_LEVELS.get(level, logging.INFO), "%s%s", sentence, where)
            case _:
                log.error("no way to do %s", type(action).__name__)

    def _with_seq(self, body: Answer) -> Answer:
        return replace(body, seq=self._publisher.next_seq) if isinstance(body, Receipt) else body

    def _change_key(self, change: KeyChanged) -> None:
        before = self._access.change(change)
        if change.role is None and before is not None and before >= Role.VIEWER:
            # Handshakes are asked once, and a subscriber never speaks: all must knock again.
            self._sockets.expel_subscribers()

    def _make_token(self, key: str, route: bytes, number: int, valid_s: float, now: Now) -> None:
        public_key, text = new_token(
            self._identity.address_nodes, self._identity.server_key, now.wall + valid_s
        )
        self._made.append(
            TokenMade(
                key=key, route=route, id=number, public_key=public_key, text=text, valid_s=valid_s
            )
        )

    # --- queries and watches ----------------------------------------------------------------------

    def _make_queries(self) -> Queries:
        return Queries(
            core=self._core,
            repository=self._repository,
            publisher=self._publisher,
            telemetry=self._telemetry,
            logs=self._logs,
            pictures=self._pictures,
            watches=self._watches,
            farm=FarmInfo(
                instance=self.instance,
                version=app.__version__,
                started_at=self._started_at,
                now=self._started_at,
                database=str(self._home.database),
            ),
            new_watches=self._new_watches,
            history=self._history,
        )

    def _answer(self, queries: list[ClientAsked], now: Now) -> None:
        for asked in queries:
            self._inbox.answer(asked.route, asked.id, self._queries.answer(asked, now))
        for step, task in self._new_watches:
            self._watch(step, task, on=True)
        self._new_watches.clear()

    def _end_watches(self, now: Now) -> None:
        for step, task in self._watches.end(now.mono):
            self._watch(step, task, on=False)

    def _watch(self, step: int, task: int, *, on: bool) -> None:
        self._core.watch(step, task, on)
        self._recorded_watches.append((step, task, on))
        place = self._core.where(step, task)
        if place is not None:
            key, ref = place
            self._outbox.add(key, Watch(ref, on))

    # --- when the disk does not take it -----------------------------------------------------------

    def _get_stuck(self, fault: StoreFault, inputs: Inputs) -> None:
        """Nothing of this turn happened. Load what is on disk, and try again in a second."""
        if not fault.passing:
            raise fault
        log.error("%s Nothing is accepted until it can be written.", fault.sentence)
        self._stuck_why = fault.sentence
        self._stuck_until = self._now().mono + STUCK_S
        self._refuse_commands(inputs)
        self._recorder.restart()
        self.begin()

    def _refuse_commands(self, inputs: Inputs) -> None:
        for event in inputs.events:
            if isinstance(event, ClientAsked):
                refusal = Refusal(sentence=self._stuck_why, blame="environment")
                self._inbox.answer(event.route, event.id, refusal)

    # --- time -------------------------------------------------------------------------------------

    def _wait_s(self) -> float:
        """Return how long to sleep when nothing arrives."""
        mono = self._now().mono
        if mono < self._stuck_until:
            return min(self._stuck_until, self._publisher.due_at()) - mono
        if self._made or self._is_more or self._core.is_thinking:
            return 0.0
        moments = [self._publisher.due_at(), mono + WAIT_S_MAX]
        deadline = self._core.next_deadline()
        if deadline is not None:
            moments.append(max(deadline, self._ticked_at + LAG_S))
        watch = self._watches.next_end()
        if watch is not None:
            moments.append(watch)
        return max(0.0, min(moments) - mono)

    def _rest(self, now: Now) -> None:
        """Use a quiet moment."""
        self._recorder.flush()
        self._history.rest(now)
        self._mark_forecast(now)
        self._name_staged(now)
        self._repository.idle()

    def _name_staged(self, now: Now) -> None:
        """Tell the staging thread now and then which trees are needed: it deletes others above its limit."""
        if self._grants is not None and now.mono >= self._named_at + NAME_S:
            self._named_at = now.mono
            self._grants.roots = roots_in_use(self._core.state)

    def _mark_forecast(self, now: Now) -> None:
        """Keep what is forecast at each full hour, for the morning's slips."""
        hour = int(now.wall // MARK_S) * MARK_S
        finishes = self._core.finishes()
        if hour == self._marked_at or not finishes:
            return
        self._marked_at = hour
        try:
            self._repository.mark_forecast(hour, finishes)
        except StoreFault as fault:
            log.warning("%s This hour's forecast is not kept.", fault.sentence)

    def _snapshot_if_due(self) -> None:
        if not self._repository.snapshot_due():
            return
        try:
            self._repository.snapshot(self._core.state)
        except StoreFault as fault:
            if not fault.passing:
                raise
            log.warning("%s The snapshot is put off.", fault.sentence)
