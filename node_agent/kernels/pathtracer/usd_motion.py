"""What moves while a camera's shutter is open: the stage at its opening and at its close.

Between the two everything goes in straight lines. Meshes whose faces change meanwhile stand still, and so do
lights; shading normals are those of the opening.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from node_agent.kernels.pathtracer.usd_geometry import LocalMesh, read_mesh
from node_agent.kernels.pathtracer.usd_walk import Contents, Drawn, Matrices, Walk

Standing = Sequence[tuple[Matrices, Matrices]]


@dataclass(frozen=True, slots=True)
class Shutter:
    """From when to when, in time codes."""

    opens: Usd.TimeCode
    closes: Usd.TimeCode

    @property
    def blurs(self) -> bool:
        """Whether it is open for any time at all."""
        return self.closes.GetValue() > self.opens.GetValue()


def shutter_of(camera: Usd.Prim | None, time: Usd.TimeCode) -> Shutter:
    """The camera's shutter around ``time``; closed at once where it is none, or no pair of numbers."""
    if camera is None:
        return Shutter(time, time)
    lens = UsdGeom.Camera(camera)
    ends = [lens.GetShutterOpenAttr().Get(time), lens.GetShutterCloseAttr().Get(time)]
    opens, closes = (float(value) if value is not None else 0.0 for value in ends)
    if not (np.isfinite([opens, closes]).all() and opens < closes):
        return Shutter(time, time)
    frame = time.GetValue()
    return Shutter(Usd.TimeCode(frame + opens), Usd.TimeCode(frame + closes))


class Later:
    """The stage where the shutter closes, asked for the counterparts of what stood where it opened."""

    def __init__(self, stage: Usd.Stage, shutter: Shutter, earlier: Contents) -> None:
        self._time = shutter.closes
        self._contents = Walk(stage, shutter.closes, _ignore).run() if shutter.blurs else earlier
        self._blurs = shutter.blurs
        self._same: dict[tuple[int, int], NDArray] = {}
        self._kept: list[object] = []

    def standing(self, key: object, drawn: Drawn) -> Standing:
        """Where ``drawn`` stands at the close; the same where it does not move."""
        other = self._contents.meshes.get(key)
        if not self._blurs or other is None or len(other.standing) != len(drawn.standing):
            return drawn.standing
        pairs = list(zip(drawn.standing, other.standing, strict=True))
        if any(len(one[1]) != len(two[1]) for one, two in pairs):
            return drawn.standing
        return [(two[0], self._places(one[1], two[1])) for one, two in pairs]

    def _places(self, one: Matrices, two: Matrices) -> Matrices:
        """``two``, or the very array ``one`` where they are equal: what is drawn together stays so."""
        key = id(one), id(two)
        if key not in self._same:
            self._same[key] = one if np.array_equal(one, two) else two
            self._kept += [one, two]
        return self._same[key]

    def points(self, drawn: Drawn, mesh: LocalMesh) -> NDArray[np.float64] | None:
        """The mesh's points at the close; None where they do not move."""
        prim = drawn.prim
        if not self._blurs or not prim.IsA(UsdGeom.Mesh):
            return None
        if not UsdGeom.Mesh(prim).GetPointsAttr().ValueMightBeTimeVarying():
            return None
        later = read_mesh(prim, self._time, _ignore)
        if later is None or not np.array_equal(later.triangles, mesh.triangles):
            return None
        same = later.points.shape != mesh.points.shape or np.array_equal(later.points, mesh.points)
        return None if same else later.points


def _ignore(_sentence: str) -> None:
    """What there is to say was said of the opening."""
