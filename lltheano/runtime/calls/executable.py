"""Compiled programs that can be called: arguments in, one atomic step, arrays out.

Invariants: an `Executable` holds no state of a call, so any number of threads may run it at once; a
call that raises has changed no storage. There are two ways with the same outcome: the native entry,
one C call from argument check to boxed results, and the plain way through ctypes, which serves
where an argument, or this interpreter, is not of the form that the native entry knows.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lltheano.runtime import pool
from lltheano.runtime.assembly import SLICE_MICROSECONDS
from lltheano.runtime.box import box_plainly
from lltheano.runtime.calls.callbacks import HostTable, raised_by
from lltheano.runtime.calls.plan import CallPlan, Input, Parameter, Result
from lltheano.runtime.errors import ExecutionFailed
from lltheano.runtime.native_code import native_code, new_record
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.storages.storage import native_dtype, require_known_sizes
from lltheano.runtime.waiting import waiting_for
from lltheano_ir.abi import REPORT_WORDS, Status
from lltheano_ir.host import HostFunction

__all__ = ["RELEASE_GIL_BYTES", "Executable", "Report"]

RELEASE_GIL_BYTES = 1 << 15
"""Calls whose parameters have fewer bytes than this keep the GIL: they take a few microseconds."""

Report = tuple[int, ...]
"""A status, then the eight report words."""


class Executable:
    """A compiled program, ready to be called.

    Parameters
    ----------
    entry
        Address of `int32_t entry(int64_t *frame)`; the frame is described in `plan`.
    parameters
        Inputs, then shared ones.
    results
        Outputs, then updates.
    keep_alive
        What holds the machine code in memory.
    release_gil_from
        A call releases the GIL when its parameters have this many bytes or more: 0 for always,
        None for never. A call that has to wait for a lock releases it in any case.
    single
        Whether `entry` returns the only output itself rather than a list.
    host
        The functions that the program calls, by its numbers for them.

    Attributes
    ----------
    entry
        A built-in function that takes the inputs by position and returns the outputs; where that
        was not possible it returns a `Report`, a tuple, for `resolve` to deal with.
    plan
        The parameters, results, locks and the layout of the frame.
    """

    def __init__(
        self,
        entry: int,
        parameters: Sequence[Parameter],
        results: Sequence[Result],
        *,
        keep_alive: object,
        release_gil_from: int | None = RELEASE_GIL_BYTES,
        single: bool = False,
        host: Sequence[HostFunction] = (),
    ) -> None:
        self._native = native_code()
        self._single = single
        self._host = HostTable(host) if host else None
        number = self._host.number if self._host is not None else 0
        self.plan = CallPlan(entry, parameters, results, release_gil_from, single, number)
        if self._host is not None:
            self._host.locks = self.plan.locks
        self._always_keeps_gil = release_gil_from is None
        self._keep_alive = keep_alive
        self.entry: Callable[..., Any] = self._make_entry()

    @property
    def capsule(self) -> object:
        """The capsule with the native plan; None where there is no native entry."""
        return getattr(self.entry, "__self__", None)

    def run(self, arguments: Sequence[ArrayLike]) -> list[NDArray[Any]]:
        """Call the program once.

        Parameters
        ----------
        arguments
            An array for each input, of its dtype, rank and broadcast pattern, aligned, in the
            machine's byte order and C-contiguous where the input demands it.

        Returns
        -------
        An array for each output, which belongs to the caller.

        Raises
        ------
        TypeError, ValueError
            An argument has another dtype, rank, pattern or layout, or their number is wrong.
        ExecutionFailed
            A check of the program failed.
        MemoryError
            The program could not get the memory it needs.
        DeadlockError
            The call can never get the locks it needs.
        MemoryDamagedError
            The pool found damage done earlier.
        BaseException
            Whatever a function that the program calls has raised.
        """
        outcome = self.entry(*arguments)
        if type(outcome) is tuple:
            outcome = self.resolve(outcome, arguments, Receipt())
        return [outcome] if self._single else outcome

    def resolve(self, report: Report, arguments: Sequence[ArrayLike], receipt: Receipt) -> Any:
        """Carry on where `entry` returned a report: wait, call the plain way, or raise.

        Returns what `entry` would have returned; raises what `run` raises.
        """
        while report[0] in {Status.BUSY, Status.DAMAGED}:
            outcome = self._retry(report, arguments, receipt)
            if type(outcome) is not tuple:
                return outcome
            report = outcome
        if report[0] == Status.UNPREPARED:
            outputs = self.run_plainly(arguments)
            return outputs[0] if self._single else outputs
        raise self._explain(report)

    def _retry(self, report: Report, arguments: Sequence[ArrayLike], receipt: Receipt) -> Any:
        if report[0] == Status.DAMAGED:
            pool.check()  # returns only if another thread raised the same damage before
            return receipt.enter(self.entry, arguments)
        with waiting_for(*self.plan.locks[report[1]]):
            return receipt.enter(self.entry, arguments)

    def run_plainly(self, arguments: Sequence[ArrayLike]) -> list[NDArray[Any]]:
        """What `run` does, by way of ctypes and without relying on NumPy's object layout."""
        pool.check()
        plan = self.plan
        frame = new_record(plan.frame_length)
        kept = self._fill(frame, arguments)
        status = self._call(frame)
        del kept
        if status != Status.DONE:
            report = frame[plan.frame.report : plan.frame.report + REPORT_WORDS]
            raise self._explain((status, *report))
        return [
            self._box_output(frame[place.data : place.end], output.dtype)
            for output, place in zip(plan.outputs, plan.frame.results, strict=False)
        ]

    def _make_entry(self) -> Callable[..., Any]:
        if not self._native.boxes_natively:
            return _always_unprepared
        entry: Callable[..., Any] = self._native.new_entry(
            self.plan.address, (self.plan, self._keep_alive, self._native, self._host)
        )
        return entry

    def _fill(self, frame: Any, arguments: Sequence[ArrayLike]) -> list[NDArray[Any]]:
        """Write the inputs' words; returns the arrays that the words point into."""
        inputs = self.plan.inputs
        if len(arguments) != len(inputs):
            names = ", ".join(parameter.name for parameter in inputs) or "none"
            raise TypeError(f"got {len(arguments)} arguments, wanted {len(inputs)}: {names}")
        arrays = [_conform(p, value) for p, value in zip(inputs, arguments, strict=True)]
        for array, place in zip(arrays, self.plan.frame.parameters, strict=False):
            frame[place.data : place.end] = (array.ctypes.data, *array.shape, *array.strides)
        return arrays

    def _call(self, frame: Any) -> int:
        native, plan = self._native, self.plan
        status = Status.BUSY
        if self._always_keeps_gil:
            status = native.call(plan.address, frame, 0)
        else:
            status = native.call_released(plan.address, frame, SLICE_MICROSECONDS)
        while status == Status.BUSY:
            with waiting_for(*plan.locks[frame[plan.frame.report]]):
                status = native.call_released(plan.address, frame, SLICE_MICROSECONDS)
        return int(status)

    def _box_output(self, words: Sequence[int], dtype: Any) -> NDArray[Any]:
        array = box_plainly(words, native_dtype(dtype))
        return array if array.ndim else array.copy()

    def _explain(self, report: Report) -> BaseException:
        status, first, *rest = report
        if status == Status.INTERRUPTED:
            native_code().raise_interrupt()
        if status == Status.CALLBACK_FAILED:
            return raised_by(first)
        if status == Status.NO_MEMORY:
            return pool.out_of_memory(first)
        if status in {Status.OWN_LEASE, Status.TORN}:
            return self.plan.locks[first][0].explain(status, 0)
        return ExecutionFailed(status, first, tuple(rest))


