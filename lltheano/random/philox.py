"""Random words: the op `RandomWords`, a counter-based generator.

Philox 4x32 with 10 rounds turns a key of 64 bits and a counter of 128 bits into four words of 32
bits. Every block of words is computed from its own counter, so all can be at once, in vectors, and
nothing depends on how the work is divided.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, Parallel random numbers: as easy as
1, 2, 3, Proceedings of SC11, 2011; its published vectors are in the tests.

A state is a vector of three 64-bit words: the key, and the lower and the upper half of the counter
of the next block. Draws advance the lower half by the blocks that they took. Where a draw needs
more numbers than it can tell beforehand, as when it rejects some, it takes them from *substreams*,
which differ in the upper half of the counter, and never meet another draw's.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.gradient.engine import zeros_of
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["BLOCK", "STATE", "RandomWords", "random_words"]

BLOCK = 4
"""The words that one counter gives."""

STATE = TensorType("uint64", (False,))
"""The type of states."""

_ROUNDS = 10
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_LOW = 0xFFFFFFFF

Words = tuple[Value, Value, Value, Value]


@record(frozen=True)
class RandomWords(Op):
    """Draw blocks of words.

    Operands: a state; how many blocks, an integer; the number of a substream, 0 for the draw
    itself. Results: the state after the draw, and the words, `uint32[4, blocks]`, a column a block.
    """

    def make_node(self, state: Any, blocks: Any, substream: Any = 0) -> Apply:
        """TypeError for what is no state, and for counts that are no integers."""
        state = as_tensor_variable(state)
        if state.type != STATE:
            raise TypeError(
                f"the state of a random stream is {STATE!r}, got {state.describe()}; make one with"
                " RandomStreams"
            )
        numbers = [as_tensor_variable(one).astype("int64") for one in (blocks, substream)]
        for number in numbers:
            if number.ndim:
                raise TypeError(f"{self} takes integer scalars, got {number.describe()}")
        words = TensorType("uint32", (False, False))
        return Apply(self, [state, *numbers], [STATE(), words()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Words are integers: there is nothing to go back through."""
        return [zeros_of(inputs[0]), disconnected(), disconnected()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Nothing that is drawn varies with a state, as far as gradients go."""
        return [[False, False] for _ in node.inputs]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The rounds, as elementwise work on all counters."""
        state, blocks, substream = inputs
        key, low, high = (builder.index(state, builder.integer(i), 0) for i in range(3))
        last = builder.elementwise("add", low, builder.cast(blocks, "u64"))
        following = builder.concatenate([_vector(builder, one) for one in (key, last, high)], 0)
        offsets = builder.cast(builder.iota(blocks), "u64")
        counters = builder.elementwise("add", offsets, _vector(builder, low))
        upper = builder.elementwise("add", high, builder.cast(substream, "u64"))
        words = philox(builder, _vector(builder, key), counters, _vector(builder, upper))
        rows = [builder.dimshuffle(builder.cast(word, "u32"), (None, 0)) for word in words]
        return [following, builder.concatenate(rows, 0)]


def random_words(state: Any, blocks: Any, substream: Any = 0) -> tuple[Any, Any]:
    """Return the state after a draw of so many blocks, and the words."""
    following, words = RandomWords()(state, blocks, substream)
    return following, words


def philox(builder: Builder, key: Value, low: Value, high: Value) -> Words:
    """The four words, u64[?] each, of a key (u64[1]) and of counters with these lower and upper
    halves (u64[?] and u64[1]).
    """

    def op(name: str, x: Value, y: Value) -> Value:
        return builder.elementwise(name, x, y)

    def number(value: int) -> Value:
        return builder.constant(np.array([value], np.uint64), (True,))

    def upper(x: Value) -> Value:
        return op("shr", x, number(32))

    def lower(x: Value) -> Value:
        return op("and", x, number(_LOW))

    keys = [lower(key), upper(key)]
    words = [lower(low), upper(low), lower(high), upper(high)]
    for round_ in range(_ROUNDS):
        step = [
            lower(op("add", one, number(round_ * bump & _LOW)))
            for one, bump in zip(keys, _KEY_STEPS, strict=True)
        ]
        first, second = (
            op("mul", word, number(multiplier))
            for word, multiplier in zip((words[0], words[2]), _MULTIPLIERS, strict=True)
        )
        words = [
            op("xor", op("xor", upper(second), words[1]), step[0]),
            lower(second),
            op("xor", op("xor", upper(first), words[3]), step[1]),
            lower(first),
        ]
    return words[0], words[1], words[2], words[3]


def _vector(builder: Builder, x: Value) -> Value:
    return builder.dimshuffle(x, (None,))
