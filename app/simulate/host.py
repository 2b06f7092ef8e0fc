"""The dispatcher's process: the real core, a store that keeps what was committed, and sudden deaths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from app.core import actions as act
from app.core.changes import Change
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import Event, NodeSaid, Now, Tick
from app.core.ids import Role
from app.core.live import Live
from app.core.state import FarmState
from app.core.turn import Turn
from app.simulate.agent import Agent
from app.simulate.clock import Clock
from app.simulate.options import Options
from node_agent.wire.messages import FromNode, ToNode

WALL = 1_800_000_000.0
ADMIN = "a" * 40
DRAIN_MAX = 20
"""Messages of a turn in a checked farm: few, so that a death finds some undone."""
DRAIN_MAX_STEADY = 2_000
WAKES_S = 8.0
"""From a magic packet until the machine runs."""
LAG_S, LAG_S_STEADY = 0.001, 0.5
"""Between the end of a turn and one that comes for its deadline alone; a busy farm has others before."""
SNAPSHOT_CHANGES = 50_000
SNAPSHOT_SHARE = 0.02


class Store:
    """What the disk holds: sections as of a change, and the changes since (all, while nobody drops them)."""

    def __init__(self, *, keeps_all: bool = True) -> None:
        self.changes: list[Change] = []
        self._keeps_all = keeps_all
        self._sections: dict[str, bytes] = {}
        self._upto = 0

    @property
    def waiting(self) -> int:
        """Changes since the last snapshot."""
        return len(self.changes) - self._upto

    def commit(self, changes: Sequence[Change]) -> None:
        self.changes += changes

    def snapshot(self, state: FarmState) -> None:
        self._sections |= state.sections(only_dirty=bool(self._sections))
        if not self._keeps_all:
            self.changes.clear()
        self._upto = len(self.changes)

    def load(self) -> FarmState:
        state = FarmState.from_sections(self._sections)
        for change in self.changes[self._upto :]:
            state.apply(change)
        return state


class Host:
    """One turn at a time: drain, handle, place, commit, act; may die between any two of these."""

    def __init__(
        self,
        clock: Clock,
        rng: Random,
        options: Options,
        agents: Mapping[str, Agent],
        config: Config,
    ) -> None:
        self._clock, self._rng, self.options = clock, rng, options
        self._agents, self._config = agents, config
        self.store = Store(keeps_all=options.is_checked)
        self.core: Dispatcher | None = None
        self.life = 0
        self._drain_max = DRAIN_MAX_STEADY if options.is_steady else DRAIN_MAX
        self._inbox: list[Event] = []
        self._is_turn_due = False
        self._deadline: float | None = None
        """Of the core, as of its last turn: nothing changes it between two."""
        self._wakes_at: float | None = None
        self.on_events: Callable[[Now, list[Event]], None] = lambda _now, _events: None
        """Before a turn: what the core is about to see."""
        self.on_start: Callable[[Now], None] = lambda _now: None
        self.on_commit: Callable[[list[Change]], None] = lambda _: None
        self.on_turn: Callable[[list[act.Action]], None] = lambda _: None
        self.on_answer: Callable[[act.AnswerClient], None] = lambda _: None
        self.trace: Callable[[str], None] = lambda _: None
        for agent in agents.values():
            agent.link.up.deliver = self._ear(agent.key)

    def _ear(self, key: str) -> Callable[[Sequence[FromNode]], None]:
        def hear(frame: Sequence[FromNode]) -> None:
            if self.core is not None:
                self._inbox += [NodeSaid(key, message) for message in frame]
                self._turn_soon()

        return hear

    @property
    def now(self) -> Now:
        return Now(self._clock.now, WALL + self._clock.now)

    @property
    def brain(self) -> Dispatcher:
        """The core, where it must be alive."""
        assert self.core is not None, "the dispatcher is dead"
        return self.core

    @property
    def live(self) -> Live:
        """The core's knowledge of sessions and attempts, for judges."""
        return self.turn.live

    @property
    def turn(self) -> Turn:
        """What the core's handlers share, for judges."""
        return self.brain._turn  # pyright: ignore[reportPrivateUsage]

    def start(self) -> None:
        self.life += 1
        self.trace(f"dispatcher starts, life {self.life}")
        self.core = Dispatcher(self.store.load(), self._config)
        self._deadline = self.core.next_deadline()
        self._is_turn_due, self._wakes_at = False, None
        self._inbox = [Tick()]
        admitted = self.core.admit(ADMIN, Role.ADMIN, "Ada", self.now)
        for agent in self._agents.values():
            admitted += self.core.admit(agent.key, Role.NODE, agent.name, self.now)
        self._commit(admitted)
        self.on_start(self.now)
        self._turn_soon()
        for agent in self._agents.values():
            agent.link.mend()

    def die(self) -> None:
        """Kill -9: all but the store is gone; what was sent to a dead process is lost."""
        self.trace("dispatcher dies")
        self.core = None
        self._inbox = []
        for agent in self._agents.values():
            agent.link.break_()

    def take(self, event: Event) -> None:
        if self.core is not None:
            self._inbox.append(event)
            self._turn_soon()

    def _turn_soon(self) -> None:
        if not self._is_turn_due:
            self._is_turn_due = True
            life, wait = self.life, self.options.turn_s
            if not self.options.is_steady:
                wait = self._rng.uniform(0, wait)
            self._clock.after(wait, lambda: self._turn(life))

    def _turn(self, life: int) -> None:
        core = self.core
        if core is None or life != self.life:
            return
        self._is_turn_due = False
        now = self.now
        events, self._inbox = self._inbox[: self._drain_max], self._inbox[self._drain_max :]
        if self._deadline is not None and self._deadline <= now.mono:
            events.append(Tick())
        self.on_events(now, events)
        actions: list[act.Action] = []
        for event in events:
            actions += core.handle(event, now)
        actions += core.place(now)
        if self.options.is_checked:
            core.check_invariants()
        if not self._carry_out(actions):
            return
        self.on_turn(actions)
        if self._inbox:
            self._turn_soon()
        self._arm()

    def _carry_out(self, actions: list[act.Action]) -> bool:
        """Commit, then send; False where the process died on the way."""
        if self._dies("before the commit"):
            return False
        self._commit(actions)
        if self._dies("after the commit"):
            return False
        self._snapshot_if_due()
        cut = self._rng.randrange(len(actions) + 1) if self._rolls() else None
        self._send(actions[:cut])
        if cut is not None:
            self.trace("while it sends:")
            self.die_and_restart()
        return cut is None

    def _snapshot_if_due(self) -> None:
        is_due = (
            self._rng.random() < SNAPSHOT_SHARE
            if self.options.is_checked
            else self.store.waiting > SNAPSHOT_CHANGES
        )
        if is_due:
            self.store.snapshot(self.brain.state)

    def _rolls(self) -> bool:
        # A rate a second, spread over some tens of turns a second.
        rate = self.options.dispatcher_crashes
        return rate > 0 and self._rng.random() < rate / 50

    def _dies(self, when: str) -> bool:
        if self._rolls():
            self.trace(f"{when}:")
            self.die_and_restart()
            return True
        return False

    def die_and_restart(self) -> None:
        self.die()
        self._clock.after(self._rng.choice([0.1, 2.0, 20.0, 60.0]), self.revive)

    def revive(self) -> None:
        if self.core is None:
            self.start()

    def _commit(self, actions: Sequence[act.Action]) -> None:
        changes = [action.change for action in actions if isinstance(action, act.Save)]
        if changes:
            self.store.commit(changes)
            self.on_commit(changes)

    def _send(self, actions: Sequence[act.Action]) -> None:
        """One frame for each node, as the real one."""
        frames: dict[str, list[ToNode]] = {}
        for action in actions:
            if isinstance(action, act.SendNode):
                frames.setdefault(action.key, []).append(action.message)
            elif isinstance(action, act.AnswerClient):
                self.on_answer(action)
            elif isinstance(action, act.WakeMachine):
                self._wake_machines(action.macs)
        for key, frame in frames.items():
            if agent := self._agents.get(key):
                agent.link.to_agent(frame)

    def _wake_machines(self, macs: Sequence[str]) -> None:
        """Magic packets arrive in a moment, and a machine takes some to be awake."""
        for agent in self._agents.values():
            if agent.mac in macs:
                self._clock.after(WAKES_S, agent.go_on)

    def _arm(self) -> None:
        deadline = self._deadline = self.brain.next_deadline()
        if deadline is None or (self._wakes_at is not None and self._wakes_at <= deadline):
            return
        self._wakes_at = deadline
        life = self.life
        lag_s = LAG_S_STEADY if self.options.is_steady else LAG_S
        moment = max(deadline, self._clock.now + lag_s)
        self._clock.at(moment, lambda: self._wake(life, deadline))

    def _wake(self, life: int, deadline: float) -> None:
        if life == self.life and deadline == self._wakes_at:
            self._wakes_at = None
            self._turn(life)
