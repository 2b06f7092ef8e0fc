"""A real child runs programs: lines, files, endings, and nothing left of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest

from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, Frames, LogRule, Output
from node_agent.wire.lines import CUT
from tests.integration.agent.fake_dispatcher import pids_with
from tests.unit.node_agent.worker.child import Child

WRITE = (
    "import sys; open(sys.argv[1], 'wb').write(open(sys.argv[2], 'rb').read()[:int(sys.argv[3])])"
)


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    """One for all tests: its start costs more than most of them."""
    with Child(tmp_path_factory.mktemp("child")) as child:
        yield child


def python(code: str, *arguments: str, **more) -> CommandWork:
    return CommandWork(argv=[sys.executable, "-c", code, *arguments], **more)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def printed(child, ref) -> list[str]:
    return child.log(ref)[1:]  # the first is the command itself


def run(child, work, frames=Frames(1, 1)):  # noqa: B008
    ref = child.start(work, frames)
    return child.ending(ref), printed(child, ref)


class TestArguments:
    def test_numbers_are_filled_in(self, child):
        work = python("import sys; print(sys.argv[1:])", "{frame:04d}", "{first}-{last}", "{{x}}")
        done, lines = run(child, work, Frames(3, 5, 2))

        assert isinstance(done, pipe.TaskDone)
        expected = [["0003", "3-5", "{x}"], ["0005", "3-5", "{x}"]]
        assert [line for line in lines if line.startswith("[")] == [str(x) for x in expected]

    def test_without_a_frame_the_chunk_is_one_call(self, child):
        _, lines = run(child, python("print('call')", "{first}"), Frames(1, 9))

        assert lines == ["call"]

    @pytest.mark.parametrize(
        "nasty", ["; touch canary", "$(touch canary)", "`touch canary`", "a\nb"]
    )
    def test_no_shell_ever_reads_an_argument(self, child, nasty):
        _, lines = run(child, python("import sys; print(repr(sys.argv[1]))", nasty))

        assert lines == [repr(nasty)]
        assert not list(child.directory.rglob("canary"))

    @pytest.mark.parametrize("argument", ["{frame.__class__}", "{nothing}", "{"])
    def test_a_wrong_field_is_the_users_mistake(self, child, argument):
        failed, _ = run(child, CommandWork(argv=["true", argument]))

        assert failed.cause == "user"

    def test_an_empty_command_is_the_users_mistake(self, child):
        assert run(child, CommandWork(argv=[]))[0].cause == "user"

    def test_a_missing_program_is_this_nodes(self, child):
        failed, _ = run(child, CommandWork(argv=["no-such-program"]))

        assert (failed.cause, "no-such-program" in failed.sentence) == ("environment", True)


class TestLogRules:
    def test_a_log_rule_ends_the_program_with_its_cause(self, child):
        rule = LogRule(pattern="out of memory", cause="environment", sentence="The card is full.")
        code = "import time; print('cuda: out of memory', flush=True); time.sleep(600)"
        failed, _ = run(child, python(code, log_rules=[rule]))

        assert (failed.cause, failed.sentence) == ("environment", "The card is full.")

    def test_a_program_that_ends_well_passes_a_rule_that_only_explains(self, child):
        rule = LogRule(pattern="missing", ends=False)
        assert isinstance(
            run(child, python("print('missing')", log_rules=[rule]))[0], pipe.TaskDone
        )

    def test_percents_are_its_progress(self, child):
        ref = child.start(python("print('50% done')", "{frame}", progress="percent"), Frames(1, 2))
        child.ending(ref)

        told = [(part.done, part.total) for part in child.all_of(pipe.TaskProgress, ref)]
        assert (25, 100) in told
        assert (75, 100) in told


class TestEnvironment:
    def test_only_what_is_listed_and_what_the_job_names(self, tmp_path, monkeypatch):
        monkeypatch.setenv("WINDFIRE_SECRET", "42")
        with Child(tmp_path) as child:
            work = python("import os; print(sorted(os.environ))", environment={"SHOW": "nz2"})
            _, lines = run(child, work)

        assert "'SHOW'" in lines[0]
        assert "WINDFIRE_SECRET" not in lines[0]
        assert "NUMBA" not in lines[0]

    @pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "BASH_ENV", "a=b"])
    def test_what_would_run_code_elsewhere_is_refused(self, child, name):
        failed, _ = run(child, python("pass", environment={name: "/tmp/x"}))

        assert (failed.cause, name in failed.sentence) == ("user", True)

    def test_each_call_has_a_folder_of_its_own_that_goes(self, child):
        _, lines = run(child, python("import os; open('x', 'w'); print(os.getcwd())"))

        assert Path(lines[0]).parent == child.directory
        assert not Path(lines[0]).exists()


class TestLines:
    def test_both_streams_in_order_and_bounded(self, child):
        code = (
            "import sys; print('out', flush=True); print('err', file=sys.stderr, flush=True);"
            "sys.stdout.write('x' * 1_000_000); print(); print('end')"
        )
        _, lines = run(child, python(code))

        assert lines[:2] == ["out", "err"]
        assert lines[2].endswith(CUT)
        assert lines[3] == "end"


class TestEndings:
    def test_an_exit_code_is_a_crash_of_the_program(self, child):
        failed, lines = run(child, python("print('no licence'); raise SystemExit(3)"))

        assert (failed.cause, "exit code 3" in failed.sentence) == ("crash", True)
        assert lines == ["no licence"]

    def test_a_signal_is_named(self, child):
        failed, _ = run(child, python("import os; os.kill(os.getpid(), 11)"))

        assert (failed.cause, "SIGSEGV" in failed.sentence) == ("crash", True)

    def test_the_cost_is_the_programs(self, child):
        done, _ = run(child, python("x = bytearray(300_000_000); [i * i for i in range(10**6)]"))

        assert done.usage.peak_memory_bytes > 290_000_000
        assert done.usage.cpu_s > 0.05

    def test_what_a_program_leaves_running_is_killed_with_it(self, child):
        code = (
            "import subprocess, sys\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(603)  # windfire-left'],"
            " start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        )
        done, _ = run(child, python(code))

        assert isinstance(done, pipe.TaskDone)
        assert pids_with("windfire-left") == []

    def test_a_polite_program_may_say_goodbye(self, child):
        code = (
            "import signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: (print('saved', flush=True), sys.exit(0)))\n"
            "print('up', flush=True)\n"
            "time.sleep(60)\n"
        )
        ref = child.start(python(code))
        child.wait_for(pipe.TaskLog, ref, count=2)
        child.send(pipe.CancelTask(ref, polite=True))

        assert isinstance(child.ending(ref), pipe.TaskCancelled)
        assert printed(child, ref) == ["up", "saved"]

    def test_a_rude_cancel_does_not_wait(self, child):
        code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
        ref = child.start(python(code, notify_s=60.0))
        child.wait_for(pipe.TaskLog, ref, count=2)
        child.send(pipe.CancelTask(ref, polite=False))

        assert isinstance(child.ending(ref), pipe.TaskCancelled)


@pytest.fixture(scope="module", params=["exr", "png"])
def image(request, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("image") / f"whole.{request.param}"
    pixels = np.random.default_rng(1).random((64, 64, 3), np.float32)
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(64, 64, 3, "float"))
    buffer.set_pixels(OpenImageIO.ROI(), pixels)
    assert buffer.write(str(path))
    return path


class TestFiles:
    def output(self, tmp_path, image: Path) -> Output:
        return Output(directory=str(tmp_path / "out"), pattern=f"f.{{frame}}{image.suffix}")

    def copy(self, tmp_path, image: Path, size: int) -> CommandWork:
        arguments = (WRITE, "{output}", str(image), str(size))
        return python(*arguments, output=self.output(tmp_path, image))

    def test_a_whole_file_is_published(self, child, tmp_path, image):
        ref = child.start(self.copy(tmp_path, image, 1 << 30), Frames(1, 2))
        done = child.ending(ref)

        assert isinstance(done, pipe.TaskDone), done
        (small,) = child.all_of(pipe.TaskPreview, ref)
        assert (small.frame, small.image[1:4]) == (2, b"PNG")
        out = tmp_path / "out"
        assert names(out) == [f"f.1{image.suffix}", f"f.2{image.suffix}"]
        assert (out / f"f.2{image.suffix}").read_bytes() == image.read_bytes()

    @pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
    def test_a_file_that_was_cut_is_refused_and_the_old_one_stays(
        self, child, tmp_path, image, part
    ):
        final = tmp_path / "out" / f"f.1{image.suffix}"
        final.parent.mkdir()
        final.write_text("good")

        failed, _ = run(child, self.copy(tmp_path, image, int(image.stat().st_size * part)))

        assert failed.cause == "output"
        assert final.read_text() == "good"
        assert names(final.parent) == [final.name]

    def test_the_right_size_with_a_tail_of_zeros_is_refused(self, child, tmp_path, image):
        size = image.stat().st_size
        broken = tmp_path / f"broken{image.suffix}"
        broken.write_bytes(image.read_bytes()[: size // 2] + bytes(size - size // 2))

        assert run(child, self.copy(tmp_path, broken, size))[0].cause == "output"

    def test_no_file_is_refused(self, child, tmp_path, image):
        work = python("pass", "{output}", output=self.output(tmp_path, image))

        failed, _ = run(child, work)

        assert (failed.cause, "is missing" in failed.sentence) == ("output", True)

    def test_a_chunk_that_writes_its_final_names_itself(self, child, tmp_path, image):
        code = (
            "import shutil, sys\n"
            "for f in range(int(sys.argv[1]), int(sys.argv[2]) + 1):\n"
            "    shutil.copy(sys.argv[3], sys.argv[4] + '/f.' + str(f) + sys.argv[5])"
        )
        own = (str(image), str(tmp_path / "out"), image.suffix)
        work = python(code, "{first}", "{last}", *own, output=self.output(tmp_path, image))
        done, _ = run(child, work, Frames(1, 3))

        assert [Path(file.path).name for file in done.files] == [
            f"f.{frame}{image.suffix}" for frame in (1, 2, 3)
        ]

    def test_an_old_file_is_no_result_of_a_chunk(self, child, tmp_path, image):
        old = tmp_path / "out" / f"f.1{image.suffix}"
        old.parent.mkdir()
        old.write_bytes(image.read_bytes())
        os.utime(old, (1, 1))

        failed, _ = run(child, python("pass", "{first}", output=self.output(tmp_path, image)))

        assert (failed.cause, "is older" in failed.sentence) == ("output", True)
