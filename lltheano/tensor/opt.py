"""Names that Theano keeps in `theano.tensor.opt`."""

from lltheano.tensor.assertion import Assert, assert_op
from lltheano.tensor.indexing.known_values import get_scalar_constant_value

__all__ = ["Assert", "assert_op", "get_scalar_constant_value"]
