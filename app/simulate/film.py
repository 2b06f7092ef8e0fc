"""A whole film on a whole farm, measured: what `windfire simulate` runs.

Shots of 480 to 800 frames, each rendered by the kernel on a GPU; frame times are lognormal around a mean of
the whole film, and the last frames are split over devices that would idle. The heartbeat is as coarse as the frames allow, since nobody watches and the farm is large.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import exp, log
from pathlib import Path
from random import Random

from app.core import actions as act
from app.core import commands as cmd
from app.core.changes import AttemptEnded, Change
from app.core.config import Config
from app.core.events import ClientAsked
from app.core.ids import TaskState
from app.core.views import ShotRow
from app.simulate.agent import Agent
from app.simulate.children import Fate
from app.simulate.clock import Clock
from app.simulate.disk import Disk
from app.simulate.faults import Faults
from app.simulate.host import ADMIN, WALL, Host
from app.simulate.judge import Judge
from app.simulate.measure import Measure
from app.simulate.options import Options
from app.simulate.tape import Tape
from node_agent.agent.session_types import StartChild
from node_agent.wire.job import KernelWork, Needs, Output
from node_agent.wire.messages import AttemptRef, DeviceInfo

SHOT_SIGMA = 0.3
"""Of the logarithm of a shot's mean."""
FRAME_SIGMA = 0.5
"""Of the logarithm of a frame's time around its shot's."""
CARDS = ((24, 30), (48, 50), (80, 20))
"""GiB of the graphics cards, and how many of a hundred have them."""
WANTS = ((16, 70), (40, 25), (72, 5))
"""GiB that shots want, and how many of a hundred want them."""
FIRST = 1001
"""Number of each shot's first frame."""
FOLDER = "/film/frames/"
DELAY_S = 0.0005
TURN_S = 0.004
RENAME_S = 0.001
DOWN_S = (60.0, 1800.0)
BREAKS_S = (1.0, 60.0)
LOOKS = 100
"""Looks at a film while it runs: forecasts, progress, judges."""
FORECASTS = tuple(range(10, 100, 10))
"""Percent of the film at which its forecast is kept, to be scored at the end."""
CALM_FACTOR = 4.0
"""A film that takes so many times as long as its work is stuck."""


