"""The dialog that hands in a shot: a scene, a .blend, a job bundle or any program (``submit_kinds``).

The file is read in a child process, and its folder is claimed by another thread: here is only what the
person sees meanwhile. Whatever comes back after the dialog has closed is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)
from shiboken6 import isValid

from app.core.commands import Receipt, Submit
from app.errors import WindfireError
from app.gui.bridge import Bridge, Farm
from app.gui.dialogs.base import Dialog, primary
from app.gui.dialogs.submit_form import (
    BOTTOM,
    FIELDS,
    PROGRAM,
    SAMPLES_MAX,
    SIDE_MAX,
    TOP,
    SubmitForm,
    changed,
)
from app.gui.dialogs.submit_kinds import make_request, may_be_one, program_form, read_form
from app.gui.operations import Operations
from app.gui.said import spoken
from app.gui.settings import Settings
from app.gui.widgets.make import label
from app.gui.widgets.number import NumberField
from app.gui.words import mark, tr
from app.submit.any_file import SUFFIXES

HINT = mark(
    "Drop a USD or glTF scene, a .blend or the folder of a job bundle on the window, or choose one here. What it "
    "says of itself is filled in."
)
PATTERN = " ".join(f"*{suffix}" for suffix in SUFFIXES)
TEXTS = ("project", "sequence", "shot", "frames", "command", "out", "pattern")
PLACES_MAX = 200
"""Shots in the list of places; whoever wants a later one drags."""


def scenes_in(data: QMimeData) -> list[Path]:
    """Return what of a drag of files may be handed in."""
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [file for file in files if may_be_one(file)]


class SubmitDialog(Dialog):
    """Add shot…"""

    def __init__(
        self,
        farm: Farm,
        operations: Operations,
        bridge: Bridge,
        scene: Path | None,
        parent: QWidget | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(tr("Add a shot"), tr(HINT), parent, width=560)
        self._farm, self._operations, self._bridge = farm, operations, bridge
        self._settings = settings
        self.form: SubmitForm | None = None
        self.read = read_form
        """Reads what is to be handed in; tests give their own."""
        self.make = make_request
        self._make_fields()
        self._lay_out()
        if scene is not None:
            self.load(scene)

    # --- reading the file -------------------------------------------------------------------------------

    def load(self, file: Path) -> None:
        """Read what is there in the background, and fill in what it says."""
        self.file.setText(str(file))
        self._say("")
        self._busy(tr("Reading {file}…").format(file=file.name))
        self._work(lambda: self.read(file), self._show_form)

    def _show_form(self, form: SubmitForm) -> None:
        form = self.form = self._remembered(form)
        self._turn_to(1)
        self._show_rows(form)
        for name in TEXTS:
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
        self.fields["command" if form.kind == PROGRAM else "shot"].setFocus()

    def _show_rows(self, form: SubmitForm) -> None:
        """Ask for what this kind needs, and nothing else."""
        asked = FIELDS[form.kind]
        for name, row in self._rows.items():
            self._form.setRowVisible(row, name in asked)
        while self._values.rowCount():
            self._values.removeRow(0)
        self.parameters = {name: QLineEdit(value) for name, value in form.parameters.items()}
        for name, field in self.parameters.items():
            field.setAccessibleName(name)
            field.textEdited.connect(self._check)
            self._values.addRow(label(name), field)

    def run_program(self) -> None:
        """Ask for a program instead of a file."""
        self.file.clear()
        self._show_form(program_form())

    # --- what was chosen the last time ------------------------------------------------------------------

    def _remembered(self, form: SubmitForm) -> SubmitForm:
        """The form with the samples and folder that this project had the last time."""
        if self._settings is None:
            return form
        samples = str(self._settings.get(f"submit/{form.project}/samples", ""))
        out = str(self._settings.get(f"submit/{form.project}/out", ""))
        if samples.isdigit() and 1 <= int(samples) <= SAMPLES_MAX:
            form = changed(form, samples=int(samples))
        return changed(form, out=form.out or out)

    def _remember(self, form: SubmitForm) -> None:
        if self._settings is not None:
            self._settings.set(f"submit/{form.project}/samples", form.samples)
            if form.out:
                self._settings.set(f"submit/{form.project}/out", form.out)

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
            parameters={name: field.text() for name, field in self.parameters.items()},
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
        self._remember(form)
        before = form.before(self._farm.replica.queue())
        make = self.make
        self._work(lambda: make(form, before), self._hand_in)

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
        self._turn_to(1 if self.form else 0)
        self._say(spoken(fault.sentence))
        self._submit.setEnabled(self.form is not None)

    # --- parts --------------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.file = QLineEdit(placeholderText=tr("Scene, .blend or job bundle"))
        self.fields = {name: QLineEdit() for name in TEXTS}
        self.parameters: dict[str, QLineEdit] = {}
        self.fields["command"].setPlaceholderText("oiiotool in.{frame}.exr -o {output}")
        self.fields["pattern"].setPlaceholderText("frame.{frame:04d}.exr")
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
            self.fields["command"]: tr("Program and arguments"),
            self.fields["out"]: tr("Folder for the frames"),
            self.fields["pattern"]: tr("Name of a frame's file"),
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
        folder, program = QPushButton(tr("Bundle…")), QPushButton(tr("Program…"))
        folder.setAccessibleName(tr("Choose the folder of a job bundle"))
        program.setAccessibleName(tr("Run any program"))
        folder.clicked.connect(self._choose_folder)
        program.clicked.connect(self.run_program)
        for button in (folder, program):
            button.setAutoDefault(False)
        self.body.addLayout(_side_by_side(self.file, choose, folder, program))
        self._pages = QStackedWidget()
        for page in (QWidget(), self._form_page(), self._busy_page()):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages)
        self._turn_to(0)
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
        self._form = form = QFormLayout(page)
        form.setContentsMargins(0, 4, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        names = [self.fields[name] for name in ("project", "sequence", "shot")]
        form.addRow(tr("Project, sequence, shot"), _side_by_side(*names))
        values = QWidget()
        self._values = QFormLayout(values)
        self._values.setContentsMargins(0, 0, 0, 0)
        self._rows: dict[str, QWidget | QLayout] = {
            "command": self.fields["command"],
            "frames": self.fields["frames"],
            "camera": self.camera,
            "size": _side_by_side(self.width_, label("×"), self.height_),
            "samples": self.samples,
            "out": self.fields["out"],
            "pattern": self.fields["pattern"],
            "parameters": _scrolling(values),
        }
        titles = {
            "command": tr("Program"),
            "frames": tr("Frames"),
            "camera": tr("Camera"),
            "size": tr("Size"),
            "samples": tr("Samples"),
            "out": tr("Folder"),
            "pattern": tr("File name"),
            "parameters": tr("Parameters"),
        }
        for name, row in self._rows.items():
            form.addRow(titles[name], row)
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
        self._turn_to(2)
        self._submit.setEnabled(False)

    def _turn_to(self, page: int) -> None:
        """Show a page, and give the dialog its height: that of the tallest would be empty before a file is chosen."""
        kind = QSizePolicy.Policy
        for at in range(self._pages.count()):
            policy = kind.Preferred if at == page else kind.Ignored
            if widget := self._pages.widget(at):
                widget.setSizePolicy(policy, policy)
        self._pages.setCurrentIndex(page)
        QTimer.singleShot(0, self, self.adjustSize)

    def _choose_file(self) -> None:
        kinds = tr("Scenes") + f" ({PATTERN})"
        dialog = QFileDialog(self, tr("Choose a scene"), self.file.text(), kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.load(Path(name)))
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Choose the folder of a job bundle"), self.file.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
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


def _scrolling(inner: QWidget) -> QScrollArea:
    """A bundle of a large program has more parameters than a screen has lines."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    area.setMinimumHeight(240)
    area.setWidget(inner)
    return area


def _side_by_side(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, QLabel | QPushButton) else 1)
    return row
