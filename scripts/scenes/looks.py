"""Stages, materials, textures, lights and cameras of the demo scenes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name
from pxr import Gf, Sdf, Usd, UsdGeom, UsdLux, UsdShade

FIRST, LAST, FPS = 1001, 1024, 24
Colour = Sequence[float]


def new_stage(up: str, metres_per_unit: float, comment: str) -> Usd.Stage:
    """An empty stage in memory with the frame range that all demo scenes share."""
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, up)
    UsdGeom.SetStageMetersPerUnit(stage, metres_per_unit)
    stage.SetStartTimeCode(FIRST)
    stage.SetEndTimeCode(LAST)
    stage.SetFramesPerSecond(FPS)
    stage.SetTimeCodesPerSecond(FPS)
    stage.GetRootLayer().comment = comment
    world = UsdGeom.Xform.Define(stage, "/World")
    stage.SetDefaultPrim(world.GetPrim())
    for scope in ("Looks", "Lights", "Cameras"):
        UsdGeom.Scope.Define(stage, f"/World/{scope}")
    return stage


def material(
    stage: Usd.Stage,
    name: str,
    base: Colour | str = (0.5, 0.5, 0.5),
    rough: float | str = 0.5,
    metal: float = 0.0,
    emit: Colour | str | None = None,
    ior: float = 1.5,
    tile: Sequence[float] = (1.0, 1.0),
    glow: float = 1.0,
) -> UsdShade.Material:
    """A UsdPreviewSurface; a string is the name of a texture, repeated ``tile`` times over the coordinates."""
    made = UsdShade.Material.Define(stage, f"/World/Looks/{name}")
    surface = UsdShade.Shader.Define(stage, f"{made.GetPath()}/Surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    made.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    colour, number = Sdf.ValueTypeNames.Color3f, Sdf.ValueTypeNames.Float
    for port, value, kind in (
        ("diffuseColor", base, colour),
        ("roughness", rough, number),
        ("emissiveColor", emit, colour),
    ):
        if isinstance(value, str):
            output = _texture(stage, made, port, value, tile, glow)
            surface.CreateInput(port, kind).ConnectToSource(output)
        elif value is not None:
            surface.CreateInput(port, kind).Set(Gf.Vec3f(*value) if kind == colour else value)
    surface.CreateInput("metallic", number).Set(metal)
    surface.CreateInput("ior", number).Set(ior)
    return made


def _texture(
    stage: Usd.Stage,
    made: UsdShade.Material,
    port: str,
    file: str,
    tile: Sequence[float],
    glow: float,
) -> UsdShade.Output:
    """primvar reader -> transform -> texture, of which the output that fits the port."""
    path, types = made.GetPath(), Sdf.ValueTypeNames
    reader = UsdShade.Shader.Define(stage, f"{path}/Coordinates")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    lay = UsdShade.Shader.Define(stage, f"{path}/Tiling")
    lay.CreateIdAttr("UsdTransform2d")
    lay.CreateInput("scale", types.Float2).Set(Gf.Vec2f(*tile))
    lay.CreateInput("in", types.Float2).ConnectToSource(reader.CreateOutput("result", types.Float2))
    node = UsdShade.Shader.Define(stage, f"{path}/{port}Texture")
    node.CreateIdAttr("UsdUVTexture")
    node.CreateInput("file", types.Asset).Set(Sdf.AssetPath(f"textures/{file}"))
    node.CreateInput("st", types.Float2).ConnectToSource(lay.CreateOutput("result", types.Float2))
    node.CreateInput("wrapS", types.Token).Set("repeat")
    node.CreateInput("wrapT", types.Token).Set("repeat")
    scalar = port == "roughness"
    node.CreateInput("sourceColorSpace", types.Token).Set("raw" if scalar else "sRGB")
    if glow != 1.0 and port == "emissiveColor":
        node.CreateInput("scale", types.Float4).Set(Gf.Vec4f(glow, glow, glow, 1.0))
    return node.CreateOutput("r" if scalar else "rgb", types.Float if scalar else types.Float3)


def aim(eye: Sequence[float], target: Sequence[float], up: Sequence[float]) -> Gf.Matrix4d:
    """The transform of something that stands at ``eye`` and looks along -Z at ``target``."""
    view = Gf.Matrix4d().SetLookAt(Gf.Vec3d(*eye), Gf.Vec3d(*target), Gf.Vec3d(*up))
    return view.GetInverse()


def camera(
    stage: Usd.Stage,
    name: str,
    path: Callable[[float], tuple[Sequence[float], Sequence[float]]],
    focal_mm: float,
    f_stop: float = 0.0,
    focus_on: Sequence[float] | None = None,
) -> None:
    """A camera whose ``path(t)`` gives (eye, target) for t in [0, 1] over the whole range, one key a frame."""
    made = UsdGeom.Camera.Define(stage, f"/World/Cameras/{name}")
    # USD wants tenths of a scene unit: 36 mm film is 0.36 in a scene of metres.
    tenths = 0.01 / UsdGeom.GetStageMetersPerUnit(stage)
    made.CreateFocalLengthAttr(round(focal_mm * tenths, 6))
    made.CreateHorizontalApertureAttr(round(36 * tenths, 6))
    made.CreateVerticalApertureAttr(round(20.25 * tenths, 6))
    near = 0.05 / UsdGeom.GetStageMetersPerUnit(stage)
    made.CreateClippingRangeAttr(Gf.Vec2f(near, near * 1e5))
    made.CreateFStopAttr(f_stop)
    up = (0, 0, 1) if UsdGeom.GetStageUpAxis(stage) == "Z" else (0, 1, 0)
    op = made.AddTransformOp()
    for frame in range(FIRST, LAST + 1):
        eye, target = path((frame - FIRST) / (LAST - FIRST))
        op.Set(_rounded(aim(eye, target, up)), frame)
        if focus_on is not None:
            distance = float(np.linalg.norm(np.subtract(eye, focus_on)))
            made.CreateFocusDistanceAttr().Set(round(distance, 4), frame)


def _rounded(matrix: Gf.Matrix4d) -> Gf.Matrix4d:
    rows = np.round(np.array(matrix), 6) + 0.0
    return Gf.Matrix4d(rows.tolist())


def rect_light(
    stage: Usd.Stage,
    name: str,
    eye: Sequence[float],
    target: Sequence[float],
    size: tuple[float, float],
    colour: Colour,
    intensity: float,
) -> None:
    """A softbox at ``eye`` that shines at ``target``."""
    light = UsdLux.RectLight.Define(stage, f"/World/Lights/{name}")
    light.CreateWidthAttr(size[0])
    light.CreateHeightAttr(size[1])
    light.CreateColorAttr(Gf.Vec3f(*colour))
    light.CreateIntensityAttr(intensity)
    up = (0, 0, 1) if UsdGeom.GetStageUpAxis(stage) == "Z" else (0, 1, 0)
    light.AddTransformOp().Set(_rounded(aim(eye, target, up)))


def sun(
    stage: Usd.Stage,
    towards: Sequence[float],
    colour: Colour,
    intensity: float,
    angle: float,
    name: str = "Sun",
) -> None:
    """A distant light; ``intensity`` is its irradiance (``normalize``), ``angle`` its diameter in degrees."""
    light = UsdLux.DistantLight.Define(stage, f"/World/Lights/{name}")
    light.CreateColorAttr(Gf.Vec3f(*colour))
    light.CreateIntensityAttr(intensity)
    light.CreateNormalizeAttr(True)  # noqa: FBT003
    light.CreateAngleAttr(angle)
    light.AddTransformOp().Set(_rounded(aim(towards, (0, 0, 0), (0.0, 0.0, 1.0))))


def sky(
    stage: Usd.Stage, texture: str | None, colour: Colour = (1, 1, 1), intensity: float = 1.0
) -> None:
    """A dome with a latitude-longitude image; in a Z-up stage it is turned upright."""
    light = UsdLux.DomeLight.Define(stage, "/World/Lights/Sky")
    light.CreateColorAttr(Gf.Vec3f(*colour))
    light.CreateIntensityAttr(intensity)
    if texture:
        light.CreateTextureFileAttr(Sdf.AssetPath(f"textures/{texture}"))
        light.CreateTextureFormatAttr(UsdLux.Tokens.latlong)
    if UsdGeom.GetStageUpAxis(stage) == "Z":
        light.AddRotateXOp().Set(90.0)


def noise(height: int, width: int, cells: tuple[int, int], seed: int) -> np.ndarray:
    """(h, w) smooth noise in [0, 1] that repeats at its edges, of ``cells`` = (rows, columns) lattice cells."""
    lattice = np.random.default_rng(seed).random(cells)
    y, x = np.arange(height) / height * cells[0], np.arange(width) / width * cells[1]
    i, j = y.astype(int), x.astype(int)
    fy, fx = (t * t * (3 - 2 * t) for t in (y % 1, x % 1))
    below, above = lattice[i % cells[0]], lattice[(i + 1) % cells[0]]
    left, right = j % cells[1], (j + 1) % cells[1]
    low = below[:, left] * (1 - fx) + below[:, right] * fx
    high = above[:, left] * (1 - fx) + above[:, right] * fx
    return low * (1 - fy)[:, None] + high * fy[:, None]


def fractal(height: int, width: int, cells: tuple[int, int], octaves: int, seed: int) -> np.ndarray:
    """(h, w) noise of several sizes, in [0, 1]."""
    total, weight = np.zeros((height, width)), 0.0
    for k in range(octaves):
        size = (cells[0] << k, cells[1] << k)
        total += noise(height, width, size, seed + k) / 2**k
        weight += 1 / 2**k
    return total / weight


def write_png(path: Path, rgb: np.ndarray) -> None:
    """An sRGB PNG of display values (h, w, 3) in [0, 1], top row first."""
    pixels = np.clip(np.round(rgb * 255), 0, 255).astype(np.uint8)
    _write(path, pixels, oiio.UINT8)


def write_half(path: Path, rgb: np.ndarray) -> None:
    """A linear half-float EXR (h, w, 3), top row first."""
    _write(path, rgb.astype(np.float32), oiio.HALF)


def _write(path: Path, pixels: np.ndarray, kind: object) -> None:
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, kind)
    spec.attribute("compression", "zip:9")
    # Otherwise the date goes in, and no two runs give the same bytes.
    spec.attribute("DateTime", "2026:01:01 00:00:00")
    file = oiio.ImageOutput.create(str(path))
    if not (file.open(str(path), spec) and file.write_image(pixels) and file.close()):
        raise OSError(f"{path}: {file.geterror()}")


def sky_image(
    width: int,
    zenith: Colour,
    horizon: Colour,
    ground: Colour,
    glow: Colour,
    glow_towards: Sequence[float],
    sharpness: float,
    low_glow: float = 0.0,
) -> np.ndarray:
    """(width / 2, width, 3) linear radiance, top row first: a gradient and a glow around a direction.

    ``low_glow`` above 0 keeps the glow near the horizon."""
    height = width // 2
    latitude = (0.5 - (np.arange(height) + 0.5) / height)[:, None] * np.pi
    longitude = (0.5 - (np.arange(width) + 0.5) / width)[None] * 2 * np.pi
    direction = np.stack(
        np.broadcast_arrays(
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
            np.cos(latitude) * np.cos(longitude),
        ),
        axis=2,
    )
    up = direction[..., 1:2]
    rise = np.clip(up, 0, 1) ** 0.45
    image = np.array(horizon) * (1 - rise) + np.array(zenith) * rise
    image = np.where(up < 0, np.array(ground) + (image - ground) * np.exp(up * 12), image)
    towards = np.array(glow_towards, float) / np.linalg.norm(glow_towards)
    near = np.clip((direction @ towards)[..., None], 0, 1) ** sharpness
    if low_glow > 0:
        near = near * np.exp(-np.abs(up) * low_glow)
    return image + np.array(glow) * near
