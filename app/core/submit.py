"""From a Submit to changes, and every way in which a Submit can be wrong.

PURE. All is checked before anything is saved. Raises UserMistake with one sentence that names the field.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core import changes as c
from app.core.carry_rules import check_rules
from app.core.commands import FrameAfter, StepRequest, Submit
from app.core.frames import parse_tasks
from app.core.state import FarmState
from app.errors import UserMistake
from node_agent.wire.job import CommandWork, Frames, KernelWork, Work
from node_agent.wire.templates import TemplateFault, check_directory, file_name, fill

NAME_MAX = 100
STEPS_MAX = 100
ATTEMPTS_MAX = 100
PIXELS_MAX = 65_536
SAMPLES_MAX = 1 << 24
GPUS_MAX = 64
CORES_MAX = 4096
GANG_MAX = 4096
OFFSET_MAX = 1_000_000
COMMAND_FIELDS = ("frame", "first", "last", "output", "outputs", "cores", "rank")
PROGRESS = ("", "percent", "blender")
TIME_MAX = 4_102_444_800.0
"""The year 2100: a later moment is a slip of the pen, or milliseconds."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A submission that can be carried out: each step with its tasks."""

    request: Submit
    steps: list[tuple[StepRequest, list[Frames]]]


def check_submit(state: FarmState, request: Submit, tasks_max: int) -> Checked:
    """Return the submission with its tasks counted out. Raises UserMistake."""
    for what, name in (
        ("project", request.project),
        ("sequence", request.sequence),
        ("shot", request.shot),
        ("job", request.name),
    ):
        check_name(what, name)
    if request.before and request.before not in state.shots:
        raise UserMistake(f"There is no shot {request.before} to put the new one before.")
    if not 1 <= request.attempts <= ATTEMPTS_MAX:
        raise UserMistake(f"A job has 1 to {ATTEMPTS_MAX} attempts a frame.")
    if not 1 <= len(request.steps) <= STEPS_MAX:
        raise UserMistake(f"A job has 1 to {STEPS_MAX} steps, not {len(request.steps)}.")
    for at in (request.start_after, request.due):
        check_time(at)
    _check_dependencies(request.steps)
    steps: list[tuple[StepRequest, list[Frames]]] = []
    for step in request.steps:
        tasks = parse_tasks(step.frames, step.chunk, tasks_max)
        tasks_max -= len(tasks)
        _check_step(step, tasks)
        steps.append((step, tasks))
    _check_folders(state, request)
    return Checked(request, steps)


def check_time(at: float) -> None:
    """Refuse what is no moment of this century. Raises UserMistake."""
    if not 0 <= at <= TIME_MAX:
        raise UserMistake(f"{at:g} is no time in seconds since 1970, and before 2100.")


def _check_folders(state: FarmState, request: Submit) -> None:
    """Two shots that write the same files would overwrite each other, and both would count as done."""
    asked = {_target(step.work) for step in request.steps if step.work.output.directory}
    mine = state.shot_names.get((request.project, request.sequence, request.shot))
    for step in state.steps.values():
        if step.shot != mine and _target(step.work) in asked:
            other = state.shots[step.shot]
            raise UserMistake(
                f"{other.project}/{other.sequence}/{other.name} already writes "
                f"{step.work.output.pattern} into {step.work.output.directory}: name another folder."
            )


def _target(work: Work) -> tuple[str, str]:
    return work.output.directory, work.output.pattern


def check_name(what: str, name: str) -> None:
    """Refuse a name that is empty, too long, or would be a path."""
    if not name or name != name.strip():
        raise UserMistake(f"The name of the {what} is empty or begins or ends with a space.")
    if not name.isprintable() or "/" in name or "\\" in name or name in (".", ".."):
        raise UserMistake(f"The name of the {what} has a slash or an unprintable character.")
    if len(name) > NAME_MAX:
        raise UserMistake(f"The name of the {what} is longer than {NAME_MAX} characters.")


def _check_dependencies(steps: list[StepRequest]) -> None:
    """A step depends on earlier ones alone, so that there can be no cycle."""
    known: set[str] = set()
    names = {step.name for step in steps}
    for step in steps:
        check_name("step", step.name)
        if step.name in known:
            raise UserMistake(f"Two steps are named {step.name}.")
        for before in [*step.after, *(link.step for link in step.frame_after)]:
            if before not in names:
                raise UserMistake(f"Step {step.name} is after {before}, which does not exist.")
            if before not in known:
                raise UserMistake(
                    f"Step {step.name} is after {before}, which must come before it in the list."
                )
        for link in step.frame_after:
            if link.first > link.last or max(abs(link.first), abs(link.last)) > OFFSET_MAX:
                raise UserMistake(
                    f"Step {step.name} needs frames {link.first} to {link.last} of {link.step}: the"
                    f" first comes before the last, and both are within {OFFSET_MAX:,}."
                )
        known.add(step.name)


def _check_step(step: StepRequest, tasks: list[Frames]) -> None:
    if step.needs.memory_bytes < 0:
        raise UserMistake(f"Step {step.name} needs a negative amount of memory.")
    _check_size(step, tasks)
    if any(not 0 < count <= OFFSET_MAX for count in step.needs.limits.values()):
        raise UserMistake(
            f"Step {step.name} holds 1 to {OFFSET_MAX:,} of each limit that it names."
        )
    try:
        _check_work(step.name, step.work)
        _check_output(step, tasks)
    except TemplateFault as fault:
        raise UserMistake(f"Step {step.name}: {fault}") from fault


