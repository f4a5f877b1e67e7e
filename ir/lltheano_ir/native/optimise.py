"""LLVM's verifier, its optimiser and its code generator, each behind one function.

Invariants: `verify_module` comes before anything else touches a module, since LLVM's passes may
crash the process on IR that the verifier would refuse; passes never change what a program computes
(no fast-math, no contraction, no vectoriser: loops arrive vectorised).
"""

import re
from functools import cache

import llvmlite.binding as llvm

from lltheano_ir.native.machine import data_layout, llvm_lock, target_machine
from lltheano_ir.target import Target

__all__ = [
    "PIPELINE_VERSION",
    "LLVMVerificationError",
    "assembly",
    "object_code",
    "optimise",
    "verify_module",
]

PIPELINE_VERSION = 1
"""Part of every cache key: raise it when the passes or the code generator's options change."""

# Emission hands over vectorised loops with allocas for mutable scalars, so what is left to do is to
# put those into registers (sroa), tidy (instcombine, simplifycfg), turn loops bottom-tested
# (rotate) and drop dead stores. Common subexpressions, loop-invariant code and addressing are then
# handled by the code generator's own MachineCSE, MachineLICM and LSR. Measured on strided,
# reduction and polynomial kernels: the same inner loops as LLVM's -O2 pipeline for a fifth of its
# time (1.2 ms against 6.2 ms a kernel; -O1 takes 5.8 ms), code generation itself taking 2 to 5 ms.
# NewGVN is left out: LLVM does not enable it by default for reasons of correctness.
_PASSES = (
    "always_inliner",
    "sroa",
    "instruction_combine",
    "simplify_cfg",
    "loop_rotate",
    "instruction_combine",
    "simplify_cfg",
    "dead_store_elimination",
    "global_dead_code_eliminate",
)

_RUNS_PER_BUILDER = 32
# Measured on LLVM 22: a pass manager gives back nothing of the 20 KB that it takes, and a pass
# builder keeps something for each of its runs, which slows the next ones by a thousandth each.
# So the manager is made once, and a builder serves some runs.

_CONTEXT_LINES = 3


class LLVMVerificationError(Exception):
    """LLVM refused a module: its message, and the lines of the module that it is about.

    This is always a fault of the compiler, or of whoever wrote the LLVM IR by hand.
    """


def verify_module(
    source: str | llvm.ModuleRef, context: llvm.ContextRef | None = None
) -> llvm.ModuleRef:
    """Parse LLVM IR text, if text it is, and run LLVM's verifier over the module.

    Parameters
    ----------
    source
        LLVM IR text, or an `llvmlite.binding.ModuleRef`.
    context
        Where to put types and constants if it is text, the global one by default, which never
        gives its memory back. Whoever makes a context has to close the module before it: left to
        the garbage collector, the two may die in the wrong order and take the process with them.

    Returns
    -------
    The `llvmlite.binding.ModuleRef`.

    Raises
    ------
    LLVMVerificationError
        The text does not parse or the module breaks a rule of LLVM IR.

    >>> verify_module("define i32 @one() { ret i32 1 }").get_function("one").name
    'one'
    >>> verify_module("define i32 @one() { ret i64 1 }")
    Traceback (most recent call last):
      ...
    lltheano_ir.native.optimise.LLVMVerificationError: value doesn't match function ...
    >    1 | define i32 @one() { ret i64 1 }
    """
    module = _parse(source, context) if isinstance(source, str) else source
    try:
        module.verify()
    except RuntimeError as error:
        explanation = _explain(str(error), str(module))
        if module is not source:
            # The traceback would keep it beyond its context.
            module.close()
        raise LLVMVerificationError(explanation) from error
    return module


def optimise(module: llvm.ModuleRef, target: Target) -> None:
    """Run the optimiser over a verified module, in place.

    The module's triple and data layout become the target's.

    Raises
    ------
    ValueError
        The module says that it is for another target.
    """
    _bind(module, target)
    with llvm_lock:
        _pass_manager().run(module, _pass_builder(target))


@cache
def _pass_manager() -> llvm.ModulePassManager:
    passes = llvm.create_new_module_pass_manager()
    for name in _PASSES:
        getattr(passes, f"add_{name}_pass")()
    return passes


_builders: dict[Target, tuple[llvm.PassBuilder, int]] = {}
"""The pass builder of each target, and how many runs it is still good for."""


def _pass_builder(target: Target) -> llvm.PassBuilder:
    builder, runs = _builders.get(target, (None, 0))
    if runs == 0:
        options = llvm.create_pipeline_tuning_options(speed_level=2)
        builder, runs = llvm.create_pass_builder(target_machine(target), options), _RUNS_PER_BUILDER
    _builders[target] = (builder, runs - 1)
    return builder


def assembly(module: llvm.ModuleRef, target: Target) -> str:
    """The assembly text that `object_code` would give, for people to read."""
    _bind(module, target)
    return str(target_machine(target).emit_assembly(module))


def object_code(module: llvm.ModuleRef, target: Target) -> bytes:
    """Relocatable object code of a verified module."""
    _bind(module, target)
    return bytes(target_machine(target).emit_object(module))


def _bind(module: llvm.ModuleRef, target: Target) -> None:
    layout = data_layout(target)
    for what, found, wanted in (
        ("target triple", module.triple, target.triple),
        ("data layout", module.data_layout, layout),
    ):
        if found not in {"", wanted}:
            raise ValueError(f"the module has {what} {found!r}; the target has {wanted!r}")
    module.triple = target.triple
    module.data_layout = layout


def _parse(text: str, context: llvm.ContextRef | None) -> llvm.ModuleRef:
    if "\0" in text:
        raise LLVMVerificationError("LLVM IR text holds a NUL character")
    try:
        return llvm.parse_assembly(text, context)
    except RuntimeError as error:
        raise LLVMVerificationError(_explain(str(error), text)) from error


def _explain(message: str, text: str) -> str:
    """The message, then the numbered lines of the text that it talks about."""
    lines = text.splitlines()
    located = re.search(r"<string>:(\d+):(\d+): error: (.*)", message)
    if located:
        message = located[3]
        culprits = [int(located[1]) - 1]
    else:
        message = message.strip()
        quoted = {line.strip() for line in message.splitlines()[1:]} - {""}
        culprits = [number for number, line in enumerate(lines) if line.strip() in quoted]
    return "\n".join([message, *_excerpt(lines, culprits)])


def _excerpt(lines: list[str], culprits: list[int]) -> list[str]:
    shown = {
        number
        for culprit in culprits
        for number in range(culprit - _CONTEXT_LINES, culprit + _CONTEXT_LINES + 1)
        if 0 <= number < len(lines)
    }
    excerpt: list[str] = []
    for number in sorted(shown):
        if excerpt and number - 1 not in shown:
            excerpt.append("     ...")
        mark = ">" if number in culprits else " "
        excerpt.append(f"{mark} {number + 1:4} | {lines[number]}")
    return excerpt
