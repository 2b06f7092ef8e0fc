"""What a figure is worth: on which machine, from which commit, with which versions; and its table."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = [
    "msgspec",
    "numba",
    "numpy",
    "OpenEXR",
    "OpenImageIO",
    "PySide6-Essentials",
    "pyzmq",
    "usd-core",
]


class Unavailable(Exception):
    """This machine lacks what the benchmark needs; the message says what."""


def machine_facts() -> dict[str, Any]:
    """Return what a reader must know to compare; nothing that names the machine or its owner."""
    return {
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "load_1": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "gpu": _gpu_name(),
    }


def save(name: str, figures: Mapping[str, Any], facts: Mapping[str, Any]) -> Path:
    """Write results/NAME.json, whole; ``name`` is the benchmark's."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    result = {
        "name": name,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "machine": facts,
        "versions": {package: found for package in PACKAGES if (found := _version(package))},
        "medians": medians(figures),
        "figures": figures,
    }
    path.write_text(json.dumps(result, indent=2, default=float) + "\n", encoding="utf-8")
    return path


def medians(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten nested figures to dotted names, and lists of numbers to their median."""
    return dict(_flat("", figures))


def _flat(prefix: str, figures: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{key}.", value)
        elif isinstance(value, (list, tuple)):
            numbers = [each for each in value if isinstance(each, (int, float))]
            if numbers:
                yield prefix + key, statistics.median(numbers)
        else:
            yield prefix + key, value


def table(figures: Mapping[str, Any]) -> list[str]:
    """Lay out as lines, ratios last: they are what holds on other machines."""
    width = max(map(len, figures), default=0)
    ordered = sorted(figures, key=lambda key: key.endswith("_ratio"))
    return [f"    {key:{width}}  {_number(figures[key])}" for key in ordered]


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), ""
    )


def _memory_gib() -> float:
    import psutil

    return round(psutil.virtual_memory().total / 2**30, 1)


def _gpu_name() -> str:
    try:
        import pynvml

        pynvml.nvmlInit()
        return str(pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(0)))
    except Exception:  # no driver, no device: each NVML version says it in its own way
        return ""
