"""Storage for values that are not tensors: a Python object, or an array that a function keeps for
itself.

Such storage takes part in the transactions of calls as shared arrays do. A call locks all that it
touches in the order of `number`, before it locks any shared array, so that no two calls can wait
for each other; reading and assigning `value` under the lock cannot fail.
"""

import copy
import itertools
import threading
from typing import Any

__all__ = ["ObjectCell", "private_copy"]

_numbers = itertools.count()


class ObjectCell:
    """One object, and the lock under which it is read and replaced.

    The lock is reentrant, so a person who holds a lease may call functions that use the cell.

    >>> cell = ObjectCell({"step": 1})
    >>> with cell.lock:
    ...     cell.value = {"step": 2}
    >>> cell.value
    {'step': 2}
    """

    __slots__ = ("lock", "number", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.lock = threading.RLock()
        self.number = next(_numbers)


def private_copy(value: Any) -> Any:
    """Return a deep copy; TypeError that says what to do when the object cannot be copied."""
    try:
        return copy.deepcopy(value)
    except (TypeError, copy.Error) as error:
        raise TypeError(
            f"a {type(value).__name__} cannot be copied ({error}); pass borrow=True to share the"
            " object itself"
        ) from error
