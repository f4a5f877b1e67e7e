"""Types of `theano.tensor.type_other`: None and slices as values of variables."""

from typing import Any

from lltheano.errors import AsTensorError
from lltheano.graph import Apply, Constant, Op, Type, Variable
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import INTEGER_DTYPES, is_discrete

__all__ = [
    "Constant",
    "MakeSlice",
    "NoneConst",
    "NoneTypeT",
    "SliceConstant",
    "SliceType",
    "as_index_variable",
    "as_int_none_variable",
    "make_slice",
    "none_type_t",
    "slicetype",
]


class NoneTypeT(Type):
    """The type whose one value is None.

    >>> none_type_t.is_valid_value(None), none_type_t.is_valid_value(0)
    (True, False)
    """

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return None; TypeError for anything else."""
        if data is not None:
            raise TypeError(f"the only value is None, got {data!r:.60}")
        return data

    def may_share_memory(self, a: Any, b: Any) -> bool:
        """None has no memory."""
        return False

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return "NoneTypeT"


none_type_t = NoneTypeT()
NoneConst = Constant(none_type_t, None, name="NoneConst")
"""None as a constant of a graph: `T.max(x, axis=T.NoneConst)`."""


class SliceType(Type):
    """The type of slices.

    >>> slicetype.is_valid_value(slice(1, 2))
    True
    """

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return a slice; TypeError for anything else."""
        if not isinstance(data, slice):
            raise TypeError(f"expected a slice, got {data!r:.60}")
        return data

    def make_constant(self, data: Any, name: str | None = None) -> "SliceConstant":
        """Return a slice as a constant."""
        return SliceConstant(self, data, name)

    def may_share_memory(self, a: Any, b: Any) -> bool:
        """Slices hold numbers."""
        return False

    def index(self, variable: Variable) -> Any:
        """Return the slice of a constant, or of the bounds that `make_slice` was given.

        >>> import lltheano.tensor as T
        >>> T.arange(5)[make_slice(1, T.constant(4), 2)].eval()
        array([1, 3])
        """
        if isinstance(variable, SliceConstant):
            return variable.data
        node = variable.owner
        if node is None or not isinstance(node.op, MakeSlice):
            return variable
        return slice(*(None if is_none(bound) else bound for bound in node.inputs))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return "slice"


slicetype = SliceType()


class SliceConstant(Constant):
    """A slice that is known while the graph is built, equal to another of the same bounds.

    >>> SliceConstant(slicetype, slice(1, None)).signature()[1:]
    (1, None, None)
    """

    def __init__(self, type: Type, data: Any, name: str | None = None) -> None:  # noqa: A002
        super().__init__(type, data, name)
        numbers = (data.start, data.stop, data.step)
        self.data = slice(*(number if number is None else int(number) for number in numbers))

    def signature(self) -> tuple[Any, ...]:
        """Return a key that two constants share exactly when their bounds agree."""
        return (SliceConstant, self.data.start, self.data.stop, self.data.step)


class MakeSlice(Op):
    """A slice of bounds that are integer scalars or None.

    >>> import lltheano.tensor as T
    >>> make_slice(1, T.lscalar("n")).type
    slice
    """

    __props__ = ()

    def make_node(self, slc: Any, stop: Any = None, step: Any = None) -> Apply:
        """A slice, or its bounds one by one."""
        bounds = (slc.start, slc.stop, slc.step) if isinstance(slc, slice) else (slc, stop, step)
        return Apply(self, [as_int_none_variable(bound) for bound in bounds], [slicetype()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Python's slice."""
        output_storage[0][0] = slice(*inputs)


make_slice = MakeSlice()


def as_int_none_variable(x: Any) -> Variable:
    """Return an integer scalar as a variable, and None as the constant `NoneConst`.

    >>> as_int_none_variable(None), as_int_none_variable(3)
    (NoneConst, TensorConstant{3})
    """
    if is_none(x):
        return NoneConst
    variable = as_tensor_variable(x, ndim=0)
    if variable.dtype not in INTEGER_DTYPES:
        raise TypeError(f"an integer is wanted, got {variable.describe()}")
    return variable


def as_index_variable(idx: Any) -> Variable:
    """Return what indexes as a variable: an integer, a mask, a slice, or None.

    >>> as_index_variable(slice(1, None)).type, as_index_variable([0, 2]).type
    (slice, TensorType(int64, vector))
    """
    if is_none(idx):
        return NoneConst
    if isinstance(idx, Variable) and isinstance(idx.type, SliceType):
        return idx
    if isinstance(idx, slice):
        result: Variable = make_slice(idx)
        return result
    try:
        variable = as_tensor_variable(idx)
    except AsTensorError as error:
        raise TypeError(f"an index is an integer, a mask, a slice or None: {error}") from None
    if not is_discrete(variable.dtype):
        raise TypeError(
            f"an index is an integer, a mask, a slice or None, got {variable.describe()}"
        )
    return variable
