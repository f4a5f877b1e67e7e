"""The algebra of sizes: one normal form for i64[] expressions, and the range of their values.

Sums, differences, negations and products are brought to the form

    c1 * m1 + c2 * m2 + ... + c

where the m are products of atoms (sizes of arguments, integers that the program computes) in a
fixed order. i64 arithmetic wraps around and is a ring, so this is exact, whatever overflows. Two
sizes whose normal forms are identical are equal at run time; the converse need not hold.
Quotients, remainders, maxima and minima are simplified where the range of their operands, found by
interval arithmetic from 0 <= size <= MAX_SIZE, shows that nothing overflows.

>>> from lltheano_ir.nodes import argument, make
>>> from lltheano_ir.types import INDEX
>>> n, m = argument(0, INDEX), argument(1, INDEX)
>>> sizes = SizeAlgebra()
>>> sizes.same(make("sub", (make("add", (n, m)), n)), m)
True
"""

import zlib
from collections.abc import Iterable

import numpy as np

from lltheano_ir.nodes import Value, make, operands_first, rebuilt
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.polynomials import Polynomial, cleaned, difference
from lltheano_ir.shapes import MAX_SIZE, Shapes, integer, known_integer
from lltheano_ir.types import INDEX

__all__ = ["ARITHMETIC", "Range", "SizeAlgebra"]

Range = tuple[int, int]
Monomial = tuple[Value, ...]
Terms = Polynomial[Value]

ARITHMETIC = tuple(op.name for op in ELEMENTWISE if op.laws.of_sizes)
"""The ops that the normal form looks through."""

_LEAST, _GREATEST = -(1 << 63), (1 << 63) - 1
_ANYTHING = (_LEAST, _GREATEST)
_MOST_TERMS = 16
"""Longer sums are left as they are: merging them would take quadratic time."""


