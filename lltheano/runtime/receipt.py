"""What a call gives, noted in the same step in which it happens.

Where Python code has part in a call, a signal handler that raises may come between any two lines of
it. A call that has happened must give its value all the same. So what is done natively is done
through a `Receipt`: the outcome is in it before Python code runs again, by way of built-ins that
call each other. Who called can settle it, whatever has been raised since.
"""

from collections.abc import Callable, Sequence
from itertools import compress, starmap
from operator import not_
from typing import Any

__all__ = ["Receipt"]


class Receipt(list[Any]):
    """The receipt of one call: a list, which holds the outcome once the call has happened.

    Attributes
    ----------
    finish
        Makes the value of the call from the outcome, where that is not the value itself. It may be
        called more than once.

    >>> receipt = Receipt()
    >>> receipt.enter(int, ("12",)), receipt.settle()
    (12, (12,))
    """

    __slots__ = ("finish",)

    finish: Callable[[Any], Any]

    def enter(self, step: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        """Return what a built-in gives. That is noted, unless it is a report, which is a tuple."""
        self.extend(starmap(step, (arguments,)))
        outcome = self[-1]
        if type(outcome) is tuple:
            self.clear()
        return outcome

    def commit(self, outcome: Any, step: Callable[..., int], arguments: Sequence[Any]) -> bool:
        """Call a built-in that commits, and note the outcome if it returns 0; whether it did."""
        done = map(not_, starmap(step, (arguments,)))
        self.extend(compress((outcome,), done))
        return bool(self)

    def settle(self) -> tuple[Any] | None:
        """The value of the call, if it has happened."""
        for outcome in self:
            if type(outcome) is not tuple:
                return (self.finish(outcome) if hasattr(self, "finish") else outcome,)
        return None
