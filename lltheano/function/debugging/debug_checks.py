"""Checks of an op's inputs by their test values, while the graph is built.

An op's `make_node` may look at the values that stand for its inputs, if the user works with test
values (`config.compute_test_value`): a mistake is then found where it is made.
"""

import warnings
from collections.abc import Iterator
from typing import Any

from lltheano.config import config
from lltheano.errors import MissingTestValueError
from lltheano.function.debugging.test_values import get_test_value
from lltheano.graph.provenance import caller

__all__ = ["debug_assert", "debug_error_message", "get_debug_values", "missing_test_message"]


def get_debug_values(*args: Any) -> Iterator[tuple[Any, ...]]:
    """Give the test values of all arguments, once, if test values are in use; else nothing.

    Meant for a `for` loop round the checks. When an argument has no test value nothing is given,
    and `config.compute_test_value` says what happens: "raise" and "pdb" raise
    MissingTestValueError, an AttributeError, and "warn" warns.

    >>> import lltheano.tensor as T
    >>> from lltheano import config
    >>> list(get_debug_values(T.constant(3.0)))
    []
    >>> with config.change_flags(compute_test_value="raise"):
    ...     for x, y in get_debug_values(T.constant(3.0), 2.0):
    ...         print(x * y)
    6.0
    """
    if config.compute_test_value == "off":
        return
    found = []
    for argument in args:
        try:
            found.append(get_test_value(argument))
        except MissingTestValueError as error:
            missing_test_message(str(error))
            return
    yield tuple(found)


def missing_test_message(msg: str) -> None:
    """Tell of a missing test value as `config.compute_test_value` wants it.

    "raise" and "pdb" raise MissingTestValueError, "warn" warns, "ignore" and "off" do nothing.

    >>> missing_test_message("nothing happens")
    """
    wanted = config.compute_test_value
    if wanted in ("raise", "pdb"):
        raise MissingTestValueError(msg)
    if wanted == "warn":
        _warn(msg)


def debug_error_message(msg: str) -> None:
    """Tell of a mistake that test values showed: raise ValueError, or warn where
    `config.compute_test_value` is "warn".

    >>> debug_error_message("the sizes differ")
    Traceback (most recent call last):
    ValueError: the sizes differ
    """
    if config.compute_test_value == "warn":
        _warn(msg)
    else:
        raise ValueError(msg)


def debug_assert(condition: Any, msg: str | None = None) -> None:
    """Call `debug_error_message` unless the condition holds.

    >>> debug_assert(1 + 1 == 2, "arithmetic")
    """
    if not condition:
        debug_error_message(msg or "debug_assert failed")


def _warn(msg: str) -> None:
    location = caller()
    filename, line = ("?", 0) if location is None else (location.filename, location.line)
    warnings.warn_explicit(msg, UserWarning, filename, line)