class SizeAlgebra:
    """Normal forms and ranges of the i64[] values of one scope, remembered."""

    def __init__(self) -> None:
        self.shapes = Shapes(self.normal)
        self._normal: dict[Value, Value] = {}
        self._terms: dict[Value, Terms] = {}
        self._ranges: dict[Value, Range] = {}
        self._keys: dict[Value, str] = {}

    def sizes(self, value: Value) -> tuple[Value, ...]:
        """The sizes of a value, each in normal form."""
        return self.shapes.sizes(value)

    def same(self, x: Value, y: Value) -> bool:
        """Whether two i64[] values are known to be equal."""
        return x is y or self.normal(x) is self.normal(y)

    def normal(self, value: Value) -> Value:
        """The normal form of an i64[] value; any other value is returned as it is."""
        normal = self._normal.get(value)
        if normal is None:
            for one in self._unknown_first(value):
                normal = self._normal[one] = self._simplified(one)
                self._normal.setdefault(normal, normal)
            normal = self._normal[value]
        return normal

    def _unknown_first(self, value: Value) -> list[Value]:
        """The arithmetic that `value` consists of, operands first; no recursion: sums are long."""
        order: list[Value] = []
        stack = [(value, False)]
        while stack:
            one, expanded = stack.pop()
            if expanded:
                order.append(one)
            elif one not in self._normal:
                stack.append((one, True))
                if one.op.laws.of_sizes:
                    stack.extend((operand, False) for operand in one.operands)
        return order

    def _simplified(self, value: Value) -> Value:
        if value.types != (INDEX,):
            return value
        if value.op.measures:
            size = self.shapes.size(value.operands[0], value.attributes[0])
            return size if size.op.measures else self.normal(size)
        if not value.op.laws.of_sizes:
            return value
        operands = tuple(self._normal[operand] for operand in value.operands)
        if value.op.laws.polynomial is None:
            return self._quotient_or_extremum(rebuilt(value, operands))
        terms = value.op.laws.polynomial(*(self.terms(operand) for operand in operands))
        if terms is None or len(terms) > _MOST_TERMS:
            return rebuilt(value, operands)
        return self._built(self._sorted(terms))

    # --- sums of products

    def terms(self, value: Value) -> Terms:
        """A normal form as a sum: for each product of atoms its factor; a number belongs to ()."""
        terms = self._terms.get(value)
        if terms is None:
            number = known_integer(value)
            terms = {(value,): 1} if number is None else cleaned({(): number})
            self._terms[value] = terms
        return terms

    def _sorted(self, terms: Terms) -> Terms:
        """Every product with its atoms in order, so that n * m and m * n are one."""
        merged: dict[Monomial, int] = {}
        for monomial, factor in terms.items():
            one = tuple(sorted(monomial, key=self.key)) if len(monomial) > 1 else monomial
            merged[one] = merged.get(one, 0) + factor
        return cleaned(merged)

    def _built(self, terms: Terms) -> Value:
        """The sum, beginning with a term that is added, and ending in the number, if it can."""
        ordered = sorted((one for one in terms if one), key=self._order)
        ordered.sort(key=lambda monomial: terms[monomial] < 0)
        number = terms.get((), 0)
        all_negative = not ordered or terms[ordered[0]] < 0
        total = integer(number) if all_negative and (number or not ordered) else None
        for monomial in ordered:
            total = self._plus(total, self._product(monomial), terms[monomial])
        assert total is not None
        if number and not all_negative:
            total = make("add", (total, integer(number)))
        self._terms[total] = terms
        return total

    def _plus(self, total: Value | None, term: Value, factor: int) -> Value:
        size = abs(factor)
        if size != 1:
            term = make("mul", (term, integer(size if size <= _GREATEST else factor)))
            factor = factor if size <= _GREATEST else 1
        if total is None:
            return term if factor > 0 else make("neg", (term,))
        return make("add" if factor > 0 else "sub", (total, term))

    def _product(self, monomial: Monomial) -> Value:
        product = monomial[0]
        for atom in monomial[1:]:
            product = make("mul", (product, atom))
        return product

    def _order(self, monomial: Monomial) -> tuple[int, list[str]]:
        return -len(monomial), [self.key(atom) for atom in monomial]

    def key(self, value: Value) -> str:
        """A text by which values are ordered; it depends on what they are, not on the process."""
        if value not in self._keys:
            for one in operands_first((value,)):
                if one not in self._keys:
                    self._keys[one] = self._key(one)
        return self._keys[value]

    def _key(self, value: Value) -> str:
        if value.is_argument:
            return f"a{value.attributes[0]:06}"
        inner = ",".join(self._keys[operand] for operand in value.operands)
        text = f"{value.op.name}({inner}){value.attributes}"
        return text if len(text) < 64 else f"~{zlib.crc32(text.encode()):08x}"

    # --- what is not a ring

    def _quotient_or_extremum(self, value: Value) -> Value:
        x, y = value.operands
        if value.op.laws.picks:
            return self._extremum(value)
        dividend, divisor = known_integer(x), known_integer(y)
        if divisor == -1:
            # Exact even where it wraps around: the quotient of the least number is that number.
            negated = {one: -factor for one, factor in self.terms(x).items()}
            return self._built((negated, {})[self._part(value)])
        if divisor is None or divisor <= 0:
            return value
        if dividend is not None:
            return integer(divmod(dividend, divisor)[self._part(value)])
        return self._divided(value, divisor)

    def _part(self, value: Value) -> int:
        part = value.op.laws.divmod_part
        assert part is not None
        return part

    def _divided(self, value: Value, divisor: int) -> Value:
        """(c * q + r) // c -> q and (c * q + r) % c -> r, if 0 <= r < c and nothing overflows."""
        terms = self.terms(value.operands[0])
        quotient = {one: factor // divisor for one, factor in terms.items()}
        rest = {one: factor % divisor for one, factor in terms.items()}
        low, high = self._range_of_terms(rest)
        if not 0 <= low <= high < divisor or not self._fits(terms) or not self._fits(quotient):
            return value
        return self._built(cleaned((quotient, rest)[self._part(value)]))

    def _extremum(self, value: Value) -> Value:
        x, y = value.operands
        low, high = self.difference(x, y)
        if low >= 0 or high <= 0:
            greater, lesser = (x, y) if low >= 0 else (y, x)
            return greater if _pick(value, 0, 1) else lesser
        # A number stands on the right, as the rules have it for every commutative op.
        in_order = sorted((x, y), key=lambda one: (known_integer(one) is not None, self.key(one)))
        return rebuilt(value, tuple(in_order))

    def difference(self, x: Value, y: Value) -> Range:
        """Bounds, both included, of x - y in the integers (which do not wrap around).

        >>> from lltheano_ir.nodes import argument
        >>> from lltheano_ir.types import parse_type
        >>> n = make("dim", (argument(0, parse_type("f64[?]")),), (0,))
        >>> SizeAlgebra().difference(make("add", (n, integer(3))), n)
        (3, 3)
        """
        x, y = self.normal(x), self.normal(y)
        first, second = self.range(x), self.range(y)
        plain = first[0] - second[1], first[1] - second[0]
        if x is y:
            return 0, 0
        if _ANYTHING in (first, second):
            return plain
        close = self._range_of_terms(difference(self.terms(x), self.terms(y)))
        return max(plain[0], close[0]), min(plain[1], close[1])

    # --- ranges

    def range(self, value: Value) -> Range:
        """Bounds, both included, of an i64[] value in normal form."""
        bounds = self._ranges.get(value)
        if bounds is None:
            bounds = self._ranges[value] = self._range(value)
        return bounds

    def _range(self, value: Value) -> Range:
        number = known_integer(value)
        if number is not None:
            return number, number
        if value.op.measures:
            return 0, MAX_SIZE
        if value.op.converts:
            return _range_of_dtype(value.operands[0].type.dtype.numpy)
        if value.op.laws.picks:
            (low, high), (other_low, other_high) = map(self.range, value.operands)
            return _pick(value, low, other_low), _pick(value, high, other_high)
        if value.op.laws.divmod_part is not None:
            return self._range_of_part(value)
        terms = self.terms(value)
        if terms == {(value,): 1}:
            return _ANYTHING
        return self._range_of_terms(terms) if self._fits(terms) else _ANYTHING

    def _range_of_part(self, value: Value) -> Range:
        """Of a quotient, or of what is left."""
        x, y = value.operands
        divisor = known_integer(y) or 0
        if divisor <= 0:
            return _ANYTHING
        low, high = self.range(x)
        return ((low // divisor, high // divisor), (0, divisor - 1))[self._part(value)]

    def _range_of_terms(self, terms: Terms) -> Range:
        """Bounds of a sum in the integers, without wrapping around."""
        low = high = terms.get((), 0)
        for monomial, factor in terms.items():
            if monomial:
                bounds = [factor * bound for bound in self._range_of_product(monomial)]
                low, high = low + min(bounds), high + max(bounds)
        return low, high

    def _range_of_product(self, monomial: Iterable[Value]) -> Range:
        low = high = 1
        for atom in monomial:
            least, greatest = self.range(atom)
            corners = (low * least, low * greatest, high * least, high * greatest)
            low, high = min(corners), max(corners)
        return low, high

    def _fits(self, terms: Terms) -> bool:
        """Whether the sum cannot wrap around, so that its range holds for the i64 value."""
        low, high = self._range_of_terms(terms)
        return low >= _LEAST and high <= _GREATEST


def _range_of_dtype(dtype: np.dtype[np.generic]) -> Range:
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind not in "iu" or dtype == np.uint64:
        return _ANYTHING
    limits = np.iinfo(dtype.name)
    return int(limits.min), int(limits.max)


def _pick(value: Value, x: int, y: int) -> int:
    """The number that an op which picks one of its operands picks."""
    exact = value.op.laws.exact
    assert exact is not None
    return exact(x, y)
