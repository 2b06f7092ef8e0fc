"""The two ways in which this package compiles a function, and why the options are what they are.

``shared`` is for functions that both launchers reach: they are compiled into their caller, on the CPU
and for CUDA alike. ``entry`` is for the few that Python calls: only their machine code is kept on disk.
Caching the callees as well would write each of them out once more, which is a third of a cold start.

* No explicit signatures: a function with one cannot be called from a CUDA kernel.
* ``error_model='numpy'``: a division by zero gives infinity, as on the GPU, and costs no branch.
* No ``fastmath`` at all: it measured within 3 %, and without it
  the same bits come out of every x86-64 processor and the film may test for NaN by comparison.
* No closures and no factories: Numba would never find them in its cache again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_njit: Any = numba.njit  # its stubs know nothing of half of these options
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}

shared = _njit(**OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Compiles a function that only compiled functions call. Python may not call the result."""

inlined = _njit(**OPTIONS, inline="always")
"""As ``shared``, for the outermost functions, each called from one place. LLVM works through the whole
path tracer again for each level of calls above it, half a second a level."""


CONSTANTS = ("arrays.py", "scene.py", "simd.py")
"""Modules without a compiled function, whose constants or instructions are compiled in."""


def _source_digest() -> str:
    """SHA-256 over the sources that the machine code in the cache was made from."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        source = path.read_bytes()
        if path.name in CONSTANTS or b"pathtracer.jit import" in source:
            digest.update(path.name.encode() + b"\0" + source)
    return digest.hexdigest()


_SOURCES = _source_digest()


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and keep its machine code on disk where that is possible."""
    try:
        dispatcher = _njit(**OPTIONS, cache=True)(function)
    except RuntimeError:  # Numba found no folder that it may write: compile in every process then.
        return _njit(**OPTIONS)(function)
    # Numba asks only whether the caller's own file changed, and would go on using code that was
    # compiled from an older bsdf.py. The stamp it compares is private; without it nothing else breaks.
    with contextlib.suppress(AttributeError):
        dispatcher._cache._cache_file._source_stamp = _SOURCES
    return dispatcher
