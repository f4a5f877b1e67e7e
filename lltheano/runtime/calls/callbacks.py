"""Calls from compiled code back into Python.

Compiled code calls one native function, `lltheano_callback` (its contract is in
`lltheano_ir.emit.calls.callback`), with the number of a `HostTable`. So no address of this process
stands in code that is cached, and a number that names no table is an error, not a wild call.

Invariants: a function gets arrays that are its own, so it may keep or overwrite them without harm
to anybody; what it gives is checked and copied into blocks of the pool before compiled code goes
on; an exception of any kind stops the compiled function, and is raised to its caller as it is. The
GIL is taken for the call if the thread does not hold it. The locks of the compiled function stay
held meanwhile, which `lltheano.runtime.waiting` is told, so that waiting for one of them is an
error.
"""

import ctypes
import itertools
import linecache
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from lltheano.runtime import pool
from lltheano.runtime.box import box_view
from lltheano.runtime.native_code import native_code, new_record
from lltheano.runtime.storages.storage import Storage, native_dtype, require_known_sizes
from lltheano.runtime.waiting import holding
from lltheano_ir.abi import UNKNOWN, CallWords, call_words
from lltheano_ir.dtypes import parse_dtype
from lltheano_ir.host import HostFunction, conforming, missing_function
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

if TYPE_CHECKING:
    from lltheano_ir.native.callees import Callee

__all__ = ["HostTable", "callback_callee", "raised_by"]

_numbers = itertools.count(1)
_tables: "WeakValueDictionary[int, HostTable]" = WeakValueDictionary()
_tickets = itertools.count(1)
_failures: dict[int, BaseException] = {}

_PROTOTYPE = ctypes.CFUNCTYPE(
    ctypes.c_int32,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_int64,
)


class HostTable:
    """The functions that one compiled program calls.

    Attributes
    ----------
    number
        What compiled code knows the table by; it lasts as long as the table.
    functions
        By the numbers that the program has for them.
    locks
        The storages that the program locks for its calls, each with whether it writes it.
    """

    def __init__(self, functions: Sequence[HostFunction]) -> None:
        self.functions = tuple(functions)
        self.locks: Sequence[tuple[Storage, bool]] = ()
        self.number = next(_numbers)
        _tables[self.number] = self


def raised_by(ticket: int) -> BaseException:
    """The exception that a report names, to be raised; each can be had once."""
    found = _failures.pop(ticket, None)
    if found is not None:
        return found
    # The one exception that comes out of nowhere: between native code and the first line below.
    return KeyboardInterrupt("while compiled code was calling a Python function")


@cache
def callback_callee() -> "Callee":
    """What compiled code calls, to be registered with the compiler."""
    # Imports LLVM, for some 60 ms.
    from lltheano_ir.native.callees import Callee  # noqa: PLC0415

    function = _PROTOTYPE(_call_back)
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    signature = "i32 (i64, i64, ptr, ptr, i64)"
    return Callee("lltheano_callback", address, signature, "lltheano.runtime", function)


def _call_back(table: int, function: int, words: int, text: int, length: int) -> int:
    """Make one call; 1 when its results are in the record, else 0 and a ticket in its first word.

    An exception that would leave this function is lost in ctypes, which then returns 0 too.
    """
    try:
        signature = _signature(ctypes.string_at(text, length))
        _answer(table, function, signature, _words_at(words, signature.layout.words))
    except BaseException as error:  # noqa: BLE001 - it is raised again behind compiled code
        ticket = next(_tickets)
        _failures[ticket] = error
        _words_at(words, CallWords.ticket + 1)[CallWords.ticket] = ticket
        return 0
    return 1


def _words_at(address: int, count: int) -> Any:
    return (ctypes.c_int64 * count).from_address(address)


@record(frozen=True, slots=True)
class _Signature:
    """What a call passes and gives.

    Attributes
    ----------
    name
        Of the function.
    operands
        The dtype of each operand.
    results
        The types of the results.
    layout
        Where all of them stand in the record.
    """

    name: str
    operands: tuple[np.dtype[Any], ...]
    results: tuple[ValueType, ...]
    layout: CallWords


