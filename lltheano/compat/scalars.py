"""Names of `theano.scalar` that only Theano's programs use.

Rules for the types of results, ways to type Python numbers, several variables at once, and a few
ops that are expressions of others here.
"""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.errors import ComplexError
from lltheano.graph import Op
from lltheano.scalar import (
    BinaryScalarOp,
    LogicalComparison,
    as_scalar,
    float_out,
    get_scalar_type,
    int_div,
    int_out,
    mod,
    same_out,
    true_div,
    upcast_out,
)
from lltheano.scalar.composed import ComposedScalarOp
from lltheano.scalar.types import Scalar, real_types
from lltheano.tensor import (
    and_,
    complex_from_polar as tensor_from_polar,
    eq,
    ge,
    gt,
    le,
    lt,
    mul,
    switch,
)
from lltheano.tensor.elementwise.special import gammal as tensor_gammal, gammau as tensor_gammau
from lltheano.tensor.variables.promotion import autocast, is_discrete, real_dtype
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "ComplexError",
    "ComplexFromPolar",
    "GammaL",
    "GammaU",
    "InRange",
    "IntegerDivisionError",
    "MulWithoutZeros",
    "NumpyAutocaster",
    "Op",
    "autocast_float",
    "autocast_float_as",
    "autocast_int",
    "complex_from_polar",
    "complexs",
    "complexs64",
    "complexs128",
    "convert",
    "div_proxy",
    "float_out_nocomplex",
    "floats",
    "floor_div",
    "gammal",
    "gammau",
    "inclosedrange",
    "inopenrange",
    "int_or_true_div",
    "int_out_nocomplex",
    "ints",
    "mod_check",
    "mul_without_zeros",
    "real_out",
    "round_half_away_from_zero_",
    "round_half_away_from_zero_vec",
    "same_out_min8",
    "same_out_nobool",
    "unary_out_lookup",
    "upcast_out_min8",
    "upcast_out_no_complex",
    "upcast_out_nobool",
    "upgrade_to_float64",
]


class IntegerDivisionError(Exception):
    """Two integers were divided by `div_proxy` while `config.int_division` is "raise"."""


def _several(dtype: str) -> Callable[..., Any]:
    def make(*names: Any) -> TensorVariable | list[TensorVariable]:
        given = names[0] if len(names) == 1 else names
        if len(given) == 1:
            return get_scalar_type(dtype)(given[0])
        return [get_scalar_type(dtype)(one) for one in given]

    make.__name__ = f"several_{dtype}"
    make.__doc__ = f"""Return a variable of dtype {dtype} for each name; for one name that alone.

    >>> {_MAKERS[dtype]}("ab"), {_MAKERS[dtype]}("a")
    ([a, b], a)
    """
    return make


_MAKERS = {
    "int64": "ints",
    "float64": "floats",
    "complex64": "complexs64",
    "complex128": "complexs",
}
ints = _several("int64")
floats = _several("float64")
complexs64 = _several("complex64")
complexs = complexs128 = _several("complex128")


def upgrade_to_float64(*types: Scalar) -> tuple[Scalar]:
    """Result types: float64, whatever the operands are.

    >>> upgrade_to_float64(get_scalar_type("float32"))
    (Scalar(float64),)
    """
    return float_out(*types)


def upcast_out_nobool(*types: Scalar) -> tuple[Scalar]:
    """Result types: the one that holds the values of all operands; TypeError when that is bool.

    >>> upcast_out_nobool(get_scalar_type("bool"), get_scalar_type("int8"))
    (Scalar(int8),)
    """
    return _not_bool(upcast_out(*types))


def same_out_nobool(type: Scalar) -> tuple[Scalar]:  # noqa: A002 - Theano's parameter
    """Result types: that of the operand; TypeError for bool.

    >>> same_out_nobool(get_scalar_type("int8"))
    (Scalar(int8),)
    """
    return _not_bool(same_out(type))


def upcast_out_min8(*types: Scalar) -> tuple[Scalar]:
    """Result types: the one that holds the values of all operands, int8 in the place of bool.

    >>> upcast_out_min8(get_scalar_type("bool"))
    (Scalar(int8),)
    """
    return _at_least_int8(upcast_out(*types))


def same_out_min8(type: Scalar) -> tuple[Scalar]:  # noqa: A002 - Theano's parameter
    """Result types: that of the operand, int8 in the place of bool.

    >>> same_out_min8(get_scalar_type("bool"))
    (Scalar(int8),)
    """
    return _at_least_int8(same_out(type))


def upcast_out_no_complex(*types: Scalar) -> tuple[Scalar]:
    """Result types: the one that holds the values of all operands; TypeError for complex ones.

    >>> upcast_out_no_complex(get_scalar_type("int8"), get_scalar_type("float32"))
    (Scalar(float32),)
    """
    return upcast_out(*real_types(types))


def int_out_nocomplex(*types: Scalar) -> tuple[Scalar]:
    """Result types: int64; TypeError for complex operands.

    >>> int_out_nocomplex(get_scalar_type("float32"))
    (Scalar(int64),)
    """
    return int_out(*real_types(types))