@dataclass(frozen=True)
class Film:
    """What is simulated."""

    nodes: int = 715
    gpus: int = 1200
    shots: int = 1900
    seed: int = 1
    frame_s: float = 5.0
    frames: tuple[int, int] = (480, 800)
    """Of a shot: the least and the most."""
    faults: Faults = field(default_factory=Faults)

    def tenth(self) -> Film:
        """A tenth of the film on a tenth of the farm."""
        nodes, gpus, shots = (max(1, count // 10) for count in (self.nodes, self.gpus, self.shots))
        return replace(self, nodes=nodes, gpus=max(nodes, gpus), shots=shots)


def config_of(film: Film) -> Config:
    """Return the dispatcher's numbers: the production core, at the pace of these frames."""
    heartbeat_s = max(10.0, film.frame_s / 4)
    return Config(
        heartbeat_s=heartbeat_s,
        lease_s=max(30.0, 4 * heartbeat_s),
        absence_s=max(600.0, 40 * heartbeat_s),
        resend_s=2.5 * heartbeat_s,
        split_s=min(15.0, film.frame_s / 5),
        split_look_s=min(5.0, film.frame_s / 5),
        rows_s=max(2.0, film.frame_s),
        progress_s=max(10.0, 2 * film.frame_s),
        forecast_s=max(10.0, film.frame_s * _frames_a_gpu(film) / LOOKS),
    )


def _frames_a_gpu(film: Film) -> float:
    return film.shots * sum(film.frames) / 2 / film.gpus


class FrameTimes:
    """Seconds of every frame, whatever happens to it: a function of the seed, the shot and the frame."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._failing = Random(f"{film.seed} failing")
        self._shots: dict[str, array[float]] = {}

    def __call__(self, start: StartChild) -> Fate:
        assert isinstance(start.work, KernelWork)
        # Not by step and task: a piece has others than its frame, and takes its part of the frame's time.
        shot, task = start.work.output.directory, start.frames.first - FIRST
        seconds = self._shots.get(shot) or self._draw(shot)
        percent = self._film.faults.frames
        if percent and self._failing.random() * 100 < percent:
            return Fate(seconds[task], "fail")
        return Fate(seconds[task])

    def _draw(self, shot: str) -> array[float]:
        rng = Random(f"{self._film.seed} {shot.removeprefix(FOLDER)}")
        variance = SHOT_SIGMA**2 + FRAME_SIGMA**2
        middle = log(self._film.frame_s) - variance / 2 + rng.gauss(0, SHOT_SIGMA)
        frames = range(self._film.frames[1])
        seconds = array("f", [exp(middle + rng.gauss(0, FRAME_SIGMA)) for _ in frames])
        self._shots[shot] = seconds
        return seconds


class Run:
    """One simulation, from its first event to its figures."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.rng = Random(film.seed)
        self.clock = Clock()
        self.disk = Disk()
        self.measure = Measure()
        options = Options(
            is_steady=True,
            is_checked=False,
            delay_s=DELAY_S,
            turn_s=TURN_S,
            start_s=0.0,
            rename_s=RENAME_S,
            tell_s=2 * film.frame_s,
        )
        self.agents = self._make_agents(options)
        self.config = config_of(film)
        self.host = Host(self.clock, self.rng, options, self.agents, self.config)
        self.judge = Judge(self.host, self.disk, self.agents)
        self.host.on_commit = self._on_commit
        self.host.on_turn = self._on_turn
        self.tape: Tape | None = None
        self.total = 0
        """Frames of the film."""
        self.done = 0
        self.failed = 0
        self.ended_at = 0.0
        self.down_s = 0.0
        """GPU-seconds of nodes that were away."""
        self.commands = 0
        self.refusals: list[str] = []
        self.promises: list[tuple[int, float, float]] = []
        """(shot, p50, p90) as forecast on the way."""
        self._finishes: dict[int, tuple[float, float]] = {}
        self._down_at: dict[str, float] = {}
        self.is_over = False

    def _make_agents(self, options: Options) -> dict[str, Agent]:
        film, times = self.film, FrameTimes(self.film)
        agents: dict[str, Agent] = {}
        for number in range(film.nodes):
            count = film.gpus * (number + 1) // film.nodes - film.gpus * number // film.nodes
            memory = _weighted(self.rng, CARDS) << 30
            card = DeviceInfo(kind="cuda", name=f"card {memory >> 30} GiB", memory_bytes=memory)
            agent = Agent(
                f"n{number + 1:04}", self.clock, self.rng, options, self.disk, [card] * count, times
            )
            agent.observer = self.measure
            agents[agent.key] = agent
        return agents

    def record(self, path: Path) -> None:
        """Write what the core is told to a file that `windfire replay` reads."""
        self.tape = Tape(path, self.host, self.config)

    # --- the run ----------------------------------------------------------------------------------

    def run(self, on_look: Callable[[Run], None] = lambda _: None) -> None:
        """Run to the end, or until something contradicts; ``on_look`` is called a few hundred times."""
        self._begin()
        work_s = self.film.frame_s * _frames_a_gpu(self.film)
        look_s, end = work_s / LOOKS, CALM_FACTOR * work_s + 100 * self.config.lease_s
        wanted = list(FORECASTS)
        while not self._is_finished():
            self.clock.run_until(self.clock.now + look_s)
            self.judge.look(full=self.clock.now % (10 * look_s) < look_s)
            if wanted and self.done >= self.total * wanted[0] / 100:
                wanted.pop(0)
                self.promises += [(shot, *both) for shot, both in self._finishes.items()]
            on_look(self)
            if self.clock.now > end:
                self.judge.note("all work ends", "The film does not come to its end.")
                break
        self.is_over = True
        self._settle()
        self.judge.finish()
        if self.tape:
            self.tape.close()

    def _begin(self) -> None:
        self.host.start()
        for agent in self.agents.values():
            self.clock.after(self.rng.uniform(0, 1), agent.revive)
        for number in range(self.film.shots):
            self.ask(self._submission(number))
        self._plan_trouble()
        self.clock.run_until(2.0)

    def ask(self, body: cmd.Command) -> None:
        """Somebody gives a command."""
        self.commands += 1
        self.host.take(ClientAsked(ADMIN, b"", self.commands, body))

    def _submission(self, number: int) -> cmd.Submit:
        frames = self.rng.randint(*self.film.frames)
        self.total += frames
        step = cmd.StepRequest(
            name="beauty",
            work=KernelWork(
                kernel="pathtracer",
                scene="/film/scene.usda",
                output=Output(directory=f"{FOLDER}{number + 1}"),
            ),
            frames=f"{FIRST}-{FIRST + frames - 1}",
            needs=Needs(device="cuda", memory_bytes=_weighted(self.rng, WANTS) << 30),
        )
        sequence, shot = f"sq{number // 25:03}", f"sh{number % 25 * 10:04}"
        return cmd.Submit(
            project="FILM", sequence=sequence, shot=shot, name="beauty_v001", steps=[step]
        )

    def _is_finished(self) -> bool:
        return self.total > 0 and self.done + self.failed >= self.total and not self.measure.busy

    def _on_commit(self, changes: list[Change]) -> None:
        self.judge.ledger.read(changes)
        if self.tape:
            self.tape.saw(changes)
        for change in changes:
            if isinstance(change, AttemptEnded) and change.outcome == "lost":
                self.measure.gave_up(AttemptRef(change.step, change.task, change.epoch))
        self.done, self.failed = self.judge.ledger.accepted, self.judge.ledger.failed

    def _on_turn(self, actions: list[act.Action]) -> None:
        for action in actions:
            if isinstance(action, act.PublishRow) and isinstance(action.row, ShotRow):
                row = action.row
                if row.finish_p50 and not row.finished_at:
                    self._finishes[row.id] = (row.finish_p50, row.finish_p90)
                else:
                    self._finishes.pop(row.id, None)
            elif isinstance(action, act.AnswerClient) and isinstance(action.body, cmd.Refusal):
                self.refusals.append(action.body.sentence)

    def _settle(self) -> None:
        """Bring the sums to the moment at which the last frame was rendered."""
        self.measure.settle(self.clock.now)
        shots = self.host.brain.state.shots.values() if self.host.core else ()
        ends = [shot.finished_at - WALL for shot in shots]
        self.ended_at = max(ends) if ends and all(end > 0 for end in ends) else self.clock.now
        for name in list(self._down_at):
            self._up(name, self.ended_at)

    def stop(self) -> None:
        """Take the film as it is now: somebody does not want to wait for the rest."""
        self._settle()
        if self.tape:
            self.tape.close()

    # --- trouble ----------------------------------------------------------------------------------

    def _plan_trouble(self) -> None:
        faults = self.film.faults
        self._often(faults.nodes * self.film.nodes / 100 / 3600, self._lose_node)
        self._often(faults.links * self.film.nodes / 3600, self._break_link)
        self._often(faults.dispatcher / 3600, self._kill_dispatcher)
        if faults.drags:
            self._every(faults.drags, self._drag)

    def _often(self, rate: float, do: Callable[[], None]) -> None:
        if rate > 0:
            self._again(lambda: self.rng.expovariate(rate), do)

    def _every(self, seconds: float, do: Callable[[], None]) -> None:
        self._again(lambda: seconds, do)

    def _again(self, wait: Callable[[], float], do: Callable[[], None]) -> None:
        def run() -> None:
            do()
            self.clock.after(wait(), run)

        self.clock.after(wait(), run)

    def _any_agent(self) -> Agent:
        return self.rng.choice(list(self.agents.values()))

    def _lose_node(self) -> None:
        agent = self._any_agent()
        if agent.session is None:
            return
        agent.crash()
        self._down_at[agent.key] = self.clock.now
        self.measure.went_away(agent.name)
        self.clock.after(self.rng.uniform(*DOWN_S), lambda: self._return(agent))

    def _return(self, agent: Agent) -> None:
        self._up(agent.key, self.clock.now)
        agent.revive()

    def _up(self, key: str, now: float) -> None:
        since = self._down_at.pop(key, None)
        if since is not None:
            self.down_s += max(0.0, now - since) * self.agents[key].device_count

    def _break_link(self) -> None:
        link = self._any_agent().link
        if link.is_up:
            link.break_()
            self.clock.after(self.rng.uniform(*BREAKS_S), lambda: self.host.core and link.mend())

    def _kill_dispatcher(self) -> None:
        if self.host.core:
            self.host.die_and_restart()

    def _drag(self) -> None:
        """Put one of the later shots at the top; every second time at once, at the cost of others."""
        if self.host.core is None:
            return
        state = self.host.brain.state
        open_shots = [shot for _, shot in state.order if state.counts[shot][TaskState.READY]]
        if len(open_shots) > 1:
            shot = self.rng.choice(open_shots[len(open_shots) // 2 :])
            preempts = self.rng.random() < 0.5
            self.ask(cmd.Move(shots=[shot], place="top", preempt=preempts))


def _weighted(rng: Random, choices: tuple[tuple[int, int], ...]) -> int:
    return rng.choices([value for value, _ in choices], [weight for _, weight in choices])[0]
