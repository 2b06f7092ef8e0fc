"""From a scene on this machine to a job that any node can render: its files go along.

What the scene needs is what its library says (``inspection``). The tree on the nodes keeps how the files lie
beside each other, so that relative references hold.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from app.client.api import Farm
from app.client.staging import Progress
from app.core.commands import Submit
from app.errors import UserMistake
from app.submit.inspection import Scene
from node_agent.wire.job import KernelWork
from node_agent.wire.staging import StagingFault, check_path


def scene_files(file: Path, scene: Scene) -> tuple[str, dict[str, Path]]:
    """Return the scene's path below the root, and all files by theirs. Raises UserMistake for a scene whose
    files cannot lie elsewhere."""
    if scene.absolute:
        raise UserMistake(
            f"{file.name} names {scene.absolute[0]} by an absolute path, which other machines do not have: "
            "make it relative, or submit without --stage."
        )
    paths = sorted({file, *(Path(name) for name in scene.files)})
    root = Path(os.path.commonpath([path.parent for path in paths]))
    files = {path.relative_to(root).as_posix(): path for path in paths}
    for name in files:
        try:
            check_path(name)
        except StagingFault as fault:
            raise UserMistake(str(fault)) from fault
    return file.relative_to(root).as_posix(), files


def staged_request(
    farm: Farm, request: Submit, file: Path, scene: Scene, progress: Progress | None = None
) -> Submit:
    """Bring the scene's files and return the job that uses them. Raises UserMistake, EnvironmentFault."""
    name, files = scene_files(file, scene)
    root = farm.stage(files, progress)
    steps = [
        replace(step, work=replace(step.work, scene=name, staged=root))
        if isinstance(step.work, KernelWork)
        else step
        for step in request.steps
    ]
    return replace(request, steps=steps)
