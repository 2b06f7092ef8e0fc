"""Tests of the window without a screen, on Qt's offscreen platform."""

import os

# Before Qt is imported: it reads this once.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_API", "pyside6")

from tests.gui.fixtures import bridge, farm, link, operations, qapp, window
from tests.qt_checks import no_qt_leaks, watchdog

__all__ = ["bridge", "farm", "link", "no_qt_leaks", "operations", "qapp", "watchdog", "window"]
