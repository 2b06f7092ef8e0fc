"""Shows the one line by which another machine joins the farm."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget
from shiboken6 import isValid

from app.core.commands import MakeToken, Receipt
from app.gui import style
from app.gui.dialogs.base import Dialog, primary
from app.gui.operations import Operations
from app.gui.widgets.make import label, named
from app.gui.words import mark, tr

HINT = mark(
    "Paste this line into a terminal of the machine that shall render. It works once, for an hour, "
    "and makes the machine's own key: give it to nobody else."
)


class TokenDialog(Dialog):
    """Add node…"""

    def __init__(self, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(tr("Add a node"), tr(HINT), parent, width=560)
        self.line = named(QPlainTextEdit(), "Code")
        self.line.setReadOnly(True)
        self.line.setAccessibleName(tr("Command for the new node"))
        self.line.setFont(style.mono())
        self.line.setPlaceholderText(tr("Asking the farm for a token…"))
        self.line.setFixedHeight(118)
        self.line.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self._note = label("", "Hint")
        self._copy, close = primary(tr("Copy")), QPushButton(tr("Close"))
        self._copy.setEnabled(False)
        self._copy.clicked.connect(self._copy_line)
        close.clicked.connect(self.reject)
        self.body.addWidget(self.line)
        self.body.addWidget(self._note)
        self.add_buttons(close, self._copy)
        operations.said.connect(self._refused, Qt.ConnectionType.SingleShotConnection)
        operations.do(MakeToken(), tr("Make a join token"), self._show)

    def _show(self, receipt: Receipt) -> None:
        if not isValid(self):
            return  # closed before the answer came
        self.line.setPlainText(join_command(receipt.text))
        self._copy.setEnabled(True)
        self._copy.setFocus()

    def _refused(self, sentence: str, kind: str) -> None:
        if kind == "refused":
            self.line.setPlaceholderText(sentence)

    def _copy_line(self) -> None:
        QGuiApplication.clipboard().setText(self.line.toPlainText())
        self._note.setText(tr("Copied."))


def join_command(token: str, platform: str = sys.platform) -> str:
    """Return the line for a machine like this one."""
    program = "windfire-agent.exe" if platform == "win32" else "windfire-agent"
    return f"{program} --join {token}"
