"""The frame strip: a click hits the right frame at every zoom, and a hover says what is known."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.core.commands import Attempts, GetAttempts
from app.core.ids import TaskState
from app.core.views import AttemptRow, TaskChange
from app.gui import states
from app.gui.frames import cells
from app.gui.frames.strip import LABEL_PX, FrameStrip
from app.gui.frames.times import COUNT
from app.gui.wall.view import heat
from tests.gui.fakes import (
    NOW,
    attempt_cell,
    device_row,
    job_row,
    node_row,
    shot_row,
    snapshot,
    step_row,
)
from tests.gui.fixtures import settle

LEFT = Qt.MouseButton.LeftButton


def attempt(**fields):
    given = {
        "step": 1,
        "task": 5,
        "epoch": 2,
        "shot": 1,
        "job": 1,
        "first": 1006,
        "last": 1006,
        "node": 1,
        "node_name": "node01",
        "device": 0,
        "started_at": NOW,
        "ended_at": NOW + 67,
        "outcome": "failed",
        "cause": "",
        "sentence": "Disk full",
        "wall_s": 67.0,
        "cpu_s": 60.0,
        "peak_memory_bytes": 0,
        "samples": 0,
        "energy_j": 0.0,
    }
    return AttemptRow(**(given | fields))


@pytest.fixture
def strip(qtbot, farm, link):
    made = FrameStrip(farm)
    qtbot.addWidget(made)
    made.resize(LABEL_PX + 12 + 1000, 90)
    made.show()
    show(farm, link, 100)
    made.show_shot(1)
    return made


def show(farm, link, count, state=TaskState.READY):
    link.show(snapshot([shot_row(1)], [job_row(1)], [step_row(1, bytes([state] * count))]))
    settle(farm)


@pytest.mark.parametrize("count", [10, 100, 900, 10_000])
def test_a_click_hits_the_frame_under_it(strip, farm, link, count):
    show(farm, link, count)
    chosen = []
    strip.task_chosen.connect(lambda step, task: chosen.append((step, task)))
    for task in (0, count // 3, count - 1):
        at = strip.cell_rect(1, task).center().toPoint()
        QTest.mouseClick(strip.viewport(), LEFT, pos=at)
        assert chosen[-1][0] == 1
        # A pixel is the finest that a mouse can point to; ten thousand frames share a thousand.
        assert abs(chosen[-1][1] - task) <= count // 1000


@pytest.mark.parametrize("zoom", [1.0, 4.0, 40.0])
def test_ux11_a_click_hits_the_frame_under_it_at_every_zoom(strip, farm, link, zoom):
    show(farm, link, 900)
    strip.zoom_by(zoom, LABEL_PX + 500)
    chosen = []
    strip.task_chosen.connect(lambda step, task: chosen.append(task))
    visible = [task for task in range(900) if 100 < strip.cell_rect(1, task).center().x() < 1000]
    for task in visible[:: max(1, len(visible) // 7)]:
        QTest.mouseClick(strip.viewport(), LEFT, pos=strip.cell_rect(1, task).center().toPoint())
        assert abs(chosen[-1] - task) <= (1 if zoom == 1.0 else 0)


def test_nothing_is_hit_beside_the_cells(strip):
    for at in (QPoint(5, 20), QPoint(LABEL_PX + 1011, 20), QPoint(LABEL_PX + 40, 85)):
        assert strip.task_at(at) is None


def test_arrow_keys_go_from_frame_to_frame(strip):
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert strip.chosen == (1, 0)


def test_ux11_ten_thousand_frames_are_painted_and_none_that_failed_is_lost(strip, farm, link):
    show(farm, link, 10_000, TaskState.DONE)
    link.change(tasks=[TaskChange(1, 4321, int(TaskState.FAILED), 3, 0)])
    settle(farm)
    image = strip.viewport().grab().toImage()
    line = {image.pixelColor(x, 20).name() for x in range(LABEL_PX, image.width())}
    failed = states.colour("failed")
    reddish = [colour for colour in line if int(colour[1:3], 16) > failed.red() * 0.8]
    assert reddish


def test_the_tip_says_frame_state_and_then_node_and_time(strip, farm, link):
    link.answers[GetAttempts] = lambda body: Attempts(rows=[attempt()])
    link.change(tasks=[TaskChange(1, 5, int(TaskState.FAILED), 2, 0)])
    settle(farm)
    assert strip.tip(1, 5) == "render, frame 1006\nFailed"
    strip._hover = (1, 5)
    strip._show_tip(QPoint(0, 0))
    assert strip.tip(1, 5) == "render, frame 1006\nFailed\nnode01, 1:07\nDisk full"
    assert link.asked[-1] == GetAttempts(shot=1, step=1, task=5, count=1)


def test_the_tip_of_a_running_frame_says_how_far_it_is(strip, farm, link):
    link.change(node_row(4), tasks=[TaskChange(1, 3, int(TaskState.RUNNING), 1, 4, 0.42)])
    settle(farm)
    assert strip.tip(1, 3) == "render, frame 1004\nRendering\n42 % on node04"
    assert strip.tip(1, 999) == ""


def done_rows(*walls):
    return [
        attempt(task=at, first=1001 + at, last=1001 + at, outcome="done", wall_s=wall)
        for at, wall in enumerate(walls)
    ]


def test_ux15_the_longest_is_set_against_the_median(strip, farm, link):
    link.answers[GetAttempts] = lambda body: Attempts(rows=done_rows(60.0, 62.0, 250.0))
    link.change(shot_row(1, done=3))
    settle(farm)
    strip.times.ask()
    assert link.asked[-1] == GetAttempts(shot=1, count=COUNT)
    assert strip.times.summary() == "median 1:02, longest 4:10 (frame 1003)"


def test_ux15_a_running_frame_far_slower_than_its_like_is_a_runaway(strip, farm, link):
    link.answers[GetAttempts] = lambda body: Attempts(rows=done_rows(60.0, 60.0, 60.0))
    running = [TaskChange(1, task, int(TaskState.RUNNING), 1, 4, 0.1) for task in (7, 8)]
    slow = attempt_cell(step=1, task=7, shot=1, since=NOW - 240)
    usual = attempt_cell(step=1, task=8, shot=1, since=NOW - 90)
    devices = [device_row(attempts=[slow]), device_row(attempts=[usual])]
    link.change(shot_row(1, done=3), node_row(4, devices), tasks=running)
    settle(farm)
    assert not strip.times.is_runaway(1, 7)  # nobody knows yet what is usual
    strip.times.ask()
    assert strip.times.is_runaway(1, 7)
    assert not strip.times.is_runaway(1, 8)
    assert "4.0 times as long as the median" in strip.tip(1, 7)


@pytest.mark.parametrize("count", [20, 5_000])
def test_frames_that_are_done_have_the_heat_of_their_time(strip, farm, link, count):
    show(farm, link, count, TaskState.DONE)
    link.answers[GetAttempts] = lambda body: Attempts(rows=done_rows(*[10.0] * 19, 100.0))
    link.change(shot_row(1, done=count))
    settle(farm)
    strip.times.ask()
    strip.zoom_by(400.0, LABEL_PX)
    strip.set_hot(is_hot=True)
    image = strip.viewport().grab().toImage()

    def at(task):
        box = strip.cell_rect(1, task).toRect()
        return image.pixelColor(box.left() + 3, box.bottom() - 4).name()

    if count == 20:
        assert at(19) == heat(1.0).name()
    assert at(0) == heat(0.1).name()
    strip.set_hot(is_hot=False)
    image = strip.viewport().grab().toImage()
    assert at(0) != heat(0.1).name()


def test_many_frames_share_a_column_with_the_longest_time():
    levels = np.array([-1, 0.2, 0.9, 0.1], dtype=np.float32)
    assert cells.longest(levels, 2).tolist() == pytest.approx([0.2, 0.9])
    assert cells.longest(levels, 9) is levels


def test_keys_zoom_and_show_all_again(strip):
    strip.setFocus()
    wide = strip.cell_rect(1, 0).width()
    QTest.keyClick(strip, Qt.Key.Key_Plus)
    assert strip.cell_rect(1, 0).width() > wide
    QTest.keyClick(strip, Qt.Key.Key_0)
    assert strip.cell_rect(1, 0).width() == wide
