"""The lock files hold names, versions and hashes: no address of a registry, no path of a machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
REQUIREMENT = re.compile(r"^[a-z0-9][a-z0-9._-]*==[0-9][^\s/]*( ; [^/]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
ORIGIN = re.compile(
    r"^    #( +via)?( +(-r )?[a-z0-9][a-z0-9._-]*( \(pyproject\.toml\)|/tools\.in|/uv\.in)?)?$"
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_is_a_requirement_a_hash_or_its_origin(lock):
    strange = [
        line
        for line in lock.read_text().splitlines()
        if not any(pattern.match(line) for pattern in (REQUIREMENT, HASH, ORIGIN))
    ]
    assert strange == []


def test_the_smaller_locks_agree_with_the_largest():
    everything = _pins("dev.txt")
    assert _pins("run.txt") <= everything
    assert _pins("agent.txt") <= everything


def test_a_node_installs_no_window():
    names = {pin.split("==")[0] for pin in _pins("agent.txt")}
    assert names.isdisjoint({"pyside6-essentials", "pyqtgraph", "sqlite-utils", "pytest"})


def test_the_demo_needs_no_cuda_compiler():
    assert not [pin for pin in _pins("run.txt") if pin.startswith(("nvidia-cuda", "numba-cuda"))]


def _pins(lock: str) -> set[str]:
    lines = (ROOT / "requirements" / lock).read_text().splitlines()
    return {line.split(" ")[0] for line in lines if REQUIREMENT.match(line)}
