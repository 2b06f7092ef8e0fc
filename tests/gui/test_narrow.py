"""A window with little room: what can be pressed stays whole, and words give way."""

import pytest
from PySide6.QtWidgets import QToolButton

from app.gui import words
from app.gui.widgets.elided import ElidedLabel


def test_words_that_do_not_fit_are_cut_and_told_in_full(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("707 nodes, 1218 of 1410 devices busy")
    label.resize(90, 20)
    label.show()
    label.grab()
    assert label.shown.endswith("…")
    assert label.toolTip() == label.text()
    label.resize(600, 20)
    label.grab()
    assert label.shown == label.text()
    assert label.toolTip() == ""


@pytest.mark.parametrize("width", [900, 1680])
def test_ux24_the_pages_buttons_are_never_cut(window, width):
    window.resize(width, 700)
    window.grab()
    for button in window.pages.buttons.findChildren(QToolButton):
        assert button.width() >= button.sizeHint().width()


@pytest.fixture
def wordy():
    words.use("pseudo")
    yield
    words.use("en")


def test_ux24_a_wordier_language_still_fits(wordy, window):
    window.resize(1680, 1000)
    window.grab()
    buttons = [each for each in window.findChildren(QToolButton) if each.objectName() == "Segment"]
    cut = [
        each.text()
        for each in buttons
        if each.isVisible() and each.width() < each.sizeHint().width()
    ]
    assert buttons
    assert not cut
