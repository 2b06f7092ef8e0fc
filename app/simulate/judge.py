"""Every invariant of a simulated farm: which were looked at how often, and what contradicted them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.errors import BugFault
from app.simulate.agent import Agent
from app.simulate.checkers import Ledger, idle_beside_work, lost_files, replays
from app.simulate.disk import Disk
from app.simulate.host import Host

FAULTS_MAX = 20
"""Told of each invariant; one that is broken is broken often."""

STEPS = "tasks take legal steps, and a result is accepted once"
DEVICES = "a device holds one attempt"
CORE = "the core contradicts itself nowhere"
SESSIONS = "the agents' sessions contradict themselves nowhere"
IDLE = "no device idles beside work that it can do"
REPLAY = "what was saved gives the state that lives"
FILES = "the files are those of the accepted attempts"
END = "all work ends"
INVARIANTS: tuple[str, ...] = (STEPS, DEVICES, CORE, SESSIONS, IDLE, REPLAY, FILES, END)


class Judge:
    """Looks at the farm between events."""

    def __init__(self, host: Host, disk: Disk, agents: Mapping[str, Agent]) -> None:
        self.ledger = Ledger()
        self._host, self._disk, self._agents = host, disk, agents
        disk.on_rename = self.ledger.on_rename
        self.looks: dict[str, int] = dict.fromkeys(INVARIANTS, 0)
        self.violations: dict[str, list[str]] = {}

    @property
    def count(self) -> int:
        """Violations in all."""
        return sum(map(len, self.violations.values()))

    def note(self, invariant: str, *sentences: str) -> None:
        """Write down what contradicts; many of a kind are not all kept."""
        if sentences:
            told = self.violations.setdefault(invariant, [])
            told += sentences[: max(0, FAULTS_MAX - len(told))]

    def look(self, *, full: bool) -> None:
        """Check what is cheap, and with ``full`` the rest."""
        self._look(STEPS, lambda: self.ledger.faults)
        self.ledger.faults = []
        self._look(DEVICES, self._device_faults)
        if self._host.core is None:
            return
        self._look(IDLE, lambda: idle_beside_work(self._host))
        if full:
            self._look(CORE, self._core_faults)
            self._look(SESSIONS, self._session_faults)
            # Every third time: it reads all that the store holds.
            if self.looks[CORE] % 3 == 1:
                self._look(REPLAY, lambda: replays(self._host))

    def finish(self) -> None:
        """Check what holds at the end alone."""
        self.look(full=True)
        if self._host.core is not None:
            self._look(REPLAY, lambda: replays(self._host))
            self._look(FILES, lambda: lost_files(self._host, self._disk))
            self._look(END, self._leftovers)

    def _look(self, invariant: str, find: Callable[[], list[str]]) -> None:
        self.looks[invariant] += 1
        self.note(invariant, *find())

    def _device_faults(self) -> list[str]:
        found: list[str] = []
        for agent in self._agents.values():
            if agent.faults:
                found += agent.faults
                agent.faults = []
        return found

    def _core_faults(self) -> list[str]:
        try:
            self._host.brain.check_invariants()
        except BugFault as fault:
            return [fault.sentence]
        return []

    def _session_faults(self) -> list[str]:
        found: list[str] = []
        for agent in self._agents.values():
            try:
                if agent.session is not None:
                    agent.session.check_invariants()
            except AssertionError as error:
                found.append(f"{agent.name}: {error}")
        return found

    def _leftovers(self) -> list[str]:
        found = [f"{agent.name} has children" for agent in self._agents.values() if agent.children]
        attempts = list(self._host.live.attempts)
        return found + ([f"attempts are left: {attempts}"] if attempts else [])
