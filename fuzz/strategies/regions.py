"""How a program grows by an `if`, a `loop` or a `while`, whose regions grow like programs."""

from collections.abc import Sequence

from hypothesis import strategies as st

from fuzz.strategies.growth import Array, Growth, take_step
from lltheano_ir.nodes import Region, Value, argument, make, result
from lltheano_ir.shapes import integer
from lltheano_ir.types import BOOL, INDEX, ValueType

__all__ = ["grow_if", "grow_loop", "grow_while"]

_DEEPEST = 2


def _picked(growth: Growth, least: int, most: int) -> list[Value]:
    count = growth.draw(st.integers(least, most))
    return [growth.draw(st.sampled_from(growth.values)) for _ in range(count)]


def _grown(growth: Growth, arguments: Sequence[tuple[ValueType, Array]]) -> Growth:
    """A region over arguments of these types, which have these arrays when it first runs."""
    inner = Growth(
        growth.builder,
        growth.draw,
        growth.steps,
        [array for _, array in arguments],
        depth=growth.depth + 1,
    )
    for position, (one, _) in enumerate(arguments):
        inner.add(argument(position, one))
    for _ in range(growth.draw(st.integers(1, 4))):
        take_step(inner)
    return inner


def _chosen(growth: Growth, wanted: ValueType) -> Value:
    """A value of a type; one that fails, now and then."""
    fitting = [v for v in (*growth.values, *growth.failing) if v.type == wanted]
    return growth.draw(st.sampled_from(fitting))


def _following(inner: Growth, value: Value, array: Array) -> Value:
    """The next value of one that a loop carries; mostly of its sizes, which it must keep."""
    fitting = [v for v in inner.values if v.type == value.type]
    same = [v for v in fitting if inner.arrays[v].shape == array.shape]
    return inner.draw(st.sampled_from(same or fitting))


def grow_if(growth: Growth) -> Sequence[Value] | None:
    if growth.depth >= _DEEPEST:
        return None
    condition = growth.pick(lambda value: value.type == BOOL)
    if condition is None:
        condition = growth.builder.constant(growth.draw(st.booleans()))
    captured = _picked(growth, 1, 3)
    arguments = [(value.type, growth.arrays[value]) for value in captured]
    then, otherwise = (_grown(growth, arguments) for _ in range(2))
    common = {value.type for value in then.values} & {value.type for value in otherwise.values}
    names = {str(one): one for one in common}
    count = growth.draw(st.integers(1, 2))
    results = [names[growth.draw(st.sampled_from(sorted(names)))] for _ in range(count)]
    regions = (
        Region(tuple(v.type for v in captured), tuple(_chosen(inner, one) for one in results))
        for inner in (then, otherwise)
    )
    return growth.builder.if_(condition, captured, *regions)


def grow_loop(growth: Growth) -> Sequence[Value] | None:
    parts = _loop(growth)
    return None if parts is None else growth.builder.loop(*parts[:3], parts[3])


def grow_while(growth: Growth) -> Sequence[Value] | None:
    parts = _loop(growth, may_end=True)
    if parts is None:
        return None
    count, carried, captured, body = parts
    operands = (count, *carried, *captured)
    value = growth.builder.make("while", operands, (len(carried),), (body,))
    return tuple(result(value, place) for place in range(len(value.types)))


def _loop(
    growth: Growth, *, may_end: bool = False
) -> tuple[Value, list[Value], list[Value], Region] | None:
    """The count, carried and captured values, and the body of a loop."""
    if growth.depth >= _DEEPEST:
        return None
    carried, captured = _picked(growth, 0, 2), _picked(growth, 0, 2)
    parameters = (INDEX, *(value.type for value in (*carried, *captured)))
    count = growth.integer(0, 4)
    first = make("sub", (count, count))
    growth.add(first)
    inner = _grown(
        growth,
        [
            (INDEX, growth.arrays[first]),
            *((value.type, growth.arrays[value]) for value in (*carried, *captured)),
        ],
    )
    kept = [_following(inner, value, growth.arrays[value]) for value in carried]
    stacked = _picked(inner, 0 if kept else 1, 2)
    every_step: bool = growth.draw(st.booleans())
    if kept and every_step:
        stacked = [growth.draw(st.sampled_from(kept)), *stacked]
    proceeds = [_condition(inner)] if may_end else []
    return count, carried, captured, Region(parameters, (*kept, *stacked, *proceeds))


def _condition(inner: Growth) -> Value:
    """A bool[] that holds in the first steps: that the number of the step is small."""
    return make("lt", (argument(0, INDEX), integer(inner.draw(st.integers(0, 3)))))
