"""Runs the CUDA kernel on the CPU, by the very IR that numba-cuda gives to NVVM: fast, but one thread after the other.

The IR is LLVM's with typed pointers. Here its pointers lose their types, it is told another machine, the few
functions that NVVM supplies are supplied, and llvmlite compiles it. That shows what numba-cuda made of
the source, not what a GPU makes of it: no fused operations, no races, no memory of its own.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any, NamedTuple

import llvmlite.binding as llvm

_FLAT = r'[^{}\[\]*"]'
_NESTED = _FLAT
for _ in range(5):
    _NESTED = rf"(?:{_FLAT}|\{{{_NESTED}*\}}|\[{_NESTED}*\])"
POINTER = re.compile(rf"(?:\b(?:i\d+|float|double|ptr)|\{{{_NESTED}*\}}|\[{_NESTED}*\])\*")
NOT_OURS = re.compile(r"^(?:target |!nvvm).*$", re.MULTILINE)
"""Its machine, and that a kernel is one, which would give it a GPU's calling convention."""
KERNEL = re.compile(r'define void @("[^"]*13render_pixels[^"]*")\((.*)\)')
SUPPLIED = """
@place = internal global i32 0
define linkonce_odr i32 @thread_of_block() {{ ret i32 0 }}
define linkonce_odr i32 @threads_a_block() {{ ret i32 1 }}
define linkonce_odr i32 @block_of_grid() {{
  %p = load i32, ptr @place
  ret i32 %p
}}
declare float @llvm.sqrt.f32(float)
declare float @llvm.fabs.f32(float)
declare float @llvm.minnum.f32(float, float)
declare float @llvm.maxnum.f32(float, float)
declare void @{kernel}({kinds})
define void @launch({parameters}, i32 %threads) {{
entry:
  br label %loop
loop:
  %i = phi i32 [0, %entry], [%next, %loop]
  store i32 %i, ptr @place
  call void @{kernel}({parameters})
  %next = add i32 %i, 1
  %more = icmp slt i32 %next, %threads
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""
NAMES = {
    "llvm.nvvm.read.ptx.sreg.tid.x": "thread_of_block",
    "llvm.nvvm.read.ptx.sreg.ntid.x": "threads_a_block",
    "llvm.nvvm.read.ptx.sreg.ctaid.x": "block_of_grid",
    "__nv_sqrtf": "llvm.sqrt.f32",
    "__nv_fabsf": "llvm.fabs.f32",
    "__nv_fminf": "llvm.minnum.f32",
    "__nv_fmaxf": "llvm.maxnum.f32",
}


class Compiled(NamedTuple):
    """The kernel as a function of this machine."""

    engine: Any
    address: int


def for_this_machine(ir: str) -> str:
    """A module for the CPU, its pointers without types."""
    for theirs, ours in NAMES.items():
        ir = ir.replace(f'@"{theirs}"', f'@"{ours}"')
    changes = 1
    while changes:
        ir, changes = POINTER.subn("ptr", ir)
    # A module that comes before what calls it must be kept.
    return NOT_OURS.sub("", ir).replace(" linkonce_odr ", " weak_odr ")


def _parsed(text: str, machine):
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    return module


def compiled(modules: list[str]) -> Compiled:
    """What ``launch`` runs, of the modules that make up ``launch_cuda.render_pixels``."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    texts = [for_this_machine(ir) for ir in dict.fromkeys(modules)]
    found = next(filter(None, map(KERNEL.search, texts)))
    kernel, parameters = found[1], found[2]
    kinds = ", ".join(part.split()[0] for part in parameters.split(", "))
    machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
    supplied = SUPPLIED.format(kernel=kernel, parameters=parameters, kinds=kinds)
    whole = _parsed(supplied, machine)
    for text in texts:
        whole.link_in(_parsed(text, machine))
    whole.verify()
    for function in whole.functions:
        if not function.is_declaration and function.name != "launch":
            function.linkage = "internal"
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(2))
    passes.getModulePassManager().run(whole, passes)
    engine = llvm.create_mcjit_compiler(whole, machine)
    engine.finalize_object()
    return Compiled(engine, engine.get_function_address("launch"))


def launch(kernel: Compiled, arrays, film, first_sample: int, samples: int) -> None:
    """As ``launch_cuda.launch`` of ``launch_cuda.host_arrays``, for each pixel of the film in turn."""
    values: list = []
    for array in (*arrays, film):
        shape, strides = array.shape, array.strides
        values += [ctypes.c_void_p(), ctypes.c_void_p(), array.size, array.itemsize]
        values += [ctypes.c_void_p(array.ctypes.data), *shape, *strides]
    values += [first_sample, samples]
    typed = [x if isinstance(x, ctypes.c_void_p) else ctypes.c_int64(x) for x in values]
    function = ctypes.CFUNCTYPE(None, *map(type, typed), ctypes.c_int32)(kernel.address)
    function(*typed, ctypes.c_int32(len(film)))
