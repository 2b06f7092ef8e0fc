"""The window as a whole: who listens to whom, the truth about the connection, what is remembered."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QLineEdit, QScrollBar, QWidget

from app.client.connection import LinkState
from app.core.commands import Kill, Move, Retry
from app.core.ids import TaskState
from app.core.views import TaskChange
from app.gui import layout
from app.gui.actions import MENUS, SPECS
from app.gui.dialogs.submit import SubmitDialog, scenes_in
from app.gui.main_window import MainWindow
from app.gui.settings import Settings
from app.gui.widgets.top_bar import farm_sentence, finish_sentence
from tests.gui.fakes import LIVE, NOW, attempt_cell, device_row, node_row, replaced, snapshot
from tests.gui.fixtures import settle

LOST = LinkState("lost", 14.0, "The dispatcher has not been heard for 14 s.")


def test_cut_off_it_says_so_and_nothing_can_be_changed(window, link):
    window.queue.view.choose([2])
    assert window.actions_["top"].isEnabled()
    assert not window.banner.isVisible()
    link.tell_state(LOST)
    assert window.banner.isVisible()
    assert window.banner.label.text().startswith(LOST.sentence)
    assert window.lamp.words == "Lost, 14 s ago"
    # Nothing looks as if it were now.
    assert not any(veil.isHidden() for veil in window._veils)
    needing = [spec.name for spec in SPECS if "live" in spec.needs]
    assert not [name for name in needing if window.actions_[name].isEnabled()]
    assert not window.queue.view.dragEnabled()
    link.tell_state(LIVE)
    assert not window.banner.isVisible()
    assert all(veil.isHidden() for veil in window._veils)
    assert window.actions_["top"].isEnabled()
    assert window.queue.view.dragEnabled()


def test_ux15_one_key_kills_a_runaway_and_says_which_frame_that_was(window, link, farm):
    window.queue.view.choose([3])
    window.strip.choose(3, 5)
    window.actions_["kill_task"].trigger()
    assert link.commands() == []
    assert window.toast.label.text() == "This frame does not run now."
    link.change(tasks=[TaskChange(3, 5, int(TaskState.RUNNING), 1, 2, 0.4)])
    settle(farm)
    window.actions_["kill_task"].trigger()
    assert link.commands() == [Kill(tasks=[(3, 5)])]
    said = "Killed frame 1006 of sq010 / sh0030 on node02. It will be rendered again."
    assert window.toast.label.text() == said


def test_a_key_that_is_not_let_in_is_said_so(window, link):
    link.tell_state(LinkState("refused", 0.0, "This key is not on the farm's list."))
    assert window.banner.label.text() == "This key is not on the farm's list."
    assert window.lamp.words == "Not let in"


def test_the_chosen_shot_is_what_the_other_panels_show(window, link, farm):
    window.queue.view.choose([3])
    assert [lane.step for lane in window.strip._lanes] == [3]
    assert window.viewer._shot == 3
    window.strip.choose(3, 5)
    assert window.log._task == (3, 5)
    assert window.viewer._chosen == (3, 5)
    link.change(tasks=[TaskChange(3, 5, int(TaskState.FAILED), 3, 0)])
    settle(farm)
    window.actions_["retry_task"].trigger()
    assert link.commands() == [Retry(tasks=[(3, 5)])]


def test_a_failed_shot_shows_why_at_once(window, link, farm):
    link.change(tasks=[TaskChange(3, 5, int(TaskState.FAILED), 3, 0)])
    settle(farm)
    window.queue.view.choose([3])
    assert window.strip.chosen == (3, 5)
    assert window.log._task == (3, 5)
    window.queue.view.choose([4])
    assert window.strip.chosen is None
    assert window.log._task == (3, 5)  # what was read stays, under its own name


def test_a_refusal_is_a_toast(window, link):
    link.refuse_with = "Only a supervisor may change the order."
    window.queue.view.choose([2])
    window.actions_["top"].trigger()
    assert window.toast.isVisible()
    assert window.toast.label.text() == "Only a supervisor may change the order."
    window.resize(window.width() - 50, window.height())
    QTest.mouseClick(window.toast, Qt.MouseButton.LeftButton)
    assert not window.toast.isVisible()


def test_undo_is_offered_by_name(window, link):
    window.queue.view.choose([2])
    window.actions_["top"].trigger()
    assert window.actions_["undo"].text() == "&Undo move sq010 / sh0020 to the top"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.actions_["redo"].text() == "&Redo move sq010 / sh0020 to the top"
    assert not window.actions_["undo"].isEnabled()


def scene_data(*names):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(name) for name in names])
    return data


@pytest.mark.parametrize(
    ("names", "is_scene"),
    [(["/film/a.usda"], True), (["/film/a.USDC", "/film/b.txt"], True), (["/film/a.txt"], False)],
)
def test_which_files_may_be_dropped(names, is_scene):
    assert bool(scenes_in(scene_data(*names))) is is_scene


def test_a_dropped_scene_opens_the_dialog(qtbot, window, monkeypatch):
    loaded = []
    monkeypatch.setattr(SubmitDialog, "load", lambda self, file: loaded.append(file.name))
    data, action = scene_data("/film/sh0040.usda"), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(9, 9), action, data, left, none))
    qtbot.waitUntil(lambda: loaded == ["sh0040.usda"])
    window.findChild(SubmitDialog).reject()


def test_what_is_empty_says_what_to_do(window, link, farm):
    link.show(snapshot())
    settle(farm)
    assert window.queue._empty.title.text() == "Nothing to render yet"
    assert window.queue._empty.isVisible()
    assert window.top_bar._strong.text() == ""


def test_the_farm_in_one_sentence(link, farm):
    replica = link.replica
    assert finish_sentence(replica, NOW).startswith("Queue done at ")
    link.change(
        replaced(replica.shots[1], finish_p50=0.0),
        node_row(1, [device_row(attempts=[attempt_cell(step=1)]), device_row("cpu")], state="busy"),
        node_row(2, state="lost"),
    )
    assert finish_sentence(replica, NOW) == "8 shots to go"
    assert farm_sentence(replica) == "1 node, 1 of 2 devices busy, 1 node away"
    link.change(*(replaced(row, state="done") for row in replica.shots.values()))
    assert finish_sentence(replica, NOW) == "Queue done"


def test_the_layout_and_the_choices_are_kept(qtbot, farm, bridge, tmp_path):
    file = str(tmp_path / "window.ini")
    first = MainWindow(farm, bridge, Settings(file))
    qtbot.addWidget(first)
    first.docks["plots"].hide()
    first.show()
    first.docks["log"].hide()
    first.actions_["compact"].trigger()
    first.actions_["grouped"].trigger()
    first.queue.view.header().resizeSection(1, 333)
    first.close()
    first.shut_down()
    second = MainWindow(farm, bridge, Settings(file))
    qtbot.addWidget(second)
    assert second.docks["log"].isHidden()
    assert not second.docks["viewer"].isHidden()
    assert second.actions_["compact"].isChecked()
    assert second.queue.model.is_grouped
    assert second.queue.view.header().sectionSize(1) == 333
    second.shut_down()


def test_the_layout_is_kept_even_by_a_window_that_is_killed(qtbot, window, tmp_path):
    window.queue.view.header().resizeSection(1, 321)
    assert window.settings._timer.isActive()  # written in a moment, without being asked
    window.settings.save()
    qtbot.waitUntil((tmp_path / "window.ini").exists)
    assert window.settings.get("queue/columns") is not None


def test_the_layout_can_be_put_back(qtbot, window):
    window.docks["log"].hide()
    window.docks["frames"].setFloating(True)
    layout.reset(window)
    window.docks["plots"].hide()
    assert window.docks["log"].isVisible()
    assert not window.docks["frames"].isFloating()


def test_the_person_may_be_asked_before_it_closes(window):
    window.may_close = lambda: False
    window.close()
    assert window.isVisible()


# --- for everybody ------------------------------------------------------------------------------------


def focusable(window):
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not isinstance(widget, QScrollBar)
        and not isinstance(widget.parent(), QAbstractSpinBox | QLineEdit)
        and not widget.objectName().startswith("qt_")
    ]


def test_ux25_every_widget_that_takes_the_focus_has_a_name_to_be_read(window):
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in focusable(window)
        if not widget.accessibleName()
    ]
    assert not nameless


def test_ux25_every_panel_can_be_reached_by_tab(window):
    reached = set()
    widget = window.queue.search
    for _ in range(200):
        widget = widget.nextInFocusChain()
        reached.add(widget)
    views = (window.queue.view, window.strip, window.viewer, window.nodes.view, window.log.text)
    assert set(views) <= reached


def test_every_action_has_words_a_tip_and_a_key_of_its_own(window):
    keys = [
        action.shortcut() for action in window.actions_.all() if not action.shortcut().isEmpty()
    ]
    assert len({key.toString() for key in keys}) == len(keys)
    for action in window.actions_.all():
        assert action.text()
        assert action.toolTip()
    in_menus = {name for _, names in MENUS for name in names}
    assert {spec.name for spec in SPECS} <= in_menus


def test_every_button_without_words_has_a_tip(window):
    bare = [
        button.objectName()
        for button in window.findChildren(QAbstractButton)
        if not button.text()
        and not button.toolTip()
        # The menu bar's and the search box's own.
        and not button.objectName().startswith("qt_")
        and not isinstance(button.parent(), QLineEdit)
    ]
    assert not bare


def test_keys_alone_move_a_shot_and_take_it_back(window, link):
    window.queue.view.setFocus()
    QTest.keyClick(window.queue.view, Qt.Key.Key_Down)
    QTest.keyClick(window.queue.view, Qt.Key.Key_Down)
    QTest.keyClick(window.queue.view, Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)
    assert [type(body) for body in link.commands()] == [Move]
    undo = QKeySequence(QKeySequence.StandardKey.Undo)
    assert window.actions_["undo"].shortcut() == undo


def test_the_panels_below_keep_their_heights_over_a_page(window, qtbot):
    window.resize(1560, 960)
    window.show()
    frames = window.docks["frames"]
    qtbot.waitUntil(lambda: frames.height() > 0, timeout=30_000)
    before = frames.height()
    window.pages.show_page("morning")
    assert frames.isHidden()
    window.pages.show_page("queue")
    qtbot.waitUntil(lambda: abs(frames.height() - before) <= 2, timeout=30_000)
    window.pages.show_page("wall")  # hides none: nothing is given back
    window.pages.show_page("queue")
