"""Functions of the entries: where there is no entry, there is none afterwards."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import lltheano.tensor as T
from lltheano.sparse.components import CSM, as_sparse, csm_data, csm_shape, like

__all__ = [
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "ceil",
    "conj",
    "deg2rad",
    "expm1",
    "floor",
    "log1p",
    "rad2deg",
    "rint",
    "sgn",
    "sin",
    "sinh",
    "sp_ones_like",
    "sp_zeros_like",
    "sqr",
    "sqrt",
    "structured_add",
    "structured_exp",
    "structured_log",
    "structured_maximum",
    "structured_minimum",
    "structured_monoid",
    "structured_pow",
    "structured_sigmoid",
    "tan",
    "tanh",
    "trunc",
]

Monoid = Callable[..., Any]


def structured_monoid(tensor_op: Callable[..., Any]) -> Callable[[Monoid], Monoid]:
    """Decorate a function that names what an elementwise function does to the entries.

    The function that it becomes takes a sparse matrix, and tensors without axes for what else
    `tensor_op` takes. The decorated one is never called.

    >>> import scipy.sparse as sp
    >>> @structured_monoid(T.cos)
    ... def structured_cos(x):
    ...     '''The cosines of the entries.'''
    >>> structured_cos(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.878])
    """

    def decorate(function: Monoid) -> Monoid:
        @wraps(function)
        def apply(x: Any, *others: Any) -> Any:
            x = as_sparse(x)
            return like(x, tensor_op(csm_data(x), *others))

        return apply

    return decorate


@structured_monoid(T.nnet.sigmoid)
def structured_sigmoid(x: Any) -> Any:
    """Return the sigmoids of the entries.

    >>> import scipy.sparse as sp
    >>> structured_sigmoid(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.622])
    """


@structured_monoid(T.exp)
def structured_exp(x: Any) -> Any:
    """Return the exponentials of the entries.

    >>> import scipy.sparse as sp
    >>> structured_exp(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([1.649])
    """


@structured_monoid(T.log)
def structured_log(x: Any) -> Any:
    """Return the logarithms of the entries.

    >>> import scipy.sparse as sp
    >>> structured_log(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([-0.693])
    """


@structured_monoid(T.pow)
def structured_pow(x: Any, y: Any) -> Any:
    """Return the entries to the power `y`.

    >>> import scipy.sparse as sp
    >>> structured_pow(sp.csr_matrix([[0.0, 0.5]]), 2.0).eval().data
    array([0.25])
    """


@structured_monoid(T.minimum)
def structured_minimum(x: Any, y: Any) -> Any:
    """Return the lesser of each entry and `y`.

    >>> import scipy.sparse as sp
    >>> structured_minimum(sp.csr_matrix([[0.0, 0.5]]), 0.25).eval().data
    array([0.25])
    """


@structured_monoid(T.maximum)
def structured_maximum(x: Any, y: Any) -> Any:
    """Return the greater of each entry and `y`.

    >>> import scipy.sparse as sp
    >>> structured_maximum(sp.csr_matrix([[0.0, 0.5]]), 0.75).eval().data
    array([0.75])
    """


@structured_monoid(T.add)
def structured_add(x: Any, *others: Any) -> Any:
    """Return the entries plus `others`.

    >>> import scipy.sparse as sp
    >>> structured_add(sp.csr_matrix([[0.0, 0.5]]), 1.0).eval().data
    array([1.5])
    """


@structured_monoid(T.sin)
def sin(x: Any) -> Any:
    """Return the sines of the elements.

    >>> import scipy.sparse as sp
    >>> sin(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.479])
    """


@structured_monoid(T.arcsin)
def arcsin(x: Any) -> Any:
    """Return the arc sines of the elements.

    >>> import scipy.sparse as sp
    >>> arcsin(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.524])
    """


@structured_monoid(T.tan)
def tan(x: Any) -> Any:
    """Return the tangents of the elements.

    >>> import scipy.sparse as sp
    >>> tan(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.546])
    """


@structured_monoid(T.arctan)
def arctan(x: Any) -> Any:
    """Return the arc tangents of the elements.

    >>> import scipy.sparse as sp
    >>> arctan(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.464])
    """


@structured_monoid(T.sinh)
def sinh(x: Any) -> Any:
    """Return the hyperbolic sines of the elements.

    >>> import scipy.sparse as sp
    >>> sinh(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.521])
    """


@structured_monoid(T.arcsinh)
def arcsinh(x: Any) -> Any:
    """Return the inverse hyperbolic sines of the elements.

    >>> import scipy.sparse as sp
    >>> arcsinh(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.481])
    """


@structured_monoid(T.tanh)
def tanh(x: Any) -> Any:
    """Return the hyperbolic tangents of the elements.

    >>> import scipy.sparse as sp
    >>> tanh(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.462])
    """


@structured_monoid(T.arctanh)
def arctanh(x: Any) -> Any:
    """Return the inverse hyperbolic tangents of the elements.

    >>> import scipy.sparse as sp
    >>> arctanh(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.549])
    """


@structured_monoid(T.round_half_to_even)
def rint(x: Any) -> Any:
    """Return the elements rounded to whole numbers, halves to even ones.

    >>> import scipy.sparse as sp
    >>> rint(sp.csr_matrix([[0.0, 1.5]])).eval().data
    array([2.])
    """


@structured_monoid(T.sgn)
def sgn(x: Any) -> Any:
    """Return the signs of the elements.

    >>> import scipy.sparse as sp
    >>> sgn(sp.csr_matrix([[0.0, -0.5]])).eval().data
    array([-1.])
    """


@structured_monoid(T.ceil)
def ceil(x: Any) -> Any:
    """Return the elements rounded up.

    >>> import scipy.sparse as sp
    >>> ceil(sp.csr_matrix([[0.0, 1.5]])).eval().data
    array([2.])
    """


@structured_monoid(T.floor)
def floor(x: Any) -> Any:
    """Return the elements rounded down.

    >>> import scipy.sparse as sp
    >>> floor(sp.csr_matrix([[0.0, 1.5]])).eval().data
    array([1.])
    """


@structured_monoid(T.log1p)
def log1p(x: Any) -> Any:
    """Return log(1 + x) of the elements.

    >>> import scipy.sparse as sp
    >>> log1p(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.405])
    """


@structured_monoid(T.expm1)
def expm1(x: Any) -> Any:
    """Return exp(x) - 1 of the elements.

    >>> import scipy.sparse as sp
    >>> expm1(sp.csr_matrix([[0.0, 0.5]])).eval().data.round(3)
    array([0.649])
    """


@structured_monoid(T.deg2rad)
def deg2rad(x: Any) -> Any:
    """Return the elements, which are degrees, in radians.

    >>> import scipy.sparse as sp
    >>> deg2rad(sp.csr_matrix([[0.0, 180.0]])).eval().data.round(3)
    array([3.142])
    """


@structured_monoid(T.rad2deg)
def rad2deg(x: Any) -> Any:
    """Return the elements, which are radians, in degrees.

    >>> import scipy.sparse as sp
    >>> rad2deg(sp.csr_matrix([[0.0, 1.0]])).eval().data.round(3)
    array([57.296])
    """


@structured_monoid(T.trunc)
def trunc(x: Any) -> Any:
    """Return the elements rounded towards 0.

    >>> import scipy.sparse as sp
    >>> trunc(sp.csr_matrix([[0.0, -1.5]])).eval().data
    array([-1.])
    """


@structured_monoid(T.sqr)
def sqr(x: Any) -> Any:
    """Return the squares of the elements.

    >>> import scipy.sparse as sp
    >>> sqr(sp.csr_matrix([[0.0, 3.0]])).eval().data
    array([9.])
    """


@structured_monoid(T.sqrt)
def sqrt(x: Any) -> Any:
    """Return the square roots of the elements.

    >>> import scipy.sparse as sp
    >>> sqrt(sp.csr_matrix([[0.0, 9.0]])).eval().data
    array([3.])
    """


@structured_monoid(T.conj)
def conj(x: Any) -> Any:
    """Return the conjugates of the elements.

    >>> import scipy.sparse as sp
    >>> conj(sp.csr_matrix([[0.0, 1j]])).eval().data
    array([0.-1.j])
    """


@structured_monoid(T.ones_like)
def sp_ones_like(x: Any) -> Any:
    """Return a matrix with ones for entries.

    >>> import scipy.sparse as sp
    >>> sp_ones_like(sp.csr_matrix([[0.0, 0.5]])).eval().data
    array([1.])
    """


def sp_zeros_like(x: Any) -> Any:
    """Return a matrix of the same shape, format and dtype without entries.

    >>> import scipy.sparse as sp
    >>> sp_zeros_like(sp.eye(2, format="csr")).eval().nnz
    0
    """
    x = as_sparse(x)
    shape = csm_shape(x)
    lines = shape[1] if x.format == "csc" else shape[0]
    empty = CSM(x.format, trusted=True, ordered=True)
    none = T.zeros((0,), "int32")
    return empty(T.zeros((0,), x.dtype), none, T.zeros((lines + 1,), "int32"), shape)
