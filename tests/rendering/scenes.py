"""Scenes made in code, with answers known on paper; shared by the tests and the benchmarks.

``Builder`` collects meshes, materials and lights and packs them as the readers do.
"""

from __future__ import annotations

import hashlib

import numpy as np

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.mipmaps import Pool, store
from node_agent.kernels.pathtracer.scene import PackedCamera, PackedScene


def look_at(eye, target, up=(0.0, 1.0, 0.0)):
    """(4, 4) float32 camera-to-world matrix of a camera at ``eye`` that looks at ``target``."""
    eye, target = np.asarray(eye, float), np.asarray(target, float)
    back = eye - target
    back /= np.linalg.norm(back)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2], matrix[:3, 3] = (
        right,
        np.cross(back, right),
        back,
        eye,
    )
    return matrix


class Builder:
    """A scene under construction."""

    def __init__(self) -> None:
        self.positions = np.zeros((0, 3), np.float32)
        self.triangles = np.zeros((0, 3), np.int32)
        self.normals = np.zeros((0, 3, 3), np.float32)
        self.uvs = np.zeros((0, 3, 2), np.float32)
        self.materials_of = np.zeros(0, np.int32)
        self.materials, self.material_textures = [], []
        self.images = Pool()
        self.lights = []  # (kind, params, radiance, texture, triangle)
        self.camera = PackedCamera(
            to_world=look_at((0, 0, 5), (0, 0, 0)), tan_half_width=0.5, tan_half_height=0.5
        )

    def look(self, eye, target, tan=0.5, **more) -> None:
        """Set the camera."""
        up = (0, 1, 0) if abs(eye[0] - target[0]) + abs(eye[2] - target[2]) > 1e-6 else (0, 0, -1)
        self.camera = PackedCamera(
            to_world=look_at(eye, target, up), tan_half_width=tan, tan_half_height=tan, **more
        )

    def material(
        self,
        base=(0.5, 0.5, 0.5),
        metallic=0.0,
        roughness=0.5,
        emit=(0, 0, 0),
        ior=1.5,
        opacity=1.0,
        specular=None,
        threshold=0.0,
        transmission=0.0,
        thin=0.0,
        coat=(0.0, 0.0),
        **textures,
    ) -> int:
        """A material's row; ``textures``: slot name, such as base=row, from ``texture``."""
        row = np.zeros(s.MATERIAL_WIDTH, np.float32)
        row[s.BASE_R : s.BASE_R + 3] = base
        row[s.METALLIC], row[s.ROUGHNESS] = metallic, roughness
        row[s.EMIT_R : s.EMIT_R + 3] = emit
        row[s.IOR], row[s.OPACITY], row[s.OPACITY_THRESHOLD] = ior, opacity, threshold
        row[s.TRANSMISSION], row[s.THIN] = transmission, thin
        row[s.COAT], row[s.COAT_ROUGHNESS] = coat
        if specular is not None:
            row[s.SPECULAR_R : s.SPECULAR_R + 3], row[s.USE_SPECULAR] = specular, 1.0
        slots = np.full(s.TEXTURE_SLOTS, -1, np.int32)
        for name, texture in textures.items():
            slots[getattr(s, name.upper())] = texture
        self.materials.append(row)
        self.material_textures.append(slots)
        return len(self.materials) - 1

    def matt(self, albedo=0.5, **more) -> int:
        """A purely diffuse material: an index of refraction of 1 is no interface, and reflects nothing."""
        base = (albedo,) * 3 if np.isscalar(albedo) else albedo
        return self.material(base=base, roughness=1.0, ior=1.0, **more)

    def texture(
        self, pixels, channel=-1, wrap=(0, 0), curve=s.CURVE_PLAIN, levels=32, **more
    ) -> int:
        """A texture from (h, w, c), bottom row first, of float32 unless the array is of bytes, shorts or halves."""
        pixels = np.asarray(pixels)
        kept = pixels.dtype in (np.uint8, np.uint16, np.float16)
        pixels = pixels if kept else np.nan_to_num(pixels.astype(np.float32), posinf=1e20)
        return self.images.add_row(
            self.images.add(store(pixels, curve, levels=levels)), channel, wrap, **more
        )

    def mesh(self, positions, triangles, material, normals=None, uvs=None) -> None:
        """Add triangles; ``normals`` (n_vertices, 3) for smooth shading; emissive ones become lights."""
        positions = np.asarray(positions, np.float32)
        triangles = np.asarray(triangles, np.int32).reshape(-1, 3)
        corners = positions[triangles]
        with np.errstate(invalid="ignore", over="ignore"):  # broken meshes are made on purpose
            face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        length = np.linalg.norm(face, axis=1, keepdims=True)
        face = face / np.where(length > 0, length, 1)
        shading = np.repeat(face[:, None], 3, axis=1) if normals is None else normals[triangles]
        first = len(self.triangles)
        self.triangles = np.concatenate([self.triangles, triangles + len(self.positions)])
        self.positions = np.concatenate([self.positions, positions])
        self.normals = np.concatenate([self.normals, shading.astype(np.float32)])
        uv = np.zeros((len(triangles), 3, 2)) if uvs is None else np.asarray(uvs)[triangles]
        self.uvs = np.concatenate([self.uvs, uv.astype(np.float32)])
        self.materials_of = np.concatenate(
            [self.materials_of, np.full(len(triangles), material, np.int32)]
        )
        emit = self.materials[material][s.EMIT_R : s.EMIT_R + 3]
        if emit.any() or self.material_textures[material][s.TEX_EMIT] >= 0:
            power = emit if emit.any() else np.ones(3)
            for i in range(len(triangles)):
                self.lights.append((s.LIGHT_TRIANGLE, [], power, -1, first + i))

    def quad(self, corner, u, v, material) -> None:
        """A parallelogram; its normal is u x v."""
        c, u, v = (np.asarray(x, float) for x in (corner, u, v))
        uvs = [[0, 0], [1, 0], [1, 1], [0, 1]]
        self.mesh([c, c + u, c + u + v, c + v], [[0, 1, 2], [0, 2, 3]], material, uvs=uvs)

    def sphere(self, material, radius=1.0, centre=(0, 0, 0), rings=32, smooth=True) -> None:
        """A latitude-longitude sphere of about 4 rings^2 triangles."""
        positions, triangles = sphere_mesh(rings)
        self.mesh(
            positions * radius + np.asarray(centre),
            triangles,
            material,
            normals=positions if smooth else None,
        )

    def rect_light(self, centre, u, v, radiance) -> None:
        """A rectangle light with half edges u and v; it shines along u x v."""
        u, v = np.asarray(u, float), np.asarray(v, float)
        n = np.cross(u, v)
        area = 4 * np.linalg.norm(n)
        self._light(s.LIGHT_RECT, [*centre, *u, *v, *(n / np.linalg.norm(n)), area], radiance)

    def disk_light(self, centre, u, v, radiance) -> None:
        """A disk light with radii u and v."""
        u, v = np.asarray(u, float), np.asarray(v, float)
        n = np.cross(u, v)
        area = np.pi * np.linalg.norm(n)
        self._light(s.LIGHT_DISK, [*centre, *u, *v, *(n / np.linalg.norm(n)), area], radiance)

    def sphere_light(self, centre, radius, radiance) -> None:
        """A sphere light."""
        self._light(s.LIGHT_SPHERE, [*centre, radius], radiance)

    def distant_light(self, towards, radiance, cosine=1.0) -> None:
        """A distant light in direction ``towards``; cosine 1: radiance is irradiance."""
        towards = np.asarray(towards, float) / np.linalg.norm(towards)
        self._light(s.LIGHT_DISTANT, [*towards, cosine], radiance)

    def dome(self, radiance, texture=-1, rotation=None) -> None:
        """A dome light."""
        rotation = np.eye(3) if rotation is None else np.asarray(rotation)
        self._light(s.LIGHT_DOME, [*rotation.ravel()], radiance, texture)

    def _light(self, kind, params, radiance, texture=-1) -> None:
        radiance = np.full(3, radiance, np.float32) if np.isscalar(radiance) else radiance
        self.lights.append((kind, params, radiance, texture, -1))

    def pack(self) -> PackedScene:
        """The packed scene."""
        n = len(self.lights)
        params = np.zeros((n, s.LIGHT_WIDTH), np.float32)
        for row, (_, values, _, _, _) in enumerate(self.lights):
            params[row, : len(values)] = values
        fields = {
            "positions": self.positions,
            "triangles": self.triangles,
            "corner_normals": self.normals,
            "corner_uvs": self.uvs,
            "triangle_materials": self.materials_of,
            "materials": np.array(self.materials, np.float32).reshape(-1, s.MATERIAL_WIDTH),
            "material_textures": np.array(self.material_textures, np.int32).reshape(
                -1, s.TEXTURE_SLOTS
            ),
            **self.images.arrays(),
            "light_kinds": np.array([light[0] for light in self.lights], np.int32),
            "light_params": params,
            "light_radiance": np.array([x[2] for x in self.lights], np.float32).reshape(-1, 3),
            "light_textures": np.array([light[3] for light in self.lights], np.int32),
            "light_index": np.array([light[4] for light in self.lights], np.int32),
        }
        digest = hashlib.sha256(repr(self.camera).encode())
        for name, value in fields.items():
            digest.update(name.encode() + value.tobytes())
        return PackedScene(camera=self.camera, digest=digest.hexdigest(), **fields)


