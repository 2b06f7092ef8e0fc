"""The node list: by name, with what each works on, and drained by a command."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester

from app.core.commands import DrainNode
from app.gui.bridge import Farm
from app.gui.nodes.delegates import equipment
from app.gui.nodes.model import ASKED, HISTORY_MAX, Column, NodeModel, natural
from app.gui.operations import Operations
from tests.gui.fakes import (
    NOW,
    FakeLink,
    attempt_cell,
    device_row,
    node_row,
    replaced,
    sample,
    small_farm,
    snapshot,
)
from tests.gui.fixtures import settle

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def model(farm, operations, link):
    made = NodeModel(farm, operations)
    QAbstractItemModelTester(made, FATAL, made)
    link.show(small_farm())
    settle(farm)
    return made


def test_node2_comes_before_node10(farm, link, model):
    link.change(node_row(10, name="node10"), node_row(3, name="Node9"))
    settle(farm)
    names = [model.index(row, 0).data().partition(",")[0] for row in range(model.rowCount())]
    assert names == ["node01", "node02", "Node9", "node10"]
    assert natural("a2b10") > natural("a2b9")


def test_it_says_what_each_device_works_on(farm, link, model):
    busy = device_row(attempts=[attempt_cell(step=3, task=5, frame=1006, shot=3, progress=0.4)])
    link.change(node_row(1, [busy, device_row("cpu")], state="busy"))
    settle(farm)
    assert model.index(0, Column.WORK).data() == "sq010 / sh0030  1006"
    assert model.index(0, Column.NODE).data() == "node01, Busy"


def test_loads_are_of_the_newest_sample_and_the_history_is_short(farm, link, model):
    for at in range(200):
        link.change(samples=[sample(2, NOW + at, at % 100, [50.0, 70.0], 25.0)])
    settle(farm)
    row = [model.index(1, column).data() for column in Column]
    assert row[Column.CPU] == "99 %"
    assert row[Column.GPU] == "60 %"
    assert row[Column.MEMORY] == "25 %"
    history = model.history(2)
    assert len(history) == HISTORY_MAX
    assert [each.at for each in history] == sorted(each.at for each in history)
    assert model.index(0, Column.CPU).data() == ""


def test_chosen_nodes_are_drained_and_put_to_work_again(window, link, farm):
    nodes = window.nodes
    nodes.view.selectAll()
    window.actions_["drain"].trigger()
    assert link.commands() == [DrainNode(nodes=[1, 2], on=True)]
    assert window.operations.undo_title == "Drain 2 nodes"
    link.change(node_row(1, state="drained", drain=True))
    settle(farm)
    window.actions_["undrain"].trigger()
    assert link.commands()[-1] == DrainNode(nodes=[1], on=False)


def test_a_node_is_asked_until_it_shows(farm, link, operations, model):
    link.at_once = False
    operations.do(DrainNode(nodes=[2], on=True), "Drain node02")
    assert model.index(1, 0).data(ASKED)
    assert not model.index(0, 0).data(ASKED)
    link.deliver()


def test_equipment_in_words():
    row = node_row(1, [device_row(), device_row(), device_row("cpu")], cores=64)
    assert equipment(row) == "2 GPUs, 64 cores, 64 GiB"
    assert equipment(node_row(1, [device_row("cpu")], cores=1, memory_bytes=0)) == "1 core"


def test_without_nodes_it_says_what_to_do(window, link, farm):
    link.show(snapshot())
    settle(farm)
    assert window.nodes._stack.currentIndex() == 1
    assert window.nodes._empty.title.text() == "No nodes yet"


changes = st.lists(
    st.one_of(
        st.tuples(st.just("node"), st.integers(1, 9), st.sampled_from(["idle", "busy", "lost"])),
        st.tuples(st.just("rename"), st.integers(1, 9), st.integers(0, 99)),
        st.tuples(st.just("sample"), st.integers(1, 9), st.integers(0, 100)),
        st.tuples(st.just("reset"), st.integers(0, 9), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=12)
@given(changes)
def test_under_churn_it_holds_the_nodes_of_the_farm(qapp, given_changes):
    link, farm = FakeLink(), Farm()
    farm.attach(link)
    link.show(snapshot(nodes=[node_row(1), node_row(2)]))
    model = NodeModel(farm, Operations(farm))
    QAbstractItemModelTester(model, FATAL, model)
    settle(farm)
    for what, node, value in given_changes:
        row = link.replica.nodes.get(node, node_row(node))
        match what:
            case "node":
                link.change(replaced(row, state=value))
            case "rename":
                link.change(replaced(row, name=f"node{value}"))
            case "sample":
                link.change(samples=[sample(node, NOW, float(value), [], 5.0)])
            case "reset":
                link.show(snapshot(nodes=[node_row(n) for n in range(1, node + 1)]))
        settle(farm)
    shown = {model.node_of(model.index(row, 0)).id for row in range(model.rowCount())}
    assert shown == set(link.replica.nodes)
