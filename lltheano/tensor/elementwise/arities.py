"""Elementwise ops by what they take: what a type checker, or an editor, knows of a call.

At run time the classes are `Elementwise`, whose call checks the operands and takes them by name.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lltheano.graph.core import Variable
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["Binary", "Clip", "Switch", "TensorLike", "Unary", "Variadic"]

TensorLike = Variable | NDArray[Any] | np.generic | complex | list[Any] | tuple[Any, ...]
"""What `as_tensor_variable` takes: variables, arrays, numbers, and lists of these, nested or not.

A sequence in general is not among them, since a string is one.
"""


class Unary(Elementwise):
    """An elementwise op of one operand."""

    if TYPE_CHECKING:

        def __call__(self, a: TensorLike, /) -> TensorVariable:
            """Return the result of applying the op."""
            ...


class Binary(Elementwise):
    """An elementwise op of two operands."""

    if TYPE_CHECKING:

        def __call__(self, a: TensorLike, b: TensorLike, /) -> TensorVariable:
            """Return the result of applying the op."""
            ...


class Variadic(Elementwise):
    """An elementwise op of two operands or more."""

    if TYPE_CHECKING:

        def __call__(self, a: TensorLike, /, *others: TensorLike) -> TensorVariable:
            """Return the result of applying the op."""
            ...


class Clip(Elementwise):
    """`clip`, whose bounds may be given by name."""

    if TYPE_CHECKING:

        def __call__(
            self,
            x: TensorLike,
            min: TensorLike,  # noqa: A002 - Theano's name
            max: TensorLike,  # noqa: A002 - Theano's name
        ) -> TensorVariable:
            """Return the result of applying the op."""
            ...


class Switch(Elementwise):
    """`switch`, whose operands may be given by name."""

    if TYPE_CHECKING:

        def __call__(self, cond: TensorLike, ift: TensorLike, iff: TensorLike) -> TensorVariable:
            """Return the result of applying the op."""
            ...