def sphere_mesh(rings):
    """Unit sphere: positions (n, 3) and outward triangles (m, 3); rings x 2 rings quads."""
    theta = np.linspace(0, np.pi, rings + 1)
    phi = np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    positions = np.stack([np.sin(t) * np.sin(p), np.cos(t), np.sin(t) * np.cos(p)], axis=-1)
    index = np.arange((rings + 1) * 2 * rings).reshape(rings + 1, 2 * rings)
    a, b = index[:-1], index[1:]
    c, d = np.roll(b, -1, axis=1), np.roll(a, -1, axis=1)
    upper = np.stack([a, b, c], axis=-1)[:-1].reshape(-1, 3)
    lower = np.stack([a, c, d], axis=-1)[1:].reshape(-1, 3)
    return positions.reshape(-1, 3).astype(np.float32), np.concatenate([upper, lower])


def cornell(light_kind="triangles") -> Builder:
    """A box [-1, 1]^3 open to the front, with a lamp under its ceiling and a block of each kind in it."""
    b = Builder()
    white, red, green = b.matt(0.73), b.matt((0.63, 0.06, 0.05)), b.matt((0.12, 0.45, 0.09))
    b.quad((-1, -1, 1), (2, 0, 0), (0, 0, -2), white)
    b.quad((-1, 1, -1), (2, 0, 0), (0, 0, 2), white)
    b.quad((-1, -1, -1), (2, 0, 0), (0, 2, 0), white)
    b.quad((-1, -1, 1), (0, 0, -2), (0, 2, 0), red)
    b.quad((1, -1, -1), (0, 0, 2), (0, 2, 0), green)
    if light_kind == "triangles":
        lamp = b.matt(0.0, emit=(17, 12, 4))
        b.quad((-0.25, 0.98, -0.25), (0.5, 0, 0), (0, 0, 0.5), lamp)
    else:
        b.rect_light((0, 0.98, 0), (0.25, 0, 0), (0, 0, 0.25), (17, 12, 4))
    b.sphere(b.material((0.9, 0.6, 0.2), metallic=1.0, roughness=0.3), 0.35, (-0.4, -0.65, -0.3))
    b.sphere(b.material((0.2, 0.3, 0.8), roughness=0.2), 0.3, (0.45, -0.7, 0.25))
    b.look((0, 0, 3.8), (0, 0, 0), 0.37)
    return b


def bumpy_sphere(rings=123) -> Builder:
    """A displaced sphere of about 4 rings^2 triangles (60 k by default) over a floor, lit by a dome and a lamp."""
    b = Builder()
    grey = b.matt(0.7)
    positions, triangles = sphere_mesh(rings)
    x, y, z = positions.T.astype(np.float64)
    bumps = 1 + 0.08 * np.sin(9 * x) * np.sin(11 * y + 1) * np.sin(10 * z + 2)
    b.mesh(positions * bumps[:, None], triangles, grey)
    b.quad((-6, -1.1, 6), (12, 0, 0), (0, 0, -12), b.material((0.4, 0.4, 0.45), roughness=0.4))
    b.rect_light((2, 4, 2), (-1, 0, 0), (0, 0, 1), 8.0)
    b.dome(0.4)
    b.look((0, 0.6, 4), (0, -0.1, 0), 0.42)
    return b
