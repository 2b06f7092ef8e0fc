"""Memory that tasks took: what their step needs then, and larger cards for what ran out."""

import pytest

from app.core import commands as cmd
from app.core.peaks import GPU_BYTES_MIN, notch
from app.core.state import FarmState
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GIB, Bench, assigned

SMALL = m.DeviceInfo(kind="cuda", name="small", memory_bytes=8 * GIB)
LARGE = m.DeviceInfo(kind="cuda", name="large", memory_bytes=24 * GIB)
OUT = {"cause": "gpu_memory", "sentence": "The card's memory ran out."}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def running(bench, node=1):
    return [one.ref for one in bench.core._turn.live.attempts.values() if one.node == node]


def done(bench, key, ref, gpu=0.0, ram=0.0):
    usage = m.Usage(wall_s=10, peak_gpu_bytes=int(gpu * GIB), peak_memory_bytes=int(ram * GIB))
    bench.report(key, m.Ready, ref, files=[])
    return bench.report(key, m.Done, ref, files=[], usage=usage)


def do_all(bench, key, count, **took):
    for _ in range(count):
        (ref,) = running(bench)
        done(bench, key, ref, **took)


def step_row(bench, step=1):
    return next(row for row in bench.core.snapshot(bench.now, None, 0).steps if row.id == step)


