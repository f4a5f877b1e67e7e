"""What NumPy's functions do with a variable, and the methods of their names.

`np.exp(x)` of a variable is `T.exp(x)`, and so for every function of `UFUNCS`; any other is a
TypeError of NumPy's. `array += x` makes `array` stand for the sum, a variable; the array itself is
not written.
"""

from typing import Any, TypeVar

from lltheano.dispatch import call
from lltheano.tensor.operators import TensorOperators

__all__ = ["UFUNCS", "NumpyProtocol"]

V = TypeVar("V")

_SAME_NAME = (
    *("arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "ceil"),
    *("cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "floor", "invert", "isinf", "isnan"),
    *("left_shift", "log", "log10", "log1p", "log2", "maximum", "minimum", "rad2deg"),
    *("right_shift", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"),
)

UFUNCS: dict[str, str] = {
    **{name: name for name in _SAME_NAME},
    "absolute": "abs_",
    "add": "add",
    "bitwise_and": "and_",
    "bitwise_or": "or_",
    "bitwise_xor": "xor",
    "conjugate": "conj",
    "degrees": "rad2deg",
    "divide": "true_div",
    "fabs": "abs_",
    "floor_divide": "int_div",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "multiply": "mul",
    "negative": "neg",
    "power": "pow",
    "radians": "deg2rad",
    "reciprocal": "inv",
    "remainder": "mod",
    "rint": "round_half_to_even",
    "sign": "sgn",
    "square": "sqr",
    "subtract": "sub",
}
"""The function of the tensor language for each of NumPy's."""

_IDENTITY = {"equal": False, "not_equal": True}
"""What `array == x` and `array != x` are: `==` of a variable compares identity, on either side."""


class NumpyProtocol(TensorOperators[V]):
    """The operators and methods of a tensor variable, those for NumPy among them."""

    # NumPy must leave `array + variable` to the variable where it does not call a function.
    __array_priority__ = 1000

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Build the graph of a function of NumPy's that was called on a variable.

        >>> import numpy as np
        >>> import lltheano.tensor as T
        >>> x = T.dvector("x")
        >>> np.exp(x) + np.ones(2)
        add
        """
        name = UFUNCS.get(ufunc.__name__)
        if ufunc.__name__ in _IDENTITY and not all(
            isinstance(one, NumpyProtocol) for one in inputs
        ):
            return _IDENTITY[ufunc.__name__]
        augmented = options.keys() == {"out"} and options["out"][0] is inputs[0]
        if name is None or method != "__call__" or (options and not augmented):
            return NotImplemented
        return call(name, *inputs)

    def arccos(self) -> V:
        """The inverse cosine."""
        return self._call("arccos")

    def arccosh(self) -> V:
        """The inverse hyperbolic cosine."""
        return self._call("arccosh")

    def arcsin(self) -> V:
        """The inverse sine."""
        return self._call("arcsin")

    def arcsinh(self) -> V:
        """The inverse hyperbolic sine."""
        return self._call("arcsinh")

    def arctan(self) -> V:
        """The inverse tangent."""
        return self._call("arctan")

    def arctanh(self) -> V:
        """The inverse hyperbolic tangent."""
        return self._call("arctanh")

    def ceil(self) -> V:
        """The least whole number not below each element."""
        return self._call("ceil")

    def cos(self) -> V:
        """The cosine."""
        return self._call("cos")

    def cosh(self) -> V:
        """The hyperbolic cosine."""
        return self._call("cosh")

    def deg2rad(self) -> V:
        """The angle in radians of one in degrees."""
        return self._call("deg2rad")

    def exp(self) -> V:
        """The exponential."""
        return self._call("exp")

    def exp2(self) -> V:
        """The power of 2."""
        return self._call("exp2")

    def expm1(self) -> V:
        """The exponential less 1, accurate near 0."""
        return self._call("expm1")

    def floor(self) -> V:
        """The greatest whole number not above each element."""
        return self._call("floor")

    def log(self) -> V:
        """The natural logarithm."""
        return self._call("log")

    def log10(self) -> V:
        """The logarithm to base 10."""
        return self._call("log10")

    def log1p(self) -> V:
        """The logarithm of 1 more, accurate near 0."""
        return self._call("log1p")

    def log2(self) -> V:
        """The logarithm to base 2."""
        return self._call("log2")

    def rad2deg(self) -> V:
        """The angle in degrees of one in radians."""
        return self._call("rad2deg")

    def sin(self) -> V:
        """The sine."""
        return self._call("sin")

    def sinh(self) -> V:
        """The hyperbolic sine."""
        return self._call("sinh")

    def sqrt(self) -> V:
        """The square root."""
        return self._call("sqrt")

    def tan(self) -> V:
        """The tangent."""
        return self._call("tan")

    def tanh(self) -> V:
        """The hyperbolic tangent."""
        return self._call("tanh")
