"""What an op is: one frozen record that declares everything the compiler must know of it.

The record holds the op's name, its operands and attributes (from which printer, parser and verifier
are derived), its type rule, its shape rule, how it may fail, what passes may know of it
(`lltheano_ir.ops.traits`), and what it gives in NumPy. That is the single reference semantics: the
interpreter, constant folding and every fuzz oracle call it.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lltheano_ir.dtypes import DType
from lltheano_ir.ops.regions import RegionForm, Regions
from lltheano_ir.ops.traits import Cost, Interval, Laws, Role, SignRule, View
from lltheano_ir.provenance import Location
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = [
    "Array",
    "Attribute",
    "ExecutionError",
    "Failure",
    "Literal",
    "Narrowed",
    "Op",
    "Reduction",
    "ShapeArithmetic",
    "TypeRuleError",
    "require_attributes",
]

Array = NDArray[Any]
Attributes = tuple[Any, ...]


class TypeRuleError(TypeError):
    """An op was given operands or attributes that its type rule refuses."""


class ExecutionError(RuntimeError):
    """An op has no result for the values it was given: sizes differ, an index is out of range, ...

    Attributes
    ----------
    kind
        "argument" (what was passed in does not fit its parameter), "sizes", "index", "assert",
        "value", "linalg" or "memory".
    values
        The numbers to report: the two sizes that differ, the index and the size it must be below.
    value, location
        The value of the program that failed and where it comes from, if known; the interpreter
        fills them in.
    """

    def __init__(self, kind: str, message: str, values: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.values = values
        self.value: object = None
        self.location: Location | None = None

    def __str__(self) -> str:
        where = f" (at {self.location})" if self.location else ""
        return f"{self.args[0]}{where}"


class Failure(Enum):
    """When an op can have no result."""

    NEVER = "never"
    SIZES = "sizes"  # decided by the operands' sizes (or integer size operands) alone
    DATA = "data"  # decided by the operands' elements


class Attribute(Enum):
    """The kinds of attribute, each with one spelling in the IR's text."""

    INTEGER = "integer"  # 3
    INTEGERS = "integers"  # [0, 2]
    ORDER = "order"  # [1, new, 0]: an axis of the operand, or a new one
    PATTERN = "pattern"  # [?, 1]: a broadcast pattern
    DTYPE = "dtype"  # f32
    TYPE = "type"  # f32[?,1]
    TYPES = "types"  # (f32[?,1], i64[])
    WORD = "word"  # add
    TEXT = "text"  # "any text"
    LITERAL = "literal"  # 1.5, [1, 2, 3]: elements of a constant


def _all_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is tuple and all(type(entry) is kind for entry in value)


def _is_order(value: Any) -> bool:
    return type(value) is tuple and all(axis is None or type(axis) is int for axis in value)


_BELONGS: dict[Attribute, Callable[[Any], bool]] = {
    Attribute.INTEGER: lambda value: type(value) is int,
    Attribute.INTEGERS: _all_of(int),
    Attribute.ORDER: _is_order,
    Attribute.PATTERN: _all_of(bool),
    Attribute.DTYPE: lambda value: isinstance(value, DType),
    Attribute.TYPE: lambda value: isinstance(value, ValueType),
    Attribute.TYPES: _all_of(ValueType),
    Attribute.WORD: lambda value: isinstance(value, str) and value.isidentifier(),
    Attribute.TEXT: lambda value: isinstance(value, str),
    Attribute.LITERAL: lambda value: isinstance(value, Literal),
}


def require_attributes(op: "Op", attributes: Attributes) -> None:
    """Raise TypeRuleError unless `attributes` are of the number and kinds that `op` declares."""
    if len(attributes) != len(op.attributes):
        raise TypeRuleError(f"{op.name} has {len(op.attributes)} attributes, got {len(attributes)}")
    for (name, kind), value in zip(op.attributes, attributes, strict=True):
        if not _BELONGS[kind](value):
            raise TypeRuleError(f"{op.name}: {name} must be {kind.value}, got {value!r}")