@cache
def _signature(text: bytes) -> _Signature:
    first, second, name = text.decode().split("\n", 2)
    operands, results = _types(first), _types(second)
    layout = call_words((one.rank for one in operands), (one.rank for one in results))
    dtypes = tuple(native_dtype(one.dtype.numpy) for one in operands)
    return _Signature(name, dtypes, results, layout)


def _types(text: str) -> tuple[ValueType, ...]:
    """Types from words such as `f64:2`; which sizes are 1 is in the record."""
    pairs = (word.split(":") for word in text.split())
    return tuple(ValueType(parse_dtype(name), (False,) * int(rank)) for name, rank in pairs)


def _answer(number: int, function: int, signature: _Signature, words: Any) -> None:
    table = _tables.get(number)
    if table is None or not 0 <= function < len(table.functions):
        raise LookupError(missing_function(function, signature.name))
    called = table.functions[function]
    try:
        if table.locks:
            with holding(table.locks):
                given = called.call(_operands(signature, words))
        else:
            given = called.call(_operands(signature, words))
        sizes = _wanted_sizes(signature, words)
        _give(signature, conforming(called.name, signature.results, sizes, given), words)
    except BaseException as error:
        error.add_note(_place(called))
        raise


def _place(called: HostFunction) -> str:
    where = called.location
    if where is None:
        return f"raised by the host function {called.name}"
    text = linecache.getline(where.file, where.line).strip()
    return f"raised by {called.name}, applied in {where}{': ' if text else ''}{text}"


def _operands(signature: _Signature, words: Any) -> list[NDArray[Any]]:
    """Copies of what is passed, in memory that they own."""
    found = []
    for dtype, place in zip(signature.operands, signature.layout.operands, strict=True):
        address, *numbers = words[place.data : place.end]
        sizes, strides = numbers[: place.rank], numbers[place.rank :]
        found.append(_copy(address, tuple(sizes), tuple(strides), dtype))
    return found


_SMALL = 1 << 14
"""Arrays of fewer bytes are quicker to have from NumPy than from the pool."""


class _Shown:
    """Memory as NumPy is told of it."""

    def __init__(self, interface: dict[str, Any]) -> None:
        self.__array_interface__ = interface


def _copy(
    address: int, sizes: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any]
) -> NDArray[Any]:
    size = math.prod(sizes) * dtype.itemsize
    if not size:
        return np.empty(sizes, dtype)
    shown = _Shown(
        {
            "version": 3,
            "data": (address, True),
            "shape": sizes,
            "strides": strides,
            "typestr": dtype.str,
        }
    )
    if size < _SMALL:
        return np.array(shown, order="C")
    target = new_record(1 + len(sizes))
    target[:] = (_new_block(size), *sizes)
    copy = box_view(target, dtype)
    np.copyto(copy, np.asarray(shown))
    return copy


def _new_block(size: int) -> int:
    block: int | None = native_code().pool_alloc(max(size, 1))
    if block is None:
        raise pool.out_of_memory(size)
    return block


def _wanted_sizes(signature: _Signature, words: Any) -> list[tuple[int | None, ...]]:
    return [
        tuple(None if size == UNKNOWN else size for size in words[place.sizes : place.end])
        for place in signature.layout.results
    ]


def _give(signature: _Signature, arrays: Sequence[NDArray[Any]], words: Any) -> None:
    """Copy the results into blocks and name them in the record; all of them, or none."""
    blocks: list[int] = []
    try:
        for index, array in enumerate(arrays):
            require_known_sizes(f"{signature.name}: result {index}", array.shape)
            blocks.append(_new_block(array.nbytes))
            # Compiled code relies on a bool being 0 or 1, which a view of other bytes need not be.
            is_bool = array.dtype == np.bool_
            plain = np.asarray(array.view(np.uint8) != 0) if is_bool else array
            source = plain.__array_interface__["data"][0]
            ctypes.memmove(blocks[-1], source, array.nbytes)
    except BaseException:
        for block in blocks:
            native_code().pool_free(block)
        raise
    for block, array, place in zip(blocks, arrays, signature.layout.results, strict=True):
        words[place.data : place.end] = (block, *array.shape)
