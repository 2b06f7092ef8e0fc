"""What a stage shows at one frame: every drawable prim with all the places where it stands.

Scenegraph instances and point instances are flattened: a prim that is drawn a thousand times is read once
and has a thousand matrices. Matrices are USD's: row vectors, p_world = [p, 1] @ matrix.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdLux, UsdShade, UsdSkel

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.usd_solids import SOLIDS

Matrices = NDArray[np.floating]

NESTING_MAX = 8
"""Point instancers inside point instancers."""
PLACES_MAX = 20_000_000
"""Matrices of one prim: 2.5 GB, more than any frame that could be rendered from flattened instances."""
CURVES = "curves are not rendered"
UNSUPPORTED = {
    "BasisCurves": CURVES,
    "NurbsCurves": CURVES,
    "HermiteCurves": CURVES,
    "NurbsPatch": "NURBS patches are not rendered",
    "TetMesh": "tetrahedral meshes are not rendered",
    "Points": "points are not rendered",
    "Volume": "volumes are not rendered",
    "Cylinder_1": "cylinders of two radii are not rendered",
    "Capsule_1": "capsules of two radii are not rendered",
}
"""Type name to what is said, once a file, of the first prim of that type."""


@dataclass(slots=True)
class Drawn:
    """One prim to be drawn. Instance proxies of one prototype's prim with one look share an entry."""

    prim: Usd.Prim
    matrices: list[Matrices] = field(default_factory=list)
    """Blocks (m, 4, 4), local to world."""


@dataclass(slots=True)
class Contents:
    """All that one frame shows."""

    meshes: dict[object, Drawn] = field(default_factory=dict)
    lights: list[tuple[Usd.Prim, Matrices]] = field(default_factory=list)
    """(prim, (4, 4) local to world)."""
    cameras: list[Usd.Prim] = field(default_factory=list)


