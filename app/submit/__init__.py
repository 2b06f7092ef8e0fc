"""From what a person has (a USD scene, a command line) to a job in the queue.

from app.client import connect
from app.submit import submit_file

with connect() as farm:
    submitted = submit_file(farm, "teapot.usda", shot="NZ2/sq010/sh0040", frames="1-48", spp=128)
    farm.wait([submitted.shot])
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.client.api import Farm, Submitted
from app.client.lookup import ShotKey, find_shots
from app.client.staging import Progress
from app.submit.checks import with_checks, with_log_rules
from app.submit.from_blend import blend_request
from app.submit.from_command import command_request
from app.submit.from_openjd import bundle_request
from app.submit.from_usd import SceneChoice, scene_request
from app.submit.inspection import inspect
from app.submit.staging import staged_request
from node_agent.wire.job import Needs, Option

__all__ = [
    "SceneChoice",
    "blend_request",
    "bundle_request",
    "command_request",
    "scene_request",
    "submit_blend",
    "submit_bundle",
    "submit_command",
    "submit_file",
]


def submit_file(
    farm: Farm,
    path: str | Path,
    *,
    shot: str | None = None,
    frames: str | None = None,
    spp: int | None = None,
    size: tuple[int, int] | None = None,
    camera: str | None = None,
    options: Mapping[str, Option] | None = None,
    out: str | Path | None = None,
    before: ShotKey | None = None,
    warn: Callable[[str], None] | None = None,
    stage: bool = False,
    progress: Progress | None = None,
) -> Submitted:
    """Submit a scene as a shot; see ``scene_request`` for what is taken where nothing is said.

    ``stage``: bring its files to the farm, for nodes that share no disk with this machine; the frames then
    go to a folder of the dispatcher's machine. ``progress`` is told bytes done of bytes in all."""
    place = _place(
        farm, before
    )  # first: the sentence about a wrong name should not wait for the scene
    choice = SceneChoice(
        frames=frames, spp=spp, size=size, camera=camera, options=options or {}, out=out
    )
    read = functools.cache(inspect)
    request = scene_request(path, choice, shot=shot, before=place, warn=warn, read=read)
    if stage:
        request = staged_request(farm, request, *read(Path(path)), progress)
    return farm.submit(request)


def submit_blend(
    farm: Farm,
    path: str | Path,
    choice: SceneChoice,
    *,
    shot: str | None = None,
    chunk: int = 1,
    blender: str = "blender",
    checks: Sequence[str] = (),
    before: ShotKey | None = None,
    warn: Callable[[str], None] | None = None,
) -> Submitted:
    """Submit a .blend file, rendered by Blender on the nodes; see ``blend_request``."""
    place = _place(farm, before)
    request = blend_request(
        path, choice, shot=shot, chunk=chunk, before=place, blender=blender, warn=warn
    )
    return farm.submit(with_checks(request, checks))


def submit_command(
    farm: Farm,
    argv: Sequence[str],
    *,
    shot: str,
    frames: str = "1",
    out: str | Path | None = None,
    pattern: str | None = None,
    chunk: int = 1,
    checks: Sequence[str] = (),
    fail_on: Sequence[str] = (),
    before: ShotKey | None = None,
    needs: Needs | None = None,
) -> Submitted:
    """Submit any program, run once a frame; see ``command_request``. ``checks``, ``fail_on``: see ``checks``.
    ``needs``: what one task takes of a node; by default a whole device."""
    place = _place(farm, before)
    request = command_request(
        argv,
        shot=shot,
        frames=frames,
        out=out,
        pattern=pattern,
        chunk=chunk,
        before=place,
        needs=needs or Needs(),
    )
    return farm.submit(with_log_rules(with_checks(request, checks), fail_on))


def submit_bundle(
    farm: Farm,
    path: str | Path,
    *,
    shot: str | None = None,
    parameters: Mapping[str, str] | None = None,
    environments: Sequence[str | Path] = (),
    before: ShotKey | None = None,
    warn: Callable[[str], None] | None = None,
) -> Submitted:
    """Submit an OpenJD job bundle; see ``bundle_request``."""
    place = _place(farm, before)
    request = bundle_request(
        path,
        shot=shot,
        parameters=parameters,
        environments=environments,
        before=place,
        warn=warn,
    )
    return farm.submit(request)


def _place(farm: Farm, before: ShotKey | None) -> int:
    return find_shots(farm.list("shots"), [before])[0].id if before is not None else 0
