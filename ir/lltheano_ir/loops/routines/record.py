"""What a routine is: the record of which the table `lltheano_ir.loops.routines.table` is made.

A record holds all that is known of a routine: its operands and attributes, what it writes, the work
space that it needs, how it may fail, what it computes, and how it is called. The verifier, the
interpreter and emission all read it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeAlias

from lltheano_ir.dtypes import DType, bool_, i32, i64
from lltheano_ir.loops.nodes import Buffer, Call, Number, Scalar, Setting
from lltheano_ir.loops.routines.extents import Extent
from lltheano_ir.loops.routines.fortran import FortranCall
from lltheano_ir.ops.definition import Array
from lltheano_ir.records import record

__all__ = [
    "Access",
    "Arrays",
    "Buffers",
    "Choice",
    "Element",
    "Factor",
    "Flag",
    "Matched",
    "Parameter",
    "Routine",
    "Scratch",
    "Settings",
    "Shape",
]

Arrays: TypeAlias = tuple[Array, ...]
Buffers: TypeAlias = Sequence[Buffer]
Shape: TypeAlias = tuple[int, ...]
Settings: TypeAlias = Mapping[str, Any]
"""The setting of each attribute of a call, those not given included. A factor that is not given is
None; others are what the reader works with: operands, or elements.
"""


class Element(Enum):
    """The dtype of an operand, by that of the numbers that the routine computes with."""

    NUMBER = "the dtype computed in"
    REAL = "the real part's dtype"
    I32 = "i32"
    I64 = "i64"
    BOOL = "bool"
    ANY = "any dtype"

    def dtype(self, number: DType) -> DType | None:
        """The dtype for numbers of that dtype; None where any will do."""
        fixed = {Element.I32: i32, Element.I64: i64, Element.BOOL: bool_, Element.NUMBER: number}
        return number.real if self is Element.REAL else fixed.get(self)


class Access(Enum):
    """What is done to an operand."""

    READ = "read"
    WRITE = "write"
    UPDATE = "update"

    @property
    def reads(self) -> bool:
        """Whether the elements are looked at."""
        return self is not Access.WRITE

    @property
    def writes(self) -> bool:
        """Whether the elements are changed."""
        return self is not Access.READ


@record(frozen=True, slots=True)
class Parameter:
    """An operand of a routine.

    Attributes
    ----------
    name
        What the record calls it.
    element
        Its dtype.
    sizes
        Its sizes; those that are names say what the names stand for. None: of any rank.
    access
        What is done to it. An operand that is updated is an output and an input, of one buffer.
    strided
        Whether its memory may have strides; else it is row-major.
    """

    name: str
    element: Element
    sizes: tuple[Extent, ...] | None
    access: Access
    strided: bool = False


@record(frozen=True, slots=True)
class Choice:
    """An attribute that is one of some words, and must be given."""

    name: str
    words: tuple[str, ...]

    def setting(self, setting: Setting | None, number: DType) -> Setting:
        """The setting, if it is one; ValueError for another."""
        if not isinstance(setting, str) or setting not in self.words:
            raise ValueError(f"{self.name} is one of {', '.join(self.words)}")
        return setting


@record(frozen=True, slots=True)
class Flag:
    """An attribute that is true or, if it is not given, false."""

    name: str

    def setting(self, setting: Setting | None, number: DType) -> Setting:
        """The setting, if it is one; ValueError for another."""
        if not isinstance(setting, bool | None):
            raise ValueError(f"{self.name} is true or false")
        return bool(setting)


@record(frozen=True, slots=True)
class Factor:
    """An attribute that is a scalar of the dtype computed in, and may be left out."""

    name: str

    def setting(self, setting: Setting | None, number: DType) -> Setting | None:
        """The setting, if it is one; ValueError for another."""
        if setting is None:
            return None
        if not isinstance(setting, Scalar | Number) or setting.dtype is not number:
            raise ValueError(f"{self.name} is a scalar of {number}")
        return setting


@record(frozen=True, slots=True)
class Scratch:
    """Memory that a routine works in: so many elements, uninitialised, given back at its end."""

    name: str
    element: Element
    count: Extent


Matched: TypeAlias = list[tuple[Parameter, Buffer]]
"""The operands of a call."""


def _no_scratch(settings: Settings, number: DType) -> tuple[Scratch, ...]:
    return ()


def _nothing(shapes: Sequence[Shape]) -> int:
    return 0


def _reads_all(settings: Settings) -> frozenset[str]:
    return frozenset()


def _takes_all(matched: Matched) -> None:
    return None


@record(frozen=True, slots=True)
class Routine:
    """What a call must look like, what it does, and how it is made.

    Attributes
    ----------
    name
        What a call names.
    summary
        What it makes, for a reader.
    dtypes
        The names of the dtypes that it computes in, which is that of its first output. Empty where
        the dtypes of its operands are no choice.
    parameters
        Its operands for settings and a dtype. Outputs and inputs of a call stand in their order.
    computes
        The elements of the outputs from those of the inputs, the shapes of the outputs and the
        settings: its reference semantics.
    attributes
        What a call may say besides, in the order in which it is said.
    requires
        Raises ValueError, saying why, where operands do not fit each other in a way that their
        descriptions do not tell.
    unread
        The names of operands that are not looked at where settings have these values, so that they
        may hold anything.
    scratch
        The work space.
    row_bytes
        Where code is generated that goes row by row, the bytes of work space for each element of a
        row, by the dtypes of the first input and output; None where it needs none.
    status
        The name of the output, if there is one, that is 0 unless it fails; what it failed to make
        is then undefined.
    fortran
        The call of BLAS or LAPACK that it is; None where code is generated
        (see `lltheano_ir.emit.calls.routines`).
    exact
        Whether compiled code gives these very elements, bit for bit.
    work
        From the shapes of the inputs, how many steps it is besides one for each element that it
        reads or writes.
    flops
        How many additions and multiplications of numbers it makes, by the sizes of its operands,
        where that is said.
    """

    name: str
    summary: str
    dtypes: tuple[str, ...]
    parameters: Callable[[Settings, DType], tuple[Parameter, ...]]
    computes: Callable[[Sequence[Array], Sequence[Shape], Settings], Arrays]
    attributes: tuple[Choice | Flag | Factor, ...] = ()
    requires: Callable[[Matched], None] = _takes_all
    unread: Callable[[Settings], frozenset[str]] = _reads_all
    scratch: Callable[[Settings, DType], tuple[Scratch, ...]] = _no_scratch
    row_bytes: Callable[[DType, DType], int] | None = None
    status: str | None = None
    fortran: Callable[[Settings, DType], FortranCall] | None = None
    exact: bool = True
    work: Callable[[Sequence[Shape]], int] = _nothing
    flops: Extent | None = None

    def settings(self, call: Call) -> dict[str, Setting | None]:
        """The setting of each attribute; ValueError for attributes that it does not have."""
        number = _number(call)
        known = [attribute.name for attribute in self.attributes]
        names = [name for name, _ in call.attributes]
        if names != [name for name in known if name in names]:
            listed = f"the attributes {', '.join(known)}, in this order" if known else "none"
            raise ValueError(f"{self.name} has {listed}; got {', '.join(names)}")
        settings = dict(call.attributes)
        return {
            attribute.name: attribute.setting(settings.get(attribute.name), number)
            for attribute in self.attributes
        }

    def matched(self, call: Call) -> Matched:
        """Each operand with its buffer; ValueError, saying why, where the call does not fit."""
        number = _number(call)
        if self.dtypes and number.name not in self.dtypes:
            raise ValueError(f"{self.name} does not compute in {number}")
        parameters = self.parameters(self.settings(call), number)
        outputs = [operand for operand in parameters if operand.access.writes]
        inputs = [operand for operand in parameters if operand.access.reads]
        if (len(outputs), len(inputs)) != (len(call.outputs), len(call.inputs)):
            raise ValueError(
                f"{self.name} takes {len(outputs)} outputs and {len(inputs)} inputs here, got"
                f" {len(call.outputs)} and {len(call.inputs)}"
            )
        written = dict(zip((operand.name for operand in outputs), call.outputs, strict=True))
        read = dict(zip((operand.name for operand in inputs), call.inputs, strict=True))
        for name in written.keys() & read.keys():
            if written[name] != read[name]:
                raise ValueError(
                    f"{self.name} changes %{read[name].name} where it is; the output is"
                    f" %{written[name].name}"
                )
        buffers = written | read
        matched = [(operand, buffers[operand.name]) for operand in parameters]
        for parameter, buffer in matched:
            self._require(parameter, buffer, number)
        self.requires(matched)
        return matched

    def _require(self, parameter: Parameter, buffer: Buffer, number: DType) -> None:
        dtype = parameter.element.dtype(number)
        rank = None if parameter.sizes is None else len(parameter.sizes)
        if dtype not in (None, buffer.dtype) or rank not in (None, len(buffer.sizes)):
            axes = "" if rank is None else f" on {rank} axes"
            raise ValueError(
                f"{parameter.name} of {self.name} holds {dtype or 'anything'}{axes}; %{buffer.name}"
                f" holds {buffer.dtype} on {len(buffer.sizes)}"
            )
        if buffer.strides is not None and not parameter.strided:
            raise ValueError(
                f"{parameter.name} of {self.name} is row-major; %{buffer.name} has strides"
            )

    def steps(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        """The steps of a call on arrays of these shapes (see `lltheano_ir.budget`)."""
        return sum(math.prod(shape) for shape in (*inputs, *outputs)) + self.work(inputs)


def _number(call: Call) -> DType:
    if not call.outputs:
        raise ValueError(f"{call.callee} has an output")
    return call.outputs[0].dtype
