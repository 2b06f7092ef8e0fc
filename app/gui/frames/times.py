"""How long the frames of the shown shot took: asked of the farm, set against the median of their step.

A frame that runs is a runaway where it has taken several times as long as its like. No widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from app.client.connection import Outcome
from app.core.commands import Attempts, GetAttempts
from app.core.views import AttemptRow
from app.gui import text
from app.gui.bridge import Farm
from app.gui.frames.cells import frame_label
from app.gui.words import tr
from node_agent.wire.job import Frames

COUNT = 2_000
"""Attempts that are asked for: what fits into a message."""
SOON_MS = 250
"""Whoever goes through the shots with the arrow keys asks for none of them."""
AGAIN_MS = 15_000
RUNAWAY = 3.0
"""Times the median."""
KNOWN_MIN = 3
"""Frames of a step that must be done before any can be called slow."""
Levels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Known:
    """What the done frames of one step took, in seconds by task."""

    walls: dict[int, float]
    median_s: float
    longest_s: float
    longest: str
    """Label of the frame that took longest."""


class FrameTimes(QObject):
    """The frame times of one shot."""

    changed = Signal()

    def __init__(self, farm: Farm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._shot = 0
        self.steps: dict[int, Known] = {}
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self.ask)
        self._again = QTimer(self, interval=AGAIN_MS)
        self._again.timeout.connect(self.ask)

    def show_shot(self, shot: int) -> None:
        """Be about this shot; 0 for none."""
        if shot != self._shot:
            self._shot = shot
            self.steps = {}
            self._soon.start()

    def set_watched(self, *, is_watched: bool) -> None:
        """Ask again now and then only while somebody looks."""
        if is_watched:
            self._again.start()
        else:
            self._again.stop()

    def ask(self) -> None:
        """Ask the farm for the newest times."""
        shot = self._shot
        row = self._farm.replica.shots.get(shot)
        if row is not None and row.done and self._farm.is_live:
            question = GetAttempts(shot=shot, count=COUNT)
            self._farm.ask(question, lambda outcome: self._learn(shot, outcome))

    def _learn(self, shot: int, outcome: Outcome) -> None:
        if isinstance(outcome, Attempts) and shot == self._shot:
            self.steps = known_of(outcome.rows)
            self.changed.emit()

    def wall_s(self, step: int, task: int) -> float:
        """Return what a done frame took; 0 where that is not known."""
        known = self.steps.get(step)
        return known.walls.get(task, 0.0) if known else 0.0

    def levels(self, step: int, count: int) -> Levels:
        """Return 0..1 a task, 1 for the longest of its step; -1 where the time is not known."""
        found = np.full(count, -1.0, dtype=np.float32)
        known = self.steps.get(step)
        if known:
            for task, wall in known.walls.items():
                if task < count:
                    found[task] = wall / known.longest_s
        return found

    def slowness(self, step: int, task: int) -> float:
        """Return how many times the median a running frame has taken so far; 0 where nobody can tell."""
        known = self.steps.get(step)
        state = self._farm.replica.steps.get(step)
        change = state.running.get(task) if state else None
        node = self._farm.replica.nodes.get(change.node) if change else None
        if known is None or node is None or len(known.walls) < KNOWN_MIN:
            return 0.0
        since = [
            attempt.since
            for device in node.devices
            for attempt in device.attempts
            if (attempt.step, attempt.task) == (step, task)
        ]
        return (self._farm.now() - since[0]) / known.median_s if since and since[0] else 0.0

    def is_runaway(self, step: int, task: int) -> bool:
        """Tell whether a running frame takes several times as long as its like."""
        return self.slowness(step, task) >= RUNAWAY

    def summary(self) -> str:
        """Return the step that took longest in a line: 'median 1:02, longest 4:10 (1012)'; '' for none known."""
        if not self.steps:
            return ""
        slowest = max(self.steps.values(), key=lambda known: known.longest_s)
        said = tr("median {median}, longest {longest} (frame {frame})")
        return said.format(
            median=text.exact_duration(slowest.median_s),
            longest=text.exact_duration(slowest.longest_s),
            frame=slowest.longest,
        )


def known_of(rows: list[AttemptRow]) -> dict[int, Known]:
    """Return the times of what is done by step, of each task its newest."""
    found: dict[int, dict[int, AttemptRow]] = {}
    for row in rows:
        if row.outcome == "done" and row.wall_s > 0:
            found.setdefault(row.step, {}).setdefault(row.task, row)
    return {step: _known(list(of_step.values())) for step, of_step in found.items()}


def _known(rows: list[AttemptRow]) -> Known:
    longest = max(rows, key=lambda row: row.wall_s)
    return Known(
        walls={row.task: row.wall_s for row in rows},
        median_s=median(row.wall_s for row in rows),
        longest_s=longest.wall_s,
        longest=frame_label(Frames(longest.first, longest.last)),
    )
