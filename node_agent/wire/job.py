"""What a node is asked to do: work descriptions shared by dispatcher, agent and worker child.

PURE: no I/O, no clock. A *work* describes a step and is sent to a node once a session
(``messages.Describe``); an assignment then names only the frames. The same structs travel on the
worker child's pipe. Paths are absolute and as the submitter wrote them.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

Option = float | int | str


class Output(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a step's frames go."""

    directory: str = ""
    """Absolute folder; created when missing. Empty: the step writes no files."""
    pattern: str = "frame.{frame:04d}.exr"
    """``str.format`` pattern with ``frame``; a plain file name, never a path."""
    preview_directory: str = ""
    """Folder for one display PNG a frame; empty: none is kept."""


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


class CommandWork(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="command"):
    """A step run by any program: an argv list, never a shell line.

    Each element may hold ``{frame}``, ``{first}``, ``{last}`` and ``{output}`` (the temporary file that
    will be published); ``{{`` is a brace.
    """

    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict[str, str])
    output: Output = field(default_factory=Output)
    notify_s: float = 5.0
    """Seconds between the polite end (SIGTERM) and the kill of the whole process group."""


Work = KernelWork | CommandWork


class Needs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a step needs of a device; matched by the dispatcher, shown by explain."""

    device: Literal["any", "cpu", "cuda"] = "any"
    memory_bytes: int = 0
    """Of the device (GPU memory for a GPU, RAM for the cores)."""
    tags: list[str] = field(default_factory=list[str])
    pool: str = ""


class Frames(Struct, frozen=True, array_like=True):
    """A chunk of frames: first, last (inclusive), step."""

    first: int
    last: int
    step: int = 1

    def numbers(self) -> range:
        """Frame numbers in rendering order."""
        return range(self.first, self.last + 1, self.step)
