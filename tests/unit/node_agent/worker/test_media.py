"""Contact sheets, movies, thumbnails and decoded planes, by the command that makes them."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name
import pytest

from node_agent.kernels.display import to_display
from node_agent.worker import frame_files, lettering, media
from node_agent.worker.frame_planes import BadImage, read_plane, show

ROOT = Path(__file__).parents[4]


def planes(height: int = 36, width: int = 64, level: float = 0.18) -> dict[str, np.ndarray]:
    """A frame as a kernel finishes it."""
    beauty = np.full((height, width, 4), level, np.float32)
    beauty[..., 3] = 1
    depth = np.linspace(1, 10, height * width, dtype=np.float32).reshape(height, width, 1)
    return {
        "beauty": beauty,
        "albedo": np.full((height, width, 3), 0.5, np.float32),
        "normal": np.broadcast_to(np.array([0, 0, 1], np.float32), (height, width, 3)).copy(),
        "depth": depth,
        "samples": np.full((height, width, 1), 16, np.float32),
    }


def frame(folder: Path, name: str = "f.exr", **options: float) -> Path:
    frame_files.write_exr(folder / name, planes(**options), {"shot": "a"})
    return folder / name


def pixels(path: Path) -> np.ndarray:
    return oiio.ImageBuf(str(path)).get_pixels(oiio.UINT8)


def run(*arguments: object) -> tuple[int, str]:
    """The status, and what was said, of the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "node_agent.worker.media", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        timeout=100,
    )
    return done.returncode, done.stderr.decode()


class TestPlanes:
    def test_each_plane_of_our_frames(self, tmp_path):
        path = frame(tmp_path)
        expected = planes()
        for name, plane in expected.items():
            assert np.allclose(read_plane(path, name).values, plane, atol=1e-3), name

    def test_beauty_of_a_single_part_file_of_others(self, tmp_path):
        spec = oiio.ImageSpec(4, 3, 5, oiio.HALF)
        spec.channelnames = ("A", "B", "G", "R", "Z")
        values = np.broadcast_to(np.arange(5, dtype=np.float32), (3, 4, 5)).copy()
        file = oiio.ImageOutput.create(str(tmp_path / "o.exr"))
        assert file.open(str(tmp_path / "o.exr"), spec)
        assert file.write_image(values)
        file.close()
        plane = read_plane(tmp_path / "o.exr")
        assert plane.values.shape == (3, 4, 4)
        assert {tuple(v) for v in plane.values.reshape(-1, 4)} == {(3, 2, 1, 0)}

    def test_an_unknown_plane_is_refused_with_those_there_are(self, tmp_path):
        with pytest.raises(BadImage, match="no plane motion; it has beauty, albedo"):
            read_plane(frame(tmp_path), "motion")

    def test_a_png_is_shown_as_it_is(self, tmp_path):
        values = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
        assert oiio.ImageBuf(values).write(str(tmp_path / "p.png"))
        assert (show(read_plane(tmp_path / "p.png")) == values).all()

    def test_normals_depth_and_samples_are_made_visible(self, tmp_path):
        path = frame(tmp_path)
        assert show(read_plane(path, "normal"))[0, 0].tolist() == [128, 128, 255]
        depth = show(read_plane(path, "depth"))
        assert depth[0, 0, 0] > 240
        assert depth[-1, -1, 0] < 20
        assert (show(read_plane(path, "samples")) == 255).all()


class TestDecode:
    def test_an_array_on_stdout(self, tmp_path):
        path = frame(tmp_path)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "node_agent.worker.media",
                "decode",
                str(path),
                "--exposure",
                "1",
            ],
            cwd=ROOT,
            capture_output=True,
            timeout=100,
            check=True,
        )
        array = np.load(io.BytesIO(done.stdout), allow_pickle=False)
        assert array.shape == (36, 64, 3)
        assert np.abs(array.astype(int) - int(to_display(np.full(3, 0.36))[0])).max() <= 1

    def test_linear_values_for_probing(self, tmp_path, capsysbinary):
        assert media.main(["decode", str(frame(tmp_path)), "--plane", "depth", "--linear"]) == 0
        array = np.load(io.BytesIO(capsysbinary.readouterr().out), allow_pickle=False)
        assert array.dtype == np.float32
        assert array[0, 0, 0] == 1
        assert array[-1, -1, 0] == 10

    def test_no_side_longer_than_asked(self, tmp_path, capsysbinary):
        assert media.main(["decode", str(frame(tmp_path)), "--max", "16"]) == 0
        array = np.load(io.BytesIO(capsysbinary.readouterr().out), allow_pickle=False)
        assert array.shape == (9, 16, 3)


