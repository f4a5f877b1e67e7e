"""Small functions that Theano's programs take from `theano.gof.utils` and `theano.tensor.utils`."""

import functools
import hashlib
import linecache
import sys
import traceback
import warnings
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lltheano.errors import CyclicGraphError
from lltheano.graph.core import Variable
from lltheano.graph.provenance import caller

__all__ = [
    "SingletonType",
    "add_tag_trace",
    "deprecated",
    "difference",
    "flatten",
    "give_variables_names",
    "hash_from_file",
    "hash_from_ndarray",
    "hashtype",
    "memoize",
    "remove",
    "simple_extract_stack",
    "toposort",
    "uniq",
]

Item = TypeVar("Item")
Result = TypeVar("Result")


def uniq(seq: Iterable[Item]) -> list[Item]:
    """Return the elements of `seq`, each where it first occurs.

    >>> uniq([3, 1, 3, 2, 1])
    [3, 1, 2]
    """
    results: list[Item] = []
    for one in seq:
        if one not in results:
            results.append(one)
    return results


def difference(seq1: Iterable[Item], seq2: Collection[Item]) -> list[Item]:
    """Return the elements of `seq1` that are not in `seq2`.

    >>> difference([1, 2, 3, 1], [2])
    [1, 3, 1]
    """
    return [one for one in seq1 if one not in seq2]


def flatten(a: Any) -> list[Any]:
    """Return what nested lists, tuples and sets hold, as one list; anything else is alone in it.

    >>> flatten([1, (2, [3])]), flatten("ab")
    ([1, 2, 3], ['ab'])
    """
    results: list[Any] = []
    stack = [a]
    while stack:
        one = stack.pop()
        if isinstance(one, list | tuple | set):
            stack.extend(reversed(list(one)))
        else:
            results.append(one)
    return results


def remove(predicate: Callable[[Item], object], coll: Iterable[Item]) -> list[Item]:
    """Return the elements of which the predicate is false.

    >>> remove(lambda n: n % 2 == 0, range(5))
    [1, 3]
    """
    return [one for one in coll if not predicate(one)]


def toposort(prereqs_d: Mapping[Item, Collection[Item]]) -> list[Item]:
    """Return the keys, each after those that its value holds.

    CyclicGraphError when there is no such order.

    >>> toposort({"c": {"b"}, "b": {"a"}, "a": set()})
    ['a', 'b', 'c']
    """
    order: dict[Any, None] = {}
    waiting = dict(prereqs_d)
    while waiting:
        ready = [one for one, needs in waiting.items() if all(each in order for each in needs)]
        if not ready:
            raise CyclicGraphError(f"there is no order for {list(waiting)}, which need one another")
        order.update(dict.fromkeys(ready))
        for one in ready:
            del waiting[one]
    return list(order)


def memoize(f: Callable[..., Result]) -> Callable[..., Result]:
    """Return `f` with results that are kept by the arguments, which must be hashable.

    >>> calls = []
    >>> twice = memoize(lambda n: calls.append(n) or 2 * n)
    >>> twice(3), twice(3), calls
    (6, 6, [3])
    """
    kept: dict[Hashable, Result] = {}

    @functools.wraps(f)
    def remembered(*args: Any, **kwargs: Any) -> Result:
        key = (args, tuple(sorted(kwargs.items())))
        if key not in kept:
            kept[key] = f(*args, **kwargs)
        return kept[key]

    return remembered


