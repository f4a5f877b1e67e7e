"""Conditions and counted repetitions in loop IR: what the kernels of a module are made of."""

from collections.abc import Callable

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import For, If, Operand, Scalar
from lltheano_ir.lowering.function_builder import FunctionBuilder

__all__ = ["choose", "repeat"]


def choose(
    context: FunctionBuilder,
    condition: Operand,
    then: Callable[[], None],
    otherwise: Callable[[], None] = lambda: None,
) -> None:
    """Do one of two things."""
    bodies = []
    for make in (then, otherwise):
        with context.block() as body:
            make()
        bodies.append(tuple(body))
    context.emit(If(condition, bodies[0], bodies[1]))


def repeat(context: FunctionBuilder, extent: Operand, body: Callable[[Operand], None]) -> None:
    """Run `body` one time after the other."""
    index = Scalar(context.fresh("i"), i64)
    with context.block() as statements:
        body(index)
    context.emit(For(index, extent, tuple(statements), sequential=True))
