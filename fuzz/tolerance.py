"""How far compiled code may be from the interpreter: errors carried through a program.

Ops with a published bound give a first error, in units in the last place of what they computed;
`dot` one that grows with the number of products. Errors are carried on by first-order rules through
arithmetic, rearrangement and reductions. Where there is no rule (a comparison of an inexact value,
its rounding to an integer, what a loop does with it) the result may be anything: the bound is
infinite, and what depends on it is not compared. Where nothing inexact is involved, it is 0.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lltheano_ir.dtypes import DType
from lltheano_ir.interpret import evaluate
from lltheano_ir.lowering.linalg.products import is_library_product
from lltheano_ir.nodes import Region, Value, operands_first
from lltheano_ir.program import Program

__all__ = ["count_of", "decided_by_inexact", "loops_are_exact", "tolerances"]

Array: TypeAlias = NDArray[Any]
Bound: TypeAlias = NDArray[np.float64]
Operands: TypeAlias = Sequence[Array]

_REFERENCE_UNITS = {"erfc": 600.0, "erfcx": 16.0, "i0": 16.0, "i1": 16.0, "zeta": 64.0}
"""How far the interpreter itself is off, in units in the last place, where SciPy is that bad."""

_SUMMED_OTHERWISE = ("convolution", "factorisation", "transform")
"""The families whose compiled code sums in another order than the interpreter."""

_PRODUCTS = ("dot", "convolve", "convolve_images", "convolve_filters")
"""The ops whose bound depends on how many products are summed."""

_SLACK = 2.0
"""What first-order rules may miss."""


def is_inexact(value: Value) -> bool:
    """Whether compiled code may round the op's result otherwise than the interpreter."""
    if value.types[0].dtype.numpy.kind not in "fc":
        return False
    if value.op.name == "dot" or value.op.family in _SUMMED_OTHERWISE:
        return True
    return bool(value.operands) and not value.op.is_exact(_operand_dtype(value))


def _operand_dtype(value: Value) -> DType:
    return value.operands[-1].types[0].dtype


def _any_inexact(roots: Sequence[Value]) -> bool:
    return any(
        is_inexact(value) or any(_any_inexact(region.results) for region in value.regions)
        for value in operands_first(roots)
    )


def loops_are_exact(program: Program) -> bool:
    """Whether the loop IR, when it is interpreted, gives a program's results bit for bit.

    So it does but for convolutions and transforms, whose loops are another algorithm than the
    interpreter's, and for products that are summed by loops of ours, which round in another order
    than NumPy's.
    """
    return not _any_summed_otherwise(program.roots)


def _any_summed_otherwise(roots: Sequence[Value]) -> bool:
    return any(
        value.op.family in ("convolution", "transform")
        or _is_product_by_loops(value)
        or _any_summed_otherwise(_results(value.regions))
        for value in operands_first(roots)
    )


def _is_product_by_loops(value: Value) -> bool:
    (type_, *_) = value.types
    is_product = value.op.name == "dot" and type_.dtype.is_float
    return is_product and not is_library_product(type_.dtype, type_.rank)


def decided_by_inexact(program: Program) -> bool:
    """Whether an inexact value may decide if an op has a result at all, or what size it has."""
    return _decides(program.roots)


def _decides(roots: Sequence[Value]) -> bool:
    for value in operands_first(roots):
        deciding = [
            operand
            for operand in value.operands
            if operand.types[0].dtype.numpy.kind not in "fc" and value.op.failure.value != "never"
        ]
        if any(_any_inexact([operand]) for operand in deciding):
            return True
        if value.regions and _any_inexact([*value.operands, *_results(value.regions)]):
            return True
    return False


def _results(regions: Sequence[Region]) -> list[Value]:
    return [result for region in regions for result in region.results]


def tolerances(program: Program, inputs: Sequence[Array]) -> list[Bound]:
    """For each result a bound, of its shape: how far compiled code may be from the interpreter."""
    order = list(operands_first(program.roots))
    single = [value for value in order if len(value.types) == 1]
    arrays = dict(zip(single, evaluate(single, inputs, host=program.host), strict=True))
    bounds: dict[Value, Bound] = {}
    with np.errstate(all="ignore"):
        for value in order:
            bounds[value] = _bound(value, arrays, bounds)
    return [bounds[root] for root in program.roots[: count_of(program)]]


def count_of(program: Program) -> int:
    """The number of results that a program gives: of its roots, those that are no effects."""
    return len(program.outputs) + len(program.updates)


def _bound(value: Value, arrays: Mapping[Value, Array], bounds: Mapping[Value, Bound]) -> Bound:
    given = [bounds[operand] for operand in value.operands]
    shape = arrays[value].shape if value in arrays else ()
    clean = not any(one.any() for one in given)
    inexact = is_inexact(value) or _any_inexact(_results(value.regions))
    if clean and not inexact:
        return np.zeros(shape)
    if value not in arrays or value.regions or value.op.name == "result":
        return np.full(shape, np.inf)
    operands = [arrays[operand] for operand in value.operands]
    if inexact and clean and value.op.name not in _PRODUCTS:
        return _ulps(value, operands, arrays[value])
    rule = _RULES.get(value.op.name)
    found = None if rule is None else rule(value, operands, given, arrays[value])
    return np.full(shape, np.inf) if found is None else _settled(found, shape)


