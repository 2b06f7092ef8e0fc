"""glTF files that cannot be rendered: each is refused in one sentence that names it; nothing crashes."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node_agent.kernels.interface import KernelRefusal
from tests.unit.node_agent.kernels.pathtracer.gltf_files import Maker, read


def refused(path) -> str:
    with pytest.raises(KernelRefusal) as caught:
        read(path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert path.name in sentence
    assert "\n" not in sentence
    return sentence


def made(tmp_path, change) -> str:
    """The refusal of the square's file after ``change`` was done to it."""
    maker = Maker()
    change(maker)
    return refused(maker.write_glb(tmp_path / "made.glb"))


def test_a_missing_file(tmp_path):
    assert "does not exist" in refused(tmp_path / "gone.glb")


@pytest.mark.parametrize("content", [b"", b"glTF", b"\xff" * 100, b"{}", b'{"asset":3}', b"[1,2"])
@pytest.mark.parametrize("suffix", [".gltf", ".glb"])
def test_garbage(tmp_path, suffix, content):
    path = tmp_path / f"scene{suffix}"
    path.write_bytes(content)
    refused(path)


def test_a_file_that_is_cut_short(tmp_path):
    whole = Maker().write_glb(tmp_path / "made.glb").read_bytes()
    for length in range(0, len(whole), 17):
        (tmp_path / "made.glb").write_bytes(whole[:length])
        refused(tmp_path / "made.glb")


def test_another_version(tmp_path):
    assert "1.0" in made(tmp_path, lambda m: m.json.update(asset={"version": "1.0"}))


def test_an_extension_that_it_requires(tmp_path):
    def change(maker):
        maker.json["extensionsRequired"] = ["KHR_draco_mesh_compression"]

    assert "requires KHR_draco_mesh_compression" in made(tmp_path, change)


def test_a_buffer_outside_of_the_folder(tmp_path):
    maker = Maker()
    path = maker.write_gltf(tmp_path / "made.gltf", embedded=True)
    for uri in ("/etc/passwd", "https://example.com/a.bin"):
        maker.json["buffers"][0]["uri"] = uri
        path.write_text(json.dumps(maker.json))
        assert "no file beside it" in refused(path)


def test_nodes_in_a_circle(tmp_path):
    def change(maker):
        maker.json["nodes"] = [{"children": [1]}, {"children": [0], "mesh": 0}]

    assert "below itself" in made(tmp_path, change)


def test_a_triangle_of_points_that_are_not_there(tmp_path):
    def change(maker):
        maker.primitive["indices"] = maker.add(np.array([0, 1, 99], np.uint16))

    assert "names point 99" in made(tmp_path, change)


def test_an_accessor_behind_its_buffer(tmp_path):
    def change(maker):
        maker.json["accessors"][0]["count"] = 1_000_000

    assert "shorter than its accessor" in made(tmp_path, change)


def test_nothing_to_see(tmp_path):
    assert "shows no geometry" in made(tmp_path, lambda m: m.json.update(nodes=[{}]))


NUMBERS = st.one_of(st.integers(-3, 70_000), st.floats(width=32), st.just("x"), st.none())


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), value=NUMBERS)
def test_any_number_in_the_file_may_be_wrong(tmp_path_factory, seed, value):
    """Put ``value`` in place of some leaf of the JSON: the file is read or refused, never else."""
    maker = Maker()
    maker.material(pbrMetallicRoughness={"baseColorFactor": [1, 1, 1, 1]})
    leaves = list(leaves_of(maker.json))
    holder, key = leaves[seed % len(leaves)]
    holder[key] = value
    path = maker.write_glb(tmp_path_factory.mktemp("any") / "made.glb")
    said = ["."]
    try:
        read(path)
    except KernelRefusal as refusal:
        said = [str(refusal)]
    assert said[0].endswith(".")


def leaves_of(value):
    """(container, key) of each number or word."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, (dict, list)):
            yield from leaves_of(inner)
        else:
            yield value, key
