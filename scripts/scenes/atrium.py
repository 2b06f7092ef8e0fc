"""Atrium: a sunlit colonnade around a reflecting pool, with a bronze knot at its end. Metres, Y up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, Vt

from scenes import looks, shapes
from scenes.shapes import Shape, add_mesh, place

BAY = 2.6
"""Metres between columns."""
BAYS = 8
ROW_X = 4.3
WALL_X = 7.4
SPRING = 3.25
"""Height of the capitals' tops, where the arches begin."""
ROOF = 5.35
END_Z = -BAY * BAYS / 2
SUN = (5.6, 5.4, 4.6)


def build(folder: Path) -> Usd.Stage:
    """The stage; writes its textures into ``folder``/textures."""
    _textures(folder / "textures")
    stage = looks.new_stage("Y", 1.0, "Atrium: a sunlit colonnade. Made by scripts/make_scenes.py.")
    made = _materials(stage)
    _floor(stage, made)
    _colonnade(stage, made)
    _end_wall(stage, made)
    _sculpture(stage, made)
    _planters(stage, made)
    _banners(stage, made)
    looks.sun(stage, SUN, (1.0, 0.80, 0.56), 6.2, 2.5)
    looks.sky(stage, "atrium_sky.exr", intensity=1.0)
    _cameras(stage)
    return stage


