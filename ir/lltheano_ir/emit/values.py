"""How a scalar of the loop IR lives in LLVM registers: for one iteration of a loop, or for several.

Invariants: a bool is ``i1`` in registers and a byte, 0 or 1, in memory; a complex number is a
`Pair` of real registers; a value of `lanes` > 1 holds those many consecutive iterations, first lane
first. Splats are written so that text and LLVM's constant pool stay small.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.ops.definition import Literal
from lltheano_ir.records import record

__all__ = [
    "BIT",
    "BYTE",
    "INT",
    "POINTER",
    "STATUS",
    "EmittedValue",
    "Linear",
    "Pair",
    "Register",
    "bytes_constant",
    "constant",
    "declared",
    "element_type",
    "gathered",
    "integer",
    "intrinsic",
    "lanes_of",
    "like",
    "literal_value",
    "memory_type",
    "register_type",
    "splat",
    "stack_memory",
    "widened",
]

BIT = ir.IntType(1)
BYTE = ir.IntType(8)
INT = ir.IntType(64)
STATUS = ir.IntType(32)
POINTER = ir.PointerType()

_FLOATS = {"f16": ir.HalfType(), "f32": ir.FloatType(), "f64": ir.DoubleType()}


class Pair(NamedTuple):
    """The registers of a complex number."""

    re: ir.Value
    im: ir.Value


Register: TypeAlias = ir.Value | Pair


@record(frozen=True, slots=True)
class EmittedValue:
    """The value of a scalar: `lanes` is 1 when it is the same in every iteration that a vector
    holds.
    """

    dtype: DType
    register: Register
    lanes: int = 1


@record(frozen=True, slots=True)
class Linear:
    """An i64 that is ``base + lane * step`` in lane number `lane`: a loop index, or a sum with one.

    Kept apart from `EmittedValue` so that addresses stay scalar; `vector` makes the lanes when
    arithmetic needs them. `base` is known to be a multiple of `multiple`.
    """

    base: ir.Value
    step: int
    lanes: int
    multiple: int = 1

    def vector(
        self, builder: ir.IRBuilder, numbers: Sequence[ir.Value] | None = None
    ) -> EmittedValue:
        """The lanes themselves, of these numbers where they are not 0, 1, 2, ..."""
        kind = ir.VectorType(INT, self.lanes)
        if numbers is None:
            steps = ir.Constant(kind, [INT(lane * self.step) for lane in range(self.lanes)])
        else:
            steps = builder.mul(gathered(builder, numbers), constant(kind, self.step))
        return EmittedValue(
            i64, builder.add(splat(builder, self.base, self.lanes), steps), self.lanes
        )


def memory_type(dtype: DType) -> ir.Type:
    """The LLVM type of an element in memory; of a part of it for complex dtypes."""
    if dtype.is_bool:
        return BYTE
    return register_type(dtype)


def register_type(dtype: DType, lanes: int = 1) -> ir.Type:
    """The LLVM type of a register of `lanes` elements; of a part of it for complex dtypes.

    >>> from lltheano_ir.dtypes import bool_, c64
    >>> print(register_type(bool_), register_type(c64, 4))
    i1 <4 x float>
    """
    real = dtype.real
    if real.is_float:
        element = _FLOATS[real.name]
    else:
        element = BIT if real.is_bool else ir.IntType(8 * real.itemsize)
    return ir.VectorType(element, lanes) if lanes > 1 else element


def element_type(type_: ir.Type) -> ir.Type:
    """The type of one lane."""
    return type_.element if isinstance(type_, ir.VectorType) else type_


def lanes_of(register: ir.Value) -> int:
    """The number of lanes of a real register."""
    return int(register.type.count) if isinstance(register.type, ir.VectorType) else 1


def like(type_: ir.Type, element: ir.Type) -> ir.Type:
    """`element` in as many lanes as `type_` has."""
    return ir.VectorType(element, type_.count) if isinstance(type_, ir.VectorType) else element


@cache
def integer(value: int) -> ir.Constant:
    """An i64 constant."""
    return ir.Constant(INT, value)


def constant(type_: ir.Type, value: float) -> ir.Constant:
    """A constant, in every lane of `type_`.

    >>> print(constant(ir.VectorType(ir.DoubleType(), 4), 0.5))
    splat (double 0x3fe0000000000000)
    """
    if not isinstance(type_, ir.VectorType):
        return ir.Constant(type_, value)
    return _repeated(type_, ir.Constant(type_.element, value))


def _repeated(kind: ir.Type, one: ir.Constant) -> ir.Constant:
    result = ir.FormattedConstant(kind, "")
    # llvmlite would take a text given above for a list of lanes.
    result.constant = f"splat ({one.type} {one.get_reference()})"
    return result


def splat(builder: ir.IRBuilder, register: ir.Value, lanes: int) -> ir.Value:
    """A real register of one lane repeated in `lanes` lanes."""
    if lanes == 1:
        return register
    kind = ir.VectorType(register.type, lanes)
    if isinstance(register, ir.Constant):
        return _repeated(kind, register)
    undefined = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(undefined, register, ir.Constant(STATUS, 0))
    mask = ir.Constant(ir.VectorType(STATUS, lanes), 0)
    return builder.shuffle_vector(first, undefined, mask)


def stack_memory(start: ir.IRBuilder, kind: ir.Type, count: int = 1) -> ir.Value:
    """Memory for `count` elements of `kind` in the function's stack frame, 64-byte aligned if an
    array.
    """
    memory = start.alloca(ir.ArrayType(kind, count) if count > 1 else kind)
    memory.align = 64 if count > 1 else None
    # llvmlite's allocas have typed pointers; ours are all opaque.
    memory.type = POINTER
    return memory


def gathered(builder: ir.IRBuilder, registers: Sequence[Register]) -> Register:
    """One register with a lane for each of these registers of one lane."""
    if isinstance(registers[0], Pair):
        return Pair(*(gathered(builder, part) for part in zip(*registers, strict=True)))
    kind = ir.VectorType(registers[0].type, len(registers))
    vector = ir.Constant(kind, ir.Undefined)
    for lane, register in enumerate(registers):
        vector = builder.insert_element(vector, register, ir.Constant(STATUS, lane))
    return vector


def bytes_constant(data: bytes) -> ir.Constant:
    r"""An array of bytes.

    >>> print(bytes_constant(bytes([1, 255])))
    c"\01\ff"
    """
    kind = ir.ArrayType(BYTE, len(data))
    # llvmlite decides byte by byte what to escape, which takes twenty times as long.
    return ir.FormattedConstant(kind, 'c"\\' + data.hex("\\") + '"')


def declared(module: ir.Module, name: str, result: ir.Type, parameters: list[ir.Type]) -> ir.Value:
    """The function outside the module with that name, declared once."""
    known = module.globals.get(name)
    return known or ir.Function(module, ir.FunctionType(result, parameters), name)


def widened(builder: ir.IRBuilder, value: EmittedValue, lanes: int) -> EmittedValue:
    """`value` in `lanes` lanes: itself, or its one lane repeated."""
    if value.lanes == lanes:
        return value
    register = value.register
    if isinstance(register, Pair):
        parts = Pair(*(splat(builder, part, lanes) for part in register))
        return EmittedValue(value.dtype, parts, lanes)
    return EmittedValue(value.dtype, splat(builder, register, lanes), lanes)


def literal_value(literal: Literal, dtype: DType) -> EmittedValue:
    """The value of a literal without axes, bit for bit."""
    element = literal.array()[()]
    kind = register_type(dtype)
    if dtype.is_complex:
        whole = complex(element)
        parts = (ir.Constant(kind, part) for part in (whole.real, whole.imag))
        return EmittedValue(dtype, Pair(*parts))
    number = float(element) if dtype.is_float else int(element)
    return EmittedValue(dtype, ir.Constant(kind, number))


def intrinsic(
    builder: ir.IRBuilder, name: str, *operands: ir.Value, result: ir.Type | None = None
) -> ir.Value:
    """Call ``llvm.<name>``, overloaded on `result` where that is given and on the first operand.

    Operands of type ``i1`` are flags, which are not overloaded on.
    """
    kinds = [operands[0].type] if result is None else [result, operands[0].type]
    full_name = ".".join(["llvm", name, *(_mangled(kind) for kind in kinds)])
    function = builder.module.globals.get(full_name)
    if function is None:
        signature = ir.FunctionType(kinds[0], [operand.type for operand in operands])
        function = ir.Function(builder.module, signature, full_name)
    return builder.call(function, operands)


def _mangled(type_: ir.Type) -> str:
    element = element_type(type_)
    names = {"half": "f16", "float": "f32", "double": "f64"}
    count = f"v{type_.count}" if isinstance(type_, ir.VectorType) else ""
    return count + names.get(str(element), str(element))
