"""Gives the chosen nodes their pools and tags."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.core.views import NodeRow
from app.gui.dialogs.base import Dialog, primary
from app.gui.widgets.make import label
from app.gui.words import mark, tr

HINT = mark(
    "A pool keeps its nodes for the jobs that ask for it; a tag says what a node can do. "
    "Write them with blanks between."
)


class PoolsDialog(Dialog):
    """Pools and tags…"""

    chosen = Signal(list, list)
    """The pools, and the tags beside those that the agents say."""

    def __init__(
        self, rows: Sequence[NodeRow], farm: Sequence[NodeRow], parent: QWidget | None = None
    ) -> None:
        name = rows[0].name if len(rows) == 1 else tr("{n} node(s)", "", len(rows))
        title = tr("Pools and tags of {nodes}").format(nodes=name)
        super().__init__(title, tr(HINT), parent, width=480)
        self.pools = self._field(tr("Pools"), _shared([row.pools for row in rows]))
        known = sorted({pool for row in farm for pool in row.pools})
        if known:
            said = tr("There are: {pools}").format(pools="  ".join(known))
            self.body.addWidget(label(said, "Faint", wraps=True))
        self.tags = self._field(tr("Tags"), _shared([row.tags for row in rows]))
        keep, leave = primary(tr("Save")), QPushButton(tr("Cancel"))
        keep.clicked.connect(self._keep)
        leave.clicked.connect(self.reject)
        self.add_buttons(leave, keep)

    def _field(self, name: str, words: list[str]) -> QLineEdit:
        field = QLineEdit(" ".join(words), clearButtonEnabled=True)
        field.setAccessibleName(name)
        self.body.addWidget(label(name, "Section"))
        self.body.addWidget(field)
        return field

    def _keep(self) -> None:
        self.accept()
        self.chosen.emit(_words(self.pools), _words(self.tags))


def _words(field: QLineEdit) -> list[str]:
    return list(dict.fromkeys(field.text().replace(",", " ").split()))


def _shared(lists: list[list[str]]) -> list[str]:
    """Return what all of the nodes have, in the first one's order."""
    return [word for word in lists[0] if all(word in each for each in lists)]
