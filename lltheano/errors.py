"""The one module of errors: every exception class that LLTheano defines.

Each also derives from the builtin exception that a caller would expect, so `except TypeError`
keeps working. A message says what was got, what was wanted, which of the user's variables it
concerns (with the source line that made it), and what to do.
"""

from collections.abc import Sequence

__all__ = [
    "AlreadyThere",
    "ArgumentError",
    "AsTensorError",
    "BadDestroyMap",
    "BadViewMap",
    "ComplexError",
    "ConfigError",
    "CyclicGraphError",
    "DebugModeError",
    "DefaultOutputError",
    "DisconnectedInputError",
    "EmptyConstantError",
    "GradientError",
    "InconsistencyError",
    "InvalidValueError",
    "LLTheanoError",
    "LoweringError",
    "MethodNotDefined",
    "MissingInputError",
    "MissingTestValueError",
    "NotScalarConstantError",
    "NullTypeGradError",
    "ShapeError",
    "UnsupportedArgumentError",
    "UnusedInputError",
]


class LLTheanoError(Exception):
    """The base of all exceptions that LLTheano defines."""


class AlreadyThere(LLTheanoError, RuntimeError):  # noqa: N818 - Theano's name
    """A feature finds that what it does for a graph is done already."""


class ArgumentError(LLTheanoError, TypeError, ValueError):
    """An argument has the wrong number of axes or the wrong dtype: for Theano the type is wrong,
    for NumPy, or the other way round, the value.
    """


class AsTensorError(LLTheanoError, TypeError):
    """A value cannot be used as a tensor."""


class ComplexError(LLTheanoError, TypeError, NotImplementedError):
    """A complex number was given to an op that is defined for real ones only."""


class ConfigError(LLTheanoError, ValueError):
    """A configuration flag is unknown, or was given a value that it does not take."""


class CyclicGraphError(LLTheanoError, ValueError):
    """Replacements lead back to themselves, so that there is no order of evaluation."""


class DebugModeError(LLTheanoError, AssertionError):
    """Compiled code gave another result than the reference, in a function made with DebugMode."""


class DefaultOutputError(LLTheanoError, AttributeError, ValueError):
    """An application does not say which of its outputs it stands for."""


class InvalidValueError(DebugModeError):
    """A value is not one of its variable's, such as a NaN where DebugMode wants finite ones."""


class BadViewMap(DebugModeError):  # noqa: N818 - Theano's name
    """An op gave memory of an input, or of another output, without saying so in `view_map`."""


class BadDestroyMap(DebugModeError):  # noqa: N818 - Theano's name
    """An op wrote to an input without saying so in `destroy_map`."""


class DisconnectedInputError(LLTheanoError, ValueError):
    """A gradient was asked for with respect to a variable that the cost does not depend on."""


class GradientError(LLTheanoError, AssertionError):
    """A symbolic gradient differs from the numeric one.

    Attributes
    ----------
    arg
        Which argument the gradient is with respect to.
    err_pos, shape
        The place of the worst element, counted in row-major order, and the argument's shape.
    val1, val2
        What the symbolic gradient is there, and what the numeric one.
    abs_err, rel_err, abs_tol, rel_tol
        By how much they differ, and by how much they may.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - Theano's signature
        self,
        arg: int,
        err_pos: int,
        shape: Sequence[int],
        val1: float,
        val2: float,
        abs_err: float,
        rel_err: float,
        abs_tol: float,
        rel_tol: float,
    ) -> None:
        self.arg, self.err_pos, self.shape = arg, err_pos, tuple(shape)
        self.val1, self.val2 = val1, val2
        self.abs_err, self.rel_err = abs_err, rel_err
        self.abs_tol, self.rel_tol = abs_tol, rel_tol
        super().__init__(arg, err_pos, shape, val1, val2, abs_err, rel_err, abs_tol, rel_tol)

    def __str__(self) -> str:
        index, rest = [], self.err_pos
        for size in reversed(self.shape):
            index.append(rest % size)
            rest //= size
        return (
            f"the gradient with respect to input {self.arg} is {self.val1} at"
            f" {tuple(reversed(index))}, by differences {self.val2}; they differ by"
            f" {self.abs_err:.3g}, relatively {self.rel_err:.3g}, more than"
            f" abs_tol={self.abs_tol} and rel_tol={self.rel_tol} allow"
        )


class InconsistencyError(LLTheanoError, ValueError):
    """A graph, after a change, does not fit together as a feature of it demands."""


class LoweringError(LLTheanoError, TypeError):
    """An op of the graph has no meaning in the compiler's IR."""


class MethodNotDefined(LLTheanoError, NotImplementedError):  # noqa: N818 - Theano's name
    """An op does not define the method that was needed."""


class MissingInputError(LLTheanoError, ValueError):
    """A graph depends on a variable that is neither given as an input nor shared nor constant."""


class MissingTestValueError(LLTheanoError, AttributeError, ValueError):
    """A test value was asked for of a variable that has none; see `config.compute_test_value`."""


class NotScalarConstantError(LLTheanoError, ValueError):
    """A variable has no value that is known while the graph is built."""


class EmptyConstantError(NotScalarConstantError):
    """A constant has no elements, so it has no value that all of them have."""


class NullTypeGradError(LLTheanoError, TypeError):
    """A gradient passes through an op that has none."""


class ShapeError(LLTheanoError):
    """The sizes of an op's outputs are not known before it is computed; `infer_shape` raises it."""


class UnsupportedArgumentError(ArgumentError, NotImplementedError):
    """An argument has a number of axes for which there is no such function."""


class UnusedInputError(LLTheanoError, ValueError):
    """An input of a function is not needed to compute any of its results."""
