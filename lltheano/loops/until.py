"""`until`: what a step returns to end the loop."""

from typing import Any

from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["until"]


class until:  # noqa: N801 - Theano's name
    """The condition that ends a scan after the step that returns it.

    The values of the step for which it holds are the last. A step returns it as the last of what it
    returns. TypeError for a condition that is no scalar.

    >>> import lltheano.tensor as T
    >>> from lltheano.loops import scan
    >>> most = T.dscalar("most")
    >>> powers, _ = scan(lambda p: (2 * p, until(2 * p > most)), outputs_info=1.0, n_steps=1000)
    >>> powers.eval({most: 9.0}).tolist()
    [2.0, 4.0, 8.0, 16.0]
    """

    def __init__(self, condition: Any) -> None:
        self.condition: TensorVariable = as_tensor_variable(condition)
        if self.condition.ndim != 0:
            raise TypeError(
                f"until takes a scalar condition, got {self.condition.describe()}; combine its"
                " elements with .all() or .any()"
            )
