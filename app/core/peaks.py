"""What the tasks of a step take of RAM and of a GPU's memory, by what those that are done took.

PURE. A high quantile of the newest tasks with a margin; what was asked for is the least. Where a task was done on a
card, or ran out of it, counts for more than any figure: many programs take of a card what it has. ``memory`` decides
with this, and the state keeps the samples.
"""

from __future__ import annotations

from array import array
from math import ceil

from app.core.changes import AttemptEnded
from app.core.tasks import Step

GIB = 2**30
SAMPLES_MAX = 64
SAMPLES_MIN = 3
"""As many as a job has scouts: less says little."""
QUANTILE = 0.95
MARGIN = 1.15
NOTCHES = 8
"""What is learned is rounded down to so many values an octave, so that few classes of needs come of it; the margin
is more than that takes away."""
RAM_BYTES_MIN = 8 * GIB
"""Less is not worth reserving: any node has it beside what it runs."""
GPU_BYTES_MIN = 4 * GIB
FALLS = 0.75
"""Only what falls below so much of what is known is lowered: else a step would go from class to class."""
OUT = "gpu_memory"


def note_peaks(step: Step, ended: AttemptEnded) -> None:
    """Take up what an attempt took; for ``FarmState.apply``."""
    rams, cards, taken = step.peaks
    is_done = ended.outcome == "done"
    if is_done and ended.peak_memory_bytes > 0:
        _keep(rams, ended.peak_memory_bytes)
    if ended.card_bytes <= 0:
        return
    if is_done and ended.peak_gpu_bytes > 0:
        _keep(cards, ended.card_bytes)
        _keep(taken, min(ended.peak_gpu_bytes, ended.card_bytes))
    elif ended.outcome == "failed" and ended.cause == OUT:
        _keep(cards, ended.card_bytes)
        _keep(taken, 0)


def _keep(cells: array[int], value: int) -> None:
    cells.append(value)
    del cells[:-SAMPLES_MAX]


def is_learned(step: Step) -> bool:
    """Tell whether the step's tasks took more than was asked for."""
    gpu, ram = step.learned
    return gpu > step.needs.memory_bytes or ram > step.needs.ram_bytes


def is_beyond(values: array[int], known: int, least: int) -> bool:
    """Tell whether the newest value is worth a new look at all of them."""
    return bool(values) and MARGIN * values[-1] > max(1.1 * known, least)


def learned_ram(step: Step) -> int:
    """Return the bytes of RAM that a task is taken to need; 0: too little to count, or not known."""
    rams = step.peaks[0]
    if len(rams) < SAMPLES_MIN:
        return step.learned[1]
    return _settled(_with_margin(rams), step.learned[1], RAM_BYTES_MIN)


def learned_gpu(step: Step) -> int:
    """Return the bytes that a card must have; 0: any will do, or nothing is known.

    Not more than the smallest card on which a task was done, unless too many ran out of theirs."""
    _, cards, taken = step.peaks
    if len(cards) < SAMPLES_MIN:
        return step.learned[0]
    need = _with_margin([peak or card for card, peak in zip(cards, taken, strict=True)])
    sizes = [card for card, peak in zip(cards, taken, strict=True) if peak]
    outs = len(cards) - len(sizes)
    if sizes and outs <= (1 - QUANTILE) * len(cards):
        need = min(need, *sizes)
    return _settled(need, step.learned[0], GPU_BYTES_MIN)


def _with_margin(values: list[int] | array[int]) -> int:
    ordered = sorted(values)
    return notch(int(MARGIN * ordered[ceil(QUANTILE * len(ordered)) - 1]))


def notch(value: int) -> int:
    """Round down to one of ``NOTCHES`` values an octave."""
    octave = 1 << max(0, value.bit_length() - 1)
    width = max(1, octave // NOTCHES)
    return value // width * width


def _settled(need: int, known: int, least: int) -> int:
    """Return what is known from now on: more at once, less only when it is much less."""
    need = need if need >= least else 0
    return known if FALLS * known < need < known else need
