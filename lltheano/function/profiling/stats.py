"""The profile of a function: what its calls have counted so far, and the ways to look at it."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from lltheano.config import config
from lltheano.function.profiling.limits import limits
from lltheano.function.profiling.page import page
from lltheano.function.profiling.snapshot import Row, Snapshot, by_line, by_op, rows_of
from lltheano.function.profiling.terminal import print_snapshot
from lltheano_ir.locks import ProcessLock
from lltheano_ir.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lltheano.runtime.calls.executable import Executable
    from lltheano_ir.compile import Compiled

__all__ = ["ProfileStats"]


@record
class _Program:
    """A compiled program, and what it had counted when counting was begun anew."""

    compiled: "Compiled"
    executable: "Executable"
    counted: "NDArray[np.int64] | int" = 0
    waited: int = 0

    def reset(self) -> None:
        self.counted = self.compiled.counters.copy()
        self.waited = self.executable.plan.waited


class ProfileStats:
    """What the calls of a function count, where `function` was asked for a profile.

    A function compiled with `profile=True` has its own, as `f.profile`. Several functions may share
    one: pass it to each as `profile`. It may be read at any time, from any thread.

    Parameters
    ----------
    message
        What it is called; by default the function's name, or the line that made it.
    atexit_print
        Whether it is printed when the process ends, unless it was looked at before.
    flag_time_thunks, gpu_checks, others
        Taken for Theano's sake.

    Attributes
    ----------
    message, atexit_print
        As above.
    fct_callcount, failures
        How many calls have ended, and how many of them raised.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import ProfileStats, function
    >>> x = T.dvector("x")
    >>> f = function([x], T.exp(x) + 1, profile=True)
    >>> for _ in range(3):
    ...     y = f([1.0, 2.0])
    >>> f.profile.fct_callcount, list(f.profile.op_time())
    (3, ['exp', 'add'])

    >>> both = ProfileStats("both")
    >>> g, h = (function([x], y, profile=both) for y in (x + 1, T.sin(x)))
    >>> _ = g([1.0]), h([1.0])
    >>> sorted(both.op_callcount())
    ['add', 'sin']
    """

    def __init__(
        self,
        message: str | None = None,
        atexit_print: bool = True,
        flag_time_thunks: bool | None = None,
        gpu_checks: bool = True,
        **others: Any,
    ) -> None:
        self.message = message
        self.atexit_print = atexit_print
        self._lock = ProcessLock()
        self._programs: list[_Program] = []
        self._compile_seconds: dict[str, float] = {}
        self._ignores_next = bool(config.profiling.ignore_first_call)
        self._clear()

    def _clear(self) -> None:
        self.was_shown = False
        self.fct_callcount = self.failures = 0
        self._nanoseconds = self._cpu_nanoseconds = 0
        self._threads: set[int] = set()

    def add(
        self, name: str, compiled: "Compiled", executable: "Executable", steps: Mapping[str, float]
    ) -> None:
        """Count what a program does, which was compiled in these steps."""
        with self._lock:
            if self.message is None:
                self.message = name
            self._programs.append(_Program(compiled, executable))
            for step, seconds in steps.items():
                self._compile_seconds[step] = self._compile_seconds.get(step, 0.0) + seconds

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count what runs inside as a call, which has failed if it raises."""
        wall, cpu, failed = time.perf_counter_ns(), time.process_time_ns(), True
        try:
            yield
            failed = False
        finally:
            self._end(time.perf_counter_ns() - wall, time.process_time_ns() - cpu, failed)

    def _end(self, wall: int, cpu: int, failed: bool) -> None:
        with self._lock:
            self.fct_callcount += 1
            self.failures += failed
            self._nanoseconds += wall
            self._cpu_nanoseconds += cpu
            self._threads.add(threading.get_ident())
        if self._ignores_next:
            self._ignores_next = False
            self.reset()

    def reset(self) -> None:
        """Forget the calls so far; how long compiling took is kept."""
        with self._lock:
            self._clear()
            for program in self._programs:
                program.reset()

    def snapshot(self) -> Snapshot:
        """Return what has been counted so far, as plain data."""
        self.was_shown = True
        with self._lock:
            rows: list[Row] = []
            for one in self._programs:
                counted = (one.compiled.counters - one.counted).tolist()
                rows += rows_of(one.compiled.regions, counted, len(rows))
            waited = sum(one.executable.plan.waited - one.waited for one in self._programs)
            return Snapshot(
                self.message or "function",
                self.fct_callcount,
                self.failures,
                self._nanoseconds / 1e9,
                waited / 1e9,
                self._cpu_nanoseconds / 1e9,
                len(self._threads),
                dict(self._compile_seconds),
                tuple(rows),
            )

    def summary(
        self,
        file: TextIO | None = None,
        n_ops_to_print: int | None = None,
        n_apply_to_print: int | None = None,
    ) -> None:
        """Print where the time went.

        Parameters
        ----------
        file
            Where to; standard error by default.
        n_ops_to_print, n_apply_to_print
            How many ops and lines, and how many regions, are listed at most; by default what
            `config.profiling.n_ops` and `config.profiling.n_apply` say.
        """
        print_snapshot(
            self.snapshot(),
            limits(),
            file or sys.stderr,
            ops=n_ops_to_print or config.profiling.n_ops,
            regions=n_apply_to_print or config.profiling.n_apply,
        )

    print_summary = summary

    def as_record(self) -> dict[str, Any]:
        """Return everything as dicts, lists, strings and numbers, which `json.dumps` takes."""
        return {"limits": limits().as_record(), "functions": [self.snapshot().as_record()]}

    def save_html(self, path: str | Path) -> None:
        """Write a picture of where the time goes: one file, which needs no network."""
        text = page([self.snapshot()], limits())
        Path(path).write_text(text, encoding="utf-8")

    @property
    def fct_call_time(self) -> float:
        """Seconds in all calls."""
        return self._nanoseconds / 1e9

    @property
    def vm_call_time(self) -> float:
        """Seconds of these in compiled programs."""
        return self.snapshot().native_seconds

    @property
    def compile_time(self) -> float:
        """Seconds that compiling took."""
        return sum(self._compile_seconds.values())

    def op_time(self) -> dict[str, float]:
        """Return seconds by op, most first; those of a fused loop are shared out among its ops."""
        return {one.key: one.seconds for one in by_op(self.snapshot())}

    def op_callcount(self) -> dict[str, int]:
        """Return how often loops and calls with each op were run."""
        return {one.key: one.calls for one in by_op(self.snapshot())}

    class_time, class_callcount = op_time, op_callcount

    def line_time(self) -> dict[str, float]:
        """Return seconds by line of the user's source, as `file:line`, most first."""
        return {one.key: one.seconds for one in by_line(self.snapshot())}

    def __reduce__(self) -> tuple[Any, ...]:
        """What is pickled of a profile is that there was one: counts are of a process."""
        return ProfileStats, (self.message, self.atexit_print)

    def __repr__(self) -> str:
        return (
            f"<ProfileStats of {self.message}: {self.fct_callcount} calls in"
            f" {self.fct_call_time:.3g} s>"
        )
