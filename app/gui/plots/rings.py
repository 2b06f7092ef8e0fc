"""Rings of samples: a column of the past for each tick, a row for each node, newest overwriting oldest.

numpy, no Qt. Time is the dispatcher's, as it stands in the samples; a column that no sample fell into is
NaN and is drawn as a gap, never as zero.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from app.core.views import NodeSample

TICK_S = 2.0
COLUMNS = 900
"""Half an hour."""
HELD_COLUMNS = 8
"""A value stands for so many columns more when none comes: samples may be late."""
THINNED_S = 90.0
"""A snapshot's history has a sample a minute or so; between two that near, the first one stands."""
MINUTES = 15
MEASURES = ("cpu", "gpu", "memory")
ROOM = 1024
"""Nodes that room is set aside for: the system gives memory only to rows that are written, so that this costs
nothing, while growing from 512 rows to more held the window for 40 to 60 ms."""

Floats = npt.NDArray[np.float32]


class LoadRing:
    """Load of each node in percent, tick by tick: (measures, nodes, columns) float32."""

    def __init__(self, columns: int = COLUMNS, tick_s: float = TICK_S) -> None:
        self._columns = columns
        self._tick_s = tick_s
        self._rows: dict[int, int] = {}
        # Rows that no node has yet hold anything: nothing looks at them.
        self._values = np.empty((len(MEASURES), ROOM, columns), dtype=np.float32)
        self._newest = -1
        """Tick of the newest column; -1 before the first sample."""
        # What is shown: values held over short gaps, and their means. Only columns from ``_stale`` on are
        # made anew: all of them, several times a second, held the window for 100 ms with 715 nodes.
        self._shown = np.empty_like(self._values)
        self._means = np.full((len(MEASURES), columns), np.nan, dtype=np.float32)
        self._stale = 0

    @property
    def newest_unix(self) -> float:
        """Return when the newest column ends."""
        return (self._newest + 1) * self._tick_s

    @property
    def known_s(self) -> float:
        """Return how far back anything is known."""
        known = np.flatnonzero(np.isfinite(self.farm("cpu")))
        return float((self._columns - known[0]) * self._tick_s) if len(known) else 0.0

    def clear(self) -> None:
        """Forget everything, the nodes too."""
        self.__init__(self._columns, self._tick_s)

    def add(self, sample: NodeSample) -> None:
        """Take in one sample; within a tick the last one stands."""
        self._put(self._tick(sample.at), sample)

    def _put(self, tick: int, sample: NodeSample) -> None:
        if tick <= self._newest - self._columns:
            return
        self._advance(tick)
        self._stale = min(self._stale, tick)
        row = self._row(sample.node)
        self._values[:, row, tick % self._columns] = _measures(sample)

    def _tick(self, at: float) -> int:
        return int(at // self._tick_s)

    def extend(self, samples: Iterable[NodeSample]) -> None:
        """Take in a node's history, oldest first."""
        before: NodeSample | None = None
        for sample in samples:
            if before is not None and sample.at - before.at <= THINNED_S:
                for tick in range(self._tick(before.at) + 1, self._tick(sample.at)):
                    self._put(tick, before)
            self.add(sample)
            before = sample

    def seconds(self) -> Floats:
        """Return the age of each column, oldest first: (columns,) seconds, negative up to zero."""
        return (np.arange(self._columns, dtype=np.float32) - self._columns + 1) * self._tick_s

    def farm(self, measure: str) -> Floats:
        """Return the farm's mean of a measure, oldest first: (columns,), NaN where nothing is known."""
        self._freshen()
        return self._means[MEASURES.index(measure)][self._in_time()]

    def nodes(self, measure: str, order: Iterable[int] | None = None) -> Floats:
        """Return a measure of each node, oldest first: (nodes, columns); by first seen, or in ``order``."""
        chosen = self._rows if order is None else [node for node in order if node in self._rows]
        rows = [self._rows[node] for node in chosen]
        self._freshen()
        return self._shown[MEASURES.index(measure)][rows][:, self._in_time()]

    def _in_time(self) -> npt.NDArray[np.int64]:
        """Return the columns' places in the ring, oldest first."""
        return (np.arange(self._columns) + self._newest + 1) % self._columns

    def _freshen(self) -> None:
        """Make what is shown of the columns that changed, and of those that their values are held over."""
        oldest = self._newest - self._columns + 1
        first = max(self._stale, oldest)
        if self._newest < 0 or first > self._newest:
            return
        ticks = np.arange(max(first - HELD_COLUMNS, oldest), self._newest + 1)
        used = len(self._rows)
        held = _held(self._values[:, :used, ticks % self._columns], HELD_COLUMNS)
        held = held[:, :, first - ticks[0] :]
        places = ticks[first - ticks[0] :] % self._columns
        self._shown[:, :used, places] = held
        known = np.isfinite(held)
        counts = known.sum(axis=1)
        sums = np.where(known, held, 0.0).sum(axis=1)
        self._means[:, places] = np.where(counts, sums / np.maximum(counts, 1), np.nan)
        self._stale = self._newest + 1

    def _advance(self, tick: int) -> None:
        if tick <= self._newest:
            return
        fresh = min(tick - self._newest, self._columns) if self._newest >= 0 else self._columns
        wiped = (np.arange(tick - fresh + 1, tick + 1)) % self._columns
        self._values[:, : len(self._rows), wiped] = np.nan
        self._stale = min(self._stale, tick - fresh + 1)
        self._newest = tick

    def _row(self, node: int) -> int:
        row = self._rows.get(node)
        if row is None:
            row = self._rows[node] = len(self._rows)
            self._make_room(row)
            self._values[:, row] = self._shown[:, row] = np.nan
        return row

    def _make_room(self, row: int) -> None:
        if row >= self._values.shape[1]:
            more = np.empty_like(self._values)
            self._values = np.concatenate((self._values, more), axis=1)
            self._shown = np.concatenate((self._shown, more), axis=1)


class DoneRing:
    """Tasks finished in each of the last minutes, from the nodes' running totals."""

    def __init__(self, minutes: int = MINUTES) -> None:
        self._minutes = minutes
        self._counts: dict[int, int] = {}
        self._totals: dict[int, int] = {}

    def take(self, node: int, total: int, now: float) -> None:
        """Take a node's total; its first is where counting begins."""
        before = self._totals.get(node)
        self._totals[node] = total
        if before is not None and total > before:
            minute = int(now // 60)
            self._counts[minute] = self._counts.get(minute, 0) + total - before
            self._counts = {at: n for at, n in self._counts.items() if at > minute - self._minutes}

    def clear(self) -> None:
        """Forget everything."""
        self._counts.clear()
        self._totals.clear()

    def counts(self, now: float) -> npt.NDArray[np.int64]:
        """Return the finished tasks of each minute, the present one last: (minutes,)."""
        last = int(now // 60)
        minutes = range(last - self._minutes + 1, last + 1)
        return np.array([self._counts.get(minute, 0) for minute in minutes], dtype=np.int64)


def _held(values: Floats, columns: int) -> Floats:
    """Let each value stand over the gap after it, for so many columns (the last axis) at most."""
    places = np.arange(values.shape[-1])
    newest = np.maximum.accumulate(np.where(np.isfinite(values), places, -1), axis=-1)
    is_held = (newest >= 0) & (places - newest <= columns)
    stood = np.take_along_axis(values, np.maximum(newest, 0), axis=-1)
    return np.where(is_held, stood, np.nan).astype(np.float32)


def _measures(sample: NodeSample) -> tuple[float, float, float]:
    gpus = sample.gpus
    gpu = sum(each.utilisation_percent for each in gpus) / len(gpus) if gpus else np.nan
    full = sample.memory_used_bytes / sample.memory_bytes if sample.memory_bytes else np.nan
    return sample.cpu_percent, gpu, full * 100
