"""Values as a mantissa times an exponential, of which neither overflows.

exp(x) over its sum, a density times another, the sum of two likelihoods: what is computed on the
way may overflow or vanish, and the result is an ordinary number, or its logarithm is. Such a value
is m * exp(s) in exact arithmetic, where `s` is known from the formula: products add exponents, sums
take the greatest one out. The rules of `exponentials.logarithms` and `exponentials.products` make a
value anew from that.
"""

from collections.abc import Sequence

import numpy as np

from lltheano_ir.nodes import Value, make, rebuilt
from lltheano_ir.passes.rules.exponentials.bounds import is_shifted, may_fall, may_grow
from lltheano_ir.passes.rules.exponentials.form import Scaled, by_op, form
from lltheano_ir.passes.rules.exponentials.functions import FUNCTIONS
from lltheano_ir.passes.rules.shared import finite_or_zero, is_positive, stretched
from lltheano_ir.records import record
from lltheano_ir.rewrite.patterns import constant_like, is_one_of, matches, number_of, permuted
from lltheano_ir.rewrite.sizes import SizeAlgebra

__all__ = [
    "Factor",
    "Scaled",
    "Search",
    "counted",
    "factors_of",
    "is_widening",
    "merged",
    "scaled",
    "times",
]

_MOST_FACTORS = 12
"""Longer products than this are left alone."""
_DEEPEST = 5
"""Sums are looked into no deeper than this."""


@record(frozen=True, slots=True)
class Factor:
    """A factor of a product, or with `is_above` false a divisor; `scaled` is None if it is no
    exponential.
    """

    value: Value
    is_above: bool
    scaled: Scaled | None

    @property
    def raises(self) -> bool:
        """Whether it may make the product overflow."""
        return self._may(self.is_above)

    @property
    def lowers(self) -> bool:
        """Whether it may make the product 0."""
        return self._may(not self.is_above)

    def _may(self, grow: bool) -> bool:
        found = self.scaled
        return found is not None and (found.grows if grow else found.shrinks)


class Search:
    """What is found while one value is looked into; `sizes` knows the sizes of values."""

    def __init__(self, sizes: SizeAlgebra) -> None:
        self.sizes = sizes
        self.found: dict[Value, Scaled | None] = {}


def factors_of(value: Value, search: Search, depth: int = 0) -> tuple[list[Factor], bool] | None:
    """The factors of a float value in the order in which they are written, and whether their
    product is negated; None for too many. An op that moves elements moves each factor.
    """
    found: list[Factor] = []
    negative = False
    pending: list[tuple[Value, bool, tuple[Value, ...]]] = [(value, True, ())]
    while pending:
        if len(pending) + len(found) > _MOST_FACTORS:
            return None
        one, is_above, moves = pending.pop(0)
        while one.op.view is not None and _is_made_of_factors(one.operands[0]):
            moves, one = (one, *moves), one.operands[0]
        if matches(one, "mul"):
            pending[:0] = [(operand, is_above, moves) for operand in one.operands]
        elif matches(one, "div"):
            above, below = one.operands
            pending[:0] = [(above, is_above, moves), (below, not is_above, moves)]
        elif matches(one, "neg"):
            negative = not negative
            pending.insert(0, (one.operands[0], is_above, moves))
        else:
            moved = _moved(one, moves, search)
            found.append(Factor(moved, is_above, scaled(moved, search, depth)))
    return found, negative


def _is_made_of_factors(x: Value) -> bool:
    while x.op.view is not None:
        x = x.operands[0]
    return is_one_of(x, "mul", "div", "neg")


def _moved(x: Value, moves: Sequence[Value], search: Search) -> Value:
    """`x` moved as the operand of the first of `moves` is, and so on."""
    for move in moves:
        wide = x if matches(move, "dimshuffle") else stretched(x, move.operands[0], search.sizes)
        x = rebuilt(move, (wide, *move.operands[1:]))
    return x


def scaled(value: Value, search: Search, depth: int = 0) -> Scaled | None:
    """The scaled form of a value that may over- or underflow; None for any other."""
    if depth > _DEEPEST or not value.type.dtype.is_float:
        return None
    if value not in search.found:
        found = _form_of(value, search, depth + 1)
        may = found is not None and (found.grows or found.shrinks)
        search.found[value] = found if may else None
    return search.found[value]


def _form_of(value: Value, search: Search, depth: int) -> Scaled | None:
    if value.op.view is not None:
        return _of_view(value, search, depth)
    function = _FUNCTIONS.get(value.op.name)
    if function is not None:
        return function(value)
    reader = _FORMS.get(value.op.name)
    return None if reader is None else reader(value, search, depth)


def times(*factors: Value | None) -> Value | None:
    """The product of what there is."""
    product: Value | None = None
    for one in factors:
        if one is not None:
            product = one if product is None else make("mul", (product, one))
    return product


