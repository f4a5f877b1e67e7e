"""Scalar types, and how they promote.

A scalar is a tensor without axes: a `Scalar` equals the tensor type of its dtype with no axes, and
ops on scalar variables give tensors without axes. So nothing has to be converted between the two.
"""

from collections.abc import Iterable
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.tensor.variables import promotion
from lltheano.tensor.variables.convert import as_tensor_variable, constant as tensor_constant
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable

__all__ = [
    "Scalar",
    "ScalarConstant",
    "ScalarVariable",
    "all_types",
    "as_common_dtype",
    "as_scalar",
    "complex_types",
    "constant",
    "continuous_types",
    "discrete_types",
    "float_out",
    "float_types",
    "get_scalar_type",
    "int_out",
    "int_types",
    "integer_types",
    "same_out",
    "same_out_float_only",
    "same_out_nocomplex",
    "scalar_types",
    "specific_out",
    "transfer_type",
    "uint_types",
    "upcast",
    "upcast_out",
    "upgrade_to_float",
    "upgrade_to_float_no_complex",
]


class Scalar(TensorType):
    """The type of numbers of one dtype: of tensors without axes.

    >>> Scalar("int32") == TensorType("int32", ())
    True
    >>> Scalar("float64")("x") + 1
    add
    """

    def __init__(self, dtype: Any) -> None:
        super().__init__(dtype, ())

    def make_variable(self, name: str | None = None) -> "ScalarVariable":
        """Return a new leaf of this type."""
        return ScalarVariable(self, name=name)

    def make_constant(self, data: Any, name: str | None = None) -> "ScalarConstant":
        """Return a constant of this type; TypeError when `data` is not a value of it."""
        return ScalarConstant(self, data, name)

    def clone(self, dtype: Any = None, broadcastable: Iterable[Any] | None = None) -> TensorType:
        """Return the type with another dtype; with axes it is a tensor's."""
        chosen = self.dtype if dtype is None else dtype
        return Scalar(chosen) if broadcastable is None else TensorType(chosen, broadcastable)

    @staticmethod
    def upcast(*types: "Scalar") -> str:
        """Return the dtype that holds the values of all the types.

        >>> Scalar.upcast(Scalar("int8"), Scalar("float32"))
        'float32'
        """
        return promotion.upcast(*(kind.dtype for kind in types))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorType) and not other.ndim and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash((TensorType, self.dtype, ()))

    def __repr__(self) -> str:
        return f"Scalar({self.dtype})"

    def __str__(self) -> str:
        return self.dtype


class ScalarVariable(TensorVariable):
    """A variable of a scalar type.

    >>> x = get_scalar_type("float32")("x")
    >>> isinstance(x, ScalarVariable), x.ndim
    (True, 0)
    """


class ScalarConstant(TensorConstant):
    """A number that is known while the graph is built.

    >>> isinstance(constant(2.5), ScalarConstant)
    True
    """


_TYPES = {dtype: Scalar(dtype) for dtype in promotion.DTYPES}

int_types = tuple(_TYPES[one] for one in promotion.SIGNED_DTYPES)
uint_types = tuple(_TYPES[one] for one in promotion.UNSIGNED_DTYPES)
float_types = tuple(_TYPES[one] for one in promotion.FLOAT_DTYPES)
complex_types = tuple(_TYPES[one] for one in promotion.COMPLEX_DTYPES)
integer_types = int_types + uint_types
discrete_types = (_TYPES["bool"], *integer_types)
continuous_types = float_types + complex_types
all_types = discrete_types + continuous_types
scalar_types = dict(_TYPES)
"""The type of each dtype, by its name."""


def get_scalar_type(dtype: Any) -> Scalar:
    """Return the scalar type of a dtype, always the same one.

    >>> get_scalar_type("int8") is get_scalar_type("int8")
    True
    """
    return _TYPES[promotion.canonical_dtype(dtype)]


def upcast(dtype: str, *dtypes: str) -> str:
    """Return the dtype that holds the values of all the given ones: see `docs/promotion.md`.

    >>> upcast("int8", "uint8"), upcast("int32", "float32")
    ('int16', 'float64')
    """
    return promotion.upcast(dtype, *dtypes)


def constant(x: Any, name: str | None = None, dtype: Any = None) -> ScalarConstant:
    """Return a number as a constant, of the dtype that it has in expressions unless one is named.

    >>> constant(300).type, constant(2, dtype="float32").type
    (Scalar(int16), Scalar(float32))
    """
    result = tensor_constant(x, dtype=dtype)
    if result.ndim:
        raise TypeError(f"a scalar constant needs a number, got {x!r:.60}")
    return get_scalar_type(result.dtype).make_constant(result.data, name)


