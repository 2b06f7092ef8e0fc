"""What a frame's file tells compositors of its camera and its time, by the names of OpenEXR's standard attributes.

Matrices are for row vectors, p' = p M, as OpenEXR's own library has them. Knows nothing of files: plain numbers out.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.scene import PackedCamera

F32 = NDArray[np.float32]
MOST_HOURS = 24
"""A time code goes to 23:59:59."""
DENOMINATOR_MAX = 1001
"""24000 / 1001 frames a second is film on NTSC."""


def camera_attributes(
    camera: PackedCamera, size: tuple[int, int], frame: float, frames_per_second: float
) -> dict[str, object]:
    """worldToCamera and worldToNDC, (4, 4) float32; framesPerSecond, (numerator, denominator); timeCode,
    'hh:mm:ss:ff', where the frame is a whole one of a day. ``size``: (width, height) of the image.

    A camera that moves while its shutter is open is the one halfway, as a sample of that moment has it."""
    to_world = np.asarray(camera.to_world, np.float64)
    if camera.to_world_close is not None:
        to_world = (to_world + np.asarray(camera.to_world_close, np.float64)) / 2
    found: dict[str, object] = {}
    if abs(np.linalg.det(to_world)) > 0:
        # OpenEXR's camera space is left-handed: what is seen has a positive z.
        view = np.diag([1.0, 1.0, -1.0, 1.0]) @ np.linalg.inv(to_world)
        found["worldToCamera"] = _for_rows(view)
        found["worldToNDC"] = _for_rows(projection(camera, size) @ view)
    if frames_per_second > 0:
        rate = Fraction(frames_per_second).limit_denominator(DENOMINATOR_MAX)
        found["framesPerSecond"] = (rate.numerator, rate.denominator)
        code = time_code(frame, frames_per_second)
        if code:
            found["timeCode"] = code
    return found


def projection(camera: PackedCamera, size: tuple[int, int]) -> NDArray[np.float64]:
    """(4, 4), for column vectors, from OpenEXR's camera space to the image: (0, 0) is its upper left corner and
    (1, 1) its lower right; z goes from 0 at the near plane to 1 at the far one."""
    width, height = size
    tan_x = camera.tan_half_width
    tan_y = tan_x * height / width
    near = min(max(camera.near, 1e-6), 1e12)
    far = min(max(camera.far, near * 1.001), 1e15)
    return np.array(
        [
            [0.5 / tan_x, 0.0, 0.5 - 0.5 * camera.shift_x, 0.0],
            [0.0, -0.5 / tan_y, 0.5 + 0.5 * camera.shift_y, 0.0],
            [0.0, 0.0, far / (far - near), -far * near / (far - near)],
            [0.0, 0.0, 1.0, 0.0],
        ]
    )


def time_code(frame: float, frames_per_second: float) -> str:
    """'hh:mm:ss:ff' of a frame, frame 0 being 00:00:00:00, without dropped frames; '' of one that has none."""
    rate = round(frames_per_second)
    if frame < 0 or frame != int(frame) or rate < 1 or rate > 60:
        return ""
    seconds, frames = divmod(int(frame), rate)
    hours = seconds // 3600
    if hours >= MOST_HOURS:
        return ""
    return f"{hours:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _for_rows(matrix: NDArray[np.floating]) -> F32:
    return np.ascontiguousarray(matrix.T, np.float32)
