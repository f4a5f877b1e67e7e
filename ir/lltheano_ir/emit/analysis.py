"""What must be known of a loop body before it is emitted: what varies, what can move out, what is a
vector.

A scalar varies with a loop when it depends on the loop's index. A varying i64 is linear, with a
known `step`, when it is the index, or sums, differences and known multiples of such; the elements
that it addresses then lie at a constant distance.
"""

from collections.abc import Iterable, Mapping, Sequence

from lltheano_ir.dtypes import i64
from lltheano_ir.emit.context import Unit, operand_dtype
from lltheano_ir.emit.scalars import is_heavy
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Constant,
    Contiguous,
    For,
    If,
    Let,
    Load,
    Number,
    Operand,
    Order,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
)
from lltheano_ir.loops.walk import inner_bodies, statements_in
from lltheano_ir.records import record

__all__ = [
    "Accesses",
    "accesses",
    "has_heavy_ops",
    "is_vectorisable",
    "linear_step",
    "split_invariant",
]

Statements = tuple[Statement, ...]


def linear_step(op: str, steps: Sequence[int | None], operands: Sequence[Operand]) -> int | None:
    """The step of an i64 op on operands of these steps (0: uniform), None when it has none."""
    if len(steps) != 2 or None in steps:
        return None
    first, second = (step or 0 for step in steps)
    if op == "add":
        return first + second
    if op == "sub":
        return first - second
    if op == "mul":
        for step, other in ((first, operands[1]), (second, operands[0])):
            if step and isinstance(other, Number):
                return step * int(other.literal.array())
    return None


def is_vectorisable(body: Statements, index: Scalar) -> bool:
    """Whether every statement has a form in several lanes; iterations must be independent."""
    varying = {index.name}

    def may_vary(operand: Operand) -> bool:
        return isinstance(operand, Scalar) and operand.name in varying

    def fits(statement: Statement) -> bool:
        match statement:
            case Let():
                if any(map(may_vary, statement.operands)):
                    varying.add(statement.target.name)
                return True
            case Load():
                if any(map(may_vary, statement.indices)):
                    varying.add(statement.target.name)
                return True
            case For():
                return not may_vary(statement.extent) and all(map(fits, statement.body))
            case If():
                bodies = (*statement.then, *statement.otherwise)
                return not may_vary(statement.condition) and all(map(fits, bodies))
            case Reduce():
                varying.update(one.target.name for one in statement.reductions)
                uniform = not any(map(may_vary, statement.extents))
                in_order = statement.order is Order.ROWS
                return uniform and in_order and all(map(fits, statement.body))
            case _:
                return isinstance(statement, Store | Check)

    return all(map(fits, body))


def has_heavy_ops(body: Statements) -> bool:
    """Whether a kernel of many instructions is computed in the body."""
    return any(
        isinstance(statement, Let) and is_heavy(statement.op, operand_dtype(statement.operands[-1]))
        for one in body
        for statement in statements_in(one)
    )


def split_invariant(
    unit: Unit, body: Statements, indices: Iterable[Scalar]
) -> tuple[Statements, Statements]:
    """Split off the statements that give the same in every iteration and may run before the loop.

    The loop must run at least once. Loads stay behind the first statement that may leave the
    function, since it may be what makes their indices valid, and those of memory that the loop
    writes, or of buffers that its body makes, stay too.
    """
    varying = {index.name for index in indices}
    made = _made_roots(unit, body)
    written = _written_roots(unit, body, made)
    before: list[Statement] = []
    rest: list[Statement] = []
    guarded = False
    for statement in body:
        moves = isinstance(statement, Let) or (
            isinstance(statement, Load)
            and not guarded
            and statement.buffer.name not in made
            and unit.root(statement.buffer) not in written
        )
        if moves and not any(_varies(operand, varying) for operand in _inputs(statement)):
            before.append(statement)
            continue
        guarded = guarded or any(
            isinstance(one, Check | Call | Callback) for one in statements_in(statement)
        )
        varying.update(_defined(statement))
        rest.append(statement)
    return tuple(before), tuple(rest)


def _varies(operand: Operand, varying: set[str]) -> bool:
    return isinstance(operand, Scalar) and operand.name in varying


def _inputs(statement: Statement) -> tuple[Operand, ...]:
    if isinstance(statement, Let):
        return statement.operands
    if not isinstance(statement, Load):
        return ()
    buffer = statement.buffer
    return (*statement.indices, *buffer.sizes, *(buffer.strides or ()))


def _defined(statement: Statement) -> Iterable[str]:
    if isinstance(statement, Let | Load):
        yield statement.target.name
    elif isinstance(statement, Reduce):
        yield from (one.target.name for one in statement.reductions)
    elif isinstance(statement, Callback):
        yield from (scalar.name for scalar in statement.measured)


def _made_roots(unit: Unit, body: Statements) -> dict[str, str]:
    """The root of each buffer that the body makes, of which the unit does not know yet."""
    made: dict[str, str] = {}
    for one in body:
        for statement in statements_in(one):
            if isinstance(statement, Alloc | Constant):
                made[statement.buffer.name] = statement.buffer.name
            elif isinstance(statement, Callback):
                made.update((buffer.name, buffer.name) for buffer in statement.outputs)
            elif isinstance(statement, View | Contiguous):
                base = statement.base if isinstance(statement, View) else statement.source
                made[statement.buffer.name] = made.get(base.name, unit.root(base))
    return made


def _written_roots(unit: Unit, body: Statements, made: Mapping[str, str]) -> set[str]:
    written: list[Buffer] = []
    for one in body:
        for statement in statements_in(one):
            if isinstance(statement, Store):
                written.append(statement.buffer)
            elif isinstance(statement, Call):
                written.extend(statement.outputs)
    return {made.get(buffer.name, unit.root(buffer)) for buffer in written}


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
    linear = let.target.dtype is i64 and let.op != "cast"
    steps[let.target.name] = linear_step(let.op, own, let.operands) if linear else None


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
