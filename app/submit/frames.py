"""Frame ranges as people write them: ``1001-1100x2``, ``1,5,10-12``."""

from __future__ import annotations

import re

from app.errors import UserMistake

FRAMES_MAX = 1_000_000
FRAME_NUMBER_MAX = 9_999_999
LENGTH_MAX = 10_000

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
