"""The agent's parent is light: what a fresh interpreter has loaded after importing all of it.

The runtime twin of the import contracts, which cannot see an import made by name.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ["numba", "numpy", "OpenEXR", "OpenImageIO", "pxr", "PySide6"]
RESIDENT_MB_MAX = 40
# Each module of the parent, as the agent has them all sooner or later.
MEASURE = """
import importlib, json, pkgutil, sys, time
started = time.perf_counter()
import node_agent.agent, node_agent.wire
for package in (node_agent.agent, node_agent.wire):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
seconds = time.perf_counter() - started
with open("/proc/self/status") as status:
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
print(json.dumps({"modules": sorted(sys.modules), "mb": kilobytes / 1024, "seconds": seconds}))
"""


def test_the_agents_parent_loads_nothing_heavy(capsys):
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    measured = json.loads(answer.stdout)

    with capsys.disabled():
        print(
            f"\n    agent's parent: {measured['mb']:.1f} MB, {measured['seconds']:.2f} s to import"
        )
    assert set(HEAVY).isdisjoint(measured["modules"])
    assert measured["mb"] < RESIDENT_MB_MAX
    assert not [name for name in measured["modules"] if name.split(".")[0] == "app"]
