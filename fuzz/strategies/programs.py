"""Well-typed programs of the tensor IR, each with inputs on which to run it."""

from collections.abc import Sequence

from hypothesis import strategies as st

from fuzz.case import Case
from fuzz.host import HOST
from fuzz.strategies.arrays import arrays, sizes_for
from fuzz.strategies.growth import Growth, Step, take_step, types
from fuzz.strategies.regions import grow_if, grow_loop, grow_while
from fuzz.strategies.steps import PLAIN_STEPS
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["cases"]

STEPS: Sequence[Step] = (*PLAIN_STEPS, grow_if, grow_loop, grow_while)


@st.composite
def cases(draw: st.DrawFn, most_steps: int = 8) -> Case:
    """A program of up to `most_steps` ops with up to four parameters, and inputs for it."""
    growth = Growth(Builder("fuzzed"), draw, STEPS)
    for function in HOST:
        growth.builder.host_function(function)
    known = [draw(st.sampled_from((2, 3, 5, 17)))]
    parameters: list[tuple[Value, bool]] = []
    kinds = draw(st.lists(st.booleans(), min_size=1, max_size=4))
    for number, shared in enumerate(sorted(kinds)):  # shared ones last, as functions have them
        one = draw(types())
        shape = draw(sizes_for(one, known))
        known += [size for size in shape if size > 1]
        growth.inputs.append(draw(arrays(one.dtype, shape)))
        value = growth.builder.parameter(f"p{number}", one, shared=shared)
        parameters.append((value, shared))
    for value, _ in parameters:
        growth.add(value)
    for _ in range(draw(st.integers(1, most_steps))):
        take_step(growth)
    _finish(growth, [value for value, shared in parameters if shared])
    return Case(growth.builder.program(), tuple(growth.inputs), draw(st.integers(0, 11)))


def _finish(growth: Growth, shared: Sequence[Value]) -> None:
    builder, draw = growth.builder, growth.draw
    used = {operand for value in growth.values for operand in value.operands}
    ends = [value for value in growth.values if value not in used]
    chosen = draw(st.lists(st.sampled_from(growth.values), max_size=2))
    for number, value in enumerate([*ends[-draw(st.integers(1, 4)) :], *chosen]):
        builder.output(value, f"out{number}")
    for number, value in enumerate(growth.failing):
        builder.output(value, f"failing{number}")
    for parameter in shared:
        fitting = [value for value in growth.values if value.type == parameter.type]
        if draw(st.booleans()):
            builder.update(parameter, draw(st.sampled_from(fitting)))
