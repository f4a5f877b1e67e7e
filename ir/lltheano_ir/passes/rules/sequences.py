"""Products of each row of a sequence, in a loop, as one product of the whole sequence.

One large product keeps the library's kernels busy, where a small one in each step does not. Memory
for all rows of the product is then needed at once; the sequence, of as many rows, is in memory
already. Loops that may stop early are left as they are: what they do not reach would be computed.

What fails fails as before. A product ahead of a loop is made of as much of its operands as fits
together, and the step that reads a row of it checks their sizes, so that a loop of no steps finds
no fault. The order in which products are added up is the library's, so results may change in their
last bits; the rules say so.

A row of one element is left in its loop: the memory would be many times that of the sequence.
"""

from collections.abc import Sequence

from lltheano_ir.nodes import Region, Value, argument, make, operands_first, rebuilt, result
from lltheano_ir.ops.linalg.matrices import LIBRARY_DTYPES
from lltheano_ir.records import record
from lltheano_ir.rewrite.patterns import matches, permuted
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.rewrite.sizes import SizeAlgebra
from lltheano_ir.shapes import integer, known_integer
from lltheano_ir.types import INDEX

__all__ = ["SEQUENCE_RULES"]


@record(frozen=True, slots=True)
class _Product:
    """A product in the body of a loop: of a row of what is captured as `sequence` with `matrix`,
    which is the same in all steps. Both are arguments of the body.

    `exchanged`: the matrix as it is multiplied is the transposed argument.
    """

    value: Value
    sequence: Value
    matrix: Value
    exchanged: bool

    @property
    def inner(self) -> int:
        """The axis of the argument along which products are added up."""
        return int(self.exchanged)


@rule(
    "product-of-sequence",
    "loop { dot(x[i], w) } -> p = dot(x, w); loop { p[i] }",
    "loop",
    changes_results=True,
)
def product_of_sequence(loop: Value, context: RuleContext) -> Value | None:
    (body,) = loop.regions
    order = list(operands_first(body.results))
    found = [one for one in (_product(loop, each) for each in order) if one is not None]
    products = [one for one in found if _pays(one, context)]
    if not products:
        return None
    ahead = [_ahead(loop, one, context.sizes) for one in products]
    count = len(body.parameters)
    rows = {
        one.value: _row_of(loop, one, argument(count + place, each.type), context.sizes)
        for place, (one, each) in enumerate(zip(products, ahead, strict=True))
    }
    parameters = (*body.parameters, *(one.type for one in ahead))
    region = Region(parameters, _with_rows(body, order, rows, context))
    return make("loop", (*loop.operands, *ahead), loop.attributes, (region,))


@rule("product-in-while", "while { dot(x[i], w) } stays as it is", "while")
def product_in_while(loop: Value, context: RuleContext) -> None:
    for one in operands_first(loop.regions[0].results):
        if _product(loop, one) is not None:
            context.decide(one, False, "the loop may stop before the sequence ends")


def _pays(product: _Product, context: RuleContext) -> bool:
    """Whether a product is made ahead, which is noted."""
    narrow = product.sequence.type.broadcast[-1]
    reason = "all rows of a sequence are multiplied ahead of the loop"
    if narrow:
        reason = "rows of one element take less memory than their products"
    context.decide(product.value, not narrow, reason)
    return not narrow


def _product(loop: Value, value: Value) -> _Product | None:
    if not matches(value, "dot") or value.type.dtype.name not in LIBRARY_DTYPES:
        return None
    left, right = value.operands
    if right.rank == 2 and left.rank <= 2:
        row, matrix, exchanged = left, right, False
    elif left.rank == 2 and right.rank == 1:
        row, matrix, exchanged = right, left, True
    else:
        return None
    sequence = _sequence_of(loop, row)
    if matches(matrix, "dimshuffle", (1, 0)):
        matrix, exchanged = matrix.operands[0], not exchanged
    if sequence is None or not _is_captured(loop, matrix):
        return None
    inner = (row.type.broadcast[-1], matrix.type.broadcast[int(exchanged)])
    return _Product(value, sequence, matrix, exchanged) if inner[0] is inner[1] else None


