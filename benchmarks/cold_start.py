"""From nothing to the first picture: what a person waits for who has just installed Windfire.

Everything compiled is thrown away first (XDG_CACHE_HOME in a new folder). ``render``: `windfire render` of
one small frame, by a process that compiles, and again with the kernels kept. ``farm``: dispatcher and agent
started, one shot submitted, until its first preview lies on the disk.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.report import ROOT

SCENE = ROOT / "tests" / "scenes" / "spinning_box.usda"
SMALL = ["--frames", "1", "--size", "160x90", "--spp", "4"]
LIMIT_S = 20.0
"""What the demo promises from its start to the first preview, with nothing compiled."""
END_S = 30.0


def run(quick: bool) -> dict[str, Any]:
    """Seconds; ``*_ratio`` is against the promised 20 s. Compilation cannot be made quicker by ``quick``."""
    repeats = 1 if quick else 3
    cold, warm, farm, cold_cpu = [], [], [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="windfire-cold-") as folder:
            place = Path(folder)
            before = _cpu_s()
            cold.append(_render(place))
            cold_cpu.append(_cpu_s() - before)
            warm.append(_render(place))
            shutil.rmtree(place / "cache")
            farm.append(_farm(place))
    first = sorted(farm)[len(farm) // 2]
    return {
        "help_s": [_seconds(["--help"], Path("/")) for _ in range(repeats)],
        "render_cold_s": cold,
        "render_cold_cpu_s": cold_cpu,
        "render_warm_s": warm,
        "farm_first_preview_s": farm,
        "farm_first_preview_ratio": first / LIMIT_S,
    }


def _cpu_s() -> float:
    """CPU seconds of the children so far: what a busy machine does not blur."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(place: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return kept | {"XDG_CACHE_HOME": str(place / "cache"), "PYTHONPATH": str(ROOT)}


def _render(place: Path) -> float:
    out = Path(tempfile.mkdtemp(dir=place))
    return _seconds(["render", str(SCENE), *SMALL, "--out", str(out)], place)


def _seconds(arguments: list[str], place: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=_environment(place),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return time.perf_counter() - start


def _farm(place: Path) -> float:
    """Start `windfire demo` with the one scene and stop it when its first picture is there."""
    out = place / "demo"
    start = time.perf_counter()
    with (place / "demo.log").open("wb") as log:
        demo = subprocess.Popen(
            [sys.executable, "-m", "app", "demo", "--headless", "--out", str(out)],
            env=_environment(place),
            stdout=log,
            stderr=log,
        )
    try:
        _wait(lambda: next(out.rglob("frames/**/*.png"), None), demo, place / "demo.log")
        return time.perf_counter() - start
    finally:
        demo.terminate()
        demo.wait(END_S)


def _wait(condition: Callable[[], Any], demo: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.perf_counter() + 10 * LIMIT_S
    while not condition():
        if demo.poll() is not None or time.perf_counter() > deadline:
            raise RuntimeError(log.read_text(errors="replace")[-500:])
        time.sleep(0.02)
