"""One frame of a USD stage as a ``PackedScene``: the reader that the path tracer calls.

The parts: ``usd_walk`` finds what is shown and where, ``usd_geometry`` cuts meshes, ``usd_materials`` and
``texture_files`` read looks, ``usd_lights`` and ``usd_camera`` the rest, ``usd_pack`` lays all out flat.

Nothing that the file asks for is dropped in silence: each thing is named in one warning, once.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pxr import Tf, Usd, UsdGeom, UsdUtils

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.texture_files import TEXTURE_BYTES, TextureTable
from node_agent.kernels.pathtracer.usd_camera import choose_camera, frame_scene, read_camera
from node_agent.kernels.pathtracer.usd_geometry import LocalMesh, read_mesh, read_solid
from node_agent.kernels.pathtracer.usd_light_groups import LightGroups
from node_agent.kernels.pathtracer.usd_lights import LightTable, soft_sky, stage_up_axis
from node_agent.kernels.pathtracer.usd_materials import MaterialTable
from node_agent.kernels.pathtracer.usd_motion import Later, shutter_of
from node_agent.kernels.pathtracer.usd_pack import Packer
from node_agent.kernels.pathtracer.usd_walk import Drawn, Walk

SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")
WARNINGS_MAX = 100
"""Different ones, of one file: a broken crowd must not fill the log."""


class Warnings:
    """Passes each sentence on once, and keeps it."""

    def __init__(self, file_name: str, warn: Callable[[str], None]) -> None:
        self.said: list[str] = []
        self._file_name, self._warn = file_name, warn

    def __call__(self, sentence: str) -> None:
        """Say ``sentence`` if it is new."""
        if len(self.said) > WARNINGS_MAX or sentence in self.said:
            return
        if len(self.said) == WARNINGS_MAX:
            sentence = f"{self._file_name} has more to warn of; the rest is left out."
        self.said.append(sentence)
        self._warn(sentence)


def read_usd(
    path: Path,
    frame: float,
    camera: str,
    aspect: float,
    warn: Callable[[str], None],
    texture_bytes: int = TEXTURE_BYTES,
) -> PackedScene:
    """Everything that ``path`` shows at time code ``frame``, seen through ``camera`` (prim path or '').

    ``aspect`` is the image's width / height. ``warn`` is called with each sentence once.
    ``texture_bytes``: what all textures may take. Raises KernelRefusal, one sentence that
    names the file, for whatever cannot be rendered at all."""
    warnings = Warnings(path.name, warn)
    with quiet_usd(path.name):
        stage = open_stage(path)
        for error in stage.GetCompositionErrors()[:WARNINGS_MAX]:
            warnings(f"{path.name}: {str(error).splitlines()[0].rstrip('.')}.")
        return read_stage(stage, path.name, frame, camera, aspect, warnings, texture_bytes)


@contextmanager
def quiet_usd(name: str) -> Iterator[None]:
    """Keep what USD would write to the terminal, and turn its errors into refusals of the file ``name``."""
    quiet = UsdUtils.CoalescingDiagnosticDelegate()
    try:
        yield
    except Tf.ErrorException as error:
        raise KernelRefusal(f"{name} cannot be read: {usd_reason(error)}.") from error
    except MemoryError as error:
        raise KernelRefusal(f"{name} needs more memory than this machine has.") from error
    finally:
        quiet.TakeUncoalescedDiagnostics()
        del quiet


def open_stage(path: Path) -> Usd.Stage:
    """The composed stage with all payloads. Raises KernelRefusal."""
    if path.suffix.lower() not in SUFFIXES:
        raise KernelRefusal(
            f"{path.name} is no USD file: its name must end in {', '.join(SUFFIXES)}."
        )
    if not path.is_file():
        raise KernelRefusal(f"{path.name} does not exist in {path.parent}.")
    try:
        with path.open("rb") as file:
            file.read(1)  # says better than USD why a file may not be read
        return Usd.Stage.Open(str(path), Usd.Stage.LoadAll)
    except OSError as error:
        raise KernelRefusal(f"{path.name} cannot be read: {error.strerror}.") from error
    except (Tf.ErrorException, RuntimeError) as error:
        raise KernelRefusal(f"{path.name} is damaged: {usd_reason(error)}.") from error


def usd_reason(error: Exception) -> str:
    """The core of a USD error: the quoted text of its first line, without USD's file names and line numbers."""
    first = next((line for line in str(error).splitlines() if line.strip()), "USD cannot read it")
    return first.split(" : ", 1)[-1].strip().strip("'").rstrip(".")


def read_stage(
    stage: Usd.Stage,
    name: str,
    frame: float,
    camera: str,
    aspect: float,
    warnings: Warnings,
    texture_bytes: int = TEXTURE_BYTES,
) -> PackedScene:
    """As ``read_usd``, of a stage that is open; ``name`` is the file's, for sentences."""
    time = Usd.TimeCode(frame)
    contents = Walk(stage, time, warnings).run()
    chosen = choose_camera(stage, contents.cameras, camera, name)
    shutter = shutter_of(chosen, time)
    if shutter.opens != time:
        contents = Walk(stage, shutter.opens, warnings).run()
    later = Later(stage, shutter, contents)
    textures = TextureTable(warnings, texture_bytes)
    groups = LightGroups(warnings)
    materials = MaterialTable(textures, time, warnings, groups)
    packer = Packer(materials, textures, time, name)
    for key, drawn in contents.meshes.items():
        mesh = _mesh(drawn, shutter.opens, warnings)
        if mesh is not None:
            moved = later.standing(key, drawn), later.points(drawn, mesh)
            packer.add(mesh, drawn.standing, *moved)
    if not packer.triangle_count:
        raise KernelRefusal(f"{name} shows no geometry at frame {time.GetValue():g}.")
    up = stage_up_axis(stage)
    lights = LightTable(textures, up, time, warnings, groups)
    for prim, matrix in contents.lights:
        lights.add(prim, matrix)
    packer.find_emissive()
    if not lights.rows and not packer.emissive:
        warnings(f"{name} has no light; a soft sky stands in.")
        lights.put(_stand_in_sky(lights, up))
    if chosen:
        moments = shutter.opens, shutter.closes
        view = read_camera(chosen, time, moments, aspect, name, warnings)
    else:
        warnings(f"{name} has no camera; one is made that frames the whole scene.")
        view = frame_scene(*packer.bounds(), up, aspect)
    rate = float(stage.GetTimeCodesPerSecond())
    return packer.finish(lights, view, tuple(warnings.said), rate)


def _mesh(drawn: Drawn, time: Usd.TimeCode, warnings: Warnings) -> LocalMesh | None:
    """The triangles of one prim, whatever its kind."""
    if not drawn.prim.IsA(UsdGeom.Mesh):
        return read_solid(drawn.prim, time, warnings)
    return read_mesh(drawn.prim, time, warnings)


def _stand_in_sky(lights: LightTable, up: str) -> tuple[int, list[float], np.ndarray, int]:
    """A row of the light table: a grey sky with one soft key, its pole along the stage's up axis."""
    from node_agent.kernels.pathtracer.scene import LIGHT_DOME

    image = lights.textures.add_image(soft_sky())
    rotation = np.eye(3) if up == "Y" else np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
    return LIGHT_DOME, list(rotation.ravel()), np.ones(3), image
