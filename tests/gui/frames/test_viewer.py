"""The viewer shows the newest preview of what it should, and watches as long as it is seen."""

import pytest
from PySide6.QtGui import QColor

from app.core.commands import GetPreview, PreviewImage, WatchTask
from app.core.ids import TaskState
from app.core.views import PreviewNews, TaskChange
from app.gui.frames.decode import Decoder
from app.gui.frames.viewer import Viewer
from tests.gui.fixtures import settle
from tests.gui.pictures import png


@pytest.fixture
def viewer(qtbot, farm, link, bridge):
    decoder = Decoder(bridge)
    made = Viewer(farm, decoder)
    qtbot.addWidget(made)
    made.resize(400, 260)
    made.show()
    yield made
    made.hide()
    decoder.shut_down()


def news(colour, passes_done, task=3, epoch=1, shot=1):
    return PreviewNews(
        shot=shot,
        step=shot,
        task=task,
        epoch=epoch,
        frame=1001 + task,
        passes_done=passes_done,
        passes=64,
        image=png(colour),
    )


def run_task(farm, link, task=3, step=1):
    link.change(tasks=[TaskChange(step, task, int(TaskState.RUNNING), 1, 1, 0.1)])
    settle(farm)


def colour_shown(viewer):
    return viewer.grab().toImage().pixelColor(viewer.width() // 2, 100).name()


def test_a_running_frame_of_the_shot_is_watched_and_its_newest_picture_shown(
    qtbot, viewer, farm, link
):
    viewer.show_shot(1)
    run_task(farm, link)
    assert WatchTask(step=1, task=3, seconds=10.0) in link.asked
    link.tell_preview(news("#aa0000", 4))
    link.tell_preview(news("#00aa00", 8))
    qtbot.waitUntil(lambda: viewer.shown is not None and viewer.shown.passes_done == 8)
    assert colour_shown(viewer) == "#00aa00"
    assert viewer.shown.frame == 1004


def test_an_older_picture_never_replaces_a_newer_one(qtbot, viewer, farm, link):
    viewer.show_shot(1)
    run_task(farm, link)
    link.tell_preview(news("#00aa00", 8))
    qtbot.waitUntil(lambda: viewer.shown is not None)
    link.tell_preview(news("#aa0000", 4))
    link.tell_preview(news("#0000aa", 2, epoch=2))
    qtbot.waitUntil(lambda: viewer.shown.epoch == 2)
    assert colour_shown(viewer) == "#0000aa"


def test_other_shots_pictures_are_not_shown(qtbot, viewer, farm, link):
    viewer.show_shot(1)
    run_task(farm, link)
    link.tell_preview(news("#aa0000", 60, shot=2))
    link.tell_preview(news("#00aa00", 1))
    qtbot.waitUntil(lambda: viewer.shown is not None)
    assert viewer.shown.step == 1


def test_a_chosen_frame_is_asked_for_and_stays(qtbot, viewer, farm, link):
    link.answers[GetPreview] = lambda body: PreviewImage(
        image=png("#123456"),
        frame=1008,
        passes_done=64,
        passes=64,
        step=body.step or 1,
        task=max(body.task, 0),
        epoch=1,
    )
    viewer.show_shot(1)
    viewer.show_task(1, 7)
    run_task(farm, link)
    link.tell_preview(news("#aa0000", 4))
    qtbot.waitUntil(lambda: viewer.shown is not None)
    assert (viewer.shown.task, colour_shown(viewer)) == (7, "#123456")


def test_ux13_a_broken_picture_leaves_the_last_one(qtbot, viewer, farm, link):
    viewer.show_shot(1)
    run_task(farm, link)
    link.tell_preview(news("#00aa00", 1))
    qtbot.waitUntil(lambda: viewer.shown is not None)
    broken = news("#aa0000", 9)
    import msgspec

    link.tell_preview(msgspec.structs.replace(broken, image=b"broken"))
    link.tell_preview(news("#0000aa", 12))
    qtbot.waitUntil(lambda: viewer.shown.passes_done == 12)
    assert colour_shown(viewer) == "#0000aa"


def test_nothing_is_watched_that_nobody_sees(viewer, farm, link):
    viewer.hide()
    viewer.show_shot(1)
    run_task(farm, link)
    assert not [body for body in link.asked if isinstance(body, WatchTask)]
    viewer.show()
    assert [body for body in link.asked if isinstance(body, WatchTask)]


def test_without_a_shot_it_says_so(viewer):
    viewer.show_shot(0)
    assert viewer.shown is None
    assert QColor(colour_shown(viewer)).isValid()
    viewer.set_full(True)
    assert viewer.is_full
