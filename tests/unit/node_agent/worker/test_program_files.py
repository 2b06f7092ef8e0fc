"""What a step may ask of its images, each by a file that just fails it."""

import numpy as np
import OpenImageIO
import pytest

from node_agent.wire.job import Output
from node_agent.worker import verify_file


def write(path, pixels):
    spec = OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], "float")
    image = OpenImageIO.ImageOutput.create(str(path))
    image.open(str(path), spec)
    image.write_image(pixels.astype(np.float32))
    image.close()
    return path


GREY = np.full((4, 6, 4), 0.5)
BLACK = np.concatenate([np.zeros((4, 6, 3)), np.ones((4, 6, 1))], axis=2)
BROKEN = GREY.copy()
BROKEN[1, 2, 0] = np.nan


@pytest.mark.parametrize(
    ("pixels", "output", "words"),
    [
        (GREY, Output(width=6, height=4, not_black=True, no_nan=True, bytes_min=10), ""),
        (GREY, Output(width=8), "has 6x4 pixels, not 8xany"),
        (GREY, Output(bytes_min=1 << 20), "fewer than the step's least of 1,048,576"),
        # Alpha does not make a picture.
        (BLACK, Output(not_black=True), "is black all over"),
        (BROKEN, Output(no_nan=True), "has 1 values that are no finite number"),
    ],
)
def test_an_image_is_held_to_what_its_step_asks(tmp_path, pixels, output, words):
    fault = verify_file.fault(write(tmp_path / "a.exr", pixels), output)
    assert (words in fault) if words else fault == ""


def test_a_whole_image_leaves_a_thumbnail(tmp_path):
    small = tmp_path / "small.png"
    assert verify_file.fault(write(tmp_path / "a.exr", GREY), Output(), small) == ""
    assert small.read_bytes().startswith(b"\x89PNG")
    assert verify_file.fault(write(tmp_path / "b.exr", BLACK), Output(not_black=True), small) != ""


def test_what_is_no_image_is_said_without_the_decoders_codes(tmp_path):
    file = tmp_path / "a.exr"
    file.write_text("hi\n")
    fault = verify_file.fault(file)
    assert fault == "cannot be decoded whole: Unable to read magic and version flags"
