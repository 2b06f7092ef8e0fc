"""The drop under the hand, tried before it is made: when all would finish, and what making room costs.

One question about a move is on its way at a time and the newest wins, so that a fast hand cannot pile up
questions. What the queue does without the move is asked once a drag, so that changes are measured
against the same minute, not against rows that may be some seconds old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from app.client.connection import Outcome
from app.core.commands import Finish, Finishes, Forecast, GetPreemption, Move, PreemptionCost
from app.gui.bridge import Farm
from app.gui.queue import effect
from app.gui.queue.drops import Drop
from app.gui.said import spoken
from app.gui.words import tr


class Trial(QObject):
    """Asks the farm about the move that the hand is over."""

    forecast_changed = Signal(object, object)
    """Finishes by shot after the move, and without it; both empty when no move is tried."""
    words_changed = Signal()
    """The tip would say something else."""

    def __init__(self, farm: Farm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._move: Move | None = None
        self._is_asking = False
        self._base: dict[int, Finish] | None = None
        self._run = 0
        """Counts drags: an answer for an older one is not this one's."""
        self._finishes: Mapping[int, Finish] = {}
        self._words = ""
        self._cost = ""

    @property
    def move(self) -> Move | None:
        """The move that is tried; None while nothing is dragged."""
        return self._move

    def set_move(self, move: Move | None) -> None:
        """Try this move from now on; None: the hand has let go, or is over no place."""
        was, self._move = self._move, move
        self._words, self._cost, self._finishes = "", "", {}
        if move is None:
            self._run += 1
            self._base = None
            self.forecast_changed.emit({}, {})
            return
        if was is None:
            self._ask_base()
        self._ask()

    def tip(self, drop: Drop) -> effect.Tip:
        """Return what the drop line says of this drop, as far as it is known by now."""
        now, rows = self._farm.now(), self._farm.replica.shots
        title = effect.title(rows, drop, now)
        if drop.move is not None and drop.move != self._move:
            return effect.Tip(title)
        parts = [self._words, self._cost]
        if drop.due is not None:
            parts[0:0] = [effect.promise(rows, self._finishes, drop.due, now)]
        return effect.Tip(title, tr(", ", "between clauses").join(filter(None, parts)))

    def _ask_base(self) -> None:
        run = self._run

        def take(outcome: Outcome) -> None:
            if run == self._run and isinstance(outcome, Finishes):
                self._base = _by_shot(outcome)

        self._farm.ask(Forecast(), take)

    def _ask(self) -> None:
        move = self._move
        if move is None or self._is_asking:
            return
        self._is_asking = True
        self._farm.ask(Forecast(move=move), lambda outcome: self._take(move, outcome))
        if move.preempt:
            self._farm.ask(GetPreemption(move=move), self._taking_cost(move))

    def _take(self, move: Move, outcome: Outcome) -> None:
        self._is_asking = False
        if move != self._move:
            self._ask()
        elif isinstance(outcome, Finishes):
            shots = self._farm.replica.shots
            base = self._base if self._base is not None else effect.known(shots)
            trial = _by_shot(outcome)
            self._words = effect.sentence(shots, base, trial, self._farm.now())
            self._finishes = trial
            self.forecast_changed.emit(trial, base)
            self.words_changed.emit()

    def _taking_cost(self, move: Move) -> Callable[[Outcome], None]:
        def take(outcome: Outcome) -> None:
            if move == self._move and isinstance(outcome, PreemptionCost):
                self._cost = spoken(outcome.sentence)
                self.words_changed.emit()

        return take


def _by_shot(finishes: Finishes) -> dict[int, Finish]:
    return {finish.shot: finish for finish in finishes.rows}
