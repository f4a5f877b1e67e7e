"""Exact identities of the ops that rearrange elements without computing on them."""

from lltheano_ir.nodes import Value, make, rebuilt
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.rewrite.patterns import is_number, matches, permuted
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.rewrite.sizes import SizeAlgebra
from lltheano_ir.shapes import known_integer

__all__ = ["MOVEMENT_RULES"]

_ELEMENTWISE = tuple(op.name for op in ELEMENTWISE)


@rule("dimshuffle-same", "dimshuffle that moves nothing -> x", "dimshuffle")
def dimshuffle_same(value: Value, context: RuleContext) -> Value | None:
    (x,) = value.operands
    return x if value.attributes[0] == tuple(range(x.rank)) else None


@rule("dimshuffle-dimshuffle", "dimshuffle(dimshuffle(x)) -> dimshuffle(x)", "dimshuffle")
def dimshuffle_dimshuffle(value: Value, context: RuleContext) -> Value | None:
    (inner,) = value.operands
    if not matches(inner, "dimshuffle"):
        return None
    (order,) = inner.attributes
    composed = [None if axis is None else order[axis] for axis in value.attributes[0]]
    return permuted(inner.operands[0], composed)


@rule("broadcast-nothing", "broadcast of no axes -> x", "broadcast")
def broadcast_nothing(value: Value, context: RuleContext) -> Value | None:
    return None if value.attributes[0] else value.operands[0]


@rule("broadcast-broadcast", "broadcast(broadcast(x)) -> broadcast(x)", "broadcast")
def broadcast_broadcast(value: Value, context: RuleContext) -> Value | None:
    inner, *sizes = value.operands
    if not matches(inner, "broadcast"):
        return None
    x, *inner_sizes = inner.operands
    by_axis = dict(zip(value.attributes[0], sizes, strict=True))
    by_axis.update(zip(inner.attributes[0], inner_sizes, strict=True))
    axes = tuple(sorted(by_axis))
    return make("broadcast", (x, *(by_axis[axis] for axis in axes)), (axes,))


@rule(
    "broadcast-operand",
    "x + broadcast(y) -> x + y where x already has the sizes",
    *_ELEMENTWISE,
)
def broadcast_operand(value: Value, context: RuleContext) -> Value | None:
    for index, operand in enumerate(value.operands):
        if matches(operand, "broadcast") and _is_repeated_anyway(value, index, context.sizes):
            operands = list(value.operands)
            operands[index] = operand.operands[0]
            return rebuilt(value, tuple(operands))
    return None


def _is_repeated_anyway(value: Value, index: int, sizes: SizeAlgebra) -> bool:
    """Whether each axis that operand `index` repeats has that size in another operand."""
    repeated, *wanted = value.operands[index].operands
    del repeated
    others = [one for position, one in enumerate(value.operands) if position != index]
    return all(
        any(
            not other.type.broadcast[axis] and sizes.same(size, sizes.sizes(other)[axis])
            for other in others
        )
        for axis, size in zip(value.operands[index].attributes[0], wanted, strict=True)
    )


@rule(
    "broadcast-last",
    "f(broadcast(x), broadcast(y)) -> broadcast(f(x, y)), repeating the same axes",
    *_ELEMENTWISE,
)
def broadcast_last(value: Value, context: RuleContext) -> Value | None:
    first = value.operands[0]
    if not all(matches(one, "broadcast", *first.attributes) for one in value.operands):
        return None
    sizes = first.operands[1:]
    for one in value.operands[1:]:
        pairs = zip(sizes, one.operands[1:], strict=True)
        if not all(context.sizes.same(*pair) for pair in pairs):
            return None
    small = rebuilt(value, tuple(one.operands[0] for one in value.operands))
    return make("broadcast", (small, *sizes), first.attributes)


@rule("rebroadcast-same", "rebroadcast to the same pattern -> x", "rebroadcast")
def rebroadcast_same(value: Value, context: RuleContext) -> Value | None:
    (x,) = value.operands
    return x if x.type == value.type else None


@rule("rebroadcast-back", "rebroadcast of a looser pattern -> rebroadcast(x)", "rebroadcast")
def rebroadcast_back(value: Value, context: RuleContext) -> Value | None:
    (inner,) = value.operands
    if not matches(inner, "rebroadcast"):
        return None
    (x,) = inner.operands
    pairs = zip(x.type.broadcast, inner.type.broadcast, strict=True)
    if any(tight and not known for known, tight in pairs):
        return None
    return make("rebroadcast", (x,), value.attributes)


@rule("reshape-same", "reshape to the same sizes and pattern -> x", "reshape")
def reshape_same(value: Value, context: RuleContext) -> Value | None:
    x, *sizes = value.operands
    if x.type != value.type:
        return None
    pairs = zip(sizes, context.sizes.sizes(x), strict=True)
    return x if all(context.sizes.same(*pair) for pair in pairs) else None


