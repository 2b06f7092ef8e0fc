"""Frame ranges in the grammar that artists know: ``1001-1100x2,5,10-12``.

PURE. fileseq's grammar without its ``y`` and ``:`` fills, with a limit that is checked before anything
is counted out. Raises UserMistake with the part that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from app.errors import UserMistake
from node_agent.wire.job import Frames

_PART = re.compile(r"(-?\d{1,9})(?:-(-?\d{1,9})(?:x(\d{1,9}))?)?\Z")
TEXT_MAX = 100_000


def parse_tasks(text: str, chunk: int, tasks_max: int) -> list[Frames]:
    """Return the tasks of a range, ``chunk`` frames each; a frame named twice is rendered once."""
    if chunk < 1:
        raise UserMistake(f"A chunk has at least 1 frame, not {chunk}.")
    if len(text) > TEXT_MAX:
        raise UserMistake(f"The frame range is longer than {TEXT_MAX} characters.")
    parts = [_part(part.strip()) for part in text.split(",")]
    if sum(len(part) for part in parts) > tasks_max:
        raise UserMistake(f"The range {_short(text)} has more than {tasks_max:,} frames.")
    return list(_chunks(_distinct(parts), chunk))


def ranges_of(text: str) -> list[range]:
    """Return the parts of a range that was parsed before, without the frames that an earlier part had."""
    return list(_distinct([_part(part.strip()) for part in text.split(",")]))


def cut_evenly(parts: Iterable[range], chunk: int) -> list[Frames]:
    """Return tasks of at most ``chunk`` frames; those of one part differ by one frame at most."""
    tasks: list[Frames] = []
    for part in parts:
        count = -(-len(part) // chunk)
        cuts = [len(part) * number // count for number in range(count + 1)]
        tasks.extend(_task(part[begin:end]) for begin, end in pairwise(cuts))
    return tasks


def _task(frames: range) -> Frames:
    return Frames(frames[0], frames[-1], frames.step if len(frames) > 1 else 1)


def _part(text: str) -> range:
    match = _PART.match(text)
    if not match:
        raise UserMistake(
            f"{_short(text)!r} is not a frame range: write 1001-1100, 1001-1100x2 or 7."
        )
    first = int(match[1])
    last = int(match[2]) if match[2] is not None else first
    step = int(match[3]) if match[3] is not None else 1
    if step < 1:
        raise UserMistake(f"The frame range {text} has a step of 0.")
    if last < first:
        raise UserMistake(f"The frame range {text} runs backwards: write {last}-{first}.")
    return range(first, last + 1, step)


def _distinct(parts: list[range]) -> Iterable[range]:
    """Yield the parts without the frames that an earlier part had."""
    if len(parts) == 1:
        yield parts[0]
        return
    seen: set[int] = set()
    for part in parts:
        if seen.isdisjoint(part):
            yield part
        else:
            yield from (range(frame, frame + 1) for frame in part if frame not in seen)
        seen.update(part)


def _chunks(parts: Iterable[range], chunk: int) -> Iterable[Frames]:
    for part in parts:
        for begin in range(0, len(part), chunk):
            yield _task(part[begin : begin + chunk])


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
