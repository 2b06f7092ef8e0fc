"""Small scenes that another renderer can draw alike: materials, lights, textures, a lens, instances.

Each has one thing to compare, and no feature that the others' models do otherwise (see ``mitsuba_scene``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from node_agent.kernels.pathtracer.scene import IOR, METALLIC, PackedScene
from tests.rendering.scenes import Builder, cornell


def _floor(b: Builder, material: int, y=-1.0) -> None:
    b.quad((-5, y, 5), (10, 0, 0), (0, 0, -10), material)


def _lamp(b: Builder, radiance=9.0) -> None:
    b.rect_light((1.5, 4, 2), (1, 0, 0), (0, 0, 1), radiance)


def matt_box() -> Builder:
    """Diffuse walls and blocks, and a lamp of triangles: light that bounces."""
    b = cornell()
    for row in b.materials[-2:]:
        row[METALLIC], row[IOR] = 0.0, 1.0
    return b


def metals() -> Builder:
    """Mirrors of four roughnesses over a matt floor."""
    b = Builder()
    _floor(b, b.matt((0.4, 0.45, 0.5)))
    for n, roughness in enumerate((0.0, 0.1, 0.2, 0.25)):
        metal = b.material((0.9, 0.7 - 0.1 * n, 0.4), metallic=1.0, roughness=roughness)
        b.sphere(metal, 0.6, (-2.1 + 1.4 * n, -0.4, 0), rings=48)
    _lamp(b)
    b.dome((0.3, 0.35, 0.4))
    b.look((0, 1.2, 6), (0, -0.4, 0), 0.45)
    return b


def glass() -> Builder:
    """Tinted balls of solid glass, clear and frosted, of two indices."""
    b = Builder()
    _floor(b, b.matt((0.5, 0.4, 0.3)))
    for x, roughness, ior in ((-1.5, 0.0, 1.5), (0, 0.25, 1.5), (1.5, 0.1, 1.8)):
        kind = b.material((0.9, 0.95, 0.8), roughness=roughness, ior=ior, transmission=1.0)
        b.sphere(kind, 0.65, (x, -0.3, 0), rings=48)
    b.sphere_light((0, 5, 1), 1.5, 5.0)
    b.dome(0.5)
    b.look((0, 1, 5), (0, -0.4, 0), 0.45)
    return b


def panes() -> Builder:
    """Thin sheets of glass, one behind the other, before a matt ball."""
    b = Builder()
    _floor(b, b.matt(0.5))
    for z, tint in ((1.0, (0.9, 0.5, 0.5)), (1.4, (0.5, 0.9, 0.6))):
        kind = b.material(tint, roughness=0.0, transmission=1.0, thin=1.0)
        b.quad((-1.6 + z, -0.9, z), (1.2, 0, 0), (0, 1.4, -0.3), kind)
    b.sphere(b.matt((0.7, 0.6, 0.2)), 0.7, (0, -0.3, -0.2), rings=48)
    _lamp(b)
    b.dome(0.4)
    b.look((0, 0.6, 5), (0, -0.2, 0), 0.4)
    return b


def sky() -> Builder:
    """A turned dome with an image of a sun in it, over matt and metal."""
    b = Builder()
    v, u = np.meshgrid((np.arange(128) + 0.5) / 128, (np.arange(256) + 0.5) / 256, indexing="ij")
    image = np.ones((128, 256, 4), np.float32)
    for channel, (low, high) in enumerate(((0.3, 0.5), (0.35, 0.7), (0.3, 1.2))):
        image[..., channel] = np.where(v > 0.5, low + (high - low) * v, 0.2) + 0.1 * np.sin(
            2 * np.pi * u
        )
    image[..., :3] += 60 * np.exp(-(((u - 0.3) * 30) ** 2) - ((v - 0.75) * 30) ** 2)[..., None]
    c, s = np.cos(0.8), np.sin(0.8)
    rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    b.dome((1.0, 0.9, 0.8), texture=b.texture(image), rotation=rotation)
    _floor(b, b.matt(0.5))
    b.sphere(b.matt((0.7, 0.3, 0.3)), 0.7, (-0.8, -0.3, 0), rings=48)
    b.sphere(
        b.material((0.9, 0.9, 0.9), metallic=1.0, roughness=0.2), 0.7, (0.8, -0.3, 0), rings=48
    )
    b.look((0, 0.8, 5), (0, -0.2, 0), 0.4)
    return b


def textures() -> Builder:
    """Coloured and cut-out textures, repeated and clamped."""
    b = Builder()
    rng = np.random.default_rng(4)
    image = np.ones((8, 8, 4), np.float32)
    image[..., :3] = rng.uniform(0.1, 0.8, (8, 8, 3))
    image[..., 3] = rng.uniform(0.0, 1.0, (8, 8))
    floor = b.matt(0.5, tex_base=b.texture(image))
    uvs = [[0, 0], [3, 0], [3, 3], [0, 3]]
    b.mesh(
        [(-5, -1, 5), (5, -1, 5), (5, -1, -5), (-5, -1, -5)], [[0, 1, 2], [0, 2, 3]], floor, uvs=uvs
    )
    clamped, holes = b.texture(image, wrap=(1, 1)), b.texture(image, channel=3, wrap=(1, 1))
    b.quad((-1, -0.9, 0), (2, 0, 0.4), (0, 2, 0), b.matt(tex_base=clamped, tex_opacity=holes))
    _lamp(b)
    b.dome(0.5)
    b.look((0.5, 1, 5), (0, -0.2, 0), 0.45)
    return b


def lamps() -> Builder:
    """A sphere, a disk, a rectangle and a glowing mesh at once."""
    b = Builder()
    _floor(b, b.matt(0.6))
    b.sphere(b.matt((0.5, 0.5, 0.7)), 0.6, (0, -0.4, 0), rings=48)
    b.sphere_light((-2, 0.4, 0.5), 0.3, (9, 3, 1))
    b.disk_light((2, 1.5, 0.5), (0, 0.5, 0), (0.15, 0, 0.5), (1, 6, 2))
    b.rect_light((0, 3, -1), (0.5, 0, 0), (0, 0, 0.5), (2, 3, 9))
    b.sphere(b.matt(0.3, emit=(2, 2, 0.5)), 0.25, (1.1, -0.7, 0.8), rings=8, smooth=False)
    b.dome(0.05)
    b.look((0, 0.9, 5), (0, -0.2, 0), 0.5)
    return b


def lens() -> Builder:
    """A row of balls, the middle one in focus, in the sun, which falls past the lamp."""
    b = Builder()
    _floor(b, b.matt(0.5))
    for n in range(5):
        b.sphere(b.matt((0.2 + 0.15 * n, 0.5, 0.4)), 0.45, (-1.2 + 0.6 * n, -0.5, 2 - 1.5 * n))
    _lamp(b)
    b.distant_light((-1, 1, 0.5), (0.6, 0.5, 0.4))
    b.dome(0.4)
    b.look((0, 0.5, 6), (0, -0.4, 0), 0.35, lens_radius=0.25, focus_distance=7.0)
    return b


def sheets() -> Builder:
    """Half-opaque sheets over a floor, under a lamp and a dome."""
    b = Builder()
    _floor(b, b.matt(0.6))
    for n, opacity in enumerate((0.25, 0.5, 0.8)):
        sheet = b.matt((0.8, 0.3 + 0.2 * n, 0.2), opacity=opacity)
        b.quad((-1.8 + n, -0.4 + 0.3 * n, 0.6), (1.4, 0, 0), (0, 0.3, -1.4), sheet)
    _lamp(b)
    b.dome(0.5)
    b.look((0, 2, 4.5), (0, -0.4, 0), 0.45)
    return b


def crowd() -> PackedScene:
    """Sixty instances of a metal and a matt mesh: turned, stretched, some mirrored."""
    b = Builder()
    _floor(b, b.matt(0.5))
    _lamp(b)
    b.dome(0.5)
    b.look((0, 2.5, 6), (0, -0.6, 0), 0.5)
    starts = []
    for material in (b.matt((0.7, 0.3, 0.2)), b.material((0.8,) * 3, metallic=1.0, roughness=0.2)):
        starts.append(len(b.triangles))
        b.sphere(material, 0.3, rings=16)
    rng = np.random.default_rng(3)
    places = np.zeros((60, 3, 4), np.float32)
    for n in range(60):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        places[n, :, :3] = turn * rng.uniform(0.5, 1.2, 3)
        places[n, :, 3] = (-3 + 0.6 * (n % 10), -0.7, -2 + 0.7 * (n // 10))
    return dataclasses.replace(
        b.pack(),
        meshes=np.array(starts, np.int32),
        instance_meshes=np.arange(60, dtype=np.int32) % 2,
        instance_places=places,
    )


def _packed(make: Callable[[], Builder]) -> Callable[[], PackedScene]:
    return lambda: make().pack()


SCENES: dict[str, Callable[[], PackedScene]] = {
    "matt box": _packed(matt_box),
    "metals": _packed(metals),
    "glass": _packed(glass),
    "panes": _packed(panes),
    "sky": _packed(sky),
    "textures": _packed(textures),
    "lamps": _packed(lamps),
    "lens": _packed(lens),
    "sheets": _packed(sheets),
    "crowd": crowd,
}