@rule("reshape-reshape", "reshape(reshape(x)) -> reshape(x)", "reshape")
def reshape_reshape(value: Value, context: RuleContext) -> Value | None:
    """Both are row-major, and the numbers of elements must agree in any case."""
    inner, *sizes = value.operands
    if not matches(inner, "reshape") or not _keeps_count(inner, context.sizes):
        return None
    return make("reshape", (inner.operands[0], *sizes), value.attributes)


def _keeps_count(value: Value, sizes: SizeAlgebra) -> bool:
    """Whether a reshape is known to be possible: the products of the sizes are the same."""
    x = value.operands[0]
    if len(value.operands[1:]) + x.rank > 16:
        return False
    products = [_product(sizes, each) for each in (sizes.sizes(x), sizes.sizes(value))]
    return sizes.same(*products)


def _product(sizes: SizeAlgebra, factors: tuple[Value, ...]) -> Value:
    total = sizes.shapes.integer(1)
    for factor in factors:
        total = sizes.normal(make("mul", (total, factor)))
    return total


@rule("reshape-ones", "reshape that adds or drops static-1 axes only -> dimshuffle", "reshape")
def reshape_ones(value: Value, context: RuleContext) -> Value | None:
    x, *wanted = value.operands
    sizes = context.sizes.sizes(x)
    kept = [axis for axis, one in enumerate(x.type.broadcast) if not one]
    order: list[int | None] = []
    for one, size in zip(value.type.broadcast, wanted, strict=True):
        if not one and (not kept or not context.sizes.same(size, sizes[kept[0]])):
            return None
        if one and not is_number(context.sizes.normal(size), 1):
            return None
        order.append(None if one else kept.pop(0))
    return None if kept else permuted(x, order)


@rule("slice-all", "slice of all of an axis -> that axis left out of the slice", "slice")
def slice_all(value: Value, context: RuleContext) -> Value | None:
    (axes,) = value.attributes
    x, *numbers = value.operands
    count = len(axes)
    left = [
        position
        for position, axis in enumerate(axes)
        if x.type.broadcast[axis] or not _is_whole(context.sizes, x, axis, numbers[position::count])
    ]
    if not left:
        return x
    if len(left) == count:
        return None
    chosen = [numbers[part * count + position] for part in range(3) for position in left]
    return make("slice", (x, *chosen), (tuple(axes[position] for position in left),))


def _is_whole(sizes: SizeAlgebra, x: Value, axis: int, numbers: list[Value]) -> bool:
    start, size, step = map(sizes.normal, numbers)
    whole = sizes.sizes(x)[axis]
    return is_number(start, 0) and is_number(step, 1) and sizes.same(size, whole)


@rule("concatenate-one", "concatenate of one tensor -> it", "concatenate")
def concatenate_one(value: Value, context: RuleContext) -> Value | None:
    x = value.operands[0]
    return x if len(value.operands) == 1 and x.type == value.type else None


@rule(
    "index-concatenate",
    "index(concatenate(x, y, ...), k) -> y, of vectors of static size 1",
    "index",
)
def index_concatenate(value: Value, context: RuleContext) -> Value | None:
    joined, index = value.operands
    number = known_integer(index)
    parts = _joined_elements(joined)
    if number is None or not -len(parts) <= number < len(parts):
        return None
    return permuted(parts[number], ())


@rule(
    "slice-concatenate",
    "slice(concatenate(x, y, z, ...)) -> concatenate(y, z), of vectors of static size 1",
    "slice",
)
def slice_concatenate(value: Value, context: RuleContext) -> Value | None:
    joined, *numbers = value.operands
    parts = _joined_elements(joined)
    known = [known_integer(context.sizes.normal(one)) for one in numbers] if parts else []
    start, size, step = known if len(known) == 3 else (None, None, None)
    if start is None or size is None or not step or size < 1:
        return None
    places = range(start, start + size * step, step)
    if not all(0 <= place < len(parts) for place in places):
        return None
    return make("concatenate", tuple(parts[place] for place in places), (0,))


def _joined_elements(joined: Value) -> tuple[Value, ...]:
    """The vectors of static size 1 that a vector was joined of, if it was: none has a size that
    must be checked.
    """
    if not matches(joined, "concatenate") or joined.rank != 1:
        return ()
    return joined.operands if all(one.type.broadcast[0] for one in joined.operands) else ()


MOVEMENT_RULES = (
    dimshuffle_same,
    dimshuffle_dimshuffle,
    broadcast_nothing,
    broadcast_broadcast,
    broadcast_operand,
    broadcast_last,
    rebroadcast_same,
    rebroadcast_back,
    reshape_same,
    reshape_ones,
    reshape_reshape,
    slice_all,
    concatenate_one,
    index_concatenate,
    slice_concatenate,
)
