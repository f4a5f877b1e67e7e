"""Small classes and functions that Theano's programs take from `theano.gof.utils` and beside it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, MutableSet
from typing import Any

from lltheano.errors import DebugModeError
from lltheano.graph import Apply
from lltheano.graph.editing.features import Feature
from lltheano.graph.notes import Notes

__all__ = [
    "ABORT",
    "ANY_TYPE",
    "FAILURE",
    "FALL_THROUGH",
    "RETRY",
    "BadOptimization",
    "CachedConstantError",
    "D",
    "GetCheckpoint",
    "Keyword",
    "LambdExtract",
    "MetaObject",
    "OrderedSet",
    "PreserveNames",
    "PreserveVariableAttributes",
    "comm_guard",
    "from_return_values",
    "get_variable_trace_string",
    "hash_from_code",
    "hist",
    "object2",
    "scratchpad",
    "to_return_values",
    "type_guard",
    "undef",
    "unique",
]

scratchpad = Notes


class CachedConstantError(Exception):
    """A constant that is kept for other programs was put into a graph that may change it."""


class BadOptimization(DebugModeError):  # noqa: N818 - Theano's name
    """What takes a variable's place has another value.

    Attributes
    ----------
    old_r, new_r
        The variable, and what takes its place.
    old_r_val, new_r_val
        Their values.
    reason
        What replaced it.
    """

    def __init__(
        self,
        old_r: Any,
        new_r: Any = None,
        old_r_val: Any = None,
        new_r_val: Any = None,
        reason: Any = None,
        old_graph: Any = None,
        new_graph: Any = None,
    ) -> None:
        self.old_r, self.new_r = old_r, new_r
        self.old_r_val, self.new_r_val = old_r_val, new_r_val
        self.reason, self.old_graph, self.new_graph = reason, old_graph, new_graph
        super().__init__(
            f"{reason} replaced {old_r}, which is {old_r_val!r}, by {new_r}, which is {new_r_val!r}"
        )


class Keyword:
    """A word that stands for itself, and is true unless `nonzero` is False.

    >>> Keyword("LATER"), bool(Keyword("NEVER", False))
    (<LATER>, False)
    """

    def __init__(self, name: str, nonzero: bool = True) -> None:
        self.name = name
        self.nonzero = nonzero

    def __bool__(self) -> bool:
        return self.nonzero

    def __repr__(self) -> str:
        return f"<{self.name}>"


ABORT = Keyword("ABORT", False)
RETRY = Keyword("RETRY", False)
FAILURE = Keyword("FAILURE", False)
ANY_TYPE = Keyword("ANY_TYPE")
FALL_THROUGH = Keyword("FALL_THROUGH")


class MetaObject(type):
    """The class of classes whose instances compare by the attributes that `__props__` names.

    >>> class Pair(metaclass=MetaObject):
    ...     __props__ = ("a",)
    ...     def __init__(self, a):
    ...         self.a = a
    >>> Pair(1) == Pair(1), Pair(1) == Pair(2)
    (True, False)
    """

    def __new__(mcs, name: str, bases: tuple[type, ...], dct: dict[str, Any]) -> "MetaObject":
        """Make a class; what it defines itself stays."""
        if dct.get("__props__") is not None:
            methods = {one: vars(_ByProps)[one] for one in ("__eq__", "__hash__", "__str__")}
            dct = {**methods, **dct}
        return super().__new__(mcs, name, bases, dct)


class _ByProps:
    def __eq__(self: Any, other: object) -> bool:
        return type(self) is type(other) and _props(self) == _props(other)

    def __hash__(self: Any) -> int:
        return hash((type(self), *_props(self)))

    def __str__(self: Any) -> str:
        pairs = zip(self.__props__, _props(self), strict=True)
        return f"{type(self).__name__}{{{', '.join(f'{name}={one!r}' for name, one in pairs)}}}"


def _props(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in one.__props__)


class object2(metaclass=MetaObject):  # noqa: N801 - Theano's name
    """The base of objects that compare by `__props__`; see `MetaObject`."""

    __slots__ = ()


class D(dict[str, Any]):
    """A dict whose entries are attributes too.

    >>> D(a=1).a
    1
    """

    def __init__(self, **d: Any) -> None:
        super().__init__(d)
        vars(self).update(d)


class undef:  # noqa: N801 - Theano's name
    """Stands for the absence of a value where None is one."""


class OrderedSet(MutableSet[Any]):
    """A set that remembers the order in which its elements came.

    >>> OrderedSet([3, 1, 3]) | {2}
    OrderedSet([3, 1, 2])
    """

    def __init__(self, iterable: Iterable[Any] | None = None) -> None:
        self._elements: dict[Any, None] = dict.fromkeys(iterable or ())

    def __contains__(self, value: object) -> bool:
        return value in self._elements

    def __iter__(self) -> Iterator[Any]:
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)

    def add(self, value: Any) -> None:
        """Add an element; it keeps its place if it is there already."""
        self._elements[value] = None

    def discard(self, value: Any) -> None:
        """Take an element away, if it is there."""
        self._elements.pop(value, None)

    def update(self, iterable: Iterable[Any]) -> None:
        """Add elements."""
        self._elements.update(dict.fromkeys(iterable))

    def __repr__(self) -> str:
        return f"OrderedSet({list(self)})"


def unique(x: Any) -> bool:
    """Whether no element occurs twice.

    >>> unique([1, 2]), unique([1, 1])
    (True, False)
    """
    return len(set(x)) == len(x)


def hist(coll: Iterable[Any]) -> dict[Any, int]:
    """Return how often each element occurs.

    >>> hist("abca")
    {'a': 2, 'b': 1, 'c': 1}
    """
    return dict(Counter(coll))


def to_return_values(values: Any) -> Any:
    """Return the only value itself, several as they are.

    >>> to_return_values([1]), to_return_values([1, 2])
    (1, [1, 2])
    """
    return values[0] if len(values) == 1 else values


def from_return_values(values: Any) -> Any:
    """Return a list or tuple as it is, anything else in a list.

    >>> from_return_values(1), from_return_values((1, 2))
    ([1], (1, 2))
    """
    return values if isinstance(values, list | tuple) else [values]


def hash_from_code(msg: str | bytes) -> str:
    """Return what tells a text from others: SHA-256, in hexadecimal.

    >>> hash_from_code("a") == hash_from_code(b"a")
    True
    """
    data = msg.encode() if isinstance(msg, str) else msg
    return hashlib.sha256(data).hexdigest()


def get_variable_trace_string(v: Any) -> str:
    """Return where a variable was made, as text: the calls that its `tag.trace` tells of.

    >>> import lltheano.tensor as T
    >>> print(get_variable_trace_string(T.dscalar("x")))  # doctest: +ELLIPSIS
    made at (most recent call last):
    ...
    """
    lines = ["made at (most recent call last):"]
    for stack in getattr(v.tag, "trace", ()):
        for file, line, name, text in stack:
            lines.append(f'  File "{file}", line {line}, in {name}')
            if text:
                lines.append(f"    {text}")
    return "\n".join(lines) + "\n"


def _guard(accepts: Callable[..., tuple[Any, ...] | None]) -> Callable[..., Any]:
    def wrap(f: Any) -> Any:
        older = f.__globals__[f.__name__]

        def called(*args: Any) -> Any:
            given = accepts(*args)
            result = FALL_THROUGH if given is None else f(*given)
            return older(*args) if result is FALL_THROUGH else result

        called.__name__, called.__doc__ = f.__name__, f.__doc__
        return called

    return wrap


def _is_one(value: Any, wanted: Any) -> bool:
    return wanted is ANY_TYPE or isinstance(value, wanted)


def type_guard(type1: Any) -> Callable[..., Any]:
    """Return a decorator: the function is called for a first argument of this type, and what its
    name stood for before in all other cases, and where it returns FALL_THROUGH.

    >>> def size(x):
    ...     return "other"
    >>> @type_guard(int)
    ... def size(x):
    ...     return "int"
    >>> size(1), size("a")
    ('int', 'other')
    """
    return _guard(lambda first, *rest: (first, *rest) if _is_one(first, type1) else None)


def comm_guard(type1: Any, type2: Any) -> Callable[..., Any]:
    """Do what `type_guard` does for two arguments, which may come in either order.

    >>> def pair(x, y):
    ...     return None
    >>> @comm_guard(int, str)
    ... def pair(x, y):
    ...     return y * x
    >>> pair(2, "a"), pair("a", 2), pair(1, 2)
    ('aa', 'aa', None)
    """

    def accepts(one: Any, other: Any, *rest: Any) -> tuple[Any, ...] | None:
        if _is_one(one, type1) and _is_one(other, type2):
            return (one, other, *rest)
        if _is_one(one, type2) and _is_one(other, type1):
            return (other, one, *rest)
        return None

    return _guard(accepts)


class PreserveVariableAttributes(Feature):
    """Lets what takes a variable's place have its name and its notes.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph
    >>> x = T.dscalar("x")
    >>> y = T.exp(x)
    >>> y.name = "y"
    >>> graph = FunctionGraph([x], [y], features=[PreserveVariableAttributes()], clone=False)
    >>> graph.replace(y, T.log(x))
    >>> graph.outputs[0].name
    'y'
    """

    def on_change_input(
        self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None
    ) -> None:
        """Pass the name and the notes on, unless the other has its own."""
        if r.name is not None and new_r.name is None:
            new_r.name = r.name
        for name, note in vars(r.tag).items():
            vars(new_r.tag).setdefault(name, note)


class PreserveNames(Feature):
    """Lets what takes a variable's place have its name."""

    def on_change_input(
        self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None
    ) -> None:
        """Pass the name on, unless the other has one."""
        if r.name is not None and new_r.name is None:
            new_r.name = r.name


class GetCheckpoint:
    """Called, it returns a checkpoint of a graph for `history.revert`.

    Parameters
    ----------
    history
        The `History` that is attached.
    fgraph
        The graph.
    """

    def __init__(self, history: Any, fgraph: Any) -> None:
        self.history = history
        self.fgraph = fgraph

    def __call__(self) -> int:
        """Return the number of changes so far."""
        return len(self.history.history[self.fgraph])


class LambdExtract:
    """Called, it puts a variable back where it was in a graph."""

    def __init__(self, fgraph: Any, node: Apply, i: int, r: Any, reason: Any = None) -> None:
        self.fgraph, self.node, self.i, self.r, self.reason = fgraph, node, i, r, reason

    def __call__(self) -> None:
        """Let `r` be input `i` of the application."""
        self.fgraph.change_input(self.node, self.i, self.r, reason=("Revert", self.reason))
