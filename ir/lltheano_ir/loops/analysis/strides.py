"""How the elements that a body touches move with a loop's index.

A varying i64 is linear, with a known `step`, when it is the index, or sums, differences and known
multiples of such; the elements that it addresses then lie at a constant distance.
"""

from collections.abc import Sequence

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.nodes import (
    Buffer,
    Let,
    Load,
    Number,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import inner_bodies
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record

__all__ = ["Accesses", "accesses", "linear_step"]

Statements = tuple[Statement, ...]


def linear_step(op: str, steps: Sequence[int | None], operands: Sequence[Operand]) -> int | None:
    """The step of an i64 op on operands of these steps (0: uniform), None when it has none."""
    polynomial = OPS[op].laws.polynomial
    if polynomial is None or len(steps) != 2 or None in steps:
        return None
    sums = [_sum(operand, step or 0) for operand, step in zip(operands, steps, strict=True)]
    terms = polynomial(*sums)
    if terms is None or any(len(product) > 1 and None in product for product in terms):
        return None
    return terms.get((None,), 0)


def _sum(operand: Operand, step: int) -> dict[tuple[Operand | None, ...], int]:
    """An operand as a number, or what it is at first, and a multiple of the index, None."""
    moving: dict[tuple[Operand | None, ...], int] = {(None,): step} if step else {}
    if isinstance(operand, Number):
        return {(): int(operand.literal.array()), **moving}
    return {(operand,): 1, **moving}


@record(frozen=True, slots=True)
class Accesses:
    """How a body's loads and stores move with a loop index.

    `unit_strides` are the strides that must be 1 for all of them to be vector accesses; where
    `scattered` holds, some never are.
    """

    unit_strides: frozenset[Scalar]
    scattered: bool


def accesses(body: Statements, index: Scalar) -> Accesses:
    """Classify every load and store in a body by how it moves with `index`."""
    steps: dict[str, int | None] = {index.name: 1}
    unit_strides: set[Scalar] = set()
    scattered = False

    def visit(statements: Statements) -> None:
        nonlocal scattered
        for statement in statements:
            if isinstance(statement, Let):
                _note_let(statement, steps)
            elif isinstance(statement, Load | Store):
                stride = _moving_stride(statement.buffer, statement.indices, steps)
                if isinstance(stride, Scalar):
                    unit_strides.add(stride)
                scattered = scattered or stride is False
            if isinstance(statement, Load):
                moves = any(_step(operand, steps) != 0 for operand in statement.indices)
                steps[statement.target.name] = None if moves else 0
            elif isinstance(statement, Reduce):
                visit(statement.body)
                steps.update((one.target.name, None) for one in statement.reductions)
            else:
                for inner in inner_bodies(statement):
                    visit(inner)

    visit(body)
    return Accesses(frozenset(unit_strides), scattered)


def _step(operand: Operand, steps: dict[str, int | None]) -> int | None:
    return steps.get(operand.name, 0) if isinstance(operand, Scalar) else 0


def _note_let(let: Let, steps: dict[str, int | None]) -> None:
    own = [_step(operand, steps) for operand in let.operands]
    if not any(step != 0 for step in own):
        return
    is_index = let.target.dtype is i64
    steps[let.target.name] = linear_step(let.op, own, let.operands) if is_index else None


def _moving_stride(
    buffer: Buffer, indices: Sequence[Operand], steps: dict[str, int | None]
) -> Scalar | bool:
    """The stride that must be 1 for a vector access; True if it is anyway, False if it never is."""
    moving = [axis for axis, one in enumerate(indices) if _step(one, steps) != 0]
    if not moving:
        return True
    if len(moving) > 1 or _step(indices[moving[0]], steps) != 1:
        return False
    if buffer.strides is None:
        inner = buffer.sizes[moving[0] + 1 :]
        return all(isinstance(size, Number) and size.literal.array() == 1 for size in inner)
    stride = buffer.strides[moving[0]]
    return stride if isinstance(stride, Scalar) else int(stride.literal.array()) == 1
