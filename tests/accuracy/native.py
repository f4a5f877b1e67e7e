"""Compile one math kernel as a loop over an array: vectors of one width, scalars at the end."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from lltheano_ir.emit.math import MATH, call_math

Array = NDArray[np.floating]
I64 = ir.IntType(64)
ELEMENTS = {"f32": ir.FloatType(), "f64": ir.DoubleType()}
NUMPY: dict[str, type[Any]] = {"f32": np.float32, "f64": np.float64}


def _loop(
    b: ir.IRBuilder, name: str, element: ir.Type, lanes: int, start: ir.Value, stop: ir.Value
) -> None:
    """``for (i = start; i < stop; i += lanes) result[i..] = name(args[i..])``."""
    function = b.function
    type_ = ir.VectorType(element, lanes) if lanes > 1 else element
    before = b.block
    head, body, done = (b.append_basic_block(f"{part}{lanes}") for part in ("head", "body", "done"))
    b.branch(head)
    b.position_at_end(head)
    index = b.phi(I64)
    index.add_incoming(start, before)
    b.cbranch(b.icmp_signed("<", index, stop), body, done)
    b.position_at_end(body)
    places = [b.gep(p, [index], source_etype=element) for p in function.args[:-1]]
    args = [b.load(p, typ=type_, align=_align(element)) for p in places[1:]]
    b.store(call_math(b.module, b, name, args), places[0], align=_align(element))
    index.add_incoming(b.add(index, I64(lanes)), b.block)
    b.branch(head)
    b.position_at_end(done)


def _align(element: ir.Type) -> int:
    return 4 if isinstance(element, ir.FloatType) else 8


def kernel_module(name: str, dtype: str, lanes: int) -> ir.Module:
    """A module with ``void run(result, args..., i64 count)``."""
    element, module = ELEMENTS[dtype], ir.Module(f"{name}.{dtype}.{lanes}")
    pointers = [ir.PointerType()] * (1 + MATH[name].arity)
    run = ir.Function(module, ir.FunctionType(ir.VoidType(), [*pointers, I64]), "run")
    b = ir.IRBuilder(run.append_basic_block("entry"))
    count = run.args[-1]
    whole = b.sub(count, b.urem(count, I64(lanes)))
    _loop(b, name, element, lanes, I64(0), whole)
    if lanes > 1:
        _loop(b, name, element, 1, whole, count)
    b.ret_void()
    return module


def target_machine() -> llvm.TargetMachine:
    """The host, with every feature it has; an engine takes ownership, so a new one each time."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=2)


def optimised(module: ir.Module) -> llvm.ModuleRef:
    """Parsed, verified and optimised at O2 with LLVM's own vectorisers off."""
    machine = target_machine()
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = False
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(parsed, builder)
    return parsed


class Kernel:
    """A compiled kernel: call it on arrays of one size and dtype to get a new array."""

    def __init__(self, name: str, dtype: str, lanes: int) -> None:
        parsed = optimised(kernel_module(name, dtype, lanes))
        self._engine = llvm.create_mcjit_compiler(parsed, target_machine())
        self._engine.finalize_object()
        self._dtype = NUMPY[dtype]
        signature = ctypes.CFUNCTYPE(
            None, *[ctypes.c_void_p] * (1 + MATH[name].arity), ctypes.c_int64
        )
        self._native = signature(self._engine.get_function_address("run"))

    def __call__(self, *args: Array) -> Array:
        inputs = [np.ascontiguousarray(a, self._dtype) for a in args]
        result = np.empty_like(inputs[0])
        self.prepared(result, *inputs)()
        return result

    def prepared(self, result: Array, *args: Array) -> Callable[[], None]:
        """A call without arguments, for timing; the arrays must live while it is used."""
        pointers = [ctypes.c_void_p(a.ctypes.data) for a in (result, *args)]
        return partial(self._native, *pointers, ctypes.c_int64(result.size))


@cache
def compiled(name: str, dtype: str, lanes: int) -> Kernel:
    """The kernel of function `name` with vectors of `lanes` lanes and a scalar remainder."""
    return Kernel(name, dtype, lanes)