def counted(mantissa: Value | None, exponent: Value, otherwise: float) -> Value:
    """The exponent where the mantissa is not 0; an exponent that does not count might overflow."""
    if mantissa is None or is_positive(mantissa):
        return exponent
    is_zero = make("eq", (mantissa, constant_like(0.0, mantissa.type)))
    return make("select", (is_zero, constant_like(otherwise, exponent.type), exponent))


@form("mul", "div", "neg")
def _of_product(value: Value, search: Search, depth: int) -> Scaled | None:
    """Exponents are added, of divisors subtracted."""
    found = factors_of(value, search, depth)
    if found is None or all(one.scaled is None for one in found[0]):
        return None
    factors, negative = found
    mantissa, below, exponent = merged(factors)
    if mantissa is None and (negative or below is not None):
        mantissa = constant_like(1.0, exponent.type)
    if mantissa is not None and below is not None:
        mantissa = make("div", (mantissa, below))
    if mantissa is not None and negative:
        mantissa = make("neg", (mantissa,))
    raises, lowers = any(one.raises for one in factors), any(one.lowers for one in factors)
    return Scaled(mantissa, exponent, raises, lowers)


def merged(factors: Sequence[Factor]) -> tuple[Value | None, Value | None, Value]:
    """The mantissas above the line, those below it, and the exponent of a product."""
    above, below = (
        times(*(one.value if one.scaled is None else one.scaled.mantissa
                for one in factors if one.is_above is side))
        for side in (True, False)
    )  # fmt: skip
    return above, below, _total_exponent(factors)


def _total_exponent(factors: Sequence[Factor]) -> Value:
    added = [one.scaled.exponent for one in factors if one.scaled and one.is_above]
    taken = [one.scaled.exponent for one in factors if one.scaled and not one.is_above]
    for one in list(added):
        if one in taken:
            added.remove(one)
            taken.remove(one)
    if not added and not taken:
        return constant_like(0.0, factors[0].value.type)
    total = added.pop(0) if added else make("neg", (taken.pop(0),))
    for one in taken[:1]:  # the difference first: it is of the size of the result
        total = make("sub", (total, one))
    for one in added:
        total = make("add", (total, one))
    for one in taken[1:]:
        total = make("sub", (total, one))
    return total


@form("pow")
def _of_power(value: Value, search: Search, depth: int) -> Scaled | None:
    base, power = value.operands
    inner = scaled(base, search, depth)
    number = number_of(power)
    if inner is None or not is_positive(base) or value.type.dtype != base.type.dtype:
        return None
    mantissa = None if inner.mantissa is None else make("pow", (inner.mantissa, power))
    exponent = make("mul", (inner.exponent, power))
    both = inner.grows or inner.shrinks
    grows, shrinks = (both, both) if number is None else (inner.grows, inner.shrinks)
    if number is not None and number < 0:
        grows, shrinks = shrinks, grows
    return Scaled(mantissa, exponent, grows, shrinks)


@form("sqrt")
def _of_root(value: Value, search: Search, depth: int) -> Scaled | None:
    inner = scaled(value.operands[0], search, depth)
    if inner is None or not is_positive(value.operands[0]):
        return None
    mantissa = None if inner.mantissa is None else make("sqrt", (inner.mantissa,))
    exponent = make("mul", (inner.exponent, constant_like(0.5, inner.exponent.type)))
    return Scaled(mantissa, exponent, inner.grows, inner.shrinks)


def _of_view(value: Value, search: Search, depth: int) -> Scaled | None:
    inner = scaled(value.operands[0], search, depth)
    if inner is None:
        return None
    parts = (
        None if one is None else _moved(one, (value,), search)
        for one in (inner.mantissa, inner.exponent)
    )
    mantissa, exponent = parts
    assert exponent is not None
    return Scaled(mantissa, exponent, inner.grows, inner.shrinks)


@form("cast")
def _of_conversion(value: Value, search: Search, depth: int) -> Scaled | None:
    """Of a float to a wider one."""
    (x,) = value.operands
    inner = scaled(x, search, depth) if is_widening(value) else None
    if inner is None:
        return None
    mantissa = None if inner.mantissa is None else rebuilt(value, (inner.mantissa,))
    return Scaled(mantissa, rebuilt(value, (inner.exponent,)), inner.grows, inner.shrinks)


def is_widening(value: Value) -> bool:
    """Whether a value is a float converted to a wider one."""
    if not matches(value, "cast") or not value.operands[0].type.dtype.is_float:
        return False
    before, after = value.operands[0].type.dtype, value.type.dtype
    return after.is_float and after.numpy.itemsize > before.numpy.itemsize


@form("select")
def _of_choice(value: Value, search: Search, depth: int) -> Scaled | None:
    condition, *branches = value.operands
    inner = [scaled(one, search, depth) for one in branches]
    if inner == [None, None]:
        return None
    parts = [_parts(one, found) for one, found in zip(branches, inner, strict=True)]
    exponents = [exponent for _, exponent in parts]
    for place, one in enumerate(branches):
        if number_of(one) == 0:  # of nothing any exponent will do
            exponents[place] = exponents[1 - place]
    same = exponents[0] is exponents[1]
    return Scaled(
        _chosen_mantissa(value, [mantissa for mantissa, _ in parts]),
        exponents[0] if same else make("select", (condition, *exponents)),
        any(one is not None and one.grows for one in inner),
        any(one is not None and one.shrinks for one in inner),
    )