@record(frozen=True, slots=True)
class Literal:
    """The elements of a constant, compared bit for bit: -0.0 is not 0.0, a NaN equals itself."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, array: Array) -> "Literal":
        """Copy the elements of `array`, which must be in native byte order."""
        return cls(array.dtype.name, array.shape, array.tobytes())

    def array(self) -> Array:
        """The elements as a read-only array of the literal's shape."""
        return np.frombuffer(self.data, dtype=self.dtype).reshape(self.shape)


class ShapeArithmetic(Protocol):
    """What a shape rule computes with; sizes are opaque to it (the builder gives i64[] values)."""

    def size(self, operand: Any, axis: int) -> Any:
        """The size of an axis of an operand."""

    def integer(self, value: int) -> Any:
        """A size known now."""

    def apply(self, op: str, *sizes: Any) -> Any:
        """An elementwise op on sizes."""


TypeRule = Callable[[Sequence[ValueType], Attributes], "ValueType | tuple[ValueType, ...]"]
ShapeRule = Callable[
    [ShapeArithmetic, Sequence[Any], Sequence[ValueType], Attributes], "tuple[Any, ...]"
]
Narrowed = tuple[Attributes, dict[int, int]]
"""Other attributes, and where the results that are taken are among the results with these."""

Reference = Callable[
    [Sequence[Array], Sequence[ValueType], Attributes], "Array | tuple[Array, ...]"
]


@record(frozen=True, slots=True)
class Reduction:
    """What a reduction combines: in `axes`, by a `kind` of reduction of the loop IR.

    `gives_index`: the place of an element is given, not the element. `needs_element`: of no
    elements there is none.
    """

    kind: str
    axes: tuple[int, ...]
    gives_index: bool = False
    needs_element: bool = False


