"""Where everything of a glTF file stands at one moment: animated nodes, skins and morph targets.

numpy over ``gltf_file``; knows nothing of materials or of the renderer. Matrices are (4, 4) float64 for
column vectors. Source: glTF 2.0 specification, 3.5 (nodes), 3.7.3 (skins), 3.7.2.2 (morph targets), 3.11 and
appendix C (animation and its interpolations).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.gltf_file import AnimationSampler, GltfFile, Node, Primitive

F64 = NDArray[np.float64]

DEPTH_MAX = 500
PATHS = ("translation", "rotation", "scale", "weights")


class Pose:
    """The file at ``seconds``; all that depends on time is asked of this."""

    def __init__(self, file: GltfFile, seconds: float, warn: Callable[[str], None]) -> None:
        self._file, self._warn = file, warn
        self._moved: dict[tuple[int, str], F64] = {}
        self._animate(seconds)
        self.worlds: dict[int, F64] = {}
        """World matrix of each node that the scene shows, in the order of the file's tree."""
        for root in self._roots():
            self._place(root, np.eye(4), 0)

    def _roots(self) -> list[int]:
        doc = self._file.doc
        if doc.scenes:
            return self._file.item(doc.scenes, doc.scene, "scene").nodes
        children = {child for node in doc.nodes for child in node.children}
        return [node for node in range(len(doc.nodes)) if node not in children]

    def _place(self, index: int, above: F64, depth: int) -> None:
        node = self._file.item(self._file.doc.nodes, index, "node")
        if index in self.worlds or depth > DEPTH_MAX:
            raise self._file.refusal(f"has node {index} below itself, or twice in its tree")
        world = above @ self._local(index, node)
        self.worlds[index] = world
        for child in node.children:
            self._place(child, world, depth + 1)

    def _local(self, index: int, node: Node) -> F64:
        if node.matrix is not None:
            if len(node.matrix) != 16:
                raise self._file.refusal(f"has a matrix of {len(node.matrix)} numbers")
            return np.array(node.matrix, np.float64).reshape(4, 4).T
        translation, rotation, scale = (
            self._moved.get((index, path), np.array(getattr(node, path), np.float64))
            for path in PATHS[:3]
        )
        matrix = np.eye(4)
        matrix[:3, :3] = rotation_of(rotation) * scale
        matrix[:3, 3] = translation
        return matrix

    # --- animation --------------------------------------------------------------------------------

    def _animate(self, seconds: float) -> None:
        animations = self._file.doc.animations
        if len(animations) > 1:
            self._warn(
                f"{self._file.path.name} has {len(animations)} animations; the first is rendered."
            )
        for animation in animations[:1]:
            for channel in animation.channels:
                target = channel.target
                if target.node is None or target.path not in PATHS:
                    self._warn(f"{self._file.path.name} animates {target.path}: left out.")
                    continue
                sampler = self._file.item(animation.samplers, channel.sampler, "sampler")
                self._moved[target.node, target.path] = self._sample(sampler, target.path, seconds)

    def _sample(self, sampler: AnimationSampler, path: str, seconds: float) -> F64:
        times = np.asarray(self._file.array(sampler.input, "SCALAR"), np.float64)
        raw = self._file.array(sampler.output, "SCALAR", "VEC3", "VEC4")
        values = np.asarray(raw, np.float64).reshape(len(raw), -1)
        is_cubic = sampler.interpolation == "CUBICSPLINE"
        keys = len(times) * (3 if is_cubic else 1)
        # Of weights, a key has as many scalars as there are targets.
        if not len(times) or values.size % keys or np.any(np.diff(times) < 0):
            raise self._file.refusal(
                "has an animation whose keys and values do not belong together"
            )
        values = values.reshape(len(times), 3 if is_cubic else 1, -1)
        if not is_cubic:
            return between(times, values[:, 0], seconds, sampler.interpolation, path == "rotation")
        return cubic(times, values, seconds, is_rotation=path == "rotation")

    # --- what a node shows ------------------------------------------------------------------------

    def points(self, index: int, primitive: Primitive) -> tuple[F64, F64 | None, F64]:
        """(points (n, 3), normals (n, 3) or None, world matrix) of a node's primitive, morphed and skinned."""
        node = self._file.doc.nodes[index]
        points = np.asarray(self._file.array(primitive.attributes["POSITION"], "VEC3"), np.float64)
        normals = self._optional(primitive, "NORMAL", len(points))
        points, normals = self._morph(index, node, primitive, points, normals)
        if node.skin is None or "JOINTS_0" not in primitive.attributes:
            return points, normals, self.worlds[index]
        blend = self._skin(node.skin, primitive, len(points))
        points = np.einsum("nij,nj->ni", blend[:, :3, :3], points) + blend[:, :3, 3]
        if normals is not None:
            normals = unit(np.einsum("nij,nj->ni", blend[:, :3, :3], normals))
        return points, normals, np.eye(4)  # a skinned mesh stands where its joints are

    def _optional(self, primitive: Primitive, name: str, count: int) -> F64 | None:
        if name not in primitive.attributes:
            return None
        values = np.asarray(self._file.array(primitive.attributes[name], "VEC3"), np.float64)
        if len(values) != count:
            raise self._file.refusal(f"has {len(values)} {name} for {count} points")
        return values

    def _morph(
        self, index: int, node: Node, primitive: Primitive, points: F64, normals: F64 | None
    ) -> tuple[F64, F64 | None]:
        mesh = self._file.item(self._file.doc.meshes, node.mesh or 0, "mesh")
        weights = self._moved.get((index, "weights"), np.array(node.weights or mesh.weights))
        for weight, target in zip(np.ravel(weights), primitive.targets, strict=False):
            if weight == 0.0:
                continue
            for name, values in (("POSITION", points), ("NORMAL", normals)):
                if name in target and values is not None:
                    delta = np.asarray(self._file.array(target[name], "VEC3"), np.float64)
                    if len(delta) != len(values):
                        raise self._file.refusal(f"has a morph target of {len(delta)} points")
                    values += weight * delta
        return points, None if normals is None else unit(normals)

    def _skin(self, index: int, primitive: Primitive, count: int) -> F64:
        """(n, 4, 4): each point's blend of its joints' matrices."""
        skin = self._file.item(self._file.doc.skins, index, "skin")
        bind = np.tile(np.eye(4), (len(skin.joints), 1, 1))
        if skin.inverse_bind_matrices is not None:
            raw = self._file.array(skin.inverse_bind_matrices, "MAT4")
            if len(raw) < len(skin.joints):
                raise self._file.refusal("has a skin with fewer matrices than joints")
            bind = np.asarray(raw, np.float64).reshape(-1, 4, 4).transpose(0, 2, 1)
        if not all(joint in self.worlds for joint in skin.joints) or not skin.joints:
            raise self._file.refusal("has a skin whose joints are not in its scene")
        at = np.array([self.worlds[joint] for joint in skin.joints]) @ bind[: len(skin.joints)]
        blend = np.zeros((count, 4, 4))
        for joints, weights in self._influences(primitive, count):
            if joints.max(initial=0) >= len(at):
                raise self._file.refusal("has a point that follows a joint which does not exist")
            for k in range(4):
                blend += weights[:, k, None, None] * at[joints[:, k]]
        return blend

    def _influences(
        self, primitive: Primitive, count: int
    ) -> Iterator[tuple[NDArray[np.int64], F64]]:
        number = 0
        while f"JOINTS_{number}" in primitive.attributes:
            joints = self._file.array(primitive.attributes[f"JOINTS_{number}"], "VEC4")
            weights = self._file.array(primitive.attributes.get(f"WEIGHTS_{number}", -1), "VEC4")
            if len(joints) != count or len(weights) != count:
                raise self._file.refusal("has a skin whose weights are not as many as its points")
            yield joints.astype(np.int64), np.asarray(weights, np.float64)
            number += 1


