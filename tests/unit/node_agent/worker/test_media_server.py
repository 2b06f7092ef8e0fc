"""The decoder that stays: pictures and pixel values of frames, and sentences about broken ones."""

import io
import os

import msgspec
import numpy as np
import pytest

from node_agent.kernels.display import to_display
from node_agent.worker import frame_files
from node_agent.worker.frame_planes import BadImage, plane_names
from node_agent.worker.media_server import Answer, Request, Shelf, answer, serve
from tests.unit.node_agent.worker.test_media import frame, planes


def ask(path, shelf=None, **more):
    return answer(Request(id=7, file=str(path), **more), shelf or Shelf())


def test_a_picture_as_a_screen_shows_it(tmp_path):
    head, body = ask(frame(tmp_path), exposure=1.0)
    picture = np.frombuffer(body, np.uint8).reshape(head.height, head.width, 3)
    assert (head.id, head.width, head.height, head.sentence) == (7, 64, 36, "")
    assert np.abs(picture.astype(int) - int(to_display(np.full(3, 0.36))[0])).max() <= 1


def test_no_larger_than_asked_and_its_own_size_told(tmp_path):
    head, body = ask(frame(tmp_path), max=16)
    assert (head.width, head.height, head.full_width, head.full_height) == (16, 9, 64, 36)
    assert len(body) == head.size == 16 * 9 * 3


def test_the_planes_of_the_file_are_told(tmp_path):
    path = frame(tmp_path)
    head, _ = ask(path, plane="depth")
    assert head.planes == plane_names(path)
    assert set(head.planes) == set(planes())
    assert head.planes[0] == "beauty"


def test_values_of_a_pixel_are_those_of_the_file(tmp_path):
    head, body = ask(frame(tmp_path), plane="depth", pixel=(63, 35))
    assert head.values == pytest.approx([10.0])
    assert body == b""
    outside, _ = ask(tmp_path / "f.exr", plane="depth", pixel=(999, -3))
    assert outside.values == pytest.approx([planes()["depth"][0, 63, 0]])


@pytest.mark.parametrize("kept", [0, 40, 0.5])
def test_a_cut_file_says_so(tmp_path, kept):
    path = frame(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept) if kept < 1 else kept])
    head, body = ask(path, plane="samples")  # the file's last part
    assert "f.exr" in head.sentence
    assert body == b""


def test_missing_files_and_planes_are_sentences(tmp_path):
    assert ask(tmp_path / "no.exr")[0].sentence == f"{tmp_path / 'no.exr'} does not exist."
    assert "has no plane fog; it has beauty" in ask(frame(tmp_path), plane="fog")[0].sentence
    with pytest.raises(BadImage):
        plane_names(tmp_path / "no.exr")


def test_a_frame_that_was_rendered_again_is_read_again(tmp_path):
    shelf, path = Shelf(), frame(tmp_path)
    before = ask(path, shelf)[1]
    frame_files.write_exr(path, planes(level=0.5), {})
    os.utime(path, ns=(1, 1))
    assert ask(path, shelf)[1] != before


def test_the_shelf_keeps_what_fits(tmp_path):
    one = planes()["beauty"].nbytes
    shelf = Shelf(room=2 * one)
    paths = [frame(tmp_path, f"{number}.exr") for number in range(3)]
    for path in paths:
        shelf.get(path, "beauty")
    assert [key[0] for key in shelf._planes] == paths[1:]


def test_requests_are_answered_in_order_until_the_end(tmp_path):
    path = str(frame(tmp_path))
    source = b"".join(
        msgspec.json.encode(Request(id=number, file=path, max=8)) + b"\n" for number in (1, 2)
    )
    target = io.BytesIO()
    serve(io.BytesIO(source), target)
    target.seek(0)
    for number in (1, 2):
        head = msgspec.json.decode(target.readline(), type=Answer)
        assert head.id == number
        assert len(target.read(head.size)) == head.size == 8 * 4 * 3
