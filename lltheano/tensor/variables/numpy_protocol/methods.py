"""What NumPy asks of a variable, and the methods with the names of its functions."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from lltheano.graph.boundary import guard_methods
from lltheano.tensor.variables.numpy_protocol import functions, ufuncs
from lltheano.tensor.variables.operators import TensorOperators, compared, named

__all__ = ["NumpyProtocol"]

V = TypeVar("V")


@guard_methods
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
        if ufunc.__name__ in ("equal", "not_equal"):
            for one in inputs:
                if not isinstance(one, NumpyProtocol):
                    raise compared(self, one)
        return ufuncs.apply(ufunc, method, inputs, options)

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
        return functions.apply(func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Refuse to be made an array: a variable has no value yet."""
        raise TypeError(
            f"{named(self)} has no value yet, so NumPy cannot make an array of it or work "
            "on it. In a"
            " graph use T.stack([x, y]) for np.array([x, y]), and T.constant(array) for an array"
            " that is indexed or given a method's argument; for a value use x.eval({...}) or a"
            " compiled function"
        )

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
