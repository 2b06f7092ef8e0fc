"""Steps whose chunks follow what frames take: a target runtime, and frames that the farm may cut as it likes.

A contiguous chunk has its values for frames. One that may have holes does, too, where its range is one progression;
else its frames are the places of its values in the range, from 1. What has further parameters keeps the chunks
that the library cuts.
"""

# The library's models come from pydantic, whose fields pyright does not see.
# pyright: basic

from __future__ import annotations

from typing import Any, Literal

TEXT_MAX = 90_000
"""Characters of a frame range."""
VALUES_MAX = 1_000_000

Picks = Literal["task", "values", "places"]


def target_of(step: Any) -> float:
    """Return the seconds that a chunk is to take by the template; 0: it does not say, or has no chunks."""
    parameter = _chunked(step)
    return float(int(parameter.chunks.targetRuntimeSeconds or 0)) if parameter else 0.0


def chunk_frames(step: Any) -> tuple[str, Picks]:
    """Return the frame range of a chunked step, uncut, and what its frames are; '' where it stays as it is cut."""
    parameter = _chunked(step)
    if parameter is None or len(parameter.range) > VALUES_MAX:
        return "", "task"
    # A chunk is a set of values: one that comes twice is rendered once.
    values = list(dict.fromkeys(int(value) for value in parameter.range))
    if parameter.chunks.rangeConstraint.value == "CONTIGUOUS":
        return _fitting(fold_range(values), "values")
    stride = values[1] - values[0] if len(values) > 1 else 1
    if stride > 0 and values == list(range(values[0], values[-1] + 1, stride)):
        by = f"x{stride}" if stride > 1 else ""
        return f"{values[0]}-{values[-1]}{by}", "values"
    return f"1-{len(values)}", "places"


def fold_range(numbers: list[int]) -> str:
    """Return the numbers in their order, neighbours folded."""
    parts: list[str] = []
    start = 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or numbers[index] != numbers[index - 1] + 1:
            first, last = numbers[start], numbers[index - 1]
            parts.append(str(first) if first == last else f"{first}-{last}")
            start = index
    return ",".join(parts)


def _fitting(frames: str, picks: Picks) -> tuple[str, Picks]:
    return (frames, picks) if len(frames) <= TEXT_MAX else ("", "task")


def _chunked(step: Any) -> Any:
    """The step's one parameter, where it has one, and that in chunks."""
    space = step.parameterSpace
    parameters = list(space.taskParameterDefinitions.values()) if space is not None else []
    is_one = len(parameters) == 1 and getattr(parameters[0], "chunks", None) is not None
    return parameters[0] if is_one else None
