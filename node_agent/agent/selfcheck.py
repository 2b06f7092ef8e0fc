"""The self-check at the agent's start: a short-lived child measures, and its figures go to the dispatcher.

It starts when the node is registered, so that it delays nothing, and is given up after a while.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from node_agent.agent.session_types import Measured
from node_agent.agent.side_process import SideProcess
from node_agent.agent.system import platform

PATIENCE_S = 120.0
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "HOME")

_log = logging.getLogger("agent")


class SelfCheck:
    """Runs once. ``start`` begins it, ``turn`` gives its figures when they are there."""

    def __init__(self, folder: Path, cores: int) -> None:
        self._folder = folder
        self._argv = (
            *(sys.executable, "-P", "-m", "node_agent.worker.measure"),
            *(str(folder), str(cores), str(os.getpid())),
        )
        self._process: SideProcess | None = None
        self._give_up_at = 0.0
        self._lines: list[str] = []
        self.is_wanted = True
        """It has not begun."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def readable(self) -> Iterator[int]:
        """Descriptors to poll for input."""
        if self._process is not None:
            yield self._process.stdout

    def next_deadline(self) -> float | None:
        """When to call ``turn`` at the latest."""
        return self._give_up_at if self._process is not None else None

    def start(self) -> None:
        """Begin; a node on which that fails works all the same."""
        self.is_wanted = False
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        try:
            self._process = SideProcess(self._argv, environment, self._folder)
        except OSError as error:
            _log.warning("the self-check cannot be started: %s", error)
            return
        self._give_up_at = platform.now() + PATIENCE_S

    def turn(self) -> Measured | None:
        """The figures, once; None until then."""
        process = self._process
        if process is None:
            return None
        self._lines += process.read_lines()
        if not process.has_ended and platform.now() < self._give_up_at:
            return None
        self._process = None
        code = process.close()
        try:
            gflops, disk_bps = map(float, self._lines[-1].split())
        except (IndexError, ValueError):
            _log.warning("the self-check gave no figures (exit code %d): %s", code, process.errors)
            return None
        _log.info("self-check: %.0f GFLOP/s, disk %.0f MB/s", gflops, disk_bps / 1e6)
        return Measured(gflops, disk_bps)

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.close()
