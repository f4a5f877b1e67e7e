"""LLVM's code generators, one for each target, and the start of LLVM itself.

Invariants: every code generator is created here, so LLVM is initialised once, on first need and
under one lock; a process forks, or ends, only while nobody holds that lock, so that a child finds
LLVM idle rather than in the middle of what a thread that it does not have was doing.

Code model: code runs through MCJIT with LLVM's JIT default, which on 64-bit machines is the large
code model with static relocation. The small model would save a few moves per loop entry, but MCJIT
does not promise that code, constants and callees lie within the 2 GiB that it takes for granted,
and a process that holds large arrays does get mappings further apart.
"""

import atexit
import os
import threading

import llvmlite.binding as llvm

from lltheano_ir.target import Target

__all__ = ["data_layout", "llvm_lock", "new_target_machine", "target_machine"]

llvm_lock = threading.RLock()
"""Held around work with LLVM by all that should be safe when another thread forks."""

_machines: dict[Target, llvm.TargetMachine] = {}
_initialised: set[str] = set()


def target_machine(target: Target) -> llvm.TargetMachine:
    """The code generator for a target: one `llvmlite.binding.TargetMachine`, made once and shared.

    Sharing is safe: every call into LLVM holds llvmlite's lock, and code generation leaves the
    machine as it was. An execution engine would own it: give those a `new_target_machine`.

    Raises
    ------
    ValueError
        LLVM has no code generator for the target's triple.
    """
    with llvm_lock:
        if target not in _machines:
            _machines[target] = new_target_machine(target)
        return _machines[target]


def new_target_machine(target: Target) -> llvm.TargetMachine:
    """A code generator that nobody else holds, for an execution engine to own."""
    return _code_generator(target.triple).create_target_machine(
        cpu=target.cpu,
        features=target.feature_string,
        opt=2,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def data_layout(target: Target) -> str:
    """The layout string that modules for this target carry.

    >>> from lltheano_ir.target import cross_target
    >>> data_layout(cross_target("aarch64-unknown-linux-gnu"))[:3]
    'e-m'
    """
    return str(target_machine(target).target_data)


def _code_generator(triple: str) -> llvm.Target:
    with llvm_lock:
        _initialise("native" if triple == llvm.get_process_triple() else "all")
        try:
            return llvm.Target.from_triple(triple)
        except RuntimeError as error:
            raise ValueError(f"LLVM generates no code for {triple!r}: {error}") from error


def _initialise(which: str) -> None:
    if which in _initialised:
        return
    if which == "native":
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        # A process ends when nobody is in the middle of LLVM, which takes itself apart at the end.
        atexit.register(llvm_lock.acquire)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=llvm_lock.acquire,
                after_in_parent=llvm_lock.release,
                after_in_child=llvm_lock.release,
            )
    else:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    _initialised.add(which)
