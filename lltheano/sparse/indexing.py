"""Elements, rows and parts of sparse matrices."""

from typing import Any

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.sparse.components import as_sparse, csm_data, csm_properties, csm_shape
from lltheano.sparse.entries import at_keys, columns_of, from_entries, in_rows, keys_at, rows_of
from lltheano.sparse.op import SparseOp
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete

__all__ = [
    "GetItem2Lists",
    "GetItem2ListsGrad",
    "GetItem2d",
    "GetItemList",
    "GetItemListGrad",
    "GetItemScalar",
    "get_item_2d",
    "get_item_2lists",
    "get_item_2lists_grad",
    "get_item_list",
    "get_item_list_grad",
    "get_item_scalar",
    "item",
]


def _counted(op: object, places: Any, size: Any, axis: int) -> Any:
    """Indices that count from the front; a call raises IndexError for those out of range."""
    places, size = places.astype("int64"), size.astype("int64")
    some = T.concatenate([places.flatten(), [0]])
    fits = (T.ge(some, -size) & T.lt(some, size)).all() | T.eq(places.size, 0)
    message = f"{op}: indices from {{0}} to {{1}} on axis {axis} of size {{2}}"
    places = Requirement("index", message)(places, fits, some.min(), some.max(), size)
    return T.switch(T.lt(places, 0), places + size, places)


def _keys(x: Any, rows: Any, columns: Any) -> Any:
    return keys_at(x.format, rows, columns, csm_shape(x))


class GetItemScalar(SparseOp):
    """One element of a sparse matrix.

    >>> import scipy.sparse as sp
    >>> float(get_item_scalar(sp.csr_matrix([[0.0, 2.0]]), 0, 1).eval())
    2.0
    """

    takes = "sdd"

    def operands(self, *inputs: Any) -> Any:
        """A matrix and two numbers; Theano's programs give these as a list."""
        if len(inputs) == 2:
            inputs = (inputs[0], *inputs[1])
        x, *places = super().operands(*inputs)
        for one in places:
            if one.type.ndim or not is_discrete(one.type.dtype):  # type: ignore[attr-defined]
                raise TypeError(f"an index of one element is an integer, got {one.describe()}")
        return [x, *places]

    def build(self, *operands: Any) -> Variable:
        """The element at one place."""
        x, *places = operands
        shape = csm_shape(x)
        row, column = (_counted(self, one, shape[axis], axis) for axis, one in enumerate(places))
        result: Variable = at_keys(x, T.stack([_keys(x, row, column)]))[0]
        return result


get_item_scalar = GetItemScalar()


class GetItem2Lists(SparseOp):
    """The elements at pairs of rows and columns, a vector.

    >>> import scipy.sparse as sp
    >>> get_item_2lists(sp.csr_matrix([[0.0, 2.0], [3.0, 0.0]]), [0, 1, 0], [1, 0, 0]).eval()
    array([2., 3., 0.])
    """

    takes = "sdd"

    def build(self, *operands: Any) -> Variable:
        """The elements at the places."""
        x, *places = operands
        shape = csm_shape(x)
        rows, columns = (_counted(self, one, shape[axis], axis) for axis, one in enumerate(places))
        message = f"{self}: there are {{0}} rows and {{1}} columns"
        rows = Requirement("sizes", message)(
            rows, T.eq(rows.size, columns.size), rows.size, columns.size
        )
        result: Variable = at_keys(x, _keys(x, rows, columns))
        return result


get_item_2lists = GetItem2Lists()


class GetItem2ListsGrad(SparseOp):
    """A matrix like `x` with the elements of `gz` added at pairs of rows and columns.

    Operands: `x`, the rows, the columns, `gz`.

    >>> import scipy.sparse as sp
    >>> get_item_2lists_grad(sp.csr_matrix((1, 3)), [0, 0], [2, 2], [1.0, 4.0]).eval().toarray()
    array([[0., 0., 5.]])
    """

    takes = "sddd"
    keeps_order = True

    def build(self, *operands: Any) -> Variable:
        """The entries at the places."""
        x, *places, slope = operands
        shape = csm_shape(x)
        rows, columns = (_counted(self, one, shape[axis], axis) for axis, one in enumerate(places))
        result: Variable = from_entries(x.format, _keys(x, rows, columns), slope, shape)
        return result


