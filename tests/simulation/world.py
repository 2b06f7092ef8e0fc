"""The whole farm from a seed: first anything may break and nothing may be wrong, then all heals and
everything must end.

The core and the agents' sessions are the production code; clock, network, disk, children and people
are simulated. A failure's text begins with the command that runs it again.
"""

import contextlib
from dataclasses import replace
from random import Random

from app.core.changes import AttemptEnded, Change
from app.core.config import Config
from app.simulate.agent import Agent
from app.simulate.checkers import Ledger, Mirror, idle_beside_work, lost_files, replays
from app.simulate.children import Dice
from app.simulate.clock import Clock
from app.simulate.disk import Disk
from app.simulate.host import WALL, Host
from app.simulate.network import Link
from app.simulate.options import Options, draw
from node_agent.wire.messages import DeviceInfo
from tests.simulation.people import People, unfinished

GPU = DeviceInfo(kind="cuda", name="card", memory_bytes=24 << 30)
CPU = DeviceInfo(kind="cpu", name="cores", memory_bytes=64 << 30, cores=16)
CALM_S = 3000.0
"""After healing everything must end within this: a frame may need its three tries, one after another."""
FLUSH_S = 3.0
SETTLE_S = 60.0
"""After healing, what was under way may still go wrong for this long."""

CONFIG = Config(split_s=0.5, split_look_s=1.0, hold_s=15.0, hold_max_s=200.0)
"""So that in the short life of such a farm frames are split, and devices held back."""


class Broken(AssertionError):
    """Something that must never happen did; says how to see it again."""


