"""The records of routines: what a call of each must look like, and that each can be emitted."""

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, f64
from lltheano_ir.emit.calls.routines import GENERATED
from lltheano_ir.loops.interpret import LoopMemoryError, interpret_loops
from lltheano_ir.loops.nodes import Buffer, Call
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.routines.extents import Integers
from lltheano_ir.loops.routines.fortran import Data, LeadingOf, Status, Work, WorkSize
from lltheano_ir.loops.routines.record import Choice, Element, Flag, Routine
from lltheano_ir.loops.routines.table import ROUTINES, routine_of
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from tests.ir.emit.harness import n

SETTINGS = [
    (routine, dtype)
    for routine in ROUTINES.values()
    for dtype in ALL_DTYPES
    if dtype.name in routine.dtypes
]


def variants(routine: Routine) -> list[dict[str, object]]:
    """All settings of attributes but for factors."""
    found: list[dict[str, object]] = [{}]
    for one in routine.attributes:
        values: tuple[object, ...] = (None,)
        if isinstance(one, Choice | Flag):
            values = one.words if isinstance(one, Choice) else (False, True)
        found = [{**each, one.name: value} for each in found for value in values]
    return found


def test_each_routine_is_known_by_its_name() -> None:
    assert all(name == routine.name for name, routine in ROUTINES.items())
    with pytest.raises(ValueError, match="there is no routine gels"):
        routine_of(Call("gels", (), ()))


def test_each_routine_is_emitted_in_one_way() -> None:
    generated = {name for name, routine in ROUTINES.items() if routine.fortran is None}
    assert generated == set(GENERATED)


@pytest.mark.parametrize(("routine", "number"), SETTINGS, ids=lambda one: getattr(one, "name", ""))
def test_a_library_call_passes_what_its_record_declares(routine: Routine, number: DType) -> None:
    if routine.fortran is None:
        return
    for settings in variants(routine):
        parameters = {one.name: one for one in routine.parameters(settings, number)}
        scratch = {one.name: one for one in routine.scratch(settings, number)}
        arguments = routine.fortran(settings, number).arguments
        data = {one.name for one in arguments if isinstance(one, Data)}
        told = {one.into for one in arguments if isinstance(one, Status) and one.into}
        assert data | told == set(parameters)
        assert told == ({routine.status} if routine.status else set())
        assert {one.name for one in arguments if isinstance(one, Work)} == set(scratch)
        assert {one.name for one in arguments if isinstance(one, WorkSize)} <= set(scratch)
        strided = {one.name for one in parameters.values() if one.strided}
        assert strided == {one.name for one in arguments if isinstance(one, LeadingOf)}
        # Every size that work space is made of is that of an operand.
        sizes = {
            extent.name: 3
            for one in parameters.values()
            for extent in one.sizes or ()
            if extent.kind == "size"
        }
        assert all(one.count.worth(Integers(), sizes) > 0 for one in scratch.values())
        assert all(one.element is not Element.ANY for one in scratch.values())


def test_what_is_updated_is_passed_as_output_and_input() -> None:
    a, b = (Buffer(name, f64, (n(3), n(3))) for name in "ab")
    info = Buffer("info", ALL_DTYPES[4], ())
    routine = ROUTINES["potrf"]
    assert [one for _, one in routine.matched(Call("potrf", (a, info), (a,)))] == [a, info]
    with pytest.raises(ValueError, match="potrf changes %b where it is; the output is %a"):
        routine.matched(Call("potrf", (a, info), (b,)))


MATRICES = "%x: f64[%m, %k] strides [%s, %t] input, %v: f64[%l] strides [%u] input"

MALFORMED = {
    "call gemm(%c) from (%x, %x), transpose=true": (
        "gemm has the attributes alpha, beta, transpose_a, transpose_b, in this order; got"
        " transpose"
    ),
    "call gemm(%c) from (%x, %x), transpose_b=true, transpose_a=true": "in this order",
    "call gemm(%c) from (%x, %x), transpose_b=true, transpose_b=true": "in this order",
    "call gemm(%c) from (%x, %x), transpose_a=yes": "transpose_a is true or false",
    "call gemm(%c) from (%x, %x), alpha=true": "alpha is a scalar of f64",
    "call gemm(%c) from (%x, %x), alpha=1": "alpha is a scalar of f64",
    "call gemm(%c) from (%x, %x, %c), transpose_b=true": (
        "gemm takes 1 outputs and 2 inputs here, got 1 and 3"
    ),
    "call gemm(%c) from (%x, %x), beta=f64 1.0": (
        "gemm takes 1 outputs and 3 inputs here, got 1 and 2"
    ),
    "call gemm(%c) from (%x, %x, %d), beta=f64 1.0": "gemm changes %d where it is",
    "call gemm(%c) from (%c, %x)": "%c is written while it is read as a",
    "call gemm(%y) from (%x, %x)": "c of gemm holds f64 on 2 axes; %y holds f64 on 1",
    "call gemv(%y) from (%x, %x)": "x of gemv holds f64 on 1 axes; %x holds f64 on 2",
    "view %e: f64[2, 2] strides [1, 2] = %c, offset=0 call gemm(%e) from (%x, %x)": (
        "c of gemm is row-major; %e has strides"
    ),
    "call trsm(%c) from (%c, %x)": "triangle is one of lower, upper",
    "call trsm(%c) from (%c, %x), triangle=left": "triangle is one of lower, upper",
    "call sort(%y) from (%v)": "rows of sort is row-major; %v has strides",
    "call sort(%y) from (%y), stable=true": "sort has none; got stable",
}


@pytest.mark.parametrize("body", MALFORMED)
def test_calls_that_do_not_fit_the_record(body: str) -> None:
    buffers = "alloc %c: f64[%m, %m] alloc %d: f64[%m, %m] alloc %y: f64[%k]"
    with pytest.raises(LoopVerificationError) as failure:
        verify_loops(parse_loops(f"loops @f({MATRICES}) {{ {buffers} {body} }}"))
    assert MALFORMED[body] in str(failure.value)


def test_a_factor_is_defined_before_the_call() -> None:
    text = """loops @f(%x: f64[2, 2] input) {
      alloc %c: f64[2, 2]
      if bool true { let %a: f64 = neg f64 1.0 } else { }
      call gemm(%c) from (%x, %x), alpha=%a
    }"""
    with pytest.raises(ValueError, match="there is no scalar %a here"):
        parse_loops(text)


def test_what_is_multiplied_by_zero_is_not_looked_at() -> None:
    """Neither by the interpreter, which refuses to read memory that was never written."""
    text = """loops @f(%a: f64[] input, %b: f64[] input, %x: f64[2, 2] input) {
      load %alpha: f64 = %a[]
      load %beta: f64 = %b[]
      alloc %c: f64[2, 2]
      alloc %d: f64[2, 2]
      call gemm(%c) from (%x, %x, %c), alpha=%alpha, beta=%beta
      call gemm(%c) from (%d, %x, %c), alpha=f64 0.0, beta=f64 1.0
      output "c" = %c
    }"""
    function = parse_loops(text)
    verify_loops(function)
    x = np.array([[1.0, np.nan], [2.0, 3.0]])
    zero, one, two = (np.asarray(number, np.float64) for number in range(3))
    (found,), _ = interpret_loops(function, [zero, zero, x])
    np.testing.assert_array_equal(found, np.zeros((2, 2)))
    (found,), _ = interpret_loops(function, [two, zero, x])
    np.testing.assert_array_equal(found, 2 * x @ x)
    with pytest.raises(LoopMemoryError, match="is read before it is written"):
        interpret_loops(function, [zero, one, x])
