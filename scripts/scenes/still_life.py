"""Still life: tea for one under softboxes, with a gyroscope that turns. Centimetres, Z up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from pxr import Gf, Usd, UsdGeom

from scenes import looks, shapes
from scenes.shapes import Shape, add_mesh, place

CORE_Z = 20.6
"""Height of the gyroscope's ball; its outer ring stands on the foot."""


def upright(shape: Shape) -> Shape:
    """From the shapes' Y up to this scene's Z up."""
    return shape.turned("x", 90)


def build(folder: Path) -> Usd.Stage:
    """The stage; writes its textures into ``folder``/textures."""
    _textures(folder / "textures")
    stage = looks.new_stage("Z", 0.01, "Still life. Made by scripts/make_scenes.py.")
    made = _materials(stage)
    _table(stage, made)
    _teapot(stage, made)
    _cup(stage, made)
    _bowl(stage, made)
    _books(stage, made)
    _gyroscope(stage, made)
    _marbles(stage, made)
    _lights(stage)
    _cameras(stage)
    return stage


def _textures(folder: Path) -> None:
    size = 512
    plank = np.arange(size) * 4 // size
    grain = looks.fractal(size, size, (64, 2), 4, 7)
    shift = np.array([0.0, 0.06, -0.05, 0.03])[plank][:, None]
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (8 * looks.fractal(size, size, (12, 2), 3, 17)))
    tone = np.clip(0.30 + 0.34 * grain + 0.16 * rings + shift, 0, 1)[..., None]
    wood = np.array([0.25, 0.13, 0.07]) * (1 - tone) + np.array([0.66, 0.42, 0.24]) * tone
    wood[np.arange(size) % (size // 4) < 2] *= 0.45
    looks.write_png(folder / "still_wood.png", wood)
    gloss = 0.22 + 0.22 * grain + 0.05 * rings
    looks.write_png(folder / "still_wood_rough.png", np.repeat(gloss[..., None], 3, axis=2))
    stripe = (np.arange(128) // 64) % 2
    both = np.add.outer(stripe, stripe)[..., None] / 2.0
    thread = 0.94 + 0.06 * looks.noise(128, 128, (64, 64), 3)[..., None]
    cloth = (
        np.array([0.93, 0.91, 0.86]) * (1 - both) + np.array([0.13, 0.25, 0.42]) * both
    ) * thread
    looks.write_png(folder / "still_cloth.png", cloth)
    peel = looks.fractal(128, 256, (24, 48), 2, 9)[..., None]
    looks.write_png(folder / "still_orange.png", np.array([0.95, 0.50, 0.08]) * (0.86 + 0.2 * peel))


def _materials(stage: Usd.Stage) -> dict[str, object]:
    def new(name: str, **values: object) -> object:
        return looks.material(stage, name, **values)

    return {
        "wood": new("Wood", base="still_wood.png", rough="still_wood_rough.png", tile=(1.6, 1.1)),
        "cloth": new("Cloth", base="still_cloth.png", rough=0.85, tile=(7.0, 5.0)),
        "backdrop": new("Backdrop", base=(0.125, 0.15, 0.18), rough=0.9),
        "glaze": new("Glaze", base=(0.012, 0.135, 0.15), rough=0.13, ior=1.7),
        "cream": new("Cream", base=(0.86, 0.80, 0.70), rough=0.16),
        "tea": new("Tea", base=(0.16, 0.045, 0.01), rough=0.1, ior=1.33),
        "copper": new("Copper", base=(0.93, 0.52, 0.36), rough=0.42, metal=1.0),
        "gold": new("Gold", base=(0.98, 0.74, 0.36), rough=0.28, metal=1.0),
        "chrome": new("Chrome", base=(0.90, 0.91, 0.93), rough=0.14, metal=1.0),
        "orange": new("Orange", base="still_orange.png", rough=0.42),
        "stalk": new("Stalk", base=(0.10, 0.16, 0.05), rough=0.7),
        "lemon": new("Lemon", base=(0.93, 0.70, 0.08), rough=0.4),
        "red": new("RedCover", base=(0.46, 0.045, 0.035), rough=0.45),
        "navy": new("NavyCover", base=(0.025, 0.05, 0.13), rough=0.45),
        "paper": new("Paper", base=(0.86, 0.80, 0.68), rough=0.9),
    }


def _table(stage: Usd.Stage, made: dict) -> None:
    top = upright(shapes.box((170, 4, 110), 0.6)).moved((0, 8, -2.02))
    x, y = top.points[:, 0], top.points[:, 1]
    flat = [[x[i] / 170 + 0.5, y[i] / 110 + 0.5] for face in top.faces for i in face]
    add_mesh(stage, "/World/Table", Shape(top.points, top.faces, np.array(flat)), made["wood"], 10)

    def weave(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        x, y = (u - 0.5) * 66, (v - 0.5) * 46
        fold = 0.35 * np.sin(0.16 * x + 0.3 * np.sin(0.2 * y)) * np.abs(2 * v - 1) ** 6
        lift = 0.35 * np.sin(0.21 * y + 1.0) * np.abs(2 * u - 1) ** 6
        return np.stack([x, y, 0.42 + fold + lift], axis=1)

    cloth = shapes.grid(16, 24, weave).turned("z", 9).moved((-9, 0, 0))
    add_mesh(stage, "/World/Cloth", cloth, made["cloth"], crease=60)

    def sweep(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        turn = np.clip((v - 0.3) / 0.3, 0, 1) * np.pi / 2
        y = 60 + 60 * np.clip(v / 0.3, 0, 1) + 40 * np.sin(turn)
        z = -40 + 40 * (1 - np.cos(turn)) + 250 * np.clip((v - 0.6) / 0.4, 0, 1)
        return np.stack([(u - 0.5) * 700, y, z], axis=1)

    add_mesh(stage, "/World/Backdrop", shapes.grid(30, 1, sweep), made["backdrop"], crease=60)


def _teapot(stage: Usd.Stage, made: dict) -> None:
    """A round body with a lid, a swept spout and a handle."""
    outline = [
        (0, 0),
        (4.6, 0),
        (5.0, 0.5),
        (6.0, 1.0),
        (8.7, 3.4),
        (9.9, 6.6),
        (9.5, 9.8),
        (7.4, 12.4),
        (5.2, 13.6),
        (4.9, 14.0),
        (5.1, 14.4),
    ]
    body = shapes.lathe(shapes.smooth_curve(outline, 30), 44)
    lid = shapes.lathe(
        shapes.smooth_curve([(5.3, 14.1), (5.0, 14.7), (3.4, 15.7), (1.2, 16.3), (0.0, 16.4)], 16),
        44,
    )
    knob = shapes.lathe(
        shapes.smooth_curve([(0.7, 16.2), (0.75, 16.9), (1.5, 17.7), (1.4, 18.6), (0, 19.1)], 14),
        28,
    )
    path = shapes.smooth_curve(
        [(8.6, 5.4, 0), (12.2, 6.6, 0), (14.0, 10.2, 0), (16.6, 13.6, 0)], 22
    )
    spout = shapes.tube(path, np.linspace(2.3, 1.0, 23), 20)
    path = shapes.smooth_curve(
        [(-8.2, 11.4, 0), (-12.0, 13.2, 0), (-15.4, 10.6, 0), (-14.0, 6.4, 0), (-9.4, 3.8, 0)], 30
    )
    handle = shapes.tube(path, 0.95, 16)
    root = UsdGeom.Xform.Define(stage, "/World/Teapot")
    place(root.GetPrim(), move=(-4, 7, 0.6), turn=(0, 0, -28))
    for name, shape in (("Body", body), ("Lid", lid), ("Spout", spout), ("Handle", handle)):
        add_mesh(stage, f"/World/Teapot/{name}", upright(bare(shape)), made["glaze"], crease=70)
    add_mesh(stage, "/World/Teapot/Knob", upright(bare(knob)), made["gold"], crease=70)
    ring = upright(shapes.torus(5.25, 0.22, 56, 10)).moved((0, 0, 14.25))
    add_mesh(stage, "/World/Teapot/Ring", ring, made["gold"], crease=80)


def bare(shape: Shape) -> Shape:
    """Without texture coordinates, where no texture reads them."""
    return Shape(shape.points, shape.faces)


def _cup(stage: Usd.Stage, made: dict) -> None:
    wall = [
        (0, 0.9),
        (2.2, 0.9),
        (2.4, 1.3),
        (4.0, 3.4),
        (4.5, 6.2),
        (4.7, 7.0),
        (4.5, 7.0),
        (4.2, 6.0),
        (3.7, 3.6),
        (2.0, 1.9),
        (0, 1.7),
    ]
    saucer = [
        (0, 0),
        (3.2, 0),
        (3.6, 0.3),
        (6.2, 0.9),
        (8.0, 1.7),
        (8.0, 1.95),
        (6.0, 1.2),
        (3.0, 0.75),
        (0, 0.7),
    ]
    path = shapes.smooth_curve([(4.2, 5.9, 0), (6.6, 6.2, 0), (7.0, 4.2, 0), (3.9, 3.0, 0)], 18)
    root = UsdGeom.Xform.Define(stage, "/World/Cup")
    place(root.GetPrim(), move=(-27, -7, 0.62), turn=(0, 0, 205))
    parts = {
        "Wall": shapes.lathe(shapes.smooth_curve(wall, 30), 40),
        "Saucer": shapes.lathe(shapes.smooth_curve(saucer, 24), 40),
        "Handle": shapes.tube(path, 0.45, 12),
    }
    for name, shape in parts.items():
        add_mesh(stage, f"/World/Cup/{name}", upright(bare(shape)), made["cream"], crease=70)
    tea = shapes.lathe([(4.25, 6.1), (0, 6.1)], 40)
    add_mesh(stage, "/World/Cup/Tea", upright(bare(tea)), made["tea"], crease=30)
    for name, ring, height in (("Rim", 4.62, 7.02), ("Edge", 8.0, 1.86)):
        shape = upright(shapes.torus(ring, 0.14, 56, 8)).moved((0, 0, height))
        add_mesh(stage, f"/World/Cup/{name}", shape, made["gold"], crease=80)


def _bowl(stage: Usd.Stage, made: dict) -> None:
    """A copper bowl of fruit."""
    wall = [
        (0, 0),
        (4.6, 0),
        (5.0, 0.7),
        (4.2, 1.6),
        (8.2, 3.0),
        (11.6, 6.2),
        (12.8, 9.4),
        (13.2, 9.9),
        (12.5, 9.7),
        (11.2, 6.4),
        (8.0, 3.7),
        (0, 2.4),
    ]
    root = UsdGeom.Xform.Define(stage, "/World/Bowl")
    place(root.GetPrim(), move=(29, 0, 0))
    bowl = shapes.lathe(shapes.smooth_curve(wall, 32), 48)
    add_mesh(stage, "/World/Bowl/Wall", upright(bare(bowl)), made["copper"], crease=60)
    seed = np.random.default_rng(8)
    waves = seed.normal(size=(20, 3)) * 30

    def dimples(direction: np.ndarray) -> np.ndarray:
        pores = np.sin(direction @ waves.T).mean(axis=1)
        return 1.0 - 0.05 * np.abs(direction[:, 1]) ** 5 + 0.006 * pores

    orange = UsdGeom.Mesh(
        add_mesh(
            stage, "/World/Bowl/Fruit0", upright(shapes.ball(4.3, 20, dimples)), made["orange"], 80
        )
    )
    spots = [
        ((-3.9, -3.6, 7.6), (20, 10, 0)),
        ((4.6, -2.6, 7.8), (80, 0, 40)),
        ((0.6, 4.8, 7.9), (-60, 30, 0)),
    ]
    place(orange.GetPrim(), *spots[0])
    for number, (move, turn) in enumerate(spots[1:], 1):
        copy = stage.DefinePrim(f"/World/Bowl/Fruit{number}")
        copy.GetReferences().AddInternalReference("/World/Bowl/Fruit0")
        place(copy, move, turn)
    tip = shapes.smooth_curve(
        [(0, -5.6), (0.7, -5.0), (2.9, -3.2), (3.7, 0), (2.9, 3.2), (0.7, 5.0), (0, 5.6)], 26
    )
    lemon = add_mesh(
        stage, "/World/Bowl/Lemon", upright(bare(shapes.lathe(tip, 30))), made["lemon"], 80
    )
    place(lemon.GetPrim(), (0.4, -0.4, 12.6), (78, 10, 35))
    other = stage.DefinePrim("/World/Lemon")
    other.GetReferences().AddInternalReference("/World/Bowl/Lemon")
    place(other, (15.5, -15.5, 3.72), (90, 0, -52))


def _books(stage: Usd.Stage, made: dict) -> None:
    low = 0.0
    for number, (cover, size, turn) in enumerate(
        (("navy", (27, 3.6, 19), 12.0), ("red", (23, 2.8, 16), -7.0))
    ):
        path = f"/World/Books/Book{number}"
        root = UsdGeom.Xform.Define(stage, path)
        place(root.GetPrim(), (31, 31, low + size[1] / 2), (0, 0, turn))
        shells = [
            shapes.box((size[0], 0.4, size[2]), 0.1).moved((0, s * (size[1] / 2 - 0.2), 0))
            for s in (-1, 1)
        ]
        spine = shapes.box((0.5, size[1], size[2]), 0.12).moved((-size[0] / 2 + 0.1, 0, 0))
        pages = shapes.box((size[0] - 0.9, size[1] - 0.7, size[2] - 0.9))
        covers = upright(shapes.joined([bare(s) for s in (*shells, spine)]))
        add_mesh(stage, f"{path}/Cover", covers, made[cover], crease=20)
        add_mesh(stage, f"{path}/Pages", upright(bare(pages)), made["paper"], crease=10)
        low += size[1]
    ball = add_mesh(stage, "/World/Books/Ball", bare(shapes.ball(3.4, 20)), made["gold"], 80)
    place(ball.GetPrim(), (24.5, 32, low + 3.4))


def _gyroscope(stage: Usd.Stage, made: dict) -> None:
    """Three rings in one another around a chrome ball, each turning about its own axis."""
    root = UsdGeom.Xform.Define(stage, "/World/Gyroscope")
    place(root.GetPrim(), move=(-31, 24, 0))
    stand = [
        (0, 0),
        (7.0, 0),
        (7.2, 0.8),
        (6.4, 1.5),
        (2.4, 2.2),
        (1.2, 3.6),
        (0.8, 7),
        (0.8, 8.8),
        (1.4, 9.5),
        (1.2, 10.0),
        (0, 10.2),
    ]
    add_mesh(
        stage,
        "/World/Gyroscope/Stand",
        upright(bare(shapes.lathe(shapes.smooth_curve(stand, 44), 44))),
        made["gold"],
        60,
    )
    core = UsdGeom.Sphere.Define(stage, "/World/Gyroscope/Core")
    core.CreateRadiusAttr(3.9)
    place(core.GetPrim(), move=(0, 0, CORE_Z))
    shapes.bind(core.GetPrim(), made["chrome"])
    rings = (
        (10.6, 0.62, (0, 0, 20), "z", 90),
        (8.8, 0.55, (35, 25, 0), "x", 180),
        (6.9, 0.48, (-50, 40, 0), "y", 270),
    )
    for number, (radius, thick, lean, axis, sweep) in enumerate(rings):
        ring = add_mesh(
            stage,
            f"/World/Gyroscope/Ring{number}",
            shapes.torus(radius, thick, 56, 8),
            made["gold"],
            80,
        )
        api = place(ring.GetPrim(), move=(0, 0, CORE_Z))
        for frame in (looks.FIRST, looks.LAST):
            turn = sweep * (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
            angles = [lean[k] + (turn if "xyz"[k] == axis else 0) for k in range(3)]
            api.SetRotate(Gf.Vec3f(*angles), UsdGeom.XformCommonAPI.RotationOrderXYZ, frame)


def _marbles(stage: Usd.Stage, made: dict) -> None:
    """Polished balls at the front; the largest rolls."""
    for number, (radius, x, y, look) in enumerate(
        ((2.1, -11.0, -16.0, "gold"), (1.5, -6.4, -19.0, "copper"), (1.2, 22.0, -19.5, "gold"))
    ):
        ball = UsdGeom.Sphere.Define(stage, f"/World/Marbles/Ball{number}")
        ball.CreateRadiusAttr(radius)
        place(ball.GetPrim(), (x, y, radius + (0.42 if x < 0 else 0)))
        shapes.bind(ball.GetPrim(), made[look])
    ball = UsdGeom.Sphere.Define(stage, "/World/Marbles/Rolling")
    ball.CreateRadiusAttr(4.4)
    shapes.bind(ball.GetPrim(), made["chrome"])
    api = UsdGeom.XformCommonAPI(ball.GetPrim())
    for frame in range(looks.FIRST, looks.LAST + 1):
        t = (frame - looks.FIRST) / (looks.LAST - looks.FIRST)
        way = 9.0 * (1 - math.cos(math.pi * t)) / 2
        api.SetTranslate(Gf.Vec3d(round(4.0 + way, 4), -17.0, 4.82), frame)


def _lights(stage: Usd.Stage) -> None:
    looks.rect_light(stage, "Key", (-95, -55, 105), (-4, 5, 6), (100, 80), (1.0, 0.93, 0.84), 12.0)
    looks.rect_light(stage, "Rim", (105, 62, 70), (8, 5, 8), (50, 110), (0.72, 0.85, 1.0), 7.5)
    looks.rect_light(stage, "Top", (10, -25, 165), (0, 10, 0), (150, 90), (1.0, 0.98, 0.95), 1.1)
    looks.sky(stage, None, (0.55, 0.66, 0.85), 0.10)


def _cameras(stage: Usd.Stage) -> None:
    def arc(t: float) -> tuple:
        angle = math.radians(-98 + 12 * t)
        return (122 * math.cos(angle), 122 * math.sin(angle) + 5, 42 - 3 * t), (0.5, 4.0, 10.0)

    def near(t: float) -> tuple:
        return (-42 + 8 * t, -72 + 3 * t, 25 + 3 * t), (-13.5, 4.0, 11.0)

    looks.camera(stage, "A", arc, 55, f_stop=5.6, focus_on=(-3.0, -2.0, 9.0))
    looks.camera(stage, "B", near, 50, f_stop=2.8, focus_on=(-10.0, 2.0, 9.0))
