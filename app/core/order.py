"""The queue's order: where moved shots come to lie, as ranks.

PURE. A rank is a float between its neighbours', so that a move touches only what moved. Where no float
is left between two neighbours (some forty moves into the same gap), all ranks are dealt anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.core.commands import Move
from app.core.commands import Place as Where
from app.core.ready import Place
from app.core.records import Shot
from app.core.state import FarmState
from app.errors import UserMistake

SHOTS_MAX = 100_000


class Plan(NamedTuple):
    """New ranks, by shot; nothing for those that stay."""

    ranks: dict[int, float]
    renumbered: bool = False
    old: dict[int, float] | None = None
    """Where all were dealt anew: what the moved ones' old places are called now."""


def checked_plan(state: FarmState, move: Move) -> Plan:
    """Check a move and plan it. Raises UserMistake."""
    check_shots(state, move.shots)
    if move.place == "before":
        check_shots(state, [move.before])
    return plan_move(state.order, state.shots, move.shots, move.place, move.before)


def check_shots(state: FarmState, shots: Sequence[int]) -> None:
    """Refuse an empty, absurdly long or wrong list of shots. Raises UserMistake."""
    if not shots:
        raise UserMistake("No shot is named.")
    if len(shots) > SHOTS_MAX:
        raise UserMistake(f"More than {SHOTS_MAX:,} shots are named.")
    for shot in shots:
        if shot not in state.shots:
            raise UserMistake(f"There is no shot {shot}.")


def plan_move(
    order: Sequence[Place],
    shots: Mapping[int, Shot],
    moved: Collection[int],
    where: Where,
    before: int = 0,
) -> Plan:
    """Put ``moved``, in their present order, before that shot, at the top or at the bottom.

    ``before`` may be among the moved: then they gather where it lies, before the next that stays.
    """
    moving = sorted(set(moved), key=lambda shot: shots[shot].rank)
    above, below = _gap(order, shots, set(moving), where, before)
    if below - above - 1 == len(moving):
        return Plan({})  # they lie there already
    low = order[above][0] if above >= 0 else None
    high = order[below][0] if below < len(order) else None
    ranks = spread(low, high, len(moving))
    if ranks is None:
        return _renumber(order, moving, above, below)
    return Plan(dict(zip(moving, ranks, strict=True)))


def _gap(
    order: Sequence[Place],
    shots: Mapping[int, Shot],
    moving: set[int],
    where: Where,
    before: int,
) -> tuple[int, int]:
    """Return the positions of the neighbours that stay: above (-1: none) and below (len: none)."""
    if where == "top":
        below = 0
    elif where == "bottom":
        below = len(order)
    else:
        below = bisect_left(order, (shots[before].rank, before))
    while below < len(order) and order[below][1] in moving:
        below += 1
    above = below - 1
    while above >= 0 and order[above][1] in moving:
        above -= 1
    return above, below


def spread(low: float | None, high: float | None, count: int) -> list[float] | None:
    """Return ``count`` ranks between two, ascending; None when floats do not suffice."""
    if low is None and high is None:
        ranks = [float(index + 1) for index in range(count)]
    elif low is None:
        assert high is not None
        ranks = [high - count + index for index in range(count)]
    elif high is None:
        ranks = [low + 1 + index for index in range(count)]
    else:
        ranks = [low + (high - low) * ((index + 1) / (count + 1)) for index in range(count)]
    fence = [rank for rank in (low, *ranks, high) if rank is not None]
    return ranks if all(one < other for one, other in pairwise(fence)) else None


def _renumber(order: Sequence[Place], moving: list[int], above: int, below: int) -> Plan:
    """Deal the ranks 1, 2, 3... to all as they lie, then move as asked: now there is room."""
    fresh = {shot: float(index + 1) for index, (_, shot) in enumerate(order)}
    ranks = spread(float(above + 1), float(below + 1), len(moving))
    assert ranks is not None, "a gap of 1 holds more ranks than there are shots"
    moved = dict(zip(moving, ranks, strict=True))
    return Plan(fresh | moved, renumbered=True, old={shot: fresh[shot] for shot in moving})


def plan_restore(order: Sequence[Place], ranks: Sequence[tuple[int, float]]) -> Plan:
    """Give shots their old ranks back; one that is taken now goes right above its holder."""
    restored = {shot for shot, _ in ranks}
    others = [place for place in order if place[1] not in restored]
    plan: dict[int, float] = {}
    for shot, rank in sorted(ranks, key=lambda pair: pair[1]):
        position = bisect_left(others, (rank, 0))
        if position < len(others) and others[position][0] == rank:
            free = spread(others[position - 1][0] if position else None, rank, 1)
            if free is None:
                raise UserMistake("The queue was moved too often since: this cannot be undone.")
            rank = free[0]
        plan[shot] = rank
        others.insert(position, (rank, shot))
    return Plan(plan)