class TestThumbnail:
    def test_size_and_value(self, tmp_path):
        out = tmp_path / "t.png"
        assert (
            media.main(["thumbnail", "--out", str(out), "--max", "32", str(frame(tmp_path))]) == 0
        )
        assert pixels(out).shape == (18, 32, 3)
        assert np.abs(pixels(out).astype(int) - 91).max() <= 1
        assert sorted(p.name for p in tmp_path.iterdir()) == ["f.exr", "t.png"]


class TestContactSheet:
    def test_every_shot_is_there_in_order(self, tmp_path):
        levels = (0.02, 0.18, 0.6)
        shots = [f"s{k}|note={frame(tmp_path, f'{k}.exr', level=v)}" for k, v in enumerate(levels)]
        out = tmp_path / "sheet.png"
        arguments = ["contact-sheet", "--out", str(out), "--columns", "2", "--cell", "64", *shots]
        assert media.main(arguments) == 0
        sheet = pixels(out)
        assert sheet.shape[1] == 2 * media.MARGIN + 2 * 64 + media.GAP
        x, y = media.MARGIN + 32, media.MARGIN + 18
        step = (sheet.shape[0] - 2 * media.MARGIN + media.GAP) // 2
        centres = [sheet[y, x], sheet[y, x + 64 + media.GAP], sheet[y + step, x]]
        for centre, level in zip(centres, levels, strict=True):
            assert np.abs(centre.astype(int) - int(to_display(np.full(3, level))[0])).max() <= 1
        assert tuple(sheet[2, 2]) == media.BACKGROUND

    def test_names_are_written(self, tmp_path):
        path = frame(tmp_path)
        for name, label in (("a", "sh0010"), ("b", "sh0020")):
            assert (
                media.main(
                    ["contact-sheet", "--out", str(tmp_path / f"{name}.png"), f"{label}={path}"]
                )
                == 0
            )
        first, second = pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png")
        assert first.shape == second.shape
        assert (first != second).any()
        # Light letters on the dark foot of the shot.
        assert first[media.MARGIN + 270 :].max() > 200

    def test_pictures_of_several_shapes(self, tmp_path):
        wide, tall = (
            frame(tmp_path, "w.exr", height=10, width=60),
            frame(tmp_path, "t.exr", height=60, width=10),
        )
        out = tmp_path / "s.png"
        assert media.main(["contact-sheet", "--out", str(out), f"w={wide}", f"t={tall}"]) == 0
        assert out.stat().st_size > 0

    def test_a_shot_without_a_label_is_explained(self, tmp_path, capsys):
        assert media.main(["contact-sheet", "--out", str(tmp_path / "s.png"), "x.exr"]) == 2
        assert "LABEL=FILE, not 'x.exr'" in capsys.readouterr().err


class TestLettering:
    def test_dots_stand_in_where_there_is_no_font(self):
        page = np.zeros((40, 300, 3), np.uint8)
        drawn = lettering._by_dots("WINDFIRE 0123?", 27)
        assert drawn.max() == 1
        lettering.draw(page, 2, 30, "Windfire", 27, (255, 255, 255), "no such font at all")
        assert page.max() == 255

    @pytest.mark.parametrize("character", sorted(lettering.DOTS))
    def test_every_letter_fits_its_cell(self, character):
        assert len(lettering.DOTS[character]) == lettering.GLYPH_ROWS
        assert max(lettering.DOTS[character]) < 1 << lettering.GLYPH_COLUMNS

    @pytest.mark.parametrize(("x", "y"), [(-30, 10), (90, 10), (5, -5), (5, 200), (-500, 10)])
    def test_what_reaches_over_the_edge_is_cut(self, x, y):
        page = np.zeros((40, 100, 3), np.uint8)
        lettering.draw(page, x, y, "Windfire", 20, (255, 255, 255), "")
        assert page.shape == (40, 100, 3)

    def test_a_long_name_keeps_its_end(self):
        font = lettering.default_font()
        text = lettering.shortened("PROJECT/sequence/sh0010", 20, font, 120)
        assert text.startswith("...")
        assert text.endswith("sh0010")
        assert lettering.width_of(text, 20, font) <= 120


