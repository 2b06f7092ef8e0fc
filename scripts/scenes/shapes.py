"""Shapes for the demo scenes: (points, faces) with numpy, and how they become USD meshes.

Points are (n, 3) float; faces a list of index tuples, counter-clockwise seen from outside. Y is up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt

DIGITS = 4
"""Kept of each coordinate: a tenth of a millimetre in metres, and small files."""


@dataclass
class Shape:
    """A polygon mesh; ``uvs`` (one pair a face corner, in face order) may be None."""

    points: np.ndarray
    faces: list[tuple[int, ...]]
    uvs: np.ndarray | None = None

    def moved(self, by: Sequence[float]) -> Shape:
        return Shape(self.points + np.array(by, float), self.faces, self.uvs)

    def scaled(self, by: float | Sequence[float]) -> Shape:
        return Shape(self.points * np.array(by, float), self.faces, self.uvs)

    def turned(self, axis: str, degrees: float) -> Shape:
        a, b = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        points = self.points.copy()
        points[:, a] = c * self.points[:, a] - s * self.points[:, b]
        points[:, b] = s * self.points[:, a] + c * self.points[:, b]
        return Shape(points, self.faces, self.uvs)


def joined(shapes: Sequence[Shape]) -> Shape:
    """Several shapes as one."""
    points, faces, start = [], [], 0
    for shape in shapes:
        points.append(shape.points)
        faces += [tuple(i + start for i in face) for face in shape.faces]
        start += len(shape.points)
    has_uvs = all(shape.uvs is not None for shape in shapes)
    uvs = np.concatenate([shape.uvs for shape in shapes]) if has_uvs else None
    return Shape(np.concatenate(points), faces, uvs)


def grid(rows: int, columns: int, at: Callable, around: bool = False) -> Shape:
    """Quads over ``at(u, v)`` -> (n, 3) for arrays u, v in [0, 1]; ``around`` closes it along u."""
    count = columns if around else columns + 1
    u, v = np.meshgrid(np.arange(count) / columns, np.arange(rows + 1) / rows)
    points = np.asarray(at(u.ravel(), v.ravel()), float)
    faces, uvs = [], []
    for row in range(rows):
        for column in range(columns):
            left, right = row * count + column, row * count + (column + 1) % count
            faces.append((left, right, right + count, left + count))
            low, high = row / rows, (row + 1) / rows
            uvs += [[column / columns, low], [(column + 1) / columns, low]]
            uvs += [[(column + 1) / columns, high], [column / columns, high]]
    return Shape(points, faces, np.array(uvs))


def lathe(
    profile: Sequence[Sequence[float]], segments: int = 48, ripple: Callable | None = None
) -> Shape:
    """A turned body: ``profile`` of (radius, height), bottom first. ``ripple(angle, height)`` scales radii."""
    outline = np.array(profile, float)

    def at(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        place = v * (len(outline) - 1)
        radius = np.interp(place, np.arange(len(outline)), outline[:, 0])
        height = np.interp(place, np.arange(len(outline)), outline[:, 1])
        angle = -2 * np.pi * u
        if ripple is not None:
            radius = radius * ripple(angle, height)
        return np.stack([radius * np.cos(angle), height, radius * np.sin(angle)], axis=1)

    return grid(len(outline) - 1, segments, at, around=True)


def smooth_curve(points: Sequence[Sequence[float]], steps: int) -> np.ndarray:
    """Catmull-Rom through ``points``: (steps + 1, k)."""
    p = np.array(points, float)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    place = np.linspace(0, len(points) - 1 - 1e-9, steps + 1)
    i, t = place.astype(int), (place % 1)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    curve = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
    return 0.5 * (curve + (3 * b - a - 3 * c + d) * t**3)


def tube(
    path: np.ndarray, radius: float | np.ndarray, sides: int = 12, closed: bool = False
) -> Shape:
    """A round tube along ``path`` (n, 3) with one radius or one at each point; open ends are capped."""
    n = len(path)
    radii = np.broadcast_to(np.asarray(radius, float), (n,))
    ahead = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    if not closed:
        ahead[0], ahead[-1] = path[1] - path[0], path[-1] - path[-2]
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = np.cross(ahead[0], [0.31, 0.92, 0.24])
    points = []
    for k in range(n):
        # The frame is carried along, so that the tube does not twist.
        side = side - ahead[k] * (side @ ahead[k])
        side /= np.linalg.norm(side)
        up = np.cross(ahead[k], side)
        angle = 2 * np.pi * np.arange(sides)[:, None] / sides
        points.append(path[k] + radii[k] * (np.cos(angle) * side + np.sin(angle) * up))
    faces = []
    for k in range(n if closed else n - 1):
        for j in range(sides):
            a, b = k * sides + j, k * sides + (j + 1) % sides
            after = ((k + 1) % n - k) * sides
            faces.append((a, b, b + after, a + after))
    if not closed:
        faces.append(tuple(range(sides))[::-1])
        faces.append(tuple((n - 1) * sides + j for j in range(sides)))
    return Shape(np.concatenate(points), faces)


def torus(ring: float, thickness: float, segments: int = 64, sides: int = 16) -> Shape:
    """A ring about Y."""
    angle = 2 * np.pi * np.arange(segments) / segments
    path = np.stack([ring * np.cos(angle), 0 * angle, ring * np.sin(angle)], axis=1)
    return tube(path, thickness, sides, closed=True)


def box(size: Sequence[float], bevel: float = 0.0) -> Shape:
    """A box around the origin; ``bevel`` cuts its edges, which is what catches light."""
    half = np.array(size, float) / 2
    if bevel <= 0:
        points = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
        faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
        square = [[0, 0], [1, 0], [1, 1], [0, 1]]
        orders = [square, [[1, 0], [1, 1], [0, 1], [0, 0]], square, square, square, square]
        return Shape(points, faces, np.array(orders, float).reshape(-1, 2))
    return _bevelled(half, min(bevel, 0.49 * half.min() * 2))


def _bevelled(half: np.ndarray, bevel: float) -> Shape:
    """24 corners: each of the box's eight stands on three faces."""
    points, index = [], {}
    for signs in np.ndindex(2, 2, 2):
        corner = np.where(signs, 1.0, -1.0)
        for axis in range(3):
            place = corner * (half - bevel)
            place[axis] = corner[axis] * half[axis]
            index[signs, axis] = len(points)
            points.append(place)
    faces = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for sign in (0, 1):
            ring = []
            for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
                signs = [0, 0, 0]
                signs[axis], signs[u], signs[v] = sign, a, b
                ring.append(index[tuple(signs), axis])
            faces.append(tuple(ring if sign else ring[::-1]))
        for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
            ends = []
            for sign in (0, 1):
                signs = [0, 0, 0]
                signs[axis], signs[u], signs[v] = sign, a, b
                ends.append(tuple(signs))
            strip = (index[ends[0], u], index[ends[1], u], index[ends[1], v], index[ends[0], v])
            faces.append(strip if a == b else strip[::-1])
    for signs in np.ndindex(2, 2, 2):
        trio = tuple(index[signs, axis] for axis in range(3))
        faces.append(trio if sum(signs) % 2 else trio[::-1])
    return Shape(np.array(points), faces)


