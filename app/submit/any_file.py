"""One door for every kind of scene file: what the window's dialog asks, whatever was dropped on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.commands import Submit
from app.submit import from_blend, from_usd, inspection
from app.submit.from_usd import SceneChoice
from app.submit.inspection import Scene

SUFFIXES = (*inspection.SUFFIXES, from_blend.SUFFIX)


def inspect_file(path: str | Path) -> tuple[Path, Scene]:
    """Return the file's absolute path and what it holds. Raises UserMistake or EnvironmentFault."""
    if not _is_blend(path):
        return inspection.inspect(path)
    file = Path(path).expanduser().absolute()
    found = from_blend.describe(file)
    others = [name for name in found.cameras if name != found.camera]
    return file, Scene(
        first=found.first,
        last=found.last,
        cameras=[found.camera, *others] if found.camera else others,
        width=found.width,
        height=found.height,
        missing=found.missing,
        samples=found.samples,
    )


def file_request(
    path: str | Path,
    choice: SceneChoice,
    *,
    shot: str | None = None,
    before: int = 0,
    warn: Callable[[str], None] | None = None,
) -> Submit:
    """Return the job of a scene for our own renderer, or of a .blend file for Blender. Raises UserMistake or
    EnvironmentFault."""
    make = from_blend.blend_request if _is_blend(path) else from_usd.scene_request
    return make(path, choice, shot=shot, before=before, warn=warn)


def _is_blend(path: str | Path) -> bool:
    return Path(path).suffix.lower() == from_blend.SUFFIX
