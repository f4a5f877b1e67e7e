"""No loop over an op that has a vector form calls a scalar function of the C library."""

import re
from functools import cache

import pytest

from lltheano_ir.dtypes import DType, f16, f32, f64
from lltheano_ir.emit.scalars.ops import TABLE
from lltheano_ir.emit.scalars.special import SPECIAL
from lltheano_ir.loops.nodes import Let, Load, LoopFunction, Scalar, Statement, Store
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.target import Target, cross_target
from lltheano_ir.types import ValueType
from tests.ir.emit.harness import alloc, assembly_of, build, i, loop, packed, strided

TARGETS = {
    "avx2": cross_target("x86_64-unknown-linux-gnu", "x86-64-v3", ("+avx2", "+fma", "+f16c")),
    "avx512": cross_target("x86_64-unknown-linux-gnu", "x86-64-v4"),
    "arm": cross_target("aarch64-unknown-linux-gnu"),
}
CALL = re.compile(r"^\s+(?:callq?|bl|jmp|b)\s+\*?\"?([A-Za-z_][\w.]*)", re.MULTILINE)
# Large code models put the address into a register first.
ADDRESS = re.compile(r"movabsq\s+\$([A-Za-z_][\w.]*),")


def results(dtype: DType) -> dict[str, tuple[int, DType]]:
    """The ops of floats that call nothing of SciPy's: number of operands, dtype of the result."""
    found = {}
    for op in ELEMENTWISE:
        has_form = (op.name, dtype.numpy.kind) in TABLE and op.name not in SPECIAL
        if op.infer is None or not has_form:
            continue
        try:
            result = op.infer([ValueType(dtype, (False,))] * op.arity, ())
        except TypeRuleError:
            continue
        assert isinstance(result, ValueType)
        found[op.name] = (op.arity, result.dtype)
    return found


def all_ops(dtype: DType, target: Target) -> LoopFunction:
    """One loop that computes every op of floats and stores each result."""
    inputs = [strided(name, dtype, 1, [i("n")]) for name in "xy"]
    scalars = tuple(Scalar(f"v{place}", dtype) for place in range(2))
    body: list[Statement] = [
        Load(one, buffer, (i("i"),)) for one, buffer in zip(scalars, inputs, strict=True)
    ]
    outputs = []
    for name, (arity, result) in results(dtype).items():
        value = Scalar(f"r.{name}", result)
        outputs.append(packed(name, result, i("n")))
        body += [Let(value, name, scalars[:arity]), Store(outputs[-1], (i("i"),), value)]
    nest = loop("i", i("n"), *body, vector=target.lanes(dtype))
    return build(inputs, [*map(alloc, outputs), nest], outputs)


@cache
def called(dtype: DType, target: str) -> frozenset[str]:
    text = assembly_of(all_ops(dtype, TARGETS[target]), TARGETS[target])
    return frozenset(CALL.findall(text)) | frozenset(ADDRESS.findall(text))


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", [f16, f32, f64], ids=str)
def test_nothing_is_called_but_what_the_module_itself_has(dtype: DType, target: str) -> None:
    found = called(dtype, target)
    assert {f"lltheano.math.{name}_huge" for name in ("sin", "cos", "tan")} <= {
        name.rpartition(".")[0] for name in found
    }
    assert {name for name in found if not name.startswith("lltheano")} <= {"memset", "memcpy"}


def test_the_loop_has_the_ops_that_matter() -> None:
    names = set(results(f64))
    assert {"exp", "log", "sin", "tanh", "pow", "erf", "cbrt", "mod", "floordiv"} <= names
