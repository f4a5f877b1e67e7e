"""Rules of scalars and of the elements of buffers: `let`, `load`, `store`."""

from lltheano_ir.loops.nodes import Let, Load, Store
from lltheano_ir.loops.verify.scope import Scope
from lltheano_ir.ops.definition import TypeRuleError
from lltheano_ir.ops.table import OPS
from lltheano_ir.types import ValueType

__all__ = ["let", "load", "store"]


def let(scope: Scope, one: Let) -> None:
    """An elementwise op of scalars."""
    op = OPS.get(one.op)
    if op is None or not op.is_elementwise:
        scope.fail(f"{one.op} is not a scalar op")
    types = [ValueType(scope.operand(operand), ()) for operand in one.operands]
    if len(types) != op.arity:
        scope.fail(f"{one.op} takes {op.arity} operands, got {len(types)}")
    attributes = (one.target.dtype,) if op.attributes else ()
    try:
        (given,) = op.result_types(types, attributes)
    except TypeRuleError as error:
        scope.fail(str(error))
    if given.dtype is not one.target.dtype:
        scope.fail(f"{one.op} gives {given.dtype}, %{one.target.name} is {one.target.dtype}")
    scope.define(one.target)


def load(scope: Scope, one: Load) -> None:
    """An element of a buffer."""
    scope.access(one.buffer, one.indices)
    if one.target.dtype is not one.buffer.dtype:
        scope.fail(f"%{one.buffer.name} holds {one.buffer.dtype}, not {one.target.dtype}")
    scope.define(one.target)


def store(scope: Scope, one: Store) -> None:
    """A value that becomes an element."""
    scope.access(one.buffer, one.indices)
    if scope.operand(one.value) is not one.buffer.dtype:
        scope.fail(f"%{one.buffer.name} holds {one.buffer.dtype}, not {one.value.dtype}")
    scope.writable(one.buffer)
