"""What NumPy asks of a variable, and the methods with the names of its functions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lltheano.config import config
from lltheano.graph.boundary import guard_methods
from lltheano.interfaces.layers import language, numpy_functions, numpy_ufuncs
from lltheano.tensor.variables.operators import TensorOperators, compared, named

if TYPE_CHECKING:
    from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["NumpyProtocol"]

_OF_OBJECTS = (np.atleast_1d, np.atleast_2d, np.atleast_3d)
"""Functions that programs written for Theano make a list of one variable with."""


@guard_methods
class NumpyProtocol(TensorOperators):
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
        if ufunc.__name__ in ("equal", "not_equal"):
            for operand in inputs:
                if not isinstance(operand, NumpyProtocol):
                    return self._compared(operand, ufunc)
        return numpy_ufuncs.apply(ufunc, method, inputs, options)

    def _compared(self, array: Any, ufunc: Any) -> Any:
        """No element of an array is the same thing as a variable."""
        if config.variables_as_values == "raise":
            raise compared(self, array)
        return np.full(np.shape(array), ufunc.__name__ == "not_equal")

    def __array_function__(
        self, func: Any, types: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Build the graph of a function of NumPy's that is no ufunc.

        >>> import numpy as np
        >>> import lltheano.tensor as T
        >>> x = T.dmatrix("x")
        >>> np.mean(x, axis=0).type
        TensorType(float64, vector)
        """
        if config.variables_as_values == "object" and func in _OF_OBJECTS:
            return func._implementation(*args, **kwargs)
        return numpy_functions.apply(func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Refuse to be made an array: a variable has no value yet.

        Where `config.variables_as_values` is "object" it is the only element of an array.
        """
        if config.variables_as_values == "object":
            array = np.empty((), dtype=object)
            array[()] = self
            return array
        raise TypeError(
            f"{named(self)} has no value yet, so NumPy cannot make an array of it or work "
            "on it. In a"
            " graph use T.stack([x, y]) for np.array([x, y]), and T.constant(array) for an array"
            " that is indexed or given a method's argument; for a value use x.eval({...}) or a"
            " compiled function"
        )

    def arccos(self) -> "TensorVariable":
        """The inverse cosine."""
        return language.arccos(self)

    def arccosh(self) -> "TensorVariable":
        """The inverse hyperbolic cosine."""
        return language.arccosh(self)

    def arcsin(self) -> "TensorVariable":
        """The inverse sine."""
        return language.arcsin(self)

    def arcsinh(self) -> "TensorVariable":
        """The inverse hyperbolic sine."""
        return language.arcsinh(self)

    def arctan(self) -> "TensorVariable":
        """The inverse tangent."""
        return language.arctan(self)

    def arctanh(self) -> "TensorVariable":
        """The inverse hyperbolic tangent."""
        return language.arctanh(self)

    def ceil(self) -> "TensorVariable":
        """The least whole number not below each element."""
        return language.ceil(self)

    def cos(self) -> "TensorVariable":
        """The cosine."""
        return language.cos(self)

    def cosh(self) -> "TensorVariable":
        """The hyperbolic cosine."""
        return language.cosh(self)

    def deg2rad(self) -> "TensorVariable":
        """The angle in radians of one in degrees."""
        return language.deg2rad(self)

    def exp(self) -> "TensorVariable":
        """The exponential."""
        return language.exp(self)

    def exp2(self) -> "TensorVariable":
        """The power of 2."""
        return language.exp2(self)

    def expm1(self) -> "TensorVariable":
        """The exponential less 1, accurate near 0."""
        return language.expm1(self)

    def floor(self) -> "TensorVariable":
        """The greatest whole number not above each element."""
        return language.floor(self)

    def log(self) -> "TensorVariable":
        """The natural logarithm."""
        return language.log(self)

    def log10(self) -> "TensorVariable":
        """The logarithm to base 10."""
        return language.log10(self)

    def log1p(self) -> "TensorVariable":
        """The logarithm of 1 more, accurate near 0."""
        return language.log1p(self)

    def log2(self) -> "TensorVariable":
        """The logarithm to base 2."""
        return language.log2(self)

    def rad2deg(self) -> "TensorVariable":
        """The angle in degrees of one in radians."""
        return language.rad2deg(self)

    def sin(self) -> "TensorVariable":
        """The sine."""
        return language.sin(self)

    def sinh(self) -> "TensorVariable":
        """The hyperbolic sine."""
        return language.sinh(self)

    def sqrt(self) -> "TensorVariable":
        """The square root."""
        return language.sqrt(self)

    def tan(self) -> "TensorVariable":
        """The tangent."""
        return language.tan(self)

    def tanh(self) -> "TensorVariable":
        """The hyperbolic tangent."""
        return language.tanh(self)
