"""Where each node stands on the wall: pure geometry, in pixels.

All cells are squares of one size, the largest at which everything fits. The pools stand below each other,
with their names above the cells or at the left of them, whichever leaves the cells more room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SIDE_MAX, SIDE_MIN = 34, 7
"""Smaller cells than the least are not made: the wall scrolls instead."""
GAP = 2
TITLE_PX = 17
NAME_PX = 92
BETWEEN_PX = 7
"""Between two pools."""


@dataclass(frozen=True)
class Title:
    """Where a pool's name is written."""

    name: str
    x: float
    y: float
    width: float
    count: int


@dataclass
class Places:
    """Cells by node id: their left top corner; all are ``side`` wide and high."""

    side: int = SIDE_MAX
    height: float = 0.0
    cells: dict[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])
    titles: list[Title] = field(default_factory=list[Title])
    rows: list[list[int]] = field(default_factory=list[list[int]])
    """Node ids, line by line, for the arrow keys."""

    def at(self, x: float, y: float) -> int | None:
        """Return the node at a point; the gap beside a cell counts as the cell."""
        pitch = self.side + GAP
        for row in self.rows:
            top = self.cells[row[0]][1]
            if top <= y < top + pitch:
                column = int((x - self.cells[row[0]][0]) // pitch)
                return row[column] if 0 <= column < len(row) else None
        return None

    def step(self, node: int | None, across: int, down: int) -> int | None:
        """Return the node beside another; from the edge of a line the next line's, at the ends the same."""
        if not self.rows:
            return None
        where = next(
            ((at, row.index(node)) for at, row in enumerate(self.rows) if node in row), None
        )
        if node is None or where is None:
            return self.rows[0][0]
        line, column = where
        if down:
            target = self.rows[min(max(line + down, 0), len(self.rows) - 1)]
            return target[min(column, len(target) - 1)]
        every = [each for row in self.rows for each in row]
        return every[min(max(every.index(node) + across, 0), len(every) - 1)]


def place(groups: Mapping[str, Sequence[int]], width: float, height: float) -> Places:
    """Place all nodes in a box."""
    candidates = [
        (_side(groups, width, height, is_beside=is_beside), is_beside)
        for is_beside in (True, False)
    ]
    side, is_beside = max(candidates)
    return _lay(groups, width, side, is_beside=is_beside)


def _side(
    groups: Mapping[str, Sequence[int]], width: float, height: float, *, is_beside: bool
) -> int:
    """Return the largest cell at which all fits."""
    for side in range(SIDE_MAX, SIDE_MIN, -1):
        if _height(groups, width, side, is_beside=is_beside) <= height:
            return side
    return SIDE_MIN


def _columns(width: float, side: int, *, is_beside: bool) -> int:
    return max(1, int((width - (NAME_PX if is_beside else 0) + GAP) // (side + GAP)))


def _height(
    groups: Mapping[str, Sequence[int]], width: float, side: int, *, is_beside: bool
) -> float:
    columns = _columns(width, side, is_beside=is_beside)
    tall = 0.0
    for nodes in groups.values():
        lines = -(-len(nodes) // columns) * (side + GAP)
        tall += max(lines, TITLE_PX) if is_beside else lines + TITLE_PX
    return tall + BETWEEN_PX * max(0, len(groups) - 1)


def _lay(
    groups: Mapping[str, Sequence[int]], width: float, side: int, *, is_beside: bool
) -> Places:
    made = Places(side)
    columns = _columns(width, side, is_beside=is_beside)
    left = float(NAME_PX if is_beside else 0)
    y = 0.0
    for name, nodes in groups.items():
        made.titles.append(Title(name, 0.0, y, left - 8 if is_beside else width, len(nodes)))
        top = y if is_beside else y + TITLE_PX
        for first in range(0, len(nodes), columns):
            line = list(nodes[first : first + columns])
            made.rows.append(line)
            for at, node in enumerate(line):
                made.cells[node] = (left + at * (side + GAP), top)
            top += side + GAP
        y = max(top, y + TITLE_PX) + BETWEEN_PX
    made.height = max(0.0, y - BETWEEN_PX)
    return made
