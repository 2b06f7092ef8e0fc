"""From local meshes with their places to the flat arrays of a ``PackedScene``."""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdShade

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.scene import Names, PackedCamera, PackedScene
from node_agent.kernels.pathtracer.texture_files import TextureTable
from node_agent.kernels.pathtracer.usd_geometry import LocalMesh
from node_agent.kernels.pathtracer.usd_lights import LightTable
from node_agent.kernels.pathtracer.usd_materials import Look, MaterialTable, UvUse
from node_agent.kernels.pathtracer.usd_motion import Standing
from node_agent.kernels.pathtracer.usd_parts import Part, box_at, joined, names_in
from node_agent.kernels.pathtracer.usd_primvars import find_uv_name, primvar_at_corners

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Matrices = NDArray[np.floating]

TRIANGLES_MAX = 100_000_000
"""That are stored: an instanced mesh counts once."""
INSTANCE_SAVES = 1 << 14
"""Triangles: a mesh that is drawn several times is kept once where that saves as many."""
TRIANGLE_LIGHTS_MAX = 20_000
"""Emissive triangles that are sampled as lights, the strongest first; the rest is found by scattering."""
COLOUR_TEXELS_MAX = 2**24
"""Of one mesh's vertex colours; a larger mesh has its mean colour."""
EMISSION_TEXELS = 2**20
"""Of a textured emission that are looked at to judge its power."""
PROBES = np.array(
    [[1, 1, 1], [4, 1, 1], [1, 4, 1], [1, 1, 4], [3, 3, 0], [0, 3, 3], [3, 0, 3]], np.float64
)
PROBES = PROBES / PROBES.sum(axis=1, keepdims=True)
"""Places inside a triangle, barycentric, where a textured emission is looked up to judge its power."""