@record(frozen=True, eq=False)
class Op:
    """One op of the tensor IR.

    Attributes
    ----------
    name
        Its name in the text.
    arity
        The number of operands, or the least number when `variadic`.
    attributes
        The name and kind of each attribute, in order.
    infer
        The type of the result from the operands' types and the attributes, or a tuple of types for
        an op with several results; raises TypeRuleError. None for the ops with regions, whose types
        are those of the region's results.
    shape
        The sizes of the result from the sizes (and the integer values) of the operands; a tuple of
        sizes for each result where there are several, None for one whose sizes only the run tells.
    reference
        The result, or a tuple of the results, for NumPy arrays: the reference semantics.
    failure
        Whether there may be no result.
    summary
        One line for the documentation.
    ulp
        For an op that is not exact: the bound that compiled code keeps, by the dtype of the
        operands. On complex numbers it is on the distance from the exact result, in units in the
        last place of that result's modulus.
    library
        The library whose function of that name both the reference and compiled code call, if it is
        one: how exact it is, is the library's doing.
    regions
        Of an op with regions, what they are to operands and results.
    narrow
        For an op with several results, of which only some may be needed: from the attributes and
        the results that are taken, the attributes under which those cost less, if there are any.
    steady
        Where compiled code reads elements more than once, first to check or count them and then to
        reach memory by them: the first of the operands, up to the last, that must not change
        meanwhile.
    measures
        Whether the result depends on the sizes of the operands alone, not on their elements.
    work
        Where the work grows faster than the number of elements read and made: from the shapes of
        the operands, how many steps it is besides.
    role
        What it is to a program.
    cost, complex_cost
        What an element costs; where it is not the same, what one of complex operands costs.
    laws
        The algebra of an elementwise op.
    sign
        What is known of the sign of the elements of a result of real numbers.
    reaches
        Between which numbers its elements are, whatever the operands, if that is known.
    wraps
        Whether its integers may wrap around.
    converts
        Whether it gives the numbers of its operand in another dtype.
    view
        How its elements are elements of its first operand, if they all are.
    is_operand
        Whether the result is the first operand itself, provided that something holds.
    from_index
        Whether each element follows from its own index alone.
    below
        Of an op that gives indices, the size below which all of them are; 0 may also stand where
        there is nothing of that size.
    reduction
        Of a reduction, what it combines, from the attributes.
    calls_host
        Whether it calls a function of the host language.
    long_from
        From how many bytes of parameters on it takes so long that others should run meanwhile.
    """

    name: str
    arity: int
    summary: str
    infer: TypeRule | None = None
    shape: ShapeRule | None = None
    reference: Reference | None = None
    attributes: tuple[tuple[str, Attribute], ...] = ()
    variadic: bool = False
    failure: Failure = Failure.NEVER
    family: str = ""
    regions: Regions | None = None
    ulp: tuple[tuple[str, float], ...] = ()
    library: str = ""
    narrow: Callable[[Attributes, frozenset[int]], Narrowed | None] | None = None
    steady: int | None = None
    measures: bool = False
    work: Callable[[Sequence[tuple[int, ...]]], int] | None = None
    role: Role = Role.COMPUTES
    cost: Cost = Cost.KERNEL
    complex_cost: Cost | None = None
    laws: Laws = Laws()
    sign: SignRule | None = None
    reaches: Interval | None = None
    wraps: bool = False
    converts: bool = False
    view: View | None = None
    is_operand: bool = False
    from_index: bool = False
    below: Callable[[ShapeArithmetic, Sequence[Any]], Any] | None = None
    reduction: Callable[[Attributes], Reduction] | None = None
    calls_host: bool = False
    long_from: int | None = None

    @property
    def is_elementwise(self) -> bool:
        """True for the ops that act on each element alone."""
        return self.family == "elementwise"

    @property
    def region_names(self) -> tuple[str, ...]:
        """What its regions are called, in order."""
        return () if self.regions is None else self.regions.names

    def form(self, attributes: Attributes, operands: int, results: int) -> RegionForm:
        """What so many operands, and results of each region, are to an op with regions."""
        assert self.regions is not None, f"{self.name} has no regions"
        return self.regions.form(attributes, operands, results)

    @property
    def is_by_index(self) -> bool:
        """Whether an element is one of the first operand's, or follows from its index, alone."""
        return self.from_index or (self.view is not None and self.view.by_index)

    @property
    def is_strided(self) -> bool:
        """Whether a result can be the memory of the first operand under other strides."""
        return self.view is not None and self.view.strided

    def cost_on(self, dtype: DType) -> Cost:
        """What an element of operands of a dtype costs."""
        if dtype.is_complex and self.complex_cost is not None:
            return self.complex_cost
        return self.cost

    def result_types(
        self, types: Sequence[ValueType], attributes: Attributes
    ) -> tuple[ValueType, ...]:
        """The types of the results, however many; TypeRuleError when the op refuses its operands.

        Not for the ops with regions.
        """
        assert self.infer is not None, f"{self.name} has no type rule of its own"
        inferred = self.infer(types, attributes)
        return inferred if isinstance(inferred, tuple) else (inferred,)

    def results(
        self, arrays: Sequence[Array], types: Sequence[ValueType], attributes: Attributes
    ) -> tuple[Array, ...]:
        """The results, however many, by the op's reference semantics."""
        assert self.reference is not None, f"{self.name} declares no reference semantics"
        arrays_given = self.reference(arrays, types, attributes)
        return arrays_given if isinstance(arrays_given, tuple) else (arrays_given,)

    def is_exact(self, dtype: DType) -> bool:
        """Whether compiled code gives the bits of the reference for operands of a dtype."""
        return all(name != dtype.name for name, _ in self.ulp)

    def __repr__(self) -> str:
        return f"<op {self.name}>"
