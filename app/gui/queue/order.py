"""The queue's order as plain lists: what a drop, a key or a menu means, and how it will look.

No Qt. A *move* is always a command in words ("these before that one"), never a position, so that two
people's drags at the same time both mean what they meant. ``moved`` says what the farm will make of it,
so that the window can show the new order before the farm has answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from app.core.commands import Move


def moved(order: Sequence[int], move: Move) -> list[int]:
    """Return the order after the move; shots and a target that are gone are passed over."""
    chosen = set(move.shots)
    block = [shot for shot in order if shot in chosen]
    rest = [shot for shot in order if shot not in chosen]
    if move.place == "top":
        return block + rest
    if move.place == "bottom":
        return rest + block
    if move.before in chosen or move.before not in order:
        return list(order)
    at = rest.index(move.before)
    return rest[:at] + block + rest[at:]


def replayed(order: Sequence[int], moves: Iterable[Move]) -> list[int]:
    """Return the order after all these moves."""
    result = list(order)
    for move in moves:
        result = moved(result, move)
    return result


def before(order: Sequence[int], shots: Collection[int], target: int) -> Move | None:
    """Return the move that puts ``shots`` right before ``target``; None if that changes nothing.

    A target among the shots stands for the first shot after it that is not: a drop between two of the
    chosen rows gathers them there.
    """
    chosen = set(shots)
    if target in chosen:
        target = next_free(order, chosen, target)
    place = Move(shots=in_order(order, chosen), before=target) if target else bottom(order, chosen)
    return place if place and moved(order, place) != list(order) else None


def after(order: Sequence[int], shots: Collection[int], target: int) -> Move | None:
    """Return the move that puts ``shots`` right after ``target``."""
    follower = next_free(order, {*shots, target}, target)
    return before(order, shots, follower) if follower else bottom(order, shots)


def top(order: Sequence[int], shots: Collection[int]) -> Move | None:
    """Return the move to the head of the queue; None if they are there."""
    move = Move(shots=in_order(order, shots), place="top")
    return move if moved(order, move) != list(order) else None


def bottom(order: Sequence[int], shots: Collection[int]) -> Move | None:
    """Return the move to the end of the queue; None if they are there."""
    move = Move(shots=in_order(order, shots), place="bottom")
    return move if moved(order, move) != list(order) else None


def to_position(
    numbered: Sequence[int], order: Sequence[int], shots: Collection[int], position: int
) -> Move | None:
    """Return the move after which the first of ``shots`` has that number (from 1).

    ``numbered`` are the shots that have numbers: finished ones stand in the queue without one.
    """
    chosen = set(shots)
    rest = [shot for shot in numbered if shot not in chosen]
    at = max(0, position - 1)
    if at == 0:
        return top(order, chosen)
    return before(order, chosen, rest[at]) if at < len(rest) else bottom(order, chosen)


def step_up(visible: Sequence[int], order: Sequence[int], shots: Collection[int]) -> Move | None:
    """Return the move one *visible* row up: the block of chosen rows goes before the row above it."""
    chosen = set(shots)
    rows = [at for at, shot in enumerate(visible) if shot in chosen]
    if not rows:
        return None
    above = [shot for shot in visible[: rows[0]] if shot not in chosen]
    return before(order, chosen, above[-1] if above else visible[rows[0]])


def step_down(visible: Sequence[int], order: Sequence[int], shots: Collection[int]) -> Move | None:
    """Return the move one visible row down: the block goes after the row below it."""
    chosen = set(shots)
    rows = [at for at, shot in enumerate(visible) if shot in chosen]
    if not rows:
        return None
    below = [shot for shot in visible[rows[-1] + 1 :] if shot not in chosen]
    return after(order, chosen, below[0] if below else visible[rows[-1]])


def in_order(order: Sequence[int], shots: Collection[int]) -> list[int]:
    """Return those shots as they stand in the queue."""
    chosen = set(shots)
    return [shot for shot in order if shot in chosen]


def next_free(order: Sequence[int], chosen: Collection[int], target: int) -> int:
    """Return the first shot after ``target`` that is not chosen; 0 where there is none."""
    is_past = False
    for shot in order:
        if is_past and shot not in chosen:
            return shot
        is_past = is_past or shot == target
    return 0