def prism(outline: Sequence[Sequence[float]], depth: float) -> Shape:
    """An outline (n, 2) in XY, counter-clockwise, extruded to z = +-depth / 2; it need not be convex."""
    n = len(outline)
    flat = np.array(outline, float)
    front = np.concatenate([flat, np.full((n, 1), depth / 2)], axis=1)
    back = np.concatenate([flat, np.full((n, 1), -depth / 2)], axis=1)
    sides = [(k, n + k, n + (k + 1) % n, (k + 1) % n) for k in range(n)]
    faces = [tuple(range(n)), tuple(range(2 * n - 1, n - 1, -1)), *sides]
    return Shape(np.concatenate([front, back]), faces)


def ball(radius: float, rows: int = 16, bumps: Callable | None = None) -> Shape:
    """A sphere of quads; ``bumps(direction (n, 3))`` scales its radius."""

    def at(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        latitude, angle = (v - 0.5) * np.pi, -2 * np.pi * u
        direction = np.stack(
            [
                np.cos(latitude) * np.cos(angle),
                np.sin(latitude),
                np.cos(latitude) * np.sin(angle),
            ],
            axis=1,
        )
        size = radius * (bumps(direction)[:, None] if bumps else 1.0)
        return direction * size

    return grid(rows, 2 * rows, at, around=True)


def corner_normals(shape: Shape, crease_degrees: float) -> np.ndarray:
    """(corners, 3): smooth where faces meet at less than the crease angle, sharp elsewhere."""
    faces = shape.faces
    normals = np.array([_newell(shape.points[list(face)]) for face in faces])
    size = np.linalg.norm(normals, axis=1, keepdims=True)
    unit = normals / np.maximum(size, 1e-12)
    around: dict[int, list[int]] = {}
    for number, face in enumerate(faces):
        for vertex in face:
            around.setdefault(vertex, []).append(number)
    limit, out = math.cos(math.radians(crease_degrees)), []
    for number, face in enumerate(faces):
        for vertex in face:
            near = np.array(around[vertex])
            near = near[(unit[near] @ unit[number] >= limit) | (near == number)]
            total = normals[near].sum(axis=0)
            length = np.linalg.norm(total)
            out.append(total / length if length > 1e-12 else unit[number])
    return np.array(out)


def without_seams(shape: Shape) -> Shape:
    """Rounded, points in one place made one, and what then has no area left out: poles of lathes."""
    points, same = np.unique(np.round(shape.points, DIGITS) + 0.0, axis=0, return_inverse=True)
    same = same.ravel()
    faces, kept, corner = [], [], 0
    for face in shape.faces:
        joined_face = [int(same[i]) for i in face]
        own = [k for k in range(len(face)) if joined_face[k] != joined_face[k - 1]]
        if len({joined_face[k] for k in own}) >= 3:
            faces.append(tuple(joined_face[k] for k in own))
            kept += [corner + k for k in own]
        corner += len(face)
    return Shape(points, faces, None if shape.uvs is None else shape.uvs[kept])


def _newell(points: np.ndarray) -> np.ndarray:
    return np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0)


