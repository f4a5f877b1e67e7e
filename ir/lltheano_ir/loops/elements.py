"""What the interpreter computes: ops of single elements, and reductions of many, in their order."""

from collections.abc import Sequence

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.nodes import Reduction
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.reduction import REDUCTION_OPS, neutral_element
from lltheano_ir.ops.summation import fold_last_axis, fold_leading_axes
from lltheano_ir.ops.table import OPS
from lltheano_ir.types import ValueType

__all__ = ["combined", "scalar_op"]


def scalar_op(op: str, dtype: DType, operands: Sequence[Array]) -> Array:
    """What an elementwise op gives for single elements."""
    types = [_SCALAR_TYPE for _ in operands]
    attributes = (dtype,) if OPS[op].attributes else ()
    (element,) = OPS[op].results(list(operands), types, attributes)
    return element.astype(dtype.numpy)


_SCALAR_TYPE = ValueType(DType("any", np.dtype(np.float64)), ())


def combined(reduction: Reduction, column: Sequence[Array], blocked: bool) -> Array:
    """What a reduction gives for these elements, in their order."""
    kind, dtype = reduction.kind, reduction.target.dtype.numpy
    if kind in ("argmax", "argmin"):
        elements = np.asarray(column)
        position = elements.argmax() if kind == "argmax" else elements.argmin()
        return np.asarray(position if column else 0, np.int64)
    elements = np.asarray(column, dtype)
    if kind in ("add", "mul"):
        if blocked:
            return np.asarray(fold_last_axis(kind, elements))
        return np.asarray(fold_leading_axes(kind, elements, (0,)))
    return _folded(kind, elements)


def _folded(kind: str, elements: Array) -> Array:
    total = neutral_element(kind, elements.dtype)
    reference = OPS[REDUCTION_OPS[kind]].reference
    assert reference is not None
    for element in elements:
        pair = [np.asarray(total), np.asarray(element)]
        total = np.asarray(reference(pair, [_SCALAR_TYPE, _SCALAR_TYPE], ()))
    return np.asarray(total, elements.dtype)
