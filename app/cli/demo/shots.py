"""Which shots the demo renders: those of resources/scenes/demo.json, and a person's own scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from app import resources
from app.cli.demo.folder import DemoFolder
from app.core.commands import Submit
from app.errors import BugFault
from app.submit import SceneChoice, scene_request
from app.submit.inspection import Scene, check_file, inspect
from app.submit.naming import default_shot

LIST = "scenes/demo.json"
OWN_SEQUENCE = "yours"
OWN_SPP = 16
OWN_SIZE = (480, 270)


@dataclass(frozen=True, slots=True)
class DemoShot:
    """A shot: its name and where it comes from."""

    name: str
    scene: Path
    choice: SceneChoice
    fps: float = 24.0

    @property
    def label(self) -> str:
        """Sequence and shot, for people."""
        return self.name.split("/", 1)[-1]

    @property
    def folder(self) -> str:
        """Of its frames, inside the demo's: every sequence has a sh0010."""
        return folder_name(self.name)


class _Listed(msgspec.Struct, kw_only=True):
    shot: str
    scene: str
    frames: str | None = None
    spp: int | None = None
    size: tuple[int, int] | None = None
    camera: str | None = None
    fps: float = 24.0


def demo_shots(scenes: list[Path], folder: DemoFolder) -> list[DemoShot]:
    """Return the person's shots first, then the demo's own. Raises UserMistake for a missing file."""
    listed = resources.find(LIST)
    try:
        entries = msgspec.json.decode(listed.read_bytes(), type=list[_Listed])
    except msgspec.MsgspecError as error:
        raise BugFault(f"{listed} is not a list of demo shots: {error}.") from error
    return [
        *(_own(number, path, folder) for number, path in enumerate(scenes, 1)),
        *(_listed(entry, listed.parent, folder) for entry in entries),
    ]


@dataclass(frozen=True, slots=True)
class SceneReader:
    """Makes the jobs; reads each scene once, as reading competes with the nodes' compilers."""

    read: Callable[[Path], tuple[Path, Scene]] = field(default_factory=lambda: cache(inspect))

    def request_of(self, shot: DemoShot) -> Submit:
        """Read the scene and return the job."""
        return scene_request(shot.scene, shot.choice, shot=shot.name, read=self.read)


def folder_name(shot: str) -> str:
    """Return "sq010_sh0040" of "DEMO/sq010/sh0040"."""
    return "_".join(shot.split("/")[1:])


def _own(number: int, path: Path, folder: DemoFolder) -> DemoShot:
    file = check_file(path)
    name = f"DEMO/{OWN_SEQUENCE}/{default_shot(file).shot}-{number}"
    choice = SceneChoice(spp=OWN_SPP, size=OWN_SIZE, out=folder.frames / folder_name(name))
    return DemoShot(name, file, choice)


def _listed(entry: _Listed, scenes: Path, folder: DemoFolder) -> DemoShot:
    choice = SceneChoice(
        frames=entry.frames,
        spp=entry.spp,
        size=entry.size,
        camera=entry.camera,
        out=folder.frames / folder_name(entry.shot),
    )
    return DemoShot(entry.shot, scenes / entry.scene, choice, entry.fps)