def unit(vectors: F64) -> F64:
    """Each row at length 1; zero stays zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)


def rotation_of(quaternion: F64) -> F64:
    """(3, 3) of a quaternion (x, y, z, w), of whatever length."""
    x, y, z, w = quaternion / max(float(np.linalg.norm(quaternion)), 1e-300)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def between(times: F64, values: F64, t: float, how: str, is_rotation: bool) -> F64:
    """``values`` (k, w) at ``t``, held before the first key and after the last."""
    after = int(np.searchsorted(times, t, side="right"))
    if after == 0 or after == len(times) or how == "STEP":
        return values[max(after - 1, 0)]
    span = times[after] - times[after - 1]
    share = (t - times[after - 1]) / span
    if is_rotation:
        return slerp(values[after - 1], values[after], share)
    return (1 - share) * values[after - 1] + share * values[after]


def slerp(a: F64, b: F64, share: float) -> F64:
    """Along the shorter arc from a to b (appendix C.4)."""
    cosine = float(a @ b)
    if cosine < 0:
        b, cosine = -b, -cosine
    if cosine > 0.9995:
        return (1 - share) * a + share * b
    angle = np.arccos(cosine)
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def cubic(times: F64, values: F64, t: float, *, is_rotation: bool) -> F64:
    """Hermite spline over keys (k, 3, w): in-tangent, value, out-tangent (appendix C.5)."""
    after = int(np.searchsorted(times, t, side="right"))
    if after == 0 or after == len(times):
        return values[max(after - 1, 0), 1]
    span = times[after] - times[after - 1]
    s = (t - times[after - 1]) / span
    start, leave = values[after - 1, 1], values[after - 1, 2] * span
    end, arrive = values[after, 1], values[after, 0] * span
    mixed = (
        (2 * s**3 - 3 * s**2 + 1) * start
        + (s**3 - 2 * s**2 + s) * leave
        + (3 * s**2 - 2 * s**3) * end
        + (s**3 - s**2) * arrive
    )
    return mixed / max(float(np.linalg.norm(mixed)), 1e-300) if is_rotation else mixed
