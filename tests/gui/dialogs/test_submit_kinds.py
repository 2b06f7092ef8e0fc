"""Whatever a person hands in: each kind is read, asked about, said before it is made, and made."""

import json
import shutil
from pathlib import Path

import pytest

from app.errors import UserMistake
from app.gui.dialogs import submit_kinds
from app.gui.dialogs.submit import SubmitDialog
from app.gui.dialogs.submit_form import BLEND, BUNDLE, PROGRAM, changed
from app.gui.dialogs.submit_kinds import make_request, may_be_one, read_form
from app.gui.settings import Settings
from app.submit.from_blend import BlendScene
from node_agent.wire.job import CommandWork, OpenJDWork

TEMPLATE = {
    "specificationVersion": "jobtemplate-2023-09",
    "name": "Sweep",
    "parameterDefinitions": [
        {"name": "Start", "type": "INT", "default": 1},
        {"name": "Word", "type": "STRING", "default": "tea"},
    ],
    "steps": [
        {
            "name": "Speak",
            "script": {"actions": {"onRun": {"command": "echo", "args": ["{{Param.Word}}"]}}},
        }
    ],
}


@pytest.fixture
def bundle(tmp_path) -> Path:
    folder = tmp_path / "sweep"
    folder.mkdir()
    (folder / "template.json").write_text(json.dumps(TEMPLATE))
    values = {"parameterValues": [{"name": "Word", "value": "coffee"}]}
    (folder / "parameter_values.json").write_text(json.dumps(values))
    return folder


@pytest.fixture
def dialog(qtbot, farm, operations, bridge, tmp_path):
    settings = Settings(str(tmp_path / "window.ini"))
    made = SubmitDialog(farm, operations, bridge, None, None, settings)
    qtbot.addWidget(made)
    made.show()
    yield made
    settings._timer.stop()


def seen(dialog) -> set[str]:
    return {name for name, row in dialog._rows.items() if dialog._form.isRowVisible(row)}


def test_a_bundle_is_read_asked_about_and_made(bundle):
    form = read_form(bundle)
    assert (form.kind, form.shot) == (BUNDLE, "sweep")
    assert form.parameters == {"Start": "1", "Word": "coffee"}
    assert form.promise([]) == "1 step: Speak; at the bottom of the queue."
    request = make_request(changed(form, parameters={"Start": "1", "Word": "cocoa"}), 7)
    work = request.steps[0].work
    assert isinstance(work, OpenJDWork)
    assert request.before == 7
    assert "cocoa" in repr(work)


def test_its_template_may_be_named_instead_of_its_folder(bundle):
    assert read_form(bundle / "template.json").file == bundle


def test_a_blend_is_asked_about_by_blender(monkeypatch, tmp_path):
    found = BlendScene(
        scene="Scene",
        engine="CYCLES",
        first=1,
        last=48,
        stride=1,
        width=1920,
        height=1080,
        format="OPEN_EXR",
        is_movie=False,
        output="//out",
        camera="Cam",
        cameras=["Cam", "Close"],
    )
    monkeypatch.setattr(submit_kinds.from_blend, "describe", lambda file: found)
    form = read_form(tmp_path / "sh0040.blend")
    assert (form.kind, form.frames, form.cameras) == (BLEND, "1-48", ["Cam", "Close"])
    words = "48 frames of 1920 × 1080 pixels by Blender, at the bottom of the queue."
    assert form.promise([]) == words


def test_any_program(tmp_path):
    form = changed(
        submit_kinds.program_form(),
        project="NZ2",
        sequence="sq010",
        shot="sh0040",
        command=f"{shutil.which('cp')} 'in put.{{frame}}.exr' {{output}}",
        frames="1-3",
        out=str(tmp_path),
    )
    assert form.promise([]) == "3 tasks, at the bottom of the queue."
    work = make_request(form, 0).steps[0].work
    assert isinstance(work, CommandWork)
    assert work.argv[1:] == ["in put.{frame}.exr", "{output}"]
    assert work.output.directory == str(tmp_path)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"command": " "}, "command"), ({"command": "cp a {output}", "out": ""}, "out")],
)
def test_what_is_wrong_with_a_program(fields, field):
    form = changed(submit_kinds.program_form(), project="a", sequence="b", shot="c", **fields)
    assert field in form.problems()
    assert form.promise([]) == ""


def test_an_open_quotation_mark_is_a_sentence():
    with pytest.raises(UserMistake, match="quotation mark"):
        submit_kinds.words_of("cp 'a b")


def test_what_cannot_be_handed_in_is_named(tmp_path):
    with pytest.raises(UserMistake, match=r"cat\.jpg cannot be handed in"):
        read_form(tmp_path / "cat.jpg")


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("a.usdc", True),
        ("a.glb", True),
        ("a.blend", True),
        ("bundle", True),
        ("template.yaml", True),
        ("a.jpg", False),
    ],
)
def test_a_drag_is_judged_by_names(name, may):
    assert may_be_one(Path("/x") / name) is may


def test_the_dialog_asks_for_what_the_kind_needs(qtbot, dialog, bundle):
    dialog.load(bundle)
    qtbot.waitUntil(lambda: dialog.form is not None, timeout=30_000)
    assert seen(dialog) == {"parameters"}
    dialog.parameters["Word"].setText("cocoa")
    dialog._check()
    assert dialog.form.parameters["Word"] == "cocoa"
    dialog.run_program()
    assert dialog.form.kind == PROGRAM
    assert seen(dialog) == {"command", "frames", "out", "pattern"}
    assert dialog.parameters == {}


def test_a_project_remembers_its_samples_and_folder(dialog):
    form = changed(submit_kinds.program_form(), project="NZ2", samples=512, out="/renders/nz2")
    dialog._remember(form)
    again = dialog._remembered(changed(submit_kinds.program_form(), project="NZ2"))
    assert (again.samples, again.out) == (512, "/renders/nz2")
    other = dialog._remembered(changed(submit_kinds.program_form(), project="other"))
    assert other.out == ""


def test_several_dropped_files_come_one_by_one(qtbot, window, tmp_path):
    window.open_submit(tmp_path / "a.jpg", tmp_path / "b.jpg")
    first = window.findChild(SubmitDialog)
    assert first.file.text().endswith("a.jpg")
    first.reject()
    qtbot.waitUntil(
        lambda: any(d.file.text().endswith("b.jpg") for d in window.findChildren(SubmitDialog))
    )
    for dialog in window.findChildren(SubmitDialog):
        dialog.reject()
