"""How long frames take, learned from what was rendered: by step, by the make of work, by model of device.

PURE; rebuilt from the steps at a start, and kept true as frames come in. *Work* is seconds on a device of speed 1.
What is known of a step is its own frames (shifted along the frame range, for scouts and the frames before show
where it is heading), weighed against what is expected of it: earlier versions of the shot, its sequence, its make.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from app.core.estimates import SWING, UNSURE, beyond, frames_of, independent, shape, variance
from app.core.ids import TaskState
from app.core.live import Session
from app.core.state import FarmState
from app.core.tasks import WALLS_MAX, Step

DONE = TaskState.DONE
SECONDS_UNKNOWN = 60.0
"""A frame of which nothing is known and nothing like it was rendered."""
SCATTER = 0.3
"""Relative spread of the frames of one step before it is known."""
AGAIN = 0.3
"""The same, between two versions of a shot."""
SWEEPS = 4
SLICE = 50
"""Steps looked at between two yields."""
SAMPLES = 128
"""Frames of a step that are looked at, about."""
PAST_MAX = 32
"""Running attempts of a step that are looked at."""
_normal = NormalDist()


class Known(NamedTuple):
    """What is known of the frames of a step that are left."""

    work: float
    """Mean seconds a task on a device of speed 1."""
    scatter: float
    """Relative spread of single tasks (of their logarithm)."""
    unsure: float
    """Relative uncertainty of the mean."""
    is_seen: bool
    """Whether it has frames of its own to go by."""


@dataclass(slots=True)
class Seen:
    """The samples of one step."""

    done: int
    shot: int
    name: str
    make: str
    sequence: tuple[str, str]
    cost: float
    logs: dict[str, tuple[int, float]]
    """By model of device: how many, and the sum of the logarithms of their seconds."""
    count: int
    variance: float
    """Of single frames around what is smooth along the shot; below 0: too few."""
    spread: float
    """Of all frames around their mean; 0 of one."""


@dataclass(slots=True)
class Prior:
    """What is expected of a make of work: mean and variance of the logarithm of the work for a cost of 1."""

    mean: float = 0.0
    count: int = 0
    between: float = UNSURE**2
    """Between the shots of a sequence."""
    total: float = UNSURE**2
    """Between all shots."""
    scatter: float = SCATTER**2
    sequences: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    shots: dict[tuple[int, str], float] = field(default_factory=dict[tuple[int, str], float])


class Learned:
    """Answers how long tasks take; ``look`` takes up what is new."""

    def __init__(self) -> None:
        self._seen: dict[int, Seen] = {}
        self._models: dict[tuple[int, str], str] = {}
        self._kinds: dict[tuple[int, int], str] = {}
        self._gflops: dict[str, float] = {}
        self.speeds: dict[str, float] = {}
        """Logarithm of the speed of each model."""
        self._priors: dict[str, Prior] = {}
        self._known: dict[int, tuple[int, Known]] = {}
        self.now = 0.0
        self.steps_seen = 0.0
        """As how many independent ones the steps count that have frames of their own."""
        self._sequence_of: dict[int, tuple[str, str]] = {}

    # --- devices ----------------------------------------------------------------------------------

    def meet(self, session: Session) -> None:
        """Take up the devices of a node."""
        kinds = {slot.info.kind for slot in session.slots}
        for slot in session.slots:
            self._kinds[session.node, slot.device] = slot.info.kind
            model = f"{slot.info.kind} {slot.info.name}"
            self._models[session.node, slot.info.kind] = model
            self.speeds.setdefault(model, 0.0)
            # The figure is one for the node: with several kinds of device it is nobody's.
            if session.hello.gflops > 0 and len(kinds) == 1:
                self._gflops[model] = session.hello.gflops

    def model(self, node: int, kind: str) -> str:
        return self._models.get((node, kind), kind)

    def speed(self, node: int, kind: str) -> float:
        """Return how many times as fast as the mean such a device of that node is."""
        return exp(self.speeds.get(self.model(node, kind), 0.0))

    # --- steps ------------------------------------------------------------------------------------

    def look(self, state: FarmState, step: Step) -> None:
        """Take up what a step has rendered since it was last looked at."""
        done = step.counts[DONE]
        seen = self._seen.get(step.id)
        if not done or (seen and seen.done == done):
            return
        logs: dict[str, tuple[int, float]] = {}
        squares = pairs = 0.0
        last, before = -2, 0.0
        values: list[float] = []
        for place, model, seconds in self._samples(step):
            value = log(max(seconds, 1e-3))
            count, total = logs.get(model, (0, 0.0))
            logs[model] = (count + 1, total + value)
            value += self.speeds.get(model, 0.0)
            values.append(value)
            if place == last + 1:
                squares, pairs = squares + (value - before) ** 2, pairs + 1
            last, before = place, value
        shot = state.shots[step.shot]
        self._seen[step.id] = Seen(
            done,
            step.shot,
            step.name,
            step.make,
            (shot.project, shot.sequence),
            step.cost,
            logs,
            len(values),
            squares / pairs / 2 if pairs >= 3 else -1.0,
            variance(values),
        )

    def _samples(self, step: Step) -> Iterator[tuple[int, str, float]]:
        """Yield (place, model of device, seconds) of done frames.

        From all of the range, in pairs of neighbours: those that ended last are the long ones."""
        # Which kind of device a frame ran on, and what one of today's size takes, is known of the newest alone.
        if len(step.walls) > 1 or step.resized:
            yield from self._newest(step)
            return
        kind = next(iter(step.walls), "")
        stride = 2 * max(1, step.total // SAMPLES)
        states, seconds, nodes = step.states, step.seconds, step.nodes
        for pair in range(0, step.total, stride):
            for task in range(pair, min(pair + 2, step.total)):
                if states[task] == DONE and seconds[task] > 0:
                    yield task, self.model(nodes[task], kind), seconds[task]

    def _newest(self, step: Step) -> Iterator[tuple[int, str, float]]:
        for first, kind in enumerate(step.walls):
            both = zip(step.walls[kind], step.wall_nodes[kind], strict=True)
            for place, (seconds, node) in enumerate(both, first * 2 * WALLS_MAX):
                yield place, self.model(node, kind), seconds

    def conclude(self, state: FarmState, now: float) -> Generator[None, None, None]:
        """Weigh models of devices and makes of work against each other, after all that is new was seen."""
        self.now = now
        self._sequence_of = {
            shot.id: (shot.project, shot.sequence) for shot in state.shots.values()
        }
        seen = [one for one in self._seen.values() if one.count]
        yield
        self._weigh_models(seen)
        yield
        by_make: dict[str, list[Seen]] = {}
        for one in seen:
            by_make.setdefault(one.make, []).append(one)
        priors: dict[str, Prior] = {}
        for make, steps in by_make.items():
            priors[make] = self._prior(steps)
            yield
        self._priors = priors
        rates = [(one.sequence, self._rate(one) - priors[one.make].mean) for one in seen]
        self.steps_seen = independent(rates)
        self._known.clear()
        yield from self._correct(state)

    def _correct(self, state: FarmState) -> Generator[None, None, None]:
        """Shift what is expected of a make by what runs and is not done: the quick ones are known first."""
        shifts: dict[str, list[tuple[float, float]]] = {}
        for place, step in enumerate(list(state.steps.values())):
            if place % SLICE == SLICE - 1:
                yield
            prior = self._priors.get(step.make)
            seen = self._seen.get(step.id)
            if not step.running or prior is None:
                continue
            if seen is None or not seen.count:
                mean, variance = self._expected(prior, None, step)
            elif seen.count < 3 * len(step.running):
                mean = self._rate(seen) + log(step.cost)
                variance = prior.scatter / seen.count
            else:
                continue
            level = mean - prior.scatter / 2
            found, doubt = self._with_running(step, level, variance, prior.scatter)
            weight = 1.0 if seen else 1 - doubt / variance
            shifts.setdefault(step.make, []).append((weight, found - level))
        for make, found in shifts.items():
            prior = self._priors[make]
            more = sum(weight for weight, _ in found if weight < 1)
            prior.mean += sum(weight * shift for weight, shift in found) / (more + prior.count)

    def _weigh_models(self, seen: list[Seen]) -> None:
        """Alternate between the level of each step and the speed of each model; what was measured counts a bit."""
        mixed = [one for one in seen if len(one.logs) > 1]
        measured = self._measured()
        speeds = dict.fromkeys(self.speeds, 0.0) | {m: 0.0 for one in mixed for m in one.logs}
        speeds |= measured
        for _ in range(SWEEPS if mixed else 0):
            weights = dict.fromkeys(speeds, 2.0)
            sums = {model: 2.0 * measured.get(model, 0.0) for model in speeds}
            for one in mixed:
                level = sum(total + count * speeds[m] for m, (count, total) in one.logs.items())
                level /= one.count
                for model, (count, total) in one.logs.items():
                    sums[model] += count * level - total
                    weights[model] += count
            speeds = {model: sums[model] / weights[model] for model in speeds}
        self.speeds = speeds

    def _measured(self) -> dict[str, float]:
        logs = {model: log(gflops) for model, gflops in self._gflops.items()}
        mean = sum(logs.values()) / len(logs) if logs else 0.0
        return {model: value - mean for model, value in logs.items()}

    def _rate(self, one: Seen) -> float:
        """Return the logarithm of a step's mean work for a cost of 1."""
        total = sum(t + n * self.speeds.get(model, 0.0) for model, (n, t) in one.logs.items())
        return total / one.count + one.spread / 2 - log(one.cost)

    def _prior(self, steps: list[Seen]) -> Prior:
        prior = Prior()
        rates = [self._rate(one) for one in steps]
        prior.count = len(rates)
        prior.mean = sum(rates) / len(rates)
        sequences: dict[tuple[str, str], list[float]] = {}
        for one, rate in zip(steps, rates, strict=True):
            sequences.setdefault(one.sequence, []).append(rate - prior.mean)
            prior.shots[one.shot, one.name] = rate
        for name, values in sequences.items():
            prior.sequences[name] = sum(values) / (len(values) + 1)
        rest = sum(
            (rate - prior.mean - prior.sequences[one.sequence]) ** 2
            for one, rate in zip(steps, rates, strict=True)
        )
        spread = sum((rate - prior.mean) ** 2 for rate in rates)
        prior.total = (spread + 2 * UNSURE**2) / (len(rates) + 2)
        prior.between = (rest + 2 * UNSURE**2) / (len(rates) + 2)
        scatters = [one.variance for one in steps if one.variance >= 0]
        prior.scatter = (sum(scatters) + 2 * SCATTER**2) / (len(scatters) + 2)
        return prior

    def known(self, step: Step) -> Known:
        """Return what the tasks that are left of a step are expected to take."""
        done = step.counts[DONE]
        cached = self._known.get(step.id)
        if cached and cached[0] == done:
            return cached[1]
        known = self._weigh(step)
        self._known[step.id] = (done, known)
        return known

    def _weigh(self, step: Step) -> Known:
        prior = self._priors.get(step.make)
        seen = self._seen.get(step.id)
        if prior is None:
            return Known(SECONDS_UNKNOWN * frames_of(step), SCATTER, UNSURE, is_seen=False)
        mean, variance = self._expected(prior, seen, step)
        if seen is None or not seen.count:
            level, doubt = self._with_running(
                step, mean - prior.scatter / 2, variance, prior.scatter
            )
            work = exp(level + prior.scatter / 2 + doubt / 2)
            return Known(work, sqrt(prior.scatter), sqrt(doubt), is_seen=False)
        count = seen.count
        scatter = (4 * prior.scatter + max(seen.variance, 0.0) * count) / (
            4 + (count if seen.variance >= 0 else 0)
        )
        own = log(max(1e-3, self._own(step, seen, scatter)))
        left = 1 - step.counts[DONE] / step.total
        own_variance = scatter / count + (SWING * 0.5) ** 2 * left
        weight = variance / (variance + own_variance)
        level = weight * own + (1 - weight) * mean - scatter / 2
        doubt = weight * own_variance
        if count < 3 * len(step.running):
            level, doubt = self._with_running(step, level, doubt, scatter)
        return Known(exp(level + scatter / 2), sqrt(scatter), sqrt(doubt), is_seen=True)

    def _with_running(
        self, step: Step, level: float, doubt: float, scatter: float
    ) -> tuple[float, float]:
        """Weigh in what still runs: of frames that began together the quick ones are known first.

        Expectation and maximisation for a normal distribution of logarithms with censored values."""
        spread = max(0.02, sqrt(scatter))
        past = [
            log(elapsed)
            + self.speeds.get(self.model(node, self._kinds.get((node, device), "")), 0.0)
            for node, device, started in step.running.values()
            if (elapsed := self.now - started) > 1e-3
        ]
        if not past:
            return level, doubt
        # A few say what many would.
        every = -(-len(past) // PAST_MAX)
        past = past[::every]
        own, found = 1 / max(doubt, 1e-6), level
        each = every / max(scatter, 4e-4)
        for _ in range(SWEEPS):
            imputed = sum(beyond(value, found, spread) for value in past)
            found = (level * own + imputed * each) / (own + len(past) * each)
        # What only ran for a while says little.
        told = sum(_normal.cdf((value - found) / spread) for value in past)
        return found, 1 / (own + told * each)

    def _expected(self, prior: Prior, seen: Seen | None, step: Step) -> tuple[float, float]:
        """Return mean and variance of the logarithm of the work, before the step's own frames."""
        before = prior.shots.get((step.shot, step.name))
        if before is not None and seen is None:
            return before + log(step.cost), AGAIN**2
        sequence = seen.sequence if seen else self._sequence_of.get(step.shot, ("", ""))
        shift = prior.sequences.get(sequence, 0.0)
        between = prior.between if sequence in prior.sequences else prior.total
        return prior.mean + shift + log(step.cost), between

    def _own(self, step: Step, seen: Seen, scatter: float) -> float:
        """Return the mean work of what is left by the step's own frames."""
        seconds = work = 0.0
        for model, (count, total) in seen.logs.items():
            usual = count * exp(total / count)
            seconds += usual
            work += usual * exp(self.speeds.get(model, 0.0))
        mean = step.mean_seconds()
        # Chunks of several sizes say nothing of where in the range the slow frames lie.
        along = 1.0 if step.resized else shape(step, mean, scatter)
        return mean * work / seconds * along