class Packer:
    """Collects meshes, then lays everything out."""

    def __init__(
        self,
        materials: MaterialTable,
        textures: TextureTable,
        time: Usd.TimeCode,
        file_name: str,
    ) -> None:
        self.triangle_count = 0
        """Of those that are stored; an instanced mesh counts once."""
        self.emissive: list[tuple[int, F32, int]] = []
        """(triangle, mean radiance (3,), light group) of those that are lights; see ``find_emissive``."""
        self._materials, self._textures, self._time = materials, textures, time
        self._file_name = file_name
        self._world = Part()
        self._groups: dict[object, tuple[Part, list[Matrices], list[Matrices]]] = {}
        """What is drawn together at the same places, and those, where the shutter opens and where it closes."""

    def add(
        self,
        mesh: LocalMesh,
        standing: Standing,
        later: Standing,
        later_points: NDArray[np.float64] | None,
    ) -> None:
        """Add ``mesh`` where it stands: blocks of (own (4, 4), places (m, 4, 4)), local to world by way of both.
        ``later`` and ``later_points``: the same where the shutter closes; no points where they stay.

        Where that saves much, it is kept once, in one space with what has the same places."""
        counts = [len(places) for _, places in standing]
        copies, size = sum(counts), len(mesh.triangles)
        if not copies or not size:
            return
        rows, uvs = self._dress(mesh)
        values, slots = self._tables()
        shines = _shines(values, slots)[rows].any()
        few = copies * size <= (TRIANGLE_LIGHTS_MAX if shines else 0)
        together = all(
            np.array_equal(own, blocks[0][0]) for blocks in (standing, later) for own, _ in blocks
        )
        if (copies - 1) * size < INSTANCE_SAVES or few or not together:
            at, close = (
                np.concatenate([own @ places for own, places in blocks])
                for blocks in (standing, later)
            )
            part, stored = self._world, copies * size
        else:
            part, stored = self._group(standing, later), size
            at, close = standing[0][0][None], later[0][0][None]
        self.triangle_count += stored
        if self.triangle_count > TRIANGLES_MAX:
            raise KernelRefusal(f"{self._file_name} has more than {TRIANGLES_MAX} triangles.")
        moved = mesh.points if later_points is None else later_points
        part.add(
            mesh.points,
            mesh.triangles,
            mesh.normals,
            uvs,
            rows,
            at,
            str(mesh.prim.GetPath()),
            (moved, close),
        )

    def _group(self, standing: Standing, later: Standing) -> Part:
        """The part of what stands at the very same places; a new one for new places."""
        key = tuple(id(places) for _, places in (*standing, *later))
        if key not in self._groups:
            places, close = ([places for _, places in blocks] for blocks in (standing, later))
            self._groups[key] = (Part(), places, close)
        return self._groups[key][0]

    def _dress(self, mesh: LocalMesh) -> tuple[I32, F32]:
        """(material row (t,), texture coordinates (t, 3, 2)) of the mesh's triangles."""
        rows = np.zeros(len(mesh.triangles), np.int32)
        uvs = np.zeros((len(mesh.triangles), 3, 2), np.float32)
        for material, chosen in _bindings(mesh):
            look = self._materials.look(material)
            if look.shows_display_colour:
                rows[chosen], uvs[chosen] = self._display(mesh, look, chosen)
            else:
                rows[chosen], uvs[chosen] = look.row, self._coordinates(mesh, look.uv)[chosen]
        return rows, uvs

    def _coordinates(self, mesh: LocalMesh, use: UvUse) -> F32:
        """(t, 3, 2): the primvar that the material names, else what the mesh has, else zero."""
        found = None
        for name in (use.name, find_uv_name(mesh.prim)):
            if found is None and name:
                found = primvar_at_corners(mesh.prim, name, 2, mesh.topology, self._time)
        if found is None:
            found = mesh.uvs if mesh.uvs is not None else np.zeros((len(mesh.triangles), 3, 2))
        a, b, c, d, e, f = use.matrix
        u, v = found[..., 0], found[..., 1]
        return np.stack([a * u + b * v + e, c * u + d * v + f], axis=2).astype(np.float32)

    def _display(
        self, mesh: LocalMesh, look: Look, chosen: NDArray[np.intp]
    ) -> tuple[int, F32 | float]:
        """(row, coordinates) for a mesh that shows its displayColor: one colour, or a texture of them."""
        colours = mesh.colours
        if colours is None:
            values = self._materials.values[look.row]
            base = tuple(float(x) for x in values[s.BASE_R : s.BASE_B + 1])
            return self._materials.with_colour(look, base, mesh.opacity), 0.0
        colours = np.clip(colours[chosen], 0.0, 1.0)
        spread = np.ptp(colours.reshape(-1, 3), axis=0).max()
        if spread < 1e-6 or 4 * len(colours) > COLOUR_TEXELS_MAX:
            mean = tuple(float(x) for x in colours.reshape(-1, 3).mean(axis=0))
            return self._materials.with_colour(look, mean, mesh.opacity), 0.0
        image, uvs = colour_atlas(colours)
        texture = self._textures.add_image(image, wrap=(1, 1))
        return self._materials.with_colour(look, (1.0,) * 3, mesh.opacity, texture), uvs

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(low, high) corners of all that is drawn."""
        boxes = [self._world.bounds()] if self._world.triangle_count else []
        for part, blocks, close in self._groups.values():
            boxes += [box_at(*part.bounds(), np.concatenate(places)) for places in (blocks, close)]
        return np.min([low for low, _ in boxes], axis=0), np.max(
            [high for _, high in boxes], axis=0
        )

    def find_emissive(self) -> None:
        """Fill ``emissive`` with the triangles whose material shines."""
        world = joined([self._world])
        rows, uvs = world["triangle_materials"], world["corner_uvs"]
        values, slots = self._tables()
        chosen = np.flatnonzero(_shines(values, slots)[rows])
        if not len(chosen):
            return
        radiance = self._emission(values, slots, rows[chosen], uvs[chosen])
        a, b, c = (world["positions"][world["triangles"][chosen, k]] for k in range(3))
        power = np.linalg.norm(np.cross(b - a, c - a), axis=1) * radiance.max(axis=1)
        strongest = np.argsort(-power, kind="stable")[:TRIANGLE_LIGHTS_MAX]
        strongest = np.sort(strongest[power[strongest] > 0])
        groups = values[rows[chosen], s.GROUP].astype(np.int32)
        self.emissive = [(int(chosen[k]), radiance[k], int(groups[k])) for k in strongest]

    def _emission(
        self,
        values: NDArray[np.float32],
        slots: NDArray[np.int32],
        rows: NDArray[np.int32],
        uvs: NDArray[np.float32],
    ) -> F32:
        """(k, 3) mean emitted radiance of triangles, textures looked up at a few places."""
        radiance = values[rows, s.EMIT_R : s.EMIT_B + 1].copy()
        for texture in np.unique(slots[rows, s.TEX_EMIT]):
            if texture < 0:
                continue
            mine = np.flatnonzero(slots[rows, s.TEX_EMIT] == texture)
            at = np.einsum("pc,tcx->tpx", PROBES, uvs[mine])
            image = self._textures.linear(int(texture), EMISSION_TEXELS)
            height, width = image.shape[:2]
            column = np.floor(at[..., 0] % 1.0 * width).astype(np.int64).clip(0, width - 1)
            row = np.floor(at[..., 1] % 1.0 * height).astype(np.int64).clip(0, height - 1)
            radiance[mine] = image[row, column, :3].mean(axis=1)
        return np.maximum(radiance, 0.0)

    def _tables(self) -> tuple[F32, I32]:
        return np.stack(self._materials.values), np.stack(self._materials.slots)

    def finish(
        self,
        lights: LightTable,
        camera: PackedCamera,
        warnings: tuple[str, ...],
        frames_per_second: float = 24.0,
    ) -> PackedScene:
        """The whole scene, with its digest."""
        values, slots = self._tables()
        parts = [self._world, *(part for part, _, _ in self._groups.values())]
        groups = tuple(lights.groups.names)
        names = Names(*names_in(parts), tuple(self._materials.names), groups)
        arrays = {
            **joined(parts),
            **self._instance_arrays(),
            "materials": values,
            "material_textures": slots,
            **self._textures.arrays(),
            **self._light_arrays(lights),
        }
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        digest = digest_of(arrays, camera)
        return PackedScene(
            **arrays,
            camera=camera,
            names=names,
            frames_per_second=frames_per_second,
            digest=digest,
            warnings=warnings,
        )

    def _instance_arrays(self) -> dict[str, NDArray]:
        """The meshes that instances draw, and where."""
        groups = list(self._groups.values())
        sizes = [self._world.triangle_count, *(part.triangle_count for part, _, _ in groups)]
        counts = [sum(map(len, blocks)) for _, blocks, _ in groups]
        opens = _as_columns([block for _, blocks, _ in groups for block in blocks])
        closes = _as_columns([block for _, _, blocks in groups for block in blocks])
        if np.array_equal(opens, closes):
            closes = closes[:0]
        return {
            "meshes": np.cumsum(sizes)[:-1].astype(np.int32),
            "instance_meshes": np.repeat(np.arange(len(groups), dtype=np.int32), counts),
            "instance_places": opens,
            "instance_places_close": closes,
        }

    def _light_arrays(self, lights: LightTable) -> dict[str, NDArray]:
        """The light table: USD's lights, then the emissive triangles."""
        count = len(lights.rows) + len(self.emissive)
        kinds = np.full(count, s.LIGHT_TRIANGLE, np.int32)
        params = np.zeros((count, s.LIGHT_WIDTH), np.float32)
        radiance = np.zeros((count, 3), np.float32)
        textures, index = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
        for row, (kind, numbers, colour, texture) in enumerate(lights.rows):
            kinds[row], radiance[row], textures[row] = kind, colour, texture
            params[row, : len(numbers)] = numbers
        for row, (triangle, colour, _) in enumerate(self.emissive, len(lights.rows)):
            index[row], radiance[row] = triangle, colour
        return {
            "light_kinds": kinds,
            "light_params": params,
            "light_radiance": radiance,
            "light_textures": textures,
            "light_index": index,
            "light_groups": np.array(
                lights.row_groups + [group for _, _, group in self.emissive], np.int32
            ),
        }


