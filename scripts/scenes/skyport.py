"""Skyport: blue hour on a wet landing field; a robot waves at the ships that leave. Metres, Y up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from pxr import Gf, Usd, UsdGeom

from scenes import looks, shapes
from scenes.shapes import Shape, add_mesh, place

DUSK = (-0.35, 0.06, -1.0)
"""Where the sun went down."""
LETTERS = {
    "W": [[(0, 6), (1, 0), (2, 4), (3, 0), (4, 6)]],
    "I": [[(0.5, 0), (0.5, 6)]],
    "N": [[(0, 0), (0, 6), (3.4, 0), (3.4, 6)]],
    "D": [[(0, 0), (0, 6), (2.2, 6), (3.4, 4.6), (3.4, 1.4), (2.2, 0), (0, 0)]],
    "F": [[(0, 0), (0, 6), (3, 6)], [(0, 3.2), (2.4, 3.2)]],
    "R": [
        [(0, 0), (0, 6), (2.4, 6), (3.4, 5.2), (3.4, 3.9), (2.4, 3), (0, 3)],
        [(1.8, 3), (3.4, 0)],
    ],
    "E": [[(3.2, 0), (0, 0), (0, 6), (3.2, 6)], [(0, 3.2), (2.6, 3.2)]],
}
"""Strokes on a grid six high."""


def build(folder: Path) -> Usd.Stage:
    """The stage; writes its textures into ``folder``/textures."""
    _textures(folder / "textures")
    stage = looks.new_stage("Y", 1.0, "Skyport at blue hour. Made by scripts/make_scenes.py.")
    made = _materials(stage)
    _ground(stage, made)
    _city(stage, made)
    _tower(stage, made)
    _sign(stage, made)
    _ships(stage, made)
    _robot(stage, made)
    looks.sky(stage, "skyport_sky.exr", intensity=1.0)
    # Distant lights, not lamps: lights are picked by power, and the sky over this field has most of it.
    looks.sun(stage, (-0.62, 0.60, 0.75), (1.0, 0.93, 0.86), 1.25, 8.0, "Flood")
    looks.sun(stage, (0.75, 0.50, -0.70), (1.0, 0.50, 0.22), 1.7, 5.0, "Afterglow")
    _cameras(stage)
    return stage


def _textures(folder: Path) -> None:
    seed = np.random.default_rng(12)
    rows, columns, cell = 20, 10, 8
    lit = seed.random((rows, columns)) < 0.42
    warm = np.where(seed.random((rows, columns, 1)) < 0.75, [1.0, 0.72, 0.38], [0.62, 0.82, 1.0])
    glow = lit[..., None] * warm * seed.uniform(0.35, 1.0, (rows, columns, 1))
    mask = np.zeros((cell, cell))
    mask[2:7, 1:7] = 1.0
    image = np.kron(glow, mask[..., None]).reshape(rows * cell, columns * cell, 3)
    looks.write_png(folder / "skyport_windows.png", image**0.7)
    wet = looks.fractal(256, 256, (5, 5), 5, 40)
    rough = np.clip(0.12 + 1.6 * (wet - 0.46), 0.12, 0.55)
    looks.write_png(folder / "skyport_wet.png", np.repeat(rough[..., None], 3, axis=2))
    size, lines = 256, np.zeros((256, 256), bool)
    lines[:2] = lines[:, :2] = True
    grit = looks.fractal(size, size, (24, 24), 3, 41)[..., None]
    tarmac = np.array([0.17, 0.175, 0.19]) * (0.75 + 0.5 * grit)
    tarmac[lines] *= 0.5
    looks.write_png(folder / "skyport_tarmac.png", tarmac)
    sky = looks.sky_image(
        256,
        zenith=(0.025, 0.065, 0.20),
        horizon=(0.24, 0.22, 0.34),
        ground=(0.02, 0.02, 0.03),
        glow=(1.25, 0.46, 0.17),
        glow_towards=DUSK,
        sharpness=3.0,
        low_glow=5.5,
    )
    looks.write_half(folder / "skyport_sky.exr", sky)


def _materials(stage: Usd.Stage) -> dict[str, object]:
    def new(name: str, **values: object) -> object:
        return looks.material(stage, name, **values)

    dark = (0.03, 0.032, 0.036)
    return {
        "ground": new("Ground", base="skyport_tarmac.png", rough="skyport_wet.png", tile=(7, 7)),
        "tower": new("Concrete", base=(0.16, 0.16, 0.18), rough=0.5),
        "city": new(
            "City", base=(0.03, 0.035, 0.05), rough=0.5, emit="skyport_windows.png", glow=1.6
        ),
        "white": new("White", base=(0.82, 0.82, 0.80), rough=0.25),
        "orange": new("Orange", base=(0.85, 0.24, 0.035), rough=0.3),
        "dark": new("Dark", base=dark, rough=0.3),
        "steel": new("Steel", base=(0.62, 0.64, 0.68), rough=0.3, metal=1.0),
        "visor": new("Visor", base=(0.008, 0.010, 0.014), rough=0.12),
        "eye": new("Eye", base=(0, 0, 0), emit=(0.9, 4.6, 5.6)),
        "neon": new("Neon", base=(0, 0, 0), emit=(9.0, 2.3, 0.42)),
        "cyan": new("Cyan", base=(0, 0, 0), emit=(0.35, 2.9, 3.8)),
        "engine": new("Engine", base=(0, 0, 0), emit=(5.0, 10.0, 16.0)),
        "lamp": new("Lamp", base=(0, 0, 0), emit=(7.0, 5.6, 3.8)),
    }


def bare(shape: Shape) -> Shape:
    """Without texture coordinates, where no texture reads them."""
    return Shape(shape.points, shape.faces)


def _ground(stage: Usd.Stage, made: dict) -> None:
    half = 34.0
    corners = half * np.array([[-1, 0, 1], [1, 0, 1], [1, 0, -1], [-1, 0, -1]], float)
    corners[:, 2] -= 22
    uvs = (corners[:, [0, 2]] + [0, 22]) / (2 * half) + 0.5
    add_mesh(stage, "/World/Ground", Shape(corners, [(0, 1, 2, 3)], uvs), made["ground"], crease=0)
    lamps = []
    for z in (1.0, -5.0, -11.0, -17.0, -23.0):
        lamps += [shapes.box((0.34, 0.07, 0.34), 0.03).moved((x, 0.035, z)) for x in (-4.2, 5.4)]
    add_mesh(stage, "/World/FieldLamps", bare(shapes.joined(lamps)), made["lamp"], crease=10)


def _city(stage: Usd.Stage, made: dict) -> None:
    """A skyline of point instances; each kind of block has its own share of windows."""
    path = "/World/City"
    city = UsdGeom.PointInstancer.Define(stage, path)
    blocks = []
    for number, (across, up) in enumerate(((1.0, 1.0), (0.6, 0.5), (1.4, 1.3))):
        block = shapes.box((1, 1, 1)).moved((0, 0.5, 0))
        block.uvs = _wall_uvs(across, up)
        add_mesh(stage, f"{path}/Block{number}", block, made["city"], crease=10)
        blocks.append(f"{path}/Block{number}")
    city.CreatePrototypesRel().SetTargets(blocks)
    seed = np.random.default_rng(77)
    count = 40
    x = np.linspace(-33, 33, count) + seed.uniform(-0.8, 0.8, count)
    z = -32 - 10 * seed.random(count)
    height = 3 + 11 * seed.random(count) ** 2 * np.exp(-((x / 30) ** 2)) + 2 * seed.random(count)
    places = [Gf.Vec3f(*map(float, spot)) for spot in np.round(np.stack([x, 0 * x, z], 1), 2)]
    sizes = np.round(
        np.stack([seed.uniform(1.6, 3.2, count), height, seed.uniform(1.5, 3, count)], 1), 2
    )
    city.CreateProtoIndicesAttr([int(k) for k in seed.integers(0, 3, count)])
    city.CreatePositionsAttr(places)
    city.CreateScalesAttr([Gf.Vec3f(*map(float, size)) for size in sizes])


def _wall_uvs(across: float, up: float) -> np.ndarray:
    """Coordinates for ``shapes.box``: windows upright on four walls, a dark corner of the image on top."""
    low, high = 0.004, across
    upright = [[low, 0], [high, 0], [high, up], [low, up]]
    turned = [[low, 0], [low, up], [high, up], [high, 0]]
    dark = [[0.004, 0.004]] * 4
    # The box's faces in order: -x, +x, -y, +y, -z, +z.
    walls = [[[low, 0], [high, 0], [high, up], [low, up]]] * 6
    walls[0] = [[low, 0], [high, 0], [high, up], [low, up]]
    walls[1], walls[4] = turned, turned
    walls[2] = walls[3] = dark
    walls[5] = upright
    return np.array(walls, float).reshape(-1, 2)


def _tower(stage: Usd.Stage, made: dict) -> None:
    """A landing tower with rings of light."""
    shaft = [
        (0, 0),
        (3.4, 0),
        (3.3, 0.6),
        (1.7, 3.0),
        (1.25, 8.0),
        (1.25, 13.0),
        (2.0, 14.6),
        (4.6, 15.6),
        (4.9, 16.2),
        (4.7, 16.6),
        (1.6, 16.8),
        (1.5, 19.0),
        (1.1, 19.6),
        (0, 19.7),
    ]
    root = UsdGeom.Xform.Define(stage, "/World/Tower")
    place(root.GetPrim(), move=(-14.0, 0, -24))
    body = bare(shapes.lathe(shapes.smooth_curve(shaft, 60), 40))
    add_mesh(stage, "/World/Tower/Shaft", body, made["tower"], crease=50)
    rings = [
        shapes.torus(r, 0.09, 40, 6).moved((0, y, 0))
        for r, y in ((1.42, 6.0), (1.36, 10.0), (4.98, 16.2), (1.62, 18.4))
    ]
    add_mesh(stage, "/World/Tower/Rings", shapes.joined(rings), made["cyan"], crease=80)
    mast = shapes.tube(np.array([[0, 19.5, 0], [0, 25.0, 0]]), np.array([0.14, 0.05]), 8)
    add_mesh(stage, "/World/Tower/Mast", mast, made["steel"], crease=60)


def _sign(stage: Usd.Stage, made: dict) -> None:
    """WINDFIRE in neon on a dark frame."""
    unit, gap, x, strokes = 0.34, 1.5, 0.0, []
    for letter in "WINDFIRE":
        lines = LETTERS[letter]
        for line in lines:
            path = np.array([(x + px, py, 0) for px, py in line], float) * unit
            strokes.append(shapes.tube(path, 0.085, 6))
        x += max(px for line in lines for px, _ in line) + gap
    width = (x - gap) * unit
    root = UsdGeom.Xform.Define(stage, "/World/Sign")
    place(root.GetPrim(), move=(-7.4, 4.6, -15.5), turn=(0, 9, 0))
    letters = shapes.joined(strokes).moved((0, 0, 0.28))
    add_mesh(stage, "/World/Sign/Letters", letters, made["neon"], crease=80)
    board = shapes.box((width + 1.6, 3.4, 0.22), 0.05).moved((width / 2, 1.02, 0))
    legs = [
        shapes.box((0.28, 4.2, 0.28), 0.04).moved((px, -2.6, -0.1)) for px in (0.6, width - 0.6)
    ]
    bars = [shapes.box((width + 1.2, 0.1, 0.1)).moved((width / 2, y, -0.1)) for y in (-1.6, -3.0)]
    parts = [bare(part) for part in (board, *legs, *bars)]
    add_mesh(stage, "/World/Sign/Frame", shapes.joined(parts), made["dark"], crease=20)
    trim = shapes.tube(np.array([[-0.7, -0.58, 0.16], [width + 0.7, -0.58, 0.16]]), 0.04, 6)
    add_mesh(stage, "/World/Sign/Trim", trim, made["cyan"], crease=60)


def _ship_parts() -> dict[str, tuple[str, Shape]]:
    """Material and shape of each part of a ship that flies along -Z."""
    hull = [
        (0.0, -3.4),
        (0.30, -3.1),
        (0.72, -2.0),
        (0.98, -0.4),
        (1.0, 0.9),
        (0.80, 2.2),
        (0.62, 2.7),
        (0.56, 2.75),
        (0.0, 2.6),
    ]
    body = (
        bare(shapes.lathe(shapes.smooth_curve(hull, 30), 28))
        .turned("x", 90)
        .scaled((1.15, 0.72, 1))
    )
    wing = shapes.prism([(0.6, 2.3), (0.6, -0.6), (2.9, 1.6), (3.0, 2.6)], 0.12).turned("x", 90)
    fin = shapes.prism([(1.0, 0.45), (2.8, 0.5), (2.9, 1.7), (2.35, 1.75)], 0.1).turned("y", -90)
    other = wing.scaled((-1, 1, 1))
    other.faces = [face[::-1] for face in other.faces]
    glass = bare(shapes.ball(1.0, 14)).scaled((0.5, 0.34, 1.05)).moved((0, 0.42, -1.3))
    nozzles = [
        bare(shapes.lathe([(0.30, 0.0), (0.0, 0.03)], 16)).turned("x", 90).moved((x, 0, 2.76))
        for x in (-0.36, 0.36)
    ]
    pods = [
        shapes.tube(np.array([[x, -0.05, 0.4], [x, -0.05, 2.7]]), 0.2, 12) for x in (-1.75, 1.75)
    ]
    glows = [
        shapes.ball(0.19, 8).scaled((1, 1, 0.35)).moved((x, -0.05, 2.7)) for x in (-1.75, 1.75)
    ]
    return {
        "Hull": ("white", body),
        "Wings": ("orange", shapes.joined([bare(wing), bare(other), bare(fin)])),
        "Glass": ("visor", glass),
        "Pods": ("steel", shapes.joined(pods)),
        "Engines": ("engine", shapes.joined([bare(part) for part in (*nozzles, *glows)])),
    }


def _ships(stage: Usd.Stage, made: dict) -> None:
    """Three ships, one prototype, each on its own way with one key a frame."""
    for name, (look, shape) in _ship_parts().items():
        add_mesh(stage, f"/World/Parts/Ship/{name}", shape, made[look], crease=40)
    ways = (
        ((8.0, 5.4, -7.0), (3.0, 8.2, -18.0), 1.0),
        ((-4.5, 9.0, -17.0), (-1.0, 11.5, -30.0), 0.9),
        ((15.0, 8.5, -22.0), (11.0, 10.5, -32.0), 0.9),
    )
    for number, (start, end, size) in enumerate(ways):
        ship = UsdGeom.Xform.Define(stage, f"/World/Ships/Ship{number}")
        ship.GetPrim().GetReferences().AddInternalReference("/World/Parts/Ship")
        ship.GetPrim().SetInstanceable(True)  # noqa: FBT003
        api = place(ship.GetPrim(), scale=size)
        for frame in range(looks.FIRST, looks.LAST + 1):
            t = (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
            ease = t * t * 0.6 + t * 0.4
            spot = np.round(np.array(start) + (np.array(end) - start) * ease, 4)
            spot[1] = round(spot[1] + 0.12 * math.sin(9 * t + number), 4)
            ahead = np.subtract(end, start)
            yaw = math.degrees(math.atan2(-ahead[0], -ahead[2]))
            pitch = math.degrees(math.atan2(ahead[1], math.hypot(ahead[0], ahead[2])))
            bank = 14 * math.sin(3 * t + number)
            api.SetTranslate(Gf.Vec3d(*spot.tolist()), frame)
            turn = Gf.Vec3f(round(pitch, 3), round(yaw, 3), round(bank, 3))
            # Bank first, then pitch, then heading.
            api.SetRotate(turn, UsdGeom.XformCommonAPI.RotationOrderZXY, frame)
    from pxr import Sdf

    # Not defined, and so drawn only where it is referenced.
    stage.GetPrimAtPath("/World/Parts").SetSpecifier(Sdf.SpecifierOver)


def _robot(stage: Usd.Stage, made: dict) -> None:
    """A friendly robot, 1.7 m, that turns its head and waves."""
    root = UsdGeom.Xform.Define(stage, "/World/Robot")
    place(root.GetPrim(), move=(1.9, 0, 3.4), turn=(0, -24, 0))

    def part(path: str, shape: Shape, look: str, crease: float = 60) -> None:
        add_mesh(stage, f"/World/Robot/{path}", bare(shape), made[look], crease)

    torso = [
        (0, 0.62),
        (0.16, 0.62),
        (0.24, 0.70),
        (0.315, 0.92),
        (0.33, 1.08),
        (0.28, 1.20),
        (0.14, 1.255),
        (0, 1.26),
    ]
    part("Torso", shapes.lathe(shapes.smooth_curve(torso, 26), 36).scaled((1, 1, 0.82)), "white")
    part(
        "Belt", shapes.torus(0.235, 0.032, 36, 8).scaled((1, 1, 0.82)).moved((0, 0.70, 0)), "orange"
    )
    part(
        "Chest",
        shapes.lathe([(0.075, 0), (0.07, 0.015), (0, 0.02)], 24)
        .turned("x", 90)
        .moved((0, 1.02, 0.262)),
        "cyan",
    )
    part("Neck", shapes.tube(np.array([[0, 1.24, 0], [0, 1.34, 0]]), 0.07, 16), "dark")
    for side, name in ((-1, "Left"), (1, "Right")):
        x = side * 0.135
        leg = shapes.smooth_curve([(x, 0.66, 0), (x * 1.1, 0.40, 0.03), (x * 1.1, 0.12, 0)], 10)
        part(f"{name}Leg", shapes.tube(leg, np.linspace(0.095, 0.075, 11), 16), "dark")
        part(f"{name}Knee", shapes.ball(0.098, 14).moved((x * 1.1, 0.40, 0.03)), "white")
        foot = shapes.ball(1.0, 18).scaled((0.105, 0.085, 0.165)).moved((x * 1.12, 0.075, 0.05))
        foot.points[:, 1] = np.maximum(foot.points[:, 1], 0.0)
        part(f"{name}Foot", foot, "orange")
    _head(stage, made)
    _arm(stage, made, "LeftArm", -1, lambda t: (0.0, 0.0, -14 + 3 * math.sin(4 * t)), 12.0)
    _arm(stage, made, "RightArm", 1, lambda t: (-10.0, 0.0, 142 + 4 * math.sin(6 * t)), 34.0)


def _head(stage: Usd.Stage, made: dict) -> None:
    path = "/World/Robot/Head"
    head = UsdGeom.Xform.Define(stage, path)
    api = place(head.GetPrim(), move=(0, 1.34, 0))
    for frame in range(looks.FIRST, looks.LAST + 1):
        t = (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
        turn = Gf.Vec3f(
            round(-4 - 5 * math.sin(2 * t), 3), round(-6 + 20 * t, 3), round(5 * math.sin(5 * t), 3)
        )
        api.SetRotate(turn, UsdGeom.XformCommonAPI.RotationOrderXYZ, frame)

    def part(name: str, shape: Shape, look: str) -> None:
        add_mesh(stage, f"{path}/{name}", bare(shape), made[look], 60)

    def squared(direction: np.ndarray) -> np.ndarray:
        return 1.0 / (np.abs(direction) ** 3.6).sum(axis=1) ** (1 / 3.6)

    part(
        "Shell",
        shapes.ball(0.215, 26, squared).scaled((1.12, 0.86, 0.95)).moved((0, 0.19, 0)),
        "white",
    )
    part(
        "Visor",
        shapes.ball(0.2, 24, squared).scaled((0.96, 0.66, 0.6)).moved((0, 0.19, 0.098)),
        "visor",
    )
    eyes = [
        shapes.ball(1.0, 10).scaled((0.034, 0.046, 0.012)).moved((x, 0.2, 0.217))
        for x in (-0.08, 0.08)
    ]
    part("Eyes", shapes.joined(eyes), "eye")
    ears = [
        shapes.lathe([(0, 0), (0.075, 0), (0.065, 0.04), (0, 0.045)], 20)
        .turned("z", -90 * s)
        .moved((s * 0.235, 0.19, 0))
        for s in (-1, 1)
    ]
    part("Ears", shapes.joined(ears), "orange")
    part(
        "Aerial", shapes.tube(np.array([[0.1, 0.36, -0.02], [0.13, 0.54, -0.05]]), 0.011, 8), "dark"
    )
    part("Tip", shapes.ball(0.03, 10).moved((0.132, 0.555, -0.052)), "neon")


def _arm(
    stage: Usd.Stage, made: dict, name: str, side: int, shoulder: object, elbow: float
) -> None:
    """An arm that hangs along -Y; ``shoulder(t)`` are angles, the elbow swings by ``elbow`` degrees."""
    path = f"/World/Robot/{name}"
    upper = UsdGeom.Xform.Define(stage, path)
    api = place(upper.GetPrim(), move=(side * 0.335, 1.12, 0))
    lower = UsdGeom.Xform.Define(stage, f"{path}/Lower")
    bend = place(lower.GetPrim(), move=(0, -0.27, 0))
    for frame in range(looks.FIRST, looks.LAST + 1):
        t = (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
        x, y, z = shoulder(t)
        order = UsdGeom.XformCommonAPI.RotationOrderXYZ
        api.SetRotate(
            Gf.Vec3f(round(x, 3), round(y, 3), round(side * abs(z) if side > 0 else z, 3)),
            order,
            frame,
        )
        swing = elbow * (0.6 + 0.4 * math.sin(2 * math.pi * 2 * t)) if side > 0 else elbow
        bend.SetRotate(Gf.Vec3f(-10.0, 0, round(side * swing, 3)), order, frame)

    def part(where: str, shape: Shape, look: str) -> None:
        add_mesh(stage, f"{path}/{where}", bare(shape), made[look], 60)

    part("Shoulder", shapes.ball(0.092, 16), "orange")
    part("Bone", shapes.tube(np.array([[0, -0.04, 0], [0, -0.27, 0]]), 0.052, 14), "dark")
    part("Lower/Elbow", shapes.ball(0.062, 14), "white")
    cuff = [(0, -0.27), (0.055, -0.27), (0.075, -0.25), (0.062, -0.06), (0.04, -0.02), (0, -0.02)]
    part("Lower/Cuff", shapes.lathe(cuff, 22), "white")
    palm = shapes.ball(1.0, 14).scaled((0.06, 0.075, 0.04)).moved((0, -0.33, 0))
    fingers = [
        shapes.tube(
            np.array([[k * 0.035, -0.36, 0], [k * 0.055, -0.46 + 0.02 * abs(k), 0.01]]), 0.016, 8
        )
        for k in (-1, 0, 1)
    ]
    thumb = shapes.tube(np.array([[-side * 0.045, -0.32, 0], [-side * 0.1, -0.37, 0.02]]), 0.016, 8)
    part("Lower/Hand", shapes.joined([bare(palm), *fingers, thumb]), "dark")


def _cameras(stage: Usd.Stage) -> None:
    def wide(t: float) -> tuple:
        return (-0.5 + 0.7 * t, 1.1 + 0.1 * t, 8.6 - 0.4 * t), (0.1 + 0.2 * t, 2.45, -4.0)

    def close(t: float) -> tuple:
        return (0.35 + 0.4 * t, 1.0, 6.9 - 0.3 * t), (1.25, 1.62, 1.0)

    looks.camera(stage, "A", wide, 27)
    looks.camera(stage, "B", close, 38, f_stop=2.0, focus_on=(1.9, 1.4, 3.55))
