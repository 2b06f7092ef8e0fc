"""What a person does: asked of the farm, shown as asked, and undone by name.

``do`` returns at once. The shots or nodes of a command are *asked* until the delta that shows its effect
is here, or until the farm refuses; the sentence of a refusal is said as it is. Moves that are under way
are known here too, so that the queue shows the new order at once and a held key loses no step.
Undo is the farm's: this keeps a stack of its receipts, and the farm refuses what the world has outrun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from app.client.connection import Outcome
from app.client.replica import Batch
from app.core.commands import (
    BlockNodes,
    Cancel,
    Command,
    DrainNode,
    Move,
    OrderByDue,
    Pause,
    Receipt,
    Refusal,
    ReserveNodes,
    Resume,
    Retry,
    SetDue,
    SetLimit,
    SetNode,
    SetShare,
    SetStart,
    Skip,
    SleepNodes,
    Together,
    Undo,
    WakeNodes,
)
from app.errors import WindfireError
from app.gui.bridge import Farm
from app.gui.said import spoken
from app.gui.words import mark, tr

UNDOABLE = (
    *(Move, Pause, Resume, Cancel, Retry, DrainNode, SetDue, SetStart, SetLimit, SetShare),
    *(ReserveNodes, SetNode, BlockNodes, Skip, OrderByDue, Together),
)
UNDO_MAX = 200
CUT_OFF = mark("Not done: the farm cannot be reached, and what is shown may be old.")


@dataclass(slots=True)
class Operation:
    """A command on its way."""

    command: Command
    title: str
    shots: frozenset[int] = frozenset()
    nodes: frozenset[int] = frozenset()
    seq: int = -1
    """Of the delta that shows its effect; -1 until the receipt is here."""


@dataclass(slots=True)
class Done:
    """A command that can be taken back, under the name by which menus offer it."""

    command: int
    title: str
    shots: frozenset[int] = field(default_factory=frozenset)
    nodes: frozenset[int] = field(default_factory=frozenset)


class Operations(QObject):
    """The commands of this window, those under way and those that can be undone."""

    pending_changed = Signal()
    """What is asked, or the moves under way, changed."""
    stack_changed = Signal()
    """Another command is next to be undone or redone."""
    said = Signal(str, str)
    """A sentence for the person, and its kind: 'done' or 'refused'."""

    def __init__(self, farm: Farm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._under_way: list[Operation] = []
        self._undo: list[Done] = []
        self._redo: list[Done] = []
        farm.changed.connect(self._settle)
        farm.heard.connect(lambda: self._settle(Batch()))

    @property
    def moves(self) -> list[Move]:
        """The moves under way, oldest first."""
        return [move for each in self._under_way for move in _moves(each.command)]

    def asked_shots(self) -> set[int]:
        """Return the shots that a command under way is about."""
        return {shot for each in self._under_way for shot in each.shots}

    def asked_nodes(self) -> set[int]:
        """Return the nodes that a command under way is about."""
        return {node for each in self._under_way for node in each.nodes}

    def is_under_way(self, command: Command) -> bool:
        """Whether this very command was asked for and is neither refused nor shown yet."""
        return any(each.command is command for each in self._under_way)

    @property
    def undo_title(self) -> str:
        """What Undo would take back; '' when nothing."""
        return self._undo[-1].title if self._undo else ""

    @property
    def redo_title(self) -> str:
        """What Redo would do again; '' when nothing."""
        return self._redo[-1].title if self._redo else ""

    def do(
        self, command: Command, title: str, then: Callable[[Receipt], None] | None = None
    ) -> None:
        """Ask the farm for ``command``; ``then`` gets the receipt, and nothing if it is refused."""
        operation = Operation(command, title, _shots(command), _nodes(command))

        def settle(outcome: Outcome) -> None:
            receipt = self._take(operation, outcome)
            if receipt is None:
                return
            if isinstance(command, UNDOABLE):
                self._remember(self._undo, receipt, operation)
                self._redo.clear()
                self.stack_changed.emit()
            if then is not None:
                then(receipt)

        self._ask(operation, settle)

    def undo(self) -> None:
        """Take back the newest command that can be."""
        self._turn_back(self._undo, self._redo, tr("Undo: {what}"))

    def redo(self) -> None:
        """Do again what was undone last."""
        self._turn_back(self._redo, self._undo, tr("Redo: {what}"))

    def _turn_back(self, source: list[Done], target: list[Done], said: str) -> None:
        if not source:
            return
        if not self._farm.is_live:
            self.said.emit(tr(CUT_OFF), "refused")
            return
        entry = source.pop()
        operation = Operation(
            Undo(command=entry.command), said.format(what=entry.title), entry.shots, entry.nodes
        )

        def settle(outcome: Outcome) -> None:
            # A refused undo leaves the stack: the world has moved on and would refuse it again.
            receipt = self._take(operation, outcome)
            if receipt is not None:
                operation.title = entry.title
                self._remember(target, receipt, operation)
                self.said.emit(said.format(what=entry.title), "done")
            self.stack_changed.emit()

        self._ask(operation, settle)
        self.stack_changed.emit()

    def _ask(self, operation: Operation, settle: Callable[[Outcome], None]) -> None:
        if not self._farm.is_live:
            self.said.emit(tr(CUT_OFF), "refused")
            return
        self._under_way.append(operation)
        self.pending_changed.emit()
        self._farm.ask(operation.command, settle)

    def _take(self, operation: Operation, outcome: Outcome) -> Receipt | None:
        """Take the farm's answer; return the receipt, or say why there is none."""
        if isinstance(outcome, Receipt):
            operation.seq = outcome.seq
            self._settle(Batch())
            return outcome
        self._under_way.remove(operation)
        self.pending_changed.emit()
        if isinstance(outcome, (Refusal, WindfireError)):
            self.said.emit(spoken(outcome.sentence), "refused")
        return None

    def _settle(self, batch: Batch) -> None:
        """Let go of the operations whose effect is shown."""
        seen = self._farm.replica.seq
        still = [each for each in self._under_way if not (each.seq >= 0 and each.seq <= seen)]
        if batch.reset:  # a snapshot shows all that was committed before it
            still = [each for each in still if each.seq < 0]
        if len(still) != len(self._under_way):
            self._under_way = still
            self.pending_changed.emit()

    def _remember(self, stack: list[Done], receipt: Receipt, operation: Operation) -> None:
        stack.append(Done(receipt.command, operation.title, operation.shots, operation.nodes))
        del stack[:-UNDO_MAX]


def _shots(command: Command) -> frozenset[int]:
    if isinstance(command, (Move, Pause, Resume, Cancel, Retry, SetDue, OrderByDue)):
        return frozenset(command.shots)
    if isinstance(command, Together):
        return frozenset(shot for each in command.commands for shot in _shots(each))
    return frozenset()


def _moves(command: Command) -> list[Move]:
    if isinstance(command, Together):
        return [move for each in command.commands for move in _moves(each)]
    return [command] if isinstance(command, Move) else []


def _nodes(command: Command) -> frozenset[int]:
    is_of_nodes = isinstance(command, (DrainNode, ReserveNodes, SetNode, WakeNodes, SleepNodes))
    return frozenset(command.nodes) if is_of_nodes else frozenset()
