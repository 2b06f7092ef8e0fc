"""Control groups of Linux, version 2: what a child starts is found and killed whole, whatever it does.

Where the agent was given a part of the tree (a systemd unit with ``Delegate=yes``, in which it is alone), each worker
child gets a group, and each attempt of a command one of its own inside it; kernels and OpenJD sessions outlive
attempts and stay in their child's. Elsewhere process groups and the search for orphans do the same, more slowly and
nearly as surely. A group that cannot be made costs its use and nothing else.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from node_agent.wire.messages import AttemptRef

MOUNT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
HELD = ("anon", "shmem", "kernel_stack", "pagetables")
"""Of ``memory.stat``: what a program took. ``memory.peak`` counts files it read, too, as far as there was room."""

_log = logging.getLogger("agent")


class Groups:
    """The agent's part of the tree. Nothing here raises."""

    def __init__(self, root: Path | None, *, limits_ram: bool = False) -> None:
        self._root = root
        self._limits_ram = limits_ram
        self._closing: list[Path] = []

    def of_child(self, pid: int) -> ChildGroup:
        """Put a child that was just started into a group of its own."""
        group = self._make(f"worker-{pid}")
        if group is not None and not _write(group / "cgroup.procs", str(pid)):
            self.remove(group)
            group = None
        return ChildGroup(self, group, pid)

    def of_attempt(self, ref: AttemptRef, ram_bytes: int) -> Path | None:
        """Make a group for an attempt, bounded to its RAM where this node does that."""
        group = self._make(f"attempt-{ref.step}-{ref.task}-{ref.epoch}")
        if group is not None and ram_bytes and self._limits_ram:
            _write(group / "memory.max", str(ram_bytes))
            _write(group / "memory.oom.group", "1")
        return group

    def _make(self, name: str) -> Path | None:
        if self._root is None:
            return None
        self._sweep()
        group = self._root / name
        try:
            group.mkdir(exist_ok=True)
        except OSError as error:
            _log.debug("no control group %s: %s", name, error)
            return None
        return group

    def remove(self, group: Path | None) -> None:
        """Kill what is in a group and remove it, now or when its processes are gone."""
        if group is not None:
            _write(group / "cgroup.kill", "1")
            self._closing.append(group)
            self._sweep()

    def _sweep(self) -> None:
        self._closing = [group for group in self._closing if not _removed(group)]


class ChildGroup:
    """A worker child's group, and its attempt's."""

    def __init__(self, groups: Groups, group: Path | None, pid: int) -> None:
        self._groups = groups
        self._group = group
        self._pid = pid
        self._attempt: Path | None = None
        self._held = 0

    def begin(self, ref: AttemptRef, ram_bytes: int) -> None:
        """The child runs a command from now on: what it starts belongs to the attempt."""
        self._held = 0
        self._attempt = self._groups.of_attempt(ref, ram_bytes) if self._group else None
        if self._attempt is not None:
            _write(self._attempt / "cgroup.procs", str(self._pid))

    def look(self) -> int:
        """Return the most bytes that the attempt's processes were seen to hold together; 0: not known."""
        if self._attempt is not None:
            self._held = max(self._held, _held(self._attempt))
        return self._held

    def ran_out(self) -> bool:
        """Tell whether the attempt was killed for passing its bound."""
        return (
            self._attempt is not None and _counter(self._attempt / "memory.events", "oom_kill") > 0
        )

    def end(self) -> None:
        """The attempt is over: the child goes back to its own group, and what else is left dies."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None and self._group is not None:
            _write(self._group / "cgroup.procs", str(self._pid))
            self._groups.remove(attempt)

    def kill(self) -> None:
        """Kill the child and all that it started."""
        for group in (self._attempt, self._group):
            if group is not None:
                _write(group / "cgroup.kill", "1")

    def close(self) -> None:
        """The child is gone."""
        for group in (self._attempt, self._group):
            self._groups.remove(group)
        self._attempt = self._group = None


def delegated(own: Path = OWN, mount: Path = MOUNT) -> Path | None:
    """Return the part of the tree that is this agent's alone, made ready for groups in it; None: there is none."""
    try:
        lines = own.read_text().splitlines()
        path = next(line[3:] for line in lines if line.startswith("0::"))
        root = mount / path.lstrip("/")
        members = (root / "cgroup.procs").read_text().split()
    except (OSError, StopIteration):
        return None
    # Where others are too (a terminal, a container's root), it is not ours to rearrange.
    if set(members) - {str(os.getpid())} or not os.access(root / "cgroup.procs", os.W_OK):
        return None
    leaf = root / "agent"
    try:
        leaf.mkdir(exist_ok=True)
    except OSError:
        return None
    # A group with groups in it may hold no processes itself.
    if not _write(leaf / "cgroup.procs", str(os.getpid())):
        return None
    _write(root / "cgroup.subtree_control", "+memory")
    return root


def groups(*, limits_ram: bool = False) -> Groups:
    """What this machine allows, and a line in the log that says which."""
    root = delegated()
    _log.info(
        "children are kept in %s", f"control groups under {root}" if root else "process groups"
    )
    return Groups(root, limits_ram=limits_ram)


def _write(path: Path, text: str) -> bool:
    try:
        path.write_text(text)
    except OSError as error:
        _log.debug("cannot write %s: %s", path, error)
        return False
    return True


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:  # a process is still dying there
        return False
    return True


def _held(group: Path) -> int:
    try:
        lines = (group / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    values = dict(line.split(" ", 1) for line in lines if " " in line)
    with suppress(ValueError):
        return sum(int(values.get(name, 0)) for name in HELD)
    return 0


def _counter(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name} ")), 0)
