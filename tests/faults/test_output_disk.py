"""A disk that is full where frames go, and what is on the disk when a frame is said to be done."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, KernelWork, Output
from tests.faults.conftest import only_long
from tests.integration.dispatcher.test_disk import fill
from tests.unit.node_agent.worker.child import Child


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB; needs root."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system of a chosen size here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_a_frame_that_finds_the_disk_full_is_not_done_and_the_old_one_stays(
    small_disk: Path, work: Path
) -> None:
    old = small_disk / "a.0001.exr"
    old.write_bytes(b"an older frame")
    output = Output(directory=str(small_disk), pattern="a.{frame:04d}.exr")
    program = CommandWork(
        argv=["dd", "if=/dev/zero", "of={output}", "bs=64k", "count=64"], output=output
    )
    picture = KernelWork(
        kernel="noop", scene="", width=640, height=640, samples=1, samples_per_pass=1, output=output
    )
    with Child(work) as child:
        by_program = child.run(program)
        filler = fill(small_disk)
        by_kernel = child.run(picture)
    assert isinstance(by_program, pipe.TaskFailed)
    assert isinstance(by_kernel, pipe.TaskFailed)
    assert by_kernel.cause == "environment"
    assert "No space left" in by_kernel.sentence
    assert {path.name for path in small_disk.iterdir()} == {old.name, filler.name}
    assert old.read_bytes() == b"an older frame"


@only_long
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_frame_is_on_the_disk_before_it_has_its_name(tmp_path: Path, work: Path) -> None:
    """fsync of the file, then the rename, then fsync of the folder: what the kernel was asked, in its order."""
    output = Output(directory=str(tmp_path / "out"), pattern="a.{frame:04d}.exr")
    picture = KernelWork(
        kernel="noop", scene="", width=32, height=32, samples=1, samples_per_pass=1, output=output
    )
    trace = tmp_path / "trace"
    with Child(work) as child:
        calls = "trace=fsync,fdatasync,rename,renameat,renameat2"
        tracer = subprocess.Popen(
            ["strace", "-f", "-y", "-e", calls, "-o", trace, "-p", str(child.process.pid)],
            stderr=subprocess.PIPE,
        )
        assert tracer.stderr is not None
        if b"attached" not in tracer.stderr.readline():
            tracer.kill()
            tracer.communicate()
            pytest.skip("strace may not attach here")
        done = child.run(picture)
        tracer.terminate()
        tracer.communicate()
    assert isinstance(done, pipe.TaskDone)
    folder = re.escape(output.directory)
    order = re.findall(
        rf"(fsync|rename\w*)\((?:\d+<)?\"?({folder}[^>\",]*)", trace.read_text("utf-8", "replace")
    )
    names = [
        f"{call[:6]} {'folder' if path == output.directory else 'file'}" for call, path in order
    ]
    assert names[-3:] == ["fsync file", "rename file", "fsync folder"], names
