"""Where a user's program calls this package, and in whose terms errors leave it.

A function made a `boundary` is one that programs call. An error that it raises, or that anything
raises which it is made of, names the function that was called and shows the frames of the program,
and one of this package. `config.exception_verbosity=high` shows all frames. While such a call is on
the stack, `given_arguments` finds what the program passed to it, so that messages can name those
variables, and not what was made of them on the way.

A call from within the package is passed on as it is.
"""

import functools
import re
import sys
from collections.abc import Callable
from types import FrameType, FunctionType, ModuleType, TracebackType
from typing import Any, TypeVar, cast

from numpy.exceptions import AxisError

from lltheano.config import config
from lltheano.graph.provenance import OURS, is_ours

__all__ = [
    "boundary",
    "given_arguments",
    "guard",
    "guard_methods",
    "name_function",
    "put_in_users_terms",
]

C = TypeVar("C", bound=Callable[..., Any])
K = TypeVar("K", bound=type)

_HERE = __file__
_NAMED = (TypeError, ValueError, IndexError, NotImplementedError)
"""Errors whose message is to name the function that was called."""

_made: dict[FunctionType, Callable[..., Any]] = {}


def boundary(function: C, name: str | None = None) -> C:
    """Return a function that does the same, and from which errors leave in the user's terms.

    Messages get `name`, where one is given, in front, if they have it nowhere.

    >>> halved = boundary(lambda x: x // 2)
    >>> halved(7)
    3
    """

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if OURS[sys._getframe(1).f_code.co_filename]:
            return function(*args, **kwargs)
        try:
            return function(*args, **kwargs)
        except Exception as error:
            put_in_users_terms(error, name or "")
            raise

    # Tracebacks, and the lines that expressions come from, name the function by its code.
    result: Any = called
    result.__code__ = result.__code__.replace(co_name=name or function.__name__)
    return cast(C, result)


def put_in_users_terms(error: Exception, name: str = "") -> None:
    """Leave an error the frames of the program and the outermost of this package, and put the name
    of the function that was called in front of its message.

    What code of the program raised, an op's `perform` or a callback, keeps its message.
    """
    frames = _frames(error.__traceback__)
    raised_here = bool(frames) and is_ours(frames[-1].tb_frame)
    if raised_here:
        name_function(error, name)
    if config.exception_verbosity == "high":
        return
    if raised_here:
        error.__cause__, error.__suppress_context__ = None, True
    kept: TracebackType | None = None
    for index, one in reversed([*enumerate(frames)]):
        if index == 0 or not is_ours(one.tb_frame):
            # A signal handler may raise between two lines, where there is no number.
            number: int | None = one.tb_lineno
            line = one.tb_frame.f_code.co_firstlineno if number is None else number
            kept = TracebackType(kept, one.tb_frame, one.tb_lasti, line)
    error.__traceback__ = kept


def _frames(traceback: TracebackType | None) -> list[TracebackType]:
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    return frames


def name_function(error: Exception, name: str) -> None:
    """Put the name of the function in front of a message that has it nowhere.

    >>> error = ValueError("a vector has no axis 3")
    >>> name_function(error, "sum")
    >>> error
    ValueError('sum: a vector has no axis 3')
    """
    if not isinstance(error, _NAMED) or not error.args or not isinstance(error.args[0], str):
        return
    message = error.args[0]
    called = name and not name.startswith("__")
    if called and not re.search(rf"\b{re.escape(name)}\b", message):
        error.args = (f"{name}: {message}", *error.args[1:])
        if isinstance(error, AxisError):  # NumPy's keeps its message elsewhere too
            AxisError.__init__(error, error.args[0])


def given_arguments() -> tuple[Any, ...]:
    """Return what the program passed to the outermost boundary on the stack; nothing if none is.

    >>> given_arguments()
    ()
    """
    frame: FrameType | None = sys._getframe(1)
    result: tuple[Any, ...] = ()
    while frame is not None and is_ours(frame):
        if frame.f_code.co_filename == _HERE and "kwargs" in frame.f_code.co_varnames:
            result = (*frame.f_locals["args"], *frame.f_locals["kwargs"].values())
        frame = frame.f_back
    return result


def guard(module: ModuleType) -> None:
    """Make boundaries of the public functions of `lltheano.tensor` that a module has.

    They are then boundaries in the modules that define them too.
    """
    named = {one: name for name, one in vars(module).items() if _is_public(name, one)}
    for function, name in named.items():
        if function not in _made:
            own = vars(sys.modules[function.__module__])
            is_own = own.get(function.__name__) is function
            _made[function] = boundary(function, function.__name__ if is_own else name)
    for home in (module, *{sys.modules[one.__module__] for one in named}):
        for name, one in list(vars(home).items()):
            if isinstance(one, FunctionType) and one in _made and not name.startswith("_"):
                setattr(home, name, _made[one])


def _is_public(name: str, found: Any) -> bool:
    return (
        isinstance(found, FunctionType)
        and not name.startswith("_")
        and found.__code__.co_filename != _HERE
        and (found.__module__ or "").startswith("lltheano.tensor.")
    )


def guard_methods(kind: K) -> K:
    """Make boundaries of the methods, operators and properties that a class defines itself."""
    for name, member in list(vars(kind).items()):
        if isinstance(member, FunctionType) and not re.match("_[^_]", name):
            setattr(kind, name, boundary(member, name))
        elif isinstance(member, property) and member.fget is not None:
            setattr(kind, name, property(boundary(member.fget, name), doc=member.__doc__))
    return kind
