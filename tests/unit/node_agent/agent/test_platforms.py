"""The other systems' module: the same functions, jobs by stand-ins for Windows' calls, pipes as sockets."""

import ast
import ctypes
import inspect
import subprocess
import sys
import time
from pathlib import Path
from threading import enumerate as enumerate_threads
from types import SimpleNamespace

import pytest

from node_agent.agent import platform_posix, platform_windows
from node_agent.agent import system as chosen

AGENT = Path(platform_posix.__file__).parent
LACKING = {"fcntl", "pwd", "grp", "resource", "termios", "msvcrt", "winreg", "_winapi"}
IMPORTS = """
import argparse, asyncio, ctypes, hashlib, logging, os, pathlib, platform, re, select, shutil, signal, socket, subprocess, sys
import tempfile, threading, msgspec, platformdirs, psutil, zmq
sys.platform = "win32"
sys.modules.update(dict.fromkeys(["fcntl", "pwd", "grp", "resource", "termios"]))
import importlib, pkgutil, node_agent.agent
for module in pkgutil.iter_modules(node_agent.agent.__path__):
    if module.name != "platform_posix":
        importlib.import_module("node_agent.agent." + module.name)
from node_agent.agent.system import platform
assert "node_agent.agent.platform_posix" not in sys.modules
print(platform.__name__)
"""


def functions(module):
    return {
        name: inspect.signature(found)
        for name, found in vars(module).items()
        if inspect.isfunction(found)
        and not name.startswith("_")
        and found.__module__ == module.__name__
    }


def test_each_system_has_the_same_functions_with_the_same_arguments():
    posix, windows = functions(platform_posix), functions(platform_windows)
    extra = set(windows) - set(posix)
    assert extra == {"bridged"}
    assert set(posix) <= set(windows)
    for name, signature in posix.items():
        wanted = [p.name for p in signature.parameters.values() if p.default is p.empty]
        has = [p.name for p in windows[name].parameters.values() if p.default is p.empty]
        assert has == wanted, name


def test_this_system_has_its_own():
    assert chosen.platform is platform_posix


def test_the_agent_is_imported_where_unix_modules_are_missing():
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("node_agent.agent.platform_windows", "")


def test_only_the_platforms_modules_import_what_a_system_lacks():
    found = set()
    for path in AGENT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if LACKING & set(names):
                found.add(path.name)
    assert found <= {"platform_posix.py"}


class Kernel:
    """Windows' calls, as far as they are used."""

    def __init__(self) -> None:
        self.calls, self.active = [], 1
        self.CreateJobObjectW = SimpleNamespace(restype=None)
        self.GetTickCount64 = SimpleNamespace(restype=None)

    def __getattribute__(self, name):
        if name == "CreateJobObjectW":
            return _Call(lambda *_: 77)
        if name == "GetTickCount64":
            return _Call(lambda: 90_061_500)
        return super().__getattribute__(name)

    def SetInformationJobObject(self, job, kind, limits, size):
        limits = ctypes.cast(limits, ctypes.POINTER(platform_windows.ExtendedLimits)).contents
        self.calls.append(("limit", job.value, kind, limits.flags, size))

    def AssignProcessToJobObject(self, job, process):
        self.calls.append(("take", job.value, process.value))
        return 1

    def TerminateJobObject(self, job, code):
        self.active = 0
        self.calls.append(("kill", job.value, code))

    def QueryInformationJobObject(self, _job, _kind, found, _size, _more):
        found = ctypes.cast(found, ctypes.POINTER(platform_windows.Accounting)).contents
        found.active = self.active
        return 1

    def CloseHandle(self, job):
        self.calls.append(("close", job.value))


class _Call:
    """A function that takes a ``restype``."""

    def __init__(self, function) -> None:
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


class TestWindows:
    @pytest.fixture
    def kernel(self, monkeypatch):
        kernel = Kernel()
        monkeypatch.setattr(platform_windows, "_kernel32", lambda: kernel)
        return kernel

    def test_the_structures_are_as_large_as_windows_says(self):
        if ctypes.sizeof(ctypes.c_void_p) != 8:
            pytest.skip("sizes are those of 64-bit systems")
        assert ctypes.sizeof(platform_windows.ExtendedLimits) == 144
        assert ctypes.sizeof(platform_windows.Accounting) == 48
        assert platform_windows.ExtendedLimits.flags.offset == 16

    def test_a_child_is_in_a_job_that_dies_with_the_agent_and_is_killed_whole(
        self, kernel, tmp_path
    ):
        child = platform_windows.spawn(["cat"], {"PATH": "/usr/bin:/bin"}, tmp_path)
        assert kernel.calls == [
            ("limit", 77, 9, 0x2000, 144),
            ("take", 77, child.pid),
        ]
        assert not platform_windows.is_group_gone(child.pid)
        platform_windows.kill_tree(child.pid)
        assert platform_windows.is_group_gone(child.pid)
        assert platform_windows.is_group_gone(child.pid)
        assert kernel.calls[2:] == [("kill", 77, 1), ("close", 77)]
        self.end(child)

    def test_its_pipes_are_sockets_that_never_block(self, kernel, tmp_path):
        child = platform_windows.spawn(["cat"], {"PATH": "/usr/bin:/bin"}, tmp_path)
        with pytest.raises(BlockingIOError):
            platform_windows.read(child.stdout.fileno(), 10)
        assert platform_windows.write(child.stdin.fileno(), b"hello") == 5
        assert self.all_of(child, 5) == b"hello"
        child.stdin.close()
        assert self.all_of(child, 1) == b""
        self.end(child)

    def end(self, child):
        """Close our ends, and wait for the threads that copy."""
        for end in (child.stdin, child.stdout, child.stderr):
            end.close()
        assert child.wait(30) == 0
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and any(
            "_pour" in one.name for one in enumerate_threads()
        ):
            time.sleep(0.005)

    def all_of(self, child, size):
        data, deadline = b"", time.monotonic() + 30
        while len(data) < size and time.monotonic() < deadline:
            try:
                more = platform_windows.read(child.stdout.fileno(), size)
            except BlockingIOError:
                time.sleep(0.005)
                continue
            if not more:
                break
            data += more
        return data

    def test_another_user_is_refused(self, kernel, tmp_path):
        with pytest.raises(OSError, match="own user"):
            platform_windows.spawn(["x"], {}, tmp_path, user="render")

    def test_its_clock_counts_suspend(self, kernel):
        assert platform_windows.now() == 90061.5

    def test_a_file_is_locked_once(self, monkeypatch, tmp_path):
        held = []

        def locking(file, _mode, _size):
            if held:
                raise OSError("held")
            held.append(file)

        fake = SimpleNamespace(locking=locking, LK_NBLCK=2)
        monkeypatch.setitem(sys.modules, "msvcrt", fake)
        with open(tmp_path / "lock", "wb") as file:
            assert platform_windows.lock(file)
            assert not platform_windows.lock(file)
