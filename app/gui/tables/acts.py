"""The actions that write tables: they ask where to, and begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.client.connection import Outcome
from app.core.commands import GetUsage, Refusal, UsageTable
from app.errors import WindfireError
from app.gui.bridge import Bridge, Farm
from app.gui.queue.panel import QueuePanel
from app.gui.said import spoken
from app.gui.settings import Settings
from app.gui.tables import farm as tables
from app.gui.tables.export import Export
from app.gui.tables.table import Table
from app.gui.words import tr

FOLDER = "export/folder"


class ExportActs(QObject):
    """Writes the tables of the window as CSV."""

    said = Signal(str, str)
    """A sentence, and its kind: 'done' or 'refused'."""

    def __init__(
        self, farm: Farm, bridge: Bridge, panel: QueuePanel, settings: Settings, window: QWidget
    ) -> None:
        super().__init__(window)
        self._farm, self._bridge, self._panel = farm, bridge, panel
        self._settings, self._window = settings, window

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each of these actions does, by its name."""
        return {
            "export_queue": self.export_queue,
            "export_nodes": lambda: self.ask_file(tables.of_nodes(self._farm.replica)),
            "export_frames": self.export_frames,
            "export_usage": self.export_usage,
        }

    def export_queue(self) -> None:
        """Write the shots that are shown, in the order in which they are."""
        model = self._panel.model
        rows = [row for shot in model.visible_shots() if (row := model.row_of(shot))]
        positions = {shot: at for at, shot in enumerate(model.numbered, 1)}
        self.ask_file(tables.of_queue(rows, positions, self._farm.now()))

    def export_frames(self) -> None:
        """Write the frames of the shot that is shown."""
        shots = self._panel.view.chosen_shots()
        if shots:
            self.ask_file(tables.of_frames(self._farm.replica, shots[0]))

    def export_usage(self) -> None:
        """Ask the farm what each project used in each month, and write that."""
        self._farm.ask(GetUsage(by=["project", "month"]), self._take_usage)

    def _take_usage(self, outcome: Outcome) -> None:
        if isinstance(outcome, UsageTable):
            self.ask_file(tables.of_usage(outcome))
        elif isinstance(outcome, (Refusal, WindfireError)):
            self.said.emit(spoken(outcome.sentence), "refused")

    def ask_file(self, table: Table) -> None:
        """Ask where the table is to be written."""
        folder = self._settings.get(FOLDER, "")
        name = str(Path(str(folder)) / f"{table.name}.csv")
        dialog = QFileDialog(self._window, tr("Export as CSV"), name, tr("CSV files (*.csv)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda file: self.write(table, Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, table: Table, file: Path) -> Export:
        """Begin to write; a sentence says how it ended."""
        self._settings.set(FOLDER, str(file.parent))
        export = Export(table, file, self._bridge, self)
        export.ended.connect(self.said)
        export.start()
        return export
