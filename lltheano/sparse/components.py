"""Sparse matrices taken apart into tensors and put together again."""

from collections.abc import Iterator, Sequence
from typing import Any

import lltheano.tensor as T
from lltheano.graph import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.graph.walk import io_toposort
from lltheano.interfaces.layers import matrices
from lltheano.sparse.variables import SparseType
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.reducers.ops import Supremum
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "CSMProperties",
    "as_sparse",
    "csm_data",
    "csm_indices",
    "csm_indptr",
    "csm_properties",
    "csm_shape",
    "has_same_structure",
    "is_ordered",
    "keeps_order",
    "like",
]

_INTEGERS = TensorType("int32", (False,))


def as_sparse(x: Any, name: str | None = None) -> Any:
    """Return `x` as a sparse variable: itself, or a constant of SciPy's; TypeError otherwise.

    >>> import scipy.sparse as sp
    >>> as_sparse(sp.eye(2, format="csc")).format
    'csc'
    """
    if isinstance(x, Apply):
        if len(x.outputs) != 1:
            raise ValueError(f"{x.op} has {len(x.outputs)} outputs: take one from .outputs")
        x = x.outputs[0]
    if isinstance(x, Variable):
        if not isinstance(x.type, SparseType):
            raise TypeError(f"{x.describe()} is no sparse matrix; make one with csr_from_dense")
        return x
    if not hasattr(x, "tocsr"):
        raise TypeError(f"cannot make a sparse matrix of {type(x).__name__} {x!r:.60}")
    matrix = x if x.format in SparseType.format_cls else x.tocsr()
    return SparseType(matrix.format, matrix.dtype).make_constant(matrix, name)


