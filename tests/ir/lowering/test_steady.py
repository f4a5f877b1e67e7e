"""No element of an input is read twice where the two reads have to agree."""

import pytest
from hypothesis import given, settings

from fuzz.case import Case
from fuzz.strategies.programs import cases
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.nodes import result
from lltheano_ir.program import Output, Parameter, Program
from lltheano_ir.text import parse_program
from tests.ir.loop_pipeline import loop_stages
from tests.ir.lowering.steadiness import loads_of, unsteady_reads
from tests.ir.ops.test_completeness import CASES, built

CAUGHT = {
    "checked, then loaded again": """
        contiguous %b: i64[%m] = %i
        reduce %top: i64 = max %a over %p in %m, blocked { load %a: i64 = %b[%p] }
        let %fits: bool = lt %top, %n
        check %fits, site=0, values=[]
        for %q in %m { load %c: i64 = %b[%q] load %d: f64 = %w[%c] }
    """,
    "checked, then copied": """
        contiguous %b: i64[%m] = %i
        reduce %top: i64 = max %a over %p in %m, blocked { load %a: i64 = %b[%p] }
        let %fits: bool = lt %top, %n
        check %fits, site=0, values=[]
        alloc %own: i64[%m]
        for %q in %m { load %c: i64 = %b[%q] store %own[%q] = %c }
        load %e: i64 = %own[0]
        load %d: f64 = %w[%e]
    """,
    "a scalar loaded twice": """
        load %a: i64 = %k[]
        let %fits: bool = lt %a, %n
        check %fits, site=0, values=[]
        load %c: i64 = %k[]
        load %d: f64 = %w[%c]
    """,
    "a scalar loaded by each iteration": """
        for %q in %m { load %c: i64 = %k[] load %d: f64 = %w[%c] }
    """,
    "a size checked, then loaded again": """
        load %a: i64 = %k[]
        let %fits: bool = ge %a, 0
        check %fits, site=0, values=[]
        load %c: i64 = %k[]
        alloc %big: f64[%c]
    """,
    "a routine that counts and then writes": """
        contiguous %b: i64[%m] = %i
        alloc %own: i64[%m]
        call argsort(%own) from (%b)
    """,
}


@pytest.mark.parametrize("name", CAUGHT)
def test_the_analysis_finds_what_it_is_for(name: str) -> None:
    head = "%i: i64[%m] strides [%s] input, %k: i64[] input, %w: f64[%n] shared"
    text = f'loops @f({head}) {{ site 0 index "out" {CAUGHT[name]} }}'
    assert unsteady_reads(parse_loops(text))


@given(case=cases())
@settings(max_examples=120, deadline=None)
def test_random_programs_read_once_what_reaches_memory(case: Case) -> None:
    for stage, module in loop_stages(case.program):
        assert unsteady_reads(module.entry) == [], stage


@pytest.mark.parametrize("name", [name for name, cases in CASES.items() if cases])
def test_every_op_reads_once_what_reaches_memory(name: str) -> None:
    for case in CASES[name]:
        value, _ = built(name, case)
        parameters = [Parameter(f"p{at}", one.type) for at, one in enumerate(value.operands)]
        results = [result(value, at) for at in range(len(value.types))]
        outputs = [Output(f"y{at}", one) for at, one in enumerate(results)]
        program = Program("one", tuple(parameters), tuple(outputs))
        assert unsteady_reads(lower(program).entry) == []


def test_an_input_of_rank_0_is_read_before_regions_and_loops() -> None:
    program = parse_program("""program @f(%x: f64[?], %i: i64[?], %n: i64[], %k: i64[]) {
      %0: f64[] = gather %x, %n, axes=[0]
      %1: f64[] = loop %k, %0, %x, %n, carried=1 body(%s: i64[], %a: f64[], %v: f64[?], %p: i64[]) {
        %0: f64[] = index %v, %p, axis=0
        %1: f64[] = add %a, %0
        yield %1
      }
      output "y" = %1
    }""")
    function = lower(program).entry
    assert unsteady_reads(function) == []
    assert [loads_of(function, name) for name in ("n", "k", "i")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("dtype", "step"), [("i64", "argsort %0"), ("f32", "argsort %0"), ("bool", "nonzero %0, %n")]
)
def test_an_input_of_rank_0_that_is_looked_at_as_an_array_is_read_once(
    dtype: str, step: str
) -> None:
    program = parse_program(f"""program @f(%i: {dtype}[], %n: i64[]) {{
      %0: {dtype}[?] = reshape %i, %n, pattern=[?]
      %1: i64[?] = {step}
      output "y" = %1
    }}""")
    function = lower(program).entry
    assert unsteady_reads(function) == []
    assert loads_of(function, "i") == 1
