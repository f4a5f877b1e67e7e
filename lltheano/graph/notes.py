"""Notes about a variable: its `tag`."""

import linecache
from types import CodeType
from typing import TYPE_CHECKING, Any

__all__ = ["Notes", "Stack"]

Stack = tuple[tuple[CodeType, int], ...]
"""Where a variable was made: code and line of each call, innermost first."""


class Notes:
    """A place for attributes of a program's own. Those of a variable have one from the start:

    `trace` is a list with one list, of the calls that made the variable, outermost first: file,
    line, function and text of each. `config.traceback.limit` says how many are remembered.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> x.tag.role = "input"
    >>> x.tag, len(x.tag.trace[0][-1])
    (Notes(role='input'), 4)
    """

    __slots__ = ("__dict__", "__weakref__", "_stack")

    def __init__(self, stack: Stack = (), /, **notes: Any) -> None:
        self._stack = stack
        vars(self).update(notes)

    def __getattr__(self, name: str) -> Any:
        if name == "trace":
            return _described(self._stack)
        if name == "_stack":  # a copy, or one that was pickled
            return ()
        raise AttributeError(f"the notes have no {name!r}", name=name, obj=self)

    if TYPE_CHECKING:
        # Programs put there what they like.
        def __setattr__(self, name: str, value: Any) -> None: ...

    def clear(self) -> None:
        """Forget all notes."""
        vars(self).clear()

    def __update__(self, other: "Notes") -> "Notes":
        vars(self).update(vars(other))
        return self

    def info(self) -> str:
        """Return the notes as text."""
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Notes) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}={one!r}" for name, one in vars(self).items())
        return f"Notes({listed})"


def _described(stack: Stack) -> list[list[tuple[str, int, str, str | None]]]:
    results = []
    for code, line in reversed(stack):
        text = linecache.getline(code.co_filename, line).strip()
        results.append((code.co_filename, line, code.co_name, text or None))
    return [results] if results else []
