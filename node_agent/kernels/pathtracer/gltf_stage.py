"""A glTF file at one moment, as a USD stage in memory: then everything that reads USD reads glTF, too.

glTF's materials map onto UsdPreviewSurface nearly one to one, and its lights and cameras onto UsdLux and
UsdGeomCamera; what does not is named in a warning. Metres, Y up. Texture transforms are baked into texture
coordinates, one set for each that a material uses.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdLux, UsdShade, Vt

from node_agent.kernels.pathtracer.gltf_file import GltfFile, Primitive
from node_agent.kernels.pathtracer.gltf_materials import GltfMaterials
from node_agent.kernels.pathtracer.gltf_pose import Pose
from node_agent.kernels.pathtracer.usd_light_groups import mark_group

FILM = 36.0
"""Width of the made film in tenths of a metre: any, since only the angle counts."""
POINT_RADIUS = 0.01
"""Of the sphere that stands for a point light, in metres."""
LUMENS_A_WATT = 683.0
TRIANGLES, STRIP, FAN = 4, 5, 6


class StageMaker:
    """Fills ``stage``; ``folder`` takes the images that the file carries inside."""

    def __init__(self, file: GltfFile, pose: Pose, folder: Path, warn: Callable[[str], None]):
        self.stage = Usd.Stage.CreateInMemory()
        UsdGeom.SetStageUpAxis(self.stage, UsdGeom.Tokens.y)
        UsdGeom.SetStageMetersPerUnit(self.stage, 1.0)
        self._file, self._pose, self._warn = file, pose, warn
        self._materials = GltfMaterials(file, self.stage, folder, warn)

    def run(self) -> Usd.Stage:
        """Add all that the scene shows."""
        for index, world in self._pose.worlds.items():
            node = self._file.doc.nodes[index]
            name = Tf.MakeValidIdentifier(node.name or f"node_{index}")
            if node.mesh is not None:
                self._add_mesh(index, name)
            if node.camera is not None:
                self._add_camera(node.camera, name, world)
            if "KHR_lights_punctual" in node.extensions:
                light = self._add_light(node.extensions["KHR_lights_punctual"], name, world)
                mark_group(light, node.extras)
            for extension in sorted(node.extensions.keys() - {"KHR_lights_punctual"}):
                self._warn(f"{self._file.path.name} uses {extension}, which is not rendered.")
        return self.stage

    def _path(self, kind: str, name: str) -> str:
        """A path that is free: nodes of one name are common."""
        path, number = f"/{kind}/{name}", 1
        while self.stage.GetPrimAtPath(path):
            number += 1
            path = f"/{kind}/{name}_{number}"
        return path

    def _place(self, prim: Usd.Prim, world: NDArray[np.float64]) -> None:
        UsdGeom.Xformable(prim).MakeMatrixXform().Set(Gf.Matrix4d(*world.T.ravel().tolist()))

    # --- meshes -----------------------------------------------------------------------------------

    def _add_mesh(self, index: int, name: str) -> None:
        node = self._file.doc.nodes[index]
        mesh = self._file.item(self._file.doc.meshes, node.mesh or 0, "mesh")
        for primitive in mesh.primitives:
            if primitive.mode not in (TRIANGLES, STRIP, FAN):
                self._warn(f"{self._file.path.name} has points or lines, which are not rendered.")
            elif "POSITION" in primitive.attributes:
                self._add_primitive(index, primitive, self._path("meshes", name))

    def _add_primitive(self, index: int, primitive: Primitive, path: str) -> None:
        points, normals, world = self._pose.points(index, primitive)
        corners = self._corners(primitive, len(points))
        if not len(corners):
            return
        mesh = UsdGeom.Mesh.Define(self.stage, path)
        self._place(mesh.GetPrim(), world)
        mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
        mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points.astype(np.float32)))
        mesh.CreateFaceVertexCountsAttr(
            Vt.IntArray.FromNumpy(np.full(len(corners), 3, dtype=np.int32))
        )
        mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(corners.ravel().astype(np.int32)))
        if normals is not None:
            mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(normals.astype(np.float32)))
            mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        material, layouts = self._materials.bound(primitive.material)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)
        for name, (number, matrix) in layouts.items():
            self._add_coordinates(mesh, primitive, name, number, matrix, len(points))
        if "COLOR_0" in primitive.attributes:
            self._warn(f"{self._file.path.name} has colours at points, which are not rendered.")

    def _corners(self, primitive: Primitive, count: int) -> NDArray[np.int64]:
        """(t, 3) indices of the triangles."""
        if primitive.indices is None:
            flat = np.arange(count, dtype=np.int64)
        else:
            flat = self._file.array(primitive.indices, "SCALAR").astype(np.int64)
        if len(flat) and (flat.min() < 0 or flat.max() >= count):
            raise self._file.refusal(
                f"has a triangle that names point {flat.max()} of a mesh of {count}"
            )
        if primitive.mode == TRIANGLES:
            return flat[: len(flat) // 3 * 3].reshape(-1, 3)
        inner = np.arange(max(len(flat) - 2, 0))
        if primitive.mode == FAN:
            return np.stack([flat[inner + 1], flat[inner + 2], 0 * inner + flat[:1].sum()], axis=1)
        odd = inner % 2  # every other triangle of a strip runs the other way
        return np.stack([flat[inner], flat[inner + 1 + odd], flat[inner + 2 - odd]], axis=1)

    def _add_coordinates(
        self,
        mesh: UsdGeom.Mesh,
        primitive: Primitive,
        name: str,
        number: int,
        matrix: NDArray[np.float64],
        count: int,
    ) -> None:
        attribute = primitive.attributes.get(f"TEXCOORD_{number}")
        if attribute is None:
            self._warn(
                f"{self._file.path.name} has a textured mesh without texture coordinates {number}."
            )
            return
        raw = np.asarray(self._file.array(attribute, "VEC2"), np.float64)
        if len(raw) != count:
            raise self._file.refusal(f"has {len(raw)} texture coordinates for {count} points")
        at = raw @ matrix[:2, :2].T + matrix[:2, 2]
        at[:, 1] = 1.0 - at[:, 1]  # glTF's v runs down
        primvar = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
            name, Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
        )
        primvar.Set(Vt.Vec2fArray.FromNumpy(at.astype(np.float32)))

    # --- cameras and lights -----------------------------------------------------------------------

    def _add_camera(self, index: int, name: str, world: NDArray[np.float64]) -> None:
        described = self._file.item(self._file.doc.cameras, index, "camera")
        lens = described.perspective
        if described.type != "perspective" or lens is None:
            self._warn(
                f"{self._file.path.name}: the camera {name} is orthographic, which is not rendered."
            )
            return
        if not 0 < lens.yfov < math.pi:
            raise self._file.refusal(f"has a camera {name} that sees {lens.yfov} radians")
        camera = UsdGeom.Camera.Define(self.stage, self._path("cameras", name))
        self._place(camera.GetPrim(), world)
        # Without an aspect of its own, a film of 16 : 9: the image's width is what the renderer keeps.
        height = FILM / (lens.aspect_ratio if lens.aspect_ratio > 0 else 16 / 9)
        camera.CreateHorizontalApertureAttr(FILM)
        camera.CreateVerticalApertureAttr(height)
        camera.CreateFocalLengthAttr(height / (2 * math.tan(lens.yfov / 2)))
        far = lens.zfar if lens.zfar > lens.znear else 1e30
        camera.CreateClippingRangeAttr(Gf.Vec2f(max(lens.znear, 0.0), far))

    def _add_light(self, use: object, name: str, world: NDArray[np.float64]) -> Usd.Prim:
        """KHR_lights_punctual: candela for points, lux for suns."""
        doc = self._file.doc
        lights = doc.extensions_of("KHR_lights_punctual").get("lights", [])
        index = use.get("light") if isinstance(use, dict) else None
        if not isinstance(index, int) or not 0 <= index < len(lights):
            raise self._file.refusal(f"names light {index}, which it does not have")
        described = lights[index]
        intensity = float(described.get("intensity", 1.0))
        path = self._path("lights", name)
        if described.get("type") == "directional":
            light = UsdLux.DistantLight.Define(self.stage, path)
            light.CreateAngleAttr(0.0)
        else:
            light = UsdLux.SphereLight.Define(self.stage, path)
            light.CreateRadiusAttr(POINT_RADIUS)
            # A sphere of radiance L sends L pi r^2 to each side.
            intensity /= math.pi * POINT_RADIUS**2
            if described.get("type") == "spot":
                self._warn(f"{self._file.path.name}: the spot light {name} shines all round.")
        light.CreateIntensityAttr(intensity)
        light.CreateColorAttr(Gf.Vec3f(*map(float, described.get("color", (1.0, 1.0, 1.0)))))
        unscaled = world.copy()
        unscaled[:3, :3] /= np.maximum(np.linalg.norm(world[:3, :3], axis=0), 1e-30)
        self._place(light.GetPrim(), unscaled)
        return light.GetPrim()
