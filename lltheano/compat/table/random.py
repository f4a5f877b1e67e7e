"""Where Theano's names of random numbers are."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["RANDOM"]

_ALGEBRA = (
    "the generator is counter-based (Philox), and has no matrices; states are advanced by what is"
    " drawn"
)
_NO_INPLACE = "states are updated in place by the compiler, where that can be"

RANDOM: tuple[Row, ...] = (
    serve("theano.tensor.shared_randomstreams", "lltheano.random.streams"),
    serve("theano.tensor.shared_randomstreams", "lltheano.random.state"),
    serve("theano.tensor.shared_randomstreams", "lltheano.shared", "shared shared_constructor"),
    serve("theano.tensor.raw_random", "lltheano.random.raw"),
    serve(
        "theano.tensor.raw_random",
        "lltheano.compat.tensor.random_names",
        "_infer_ndim_bcast=infer_ndim_bcast",
    ),
    serve(
        "theano.tensor.shared_randomstreams",
        "lltheano.compat.tensor.random_names",
        "randomstate_constructor",
    ),
    gone(
        "theano.tensor.raw_random",
        "choice_helper multinomial_helper permutation_helper random_integers_helper",
        "what is drawn is compiled code; call the distribution itself",
    ),
    gone("theano.tensor.raw_random", "optdb random_make_inplace", _NO_INPLACE),
    serve("theano.sandbox.rng_mrg", "lltheano.random.mrg"),
    serve("theano.sandbox.rng_mrg", "lltheano", "function"),
    serve("theano.sandbox.rng_mrg", "lltheano.tensor", "cast get_vector_length"),
    serve("theano.sandbox.rng_mrg", "lltheano.gradient", "undefined_grad"),
    gone(
        "theano.sandbox.rng_mrg",
        "DotModulo multMatVect matVecModM mrg_next_value ff_2p72 ff_2p134",
        _ALGEBRA,
    ),
    gone("theano.sandbox.rng_mrg", "mrg_random_make_inplace", _NO_INPLACE),
)
