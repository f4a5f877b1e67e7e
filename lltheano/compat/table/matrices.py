"""Where Theano's names of sparse matrices are."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["MATRICES"]

_CONVOLUTIONS = "convolutions are dense; use lltheano.tensor.nnet.conv2d and signal.pool.pool_2d"
_REWRITES = "the compiler's own passes do this; there is nothing to register"

MATRICES: tuple[Row, ...] = (
    serve("theano.sparse", "lltheano.sparse"),
    serve("theano.sparse.basic", "lltheano.sparse"),
    serve("theano.sparse.basic", "lltheano.sparse.op", "_is_sparse=is_sparse"),
    serve(
        "theano.sparse.basic",
        "lltheano.sparse.op",
        "_is_sparse_variable=is_sparse",
    ),
    serve("theano.sparse.type", "lltheano.sparse", "SparseType"),
    serve("theano.sparse.sharedvar", "lltheano.sparse", "SparseType SparseVariable"),
    serve(
        "theano.sparse.sharedvar",
        "lltheano.sparse",
        "SparseTensorSharedVariable=SparseSharedVariable sparse_constructor=shared",
    ),
    serve("theano.sparse.sandbox.sp2", "lltheano.sparse.sampling"),
    gone("theano.sparse.sandbox.sp", "ConvolutionIndices convolve max_pool", _CONVOLUTIONS),
    gone("theano.sparse.opt", "", _REWRITES),
)
