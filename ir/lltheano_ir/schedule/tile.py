"""Loops over the same rows go over them tile by tile, so that a row stays in cache between them.

A softmax of the rows of a matrix is four loops: a maximum of each row, exponentials, a sum of each
row, quotients. One after the other each of them brings the matrix from memory again. Here the loops
of a body that have as many rows, and of which a row needs no other row, are gathered
(`lltheano_ir.schedule.tiling.groups`) and run for a tile of rows before the next tile is begun.
A tile is as large as the cache nearest the core holds comfortably, which is found at run time from
the sizes of the rows. What only these loops touch is never in memory: there is one tile of it.

Nothing is computed in another order: each loop does for a row what it did before. It is decided
when values have their memory, in the loops as well as in the body of the function, and each
decision is noted with its reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Roots, touched_buffers
from lltheano_ir.loops.builder import LoopBuilder
from lltheano_ir.loops.nodes import For, If, LoopFunction, Statement
from lltheano_ir.loops.walk import defined_names, inner_bodies, map_bodies, statements_in
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.records import record
from lltheano_ir.schedule.tiling.groups import Arrangement, Group, names_of
from lltheano_ir.schedule.tiling.nests import RowNest, row_nest
from lltheano_ir.schedule.tiling.tiles import Tiles
from lltheano_ir.target import Target

__all__ = ["tile_rows"]


@record
class _State:
    """`touches` is how often statements name each buffer, results included."""

    roots: Roots
    builder: LoopBuilder
    touches: Counter[str]
    tile_bytes: int
    decisions: list[Decision]


def tile_rows(
    function: LoopFunction, target: Target, decisions: list[Decision] | None = None
) -> LoopFunction:
    """Return `function` with its loops over the same rows run tile by tile."""
    touches = Counter(_touched_names(function.body))
    touches.update(result.buffer.name for result in function.results)
    state = _State(
        Roots(function.body),
        LoopBuilder(taken=set(defined_names(function))),
        touches,
        target.cache_bytes(1) // 2,
        decisions if decisions is not None else [],
    )
    return replace(function, body=_tiled(state, function.body, Equalities()))


def _touched_names(body: Iterable[Statement]) -> Iterator[str]:
    for statement in body:
        for inner in statements_in(statement):
            yield from (buffer.name for buffer, _ in touched_buffers(inner))


def _tiled(
    state: _State, body: tuple[Statement, ...], outside: Equalities
) -> tuple[Statement, ...]:
    around, known = Arrangement(body, state.roots), outside.inside()
    place = 0
    while place < len(around.order):
        found = around.group_at(place, known, state.decisions)
        loops = _loops_for(state, around, *found) if found is not None else None
        if found is not None and loops is not None:
            around.put_together(place, found[0], loops)
            continue
        number = around.order[place]
        if number not in around.tiled:
            around.statements[number] = tuple(
                _inside(state, one, known) for one in around.statements[number]
            )
        for one in around.statements[number]:
            known.note(one)
        around.leave(number)
        place += 1
    return around.body


def _inside(state: _State, statement: Statement, known: Equalities) -> Statement:
    """The statement with the loops inside it tiled."""
    nested = any(isinstance(one, For | If) for body in inner_bodies(statement) for one in body)
    if not nested or row_nest(statement) is not None:
        return statement
    return map_bodies(statement, lambda body: _tiled(state, body, known))


def _loops_for(
    state: _State, around: Arrangement, group: Group, equal: Equalities
) -> tuple[Statement, ...] | None:
    """What the nests of a group become, whose own memory is taken away from where it was made; None
    where all their rows are one tile.
    """
    private, nests = around.private(group, state.touches), group.members
    tiles = Tiles(state.builder, nests, _depth(nests, equal), state.tile_bytes, private)
    if tiles.is_one:
        return None
    with state.builder.block() as statements:
        tiles.emit()
    for number in private.values():
        around.statements[number] = ()
    reason = f"{len(nests)} loops go over the same rows, tile by tile"
    if private:
        reason += f"; of {names_of(tuple(private))} there is one tile"
    written = dict.fromkeys(buffer for nest in nests for buffer in nest.written)
    state.decisions.append(Decision("tile", names_of(tuple(written)), True, reason))
    return tuple(statements)


def _depth(nests: Sequence[RowNest], equal: Equalities) -> int:
    """How many of the outermost loops of all nests may be one, over all their rows."""
    extents = nests[0].extents
    depth = min(len(nest.extents) for nest in nests)
    while depth > 1 and not all(nest.may_be_flat(depth, extents, equal) for nest in nests):
        depth -= 1
    return depth
