"""`windfire replay`: what was recorded is decided again, and a core that decides otherwise is found out."""

import pytest

from app.cli.main import run
from app.core.tasks import READY, Step
from app.errors import BugFault
from app.simulate.faults import Faults
from app.simulate.film import Film, Run


@pytest.fixture
def recording(tmp_path):
    film = Run(
        Film(
            nodes=3, gpus=4, shots=3, frames=(10, 14), seed=2, faults=Faults(drags=3.0, frames=5.0)
        )
    )
    film.record(tmp_path / "film.rec")
    film.run()
    return tmp_path / "film.rec"


def test_the_same_core_decides_the_same(recording, capsys):
    assert run(["replay", str(recording)]) == 0
    assert "No difference in" in capsys.readouterr().out


def test_the_story_tells_what_came_in_and_what_was_saved(recording, capsys):
    assert run(["replay", str(recording), "--story"]) == 0
    out = capsys.readouterr().out
    assert "  <- Done: NodeSaid" in out
    assert "  -> TaskMoved" in out


def test_another_decision_is_found(recording, capsys, monkeypatch):
    monkeypatch.setattr(Step, "next_ready", lambda step: step.states.rfind(READY))
    assert run(["replay", str(recording)]) == 1
    out = capsys.readouterr().out
    assert "The first difference is in turn" in out
    assert "It saved other changes then." in out


def test_a_core_that_fails_is_told(recording, capsys, monkeypatch):
    def fail(*_):
        raise BugFault("It is on fire.")

    monkeypatch.setattr("app.core.dispatcher.place", fail)
    assert run(["replay", str(recording)]) == 1
    assert "It is on fire." in capsys.readouterr().err


def test_what_is_no_recording_is_refused(tmp_path, capsys):
    (tmp_path / "x").write_text("hello")
    assert run(["replay", str(tmp_path / "x")]) == 3
    assert "is not a recording" in capsys.readouterr().err


def test_a_record_that_cannot_be_written_is_refused(tmp_path, capsys):
    place = str(tmp_path / "none" / "x.rec")
    assert run(["simulate", "--nodes", "1", "--gpus", "1", "--shots", "1", "--record", place]) == 3
    assert "cannot be written" in capsys.readouterr().err