def float_out_nocomplex(*types: Scalar) -> tuple[Scalar]:
    """Result types: float64; TypeError for complex operands.

    >>> float_out_nocomplex(get_scalar_type("int8"))
    (Scalar(float64),)
    """
    return float_out(*real_types(types))


def real_out(type: Scalar) -> tuple[Scalar]:  # noqa: A002 - Theano's parameter
    """Result types: that of the parts of a complex operand, and that of a real one.

    >>> real_out(get_scalar_type("complex64"))
    (Scalar(float32),)
    """
    return (get_scalar_type(real_dtype(type.dtype)),)


class unary_out_lookup:  # noqa: N801 - Theano's name
    """Result types from a table: for each type of the operand that of the result.

    >>> unary_out_lookup({get_scalar_type("int8"): get_scalar_type("int32")})(
    ...     get_scalar_type("int8"))
    (Scalar(int32),)
    """

    def __init__(self, type_table: dict[Scalar, Scalar]) -> None:
        self.tbl = type_table

    def __call__(self, *types: Scalar) -> tuple[Scalar]:
        """Return the entry of the one operand's type; TypeError when there is none."""
        if len(types) != 1 or types[0] not in self.tbl:
            raise TypeError(f"the table has {list(self.tbl)}, got {list(types)}")
        return (self.tbl[types[0]],)


def _not_bool(types: tuple[Scalar]) -> tuple[Scalar]:
    if types[0].dtype == "bool":
        raise TypeError("bool is not supported here; cast it, or combine it by bits")
    return types


def _at_least_int8(types: tuple[Scalar]) -> tuple[Scalar]:
    return (get_scalar_type("int8"),) if types[0].dtype == "bool" else types


def round_half_away_from_zero_vec(a: Any) -> NDArray[Any]:
    """Return the numbers of an array rounded to whole ones, halves away from zero.

    >>> round_half_away_from_zero_vec([0.5, 1.5, -2.5, 0.49999999999999994])
    array([ 1.,  2., -3.,  0.])
    """
    array = np.asarray(a)
    if array.dtype.kind not in "fc":
        array = array.astype(np.float64)
    whole = np.trunc(array)
    with np.errstate(invalid="ignore"):
        is_far = np.abs(array - whole) >= 0.5
    result: NDArray[Any] = whole + np.copysign(is_far, array).astype(array.dtype)
    return result


def round_half_away_from_zero_(a: Any) -> Any:
    """Return a number rounded to a whole one, halves away from zero.

    >>> round_half_away_from_zero_(-2.5)
    np.float64(-3.0)
    """
    return round_half_away_from_zero_vec(a)[()]


class NumpyAutocaster:
    """Python numbers as arrays without axes, of the first of some dtypes that holds them exactly.

    A number that no dtype holds has the last one; what NumPy has typed keeps its dtype where that
    is one of them. A Python float has `config.floatX` where that is one of them and not float64.

    >>> NumpyAutocaster(("float32", "float64"))(0.5).dtype
    dtype('float32')
    """

    def __init__(self, dtypes: Sequence[str]) -> None:
        self.dtypes = tuple(dtypes)

    def __call__(self, x: Any) -> NDArray[Any]:
        """Return the number as an array."""
        typed = str(getattr(x, "dtype", ""))
        if typed in self.dtypes or config.cast_policy == "numpy+floatX":
            return np.asarray(x) if typed else autocast(x)
        floatx = str(config.floatX)
        if isinstance(x, float) and floatx != "float64" and floatx in self.dtypes:
            return np.asarray(x, dtype=floatx)
        choices = [one for one in self.dtypes if floatx == "float16" or one != "float16"]
        result = np.asarray(x)
        with np.errstate(over="ignore", invalid="ignore"):
            for dtype in choices:
                result = np.asarray(x).astype(dtype)
                if np.array_equal(result, x, equal_nan=True):
                    break
        return result


class _FloatAutocaster(NumpyAutocaster):
    """The autocaster of `autocast_float`, whose dtypes are those of `config.autocast_float`."""

    def __init__(self) -> None:
        super().__init__(())

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The dtypes that a Python float may have."""
        policy = str(config.autocast_float)
        if policy == "floatX":
            return (str(config.floatX),)
        return ("float16", "float32", "float64") if policy == "smallest" else (policy,)

    @dtypes.setter
    def dtypes(self, given: Sequence[str]) -> None:
        if given:
            config.autocast_float = _policy(given)


def _policy(dtypes: Sequence[str]) -> str:
    """The value of the flag `autocast_float` that stands for a choice of dtypes."""
    return dtypes[0] if len(dtypes) == 1 else "smallest"


autocast_int = NumpyAutocaster(("int8", "int16", "int32", "int64"))
autocast_float = _FloatAutocaster()


class autocast_float_as:  # noqa: N801 - Theano's name
    """A context in which Python floats have one of `dtypes` in expressions.

    With one dtype they have that; with several the least of float32 and float64 that holds them.

    >>> import lltheano.tensor as T
    >>> with autocast_float_as("float32"):
    ...     (T.fvector() + 1.1).dtype
    'float32'
    """

    def __init__(self, *dtypes: str) -> None:
        if not dtypes:
            raise ValueError("autocast_float_as needs at least one dtype")
        self.dtypes = dtypes
        self._flags = config.change_flags(autocast_float=_policy(dtypes))

    def __enter__(self) -> None:
        """Change the flag."""
        self._flags.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Set the flag back to what it was."""
        self._flags.__exit__(kind, error, traceback)


