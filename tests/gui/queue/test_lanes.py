"""The lanes: shots under what they are promised for, and drops that promise."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from app.core.commands import Move, SetDue, Together
from app.gui.due import lanes, moments
from app.gui.queue.model import LINE
from tests.gui.fakes import NOW, replaced
from tests.gui.fixtures import settle

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
FIRST, SECOND, WEEK, NEXT = (moment.at for moment in moments.coming(NOW))
KEYS = [moment.key for moment in moments.coming(NOW)]


@pytest.fixture
def view(window, link, farm):
    """Show shots 2 and 3 for the first moment, 4 for the week, 8 overdue, the others unpromised."""
    dues = {2: FIRST, 3: FIRST - 60, 4: WEEK, 8: NOW - 60}
    link.change(*(replaced(link.replica.shots[shot], due=due) for shot, due in dues.items()))
    settle(farm)
    window.actions_["lanes"].trigger()
    return window.queue.view


def shown(view):
    model = view.model()
    tops = [model.index(row, 0) for row in range(model.rowCount())]
    return {model.item(top).key[1]: model.shots_of(top) for top in tops}


def test_shots_stand_under_what_they_are_promised_for(view):
    assert shown(view) == {
        "overdue": [8],
        KEYS[0]: [2, 3],
        KEYS[1]: [],
        "week": [4],
        "next_week": [],
        "none": [1, 5, 6, 7],
    }
    line = view.model().index(1, 0).data(LINE)
    assert line.subtitle.endswith("2 shots")
    assert view.grab()


def test_a_shot_changes_its_lane_with_its_promise_and_with_the_clock(view, link, farm):
    link.change(replaced(link.replica.shots[4], due=SECOND))
    settle(farm)
    assert shown(view)[KEYS[1]] == [4]
    farm.now = lambda: SECOND + 1
    farm.summary_due.emit()
    assert set(shown(view)["overdue"]) == {2, 3, 4, 8}


def drop(view, shots, parent_key, at_row):
    """Drop the shots above that line of the lane; return nothing."""
    model = view.model()
    parent = model.index_of(model.item_of(("lane", parent_key)))
    if at_row < 0:  # on the lower half of the lane's own line
        box = view.visualRect(parent)
        at = QPoint(box.center().x() + 40, box.bottom() - 4)
    else:
        box = view.visualRect(model.index(at_row, 1, parent))
        at = QPoint(box.center().x(), box.top() + 4)
    view.choose(shots)
    data = model.mimeData(view.selectionModel().selectedRows())
    view.dragEnterEvent(QDragEnterEvent(at, Qt.DropAction.MoveAction, data, LEFT, NONE))
    view.dragMoveEvent(QDragMoveEvent(at, Qt.DropAction.MoveAction, data, LEFT, NONE))
    view.grab()
    view.dropEvent(QDropEvent(QPointF(at), Qt.DropAction.MoveAction, data, LEFT, NONE))


def test_a_drop_into_a_lane_promises_and_moves_as_one(window, view, link):
    drop(view, [6, 7], KEYS[0], 0)
    assert link.asked_commands() == [
        Together(commands=[SetDue(shots=[6, 7], due=FIRST), Move(shots=[6, 7], before=2)])
    ]
    assert window.operations.undo_title.startswith("Promise 2 shots for")


def test_a_drop_into_an_empty_lane_goes_before_what_is_due_later(view, link):
    view.verticalScrollBar().setValue(0)
    drop(view, [6], KEYS[1], -1)
    assert link.asked_commands() == [
        Together(commands=[SetDue(shots=[6], due=SECOND), Move(shots=[6], before=4)])
    ]


def test_within_its_lane_a_drop_is_a_move_alone(view, link):
    drop(view, [3], KEYS[0], 0)
    assert link.asked_commands() == [Move(shots=[3], before=2)]


def test_a_drop_under_no_promise_takes_it_back(view, link):
    view.window().resize(1500, 1400)
    drop(view, [4], "none", -1)
    command = link.asked_commands()[0]
    due = command.commands[0] if isinstance(command, Together) else command
    assert due == SetDue(shots=[4], due=0.0)


def test_a_pin_survives_the_drop(view, link, farm):
    link.change(replaced(link.replica.shots[4], due_pinned=True))
    settle(farm)
    drop(view, [4], KEYS[0], 0)
    assert link.asked_commands()[0].commands[0] == SetDue(shots=[4], due=FIRST, pinned=True)


def test_what_is_done_is_in_a_lane_of_its_own_at_the_end(view, link, farm):
    link.change(replaced(link.replica.shots[2], state="done", finished_at=NOW))
    settle(farm)
    assert list(shown(view))[-1] == "finished"
    assert lanes.lane_of(link.replica.shots[2], lanes.at(NOW), NOW) == "finished"
