"""Compiling the CUDA launcher for a GPU that is not there.

numba-cuda asks the driver for the current device whenever a kernel calls a function, although the compute
capability was given. The patch for that lives here; where a private name has moved, tests skip.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest


@contextlib.contextmanager
def pretend_device(capability: tuple[int, int]) -> Iterator[None]:
    """A current device of this compute capability, as far as the compiler asks."""
    dispatcher = pytest.importorskip("numba.cuda.dispatcher", reason="numba-cuda is not installed")
    if not hasattr(dispatcher, "get_current_device"):
        pytest.skip(
            "numba-cuda has moved dispatcher.get_current_device; see tests/rendering/ptx.py"
        )
    original = dispatcher.get_current_device
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=capability)
    try:
        yield
    finally:
        dispatcher.get_current_device = original


class Seen(Exception):
    """Ends numba-cuda's work where NVVM's would begin."""


@contextlib.contextmanager
def seen_by_nvvm() -> Iterator[list[str]]:
    """Gets the modules of LLVM's IR that NVVM is to be given, in place of which the block ends."""
    nvvm = pytest.importorskip("numba.cuda.cudadrv.nvvm", reason="numba-cuda is not installed")
    if not hasattr(nvvm, "compile_ir"):
        pytest.skip("numba-cuda has moved nvvm.compile_ir; see tests/rendering/ptx.py")
    original, modules = nvvm.compile_ir, []

    def see(ir, **_options):
        modules.extend([ir] if isinstance(ir, str) else ir)
        raise Seen

    nvvm.compile_ir = see
    try:
        with contextlib.suppress(Seen):
            yield modules
    finally:
        nvvm.compile_ir = original


def ptx_of(modules: list[str], capability: tuple[int, int]) -> str:
    """What NVVM makes of the IR for a compute capability, by the options that numba-cuda gives it."""
    from numba.cuda.cudadrv import nvvm

    arch = f"compute_{capability[0]}{capability[1]}"
    return nvvm.compile_ir(modules, fastmath=False, opt=3, arch=arch).rstrip(b"\0").decode()


def lower_launcher(capability: tuple[int, int] = (8, 6)) -> list[str]:
    """The IR of ``launch_cuda.render_pixels``, which is the same for every capability: there is no warp and no
    atomic in it. Once for all of them, since that is most of the time."""
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    from numba import cuda, types

    from node_agent.kernels.pathtracer import launch_cuda

    f4, i4, i8 = types.float32, types.int32, types.int64
    array = types.Array
    tree = array(f4, 2, "C"), array(i4, 2, "C"), array(f4, 1, "C"), array(i4, 1, "C")
    tables = array(f4, 1, "C"), array(i4, 1, "C"), array(types.uint32, 1, "C")
    signature = types.void(*tree, *tables, array(i8, 2, "C"), i8, i8)
    with pretend_device(capability), seen_by_nvvm() as modules:
        cuda.compile_ptx(launch_cuda.render_pixels, signature, cc=capability)
    return modules


def assemble(ptx: str, capability: tuple[int, int], folder: Path) -> str:
    """What ``ptxas -v`` says of the PTX: registers, stack, spills."""
    ptxas = shutil.which("ptxas")
    if ptxas is None:
        pytest.skip("ptxas is not on PATH")
    source = folder / "kernel.ptx"
    source.write_text(ptx)
    from node_agent.kernels.pathtracer.launch_cuda import MOST_REGISTERS

    arch = f"-arch=sm_{capability[0]}{capability[1]}"
    limit = f"-maxrregcount={MOST_REGISTERS}"  # as the kernel is compiled for a GPU that is there
    done = subprocess.run(
        [ptxas, "-v", arch, limit, str(source), "-o", str(folder / "kernel.cubin")],
        capture_output=True,
        text=True,
        timeout=100,
    )
    if "Unsupported .version" in done.stderr or "is not defined for option" in done.stderr:
        pytest.skip(f"ptxas is too old: {done.stderr.strip().splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    return done.stderr
