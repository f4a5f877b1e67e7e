"""States of random streams as values: what programs seed, copy, and look at."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lltheano.random.philox import STATE
from lltheano.shared import TensorSharedVariable

__all__ = ["RandomState", "RandomStateSharedVariable", "as_words", "derived_key"]


def derived_key(*seeds: Any) -> int:
    """Return a key of 64 bits from seeds, integers or sequences of them, by NumPy's SeedSequence.

    Keys from different seeds are as good as independent.

    >>> derived_key(1) == derived_key(1), derived_key(1) == derived_key(2)
    (True, False)
    """
    entropy = [int(one) % (1 << 64) for seed in seeds for one in np.ravel(seed)]
    (key,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return int(key)


class RandomState:
    """The state of a stream: a key, and the counter of the next block.

    It is what `get_value` of a stream's state returns, and what `set_value` takes.

    >>> state = RandomState(7)
    >>> state == RandomState(7), state == RandomState(8)
    (True, False)
    """

    def __init__(self, seed: Any = None) -> None:
        self.words: NDArray[np.uint64] = np.zeros(3, np.uint64)
        self.seed(seed)

    def seed(self, seed: Any = None) -> None:
        """Begin anew with the key of a seed: an integer or a sequence of them; None is chance."""
        if seed is None:
            seed = np.random.SeedSequence().generate_state(4)
        self.words[:] = (derived_key(seed), 0, 0)

    def get_state(self) -> tuple[str, NDArray[np.uint64]]:
        """Return the name of the generator, and key and counter."""
        return "Philox4x32-10", self.words.copy()

    def set_state(self, state: Any) -> None:
        """Take what `get_state` returned."""
        name, words = state
        if name != "Philox4x32-10":
            raise ValueError(f"the state of another generator, {name!r}, means nothing to this one")
        self.words = np.asarray(words, np.uint64).reshape(3).copy()

    @classmethod
    def of_words(cls, words: Any) -> Self:
        """Return the state that consists of these words."""
        made = cls(0)
        made.set_state(("Philox4x32-10", words))
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RandomState) and bool((self.words == other.words).all())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        key, low, high = (int(one) for one in self.words)
        return f"RandomState(key={key:#018x}, counter={high << 64 | low})"


def as_words(value: Any) -> NDArray[np.uint64]:
    """Return key and counter of whatever stands for a state.

    That is a `RandomState`, its words, a seed, or one of NumPy's generators, of which a seed is
    drawn from a copy. TypeError for anything else.
    """
    if isinstance(value, RandomState):
        return value.words
    if isinstance(value, np.random.RandomState):
        copy = np.random.RandomState()
        copy.set_state(value.get_state())
        return RandomState(copy.randint(0, 1 << 32, 4, np.uint64)).words
    if isinstance(value, np.random.Generator):
        name, state = value.bit_generator.state["bit_generator"], value.bit_generator.state
        return RandomState([*name.encode(), *str(state).encode()]).words
    if isinstance(value, np.ndarray) and value.dtype == np.uint64 and value.shape == (3,):
        return value
    if isinstance(value, int | np.integer):
        return RandomState(int(value)).words
    raise TypeError(
        f"a random state is a RandomState, a seed, or a generator of NumPy's, got {value!r:.80}"
    )


class RandomStateSharedVariable(TensorSharedVariable):
    """The state of a random stream, which every draw of a function moves on.

    >>> from lltheano.random import RandomStreams
    >>> u = RandomStreams(1).uniform((2,))
    >>> u.rng.get_value() == u.rng.get_value()
    True
    """

    def __init__(
        self,
        name: str | None,
        type: Any,  # noqa: A002 - Theano's parameter
        value: Any,
        strict: bool = False,
        allow_downcast: bool | None = None,
        container: Any = None,
    ) -> None:
        words = None if container is not None else as_words(value)
        super().__init__(name, type or STATE, words, strict, allow_downcast, container)

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """Return the state, as a `RandomState` of the caller's own."""
        return RandomState.of_words(super().get_value())

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Take a `RandomState`, a seed, or a generator of NumPy's, of which a seed is made."""
        super().set_value(as_words(new_value))
