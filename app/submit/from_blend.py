"""From a .blend file to a job: Blender itself says what is in it, and renders it on the nodes.

Files are hostile until shown otherwise: no Blender that we start reads the user's settings or runs a script of
the file. One Blender renders a whole chunk, each frame to a temporary name that is published by rename; the GPUs are
those of the device that the task runs on.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from app import resources
from app.core.commands import StepRequest, Submit
from app.errors import EnvironmentFault, UserMistake
from app.submit.frames import check_frames
from app.submit.from_usd import SceneChoice
from app.submit.naming import ShotName, default_shot, output_folder, parse_shot
from app.submit.person import user_name
from node_agent.wire.job import CommandWork, LogRule, Output
from node_agent.wire.templates import TemplateFault, check_directory

SUFFIX = ".blend"
SAFELY = ["--background", "--factory-startup", "--disable-autoexec"]
FAILED = "70"
"""Exit code of a Blender whose Python failed; without it that would be 0."""
INSPECT_S = 120.0
NOTIFY_S = 5.0
ENDINGS = {
    "BMP": "bmp",
    "CINEON": "cin",
    "DPX": "dpx",
    "HDR": "hdr",
    "IRIS": "rgb",
    "JPEG": "jpg",
    "JPEG2000": "jp2",
    "OPEN_EXR": "exr",
    "OPEN_EXR_MULTILAYER": "exr",
    "PNG": "png",
    "TARGA": "tga",
    "TARGA_RAW": "tga",
    "TIFF": "tif",
    "WEBP": "webp",
}
LOG_RULES = [
    LogRule(
        pattern=r"Build without OpenImageDenoise",
        cause="environment",
        sentence="This node's Blender has no OpenImageDenoise, which the scene asks for.",
        ends=False,
    ),
    LogRule(
        pattern=r"(?i)^(?!.*(cuda|hip|optix|gpu|\bin cu[a-z])).*out of memory",
        cause="environment",
        sentence="The scene does not fit into this node's memory.",
        ends=False,
    ),
    LogRule(
        pattern=r"no camera|No camera found|Cannot render, no camera",
        sentence="The scene has no camera.",
        ends=False,
    ),
]


class BlendScene(msgspec.Struct, frozen=True, kw_only=True):
    """What ``describe_scene.py`` writes."""

    scene: str
    engine: str
    first: int
    last: int
    stride: int
    width: int
    height: int
    format: str
    is_movie: bool
    output: str
    camera: str
    cameras: list[str]
    missing: list[str] = []
    samples: int = 0
    """A pixel, in Cycles or EEVEE; 0 for other engines."""


def blend_request(
    path: str | Path,
    choice: SceneChoice,
    *,
    shot: str | None = None,
    chunk: int = 1,
    before: int = 0,
    blender: str = "blender",
    warn: Callable[[str], None] | None = None,
) -> Submit:
    """Return the job of a .blend file; None in ``choice`` takes the scene's own. ``blender`` is the program on
    this machine and on the nodes. Raises UserMistake, EnvironmentFault."""
    name = parse_shot(shot) if shot else None
    file = Path(path).expanduser().absolute()
    scene = describe(file, blender)
    if warn is not None:
        _warn(file, scene, warn)
    name = name or default_shot(file)
    frames = check_frames(choice.frames) if choice.frames else _frames(file, scene)
    work = _work(file, scene, choice, name, blender)
    return Submit(
        project=name.project,
        sequence=name.sequence,
        shot=name.shot,
        name=file.name,
        user=user_name(),
        steps=[StepRequest(name="render", work=work, frames=frames, chunk=chunk)],
        before=before,
    )


def describe(file: Path, blender: str = "blender") -> BlendScene:
    """Ask Blender what is in a file. Raises UserMistake, EnvironmentFault."""
    if "\0" in str(file) or not file.is_file():
        raise UserMistake(f"There is no file {str(file)!r}.")
    if shutil.which(blender) is None:
        raise EnvironmentFault(f"There is no program {blender!r} on this machine to read {file}.")
    script = str(resources.find("blender/describe_scene.py"))
    with tempfile.TemporaryDirectory(prefix="windfire-blend-") as folder:
        answer = Path(folder) / "scene.json"
        argv = [blender, *SAFELY, str(file), "--python-exit-code", FAILED, "--python", script]
        said = _ask([*argv, "--", str(answer)], file)
        try:
            return msgspec.json.decode(answer.read_bytes(), type=BlendScene)
        except (OSError, msgspec.MsgspecError) as error:
            raise UserMistake(f"Blender cannot read {file}{_reason(said)}") from error


def _ask(argv: list[str], file: Path) -> bytes:
    """Run Blender to its end; return what it said."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=INSPECT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UserMistake(f"Blender could not read {file} within {INSPECT_S:.0f} s.") from error
    except OSError as error:
        raise EnvironmentFault(f"{argv[0]} cannot be started: {error.strerror}.") from error
    return done.stdout + done.stderr


