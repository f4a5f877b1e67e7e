"""Types whose values compiled code has as several tensors, such as those of sparse matrices.

In a graph a variable of such a type is one variable. Compiled code has its components instead: an
op gets those of each operand, and gives those of each result.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from lltheano.graph.core.types import Type
from lltheano.graph.core.variables import Variable

__all__ = ["CompoundType", "grouped", "number_of_components"]

T = TypeVar("T")


class CompoundType(Type):
    """A type of values of several arrays.

    Attributes
    ----------
    component_names
        What the components are called.

    >>> from lltheano.sparse import csr_matrix
    >>> csr_matrix("A").type.component_names
    ('data', 'indices', 'indptr', 'shape')
    """

    component_names: tuple[str, ...]

    @property
    def component_types(self) -> tuple[Type, ...]:
        """The types of the components."""
        raise NotImplementedError(f"{self!r} does not say what its values consist of")

    def components_of(self, variable: Variable) -> list[Variable]:
        """Return the components of a variable of this type as variables."""
        raise NotImplementedError(f"{self!r} cannot take a variable apart")

    def from_components(self, components: Sequence[Variable], model: Variable) -> Variable:
        """Return a variable of this type with these components, and the name of `model`.

        What is known of the components of `model` holds of these: they will be those of its values.
        """
        raise NotImplementedError(f"{self!r} cannot put a variable together")

    def arrays_of(self, value: Any) -> list[Any]:
        """Return the arrays of a value of this type."""
        raise NotImplementedError(f"{self!r} cannot take a value apart")

    def from_arrays(self, arrays: Sequence[Any]) -> Any:
        """Return the value that has these arrays."""
        raise NotImplementedError(f"{self!r} cannot put a value together")

    def zeros(self) -> Any:
        """Return a value of this type for what has none yet."""
        raise NotImplementedError(f"{self!r} has no value to begin with")

    @property
    def shared_class(self) -> Any:
        """The class of the shared variables of this type."""
        raise NotImplementedError(f"{self!r} has no shared variables")

    def component_leaves(self, variable: Variable) -> list[Variable]:
        """Return new leaves for the components of a leaf, named and placed after it."""
        leaves = []
        for name, kind in zip(self.component_names, self.component_types, strict=True):
            leaf = kind.make_variable(None if variable.name is None else f"{variable.name}_{name}")
            leaf.source = variable.source
            leaves.append(leaf)
        return leaves


def number_of_components(variable: Variable) -> int:
    """How many values compiled code has for a variable.

    >>> import lltheano.tensor as T
    >>> from lltheano.sparse import csr_matrix
    >>> number_of_components(T.dvector()), number_of_components(csr_matrix())
    (1, 4)
    """
    kind = variable.type
    return len(kind.component_types) if isinstance(kind, CompoundType) else 1


def grouped(
    variables: Sequence[Variable], values: Sequence[T]
) -> Iterator[tuple[Variable, tuple[T, ...]]]:
    """Each of the variables with its components among `values`, which are those of all.

    >>> import lltheano.tensor as T
    >>> from lltheano.sparse import csr_matrix
    >>> [len(values) for _, values in grouped([csr_matrix(), T.dvector()], range(5))]
    [4, 1]
    """
    start = 0
    for variable in variables:
        end = start + number_of_components(variable)
        yield variable, tuple(values[start:end])
        start = end
    assert start == len(values)
