"""What a compiled function takes and gives, and the native record of it.

Invariant: a frame is 8-byte words, in this order: for each parameter (inputs, then shared) the data
pointer, its sizes, its strides in bytes; for each result (outputs, then updates) the data pointer
and its sizes; eight report words; the number of the table of host functions, 0 for none. Only
programs that call host functions read the last word, but it is there for all, so that no program
reads beyond the frame. `CallPlan` is the one place that lays it out.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.runtime.cells import SharedCell, native_dtype
from lltheano.runtime.native_code import new_record
from lltheano_ir.records import record

__all__ = [
    "REPORT_WORDS",
    "CallPlan",
    "Input",
    "Output",
    "Parameter",
    "Result",
    "Shared",
    "Update",
]

REPORT_WORDS = 8

# NumPy's array flags.
_C_CONTIGUOUS, _ALIGNED, _WRITEABLE = 0x1, 0x100, 0x400

_SCALAR_KINDS = {"i": 1, "u": 2, "f": 3}
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
    def scalar_bits(self) -> int:
        """Which Python numbers the native entry converts: 1 int, 2 float."""
        if self.rank or self.dtype == np.float16:
            return 0
        kind = self.dtype.kind
        return int(self.takes_int and kind in "iuf") + 2 * int(self.takes_float and kind == "f")


@record(frozen=True)
class Shared:
    """A parameter whose array is what the cell holds when the call happens."""

    cell: SharedCell


@record(frozen=True)
class Output:
    """A result that goes to the caller."""

    dtype: np.dtype[Any]
    rank: int


@record(frozen=True)
class Update:
    """A result that becomes the contents of the cell."""

    cell: SharedCell


Parameter = Input | Shared
Result = Output | Update


class CallPlan:
    """The native record of a compiled function, which never changes.

    Attributes
    ----------
    inputs, outputs
        The parameters and results that the caller sees.
    locks
        The cells, in creation order, each with whether it is written.
    frame_words
        Length of the frame.
    parameter_offsets, result_offsets
        First frame word of each.
    report_offset
        First of the report words.
    host
        The number of the table of functions that the program calls, which becomes the last word of
        the frame; 0 where there is none.

    Raises
    ------
    ValueError
        An input follows a shared parameter, an output an update, or a cell is updated twice.
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
        self.parameter_offsets, self.result_offsets, self.report_offset = self._lay_out()
        self.host = host
        self.frame_words = self.report_offset + REPORT_WORDS + 1
        self._records = self._build(entry, release_gil_from, single)
        self.address = ctypes.addressof(self._records[0])

    def _check_order(self, single: bool) -> None:
        if self.parameters[: len(self.inputs)] != self.inputs:
            raise ValueError("inputs come before shared parameters")
        if self.results[: len(self.outputs)] != self.outputs:
            raise ValueError("outputs come before updates")
        cells = [result.cell for result in self.results if isinstance(result, Update)]
        for index, cell in enumerate(cells):
            if cell in cells[:index]:
                raise ValueError(f"{cell.label} is updated twice")
        if single and len(self.outputs) != 1:
            raise ValueError(f"a single output was announced, got {len(self.outputs)}")

    def _order_locks(self) -> tuple[tuple[SharedCell, bool], ...]:
        shared = {p.cell.order: (p.cell, False) for p in self.parameters if isinstance(p, Shared)}
        updated = {r.cell.order: (r.cell, True) for r in self.results if isinstance(r, Update)}
        return tuple(lock for _, lock in sorted((shared | updated).items()))

    def _lay_out(self) -> tuple[tuple[int, ...], tuple[int, ...], int]:
        offset = 0
        parameters, results = [], []
        for parameter in self.parameters:
            parameters.append(offset)
            offset += 1 + 2 * _array_of(parameter).rank
        for result in self.results:
            results.append(offset)
            offset += 1 + _array_of(result).rank
        return tuple(parameters), tuple(results), offset

    def _build(self, entry: int, release_gil_from: int | None, single: bool) -> tuple[Any, ...]:
        parameters = _table(list(map(_parameter_row, self.parameters, self.parameter_offsets)))
        results = _table(list(map(_result_row, self.results, self.result_offsets)))
        locks = _table([[cell.address, int(written)] for cell, written in self.locks])
        header = _table(
            [
                [
                    entry,
                    len(self.parameters),
                    ctypes.addressof(parameters),
                    len(self.inputs),
                    len(self.results),
                    ctypes.addressof(results),
                    len(self.outputs),
                    len(self.locks),
                    ctypes.addressof(locks),
                    self.frame_words,
                    self.report_offset,
                    _NEVER if release_gil_from is None else release_gil_from,
                    int(single),
                    self.host,
                ]
            ]
        )
        return header, parameters, results, locks


def _parameter_row(parameter: Parameter, offset: int) -> list[int]:
    if isinstance(parameter, Shared):
        cell = parameter.cell
        return [cell.address, cell.rank, offset, 0, cell.dtype.itemsize, 0, 0, 0, 0]
    dtype = native_dtype(parameter.dtype)
    return [
        0,
        parameter.rank,
        offset,
        id(dtype),
        dtype.itemsize,
        parameter.flags,
        parameter.broadcast_bits,
        parameter.scalar_bits,
        _SCALAR_KINDS.get(dtype.kind, 0),
    ]


def _result_row(result: Result, offset: int) -> list[int]:
    array = _array_of(result)
    dtype = native_dtype(array.dtype)
    cell = result.cell.address if isinstance(result, Update) else 0
    return [cell, array.rank, offset, dtype.num, dtype.itemsize]


def _array_of(item: Parameter | Result) -> Input | Output | SharedCell:
    return item.cell if isinstance(item, Shared | Update) else item


def _table(rows: Sequence[Sequence[int]]) -> Any:
    flat = [word for row in rows for word in row]
    record = new_record(max(1, len(flat)))
    record[: len(flat)] = flat
    return record