class TestLearning:
    """A high quantile with a margin, never under what was asked."""

    def test_ram_is_reserved_as_the_frames_took_it(self, bench):
        bench.submit(frames="1-9", step={"needs": Needs(device="cpu", cores=4)})
        key = bench.node("n1", CPU, memory_bytes=64 * GIB)
        assert len(running(bench)) == 4
        for ref in running(bench)[:3]:
            done(bench, key, ref, ram=30)
        gpu, ram = bench.state.steps[1].learned
        assert gpu == 0
        assert 30 * GIB < ram <= 1.15 * 30 * GIB
        # One of four had begun before it was known: with 34 GiB each, one more would be too many.
        while len(running(bench)) > 1:
            done(bench, key, running(bench)[0], ram=30)
        assert len(running(bench)) == 1
        row = step_row(bench)
        assert (row.ram_bytes, row.is_learned) == (ram, True)

    def test_what_was_asked_is_the_least(self, bench):
        bench.submit(frames="1-5", step={"needs": Needs(memory_bytes=20 * GIB)})
        key = bench.node("n1", LARGE)
        do_all(bench, key, 3, gpu=10)
        assert not step_row(bench).is_learned
        assert step_row(bench).gpu_bytes == 20 * GIB

    def test_a_gpu_too_small_by_what_was_learned_is_left_out_and_explain_says_so(self, bench):
        shot, _ = bench.submit(frames="1-9")
        key = bench.node("n1", LARGE)
        do_all(bench, key, 3, gpu=20)
        bench.node("n2", SMALL)
        assert not running(bench, 2)
        bench.ask(cmd.DrainNode(nodes=[1], on=True))
        (ref,) = running(bench)
        done(bench, key, ref, gpu=20)
        reason = bench.ask(cmd.Explain(shot=shot)).reasons[0]
        assert reason.kind == "memory"
        assert "it needs 22.0 GiB of memory" in reason.sentence
        assert "By what its finished frames took" in reason.sentence

    def test_a_card_on_which_it_was_done_is_never_too_small(self, bench):
        """Programs take of a card what it has."""
        bench.submit(frames="1-9")
        key = bench.node("n1", SMALL)
        do_all(bench, key, 4, gpu=7.9)
        assert bench.state.steps[1].learned[0] == 8 * GIB
        assert running(bench)

    def test_ram_that_a_node_had_is_never_too_much_for_it(self, bench):
        bench.submit(frames="1-9", step={"needs": Needs(device="cpu")})
        key = bench.node("n1", CPU, memory_bytes=64 * GIB)
        do_all(bench, key, 4, ram=63)
        assert bench.state.steps[1].learned[1] == 64 * GIB
        assert running(bench)

    def test_little_is_not_counted(self, bench):
        bench.submit(frames="1-9")
        key = bench.node("n1", LARGE)
        do_all(bench, key, 4, gpu=1, ram=2)
        assert bench.state.steps[1].learned == (0, 0)

    def test_one_frame_of_many_does_not_move_it(self, bench):
        bench.submit(frames="1-60")
        key = bench.node("n1", LARGE)
        do_all(bench, key, 40, gpu=5)
        before = bench.state.steps[1].learned
        do_all(bench, key, 1, gpu=20)
        assert bench.state.steps[1].learned == before

    def test_it_outlives_a_restart(self, bench):
        bench.submit(frames="1-9")
        key = bench.node("n1", LARGE)
        do_all(bench, key, 3, gpu=20)
        step = FarmState.from_sections(bench.state.sections()).steps[1]
        assert step.learned == bench.state.steps[1].learned
        assert step.peaks == bench.state.steps[1].peaks
        assert bench.restart().state.steps[1].learned[0] > 20 * GIB

    @pytest.mark.parametrize("gib", [1, 1.03, 7.9, 22.2, 900])
    def test_notches_are_near_and_below(self, gib):
        value = int(gib * GIB)
        assert value / 1.125 < notch(value) <= value

    def test_the_margin_outlives_the_rounding(self):
        for value in range(GPU_BYTES_MIN, 64 * GIB, GIB // 7):
            assert notch(int(value * 1.15)) > value


class TestRanOut:
    """A larger card, and no failure of the frame."""

    def test_it_is_tried_on_a_larger_card_without_being_counted(self, bench):
        bench.submit(frames="1")
        key = bench.node("n1", SMALL)
        (ref,) = running(bench)
        bench.node("n2", LARGE)
        (again,) = assigned(bench.report(key, m.Failed, ref, **OUT))
        assert running(bench, 2) == [again]
        step = bench.state.steps[1]
        assert (step.failures, step.heavy) == ({}, {0: 8 * GIB + 1})
        assert bench.state.jobs[1].marks == {}

    def test_the_small_card_takes_the_other_frames_meanwhile(self, bench):
        bench.submit(frames="1-3")
        key = bench.node("n1", SMALL)
        (ref,) = running(bench)
        busy = bench.node("n2", LARGE)
        bench.report(key, m.Failed, ref, **OUT)
        assert running(bench) != [ref]
        do_all(bench, key, 1)
        assert not running(bench)
        assert bench.states()[ref.task] == "R"
        (other,) = running(bench, 2)
        assert [one.task for one in assigned(done(bench, busy, other))] == [ref.task]

    def test_explain_says_what_it_waits_for(self, bench):
        shot, _ = bench.submit("a", "1")
        key = bench.node("n1", SMALL)
        bench.node("n2", LARGE)
        (ref,) = running(bench, 2) or running(bench)
        if running(bench, 2):  # the small card comes first
            pytest.fail("the large card was taken for a small frame")
        bench.submit("b", "1-9")
        bench.report(key, m.Failed, ref, **OUT)
        reason = bench.ask(cmd.Explain(shot=shot)).reasons[0]
        assert reason.kind == "memory"
        assert reason.sentence == (
            "Frame 1 ran out of a card's 8.0 GiB and waits for a larger one; those that have one are"
            " busy: n2."
        )

    def test_without_a_larger_card_it_counts_and_says_so(self, bench):
        bench.submit(frames="1", attempts=1)
        key = bench.node("n1", SMALL)
        (ref,) = running(bench)
        bench.report(key, m.Failed, ref, **OUT)
        assert bench.states() == "F"
        assert bench.state.steps[1].errors[0][1] == (
            "The card's memory ran out. No node that may run it has a card of more than 8.0 GiB."
        )

    def test_it_ends_at_the_largest(self, bench):
        bench.submit(frames="1", attempts=2)
        small, large = bench.node("n1", SMALL), bench.node("n2", LARGE)
        (ref,) = running(bench)
        bench.report(small, m.Failed, ref, **OUT)
        for _ in range(2):
            (ref,) = running(bench, 2)
            bench.report(large, m.Failed, ref, **OUT)
        assert bench.states() == "F"
        assert bench.state.steps[1].failures == {0: 2}

    def test_when_most_run_out_the_whole_step_needs_more(self, bench):
        bench.submit(frames="1-9")
        key = bench.node("n1", SMALL)
        bench.node("n2", LARGE)
        for _ in range(3):
            (ref,) = running(bench)
            bench.report(key, m.Failed, ref, **OUT)
        assert bench.state.steps[1].learned[0] > 8 * GIB
        assert not running(bench)

    def test_the_cores_may_do_it_where_any_device_may(self, bench):
        bench.submit(frames="1")
        key = bench.node("n1", SMALL)
        (ref,) = running(bench)
        bench.node("n2", CPU)
        (again,) = assigned(bench.report(key, m.Failed, ref, **OUT))
        assert running(bench, 2) == [again]

    def test_who_retries_says_that_the_cause_is_gone(self, bench):
        shot, _ = bench.submit(frames="1", attempts=1)
        small, large = bench.node("n1", SMALL), bench.node("n2", LARGE)
        (ref,) = running(bench)
        bench.report(small, m.Failed, ref, **OUT)
        (ref,) = running(bench, 2)
        bench.report(large, m.Failed, ref, **OUT)
        assert bench.states() == "F"
        bench.ask(cmd.Retry(shots=[shot]))
        assert bench.state.steps[1].heavy == {}
        assert running(bench)

    def test_it_is_known_after_a_restart(self, bench):
        bench.submit(frames="1")
        key = bench.node("n1", SMALL)
        (ref,) = running(bench)
        bench.node("n2", LARGE)
        bench.ask(cmd.DrainNode(nodes=[2], on=True))
        bench.ask(cmd.DrainNode(nodes=[2], on=False))
        bench.ask(cmd.Pause(shots=[1]))
        bench.report(key, m.Failed, ref, **OUT)
        other = bench.restart()
        other.ask(cmd.Resume(shots=[1]))
        other.node("n1", SMALL)
        assert not running(other)
