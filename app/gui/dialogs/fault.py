"""What the window says when it is itself at fault: what happened, that the farm goes on, what to report."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from app.errors import WindfireError
from app.gui import style
from app.gui.dialogs.base import Dialog, primary
from app.gui.said import spoken
from app.gui.widgets.make import named
from app.gui.words import mark, tr

log = logging.getLogger("gui")

HINT = mark(
    "The farm does not notice: it goes on rendering, and the window goes on too. "
    "Please report the text below; it names no file of yours but those that were on show."
)


class FaultDialog(Dialog):
    """Shows one unexpected error."""

    def __init__(self, story: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Something in this window went wrong"), tr(HINT), parent, width=620)
        text = named(QPlainTextEdit(story), "Code")
        text.setReadOnly(True)
        text.setFont(style.mono(11))
        text.setAccessibleName(tr("What happened"))
        text.setMinimumHeight(180)
        copy, close = QPushButton(tr("Copy")), primary(tr("Go on"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(story))
        close.clicked.connect(self.accept)
        self.body.addWidget(text)
        self.add_buttons(copy, close)


class FaultCatcher(QObject):
    """Takes what no slot caught, from any thread, and has it shown once at a time."""

    caught = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._is_open = False
        self.caught.connect(self._show)

    def install(self) -> None:
        """Be Python's last resort, on this thread and on all others."""
        sys.excepthook = self.take
        threading.excepthook = self._take_of_thread

    def take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log the error and show it; an interrupt from the keyboard ends the program as usual."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("not caught", exc_info=(kind, error, trace))
        story = "".join(traceback.format_exception(kind, error, trace))
        self.caught.emit(spoken(error.sentence) if isinstance(error, WindfireError) else story)

    def _take_of_thread(self, happened: threading.ExceptHookArgs) -> None:
        error = happened.exc_value or happened.exc_type()
        self.take(happened.exc_type, error, happened.exc_traceback)

    def _show(self, story: str) -> None:
        # A fault that repeats at 25 Hz must not bury the screen.
        if not self._is_open:
            self._is_open = True
            dialog = FaultDialog(story, self._window)
            dialog.finished.connect(self._closed)
            dialog.open()

    def _closed(self) -> None:
        self._is_open = False
