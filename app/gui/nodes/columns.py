"""The columns of the node list: those that a person wants, as many of them as there is room for.

The panel is often narrow. What does not fit goes from the right, and comes back with the room; what a person hid
stays hidden.
"""

from __future__ import annotations

from PySide6.QtWidgets import QTreeView

from app.gui.nodes.model import OF_GPUS, Column, NodeModel
from app.gui.widgets.columns import Columns

WIDTHS = {
    Column.NODE: 176,
    Column.CPU: 100,
    Column.GPU: 100,
    Column.MEMORY: 100,
    Column.TEMPERATURE: 108,
    Column.DONE: 84,
}
WORK_MIN_PX = 200
"""Narrower than that, what a node works on is worth more than its curves."""


class NodeColumns(Columns):
    """The columns of a list of nodes."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view.header(), (Column.NODE, Column.WORK))
        self._view = view
        self._widths: dict[int, int] = dict(WIDTHS.items())
        self._unwanted: set[int] = set()
        self._is_fitting = False
        view.header().sectionResized.connect(self._keep_width)

    def is_shown(self, column: int) -> bool:
        return column not in self._unwanted

    def set_shown(self, column: int, *, is_shown: bool) -> None:
        self._unwanted = self._unwanted - {column} if is_shown else self._unwanted | {column}
        self.fit()
        self.changed.emit()

    def reset(self) -> None:
        self._unwanted = set()
        super().reset()
        self._widths = dict(WIDTHS.items())
        for column, width in WIDTHS.items():
            self._header.resizeSection(column, width)
        self.fit()

    @property
    def unwanted(self) -> str:
        """The columns that a person hid, as words for the settings."""
        return " ".join(str(int(column)) for column in sorted(self._unwanted))

    def hide_unwanted(self, kept: object) -> None:
        """Hide what was hidden the day before."""
        words = kept.split() if isinstance(kept, str) else []
        numbers = {int(word) for word in words if word.isdecimal()}
        self._unwanted = {number for number in numbers if number in WIDTHS} - {int(Column.NODE)}
        self.fit()

    def fit(self) -> None:
        """Show as many of the wanted columns as leave room, from the left; of GPUs only where there are any."""
        model, header = self._view.model(), self._view.header()
        has_gpus = isinstance(model, NodeModel) and model.has_gpus
        room = self._view.viewport().width() - self._widths[Column.NODE] - WORK_MIN_PX
        self._is_fitting = True
        for column in map(header.logicalIndex, range(header.count())):
            if column in (Column.NODE, Column.WORK):
                continue
            is_wanted = self.is_shown(column) and (has_gpus or column not in OF_GPUS)
            room -= self._widths[column] if is_wanted else 0
            header.setSectionHidden(column, not is_wanted or room < 0)
        self._is_fitting = False

    def _keep_width(self, column: int, _old: int, new: int) -> None:
        if new and not self._is_fitting and column in self._widths:
            self._widths[column] = new
