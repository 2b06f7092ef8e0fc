"""Which Windfire this is, and which farm it shows."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtWidgets import QPushButton, QWidget

from app.gui.bridge import Farm
from app.gui.dialogs.base import Dialog
from app.gui.widgets.make import label
from app.gui.words import tr


class AboutDialog(Dialog):
    """Help > About."""

    def __init__(self, farm: Farm, parent: QWidget | None = None) -> None:
        super().__init__(
            "Windfire", tr("A render queue in the order that you drag it into."), parent
        )
        info = farm.replica.farm
        self.body.addWidget(
            label(tr("Version {version}. Apache License 2.0.").format(version=_version()))
        )
        if info is not None:
            self.body.addWidget(
                label(tr("The farm runs version {version}.").format(version=info.version), "Hint")
            )
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        self.add_buttons(close)


def _version() -> str:
    try:
        return version("windfire")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return tr("of this source tree")