def _check_size(step: StepRequest, tasks: list[Frames]) -> None:
    """Refuse what no node could ever hold, and gangs that are none."""
    needs, name = step.needs, step.name
    if not 1 <= needs.gpus <= GPUS_MAX:
        raise UserMistake(f"Step {name} takes 1 to {GPUS_MAX} GPUs, not {needs.gpus}.")
    if needs.gpus > 1 and needs.device == "cpu":
        raise UserMistake(f"Step {name} asks for {needs.gpus} GPUs and for the cores: name one.")
    if not 0 <= needs.cores <= CORES_MAX:
        raise UserMistake(
            f"Step {name} takes 1 to {CORES_MAX} cores, or 0 for all, not {needs.cores}."
        )
    if needs.ram_bytes < 0:
        raise UserMistake(f"Step {name} needs a negative amount of RAM.")
    if needs.gang and isinstance(step.work, KernelWork):
        raise UserMistake(f"Step {name} is a kernel's, whose frames need no gang: leave gang out.")
    if needs.gang and len(tasks) > GANG_MAX:
        raise UserMistake(
            f"Step {name} is a gang of {len(tasks)}; one has at most {GANG_MAX} ranks."
        )


def _check_work(name: str, work: Work) -> None:
    if isinstance(work, KernelWork):
        if not work.kernel or not work.scene:
            raise UserMistake(f"Step {name} names no kernel or no scene.")
        if not (0 < work.width <= PIXELS_MAX and 0 < work.height <= PIXELS_MAX):
            raise UserMistake(f"Step {name} has an image of {work.width} x {work.height} pixels.")
        if not 0 < work.samples_per_pass <= SAMPLES_MAX or not 0 < work.samples <= SAMPLES_MAX:
            raise UserMistake(f"Step {name} has no samples, or more than {SAMPLES_MAX:,}.")
        return
    check_rules(f"Step {name}", work.log_rules)
    if not 0 <= work.notify_s <= 3600:
        raise UserMistake(f"Step {name} may take 0 to 3600 s to end politely.")
    if isinstance(work, CommandWork):
        _check_command(name, work)
    elif not work.template or not work.session:
        raise UserMistake(f"Step {name} has no OpenJD template, or no session to run it in.")


def _check_command(name: str, work: CommandWork) -> None:
    if not work.argv or not work.argv[0]:
        raise UserMistake(f"Step {name} has no program to run.")
    if any("\0" in part for part in work.argv):
        raise UserMistake(f"Step {name} has a zero byte in its command line.")
    if work.progress not in PROGRESS:
        raise UserMistake(
            f"Step {name} has progress lines {work.progress!r}: there are {', '.join(PROGRESS[1:])}."
        )
    for part in work.argv:
        fill(part, dict.fromkeys(COMMAND_FIELDS, 1))


def _check_output(step: StepRequest, tasks: list[Frames]) -> None:
    output = step.work.output
    for folder in (output.directory, output.preview_directory):
        if folder:
            check_directory(folder)
    first, last = tasks[0].first, tasks[-1].last
    if file_name(output, first) == file_name(output, last) and first != last and output.directory:
        raise UserMistake(
            f"Step {step.name} writes all frames to one file: put {{frame:04d}} into its pattern."
        )


def submission(state: FarmState, number: int) -> Submit:
    """Return a job as one could submit it again. Raises UserMistake."""
    job = state.jobs.get(number)
    if job is None:
        raise UserMistake(f"There is no job {number}.")
    shot = state.shots[job.shot]
    steps = [state.steps[step] for step in job.steps]
    names = {step.id: step.name for step in steps}
    return Submit(
        project=shot.project,
        sequence=shot.sequence,
        shot=shot.name,
        name=job.name,
        user=job.user,
        attempts=job.attempts,
        scouts=job.scouts,
        start_after=job.start_after,
        steps=[
            StepRequest(
                name=step.name,
                work=step.work,
                frames=step.frames,
                chunk=len(step.task_frames(0).numbers()),
                needs=step.needs,
                after=[names[before] for before in step.after],
                frame_after=[FrameAfter(names[link[0]], *link[1:]) for link in step.frame_after],
            )
            for step in steps
        ],
    )


def submit_changes(
    state: FarmState, checked: Checked, rank: float, user: str, at: float
) -> list[c.Change]:
    """Return what a checked submission adds; the shot only where it is new."""
    request = checked.request
    name = (request.project, request.sequence, request.shot)
    shot = state.shot_names.get(name)
    changes: list[c.Change] = []
    if shot is None:
        shot = state.next_shot()
        changes.append(c.ShotAdded(shot, *name, rank, at))
    job = state.next_job()
    changes.append(
        c.JobAdded(
            *(job, shot, request.name, user, request.attempts, request.scouts, at),
            request.start_after,
        )
    )
    if request.due:
        known = state.shots.get(shot)
        changes.append(c.ShotDue(shot, request.due, bool(known and known.due_pinned)))
    numbers: dict[str, int] = {}
    for number, (step, tasks) in enumerate(checked.steps, state.next_step()):
        numbers[step.name] = number
        changes.append(
            c.StepAdded(
                *(number, job, step.name, step.work, step.needs, step.frames, tasks),
                [numbers[before] for before in dict.fromkeys(step.after)],
                [(numbers[link.step], link.first, link.last) for link in step.frame_after],
            )
        )
    return changes
