"""What a compiled function takes and gives, and the native record of it.

The frame is laid out by `lltheano_ir.abi`. Only programs that call host functions read its last
word, but it is there for all, so that no program reads beyond the frame.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.runtime.errors import UnreachableStorageError
from lltheano.runtime.native_code import native_code
from lltheano.runtime.scalar_arguments import NumberRule, rule_for
from lltheano.runtime.storages.storage import Storage, native_dtype
from lltheano.runtime.structures import LOCK, PARAMETER, PLAN, RESULT
from lltheano_ir.abi import frame_words
from lltheano_ir.records import record

__all__ = [
    "CallPlan",
    "Input",
    "Output",
    "Parameter",
    "Result",
    "Shared",
    "Update",
]

# NumPy's array flags.
_C_CONTIGUOUS, _ALIGNED, _WRITEABLE = 0x1, 0x100, 0x400

_NEVER = -1  # as an unsigned number of bytes, more than any call has


@record(frozen=True)
class Input:
    """A parameter that each call brings along.

    Attributes
    ----------
    name
        For messages.
    dtype, rank
        Of the array.
    broadcast
        Which dimensions must have size 1; empty for none.
    takes_int, takes_float
        Whether a plain Python int (that the dtype can hold exactly) or float will do, for rank 0.
    contiguous
        Whether the array must be C-contiguous; otherwise any strides will do.
    written
        Whether compiled code may write into the array.

    >>> Input("x", np.dtype("float32"), 2, (False, True)).broadcast_bits
    2
    """

    name: str
    dtype: np.dtype[Any]
    rank: int
    broadcast: tuple[bool, ...] = ()
    takes_int: bool = False
    takes_float: bool = False
    contiguous: bool = True
    written: bool = False

    @property
    def flags(self) -> int:
        """NumPy's flags that the array must have."""
        contiguous = _C_CONTIGUOUS if self.contiguous else 0
        return _ALIGNED | contiguous | (_WRITEABLE if self.written else 0)

    @property
    def broadcast_bits(self) -> int:
        """Bit d is set where dimension d must have size 1."""
        return sum(1 << axis for axis, broadcast in enumerate(self.broadcast) if broadcast)

    @property
    def numbers(self) -> NumberRule | None:
        """How Python numbers are taken, if any are."""
        if self.rank:
            return None
        return rule_for(self.dtype, ints=self.takes_int, floats=self.takes_float)


@record(frozen=True)
class Shared:
    """A parameter whose array is what the storage holds when the call happens."""

    storage: Storage


@record(frozen=True)
class Output:
    """A result that goes to the caller."""

    dtype: np.dtype[Any]
    rank: int


@record(frozen=True)
class Update:
    """A result that becomes the contents of the storage."""

    storage: Storage


Parameter = Input | Shared
Result = Output | Update