def _sequence_of(loop: Value, row: Value) -> Value | None:
    """The argument of which a value is the row of the step, if it is one in every run."""
    if not matches(row, "index", 0):
        return None
    sequence, number = row.operands
    is_step = number.is_argument and number.attributes[0] == loop.form.step
    return sequence if is_step and _is_captured(loop, sequence) else None


def _is_captured(loop: Value, value: Value) -> bool:
    return value.is_argument and value.attributes[0] in loop.form.captured


def _operand(loop: Value, value: Value) -> Value:
    """What is passed for a captured argument."""
    return loop.operands[loop.form.captured[value.attributes[0]]]


def _count(loop: Value) -> Value:
    """How many steps there are, whatever has to hold for that."""
    assert loop.form.count is not None
    count = loop.operands[loop.form.count]
    while count.op.is_operand:
        count = count.operands[0]
    return count


# --- ahead of the loop


def _ahead(loop: Value, product: _Product, sizes: SizeAlgebra) -> Value:
    """The product of all rows that the steps read. It never fails.

    Of rows that are taken backwards it is the product of them all, taken backwards: that of a loop
    which runs forwards, and its memory, serve both.
    """
    sequence = _rows(_operand(loop, product.sequence), _count(loop), sizes)
    if not _is_backwards(sequence, sizes):
        return _of_rows(sequence, _operand(loop, product.matrix), product.exchanged, sizes)
    whole, *numbers = sequence.operands
    forwards = _of_rows(whole, _operand(loop, product.matrix), product.exchanged, sizes)
    return make("slice", (forwards, *numbers), sequence.attributes)


def _of_rows(sequence: Value, matrix: Value, exchanged: bool, sizes: SizeAlgebra) -> Value:
    pair = (sizes.sizes(sequence)[-1], sizes.sizes(matrix)[int(exchanged)])
    if not sizes.same(*pair):
        fits = sizes.normal(make("minimum", pair))
        sequence = _beginning(sequence, sequence.rank - 1, fits)
        matrix = _beginning(matrix, int(exchanged), fits)
    lines = (1, 0) if exchanged else (0, 1)
    batch = (None,) if sequence.rank == 3 else ()
    return make("dot", (sequence, permuted(matrix, (*batch, *lines))))


def _is_backwards(sequence: Value, sizes: SizeAlgebra) -> bool:
    """Whether it is all rows of another, the last first."""
    if not matches(sequence, "slice", (0,)):
        return False
    whole, start, size, step = sequence.operands
    rows = sizes.sizes(whole)[0]
    last = make("sub", (rows, integer(1)))
    return known_integer(step) == -1 and sizes.same(start, last) and sizes.same(size, rows)


def _rows(sequence: Value, count: Value, sizes: SizeAlgebra) -> Value:
    """The rows of a sequence that a count of steps reads, as far as there are such."""
    rows = sizes.sizes(sequence)[0]
    if sequence.type.broadcast[0] or sizes.same(rows, count):
        return sequence
    there = make("maximum", (make("minimum", (rows, count)), integer(0)))
    return _beginning(sequence, 0, sizes.normal(there))


def _beginning(value: Value, axis: int, size: Value) -> Value:
    if value.type.broadcast[axis]:
        return value
    return make("slice", (value, integer(0), size, integer(1)), ((axis,),))


def _row_of(loop: Value, product: _Product, stack: Value, sizes: SizeAlgebra) -> Value:
    """The row of a product in a step, provided that its operands fit together."""
    assert loop.form.step is not None
    row = make("index", (stack, argument(loop.form.step, INDEX)), (0,))
    places = ((product.sequence, product.sequence.rank - 1), (product.matrix, product.inner))
    if sizes.same(*(sizes.sizes(_operand(loop, one))[axis] for one, axis in places)):
        return row
    pair = [make("dim", (one,), (axis,)) for one, axis in places]
    message = "dot: inner sizes {0} and {1} differ"
    return make("assert", (row, make("eq", pair), *pair), ("sizes", message))


def _with_rows(
    body: Region, order: Sequence[Value], rows: dict[Value, Value], context: RuleContext
) -> tuple[Value, ...]:
    """The results of a body in which other values stand in the place of some."""
    new: dict[Value, Value] = {}
    for value in order:
        operands = tuple(new[one] for one in value.operands)
        new[value] = rows[value] if value in rows else rebuilt(value, operands)
        context.note(new[value], value)
    return tuple(new[one] for one in body.results)