def deprecated(filename: str, msg: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that warns, once, when the function is called.

    `filename` says where it is, and `msg` what to use instead.

    >>> import warnings
    >>> @deprecated("mine.py", "use new()")
    ... def old():
    ...     return 1
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     old(), old(), len(caught)
    (1, 1, 1)
    """

    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        warned: list[bool] = []

        @functools.wraps(f)
        def calling(*args: Any, **kwargs: Any) -> Any:
            if not warned:
                warned.append(True)
                text = f"{filename}, {f.__name__} is deprecated. {msg}".strip()
                warnings.warn(text, DeprecationWarning, stacklevel=2)
            return f(*args, **kwargs)

        return calling

    return decorate


def give_variables_names(variables: Iterable[Variable]) -> list[str]:
    """Give each variable a name that no other of them has; return the names.

    A name that several have gets their positions behind it, one that is missing is `var_` and the
    position.

    >>> import lltheano.tensor as T
    >>> give_variables_names([T.dscalar("x"), T.dscalar(), T.dscalar("x")])
    ['x_00', 'var_01', 'x_02']
    """
    given = list(variables)
    names = [one.name for one in given]
    for position, one in enumerate(given):
        if one.name is None:
            one.name = f"var_{position:02d}"
        elif names.count(one.name) > 1:
            one.name = f"{one.name}_{position:02d}"
    results = [str(one.name) for one in given]
    if len(set(results)) != len(results):
        raise ValueError(f"the variables are called {results} now, which is not distinct")
    return results


def hash_from_file(file_path: str | Path) -> str:
    """Return what tells the contents of a file from others: SHA-256, in hexadecimal.

    >>> import os
    >>> len(hash_from_file(os.devnull))
    64
    """
    return hashlib.sha256(Path(file_path).read_bytes()).hexdigest()


def hash_from_ndarray(data: NDArray[Any]) -> str:
    """Return what tells an array from others: its elements, sizes and dtype, not where they lie.

    >>> zeros = np.zeros(2)
    >>> hash_from_ndarray(zeros) == hash_from_ndarray(np.zeros((2, 1)))
    False
    """
    parts = (np.ascontiguousarray(data).tobytes(), data.shape, data.dtype.str)
    digest = hashlib.sha256(parts[0])
    digest.update(repr(parts[1:]).encode())
    return digest.hexdigest()


def hashtype(self: object) -> int:
    """Return a hash of the class of an object, by its name and module.

    >>> hashtype(1) == hashtype(2) != hashtype("")
    True
    """
    kind = type(self)
    return hash(kind.__name__) ^ hash(kind.__module__)


class SingletonType:
    """A class with one instance: making another gives the one.

    >>> class Only(SingletonType):
    ...     pass
    >>> Only() is Only()
    True
    """

    def __new__(cls) -> "SingletonType":
        """Return the instance, made when it is first asked for."""
        result: SingletonType | None = vars(cls).get("_instance")
        if result is None:
            result = super().__new__(cls)
            cls._instance = result
        return result


def simple_extract_stack(
    f: FrameType | None = None, limit: int | None = None, skips: Sequence[str] = ()
) -> list[tuple[str, int, str, str | None]]:
    """Return where a frame is and who called it, outermost first: file, line, function, text.

    Parameters
    ----------
    f
        The frame; the caller's by default.
    limit
        The most entries, those nearest to the frame.
    skips
        Entries whose file's path holds one of these texts are left out, until one does not.

    Examples
    --------
    >>> simple_extract_stack(limit=1)[0][2]
    '<module>'
    """
    frame = f if f is not None else sys._getframe(1)
    results: list[tuple[str, int, str, str | None]] = []
    for one, line in traceback.walk_stack(frame):
        name = one.f_code.co_filename
        if not results and any(skip in name for skip in skips):
            continue
        if limit is not None and len(results) >= limit:
            break
        text = linecache.getline(name, line, one.f_globals).strip()
        results.append((name, line, one.f_code.co_name, text or None))
    return results[::-1]


def add_tag_trace(thing: Any, user_line: int | None = None) -> Any:
    """Note in `thing.tag.trace` where the caller's program is, and return `thing`.

    `user_line` limits how many lines of the call's history are kept, eight by default. What
    messages name is `thing.source`, which every variable has.

    >>> import lltheano.tensor as T
    >>> len(add_tag_trace(T.dscalar("x"), 1).tag.trace)
    1
    """
    limit = 8 if user_line is None else user_line
    location = caller()
    frame = sys._getframe(1)
    if location is not None:
        while frame.f_back is not None and frame.f_code.co_filename != location.filename:
            frame = frame.f_back
    thing.tag.trace = [simple_extract_stack(frame, limit)] if limit else []
    return thing
