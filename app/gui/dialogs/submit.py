"""The dialog that hands in a USD scene as a shot.

The file is read in a child process, and its folder is claimed by another thread: here is only what the
person sees meanwhile. Whatever comes back after the dialog has closed is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QWidget,
)
from shiboken6 import isValid

from app.core.commands import Receipt, Submit
from app.errors import WindfireError
from app.gui.bridge import Bridge, Farm
from app.gui.dialogs.base import Dialog, primary
from app.gui.dialogs.submit_form import BOTTOM, SAMPLES_MAX, SIDE_MAX, TOP, SubmitForm, changed
from app.gui.dialogs.submit_form import filled_from as form_of
from app.gui.operations import Operations
from app.gui.widgets.make import label
from app.gui.widgets.number import NumberField
from app.gui.words import mark, tr
from app.submit.any_file import SUFFIXES, file_request, inspect_file

HINT = mark("Drop a USD file on the window, or choose one. What it says of itself is filled in.")
PATTERN = " ".join(f"*{suffix}" for suffix in SUFFIXES)
PLACES_MAX = 200
"""Shots in the list of places; whoever wants a later one drags."""


def scene_in(data: QMimeData) -> Path | None:
    """Return the scene that a drag of files carries; None if it carries none."""
    for url in data.urls():
        file = Path(url.toLocalFile())
        if url.isLocalFile() and file.suffix.lower() in SUFFIXES:
            return file
    return None


class SubmitDialog(Dialog):
    """Add shot…"""

    def __init__(
        self,
        farm: Farm,
        operations: Operations,
        bridge: Bridge,
        scene: Path | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Add a shot"), tr(HINT), parent, width=560)
        self._farm, self._operations, self._bridge = farm, operations, bridge
        self.form: SubmitForm | None = None
        self.read = inspect_file
        """Reads a scene; tests give their own."""
        self.make = file_request
        self._make_fields()
        self._lay_out()
        if scene is not None:
            self.load(scene)

    # --- reading the file -------------------------------------------------------------------------------

    def load(self, file: Path) -> None:
        """Read the scene in the background, and fill in what it says."""
        self.file.setText(str(file))
        self._say("")
        self._busy(tr("Reading {file}…").format(file=file.name))
        self._work(lambda: form_of(*self.read(file)), self._show_form)

    def _show_form(self, form: SubmitForm) -> None:
        self.form = form
        self._pages.setCurrentIndex(1)
        for name in ("project", "sequence", "shot", "frames"):
            self.fields[name].setText(getattr(form, name))
        self.camera.clear()
        for path in form.cameras:
            self.camera.addItem(path.rpartition("/")[2] or path, path)
        if not form.cameras:
            self.camera.addItem(tr("One that sees everything"), "")
        self.width_.set_value(form.width)
        self.height_.set_value(form.height)
        self.samples.set_value(form.samples)
        self._list_places()
        self._check()
        self.fields["shot"].setFocus()

    def _list_places(self) -> None:
        self.place.clear()
        self.place.addItem(tr("At the bottom of the queue"), BOTTOM)
        self.place.addItem(tr("At the top of the queue"), TOP)
        for row in self._farm.replica.queue()[:PLACES_MAX]:
            name = f"{row.sequence} / {row.name}"
            self.place.addItem(tr("Before {shot}").format(shot=name), row.id)

    # --- what is asked ------------------------------------------------------------------------------------

    def _check(self) -> None:
        """Take the fields into the form; say what they will make, or what is wrong."""
        if self.form is None:
            return
        self.form = changed(
            self.form,
            **{name: field.text() for name, field in self.fields.items()},
            camera=self.camera.currentData() or "",
            width=self.width_.value(),
            height=self.height_.value(),
            samples=self.samples.value(),
            place=self.place.currentData() or BOTTOM,
        )
        problems = self.form.problems()
        for name, field in self.fields.items():
            _mark(field, is_invalid=name in problems)
        self._say(next(iter(problems.values()), ""), self.form.promise(self._farm.replica.queue()))
        self._submit.setEnabled(not problems)

    def _send(self) -> None:
        form = self.form
        if form is None or form.problems():
            return
        self._submit.setEnabled(False)
        self._say("", tr("Handing it in…"))
        before = form.before(self._farm.replica.queue())
        make = self.make
        self._work(
            lambda: make(form.file, form.choice(), shot=form.name, before=before), self._hand_in
        )

    def _hand_in(self, request: Submit) -> None:
        title = tr("Add {shot}").format(shot=f"{request.sequence} / {request.shot}")
        self._operations.do(request, title, self._handed_in)

    def _handed_in(self, _receipt: Receipt) -> None:
        if isValid(self):
            self.accept()

    # --- off Qt's thread ------------------------------------------------------------------------------------

    def _work(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        """Do the work on a thread of its own; ``done`` gets what it returns, if anyone still cares."""
        bridge = self._bridge

        def settle(result: object) -> None:
            if isValid(self) and self.isVisible():
                self._fail(result) if isinstance(result, WindfireError) else done(result)

        def run() -> None:
            try:
                result: object = work()
            except WindfireError as fault:
                result = fault
            bridge.post(lambda: settle(result))

        threading.Thread(target=run, name="submit", daemon=True).start()

    def _fail(self, fault: WindfireError) -> None:
        self._pages.setCurrentIndex(1 if self.form else 0)
        self._say(fault.sentence)
        self._submit.setEnabled(self.form is not None)

    # --- parts --------------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.file = QLineEdit(placeholderText=tr("A .usd, .usda, .usdc or .usdz file"))
        self.fields = {name: QLineEdit() for name in ("project", "sequence", "shot", "frames")}
        self.fields["frames"].setToolTip(tr("1001-1100, 1001-1100x2 or 1,5,10-12"))
        self.camera, self.place = QComboBox(), QComboBox()
        self.width_ = NumberField(1, SIDE_MAX, tr("Width in pixels"))
        self.height_ = NumberField(1, SIDE_MAX, tr("Height in pixels"))
        self.samples = NumberField(1, SAMPLES_MAX, tr("Samples a pixel"))
        names = {
            self.file: tr("Scene file"),
            self.camera: tr("Camera"),
            self.place: tr("Place in the queue"),
            self.fields["project"]: tr("Project"),
            self.fields["sequence"]: tr("Sequence"),
            self.fields["shot"]: tr("Shot"),
            self.fields["frames"]: tr("Frames"),
        }
        for widget, name in names.items():
            widget.setAccessibleName(name)
        for field in self.fields.values():
            field.textEdited.connect(self._check)
        for box in (self.width_, self.height_, self.samples):
            box.value_changed.connect(self._check)
        for combo in (self.camera, self.place):
            combo.activated.connect(self._check)
        self.file.returnPressed.connect(lambda: self.load(Path(self.file.text())))

    def _lay_out(self) -> None:
        choose = QPushButton(tr("Choose…"))
        choose.setAccessibleName(tr("Choose a scene file"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose_file)
        self.body.addLayout(_side_by_side(self.file, choose))
        self._pages = QStackedWidget()
        for page in (QWidget(), self._form_page(), self._busy_page()):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages)
        self._promise = label("", "Hint", wraps=True)
        self._problem = label("", "Bad", wraps=True)
        self.body.addWidget(self._promise)
        self.body.addWidget(self._problem)
        self._submit, leave = primary(tr("Add shot")), QPushButton(tr("Cancel"))
        self._submit.setEnabled(False)
        self._submit.clicked.connect(self._send)
        leave.clicked.connect(self.reject)
        self.add_buttons(leave, self._submit)

    def _form_page(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 4, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        names = [self.fields[name] for name in ("project", "sequence", "shot")]
        form.addRow(tr("Project, sequence, shot"), _side_by_side(*names))
        form.addRow(tr("Frames"), self.fields["frames"])
        form.addRow(tr("Camera"), self.camera)
        form.addRow(tr("Size"), _side_by_side(self.width_, label("×"), self.height_))
        form.addRow(tr("Samples"), self.samples)
        form.addRow(tr("Place"), self.place)
        return page

    def _busy_page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        self._busy_words = label("", "Hint")
        bar = QProgressBar(minimum=0, maximum=0, textVisible=False)
        bar.setFixedWidth(140)
        row.addWidget(self._busy_words, 1)
        row.addWidget(bar)
        return page

    def _busy(self, words: str) -> None:
        self._busy_words.setText(words)
        self._pages.setCurrentIndex(2)
        self._submit.setEnabled(False)

    def _choose_file(self) -> None:
        kinds = f"{tr('USD scenes')} ({PATTERN})"
        dialog = QFileDialog(self, tr("Choose a scene"), self.file.text(), kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.load(Path(name)))
        dialog.open()

    def _say(self, problem: str, promise: str = "") -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._promise.setText(promise)
        self._promise.setVisible(bool(promise))


def _mark(field: QLineEdit, *, is_invalid: bool) -> None:
    if field.property("invalid") != is_invalid:
        field.setProperty("invalid", is_invalid)
        field.style().unpolish(field)
        field.style().polish(field)


def _side_by_side(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, QLabel | QPushButton) else 1)
    return row
