"""A child of the agent beside its workers: does one errand, and says in lines what came of it.

The supervisor kills what it did not start, so whoever starts one names its pid there (``spare``).
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from node_agent.agent.child_pipe import read_some, write_some
from node_agent.agent.system import platform

ERRORS_MAX = 4096
"""Of its stderr this much is kept, the end of it."""


class SideProcess:
    """A started errand. Nothing here blocks but ``close``."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], directory: Path
    ) -> None:
        self._process: subprocess.Popen[bytes] = platform.spawn(argv, environment, directory)
        self._received = bytearray()
        self._unsent = bytearray()
        self._errors = bytearray()
        self.has_ended = False
        """Its stdout is at its end."""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdout(self) -> int:
        """Descriptor to poll for lines."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    @property
    def has_unsent(self) -> bool:
        """Whether ``read_lines`` should be called soon, which also writes."""
        return bool(self._unsent)

    def say(self, line: str) -> None:
        """Write a line to its stdin; what does not fit into the pipe goes with ``read_lines``."""
        self._unsent += line.encode() + b"\n"
        self._flush()

    def _flush(self) -> None:
        assert self._process.stdin is not None
        write_some(self._process.stdin.fileno(), self._unsent)

    def read_lines(self) -> list[str]:
        """Lines that have come whole; notes the end."""
        self._read_errors()
        self._flush()
        while not self.has_ended:
            data = read_some(self.stdout)
            if data is None:
                break
            self.has_ended = not data
            self._received += data
        *lines, rest = bytes(self._received).split(b"\n")
        self._received = bytearray(rest)
        return [line.decode("utf-8", "replace") for line in lines]

    @property
    def errors(self) -> str:
        """The end of what it wrote to stderr."""
        self._read_errors()
        return self._errors.decode("utf-8", "replace").strip()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        if self._process.stderr.closed:
            return
        while data := read_some(self._process.stderr.fileno()):
            self._errors += data
            del self._errors[:-ERRORS_MAX]

    def close(self) -> int:
        """Kill what is left of it and reap it; return its exit code."""
        platform.kill_tree(self.pid)
        code = self._process.wait()
        self._read_errors()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        return code
