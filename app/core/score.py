"""How forecasts did: each is kept until its shot is finished, then judged, and the judgements are counted.

PURE. A forecast is kept when a shot is first forecast and again whenever half of the time ahead is over. One that
people overruled (they moved, paused, cancelled or added work at or above the shot) is dropped, not judged: it was
made for another queue. What nodes, failures and other nature did to it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from app.core import changes as c
from app.core import views as v
from app.core.ids import TaskState
from app.core.records import Judged
from app.core.state import FarmState

HOUR_S = 3600.0
DONE = int(TaskState.DONE)
NONE: list[c.ForecastJudged] = []
CLASSES = (
    ("under 1 h", 0.0, HOUR_S),
    ("1 h to 8 h", HOUR_S, 8 * HOUR_S),
    ("8 h to 1 d", 8 * HOUR_S, 24 * HOUR_S),
    ("over 1 d", 24 * HOUR_S, float("inf")),
)
AHEAD_S_MIN = 1.0
"""Nearer ones say nothing."""


class Made(NamedTuple):
    """A forecast that waits for what comes."""

    at: float
    p50: float
    p90: float
    rank: float


class Scorekeeper:
    """Forecasts by shot that are still open."""

    def __init__(self, state: FarmState) -> None:
        self._state = state
        self._made: dict[int, list[Made]] = {}

    def keep(self, finishes: Mapping[int, tuple[float, float]], now: float) -> None:
        """Take up the forecasts of a look."""
        for shot, (p50, p90) in finishes.items():
            ahead = p50 - now
            if ahead < AHEAD_S_MIN:
                continue
            made = self._made.setdefault(shot, [])
            if not made or ahead <= (made[-1].p50 - made[-1].at) / 2:
                made.append(Made(now, p50, p90, self._state.shots[shot].rank))

    def note(self, change: c.Change) -> list[c.ForecastJudged]:
        """Drop what a change makes void; return judgements where a shot came to its end."""
        if isinstance(change, c.TaskMoved):
            is_done = change.state == DONE
            return self._judge(self._state.steps[change.step].shot) if is_done else NONE
        match change:
            case c.ShotRanked(shot=shot, rank=rank):
                old = [made.rank for made in self._made.get(shot, ())]
                self._drop(min([rank, *old]))
            case c.ShotPaused(shot=shot):
                self._drop(self._state.shots[shot].rank)
            case c.StepAdded(step=step):
                self._drop_from(step)
            case c.TasksMoved(step=step, before=before, state=state):
                # A step that opens is nature; cancelled and retried ones are people.
                if (before, state) != (TaskState.WAITING, TaskState.READY):
                    self._drop_from(step)
            case _:
                pass
        return NONE

    def _drop_from(self, step: int) -> None:
        self._drop(self._state.shots[self._state.steps[step].shot].rank)

    def _drop(self, rank: float) -> None:
        shots = self._state.shots
        for shot in [shot for shot in self._made if shots[shot].rank >= rank]:
            del self._made[shot]

    def _judge(self, number: int) -> list[c.ForecastJudged]:
        shot, counts = self._state.shots[number], self._state.counts[number]
        if not shot.finished_at:
            return NONE
        made = self._made.pop(number, [])
        if counts[TaskState.FAILED] or counts[TaskState.CANCELLED]:
            return []
        return [
            c.ForecastJudged(number, one.at, one.p50, one.p90, shot.finished_at) for one in made
        ]


class Scores:
    """Rows of how forecasts did, made anew when one was judged."""

    def __init__(self, state: FarmState) -> None:
        self._state = state
        self._counted = -1
        self._rows: list[v.ScoreRow] = []

    def rows(self) -> list[v.ScoreRow]:
        """Return a row for all, and for each class of time ahead that has any."""
        if self._counted != self._state.judged_count:
            self._counted = self._state.judged_count
            judged = list(self._state.judged)
            self._rows = [_row("all", judged)] if judged else []
            for name, low, high in CLASSES:
                some = [one for one in judged if low <= one.ended_at - one.at < high]
                self._rows += [_row(name, some)] if some else []
        return self._rows


def _row(name: str, judged: list[Judged]) -> v.ScoreRow:
    count = len(judged)
    by_p50 = sum(one.ended_at <= one.p50 for one in judged) / count
    by_p90 = sum(one.ended_at <= one.p90 for one in judged) / count
    errors = [abs(one.ended_at - one.p50) / max(1.0, one.ended_at - one.at) for one in judged]
    return v.ScoreRow(
        name=name,
        forecasts=count,
        by_p50=by_p50,
        by_p90=by_p90,
        between=by_p90 - by_p50,
        error=median(errors),
    )