get_item_2lists_grad = GetItem2ListsGrad()


class GetItemList(SparseOp):
    """Rows of a sparse matrix.

    >>> import scipy.sparse as sp
    >>> get_item_list(sp.csr_matrix([[0.0, 2.0], [3.0, 0.0]]), [1, 1]).eval().toarray().tolist()
    [[3.0, 0.0], [3.0, 0.0]]
    """

    takes = "sd"
    keeps_order = True

    def operands(self, *inputs: Any) -> Any:
        """A matrix and a vector of integers."""
        x, places = super().operands(*inputs)
        if places.type.ndim != 1 or not is_discrete(places.type.dtype):  # type: ignore[attr-defined]
            raise TypeError(f"a list of rows is a vector of integers, got {places.describe()}")
        return [x, places]

    def build(self, *operands: Any) -> Variable:
        """The entries of each row that is wanted."""
        x, places = operands
        shape = csm_shape(x)
        wanted = _counted(self, places, shape[0], 0)
        lines = in_rows(x)
        data, indices, indptr, _ = csm_properties(lines)
        starts = indptr[wanted].astype("int64")
        counts = indptr[wanted + 1].astype("int64") - starts
        line = T.repeat(T.arange(wanted.size), counts)
        ends = T.cumsum(counts)
        entry = starts[line] + T.arange(line.size) - (ends - counts)[line]
        size = T.stack([wanted.size, shape[1].astype("int64")])
        row, column = line, indices[entry]
        keys = keys_at(x.format, row, column, size)
        result: Variable = from_entries(x.format, keys, data[entry], size)
        return result


get_item_list = GetItemList()


class GetItemListGrad(SparseOp):
    """A matrix like `x` with rows of another one added.

    Operands: `x`, which rows, the rows.

    >>> import scipy.sparse as sp
    >>> rows = sp.csr_matrix([[1.0], [4.0]])
    >>> get_item_list_grad(sp.csr_matrix((2, 1)), [1, 1], rows).eval().toarray().tolist()
    [[0.0], [5.0]]
    """

    takes = "sds"
    keeps_order = True

    def build(self, *operands: Any) -> Variable:
        """The entries of the rows at their places."""
        x, places, slope = operands
        shape = csm_shape(x)
        rows = _counted(self, places, shape[0], 0)[rows_of(slope)]
        keys = _keys(x, rows, columns_of(slope))
        result: Variable = from_entries(x.format, keys, csm_data(slope), shape)
        return result


get_item_list_grad = GetItemListGrad()


