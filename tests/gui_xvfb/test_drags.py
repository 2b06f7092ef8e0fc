"""Real drags with a real mouse in the whole window, on a farm that is a plain object.

The pointer is xdotool's, the events are the display's: what synthetic events cannot show (when a drag
starts, who gets the drop, what Esc and Shift do meanwhile). tests/gui_xvfb/test_drag_governs.py does the
same on a farm of processes.
"""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor

from app.core.commands import Finish, Finishes, Forecast, Move, SetDue
from app.gui.due import moments
from tests.gui.fakes import NOW, replaced
from tests.gui.fixtures import settle

SHOTS = list(range(1, 9))


@pytest.fixture
def shown(window, qtbot):
    window.resize(1500, 950)
    window.move(20, 20)
    qtbot.waitExposed(window)
    window.activateWindow()
    view = window.queue.view
    qtbot.waitUntil(
        lambda: view.visualRect(view.model().index_of_shot(6)).isValid(), timeout=30_000
    )
    qtbot.waitUntil(window.isActiveWindow, timeout=30_000)
    return window


@pytest.fixture
def drag(shown, mouse):
    """Drag from the middle of one shot's line to a part of another's height."""
    view = shown.queue.view

    def at(shot, part):
        box = view.visualRect(view.model().index_of_shot(shot, 1))
        assert view.viewport().rect().contains(box.center()), f"shot {shot} is not on the screen"
        return QPoint(box.left() + 120, box.top() + round(box.height() * part))

    def over_the_target():
        """The drop line stands where the hand is: the window has followed it to its last place."""
        local = view.viewport().mapFromGlobal(QCursor.pos())
        expected = view.gap_at(local, view.chosen_shots())
        return view._gap is not None and view._gap.row == expected.row

    def let_go():
        return view._gap is None and not view.model().is_frozen

    def drag(source, target, part, *, held="", escape=False):
        before, after = [over_the_target], [let_go]
        if held:
            before += [["keydown", held], lambda: bool(view._gap and view._gap.move.preempt)]
            after.append(["keyup", held])
        if escape:
            before += [lambda: bool(view.model()._trial), ["key", "Escape"], let_go]
        mouse.drag(
            view.viewport(),
            at(source, 0.5),
            view.viewport(),
            at(target, part),
            before_release=before,
            after=after,
        )

    return drag


def visible(window):
    return window.queue.model.visible_shots()


@pytest.mark.parametrize(
    ("source", "target", "part", "move"),
    [
        (5, 4, 0.2, Move(shots=[5], before=4)),
        (4, 5, 0.8, Move(shots=[4], before=6)),
        (6, 1, 0.2, Move(shots=[6], place="top")),
        (1, 4, 0.8, Move(shots=[1], before=5)),
    ],
    ids=["one up", "one down", "to the top", "far down"],
)
def test_ux01_one_shot_goes_where_it_is_dropped(shown, link, drag, source, target, part, move):
    drag(source, target, part)
    assert link.commands() == [move]
    assert shown.queue.view.chosen_shots() == [source]


def test_ux01_five_from_here_and_there_keep_their_order(shown, link, drag):
    shown.queue.view.choose([1, 3, 4, 6, 7])
    drag(4, 2, 0.2)
    assert link.commands() == [Move(shots=[1, 3, 4, 6, 7], before=2)]
    assert visible(shown)[:6] == [1, 3, 4, 6, 7, 2]


def test_ux01_a_drop_on_its_own_place_asks_for_nothing(shown, link, drag):
    drag(4, 4, 0.8)
    assert link.commands() == []


def test_ux02_shift_while_dropping_makes_room(shown, link, drag):
    drag(5, 2, 0.2, held="shift")
    assert link.commands() == [Move(shots=[5], before=2, preempt=True)]


def test_ux03_escape_leaves_nothing(shown, link, drag):
    link.answers[Forecast] = lambda _: Finishes(rows=[Finish(2, NOW + 9000, NOW + 9999)])
    drag(5, 2, 0.2, escape=True)
    view = shown.queue.view
    assert link.commands() == []
    assert visible(shown) == SHOTS
    assert view._gap is None
    assert not view.model().is_frozen
    assert view.model().trial_of(view.model().index_of_shot(2)) is None
    assert any(isinstance(body, Forecast) and body.move for body in link.asked)


def test_ux06_lines_hold_still_while_the_farm_reorders(shown, link, farm, drag):
    moved = []

    def reorder():
        if shown.queue.model.is_frozen and not moved:
            moved.append(True)
            link.change(*(replaced(row, rank=-row.rank) for row in link.replica.shots.values()))
            settle(farm)
            assert visible(shown) == SHOTS

    shown.queue.view.trial_changed.connect(lambda _: reorder())
    drag(5, 2, 0.2)
    assert moved
    # "Before 2" is what the hand saw and meant, wherever 2 stands by now.
    assert link.commands() == [Move(shots=[5], before=2)]


def test_a_drag_in_the_tree(shown, link, drag):
    shown.actions_["grouped"].trigger()
    drag(3, 1, 0.2)
    assert link.commands() == [Move(shots=[3], before=1)]


def test_a_drag_between_lanes_promises(shown, link, farm, drag):
    due = moments.coming(NOW)[0].at
    link.change(replaced(link.replica.shots[1], due=due))
    settle(farm)
    shown.docks["nodes"].hide()
    shown.actions_["lanes"].trigger()
    drag(2, 1, 0.8)
    (command,) = link.asked_commands()
    parts = getattr(command, "commands", [command])
    assert SetDue(shots=[2], due=due) in parts


def test_a_drag_in_a_filtered_list_of_compact_lines(shown, link, drag):
    shown.actions_["compact"].trigger()
    shown.queue.search.setText("sq020")
    drag(7, 5, 0.2)
    assert link.commands() == [Move(shots=[7], before=5)]


def test_ux05_move_before_by_single_clicks(shown, link, mouse):
    view = shown.queue.view
    view.choose([6])
    shown.actions_["carry"].trigger()
    box = view.visualRect(view.model().index_of_shot(3, 1))
    mouse.click(view.viewport(), QPoint(box.left() + 120, box.top() + 6))
    assert link.commands() == [Move(shots=[6], before=3)]
    assert view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor
