"""`einsum`: sums of products over any axes, by as few products of matrices as there can be.

An axis that broadcasts against another of its label is dropped first, and one that no other tensor
needs is summed over. What is left is contracted two at a time, the pair with the smallest result
first: by a product of matrices where axes of both are summed over, by a batch of such products
where others are shared, elementwise where nothing is summed over.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from lltheano.tensor.elementwise.arithmetic import mul
from lltheano.tensor.elementwise.comparison import cast
from lltheano.tensor.linalg.pieces import diagonal
from lltheano.tensor.numpy_functions.subscripts import Label, parse
from lltheano.tensor.reducers.ops import Any as Some, Sum
from lltheano.tensor.reductions.contraction import Dot, dot, with_equal_sizes
from lltheano.tensor.shapes.dimshuffle import dimshuffle
from lltheano.tensor.shapes.shaping import reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.promotion import canonical_dtype, upcast
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.records import record

__all__ = ["einsum"]


@record(frozen=True)
class _Term:
    """A tensor with a label for each axis, all different."""

    x: TensorVariable
    labels: tuple[Label, ...]

    def at(self, labels: Sequence[Label]) -> list[int]:
        """The axes of some labels."""
        return [self.labels.index(label) for label in labels]

    def size(self, label: Label) -> TensorVariable:
        """The size of an axis."""
        return dim(self.x, self.labels.index(label))


def einsum(*operands: Any, dtype: Any = None, optimize: Any = True) -> TensorVariable:
    """Return sums of products that subscripts describe, as NumPy does: `einsum("ij,jk->ik", a, b)`.

    Each letter is an axis: one that several operands have runs along them together, one that is
    twice in an operand along its diagonal, and one that is not behind the arrow is summed over.
    Without an arrow the result has the letters that occur once, in alphabetical order. An ellipsis
    stands for any axes in its place, which are broadcast. Instead of letters there may be lists of
    integers: `einsum(a, [0, 1], b, [1, 2], [0, 2])`. An axis that is declared to have size 1 is
    repeated.

    The dtype is the one that holds all operands, or `dtype`. The order of the products is always
    chosen by their ranks; `optimize` is accepted and changes nothing.

    ValueError for subscripts that do not fit the operands, and, at once or when it runs, for sizes
    that do not agree.

    >>> einsum("ij,jk->ik", [[1, 2], [3, 4]], [[1, 0], [1, 1]]).eval().tolist()
    [[3, 2], [7, 4]]
    >>> einsum("ii->i", [[1, 2], [3, 4]]).eval(), einsum("...j->...", [[1, 2], [3, 4]]).eval()
    (array([1, 4]), array([3, 7]))
    """
    given, subscripts = parse(operands)
    common = upcast(*(one.dtype for one in given)) if dtype is None else canonical_dtype(dtype)
    terms = [
        _Term(cast(one, common), labels)
        for one, labels in zip(given, subscripts.operands, strict=True)
    ]
    terms = _without_broadcast([_on_diagonals(term) for term in terms])
    while len(terms) > 1:
        terms = [
            _summed(term, _needed(terms, [index], subscripts.result))
            for index, term in enumerate(terms)
        ]
        pair = _best_pair(terms, subscripts.result)
        needed = _needed(terms, pair, subscripts.result)
        product = _contracted(terms[pair[0]], terms[pair[1]], needed)
        terms = [term for index, term in enumerate(terms) if index not in pair] + [product]
    (last,) = terms
    return _arranged(_summed(last, subscripts.result), subscripts.result)


def _on_diagonals(term: _Term) -> _Term:
    """A label that is twice among those of a tensor: the diagonal of the two axes, put last."""
    x, labels = term.x, list(term.labels)
    for label in dict.fromkeys(term.labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            x = _diagonal(x, first, second)
            labels = [one for index, one in enumerate(labels) if index not in (first, second)]
            labels.append(label)
    return _Term(x, tuple(labels))


def _diagonal(x: TensorVariable, first: int, second: int) -> TensorVariable:
    """An axis that broadcasts is dropped: it runs along whatever the other is."""
    for one, other in ((first, second), (second, first)):
        if x.broadcastable[one]:
            kept = [axis for axis in range(x.ndim) if axis not in (first, second)]
            return dimshuffle(x, [*kept, other])
    return diagonal(x, 0, first, second)


def _without_broadcast(terms: Sequence[_Term]) -> list[_Term]:
    """Tensors without the axes of size 1 that run along others' axes."""
    wide = {
        label
        for term in terms
        for label, is_broadcastable in zip(term.labels, term.x.broadcastable, strict=True)
        if not is_broadcastable
    }
    results = []
    for term in terms:
        kept = [
            axis
            for axis, label in enumerate(term.labels)
            if not (term.x.broadcastable[axis] and label in wide)
        ]
        results.append(_Term(dimshuffle(term.x, kept), tuple(term.labels[axis] for axis in kept)))
    return results


def _needed(terms: Sequence[_Term], chosen: Sequence[int], result: Sequence[Label]) -> set[Label]:
    """The labels that are needed when the chosen terms have been contracted."""
    others = (term for index, term in enumerate(terms) if index not in chosen)
    return {*result, *(label for term in others for label in term.labels)}


def _summed(term: _Term, needed: Any) -> _Term:
    """The term summed over the axes that nothing needs."""
    axes = tuple(axis for axis, label in enumerate(term.labels) if label not in needed)
    if not axes:
        return term
    dtype = term.x.dtype
    op = Some(axes) if dtype == "bool" else Sum(axes, dtype, None if dtype == "float16" else dtype)
    return _Term(op(term.x), tuple(one for one in term.labels if one in needed))


def _best_pair(terms: Sequence[_Term], result: Sequence[Label]) -> tuple[int, int]:
    """The two terms whose product adds the fewest axes to those that there are, or removes most."""

    def growth(pair: tuple[int, int]) -> int:
        both = {*terms[pair[0]].labels, *terms[pair[1]].labels}
        left = both & _needed(terms, pair, result)
        return len(left) - max(len(terms[index].labels) for index in pair)

    return min(combinations(range(len(terms)), 2), key=growth)


def _contracted(a: _Term, b: _Term, needed: set[Label]) -> _Term:
    """The product of two terms, summed over the labels of both that nothing else needs."""
    shared = [label for label in a.labels if label in b.labels]
    summed = [shared_variable for shared_variable in shared if shared_variable not in needed]
    batch = [shared_variable for shared_variable in shared if shared_variable in needed]
    rows = [label for label in a.labels if label not in shared]
    columns = [label for label in b.labels if label not in shared]
    if not summed or not (rows or columns):
        return _summed(_elementwise(a, b, [*batch, *rows, *columns, *summed]), needed)
    labels = (*batch, *rows, *columns)
    for group in (summed, batch):
        a = _Term(with_equal_sizes("einsum", a.x, a.at(group), b.x, b.at(group)), a.labels)
    left = _grouped(a, [batch, rows, summed])
    right = _grouped(b, [batch, summed, columns])
    product: TensorVariable = Dot()(left, right) if batch else dot(left, right)
    groups = [one for one in (batch, rows, columns) if one]
    if any(len(one) > 1 for one in groups):
        sizes = [a.size(one) for one in (*batch, *rows)] + [b.size(column) for column in columns]
        product = reshape(product, sizes, ndim=len(sizes))
    elif product.ndim > len(groups):
        kept = [index for index, one in enumerate((batch, rows, columns)) if one]
        product = dimshuffle(product, kept)
    return _Term(product, labels)


def _elementwise(a: _Term, b: _Term, labels: Sequence[Label]) -> _Term:
    wide = [
        dimshuffle(
            one.x, [one.labels.index(label) if label in one.labels else "x" for label in labels]
        )
        for one in (a, b)
    ]
    return _Term(mul(*wide), tuple(labels))


def _grouped(term: _Term, groups: Sequence[Sequence[Label]]) -> TensorVariable:
    """A tensor with the axes of each group merged to one: the batch, if there is one, rows and
    columns. Without a batch a side that has no axes is left out.
    """
    batch, first, second = groups
    order = term.at([*batch, *first, *second])
    x = dimshuffle(term.x, order)
    if batch:
        if all(len(one) == 1 for one in groups):
            return x
        sizes = [_merged(term, group) for group in groups]
        return reshape(x, sizes, ndim=3)
    kept = [group for group in (first, second) if group]
    if all(len(one) == 1 for one in kept):
        return x
    return reshape(x, [_merged(term, group) for group in kept], ndim=len(kept))


def _merged(term: _Term, group: Sequence[Label]) -> Any:
    if len(group) == 1:
        return term.size(group[0])
    return mul(*(term.size(label) for label in group)) if group else 1


def _arranged(term: _Term, result: Sequence[Label]) -> TensorVariable:
    return dimshuffle(term.x, term.at(result))
