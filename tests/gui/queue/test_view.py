"""The list as a widget: where a drop goes, what keys do, what holds still. Real drags: tests/gui_xvfb."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QMouseEvent,
)
from PySide6.QtTest import QTest

from app.core.commands import (
    Cancel,
    Finish,
    Finishes,
    Forecast,
    GetPreemption,
    Move,
    Pause,
    PreemptionCost,
    Resume,
    Retry,
)
from app.core.ids import TaskState
from app.gui import states, text
from app.gui.dialogs.position import PositionDialog
from app.gui.queue.drops import Drop
from app.gui.queue.effect import Tip
from tests.gui.fakes import NOW, replaced, step_row
from tests.gui.fixtures import settle

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(window):
    return window.queue


@pytest.fixture
def view(panel):
    return panel.view


def row_box(view, shot):
    return view.visualRect(view.model().index_of_shot(shot, 1))


def above(view, shot):
    box = row_box(view, shot)
    return QPoint(box.center().x(), box.top() + 4)


def below(view, shot):
    box = row_box(view, shot)
    return QPoint(box.center().x(), box.bottom() - 4)


def drag_over(view, data, at, keys=NONE):
    """Enter and move as Qt does; return whether it was accepted."""
    enter = QDragEnterEvent(at, Qt.DropAction.MoveAction, data, LEFT, keys)
    view.dragEnterEvent(enter)
    move = QDragMoveEvent(at, Qt.DropAction.MoveAction, data, LEFT, keys)
    view.dragMoveEvent(move)
    return move.isAccepted()


def drop(view, shots, at, keys=NONE):
    view.choose(shots)
    data = view.model().mimeData(view.selectionModel().selectedRows())
    assert drag_over(view, data, at, keys)
    view.dropEvent(QDropEvent(QPointF(at), Qt.DropAction.MoveAction, data, LEFT, keys))


def test_one_shot_is_dropped_on_the_line_above_another(view, link):
    drop(view, [7], above(view, 3))
    assert link.commands() == [Move(shots=[7], before=3)]


def test_ux01_five_shots_from_here_and_there_are_dropped_below_another(view, link):
    drop(view, [1, 3, 4, 6, 8], below(view, 2))
    assert link.commands() == [Move(shots=[1, 3, 4, 6, 8], before=5)]


def test_a_drop_below_the_last_line_goes_to_the_bottom(view, link):
    view.scrollToBottom()
    drop(view, [2], below(view, 8))
    assert link.commands() == [Move(shots=[2], place="bottom")]


def test_ux01_a_drop_on_its_own_place_asks_for_nothing(view, link):
    drop(view, [3], below(view, 2))
    assert link.commands() == []


def test_what_is_dropped_stays_chosen_and_stands_there_at_once(view, link, farm):
    link.at_once = False
    drop(view, [7, 8], above(view, 2))
    assert view.model().visible_shots()[:4] == [1, 7, 8, 2]
    assert view.chosen_shots() == [7, 8]
    link.deliver()
    settle(farm)
    assert view.chosen_shots() == [7, 8]


def test_while_dragging_the_farm_is_asked_when_all_would_finish(view, link):
    view.choose([7])
    data = view.model().mimeData(view.selectionModel().selectedRows())
    drag_over(view, data, above(view, 3))
    assert [body for body in link.asked if isinstance(body, Forecast)] == [
        Forecast(),
        Forecast(move=Move(shots=[7], before=3)),
    ]
    view.dragLeaveEvent(QDragLeaveEvent())
    assert view.model().trial_of(view.model().index_of_shot(3)) is None
    assert link.commands() == []  # a drag that ends elsewhere leaves nothing behind


def answers(**minutes):
    """Return a farm's forecasts for the moves that a drag tries; with no move, ten minutes a shot."""

    def answer(question):
        rows = [Finish(n, NOW + 600 * n, NOW + 780 * n) for n in range(1, 9)]
        if question.move is not None:
            by = {int(shot[1:]): change for shot, change in minutes.items()}
            rows = [
                Finish(
                    row.shot, row.p50 + 60 * by.get(row.shot, 0), row.p90 + 60 * by.get(row.shot, 0)
                )
                for row in rows
            ]
        return Finishes(rows=rows)

    return answer


