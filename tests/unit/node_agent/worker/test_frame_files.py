"""A frame's file: what is in it, that it reads back bit for bit, and that a cut one never passes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO
import pytest

from node_agent.worker.frame_files import REC_709, BadFrame, verify_exr, write_exr

WIDTH, HEIGHT = 37, 21
CHANNELS = {"beauty": 4, "albedo": 3, "normal": 3, "depth": 1, "samples": 1}


@pytest.fixture
def planes() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(7)
    return {
        name: draw.normal(size=(HEIGHT, WIDTH, count)).astype(np.float32)
        for name, count in CHANNELS.items()
    }


@pytest.fixture
def frame(tmp_path: Path, planes: dict[str, np.ndarray]) -> Path:
    path = tmp_path / "frame.exr"
    write_exr(path, planes, {"shot": "sh0010", "kernel": "pathtracer 1"})
    return path


def test_every_plane_reads_back_with_its_own_precision(
    frame: Path, planes: dict[str, np.ndarray]
) -> None:
    with OpenEXR.File(str(frame), separate_channels=True) as file:
        assert file.parts[0].name() == "rgba"
        found = {
            name: channel.pixels for part in file.parts for name, channel in part.channels.items()
        }
    assert np.array_equal(found["R"], planes["beauty"][:, :, 0].astype(np.float16))
    assert np.array_equal(found["A"], planes["beauty"][:, :, 3].astype(np.float16))
    assert np.array_equal(found["depth.Z"], planes["depth"][:, :, 0])
    assert np.array_equal(found["samples.Y"], planes["samples"][:, :, 0])
    assert len(found) == sum(CHANNELS.values())


def test_the_making_is_written_into_every_part(frame: Path) -> None:
    with OpenEXR.File(str(frame)) as file:
        assert all(part.header["windfire:shot"] == "sh0010" for part in file.parts)


def test_equal_frames_are_equal_files(
    frame: Path, tmp_path: Path, planes: dict[str, np.ndarray]
) -> None:
    again = tmp_path / "again.exr"
    write_exr(again, planes, {"kernel": "pathtracer 1", "shot": "sh0010"})
    assert again.read_bytes() == frame.read_bytes()


def test_what_is_too_bright_for_a_half_float_stays_finite(tmp_path: Path) -> None:
    path = tmp_path / "bright.exr"
    write_exr(path, {"beauty": np.full((2, 2, 4), 1e9, np.float32)}, {})
    with OpenEXR.File(str(path), separate_channels=True) as file:
        assert np.all(np.isfinite(file.parts[0].channels["R"].pixels))


def test_a_whole_frame_passes_and_another_size_does_not(frame: Path) -> None:
    verify_exr(frame, WIDTH, HEIGHT)
    with pytest.raises(BadFrame, match=r"37x21 pixels and should have 38x21"):
        verify_exr(frame, WIDTH + 1, HEIGHT)


def test_a_frame_cut_anywhere_is_refused(frame: Path, tmp_path: Path) -> None:
    whole = frame.read_bytes()
    cut = tmp_path / "cut.exr"
    for size in [*range(0, len(whole), max(1, len(whole) // 97)), len(whole) - 1]:
        cut.write_bytes(whole[:size])
        with pytest.raises(BadFrame):
            verify_exr(cut, WIDTH, HEIGHT)


def test_a_frame_of_the_right_size_with_a_tail_of_zeros_is_refused(
    frame: Path, tmp_path: Path
) -> None:
    whole = frame.read_bytes()
    torn = tmp_path / "torn.exr"
    for share in (0.1, 0.5, 0.9):
        size = int(len(whole) * share)
        torn.write_bytes(whole[:size] + bytes(len(whole) - size))
        with pytest.raises(BadFrame):
            verify_exr(torn, WIDTH, HEIGHT)


ATTRIBUTES = {
    "worldToCamera": np.arange(16, dtype=np.float32).reshape(4, 4),
    "framesPerSecond": (24000, 1001),
    "timeCode": "01:02:03:04",
}


def test_what_compositors_ask_for_reads_back_from_every_part(
    tmp_path: Path, planes: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "frame.exr"
    write_exr(path, planes, {"user": "ann"}, ATTRIBUTES)
    with OpenEXR.File(str(path)) as file:
        for part in file.parts:
            header = part.header
            assert np.array_equal(header["worldToCamera"], ATTRIBUTES["worldToCamera"])
            assert header["framesPerSecond"] == Fraction(24000, 1001)
            assert tuple(header["chromaticities"]) == pytest.approx(REC_709)
            assert (header["owner"], header["software"][:9]) == ("ann", "Windfire ")
            assert header["compression"] == OpenEXR.ZIP_COMPRESSION
    spec = OpenImageIO.ImageInput.open(str(path)).spec(1, 0)
    assert spec.getattribute("framesPerSecond") == (24000, 1001)
    assert spec["smpte:TimeCode"][0] == 0x01020304
    assert spec["worldToCamera"] == tuple(range(16))


def test_colours_alone_are_compressed_with_a_loss_where_that_is_asked_for(
    tmp_path: Path, planes: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "frame.exr"
    write_exr(path, planes, {}, {"dwaCompressionLevel": 45.0})
    verify_exr(path, WIDTH, HEIGHT)
    with OpenEXR.File(str(path), separate_channels=True) as file:
        found = {part.name(): part.header["compression"] for part in file.parts}
        depth = file.parts[[part.name() for part in file.parts].index("depth")]
        assert np.array_equal(depth.channels["depth.Z"].pixels, planes["depth"][:, :, 0])
    lossy = {name for name, kind in found.items() if kind == OpenEXR.DWAA_COMPRESSION}
    assert lossy == {"rgba", "albedo"}
