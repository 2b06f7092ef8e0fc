"""From an argv list to a job: any program, a frame at a time, never by way of a shell."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from app.core.commands import StepRequest, Submit
from app.errors import UserMistake
from app.submit.frames import check_frames, frame_numbers
from app.submit.naming import ShotName, parse_shot
from app.submit.person import user_name
from node_agent.wire.job import CommandWork, Needs, Output
from node_agent.wire.templates import TemplateFault, check_directory, file_name, fill

ARGUMENTS_MAX = 4096
WHOLE_DEVICE = Needs()


def command_request(
    argv: Sequence[str],
    *,
    shot: str | None,
    frames: str | None,
    out: str | Path | None = None,
    pattern: str | None = None,
    chunk: int = 1,
    before: int = 0,
    needs: Needs = WHOLE_DEVICE,
) -> Submit:
    """Return the job of running ``argv`` for each frame; ``{frame}`` in it is the number, ``{output}`` the
    file that will be published as ``pattern`` in ``out``. Raises UserMistake."""
    if not argv:
        raise UserMistake(
            "Say what to run after --, such as: -- oiiotool in.{frame}.exr -o {output}."
        )
    if shot is None:
        raise UserMistake("Say which shot the program is for: --shot PROJ/SEQ/SHOT.")
    name = parse_shot(shot)
    work = CommandWork(argv=_check_argv(argv, out), output=_output(argv, out, pattern, name))
    numbers = check_frames(frames or "1")
    _check_names(work.output, numbers)
    return Submit(
        project=name.project,
        sequence=name.sequence,
        shot=name.shot,
        name=Path(argv[0]).name or argv[0],
        user=user_name(),
        steps=[StepRequest(name="command", work=work, frames=numbers, chunk=chunk, needs=needs)],
        before=before,
    )


def _check_argv(argv: Sequence[str], out: str | Path | None) -> list[str]:
    if len(argv) > ARGUMENTS_MAX or any("\0" in word for word in argv):
        raise UserMistake(f"A program takes at most {ARGUMENTS_MAX} arguments, none with a NUL.")
    values: dict[str, int | str] = dict.fromkeys(("frame", "first", "last", "cores", "rank"), 1)
    values |= {"output": "x", "outputs": "x"}
    try:
        texts = [fill(word, values) for word in argv]
    except TemplateFault as error:
        raise UserMistake(f"{error} (a brace itself is written twice)") from error
    if out is None and any("{output" in word for word in argv):
        raise UserMistake("The program's {output} needs a folder: --out DIR.")
    # A path with a slash is meant from here; a bare name is found on each node by its own PATH.
    if "/" in texts[0] and not Path(texts[0]).is_absolute():
        return [str(Path(argv[0]).absolute()), *argv[1:]]
    if "/" not in texts[0] and shutil.which(texts[0]) is None:
        raise UserMistake(f"There is no program {texts[0]!r} on this machine's PATH.")
    return list(argv)


def _output(
    argv: Sequence[str], out: str | Path | None, pattern: str | None, name: ShotName
) -> Output:
    if out is None:
        return Output()
    if not any("{output" in word for word in argv):
        raise UserMistake(
            "With --out the program must say {output} where it takes its output file."
        )
    directory = str(Path(out).expanduser().absolute())
    try:
        check_directory(directory)
    except TemplateFault as error:
        raise UserMistake(str(error)) from error
    return Output(directory=directory, pattern=pattern or f"{name.shot}.{{frame:04d}}.exr")


def _check_names(output: Output, frames: str) -> None:
    if not output.directory:
        return
    try:
        names = {file_name(output, number) for number in frame_numbers(frames)[:2]}
    except TemplateFault as error:
        raise UserMistake(str(error)) from error
    if len(names) < len(frame_numbers(frames)[:2]):
        raise UserMistake(f"The pattern {output.pattern!r} gives every frame the same name.")