def _settled(bound: Any, shape: tuple[int, ...]) -> Bound:
    return np.where(np.isnan(bound), np.inf, np.broadcast_to(bound, shape))


def _spacing(array: Array) -> Bound:
    """One unit in the last place; infinite where the array is not finite."""
    if array.dtype.kind == "c":
        return np.asarray(np.spacing(np.abs(array)), np.float64)
    return np.asarray(np.abs(np.spacing(array)), np.float64)


def _ulps(value: Value, operands: Operands, result: Array) -> Bound:
    units: Any = dict(value.op.ulp)[_operand_dtype(value).name]
    units += _REFERENCE_UNITS.get(value.op.name, units)
    if value.op.name == "pow" and result.dtype.kind == "c":
        # A large exponent magnifies the rounding of the logarithm, in the interpreter most of all.
        wide = [one.astype(np.complex128) for one in operands]
        units = units + 4.0 * np.abs(wide[1] * np.log(wide[0]))
    return _settled(units * _spacing(result), result.shape)


Bounds: TypeAlias = Sequence[Bound]


def _added(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    return given[0] + given[1] + _spacing(result)


def _multiplied(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    x, y = (np.abs(one).astype(np.float64) for one in operands)
    crossed = np.where(given[1] == 0, 0, x * given[1]) + np.where(given[0] == 0, 0, y * given[0])
    return _SLACK * (crossed + given[0] * given[1]) + _spacing(result)


def _same(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    return np.asarray(given[0])


def _sized(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    return given[0] + (_spacing(result) if operands[0].dtype.kind == "c" else 0.0)


def _paired(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    return given[0] + given[1]


def _greatest(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    return np.asarray(np.maximum(*given))


def _selected(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound | None:
    if given[0].any():
        return None
    return np.where(operands[0], given[1], given[2])


def _rearranged(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound | None:
    """Ops that move elements move their errors; what says where must be exact."""
    if any(one.any() for one in given[1:]) or value.op.reference is None:
        return None
    types = [operand.type for operand in value.operands]
    bound_of = np.ascontiguousarray(given[0], np.float64)
    return np.asarray(value.op.reference([bound_of, *operands[1:]], types, value.attributes))


def _joined(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    return np.concatenate(list(given), axis=value.attributes[0])


def _reduced(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound | None:
    kind, axes = value.attributes
    if kind in ("max", "min"):
        return np.asarray(np.max(given[0], axis=axes, initial=0))
    if kind != "add" or result.dtype.kind not in "fc":
        return None
    total = np.sum(np.abs(operands[0]).astype(np.float64) + given[0], axis=axes)
    unit = float(np.finfo(result.dtype).eps)
    count = operands[0].size // max(result.size, 1)
    return np.asarray(np.sum(given[0], axis=axes) + _SLACK * count * unit * total)


def _sorted(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound:
    """No element of a sorted row moves further than the element that moves furthest."""
    greatest = np.max(given[0], axis=-1, keepdims=True, initial=0)
    return np.broadcast_to(greatest, result.shape)


def _contracted(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound | None:
    if result.dtype.kind not in "fc":
        return None
    x, y = (np.abs(one).astype(np.float64) for one in operands)
    unit = float(np.finfo(result.dtype).eps)
    count = operands[0].shape[-1] + 1
    carried = np.matmul(given[0], y + given[1]) + np.matmul(x, given[1])
    return np.asarray(_SLACK * (carried + count * unit * np.matmul(x, y)))


def _convolved(value: Value, operands: Operands, given: Bounds, result: Array) -> Bound | None:
    if result.dtype.kind not in "fc":
        return None
    x, y = (np.abs(one).astype(np.float64) for one in operands[:2])

    def summed(one: Array, other: Array) -> Array:
        types = [operand.type for operand in value.operands]
        (found,) = value.op.results([one, other, *operands[2:]], types, value.attributes)
        return found

    unit = float(np.finfo(result.dtype).eps)
    count = max(x.size, y.size) + 1
    carried = summed(given[0], y + given[1]) + summed(x, given[1])
    return np.asarray(_SLACK * (carried + count * unit * summed(x, y)))


_RULES: dict[str, Callable[[Value, Operands, Bounds, Array], Bound | None]] = {
    "add": _added,
    "sub": _added,
    "mul": _multiplied,
    "neg": _same,
    "abs": _sized,
    "real": _same,
    "imag": _same,
    "complex": _paired,
    "maximum": _greatest,
    "minimum": _greatest,
    "select": _selected,
    "assert": _same,
    "concatenate": _joined,
    "reduce": _reduced,
    "sort": _sorted,
    "dot": _contracted,
    **dict.fromkeys(("convolve", "convolve_images", "convolve_filters"), _convolved),
    **dict.fromkeys(
        ("dimshuffle", "broadcast", "reshape", "rebroadcast", "slice", "index", "gather"),
        _rearranged,
    ),
}
