"""Ops that compute in Python: how compiled code comes to call their `perform`.

Tensors go to Python and back through the compiler's op `callback`. In compiled code an integer
stands for a Python object (`lltheano.graph.objects`): `perform` gets the object itself, and what it
gives becomes an object of the call. A constant is handed to it as it is.

An op that says in its `destroy_map` that it changes an object gets a copy, so that a shared
variable, an argument or another op's input stays as it was.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lltheano.errors import MethodNotDefined, ShapeError
from lltheano.graph import Apply, Constant, Op, Variable
from lltheano.graph.objects import HANDLE, handle_of, object_at
from lltheano.shared.objects import filtered, private_copy
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.shapes.sizes import as_sizes
from lltheano.tensor.variables.convert import constant
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.host import HostFunction
from lltheano_ir.locks import ProcessLock
from lltheano_ir.nodes import Value
from lltheano_ir.types import ValueType

__all__ = ["call_perform"]

Storage = list[list[Any]]


def call_perform(op: Op, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
    """Build a call of an op's `perform`, or of the thunk that its `make_thunk` returns.

    ValueError when `infer_shape` gives another number of
    sizes than the outputs have.
    """
    results = [_value_type(output) for output in node.outputs]
    pairs = zip(node.inputs, inputs, strict=True)
    operands = [value for one, value in pairs if _is_passed(one)]
    call = _caller(op, node)
    function = HostFunction(call, str(op), builder.location, op.ordered)
    number = builder.host_function(function, _key(op, node))
    sizes = _inferred_sizes(op, builder, node, inputs)
    return list(builder.callback(number, operands, results, sizes, ordered=op.ordered))


def _is_tensor(variable: Variable) -> bool:
    return isinstance(variable.type, TensorType)


def _is_passed(variable: Variable) -> bool:
    """Whether compiled code passes something for an input: it knows nothing of constant objects."""
    return _is_tensor(variable) or not isinstance(variable, Constant)


def _value_type(variable: Variable) -> ValueType:
    if not isinstance(variable.type, TensorType):
        return HANDLE
    return ValueType(dtype_of(variable.type.dtype), variable.type.broadcastable)


def _key(op: Op, node: Apply) -> tuple[Any, ...]:
    """What applications agree in that may share a call: equal ops on the same types and constant
    objects. What computes an object computes one of its own.
    """
    own = () if all(map(_is_tensor, node.outputs)) else (node,)
    return (
        op,
        *(operand.type if _is_passed(operand) else operand for operand in node.inputs),
        *own,
    )


def _caller(op: Op, node: Apply) -> Callable[[Sequence[np.ndarray[Any, Any]]], list[Any]]:
    """The function that compiled code calls: arrays in, arrays out."""
    run = _run_thunk(op, node) if hasattr(op, "make_thunk") else _run_perform(op, node)
    maps = getattr(op, "destroy_map", None) or {}
    changed = {index for inputs in maps.values() for index in inputs}

    def value_of(index: int, variable: Variable, passed: Any) -> Any:
        if _is_tensor(variable):
            return passed
        value = variable.data if isinstance(variable, Constant) else object_at(int(passed))
        return _own_copy(op, index, value) if index in changed else value

    def call(arrays: Sequence[Any]) -> list[Any]:
        rest = iter(arrays)
        passed = [next(rest) if _is_passed(operand) else None for operand in node.inputs]
        pairs = zip(node.inputs, passed, strict=True)
        values = [value_of(index, *pair) for index, pair in enumerate(pairs)]
        storages = zip(node.outputs, run(values), strict=True)
        return [_output(op, index, *storage) for index, storage in enumerate(storages)]

    # For those who look at what an op does.
    vars(call)["node"] = node
    return call


def _own_copy(op: Op, index: int, value: Any) -> Any:
    """A copy of an object that an op is going to change."""
    advice = f"input {index} of {op} is one, and its destroy_map says that it changes it"
    return private_copy(value, f"{advice}; let it compute a new object")


def _output(op: Op, index: int, variable: Variable, storage: Sequence[Any]) -> Any:
    """What an op left in its storage, as an array of the output's type."""
    if not storage or storage[0] is None:
        raise ValueError(f"{op} left output {index} empty: it must set output_storage[{index}][0]")
    try:
        value = filtered(variable.type, storage[0])
    except (TypeError, ValueError) as error:
        raise TypeError(f"{op} gave a wrong value for output {index}: {error}") from error
    return value if _is_tensor(variable) else np.asarray(handle_of(value), np.int64)


