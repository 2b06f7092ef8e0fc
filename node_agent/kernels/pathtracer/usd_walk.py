"""What a stage shows at one frame: every drawable prim with all the places where it stands.

Scenegraph instances and point instances are not followed one by one: a prim that is drawn a thousand times
is read once, and stands at a thousand places that it shares with what is drawn beside it. Matrices are
USD's: row vectors, p_world = [p, 1] @ own @ place.
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
    standing: list[tuple[Matrices, Matrices]] = field(default_factory=list)
    """Blocks of (own (4, 4), places (m, 4, 4)); what has the very same array of places is drawn together."""


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
        self,
        prims: Usd.PrimRange,
        places: Matrices,
        root_to_world: Matrices,
        depth: int,
        done: Usd.Prim | None = None,
    ) -> None:
        """Add what ``prims`` shows, once at each of ``places`` (m, 4, 4), that stand for ``root_to_world``.

        ``done``: an instance that is drawn already, and whose inside is wanted."""
        back: Matrices = np.linalg.inv(root_to_world)
        instances: dict[object, list[Usd.Prim]] = {}
        for prim in self._shown(prims, done):
            if prim == done:
                continue
            if prim.IsInstance():
                instances.setdefault(_likeness(prim), []).append(prim)
            if prim.IsA(UsdGeom.Camera):
                self.contents.cameras.append(prim)
                continue
            if not self._is_rendered(prim):
                continue
            own = back_from(self._matrix(prim), back)
            if prim.IsA(UsdGeom.PointInstancer):
                self._instances(UsdGeom.PointInstancer(prim), own @ places, depth)
            elif is_light(prim):
                self.contents.lights += [(prim, matrix) for matrix in own @ places]
            else:
                self._draw(prim, own, places)
        for alike in instances.values():
            self._instances_of(alike, back, places, depth)

    def _instances_of(
        self, alike: list[Usd.Prim], back: Matrices, places: Matrices, depth: int
    ) -> None:
        """Add what stands below instances of one prototype that look alike, by one of them."""
        if depth >= NESTING_MAX:
            self._warn(f"{alike[0].GetPath()} is an instance in too many others; it is left out.")
            return
        if len(alike) * len(places) > PLACES_MAX:
            raise KernelRefusal(f"{alike[0].GetPath()} is drawn {len(alike) * len(places)} times.")
        roots = np.stack([self._matrix(prim) for prim in alike])
        sound = np.flatnonzero(has_extent(roots))
        if len(sound) < len(alike):
            self._warn(f"{alike[0].GetPath()} has a transform without an extent; it is left out.")
        if not len(sound):
            return
        relative = np.stack([back_from(root, back) for root in roots[sound]])
        every = (relative[None] @ places[:, None]).reshape(-1, 4, 4)
        model = alike[sound[0]]
        inside = Usd.PrimIsActive & Usd.PrimIsLoaded & ~Usd.PrimIsAbstract
        below = Usd.PrimRange(model, Usd.TraverseInstanceProxies(inside))
        self._visit(below, every, roots[sound[0]], depth + 1, model)

    def _shown(self, prims: Usd.PrimRange, open_: Usd.Prim | None) -> Iterator[Usd.Prim]:
        """The visible prims that may hold something; invisible and non-geometric branches are cut, and what
        is inside of instances, but for that of ``open_``."""
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
            # The prototypes below an instancer show only where it puts them.
            if prim.IsA(UsdGeom.PointInstancer) or (prim.IsInstance() and prim != open_):
                walk.PruneChildren()
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

    def _draw(self, prim: Usd.Prim, own: Matrices, places: Matrices) -> None:
        if not (prim.IsA(UsdGeom.Mesh) or str(prim.GetTypeName()) in SOLIDS):
            return
        finite = has_extent(own @ places)
        if not finite.all():
            self._warn(f"{prim.GetPath()} has a transform without an extent; it is left out.")
            places = places[finite]
        source = prim.GetPrimInPrototype() if prim.IsInstanceProxy() else prim
        key = (source.GetPath(), _own_look(prim))
        self.contents.meshes.setdefault(key, Drawn(prim)).standing.append((own, places))

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


def has_extent(matrices: Matrices) -> NDArray[np.bool_]:
    """(m,) which of the matrices are numbers that squash nothing flat."""
    size = np.abs(np.linalg.det(np.nan_to_num(matrices[:, :3, :3])))
    return np.isfinite(matrices).all(axis=(1, 2)) & (size > 0)


def _likeness(instance: Usd.Prim) -> object:
    """Equal for instances below which the same is seen."""
    purpose = UsdGeom.Imageable(instance).ComputePurpose()
    return (str(instance.GetPrototype().GetPath()), str(purpose), *_inherited_look(instance))


def _own_look(prim: Usd.Prim) -> object:
    """What tells apart the looks of proxies of one prototype: the material bound outside of it, if any."""
    return _inherited_look(prim) if prim.IsInstanceProxy() else None


def _inherited_look(prim: Usd.Prim) -> tuple[str, str]:
    """(path of the material, path of the displayColor) that the prim has, from itself or from above."""
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
