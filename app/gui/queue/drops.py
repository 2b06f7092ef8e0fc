"""What a drop between two lines means: a move in the queue, in the lanes also a promise. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.commands import Command, Move, SetDue, Together
from app.gui.queue import order


@dataclass(frozen=True, slots=True)
class Drop:
    """Both may be None: nothing would change."""

    move: Move | None = None
    due: SetDue | None = None

    @property
    def command(self) -> Command | None:
        """The one command of it, for one line in the audit log and one undo."""
        if self.move and self.due:
            return Together(commands=[self.due, self.move])
        return self.move or self.due


def between(
    queue: Sequence[int],
    shots: Sequence[int],
    above: Sequence[int],
    below: Sequence[int],
    is_sunk: Callable[[int], bool],
) -> Move | None:
    """Return the move that puts the shots between those ``above`` and ``below`` the gap.

    A shot that is sunk (finished, at the bottom of the list) does not say where in the queue that is. Nothing
    above and something below stands for the place before that one.
    """
    target = next((shot for shot in below if not is_sunk(shot)), 0)
    if target:
        return order.before(queue, shots, target)
    last = next((shot for shot in reversed(above) if not is_sunk(shot)), 0)
    return order.after(queue, shots, last) if last else order.bottom(queue, shots)
