"""Which loops threads may share: only those whose iterations are proved to write apart."""

import pytest

from lltheano_ir.loops.analysis.dependence import Roots
from lltheano_ir.loops.analysis.threads import thread_obstacle
from lltheano_ir.loops.nodes import For, LoopFunction, Reduce
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops

HEAD = "loops @f(%x: f64[%n] strides [%s] input, %k: i64[%q] shared) {"
ALLOCATED = "alloc %y: f64[%n] alloc %z: f64[%n, 8] view %w: f64[%n] = %y, offset=0"


def parsed(loop: str) -> LoopFunction:
    return parse_loops(f'{HEAD} site 0 value "m" {ALLOCATED} {loop} }}')


def obstacle(loop: str) -> str | None:
    function = parsed(loop)
    last = function.body[-1]
    assert isinstance(last, For | Reduce)
    return thread_obstacle(last, Roots(function.body).of)


APART = {
    "an element each": "for %i in %n { load %v: f64 = %x[%i] store %y[%i] = %v }",
    "over what is read": "for %i in %n { load %v: f64 = %y[%i] store %y[%i] = %v }",
    "a row each": "for %i in %n { for %j in 8 { store %z[%i, %j] = f64 1.0 } }",
    "a column each": "for %i in 8 { for %j in %n { store %z[%j, %i] = f64 1.0 } }",
    "every other element": """for %i in 4 {
        let %j: i64 = mul %i, 2  let %l: i64 = add %j, 1
        store %y[%l] = f64 1.0 }""",
    "an element, in a branch": """for %i in %n {
        let %c: bool = lt %i, 3
        if %c { store %y[%i] = f64 1.0 } else { store %y[%i] = f64 2.0 } }""",
    "a sum of a row": """for %i in %n {
        reduce %r: f64 = add %v over %j in 8, blocked { load %v: f64 = %z[%i, %j] }
        store %y[%i] = %r }""",
    "memory of its own": """for %i in %n {
        alloc %t: f64[8]
        for %j in 8 { store %t[%j] = f64 1.0 }
        load %v: f64 = %t[0]
        store %y[%i] = %v }""",
    "memory of its own, with others": """for %i in %n {
        alloc %t: f64[8], slot=0
        for %j in 8 { store %t[%j] = f64 1.0 }
        load %v: f64 = %t[0]
        store %y[%i] = %v }""",
    "a tile of rows": """for %i in %n {
        let %b: i64 = mul %i, 4
        let %r: i64 = sub %n, %b
        let %m: i64 = minimum 4, %r
        let %o: i64 = mul %b, 8
        view %u: f64[%m, 8] = %z, offset=%o
        for %j in %m { store %u[%j, 0] = f64 1.0 } }""",
    "any element read": """for %i in %n {
        load %j: i64 = %k[%i] load %v: f64 = %x[%j] store %y[%i] = %v }""",
    "a sum": "reduce %r: f64 = add %v over %i in %n, blocked { load %v: f64 = %x[%i] }",
}

TOGETHER = {
    "one element": "for %i in %n { store %y[0] = f64 1.0 }",
    "an element that is looked up": """for %i in %n {
        load %j: i64 = %k[%i] store %y[%j] = f64 1.0 }""",
    "the neighbour's element": """for %i in %n {
        let %j: i64 = add %i, 1 load %v: f64 = %y[%j] store %y[%i] = %v }""",
    "another look at the memory": """for %i in %n {
        load %v: f64 = %w[0] store %y[%i] = %v }""",
    "a view inside": """for %i in %n {
        view %u: f64[8] = %y, offset=0  store %u[0] = f64 1.0 }""",
    "an index that a loop inside moves": """for %i in 4 { for %j in 2 {
        let %l: i64 = add %i, %j store %y[%l] = f64 1.0 } }""",
    "neighbours by halves": """for %i in %n {
        let %j: i64 = floordiv %i, 2 store %y[%j] = f64 1.0 }""",
    "one of two branches": """for %i in %n {
        let %c: bool = lt %i, 3
        if %c { store %y[0] = f64 1.0 } else { store %y[%i] = f64 2.0 } }""",
    "one after the other": "for %i in %n, sequential { store %y[%i] = f64 1.0 }",
    "what ends the call": """for %i in %n {
        let %c: bool = lt %i, 3 check %c, site=0 store %y[%i] = f64 1.0 }""",
    "a call": "for %i in %n { call dot(%b0) from (%x, %x) }",
    "a tile of half as many rows": """for %i in %n {
        let %b: i64 = mul %i, 8
        let %m: i64 = minimum 4, %n
        let %l: i64 = mul %m, %i
        let %o: i64 = mul %l, 8
        view %u: f64[%m, 8] = %z, offset=%o
        for %j in %m { store %u[%j, 0] = f64 1.0 } }""",
    "a tile of more columns": """for %i in %n {
        let %m: i64 = minimum 4, %n
        let %l: i64 = mul 4, %i
        let %o: i64 = mul %l, 4
        view %u: f64[%m, 8] = %z, offset=%o
        for %j in %m { store %u[%j, 0] = f64 1.0 } }""",
    "a sum in order": "reduce %r: f64 = add %v over %i in %n, rows { load %v: f64 = %x[%i] }",
}


@pytest.mark.parametrize("name", APART)
def test_iterations_that_write_apart_are_for_threads(name: str) -> None:
    assert obstacle(APART[name]) is None
    text = APART[name].replace(" {", ", parallel=1 {", 1)
    verify_loops(parsed(text))


@pytest.mark.parametrize("name", TOGETHER)
def test_others_are_not_and_the_verifier_refuses_them(name: str) -> None:
    loop = TOGETHER[name].replace("call dot(%b0)", "call dot(%z0)")
    prefix = "alloc %z0: f64[] " if "dot" in loop else ""
    assert obstacle(prefix + loop) is not None
    text = prefix + loop.replace(" {", ", parallel=1 {", 1)
    with pytest.raises(LoopVerificationError):
        verify_loops(parsed(text))


def test_a_parallel_loop_stands_in_no_other() -> None:
    inner = "for %j in 8, parallel=1 { store %z[%i, %j] = f64 1.0 }"
    with pytest.raises(LoopVerificationError, match="so is one round it"):
        verify_loops(parsed(f"for %i in %n, parallel=1 {{ {inner} }}"))


@pytest.mark.parametrize("worth", ["0", "-4"])
def test_no_iterations_are_not_worth_a_thread(worth: str) -> None:
    with pytest.raises(LoopVerificationError, match=f"parallel={worth} is no number"):
        verify_loops(parsed(f"for %i in %n, parallel={worth} {{ store %y[%i] = f64 1.0 }}"))
