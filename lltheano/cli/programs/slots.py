"""The parameters of a piece of IR, and the arrays that a command line gives them.

An array is given as `NAME=FILE.npy` or as `NAME=LITERAL`, a Python literal such as 3, [1.5, -2] or
True; nan and inf may stand in a literal. It must be exactly representable in the parameter's dtype.
What is not given is random: a standard normal for floats, -9 to 9 for integers (0 to 9 where they
have no sign), coins for bools.
"""

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.cli.errors import CommandError, file_error
from lltheano.cli.programs.source import Ir
from lltheano_ir.dtypes import DType
from lltheano_ir.loops.nodes import Buffer, Number
from lltheano_ir.program import Program

__all__ = ["Array", "Sizes", "Slot", "read_array", "read_inputs", "read_sizes", "slots_of"]

Array = NDArray[Any]
Sizes = Mapping[str | None, tuple[int, ...]]
"""The sizes for random arrays: by parameter, and under None the one size for all others."""

_WORDS = {"nan": math.nan, "inf": math.inf, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter: `sizes` has the size of an axis where it is fixed, else None."""

    name: str
    dtype: DType
    sizes: tuple[int | None, ...]
    shared: bool

    @property
    def type_text(self) -> str:
        """How the IR writes the type, such as f64[?,1]."""
        return (
            f"{self.dtype}[{','.join('?' if size is None else str(size) for size in self.sizes)}]"
        )

    def random(self, generator: np.random.Generator, sizes: Sizes) -> Array:
        """A random array; axes whose size is not fixed have the size that `sizes` says."""
        given = sizes.get(self.name, sizes[None] * len(self.sizes))
        if len(given) != len(self.sizes):
            raise CommandError(
                f"--size {self.name}: {len(given)} sizes for {self.type_text}", code=2
            )
        pairs = zip(self.sizes, given, strict=True)
        shape = tuple(size if fixed is None else fixed for fixed, size in pairs)
        try:
            return _random(generator, self.dtype, shape)
        except (MemoryError, ValueError):  # NumPy's word for far too much is ValueError
            raise CommandError(
                f"no memory for {self.name}, {self.dtype} of shape {shape}"
            ) from None

    def admit(self, array: Array) -> Array:
        """The array in the slot's dtype; CommandError when that loses anything or the shape does
        not fit.
        """
        if array.ndim != len(self.sizes) or any(
            fixed not in (None, size) for fixed, size in zip(self.sizes, array.shape, strict=True)
        ):
            raise CommandError(
                f"{self.name} is {self.type_text}; the array given for it has shape {array.shape}"
            )
        if not self._keeps(array):
            raise CommandError(
                f"{self.name} is {self.type_text}; the {array.dtype} array given for it does not"
                " fit without loss"
            )
        return np.require(array, self.dtype.numpy, ["C", "A", "O"])

    def _keeps(self, array: Array) -> bool:
        """Whether the dtype holds every element; floats are rounded, as literals must be."""
        if array.dtype.kind in "fc" and (self.dtype.is_complex or self.dtype.is_float):
            return self.dtype.is_complex or array.dtype.kind == "f"
        if array.dtype.kind == "c":
            return False
        with np.errstate(all="ignore"):
            return np.array_equal(array.astype(self.dtype.numpy), array)


def slots_of(ir: Ir) -> tuple[Slot, ...]:
    """The parameters of a program or function, in order."""
    if isinstance(ir, Program):
        return tuple(
            Slot(
                parameter.name,
                parameter.type.dtype,
                tuple(1 if fixed else None for fixed in parameter.type.broadcast),
                parameter.shared,
            )
            for parameter in ir.parameters
        )
    return tuple(
        Slot(
            parameter.buffer.name,
            parameter.buffer.dtype,
            _fixed(parameter.buffer),
            parameter.shared,
        )
        for parameter in ir.parameters
    )


def _fixed(buffer: Buffer) -> tuple[int | None, ...]:
    return tuple(
        int(size.literal.array()) if isinstance(size, Number) else None for size in buffer.sizes
    )


def _random(generator: np.random.Generator, dtype: DType, shape: tuple[int, ...]) -> Array:
    kind = dtype.numpy
    if dtype.is_bool:
        return np.asarray(generator.integers(0, 2, shape), kind)
    if dtype.is_integer:
        return np.asarray(generator.integers(-9 if dtype.is_signed else 0, 10, shape), kind)
    real = np.asarray(generator.standard_normal(shape))
    if dtype.is_complex:
        return np.asarray(real + 1j * generator.standard_normal(shape), kind)
    return real.astype(kind)


def read_array(text: str) -> Array:
    """The array that a file or a literal holds.

    >>> read_array("[[1, 2], [3, 4]]")
    array([[1, 2],
           [3, 4]])
    >>> read_array("[1.5, -inf, nan]")
    array([ 1.5, -inf,  nan])
    """
    if text.endswith(".npy"):
        return _load(text)
    try:
        array = np.asarray(_literal(ast.parse(text.strip(), mode="eval").body))
    except (ValueError, SyntaxError, OverflowError, MemoryError, RecursionError):
        array = np.asarray(None)
    if array.dtype.kind not in "biufc":
        raise CommandError(
            f"{text!r} is no array",
            hint="give a .npy file, or a literal such as 3 or [[1.0, 2.0], [3.0, nan]]",
            code=2,
        )
    return array


def _literal(node: ast.expr) -> Any:
    """The value of a literal, in which nan, inf, true and false are words; ValueError for more."""
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_literal(element) for element in elements]
        case ast.Name(id=word) if word in _WORDS:
            return _WORDS[word]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_literal(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=complex() as imaginary)):
            return _literal(left) + imaginary
        case ast.Constant(value=bool() | int() | float() | complex() as number):
            return number
    raise ValueError(ast.unparse(node))


def _load(path: str) -> Array:
    try:
        with Path(path).open("rb") as file:
            array: Array = np.load(file, allow_pickle=False)
    except OSError as error:
        raise file_error("read", path, error) from None
    except (ValueError, EOFError) as error:
        raise CommandError(f"{path} is no array of NumPy's: {error}") from None
    if array.dtype.kind not in "biufc":
        raise CommandError(f"{path} holds {array.dtype}, not numbers")
    return array


def read_sizes(texts: Sequence[str], slots: Sequence[Slot]) -> Sizes:
    """The sizes that `--size` options say: `5` for all parameters, `x=3,4` for the axes of one.

    >>> read_sizes(["5"], [])
    {None: (5,)}
    """
    sizes: dict[str | None, tuple[int, ...]] = {None: (4,)}
    names = {slot.name for slot in slots}
    for text in texts:
        name, equals, numbers = text.rpartition("=")
        try:
            given = tuple(int(number) for number in numbers.split(",") if number.strip())
        except ValueError:
            given = (-1,)
        if any(size < 0 for size in given) or (not equals and len(given) != 1):
            raise CommandError(
                f"--size {text}: give one size, or NAME=SIZE,... with one for each axis", code=2
            )
        if equals and name not in names:
            raise CommandError(f"--size {text}: no parameter {name!r}; {_known(names)}", code=2)
        sizes[name if equals else None] = given
    return sizes


def read_inputs(texts: Sequence[str], slots: Sequence[Slot]) -> dict[str, Array]:
    """The arrays that `--input` options give, by parameter and in the parameter's dtype."""
    known = {slot.name: slot for slot in slots}
    results: dict[str, Array] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandError(f"--input {text}: give NAME=FILE.npy or NAME=LITERAL", code=2)
        if name not in known:
            raise CommandError(f"--input {text}: no parameter {name!r}; {_known(known)}", code=2)
        if name in results:
            raise CommandError(f"--input {text}: {name!r} is given twice", code=2)
        results[name] = known[name].admit(read_array(value))
    return results


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"there are {listed}" if listed else "there are none"
