"""What a USD file holds, as one JSON object on stdout: ``python -m app.submit.usd_inspect FILE``.

Runs in a child process only (``app.submit.inspection`` starts it): the USD library is native code that reads
what anybody made. Ends with 2 and one sentence on stderr where the file is to blame, 3 where the machine
is. Opens the stage without its payloads' geometry being read: seconds for a file of gigabytes.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: basic, reportAttributeAccessIssue=false

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import msgspec

from app.errors import EnvironmentFault, UserMistake
from app.submit.inspect_child import answer

CAMERAS_MAX = 1000
ABSOLUTE_MAX = 10
FILES_MAX = 200_000


class SceneInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A stage at a glance. ``first`` and ``last`` are frames; sizes are of its render settings, 0 without."""

    path: str
    first: int
    last: int
    frames_per_second: float
    cameras: list[str]
    """Prim paths in the scene's order."""
    width: int
    height: int
    up_axis: str
    meters_per_unit: float
    meshes: int
    files: list[str]
    """Absolute paths of the layers and textures that it is made of."""
    missing: list[str]
    """Files that it names and that are not there."""
    absolute: list[str]
    """Some of the absolute paths by which it names files, where it does."""


def inspect_usd(path: Path) -> SceneInfo:
    """Open the stage and count. Raises UserMistake or EnvironmentFault, one sentence."""
    stage = _open(path)
    cameras, meshes = _contents(stage)
    first, last = _frames(stage)
    width, height = _resolution(stage)
    files, missing, absolute = _files(path)
    return SceneInfo(
        path=str(path),
        first=first,
        last=last,
        frames_per_second=float(stage.GetTimeCodesPerSecond()),
        cameras=cameras,
        width=width,
        height=height,
        up_axis=_up_axis(stage),
        meters_per_unit=_unit(stage),
        meshes=meshes,
        files=files,
        missing=missing,
        absolute=absolute,
    )


def _open(path: Path) -> Any:
    try:
        from pxr import Tf, Usd
    except ImportError as error:
        raise EnvironmentFault(
            "USD scenes need the usd-core package: pip install 'windfire[usd]'."
        ) from error
    try:
        return Usd.Stage.Open(str(path))
    except Tf.ErrorException as error:
        raise UserMistake(f"{path} cannot be read as a USD scene: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """The library's own words, without its file and line."""
    words = " ".join(str(error).split())
    return words.rsplit(":", 1)[-1].strip(" '.") or "it is no USD file"


def _contents(stage: Any) -> tuple[list[str], int]:
    from pxr import Usd, UsdGeom

    cameras: list[str] = []
    meshes = 0
    for prim in stage.Traverse(Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)):
        if prim.IsA(UsdGeom.Camera) and len(cameras) < CAMERAS_MAX:
            cameras.append(str(prim.GetPath()))
        meshes += prim.IsA(UsdGeom.Gprim)
    return cameras, meshes


def _frames(stage: Any) -> tuple[int, int]:
    """The stage's own range; a stage that says none is a still at frame 1."""
    if not stage.HasAuthoredTimeCodeRange():
        return 1, 1
    start, end = stage.GetStartTimeCode(), stage.GetEndTimeCode()
    if not (math.isfinite(start) and math.isfinite(end)) or end < start:
        return 1, 1
    return math.ceil(start), max(math.floor(end), math.ceil(start))


def _resolution(stage: Any) -> tuple[int, int]:
    from pxr import UsdRender

    settings = UsdRender.Settings.GetStageRenderSettings(stage)
    size = settings.GetResolutionAttr().Get() if settings else None
    return (int(size[0]), int(size[1])) if size else (0, 0)


def _up_axis(stage: Any) -> str:
    from pxr import UsdGeom

    return str(UsdGeom.GetStageUpAxis(stage))


def _unit(stage: Any) -> float:
    from pxr import UsdGeom

    return float(UsdGeom.GetStageMetersPerUnit(stage))


def _files(path: Path) -> tuple[list[str], list[str], list[str]]:
    from pxr import UsdUtils

    layers, assets, missing = UsdUtils.ComputeAllDependencies(str(path))
    files = {layer.realPath for layer in layers} | {str(asset) for asset in assets}
    absolute = {name for layer in layers for name in _absolute(layer)}
    return _some(files), _some({str(name) for name in missing}), sorted(absolute)[:ABSOLUTE_MAX]


def _absolute(layer: Any) -> list[str]:
    """What a layer names by an absolute path; a package holds all of its own."""
    from pxr import UsdUtils

    if layer.realPath.endswith(".usdz"):
        return []
    named = UsdUtils.ExtractExternalReferences(layer.realPath)
    return [name for group in named for name in group if Path(name).is_absolute()]


def _some(names: set[str]) -> list[str]:
    return sorted(filter(None, names))[:FILES_MAX]


if __name__ == "__main__":
    sys.exit(answer(sys.argv[1:], "USD", inspect_usd))
