"""Sets of sample numbers as sorted lists of [first, end) that do not touch."""

from __future__ import annotations

Ranges = list[tuple[int, int]]


def holds_any(ranges: Ranges, first: int, end: int) -> bool:
    """Whether any number of [first, end) is in the set."""
    return any(low < end and first < high for low, high in ranges)


def add_range(ranges: Ranges, first: int, end: int) -> Ranges:
    """The set with [first, end) added, which must not overlap it."""
    joined: Ranges = []
    for low, high in sorted([*ranges, (first, end)]):
        if joined and joined[-1][1] == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def reach(ranges: Ranges, first: int) -> int:
    """The first number from ``first`` on that is not in the set."""
    return next((high for low, high in ranges if low <= first < high), first)
