"""Which loops several threads may share, and why others may not.

Threads take the iterations in any order and several at once, so no iteration may touch an element
that another one writes. That is proved axis by axis: on one axis of a row-major buffer every access
has the same index, a known multiple of the loop's index and something that is the same in all
iterations; or it is one of a tile, which begins at the loop's index times some width and is no
wider. Or the accesses are by the name of a view that each iteration makes of a part of the memory
without gaps, which again begins at a multiple of the loop's index that it is no larger than. Where
it is not proved, the loop is for one thread. What an iteration allocates is its
own. And an iteration must not end the function, for another thread may be in the midst of one that
comes before it, and the error is that of the first; running out of memory is nobody's fault, and
may be found out by any of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from lltheano_ir.loops.analysis.carried import Access, Indices, Sum
from lltheano_ir.loops.builder import number_of
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Constant,
    For,
    If,
    Let,
    Load,
    Operand,
    Order,
    Reduce,
    Scalar,
    Store,
    View,
)
from lltheano_ir.loops.walk import names_made_by, statements_in
from lltheano_ir.ops.table import OPS

__all__ = ["thread_obstacle"]

_ALLOWED = Let | Load | Store | For | Reduce | If | View | Alloc | Constant


def thread_obstacle(loop: For | Reduce, root: Callable[[Buffer], str]) -> str | None:
    """Why threads may not share a loop, as a clause about it; None where they may.

    `root` gives the name of the memory that a buffer from outside the loop is.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @f(%x: f64[9] shared, %n: i64[9] shared) {
    ...   for %i in 9 {
    ...     load %k: i64 = %n[%i]
    ...     store %x[%k] = f64 1.0
    ...   }
    ... }''')
    >>> thread_obstacle(function.body[0], lambda buffer: buffer.name)
    'iterations may write one element of %x'
    """
    if isinstance(loop, Reduce):
        return None if loop.order is Order.BLOCKED else "elements are taken one after the other"
    if loop.sequential:
        return "one iteration needs what earlier ones did"
    for statement in loop.body:
        for one in statements_in(statement):
            if not isinstance(one, _ALLOWED):
                return f"a statement `{type(one).__name__.lower()}` inside is for one thread"
    return _meeting(loop, root)


def _meeting(loop: For, root: Callable[[Buffer], str]) -> str | None:
    """What is said of memory that two iterations may touch, one of them writing."""
    made = frozenset(names_made_by(loop))
    memory = _Memory(loop, made, root)
    accesses: dict[str, list[Access]] = {}
    indices = _Indices(loop, made)
    for one in indices.of(loop.body):
        accesses.setdefault(memory.of(one.statement.buffer), []).append(one)
    for name, group in accesses.items():
        if name in made or not any(isinstance(one.statement, Store) for one in group):
            continue
        if not (_apart(indices, group, made) or _of_own_part(loop, group, made)):
            return f"iterations may write one element of %{name}"
    return None


class _Indices(Indices):
    """Reads indices, those of tiles too: `begins` are the scalars that are the loop's index times
    the width that is given, the same in all iterations; `within` are those that lie between 0 and
    the width.
    """

    def __init__(self, loop: For, made: frozenset[str]) -> None:
        super().__init__(loop.index, branches=True)
        self.index = loop.index
        self.begins: dict[Scalar, Operand] = {}
        self.within: set[tuple[Scalar, Operand]] = set()
        self._made = made
        self._extents = _extents(loop)

    def product(self, let: Let) -> Sum | None:
        """The beginning of a tile, if the product is one."""
        width = next((one for one in let.operands if one != self.index), None)
        if self.index not in let.operands or not isinstance(width, Scalar):
            return None
        if OPS[let.op].laws.polynomial is None or width.name in self._made:
            return None
        self.begins[let.target] = width
        self.within.update(
            (inner, width) for inner, bounds in self._extents.items() if width in bounds
        )
        return {(let.target,): 1}

    def is_of_tile(self, at: Sum | None) -> Scalar | None:
        """The beginning of the tile of which an index is known to be."""
        if at is None or len(at) > 2 or set(at.values()) != {1}:
            return None
        scalars = [one for terms in at for one in terms]
        begin = next((one for one in scalars if one in self.begins), None)
        if begin is None or len(scalars) != len(at):
            return None
        places = [one for one in scalars if one != begin]
        width = self.begins[begin]
        return begin if all((one, width) in self.within for one in places) else None


def _extents(loop: For) -> dict[Scalar, set[Operand]]:
    """For the index of each loop inside, what its extent is or is the minimum with."""
    least: dict[Operand, set[Operand]] = {}
    found: dict[Scalar, set[Operand]] = {}
    for statement in loop.body:
        for one in statements_in(statement):
            if isinstance(one, Let) and _is_least(one):
                least[one.target] = set(one.operands)
            elif isinstance(one, For):
                found[one.index] = least.get(one.extent, set()) | {one.extent}
    return found


def _is_least(let: Let) -> bool:
    laws = OPS[let.op].laws
    return laws.picks and laws.exact is not None and laws.exact(0, 1) == 0


class _Memory:
    """Which memory a buffer is: views inside the loop lead out of it."""

    def __init__(self, loop: For, made: frozenset[str], root: Callable[[Buffer], str]) -> None:
        self._made = made
        self._root = root
        self._bases = {one.buffer: one.base for one in _views(loop)}

    def of(self, buffer: Buffer) -> str:
        """The name of the memory."""
        while buffer in self._bases:
            buffer = self._bases[buffer]
        return buffer.name if buffer.name in self._made else self._root(buffer)


def _views(loop: For) -> Iterator[View]:
    for statement in loop.body:
        yield from (one for one in statements_in(statement) if isinstance(one, View))


def _apart(indices: _Indices, group: Sequence[Access], made: frozenset[str]) -> bool:
    """Whether the accesses of one memory are proved to meet in no element."""
    buffer = group[0].statement.buffer
    if buffer.strides is not None or buffer.name in made:
        return False
    if any(one.statement.buffer != buffer for one in group):
        return False
    return any(
        _same_each(indices.index, [one.indices[axis] for one in group], made)
        or _same_tile(indices, [one.indices[axis] for one in group])
        for axis in range(len(buffer.sizes))
    )


def _of_own_part(loop: For, group: Sequence[Access], made: frozenset[str]) -> bool:
    """Whether the accesses of one memory are by a view of a part that no other iteration's meets.

    An iteration's part begins at the loop's index times the most elements that a part may have.
    """
    (buffer, *others) = {one.statement.buffer for one in group}
    views = [one for one in loop.body if isinstance(one, View) and one.buffer == buffer]
    if others or len(views) != 1:
        return False
    (view,) = views
    if view.base.name in made or view.base.strides or buffer.strides:
        return False
    lets = {one.target: one for one in loop.body if isinstance(one, Let)}
    begin = _product(view.offset, lets)
    for axis, size in enumerate(buffer.sizes):
        let = lets.get(size) if isinstance(size, Scalar) else None
        for width in let.operands if let is not None and _is_least(let) else ():
            most = (*buffer.sizes[:axis], width, *buffer.sizes[axis + 1 :])
            if not _is_made(most, made) and begin == _factors(loop.index, *most):
                return True
    return False


def _is_made(operands: Sequence[Operand], made: frozenset[str]) -> bool:
    return any(isinstance(one, Scalar) and one.name in made for one in operands)


def _factors(*operands: Operand) -> Counter[Operand]:
    """The factors of a product but for those of 1, however often each."""
    one = (number_of(operand) == 1 for operand in operands)
    return Counter(operand for operand, is_one in zip(operands, one, strict=True) if not is_one)


def _product(operand: Operand, lets: Mapping[Scalar, Let]) -> Counter[Operand]:
    """A scalar as the product of those of which it is computed."""
    factors, waiting = Counter[Operand](), [operand]
    while waiting:
        one = waiting.pop()
        let = lets.get(one) if isinstance(one, Scalar) else None
        if let is None or OPS[let.op].laws.unit != 1 or not OPS[let.op].laws.commutative:
            factors.update(_factors(one))
        else:
            waiting.extend(let.operands)
    return factors


def _same_tile(indices: _Indices, group: Sequence[Sum | None]) -> bool:
    """Whether all of some indices are of one tile, another one in each iteration."""
    tiles = {indices.is_of_tile(at) for at in group}
    return len(tiles) == 1 and None not in tiles


def _same_each(index: Scalar, group: Sequence[Sum | None], made: frozenset[str]) -> bool:
    """Whether some indices are all the same one, and another one in each iteration."""
    return _moves(index, group[0], made) and all(at == group[0] for at in group)


def _moves(index: Scalar, at: Sum | None, made: frozenset[str]) -> bool:
    """Whether an index is another one in each iteration."""
    if at is None or not at.get((index,), 0):
        return False
    return not any(one.name in made for terms in at for one in terms if one != index)