class World:
    """One farm and its troubles."""

    def __init__(self, seed: int, options: Options | None = None) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.options = draw(self.rng) if options is None else options
        self.clock = Clock()
        self.story: list[str] = []
        self.disk = Disk()
        self.ledger = Ledger()
        self.disk.on_rename = self.ledger.on_rename
        self.dice = Dice(self.rng, self.options)
        devices = [GPU] * (self.options.devices - 1) + [CPU]
        agents = [
            Agent(f"n{number}", self.clock, self.rng, self.options, self.disk, devices, self.dice)
            for number in range(1, self.options.nodes + 1)
        ]
        self.agents = {agent.key: agent for agent in agents}
        self.host = Host(self.clock, self.rng, self.options, self.agents, CONFIG)
        self.people = People(self.rng, self.options, self.host)
        self.mirror = Mirror(self.host)
        self.host.on_commit = self._on_commit
        self.host.on_turn = self._on_turn
        self.host.on_answer = lambda answer: self.people.on_answer(answer.id, answer.body)
        self.host.trace = self.trace
        for agent in self.agents.values():
            agent.trace = self.trace
        self.is_calm = False

    def trace(self, line: str) -> None:
        self.story.append(f"{self.clock.now:9.3f} {line}")

    # --- the run ----------------------------------------------------------------------------------

    def run(self) -> None:
        """Safety, then liveness. Raises Broken."""
        try:
            self._run()
        except Exception as error:
            tail = "\n".join(self.story[-60:])
            raise Broken(
                f"python -m tests.simulation --seed {self.seed}\n{self.options}\n{error}\n{tail}"
            ) from error

    def _run(self) -> None:
        self.host.start()
        for agent in self.agents.values():
            self.clock.after(self.rng.uniform(0, 5), agent.revive)
        self.people.submit_film()
        self._plan_trouble()
        self.clock.run_until(self.options.chaos_s)
        self.heal()
        end = self.clock.now + CALM_S
        while self.clock.now < end and (unfinished(self.host) or self._is_busy()):
            self.clock.run_until(self.clock.now + 20)
        self.clock.run_until(self.clock.now + FLUSH_S)
        self._judge_end()

    def _plan_trouble(self) -> None:
        options, host = self.options, self.host
        self._often(options.reorders, self.people.drag)
        self._often(options.commands, self.people.act)
        for agent in self.agents.values():
            self._often(options.agent_crashes, agent.crash_and_restart)
            self._often(options.agent_stops, agent.stop)
            self._often(options.agent_pauses, lambda agent=agent: self._pause(agent))
            self._often(options.link_breaks, lambda link=agent.link: self._break(link))
            self._often(options.link_stalls, lambda link=agent.link: self._stall(link))
            if options.agent_stops:
                self._often(0.05, agent.revive)
        self._often(options.dispatcher_crashes / 10, lambda: host.core and host.die_and_restart())

    def _often(self, rate: float, do) -> None:
        if rate <= 0:
            return

        def again() -> None:
            if not self.is_calm:
                do()
                self.clock.after(self.rng.expovariate(rate), again)

        self.clock.after(self.rng.expovariate(rate), again)

    def _pause(self, agent: Agent) -> None:
        if agent.session and not agent.is_paused:
            agent.pause()
            self.clock.after(self.rng.choice([1.0, 10.0, 29.0, 31.0, 60.0]), agent.go_on)

    def _break(self, link: Link) -> None:
        if link.is_up:
            self.trace("a link breaks")
            link.break_()
            self.clock.after(self.rng.choice([0.1, 5.0, 31.0, 90.0]), lambda: self._mend(link))

    def _stall(self, link: Link) -> None:
        """Packets are dropped, one way or both, and TCP hopes on."""
        self.trace("a link stalls")
        pipes = self.rng.choice([[link.up], [link.down], [link.up, link.down]])
        for pipe in pipes:
            pipe.is_stalled = True
        self.clock.after(self.rng.choice([2.0, 15.0, 31.0, 60.0]), lambda: self._mend(link))

    def _mend(self, link: Link) -> None:
        if self.host.core is not None:
            link.mend()

    def heal(self) -> None:
        """Stop all trouble, and repair what cannot repair itself."""
        self.trace("all heals")
        self.is_calm = True
        calm = replace(
            self.options,
            **dict.fromkeys(
                ("duplicates", "fails", "crashes", "hangs", "slow_kills", "dispatcher_crashes"), 0.0
            ),
            frame_s=min(self.options.frame_s, 5.0),
            delay_s=min(self.options.delay_s, 0.1),
        )
        self.host.revive()
        self.host.options = self.dice.options = calm
        for agent in self.agents.values():
            agent.options = calm
            agent.link.up.options = agent.link.down.options = calm
            agent.go_on()
            agent.link.mend()
            agent.unhang()
            agent.revive()
            self._often_revive(agent)
        self.people.settle()

    def _often_revive(self, agent: Agent) -> None:
        def again() -> None:
            agent.revive()
            self.clock.after(30, again)

        self.clock.after(30, again)

    # --- judging ----------------------------------------------------------------------------------

    def _on_commit(self, changes: list[Change]) -> None:
        self.ledger.read(changes)
        for change in changes:
            if type(change).__name__ not in ("ShotRanked",):
                self.trace(f"  saved {change}")

    def _on_turn(self, actions: list) -> None:
        self.mirror.follow(actions)
        faults = self.ledger.faults + [f for agent in self.agents.values() for f in agent.faults]
        faults += idle_beside_work(self.host)
        if self.rng.random() < 0.02:
            faults += replays(self.host)
        core = self.host.core
        assert core
        if self.people.receipts and max(self.people.receipts) > core.state.commands:
            faults.append("a command that was acknowledged is gone")
        if faults:
            raise Broken("; ".join(faults[:5]))

    def _is_busy(self) -> bool:
        return any(agent.outbox or agent.children for agent in self.agents.values())

    def _judge_end(self) -> None:
        faults = [f"not finished: {unfinished(self.host)}"] if unfinished(self.host) else []
        faults += [f"{agent.name} keeps reports" for agent in self.agents.values() if agent.outbox]
        faults += [f"{agent.name} has children" for agent in self.agents.values() if agent.children]
        faults += replays(self.host) + self.mirror.compare() + lost_files(self.host, self.disk)
        faults += self._late_bugs()
        core = self.host.core
        assert core
        if core._turn.live.attempts:
            faults.append(f"attempts are left: {list(core._turn.live.attempts)}")
        if faults:
            raise Broken("; ".join(faults[:5]))

    def _late_bugs(self) -> list[str]:
        """While links break, dispatcher and agent may misunderstand each other; in calm they may not."""
        calm_at = WALL + self.options.chaos_s + SETTLE_S
        return [
            f"in calm: {change.sentence}"
            for change in self.host.store.changes
            if isinstance(change, AttemptEnded)
            and change.cause == "bug"
            and change.ended_at > calm_at
        ]


def quiet(seed: int, **changes) -> World:
    """A world in which nothing happens by itself; for transcripts."""
    return World(seed, replace(Options(commands=0.0), **changes))


def run(seed: int) -> World:
    """Run one seed. Raises Broken."""
    world = World(seed)
    with contextlib.suppress(GeneratorExit):
        world.run()
    return world
