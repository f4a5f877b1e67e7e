"""Random sparse matrices: Theano's experimental ops of `theano.sparse.sandbox.sp2`.

Each use draws from a stream of its own, which every call of a function advances. Its seed is taken
from NumPy's global generator, so that `numpy.random.seed` makes a program repeat itself.
"""

from typing import Any

import numpy as np

from lltheano.random import RandomStreams
from lltheano.sparse.components import as_sparse, csm_data, like
from lltheano.sparse.conversion import csc_from_dense, csr_from_dense, dense_from_sparse
from lltheano.sparse.entries import columns_of, rows_of
from lltheano.sparse.products import SamplingDot, sampling_dot
from lltheano.sparse.variables import SparseType
from lltheano.tensor.variables.convert import as_tensor_variable

__all__ = [
    "Binomial",
    "Multinomial",
    "Poisson",
    "SamplingDot",
    "csc_dbinomial",
    "csc_fbinomial",
    "csr_dbinomial",
    "csr_fbinomial",
    "multinomial",
    "poisson",
    "sampling_dot",
]


def _streams() -> RandomStreams:
    return RandomStreams(int(np.random.randint(2**31 - 1)))  # noqa: NPY002 - as programs seed it


class Poisson:
    """A sparse matrix of counts, of which the entries of another are the expected values.

    >>> import scipy.sparse as sp
    >>> Poisson()(sp.eye(2, format="csr")).type
    SparseType(csr, float64)
    """

    def __call__(self, x: Any) -> Any:
        """Draw a count for each entry."""
        x = as_sparse(x)
        rates = csm_data(x)
        return like(x, _streams().poisson(lam=rates).astype(x.dtype))


poisson = Poisson()


class Binomial:
    """A sparse matrix of how many of `n` trials succeed, each with probability `p`.

    Parameters
    ----------
    format
        "csr" or "csc".
    dtype
        The dtype of the counts.

    Examples
    --------
    >>> Binomial("csr", "float64")(3, 0.5, (2, 2)).type
    SparseType(csr, float64)
    """

    def __init__(self, format: str, dtype: Any) -> None:  # noqa: A002 - Theano's parameter
        kind = SparseType(format, dtype)
        self.format, self.dtype = kind.format, kind.dtype

    def __call__(self, n: Any, p: Any, shape: Any) -> Any:
        """Draw a matrix of a shape; TypeError for numbers of trials that are no integers."""
        size = as_tensor_variable(shape)
        drawn = _streams().binomial((size[0], size[1]), n=n, p=p, dtype=self.dtype)
        return (csc_from_dense if self.format == "csc" else csr_from_dense)(drawn)


csr_fbinomial, csc_fbinomial = Binomial("csr", "float32"), Binomial("csc", "float32")
csr_dbinomial, csc_dbinomial = Binomial("csr", "float64"), Binomial("csc", "float64")


class Multinomial:
    """How often each outcome occurs, the probabilities of which are the rows of a sparse matrix.

    >>> import scipy.sparse as sp
    >>> Multinomial()(5, sp.csr_matrix([[0.0, 1.0]])).eval().toarray()
    array([[0., 5.]])
    """

    def __call__(self, n: Any, p: Any) -> Any:
        """Draw the counts of `n` trials, a number or one for each row."""
        p = as_sparse(p)
        counts = _streams().multinomial(n=n, pvals=dense_from_sparse(p))
        return like(p, counts[rows_of(p), columns_of(p)].astype(p.dtype))


multinomial = Multinomial()
