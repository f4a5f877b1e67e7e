"""What an op declares of itself beside its types is true of its reference semantics, whatever the
dtype.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, f32
from lltheano_ir.emit.scalars.ops import is_heavy
from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import argument, make
from lltheano_ir.ops.definition import Op, TypeRuleError
from lltheano_ir.ops.polynomials import Polynomial
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Cost, Sign
from lltheano_ir.rewrite.patterns import constant
from lltheano_ir.signs import sign_of
from lltheano_ir.types import BOOL, INDEX, ValueType
from tests.ir.ops.test_completeness import CASES, built

Array = NDArray[Any]

ELEMENTWISE = [op for op in OPS.values() if op.is_elementwise]
DISCRETE = [one for one in ALL_DTYPES if one.is_bool or one.is_integer]
SMALL = [-7, -2, -1, 0, 1, 2, 3, 6]


def accepted(op: Op, dtypes: list[DType]) -> list[DType]:
    """Those of the dtypes that an elementwise op of one dtype takes."""
    return [one for one in dtypes if _accepts(op, one)]


def attributes_of(op: Op) -> tuple[DType, ...]:
    """Those of a cast, to a narrower float; no other elementwise op has any."""
    return (f32,) if op.attributes else ()


def _accepts(op: Op, dtype: DType) -> bool:
    try:
        op.result_types([ValueType(dtype, ())] * op.arity, attributes_of(op))
    except TypeRuleError:
        return False
    return True


def numbers(dtype: DType) -> list[Array]:
    """Small numbers of a discrete dtype, and the ends of its range."""
    if dtype.is_bool:
        return [np.asarray(False), np.asarray(True)]
    limits = np.iinfo(dtype.numpy.name)
    ends = [limits.min, limits.max]
    small = [number for number in SMALL if limits.min <= number <= limits.max]
    return [np.asarray(number, dtype.numpy) for number in (*small, *ends)]


def reference(op: Op, *operands: Array) -> Array:
    """What the reference gives for single elements of one dtype."""
    (dtype,) = {one.dtype for one in operands}
    type_ = ValueType(next(one for one in ALL_DTYPES if one.numpy == dtype), ())
    (element,) = op.results(list(operands), [type_] * len(operands), attributes_of(op))
    return element


def pairs(op: Op) -> Iterator[tuple[Array, Array]]:
    """Two numbers of each discrete dtype that an op of two operands takes."""
    for dtype in accepted(op, DISCRETE):
        yield from itertools.product(numbers(dtype), repeat=2)


def with_law(name: str) -> list[Any]:
    """The ops that declare a law, for a test that has one of them."""
    declaring = [op for op in ELEMENTWISE if getattr(op.laws, name) not in (None, False, "")]
    assert declaring, f"no op declares {name}"
    return [pytest.param(op, id=op.name) for op in declaring]


@pytest.mark.parametrize("op", with_law("commutative"))
def test_commutative_ops_give_the_same_for_exchanged_operands(op: Op) -> None:
    assert all(reference(op, x, y) == reference(op, y, x) for x, y in pairs(op))


@pytest.mark.parametrize("op", with_law("idempotent"))
def test_idempotent_ops_give_an_element_for_itself_twice(op: Op) -> None:
    assert all(reference(op, x, x) == x for x, _ in pairs(op))


@pytest.mark.parametrize("op", with_law("unit"))
def test_a_unit_changes_nothing(op: Op) -> None:
    for x, _ in pairs(op):
        assert reference(op, x, np.asarray(op.laws.unit).astype(x.dtype)) == x


@pytest.mark.parametrize("op", with_law("absorbing"))
def test_an_absorbing_number_is_the_result(op: Op) -> None:
    for x, _ in pairs(op):
        absorbing = np.asarray(op.laws.absorbing).astype(x.dtype)
        assert reference(op, x, absorbing) == absorbing


@pytest.mark.parametrize("op", with_law("of_same"))
def test_equal_operands_give_the_declared_number(op: Op) -> None:
    assert all(reference(op, x, x) == op.laws.of_same for x, _ in pairs(op))


@pytest.mark.parametrize("op", with_law("mirrored"))
def test_the_mirrored_op_gives_the_same_for_exchanged_operands(op: Op) -> None:
    mirrored = OPS[op.laws.mirrored]
    assert all(reference(op, x, y) == reference(mirrored, y, x) for x, y in pairs(op))
    assert mirrored.laws.mirrored == op.name


@pytest.mark.parametrize("op", with_law("negated"))
def test_the_negated_op_gives_the_opposite_even_for_nan(op: Op) -> None:
    negated = OPS[op.laws.negated]
    floats = [np.asarray(number) for number in (-1.0, -0.0, 0.0, np.inf, np.nan)]
    for x, y in (*pairs(op), *itertools.product(floats, repeat=2)):
        assert bool(reference(op, x, y)) is not bool(reference(negated, x, y))


@pytest.mark.parametrize("op", with_law("equates"))
def test_equating_ops_hold_of_equal_numbers_alone(op: Op) -> None:
    assert all(bool(reference(op, x, y)) is (int(x) == int(y)) for x, y in pairs(op))


@pytest.mark.parametrize("op", with_law("picks"))
def test_picking_ops_give_one_of_their_operands(op: Op) -> None:
    assert all(reference(op, x, y) in (x, y) for x, y in pairs(op))
    assert op.laws.exact is not None


@pytest.mark.parametrize("op", with_law("chooses"))
def test_choosing_ops_give_the_second_operand_where_the_first_holds(op: Op) -> None:
    types = [ValueType(bool_, ()), INDEX, INDEX]
    for condition in (False, True):
        operands = [np.asarray(one) for one in (condition, np.int64(3), np.int64(5))]
        assert op.results(operands, types, ()) == (3 if condition else 5,)


@pytest.mark.parametrize("op", with_law("exact"))
def test_the_exact_form_wraps_round_to_the_reference(op: Op) -> None:
    assert op.laws.exact is not None
    for x, y in pairs(op):
        if x.dtype.kind != "b" or op.laws.polynomial is None:
            exact = np.asarray(int(op.laws.exact(int(x), int(y))) & (2**64 - 1), np.uint64)
            assert exact.astype(reference(op, x, y).dtype) == reference(op, x, y)


@pytest.mark.parametrize("op", with_law("divmod_part"))
def test_quotient_and_rest_are_those_of_python(op: Op) -> None:
    for x, y in itertools.product(SMALL, [one for one in SMALL if one]):
        part = divmod(x, y)[op.laws.divmod_part or 0]
        assert reference(op, np.asarray(x, np.int64), np.asarray(y, np.int64)) == part


@pytest.mark.parametrize("op", with_law("polynomial"))
def test_polynomials_have_the_value_of_the_op(op: Op) -> None:
    """Each on an atom with a factor, and a number, all over i64."""
    assert op.laws.polynomial is not None
    for operands in itertools.product((-(2**63), -3, 0, 5, 2**62), repeat=op.arity):
        sums: list[Polynomial[int]] = [{(place,): 3} for place in range(op.arity)]
        computed = op.laws.polynomial(*sums)
        assert computed is not None
        arrays = [np.asarray(_wrapped(3 * number), np.int64) for number in operands]
        assert reference(op, *arrays) == _value(computed, operands)


def _value(terms: Polynomial[int], numbers: tuple[int, ...]) -> int:
    total = 0
    for monomial, factor in terms.items():
        for atom in monomial:
            factor *= numbers[atom]
        total += factor
    return _wrapped(total)


def _wrapped(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


@pytest.mark.parametrize("op", with_law("interval"))
def test_intervals_hold_the_results_of_what_lies_in_them(op: Op) -> None:
    """Of floats, so that nothing wraps round; a condition is left out."""
    assert op.laws.interval is not None
    count = 2 if op.laws.chooses else op.arity
    for intervals in itertools.product(INTERVALS, repeat=count):
        low, high = op.laws.interval(*intervals)
        for numbers_ in itertools.product(*intervals):
            for condition in (False, True):
                elements = [np.asarray(one) for one in numbers_]
                types = [ValueType(_FLOAT, ())] * count
                if op.laws.chooses:
                    elements, types = [np.asarray(condition), *elements], [BOOL, *types]
                (element,) = op.results(elements, types, ())
                assert not element < low
                assert not element > high


INTERVALS = [(-3.0, -1.0), (-2.0, 0.0), (-1.0, 5.0), (0.0, 0.0), (0.5, 2.0), (1.0, np.inf)]


@pytest.mark.parametrize(
    "op", [op for op in ELEMENTWISE if op.reaches is not None], ids=lambda op: op.name
)
def test_no_element_is_outside_of_what_an_op_reaches(op: Op) -> None:
    assert op.reaches is not None
    low, high = op.reaches
    arrays = [np.linspace(-900.0, 900.0, 36001)] * op.arity
    types = [ValueType(_FLOAT, (False,))] * op.arity
    (elements,) = op.results(arrays, types, ())
    finite = elements[~np.isnan(elements)]
    assert finite.min() >= low
    assert finite.max() <= high
    assert finite.min() - low < 1.0, "this says less than it could"


@pytest.mark.parametrize("op", with_law("ordering"))
def test_orderings_say_which_operand_is_below(op: Op) -> None:
    ordering = op.laws.ordering
    assert ordering is not None
    for x, y in pairs(op):
        first, second = (int(y), int(x)) if ordering.swapped else (int(x), int(y))
        below = first < second or (first == second and not ordering.strict)
        assert bool(reference(op, x, y)) is below


# --- signs


SIGNED = [op for op in ELEMENTWISE if op.sign is not None]
FLOATS: dict[Sign, list[float]] = {
    Sign.ANY: [-2.5, 0.0, 0.75],
    Sign.NOT_NEGATIVE: [0.0, 0.75],
    Sign.POSITIVE: [0.25, 3.0],
}


def holds(sign: Sign, element: Array) -> bool:
    """Whether an element is as its sign says; what has no value is not compared."""
    least = {Sign.ANY: True, Sign.NOT_NEGATIVE: element >= 0, Sign.POSITIVE: element > 0}
    return bool(least[sign]) or bool(np.isnan(element))


@pytest.mark.parametrize("op", SIGNED, ids=lambda op: op.name)
@pytest.mark.parametrize("same", [False, True], ids=["different", "same"])
def test_the_sign_rule_holds_of_floats(op: Op, same: bool) -> None:
    assert op.sign is not None
    types = [
        ValueType(bool_ if op.laws.chooses and not place else _FLOAT, ())
        for place in range(op.arity)
    ]
    for signs in itertools.product(Sign, repeat=op.arity):
        sign = op.sign(signs, same, attributes_of(op))
        for operands in itertools.product(*(FLOATS[one] for one in signs)):
            if not same or len(set(operands)) == 1:
                arrays = [
                    np.asarray(number, one.dtype.numpy)
                    for number, one in zip(operands, types, strict=True)
                ]
                found = op.results(arrays, types, attributes_of(op))[0]
                assert holds(sign, found), (operands, sign)


_FLOAT = next(one for one in ALL_DTYPES if one.name == "f64")


@pytest.mark.parametrize(
    "op", [op for op in SIGNED if accepted(op, DISCRETE)], ids=lambda op: op.name
)
def test_what_is_known_of_the_sign_of_integers_holds_when_they_wrap_round(op: Op) -> None:
    """Memory is reached by such integers, so it must hold to the ends of the range."""
    for dtype in accepted(op, DISCRETE):
        for operands in itertools.product(numbers(dtype), repeat=op.arity):
            value = make(op.name, [constant(one) for one in operands], attributes_of(op))
            assert holds(sign_of(value), reference(op, *operands))


def test_a_square_is_not_negative_and_an_integer_may_be() -> None:
    x = argument(0, ValueType(_FLOAT, (False,)))
    n = argument(0, INDEX)
    assert sign_of(make("mul", (x, x))) is Sign.NOT_NEGATIVE
    assert sign_of(make("mul", (n, n))) is Sign.ANY
    assert sign_of(make("abs", (n,))) is Sign.ANY


# --- views


VIEWS = [
    pytest.param(name, case, id=f"{name}-{number}")
    for name, cases in CASES.items()
    for number, case in enumerate(cases)
    if OPS[name].view is not None
]


@pytest.mark.parametrize(("name", "case"), VIEWS)
def test_a_view_gives_elements_of_its_first_operand(name: str, case: Any) -> None:
    """Of an operand whose elements are all different."""
    value, arrays = built(name, case)
    source = np.arange(arrays[0].size).reshape(arrays[0].shape).astype(arrays[0].dtype)
    (elements,) = evaluate([value], [source, *arrays[1:]])
    view = OPS[name].view
    assert view is not None
    assert set(elements.flat) <= set(source.flat)
    assert not view.whole or not elements.size or set(elements.flat) == set(source.flat)
    assert not view.in_order or list(elements.flat) == list(source.flat)
    if view.repeats is None:
        assert len(set(elements.flat)) == elements.size


def test_every_view_is_walked() -> None:
    walked = {name for name, cases in CASES.items() if cases}
    assert {op.name for op in OPS.values() if op.view is not None} <= walked


# --- cost


def test_the_kernels_of_emission_are_declared_as_kernels() -> None:
    for op in ELEMENTWISE:
        for dtype in ALL_DTYPES:
            assert not is_heavy(op.name, dtype) or op.cost_on(dtype) is Cost.KERNEL


# --- indices, reductions, operands handed on


def cases_of(trait: str) -> list[Any]:
    """The cases of the ops that declare a trait; there are some of each."""
    declaring = [op.name for op in OPS.values() if getattr(op, trait) not in (None, False)]
    assert declaring
    assert set(declaring) <= set(CASES)
    return [
        pytest.param(name, case, id=f"{name}-{number}")
        for name in declaring
        for number, case in enumerate(CASES[name])
    ]


class _Sizes:
    """Shape arithmetic on arrays."""

    def size(self, operand: Array, axis: int) -> int:
        return int(operand.shape[axis])

    def integer(self, value: int) -> int:
        return value

    def apply(self, op: str, *sizes: int) -> int:
        raise AssertionError(op)


@pytest.mark.parametrize(("name", "case"), cases_of("below"))
def test_indices_are_below_what_is_declared_or_0(name: str, case: Any) -> None:
    value, arrays = built(name, case)
    (indices,) = evaluate([value], arrays)
    below = OPS[name].below
    assert below is not None
    assert all(0 <= index < below(_Sizes(), arrays) or index == 0 for index in indices)
    if OPS[name].from_index:
        assert indices.tolist() == list(range(len(indices)))


@pytest.mark.parametrize(("name", "case"), cases_of("is_operand"))
def test_what_hands_its_operand_on_gives_its_very_elements(name: str, case: Any) -> None:
    value, arrays = built(name, case)
    (elements,) = evaluate([value], arrays)
    np.testing.assert_array_equal(elements, arrays[0])


@pytest.mark.parametrize(("name", "case"), cases_of("reduction"))
def test_a_reduction_combines_along_the_axes_that_it_declares(name: str, case: Any) -> None:
    value, arrays = built(name, case)
    declared = OPS[name].reduction
    assert declared is not None
    reduction = declared(value.attributes)
    (elements,) = evaluate([value], arrays)
    kept = [axis for axis in range(arrays[0].ndim) if axis not in reduction.axes]
    assert elements.shape == tuple(arrays[0].shape[axis] for axis in kept)
    assert reduction.gives_index == (elements.dtype == np.int64 != arrays[0].dtype)
    assert reduction.gives_index == reduction.kind.startswith("arg")
