"""The dispatcher's process: the real core, a store that keeps what was committed, and sudden deaths."""

from collections.abc import Callable
from random import Random
from typing import Any

from app.core import actions as act
from app.core.changes import Change
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import Event, NodeSaid, Now, Tick
from app.core.ids import Role
from app.core.state import FarmState
from tests.simulation.agent import Agent
from tests.simulation.clock import Clock
from tests.simulation.options import Options

WALL = 1_800_000_000.0
ADMIN = "a" * 40
DRAIN_MAX = 20


class Store:
    """What the disk holds: sections as of a change, and every change."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._sections: dict[str, bytes] = {}
        self._upto = 0

    def commit(self, changes: list[Change]) -> None:
        self.changes += changes

    def snapshot(self, state: FarmState) -> None:
        self._sections |= state.sections(only_dirty=bool(self._sections))
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
        agents: dict[str, Agent],
        config: Config,
    ) -> None:
        self._clock, self._rng, self._options = clock, rng, options
        self._agents, self._config = agents, config
        self.store = Store()
        self.core: Dispatcher | None = None
        self.life = 0
        self._inbox: list[Event] = []
        self._is_turn_due = False
        self._wakes_at: float | None = None
        self.on_commit: Callable[[list[Change]], None] = lambda _: None
        self.on_turn: Callable[[list[act.Action]], None] = lambda _: None
        self.on_answer: Callable[[act.AnswerClient], None] = lambda _: None
        self.trace: Callable[[str], None] = lambda _: None
        for agent in agents.values():
            agent.link.up.deliver = self._hear(agent.key)

    def _hear(self, key: str) -> Callable[[Any], None]:
        return lambda message: self.take(NodeSaid(key, message))

    @property
    def now(self) -> Now:
        return Now(self._clock.now, WALL + self._clock.now)

    def start(self) -> None:
        self.life += 1
        self.trace(f"dispatcher starts, life {self.life}")
        self.core = Dispatcher(self.store.load(), self._config)
        self._inbox, self._is_turn_due, self._wakes_at = [Tick()], False, None
        admitted = self.core.admit(ADMIN, Role.ADMIN, "Ada", self.now)
        for agent in self._agents.values():
            admitted += self.core.admit(agent.key, Role.NODE, agent.name, self.now)
        self._commit(admitted)
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
            life = self.life
            self._clock.after(self._rng.uniform(0, 0.005), lambda: self._turn(life))

    def _turn(self, life: int) -> None:
        if self.core is None or life != self.life:
            return
        self._is_turn_due = False
        events, self._inbox = self._inbox[:DRAIN_MAX], self._inbox[DRAIN_MAX:]
        deadline = self.core.next_deadline()
        if deadline is not None and deadline <= self._clock.now:
            events.append(Tick())
        actions = [action for event in events for action in self.core.handle(event, self.now)]
        actions += self.core.place(self.now)
        self.core.check_invariants()
        if self._dies("before the commit"):
            return
        self._commit(actions)
        if self._dies("after the commit"):
            return
        if self._rng.random() < 0.02:
            self.store.snapshot(self.core.state)
        cut = self._rng.randrange(len(actions) + 1) if self._rolls() else None
        for action in actions[:cut]:
            self._act(action)
        if cut is not None:
            self.trace("while it sends:")
            self.die_and_restart()
            return
        self.on_turn(actions)
        if self._inbox:
            self._turn_soon()
        self._arm()

    def _rolls(self) -> bool:
        # A rate a second, spread over some tens of turns a second.
        return self._rng.random() < self._options.dispatcher_crashes / 50

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

    def _commit(self, actions: list[act.Action]) -> None:
        changes = [action.change for action in actions if isinstance(action, act.Save)]
        self.store.commit(changes)
        self.on_commit(changes)

    def _act(self, action: act.Action) -> None:
        match action:
            case act.SendNode(key, message):
                if agent := self._agents.get(key):
                    agent.link.to_agent(message)
            case act.AnswerClient():
                self.on_answer(action)
            case _:
                pass

    def _arm(self) -> None:
        assert self.core
        deadline = self.core.next_deadline()
        if deadline is None or (self._wakes_at is not None and self._wakes_at <= deadline):
            return
        self._wakes_at = deadline
        life = self.life
        moment = max(deadline, self._clock.now + 0.001)
        self._clock.at(moment, lambda: self._wake(life, deadline))

    def _wake(self, life: int, deadline: float) -> None:
        if life == self.life and deadline == self._wakes_at:
            self._wakes_at = None
            self._turn(life)
