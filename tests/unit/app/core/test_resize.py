"""Chunks that follow what frames take: how far a size moves, what it spares, and that it survives a restart."""

import pytest

from app.core import changes as c
from app.errors import BugFault
from node_agent.wire import messages as m
from node_agent.wire.job import Frames, OpenJDWork, Run
from tests.unit.app.core.bench import CPU, Bench
from tests.unit.app.core.test_placing import assigns


def openjd_work(target_s=60.0, picks="values"):
    return OpenJDWork(template="{}", session="s", chunk=2, target_s=target_s, picks=picks)


class Chunked:
    """A step of frames 1 to 100, two a chunk, on so many devices."""

    def __init__(self, devices=1, frames="1-100", **work):
        self.bench = Bench()
        self.bench.submit("a", frames, work=openjd_work(**work), step={"chunk": 2})
        self.keys = [self.bench.node(f"n{number}", CPU) for number in range(devices)]
        self.step = self.bench.state.steps[1]

    def finish(self, seconds_a_frame):
        """Let the running task that began first end; return its frames."""
        task = min(self.step.running)
        node, _, _ = self.step.running[task]
        frames = self.step.task_frames(task)
        usage = m.Usage(wall_s=seconds_a_frame * len(frames.numbers()))
        ref = m.AttemptRef(1, task, self.step.epochs[task])
        key = self.bench.state.nodes[node].public_key
        self.said = self.bench.report(key, m.Done, ref, files=[], usage=usage)
        return frames

    def every_frame(self):
        return [number for one in self.step.all_frames() for number in one.numbers()]


def test_a_size_moves_half_way_to_the_one_that_takes_the_target():
    scene = Chunked()
    assert scene.finish(3.75) == Frames(1, 2)  # 16 frames would take a minute
    (next_one,) = assigns(scene.said)
    # From 2 half-way to 16 is 6 (by their logarithms); cut evenly, so that no small one is left.
    assert next_one.frames == Frames(3, 7)
    first, *others = (len(frames.numbers()) for frames in scene.step.all_frames())
    assert (first, set(others)) == (2, {5, 6})
    assert scene.every_frame() == list(range(1, 101))
    scene.finish(3.75)
    assert assigns(scene.said)[0].frames == Frames(8, 16)  # and on towards 16


def test_it_is_done_with_every_frame_once_and_near_the_target():
    scene = Chunked()
    done = []
    while scene.step.running:
        done.append(scene.finish(3.75))
    assert [number for one in done for number in one.numbers()] == list(range(1, 101))
    sizes = [len(one.numbers()) for one in done]
    assert sizes[:3] == [2, 5, 9]
    assert min(sizes[3:]) >= 12
    assert scene.bench.state.counts[1][4] == len(done) == scene.step.total


def test_slow_frames_make_chunks_small():
    scene = Chunked()
    scene.finish(600.0)
    assert assigns(scene.said)[0].frames == Frames(3, 3)


def test_what_has_begun_keeps_its_number_and_frames_and_is_heard_once():
    scene = Chunked(devices=3)
    before = dict.fromkeys(scene.step.running)
    assert scene.finish(3.75) == Frames(1, 2)
    resized = [change for change in scene.bench.saved if isinstance(change, c.StepResized)]
    assert [change.first for change in resized] == [3]
    assert [scene.step.task_frames(task) for task in before] == [
        Frames(1, 2),
        Frames(3, 4),
        Frames(5, 6),
    ]
    scene.finish(3.75)
    # A second one of the old size says nothing new.
    assert [c for c in scene.bench.saved if isinstance(c, type(resized[0]))] == resized


def test_chunks_stay_where_the_target_is_near_or_nobody_asks():
    for options in ({"target_s": 0.0}, {"picks": "task"}, {"target_s": 2 * 3.75}):
        scene = Chunked(**options)
        scene.finish(3.75)
        assert scene.step.all_frames() == [Frames(f, f + 1) for f in range(1, 101, 2)], options


def test_no_device_is_left_without_a_chunk():
    scene = Chunked(devices=4, frames="1-20")
    scene.finish(0.1)
    assert [len(one.numbers()) for one in scene.step.all_frames()][:4] == [2] * 4
    assert len(scene.step.all_frames()) == 8  # twelve frames for four devices


def test_gaps_and_strides_are_kept():
    scene = Chunked(frames="1-9x2,20,21-40")
    scene.finish(3.75)
    assert scene.every_frame() == [1, 3, 5, 7, 9, *range(20, 41)]
    assert Frames(5, 9, 2) in scene.step.all_frames()


def test_a_restart_finds_the_new_chunks():
    scene = Chunked()
    scene.finish(3.75)
    step = scene.bench.restart().state.steps[1]
    assert step.all_frames() == scene.step.all_frames()
    assert (step.cost, step.resized) == (scene.step.cost, scene.step.resized) == (5.0, 1)


def test_forecasts_take_the_size_in_force():
    scene = Chunked()
    scene.finish(3.75)
    assert scene.step.mean_seconds() == pytest.approx(3.75 * scene.step.cost)
    assert scene.step.walls["cpu"] == [pytest.approx(3.75 * scene.step.cost)]


def test_tasks_that_have_begun_are_never_cut_anew():
    scene = Chunked()
    with pytest.raises(BugFault, match="have begun"):
        scene.bench.state.apply(c.StepResized(1, 0, [Run(0, 1, 1, 0, 99, 1)]))
