"""Whether forecasts are honest: 200 seeded films on the production core, each forecast judged by what came.

A film draws what a forecaster cannot know: how long frames of each sequence and shot take, how that changes
along the shot, how single frames scatter, how fast each kind of device really is, which frames fail. Finishes
are forecast at four moments of the film and judged at its end. Honest is: half of the shots are finished by p50,
nine tenths by p90, four tenths between. Virtual time: pure code, a process a core.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from heapq import heappop, heappush
from math import cos, exp, pi
from random import Random
from statistics import median

from app.core import actions as act
from app.core import commands as cmd
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import ClientAsked, NodeSaid, Now, Tick
from app.core.ids import Role
from app.core.state import FarmState
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork

FILMS = 200
MOMENTS = (0.02, 0.25, 0.5, 0.75)
"""Parts of a film's frames that are done when it is forecast."""
ADMIN = "a" * 40
WALL = 1.8e9
Judged = tuple[float, float, float, float]
"""When it was forecast, p50, p90, when it was finished."""


def run(quick: bool) -> dict:
    """Return the shares; ``quick`` takes a tenth of the films."""
    seeds = range(FILMS // 10 if quick else FILMS)
    with ProcessPoolExecutor() as pool:
        judged = [one for found in pool.map(film, seeds, chunksize=5) for one in found]
    return {"films": len(seeds), **score(judged)}


def score(judged: list[Judged]) -> dict[str, float]:
    """Return how many held, and how far p50 was off as a part of the time ahead."""
    count = len(judged)
    by_p50 = sum(end <= p50 for _, p50, _, end in judged) / count
    by_p90 = sum(end <= p90 for _, _, p90, end in judged) / count
    errors = [abs(end - p50) / max(1.0, end - at) for at, p50, _, end in judged]
    widths = [(p90 - p50) / max(1.0, p50 - at) for at, p50, p90, _ in judged]
    return {
        "forecasts": count,
        "by_p50": by_p50,
        "by_p90": by_p90,
        "p50_to_p90": by_p90 - by_p50,
        "error_median": median(errors),
        "width_median": median(widths),
    }


class Nature:
    """What a film draws and nobody is told."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = Random(seed)
        self.models = [
            (f"card {number}", rng.choice([1.0, rng.uniform(0.4, 2.5)]))
            for number in range(rng.randint(1, 3))
        ]
        self.devices = [rng.choice(self.models) for _ in range(rng.choice([4, 8, 16, 32, 64]))]
        self.measures = rng.random() < 0.7
        self.base = rng.choice([5.0, 60.0, 600.0])
        self.frame_sigma = rng.choice([0.05, 0.15, 0.3, 0.5])
        self.fails = rng.choice([0.0, 0.0, 0.02])
        sequences = [exp(rng.gauss(0, 0.5)) for _ in range(4)]
        self.shots = [
            (rng.choice(sequences) * exp(rng.gauss(0, 0.4)), rng.uniform(0, 0.4), rng.random())
            for _ in range(rng.randint(8, 30))
        ]
        self.frames = [rng.randint(10, 120) for _ in self.shots]

    def seconds(self, shot: int, frame: int, speed: float) -> float:
        """Return the time of one try of a frame."""
        level, swing, phase = self.shots[shot]
        along = 1 + swing * cos(2 * pi * (phase + 0.7 * frame / self.frames[shot]))
        noise = exp(self.rng.gauss(0, self.frame_sigma) - self.frame_sigma**2 / 2)
        return self.base * level * along * noise / speed


def film(seed: int) -> list[Judged]:
    """Render one film; return every forecast with what came."""
    nature = Nature(seed)
    core = Dispatcher(FarmState(), Config(lease_s=1e9, forecast_s=1e9))
    now = Now(0.0, WALL)
    core.handle(Tick(), now)
    core.admit(ADMIN, Role.ADMIN, "Ada", now)
    play = _Play(core, nature)
    play.begin()
    total, done = sum(nature.frames), 0
    moments = [part * total for part in MOMENTS]
    made: list[tuple[int, float, float, float]] = []
    while play.events:
        done += play.step()
        if moments and done >= moments[0]:
            moments.pop(0)
            made += [
                (row.shot, play.now.wall, row.p50, row.p90) for row in play.forecast() if row.p50
            ]
    ends = {shot.id: shot.finished_at for shot in core.state.shots.values()}
    return [(at, p50, p90, ends[shot]) for shot, at, p50, p90 in made if ends[shot]]


class _Play:
    """The core, and agents that are a heap of moments."""

    def __init__(self, core: Dispatcher, nature: Nature) -> None:
        self.core, self.nature = core, nature
        self.now = Now(0.0, WALL)
        self.events: list[tuple[float, int, str, m.AttemptRef, float, bool]] = []
        self._speeds: dict[str, float] = {}
        self._seqs: dict[str, int] = {}

    def begin(self) -> None:
        """All shots are there when the farm opens."""
        for number, frames in enumerate(self.nature.frames):
            step = cmd.StepRequest(work=CommandWork(argv=["render"]), frames=f"1-{frames}")
            body = cmd.Submit(
                project="P", sequence="s", shot=f"{number}", name="v", steps=[step], attempts=9
            )
            self._take(self.core.handle(ClientAsked(ADMIN, b"", 1, body), self.now))
        for number, (model, speed) in enumerate(self.nature.devices):
            key = f"n{number}".ljust(40, "0")
            self._speeds[key], self._seqs[key] = speed, 0
            self.core.admit(key, Role.NODE, f"n{number}", self.now)
            card = m.DeviceInfo(kind="cuda", name=model, memory_bytes=1)
            hello = m.Hello(
                protocol=1,
                version="",
                name=f"n{number}",
                incarnation="1" * 16,
                devices=[card],
                gflops=1000 * speed if self.nature.measures else 0.0,
            )
            self._take(self.core.handle(NodeSaid(key, hello), self.now))
        self._take(self.core.place(self.now))

    def step(self) -> int:
        """Let the next frame end; return whether it is done."""
        at, _, key, ref, wall_s, fails = heappop(self.events)
        self.now = Now(at, WALL + at)
        self._seqs[key] += 1
        usage = m.Usage(wall_s=wall_s)
        body = (
            m.Failed(seq=self._seqs[key], ref=ref, cause="crash", sentence="x", usage=usage)
            if fails
            else m.Done(seq=self._seqs[key], ref=ref, files=[], usage=usage)
        )
        self._take(self.core.handle(NodeSaid(key, body), self.now))
        self._take(self.core.place(self.now))
        return not fails

    def _take(self, actions: list[act.Action]) -> None:
        for action in actions:
            if isinstance(action, act.SendNode) and isinstance(action.message, m.Assign):
                ref = action.message.ref
                shot = self.core.state.steps[ref.step].shot - 1
                speed = self._speeds[action.key]
                wall_s = self.nature.seconds(shot, ref.task, speed)
                fails = self.nature.rng.random() < self.nature.fails
                order = len(self.events)
                end = self.now.mono + wall_s
                heappush(self.events, (end, order, action.key, ref, wall_s, fails))

    def forecast(self) -> list[cmd.Finish]:
        asked = ClientAsked(ADMIN, b"", 1, cmd.Forecast())
        actions = [*self.core.handle(asked, self.now), *self.core.place(self.now)]
        answers = [action.body for action in actions if isinstance(action, act.AnswerClient)]
        (answer,) = answers
        assert isinstance(answer, cmd.Finishes)
        return answer.rows
