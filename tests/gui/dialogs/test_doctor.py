"""The doctor: the farm's sentences, and buttons that do what they say."""

import pytest
from PySide6.QtWidgets import QLabel

from app.core.commands import (
    Explain,
    Explanation,
    Reason,
    Refusal,
    Remedy,
    SetLimit,
)
from app.gui.dialogs.doctor import DoctorDialog

RAISE = SetLimit(name="nuke", count=11)
ANSWER = Explanation(
    title="NZ2/sq010/sh0030: nothing of it runs.",
    reasons=[
        Reason(
            kind="limit",
            sentence="10 of 10 of the limit nuke are in use.",
            tasks=96,
            remedies=[Remedy(text="Raise the limit to 11", command=RAISE)],
        ),
        Reason(kind="no_node", sentence="No node can run it: it needs the tag <b>far</b>."),
    ],
)


@pytest.fixture
def dialog(qtbot, farm, operations, link):
    link.answers[Explain] = lambda _: ANSWER
    made = DoctorDialog(farm, operations, Explain(shot=3))
    qtbot.addWidget(made)
    made.show()
    return made


def words(dialog):
    return [each.text() for each in dialog.findChildren(QLabel)]


def test_ux17_each_reason_is_a_sentence_with_its_button(dialog):
    assert dialog.title.text() == ANSWER.title
    assert "10 of 10 of the limit nuke are in use." in words(dialog)
    assert "96 frames" in words(dialog)
    # What another machine wrote is shown, never interpreted.
    assert "No node can run it: it needs the tag <b>far</b>." in words(dialog)
    assert [button.text() for button in dialog.buttons] == ["Raise the limit to 11"]


def test_a_button_gives_its_command_and_looks_again(dialog, link):
    fixed = Explanation(title="It runs.", reasons=[])
    link.answers[Explain] = lambda _: fixed
    dialog.buttons[0].click()
    assert link.commands() == [RAISE]
    assert dialog.title.text() == "It runs."
    assert dialog.buttons == []


def test_a_refusal_is_said(qtbot, farm, operations, link):
    link.answers[Explain] = lambda _: Refusal(sentence="There is no shot 3.")
    dialog = DoctorDialog(farm, operations, Explain(shot=3))
    qtbot.addWidget(dialog)
    assert dialog.title.text() == "There is no shot 3."


def test_an_answer_after_it_was_closed_is_dropped(qtbot, farm, operations, link):
    link.at_once = False
    dialog = DoctorDialog(farm, operations, Explain(shot=3))
    qtbot.addWidget(dialog)
    dialog.done(0)
    link.answers[Explain] = lambda _: ANSWER
    link.deliver()
    assert dialog.buttons == []


def test_it_opens_for_the_chosen_shot(window, link):
    link.answers[Explain] = lambda _: ANSWER
    window.queue.view.choose([3])
    window.actions_["explain"].trigger()
    assert link.asked[-1] == Explain(shot=3)
    window.findChild(DoctorDialog).reject()
