"""What statements are for: their titles, and whose work they do.

The names of the loop IR know the op and the user's line that they were made for
(`lltheano_ir.lowering.lower`). Names that passes made know nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.nodes import (
    Call,
    Callback,
    For,
    If,
    Let,
    Load,
    Reduce,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import inner_bodies, statements_in
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Role
from lltheano_ir.profiling.regions import Region, RegionKind, Share
from lltheano_ir.profiling.work import FLOPS, work_of
from lltheano_ir.provenance import Location, Origin
from lltheano_ir.types import INDEX

__all__ = ["described", "is_heavy", "is_program_loop"]

Origins = Mapping[str, Origin]

_INSIDE = 32
"""How many times a statement in a loop inside counts for one beside that loop."""

_COPY = "copy"
"""What is said of loops that compute nothing, where no op says more."""

_Parts = Iterator[tuple[str, Location | None, float]]


def is_heavy(statement: Statement) -> bool:
    """Whether a statement may take long, so that it is timed by itself."""
    return any(isinstance(one, For | Reduce | Call | Callback) for one in statements_in(statement))


def is_program_loop(statement: Statement, origins: Origins) -> bool:
    """Whether it is a loop of the program, such as a scan, and not one over an array's elements."""
    if not isinstance(statement, For) or not statement.sequential:
        return False
    origin = origins.get(statement.index.name)
    return origin is not None and bool(OPS[origin.op].region_names)


def described(statements: Sequence[Statement], parent: int, origins: Origins) -> Region:
    """The region of neighbouring statements, the last of which is heavy."""
    heavy = statements[-1]
    kind = _kind(heavy, origins)
    shares = _shares((heavy,), origins)
    work = work_of(statements)
    return Region(
        kind,
        _title(heavy, kind, shares, origins),
        parent,
        shares,
        work.bytes.terms is not None,
        work.flops.terms is not None,
        _number(heavy),
    )


def _number(statement: Statement) -> str:
    """The dtype of the real numbers that a statement computes with, the widest of them."""
    found: set[DType] = set()
    for one in statements_in(statement):
        match one:
            case Let():
                found.add(one.target.dtype.real)
            case Reduce():
                found.update(each.target.dtype.real for each in one.reductions)
            case Call():
                found.update(buffer.dtype.real for buffer in one.outputs)
            case _:
                pass
    floats = [one for one in found if one.numpy.kind == "f"]
    return max(floats, key=lambda one: one.itemsize).name if floats else ""


def _kind(statement: Statement, origins: Origins) -> RegionKind:
    match statement:
        case Callback():
            return RegionKind.PYTHON
        case Call():
            return RegionKind.FUNCTION if statement.internal else RegionKind.CALL
        case If():
            return RegionKind.BRANCH
        case _ if is_program_loop(statement, origins):
            return RegionKind.SCAN
        case _:
            return RegionKind.LOOPS


def _title(
    statement: Statement, kind: RegionKind, shares: Sequence[Share], origins: Origins
) -> str:
    match statement:
        case Callback():
            return statement.name
        case Call():
            return statement.callee
        case _ if not any(share.location for share in shares):
            loads = (one.buffer.name for one in statements_in(statement) if isinstance(one, Load))
            return " ".join((shares[0].op, *(f"of {name}" for name in list(loads)[:1])))
        case _:
            ops = list(dict.fromkeys(share.op for share in shares))
            listed = ", ".join(ops[:6]) + (f", {len(ops) - 6} more" if len(ops) > 6 else "")
            if kind is not RegionKind.LOOPS:
                return f"{kind.value} of {listed}"
            return f"{_made(statement, ops, origins)}{listed}"


def _made(statement: Statement, ops: Sequence[str], origins: Origins) -> str:
    """What the loops make, where that is not just what their ops give."""
    moved = {op for op, _, _ in _moved((statement,), origins)} - {_COPY}
    made = {op for op in moved if not OPS[op].is_elementwise}
    unsaid = [op for op in sorted(made) if not any(one.startswith(op) for one in ops)]
    return f"{unsaid[0]}: " if len(unsaid) == 1 else ""


def _shares(statements: Sequence[Statement], origins: Origins) -> tuple[Share, ...]:
    """Ops and lines, in the order in which they occur, with their parts of the work.

    What a pass made, whose line is not known, is with the line for which memory is written.
    """
    moved = list(_moved(statements, origins))
    found = list(_weighed(statements, origins, 1.0)) or moved or [(_COPY, None, 1.0)]
    lines = [where for _, where, _ in (*moved, *found[::-1]) if where is not None]
    parts: defaultdict[tuple[str, Location | None], float] = defaultdict(float)
    for op, location, weight in found:
        parts[op, location or (lines[0] if lines else None)] += weight
    total = sum(parts.values())
    return tuple(Share(op, where, weight / total) for (op, where), weight in parts.items())


def _moved(statements: Sequence[Statement], origins: Origins) -> _Parts:
    """What is stored, by what the memory was made for."""
    for outermost in statements:
        for one in statements_in(outermost):
            origin = origins.get(one.buffer.name) if isinstance(one, Store) else None
            if origin is not None:
                # What a program, or an op with regions, is given and gives is only moved.
                op = OPS[origin.op]
                computes = op.role is Role.COMPUTES and not op.region_names
                yield origin.op if computes else _COPY, origin.location, 1.0


def _weighed(body: Sequence[Statement], origins: Origins, weight: float) -> _Parts:
    for statement in body:
        match statement:
            case Let() if statement.target.dtype is not INDEX.dtype:
                location = _location(statement.target.name, origins)
                cost = FLOPS[OPS[statement.op].cost_on(statement.target.dtype)]
                yield statement.op, location, weight * cost
            case Reduce():
                for one in statement.reductions:
                    location = _location(one.target.name, origins)
                    yield f"reduce {one.kind}", location, weight * _INSIDE
            case Call() | Callback():
                yield from _called(statement, origins, weight * _INSIDE)
            case _:
                pass
        for inner in inner_bodies(statement):
            yield from _weighed(inner, origins, weight * _INSIDE)


def _called(statement: Call | Callback, origins: Origins, weight: float) -> _Parts:
    name = statement.name if isinstance(statement, Callback) else statement.callee
    found = (origins.get(buffer.name) for buffer in (*statement.outputs, *statement.inputs))
    origin = next((one for one in found if one is not None), None)
    yield name, None if origin is None else origin.location, weight


def _location(name: str, origins: Origins) -> Location | None:
    origin = origins.get(name)
    return origin.location if origin is not None else None
