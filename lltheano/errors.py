"""The one module of errors: every exception class that LLTheano defines.

Each also derives from the builtin exception that a caller would expect, so `except TypeError`
keeps working. A message says what was got, what was wanted, which of the user's variables it
concerns (with the source line that made it), and what to do.
"""

__all__ = [
    "AsTensorError",
    "ConfigError",
    "CyclicGraphError",
    "DisconnectedInputError",
    "GradientError",
    "LLTheanoError",
    "LoweringError",
    "MethodNotDefined",
    "MissingInputError",
    "NotScalarConstantError",
    "NullTypeGradError",
    "UnusedInputError",
]


class LLTheanoError(Exception):
    """The base of all exceptions that LLTheano defines."""


class AsTensorError(LLTheanoError, TypeError):
    """A value cannot be used as a tensor."""


class ConfigError(LLTheanoError, ValueError):
    """A configuration flag is unknown, or was given a value that it does not take."""


class CyclicGraphError(LLTheanoError, ValueError):
    """Replacements lead back to themselves, so that there is no order of evaluation."""


class DisconnectedInputError(LLTheanoError, ValueError):
    """A gradient was asked for with respect to a variable that the cost does not depend on."""


class GradientError(LLTheanoError, AssertionError):
    """A symbolic gradient differs from the numeric one."""


class LoweringError(LLTheanoError, TypeError):
    """An op of the graph has no meaning in the compiler's IR."""


class MethodNotDefined(LLTheanoError, NotImplementedError):  # noqa: N818 - Theano's name
    """An op does not define the method that was needed."""


class MissingInputError(LLTheanoError, ValueError):
    """A graph depends on a variable that is neither given as an input nor shared nor constant."""


class NotScalarConstantError(LLTheanoError, ValueError):
    """A variable has no value that is known while the graph is built."""


class NullTypeGradError(LLTheanoError, TypeError):
    """A gradient passes through an op that has none."""


class UnusedInputError(LLTheanoError, ValueError):
    """An input of a function is not needed to compute any of its results."""
