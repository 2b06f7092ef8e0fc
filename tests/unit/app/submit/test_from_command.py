"""A program as a shot: argv lists, no shell, and no frame over another."""

import sys

import pytest

from app.errors import UserMistake
from app.submit import command_request

SHOT = "NZ2/sq010/sh0040"


def test_a_program_becomes_a_job(tmp_path):
    request = command_request(
        [sys.executable, "a b.py", "{frame:04d}", "{output}"], shot=SHOT, frames="1-3", out=tmp_path
    )
    step = request.steps[0]
    assert (request.project, request.sequence, request.shot) == ("NZ2", "sq010", "sh0040")
    assert step.work.argv == [sys.executable, "a b.py", "{frame:04d}", "{output}"]
    assert step.work.output.directory == str(tmp_path)
    assert step.work.output.pattern == "sh0040.{frame:04d}.exr"
    assert step.frames == "1-3"


def test_a_program_beside_us_is_made_absolute_and_a_bare_name_is_left_to_the_node(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert command_request(["./go"], shot=SHOT, frames=None).steps[0].work.argv == [
        f"{tmp_path}/go"
    ]
    assert command_request(["sh"], shot=SHOT, frames=None).steps[0].work.argv == ["sh"]


@pytest.mark.parametrize(
    ("argv", "options", "says"),
    [
        ([], {}, "after --"),
        (["sh"], {"shot": None}, "--shot"),
        (["sh", "{nonsense}"], {}, "nonsense"),
        (["sh", "{frame.__class__}"], {}, "frame"),
        (["sh", "{output}"], {}, "--out"),
        (["no-such-program-here"], {}, "PATH"),
        (["sh", "a\0b"], {}, "NUL"),
        (["sh"], {"out": "x"}, "{output}"),
        (["sh", "{output}"], {"out": "x", "frames": "1-2", "pattern": "same.exr"}, "same name"),
        (["sh", "{output}"], {"out": "x", "pattern": "../{frame}.exr"}, "file name"),
        (["sh"], {"frames": "2-1"}, "backwards"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(argv, options, says):
    with pytest.raises(UserMistake) as refused:
        command_request(argv, **{"shot": SHOT, "frames": None, **options})
    assert says in refused.value.sentence
    assert "\n" not in refused.value.sentence
