"""Frame ranges as people write them, in fileseq's grammar: ``1001-1100x2``, ``1,5,10-12``, ``1-10y3``, ``1-10:3``.

The farm knows the first two; the others are written out in them here. ``y3`` is what ``x3`` leaves out, and ``:3``
every third first, then every second, then the rest.
"""

from __future__ import annotations

import re

from app.errors import UserMistake

FRAMES_MAX = 1_000_000
FRAME_NUMBER_MAX = 9_999_999
LENGTH_MAX = 10_000

_FILLED = re.compile(r"(-?\d{1,8})-(-?\d{1,8})([y:])(\d{1,3})", re.ASCII)
_PART = re.compile(r"(-?\d{1,8})(?:-(-?\d{1,8})(?:x(\d{1,8}))?)?", re.ASCII)


def check_frames(text: str) -> str:
    """Return the range without white space. Raises UserMistake with what is wrong."""
    text = "".join(text.split())
    if not text:
        raise UserMistake(
            "The frame range is empty: write it as 1001-1100, 1001-1100x2 or 1,5,10-12."
        )
    if len(text) > LENGTH_MAX:
        raise UserMistake(f"The frame range is over {LENGTH_MAX} characters long.")
    text = ",".join(_plain(part) for part in text.split(","))
    count = sum(len(_numbers(part, text)) for part in text.split(","))
    if count > FRAMES_MAX:
        raise UserMistake(
            f"The frame range {text[:60]!r} has {count:,} frames; a job takes {FRAMES_MAX:,}."
        )
    return text


def frame_numbers(text: str) -> list[int]:
    """Return each frame once, in the order written. Raises UserMistake."""
    text = check_frames(text)
    return list(
        dict.fromkeys(number for part in text.split(",") for number in _numbers(part, text))
    )


def _plain(part: str) -> str:
    """Write a part without fileseq's ``y`` and ``:``; what is neither, or makes no sense, stays as it is."""
    match = _FILLED.fullmatch(part)
    if not match:
        return part
    first, last, fill, stride = int(match[1]), int(match[2]), match[3], int(match[4])
    if last < first or not stride:
        return part
    if fill == ":":
        return ",".join(f"{first}-{last}x{each}" for each in range(stride, 0, -1))
    starts = range(first + 1, min(first + stride, last + 1))
    return ",".join(f"{start}-{last}x{stride}" for start in starts) or part


def _numbers(part: str, text: str) -> range:
    match = _PART.fullmatch(part)
    if not match:
        raise UserMistake(
            f"{text[:60]!r} is no frame range: write it as 1001-1100, 1001-1100x2 or 1,5,10-12."
        )
    first, last = int(match[1]), int(match[2] or match[1])
    stride = int(match[3] or 1)
    if last < first or not stride:
        raise UserMistake(
            f"The frame range {text[:60]!r} runs backwards or by steps of 0 at {part!r}."
        )
    if max(abs(first), abs(last)) > FRAME_NUMBER_MAX:
        raise UserMistake(
            f"Frames go from -{FRAME_NUMBER_MAX} to {FRAME_NUMBER_MAX}, not to {part!r}."
        )
    return range(first, last + 1, stride)
