"""Scenes whose radiance is known on paper, or by an integral that numpy takes without our code."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.pathtracer.arrays import MIS, ONLY_BSDF, ONLY_LIGHTS
from tests.rendering.render import beauty, render
from tests.rendering.scenes import Builder, cornell


def plane(material, eye=(0, 3, 0.001), tan=0.01, size=50.0) -> Builder:
    """A large floor at y = 0, seen from above through a keyhole: every pixel sees the point (0, 0, 0)."""
    b = Builder()
    row = material(b)
    b.quad((-size, 0, size), (2 * size, 0, 0), (0, 0, -2 * size), row)
    b.look(eye, (0, 0, 0), tan)
    return b


def matt(albedo):
    return lambda b: b.matt(albedo)


def reflected(b: Builder, **more) -> float:
    """Mean radiance over a small image."""
    more = {"width": 8, "samples": 512, "max_depth": 2} | more
    return beauty(b.pack(), **more).mean()


# In a white furnace (radiance 1 from everywhere) what reflects all light is as bright as the background.
# Compensated single scattering misses 1 by the table's interpolation, worst at grazing angles.
@pytest.mark.parametrize(
    ("name", "options", "loss"),
    [
        ("diffuse", {"base": (1, 1, 1), "ior": 1.0, "roughness": 1.0}, 0.005),
        ("coat", {"base": (1, 1, 1), "roughness": 0.3}, 0.01),
        ("smooth coat", {"base": (1, 1, 1), "roughness": 0.05}, 0.01),
        ("rough coat", {"base": (1, 1, 1), "roughness": 1.0, "ior": 2.0}, 0.01),
        ("specular workflow", {"base": (1, 1, 1), "specular": (0.5, 0.5, 0.5)}, 0.01),
        *[
            (f"metal {r}", {"base": (1, 1, 1), "metallic": 1.0, "roughness": r}, 0.01)
            for r in (0.2, 0.4, 0.6, 0.8, 1.0)
        ],
        ("half metal", {"base": (1, 1, 1), "metallic": 0.5, "roughness": 0.5}, 0.01),
        ("clear coat", {"base": (1, 1, 1), "roughness": 0.6, "coat": (1.0, 0.1)}, 0.01),
        ("coated metal", {"base": (1, 1, 1), "metallic": 1.0, "coat": (0.5, 0.3)}, 0.01),
        ("glass", {"base": (1, 1, 1), "roughness": 0.0, "transmission": 1.0}, 0.01),
        ("half glass", {"base": (1, 1, 1), "roughness": 0.1, "transmission": 0.5}, 0.01),
        ("pane", {"base": (1, 1, 1), "roughness": 0.2, "transmission": 1.0, "thin": 1.0}, 0.01),
        ("rough glass", {"base": (1, 1, 1), "roughness": 0.5, "transmission": 1.0}, 0.01),
    ],
)
def test_white_furnace_stays_white(name, options, loss):
    b = Builder()
    # Faceted, so that no shading normal leans below the surface; convex, so that one bounce is all.
    b.sphere(b.material(**options), rings=24, smooth=False)
    b.dome(1.0)
    b.look((0, 0, 4), (0, 0, 0), 0.2)
    # Light goes to and fro inside of glass.
    depth = 64 if "transmission" in options else 4
    mean = beauty(b.pack(), width=32, samples=128, max_depth=depth).mean()
    assert 1.0 - loss <= mean <= 1.0 + 0.006, name


def test_grey_furnace_reflects_its_albedo():
    b = Builder()
    b.sphere(b.matt(0.3), rings=24, smooth=False)
    b.dome(2.0)
    b.look((0, 0, 4), (0, 0, 0), 0.15)  # the ball alone
    # ior 1 is no interface, and leaves no rim.
    assert beauty(b.pack(), width=16, samples=256).mean() == pytest.approx(0.6, rel=0.001)


def test_inside_a_glowing_box_light_adds_up_as_a_geometric_series():
    # Every wall emits E and reflects rho of what arrives: L = E + rho L, so L = E / (1 - rho).
    b = Builder()
    wall = b.material((0.5,) * 3, specular=(0, 0, 0), roughness=1.0, emit=(0.25,) * 3)
    for axis in range(3):
        for side in (-1.0, 1.0):
            corner, u, v = np.full(3, -1.0), np.zeros(3), np.zeros(3)
            corner[axis] = side
            u[(axis + 1) % 3], v[(axis + 2) % 3] = 2.0, 2.0
            b.quad(corner, u, v, wall)
    b.look((0.3, 0.2, 0.9), (-0.2, 0, -1), 1.0)
    assert beauty(b.pack(), width=16, samples=128, max_depth=40).mean() == pytest.approx(
        0.5, rel=0.005
    )


def _lambert(albedo: float, irradiance: float) -> float:
    return albedo / np.pi * irradiance


TOLERANCE = 0.006


@pytest.mark.parametrize("height", [0.6, 2.0])
def test_sphere_light_over_a_floor(height):
    # Irradiance of a sphere of radius r at distance d overhead: pi L (r / d)^2.
    b = plane(matt(0.5), eye=(3, 0.5, 0), tan=0.003)
    b.sphere_light((0, height, 0), 0.5, 4.0)
    expected = _lambert(0.5, np.pi * 4.0 * (0.5 / height) ** 2)
    assert reflected(b) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("degrees", [0, 30, 70])
def test_distant_light_falls_by_the_cosine(degrees):
    angle = np.radians(degrees)
    b = plane(matt(0.5))
    b.distant_light((np.sin(angle), np.cos(angle), 0), 3.0)
    assert reflected(b) == pytest.approx(_lambert(0.5, 3.0 * np.cos(angle)), rel=TOLERANCE)


def test_wide_distant_light():
    # A cone of half angle a straight overhead: E = pi L sin^2 a.
    cosine = np.cos(np.radians(20))
    b = plane(matt(0.5))
    b.distant_light((0, 1, 0), 2.0, cosine)
    expected = _lambert(0.5, np.pi * 2.0 * (1 - cosine**2))
    assert reflected(b) == pytest.approx(expected, rel=TOLERANCE)


def test_dome_over_a_floor():
    b = plane(matt(0.5))
    b.dome(1.5)
    assert reflected(b) == pytest.approx(0.75, rel=TOLERANCE)


def test_dome_image_has_the_orientation_of_openexr():
    """Red at +Z (the image's middle), green at +X (a quarter from the left), blue above."""
    image = np.zeros((16, 32, 4), np.float32)
    image[:, 12:20, 0] = 1.0
    image[:, 4:12, 1] = 1.0
    image[14:, :, 2] = 1.0  # rows go from the bottom up
    b = Builder()
    b.dome(1.0, texture=b.texture(image))
    for towards, expected in (
        ((0, 0, 1), (1, 0, 0)),
        ((1, 0, 0), (0, 1, 0)),
        ((0, 1, 0.2), (1, 0, 1)),
    ):
        b.look((0, 0, 0), towards, 0.05)
        np.testing.assert_allclose(beauty(b.pack(), width=4).mean(axis=(0, 1)), expected, atol=0.02)


def test_small_bright_sun_in_a_dome_image():
    """The light of one texel, by the sum over texels that numpy takes."""
    height, width = 32, 64
    image = np.full((height, width, 4), 0.1, np.float32)
    image[26, 40, :3] = 500.0
    b = plane(matt(0.5))
    b.dome(1.0, texture=b.texture(image))
    # Bilinear lookups: sample the image finely, as a tent around each texel.
    fine = 16
    v = (np.arange(height * fine) + 0.5) / (height * fine)
    u = (np.arange(width * fine) + 0.5) / (width * fine)
    y, x = np.clip(v * height - 0.5, 0, height - 1), (u * width - 0.5) % width
    j, i = np.minimum(y.astype(int), height - 2), x.astype(int)
    fy, fx = (y - j)[:, None], (x - i)[None]
    g = image[..., 0].astype(float)
    right = (i + 1) % width
    value = (g[j][:, i] * (1 - fx) + g[j][:, right] * fx) * (1 - fy)
    value += (g[j + 1][:, i] * (1 - fx) + g[j + 1][:, right] * fx) * fy
    latitude = (v - 0.5) * np.pi
    cosine = np.maximum(np.sin(latitude), 0) * np.cos(latitude)
    solid = (np.pi / len(v)) * (2 * np.pi / len(u))
    irradiance = (value * cosine[:, None]).sum() * solid
    assert reflected(b, samples=1024) == pytest.approx(_lambert(0.5, irradiance), rel=0.02)


@pytest.mark.parametrize("kind", ["rect", "triangles", "disk"])
def test_area_light_against_quadrature(kind):
    """Direct light of a tilted lamp at a point of the floor: the integral of L cos cos / r^2 over its area."""
    centre, u, v = np.array([0.4, 1.0, 0.3]), np.array([-0.5, 0.1, 0]), np.array([0, 0.1, 0.4])
    grid = (np.arange(400) + 0.5) / 200 - 1
    s, t = np.meshgrid(grid, grid)
    inside = s**2 + t**2 <= 1 if kind == "disk" else np.ones_like(s, bool)
    p = centre + s[..., None] * u + t[..., None] * v
    normal = np.cross(u, v)
    area = 4 * np.linalg.norm(normal) / s.size
    normal /= np.linalg.norm(normal)
    r2 = (p**2).sum(axis=-1)
    cosines = p[..., 1] * np.abs(p @ normal) / r2
    irradiance = (5.0 * cosines / r2 * area)[inside].sum()
    b = plane(matt(0.5), eye=(-3, 3, 0.001), tan=0.003)
    if kind == "rect":
        b.rect_light(centre, v, u, 5.0)
    elif kind == "disk":
        b.disk_light(centre, v, u, 5.0)
    else:
        b.quad(
            centre - u - v, 2 * u, 2 * v, b.material((0, 0, 0), specular=(0, 0, 0), emit=(5,) * 3)
        )
    assert reflected(b, samples=1024) == pytest.approx(_lambert(0.5, irradiance), rel=TOLERANCE)


def test_cornell_floor_against_numerical_radiosity():
    """Two bounces of a diffuse corner: patches of numpy's own radiosity against the path tracer."""
    # A floor (y = 0) and a back wall (z = 0), both 2 x 2, with a lamp overhead that shines down on the floor.
    n, rho, radiance = 48, 0.6, 6.0
    cell = (np.arange(n) + 0.5) / n * 2
    x, z = np.meshgrid(cell - 1, cell, indexing="ij")
    wall = np.stack([x, z, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    lamp = np.stack([x * 0.3, np.full_like(x, 1.5), 1 + (z - 1) * 0.3], axis=-1).reshape(-1, 3)
    up, out, down = np.array([0, 1.0, 0]), np.array([0, 0, 1.0]), np.array([0, -1.0, 0])

    def arriving(points, normal, sources, source_normal, radiances, area):
        total = np.zeros(len(points))
        for chunk in np.array_split(np.arange(len(points)), 16):
            d = sources[None] - points[chunk, None]
            r2 = (d**2).sum(axis=-1)
            c = np.maximum(d @ normal, 0) * np.maximum(-(d @ source_normal), 0) / r2**2
            total[chunk] = (c * radiances[None] * area).sum(axis=1)
        return total

    lamp_area, patch = (0.6 / n) ** 2, (2 / n) ** 2
    lit_wall = (
        rho / np.pi * arriving(wall, out, lamp, down, np.full(len(lamp), radiance), lamp_area)
    )
    target = np.array([[0.1, 0.0, 0.5]])
    direct = arriving(target, up, lamp, down, np.full(len(lamp), radiance), lamp_area)
    bounced = arriving(target, up, wall, out, lit_wall, patch)
    expected = rho / np.pi * (direct + bounced)[0]

    b = Builder()
    matt_row = b.material((rho,) * 3, specular=(0, 0, 0), roughness=1.0)
    b.quad((-1, 0, 2), (2, 0, 0), (0, 0, -2), matt_row)
    b.quad((-1, 0, 0), (2, 0, 0), (0, 2, 0), matt_row)
    b.rect_light((0, 1.5, 1), (0.3, 0, 0), (0, 0, 0.3), radiance)
    b.look((0.4, 3, 3.2), (0.1, 0, 0.5), 0.002)
    # Depth 3: the lamp, the wall, the floor.
    assert reflected(b, max_depth=3, samples=2048) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("make", [cornell, lambda: cornell("rect")], ids=["triangles", "rect"])
def test_both_ways_to_a_light_agree(make):
    packed = make().pack()
    means = [
        beauty(packed, width=24, samples=1024, max_depth=2, strategy=strategy).mean(axis=(0, 1))
        for strategy in (MIS, ONLY_LIGHTS, ONLY_BSDF)
    ]
    np.testing.assert_allclose(means[1], means[0], rtol=0.02)
    np.testing.assert_allclose(means[2], means[0], rtol=0.03)


def test_opacity_lets_its_share_through():
    b = Builder()
    b.quad(
        (-1, -1, 0), (2, 0, 0), (0, 2, 0), b.material((0, 0, 0), specular=(0, 0, 0), opacity=0.25)
    )
    b.dome(1.0)
    b.look((0, 0, 3), (0, 0, 0), 0.05)
    planes = render(b.pack(), width=8, samples=1024)
    assert planes["beauty"][..., 3].mean() == pytest.approx(0.25, abs=0.01)
    # Three quarters of the dome behind, and nothing of the black sheet.
    assert planes["beauty"][..., 0].mean() == pytest.approx(0.75, abs=0.01)


def test_a_half_opaque_sheet_halves_the_shadow_ray():
    b = plane(matt(0.5), eye=(3, 0.5, 0), tan=0.003)
    b.distant_light((0, 1, 0), 2.0)
    lit = reflected(b)
    b.quad((-1, 1, 1), (2, 0, 0), (0, 0, -2), b.material((0, 0, 0), opacity=0.5))
    assert reflected(b) == pytest.approx(lit / 2, rel=0.02)


def test_planes_of_a_floor_seen_from_above():
    planes = render(plane(matt(0.5)).pack(), width=4, samples=16)
    assert planes["depth"].shape == (4, 4, 1)
    np.testing.assert_allclose(planes["depth"], 3.0, rtol=1e-4)
    np.testing.assert_allclose(planes["normal"], np.broadcast_to([0, 1, 0], (4, 4, 3)), atol=1e-6)
    np.testing.assert_allclose(planes["albedo"], 0.5, rtol=1e-6)
    assert (planes["samples"] == 16).all()


def test_normal_map_bends_the_normal():
    b = Builder()
    lean = np.array([0.6, 0.0, 0.8, 1.0], np.float32)
    row = b.material((0.5,) * 3, tex_normal=b.texture(lean[None, None]))
    b.quad((-1, -1, 0), (2, 0, 0), (0, 2, 0), row)
    b.look((0, 0, 3), (0, 0, 0), 0.05)
    normal = render(b.pack(), width=2, samples=4)["normal"][0, 0]
    np.testing.assert_allclose(normal, [0.6, 0, 0.8], atol=1e-5)


def test_clamp_takes_light_from_bounces_alone():
    packed = cornell().pack()
    free = beauty(packed, width=16, samples=64)
    held = beauty(packed, width=16, samples=64, clamp=0.5)
    direct = beauty(packed, width=16, samples=64, max_depth=1)
    assert held.mean() < free.mean()
    np.testing.assert_array_equal(beauty(packed, width=16, max_depth=1, clamp=0.5), direct)
