"""One worker child: its process, pipes and last words. Knows frames, not what they mean."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from node_agent.agent.child_pipe import read_some, write_some
from node_agent.agent.system import platform
from node_agent.wire import pipe
from node_agent.wire.codec import WireError
from node_agent.wire.lines import LineSplitter
from node_agent.wire.messages import DeviceInfo

READS_A_TURN = 8
"""Half a megabyte a turn from one child: a flood of log lines must not starve the heartbeats."""
LAST_LINES = 3

PASSED_ON = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "LOGNAME",
    "NUMBA_CPU_NAME",
    "PATH",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_CACHE_HOME",
)
"""Of the agent's own environment, which its administrator set; everything else stays here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a device's child is started."""

    device: DeviceInfo
    directory: Path
    """Its working folder."""
    kernel_cache: Path
    """Where compiled kernels are kept; must be writable, or each start compiles for a minute."""
    program: tuple[str, ...] = (
        sys.executable,
        "-P",
        "-X",
        "faulthandler",
        "-m",
        "node_agent.worker",
    )
    extra_environment: Mapping[str, str] = field(default_factory=dict[str, str])
    more: tuple[DeviceInfo, ...] = ()
    """Further GPUs that this child sees."""
    warms_up: bool = True
    """Whether it compiles the kernels at once; not for a child that is to run a program."""

    pass_on: tuple[str, ...] = ()
    """Further names of the agent's environment that the child gets."""
    user: str = ""
    """Whom it runs as; '': the agent's own user."""
    niceness: int = 0

    @property
    def argv(self) -> list[str]:
        """The command line."""
        kind, threads = self.device.kind, self.threads
        own = ["--kind", kind, "--threads", str(threads), "--parent", str(os.getpid())]
        return [*self.program, *own, *([] if self.warms_up else ["--cold"])]

    @property
    def visible(self) -> str:
        """The GPUs that the child sees, as CUDA wants them named; no GPU for the cores' child."""
        gpus = (self.device, *self.more)
        return ",".join(gpu.uuid for gpu in gpus if gpu.kind == "cuda")

    @property
    def threads(self) -> int:
        """A GPU's child needs a thread to feed it and one to write files."""
        return max(1, self.device.cores) if self.device.kind == "cpu" else 2

    def environment(self) -> dict[str, str]:
        """The whole environment of the child: a short list, and which device it sees."""
        names = (*PASSED_ON, *self.pass_on)
        environment = {name: os.environ[name] for name in names if name in os.environ}
        return {
            **environment,
            **({"HOME": str(self.directory), "USER": self.user} if self.user else {}),
            "CUDA_VISIBLE_DEVICES": self.visible,
            "NUMBA_NUM_THREADS": str(self.threads),
            "NUMBA_CACHE_DIR": str(self.kernel_cache),
            "PYTHONUNBUFFERED": "1",
            **self.extra_environment,
        }


class WorkerProcess:
    """A started child. ``read`` never blocks; ``is_gone`` says when its last process has ended."""

    def __init__(self, launch: Launch) -> None:
        self._process: subprocess.Popen[bytes] = platform.spawn(
            launch.argv,
            launch.environment(),
            launch.directory,
            user=launch.user,
            niceness=launch.niceness,
        )
        self._reader = pipe.worker_reader()
        self._splitter = LineSplitter()
        self._unsent = bytearray()
        self._ended = False
        self._victims: list[psutil.Process] = []
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self.fault = ""
        """Why its stream can no longer be read."""

    @property
    def pid(self) -> int:
        """Also the number of its session and process group."""
        return self._process.pid

    @property
    def stdout(self) -> int:
        """Descriptor to poll for messages."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    @property
    def stderr(self) -> int:
        """Descriptor to poll for log lines."""
        assert self._process.stderr is not None
        return self._process.stderr.fileno()

    @property
    def stdin(self) -> int:
        """Descriptor to poll for room, while ``has_unsent``."""
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    @property
    def has_unsent(self) -> bool:
        """Whether the child was too busy to take all that was said."""
        return bool(self._unsent)

    @property
    def has_ended(self) -> bool:
        """Whether its stdout is at its end, or makes no sense any more."""
        return self._ended

    def send(self, message: pipe.ToWorker) -> None:
        """Say something; what the pipe cannot take waits for ``flush``."""
        self._unsent += pipe.pack(message)
        self.flush()

    def flush(self) -> None:
        """Write what the pipe takes now."""
        write_some(self.stdin, self._unsent)

    def read(self) -> list[pipe.FromWorker]:
        """Messages that have come whole."""
        messages: list[pipe.FromWorker] = []
        for _ in range(READS_A_TURN):
            data = read_some(self.stdout)
            if data is None or self._ended:
                break
            if not data:
                self._ended = True
                break
            try:
                messages += self._reader.feed(data)
            except WireError as error:
                self.fault, self._ended = str(error), True
        return messages

    def read_lines(self) -> list[str]:
        """Lines of its stderr that have come whole."""
        lines: list[str] = []
        for _ in range(READS_A_TURN):
            data = read_some(self.stderr)
            if not data:
                break
            lines += self._splitter.feed(data)
        self.last_lines.extend(line for line in lines if line.strip())
        return lines

    def last_words(self) -> list[str]:
        """As ``read_lines``, with the line that has no end; for a child that is dead."""
        lines = [*self.read_lines(), *self._splitter.end()]
        self.last_lines.extend(line for line in lines[-1:] if line.strip())
        return lines

    def kill(self) -> None:
        """SIGKILL it and all that it started. May be repeated."""
        self._victims += platform.kill_tree(self.pid)

    def is_gone(self) -> bool:
        """Reap it; True once it, its process group and all that ``kill`` found are gone."""
        if self._process.poll() is None or not platform.is_group_gone(self.pid):
            return False
        return all(platform.is_process_gone(victim) for victim in self._victims)

    @property
    def exit_code(self) -> int | None:
        """Of the reaped child; negative: the signal that killed it."""
        return self._process.returncode

    def close(self) -> None:
        """Close our ends of the pipes."""
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