def add_mesh(
    stage: Usd.Stage,
    path: str,
    shape: Shape,
    material: UsdShade.Material | None = None,
    crease: float = 40.0,
) -> UsdGeom.Mesh:
    """``shape`` as a Mesh prim at ``path``; ``crease`` 0 authors no normals and keeps the points as they are."""
    mesh = UsdGeom.Mesh.Define(stage, path)
    if crease > 0:
        shape = without_seams(shape)
    points = np.round(shape.points, DIGITS) + 0.0
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points.astype(np.float32)))
    mesh.CreateFaceVertexCountsAttr([len(face) for face in shape.faces])
    mesh.CreateFaceVertexIndicesAttr([i for face in shape.faces for i in face])
    mesh.CreateExtentAttr([Gf.Vec3f(*points.min(axis=0)), Gf.Vec3f(*points.max(axis=0))])
    if crease > 0:
        _author_normals(mesh, shape, np.round(corner_normals(shape, crease), 3) + 0.0)
    if shape.uvs is not None:
        api = UsdGeom.PrimvarsAPI(mesh)
        st = api.CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
        pairs, indices = np.unique(np.round(shape.uvs, DIGITS) + 0.0, axis=0, return_inverse=True)
        st.Set(Vt.Vec2fArray.FromNumpy(pairs.astype(np.float32)))
        st.SetIndices(Vt.IntArray(indices.ravel().tolist()))
    if material is not None:
        bind(mesh.GetPrim(), material)
    return mesh


def _author_normals(mesh: UsdGeom.Mesh, shape: Shape, normals: np.ndarray) -> None:
    """As short as they can be said, for they are the bulk of a text file: at vertices where nothing is sharp."""
    flat = np.array([i for face in shape.faces for i in face])
    at_vertices = np.zeros_like(shape.points)
    at_vertices[flat] = normals
    if np.allclose(at_vertices[flat], normals):
        mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(at_vertices.astype(np.float32)))
        mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        return
    values, indices = np.unique(normals, axis=0, return_inverse=True)
    primvar = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
        "normals", Sdf.ValueTypeNames.Normal3fArray, UsdGeom.Tokens.faceVarying
    )
    primvar.Set(Vt.Vec3fArray.FromNumpy(values.astype(np.float32)))
    primvar.SetIndices(Vt.IntArray(indices.ravel().tolist()))


def bind(prim: Usd.Prim, material: UsdShade.Material) -> None:
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)


def place(
    prim: Usd.Prim,
    move: Sequence[float] = (0, 0, 0),
    turn: Sequence[float] = (0, 0, 0),
    scale: float | Sequence[float] = 1.0,
) -> UsdGeom.XformCommonAPI:
    """Set translation, rotation (degrees, X then Y then Z) and scale; returns the API to animate them."""
    api = UsdGeom.XformCommonAPI(prim)
    sizes = (scale,) * 3 if isinstance(scale, (int, float)) else scale
    if any(move):
        api.SetTranslate(Gf.Vec3d(*map(float, move)))
    if any(turn):
        api.SetRotate(Gf.Vec3f(*map(float, turn)))
    if tuple(sizes) != (1.0, 1.0, 1.0):
        api.SetScale(Gf.Vec3f(*map(float, sizes)))
    return api
