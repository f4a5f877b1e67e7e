"""The functions of `theano.tensor.raw_random`: they take a state and return (new state, drawn)."""

from collections.abc import Callable
from typing import Any

from lltheano.graph.core import Variable
from lltheano.random.counts import binomial, poisson
from lltheano.random.discrete import (
    choice,
    multinomial,
    permutation,
    shuffle_row_elements,
)
from lltheano.random.distributions import normal, random_integers, uniform
from lltheano.random.philox import STATE
from lltheano.random.state import as_words
from lltheano.random.streams import RandomStreamsBase
from lltheano.tensor.variables.variable import TensorType

__all__ = [
    "RandomFunction",
    "RandomStateType",
    "RandomStreamsBase",
    "binomial",
    "choice",
    "multinomial",
    "normal",
    "permutation",
    "poisson",
    "random_integers",
    "random_state_type",
    "shuffle_row_elements",
    "uniform",
]


class RandomStateType(TensorType):
    """The type of states, whose values may be given as NumPy's generators and as seeds too.

    >>> from lltheano import function
    >>> state = RandomStateType()("state")
    >>> _, u = uniform(state, (2,))
    >>> f = function([state], u)
    >>> bool((f(7) == f(7)).all())
    True
    """

    def __init__(self) -> None:
        super().__init__(STATE.dtype, STATE.broadcastable)

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return key and counter of whatever stands for a state; TypeError for anything else."""
        return as_words(data)

    def __eq__(self, other: object) -> bool:
        return other == STATE

    def __hash__(self) -> int:
        return hash(STATE)

    def __repr__(self) -> str:
        return "RandomStateType"


def random_state_type(name: str | None = None) -> Variable:
    """Return a variable that stands for a state.

    >>> random_state_type("state").type
    TensorType(uint64, vector)
    """
    return STATE(name)


_BY_NAME: dict[str, Callable[..., Any]] = {
    "uniform": uniform,
    "normal": normal,
    "binomial": binomial,
    "random_integers": random_integers,
    "poisson": poisson,
    "permutation": permutation,
    "multinomial": multinomial,
    "choice": choice,
}


class RandomFunction:
    """A distribution by its name, as programs of Theano's made ops of NumPy's methods.

    Calling it with a state, a size and the distribution's parameters returns (new state, drawn).
    ValueError for a distribution that is not here.

    Parameters
    ----------
    fn
        The name.
    outtype
        The type of what is drawn, whose dtype and rank hold.
    inplace, ndim_added
        Theano's; they have no meaning here.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> draw = RandomFunction("uniform", T.fvector)
    >>> draw(random_state_type(), (3,), 0.0, 1.0)[1].type
    TensorType(float32, vector)
    """

    def __init__(
        self, fn: str, outtype: TensorType, inplace: bool = False, ndim_added: int = 0
    ) -> None:
        if fn not in _BY_NAME:
            raise ValueError(f"RandomFunction knows {', '.join(_BY_NAME)}, got {fn!r}")
        self.fn, self.outtype = fn, outtype

    def __call__(self, random_state: Any, size: Any = None, *parameters: Any) -> Any:
        """Draw."""
        draw, kind = _BY_NAME[self.fn], self.outtype
        ndim = kind.ndim - (self.fn in ("permutation", "multinomial"))
        return draw(random_state, size, *parameters, ndim=ndim, dtype=kind.dtype)
