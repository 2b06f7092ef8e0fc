"""What a task waits for: frames of other steps, its job's start; and going on without what failed."""

from hypothesis import given
from hypothesis import strategies as st

from app.core import commands as cmd
from node_agent.wire import messages as m
from node_agent.wire.job import fold, frames_at, tasks_with
from tests.unit.app.core.bench import WALL, Bench, assigned, command_work, kernel_work


def two_steps(*links, frames="1-4", chunk=1, **more):
    return [
        cmd.StepRequest(name="sim", work=command_work("sim"), frames=frames, chunk=chunk),
        cmd.StepRequest(
            name="render", work=kernel_work(), frames=frames, frame_after=list(links), **more
        ),
    ]


def bench_with(*links, **more):
    bench = Bench()
    key = bench.node("n1")
    bench.submit(steps=two_steps(*links, **more), scouts=False)
    return bench, key


def test_a_frame_opens_with_its_own_frames():
    bench, key = bench_with(cmd.FrameAfter("sim", -1, 0))
    assert bench.states(2) == "WWWW"
    bench.finish(key, m.AttemptRef(1, 0, 1))
    # Frame 1 needs frames 0 and 1, and there is no frame 0.
    assert bench.states(2) == "RWWW"
    bench.finish(key, m.AttemptRef(1, 1, 1))
    assert bench.states(2) == "RRWW"


def test_a_chunk_opens_all_that_needed_its_frames():
    bench, key = bench_with(cmd.FrameAfter("sim"), chunk=2)
    bench.finish(key, m.AttemptRef(1, 0, 1))
    assert bench.states(2) == "RRWW"


def test_a_failed_frame_that_is_retried_waits_for_what_it_needs():
    bench, key = bench_with(cmd.FrameAfter("sim"))
    bench.ask(cmd.Cancel(shots=[1]))
    bench.report(key, m.Released, m.AttemptRef(1, 0, 1))
    bench.ask(cmd.Retry(shots=[1]))
    assert bench.states(2) == "WWWW"
    assert bench.states(1) == "URRR"


def test_it_survives_a_restart():
    bench, key = bench_with(cmd.FrameAfter("sim", 0, 1))
    bench.finish(key, m.AttemptRef(1, 0, 1))
    other = bench.restart()
    other.hello(key, running=[m.AttemptRef(1, 1, 1)])
    other.finish(key, m.AttemptRef(1, 1, 1))
    assert other.states(2) == "RWWW"


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 5), st.integers(1, 3)), min_size=1),
    st.integers(-30, 30),
    st.integers(0, 15),
)
def test_tasks_by_their_frames(chunks, first, length):
    from node_agent.wire.job import Frames

    tasks = [Frames(start, start + span, step) for start, span, step in chunks]
    runs = fold(tasks)
    expected = [
        index
        for index, task in enumerate(tasks)
        if task.first <= first + length and task.last >= first
    ]
    assert tasks_with(runs, first, first + length) == expected
    assert [frames_at(runs, index) for index in range(len(tasks))] == tasks


def test_a_job_waits_for_its_start():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1-2", start_after=WALL + bench.mono + 60)
    assert bench.states() == "WW"
    assert not assigned(bench.say(key, m.Heartbeat([])))
    said = bench.say(key, m.Heartbeat([])) + bench.sleep(20) + bench.say(key, m.Heartbeat([]))
    assert not assigned(said + bench.sleep(20) + bench.say(key, m.Heartbeat([])))
    assert assigned(bench.sleep(25))


def test_a_start_is_put_off_and_undone():
    bench = Bench()
    bench.submit(frames="1-3")
    put_off = bench.ask(cmd.SetStart(jobs=[1], at=WALL + bench.mono + 3600))
    assert bench.states() == "WWW"
    assert bench.restart().states() == "WWW"
    bench.ask(cmd.Undo(command=put_off.command))
    assert bench.states() == "RRR"


def test_a_start_that_came_while_the_dispatcher_was_down():
    bench = Bench()
    bench.submit(frames="1-2", start_after=WALL + bench.mono + 3)
    other = bench.restart()  # five seconds later
    other.turn()
    assert other.states() == "RR"


def fail_all(bench, key, task=0):
    for epoch in (1, 2, 3):
        ref = m.AttemptRef(1, task, epoch)
        bench.report(key, m.Failed, ref, cause="crash", sentence="It crashed.")


def test_what_is_skipped_no_longer_holds_up_what_follows():
    bench = Bench()
    key = bench.node("n1")
    steps = two_steps(frames="1")
    steps[1] = cmd.StepRequest(name="render", work=kernel_work(), frames="1-2", after=["sim"])
    bench.submit(steps=steps)
    fail_all(bench, key)
    assert (bench.states(1), bench.states(2)) == ("F", "WW")
    skipped = bench.ask(cmd.Skip(tasks=[(1, 0)]))
    assert bench.states(1) == "C"
    assert bench.states(2) == "UR"
    # It has begun without the frame: that cannot be taken back.
    refused = bench.ask(cmd.Undo(command=skipped.command))
    assert "Step render began without the skipped frames" in refused.sentence


def test_a_skip_is_undone_while_nothing_has_begun():
    bench = Bench()
    key = bench.node("n1")
    steps = two_steps(frames="1")
    steps[1] = cmd.StepRequest(name="render", work=kernel_work(), frames="1-2", after=["sim"])
    bench.submit(steps=steps)
    fail_all(bench, key)
    bench.ask(cmd.DrainNode(nodes=[1], on=True))
    skipped = bench.ask(cmd.Skip(tasks=[(1, 0)]))
    assert bench.states(2) == "RR"
    assert bench.restart().states(2) == "RR"
    bench.ask(cmd.Undo(command=skipped.command))
    assert (bench.states(1), bench.states(2)) == ("R", "WW")


def test_nothing_to_skip():
    bench = Bench()
    bench.submit()
    assert "nothing to skip" in bench.ask(cmd.Skip(tasks=[(1, 0)])).sentence
