"""What the layers below the tensor language need of it.

The methods of a tensor variable are functions of the language, which are made of ops, whose
gradients are expressions of the language: without this the modules that define them would have to
import one another in a circle. `lltheano.tensor` has all that is listed here, under these names,
and says there what each does.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

if TYPE_CHECKING:
    from lltheano.tensor.elementwise.arities import (
        Binary,
        Clip,
        Switch,
        TensorLike,
        Unary,
        Variadic,
    )
    from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable

__all__ = ["NumpyFunctions", "NumpyUfuncs", "TensorLanguage"]


class Elementwise(Protocol):
    """Ops that compute each element of their result from the elements at its index."""

    add: "Variadic"
    clip: "Clip"
    mul: "Variadic"
    switch: "Switch"
    abs_: "Unary"
    arccos: "Unary"
    arccosh: "Unary"
    arcsin: "Unary"
    arcsinh: "Unary"
    arctan: "Unary"
    arctanh: "Unary"
    ceil: "Unary"
    conj: "Unary"
    cos: "Unary"
    cosh: "Unary"
    deg2rad: "Unary"
    erf: "Unary"
    erfcx: "Unary"
    exp: "Unary"
    exp2: "Unary"
    expm1: "Unary"
    floor: "Unary"
    imag: "Unary"
    inv: "Unary"
    invert: "Unary"
    log: "Unary"
    log10: "Unary"
    log1p: "Unary"
    log2: "Unary"
    neg: "Unary"
    rad2deg: "Unary"
    real: "Unary"
    sigmoid: "Unary"
    sin: "Unary"
    sinh: "Unary"
    sqr: "Unary"
    sqrt: "Unary"
    tan: "Unary"
    tanh: "Unary"
    tensor_copy: "Unary"
    trunc: "Unary"
    and_: "Binary"
    complex: "Binary"
    eq: "Binary"
    ge: "Binary"
    gt: "Binary"
    int_div: "Binary"
    le: "Binary"
    left_shift: "Binary"
    lt: "Binary"
    maximum: "Binary"
    minimum: "Binary"
    mod: "Binary"
    neq: "Binary"
    or_: "Binary"
    pow: "Binary"
    right_shift: "Binary"
    sub: "Binary"
    true_div: "Binary"
    xor: "Binary"

    def round(self, a: "TensorLike", mode: str | None = ...) -> "TensorVariable": ...


class Shapes(Protocol):
    """Sizes, axes and the arrangement of elements."""

    def addbroadcast(self, x: object, *axes: int) -> "TensorVariable": ...

    def dimshuffle(self, x: object, pattern: Sequence[Any]) -> "TensorVariable": ...

    def flatten(
        self, x: object, ndim: int | None = ..., outdim: int | None = ...
    ) -> "TensorVariable": ...

    def matrix_transpose(self, x: object) -> "TensorVariable": ...

    def patternbroadcast(self, x: object, broadcastable: Sequence[bool]) -> "TensorVariable": ...

    def repeat(self, x: object, repeats: Any, axis: int | None = ...) -> "TensorVariable": ...

    def reshape(self, x: object, newshape: Any, ndim: int | None = ...) -> "TensorVariable": ...

    def shape(self, x: object) -> "TensorVariable": ...

    def size(self, x: object) -> "TensorVariable": ...

    def split(
        self, x: object, splits_size: Any, n_splits: int | None = ..., axis: Any = ...
    ) -> "list[TensorVariable]": ...

    def squeeze(self, x: object, axis: int | Sequence[int] | None = ...) -> "TensorVariable": ...

    def stack(self, *tensors: Any, axis: Any = ..., **kwargs: Any) -> "TensorVariable": ...

    def swapaxes(self, y: object, axis1: int, axis2: int) -> "TensorVariable": ...

    def transpose(self, x: object, axes: Sequence[int] | None = ...) -> "TensorVariable": ...


class Reductions(Protocol):
    """Elements combined along axes."""

    def all(self, x: object, axis: Any = ..., keepdims: bool = ...) -> "TensorVariable": ...

    def any(self, x: object, axis: Any = ..., keepdims: bool = ...) -> "TensorVariable": ...

    def argmax(self, x: object, axis: Any = ..., keepdims: bool = ...) -> "TensorVariable": ...

    def argmin(self, x: object, axis: Any = ..., keepdims: bool = ...) -> "TensorVariable": ...

    def argsort(
        self, a: object, axis: Any = ..., kind: str = ..., order: Any = ...
    ) -> "TensorVariable": ...

    def cumprod(self, x: object, axis: int | None = ...) -> "TensorVariable": ...

    def cumsum(self, x: object, axis: int | None = ...) -> "TensorVariable": ...

    def dot(self, a: object, b: object) -> "TensorVariable": ...

    def matmul(self, x1: object, x2: object) -> "TensorVariable": ...

    def max(self, x: object, axis: Any = ..., keepdims: bool = ...) -> "TensorVariable": ...

    def mean(
        self,
        input: object,
        axis: Any = ...,
        dtype: Any = ...,
        op: bool = ...,
        keepdims: bool = ...,
        acc_dtype: Any = ...,
    ) -> "TensorVariable": ...

    def min(self, x: object, axis: Any = ..., keepdims: bool = ...) -> "TensorVariable": ...

    def norm(
        self, x: object, ord: Any, axis: Any = ..., keepdims: bool = ...
    ) -> "TensorVariable": ...

    def prod(
        self,
        input: object,
        axis: Any = ...,
        dtype: Any = ...,
        keepdims: bool = ...,
        acc_dtype: Any = ...,
        no_zeros_in_input: bool = ...,
    ) -> "TensorVariable": ...

    def ptp(self, a: object, axis: Any = ...) -> "TensorVariable": ...

    def sort(
        self, a: object, axis: Any = ..., kind: str = ..., order: Any = ...
    ) -> "TensorVariable": ...

    def std(
        self,
        input: object,
        axis: Any = ...,
        ddof: int = ...,
        keepdims: bool = ...,
        corrected: bool = ...,
    ) -> "TensorVariable": ...

    def sum(
        self,
        input: object,
        axis: Any = ...,
        dtype: Any = ...,
        keepdims: bool = ...,
        acc_dtype: Any = ...,
    ) -> "TensorVariable": ...

    def var(
        self,
        input: object,
        axis: Any = ...,
        ddof: int = ...,
        keepdims: bool = ...,
        corrected: bool = ...,
    ) -> "TensorVariable": ...

    def diagonal(
        self, a: object, offset: Any = ..., axis1: int = ..., axis2: int = ...
    ) -> "TensorVariable": ...

    def trace(self, X: object) -> "TensorVariable": ...


class Parts(Protocol):
    """Reading and replacing parts of tensors."""

    def choose(
        self, a: object, choices: Any, out: None = ..., mode: str = ...
    ) -> "TensorVariable": ...

    def compress(
        self, condition: object, x: object, axis: int | None = ...
    ) -> "TensorVariable": ...

    def inc_subtensor(
        self,
        x: object,
        y: object,
        inplace: bool = ...,
        set_instead_of_inc: bool = ...,
        tolerate_inplace_aliasing: bool = ...,
        ignore_duplicates: bool = ...,
    ) -> "TensorVariable": ...

    def nonzero(self, a: object, return_matrix: bool = ...) -> Any: ...

    def nonzero_values(self, a: object) -> "TensorVariable": ...

    def searchsorted(
        self, x: object, v: object, side: str = ..., sorter: Any = ...
    ) -> "TensorVariable": ...

    def set_subtensor(
        self, x: object, y: object, inplace: bool = ..., tolerate_inplace_aliasing: bool = ...
    ) -> "TensorVariable": ...

    def subtensor(self, x: object, index: Any) -> "TensorVariable": ...

    def take(
        self, a: object, indices: Any, axis: int | None = ..., mode: str = ...
    ) -> "TensorVariable": ...


class Making(Protocol):
    """Variables made, converted and known."""

    lscalar: "TensorType"

    def cast(self, x: object, dtype: Any) -> "TensorVariable": ...

    def constant(
        self, x: object, name: str | None = ..., ndim: int | None = ..., dtype: Any = ...
    ) -> "TensorConstant": ...

    def zeros_like(self, model: object, dtype: Any = ..., opt: bool = ...) -> "TensorVariable": ...

    def ones_like(self, model: object, dtype: Any = ..., opt: bool = ...) -> "TensorVariable": ...

    def fill(self, a: object, b: object) -> "TensorVariable": ...

    def get_scalar_constant_value(
        self,
        orig_v: Any,
        elemwise: bool = ...,
        only_process_constants: bool = ...,
        max_recur: int = ...,
    ) -> NDArray[Any]: ...

    def get_vector_length(self, v: object) -> int: ...

    def known_element(self, x: "TensorVariable") -> "TensorVariable | None": ...

    def map_index(
        self, index: "TensorVariable", rows: Sequence[object], count: object
    ) -> "list[TensorVariable]": ...

    def tensor(
        self, dtype: Any, broadcastable: Any, name: str | None = ...
    ) -> "TensorVariable": ...


class TensorLanguage(Elementwise, Shapes, Reductions, Parts, Making, Protocol):
    """What the layers below the tensor language need of it."""


class NumpyUfuncs(Protocol):
    """NumPy's elementwise functions, of variables."""

    def apply(
        self, ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]
    ) -> Any: ...


class NumpyFunctions(Protocol):
    """NumPy's other functions, of variables."""

    def apply(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any: ...