def test_ux03_while_dragging_every_line_shows_its_change_and_the_tag_says_what_comes_of_it(
    view, link, farm
):
    link.change(replaced(link.replica.shots[1], due=NOW + 7200))
    settle(farm)
    link.answers[Forecast] = answers(s3=14, s7=-50)
    view.choose([7])
    data = view.model().mimeData(view.selectionModel().selectedRows())
    drag_over(view, data, above(view, 3))
    by = {shot: view.model().trial_of(view.model().index_of_shot(shot))[1] for shot in range(1, 9)}
    assert by == {1: 0, 2: 0, 3: 840, 4: 0, 5: 0, 6: 0, 7: -3000, 8: 0}
    said = str(view.describe_drop(Drop(Move(shots=[7], before=3))))
    due = text.clock(NOW + 7200, NOW)
    assert said == f"sh0070 before sh0030: sh0030 +14 min, nobody misses {due}"
    # Over another place, until its answer is here, nothing is said of it.
    assert str(view.describe_drop(Drop(Move(shots=[7], before=2)))) == "sh0070 before sh0020"
    view.grab()
    view.dragLeaveEvent(QDragLeaveEvent())
    assert view.model().trial_of(view.model().index_of_shot(3)) is None
    assert view._gap is None
    assert link.commands() == []
    assert view.model().visible_shots() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_an_answer_for_a_drag_that_is_over_shows_nothing(view, link):
    link.at_once = False
    link.answers[Forecast] = answers(s3=14)
    view.choose([7])
    data = view.model().mimeData(view.selectionModel().selectedRows())
    drag_over(view, data, above(view, 3))
    view.dragLeaveEvent(QDragLeaveEvent())
    link.deliver()
    assert view.model().trial_of(view.model().index_of_shot(3)) is None


def test_a_fast_hand_asks_one_question_at_a_time_and_the_newest_wins(view, link):
    link.at_once = False
    link.answers[Forecast] = answers(s2=14)
    view.choose([7])
    data = view.model().mimeData(view.selectionModel().selectedRows())
    for shot in (5, 4, 3, 2):
        drag_over(view, data, above(view, shot))
    moves = [body.move for body in link.asked if isinstance(body, Forecast)]
    assert moves == [None, Move(shots=[7], before=5)]
    link.deliver()
    link.deliver()
    moves = [body.move for body in link.asked if isinstance(body, Forecast)]
    assert moves[2:] == [Move(shots=[7], before=2)]
    assert str(view.describe_drop(Drop(moves[-1]))) == "sh0070 before sh0020: sh0020 +14 min"


def test_ux05_a_click_says_where_carried_shots_go(window, view, link):
    """WCAG 2.5.7: a way with a single pointer, without a button held down."""
    view.choose([6, 8])
    window.actions_["carry"].trigger()
    assert view.is_carrying
    QTest.mouseMove(view.viewport(), above(view, 3))
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(above(view, 2)),
        QPointF(),
        Qt.MouseButton.NoButton,
        LEFT,
        NONE,
    )
    view.mouseMoveEvent(move)
    assert view._gap.move == Move(shots=[6, 8], before=2)
    QTest.mouseClick(view.viewport(), LEFT, NONE, above(view, 2))
    assert link.commands() == [Move(shots=[6, 8], before=2)]
    assert not view.is_carrying
    assert view.chosen_shots() == [6, 8]


def test_ux05_carried_shots_go_by_arrow_keys_too(window, view, link):
    view.choose([6])
    window.actions_["carry"].trigger()
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert link.commands() == [Move(shots=[6], before=3)]


@pytest.mark.parametrize("how", ["escape", "right button", "other window"])
def test_ux05_carrying_is_given_up_without_a_trace(window, view, link, how):
    view.choose([6])
    window.actions_["carry"].trigger()
    QTest.keyClick(view, Qt.Key.Key_Up)
    if how == "escape":
        QTest.keyClick(view, Qt.Key.Key_Escape)
    elif how == "right button":
        QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton, NONE, above(view, 2))
    else:
        view.focusOutEvent(QFocusEvent(QEvent.Type.FocusOut))
    assert not view.is_carrying
    assert not view.model().is_frozen
    assert view._gap is None
    assert link.commands() == []


def test_ux06_the_order_holds_still_while_shift_is_held(view, link, farm):
    view.setFocus()
    QTest.keyPress(view, Qt.Key.Key_Shift)
    link.change(*_reversed(link))
    settle(farm)
    assert view.model().visible_shots()[0] == 1
    QTest.keyRelease(view, Qt.Key.Key_Shift)
    assert view.model().visible_shots()[0] == 8


SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_ux02_a_drop_with_shift_makes_room_and_says_what_that_costs(panel, view, link):
    says = "2 frames yield, and no sample is lost."
    link.answers[GetPreemption] = lambda _: PreemptionCost(
        yields=2, kills=0, lost_s=0.0, sentence=says
    )
    view.choose([7])
    data = view.model().mimeData(view.selectionModel().selectedRows())
    drag_over(view, data, above(view, 3), SHIFT)
    move = Move(shots=[7], before=3, preempt=True)
    assert GetPreemption(move=move) in link.asked
    assert view.describe_drop(Drop(move)) == Tip("sh0070 before sh0030, now", says)
    drag_over(view, data, above(view, 3))  # Shift is let go: nothing has to give way
    view.dragLeaveEvent(QDragLeaveEvent())
    assert link.commands() == []
    drop(view, [7], above(view, 3), SHIFT)
    assert link.commands() == [move]


