"""The flipbook: a shot's finished frames, played as they come, looked into, and compared with another version.

Opened from a shot or from a frame of the strip. Everything that takes time is the reader's; this is the
window around the canvas: what is shown of which frame, and the clock of the playback.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.client.connection import Outcome
from app.client.replica import Batch
from app.core.commands import FarmRules, GetRules
from app.gui.bridge import Farm
from app.gui.frames.canvas import Canvas
from app.gui.frames.flip import AHEAD, Pictures, Reel, reel, steps_of
from app.gui.frames.movie import MovieMaker
from app.gui.frames.reader import Decoded, FrameReader, Look
from app.gui.icons import icon
from app.gui.said import spoken
from app.gui.widgets.make import label, tool
from app.gui.words import tr
from node_agent.wire.job import PathRoots

FPS = 24
BEAUTY = "beauty"
SIDE = 1280
STOPS = 10
"""The exposure slider goes from -STOPS to STOPS, by halves."""


class Flipbook(QDialog):
    """Plays the frames of a shot."""

    def __init__(self, farm: Farm, shot: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm, self._shot = farm, shot
        self._reader = FrameReader(self)
        self._pictures = Pictures(self._reader, self._came)
        self._reels: list[Reel] = []
        self._paths: list[PathRoots] = []
        self._movie = MovieMaker(self)
        self._movie.told.connect(self._tell_movie)
        self._movie.ended.connect(self._name_movie)
        self._at = 0
        self._full = (0, 0)
        self._pixel: tuple[int, int] | None = None
        self._is_asking = False
        self._clock = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = farm.replica.shots.get(shot)
        self.setWindowTitle(tr("Frames of {shot}").format(shot=row.name if row else ""))
        self._make()
        self._take_reels()
        farm.changed.connect(self._take)
        farm.ask(GetRules(), self._take_rules)
        self.resize(1040, 700)

    # --- parts ------------------------------------------------------------------------------------------

    def _make(self) -> None:
        self.canvas = Canvas(self)
        self.canvas.pointed.connect(self._point)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Frame"))
        self.slider.valueChanged.connect(self._go)
        self.told = label("", "Hint")
        self.values = label("", "Hint")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addLayout(self._head())
        column.addWidget(self.canvas, 1)
        column.addWidget(self.slider)
        column.addLayout(self._controls())
        foot = QHBoxLayout()
        foot.addWidget(self.told, 1)
        foot.addWidget(self.values)
        column.addLayout(foot)

    def _head(self) -> QHBoxLayout:
        self.version = self._combo(tr("Version"), self._turn)
        self.other = self._combo(tr("Compare with"), self._show)
        self.plane = self._combo(tr("Plane"), self._turn)
        self._fill(self.plane, [BEAUTY])
        row = QHBoxLayout()
        for words, field in (
            (tr("Version"), self.version),
            (tr("Plane"), self.plane),
            (tr("Compare with"), self.other),
        ):
            row.addWidget(label(words, "Hint"))
            row.addWidget(field)
        row.addStretch()
        return row

    def _combo(self, name: str, slot: object) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(name)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.currentIndexChanged.connect(slot)
        return made

    def _controls(self) -> QHBoxLayout:
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.toggled.connect(self._play)
        self._name_play()
        self.fps = QSpinBox(minimum=1, maximum=120, value=FPS, suffix=" fps")
        self.fps.setAccessibleName(tr("Frames a second"))
        self.fps.valueChanged.connect(lambda fps: self._clock.setInterval(round(1000 / fps)))
        self.exposure = QSlider(Qt.Orientation.Horizontal)
        self.exposure.setRange(-2 * STOPS, 2 * STOPS)
        self.exposure.setAccessibleName(tr("Exposure in half stops"))
        self.exposure.setMaximumWidth(180)
        self.exposure.valueChanged.connect(self._turn)
        self.stops = QPushButton()
        self.stops.setToolTip(tr("Exposure; click to put it back to 0"))
        self.stops.setAutoDefault(False)
        self.stops.clicked.connect(lambda: self.exposure.setValue(0))
        self.movie = QPushButton()
        self.movie.setAutoDefault(False)
        self.movie.clicked.connect(self._make_movie)
        self._name_movie()
        row = QHBoxLayout()
        back = tool("chevron-left", tr("One frame back"), lambda: self._step(-1))
        ahead = tool("chevron-right", tr("One frame on"), lambda: self._step(1))
        for part in (back, self.play, ahead, self.fps):
            row.addWidget(part)
        row.addStretch()
        row.addWidget(self.movie)
        row.addStretch()
        row.addWidget(label(tr("Exposure"), "Hint"))
        row.addWidget(self.exposure)
        row.addWidget(self.stops)
        return row

    # --- the farm -----------------------------------------------------------------------------------------

    def _take_reels(self) -> None:
        """Read the shot's versions, the newest first, and keep what is chosen."""
        steps = steps_of(self._farm.replica, self._shot)
        self._reels = [
            each
            for each in (reel(s, self._name(s.row.job), self._paths) for s in steps)
            if each.stills
        ]
        names = [each.name for each in self._reels]
        if [self.version.itemText(at) for at in range(self.version.count())] != names:
            self._fill(self.version, names)
            self._fill(self.other, [tr("nothing"), *names])
        self._turn()

    def _take_rules(self, outcome: Outcome) -> None:
        if isinstance(outcome, FarmRules) and outcome.paths:
            self._paths = outcome.paths
            self._take_reels()

    def _name(self, job: int) -> str:
        row = self._farm.replica.jobs.get(job)
        return f"{row.name} #{job}" if row is not None else f"#{job}"

    def _fill(self, field: QComboBox, names: list[str]) -> None:
        was = field.currentText()
        with QSignalBlocker(field):
            field.clear()
            field.addItems(names)
            field.setCurrentIndex(max(field.findText(was), 0))

    def _take(self, batch: Batch) -> None:
        ours = {each.step for each in self._reels}
        if batch.reset or batch.step_rows:
            self._take_reels()
        elif ours & set(batch.steps):
            states = self._farm.replica.steps
            self._reels = [
                each.with_states(bytes(states[each.step].states)) if each.step in states else each
                for each in self._reels
            ]
            self._show()

    # --- what is shown --------------------------------------------------------------------------------------

    @property
    def reel(self) -> Reel | None:
        """The version that is shown; None where the shot writes no pictures."""
        at = self.version.currentIndex()
        return self._reels[at] if 0 <= at < len(self._reels) else None

    @property
    def frame(self) -> int:
        """The number of the frame that is shown."""
        chosen = self.reel
        return chosen.stills[self._at].number if chosen is not None else 0

    def show_task(self, step: int, task: int) -> None:
        """Go to a frame of the strip."""
        for at, each in enumerate(self._reels):
            if each.step == step:
                self.version.setCurrentIndex(at)
                places = [n for n, still in enumerate(each.stills) if still.task == task]
                self.slider.setValue(places[0] if places else 0)

    def _turn(self) -> None:
        """Another version, plane or exposure."""
        chosen = self.reel
        count = len(chosen.stills) if chosen is not None else 1
        self.slider.setEnabled(count > 1)
        self.slider.setMaximum(count - 1)
        self._at = min(self._at, count - 1)
        self.stops.setText(f"{self.exposure.value() / 2:+.1f}")
        self._show()

    def _go(self, at: int) -> None:
        self._at = at
        self._show()

    def _step(self, by: int) -> None:
        self.play.setChecked(False)
        self.slider.setValue(self._at + by)

    def _look(self, shown: Reel, at: int) -> Look:
        still = shown.stills[at]
        return Look(
            still.file,
            self.plane.currentText() or BEAUTY,
            self.exposure.value() / 2,
            SIDE,
            # Done again is another picture.
            hash((shown.step, still.task, shown.is_done(at))) & 0xFFFF,
        )

    def _show(self) -> None:
        """Show what is here of the chosen frame, and have the rest decoded."""
        chosen = self.reel
        if chosen is None:
            self.canvas.show_image(None, tr("This shot writes no pictures."))
            return
        self._is_asking = False  # a question that waits is forgotten with what else waits
        wanted = [self._look(chosen, at) for at in self._coming(chosen)]
        other = self._other_look()
        self._pictures.want([*wanted[:1], *([other] if other else []), *wanted[1:]])
        self._show_one(chosen)
        found = self._pictures.get(other) if other else None
        self.canvas.compare(found.image if found else None)

    def _show_one(self, chosen: Reel) -> None:
        got = self._pictures.get(self._look(chosen, self._at))
        words = ""
        if not chosen.is_done(self._at):
            words = tr("Frame {frame} is not finished yet").format(frame=self.frame)
            self.canvas.show_image(None, words)
        elif got is not None:
            words = spoken(got.sentence)
            self.canvas.show_image(got.image, spoken(got.sentence))
            self._take_planes(got)
        self.told.setText(f"{tr('Frame')} {self.frame}   {chosen.stills[self._at].file}")
        self.told.setToolTip(words)

    def _take_planes(self, got: Decoded) -> None:
        if got.image is None:
            return
        self._full = (got.full_width, got.full_height)
        if list(got.planes) != [self.plane.itemText(at) for at in range(self.plane.count())]:
            self._fill(self.plane, list(got.planes))

    def _coming(self, chosen: Reel) -> list[int]:
        """Return the places whose pictures are needed: this one, and where it plays the next ones."""
        places = [self._at] if chosen.is_done(self._at) else []
        at = self._at
        for _ in range(AHEAD if self.play.isChecked() else 0):
            at = chosen.next_done(at)
            if at not in places:
                places.append(at)
        return places

    def _other_look(self) -> Look | None:
        at = self.other.currentIndex() - 1
        if not 0 <= at < len(self._reels):
            return None
        other = self._reels[at]
        places = [n for n, each in enumerate(other.stills) if each.number == self.frame]
        return self._look(other, places[0]) if places and other.is_done(places[0]) else None

    def _came(self, _look: Look) -> None:
        chosen = self.reel
        if chosen is not None:
            self._show_one(chosen)
            other = self._other_look()
            found = self._pictures.get(other) if other else None
            self.canvas.compare(found.image if found else None)

    # --- playing --------------------------------------------------------------------------------------------

    def _play(self, on: bool) -> None:
        self._name_play()
        if on:
            self._clock.start(round(1000 / self.fps.value()))
            self._show()
        else:
            self._clock.stop()

    def _name_play(self) -> None:
        name = tr("Stop") if self.play.isChecked() else tr("Play the finished frames")
        self.play.setIcon(icon("pause" if self.play.isChecked() else "play"))
        self.play.setToolTip(name)
        self.play.setAccessibleName(name)

    def _tick(self) -> None:
        """Go on to the next finished frame if its picture is here; else this one stays until it is."""
        chosen = self.reel
        if chosen is None:
            return
        after = chosen.next_done(self._at)
        if self._pictures.get(self._look(chosen, after)) is not None:
            self.slider.setValue(after)

    # --- the movie ----------------------------------------------------------------------------------------

    def _make_movie(self) -> None:
        if self._movie.is_busy:
            self._movie.cancel()
            return
        dialog = QFileDialog(self, tr("Save the movie"), "", "MP4 (*.mp4)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("mp4")
        dialog.fileSelected.connect(self.write_movie)
        dialog.open()

    def write_movie(self, out: str) -> None:
        """Make a movie of what is finished of the version that is shown."""
        chosen = self.reel
        done = (
            [s.file for at, s in enumerate(chosen.stills) if chosen.is_done(at)] if chosen else []
        )
        if done:
            self._movie.start(out, done, self.fps.value())
            self._name_movie()

    def _name_movie(self) -> None:
        self.movie.setText(tr("Stop the movie") if self._movie.is_busy else tr("Save a movie…"))

    def _tell_movie(self, words: str) -> None:
        self.values.setText(words)

    # --- the hand ---------------------------------------------------------------------------------------------

    def _point(self, x: float, y: float) -> None:
        chosen = self.reel
        if x < 0 or chosen is None or not self._full[0] or not chosen.is_done(self._at):
            self.values.setText("")
            return
        self._pixel = int(x * self._full[0]), int(y * self._full[1])
        self._ask_pixel()

    def _ask_pixel(self) -> None:
        """One question at a time: the hand is faster than the decoder, and only its last place matters."""
        chosen, pixel = self.reel, self._pixel
        if chosen is None or pixel is None or self._is_asking or self.play.isChecked():
            return
        self._pixel, self._is_asking = None, True

        def take(got: Decoded) -> None:
            self._is_asking = False
            numbers = "  ".join(f"{value:.4g}" for value in got.values)
            self.values.setText(f"{pixel[0]}, {pixel[1]}   {numbers}")
            self._ask_pixel()

        self._reader.read_pixel(self._look(chosen, self._at), pixel, take)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self.play.toggle()
        elif event.key() in keys:
            self._step(keys[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shut_down()
        super().closeEvent(event)

    def reject(self) -> None:
        # Not close(): Qt's own answer to a close is this, and a close within a close closes nothing.
        self.shut_down()
        super().reject()

    def shut_down(self) -> None:
        """End the clock and the decoder."""
        self._clock.stop()
        self._reader.shut_down()
        self._movie.shut_down()
