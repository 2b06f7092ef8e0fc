"""What a submission learns of a glTF file, in a child as for USD."""

import json
import struct

import pytest

from app.errors import UserMistake
from app.submit.inspection import inspect

DOCUMENT = {
    "asset": {"version": "2.0"},
    "nodes": [{"name": "Lens", "camera": 0}, {"camera": 1}, {}],
    "buffers": [{"uri": "some%20data.bin"}, {"uri": "data:;base64,"}],
    "images": [{"uri": "gone.png"}],
    "accessors": [{"max": [2.0]}, {"max": [1.0]}],
    "animations": [{"samplers": [{"input": 0, "output": 1}, {"input": 1}]}],
}


def write(path, document):
    text = json.dumps(document).encode()
    if path.suffix == ".glb":
        head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A)
        text = head + text
    path.write_bytes(text)
    return path


@pytest.mark.parametrize("suffix", [".gltf", ".glb"])
def test_frames_cameras_and_files(tmp_path, suffix):
    (tmp_path / "some data.bin").write_bytes(b"")
    _, scene = inspect(write(tmp_path / f"a{suffix}", DOCUMENT))
    assert (scene.first, scene.last) == (0, 48)
    assert scene.cameras == ["Lens", "node_1"]
    assert scene.missing == [str(tmp_path / "gone.png")]


def test_a_still_is_frame_1(tmp_path):
    _, scene = inspect(write(tmp_path / "a.gltf", {"asset": {"version": "2.0"}}))
    assert (scene.first, scene.last) == (1, 1)


@pytest.mark.parametrize("content", [b"", b"{", b"glTF" + bytes(40), b'{"nodes": 3}'])
@pytest.mark.parametrize("suffix", [".gltf", ".glb"])
def test_a_broken_file_is_one_sentence(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(UserMistake) as caught:
        inspect(path)
    assert path.name in caught.value.sentence
    assert "\n" not in caught.value.sentence
