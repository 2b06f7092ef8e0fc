"""What may be handed in, each kind with how it is read and what job it makes: a scene, a .blend, a bundle, a program.

No Qt. Reading and making touch the disk and start programs: a thread of the dialog's does that.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from app.core.commands import Submit
from app.errors import UserMistake
from app.gui.dialogs.submit_form import BLEND, BUNDLE, PROGRAM, SCENE, SubmitForm, filled_from
from app.gui.words import tr
from app.submit import from_blend, from_openjd
from app.submit.any_file import SUFFIXES, file_request, inspect_file
from app.submit.bundle import ENDINGS, read_bundle
from app.submit.from_command import command_request
from app.submit.naming import default_shot


def may_be_one(path: Path) -> bool:
    """Tell by the name alone whether it may be handed in: a drag must not wait for a disk. What has no suffix may
    be the folder of a bundle."""
    return path.suffix.lower() in SUFFIXES or not path.suffix or path.stem == "template"


def read_form(path: Path) -> SubmitForm:
    """Read what is at ``path``. Raises WindfireError, with one sentence."""
    path = path.expanduser().absolute()
    if path.is_dir() or (path.stem == "template" and path.suffix.lower() in ENDINGS):
        return _bundle_form(path if path.is_dir() else path.parent)
    if path.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        words = tr("{file} cannot be handed in: that takes {known} or the folder of a job bundle.")
        raise UserMistake(words.format(file=path.name, known=known))
    kind = BLEND if path.suffix.lower() == from_blend.SUFFIX else SCENE
    return replace(filled_from(*inspect_file(path)), kind=kind)


def program_form() -> SubmitForm:
    """The form of any program, to be filled in."""
    return SubmitForm(kind=PROGRAM, file=Path(), frames="1")


def make_request(form: SubmitForm, before: int) -> Submit:
    """Return the job. Raises WindfireError, with one sentence."""
    if form.kind == BUNDLE:
        return from_openjd.bundle_request(
            form.file, shot=form.name, parameters=form.parameters, before=before
        )
    if form.kind == PROGRAM:
        return command_request(
            words_of(form.command),
            shot=form.name,
            frames=form.frames,
            out=form.out or None,
            pattern=form.pattern or None,
            before=before,
        )
    return file_request(form.file, form.choice(), shot=form.name, before=before)


def words_of(line: str) -> list[str]:
    """Return the argv that a person wrote as a line. Raises UserMistake where a quote is open."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UserMistake(tr("The command has a quotation mark without its other.")) from error


def _bundle_form(folder: Path) -> SubmitForm:
    bundle = read_bundle(folder)
    name = default_shot(folder / f"{folder.name}.json")
    values = {
        str(each["name"]): str(each.get("default", "")) for each in _definitions(bundle.template)
    }
    values |= {key: str(value) for key, value in bundle.parameters.items()}
    return SubmitForm(
        kind=BUNDLE,
        file=folder,
        project=name.project,
        sequence=name.sequence,
        shot=name.shot,
        parameters=values,
        steps=[str(step.get("name", "")) for step in bundle.template.get("steps", [])],
    )


def _definitions(template: dict[str, object]) -> list[dict[str, object]]:
    found = template.get("parameterDefinitions")
    rows = found if isinstance(found, list) else []
    return [each for each in rows if isinstance(each, dict) and "name" in each]
