"""Mattes of objects and materials, and positions: what a compositor picks things by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from node_agent.kernels import cryptomatte
from node_agent.kernels.interface import KernelSpec, Target
from node_agent.worker import frame_files
from tests.rendering.render import TRACER, film_hash, render, spec_of, state_of
from tests.rendering.scenes import cornell

SCENE = """#usda 1.0
( upAxis = "Y" )
def Camera "Cam" {
    double3 xformOp:translate = (0, 0, 10)
    float focalLength = 50
    float horizontalAperture = 20
    uniform token[] xformOpOrder = ["xformOp:translate"]
}
def Material "Red" {
    token outputs:surface.connect = </Red/S.outputs:surface>
    def Shader "S" {
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor = (1, 0, 0)
        token outputs:surface
    }
}
def Cube "Left" (prepend apiSchemas = ["MaterialBindingAPI"]) {
    double size = 1
    rel material:binding = </Red>
    double3 xformOp:translate = (-1, 0, 0)
    uniform token[] xformOpOrder = ["xformOp:translate"]
}
def Cube "Right" {
    double size = 1
    double3 xformOp:translate = (1, 0, 0)
    uniform token[] xformOpOrder = ["xformOp:translate"]
}
def DomeLight "Sky" {
    float inputs:intensity = 1
}
"""
SIZE = {"width": 48, "height": 32}


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    """(planes, attributes) of the two cubes."""
    path = tmp_path_factory.mktemp("scene") / "cubes.usda"
    path.write_text(SCENE)
    spec = KernelSpec(scene=path, frame=1.0, samples=1, options={"cryptomatte": 1}, **SIZE)
    state = TRACER.prepare(spec, Target("cpu", 2), lambda _: None)
    TRACER.advance(state, 0, 1)
    return TRACER.finish(state), TRACER.attributes(state)


def coverage(planes, kind, name):
    """(height, width) how much of each pixel the thing covers, as a compositor's node finds it."""
    wanted = np.uint32(cryptomatte.hash_of(name))
    total = np.zeros((SIZE["height"], SIZE["width"]), np.float32)
    for number in range(3):
        plane = planes[f"{kind}{number:02d}"]
        for at in (0, 2):
            ids = np.ascontiguousarray(plane[..., at]).view(np.uint32)
            total += np.where(ids == wanted, plane[..., at + 1], 0)
    return total


def test_each_cube_has_a_matte_of_its_own(frame):
    planes, _ = frame
    left = coverage(planes, "CryptoObject", "/Left")
    right = coverage(planes, "CryptoObject", "/Right")
    alpha = planes["beauty"][..., 3]
    assert left[:, :24].max() == 1.0
    assert left[:, 24:].max() == 0.0
    assert right[:, :24].max() == 0.0
    assert left[alpha == 0].mean() < 0.05
    edge = (left > 0) & (left < 1)
    assert 8 < edge.sum() < left.size / 4


def test_materials_too_and_those_without_one_have_the_default(frame):
    planes, _ = frame
    assert (
        coverage(planes, "CryptoMaterial", "/Red") == coverage(planes, "CryptoObject", "/Left")
    ).all()
    assert coverage(planes, "CryptoMaterial", "default").max() == 1.0


def test_positions_are_those_of_the_surface(frame):
    planes, _ = frame
    inside = coverage(planes, "CryptoObject", "/Left") == 1
    position = planes["position"][inside]
    assert np.abs(position[:, 0] + 1).max() <= 0.51
    assert np.abs(position[:, 2]).max() <= 0.51
    assert (planes["position"][planes["beauty"][..., 3] == 0][0] == 0).all()


def test_the_file_tells_the_names(frame, tmp_path: Path):
    planes, attributes = frame
    path = tmp_path / "f.exr"
    frame_files.write_exr(path, planes, {"shot": "a"}, attributes)
    frame_files.verify_exr(path, SIZE["width"], SIZE["height"])
    with OpenEXR.File(str(path), separate_channels=True) as file:
        header = dict(file.parts[0].header)
        found = {n: c.pixels for part in file.parts for n, c in part.channels.items()}
    key = next(k for k in header if k.endswith("/name") and header[k] == "CryptoObject")
    manifest = json.loads(header[key.replace("/name", "/manifest")])
    assert manifest["/Left"] == f"{cryptomatte.hash_of('/Left'):08x}"
    assert header[key.replace("/name", "/conversion")] == "uint32_to_float32"
    assert len(key.split("/")[1]) == 7
    for number, channel in enumerate("RGBA"):
        pixels = found[f"CryptoObject00.{channel}"]
        assert pixels.dtype == np.float32
        assert (pixels == planes["CryptoObject00"][..., number]).all()


def test_the_hash_is_the_specifications():
    # MurmurHash3_x86_32 with seed 0, as its author's test has it.
    assert cryptomatte.hash_of("hello") == 0x248BFA47
    bits = np.array([cryptomatte.hash_of(f"thing {n}") for n in range(20_000)], np.uint32)
    values = bits.view(np.float32)
    assert np.isfinite(values).all()
    assert (np.abs(values) >= np.finfo(np.float32).tiny).all()


def test_the_things_that_cover_most_come_first():
    things = np.array([[3, 3, 3, 0, 0, -1, 1, 2], [-1] * 8], np.int32)
    names = ["a", "b", "c", "d"]
    table = cryptomatte.ranked(things, names)
    assert table[0, :, 1].tolist() == [3 / 8, 2 / 8, 1 / 8, 1 / 8, 0, 0]
    wanted = [cryptomatte.hash_of(name) for name in "dabc"]
    assert np.ascontiguousarray(table[0, :4, 0]).view(np.uint32).tolist() == wanted
    assert not table[1].any()


def test_nobody_who_did_not_ask_pays_and_the_film_is_the_same():
    packed = cornell().pack()
    assert not [n for n in render(packed, **SIZE, samples=1) if n.startswith("Crypto")]
    states = [state_of(packed, spec_of(**SIZE, samples=2, cryptomatte=n)) for n in (0, 1)]
    for state in states:
        TRACER.advance(state, 0, 1)
    assert film_hash(states[0]) == film_hash(states[1])
    assert not any(name.startswith("cryptomatte") for name in TRACER.attributes(states[0]))


def test_any_number_of_threads_and_either_tree():
    packed = cornell().pack()
    spec = spec_of(**SIZE, samples=1, cryptomatte=1)
    from node_agent.kernels.pathtracer.pack import pack

    planes = []
    for threads in (1, 3):
        state = state_of(packed, spec, threads)
        planes.append(TRACER.finish(state))
    two_way = state_of(packed, spec, 2)
    two_way.scene = pack(packed, (48, 32), spec.seed, 6, 1e30, lambda _: None, 0)
    planes.append(TRACER.finish(two_way))
    for other in planes[1:]:
        assert (other["CryptoObject00"] == planes[0]["CryptoObject00"]).all()
        assert (other["CryptoMaterial00"] == planes[0]["CryptoMaterial00"]).all()
        assert np.allclose(other["position"], planes[0]["position"], atol=1e-5)
