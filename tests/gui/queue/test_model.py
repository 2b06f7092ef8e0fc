"""The queue's model: it shows the farm's order, holds still under a hand, and turns drops into moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.core.commands import Finish, Move
from app.gui.bridge import Farm
from app.gui.operations import Operations
from app.gui.queue.cells import Column
from app.gui.queue.model import LINE, MIME, QueueModel, shots_in
from tests.gui.fakes import NOW, FakeLink, replaced, shot_row, small_farm, snapshot
from tests.gui.fixtures import settle

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
NO_INDEX = QModelIndex()


@pytest.fixture
def model(farm, operations):
    made = QueueModel(farm, operations)
    QAbstractItemModelTester(made, FATAL, made)
    made._sync()
    return made


def names(model, parent=NO_INDEX):
    rows = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
    return [index.data(LINE).title for index in rows]


def drop(model, shots, row, parent=NO_INDEX):
    """Drop as Qt does; return the moves that were asked for, and what the view was told."""
    wanted = []
    model.drop_wanted.connect(lambda drop: wanted.append(drop.command))
    data = model.mimeData([model.index_of_shot(shot) for shot in shots])
    answer = model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, parent)
    model.drop_wanted.disconnect()
    return wanted, answer


def test_lines_stand_in_queue_order_and_are_numbered(model):
    assert names(model) == [f"sh{number * 10:04d}" for number in range(1, 9)]
    positions = [model.index(row, 0).data() for row in range(8)]
    assert positions == [str(number) for number in range(1, 9)]


def test_one_row_dropped_is_exactly_one_move(model):
    wanted, answer = drop(model, [7], 2)
    assert wanted == [Move(shots=[7], before=3)]
    assert answer is False  # or the view would take the row out itself


def test_five_rows_from_here_and_there_keep_their_order(model):
    wanted, _ = drop(model, [8, 2, 5, 6, 4], 2)
    assert wanted == [Move(shots=[2, 4, 5, 6, 8], before=3)]


@pytest.mark.parametrize(
    ("shots", "row", "expected"),
    [
        ([4], 0, Move(shots=[4], place="top")),
        ([4], 8, Move(shots=[4], place="bottom")),
        ([4], -1, Move(shots=[4], place="bottom")),
        ([4], 3, None),
        ([4], 4, None),
        ([3, 4], 4, None),
        ([2, 4], 2, Move(shots=[2, 4], before=3)),
        ([2, 4], 1, Move(shots=[2, 4], before=3)),
    ],
)
def test_where_a_drop_goes(model, shots, row, expected):
    wanted, _ = drop(model, shots, row)
    assert wanted == ([expected] if expected else [])


def test_a_drag_of_something_else_is_not_ours(model):
    data = QMimeData()
    data.setText("sh0010")
    assert not model.canDropMimeData(data, Qt.DropAction.MoveAction, 0, 0, NO_INDEX)
    assert not model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, NO_INDEX)
    for junk in (b"\xff{", b"{}", b'["x", 3.5]'):
        data.setData(MIME, junk)
        assert shots_in(data) == []


def test_finished_shots_sink_and_have_no_number(farm, link, model):
    link.change(replaced(link.replica.shots[2], state="done", done=24))
    settle(farm)
    assert names(model)[-1] == "sh0020"
    assert model.index(7, 0).data() == ""
    wanted, _ = drop(model, [1], 8)  # below the finished one: behind the last that is still to do
    assert wanted == [Move(shots=[1], place="bottom")]
    model.set_finished_last(False)
    assert names(model)[1] == "sh0020"


def test_a_drop_in_a_filtered_list_names_what_is_seen(model):
    model.set_filter("sq020")
    assert names(model) == ["sh0050", "sh0060", "sh0070", "sh0080"]
    assert drop(model, [8], 0)[0] == [Move(shots=[8], before=5)]
    model.set_filter("sq010")
    # Behind the last that is seen, not at the end of a queue that is not seen.
    assert drop(model, [1], 4)[0] == [Move(shots=[1], before=5)]


def test_the_tree_groups_by_project_and_sequence(model):
    model.set_mode("grouped")
    assert names(model) == ["NZ2"]
    project = model.index(0, 0)
    assert names(model, project) == ["sq010", "sq020"]
    second = model.index(1, 0, project)
    assert names(model, second) == ["sh0050", "sh0060", "sh0070", "sh0080"]
    assert model.shots_of(second) == [5, 6, 7, 8]
    line = second.data(LINE)
    assert (line.total, line.shot, line.subtitle) == (96, 0, "4 shots")


def test_a_whole_sequence_dragged_in_the_tree_is_its_shots(model):
    model.set_mode("grouped")
    project = model.index(0, 0)
    data = model.mimeData([model.index(1, 0, project)])
    wanted = []
    model.drop_wanted.connect(lambda drop: wanted.append(drop.command))
    model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, project)
    assert wanted == [Move(shots=[5, 6, 7, 8], before=1)]


def test_the_new_order_shows_before_the_farm_has_answered(farm, link, operations, model):
    link.at_once = False
    operations.do(Move(shots=[8], place="top"), "Move sh0080 to the top")
    assert names(model)[0] == "sh0080"
    assert model.is_asked(8)
    link.deliver()
    settle(farm)
    assert names(model)[0] == "sh0080"
    assert not model.is_asked(8)


def test_a_refused_move_goes_back(link, operations, model):
    link.at_once = False
    link.refuse_with = "No."
    operations.do(Move(shots=[8], place="top"), "Move")
    assert names(model)[0] == "sh0080"
    link.deliver()
    assert names(model)[0] == "sh0010"


def test_a_held_key_loses_no_step(farm, link, operations, model):
    """Five steps up before the first answer: each counts from where the one before it left the shot."""
    from app.gui.queue import order

    link.at_once = False
    for _ in range(5):
        move = order.step_up(model.visible_shots(), model.order, [8])
        operations.do(move, "Move up")
    assert model.order == [1, 2, 8, 3, 4, 5, 6, 7]
    link.deliver()
    settle(farm)
    assert [row.id for row in link.replica.queue()] == [1, 2, 8, 3, 4, 5, 6, 7]


def test_lines_hold_still_while_frozen_and_their_contents_live(farm, link, model):
    under_hand = QPersistentModelIndex(model.index(3, 0))
    waiting = []
    model.waiting_changed.connect(waiting.append)
    model.freeze("press")
    for number in range(1000):
        shot = number % 8 + 1
        link.change(replaced(link.replica.shots[shot], done=number % 24, rank=-float(number)))
        if number % 100 == 0:
            settle(farm)
    link.change(shot_row(99), removed=[4])
    settle(farm)
    assert names(model) == [f"sh{number * 10:04d}" for number in range(1, 9)]
    assert under_hand.data(LINE).shot == 4  # gone from the farm, still under the hand
    assert model.index(0, 0).data(LINE).done > 0
    assert waiting[-1] > 0
    model.freeze("menu")
    model.thaw("press")
    assert len(names(model)) == 8
    model.thaw("menu")
    assert names(model)[-1] == "sh0990"
    assert not under_hand.isValid()
    assert waiting[-1] == 0


def test_the_forecast_under_the_hand_is_shown_and_forgotten(model):
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.column(), last.column())))
    trial = {3: Finish(3, NOW + 60, NOW + 90), 4: Finish(4, NOW + 600, NOW + 700)}
    base = {3: Finish(3, NOW + 360, NOW + 390), 4: Finish(4, NOW + 480, NOW + 500)}
    model.set_forecast(trial, base)
    assert model.trial_of(model.index_of_shot(3)) == (trial[3], -300.0)
    assert changed == [(Column.FINISH, Column.FINISH)]
    model.set_mode("grouped")
    group = model.index(0, 0, model.index(0, 0))
    assert model.trial_of(group) == (trial[4], 120.0)
    model.set_forecast({}, {})
    assert model.trial_of(model.index_of_shot(3)) is None


def test_words_for_the_ear_and_tips(farm, link, model):
    link.change(
        replaced(link.replica.shots[1], failed=2, running=1, done=3, error="Disk full", cancelled=1)
    )
    settle(farm)
    words = [model.index(0, column).data() for column in Column]
    assert words[Column.SHOT] == "sh0010, NZ2 · sq010"
    assert words[Column.STATE] == "Ready"
    assert words[Column.PROGRESS] == "3 / 24"
    assert words[Column.NOTE] == "Disk full"
    tip = model.index(0, Column.PROGRESS).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "3 of 24 tasks done, 1 running, 2 failed, 1 cancelled"
    assert "nine times in ten" in model.index(0, Column.FINISH).data(Qt.ItemDataRole.ToolTipRole)


def test_counts_are_of_all_shots_whatever_is_searched(model):
    model.set_filter("nothing like it")
    assert model.rowCount() == 0
    assert model.counts() == {"ready": 8}


shots_changes = st.lists(
    st.one_of(
        st.tuples(st.just("rank"), st.integers(1, 12), st.integers(0, 100)),
        st.tuples(
            st.just("state"), st.integers(1, 12), st.sampled_from(["done", "ready", "failed"])
        ),
        st.tuples(st.just("remove"), st.integers(1, 12), st.none()),
        st.tuples(st.just("mode"), st.none(), st.sampled_from(["flat", "grouped", "lanes"])),
        st.tuples(st.just("due"), st.integers(1, 12), st.sampled_from([0.0, NOW - 9, NOW + 9e3])),
        st.tuples(st.just("filter"), st.none(), st.sampled_from(["", "sq010", "state:done"])),
        st.tuples(st.just("freeze"), st.none(), st.booleans()),
        st.tuples(st.just("reset"), st.integers(0, 9), st.none()),
        st.tuples(st.just("move"), st.integers(1, 12), st.sampled_from(["top", "bottom"])),
        st.tuples(st.just("tell"), st.none(), st.none()),
    ),
    max_size=25,
)


@given(shots_changes)
def test_under_churn_it_shows_what_it_should(qapp, changes):
    link, farm = FakeLink(), Farm()
    farm.attach(link)
    link.show(small_farm())
    link.start()
    operations = Operations(farm)
    model = QueueModel(farm, operations)
    QAbstractItemModelTester(model, FATAL, model)
    for what, number, value in changes:
        churn(link, farm, operations, model, what, number, value)
    model.thaw("press")
    settle(farm)
    expected = [row.id for row in link.replica.queue()]
    assert model.order == expected
    model.set_filter("")
    model.set_mode("flat")
    model.set_finished_last(False)
    assert model.visible_shots() == expected


def churn(link, farm, operations, model, what, number, value):
    row = link.replica.shots.get(number)
    ranks = {each.rank for each in link.replica.shots.values()}
    match what:
        case "rank" if value / 7 not in ranks:
            link.change(replaced(row or shot_row(number), rank=value / 7))
        case "state" | "due" if row:
            link.change(replaced(row, **{what: value}))
        case "remove" if row:
            link.change(removed=[number])
        case "mode":
            model.set_mode(value)
        case "filter":
            model.set_filter(value)
        case "freeze":
            model.freeze("press") if value else model.thaw("press")
        case "reset":
            link.show(snapshot([shot_row(each) for each in range(1, number + 1)]))
        case "move" if row:
            operations.do(Move(shots=[number], place=value), "Move")
        case "tell":
            settle(farm)
