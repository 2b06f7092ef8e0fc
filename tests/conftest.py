"""What every test gets: leak checks, Hypothesis profiles, and skips for what this machine lacks.

A test that leaves a thread, a child process or an open file behind fails, and is told which. One that
may do so says why: `@pytest.mark.allows_leak("the pool lives as long as the process")`. Checks that
need Qt are in tests/gui/conftest.py.
"""

import gc
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

# Children inherit these from whatever started the tests, and would behave unlike a person's: a shell's
# background job ignores Ctrl-C, and an unbuffered stream hides what is flushed too late.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.pop("PYTHONUNBUFFERED", None)

# Threads and children may need a moment to end after they were told to.
GRACE_S = 2.0
POLL_S = 0.01

hypothesis.settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, database=None
)
# HYPOTHESIS_PROFILE=explore looks for new examples, for as long as someone has patience.
hypothesis.settings.register_profile("explore", deadline=None, max_examples=5_000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a reason that the summary shows, what this machine cannot run."""
    lacking = {"cuda": _why_no_cuda(), "xvfb": _why_no_display()}
    for item in items:
        for marker, reason in lacking.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _why_no_cuda() -> str | None:
    """Ask the driver's device files: importing numba.cuda for this would cost every run a second."""
    return None if Path("/dev/nvidiactl").exists() else "no NVIDIA driver on this machine"


def _why_no_display() -> str | None:
    missing = [name for name in ("Xvfb", "xdotool", "openbox") if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a child or an open file which was not there before."""
    before = _holdings()
    yield
    if request.node.get_closest_marker("allows_leak"):
        return
    leaked = _what_stays(before)
    if leaked:
        pytest.fail("the test left behind: " + "; ".join(sorted(leaked)), pytrace=False)


def _what_stays(before: set[str]) -> set[str]:
    deadline = time.monotonic() + GRACE_S
    leaked = _holdings() - before
    if leaked:
        gc.collect()  # what only a cycle holds is not a leak
    while leaked and time.monotonic() < deadline:
        time.sleep(POLL_S)
        leaked = _holdings() - before
    return leaked


def _holdings() -> set[str]:
    return {*_threads(), *_children(), *_open_files()}


def _threads() -> Iterator[str]:
    for thread in threading.enumerate():
        # Python makes a dummy for a foreign thread (Qt's, say) that calls it, and never drops it.
        if not isinstance(thread, threading._DummyThread):
            yield f"thread {thread.name} ({thread.ident})"


def _children() -> Iterator[str]:
    for pid in _child_pids():
        try:
            yield f"child {pid} ({' '.join(psutil.Process(pid).cmdline()) or 'zombie'})"
        except psutil.NoSuchProcess:
            continue
        except psutil.ZombieProcess:
            yield f"child {pid} (zombie: nobody waited for it)"


def _child_pids() -> list[int]:
    """Read the kernel's own list; psutil would go through every process of the machine."""
    if not Path("/proc/self/task").exists():
        return [child.pid for child in psutil.Process().children()]
    return [int(pid) for task in _own_tasks() for pid in _read(task / "children").split()]


def _own_tasks() -> list[Path]:
    return list(Path("/proc/self/task").iterdir())


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the thread ended meanwhile
        return ""


def _open_files() -> Iterator[str]:
    """Name the open sockets, pipes, pollers and files; a ZeroMQ context shows as its pollers."""
    if sys.platform != "linux":
        return
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:  # the listing's own descriptor
            continue
        if not _is_uninteresting(target):
            yield f"descriptor {descriptor.name} ({target})"


def _is_uninteresting(target: str) -> bool:
    # Libraries keep devices, memory files and the system's own tables (icons, file types) for good once
    # loaded, and event counters go with threads.
    kept = ("/dev/", "/proc/", "/memfd:", "anon_inode:[eventfd]", "/sys/", "/usr/share/")
    return target.startswith(kept)
