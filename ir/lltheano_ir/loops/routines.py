"""The routines that a `call` of the loop IR may name: what each is given, and what it writes.

A routine is compiled code that is no loop nest: a product of matrices by BLAS, or a sequential
algorithm that is emitted once and shared by all its calls (`lltheano_ir.emit.routines`). Its
meaning here is what the interpreter runs.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.matrix_routines import MATRIX_ROUTINES
from lltheano_ir.loops.nodes import Buffer
from lltheano_ir.loops.routine import Buffers, Routine, Shape
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.matrices import multiplications
from lltheano_ir.ops.ordering import first_places

__all__ = ["ROUTINES", "Routine"]


def _require_one_dtype(buffers: Buffers) -> None:
    first = buffers[0]
    for buffer in buffers:
        if buffer.dtype is not first.dtype:
            raise ValueError(f"%{buffer.name} is {buffer.dtype}, %{first.name} is {first.dtype}")


def _require_row_major(name: str, buffers: Buffers) -> None:
    for buffer in buffers:
        if buffer.strides is not None:
            raise ValueError(f"{name} takes row-major buffers, %{buffer.name} has strides")


def _require_dot(outputs: Buffers, inputs: Buffers) -> None:
    _require_one_dtype([*outputs, *inputs])
    ranks = [len(buffer.sizes) for buffer in (*inputs, *outputs)]
    if not all(1 <= rank <= 2 for rank in ranks[:2]) or ranks[2] != ranks[0] + ranks[1] - 2:
        raise ValueError(f"dot cannot make {ranks[2]} axes of {ranks[0]} and {ranks[1]}")
    dtype = outputs[0].dtype
    if dtype.numpy.kind not in "fc" or dtype.itemsize < 4:
        raise ValueError(f"dot does not compute in {dtype}")


def _dot(inputs: Sequence[Array], shapes: Sequence[Shape]) -> tuple[Array, ...]:
    with np.errstate(all="ignore"):
        return (np.asarray(np.matmul(*inputs)),)


def _require_nonzero(outputs: Buffers, inputs: Buffers) -> None:
    (places,), (mask,) = outputs, inputs
    if places.dtype is not i64 or mask.dtype is not bool_:
        raise ValueError(f"nonzero makes i64 of bool, not {places.dtype} of {mask.dtype}")
    if len(places.sizes) != 1 or len(mask.sizes) != 1:
        raise ValueError("nonzero makes a vector of a vector")
    _require_row_major("nonzero", [places, mask])


def _nonzero(inputs: Sequence[Array], shapes: Sequence[Shape]) -> tuple[Array, ...]:
    ((count,),) = shapes
    return (first_places(inputs[0], count),)


def _require_sort(outputs: Buffers, inputs: Buffers) -> None:
    _require_one_dtype([*outputs, *inputs])
    _require_rows("sort", outputs[0], inputs[0])


def _require_argsort(outputs: Buffers, inputs: Buffers) -> None:
    if outputs[0].dtype is not i64:
        raise ValueError(f"argsort makes i64, not {outputs[0].dtype}")
    _require_rows("argsort", outputs[0], inputs[0])


def _require_rows(name: str, target: Buffer, source: Buffer) -> None:
    if source.dtype.is_complex:
        raise ValueError(f"{name} is not defined on {source.dtype}")
    if not source.sizes or target.sizes != source.sizes:
        raise ValueError(f"{name} needs an axis, and gives the sizes that it is given")
    _require_row_major(name, [target, source])


def _sort(inputs: Sequence[Array], shapes: Sequence[Shape]) -> tuple[Array, ...]:
    return (np.sort(inputs[0], axis=-1, kind="stable"),)


def _argsort(inputs: Sequence[Array], shapes: Sequence[Shape]) -> tuple[Array, ...]:
    return (np.argsort(inputs[0], axis=-1, kind="stable"),)


ROUTINES: Mapping[str, Routine] = {
    "dot": Routine(1, 2, _require_dot, _dot, exact=False, work=multiplications),
    "nonzero": Routine(1, 1, _require_nonzero, _nonzero),
    "sort": Routine(1, 1, _require_sort, _sort),
    "argsort": Routine(1, 1, _require_argsort, _argsort),
    **MATRIX_ROUTINES,
}
"""Each routine by its name."""
