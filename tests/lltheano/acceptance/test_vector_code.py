"""Every elementwise and reduction kernel of the demo's training step is vector code.

Loops are told apart by what they add: the step is emitted with one loop in vectors and all others
in scalars, so what vector arithmetic there is belongs to that loop. With none, there is none.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from lltheano.config import config
from lltheano.demo.digits import compile_train, split_digits, write_down
from lltheano_ir.dtypes import DType, f32, f64
from lltheano_ir.emit import emit_module
from lltheano_ir.loops.nodes import (
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Order,
    Reduce,
    Schedule,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import inner_bodies, statements_in
from lltheano_ir.native.optimise import assembly, optimise, verify_module
from lltheano_ir.native.target import host_target
from lltheano_ir.pipeline import to_loops
from lltheano_ir.program import Program
from lltheano_ir.target import Target, cross_target

Kernel = For | Reduce
DTYPES = {"float32": f32, "float64": f64}
SCALAR = Schedule(1, 1)
ARM = cross_target("aarch64-unknown-linux-gnu")
# In LLVM IR: arithmetic, comparison, conversion or memory access of several elements at once.
VECTOR = re.compile(
    r"= (?:f?add|f?sub|f?mul|fdiv|[fi]cmp \w+|select|and|or|xor|\w+ext|[su]itofp"
    r"|(?:tail )?call(?: nofpclass\(\w+\))?) <\d+ x \w+>|load <\d+ x \w+>|store <\d+ x \w+>"
)


@cache
def program(dtype: str) -> Program:
    """The demo's training step, after the passes over the tensor IR."""
    with config.change_flags(floatX=dtype):
        return compile_train(write_down(*split_digits(1))).compiled.program


def kernels(body: tuple[Statement, ...]) -> Iterator[Kernel]:
    """Every loop and reduction, those inside others too."""
    for statement in body:
        for one in statements_in(statement):
            if isinstance(one, For | Reduce):
                yield one


def only(function: LoopFunction, kernel: Kernel | None) -> LoopFunction:
    """`function` with no loop but `kernel` in vectors: others go one element after another."""
    return replace(function, body=_only(function.body, kernel))


def _only(body: tuple[Statement, ...], kernel: Kernel | None) -> tuple[Statement, ...]:
    return tuple(one if one is kernel else _in_scalars(one, kernel) for one in body)


def _in_scalars(one: Statement, kernel: Kernel | None) -> Statement:
    match one:
        case Reduce():
            # The order in which blocks of a float sum are added is a vector's at any width.
            body = _only(one.body, kernel)
            return replace(one, body=body, schedule=SCALAR, order=Order.ROWS)
        case For():
            return replace(one, body=_only(one.body, kernel), schedule=SCALAR)
        case If():
            then, otherwise = (_only(each, kernel) for each in inner_bodies(one))
            return replace(one, then=then, otherwise=otherwise)
        case _:
            return one


def in_vectors(function: LoopFunction) -> list[Kernel]:
    return [one for one in kernels(function.body) if one.schedule.vector > 1]


def loops_of(module_text: str) -> str:
    """The instructions in blocks that jump back to themselves, in optimised LLVM IR."""
    blocks = re.split(r"\n(?=[\w.\"-]+:)", module_text)
    hot = []
    for block in blocks:
        label = block.partition(":")[0]
        if re.search(rf"br i1 .*label %{re.escape(label)}\b", block):
            hot.append(block)
    return "\n".join(hot)


def optimised(function: LoopFunction, target: Target) -> str:
    module = verify_module(emit_module(function, target))
    optimise(module, target)
    return str(module)


def does_arithmetic(kernel: Kernel, dtype: DType) -> bool:
    """Whether it computes with, rather than only moves, numbers of `dtype`."""
    inside = [one for one in statements_in(kernel) if isinstance(one, Let)]
    return isinstance(kernel, Reduce) or any(one.target.dtype == dtype for one in inside)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_innermost_loop_that_may_run_in_any_order_has_a_vector_width(dtype: str) -> None:
    function = to_loops(program(dtype), host_target()).entry
    widths = []
    for one in kernels(function.body):
        inside = [each for part in one.body for each in statements_in(part)]
        innermost = not any(isinstance(each, For | Reduce) for each in inside)
        sequential = one.sequential if isinstance(one, For) else one.order is Order.ROWS
        if innermost and not sequential:
            widths.append(one.schedule.vector)
    assert len(widths) >= 8
    assert min(widths) > 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_kernel_of_the_demo_has_vector_instructions_in_its_hot_loop(dtype: str) -> None:
    target = host_target()
    function = to_loops(program(dtype), target).entry
    found = in_vectors(function)
    assert len(found) >= 8
    assert any(isinstance(one, Reduce) for one in found)
    assert any(isinstance(one, For) for one in found)
    assert not VECTOR.findall(optimised(only(function, None), target))
    for kernel in found:
        text = loops_of(optimised(only(function, kernel), target))
        assert VECTOR.search(text), kernel
        widths = {int(size) for size in re.findall(r"<(\d+) x (?:float|double|i64|i32)>", text)}
        assert max(widths) >= kernel.schedule.vector


@pytest.mark.parametrize(("dtype", "lanes"), [("float32", "4s"), ("float64", "2d")])
def test_the_demo_is_neon_code_on_arm(dtype: str, lanes: str) -> None:
    function = to_loops(program(dtype), ARM).entry
    module = verify_module(emit_module(function, ARM))
    optimise(module, ARM)
    text = assembly(module, ARM)
    for name in ("fadd", "fsub", "fmul", "fmaxnm|fmax|fcmg[te]|bit|bsl"):
        assert re.search(rf"\b(?:{name})\s+v\d+\.(?:{lanes}|16b)", text), name
    assert re.search(rf"\bfmla\s+v\d+\.{lanes}", text), "exp is a polynomial in vectors"
    assert not re.search(r"\b[xyz]mm\d", text)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_floating_point_kernel_of_the_demo_is_neon_code(dtype: str) -> None:
    function = to_loops(program(dtype), ARM).entry
    element = DTYPES[dtype]
    arithmetic = re.compile(r"\bf(?:add|sub|mul|mla|div|max\w*|cm\w+|neg|mov)\s+v\d+\.\d")
    for kernel in in_vectors(function):
        widest = [
            one.buffer.dtype.itemsize
            for one in statements_in(kernel)
            if isinstance(one, Load | Store)
        ]
        if not does_arithmetic(kernel, element) or max(widest) > element.itemsize:
            continue
        module = verify_module(emit_module(only(function, kernel), ARM))
        optimise(module, ARM)
        assert arithmetic.search(assembly(module, ARM)), kernel