def _always_unprepared(*arguments: ArrayLike) -> Report:
    return (Status.UNPREPARED, -1, *[0] * (REPORT_WORDS - 1))


def _conform(parameter: Input, value: ArrayLike) -> NDArray[Any]:
    """The argument as an array that compiled code may be given, or the error that says why not."""
    if type(value) is int and parameter.takes_int and parameter.rank == 0:
        return _from_int(parameter, value)
    if type(value) is float and parameter.takes_float and parameter.rank == 0:
        return np.asarray(value, parameter.dtype)
    array = np.asarray(value)
    if array.dtype != parameter.dtype:
        raise TypeError(f"argument {parameter.name}: got {array.dtype}, wanted {parameter.dtype}")
    if array.ndim != parameter.rank:
        raise ValueError(
            f"argument {parameter.name}: got {array.ndim} dimensions (shape {array.shape}), "
            f"wanted {parameter.rank}"
        )
    for axis, broadcast in enumerate(parameter.broadcast):
        if broadcast and array.shape[axis] != 1:
            raise ValueError(
                f"argument {parameter.name}: got shape {array.shape}, "
                f"wanted size 1 in dimension {axis}, which broadcasts"
            )
    require_known_sizes(f"argument {parameter.name}", array.shape)
    _check_layout(parameter, array)
    return array


def _from_int(parameter: Input, value: int) -> NDArray[Any]:
    array = np.asarray(value).astype(parameter.dtype)
    if int(array) != value:
        raise ValueError(
            f"argument {parameter.name}: {value} has no exact representation in {parameter.dtype}"
        )
    return array


def _check_layout(parameter: Input, array: NDArray[Any]) -> None:
    wanted = {
        "aligned": True,
        "C-contiguous": parameter.contiguous,
        "writable": parameter.written,
    }
    flags = array.flags
    found = {
        "aligned": flags.aligned,
        "C-contiguous": flags.c_contiguous,
        "writable": flags.writeable,
    }
    missing = [word for word, needed in wanted.items() if needed and not found[word]]
    if missing:
        raise ValueError(f"argument {parameter.name}: the array is not {' and not '.join(missing)}")
