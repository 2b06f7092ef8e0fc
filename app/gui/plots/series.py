"""The farm's history as arrays to plot: numpy, no Qt. Where nobody watched there is a gap, never a zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.reports import History, HistoryPoint

Floats = npt.NDArray[np.float64]
GAP_STEPS = 1.5
"""Two points further apart than so many steps are not joined."""


def _part(busy: float, whole: float) -> float:
    return busy / whole * 100 if whole else np.nan


MEASURES: dict[str, Callable[[HistoryPoint, float], float]] = {
    "gpus": lambda point, _step: _part(point.gpus_busy, point.gpus),
    "cores": lambda point, _step: _part(point.cores_busy, point.cores),
    "done": lambda point, _step: point.tasks_per_minute,
    "failed": lambda point, step: (point.failed + point.lost) / (step * point.seen / 60),
    "ready": lambda point, _step: point.ready,
    "waiting": lambda point, _step: point.waiting,
}


@dataclass(frozen=True)
class Series:
    """``at``: Unix seconds, the middle of each step; the measures by name, of the same length."""

    at: Floats
    values: dict[str, Floats]

    def __len__(self) -> int:
        """Return how many points there are, gaps among them."""
        return len(self.at)

    def has(self, name: str) -> bool:
        """Whether anything is known of a measure."""
        return bool(np.isfinite(self.values[name]).any())

    def near(self, unix: float) -> int:
        """Return the index of the point nearest to a time; -1 where there is none."""
        known = np.flatnonzero(np.isfinite(self.values["done"]))
        if not len(known):
            return -1
        return int(known[np.argmin(np.abs(self.at[known] - unix))])


def series_of(history: History) -> Series:
    """Return what a history says, with a NaN in each of its gaps."""
    points = [point for point in history.points if point.seen > 0]
    at = np.array([point.at for point in points], dtype=np.float64) + history.step_s / 2
    gaps = np.flatnonzero(np.diff(at) > GAP_STEPS * history.step_s) + 1
    values = {
        name: np.insert(
            np.array([measure(point, history.step_s) for point in points], dtype=np.float64),
            gaps,
            np.nan,
        )
        for name, measure in MEASURES.items()
    }
    between = at[gaps - 1] + history.step_s if len(gaps) else at[:0]
    return Series(np.insert(at, gaps, between), values)
