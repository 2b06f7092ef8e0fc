"""The tree model that tells Qt the few changes: under churn, with Qt's own tester set to abort."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.gui.keyed import MOVES_MAX, Branch, KeyedTreeModel, keepers, runs

NO_INDEX = QModelIndex()
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class PlainModel(KeyedTreeModel):
    def flags(self, index):
        return Qt.ItemFlag.ItemIsEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        if index.isValid() and role == Qt.ItemDataRole.DisplayRole:
            return str(self.item(index).key[1])
        return None


leaves = st.lists(st.integers(1, 30), unique=True, max_size=15)
trees = st.dictionaries(st.integers(100, 105), leaves, max_size=4)


def branches(numbers):
    return [Branch(("leaf", number)) for number in numbers]


def as_tree(groups):
    # A leaf may stand under another parent than before; each stands under one.
    seen = set()
    result = []
    for name, numbers in groups.items():
        mine = [number for number in numbers if number not in seen]
        seen |= set(mine)
        result.append(Branch(("group", name), branches(mine)))
    return result


def shown(model, parent=NO_INDEX):
    rows = range(model.rowCount(parent))
    indexes = [model.index(row, 0, parent) for row in rows]
    return [(int(index.data()), shown(model, index)) for index in indexes]


def expected(tree):
    return [(branch.key[1], expected(branch.children)) for branch in tree]


@given(st.lists(leaves, min_size=1, max_size=6))
def test_a_flat_list_becomes_what_it_should(qapp, lists):
    model = PlainModel(2)
    tester = QAbstractItemModelTester(model, FATAL)
    for numbers in lists:
        held = {
            number: QPersistentModelIndex(model.index(row, 0))
            for row, (number, _) in enumerate(shown(model))
        }
        model.become(branches(numbers))
        assert shown(model) == [(number, []) for number in numbers]
        for number, index in held.items():
            # Qt's handle of a line follows the line, and dies with it.
            assert index.isValid() == (number in numbers)
            assert not index.isValid() or int(index.data()) == number
    assert tester.model() is model


@given(st.lists(trees, min_size=1, max_size=5))
def test_a_tree_becomes_what_it_should(qapp, growth):
    model = PlainModel(1)
    tester = QAbstractItemModelTester(model, FATAL)
    for groups in growth:
        tree = as_tree(groups)
        model.become(tree)
        assert shown(model) == expected(tree)
    model.replant(as_tree(growth[0]))
    assert shown(model) == expected(as_tree(growth[0]))
    assert tester.model() is model


def test_many_moves_are_one_new_layout(qapp):
    model = PlainModel(1)
    count = MOVES_MAX * 3
    model.become(branches(range(count)))
    held = QPersistentModelIndex(model.index(5, 0))
    moves, layouts = [], []
    model.rowsMoved.connect(lambda *_: moves.append(1))
    model.layoutChanged.connect(lambda *_: layouts.append(1))
    model.become(branches(reversed(range(count))))
    assert (len(moves), len(layouts)) == (0, 1)
    assert held.data() == "5"
    assert held.row() == count - 6


def test_a_block_that_moves_leaves_the_others_alone(qapp):
    model = PlainModel(1)
    model.become(branches(range(20)))
    moves = []
    model.rowsMoved.connect(lambda *_: moves.append(1))
    model.become(branches([15, 16, 17, *range(15), 18, 19]))
    assert len(moves) == 3


@given(st.permutations(range(12)))
def test_keepers_are_a_longest_run_that_is_in_order_already(wanted):
    present = list(range(12))
    kept = keepers(present, wanted)
    assert [key for key in present if key in kept] == [key for key in wanted if key in kept]
    best = [1] * 12
    place = {key: at for at, key in enumerate(wanted)}
    for at in range(12):
        for before in range(at):
            if place[before] < place[at]:
                best[at] = max(best[at], best[before] + 1)
    assert len(kept) == max(best)


@given(st.sets(st.integers(0, 40)))
def test_runs_join_neighbours(numbers):
    joined = list(runs(sorted(numbers)))
    assert {at for first, last in joined for at in range(first, last + 1)} == numbers
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(joined))