def _run_perform(op: Op, node: Apply) -> Callable[[list[Any]], Storage]:
    def run(values: list[Any]) -> Storage:
        storage: Storage = [[None] for _ in node.outputs]
        op.perform(node, values, storage)
        return storage

    return run


def _run_thunk(op: Any, node: Apply) -> Callable[[list[Any]], Storage]:
    """Thunks work on storage of their own, so that each serves one call at a time."""
    idle: list[tuple[Any, dict[Variable, list[Any]], dict[Variable, list[bool]]]] = []
    lock = ProcessLock()

    @contextmanager
    def thunk() -> Iterator[tuple[Any, dict[Variable, list[Any]], dict[Variable, list[bool]]]]:
        with lock:
            result = idle.pop() if idle else None
        if result is None:
            storage: dict[Variable, list[Any]] = {
                operand: [None] for operand in (*node.inputs, *node.outputs)
            }
            computed = {one: [one.owner is None] for one in storage}
            result = op.make_thunk(node, storage, computed, []), storage, computed
        yield result
        with lock:
            idle.append(result)

    def run(values: list[Any]) -> Storage:
        with thunk() as (call, storage, computed):
            for variable, value in zip(node.inputs, values, strict=True):
                storage[variable][0], computed[variable][0] = value, True
            for variable in node.outputs:
                storage[variable][0], computed[variable][0] = None, False
            call()
            result = [[storage[output][0]] for output in node.outputs]
            for one in storage.values():
                one[0] = None
            return result

    return run


def _inferred_sizes(
    op: Op, builder: Builder, node: Apply, inputs: Sequence[Value]
) -> list[list[Value] | None] | None:
    """The sizes of the outputs as the op's `infer_shape` has them, where it knows."""
    infer: Any = getattr(op, "infer_shape", None)
    if infer is None:
        return None
    leaves: dict[Variable, Value] = dict(zip(node.inputs, inputs, strict=True))
    given = [
        _symbolic_sizes(builder, operand, value, leaves)
        for operand, value in zip(node.inputs, inputs, strict=True)
    ]
    try:
        shapes = infer(node, given)
    except (MethodNotDefined, NotImplementedError, ShapeError):
        return None
    if len(shapes) != len(node.outputs):
        message = f"infer_shape of {op} gives {len(shapes)} shapes for {len(node.outputs)} outputs"
        raise ValueError(message)
    pairs = zip(node.outputs, shapes, strict=True)
    return [_lowered_sizes(op, builder, one, shape, leaves) for one, shape in pairs]


def _symbolic_sizes(
    builder: Builder, variable: Variable, value: Value, leaves: dict[Variable, Value]
) -> tuple[Variable, ...] | None:
    """A leaf for each size of an input, noted in `leaves`; None for what is no tensor."""
    if not isinstance(variable.type, TensorType):
        return None
    sizes: list[Variable] = []
    for axis, is_broadcastable in enumerate(variable.type.broadcastable):
        if is_broadcastable:
            sizes.append(constant(1, dtype="int64"))
            continue
        sizes.append(TensorType("int64", ())(f"{variable}.shape[{axis}]"))
        leaves[sizes[-1]] = builder.dim(value, axis)
    return tuple(sizes)


def _lowered_sizes(
    op: Op, builder: Builder, output: Any, shape: Any, leaves: dict[Variable, Value]
) -> list[Value] | None:
    if shape is None or not _is_tensor(output):
        return None
    try:
        sizes = as_sizes(shape, output.ndim)
    except (TypeError, ValueError) as error:
        raise type(error)(f"infer_shape of {op}, for {output.describe()}: {error}") from error
    return lower_inside(builder, leaves, sizes)
