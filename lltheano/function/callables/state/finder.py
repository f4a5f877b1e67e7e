"""Which container belongs to which input: by position, by name and by variable."""

from collections.abc import Mapping
from typing import Any

from lltheano.function.requests.reading import Request
from lltheano.graph import Type, Variable
from lltheano.shared import SharedVariable

__all__ = ["Finder", "Unkept"]


class Unkept:
    """Stands for the value of an input, or an output, that lasts no longer than a call.

    It reads as None. To assign to it is a TypeError: each call must pass the input.
    """

    def __init__(self, name: str | None, type_: Type) -> None:
        self.name = name
        self.type = type_
        self.storage: tuple[None] = (None,)

    @property
    def value(self) -> None:
        """None."""
        return None

    @value.setter
    def value(self, new: object) -> None:
        self.write(new)

    @property
    def data(self) -> None:
        """None."""
        return None

    def read(self, *, borrow: bool = False) -> None:
        """Return None."""

    def write(self, new: object, *, borrow: bool = False) -> None:
        """Refuse."""
        raise TypeError(
            f"no value is kept for {self.name or 'this input'}, which each call passes; to keep"
            " one, make the function with In(variable, value=...)"
        )

    def __repr__(self) -> str:
        return f"<{self.name}: nothing is kept>"


class Finder(Mapping[Any, Any]):
    """The container of each input by its position, its variable, and its name if no other has it.

    KeyError for what is no input, and for a name that several have.
    """

    def __init__(self, request: Request, label: str) -> None:
        self._label = label
        self._request = request
        self._table: dict[Any, Any] = {}
        self.inverse: dict[Any, Any] = {}
        names = [spec.name for spec in request.inputs]
        for position, spec in enumerate(request.inputs):
            container = self._container(position)
            self._table[position] = self._table[spec.variable] = container
            if spec.name is not None and names.count(spec.name) == 1:
                self._table[spec.name] = container
            self.inverse[container] = spec
        self._several = {name for name in names if name is not None and names.count(name) > 1}

    def _container(self, position: int) -> Any:
        spec = self._request.inputs[position]
        if position in self._request.kept:
            return self._request.kept[position].container
        if isinstance(spec.value, SharedVariable):
            return spec.value.container
        return Unkept(spec.name, spec.variable.type)

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._table[key]
        except KeyError:
            raise KeyError(self._unknown(key)) from None

    def _unknown(self, key: Any) -> str:
        if isinstance(key, str) and key in self._several:
            return f"{self._label} has several inputs called {key!r}; ask by variable"
        listed = ", ".join(str(spec.variable) for spec in self._request.inputs) or "none"
        shown = key.describe() if isinstance(key, Variable) else repr(key)
        return (
            f"{self._label} keeps no value for {shown}, which is no input; its inputs are {listed}"
        )

    def __iter__(self) -> Any:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)
