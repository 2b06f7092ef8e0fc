"""One folder, three names: paths of a work as this node's system has them.

PURE. A path that begins with a shared folder's name on any system is written as this one names it; the longest
name that fits counts. Windows compares without case and takes either slash. What begins with no known
folder stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import structs

from node_agent.wire.job import CommandWork, KernelWork, LogRule, Output, PathRoots, Work

System = Literal["linux", "windows", "mac"]
_WINDOWS = re.compile(r"[A-Za-z]:|\\\\|//")
_NAME_END = ("", "/", "\\")


def system_of(platform: str) -> System:
    """Return the system that ``sys.platform`` names."""
    if platform in ("win32", "cygwin"):
        return "windows"
    return "mac" if platform == "darwin" else "linux"


def is_absolute(path: str) -> bool:
    """Tell whether a path is absolute on the system that would write it so."""
    return path.startswith("/") or bool(re.match(r"[A-Za-z]:[\\/]|\\\\", path))


def map_path(path: str, paths: Sequence[PathRoots], system: System) -> str:
    """Return ``path`` as ``system`` names it."""
    best, target = "", ""
    for roots in paths:
        here: str = getattr(roots, system)
        for root in (roots.linux, roots.windows, roots.mac):
            root = _bare(root)
            if here and len(root) > len(best) and _begins(path, root):
                best, target = root, here
    if not best:
        return path
    rest = path[len(best) :]
    return _bare(target) + (
        rest.replace("/", "\\") if system == "windows" else _slashes(best, rest)
    )


def map_argument(word: str, paths: Sequence[PathRoots], system: System) -> str:
    """Map a word of a command line: a path, or what follows the first ``=`` (``--out=/films/a``)."""
    mapped = map_path(word, paths, system)
    if mapped == word and "=" in word:
        name, _, value = word.partition("=")
        return f"{name}={map_path(value, paths, system)}"
    return mapped


def localise(
    work: Work, paths: Sequence[PathRoots], log_rules: Sequence[LogRule], system: System
) -> Work:
    """Return the work as a node of ``system`` is to run it: with its paths, and with the farm's log rules
    after its own."""
    if isinstance(work, KernelWork | CommandWork) and work.staged:
        paths = ()  # its files are this node's own, and its folders the dispatcher's
    if not paths and not log_rules:
        return work
    output = _output(work.output, paths, system)
    if isinstance(work, KernelWork):
        return structs.replace(work, scene=map_path(work.scene, paths, system), output=output)
    rules = [*work.log_rules, *log_rules]
    if isinstance(work, CommandWork):
        return structs.replace(
            work,
            argv=[map_argument(word, paths, system) for word in work.argv],
            environment={
                name: map_path(value, paths, system) for name, value in work.environment.items()
            },
            output=output,
            log_rules=rules,
        )
    return structs.replace(work, output=output, log_rules=rules, paths=list(paths))


def _output(output: Output, paths: Sequence[PathRoots], system: System) -> Output:
    return structs.replace(
        output,
        directory=map_path(output.directory, paths, system),
        preview_directory=map_path(output.preview_directory, paths, system),
    )


def _bare(root: str) -> str:
    return root.rstrip("/\\")


def _begins(path: str, root: str) -> bool:
    if not root or path[len(root) : len(root) + 1] not in _NAME_END:
        return False
    start = path[: len(root)]
    if _WINDOWS.match(root):
        return _slashed(start) == _slashed(root)
    return start == root


def _slashed(path: str) -> str:
    return path.replace("\\", "/").casefold()


def _slashes(root: str, rest: str) -> str:
    """A backslash is a letter of names elsewhere: it is turned only where the path was Windows's."""
    return rest.replace("\\", "/") if _WINDOWS.match(root) else rest
