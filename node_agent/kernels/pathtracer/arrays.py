"""What the compiled functions see of a scene: sixteen flat arrays, the same on the CPU and on the GPU.

Arrays of one scene, each C-contiguous and writable (a read-only array is another type to Numba, and would
compile everything anew). ``pack`` makes them from a ``PackedScene``.
"""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import NDArray

# Columns of ``config`` (CONFIG_WIDTH,) int32.
(
    WIDTH,
    HEIGHT,
    SEED,
    MAX_DEPTH,
    N_LIGHTS,
    N_ANALYTIC,
    TRANSPARENT,
    STRATEGY,
) = range(8)
CONFIG_WIDTH = 8
# What lights a surface: both ways weighted by multiple importance sampling, or one alone (for tests).
MIS, ONLY_LIGHTS, ONLY_BSDF = range(3)

# Columns of ``camera`` (CAMERA_WIDTH,) float32. 0..11: camera to world, three rows of four.
CAM_TAN_X, CAM_TAN_Y, CAM_SHIFT_X, CAM_SHIFT_Y, CAM_LENS, CAM_FOCUS, CAM_NEAR, CAM_FAR = range(
    12, 20
)
CLAMP = 20
"""Indirect light of one sample is clamped to this; FAR where it is not."""
CAMERA_WIDTH = 21

# Columns of ``lights`` (n_lights, LIGHT_COLUMNS) float32; 0..12 as PackedScene.light_params.
LIGHT_RADIANCE, LIGHT_CHANCE = 13, 16
LIGHT_COLUMNS = 17
# Columns of ``light_ids`` (n_lights, 6) int32. The last three are a textured dome's: where its tables
# start in ``sky``, and their size.
KIND, LIGHT_TEXTURE, LIGHT_PRIM, SKY_START, SKY_W, SKY_H = range(6)

# Columns of ``tri_info`` (n_triangles, 2) int32.
TRI_MATERIAL, TRI_LIGHT = range(2)


class SceneArrays(NamedTuple):
    """Triangles are in the order of the tree's leaves; lights with a shape of their own come first."""

    nodes: NDArray
    """(n_nodes, 12) float32, see ``traverse``."""
    links: NDArray
    """(n_nodes, 4) int32."""
    tris: NDArray
    """(n_triangles, 9) float32: corner, edge, edge."""
    corners: NDArray
    """(n_triangles, 15) float32: three shading normals, three texture coordinates."""
    tri_info: NDArray
    """(n_triangles, 2) int32: material, and light or -1."""
    materials: NDArray
    """(n_materials, 16) float32, see ``scene``."""
    material_textures: NDArray
    """(n_materials, 6) int32."""
    textures: NDArray
    """(n_textures, 6) int32."""
    texels: NDArray
    """(n_texels, 4) float32."""
    lights: NDArray
    """(n_lights, 17) float32: parameters, radiance, the chance to be picked."""
    light_ids: NDArray
    """(n_lights, 6) int32: kind, texture, triangle, start of its sky tables, their width and height."""
    light_cdf: NDArray
    """(n_lights,) float32: running sum of the chances; the last is 1."""
    sky: NDArray
    """(k,) float32: for each textured dome h row sums, then h x w column sums, all running, each ending in 1."""
    ggx: NDArray
    """(16, 32, 2) float32, see ``bsdf``."""
    camera: NDArray
    """(21,) float32."""
    config: NDArray
    """(8,) int32."""
