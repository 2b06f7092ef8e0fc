"""From a ``PackedScene`` to what Mitsuba 3 loads, for the scenes that both renderers draw alike.

Only what Mitsuba has under another name is converted; anything else raises ``Different``. Its materials are
Mitsuba's own where these are ours: Lambert's, microfacet mirrors and glass. All that shines is let through by
``null`` surfaces, as our lights stop no ray. Needs a variant that is set already.
"""

from __future__ import annotations

import math
from pathlib import Path

import mitsuba as mi  # pyright: ignore[reportMissingImports]
import numpy as np

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.bsdf import SMALLEST_ALPHA
from node_agent.kernels.pathtracer.mipmaps import image_of
from node_agent.kernels.pathtracer.scene import PackedCamera, PackedScene

SHIFT = 1e-4
"""Of the two copies of a mesh that emits, along its normals: Mitsuba's emit on their front alone."""
WRAPS = {0: "repeat", 1: "clamp", 2: "mirror"}


class Different(ValueError):
    """Mitsuba has nothing that draws this alike."""


def mitsuba_scene(packed: PackedScene, size: tuple[int, int], folder: Path, depth: int):
    """The scene; meshes are written to ``folder`` on the way."""
    parts = {"type": "scene", "integrator": {"type": "path", "max_depth": depth, "rr_depth": 5}}
    parts["sensor"] = _sensor(packed.camera, size)
    parts |= _lights(packed) | _meshes(packed, folder)
    return mi.load_dict(parts)


def image(scene, samples: int, seed: int):
    """(height, width, 3) float64 radiance."""
    return np.array(mi.render(scene, spp=samples, seed=seed))[..., :3].astype(np.float64)


def _transform(matrix):
    return mi.ScalarTransform4f(np.asarray(matrix, np.float64))


def _colour(c) -> dict:
    return {"type": "rgb", "value": [float(x) for x in c]}


def _sensor(camera: PackedCamera, size: tuple[int, int]) -> dict:
    """Ours looks along -z with x to the right, Mitsuba's along +z with x to the left."""
    if camera.to_world_close is not None or camera.shift_x or camera.shift_y:
        raise Different("a camera that moves or shifts")
    turned = np.asarray(camera.to_world, float) @ np.diag([-1.0, 1.0, -1.0, 1.0])
    film = {"type": "hdrfilm", "width": size[0], "height": size[1], "rfilter": {"type": "box"}}
    sensor = {
        "type": "perspective",
        "fov": 2 * math.degrees(math.atan(camera.tan_half_width)),
        "fov_axis": "x",
        "near_clip": max(camera.near, 1e-3),
        "far_clip": 1e5,
        "to_world": _transform(turned),
        "film": film | {"pixel_format": "rgb", "component_format": "float32"},
        "sampler": {"type": "independent"},
    }
    if camera.lens_radius > 0:
        lens = {"aperture_radius": camera.lens_radius, "focus_distance": camera.focus_distance}
        sensor |= {"type": "thinlens"} | lens
    return sensor


def _texture(packed: PackedScene, row: int) -> dict:
    channel, wrap, other = packed.textures[row, [s.TEX_CHANNEL, s.TEX_WRAP_S, s.TEX_WRAP_T]]
    if wrap != other or wrap not in WRAPS:
        raise Different("a texture that wraps in two ways, or to black")
    texels = image_of(packed, row)
    chosen = texels[..., :3] if channel < 0 else texels[..., channel : channel + 1]
    bitmap = mi.Bitmap(np.ascontiguousarray(chosen))
    return {"type": "bitmap", "bitmap": bitmap, "raw": True, "wrap_mode": WRAPS[int(wrap)]}


def _lights(packed: PackedScene) -> dict:
    lights = zip(
        packed.light_kinds,
        packed.light_params.astype(float),
        packed.light_radiance,
        packed.light_textures,
        strict=True,
    )
    found = {f"light{n}": _light(packed, *light) for n, light in enumerate(lights)}
    return {name: light for name, light in found.items() if light is not None}


def _light(packed: PackedScene, kind, p, radiance, texture) -> dict | None:
    shape = {
        "emitter": {"type": "area", "radiance": _colour(radiance)},
        "bsdf": {"type": "null"},
    }
    if kind == s.LIGHT_TRIANGLE:
        return None  # its mesh shines
    if kind == s.LIGHT_SPHERE:
        return shape | {"type": "sphere", "center": list(p[:3]), "radius": p[3]}
    if kind in (s.LIGHT_RECT, s.LIGHT_DISK):
        to_world = np.eye(4)
        to_world[:3] = np.stack([p[3:6], p[6:9], p[9:12], p[0:3]], axis=1)
        name = "rectangle" if kind == s.LIGHT_RECT else "disk"
        return shape | {"type": name, "to_world": _transform(to_world)}
    if kind == s.LIGHT_DISTANT:
        if p[3] < 1:
            raise Different("a distant light of some size")
        return {
            "type": "directional",
            "direction": list(-p[:3]),
            "irradiance": _colour(radiance),
        }
    return _dome(packed, p, radiance, texture)


