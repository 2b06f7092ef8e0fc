"""A real child renders frames with kernels: whole files, lossless yields, no result without a grant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import OpenImageIO
import pytest

from node_agent.wire import pipe
from node_agent.wire.job import Frames, KernelWork, Output
from node_agent.wire.templates import part_paths
from tests.unit.node_agent.worker.child import Child

SCENE = """#usda 1.0
(
    upAxis = "Y"
)
def Sphere "ball"
{
    double radius = 1
}
def DistantLight "sun"
{
    float inputs:intensity = 50000
}
def Camera "camera"
{
    double3 xformOp:translate = (0, 0, 6)
    uniform token[] xformOpOrder = ["xformOp:translate"]
}
"""


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    """One for all tests: its start costs more than most of them."""
    with Child(tmp_path_factory.mktemp("child")) as child:
        yield child


@pytest.fixture
def output(tmp_path):
    out, png = tmp_path / "out", tmp_path / "png"
    return Output(directory=str(out), pattern="f.{frame:04d}.exr", preview_directory=str(png))


def noop(output: Output = Output(), cost_s: float = 0.0, **more) -> KernelWork:  # noqa: B008
    fields = {"width": 32, "height": 16, "samples": 40, "samples_per_pass": 1, "scene": ""}
    options = {"cost_s": cost_s}
    return KernelWork(kernel="noop", output=output, options=options, **{**fields, **more})


def names(directory: str) -> list[str]:
    return sorted(path.name for path in Path(directory).iterdir())


def test_a_chunk_of_frames_is_written_whole(child, output):
    done = child.run(noop(output), Frames(1, 5, 2))

    assert isinstance(done, pipe.TaskDone)
    assert names(output.directory) == ["f.0001.exr", "f.0003.exr", "f.0005.exr"]
    assert names(output.preview_directory) == ["f.0001.png", "f.0003.png", "f.0005.png"]
    for file in done.files:
        data = Path(file.path).read_bytes()
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert done.usage.samples == 120
    assert done.usage.peak_memory_bytes > 0


def test_the_log_tells_what_is_rendered_and_written(child, output):
    ref = child.start(noop(output, scene="/scenes/box.usda"), Frames(7, 7))
    child.ending(ref)

    read, written = child.log(ref)
    assert read.startswith("box.usda, frame 7, read in ")
    assert read.endswith("32x16, 40 samples a pixel in 40 passes, of which 0 are done")
    assert written.startswith("f.0007.exr rendered and written in ")


def test_a_step_without_files_writes_no_log(child):
    ref = child.start(noop())
    child.ending(ref)

    assert child.log(ref) == []


def test_the_pictures_are_pictures(child, output):
    child.run(noop(output, width=33, height=17))

    pixels = OpenImageIO.ImageBuf(f"{output.preview_directory}/f.0001.png").get_pixels()
    assert pixels.shape == (17, 33, 3)
    preview = child.all_of(pipe.TaskPreview)[-1]
    assert (preview.frame, preview.passes_done, preview.passes) == (1, 40, 40)


def test_nothing_is_published_without_a_grant(tmp_path, output):
    with Child(tmp_path, grants=False) as child:
        ref = child.start(noop(output))
        ready = child.wait_for(pipe.TaskReady, ref)

        assert [file.path for file in ready.files] == [f"{output.directory}/f.0001.exr"]
        assert names(output.directory) == [f".f.0001.exr.{ref.epoch}.tmp"]
        child.grant(ref)
        child.ending(ref)
        assert names(output.directory) == ["f.0001.exr"]


def test_a_grant_that_came_too_late_is_asked_for_again(tmp_path, output):
    with Child(tmp_path, grants=False) as child:
        ref = child.start(noop(output))
        child.wait_for(pipe.TaskReady, ref)
        child.grant(ref, seconds=-1.0)
        child.wait_for(pipe.TaskReady, ref, count=2)

        assert names(output.directory) == [f".f.0001.exr.{ref.epoch}.tmp"]
        child.grant(ref)
        assert isinstance(child.ending(ref), pipe.TaskDone)


def test_a_cancelled_frame_leaves_no_file_and_the_old_one_stays(tmp_path, output):
    final = Path(output.directory) / "f.0001.exr"
    final.parent.mkdir()
    final.write_text("the good one of before")
    with Child(tmp_path, grants=False) as child:
        ref = child.start(noop(output))
        child.wait_for(pipe.TaskReady, ref)
        child.send(pipe.CancelTask(ref, polite=True))

        assert isinstance(child.ending(ref), pipe.TaskCancelled)
    assert names(output.directory) == ["f.0001.exr"]
    assert final.read_text() == "the good one of before"


def test_a_cancel_in_the_middle_of_a_frame(child, output):
    ref = child.start(noop(output, cost_s=60.0, samples=600))
    child.wait_for(pipe.TaskProgress, ref)
    child.send(pipe.CancelTask(ref, polite=False))

    assert isinstance(child.ending(ref), pipe.TaskCancelled)
    assert names(output.directory) == []


def yield_after(child, work, frames, tmp_path, passes: int = 2):
    """Run until some passes are done, and have it yield."""
    ref = child.start(work, frames, checkpoint_directory=str(tmp_path / "check"))
    heard = 1
    while child.wait_for(pipe.TaskProgress, ref, count=heard).done < passes:
        heard += 1
    child.send(pipe.YieldTask(ref))
    return child.ending(ref)


def pixels_of(directory: str) -> list:
    return [
        OpenImageIO.ImageBuf(f"{directory}/{n}").get_pixels().tobytes() for n in names(directory)
    ]


def test_a_yielded_chunk_goes_on_bit_for_bit_in_another_process(tmp_path, output):
    work, frames = noop(output, cost_s=1.0), Frames(1, 3)
    with Child(tmp_path) as child:
        yielded = yield_after(child, work, frames, tmp_path, passes=41)
        assert isinstance(yielded, pipe.TaskYielded)
        assert 40 < yielded.passes_done < 120
        assert names(output.directory) == []
        assert names(output.preview_directory)
    with Child(tmp_path) as child:
        child._epoch = 7
        done = child.run(work, frames, checkpoint=yielded.checkpoint)
        assert done.usage.samples == 120 - yielded.passes_done
        resumed = [file.sha256 for file in done.files]
        straight = child.run(work, frames)

    assert resumed == [file.sha256 for file in straight.files]
    assert not (tmp_path / "check").exists()


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "other"])
def test_a_bad_checkpoint_costs_a_line_and_begins_anew(child, output, tmp_path, damage):
    work = noop(output, cost_s=2.0)
    yielded = yield_after(child, work, Frames(1, 1), tmp_path)
    path = Path(yielded.checkpoint)
    data = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(data[:-10])
    elif damage == "flipped":
        data[-10] ^= 1
        path.write_bytes(data)
    else:
        work = noop(output, seed=5)
    ref = child.start(work, checkpoint=yielded.checkpoint)

    done = child.ending(ref)

    assert isinstance(done, pipe.TaskDone)
    assert done.usage.samples == 40
    assert any("anew" in line for line in child.log(ref))


def test_a_yield_without_a_folder_keeps_nothing(child):
    ref = child.start(noop(cost_s=60.0, samples=600))
    child.wait_for(pipe.TaskProgress, ref)
    child.send(pipe.YieldTask(ref))

    assert child.ending(ref).checkpoint == ""


def test_a_piece_of_a_split_frame_is_the_kernels_state(child, output):
    done = child.run(noop(output), first_sample=8, samples=4)

    assert names(output.directory) == ["f.0001.exr.8-12.part"]
    assert done.usage.samples == 4


def split(child, work: KernelWork, ranges: list[tuple[int, int]]) -> list[str]:
    for first, samples in ranges:
        assert isinstance(child.run(work, first_sample=first, samples=samples), pipe.TaskDone)
    return part_paths(work.output, 1, ranges)


@pytest.mark.parametrize("kernel", ["noop", "pathtracer"])
def test_pieces_are_merged_to_the_very_bytes_of_the_whole_frame(child, output, tmp_path, kernel):
    """The first passes come from a checkpoint, as where a running frame was split."""
    scene = tmp_path / "ball.usda"
    scene.write_text(SCENE)
    size = {"width": 32, "height": 16, "samples": 40, "samples_per_pass": 1, "scene": str(scene)}
    work = KernelWork(kernel=kernel, output=output, **size)
    ref = child.start(msgspec.structs.replace(work, samples=40), checkpoint_directory=str(tmp_path))
    child.wait_for(pipe.TaskProgress, ref)
    child.send(pipe.YieldTask(ref))
    ended = child.ending(ref)
    kept, passes = ("", 0)
    if isinstance(ended, pipe.TaskYielded):
        kept, passes = ended.checkpoint, ended.passes_done
    frame = Path(output.directory) / "f.0001.exr"
    assert isinstance(child.run(work), pipe.TaskDone)
    whole = frame.read_bytes()
    frame.unlink()
    cut = passes + (40 - passes) // 3
    parts = split(child, work, [(passes, cut - passes), (cut, 40 - cut)]) if cut < 40 else []
    merged = child.run(work, checkpoint=kept, parts=parts)
    assert isinstance(merged, pipe.TaskDone), merged
    assert frame.read_bytes() == whole
    assert names(output.directory) == ["f.0001.exr"]


def test_what_a_lost_checkpoint_held_is_rendered_again(child, output):
    child.run(noop(output))
    whole = (Path(output.directory) / "f.0001.exr").read_bytes()
    parts = split(child, noop(output), [(10, 30)])
    child.run(noop(output), checkpoint="/gone", parts=parts)
    assert (Path(output.directory) / "f.0001.exr").read_bytes() == whole


@pytest.mark.parametrize(
    "spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x" * 99)]
)
def test_a_piece_that_cannot_be_used_fails_the_merge_and_is_named(child, output, spoil):
    parts = split(child, noop(output), [(0, 10), (10, 30)])
    spoil(Path(parts[1]))
    failed = child.run(noop(output), parts=parts)
    assert (failed.cause, parts[1] in failed.sentence) == ("environment", True)


@pytest.mark.parametrize(
    ("work", "cause", "words"),
    [
        (noop(Output(directory="/tmp", pattern="../{frame}.exr")), "user", "plain file name"),
        (noop(Output(directory="out")), "user", "not absolute"),
        (noop(Output(directory="/proc/nothing")), "environment", "/proc/nothing"),
        (KernelWork(kernel="noop", scene="", options={"what": 1}), "user", "no option 'what'"),
        (KernelWork(kernel="none", scene=""), "environment", "No kernel 'none'"),
        (KernelWork(kernel="noop", scene="", width=-1), "bug", "ValueError"),
    ],
)
def test_failures_name_their_cause(child, work, cause, words):
    failed = child.run(work)

    assert isinstance(failed, pipe.TaskFailed)
    assert failed.cause == cause
    assert words in failed.sentence


def test_the_child_answers_in_the_middle_of_a_kernel(child):
    ref = child.start(noop(cost_s=60.0))
    child.wait_for(pipe.TaskStarted, ref)
    child.send(pipe.Ping(3))

    assert child.wait_for(pipe.Pong).number == 3
    child.send(pipe.CancelTask(ref, polite=True))
    child.ending(ref)


class TestPathTracer:
    @pytest.fixture
    def work(self, tmp_path, output):
        scene = tmp_path / "ball.usda"
        scene.write_text(SCENE)
        return KernelWork(
            kernel="pathtracer",
            scene=str(scene),
            width=48,
            height=27,
            samples=600,
            samples_per_pass=1,
            output=output,
        )

    def test_a_frame_shows_the_ball(self, child, work, output):
        done = child.run(work)

        assert isinstance(done, pipe.TaskDone), done
        beauty = OpenImageIO.ImageBuf(f"{output.directory}/f.0001.exr").get_pixels()
        assert beauty[13, 24, :3].max() > 0.01
        assert np.all(np.isfinite(beauty))

    def test_a_yielded_frame_goes_on_bit_for_bit(self, tmp_path, work):
        with Child(tmp_path) as child:
            whole = child.run(work)
            assert isinstance(whole, pipe.TaskDone), whole
            straight = whole.files
            ref = child.start(work, checkpoint_directory=str(tmp_path / "check"))
            child.wait_for(pipe.TaskProgress, ref)
            child.send(pipe.YieldTask(ref))
            yielded = child.ending(ref)
        with Child(tmp_path) as child:
            child._epoch = 7
            resumed = child.run(work, checkpoint=yielded.checkpoint).files

        assert 0 < yielded.passes_done < 600
        assert [file.sha256 for file in resumed] == [file.sha256 for file in straight]

    def test_a_missing_scene_is_the_users_mistake(self, child, output):
        failed = child.run(KernelWork(kernel="pathtracer", scene="/nowhere/a.usda", output=output))

        assert (failed.cause, "a.usda" in failed.sentence) == ("user", True)
