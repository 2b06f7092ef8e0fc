"""What the compiled functions see of a scene: a tree to find triangles in, and tables for all the rest.

Two pools of numbers instead of an array for each table: Numba passes an array as seven words, and with
sixteen arrays each call of the path tracer's loop copied a kilobyte, which was half of the time and a
third of the compile time. A table is a range of ``floats`` or ``ints``; where it starts is in the header,
the first HEADER_WIDTH of ``ints``.

Every array is C-contiguous and writable: a read-only one is another type to Numba, and would compile
everything anew. Rows and columns that are passed as arguments are typed (``np.int64``), because each
plain constant would make another copy of the function.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# The header: settings first, then the starts of tables.
(
    WIDTH,
    HEIGHT,
    SEED,
    MAX_DEPTH,
    N_LIGHTS,
    N_ANALYTIC,
    TRANSPARENT,
    STRATEGY,
    AT_UVS,
    AT_TRI_IDS,
    AT_MATERIALS,
    AT_SLOTS,
    AT_TEXTURES,
    AT_LIGHTS,
    AT_LIGHT_IDS,
    AT_LIGHT_CDF,
    HAS_UVS,
    MOTION,
    AT_LEVELS,
    AT_SCALES,
    AT_CURVES,
    N_LOOPED,
    N_PICKS,
    AT_PICKS,
    AT_LIGHT_NODES,
    AT_LIGHT_LINKS,
    N_SEEN_NODES,
    AT_SEEN_NODES,
    AT_SEEN_LINKS,
) = range(29)
HEADER_WIDTH = 29
# HAS_UVS: 0 where no material has a texture, and the table of coordinates is left out.
# MOTION: 1 where something moves while the shutter is open, the camera among it.
# What lights a surface: both ways weighted by multiple importance sampling, or one alone (for tests).
MIS, ONLY_LIGHTS, ONLY_BSDF = range(3)

# Camera, the first CAMERA_WIDTH of ``floats``: rotation to world row by row, origin, the rest.
CAM_ROTATION, CAM_ORIGIN = np.int64(0), np.int64(9)
CAM_TAN_X, CAM_TAN_Y, CAM_SHIFT_X, CAM_SHIFT_Y, CAM_LENS, CAM_FOCUS, CAM_NEAR, CAM_FAR = range(
    12, 20
)
CLAMP = 20
"""Indirect light of one sample is clamped to this; FAR where it is not."""
CAM_WAY = np.int64(21)
"""How far rotation and origin go, twelve numbers, while the shutter is open."""
CAM_SPREAD = 33
"""How much wider the part of a pixel that a sample stands for gets with each unit of distance; see ``footprint``."""
CAMERA_WIDTH = 34
AT_GGX = CAMERA_WIDTH
"""In ``floats``, always: the specular albedo, see ``bsdf``."""

# Triangles by their numbers in the scene; where they are, the tree alone knows.
# AT_UVS, ``floats``: three texture coordinates.
UVS_WIDTH = 6
# AT_TRI_IDS, ``ints``: material, and three shading normals, see ``geometry.unpacked_normal``.
TRI_MATERIAL, TRI_NORMALS = range(2)
TRI_IDS_WIDTH = 4

# Materials: AT_MATERIALS in ``floats`` and AT_SLOTS in ``ints``, AT_TEXTURES in ``ints``: columns as in
# ``scene``. AT_LEVELS in ``ints``, AT_SCALES in ``floats``: as there. AT_CURVES, ``floats``: ``mipmaps.tables``.

# Lights, AT_LIGHTS, ``floats``: 0..12 as PackedScene.light_params; of a triangle its corner and two edges.
# Those with a shape of their own come first, what shines from outside before the others; then the triangles by
# their numbers.
LIGHT_RADIANCE, LIGHT_CHANCE = 13, 16
LIGHT_COLUMNS = 17
# AT_LIGHT_IDS, ``ints``. SKY_* are a textured dome's: where its tables start in ``floats``, and
# their width and height. LIGHT_GROUP: as ``PackedScene.light_groups``.
KIND, LIGHT_TEXTURE, LIGHT_PRIM, SKY_START, SKY_W, SKY_H, LIGHT_GROUP, LIGHT_NODE = range(8)
LIGHT_IDS_WIDTH = 8
# AT_LIGHT_CDF, ``floats``: running sum of the chances of N_PICKS picks; the last is 1. AT_PICKS, ``ints``: the light
# of each, or -1: one by the tree. LIGHT_NODE: a light's node in that, or -1; LIGHT_CHANCE is then the tree's.
# The trees of ``light_tree``: AT_LIGHT_NODES over the lights that are picked by it, AT_SEEN_NODES over those that rays
# meet, from N_LOOPED up to N_ANALYTIC, where they are many; those before are tried one by one.
NODE_LOW, NODE_HIGH, NODE_AXIS = np.int64(0), np.int64(3), np.int64(6)
NODE_CONE, NODE_FLUX, NODE_BOTH_SIDES = 9, 10, 11
NODE_WIDTH = 12
"""NODE_CONE: the cosine of the largest angle between the axis and that of a light in the node."""
NODE_LINK, NODE_PARENT, NODE_SKIP = range(3)
NODE_LINK_WIDTH = 3
"""NODE_LINK: the right child, or -1 less the light; NODE_SKIP: the first node that is not below this one."""
# A sky's table, ``floats``: h running sums of rows, then h x w of columns, each ending in 1.


class Tree(NamedTuple):
    """What ``closest_hit`` walks, and the scratch of the thread that walks; see ``traverse``. The
    CPU walks ``traverse8.Tree8``."""

    nodes: NDArray
    """(n_nodes, 12) float32."""
    links: NDArray
    """(n_nodes, 2) int32."""
    pool: NDArray
    """(k,) float32."""
    numbers: NDArray
    """(k / 9,) int32."""
    stack: NDArray
    """(STACK_DEPTH,) int32."""
    entries: NDArray
    """(STACK_DEPTH,) float32."""


class Tables(NamedTuple):
    """Everything else."""

    floats: NDArray
    """(k,) float32."""
    ints: NDArray
    """(k,) int32."""
    texels: NDArray
    """(k,) uint32, see ``mipmaps``."""


class SceneArrays(NamedTuple):
    """One frame's scene, on the host."""

    tree: Any
    """A ``Tree``, or for the CPU a ``traverse8.Tree8``."""
    tables: Tables
