"""The camera that a frame is seen through: one of the stage's, or one made to frame the whole scene."""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.scene import PackedCamera
from node_agent.kernels.pathtracer.usd_materials import as_numbers

CAMERAS_LISTED_MAX = 12
"""In the refusal of an unknown one."""
MADE_TAN = 0.3
"""Half-width of the made camera's view: a 60 mm lens on 36 mm film."""
MADE_MARGIN = 1.06
TENTH = 0.1
"""UsdGeomCamera measures lens and film in tenths of a scene unit."""


def choose_camera(
    stage: Usd.Stage, cameras: Sequence[Usd.Prim], path: str, file_name: str
) -> Usd.Prim | None:
    """The camera at ``path``, or the first; None where there is none. Raises KernelRefusal."""
    if not path:
        return cameras[0] if cameras else None
    known = {str(camera.GetPath()): camera for camera in cameras}
    if path in known:
        return known[path]
    prim = stage.GetPrimAtPath(path) if path.startswith("/") else None
    if prim and prim.IsA(UsdGeom.Camera):
        return prim
    names = ", ".join(sorted(known)[:CAMERAS_LISTED_MAX])
    more = ", ..." if len(known) > CAMERAS_LISTED_MAX else ""
    there = f"its cameras are {names}{more}" if known else "it has no camera"
    raise KernelRefusal(f"{file_name} has no camera {path}; {there}.")


def read_camera(
    prim: Usd.Prim,
    time: Usd.TimeCode,
    shutter: tuple[Usd.TimeCode, Usd.TimeCode],
    aspect: float,
    file_name: str,
    warn: Callable[[str], None],
) -> PackedCamera:
    """The camera at ``time``, and where it is when the ``shutter`` opens and closes, for an image of ``aspect``
    (width / height). Raises KernelRefusal."""
    camera = UsdGeom.Camera(prim)
    focal = _number(camera.GetFocalLengthAttr(), time, 50.0)
    film = _number(camera.GetHorizontalApertureAttr(), time, 20.955)
    film_height = _number(camera.GetVerticalApertureAttr(), time, 15.2908)
    if not (focal > 0 and film > 0 and film_height > 0):
        raise KernelRefusal(
            f"{file_name}: the camera {prim.GetPath()} has no focal length or film."
        )
    _warn_of_extras(camera, time, warn)
    stop = _number(camera.GetFStopAttr(), time, 0.0)
    focus = _number(camera.GetFocusDistanceAttr(), time, 0.0)
    if stop > 0 and focus <= 0:
        warn(f"{prim.GetPath()} has an f-stop but no focus distance; everything is in focus.")
    in_depth = stop > 0 and focus > 0
    near, far = camera.GetClippingRangeAttr().Get(time) or (1e-4, 1e30)
    opens, closes = (_placed(prim, moment, file_name) for moment in shutter)
    return PackedCamera(
        to_world=opens,
        to_world_close=None if np.array_equal(opens, closes) else closes,
        tan_half_width=film / (2 * focal),
        tan_half_height=film_height / (2 * focal),
        # In half-widths and half-heights of the image, whose width is the film's.
        shift_x=2 * _number(camera.GetHorizontalApertureOffsetAttr(), time, 0.0) / film,
        shift_y=2 * aspect * _number(camera.GetVerticalApertureOffsetAttr(), time, 0.0) / film,
        lens_radius=TENTH * focal / (2 * stop) if in_depth else 0.0,
        focus_distance=focus if in_depth else 1.0,
        near=max(float(near), 0.0),
        far=float(far) if far > near else 1e30,
    )


def _number(attribute: Usd.Attribute, time: Usd.TimeCode, default: float) -> float:
    return (as_numbers(attribute.Get(time), 1) or (default,))[0]


def _warn_of_extras(
    camera: UsdGeom.Camera, time: Usd.TimeCode, warn: Callable[[str], None]
) -> None:
    path = camera.GetPath()
    if camera.GetProjectionAttr().Get(time) == UsdGeom.Tokens.orthographic:
        warn(f"{path} is orthographic; it is rendered in perspective.")
    if len(camera.GetClippingPlanesAttr().Get(time) or []):
        warn(f"{path} has clipping planes, which are not rendered.")
    if abs(_number(camera.GetExposureAttr(), time, 0.0)) > 1e-6:
        warn(f"{path} has an exposure, which is not applied; set it where the frames are viewed.")


def _placed(prim: Usd.Prim, time: Usd.TimeCode, file_name: str) -> NDArray[np.float32]:
    """(4, 4) camera to world, column vectors, without the scale that a rig above may have."""
    rows = np.array(UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(time), np.float64)
    back, up = rows[2, :3], rows[1, :3]
    right = np.cross(up, back)
    if not np.isfinite(rows).all() or not np.linalg.norm(right) > 0:
        raise KernelRefusal(f"{file_name}: the camera {prim.GetPath()} has a broken transform.")
    return from_axes(back, right, rows[3, :3])


def from_axes(back: NDArray, right: NDArray, place: NDArray) -> NDArray[np.float32]:
    """(4, 4) of a camera at ``place`` that looks against ``back``; ``right`` is square to it."""
    back, right = back / np.linalg.norm(back), right / np.linalg.norm(right)
    matrix = np.eye(4, dtype=np.float32)
    for column, axis in enumerate((right, np.cross(back, right), back, place)):
        matrix[:3, column] = axis
    return matrix


def frame_scene(low: NDArray, high: NDArray, up_axis: str, aspect: float) -> PackedCamera:
    """A camera from the front, a little to the right and above, that holds the box from low to high."""
    centre = (low + high) / 2
    up = np.array([0.0, 0.0, 1.0]) if up_axis == "Z" else np.array([0.0, 1.0, 0.0])
    front = np.array([0.0, -1.0, 0.0]) if up_axis == "Z" else np.array([0.0, 0.0, 1.0])
    back = front + 0.45 * np.cross(up, front) + 0.4 * up
    matrix = from_axes(back, np.cross(up, back), centre)
    tan_height = MADE_TAN / aspect
    # How far back the camera must stand to hold each corner of the box, across and along.
    half = (high - low) / 2
    corners = half * np.array(list(itertools.product((-1, 1), repeat=3))) @ matrix[:3, :3]
    across, along = np.abs(corners[:, 0]) / MADE_TAN, np.abs(corners[:, 1]) / tan_height
    distance = MADE_MARGIN * max(float((corners[:, 2] + np.maximum(across, along)).max()), 1e-6)
    matrix[:3, 3] = centre + distance * matrix[:3, 2]
    return PackedCamera(
        to_world=matrix,
        tan_half_width=MADE_TAN,
        tan_half_height=tan_height,
        focus_distance=distance,
        near=distance * 1e-4,
    )