class CSM(Op):
    """The sparse matrix of data, indices, indptr and shape.

    A call raises ValueError for indices beyond the shape and for an indptr that does not go from 0
    to the number of entries without falling.

    Parameters
    ----------
    format
        "csr" or "csc".
    kmap
        Theano's; it must be None.
    trusted
        The components are those of a matrix: they need no check.
    ordered
        The entries are in order and unique.

    Examples
    --------
    >>> CSM("csr")([5.0], [1], [0, 0, 1], [2, 2]).eval().toarray()
    array([[0., 0.],
           [0., 5.]])
    """

    def __init__(
        self,
        format: str,  # noqa: A002 - Theano's parameter
        kmap: None = None,
        trusted: bool = False,
        ordered: bool = False,
    ) -> None:
        if format not in SparseType.format_cls:
            raise ValueError(f"the format of a sparse matrix is csr or csc, got {format!r}")
        if kmap is not None:
            raise NotImplementedError("kmap must be None: it was not used in Theano 1.0 either")
        self.format = format
        self.kmap = kmap
        self.trusted = trusted
        self.ordered = ordered

    __props__ = ("format", "kmap", "trusted", "ordered")

    def make_node(self, data: Any, indices: Any, indptr: Any, shape: Any) -> Apply:
        """A vector of entries and three vectors of integers."""
        entries = as_tensor_variable(data)
        if entries.ndim != 1:
            raise TypeError(f"data must be a vector, got {entries.describe()}")
        places = [
            _as_integers(name, value)
            for name, value in (("indices", indices), ("indptr", indptr), ("shape", shape))
        ]
        entries = T.patternbroadcast(entries, (False,))
        return Apply(self, [entries, *places], [SparseType(self.format, entries.dtype)()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The components themselves, checked."""
        if self.trusted:
            return list(inputs)
        leaves = [operand.type.make_variable() for operand in node.inputs]
        checked = _checked(self.format, *leaves)
        for inner in io_toposort(leaves, checked):
            inner.source = node.source
        return lower_inside(builder, dict(zip(leaves, inputs, strict=True)), checked)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the entries count."""
        return [[True], [False], [False], [False]]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The entries of the gradient where the matrix has entries."""
        slope = matrices.at_places_of(output_gradients[0], outputs[0])
        return [slope, *(disconnected() for _ in range(3))]

    def __str__(self) -> str:
        return f"CSM{{{self.format}}}"


CSR = CSM("csr")
CSC = CSM("csc")


def _as_integers(name: str, value: Any) -> TensorVariable:
    x = as_tensor_variable(value)
    if x.ndim != 1 or not is_discrete(x.dtype):
        raise TypeError(f"{name} must be a vector of integers, got {x.describe()}")
    return T.patternbroadcast(x.astype("int32"), (False,))


@record(frozen=True)
class _Demand:
    """What must hold, and the error otherwise; `numbers` are for the message."""

    kind: str
    message: str
    condition: Any
    numbers: tuple[Any, ...] = ()

    def of(self, x: Any) -> Any:
        """`x`, provided that it holds."""
        return Requirement(self.kind, self.message)(x, self.condition, *self.numbers)


def _checked(
    format_: str, data: Any, indices: Any, indptr: Any, shape: Any
) -> list[TensorVariable]:
    """The components, which must be those of a matrix. Whoever uses one has it all checked."""
    message = "shape has {0} elements, not 2"
    shape = _Demand("sizes", message, T.eq(shape.size, 2), (shape.size,)).of(shape)
    demands = [*_of_pointers(format_, data, indices, indptr, shape)]
    checked = []
    for component in (data, indices, indptr):
        for demand in demands:
            component = demand.of(component)
        checked.append(component)
    return [*checked, shape]


def _of_pointers(
    format_: str, data: Any, indices: Any, indptr: Any, shape: Any
) -> Iterator[_Demand]:
    """What indptr and indices must be like."""
    major, minor = ("row", "column") if format_ != "csc" else ("column", "row")
    lines, width = (shape[0], shape[1]) if format_ != "csc" else (shape[1], shape[0])
    message = f"indptr has {{0}} elements, and there are {{1}} {major}s: one more is needed"
    yield _Demand("sizes", message, T.eq(indptr.size, lines + 1), (indptr.size, lines))
    message = "there are {0} entries, {1} indices, and indptr goes from {2} to {3}"
    first, last = indptr[:1].sum(), indptr[-1:].sum()  # 0 where there is none
    fits = T.eq(data.size, indices.size) & T.eq(data.size, last) & T.eq(first, 0)
    yield _Demand("sizes", message, fits, (data.size, indices.size, first, last))
    falls = T.lt(indptr[1:], indptr[:-1]).any()
    yield _Demand("value", "indptr falls somewhere", T.eq(falls, 0))
    least, most = T.invert(Supremum(0)(T.invert(indices))), Supremum(0)(indices)
    in_range = (T.ge(least, 0) & T.lt(most, width)) | T.eq(indices.size, 0)
    message = f"indices go from {{0}} to {{1}}, and there are {{2}} {minor}s"
    yield _Demand("index", message, in_range, (least, most, width))


class CSMProperties(Op):
    """Data, indices, indptr and shape of a sparse matrix.

    >>> import scipy.sparse as sp
    >>> data, indices, indptr, shape = csm_properties(sp.eye(2, format="csr"))
    >>> indptr.eval().tolist(), shape.dtype
    ([0, 1, 2], 'int32')
    """

    __props__ = ()

    def __init__(self, kmap: None = None) -> None:
        if kmap is not None:
            raise NotImplementedError("kmap must be None: it was not used in Theano 1.0 either")

    def make_node(self, csm: Any) -> Apply:
        """A vector of entries and three vectors of int32."""
        x = as_sparse(csm)
        return Apply(self, [x], [kind.make_variable() for kind in x.type.component_types])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The components themselves."""
        return list(inputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the entries count."""
        return [[True, False, False, False]]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """A matrix of the same structure."""
        return [like(inputs[0], output_gradients[0])]

    def __str__(self) -> str:
        return "CSMProperties"


csm_properties = CSMProperties()


def csm_data(csm: Any) -> TensorVariable:
    """Return the entries of a sparse matrix.

    >>> import scipy.sparse as sp
    >>> csm_data(sp.eye(2, format="csr")).eval()
    array([1., 1.])
    """
    result: TensorVariable = csm_properties(csm)[0]
    return result


def csm_indices(csm: Any) -> TensorVariable:
    """Return the column of each entry, the row in CSC.

    >>> import scipy.sparse as sp
    >>> csm_indices(sp.eye(2, format="csr")).eval()
    array([0, 1], dtype=int32)
    """
    result: TensorVariable = csm_properties(csm)[1]
    return result


def csm_indptr(csm: Any) -> TensorVariable:
    """Return where the entries of each row begin, of each column in CSC, and where the last end.

    >>> import scipy.sparse as sp
    >>> csm_indptr(sp.eye(2, format="csr")).eval()
    array([0, 1, 2], dtype=int32)
    """
    result: TensorVariable = csm_properties(csm)[2]
    return result


def csm_shape(csm: Any) -> TensorVariable:
    """Return the numbers of rows and columns.

    >>> import scipy.sparse as sp
    >>> csm_shape(sp.eye(2, format="csr")).eval()
    array([2, 2], dtype=int32)
    """
    result: TensorVariable = csm_properties(csm)[3]
    return result


def like(x: Any, data: Any) -> Any:
    """Return a matrix with the structure of another and these entries.

    >>> import scipy.sparse as sp
    >>> like(as_sparse(sp.eye(2, format="csr")), [2.0, 3.0]).eval().toarray().tolist()
    [[2.0, 0.0], [0.0, 3.0]]
    """
    made = CSM(x.format, trusted=True, ordered=is_ordered(x))
    return made(data, *_places(x))


def is_ordered(x: Variable) -> bool:
    """Whether the entries are known to be in order and unique.

    >>> is_ordered(SparseType("csr", "float64")("A"))
    True
    """
    node = x.owner
    if node is None:
        return bool(vars(x).get("_is_ordered", True))
    if isinstance(node.op, CSM):
        return node.op.ordered
    known: bool | None = vars(node).get("_is_ordered")
    if known is None:
        known = vars(node)["_is_ordered"] = keeps_order(node)
    return known


def keeps_order(node: Apply) -> bool:
    """Whether the entries of an application's results are in order and unique."""
    if not getattr(node.op, "keeps_order", False):
        return False
    return all(is_ordered(one) for one in node.inputs if isinstance(one.type, SparseType))


def has_same_structure(x: Any, y: Any) -> bool:
    """Whether two matrices are known to have their entries at the same places.

    >>> A = SparseType("csr", "float64")("A")
    >>> has_same_structure(A, like(A, csm_data(A) * 2))
    True
    """
    if x.format != y.format:
        return False
    return [_origin(one) for one in _places(x)] == [_origin(one) for one in _places(y)]


def _places(x: Variable) -> list[Variable]:
    """Indices, indptr and shape: those of the matrix that has given its structure to this one."""
    while x.owner is not None:
        if isinstance(x.owner.op, CSM):
            return list(x.owner.inputs[1:])
        given_by = getattr(x.owner.op, "structure_from", None)
        if given_by is None:
            break
        x = x.owner.inputs[given_by]
    return list(csm_properties(x)[1:])


def _origin(component: Variable) -> tuple[Variable, int | None]:
    """A component by the matrix that it is one of."""
    owner = component.owner
    if owner is None or not isinstance(owner.op, CSMProperties):
        return component, None
    return owner.inputs[0], component.index