class GetItem2d(SparseOp):
    """The part of a sparse matrix between two rows and two columns.

    Operands: the matrix; where rows begin and end, and their step; the same of columns. What is
    not given is -1 of an op without that bound.

    Parameters
    ----------
    bounds
        Which of start, stop and step are given, of rows and of columns.
    """

    keeps_order = True

    def __init__(self, bounds: tuple[bool, ...] = (False,) * 6) -> None:
        self.bounds = bounds

    def operands(self, *inputs: Any) -> Any:
        """A matrix and a number for each bound that is given."""
        x, *numbers = inputs
        if len(numbers) != sum(self.bounds):
            raise TypeError(f"{self} takes {sum(self.bounds)} bounds, got {len(numbers)}")
        converted = [as_tensor_variable(one) for one in numbers]
        for one in converted:
            if one.ndim or not is_discrete(one.dtype):
                raise TypeError(f"a bound of a slice is an integer, got {one.describe()}")
        return [as_sparse(x), *converted]

    def build(self, *operands: Any) -> Variable:
        """The entries whose row and column are wanted."""
        x, *numbers = operands
        shape = csm_shape(x).astype("int64")
        left = iter(numbers)
        bounds = [next(left) if given else None for given in self.bounds]
        rows = T.arange(shape[0])[slice(*bounds[:3])]
        columns = T.arange(shape[1])[slice(*bounds[3:])]
        new_row = T.set_subtensor(T.fill(T.arange(shape[0]), -1)[rows], T.arange(rows.size))
        new_column = T.set_subtensor(
            T.fill(T.arange(shape[1]), -1)[columns], T.arange(columns.size)
        )
        row, column = new_row[rows_of(x)], new_column[columns_of(x)]
        kept = (T.ge(row, 0) & T.ge(column, 0)).nonzero()[0]
        size = T.stack([rows.size, columns.size])
        row, column = row[kept], column[kept]
        keys = keys_at(x.format, row, column, size)
        result: Variable = from_entries(x.format, keys, csm_data(x)[kept], size)
        return result

    def __str__(self) -> str:
        return "GetItem2d"


def get_item_2d(x: Any, index: Any) -> Any:
    """Return the part of a sparse matrix that one or two slices or integers say; an integer keeps
    its axis.

    >>> import scipy.sparse as sp
    >>> get_item_2d(sp.csr_matrix([[0.0, 2.0], [3.0, 0.0]]), (slice(1, 2),)).eval().toarray()
    array([[3., 0.]])
    """
    parts = list(index) if isinstance(index, tuple | list) else [index]
    if not 1 <= len(parts) <= 2:
        raise ValueError(f"a sparse matrix has two axes, got {len(parts)} indices")
    parts += [slice(None)] * (2 - len(parts))
    bounds: list[Any] = [bound for part in parts for bound in _bounds(part)]
    given = tuple(bound is not None for bound in bounds)
    return GetItem2d(given)(x, *(bound for bound in bounds if bound is not None))


def _bounds(part: Any) -> tuple[Any, Any, Any]:
    """Start, stop and step of a slice; an integer is the slice of one."""
    if isinstance(part, slice):
        return part.start, part.stop, part.step
    if part is None or part is Ellipsis:
        raise TypeError("indices of a sparse matrix are slices, integers and lists of integers")
    place = as_tensor_variable(part)
    if place.ndim or not is_discrete(place.dtype):
        raise TypeError(f"an index is an integer or a slice, got {place.describe()}")
    last = T.eq(place, -1)
    end = T.switch(last, T.constant(2**31 - 1, dtype="int64"), place.astype("int64") + 1)
    return place, end, None


def _is_list(part: Any) -> bool:
    if isinstance(part, list):
        return True
    return getattr(part, "ndim", 0) == 1


def _is_number(part: Any) -> bool:
    return not isinstance(part, slice) and part is not Ellipsis and not _is_list(part)


def item(x: Any, index: Any) -> Any:
    """Return `x[index]` of a sparse matrix: an element of two integers, the elements of two lists,
    rows of one list, a part of slices.

    >>> import scipy.sparse as sp
    >>> item(as_sparse(sp.csr_matrix([[0.0, 2.0]])), (0, [1])).eval().toarray()
    Traceback (most recent call last):
    ...
    NotImplementedError: a list of columns goes with a list of rows: x[rows, columns]
    """
    parts = index if isinstance(index, tuple) else (index,)
    if len(parts) == 2 and all(map(_is_number, parts)):
        return get_item_scalar(x, *parts)
    lists = [_is_list(part) for part in parts]
    if len(parts) == 1 and lists[0]:
        return get_item_list(x, parts[0])
    if len(parts) == 2 and all(lists):
        return get_item_2lists(x, *parts)
    if any(lists):
        raise NotImplementedError("a list of columns goes with a list of rows: x[rows, columns]")
    return get_item_2d(x, parts)