def _reason(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if re.search(r"(?i)error|cannot|not a blend", line)]
    return f": {' '.join(errors[-1].split())[:300]}." if errors else "."


def _warn(file: Path, scene: BlendScene, warn: Callable[[str], None]) -> None:
    if scene.missing:
        more = f" and {len(scene.missing) - 1} more" if len(scene.missing) > 1 else ""
        warn(f"{file.name} names files that are not there: {scene.missing[0]}{more}.")
    if scene.is_movie:
        warn(f"{file.name} writes a movie; the farm renders its frames as PNG files.")


def _frames(file: Path, scene: BlendScene) -> str:
    if scene.last < scene.first:
        raise UserMistake(f"{file} says no sensible frame range: give one with --frames.")
    stride = f"x{scene.stride}" if scene.stride > 1 else ""
    return check_frames(f"{scene.first}-{scene.last}{stride}")


def _work(
    file: Path, scene: BlendScene, choice: SceneChoice, name: ShotName, blender: str
) -> CommandWork:
    kind = "PNG" if scene.is_movie else scene.format
    if kind not in ENDINGS:
        raise UserMistake(f"{file.name} writes {kind}, which is no image: choose another in it.")
    width, height = choice.size or (0, 0)
    asked = {
        "camera": _camera(file, scene, choice.camera),
        "width": width,
        "height": height,
        "samples": choice.spp or 0,
        "format": kind,
    }
    code = resources.find("blender/render_frames.py").read_text("utf-8")
    argv = [blender, *SAFELY, str(file), "--python-exit-code", FAILED, "--python-expr", code]
    return CommandWork(
        argv=[*map(_plain, argv), "--", "{outputs}", _plain(json.dumps(asked))],
        output=_output(file, choice, name, ENDINGS[kind]),
        notify_s=NOTIFY_S,
        log_rules=LOG_RULES,
        progress="blender",
    )


def _plain(word: str) -> str:
    """A word in which braces are braces."""
    return word.replace("{", "{{").replace("}", "}}")


def _camera(file: Path, scene: BlendScene, wanted: str | None) -> str:
    if wanted is None:
        if not scene.camera:
            raise UserMistake(f"{file.name} has no active camera: name one with --camera.")
        return ""
    if wanted not in scene.cameras:
        there = ", ".join(scene.cameras[:5]) or "none"
        raise UserMistake(f"{file.name} has no camera {wanted!r}; it has {there}.")
    return wanted


def _output(file: Path, choice: SceneChoice, name: ShotName, ending: str) -> Output:
    folder = output_folder(choice.out, file.parent / "renders", name)
    try:
        check_directory(str(folder))
    except TemplateFault as error:
        raise UserMistake(str(error)) from error
    return Output(directory=str(folder), pattern=f"{name.shot}.{{frame:04d}}.{ending}")
