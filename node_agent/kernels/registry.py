"""Finds kernels by name: ours, and those of packages that name one in ``windfire.kernels``.

Ours are listed here rather than as entry points, so that a checkout has them whatever its metadata
say. Nothing is imported before it is asked for: a node without Numba still runs commands.
"""

from __future__ import annotations

import importlib
import importlib.util
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a node that only runs commands has no numpy
    from node_agent.kernels.interface import Kernel

GROUP = "windfire.kernels"

BUILT_IN = {
    "noop": "node_agent.kernels.noop:NoopKernel",
    "pathtracer": "node_agent.kernels.pathtracer.kernel:PathTracer",
}
REQUIRES = {"pathtracer": ("numba",)}


class UnknownKernel(LookupError):
    """No kernel of this name is installed here, or it cannot be imported; one sentence."""


def available() -> list[str]:
    """Names of the kernels that this environment should be able to load, without loading them."""
    ours = [name for name, target in BUILT_IN.items() if _is_installed(name, target)]
    return sorted({*ours, *(entry.name for entry in entry_points(group=GROUP))})


def _is_installed(name: str, target: str) -> bool:
    modules = (*REQUIRES.get(name, ()), target.partition(":")[0])
    try:
        return all(importlib.util.find_spec(module) is not None for module in modules)
    except ModuleNotFoundError:
        return False


def load(name: str) -> Kernel:
    """Import a kernel and make the one instance of it. Raises UnknownKernel."""
    targets = {entry.name: entry.value for entry in entry_points(group=GROUP)} | BUILT_IN
    if name not in targets:
        raise UnknownKernel(f"No kernel {name!r} is installed on this node.")
    module, _, attribute = targets[name].partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise UnknownKernel(f"The kernel {name!r} cannot be loaded: {error}.") from error
