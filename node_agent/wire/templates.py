"""File names and arguments of a frame, from the patterns in a work; refuses what could escape.

PURE. Both ends use it: the app when a job is submitted, the node before it touches a file. A pattern
is a subset of ``str.format``: named numbers with a width (``{frame:04d}``), and ``{{`` for a brace. The
whole of ``str.format`` would let a job read attributes of our objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter

from node_agent.wire.job import CommandWork, Frames, Output, Work

NAME_BYTES_MAX = 200
"""Of 255 that file systems take; the temporary name needs some more."""
DIRECTORY_BYTES_MAX = 2_000
NUMBER_SPEC = re.compile(r"(0?[1-9]?\d?d?)?")
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)


class TemplateFault(ValueError):
    """A pattern, name or folder that is not safe or not sensible; the message is one sentence."""


def fill(pattern: str, values: Mapping[str, int | str]) -> str:
    """Put ``values`` into ``pattern``. Raises TemplateFault on any other field or format."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise TemplateFault(f"The pattern {pattern!r} has an unpaired brace.") from error
    filled = (text + _field(pattern, name, spec, how, values) for text, name, spec, how in parts)
    return "".join(filled)


def _field(
    pattern: str,
    name: str | None,
    spec: str | None,
    conversion: str | None,
    values: Mapping[str, int | str],
) -> str:
    if name is None:
        return ""
    if name not in values or conversion:
        known = ", ".join("{" + key + "}" for key in values)
        raise TemplateFault(f"The pattern {pattern!r} may use {known} and nothing else in braces.")
    value = values[name]
    if isinstance(value, int) and NUMBER_SPEC.fullmatch(spec or ""):
        return format(value, spec or "")
    if spec:
        raise TemplateFault(f"The pattern {pattern!r} has a format other than a width like 04d.")
    return str(value)


def file_name(output: Output, frame: int) -> str:
    """The name of a frame's file. Raises TemplateFault."""
    name = fill(output.pattern, {"frame": frame})
    check_name(name)
    return name


def check_name(name: str) -> None:
    """Refuse what is not a plain, portable file name. Raises TemplateFault."""
    if not name or not name.isprintable() or set(name) & set('/\\:*?"<>|'):
        raise TemplateFault(f"{name!r} is not a plain file name.")
    if name.startswith((".", "-", "~")) or name.endswith((".", " ")):
        raise TemplateFault(
            f"The file name {name!r} begins or ends with a character that hides it."
        )
    if len(name.encode("utf-8", "replace")) > NAME_BYTES_MAX:
        raise TemplateFault(f"The file name {name[:40]!r}... is over {NAME_BYTES_MAX} bytes.")
    if name.split(".", maxsplit=1)[0].lower() in WINDOWS_DEVICES:
        raise TemplateFault(f"The file name {name!r} is a device on Windows.")


def check_directory(path: str) -> None:
    """Refuse a folder that is not absolute or climbs. Raises TemplateFault."""
    if not path.startswith("/") and not re.match(r"[A-Za-z]:[\\/]|\\\\", path):
        raise TemplateFault(f"The folder {path!r} is not absolute.")
    if not path.isprintable() or ".." in re.split(r"[\\/]", path):
        raise TemplateFault(f"The folder {path!r} climbs or has odd characters.")
    if len(path.encode("utf-8", "replace")) > DIRECTORY_BYTES_MAX:
        raise TemplateFault(f"The folder {path[:40]!r}... is over {DIRECTORY_BYTES_MAX} bytes.")


def temporary_name(name: str, epoch: int) -> str:
    """The hidden name under which attempt ``epoch`` writes ``name``, in the same folder."""
    return f".{name}.{epoch}.tmp"


def working_name(name: str, epoch: int) -> str:
    """As ``temporary_name``, for a command's ``{output}``: programs choose a format by the ending."""
    return f".{epoch}.tmp.{name}"


def preview_name(name: str) -> str:
    """The name of the display picture of the frame whose file is ``name``."""
    return name.rpartition(".")[0] + ".png" if "." in name else name + ".png"


def part_name(name: str, first_sample: int, samples: int) -> str:
    """The name of a piece of a split frame: samples [first_sample, first_sample + samples)."""
    return f"{name}.{first_sample}-{first_sample + samples}.part"


_PART = re.compile(r".*\.(\d+)-(\d+)\.part")


def part_range(path: str) -> tuple[int, int]:
    """Return the first sample, and how many, of a piece by its name. Raises TemplateFault."""
    match = _PART.fullmatch(path)
    if match is None or int(match[2]) <= int(match[1]):
        raise TemplateFault(f"{path!r} is no piece of a split frame.")
    return int(match[1]), int(match[2]) - int(match[1])


def part_paths(output: Output, frame: int, ranges: Sequence[tuple[int, int]]) -> list[str]:
    """The files that the pieces of a split frame publish, for (first sample, samples) of each."""
    name = file_name(output, frame)
    return [_join(output.directory, part_name(name, *piece)) for piece in ranges]


def temporary_paths(work: Work, frames: Frames, epoch: int) -> list[str]:
    """Every temporary file that an attempt may leave behind, split frames' pieces not counted."""
    output, paths = work.output, list[str]()
    hide = working_name if isinstance(work, CommandWork) else temporary_name
    try:
        for frame in frames.numbers():
            name = file_name(output, frame)
            if output.directory:
                paths.append(_join(output.directory, hide(name, epoch)))
            if output.preview_directory:
                hidden = temporary_name(preview_name(name), epoch)
                paths.append(_join(output.preview_directory, hidden))
    except TemplateFault:
        return []  # such an attempt was refused before it wrote anything
    return paths


def _join(directory: str, name: str) -> str:
    return f"{directory.rstrip('/')}/{name}"
