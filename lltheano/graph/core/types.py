"""Types of variables: what values one may take."""

from typing import Any, ClassVar

from lltheano.errors import MethodNotDefined
from lltheano.graph.core.variables import Constant, Variable

__all__ = ["Generic", "Type", "generic"]


class Type:
    """What values a variable may take.

    >>> import lltheano.tensor as T
    >>> T.dvector.is_valid_value([1, 2]), T.dvector.filter([1, 2])
    (False, array([1., 2.]))
    """

    always_copied: ClassVar[bool] = False
    """Whether an object that a function returns is a copy even where no shared variable can show in
    it, as an array is.
    """

    @property
    def shared_class(self) -> Any:
        """The class of the shared variables of this type; None is the one of all Python objects."""
        return None

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, converted where that is allowed, as a value of this type; TypeError
        otherwise.

        With `strict` nothing is converted. `allow_downcast` may be True (conversions may lose
        precision), False (they may not) or None (a Python float may still become a lesser
        `floatX`). A type of variables that are never given a value does without.
        """
        raise MethodNotDefined(f"{self!r} has no filter, which says what its values are")

    def make_variable(self, name: str | None = None) -> Variable:
        """Return a new leaf of this type."""
        return Variable(self, name=name)

    def make_constant(self, data: Any, name: str | None = None) -> Constant:
        """Return a constant of this type; TypeError when `data` is not a value of it."""
        return Constant(self, data, name)

    def __call__(self, name: str | None = None) -> Variable:
        """Return a new leaf of this type."""
        return self.make_variable(name)

    def is_valid_value(self, data: Any) -> bool:
        """Whether `data` is a value of this type as it stands."""
        try:
            self.filter(data, strict=True)
        except (TypeError, ValueError):
            return False
        return True

    def index(self, variable: Variable) -> Any:
        """Return what a variable of this type stands for between the brackets of `x[...]`: itself,
        unless the values are indices of another kind, such as slices.
        """
        return variable


class Generic(Type):
    """Any Python object; such values can be held and passed on, not computed with.

    >>> from lltheano import shared
    >>> shared(["any", "object"]).type
    Generic()
    """

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` itself."""
        return data

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return "Generic()"


generic = Generic()
"""The type of any Python object."""
