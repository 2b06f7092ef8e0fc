"""``python -m benchmarks [NAME...] [--quick]``: run each benchmark, print a table, keep the figures.

A benchmark is a module here that has ``run(quick: bool) -> dict``: figures by name, units last
(``first_preview_s``, ``placement_us``), keys ending in ``_ratio`` against a peer or a limit, a list where
it was measured several times. One that needs what this machine lacks raises ``Unavailable``. One that has
``BARS`` (limits by figure) fails where a figure is above its bar; its figures are kept all the same.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import sys
import time
from pathlib import Path

from benchmarks.report import Unavailable, machine_facts, medians, save, table

HERE = Path(__file__).parent


def names() -> list[str]:
    """Find the benchmarks without importing them: modules with a function ``run``."""
    return sorted(path.stem for path in HERE.glob("*.py") if _has_run(path))


def _has_run(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(names())}")
    parser.add_argument("--quick", action="store_true", help="smaller sizes; figures are not kept")
    options = parser.parse_args(argv)
    chosen = options.names or [name for name in names() if not name.endswith("gpu")]
    if unknown := [name for name in chosen if name not in names()]:
        near = difflib.get_close_matches(unknown[0], names(), 1)
        print(f"There is no benchmark {unknown[0]!r}; {f'did you mean {near[0]}?' if near else ''}")
        return 2
    failed = [
        name
        for number, name in enumerate(chosen, 1)
        if not measure(name, options.quick, f"{number}/{len(chosen)}")
    ]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def measure(name: str, quick: bool, place: str) -> bool:
    """Run one; say what it gave. A failing one does not keep the others from running."""
    print(f"[{place}] {name} ...", flush=True)
    start = time.perf_counter()
    module = importlib.import_module(f"benchmarks.{name}")
    try:
        figures = module.run(quick)
    except Unavailable as why:
        print(f"    left out: {why}")
        return True
    except Exception as error:
        print(f"    {type(error).__name__}: {error}")
        return False
    seconds = time.perf_counter() - start
    facts = machine_facts()
    print("\n".join(table(medians(figures))), f"    ({seconds:.0f} s)", sep="\n", flush=True)
    if not quick:
        print(f"    -> {save(name, figures, facts).relative_to(HERE.parent)}")
    return holds_bars(medians(figures), getattr(module, "BARS", {}))


def holds_bars(figures: dict[str, float], bars: dict[str, float]) -> bool:
    """Say which bars are broken; return whether none is."""
    broken = [name for name, bar in bars.items() if figures[name] > bar]
    for name in broken:
        print(f"    above its bar: {name} is {figures[name]:.3g}, and may be {bars[name]:.3g}")
    return not broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
