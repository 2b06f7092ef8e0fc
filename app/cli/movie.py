"""`windfire movie SHOT FILE`: a shot's finished frames as one movie, made on this machine.

A child makes it, since decoders have memory bugs; Ctrl-C ends the child, and no half movie is left.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from app.cli.console import Live, bar, say
from app.cli.processes import child_environment, module_command
from app.client.api import Farm, connect
from app.client.lookup import find_shots
from app.client.replica import StepState
from app.core.ids import TaskState
from app.errors import EnvironmentFault, UserMistake
from node_agent.wire.job import Output, frames_at
from node_agent.wire.paths import map_path, system_of
from node_agent.wire.templates import file_name

MEDIA = "node_agent.worker.media"
END_S = 5.0
BAR = 30
BAD_FILE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose frames, and the movie."""
    parser.add_argument("shot", metavar="SHOT")
    parser.add_argument("out", metavar="FILE", help="the movie, such as sh0040.mp4")
    parser.add_argument(
        "--fps", type=_rate, default=Fraction(24), metavar="N", help="(default: 24)"
    )
    parser.add_argument("--step", metavar="NAME", help="of the job (default: the last with frames)")


def run(options: argparse.Namespace) -> int:
    """Make the movie, with progress; say how many frames it has and how many are still missing."""
    out = Path(options.out).expanduser().absolute()
    if out.suffix.lower() != ".mp4":
        raise UserMistake(f"The movie is an .mp4 file, not {options.out}.")
    with connect(options.home) as farm:
        files, missing = frame_files(farm, options.shot, options.step)
    _encode(out, files, options.fps)
    left = f"; {missing} are not rendered yet" if missing else ""
    say(f"Wrote {out} with {len(files)} frames{left}.")
    return 0


def frame_files(farm: Farm, shot: str, step: str | None) -> tuple[list[Path], int]:
    """Return the finished frames' files in order of their numbers, and how many are missing. Raises
    UserMistake."""
    snapshot = farm.snapshot()
    (row,) = find_shots(snapshot.queue(), [shot])
    steps = [state for state in snapshot.steps.values() if state.row.shot == row.id]
    steps = [state for state in steps if state.row.directory]
    chosen = [state for state in steps if step in (None, state.row.name)]
    if not chosen:
        names = (
            ", ".join(sorted({state.row.name for state in steps})) or "no step that writes files"
        )
        raise UserMistake(f"{shot} has {names}{f', and no step {step}' if step else ''}.")
    newest = max(chosen, key=lambda state: state.row.id)
    done, missing = _done_frames(newest)
    if not done:
        raise UserMistake(f"No frame of {shot} is finished yet.")
    output = Output(
        directory=map_path(newest.row.directory, farm.rules().paths, system_of(sys.platform)),
        pattern=newest.row.pattern,
    )
    folder = Path(output.directory)
    return [folder / file_name(output, frame) for frame in sorted(done)], missing


def _done_frames(state: StepState) -> tuple[list[int], int]:
    done, missing = list[int](), 0
    for task, word in enumerate(state.states):
        numbers = frames_at(state.row.runs, task).numbers()
        if word == TaskState.DONE:
            done += numbers
        else:
            missing += len(numbers)
    return done, missing


def _encode(out: Path, files: list[Path], fps: Fraction) -> None:
    words = ["movie", "--progress", "--fps", fps, "--out", out, *files]
    child = subprocess.Popen(
        module_command(MEDIA, *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
        start_new_session=True,
    )
    try:
        _follow(child, len(files))
        _, said = child.communicate()
    except BaseException:
        _end(child)
        out.with_name(f".{out.name}.tmp").unlink(missing_ok=True)
        raise
    if child.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1] if lines else f"The encoder ended with status {child.returncode}."
        raise (UserMistake if child.returncode == BAD_FILE else EnvironmentFault)(reason)


"""
"""


def _follow(child: subprocess.Popen[bytes], total: int) -> None:
    """Show how many frames are in; ends with the child's output."""
    assert child.stdout is not None
    live = Live()
    for line in child.stdout:
        done = int(line) if line.strip().isdigit() else 0
        live.update([f"{bar(done / total, BAR)} {done}/{total}"], f"{done} of {total} frames")
    live.leave()


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask, then kill; what it opened is ours to close."""
    child.terminate()
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def _rate(text: str) -> Fraction:
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 1 <= value <= 240:
        raise argparse.ArgumentTypeError(f"must be from 1 to 240 frames a second, not {text!r}")
    return value
