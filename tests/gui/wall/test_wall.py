"""The farm wall: what it shows of a node, by which it is told apart, and what a hand and keys do."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from app.gui.settings import Settings
from app.gui.wall.measures import MEASURES, full_power, groups_of, parts_of, project_of
from app.gui.wall.panel import WallPanel
from app.gui.wall.sayings import node_sentence
from tests.gui.fakes import (
    NOW,
    attempt_cell,
    device_row,
    node_row,
    replaced,
    sample,
    shot_row,
    snapshot,
)
from tests.gui.fixtures import settle

STATES = ("idle", "busy", "draining", "drained", "lost", "offline")


def busy(shot, **fields):
    return device_row(attempts=[attempt_cell(shot=shot, frame=1007)], **fields)


@pytest.fixture
def wall(qtbot, farm, link, tmp_path):
    """Twelve nodes of two pools, two of each state."""
    nodes = [
        node_row(at, [busy(1)], state=STATES[at % 6], pools=["gpu"] if at < 8 else [])
        for at in range(12)
    ]
    samples = [sample(at, NOW, 20.0 + at, [90.0, 10.0], 50.0) for at in range(12)]
    link.show(snapshot([shot_row(1, project="NZ2")], nodes=nodes, samples=samples))
    settle(farm)
    settings = Settings(str(tmp_path / "w.ini"))
    panel = WallPanel(farm, settings)
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show()
    panel.refresh()
    yield panel
    settings.shut_down()


def point(wall, node) -> QPoint:
    return wall.view.box_of(node).center().toPoint()


def picture(wall, node) -> QImage:
    while wall.view._pending:
        wall.view._draw_slice()
    return wall.view.grab(wall.view.box_of(node).toRect()).toImage()


def test_pools_stand_apart_and_no_pool_comes_last():
    rows = [
        node_row(1),
        node_row(2, pools=["gpu"]),
        node_row(3, pools=["cpu", "gpu"]),
        node_row(4, pools=["gpu"]),
    ]
    grouped = groups_of(rows)
    assert list(grouped) == ["cpu", "gpu", ""]
    assert [row.id for row in grouped["gpu"]] == [2, 4]


@pytest.mark.parametrize(
    ("measure", "levels"),
    [
        ("gpu", (0.9, 0.1)),
        ("cpu", (0.25,)),
        ("memory", (0.5,)),
        ("temperature", (31 / 60, 31 / 60)),
        ("power", (210 / 400, 210 / 400)),
        ("project", (1.0,)),
    ],
)
def test_each_measure_is_a_part_of_full(measure, levels):
    row, shots = node_row(1, [busy(1)], state="busy"), {1: shot_row(1)}
    given = sample(1, NOW, 25.0, [90.0, 10.0], 50.0)
    assert parts_of(measure, row, given, shots, 400.0).levels == pytest.approx(levels, abs=0.01)
    lost = replaced(row, state="lost")
    assert parts_of(measure, lost, given, shots, 400.0).levels == (-1.0,)  # no stale green


def test_a_node_without_gpus_or_news_is_unknown_not_zero():
    row = node_row(1, [device_row("cpu")])
    assert parts_of("gpu", row, sample(1, NOW, 5.0, [], 5.0), {}, 400.0).levels == (-1.0,)
    assert parts_of("cpu", row, None, {}, 400.0).levels == (-1.0,)


def test_full_power_stands_still():
    assert full_power([]) == 400.0
    hot = sample(1, NOW, 1.0, [5.0], 1.0)
    assert full_power([hot]) == 400.0
    assert full_power([_watts(hot, 401.0)]) == full_power([_watts(hot, 499.0)]) == 500.0


def _watts(given, watts):
    return replaced(given, gpus=[replaced(given.gpus[0], power_w=watts)])


def test_the_project_is_that_of_most_devices():
    shots = {1: shot_row(1, project="A"), 2: shot_row(2, project="B")}
    row = node_row(1, [busy(2), busy(1), busy(2)])
    assert project_of(row, shots) == "B"
    assert project_of(node_row(1), shots) == ""


def test_a_node_keeps_its_place_whatever_it_does(wall, farm, link):
    before = dict(wall.view.places.cells)
    rows = list(farm.replica.nodes.values())
    link.change(*(replaced(row, state="lost") for row in rows[:5]))
    settle(farm)
    wall.refresh()
    for measure in MEASURES:
        wall.show_measure(measure)
        assert wall.view.places.cells == before


def test_ux20_states_differ_without_colour(wall):
    wall.show_measure("cpu")
    grey = {
        node: bytes(picture(wall, node).convertToFormat(QImage.Format.Format_Grayscale8).bits())
        for node in (1, 2, 4, 5)
    }
    assert len(set(grey.values())) == 4


def test_measures_look_different_and_are_kept(qtbot, wall):
    shown = []
    for measure in MEASURES:
        wall.buttons[measure].click()
        shown.append(picture(wall, 1))
    assert len({bytes(image.bits()) for image in shown}) >= 5
    assert wall._settings.get("wall/measure") == "project"
    again = WallPanel(wall._farm, wall._settings)
    qtbot.addWidget(again)
    assert again.view.measure == "project"


def test_a_click_chooses_and_ctrl_adds(qtbot, wall):
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(wall.view, left, none, point(wall, 3))
    assert wall.chosen() == [3]
    qtbot.mouseClick(wall.view, left, Qt.KeyboardModifier.ControlModifier, point(wall, 5))
    assert wall.chosen() == [3, 5]
    qtbot.mouseClick(wall.view, left, Qt.KeyboardModifier.ShiftModifier, point(wall, 7))
    assert wall.chosen() == [5, 6, 7]
    with qtbot.waitSignal(wall.opened) as opened:
        qtbot.mouseDClick(wall.view, left, none, point(wall, 7))
    assert opened.args == [7]


def test_ux25_keys_do_all_that_the_mouse_does(qtbot, wall):
    for key, expected in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_End, 11),
        (Qt.Key.Key_Left, 10),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(wall.view, key)
        assert wall.view.current == expected
    assert "node00" in wall.view.accessibleDescription()
    with qtbot.waitSignal(wall.opened):
        qtbot.keyClick(wall.view, Qt.Key.Key_Return)


def test_the_node_under_the_hand_is_told_in_words(wall, farm):
    wall.view.hovered.emit(1)
    words = wall.line.text()
    assert "node01, Busy" in words
    assert "GPU 50 %" in words
    assert "NZ2 / sq010 / sh0010  1007" in words
    assert "last heard" in node_sentence(farm, 4)
    assert node_sentence(farm, 99) == ""


def test_nodes_that_left_are_no_longer_chosen(wall, farm, link):
    wall.view.choose({3, 5}, 5)
    link.show(snapshot(nodes=[node_row(3)]))
    settle(farm)
    wall.refresh()
    assert wall.chosen() == [3]
    assert wall.view.current is None


def test_states_are_counted_in_words_and_glyphs(wall):
    assert wall.counts.counted == dict.fromkeys(STATES, 2)
    assert "Lost: 2" in wall.counts.accessibleName()


def test_the_wall_is_a_page_and_leads_to_the_list(qtbot, window, farm):
    window.actions_["wall"].trigger()
    assert window.pages.page == "wall"
    assert window.settings.get("window/page") == "wall"
    window.wall.refresh()
    window.wall.view.choose({2}, 2)
    assert [row.id for row in window.nodes.chosen()] == [2]
    assert window.actions_["drain"].isEnabled()
    window.actions_["find"].trigger()
    assert window.pages.page == "queue"


def test_an_empty_farm_says_so(qtbot, farm, link, wall):
    link.show(snapshot())
    settle(farm)
    wall.refresh()
    assert wall._stack.currentIndex() == 1


def test_715_nodes_and_1200_gpus_are_all_in_sight(qtbot, farm, link, tmp_path):
    from tests.gui.large_farm import large_farm

    link.show(large_farm())
    settle(farm)
    settings = Settings(str(tmp_path / "w.ini"))
    panel = WallPanel(farm, settings)
    qtbot.addWidget(panel)
    panel.resize(1100, 480)
    panel.show()
    panel.refresh()
    assert len(panel.view.places.cells) == 715
    strips = sum(len(parts.levels) for parts in panel.view.parts.values() if min(parts.levels) >= 0)
    gone = [row for row in farm.replica.nodes.values() if row.state == "lost"]
    lost = sum(device.kind == "cuda" for row in gone for device in row.devices)
    assert strips + lost == 1200
    assert panel.view.places.height <= panel.view.height()
    settings.shut_down()


def test_only_what_changed_is_painted_anew_a_few_cells_a_turn(qtbot, wall, farm, link, monkeypatch):
    wall.show_measure("cpu")
    picture(wall, 1)
    painted = []
    cell = wall.view._cell
    monkeypatch.setattr(
        wall.view, "_cell", lambda *given: (painted.append(given[2].id), cell(*given))
    )
    before = picture(wall, 1)
    link.change(
        samples=[sample(1, NOW + 1, 99.0, [1.0], 50.0), sample(2, NOW + 1, 22.0, [1.0], 50.0)]
    )
    settle(farm)
    wall.refresh()
    qtbot.waitUntil(lambda: not wall.view._pending, timeout=10_000)
    assert painted == [1]  # node 2 is as busy as it was
    assert picture(wall, 1) != before
    monkeypatch.setattr("app.gui.wall.view.SLICE_S", 0.0)
    wall.view._pending.update(dict.fromkeys(range(12)))
    wall.view._draw_slice()
    assert len(wall.view._pending) == 12  # time is up: the loop comes round first
    assert wall.view._slicer.isActive()
    monkeypatch.setattr("app.gui.wall.view.SLICE_S", 1.0)
    qtbot.waitUntil(lambda: not wall.view._pending, timeout=10_000)
    assert set(painted) == set(range(12))
