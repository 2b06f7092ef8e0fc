"""Which Windfire this is, and which farm it shows."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtWidgets import QPushButton, QWidget

from app.gui.bridge import Farm
from app.gui.dialogs.base import Dialog
from app.gui.widgets.make import label


class AboutDialog(Dialog):
    """Help > About."""

    def __init__(self, farm: Farm, parent: QWidget | None = None) -> None:
        super().__init__("Windfire", "A render queue in the order that you drag it into.", parent)
        info = farm.replica.farm
        self.body.addWidget(label(f"Version {_version()}. Apache License 2.0."))
        if info is not None:
            self.body.addWidget(label(f"The farm runs version {info.version}.", "Hint"))
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(close)


def _version() -> str:
    try:
        return version("windfire")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "of this source tree"
