"""What a node is asked to do: work descriptions shared by dispatcher, agent and worker child.

PURE: no I/O, no clock. A *work* describes a step and is sent to a node once a session
(``messages.Describe``); an assignment then names only the frames. The same structs travel on the
worker child's pipe. Paths are absolute and as the submitter wrote them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

Option = float | int | str


class PathRoots(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One shared folder, as the systems of a farm name it; '' where a system does not have it."""

    linux: str = ""
    windows: str = ""
    mac: str = ""


class LogRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a program's log that says why an attempt failed; the first rule that matches counts."""

    pattern: str
    """Regular expression, searched for in each line."""
    cause: str = "user"
    """One of ``messages.FAILURE_CAUSES``."""
    sentence: str = ""
    """For people; '' takes the line itself."""
    ends: bool = True
    """End the program at the first such line; False: the rule only explains a program that fails."""


class Output(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a step's frames go."""

    directory: str = ""
    """Absolute folder; created when missing. Empty: the step writes no files."""
    pattern: str = "frame.{frame:04d}.exr"
    """``str.format`` pattern with ``frame``; a plain file name, never a path."""
    preview_directory: str = ""
    """Folder for one display PNG a frame; empty: none is kept."""
    bytes_min: int = 0
    """A file smaller than this is no result."""
    width: int = 0
    """Pixels that the image must have; 0: any."""
    height: int = 0
    not_black: bool = False
    """An image whose colour is 0 everywhere is no result."""
    no_nan: bool = False
    """An image with a value that is not a number, or infinite, is no result."""


class KernelWork(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="kernel"):
    """A step rendered by a kernel of ours; see ``node_agent.kernels.interface.KernelSpec``."""

    kernel: str
    scene: str
    camera: str = ""
    width: int = 960
    height: int = 540
    samples: int = 64
    samples_per_pass: int = 4
    seed: int = 0
    options: dict[str, Option] = field(default_factory=dict[str, Option])
    output: Output = field(default_factory=Output)
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """Written into the file's metadata: project, sequence, shot, job, user."""
    timeout_s: float = 0.0
    """An attempt that takes longer is killed and has failed ('timeout'); 0: never. The agent sees to it."""
    stuck_s: float = 0.0
    """The same for one that neither writes a log line nor advances for this long; 0: never."""
    staged: str = ""
    """Root of the staged files (``staging``), '' on a shared disk. Then ``scene`` is a path within them,
    and the output's folder is one of the dispatcher's machine, to which the frames are brought."""


class CommandWork(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="command"):
    """A step run by any program: an argv list, never a shell line.

    With ``{outputs}`` it runs once for a whole chunk: the name of a file that lists, a frame, a tab and the temporary
    file a line, what it is to write. Each element may hold ``{frame}``, ``{first}``, ``{last}`` and ``{output}`` (the temporary file that
    will be published), ``{cores}`` and, in a gang, ``{rank}``; ``{{`` is a brace. The program's environment
    says the same: ``WINDFIRE_CORES`` where it may not use all, and of a gang ``WINDFIRE_RANK``,
    ``WINDFIRE_GANG_SIZE`` and ``WINDFIRE_GANG_PEERS`` (names of its nodes by rank, with commas between).
    """

    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict[str, str])
    output: Output = field(default_factory=Output)
    notify_s: float = 5.0
    """Seconds between the polite end (SIGTERM) and the kill of the whole process group."""
    timeout_s: float = 0.0
    """As in ``KernelWork``."""
    stuck_s: float = 0.0
    staged: str = ""
    """As in ``KernelWork``; ``{assets}`` in ``argv`` is the folder that holds the files."""
    log_rules: list[LogRule] = field(default_factory=list[LogRule])
    progress: str = ""
    """Whose progress lines are understood: 'blender', or 'percent' (the last NN% of a line); '': none."""


OPENJD_EXTENSIONS = (
    "TASK_CHUNKING",
    "REDACTED_ENV_VARS",
    "FEATURE_BUNDLE_1",
    "EXPR",
    "WRAP_ACTIONS",
)
"""Of the 2023-09 specification; a template that names another is refused."""


