"""`windfire simulate`: a small film is played to its end, measured, and judged."""

import pytest

from app.errors import UserMistake
from app.simulate.faults import LOSSES, Faults, parse_faults
from app.simulate.film import Film, Run
from app.simulate.judge import STEPS
from app.simulate.report import figures, lines

SMALL = Film(nodes=5, gpus=8, shots=6, frames=(30, 50), seed=3)


def played(film):
    run = Run(film)
    run.run()
    return figures(run, 1.0)


def test_a_film_is_played_to_its_end():
    found = played(SMALL)
    assert found.is_whole
    assert found.done == found.frames > 180
    assert found.utilisation_to_last > 0.9
    assert found.invariant_violations == 0
    assert all(found.invariants.values())
    assert 0.004 < found.idle_p50_s < 0.01
    assert found.lost_samples == 0
    assert found.forecasts


def test_the_last_frames_are_split_over_devices_that_would_idle():
    run = Run(SMALL)
    run.run()
    state = run.host.brain.state
    pieces = [step for step in state.steps.values() if step.is_piece]
    assert len(pieces) > 1
    assert (
        run.done
        == run.total
        == sum(map(len, (s.states for s in state.steps.values())))
        - sum(step.total for step in pieces)
    )
    # Nobody renders the last of all alone for long.
    assert run.ended_at - run.measure.last_start < SMALL.frame_s


def test_faults_cost_work_and_break_nothing():
    faults = Faults(nodes=150.0, frames=10.0, links=200.0, dispatcher=60.0, drags=5.0)
    found = played(Film(nodes=5, gpus=8, shots=6, frames=(30, 50), seed=7, faults=faults))
    assert found.invariant_violations == 0, found.violations
    assert found.done + found.failed == found.frames
    assert found.lost_gpu_hours["failed"] > 0
    assert found.lost_gpu_hours["lost"] > 0
    assert found.yields > 5
    assert found.lost_samples == 0
    assert found.useful < found.utilisation <= 1.0


def test_a_seed_gives_the_same_film_each_time():
    assert played(SMALL) == played(SMALL)


def test_an_interrupted_film_tells_what_there_is():
    run = Run(SMALL)

    def interrupt(run):
        if run.done > run.total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.run(interrupt)
    run.stop()
    found = figures(run, 1.0)
    assert not found.is_whole
    assert 0.5 < found.done / found.frames < 1
    assert 0.5 < found.utilisation <= 1
    assert lines(found)[0].startswith("Interrupted")


def test_what_contradicts_is_counted_and_told():
    run = Run(SMALL)
    run.run()
    run.judge.note(STEPS, "by hand")
    found = figures(run, 1.0)
    assert found.invariant_violations == 1
    assert any(line.startswith("BROKEN") for line in lines(found))


def test_samples_that_a_yield_lost_are_counted():
    run = Run(Film(nodes=5, gpus=8, shots=6, frames=(30, 50), seed=4, faults=Faults(drags=5.0)))
    rename = run.disk.checkpoints.__class__
    run.disk.checkpoints = type("Forgetful", (rename,), {"get": lambda *_: 0})()
    run.run()
    assert figures(run, 1.0).lost_samples > 0


def test_faults_are_read_as_written():
    assert parse_faults("none") == parse_faults("") == Faults()
    assert parse_faults("losses,nodes=3") == Faults(nodes=3.0, frames=2.0, drags=60.0)
    assert str(LOSSES) == "nodes=1,frames=2,drags=60"
    for bad in ("gremlins", "nodes=many", "nodes=-1", "frames=100", "nodes"):
        with pytest.raises(UserMistake, match="--faults"):
            parse_faults(bad)
