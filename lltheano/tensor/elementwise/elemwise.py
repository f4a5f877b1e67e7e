"""`Elemwise`: what elementwise ops are called in Theano's programs."""

from abc import ABC
from typing import Any

from lltheano.tensor.elementwise.comparison import Cast
from lltheano.tensor.elementwise.op import Elementwise

__all__ = ["Elemwise"]


class Elemwise(ABC):
    """The class of every op that acts on each element alone, and the way to one from a scalar op.

    `isinstance(op, Elemwise)` holds for `T.exp`, `T.add` and their like; their `scalar_op` is what
    they do to numbers. `Elemwise(scalar_op)` is the op that does it to each element; TypeError when
    `scalar_op` is not one of `lltheano.scalar`. What is done in place, in how many threads and by
    which NumPy function is the compiler's decision: `inplace_pattern`, `nfunc_spec` and `openmp`
    are accepted and change nothing, and neither does `name`.

    >>> import lltheano.tensor as T
    >>> from lltheano import scalar
    >>> node = T.exp(T.dvector("x")).owner
    >>> isinstance(node.op, Elemwise), node.op.scalar_op
    (True, exp)
    >>> Elemwise(scalar.mul)([1, 2], [10, 100]).eval()
    array([ 10, 200])
    """

    scalar_op: Any

    def __new__(
        cls,
        scalar_op: Any,
        inplace_pattern: Any = None,
        name: str | None = None,
        nfunc_spec: Any = None,
        openmp: bool | None = None,
    ) -> Any:
        """Return the elementwise op of `scalar_op`."""
        result = getattr(scalar_op, "elementwise", None)
        if result is None:
            raise TypeError(
                f"Elemwise needs an op of lltheano.scalar, got {scalar_op!r:.80}; for a Python"
                " function write a subclass of lltheano.scalar.ScalarOp with the function as impl"
            )
        return result


Elemwise.register(Elementwise)
Elemwise.register(Cast)
