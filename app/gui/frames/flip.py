"""What a flipbook plays: the frames of one step, where their files are, and the pictures that are kept.

No widget. Pictures are asked for in the order in which they will be shown and kept while there is room, so
that a shot plays at its rate the second time round, and fills in while it is rendered.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from app.client.replica import Replica, StepState
from app.core.ids import TaskState
from app.core.views import StepRow
from app.gui.frames.reader import Decoded, FrameReader, Look
from node_agent.wire.job import Output, PathRoots, run_frames
from node_agent.wire.paths import map_path, system_of
from node_agent.wire.templates import file_name

ROOM_BYTES = 768 << 20
AHEAD = 6
"""Frames that are asked for before they are due."""


@dataclass(frozen=True, slots=True)
class Still:
    """One frame of a step."""

    number: int
    task: int
    file: str


def stills(row: StepRow, paths: Sequence[PathRoots] = ()) -> list[Still]:
    """Return a step's frames in their order, their files by the names that this system has for them; none where
    it writes no files."""
    if not row.directory or not row.pattern:
        return []
    tasks = [
        (frame, task) for task, each in enumerate(run_frames(row.runs)) for frame in each.numbers()
    ]
    folder = map_path(row.directory, paths, system_of(sys.platform))
    output = Output(directory=folder, pattern=row.pattern)
    return [
        Still(frame, task, str(PurePath(folder) / file_name(output, frame)))
        for frame, task in sorted(tasks)
    ]


def steps_of(replica: Replica, shot: int) -> list[StepState]:
    """Return the shot's steps that write pictures, the newest job's first."""
    row = replica.shots.get(shot)
    if row is None:
        return []
    jobs = [replica.jobs[job] for job in sorted(row.jobs, reverse=True) if job in replica.jobs]
    steps = [replica.steps[step] for job in jobs for step in job.steps if step in replica.steps]
    return [step for step in steps if step.row.directory and step.row.pattern]


class Pictures:
    """Decoded pictures by what of which file they show."""

    def __init__(self, reader: FrameReader, came: Callable[[Look], None]) -> None:
        self._reader = reader
        self._came = came
        self._kept: OrderedDict[Look, Decoded] = OrderedDict()
        self._coming: set[Look] = set()
        self._used = 0

    def get(self, look: Look) -> Decoded | None:
        """Return the picture if it is here."""
        found = self._kept.get(look)
        if found is not None:
            self._kept.move_to_end(look)
        return found

    def want(self, looks: list[Look]) -> None:
        """Have these decoded, the first one first; what was wanted before and is not now is forgotten."""
        self._coming.difference_update(self._reader.forget_waiting())
        for look in looks:
            if look not in self._kept and look not in self._coming:
                self._coming.add(look)
                self._reader.read(look, lambda got, look=look: self._keep(look, got))

    def _keep(self, look: Look, got: Decoded) -> None:
        self._coming.discard(look)
        if look not in self._kept:
            self._kept[look] = got
            self._used += _bytes(got)
        while self._used > ROOM_BYTES and len(self._kept) > 1:
            self._used -= _bytes(self._kept.popitem(last=False)[1])
        self._came(look)


def _bytes(got: Decoded) -> int:
    return got.image.sizeInBytes() if got.image is not None else 0


@dataclass(frozen=True, slots=True)
class Reel:
    """A step's frames with their states now, and how they are looked at."""

    step: int
    name: str
    stills: list[Still]
    states: bytes

    def is_done(self, at: int) -> bool:
        """Whether the frame at this place of the list is finished."""
        return self.states[self.stills[at].task] == TaskState.DONE

    def next_done(self, at: int) -> int:
        """Return the next finished frame's place, around the end; the same where there is no other."""
        count = len(self.stills)
        order = ((at + ahead) % count for ahead in range(1, count + 1))
        return next((place for place in order if self.is_done(place)), at)

    def with_states(self, states: bytes) -> Reel:
        """Return the same frames, further on."""
        return replace(self, states=states)


def reel(step: StepState, name: str, paths: Sequence[PathRoots] = ()) -> Reel:
    """Return a step's frames as they are now."""
    return Reel(step.row.id, name, stills(step.row, paths), bytes(step.states))