def _chosen_mantissa(value: Value, mantissas: Sequence[Value | None]) -> Value | None:
    if all(one is None for one in mantissas):
        return None
    return make("select", (value.operands[0], *(_or_one(one, value) for one in mantissas)))


@form("concatenate")
def _of_concatenation(value: Value, search: Search, depth: int) -> Scaled | None:
    inner = [scaled(one, search, depth) for one in value.operands]
    if all(one is None for one in inner):
        return None
    wide: list[list[Value]] = [[], []]
    for operand, found in zip(value.operands, inner, strict=True):
        mantissa, exponent = _parts(operand, found)
        for place, one in enumerate((_or_one(mantissa, value), exponent)):
            wide[place].append(stretched(one, operand, search.sizes))
    mantissa, exponent = (rebuilt(value, tuple(one)) for one in wide)
    return Scaled(
        mantissa,
        exponent,
        any(one is not None and one.grows for one in inner),
        any(one is not None and one.shrinks for one in inner),
    )


def _parts(value: Value, found: Scaled | None) -> tuple[Value | None, Value]:
    """The mantissa and the exponent of any value: itself, and 0."""
    if found is None:
        return value, constant_like(0.0, value.type)
    return found.mantissa, found.exponent


def _or_one(mantissa: Value | None, value: Value) -> Value:
    return constant_like(1.0, value.type) if mantissa is None else mantissa


@form("add")
def _of_sum(value: Value, search: Search, depth: int) -> Scaled | None:
    """The greatest exponent is taken out."""
    inner = [scaled(one, search, depth) for one in value.operands]
    exponents = [one.exponent for one in inner if one is not None]
    if all(is_shifted(one) for one in exponents):
        return None  # there is none, or the greatest is taken out
    parts = [_parts(one, found) for one, found in zip(value.operands, inner, strict=True)]
    exponents = [counted(mantissa, exponent, -np.inf) for mantissa, exponent in parts]
    shift = finite_or_zero(make("maximum", tuple(exponents)))
    terms = [
        times(mantissa, make("exp", (make("sub", (exponent, shift)),)))
        for (mantissa, _), exponent in zip(parts, exponents, strict=True)
    ]
    return Scaled(
        make(value.op.name, tuple(one for one in terms if one is not None)),
        shift,
        any(one is not None and one.grows for one in inner),
        all(one is not None and one.shrinks for one in inner),
    )


@form("sub")
def _of_difference(value: Value, search: Search, depth: int) -> Scaled | None:
    """1 - tanh(x)**2 is 4 sigmoid(2 x) sigmoid(-2 x); for any other see `_of_sum`."""
    x = _square_of_tanh(value)
    if x is None:
        return _of_sum.read(value, search, depth)
    exponent = make("mul", (make("abs", (x,)), constant_like(-2.0, x.type)))
    half = make("sigmoid", (make("neg", (exponent,)),))
    mantissa = make("mul", (make("mul", (half, half)), constant_like(4.0, x.type)))
    return Scaled(mantissa, exponent, False, may_grow(x) or may_fall(x))


def _square_of_tanh(value: Value) -> Value | None:
    """X of 1 - tanh(x) * tanh(x)."""
    one, square = value.operands
    if not matches(value, "sub") or not matches(square, "mul") or number_of(one) != 1:
        return None
    first, second = square.operands
    return first.operands[0] if first is second and matches(first, "tanh") else None


@form("reduce")
def _of_reduction(value: Value, search: Search, depth: int) -> Scaled | None:
    """A sum along axes, from which the greatest exponent is taken out."""
    kind, axes = value.attributes
    (operand,) = value.operands
    inner = scaled(operand, search, depth) if kind == "add" else None
    if inner is None or is_shifted(inner.exponent, axes):
        return None
    exponent = counted(inner.mantissa, inner.exponent, -np.inf)
    exponent = stretched(exponent, operand, search.sizes)
    shift = finite_or_zero(make("reduce", (exponent,), ("sup", axes)))
    kept = iter(range(shift.rank))
    order = [None if axis in axes else next(kept) for axis in range(operand.rank)]
    power = make("exp", (make("sub", (exponent, permuted(shift, order))),))
    term = times(inner.mantissa, power)
    assert term is not None
    return Scaled(make("reduce", (term,), ("add", axes)), shift, inner.grows, inner.shrinks)


_FUNCTIONS = by_op(FUNCTIONS)
_FORMS = by_op(
    (
        _of_product,
        _of_power,
        _of_root,
        _of_choice,
        _of_concatenation,
        _of_conversion,
        _of_sum,
        _of_difference,
        _of_reduction,
    )
)
