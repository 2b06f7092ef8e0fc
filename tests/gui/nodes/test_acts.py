"""What is done with nodes: reserve, free, pools and tags, and a look into one."""

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, Qt

from app.core import commands as c
from app.core.views import AttemptRow
from app.gui import text
from app.gui.dialogs.doctor import DoctorDialog
from app.gui.dialogs.pools import PoolsDialog
from app.gui.dialogs.reserve import ReserveDialog
from app.gui.main_window import MainWindow
from app.gui.nodes.detail import NodeDialog, curves_of, facts_of, speed_of
from app.gui.nodes.model import Column
from app.gui.nodes.panel import NodePanel
from app.gui.settings import Settings
from app.gui.wall.sayings import node_sentence
from app.gui.widgets.top_bar import farm_sentence
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


def test_nodes_are_put_to_sleep_and_woken_by_hand(window_, farm, link):
    acts = window_.actions_
    assert not acts["wake"].isEnabled()
    assert not acts["sleep"].isEnabled()
    link.change(replaced(farm.replica.nodes[1], can_sleep=True))
    settle(farm)
    assert acts["sleep"].isEnabled()  # without another choice: it has nothing left to do
    told = []
    window_.operations.said.connect(lambda words, kind: told.append((words, kind)))
    acts["sleep"].trigger()
    assert link.commands() == [c.SleepNodes(nodes=[1])]
    assert told == [("node01: sent to sleep until somebody wakes it.", "done")]
    asleep = replaced(farm.replica.nodes[1], state="asleep", asleep_since=NOW - 7200)
    link.change(replaced(asleep, can_sleep=False, can_wake=True, devices=[]))
    settle(farm)
    assert window_.nodes.model.idle_words(farm.replica.nodes[1]) == "asleep for 2 h 00 min"
    assert "asleep for 2 h 00 min" in node_sentence(farm, 1)
    assert "1 node asleep" in farm_sentence(farm.replica)
    assert "away" not in farm_sentence(farm.replica)
    assert acts["wake"].isEnabled()
    assert not acts["sleep"].isEnabled()
    acts["wake"].trigger()
    assert link.commands()[-1] == c.WakeNodes(nodes=[1])
    assert window_.operations.undo_title == ""


def test_the_doctor_wakes_what_would_run_the_shot(window_, link):
    why = "All nodes that can run it sleep: node01."
    remedy = c.Remedy(text="Wake it", command=c.WakeNodes(nodes=[1]))
    reason = c.Reason(kind="asleep", sentence=why, remedies=[remedy])
    link.answers[c.Explain] = lambda _: c.Explanation(title="Nothing runs.", reasons=[reason])
    window_.queue.view.choose([1])
    window_.actions_["explain"].trigger()
    dialog = window_.findChild(DoctorDialog)
    dialog.buttons[0].click()
    assert link.commands() == [c.WakeNodes(nodes=[1])]


def test_ux25_node_columns_are_chosen_ordered_and_kept(qtbot, window_, farm, bridge, tmp_path):
    columns, header = window_.nodes.columns, window_.nodes.view.header()
    titles = {action.text(): action for action in columns.menu().actions() if action.text()}
    assert not {"Node", "Working on"} & set(titles)
    titles["Memory"].trigger()
    assert header.isSectionHidden(Column.MEMORY)
    header.moveSection(header.visualIndex(Column.DONE), 1)
    window_.settings.save()
    qtbot.waitUntil((tmp_path / "window.ini").exists, timeout=30_000)
    again = MainWindow(farm, bridge, Settings(str(tmp_path / "window.ini")))
    qtbot.addWidget(again)
    there = again.nodes.view.header()
    assert not again.nodes.columns.is_shown(Column.MEMORY)
    assert there.visualIndex(Column.DONE) == 1
    again.nodes.columns.reset()
    assert again.nodes.columns.is_shown(Column.MEMORY)
    assert there.visualIndex(Column.DONE) == Column.DONE
    again.shut_down()


def test_node_columns_are_as_many_as_there_is_room_for(qtbot, window_, farm, link):
    panel = NodePanel(farm, window_.operations)
    qtbot.addWidget(panel)
    link.change(*(node_row(n, [device_row("cpu")]) for n in (1, 2)))
    settle(farm)
    panel.resize(1200, 300)
    panel.show()
    hidden = panel.view.header().isSectionHidden
    assert not hidden(Column.DONE)
    assert hidden(Column.TEMPERATURE)  # no node has a GPU
    panel.resize(440, 300)  # what it works on stays
    assert hidden(Column.DONE)
    assert panel.columns.is_shown(Column.DONE)
    assert not hidden(Column.WORK)


def test_past_work_is_a_column(farm, link, window_):
    link.change(node_row(1, done=12_400, failed=3))
    settle(farm)
    cell = window_.nodes.model.index(0, Column.DONE)
    assert cell.data() == "12\N{THIN SPACE}400, 3 failed"
    window_.nodes.view.resize(1200, 300)
    window_.nodes.view.grab()  # and is painted
