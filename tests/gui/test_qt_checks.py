"""The leak check of the window's tests sees what a test made, though all that was before is frozen."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from tests.qt_checks import _living


def test_a_timer_that_runs_and_a_widget_that_stays_are_named(qapp):
    timer, widget = QTimer(interval=60_000), QWidget()
    assert not [words for words in _living().values() if "active timer" in words]
    timer.start()
    said = "; ".join(_living().values())
    assert "active timer" in said
    assert f"widget {widget!r}" in said
    timer.stop()
    widget.deleteLater()
