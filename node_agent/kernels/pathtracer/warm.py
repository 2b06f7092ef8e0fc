"""The smallest scene that makes Numba compile everything: one triangle, one light, one texture."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

import numpy as np

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.scene import PackedCamera, PackedScene


def smallest_scene() -> PackedScene:
    """One grey triangle in front of the camera, under a dome. The arrays' types are those of any scene."""
    camera = PackedCamera(
        to_world=np.eye(4, dtype=np.float32), tan_half_width=0.5, tan_half_height=0.5
    )
    normals = np.zeros((1, 3, 3), np.float32)
    normals[..., 2] = 1.0
    materials = np.zeros((1, s.MATERIAL_WIDTH), np.float32)
    materials[0, [s.BASE_R, s.BASE_G, s.BASE_B, s.ROUGHNESS, s.OPACITY]] = 0.5, 0.5, 0.5, 0.5, 1.0
    params = np.zeros((1, s.LIGHT_WIDTH), np.float32)
    params[0, [0, 4, 8]] = 1.0
    return PackedScene(
        positions=np.array([[-1, -1, -3], [1, -1, -3], [0, 1, -3]], np.float32),
        triangles=np.array([[0, 1, 2]], np.int32),
        corner_normals=normals,
        corner_uvs=np.zeros((1, 3, 2), np.float32),
        triangle_materials=np.zeros(1, np.int32),
        materials=materials,
        material_textures=np.full((1, s.TEXTURE_SLOTS), -1, np.int32),
        textures=np.zeros((0, s.TEXTURE_WIDTH), np.int32),
        texture_scales=np.zeros((0, 8), np.float32),
        levels=np.zeros((0, s.LEVEL_WIDTH), np.int32),
        texels=np.zeros(1, np.uint32),
        light_kinds=np.array([s.LIGHT_DOME], np.int32),
        light_params=params,
        light_radiance=np.ones((1, 3), np.float32),
        light_textures=np.full(1, -1, np.int32),
        light_index=np.full(1, -1, np.int32),
        camera=camera,
    )


@contextlib.contextmanager
def collection_paused() -> Iterator[None]:
    """Python's cycle collector off: a compilation makes millions of objects, and it costs a twentieth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
