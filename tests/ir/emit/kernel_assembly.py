"""The assembly of a module that holds kernels, for machines other than this one too."""

import re

import llvmlite.binding as llvm
from llvmlite import ir

__all__ = ["TARGETS", "assembly", "called_functions"]

TARGETS = {
    "x86-64-v3": ("x86_64-unknown-linux-gnu", "x86-64-v3"),
    "aarch64": ("aarch64-unknown-linux-gnu", "generic"),
}
"""For each name of a target its triple and its processor."""


def assembly(module: ir.Module, target: str) -> str:
    """The optimised assembly for one of `TARGETS`."""
    triple, cpu = TARGETS[target]
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, opt=2)
    parsed = llvm.parse_assembly(str(module))
    parsed.triple = triple
    parsed.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(2))
    builder.getModulePassManager().run(parsed, builder)
    return str(machine.emit_assembly(parsed))


def called_functions(text: str) -> list[str]:
    """The functions that assembly calls, or ends in a jump to."""
    return re.findall(r"^\s+(?:callq?|jmp|bl|b)\s+([A-Za-z_][\w.]*)", text, re.MULTILINE)