def convert(x: Any, dtype: Any = None) -> NDArray[Any]:
    """Return a number as an array of the dtype that it has in expressions, unless one is named.

    >>> convert(300).dtype, convert(0.5, "float64").dtype
    (dtype('int16'), dtype('float64'))
    """
    if dtype is not None:
        return np.asarray(x).astype(dtype)
    if isinstance(x, bool | np.ndarray | np.generic):
        return np.asarray(x)
    return autocast_int(x) if isinstance(x, int) else autocast_float(x)


floor_div = int_div


def int_or_true_div(x_discrete: bool, y_discrete: bool) -> Any:
    """Return the op that divides two numbers, by whether they are integers or bool.

    Of two integers it is `int_div`, unless `config.int_division` is "floatX"; for "raise" it is an
    IntegerDivisionError.

    >>> int_or_true_div(True, False), int_or_true_div(True, True)
    (true_div, int_div)
    """
    if not (x_discrete and y_discrete) or config.int_division == "floatX":
        return true_div
    if config.int_division == "raise":
        raise IntegerDivisionError(
            "two integers are divided by / while config.int_division is 'raise'; write // to round"
            " down, or cast one of them to a float"
        )
    return int_div


def div_proxy(x: Any, y: Any) -> Any:
    """Return the quotient by the op that `int_or_true_div` chooses for the operands.

    >>> div_proxy(7, 2).owner.op, div_proxy(7.0, 2).owner.op
    (int_div, true_div)
    """
    discrete = [is_discrete(as_scalar(one).dtype) for one in (x, y)]
    return int_or_true_div(*discrete)(x, y)


def mod_check(x: Any, y: Any) -> Any:
    """Return the remainder; ComplexError, a TypeError, for complex numbers, which have none.

    >>> mod_check(7, 4).eval()
    array(3, dtype=int8)
    """
    return mod(as_scalar(x), as_scalar(y))


class InRange(ComposedScalarOp, LogicalComparison):
    """Whether x lies between low and hi, of which each is open or counts as inside; a bool.

    >>> InRange(False, True)([1, 2, 3], 1, 3).eval()
    array([ True,  True, False])
    """

    nin = 3

    def __init__(self, openlow: bool, openhi: bool) -> None:
        super().__init__(None, "inrange")
        self.openlow = bool(openlow)
        self.openhi = bool(openhi)

    def expression(self, *operands: Any) -> Any:
        """Two comparisons."""
        x, low, hi = operands
        above, below = (gt if self.openlow else ge), (lt if self.openhi else le)
        return and_(above(x, low), below(x, hi))

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and vars(self)["openlow"] == getattr(other, "openlow", None)
            and self.openhi == getattr(other, "openhi", None)
        )

    def __hash__(self) -> int:
        return hash((InRange, self.openlow, self.openhi))


inopenrange = InRange(openlow=True, openhi=True)
inclosedrange = InRange(openlow=False, openhi=False)


class _Named(ComposedScalarOp, BinaryScalarOp):
    """Ops of two operands, all of a class equal."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class GammaL(_Named):
    """The lower incomplete gamma function of k and x, as `lltheano.tensor.gammal`.

    >>> gammal([2.0], 1.0).eval().round(4)
    array([0.2642])
    """

    def expression(self, *operands: Any) -> Any:
        """The function of tensors."""
        return tensor_gammal(*operands)


class GammaU(_Named):
    """The upper incomplete gamma function of k and x, as `lltheano.tensor.gammau`.

    >>> gammau([2.0], 1.0).eval().round(4)
    array([0.7358])
    """

    def expression(self, *operands: Any) -> Any:
        """The function of tensors."""
        return tensor_gammau(*operands)


class ComplexFromPolar(_Named):
    """The complex number of an absolute value and an angle.

    >>> complex_from_polar([2.0], 0.0).eval()
    array([2.+0.j])
    """

    def expression(self, *operands: Any) -> Any:
        """The function of tensors."""
        return tensor_from_polar(*operands)


class MulWithoutZeros(_Named):
    """The product, in which a factor that is zero counts as one, unless both are.

    >>> mul_without_zeros([2, 0, 0], [3, 3, 0]).eval()
    array([6, 3, 0])
    """

    def expression(self, *operands: Any) -> Any:
        """A product where both are other than zero."""
        x, y = operands
        product = mul(x, y)
        return switch(_is_zero(x), y, switch(_is_zero(y), x, product)).astype(product.dtype)


def _is_zero(x: Any) -> Any:
    return eq(x, 0)


gammal = GammaL(None, "gammal")
gammau = GammaU(None, "gammau")
complex_from_polar = ComplexFromPolar(None, "complex_from_polar")
mul_without_zeros = MulWithoutZeros(None, "mul_without_zeros")
