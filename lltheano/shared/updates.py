"""`OrderedUpdates`: the new values of shared variables, in order."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from lltheano.graph import Variable
from lltheano.shared.variable import SharedVariable

__all__ = ["OrderedUpdates"]


class OrderedUpdates(OrderedDict[SharedVariable, Any]):
    """A dict from shared variables to their new values, for `function(updates=...)`.

    It is an ordered dict that refuses other keys, and that refuses to give one variable two
    different new values when it is joined with another by `update` or `+`.

    >>> from lltheano import function, shared
    >>> a, b = shared(1), shared(10)
    >>> step = function([], updates=OrderedUpdates([(a, a + b)]) + {b: b * 2})
    >>> _ = step()
    >>> int(a.get_value()), int(b.get_value())
    (11, 20)
    """

    def __init__(self, *key: Any, **kwargs: Any) -> None:
        super().__init__()
        self.update(*key, **kwargs)

    def __setitem__(self, key: SharedVariable, value: Any) -> None:
        if not isinstance(key, SharedVariable):
            shown = key.describe() if isinstance(key, Variable) else repr(key)
            raise TypeError(
                f"the keys of OrderedUpdates are shared variables; got {shown}, of type"
                f" {type(key).__name__}"
            )
        super().__setitem__(key, value)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take other new values; KeyError when they contradict those that are here."""
        new: dict[Any, Any] = dict(*args, **kwargs)
        for key, value in new.items():
            if key in self and self[key] is not value:
                raise KeyError(f"{key.describe()} has two new values: {self[key]} and {value}")
            self[key] = value

    def __add__(self, other: Mapping[SharedVariable, Any]) -> "OrderedUpdates":
        joined = OrderedUpdates(self)
        joined.update(other)
        return joined

    def __radd__(self, other: Mapping[SharedVariable, Any]) -> "OrderedUpdates":
        return OrderedUpdates(other) + self