class OpenJDWork(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="openjd"):
    """A step of an Open Job Description template, 2023-09, run by OpenJD's own library.

    The task's index picks its parameter values: the library counts the step's parameter space out, in
    chunks of ``chunk``, so that a space of a million values travels as the template wrote it.
    """

    template: str
    """JSON of the job template, with this step as its only one and without its dependencies."""
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    """Job parameter values by name, each as JSON."""
    environments: list[str] = field(default_factory=list[str])
    """JSON of environment templates from outside the job, outermost first."""
    session: str = ""
    """The same for all steps of a job: its environments stay open on a device between their tasks."""
    chunk: int = 0
    """Values a chunk of the CHUNK[INT] parameter; 0: there is none."""
    target_s: float = 0.0
    """Seconds that a chunk is to take: tasks that have not begun are cut anew by what frames take. 0: never."""
    picks: Literal["task", "values", "places"] = "task"
    """What picks a task's values: its index; its frames, which are a chunk's values; or its frames, which are
    the places of a chunk's values in the parameter's range, from 1."""
    output: Output = field(default_factory=Output)
    notify_s: float = 0.0
    """Seconds that a cancelled task and its environments have to end by themselves."""
    timeout_s: float = 0.0
    """As in ``KernelWork``."""
    stuck_s: float = 0.0
    log_rules: list[LogRule] = field(default_factory=list[LogRule])
    paths: list[PathRoots] = field(default_factory=list[PathRoots])
    """The farm's, put in by the agent: the library maps PATH parameters by them."""


Work = KernelWork | CommandWork | OpenJDWork


class Needs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a step needs of a device; matched by the dispatcher, shown by explain."""

    device: Literal["any", "cpu", "cuda"] = "any"
    memory_bytes: int = 0
    """Of the device (GPU memory for a GPU, RAM for the cores)."""
    tags: list[str] = field(default_factory=list[str])
    """All of them; ``linux|macos`` is one that either tag meets."""
    pool: str = ""
    gpus: int = 1
    """GPUs of one node that one task takes together; of meaning for ``cuda`` alone."""
    cores: int = 0
    """Cores of the node that one task takes; 0: a task on the ``cpu`` device takes it whole, one on a GPU
    none."""
    ram_bytes: int = 0
    """Of the node's RAM, reserved beside what its other tasks reserved."""
    limits: dict[str, int] = field(default_factory=dict[str, int])
    """How many of each counted limit (a licence) one task holds."""
    gang: bool = False
    """All tasks of the step begin together, each on a node of its own, or none: the frame number is the
    rank. One that fails takes the others with it."""


class Frames(Struct, frozen=True, array_like=True):
    """A chunk of frames: first, last (inclusive), step."""

    first: int
    last: int
    step: int = 1

    def numbers(self) -> range:
        """Frame numbers in rendering order."""
        return range(self.first, self.last + 1, self.step)


class Run(Struct, frozen=True, array_like=True):
    """``count`` tasks of equal shape, from task ``index`` on: the k-th is frames
    ``first + k * stride`` to ``+ span`` by ``step``."""

    index: int
    count: int
    first: int
    stride: int
    span: int
    step: int


def fold(tasks: Sequence[Frames]) -> list[Run]:
    """Pack a list of tasks into runs; a range of a million frames is one."""
    runs: list[Run] = []
    for index, task in enumerate(tasks):
        span = task.last - task.first
        last = runs[-1] if runs else None
        if last and (last.span, last.step) == (span, task.step):
            stride = task.first - (last.first + (last.count - 1) * last.stride)
            if last.count == 1 or stride == last.stride:
                runs[-1] = Run(last.index, last.count + 1, last.first, stride, span, task.step)
                continue
        runs.append(Run(index, 1, task.first, 0, span, task.step))
    return runs


def count_tasks(runs: Sequence[Run]) -> int:
    """Return how many tasks the runs hold."""
    return runs[-1].index + runs[-1].count if runs else 0


def frames_at(runs: Sequence[Run], task: int) -> Frames:
    """Return the frames of one task, 0 to ``count_tasks`` - 1."""
    run = runs[bisect_right(runs, task, key=_index_of) - 1]
    first = run.first + (task - run.index) * run.stride
    return Frames(first, first + run.span, run.step)


def tasks_with(runs: Sequence[Run], first: int, last: int) -> list[int]:
    """Return the tasks, in order, that have a frame in [first, last] (a chunk's gaps count as its frames)."""
    found: list[int] = []
    for run in runs:
        if run.stride == 0:
            hits = range(run.count) if run.first <= last and run.first + run.span >= first else ()
        elif run.stride > 0:
            low = -((run.first + run.span - first) // run.stride)
            high = (last - run.first) // run.stride
            hits = range(max(0, low), min(run.count - 1, high) + 1)
        else:
            low = -((last - run.first) // -run.stride)
            high = (run.first + run.span - first) // -run.stride
            hits = range(max(0, low), min(run.count - 1, high) + 1)
        found.extend(run.index + k for k in hits)
    return found


def run_frames(runs: Sequence[Run]) -> list[Frames]:
    """Return the frames of every task, in order."""
    return [
        Frames(first, first + run.span, run.step)
        for run in runs
        for first in (run.first + k * run.stride for k in range(run.count))
    ]


def _index_of(run: Run) -> int:
    return run.index
