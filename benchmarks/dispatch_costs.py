"""What CURVE and ``synchronous=FULL`` cost: the dispatcher beside itself without one of them.

Without CURVE, or without its store (``dispatch_variants``), in turns with the whole, 150 light agents of 8 devices.
"""

from __future__ import annotations

from benchmarks.dispatch import MANY, task_rate


def run(quick: bool) -> dict[str, list[float]]:
    """Measure; see the module."""
    tasks = 4_000 if quick else 30_000
    found: dict[str, list[float]] = {"curve_to_no_curve_ratio": [], "full_to_no_store_ratio": []}
    for _ in range(1 if quick else 3):
        for variant, ratios in zip(("no_curve", "no_store"), found.values(), strict=True):
            whole, _ = task_rate(tasks, MANY, publishes=False)
            without, _ = task_rate(tasks, MANY, publishes=False, variant=variant)
            ratios.append(whole / without)
    return found
