"""Which dependences between iterations are seen, and that what is independent is not accused."""

import numpy as np
import pytest

from lltheano_ir.loops.analysis.carried import carried_dependence
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import For, Load, LoopFunction
from lltheano_ir.loops.parser import parse_loops

HEAD = "%x: f64[%n] strides [%s] input, %k: i64[%m] strides [%t] input"

LOAD, STORE = "load %v: f64 = %y[AT]", "store %y[AT] = f64 1.0"

CARRIED = {
    "let %j: i64 = add %i, 1 load %v: f64 = %y[%i] store %y[%j] = %v": (1, True),
    "let %j: i64 = sub %i, 1 load %v: f64 = %y[%i] store %y[%j] = %v": (-1, True),
    "let %j: i64 = add 3, %i load %v: f64 = %y[%j] store %y[%i] = %v": (-3, True),
    "let %j: i64 = mul %i, 2 let %l: i64 = add %j, 4 store %y[%j] = f64 0.0 "
    "store %y[%l] = f64 1.0": (-2, False),
    "let %j: i64 = sub %n, %i let %l: i64 = sub %j, 1 store %y[%j] = f64 0.0 "
    "store %y[%l] = f64 1.0": (-1, False),
    "store %y[3] = f64 1.0": (None, False),
    "store %y[%n] = f64 1.0": (None, False),
    "load %v: f64 = %y[0] let %w: f64 = add %v, f64 1.0 store %y[0] = %w": (None, True),
    "for %j in 3, sequential { store %y[%j] = f64 1.0 }": (None, False),
    "for %j in 3 { let %l: i64 = add %i, 1 load %v: f64 = %z[%i, %j] store %z[%l, %j] = %v }": (
        1,
        True,
    ),
    "let %j: i64 = add %i, 2 reduce %r: f64 = add %v over %l in 3, rows { "
    "load %v: f64 = %z[%i, %l] } store %z[%j, 0] = %r": None,
}

INDEPENDENT = [
    "load %v: f64 = %y[%i] store %y[%i] = %v",
    "store %y[%i] = f64 1.0 load %v: f64 = %y[%i]",
    "load %v: f64 = %x[0] store %y[%i] = %v",
    "let %j: i64 = mul %i, 2 let %l: i64 = add %j, 1 store %y[%j] = f64 0.0 store %y[%l] = f64 1.0",
    "store %z[%i, 0] = f64 0.0 store %z[%i, 1] = f64 1.0",
    "let %j: i64 = add %i, 1 load %v: f64 = %z[%i, 0] store %z[%j, 1] = %v",
    "let %j: i64 = add %i, 1 load %v: f64 = %z[%i, %i] store %z[%i, %j] = %v",
    "let %j: i64 = add %i, 1 let %l: i64 = add %i, 2 load %v: f64 = %z[%j, %l] "
    "store %z[%i, %i] = %v",
    "load %j: i64 = %k[%i] store %y[%j] = f64 1.0",
    "let %j: i64 = floordiv %i, 1 store %y[%j] = f64 1.0",
    "let %p: bool = eq %i, 0 if %p { store %y[0] = f64 1.0 } else { }",
    "for %j in 3, sequential { store %z[%i, %j] = f64 1.0 }",
    "alloc %own: f64[] store %own[] = f64 1.0",
    "view %part: f64[1] strides [1] = %y, offset=%i store %part[0] = f64 1.0",
]


def loop_of(body: str, extent: str = "%n") -> For:
    (loop,) = (one for one in function_of(body, extent).body if isinstance(one, For))
    return loop


def function_of(body: str, extent: str = "%n") -> LoopFunction:
    buffers = "alloc %y: f64[%n] alloc %z: f64[%n, %n]"
    return parse_loops(f"loops @f({HEAD}) {{ {buffers} for %i in {extent} {{ {body} }} }}")


@pytest.mark.parametrize("body", [body for body, found in CARRIED.items() if found is not None])
def test_accesses_that_meet_are_found_with_their_distance(body: str) -> None:
    carried = carried_dependence(loop_of(body))
    assert carried is not None
    assert (carried.distance, isinstance(carried.access, Load)) == CARRIED[body]


@pytest.mark.parametrize(
    "body", [*INDEPENDENT, *(body for body, found in CARRIED.items() if found is None)]
)
def test_what_never_meets_or_cannot_be_told_is_not_accused(body: str) -> None:
    assert carried_dependence(loop_of(body)) is None


@pytest.mark.parametrize(("extent", "meets"), [("1", False), ("2", False), ("3", True)])
def test_iterations_that_there_are_not_do_not_meet(extent: str, meets: bool) -> None:
    body = "let %j: i64 = add %i, 2 load %v: f64 = %y[%i] store %y[%j] = %v"
    assert (carried_dependence(loop_of(body, extent)) is not None) == meets
    everywhere = carried_dependence(loop_of("store %y[0] = f64 1.0", extent))
    assert (everywhere is not None) == (extent != "1")


@pytest.mark.parametrize("scale", [-2, -1, 1, 2, 3])
@pytest.mark.parametrize("shift", range(-6, 7))
def test_distances_are_those_that_a_run_shows(scale: int, shift: int) -> None:
    """Iteration i loads element scale * i + 40 + shift and then stores its number in
    scale * i + 40: what was loaded tells which iteration had stored it.
    """
    text = f"""loops @f() {{
      alloc %y: i64[100] alloc %seen: i64[16]
      for %c in 100 {{ store %y[%c] = -1 }}
      for %i in 16, sequential {{
        let %a: i64 = mul %i, {scale} let %b: i64 = add %a, 40 let %d: i64 = add %b, {shift}
        load %v: i64 = %y[%d] store %seen[%i] = %v store %y[%b] = %i
      }}
      output "seen" = %seen
    }}"""
    function = parse_loops(text)
    loop = function.body[-1]
    assert isinstance(loop, For)
    (seen,), _ = interpret_loops(function, [])
    apart = {int(i - before) for i, before in enumerate(np.asarray(seen)) if before >= 0}
    carried = carried_dependence(loop)
    if apart:
        assert carried is not None
        assert {carried.distance} == apart
    else:
        # An element is loaded before it is stored, if both are done at all.
        assert carried is None or (carried.distance or 0) < 0