class TestMovie:
    av = pytest.importorskip("av")

    def test_as_many_frames_as_given_in_even_size(self, tmp_path):
        frames = [
            frame(tmp_path, f"{k}.exr", height=37, width=65, level=0.05 * k) for k in range(7)
        ]
        out = tmp_path / "m.mp4"
        assert media.main(["movie", "--fps", "12", "--out", str(out), *map(str, frames)]) == 0
        with self.av.open(str(out)) as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert stream.codec_context.pix_fmt == "yuv420p"
            assert float(stream.average_rate) == 12
            shown = [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]
        assert len(shown) == 7
        assert shown[0].shape == (36, 64, 3)
        for number, picture in enumerate(shown):
            wanted = int(to_display(np.full(3, 0.05 * number))[0])
            assert np.abs(picture.astype(int) - wanted).max() <= 4
        # The index before the pictures: a browser starts to play at once.
        data = out.read_bytes()
        assert 0 < data.find(b"moov") < data.find(b"mdat")

    def test_frames_of_another_size_are_refused_and_leave_nothing(self, tmp_path, capsys):
        first, second = frame(tmp_path, "1.exr"), frame(tmp_path, "2.exr", width=80)
        out = tmp_path / "m.mp4"
        assert media.main(["movie", "--out", str(out), str(first), str(second)]) == 2
        assert "2.exr has another size than 1.exr" in capsys.readouterr().err
        assert sorted(p.name for p in tmp_path.iterdir()) == ["1.exr", "2.exr"]

    def test_without_the_package_it_says_what_to_install(self, tmp_path, capsys, monkeypatch):
        monkeypatch.setitem(sys.modules, "av", None)
        assert media.main(["movie", "--out", str(tmp_path / "m.mp4"), str(frame(tmp_path))]) == 3
        assert "pip install 'windfire[video]'" in capsys.readouterr().err


class TestBadFiles:
    @pytest.mark.parametrize("content", [b"", b"no image", b"v/1\x01" + b"\xff" * 300])
    def test_one_sentence_and_status_2(self, tmp_path, content):
        bad = tmp_path / "bad.exr"
        bad.write_bytes(content)
        status, said = run("thumbnail", "--out", tmp_path / "t.png", bad)
        assert status == 2
        assert "bad.exr" in said
        assert len(said.strip().splitlines()) == 1
        assert not (tmp_path / "t.png").exists()

    def test_a_missing_file(self, tmp_path):
        status, said = run("decode", tmp_path / "gone.exr")
        assert (status, said) == (2, f"{tmp_path / 'gone.exr'} does not exist.\n")

    def test_a_file_cut_anywhere_shows_whole_planes_or_none(self, tmp_path):
        path = frame(tmp_path)
        whole = path.read_bytes()
        expected = read_plane(path).values
        shown = 0
        for length in np.linspace(0, len(whole) - 1, 60).astype(int):
            (tmp_path / "cut.exr").write_bytes(whole[:length])
            with pytest.raises(BadImage, match=r"cut\.exr"):
                read_plane(tmp_path / "cut.exr", "samples")  # the last part
            with contextlib.suppress(BadImage):
                assert (read_plane(tmp_path / "cut.exr").values == expected).all()
                shown += 1
        assert shown < 60

    def test_a_folder_that_is_not_there(self, tmp_path, capsys):
        out = tmp_path / "none" / "t.png"
        assert media.main(["thumbnail", "--out", str(out), str(frame(tmp_path))]) == 2
        assert "t.png cannot be written" in capsys.readouterr().err