def _as_columns(blocks: list[Matrices]) -> F32:
    """From row vectors, (m, 4, 4) each, to three rows for column vectors, (n, 3, 4)."""
    matrices = [at.transpose(0, 2, 1)[:, :3] for at in blocks]
    return np.concatenate([np.zeros((0, 3, 4)), *matrices]).astype(np.float32)


def _shines(values: F32, slots: I32) -> NDArray[np.bool_]:
    """(n_materials,) which emit light."""
    return (values[:, s.EMIT_R : s.EMIT_B + 1].max(axis=1) > 0) | (slots[:, s.TEX_EMIT] >= 0)


def _bindings(mesh: LocalMesh) -> list[tuple[UsdShade.Material | None, NDArray[np.intp]]]:
    """(material, triangles) of the mesh: its GeomSubsets' first, then its own for what is left."""
    faces = mesh.topology.faces
    left = np.ones(mesh.topology.counts[0], bool)
    found = []
    for subset in UsdShade.MaterialBindingAPI(mesh.prim).GetMaterialBindSubsets():
        indices = np.array(subset.GetIndicesAttr().Get() or [], np.int64)
        indices = indices[(indices >= 0) & (indices < len(left))]
        mine = np.zeros(len(left), bool)
        mine[indices] = True
        mine &= left
        left &= ~mine
        found.append((bound_material(subset.GetPrim()), np.flatnonzero(mine[faces])))
    found.append((bound_material(mesh.prim), np.flatnonzero(left[faces])))
    return [(material, triangles) for material, triangles in found if len(triangles)]


