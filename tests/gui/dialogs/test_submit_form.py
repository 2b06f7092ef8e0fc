"""The submit form as plain data: filled from the file, checked by the farm's own rules."""

from pathlib import Path

import pytest

from app.gui.dialogs.submit_form import SubmitForm, changed, filled_from
from app.submit.from_usd import SIZE, SPP
from app.submit.inspection import Scene
from tests.gui.fakes import shot_row

FILE = Path("/film/sq020/sh0040.usda")
QUEUE = [shot_row(1), shot_row(2)]


def form(**fields) -> SubmitForm:
    return changed(filled_from(FILE, Scene(first=1001, last=1024, cameras=["/cam/main"])), **fields)


def test_it_is_filled_from_what_the_file_says():
    got = filled_from(FILE, Scene(first=1, last=24, cameras=["/a", "/b"], width=640, height=360))
    assert (got.project, got.sequence, got.shot) == ("sq020", "main", "sh0040")
    assert (got.frames, got.camera, got.cameras) == ("1-24", "/a", ["/a", "/b"])
    assert (got.width, got.height, got.samples) == (640, 360, SPP)
    assert got.problems() == {}


def test_what_the_file_does_not_say_has_a_default():
    got = filled_from(FILE, Scene(first=5, last=1))
    assert (got.frames, got.camera, got.width) == ("1", "", SIZE[0])
    assert filled_from(FILE, Scene(first=7, last=7)).frames == "7"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"shot": ""}, "shot"),
        ({"shot": "../../etc"}, "shot"),
        ({"project": "a b/c"}, "shot"),
        ({"frames": "10-1"}, "frames"),
        ({"frames": "soon"}, "frames"),
        ({"frames": "1-99999999"}, "frames"),
        ({"width": 0}, "size"),
        ({"height": 20_000}, "size"),
        ({"samples": 0}, "samples"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(fields, field):
    wrong = form(**fields)
    assert field in wrong.problems()
    assert wrong.problems()[field].endswith(".")
    assert wrong.promise(QUEUE) == ""


@pytest.mark.parametrize(
    ("place", "where", "before"),
    [
        ("bottom", "at the bottom of the queue", 0),
        ("top", "at the top of the queue", 1),
        (2, "before sq010 / sh0020", 2),
        (77, "at the bottom of the queue", 77),
    ],
)
def test_it_says_what_it_will_make(place, where, before):
    made = form(place=place, samples=128, width=640, height=360)
    assert made.promise(QUEUE) == f"24 frames of 640 × 360 pixels, 128 samples each, {where}."
    assert made.before(QUEUE) == before


def test_an_empty_queue_has_no_top():
    assert form(place="top").before([]) == 0
    assert form(place="top").promise([]).endswith("at the bottom of the queue.")


def test_what_is_handed_to_the_submitter():
    choice = form(samples=32).choice()
    assert (choice.frames, choice.spp, choice.size, choice.camera) == (
        "1001-1024",
        32,
        (SIZE[0], SIZE[1]),
        "/cam/main",
    )
    assert form(camera="").choice().camera is None