def _dome(packed: PackedScene, p, radiance, texture) -> dict:
    if texture < 0:
        return {"type": "constant", "radiance": _colour(radiance)}
    picture = np.ascontiguousarray(image_of(packed, texture)[::-1, :, :3] * radiance, np.float32)
    to_world = np.eye(4)
    to_world[:3, :3] = p[:9].reshape(3, 3).T
    return {"type": "envmap", "bitmap": mi.Bitmap(picture), "to_world": _transform(to_world)}


def _meshes(packed: PackedScene, folder: Path) -> dict:
    """A shape for each material of each mesh; instances of groups of them."""
    starts = [*packed.meshes, len(packed.triangles)]
    found = _shapes(packed, np.arange(starts[0]), folder)
    for n, start in enumerate(packed.meshes):
        shapes = _shapes(packed, np.arange(start, starts[n + 1]), folder)
        found[f"mesh{n}"] = {"type": "shapegroup"} | shapes
    for n, (mesh, place) in enumerate(
        zip(packed.instance_meshes, packed.instance_places, strict=True)
    ):
        to_world = np.eye(4)
        to_world[:3] = place
        group = {"type": "ref", "id": f"mesh{mesh}"}
        found[f"instance{n}"] = {
            "type": "instance",
            "to_world": _transform(to_world),
            "group": group,
        }
    return found


def _shapes(packed: PackedScene, which, folder: Path) -> dict:
    materials = packed.triangle_materials[which]
    found = {}
    for material in np.unique(materials):
        name = f"{'all' if not len(which) else which[0]}_{material}"
        chosen = which[materials == material]
        emit = packed.materials[material][s.EMIT_R : s.EMIT_R + 3]
        shape = {"type": "ply", "bsdf": bsdf_of(packed, int(material))}
        if emit.any():
            shape["emitter"] = {"type": "area", "radiance": _colour(emit)}
        for side in (1, -1) if emit.any() else (0,):
            path = folder / f"mesh{name}_{side}.ply"
            write_ply(packed, chosen, path, side)
            found[f"shape{name}_{side}"] = shape | {"filename": str(path)}
    return found


def write_ply(packed: PackedScene, which, path: Path, side: int) -> None:
    """Triangles, each with corners of its own; ``side`` -1: turned over, and moved a little."""
    positions = packed.positions[packed.triangles[which]]
    normals = packed.corner_normals[which]
    if side:
        face = np.cross(positions[:, 1] - positions[:, 0], positions[:, 2] - positions[:, 0])
        face /= np.linalg.norm(face, axis=1, keepdims=True)
        positions = positions + side * SHIFT * face[:, None]
    rows = np.concatenate([positions, normals * (side or 1), packed.corner_uvs[which]], axis=2)
    if side < 0:
        rows = rows[:, ::-1]
    names = ["x", "y", "z", "nx", "ny", "nz", "u", "v"]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {3 * len(which)}"]
    header += [f"property float {name}" for name in names]
    header += [f"element face {len(which)}", "property list uchar int vertex_indices", "end_header"]
    faces = np.empty(len(which), [("n", "u1"), ("corners", "<i4", 3)])
    faces["n"], faces["corners"] = 3, np.arange(3 * len(which)).reshape(-1, 3)
    body = np.ascontiguousarray(rows, "<f4").tobytes() + faces.tobytes()
    path.write_bytes("\n".join(header).encode() + b"\n" + body)


def bsdf_of(packed: PackedScene, material: int) -> dict:
    """Mitsuba's material that is one of ours."""
    row, slots = packed.materials[material].astype(float), packed.material_textures[material]
    if (np.delete(slots, [s.TEX_BASE, s.TEX_OPACITY]) >= 0).any():
        raise Different("a texture of anything but colour and opacity")
    base = _colour(row[s.BASE_R : s.BASE_R + 3])
    if slots[s.TEX_BASE] >= 0:
        base = _texture(packed, slots[s.TEX_BASE])
    bsdf = _surface(row, base)
    opacity = row[s.OPACITY]
    if slots[s.TEX_OPACITY] >= 0:
        opacity = _texture(packed, slots[s.TEX_OPACITY])
    elif opacity == 1:
        return bsdf
    return {"type": "mask", "opacity": opacity, "nested": bsdf}


def _surface(row, base: dict) -> dict:
    alpha = max(row[s.ROUGHNESS] ** 2, float(SMALLEST_ALPHA))
    facets = {"distribution": "ggx", "alpha": alpha}
    if row[s.TRANSMISSION] == 1 and row[s.METALLIC] == 0:
        indices = {"int_ior": row[s.IOR], "ext_ior": 1.0, "specular_transmittance": base}
        if row[s.THIN] and row[s.ROUGHNESS] == 0:
            return {"type": "thindielectric"} | indices
        if not row[s.THIN]:
            return {"type": "roughdielectric"} | indices | facets
    elif row[s.COAT] == 0 and not row[s.USE_SPECULAR]:
        if row[s.METALLIC] == 1:
            metal = {"type": "roughconductor", "material": "none", "specular_reflectance": base}
            return _two_sided(metal | facets)
        if row[s.METALLIC] == 0 and row[s.IOR] == 1:
            return _two_sided({"type": "diffuse", "reflectance": base})
    raise Different("a material that Mitsuba mixes in another way")


def _two_sided(bsdf: dict) -> dict:
    return {"type": "twosided", "nested": bsdf}