def as_scalar(x: Any, name: str | None = None) -> TensorVariable:
    """Return a number, or a variable without axes, as a variable; TypeError for a tensor with axes.

    >>> as_scalar(2).type, as_scalar(get_scalar_type("bool")("flag"))
    (Scalar(int8), flag)
    """
    if isinstance(x, Apply):
        x = x.out
    if not isinstance(x, Variable):
        return constant(x, name)
    result = as_tensor_variable(x, name)
    if result.ndim:
        raise TypeError(f"a scalar has no axes, and {result.describe()} has {result.ndim}")
    return result


def as_common_dtype(*variables: Any) -> tuple[TensorVariable, ...]:
    """Return the scalars converted to the dtype that holds them all.

    >>> [one.dtype for one in as_common_dtype(1, 0.1)]
    ['float64', 'float64']
    """
    scalars = [as_scalar(variable) for variable in variables]
    dtype = promotion.upcast(*(scalar.dtype for scalar in scalars))
    return tuple(scalar.astype(dtype) for scalar in scalars)


def same_out(type: Scalar) -> tuple[Scalar]:  # noqa: A002 - Theano's parameter
    """Result types: that of the operand.

    >>> same_out(get_scalar_type("int8"))
    (Scalar(int8),)
    """
    return (type,)


def upcast_out(*types: Scalar) -> tuple[Scalar]:
    """Result types: the one that holds the values of all operands.

    >>> upcast_out(get_scalar_type("int8"), get_scalar_type("uint8"))
    (Scalar(int16),)
    """
    return (get_scalar_type(Scalar.upcast(*types)),)


def upgrade_to_float(*types: Scalar) -> tuple[Scalar]:
    """Result types: a float for integers, of 32 bits for those of at most 16 and else of 64.

    >>> upgrade_to_float(get_scalar_type("int16"))
    (Scalar(float32),)
    """
    return (get_scalar_type(promotion.upgrade_to_float(*(kind.dtype for kind in types))),)


def upgrade_to_float_no_complex(*types: Scalar) -> tuple[Scalar]:
    """As `upgrade_to_float`; TypeError for complex operands.

    >>> upgrade_to_float_no_complex(get_scalar_type("int32"))
    (Scalar(float64),)
    """
    return upgrade_to_float(*real_types(types))


def same_out_nocomplex(type: Scalar) -> tuple[Scalar]:  # noqa: A002 - Theano's parameter
    """As `same_out`; TypeError for a complex operand.

    >>> same_out_nocomplex(get_scalar_type("bool"))
    (Scalar(bool),)
    """
    return same_out(*real_types((type,)))


def same_out_float_only(type: Scalar) -> tuple[Scalar]:  # noqa: A002 - Theano's parameter
    """As `same_out`; TypeError unless the operand is a real float.

    >>> same_out_float_only(get_scalar_type("float16"))
    (Scalar(float16),)
    """
    if not promotion.is_float(type.dtype):
        raise TypeError(f"a float is wanted, got {type!r}")
    return (type,)


def int_out(*types: Scalar) -> tuple[Scalar]:
    """Result types: int64, whatever the operands are.

    >>> int_out(get_scalar_type("float32"))
    (Scalar(int64),)
    """
    return (_TYPES["int64"],)


def float_out(*types: Scalar) -> tuple[Scalar]:
    """Result types: float64, whatever the operands are.

    >>> float_out(get_scalar_type("int8"))
    (Scalar(float64),)
    """
    return (_TYPES["float64"],)


class specific_out:  # noqa: N801 - Theano's name
    """Result types that do not depend on the operands.

    >>> specific_out(get_scalar_type("int8"))(get_scalar_type("float64"))
    (Scalar(int8),)
    """

    def __init__(self, *spec: Scalar) -> None:
        self.spec = spec

    def __call__(self, *types: Scalar) -> tuple[Scalar, ...]:
        """Return the types, whatever the operands are."""
        return self.spec


class transfer_type:  # noqa: N801 - Theano's name
    """Result types taken from operands: each result has the type of the operand at that place.

    A place that is a type is that type.

    >>> transfer_type(1)(get_scalar_type("int8"), get_scalar_type("float64"))
    (Scalar(float64),)
    """

    def __init__(self, *transfer: Any) -> None:
        self.transfer = transfer

    def __call__(self, *types: Scalar) -> tuple[Scalar, ...]:
        """Return the operands' types at the places."""
        return tuple(types[one] if isinstance(one, int) else one for one in self.transfer)


def real_types(types: Iterable[Scalar]) -> tuple[Scalar, ...]:
    """Return the types; TypeError when one of them is complex."""
    kept = tuple(types)
    for one in kept:
        if promotion.is_complex(one.dtype):
            raise TypeError(f"complex numbers are not supported here, got {one!r}")
    return kept
