"""The dialogs: filled without waiting, refused in a sentence, closed without a trace."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from shiboken6 import isValid

from app.core.commands import MakeToken, Refusal, Submit
from app.errors import BugFault, UserMistake
from app.gui.dialogs.about import AboutDialog
from app.gui.dialogs.close import CloseDialog
from app.gui.dialogs.fault import FaultCatcher, FaultDialog
from app.gui.dialogs.position import PositionDialog
from app.gui.dialogs.submit import SubmitDialog
from app.gui.dialogs.submit_form import filled_from
from app.gui.dialogs.token import TokenDialog, join_command
from app.gui.widgets.number import NumberField
from app.submit.inspection import Scene

FILE = Path("/film/sq020/sh0040.usda")


@pytest.fixture
def dialog(qtbot, farm, operations, bridge):
    made = SubmitDialog(farm, operations, bridge, None)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # qtbot closes it
    qtbot.addWidget(made)
    scene = Scene(first=1, last=24, cameras=["/cam/main", "/cam/close"])
    made.read = lambda file: filled_from(file, scene)
    made.make = lambda form, before: Submit(
        project=form.project,
        sequence=form.sequence,
        shot=form.shot,
        name=form.file.name,
        steps=[],
        before=before,
    )
    made.show()
    return made


def load(qtbot, dialog):
    dialog.load(FILE)
    assert dialog._pages.currentIndex() == 2  # busy, and the loop goes on
    qtbot.waitUntil(lambda: dialog.form is not None)


def test_the_form_is_filled_from_the_file(qtbot, dialog):
    load(qtbot, dialog)
    assert dialog.fields["shot"].text() == "sh0040"
    assert [dialog.camera.itemText(at) for at in range(2)] == ["main", "close"]
    assert dialog._promise.text().startswith("24 frames of ")
    assert dialog._submit.isEnabled()


def test_a_mistake_is_marked_and_cannot_be_sent(qtbot, dialog):
    load(qtbot, dialog)
    dialog.fields["frames"].setText("soon")
    dialog._check()
    assert not dialog._submit.isEnabled()
    assert dialog.fields["frames"].property("invalid")
    assert "frame range" in dialog._problem.text()


def test_it_is_handed_in_and_closes(qtbot, dialog, link):
    load(qtbot, dialog)
    dialog.fields["project"].setText("NZ2")
    dialog.place.setCurrentIndex(3)  # before the second shot
    dialog._check()
    dialog._submit.click()
    qtbot.waitUntil(lambda: link.commands() != [])
    assert link.commands() == [
        Submit(project="NZ2", sequence="main", shot="sh0040", name=FILE.name, steps=[], before=2)
    ]


def test_a_scene_that_cannot_be_read_is_a_sentence(qtbot, dialog):
    def fail(file):
        raise UserMistake("sh0040.usda cannot be read as a USD scene.")

    dialog.read = fail
    dialog.load(FILE)
    qtbot.waitUntil(lambda: dialog._problem.text() != "")
    assert dialog._problem.text() == "sh0040.usda cannot be read as a USD scene."
    assert not dialog._submit.isEnabled()


def test_an_answer_after_it_was_closed_is_dropped(qtbot, dialog):
    dialog.load(FILE)
    dialog.reject()
    done = []
    dialog._bridge.post(lambda: done.append(1))
    qtbot.waitUntil(lambda: done == [1])
    assert done


def test_the_token_is_shown_to_be_copied(qtbot, operations, link):
    dialog = TokenDialog(operations)
    qtbot.addWidget(dialog)
    dialog.show()
    assert link.commands() == [MakeToken()]
    assert dialog.line.toPlainText().endswith("--join wf1-token")
    dialog._copy.click()
    assert QGuiApplication.clipboard().text() == dialog.line.toPlainText()
    assert join_command("wf1-x", "win32").startswith("windfire-agent.exe")


def test_a_refused_token_says_why(qtbot, operations, link):
    link.answers[MakeToken] = lambda body: Refusal(sentence="Only an admin may add nodes.")
    dialog = TokenDialog(operations)
    qtbot.addWidget(dialog)
    assert dialog.line.placeholderText() == "Only an admin may add nodes."
    assert not dialog._copy.isEnabled()


def test_the_question_at_the_end(qtbot):
    dialog = CloseDialog()
    qtbot.addWidget(dialog)
    heard = []
    dialog.chosen.connect(lambda goes_on, remember: heard.append((goes_on, remember)))
    dialog.remember.setChecked(False)
    dialog._choose(goes_on=False)
    assert heard == [(False, False)]


def test_a_fault_is_a_dialog_and_not_the_end(qtbot, window, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    catcher = FaultCatcher(window)
    for fault in (ValueError("first"), BugFault("Second.")):
        catcher.take(type(fault), fault, None)
    shown = window.findChildren(FaultDialog)
    assert len(shown) == 1  # one at a time, however many there are
    shown[0].accept()
    assert window.isVisible()


def test_the_small_dialogs_can_be_opened(qtbot, farm):
    for dialog in (AboutDialog(farm), PositionDialog(0), FaultDialog("story")):
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.isVisible()


def test_a_number_can_be_typed_and_counted(qtbot):
    field = NumberField(1, 100, "Samples")
    qtbot.addWidget(field)
    heard = []
    field.value_changed.connect(heard.append)
    field.set_value(500)
    assert field.value() == 100
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == 99
    field.setText("")
    assert field.value() == 1
    assert heard == [100, 99, 1]


def test_a_token_that_comes_after_its_dialog_has_closed_is_dropped(qtbot, link, operations):
    link.at_once = False
    dialog = TokenDialog(operations)
    dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    link.deliver()  # found by the monkey
    assert not isValid(dialog)