def _textures(folder: Path) -> None:
    size, tiles = 512, 2
    cell = (np.add.outer(np.arange(size) * tiles // size, np.arange(size) * tiles // size)) % 2
    veins = looks.fractal(size, size, (4, 4), 5, 11)
    veins = np.exp(-np.abs(veins - 0.5) * 18)
    cloud = looks.fractal(size, size, (6, 6), 4, 23)
    light = (
        np.array([0.86, 0.80, 0.71]) * (0.92 + 0.12 * cloud[..., None]) - 0.16 * veins[..., None]
    )
    dark = np.array([0.50, 0.36, 0.28]) * (0.85 + 0.3 * cloud[..., None]) + 0.10 * veins[..., None]
    floor = np.where(cell[..., None] == 0, light, dark)
    edge = np.arange(size) % (size // tiles)
    joint = (edge < 2) | (edge >= size // tiles - 2)
    floor[joint[:, None] | joint[None, :]] *= 0.62
    looks.write_png(folder / "atrium_floor.png", floor)
    leaf = looks.fractal(128, 128, (12, 12), 3, 31)[..., None]
    leaf = np.array([0.16, 0.27, 0.10]) + (leaf - 0.5) * np.array([0.42, 0.56, 0.24])
    looks.write_png(folder / "atrium_leaf.png", leaf)
    stain = looks.fractal(256, 256, (3, 3), 5, 5)[..., None]
    plaster = np.array([0.88, 0.70, 0.52]) * (0.86 + 0.22 * stain)
    looks.write_png(folder / "atrium_plaster.png", plaster)
    image = looks.sky_image(
        128,
        zenith=(0.16, 0.34, 0.78),
        horizon=(0.82, 0.86, 0.92),
        ground=(0.42, 0.36, 0.30),
        glow=(0.9, 0.62, 0.34),
        glow_towards=SUN,
        sharpness=6.0,
    )
    looks.write_half(folder / "atrium_sky.exr", image)


def _materials(stage: Usd.Stage) -> dict[str, object]:
    def new(name: str, **values: object) -> object:
        return looks.material(stage, name, **values)

    return {
        "floor": new("Floor", base="atrium_floor.png", rough=0.24, tile=(8.0, 12.0)),
        "stone": new("Stone", base=(0.80, 0.73, 0.62), rough=0.55),
        "plaster": new("Plaster", base="atrium_plaster.png", rough=0.8, tile=(3.0, 1.0)),
        "trim": new("Trim", base=(0.62, 0.30, 0.19), rough=0.6),
        "water": new("Water", base=(0.01, 0.045, 0.05), rough=0.085, ior=1.33),
        "basin": new("Basin", base=(0.72, 0.68, 0.60), rough=0.3),
        "bronze": new("Bronze", base=(0.95, 0.60, 0.30), rough=0.28, metal=1.0),
        "marble": new("Marble", base=(0.09, 0.10, 0.11), rough=0.22),
        "clay": new("Clay", base=(0.60, 0.25, 0.13), rough=0.6),
        "leaf": new("Leaf", base="atrium_leaf.png", rough=0.7, tile=(5.0, 7.0)),
        "cloth": new("Cloth", base=(0.62, 0.055, 0.045), rough=0.8),
        "gold": new("Gold", base=(0.95, 0.66, 0.28), rough=0.3, metal=1.0),
    }


def _floor(stage: Usd.Stage, made: dict) -> None:
    """The paving with a hole for the pool: four strips, so that nothing lies under the water."""
    width, length, pool_x, pool_z = 16.0, 26.0, 1.5, 7.2
    strips = [
        (-width / 2, -length / 2, width / 2, -pool_z),
        (-width / 2, pool_z, width / 2, length / 2),
        (-width / 2, -pool_z, -pool_x, pool_z),
        (pool_x, -pool_z, width / 2, pool_z),
    ]
    parts = []
    for x0, z0, x1, z1 in strips:
        corners = np.array([[x0, 0, z1], [x1, 0, z1], [x1, 0, z0], [x0, 0, z0]], float)
        uvs = corners[:, [0, 2]] / [width, length] + 0.5
        parts.append(Shape(corners, [(0, 1, 2, 3)], uvs))
    add_mesh(stage, "/World/Floor", shapes.joined(parts), made["floor"], crease=0)
    rim = [
        shapes.box((0.3, 0.16, 2 * pool_z + 0.6), 0.03).moved((side * (pool_x + 0.15), 0.06, 0))
        for side in (-1, 1)
    ] + [
        shapes.box((2 * pool_x, 0.16, 0.3), 0.03).moved((0, 0.06, side * (pool_z + 0.15)))
        for side in (-1, 1)
    ]
    add_mesh(stage, "/World/Pool/Rim", shapes.joined(rim), made["basin"], crease=20)
    _water(stage, made, pool_x, pool_z)


def _water(stage: Usd.Stage, made: dict, half_x: float, half_z: float) -> None:
    """Small waves that travel along the pool: points with time samples."""

    def at(time: float) -> Shape:
        def surface(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            x, z = (2 * u - 1) * half_x, (1 - 2 * v) * half_z
            wave = 0.5 * np.sin(1.9 * z + 0.7 * x - 2 * np.pi * time)
            wave += 0.35 * np.sin(2.6 * x + 3.1 * z + 4 * np.pi * time + 1.0)
            return np.stack([x, 0.03 + 0.006 * wave, z], axis=1)

        return shapes.grid(64, 10, surface)

    mesh = add_mesh(stage, "/World/Pool/Water", at(0.0), made["water"], crease=0)
    normals = mesh.CreateNormalsAttr()
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    for frame in range(looks.FIRST, looks.LAST + 1, 4):
        time = (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
        shape = at(time)
        points = np.round(shape.points, 4).astype(np.float32)
        mesh.GetPointsAttr().Set(Vt.Vec3fArray.FromNumpy(points), frame)
        slope = _slopes(points.reshape(65, 11, 3))
        normals.Set(Vt.Vec3fArray.FromNumpy(slope), frame)


def _slopes(points: np.ndarray) -> np.ndarray:
    """(n, 3) normals of a grid of points (rows, columns, 3) from its differences."""
    along, across = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normal = np.cross(across, along)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    return np.round(normal, 4).reshape(-1, 3).astype(np.float32)


def _column() -> tuple[Shape, Shape]:
    """(shaft, base and capital) of one fluted column."""
    heights = np.linspace(0.36, SPRING - 0.42, 9)
    taper = 0.275 - 0.045 * ((heights - 0.36) / 3) ** 1.6
    angle_count, flutes = 80, 16
    shaft = shapes.lathe(
        list(zip(taper, heights, strict=True)),
        angle_count,
        lambda angle, _: 1.0 - 0.055 * np.abs(np.sin(angle * flutes / 2)) ** 0.7,
    )
    base = [(0.0, 0.0), (0.40, 0.0), (0.40, 0.10), (0.40, 0.10), (0.345, 0.10)]
    swell = [
        (0.36 + 0.035 * math.sin(t), 0.17 - 0.06 * math.cos(t)) for t in np.linspace(0, 3.1, 7)
    ]
    base += [*swell, (0.31, 0.25), (0.315, 0.30), (0.285, 0.36)]
    top = SPRING
    cap = [(0.235, top - 0.42), (0.262, top - 0.40), (0.262, top - 0.36), (0.235, top - 0.34)]
    flare = [(0.24 + 0.15 * t**2, top - 0.32 + 0.2 * t) for t in np.linspace(0, 1, 6)]
    cap += [*flare, (0.0, top - 0.12)]
    parts = [
        shapes.lathe(base, 40),
        shapes.lathe(cap, 40),
        shapes.box((0.84, 0.13, 0.84), 0.02).moved((0, top - 0.06, 0)),
    ]
    return shaft, shapes.joined([Shape(p.points, p.faces) for p in parts])


def _arch() -> Shape:
    """The wall of one bay above the capitals, with a round arch cut out. In XY, thickness along Z."""
    radius, half = 1.02, BAY / 2
    turn = np.linspace(math.pi, 0, 25)
    curve = [(radius * math.cos(a), SPRING + radius * math.sin(a)) for a in turn]
    outline = [(-half, ROOF), (-half, SPRING), *curve, (half, SPRING), (half, ROOF)]
    return shapes.prism(outline, 0.62)


def _colonnade(stage: Usd.Stage, made: dict) -> None:
    """One bay, instanced down both sides, then roofs and walls."""
    bay = "/World/Parts/Bay"
    UsdGeom.Scope.Define(stage, "/World/Parts")
    UsdGeom.Xform.Define(stage, bay)
    shaft, ends = _column()
    add_mesh(stage, f"{bay}/Shaft", shaft, made["stone"], crease=35)
    add_mesh(stage, f"{bay}/Ends", ends, made["stone"], crease=35)
    arch = add_mesh(stage, f"{bay}/Arch", _arch(), made["plaster"], crease=30)
    place(arch.GetPrim(), move=(0, 0, -BAY / 2), turn=(0, 90, 0))
    # Not defined, and so drawn only where it is referenced.
    stage.GetPrimAtPath("/World/Parts").SetSpecifier(Sdf.SpecifierOver)
    for side, name in ((-1, "Left"), (1, "Right")):
        for number in range(BAYS + 1):
            path = f"/World/{name}/Bay{number}"
            xform = UsdGeom.Xform.Define(stage, path)
            place(xform.GetPrim(), move=(side * ROW_X, 0, -END_Z - number * BAY))
            xform.GetPrim().GetReferences().AddInternalReference(bay)
            xform.GetPrim().SetInstanceable(True)  # noqa: FBT003
        _aisle(stage, made, side, name)


def _aisle(stage: Usd.Stage, made: dict, side: int, name: str) -> None:
    length, middle = BAY * (BAYS + 1.2), -BAY * 0.1
    wide = WALL_X - ROW_X + 0.31
    roof = shapes.box((wide, 0.25, length)).moved(
        (side * (WALL_X + ROW_X - 0.31) / 2, 5.22, middle)
    )
    wall = shapes.box((0.3, ROOF, length)).moved((side * (WALL_X + 0.15), ROOF / 2, middle))
    cornice = shapes.box((0.9, 0.22, length), 0.04).moved((side * ROW_X, ROOF + 0.1, middle))
    skirting = shapes.box((0.1, 0.5, length), 0.02).moved((side * (WALL_X - 0.03), 0.25, middle))
    add_mesh(stage, f"/World/{name}/Roof", roof, made["stone"], crease=0)
    add_mesh(stage, f"/World/{name}/Wall", wall, made["plaster"], crease=0)
    add_mesh(stage, f"/World/{name}/Cornice", cornice, made["stone"], crease=20)
    add_mesh(stage, f"/World/{name}/Skirting", skirting, made["trim"], crease=20)


def _end_wall(stage: Usd.Stage, made: dict) -> None:
    """A wall with a deep niche behind the sculpture, two steps, and a frieze."""
    radius, spring, half, top = 2.1, 3.0, 7.7, 6.9
    turn = np.linspace(math.pi, 0, 33)
    curve = [(radius * math.cos(a), spring + radius * math.sin(a)) for a in turn]
    outline = [(-half, top), (-half, 0), (-radius, 0), *curve, (radius, 0), (half, 0), (half, top)]
    z = END_Z - 1.3
    wall = add_mesh(stage, "/World/End/Wall", shapes.prism(outline, 0.7), made["plaster"], 30)
    place(wall.GetPrim(), move=(0, 0, z))

    def niche(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        angle, rise = np.pi * u, np.clip(v * 2, 0, 1)
        dome = np.clip(v * 2 - 1, 0, 1) * np.pi / 2
        x, depth = np.cos(angle) * np.cos(dome), np.sin(angle) * np.cos(dome)
        return radius * np.stack([-x, rise * spring / radius + np.sin(dome), -depth], axis=1)

    apse = add_mesh(stage, "/World/End/Niche", shapes.grid(20, 32, niche), made["trim"], 60)
    place(apse.GetPrim(), move=(0, 0, z - 0.3))
    frieze = shapes.box((15.4, 0.3, 1.0), 0.05).moved((0, top, z))
    add_mesh(stage, "/World/End/Frieze", frieze, made["stone"], crease=20)
    steps = [
        shapes.box((5.2 - 0.8 * k, 0.17, 2.9 - 0.8 * k), 0.02).moved((0, 0.085 + 0.17 * k, z + 1.3))
        for k in range(2)
    ]
    add_mesh(stage, "/World/End/Steps", shapes.joined(steps), made["basin"], crease=20)


def _sculpture(stage: Usd.Stage, made: dict) -> None:
    """A bronze knot that turns once in eight seconds, on a black plinth."""
    t = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    ring = 1.0 + 0.42 * np.cos(3 * t)
    knot = np.stack([ring * np.cos(2 * t), 0.45 * np.sin(3 * t), ring * np.sin(2 * t)], axis=1)
    shape = shapes.tube(0.86 * knot, 0.2, 14, closed=True).turned("x", 90)
    z = END_Z + 1.1
    plinth = [
        shapes.box((1.3, 0.2, 1.3), 0.03).moved((0, 0.44, 0)),
        shapes.box((1.0, 0.95, 1.0), 0.02).moved((0, 1.0, 0)),
        shapes.box((1.2, 0.12, 1.2), 0.03).moved((0, 1.52, 0)),
    ]
    base = add_mesh(stage, "/World/End/Plinth", shapes.joined(plinth), made["marble"], crease=20)
    place(base.GetPrim(), move=(0, 0, z))
    mesh = add_mesh(stage, "/World/End/Knot", shape, made["bronze"], crease=80)
    api = place(mesh.GetPrim(), move=(0, 2.95, z))
    for frame in (looks.FIRST, looks.LAST):
        turn = 25 + 45.0 * (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
        api.SetRotate(Gf.Vec3f(0, turn, 0), UsdGeom.XformCommonAPI.RotationOrderXYZ, frame)


def _planters(stage: Usd.Stage, made: dict) -> None:
    """Clipped trees in clay pots, as point instances of two prototypes."""
    seed = np.random.default_rng(4)
    waves, phase = seed.normal(size=(40, 2)) * [5, 9], seed.random(40) * 6.28

    def ripple(angle: np.ndarray, height: np.ndarray) -> np.ndarray:
        across = np.round(waves[:, :1]) * angle + waves[:, 1:] * height + phase[:, None]
        return 1 + 0.28 * (np.abs(np.sin(across)).mean(axis=0) - 0.64) * 3

    pot = [
        (0, 0),
        (0.26, 0),
        (0.36, 0.5),
        (0.41, 0.5),
        (0.41, 0.6),
        (0.35, 0.6),
        (0.33, 0.52),
        (0, 0.52),
    ]
    path = "/World/Planters"
    trees = UsdGeom.PointInstancer.Define(stage, path)
    add_mesh(stage, f"{path}/Pot", shapes.lathe(pot, 32), made["clay"], crease=30)
    rise = np.linspace(0, 1, 34)
    swell = 0.42 * np.sin(np.pi * np.clip(rise, 0, 1) ** 0.62) ** 0.75 + 0.004
    crown = shapes.lathe(list(zip(swell, 0.6 + 2.5 * rise, strict=True)), 40, ripple)
    add_mesh(stage, f"{path}/Crown", crown, made["leaf"], crease=60)
    trees.CreatePrototypesRel().SetTargets([f"{path}/Pot", f"{path}/Crown"])
    spots = [(side * 2.75, 0.0, z) for z in (-6.4, -2.1, 2.2, 6.5) for side in (-1, 1)]
    count = len(spots)
    trees.CreateProtoIndicesAttr([0] * count + [1] * count)
    trees.CreatePositionsAttr([Gf.Vec3f(*spot) for spot in spots * 2])
    turns = [Gf.Quath(math.cos(k), 0, math.sin(k), 0) for k in range(count)] * 2
    trees.CreateOrientationsAttr(turns)
    sizes = [1.0 + 0.07 * ((5 * k) % 3 - 1) for k in range(count)] * 2
    trees.CreateScalesAttr([Gf.Vec3f(s) for s in sizes])


def _banners(stage: Usd.Stage, made: dict) -> None:
    """Three red cloths that move in the wind: points with time samples."""
    for number, z in enumerate((-BAY * 2.5, -BAY * 0.5, BAY * 1.5)):
        path = f"/World/Banners/Banner{number}"
        mesh = add_mesh(stage, path, _cloth(0.0, number), made["cloth"], crease=0)
        normals = mesh.CreateNormalsAttr()
        mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        place(mesh.GetPrim(), move=(-ROW_X, 0, z))
        for frame in range(looks.FIRST, looks.LAST + 1, 3):
            time = (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
            points = np.round(_cloth(time, number).points, 3).astype(np.float32)
            mesh.GetPointsAttr().Set(Vt.Vec3fArray.FromNumpy(points), frame)
            normals.Set(Vt.Vec3fArray.FromNumpy(_slopes(points.reshape(19, 13, 3))), frame)
        rod = shapes.tube(np.array([[0, 3.95, -0.85], [0, 3.95, 0.85]]), 0.035, 10)
        bar = add_mesh(stage, f"{path}Rod", rod, made["gold"], crease=60)
        place(bar.GetPrim(), move=(-ROW_X, 0, z))


def _cloth(time: float, number: int) -> Shape:
    def at(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        loose = (1 - v) ** 1.2
        sway = np.sin(5 * u + 4 * (1 - v) + 2 * np.pi * time + 2 * number)
        point = 0.22 * (1 - np.abs(2 * u - 1)) * np.clip(1 - 6 * v, 0, 1)
        return np.stack([0.13 * loose * sway, 1.75 + 2.2 * v - point, (0.5 - u) * 1.2], axis=1)

    shape = shapes.grid(18, 12, at)
    return Shape(shape.points, shape.faces)


def _cameras(stage: Usd.Stage) -> None:
    def pool(t: float) -> tuple:
        return (0.55 - 0.5 * t, 1.5 + 0.15 * t, 12.6 - 2.6 * t), (0.0, 2.1, -8.0)

    def banners(t: float) -> tuple:
        return (2.1 - 0.5 * t, 1.15, 5.6 - 1.4 * t), (-3.0, 1.95, -3.6 - 0.4 * t)

    looks.camera(stage, "A", pool, 28)
    looks.camera(stage, "B", banners, 24)