# --- after the loop


@record(frozen=True, slots=True)
class _Total:
    """What a loop carries and only adds products to: ``total + dot(rows.T, factors)`` in a step.

    `place` is its place among the results; `sequence` is the argument that has the rows.
    """

    place: int
    product: Value
    sequence: Value
    factors: Value


@rule(
    "sum-of-products",
    "loop { total + dot(x[i].T, y) } -> loop { y }; total + dot(x.T, y) of all rows",
    "loop",
    "result",
    changes_results=True,
)
def sum_of_products(value: Value, context: RuleContext) -> Value | None:
    """What is carried on is what there was at first, until dead code is removed."""
    loop, place = (value.operands[0], value.attributes[0]) if value.is_result else (value, 0)
    totals = _totals(loop)
    if not totals or (len(loop.types) > 1 and not value.is_result):
        return None
    (body,) = loop.regions
    stacked = list(dict.fromkeys(one.factors for one in totals))
    results = list(body.results)
    for one in totals:
        carried = loop.form.carried_result(one.place)
        assert carried is not None
        results[one.place] = argument(carried.arguments[-1], results[one.place].type)
    region = Region(body.parameters, (*results, *stacked))
    without = make("loop", loop.operands, loop.attributes, (region,))
    for one in totals:
        if one.place == place:
            context.decide(one.product, True, "what each step adds is multiplied after the loop")
            stack = result(without, len(results) + stacked.index(one.factors))
            return _added(loop, one, stack, context.sizes)
    return result(without, place)


def _totals(loop: Value) -> list[_Total]:
    if not matches(loop, "loop"):
        return []
    (body,) = loop.regions
    users: dict[Value, list[Value]] = {}
    for one in operands_first(body.results):
        for operand in one.operands:
            users.setdefault(operand, []).append(one)
    found = (_total(loop, place, users) for place in range(loop.attributes[0]))
    return [one for one in found if one is not None]


def _total(loop: Value, place: int, users: dict[Value, list[Value]]) -> _Total | None:
    """What is at a place among what is carried, if nothing but products are added to it."""
    (body,) = loop.regions
    carried, total = loop.form.carried_result(place), body.results[place]
    if carried is None or not matches(total, "add") or users.get(total):
        return None
    before = argument(carried.arguments[-1], total.type)
    others = [one for one in total.operands if one is not before]
    if len(others) != 1 or users.get(before) != [total] or body.results.count(total) > 1:
        return None
    (product,) = others
    is_whole = product.type == total.type and product.type.dtype.name in LIBRARY_DTYPES
    if not is_whole or not matches(product, "dot") or before in body.results:
        return None
    left, factors = product.operands
    if not matches(left, "dimshuffle", (1, 0)) or factors.rank != 2:
        return None
    sequence = _sequence_of(loop, left.operands[0])
    return None if sequence is None else _Total(place, product, sequence, factors)


def _added(loop: Value, total: _Total, stack: Value, sizes: SizeAlgebra) -> Value:
    """What is carried at first, and the product of all rows, once, if there are any."""
    count = _count(loop)
    once = sizes.normal(make("minimum", (count, integer(1))))
    carried = loop.form.carried_result(total.place)
    assert carried is not None
    passed = (once, loop.operands[carried.operand], _operand(loop, total.sequence), stack, count)
    inside = tuple(argument(place, one.type) for place, one in enumerate(passed))
    _, before, sequence, factors, rows = inside
    # The body knows nothing of the sizes outside, where the rows may be known to be all.
    if not sizes.same(sizes.sizes(passed[2])[0], count):
        sequence = _beginning(sequence, 0, rows)
    product = make("dot", (permuted(_merged(sequence), (1, 0)), _merged(factors)))
    region = Region(tuple(one.type for one in passed), (make("add", (before, product)),))
    return make("loop", passed, (1,), (region,))


def _merged(batches: Value) -> Value:
    """Matrices as one, with all of their rows."""
    count, rows, columns = (make("dim", (batches,), (axis,)) for axis in range(3))
    pattern = (all(batches.type.broadcast[:2]), batches.type.broadcast[2])
    return make("reshape", (batches, make("mul", (count, rows)), columns), (pattern,))


SEQUENCE_RULES = (product_of_sequence, product_in_while, sum_of_products)
