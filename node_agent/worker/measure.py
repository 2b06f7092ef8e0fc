"""``python -m node_agent.worker.measure FOLDER CORES PARENT``: how fast this node computes and writes.

A process of its own, so that the agent's parent needs no numpy. Prints one line, ``GFLOPS BYTES_PER_S``.

* GFLOP/s: products of two 512 x 512 float32 matrices on one thread, by the time that the thread had on its
  core, times the cores: frames that are rendered meanwhile make it little smaller. The best of some.
* Bytes a second: 32 MiB written to the folder and synced, which is what a frame costs at its end.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from node_agent.worker.process_posix import die_with_parent

SIZE = 512
PRODUCTS = 24
DISK_BYTES = 32 << 20
BLOCK_BYTES = 1 << 20
NICENESS = 10
ONE_THREAD: dict[str, str] = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""Read by numpy's libraries when they are loaded."""


def gflops(cores: int) -> float:
    """Of all cores; 0 on a node without numpy."""
    try:
        import numpy as np
    except ImportError:
        return 0.0
    matrix: Any = np.linspace(0.0, 1.0, SIZE * SIZE, dtype=np.float32).reshape(SIZE, SIZE)
    seconds = min(_core_s(lambda: matrix @ matrix) for _ in range(PRODUCTS))
    return cores * 2 * SIZE**3 / max(seconds, 1e-9) / 1e9


def _core_s(work: Callable[[], object]) -> float:
    before = time.thread_time()
    work()
    return time.thread_time() - before


def disk_bps(folder: Path) -> float:
    """Written and synced; 0 where the folder takes nothing."""
    path, block = folder / f".measure.{os.getpid()}.tmp", os.urandom(BLOCK_BYTES)
    try:
        started_at = time.monotonic()
        with path.open("wb") as file:
            for _ in range(DISK_BYTES // BLOCK_BYTES):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return DISK_BYTES / (time.monotonic() - started_at)
    except OSError:
        return 0.0
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def main() -> None:
    """Measure and print."""
    folder, cores = Path(sys.argv[1]), int(sys.argv[2])
    die_with_parent(int(sys.argv[3]))
    os.environ.update(ONE_THREAD)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    sys.stdout.write(f"{gflops(cores):.1f} {disk_bps(folder):.0f}\n")


if __name__ == "__main__":
    main()
