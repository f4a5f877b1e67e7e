"""What keeps a loop out of vectors, and that the pass and the verifier say the same of it."""

import pytest

from lltheano_ir.loops.analysis.vectors import vector_obstacle
from lltheano_ir.loops.nodes import For, LoopFunction, Reduce
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.schedule import vectorise
from tests.ir.targets import TARGETS

HEAD = "%x: f64[%n] strides [%s] input, %k: i64[%m] strides [%t] input"
START = "alloc %y: f64[%n] alloc %z: f64[%n, 4]"

LEGAL = {
    "an element": "for %i in %n SCHEDULE { load %v: f64 = %x[%i] store %y[%i] = %v }",
    "a check": """for %i in %n SCHEDULE {
      load %j: i64 = %k[%i] let %c: bool = lt %j, %n check %c, site=0, values=[%j]
      load %v: f64 = %x[%j] store %y[%i] = %v
    }""",
    "an inner loop": """for %i in %n SCHEDULE {
      for %j in 4, sequential { load %v: f64 = %x[%i] store %z[%i, %j] = %v }
    }""",
    "one way": """load %c: f64 = %x[0] let %p: bool = gt %c, f64 0.0
    for %i in %n SCHEDULE { if %p { store %y[%i] = %c } else { store %y[%i] = f64 0.0 } }""",
    "columns": """for %i in %n SCHEDULE {
      reduce %r: f64 = add %v over %j in 4, rows { load %v: f64 = %z[%i, %j] }
      store %y[%i] = %r
    }""",
    "a reduction": """reduce %r: f64 = add %v over %i in %n, blocked SCHEDULE {
      load %v: f64 = %x[%i]
    }""",
    "a reduction in a reduction": """reduce %r: f64 = max %u over %i in %n, blocked SCHEDULE {
      reduce %u: f64 = min %v over %j in 4, rows { load %v: f64 = %z[%i, %j] }
    }""",
}

ILLEGAL = {
    "for %i in %n, sequential SCHEDULE { }": "one iteration needs what earlier ones did",
    "for %i in %n SCHEDULE { alloc %b: f64[4] }": (
        "a statement `alloc` inside has no form in several lanes"
    ),
    "for %i in %n SCHEDULE { view %b: f64[1] = %y, offset=%i }": (
        "a statement `view` inside has no form in several lanes"
    ),
    "for %i in %n SCHEDULE { constant %b: f64[1] = [1.0] }": (
        "a statement `constant` inside has no form in several lanes"
    ),
    "for %i in %n SCHEDULE { contiguous %b: f64[%n] = %x }": (
        "a statement `contiguous` inside has no form in several lanes"
    ),
    "for %i in %n SCHEDULE { call sort(%y) from (%y) }": (
        "a statement `call` inside has no form in several lanes"
    ),
    'for %i in %n SCHEDULE { callback 0 "f" measures [] gives () from () }': (
        "a statement `callback` inside has no form in several lanes"
    ),
    "for %i in %n SCHEDULE { for %j in 2, vector=2 { } }": (
        "the loop over %j inside has a schedule of its own"
    ),
    "for %i in %n SCHEDULE { for %j in %i { } }": (
        "the loop over %j inside has another extent in another iteration"
    ),
    "for %i in %n SCHEDULE { let %u: i64 = mul %i, 2 for %j in %u { } }": (
        "the loop over %j inside has another extent in another iteration"
    ),
    "for %i in %n SCHEDULE { for %j in 2 { for %l in %i { } } }": (
        "the loop over %l inside has another extent in another iteration"
    ),
    "for %i in %n SCHEDULE { load %j: i64 = %k[%i] let %p: bool = gt %j, 0 if %p { } else { } }": (
        "an if inside goes another way in another iteration"
    ),
    "for %i in %n SCHEDULE { if bool true { alloc %b: f64[] } else { } }": (
        "a statement `alloc` inside has no form in several lanes"
    ),
    """for %i in %n SCHEDULE {
      reduce %r: f64 = add %v over %j in 4, blocked { load %v: f64 = %x[%j] }
    }""": "the reduction to %r inside takes several elements at once itself",
    """for %i in %n SCHEDULE {
      reduce %r: i64 = add %j, %q: i64 = max %j over %j in %i, rows { }
    }""": "the reduction to %r, %q inside has another extent in another iteration",
    """for %i in %n SCHEDULE {
      reduce %r: i64 = add %j over %j in 4, rows { } for %l in %r { }
    }""": "the loop over %l inside has another extent in another iteration",
    "reduce %r: f64 = add %v over %i in %n, rows SCHEDULE { load %v: f64 = %x[%i] }": (
        "in order rows elements are taken one after the other"
    ),
    """reduce %r: f64 = max %q over %i in %n, blocked SCHEDULE {
      reduce %q: f64 = max %v over %j in %i, rows { load %v: f64 = %x[%j] }
    }""": "the reduction to %q inside has another extent in another iteration",
}


def parsed(body: str, schedule: str = "") -> LoopFunction:
    text = body.replace(" SCHEDULE", schedule)
    return parse_loops(f'loops @f({HEAD}) {{ site 0 index "{{0}}" {START} {text} }}')


def loop_of(function: LoopFunction) -> For | Reduce:
    (loop,) = (one for one in function.body if isinstance(one, For | Reduce))
    return loop


@pytest.mark.parametrize("name", LEGAL)
def test_what_may_be_vectors_is_admitted_and_scheduled(name: str) -> None:
    function = parsed(LEGAL[name])
    assert vector_obstacle(loop_of(function)) is None
    verify_loops(parsed(LEGAL[name], ", vector=4"))
    for target in TARGETS:
        verify_loops(vectorise(function, target))


@pytest.mark.parametrize("body", ILLEGAL)
def test_what_may_not_is_refused_with_the_reason_and_left_alone_by_the_pass(body: str) -> None:
    function = parsed(body)
    verify_loops(function)
    assert vector_obstacle(loop_of(function)) == ILLEGAL[body]
    for target in TARGETS:
        scheduled = vectorise(function, target)
        verify_loops(scheduled)
        assert loop_of(scheduled).schedule.vector == 1
    if ", sequential" not in body:
        with pytest.raises(LoopVerificationError) as caught:
            verify_loops(parsed(body, ", vector=4"))
        wanted = f"@f: the loop has vector=4, but {ILLEGAL[body]}\n"
        assert str(caught.value).startswith(wanted)


def test_loops_inside_vectors_are_given_none() -> None:
    inner = "for %j in 4, sequential { } reduce %r: i64 = add %l over %l in 4, rows { }"
    function = vectorise(parsed(f"for %i in %n {{ {inner} store %y[%i] = f64 1.0 }}"), TARGETS[0])
    schedules = [
        one.schedule.vector
        for one in statements_in(loop_of(function))
        if isinstance(one, For | Reduce)
    ]
    assert all(one == 1 for one in schedules[1:])