def bound_material(prim: Usd.Prim) -> UsdShade.Material | None:
    """What is bound for previews, else for all purposes, else for full renders."""
    api = UsdShade.MaterialBindingAPI(prim)
    for purpose in (UsdShade.Tokens.preview, UsdShade.Tokens.full):
        material, _ = api.ComputeBoundMaterial(purpose)
        if material:
            return material
    return None


def colour_atlas(colours: F32) -> tuple[F32, F32]:
    """(image (h, w, 4), coordinates (t, 3, 2)) that show colours (t, 3, 3) given at triangles' corners.

    Each triangle has 2 x 2 texels of its own. Bilinear lookup between three of their centres is linear, and
    so exact, when the fourth continues the plane through the other three."""
    count = len(colours)
    across = int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    blocks = np.ones((down * across, 2, 2, 4), np.float32)
    blocks[:count, 0, 0, :3], blocks[:count, 0, 1, :3] = colours[:, 0], colours[:, 1]
    blocks[:count, 1, 0, :3] = colours[:, 2]
    blocks[:count, 1, 1, :3] = colours[:, 1] + colours[:, 2] - colours[:, 0]
    image = blocks.reshape(down, across, 2, 2, 4).transpose(0, 2, 1, 3, 4)
    row, column = np.divmod(np.arange(count), across)
    first = np.stack([2 * column + 0.5, 2 * row + 0.5], axis=1)
    corners = first[:, None] + np.array([[0, 0], [1, 0], [0, 1]])
    uvs = (corners / [2 * across, 2 * down]).astype(np.float32)
    return np.ascontiguousarray(image.reshape(2 * down, 2 * across, 4)), uvs


def digest_of(arrays: dict[str, NDArray], camera: PackedCamera) -> str:
    """SHA-256 over names, shapes, types and bytes of all arrays and the camera."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(f"{name} {arrays[name].shape} {arrays[name].dtype};".encode())
        total.update(arrays[name].data)
    for entry in fields(PackedCamera):
        value = getattr(camera, entry.name)
        total.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return total.hexdigest()