class CallPlan:
    """The native record of a compiled function, which never changes but for what it counts.

    Attributes
    ----------
    inputs, outputs
        The parameters and results that the caller sees.
    locks
        The storages, in creation order, each with whether it is written.
    frame
        Where everything stands in the frame.
    frame_length
        The number of words of the frame.
    host
        The number of the table of functions that the program calls, which becomes the last word of
        the frame; 0 where there is none.

    Raises
    ------
    ValueError
        An input follows a shared parameter, an output an update, or a storage is updated twice.
    UnreachableStorageError
        A storage lives where the program does not compute.
    """

    def __init__(
        self,
        entry: int,
        parameters: Sequence[Parameter],
        results: Sequence[Result],
        release_gil_from: int | None,
        single: bool,
        host: int = 0,
    ) -> None:
        self.parameters, self.results = tuple(parameters), tuple(results)
        self.inputs = tuple(p for p in parameters if isinstance(p, Input))
        self.outputs = tuple(r for r in results if isinstance(r, Output))
        self._check_order(single)
        self.locks = self._order_locks()
        self.frame = frame_words(
            (_array_of(one).rank for one in self.parameters),
            (_array_of(one).rank for one in self.results),
        )
        self.frame_length = self.frame.host + 1
        self.host = host
        self._records = self._build(entry, release_gil_from, single)
        self.address = ctypes.addressof(self._records[0])

    @property
    def waited(self) -> int:
        """Nanoseconds that calls have waited for locks in native code, of all threads together."""
        return int(self._records[0].waited)

    def _check_order(self, single: bool) -> None:
        if self.parameters[: len(self.inputs)] != self.inputs:
            raise ValueError("inputs come before shared parameters")
        if self.results[: len(self.outputs)] != self.outputs:
            raise ValueError("outputs come before updates")
        storages = [result.storage for result in self.results if isinstance(result, Update)]
        for index, storage in enumerate(storages):
            if storage in storages[:index]:
                raise ValueError(f"{storage.label} is updated twice")
        for storage, _ in self._order_locks():
            if not storage.space.is_host:
                raise UnreachableStorageError(
                    f"{storage.label} lives in {storage.space.name!r}, and compiled programs"
                    " compute on the host; make it with target='cpu', or copy its value there"
                )
        if single and len(self.outputs) != 1:
            raise ValueError(f"a single output was announced, got {len(self.outputs)}")

    def _order_locks(self) -> tuple[tuple[Storage, bool], ...]:
        shared = {
            p.storage.order: (p.storage, False) for p in self.parameters if isinstance(p, Shared)
        }
        updated = {
            r.storage.order: (r.storage, True) for r in self.results if isinstance(r, Update)
        }
        return tuple(lock for _, lock in sorted((shared | updated).items()))

    def _build(self, entry: int, release_gil_from: int | None, single: bool) -> tuple[Any, ...]:
        parameters = PARAMETER.table(len(self.parameters))
        for row, parameter, place in zip(
            parameters, self.parameters, self.frame.parameters, strict=True
        ):
            _describe_parameter(row, parameter, place.data)
        results = RESULT.table(len(self.results))
        for row, result, place in zip(results, self.results, self.frame.results, strict=True):
            _describe_result(row, result, place.data)
        locks = LOCK.table(len(self.locks))
        for row, (storage, written) in zip(locks, self.locks, strict=True):
            row.storage, row.mode = storage.address, written
        plan = PLAN.ctype(
            entry=entry,
            parameter_count=len(self.parameters),
            parameters=ctypes.addressof(parameters),
            input_count=len(self.inputs),
            result_count=len(self.results),
            results=ctypes.addressof(results),
            output_count=len(self.outputs),
            lock_count=len(self.locks),
            locks=ctypes.addressof(locks),
            frame_words=self.frame_length,
            report=self.frame.report,
            host_word=self.frame.host,
            release_from=_NEVER if release_gil_from is None else release_gil_from,
            single=single,
            host=self.host,
        )
        return plan, parameters, results, locks


def _describe_parameter(row: Any, parameter: Parameter, word: int) -> None:
    array = _array_of(parameter)
    dtype = native_dtype(array.dtype)
    row.rank, row.word, row.itemsize = array.rank, word, dtype.itemsize
    if isinstance(parameter, Shared):
        row.storage = parameter.storage.address
        return
    row.dtype = id(dtype)
    row.flags = parameter.flags
    row.broadcast = parameter.broadcast_bits
    if parameter.numbers is not None:
        row.take = native_code().address(parameter.numbers.symbol)


def _describe_result(row: Any, result: Result, word: int) -> None:
    array = _array_of(result)
    dtype = native_dtype(array.dtype)
    row.storage = result.storage.address if isinstance(result, Update) else 0
    row.rank, row.word = array.rank, word
    row.type_number, row.itemsize = dtype.num, dtype.itemsize


def _array_of(item: Parameter | Result) -> Input | Output | Storage:
    return item.storage if isinstance(item, Shared | Update) else item