class Walk:
    """Collects ``contents`` from a stage at ``time``."""

    def __init__(self, stage: Usd.Stage, time: Usd.TimeCode, warn: Callable[[str], None]) -> None:
        self.contents = Contents()
        self._time, self._warn = time, warn
        self._xforms = UsdGeom.XformCache(time)
        self._stage = stage

    def run(self) -> Contents:
        """Everything that the stage shows."""
        prims = Usd.PrimRange(
            self._stage.GetPseudoRoot(), Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)
        )
        self._visit(prims, np.eye(4)[None], np.eye(4), 0)
        return self.contents

    def _visit(
        self, prims: Usd.PrimRange, places: Matrices, root_to_world: Matrices, depth: int
    ) -> None:
        """Add what ``prims`` shows, once at each of ``places`` (m, 4, 4), that stand for ``root_to_world``."""
        back: Matrices = np.linalg.inv(root_to_world)
        for prim in self._shown(prims):
            if prim.IsA(UsdGeom.Camera):
                self.contents.cameras.append(prim)
                continue
            if not self._is_rendered(prim):
                continue
            local = back_from(self._matrix(prim), back) @ places
            if prim.IsA(UsdGeom.PointInstancer):
                self._instances(UsdGeom.PointInstancer(prim), local, depth)
            elif is_light(prim):
                self.contents.lights += [(prim, matrix) for matrix in local]
            else:
                self._draw(prim, local)

    def _shown(self, prims: Usd.PrimRange) -> Iterator[Usd.Prim]:
        """The visible prims that may hold something; invisible and non-geometric branches are cut."""
        walk = iter(prims)
        for prim in walk:
            imageable = UsdGeom.Imageable(prim)
            if not imageable:
                if prim.IsA(UsdShade.Material) or prim.IsA(UsdGeom.Subset):
                    walk.PruneChildren()
                continue
            if imageable.GetVisibilityAttr().Get(self._time) == UsdGeom.Tokens.invisible:
                walk.PruneChildren()
                # A hidden camera still takes pictures.
                yield from (p for p in Usd.PrimRange(prim) if p.IsA(UsdGeom.Camera))
                continue
            self._look_for_skeleton(prim)
            if prim.IsA(UsdGeom.PointInstancer):
                walk.PruneChildren()  # the prototypes below it show only where it puts them
            yield prim

    def _look_for_skeleton(self, prim: Usd.Prim) -> None:
        if prim.IsA(UsdSkel.Root):
            self._warn(f"{prim.GetPath()} has a skeleton; its meshes are rendered as modelled.")

    def _is_rendered(self, prim: Usd.Prim) -> bool:
        """Whether it is a thing (not only a transform) with purpose default or render."""
        kind = str(prim.GetTypeName())
        if kind in ("", "Xform", "Scope", "SkelRoot"):
            return False
        if kind in UNSUPPORTED:
            self._warn(f"{prim.GetPath()} is a {kind}: {UNSUPPORTED[kind]}.")
            return False
        purpose = UsdGeom.Imageable(prim).ComputePurpose()
        return purpose in (UsdGeom.Tokens.default_, UsdGeom.Tokens.render)

    def _matrix(self, prim: Usd.Prim) -> Matrices:
        return np.array(self._xforms.GetLocalToWorldTransform(prim), np.float64)

    def _draw(self, prim: Usd.Prim, places: Matrices) -> None:
        if not (prim.IsA(UsdGeom.Mesh) or str(prim.GetTypeName()) in SOLIDS):
            return
        finite = np.isfinite(places).all(axis=(1, 2)) & (
            np.abs(np.linalg.det(np.nan_to_num(places[:, :3, :3]))) > 0
        )
        if not finite.all():
            self._warn(f"{prim.GetPath()} has a transform without an extent; it is left out.")
        source = prim.GetPrimInPrototype() if prim.IsInstanceProxy() else prim
        key = (source.GetPath(), _own_look(prim))
        self.contents.meshes.setdefault(key, Drawn(prim)).matrices.append(places[finite])

    def _instances(self, instancer: UsdGeom.PointInstancer, places: Matrices, depth: int) -> None:
        """Draw each prototype at the points that name it, below every place of the instancer."""
        path = instancer.GetPath()
        prototypes = instancer.GetPrototypesRel().GetForwardedTargets()
        indices = np.array(instancer.GetProtoIndicesAttr().Get(self._time) or [], np.int64)
        at = instancer.ComputeInstanceTransformsAtTime(
            self._time,
            self._time,
            UsdGeom.PointInstancer.ExcludeProtoXform,
            UsdGeom.PointInstancer.IgnoreMask,
        )
        matrices = np.array(at, np.float64).reshape(-1, 4, 4)
        if depth >= NESTING_MAX or len(matrices) != len(indices) or not len(indices):
            self._warn(f"{path} is a point instancer that cannot be followed; it is left out.")
            return
        mask = np.array(instancer.ComputeMaskAtTime(self._time) or np.ones(len(indices)), bool)
        known = (indices >= 0) & (indices < len(prototypes))
        if not known.all():
            self._warn(f"{path} names prototypes that it does not have; those points are left out.")
        for number, prototype in enumerate(prototypes):
            chosen = matrices[(indices == number) & mask & known]
            if len(chosen) * len(places) > PLACES_MAX:
                raise KernelRefusal(f"{path} draws {len(chosen) * len(places)} instances.")
            self._prototype(prototype, (chosen[None] @ places[:, None]).reshape(-1, 4, 4), depth)

    def _prototype(self, path: object, places: Matrices, depth: int) -> None:
        """Visit one prototype, which need not be defined or visible where it stands."""
        root = self._stage.GetPrimAtPath(path)
        if not root or not len(places):
            return
        whole = Usd.TraverseInstanceProxies(Usd.PrimIsActive & Usd.PrimIsLoaded)
        # The prototype's own transform comes before the instance's; what stands above it counts for nothing.
        # USD can apply it too, but gives up on all points where one names a prototype that is not there.
        own, _ = self._xforms.GetLocalTransformation(root)
        places = np.array(own, np.float64) @ places
        self._visit(Usd.PrimRange(root, whole), places, self._matrix(root), depth + 1)


def back_from(matrix: Matrices, back: Matrices) -> Matrices:
    """``matrix`` relative to the root whose inverse is ``back``; exact where that is the world."""
    return matrix if np.array_equal(back, np.eye(4)) else matrix @ back


def _own_look(prim: Usd.Prim) -> object:
    """What tells apart the looks of proxies of one prototype: the material bound outside of it, if any."""
    if not prim.IsInstanceProxy():
        return None
    bound, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial(UsdShade.Tokens.preview)
    # displayColor may be inherited from the instance, too.
    colour = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance("displayColor")
    return (
        str(bound.GetPath()) if bound else "",
        str(colour.GetAttr().GetPath()) if colour and not bound else "",
    )


def is_light(prim: Usd.Prim) -> bool:
    """Whether the prim is a light of its own, not a mesh that shines."""
    return prim.IsA(UsdLux.BoundableLightBase) or prim.IsA(UsdLux.NonboundableLightBase)
