"""The flipbook shows finished frames by a decoder of its own, plays them as they come, and compares versions."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.core.commands import FarmRules, GetRules
from app.core.ids import TaskState
from app.core.views import TaskChange
from app.gui.frames import reader as readers
from app.gui.frames.canvas import Canvas
from app.gui.frames.flip import stills
from app.gui.frames.flipbook import Flipbook
from app.gui.frames.reader import FrameReader, Look
from node_agent.wire.job import PathRoots
from tests.gui.fakes import job_row, replaced, shot_row, snapshot, step_row
from tests.gui.fixtures import settle
from tests.gui.pictures import png

WAIT_MS = 60_000
DONE, READY = int(TaskState.DONE), int(TaskState.READY)


def write_frames(folder: Path, colours: dict[int, str]) -> None:
    folder.mkdir(exist_ok=True)
    for frame, colour in colours.items():
        (folder / f"f.{frame:04d}.png").write_bytes(png(colour))


def step(folder: Path, number: int, states: list[int]):
    row = step_row(number, bytes(states))
    return replaced(row, shot=1, job=number, directory=str(folder), pattern="f.{frame:04d}.png")


@pytest.fixture
def folder(tmp_path):
    write_frames(tmp_path / "v1", {1001: "#aa0000", 1002: "#00aa00", 1003: "#0000aa"})
    write_frames(tmp_path / "v2", {1001: "#777700", 1002: "#007777"})
    return tmp_path


@pytest.fixture
def book(qtbot, farm, link, folder):
    jobs = [replaced(job_row(n), shot=1, steps=[n]) for n in (1, 2)]
    old, new = step(folder / "v1", 1, [DONE] * 3), step(folder / "v2", 2, [DONE, DONE, READY])
    link.show(snapshot([replaced(shot_row(1), jobs=[1, 2])], jobs, [old, new]))
    settle(farm)
    made = Flipbook(farm, 1)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # qtbot closes it
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shut_down()


def colour(book) -> str:
    image = book.canvas._image
    return image.pixelColor(2, 2).name() if image is not None else ""


def shows(qtbot, book, name):
    qtbot.waitUntil(lambda: colour(book) == name, timeout=WAIT_MS)


def test_the_newest_version_is_shown_and_an_older_one_on_demand(qtbot, book):
    shows(qtbot, book, "#777700")
    book.version.setCurrentIndex(1)
    shows(qtbot, book, "#aa0000")
    book.slider.setValue(2)
    shows(qtbot, book, "#0000aa")
    assert book.frame == 1003


def test_what_is_not_finished_is_said_and_shown_when_it_is(qtbot, book, farm, link, folder):
    book.slider.setValue(2)
    assert "1003 is not finished" in book.canvas._words
    write_frames(folder / "v2", {1003: "#123456"})
    link.change(tasks=[TaskChange(2, 2, DONE, 1, 0)])
    settle(farm)
    shows(qtbot, book, "#123456")


def test_it_plays_what_is_finished_in_a_circle(qtbot, book):
    seen = []
    book.slider.valueChanged.connect(seen.append)
    book.fps.setValue(100)
    QTest.keyClick(book, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(seen) >= 4, timeout=WAIT_MS)
    QTest.keyClick(book, Qt.Key.Key_Space)
    assert set(seen) == {0, 1}  # the third frame is not finished
    assert not book._clock.isActive()


def test_a_step_at_a_time_by_keys(book):
    QTest.keyClick(book, Qt.Key.Key_Right)
    assert book.frame == 1002
    QTest.keyClick(book, Qt.Key.Key_Left)
    assert book.frame == 1001


def test_two_versions_side_by_side_with_a_wipe(qtbot, book):
    book.other.setCurrentText(book.version.itemText(1))
    shows(qtbot, book, "#777700")
    qtbot.waitUntil(lambda: book.canvas._other is not None, timeout=WAIT_MS)
    place = book.canvas.place()
    shot = book.canvas.grab().toImage()
    y = int(place.center().y())
    ratio = shot.devicePixelRatio()
    left, right = place.left() + 0.25 * place.width(), place.left() + 0.75 * place.width()
    assert shot.pixelColor(int(left * ratio), int(y * ratio)).name() == "#777700"
    assert shot.pixelColor(int(right * ratio), int(y * ratio)).name() == "#aa0000"


def test_exposure_changes_the_picture_and_its_button_puts_it_back(qtbot, book):
    shows(qtbot, book, "#777700")
    book.exposure.setValue(2)
    qtbot.waitUntil(lambda: colour(book) > "#8", timeout=WAIT_MS)
    assert book.stops.text() == "+1.0"
    book.stops.click()
    shows(qtbot, book, "#777700")


def test_values_under_the_pointer(qtbot, book):
    shows(qtbot, book, "#777700")
    book.canvas.pointed.emit(0.5, 0.5)
    qtbot.waitUntil(lambda: "0.4667" in book.values.text(), timeout=WAIT_MS)
    book.canvas.pointed.emit(-1.0, -1.0)
    assert book.values.text() == ""


def test_a_truncated_file_says_so(qtbot, book, folder):
    (folder / "v1" / "f.1002.png").write_bytes(png("#00aa00")[:60])
    book.version.setCurrentIndex(1)
    book.slider.setValue(1)
    qtbot.waitUntil(lambda: "f.1002.png" in book.canvas._words, timeout=WAIT_MS)
    assert colour(book) == ""


def test_a_movie_of_what_is_finished(qtbot, book, tmp_path):
    told = []
    book._movie.told.connect(told.append)
    with qtbot.waitSignal(book._movie.ended, timeout=WAIT_MS):
        book.write_movie(str(tmp_path / "out.mp4"))
        assert book.movie.text() == "Stop the movie"
    assert told[-1] == f"The movie is in {tmp_path / 'out.mp4'}"
    assert (tmp_path / "out.mp4").stat().st_size > 500
    assert book.movie.text() == "Save a movie…"


def test_a_movie_that_cannot_be_written_says_why(qtbot, book, tmp_path):
    with qtbot.waitSignal(book._movie.ended, timeout=WAIT_MS):
        book.write_movie(str(tmp_path / "no" / "out.mp4"))
    assert "out.mp4" in book.values.text()


def test_a_movie_is_given_up(qtbot, book, tmp_path):
    with qtbot.waitSignal(book._movie.ended, timeout=WAIT_MS):
        book.write_movie(str(tmp_path / "out.mp4"))
        book._movie._process.started.connect(book.movie.click)
    assert not list(tmp_path.glob("*out.mp4*"))
    assert book.values.text() == "The movie was given up"


def test_files_are_looked_for_where_this_system_has_them(book, link, farm):
    link.answers[GetRules] = lambda _: FarmRules(
        paths=[PathRoots(linux="/mnt/here", windows="R:\\film")], log_rules=[]
    )
    row = replaced(farm.replica.steps[2].row, directory="R:\\film\\nz2")
    assert stills(row, link.answers[GetRules](None).paths)[0].file.startswith("/mnt/here/nz2/")
    farm.ask(GetRules(), book._take_rules)
    assert book._paths[0].linux == "/mnt/here"


def test_a_shot_that_writes_nothing_says_so(qtbot, farm):
    made = Flipbook(farm, 77)
    qtbot.addWidget(made)
    assert "writes no pictures" in made.canvas._words


def test_frames_of_chunks_and_patterns():
    row = replaced(step_row(1, bytes(2)), directory="/r", pattern="a.{frame:04d}.exr")
    assert [each.file for each in stills(row)][:1] == [f"/r/a.{stills(row)[0].number:04d}.exr"]
    assert stills(replaced(row, directory="")) == []


def test_a_decoder_that_dies_costs_one_file_and_is_started_again(
    qtbot, folder, monkeypatch, tmp_path
):
    code = (
        "import sys, json\n"
        "for line in sys.stdin:\n"
        "    ask = json.loads(line)\n"
        "    if 'bad' in ask['file']: sys.exit(9)\n"
        "    head = dict(id=ask['id'], sentence='fine', width=0, height=0, full_width=0,"
        " full_height=0, planes=[], values=[], size=0)\n"
        "    print(json.dumps(head), flush=True)\n"
    )
    (tmp_path / "dying_decoder.py").write_text(code)
    monkeypatch.setattr(readers, "MODULE", "dying_decoder")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made, heard = FrameReader(), []
    for name in ("bad.exr", "good.exr", "worse-bad.exr", "last.exr"):
        made.read(Look(name), lambda got, name=name: heard.append((name, got.sentence)))
    qtbot.waitUntil(lambda: len(heard) == 4, timeout=WAIT_MS)
    made.shut_down()
    assert dict(heard) == {
        "bad.exr": "The decoder ended while it read bad.exr.",
        "good.exr": "fine",
        "worse-bad.exr": "The decoder ended while it read worse-bad.exr.",
        "last.exr": "fine",
    }
    assert sys.executable


def test_the_wipe_follows_the_hand_and_the_wheel_zooms(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 200)
    image = QImage(40, 20, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    canvas.show_image(image)
    canvas.compare(image)
    canvas.show()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    QTest.mouseMove(canvas, QPointF(100, 100).toPoint())
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPointF(100, 100).toPoint())
    assert canvas.wipe == pytest.approx(0.25, abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert canvas.wipe == pytest.approx(0.27, abs=0.01)
    assert canvas.zoom == 1.0


def test_it_is_closed_by_its_button_and_by_escape(qtbot, farm):
    for close in (Flipbook.close, Flipbook.reject):  # found by the monkey: neither did
        made = Flipbook(farm, 1)
        qtbot.addWidget(made)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        made.show()
        close(made)
        assert not made.isVisible()
