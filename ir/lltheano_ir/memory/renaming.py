"""Another buffer in the place of one, which has the same sizes."""

from collections.abc import Iterable

from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Call, For, If, Statement, View
from lltheano_ir.loops.walk import map_bodies, rename_buffers, statements_in

__all__ = ["renamed"]


def renamed(
    body: Iterable[Statement], source: Buffer, target: Buffer
) -> tuple[tuple[Statement, ...], View | None]:
    """The statements with `target` for `source`, and a view that has to stand before them, or None.

    Routines want sizes that are one and the same: where those of the two only are equal, the old
    name stays for them, as that of the view.
    """
    same = source.sizes == target.sizes
    changed = tuple(_renamed(statement, source, target, in_calls=same) for statement in body)
    calls = (
        one
        for statement in (() if same else changed)
        for one in statements_in(statement)
        if isinstance(one, Call)
    )
    if not any(source in (*call.outputs, *call.inputs) for call in calls):
        return changed, None
    return changed, View(source, target, number(0))


def _renamed(statement: Statement, source: Buffer, target: Buffer, *, in_calls: bool) -> Statement:
    if isinstance(statement, Call) and not in_calls:
        return statement
    if isinstance(statement, For | If):
        return map_bodies(
            statement,
            lambda body: tuple(_renamed(one, source, target, in_calls=in_calls) for one in body),
        )
    (changed,) = rename_buffers((statement,), {source: target})
    return changed