def test_a_file_over_the_list_is_left_to_the_window(view):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/film/shot.usda")])
    assert not drag_over(view, data, QPoint(50, 50))


def test_in_the_tree_a_drop_between_the_shots_of_a_sequence(window, view, link):
    window.actions_["grouped"].trigger()
    drop(view, [8], above(view, 6))
    assert link.commands() == [Move(shots=[8], before=6)]
    drop(view, [5], below(view, 4))
    assert (
        link.commands()[1:] == []
    )  # below the last of sq010 is above the first of sq020: no change


@pytest.mark.parametrize(
    ("key", "modifier", "expected"),
    [
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier, Move(shots=[4], before=3)),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier, Move(shots=[4], before=6)),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier, Move(shots=[4], before=3)),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier, Move(shots=[4], before=6)),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier, Move(shots=[4], place="top")),
        (Qt.Key.Key_End, Qt.KeyboardModifier.AltModifier, Move(shots=[4], place="bottom")),
        (Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier, Pause(shots=[4])),
        (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier, Resume(shots=[4])),
        (Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier, Cancel(shots=[4])),
        (
            Qt.Key.Key_R,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
            Retry(shots=[4]),
        ),
    ],
)
def test_ux05_everything_can_be_done_by_keys(window, view, link, key, modifier, expected):
    view.choose([4])
    view.setFocus()
    QTest.keyClick(view, key, modifier)
    assert link.commands() == [expected]


def test_ux05_a_key_held_down_loses_no_step(view, link, farm):
    view.choose([8])
    view.setFocus()
    link.at_once = False
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert view.model().order.index(8) == 2
    link.deliver()
    settle(farm)
    assert [row.id for row in link.replica.queue()].index(8) == 2


def test_ux06_the_order_holds_still_from_press_to_release(view, link, farm):
    at = row_box(view, 5).center()
    QTest.mousePress(view.viewport(), LEFT, NONE, at)
    link.change(*(_reversed(link)))
    settle(farm)
    assert view.model().visible_shots() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert view.chosen_shots() == [5]
    QTest.mouseRelease(view.viewport(), LEFT, NONE, at)
    assert view.model().visible_shots() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert view.chosen_shots() == [5]


def _reversed(link):
    return [replaced(row, rank=-row.rank) for row in link.replica.shots.values()]


def test_ux06_the_order_holds_still_while_a_menu_is_open(window, view, link, farm):
    view.choose([5])
    menu = window._menu(("top", "bottom"))
    view.open_menu(menu, QPoint(10, 10))
    link.change(*_reversed(link))
    settle(farm)
    assert view.model().visible_shots()[0] == 1
    assert window.queue._badge.text() == "7 changes waiting"
    menu.close()
    assert view.model().visible_shots()[0] == 8
    assert window.queue._badge.text() == ""


def test_the_search_and_the_chips_leave_what_they_say(panel, view, link, farm):
    link.change(replaced(link.replica.shots[6], state="failed", failed=1))
    settle(farm)
    panel.search.setText("sq020")
    assert view.model().visible_shots() == [5, 6, 7, 8]
    panel._chips["failed"].click()
    assert view.model().visible_shots() == [6]
    panel.search.setText("nothing")
    assert panel._stack.currentIndex() == 1
    assert panel._empty.title.text() == "No shot matches"
    panel.search.clear()
    panel._chips[""].click()
    assert len(view.model().visible_shots()) == 8


def test_a_position_can_be_given(window, view, link):
    view.choose([8])
    window.actions_["position"].trigger()
    dialog = window.findChild(PositionDialog)
    dialog.number.set_value(3)
    dialog.accept()
    assert link.commands() == [Move(shots=[8], before=3)]


def test_the_choice_survives_the_other_way_to_see_it(window, view):
    view.choose([3, 6])
    window.actions_["grouped"].trigger()
    assert view.chosen_shots() == [3, 6]
    window.actions_["flat"].trigger()
    assert view.chosen_shots() == [3, 6]


def test_lines_are_painted_in_all_their_states(window, view, link, farm):
    rows = [
        replaced(link.replica.shots[1], state="running", running=2, nodes=2, progress=0.3),
        replaced(link.replica.shots[2], state="failed", failed=2, error="Disk full"),
        replaced(link.replica.shots[3], state="paused", paused=True, finish_p50=0.0),
        replaced(link.replica.shots[4], state="done", finished_at=1.0),
        replaced(link.replica.shots[5], state="waiting", reason="waits for step sim"),
        step_row(1, bytes([TaskState.DONE] * 8 + [TaskState.RUNNING] * 2 + [TaskState.READY] * 14)),
    ]
    link.change(*rows)
    settle(farm)
    for compact in (False, True):
        window._set_compact(compact)
        image = window.grab().toImage()
        colours = {
            image.pixelColor(x, y).name()
            for x in range(0, image.width(), 2)
            for y in range(image.height())
        }
        assert {states.colour(name).name() for name in ("running", "failed", "done")} <= colours
