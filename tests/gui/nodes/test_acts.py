"""What is done with nodes: reserve, free, pools and tags, and a look into one."""

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, Qt

from app.core import commands as c
from app.core.views import AttemptRow
from app.gui import text
from app.gui.dialogs.pools import PoolsDialog
from app.gui.dialogs.reserve import ReserveDialog
from app.gui.nodes.detail import NodeDialog, curves_of, facts_of, speed_of
from tests.gui.fakes import (
    NOW,
    attempt_cell,
    device_row,
    node_row,
    replaced,
    sample,
    small_farm,
)
from tests.gui.fixtures import settle


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    here = text.local
    monkeypatch.setattr(text, "local", lambda at, zone=None: here(at, zone or ZoneInfo("UTC")))


@pytest.fixture
def window_(window, farm, link):
    rows = [
        node_row(1, pools=["gpu", "night"], tags=["vray"], gflops=4100.0, disk_bps=2e9, done=3),
        node_row(2, pools=["gpu"], tags=["vray", "big"]),
    ]
    link.change(*rows)
    settle(farm)
    window.nodes.choose([1, 2])
    return window


def test_ux16_nodes_are_reserved_until_a_moment(qtbot, window_, link):
    window_.actions_["reserve"].trigger()
    dialog = window_.findChild(ReserveDialog)
    dialog.field.setText("in 3 h")
    dialog.project.setCurrentIndex(dialog.project.findData("NZ2"))
    dialog._keep()
    assert link.commands() == [c.ReserveNodes(nodes=[1, 2], until=NOW + 3 * 3600, project="NZ2")]
    assert "2 nodes" in window_.operations.undo_title
    assert window_.actions_["undo"].isEnabled()


@pytest.mark.parametrize("words", ["", "yesterday", "2020-01-01 10:00"])
def test_a_moment_that_is_none_reserves_nothing(qtbot, window_, link, words):
    dialog = ReserveDialog(window_.nodes.chosen(), [], NOW)
    qtbot.addWidget(dialog)
    dialog.field.setText(words)
    assert not dialog.keep.isEnabled()
    dialog._keep()
    assert link.commands() == []


def test_only_reserved_nodes_are_freed(window_, farm, link):
    link.change(replaced(farm.replica.nodes[2], reserved_until=NOW + 60))
    settle(farm)
    window_.actions_["free"].trigger()
    assert link.commands() == [c.ReserveNodes(nodes=[2], until=0.0)]


def test_ux16_pools_and_tags_begin_with_what_all_have(qtbot, window_, link):
    window_.actions_["pools"].trigger()
    dialog = window_.findChild(PoolsDialog)
    assert (dialog.pools.text(), dialog.tags.text()) == ("gpu", "vray")
    dialog.pools.setText("gpu, day  gpu")
    dialog._keep()
    assert link.commands() == [c.SetNode(nodes=[1, 2], pools=["gpu", "day"], tags=["vray"])]


def past(**fields) -> AttemptRow:
    given = {"step": 1, "task": 0, "epoch": 1, "shot": 2, "job": 2, "first": 1001, "last": 1004}
    given |= {"node": 1, "node_name": "node01", "device": 0, "started_at": NOW - 90}
    given |= {"ended_at": NOW - 30, "outcome": "failed", "cause": "exit", "sentence": "Exit 1."}
    given |= {"wall_s": 60.0, "cpu_s": 1.0, "peak_memory_bytes": 1, "samples": 1, "energy_j": 1.0}
    return AttemptRow(**(given | fields))


def test_a_node_shows_its_present_and_its_past(qtbot, window_, farm, link):
    link.answers[c.GetAttempts] = lambda ask: c.Attempts(rows=[past(), past(outcome="done")])
    window_.nodes.choose([1])
    window_.actions_["node_detail"].trigger()
    dialog = window_.findChild(NodeDialog)
    assert c.GetAttempts(node=1, count=200) in link.asked
    line = dialog.past.topLevelItem(0)
    assert [line.text(at) for at in (0, 1, 2, 4, 5)] == [
        "sq010 / sh0020",
        "1001–1004",
        "Failed",
        "1:00",
        "Exit 1.",
    ]
    busy = device_row(attempts=[attempt_cell(shot=1, frame=1007, progress=0.5, since=NOW - 120)])
    link.change(node_row(1, [busy], state="busy"))
    settle(farm)
    assert dialog.now.text() == "NZ2 / sq010 / sh0010, frame 1007: 50 % after 2 min"
    with qtbot.waitSignal(dialog.shot_wanted) as wanted:
        dialog.past.itemActivated.emit(line, 0)
    assert wanted.args == [2]
    assert window_.queue.view.chosen_shots() == [2]
    link.show(replaced(small_farm(), nodes=[]))
    settle(farm)
    assert "no longer" in dialog.facts.text()
    dialog.close()


def test_facts_and_measured_speed_are_told():
    row = node_row(1, pools=["gpu"], tags=["vray"], gflops=4100.0, disk_bps=2 << 30, done=1)
    row = replaced(row, reserved_until=NOW + 3600, away="An artist works here.")
    told = facts_of(row, NOW)
    assert {"pools: gpu", "tags: vray", "An artist works here."} <= set(told)
    assert any("kept free until" in fact for fact in told)
    assert speed_of(row) == [
        "4\N{THIN SPACE}100 GFLOP/s",
        "disk 2 GiB/s",
        "1 frame done",
        "0 failed",
    ]


def test_curves_are_of_what_the_node_has():
    with_gpu = [sample(1, NOW + at, 50.0, [80.0, 60.0], 25.0) for at in range(3)]
    assert [(title, figure) for title, figure, *_ in curves_of(with_gpu)] == [
        ("CPU", "50 %"),
        ("GPU", "70 %"),
        ("Temperature", "61 °C"),
        ("Power", "420 W"),
        ("Memory", "25 %"),
    ]
    without = [sample(1, NOW, 50.0, [], 25.0)]
    assert [title for title, *_ in curves_of(without)] == ["CPU", "Memory"]
    assert curves_of([]) == []


def test_a_right_click_on_a_node_offers_all_of_it(qtbot, window_, monkeypatch):
    shown = []
    monkeypatch.setattr("PySide6.QtWidgets.QMenu.popup", lambda menu, at: shown.append(menu))
    window_.nodes.menu_wanted.emit(QPoint(1, 1))
    names = [action.objectName() for action in shown[0].actions()]
    assert {"drain", "reserve", "free", "pools", "node_detail"} <= set(names)
    shown[0].close()


def test_return_on_a_node_looks_into_it(qtbot, window_):
    window_.nodes.choose([1])
    window_.nodes.view.setCurrentIndex(window_.nodes.model.index(0, 0))
    qtbot.keyClick(window_.nodes.view, Qt.Key.Key_Return)
    assert window_.findChild(NodeDialog) is not None
    window_.findChild(NodeDialog).close()
