"""From a USD file and what a person chose of it to a job for the path tracer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.commands import StepRequest, Submit
from app.errors import UserMistake
from app.submit.frames import check_frames, frame_numbers
from app.submit.inspection import Scene, inspect
from app.submit.naming import ShotName, default_shot, output_folder, parse_shot
from app.submit.person import user_name
from node_agent.wire.job import KernelWork, Option, Output
from node_agent.wire.templates import TemplateFault, check_directory, file_name

SIZE = (960, 540)
SIDE_MAX = 16384
SPP = 64
PREVIEWS = "preview"
"""Folder inside the frames' folder for one display picture a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneChoice:
    """What of a scene is rendered, and how; None takes the scene's own or the default."""

    frames: str | None = None
    spp: int | None = None
    size: tuple[int, int] | None = None
    camera: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict[str, Option], hash=False)
    """Of the renderer; the node that renders refuses what it does not know."""
    out: str | Path | None = None


def scene_request(
    path: str | Path,
    choice: SceneChoice,
    *,
    shot: str | None = None,
    before: int = 0,
    warn: Callable[[str], None] | None = None,
    read: Callable[[Path], tuple[Path, Scene]] | None = None,
) -> Submit:
    """Return the job. Raises UserMistake or EnvironmentFault, each with one sentence.

    ``shot`` is "PROJ/SEQ/SHOT"; without it the folder's and the file's names are taken. Without
    ``choice.out`` the frames go to ``renders/PROJ/SEQ/SHOT/v001`` beside the scene. ``warn`` gets a
    sentence about what will be seen in the frames but does not stop them, such as a missing texture.
    ``read`` inspects the file; who submits many shots of one scene passes a ``functools.cache`` of it.
    """
    name = parse_shot(shot) if shot else None
    file, scene = (read or inspect)(Path(path))
    if scene.missing and warn is not None:
        more = f" and {len(scene.missing) - 1} more" if len(scene.missing) > 1 else ""
        warn(f"{file.name} names files that are not there: {scene.missing[0]}{more}.")
    name = name or default_shot(file)
    frames = _frames(file, scene, choice)
    work = _work(file, scene, choice, name, frames)
    return Submit(
        project=name.project,
        sequence=name.sequence,
        shot=name.shot,
        name=file.name,
        user=work.labels["user"],
        steps=[StepRequest(name="render", work=work, frames=frames)],
        before=before,
    )


def scene_work(path: str | Path, choice: SceneChoice) -> tuple[KernelWork, str]:
    """Return the work and the frame range for rendering without a queue."""
    file, scene = inspect(path)
    frames = _frames(file, scene, choice)
    return _work(file, scene, choice, default_shot(file), frames), frames


def _work(file: Path, scene: Scene, choice: SceneChoice, name: ShotName, frames: str) -> KernelWork:
    width, height = choice.size or _scene_size(scene)
    if max(width, height) > SIDE_MAX:
        raise UserMistake(f"{file.name} asks for {width}x{height} pixels; say another with --size.")
    camera = _camera(file, scene, choice.camera)
    folder = output_folder(choice.out, file.parent / "renders", name)
    return KernelWork(
        kernel="pathtracer",
        scene=str(file),
        camera=camera,
        width=width,
        height=height,
        samples=choice.spp or SPP,
        options=dict(choice.options),
        output=_output(folder, name, frames),
        labels={
            "project": name.project,
            "sequence": name.sequence,
            "shot": name.shot,
            "user": user_name(),
        },
    )


def _frames(file: Path, scene: Scene, choice: SceneChoice) -> str:
    if choice.frames is not None:
        return check_frames(choice.frames)
    if scene.last < scene.first:
        raise UserMistake(f"{file} says no sensible frame range: give one with --frames.")
    frames = str(scene.first) if scene.first == scene.last else f"{scene.first}-{scene.last}"
    return check_frames(frames)


def _scene_size(scene: Scene) -> tuple[int, int]:
    return (scene.width, scene.height) if scene.width > 0 < scene.height else SIZE


def _camera(file: Path, scene: Scene, wanted: str | None) -> str:
    """An end of a path that only one camera has will do: "closeup" for "/World/cameras/closeup"."""
    if wanted is None:
        return scene.cameras[0] if scene.cameras else ""
    matches = [path for path in scene.cameras if path == wanted or path.endswith("/" + wanted)]
    if len(matches) == 1:
        return matches[0]
    if not scene.cameras:
        raise UserMistake(
            f"{file.name} has no camera; leave --camera out to have the scene framed."
        )
    there = ", ".join(scene.cameras[:5])
    raise UserMistake(f"{file.name} has no one camera {wanted!r}; it has {there}.")


def _output(folder: Path, name: ShotName, frames: str) -> Output:
    # A brace in a shot's name cannot be: naming allows letters, digits, dot, dash and underscore.
    output = Output(
        directory=str(folder),
        pattern=f"{name.shot}.{{frame:04d}}.exr",
        preview_directory=str(folder / PREVIEWS),
    )
    try:
        check_directory(output.directory)
        file_name(output, frame_numbers(frames)[0])
    except TemplateFault as error:
        raise UserMistake(str(error)) from error
    return output
