"""Broken scenes neither crash nor hang nor blacken a frame; what cannot be rendered is refused in a sentence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from node_agent.kernels.interface import KernelRefusal, KernelSpec, Target
from tests.rendering.render import TRACER, beauty, render, spec_of, state_of
from tests.rendering.scenes import Builder, cornell


def triangle_and_dome(positions, triangles=((0, 1, 2),), **more) -> Builder:
    b = Builder()
    b.mesh(positions, triangles, b.matt(0.5), **more)
    b.dome(1.0)
    return b


GOOD = [(-1, -1, 0), (1, -1, 0), (0, 1, 0)]


def test_no_triangles_no_lights():
    b = Builder()
    planes = render(b.pack(), samples=4)
    assert not planes["beauty"].any()
    assert (planes["samples"] == 4).all()
    b.dome(2.0)
    planes = render(b.pack(), samples=4)
    np.testing.assert_allclose(planes["beauty"][..., :3], 2.0)
    assert not planes["beauty"][..., 3].any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_corners_that_are_no_numbers(bad):
    warned = []
    packed = triangle_and_dome([*GOOD, (bad, 0, 0)], [(0, 1, 2), (0, 1, 3)]).pack()
    state = TRACER.prepare_scene(spec_of(samples=4), packed, Target(), warned.append)
    TRACER.advance(state, 0, 1)
    assert "1 triangles have corners that are no finite numbers" in warned[0]
    assert TRACER.finish(state)["beauty"][..., 3].any()


def test_triangles_without_area():
    warned = []
    packed = triangle_and_dome([*GOOD, (0, 0, 0)], [(0, 1, 2), (0, 0, 1), (3, 3, 3)]).pack()
    TRACER.prepare_scene(spec_of(), packed, Target(), warned.append)
    assert "2 triangles have no area" in warned[0]


def test_a_thousand_equal_triangles():
    b = triangle_and_dome(GOOD, [(0, 1, 2)] * 1000)
    assert beauty(b.pack(), samples=8).mean() > 0.5


@pytest.mark.parametrize("value", [np.nan, np.inf, -5.0, 0.0, 1e30])
def test_materials_with_any_number(value):
    """Whatever a file says: no crash, and samples that are no numbers are left out, not summed."""
    b = Builder()
    fields = ("base", "emit")
    row = b.material(
        **dict.fromkeys(fields, (value,) * 3), roughness=value, metallic=value, ior=value
    )
    b.quad((-1, -1, 0), (2, 0, 0), (0, 2, 0), row)
    b.dome(1.0)
    assert np.isfinite(beauty(b.pack(), samples=4)).all()


def test_lights_with_any_number():
    for value in (np.nan, np.inf, 0.0):
        b = triangle_and_dome(GOOD)
        b.sphere_light((value, 0, 1), value, value)
        b.distant_light((0, 0, 1), value)
        b.dome(value)
        assert np.isfinite(beauty(b.pack(), samples=4)).all()


def test_normals_that_are_zero_or_no_numbers():
    for value in (0.0, np.nan):
        b = triangle_and_dome(GOOD, normals=np.full((3, 3), value))
        # White dome over a grey triangle: nothing is lost to the broken normals.
        middle = beauty(b.pack(), samples=64)[7:9, 7:9]
        np.testing.assert_allclose(middle, 0.5, rtol=0.05)


@pytest.mark.parametrize("eye", [(0.4, -0.65, -0.3), (-0.4, -0.65, -0.3), (0, -1, 0), (0, 0.98, 0)])
def test_camera_inside_or_on_geometry(eye):
    b = cornell()
    b.look(eye, (0.1, 0.2, 0.3))
    assert np.isfinite(beauty(b.pack(), samples=8)).all()


def test_camera_without_a_number_is_refused():
    b = triangle_and_dome(GOOD)
    b.camera = dataclasses.replace(b.camera, tan_half_width=float("nan"))
    with pytest.raises(KernelRefusal, match="camera"):
        state_of(b.pack(), spec_of())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("triangles", [[0, 1, 3]]),
        ("triangles", [[-1, 1, 2]]),
        ("triangle_materials", [1]),
        ("light_kinds", [9]),
        ("light_textures", [1]),
        ("textures", [[0, 2, 1, 0, -1, 0, 0, 0, 0]]),
        ("textures", [[-1, 1, 1, 0, -1, 0, 0, 0, 0]]),
        ("textures", [[0, 1, 9, 0, -1, 0, 0, 0, 0]]),
        ("textures", [[0, 1, 1, 2, -1, 0, 0, 0, 0]]),
        ("textures", [[0, 1, 1, 0, -1, 0, 0, 2, 1]]),
        ("levels", [[0, 50, 2]]),
        ("levels", [[-1, 1, 1]]),
        ("levels", [[0, 0, 4]]),
    ],
)
def test_indices_out_of_range_are_refused(field, value):
    b = triangle_and_dome(GOOD)
    b.texture(np.zeros((2, 4, 4), np.uint8), levels=1)
    broken = dataclasses.replace(b.pack(), **{field: np.array(value, np.int32)})
    with pytest.raises(KernelRefusal, match=r"^The scene.*\.$"):
        state_of(broken, spec_of())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 0}, "width must be a whole number from 1 to 16384"),
        ({"height": 16385}, "height"),
        ({"width": 1.5}, "width"),
        ({"samples": 0}, "samples"),
        ({"samples": 2**19 + 1}, "samples"),
        ({"first_sample": 2**19 - 1, "samples": 2}, "first_sample [+] samples"),
        ({"samples_per_pass": 0}, "samples_per_pass"),
        ({"seed": -1}, "seed"),
        ({"max_depth": 0}, "option max_depth"),
        ({"max_depth": 65}, "option max_depth"),
        ({"max_depth": 2.0}, "option max_depth"),
        ({"max_depth": True}, "option max_depth"),
        ({"clamp": -1}, "option clamp"),
        ({"clamp": "much"}, "option clamp"),
        ({"exposure": float("nan")}, "option exposure"),
        ({"max_dept": 3}, "no option 'max_dept'; it has max_depth, clamp, exposure"),
    ],
)
def test_specs_that_cannot_be_rendered(more, words):
    packed = triangle_and_dome(GOOD).pack()
    spec = spec_of(**({"width": 4, "height": 4, "samples": 1} | more))
    with pytest.raises(KernelRefusal, match=words):
        state_of(packed, spec)


def test_a_scene_of_an_unknown_kind_is_refused(tmp_path):
    spec = KernelSpec(scene=tmp_path / "shot.max", frame=1, width=1, height=1, samples=1)
    with pytest.raises(KernelRefusal, match=r"shot\.max: the path tracer reads \.glb, .*\.usd"):
        TRACER.prepare(spec, Target(), print)


def test_an_unknown_target_is_refused():
    packed = triangle_and_dome(GOOD).pack()
    for target in (Target("tpu"), Target("cpu", 0)):
        with pytest.raises(KernelRefusal, match="runs on"):
            TRACER.prepare_scene(spec_of(), packed, target)


@pytest.mark.parametrize("groups", [[0, 0], [-1]])
def test_groups_of_lights_that_are_none_are_refused(groups):
    packed = triangle_and_dome(GOOD).pack()
    broken = dataclasses.replace(packed, light_groups=np.array(groups, np.int32))
    with pytest.raises(KernelRefusal, match=r"^The scene.*light.*\.$"):
        state_of(broken, spec_of())
