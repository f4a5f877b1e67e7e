"""`f.container[x]` and `f.value[x]`."""

from typing import Any

from lltheano.function.callables.state.finder import Finder

__all__ = ["ContainerAccess", "ValueAccess"]


class ContainerAccess:
    """What holds the values of a function's inputs, by variable, name or position."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def __getitem__(self, key: Any) -> Any:
        return self._finder[key]

    def __contains__(self, key: Any) -> bool:
        return key in self._finder


class ValueAccess:
    """The values themselves: what is read is the reader's own, and what is assigned is copied."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def __getitem__(self, key: Any) -> Any:
        return self._finder[key].read()

    def __setitem__(self, key: Any, value: Any) -> None:
        container = self._finder[key]
        try:
            container.write(value)
        except TypeError as error:
            raise TypeError(f"the value that is kept for {key}: {error}") from error

    def __contains__(self, key: Any) -> bool:
        return key in self._finder
