"""The target that is this machine: what LLVM and the operating system say of it."""

from dataclasses import replace
from functools import cache

from lltheano_ir.native.topology import data_caches, usable_cores
from lltheano_ir.target import BASELINE_CACHES, Target, cross_target

__all__ = ["host_target"]


@cache
def host_target() -> Target:
    """The machine that this process runs on, as it was when first asked for.

    >>> host_target() is host_target()
    True
    """
    # Third-party and slow to import (60 ms); whoever asks for the host is about to compile.
    import llvmlite.binding as llvm  # noqa: PLC0415

    features = llvm.get_host_cpu_features().items()
    signed = tuple(f"{'+' if present else '-'}{name}" for name, present in features)
    target = cross_target(llvm.get_process_triple(), llvm.get_host_cpu_name(), signed)
    return replace(target, caches=data_caches() or BASELINE_CACHES, cores=usable_cores())
