"""`DebugMode`: functions whose every call is compared with the reference interpreter.

The compiled program updates nothing. It returns more than the function does: the old values of the
shared variables and the new ones, while the call leases the variables. From the arguments and the
old values the interpreter computes the same program as it was before any pass. Only when both agree
the shared variables get their new values, in one step.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.errors import DebugModeError, InvalidValueError
from lltheano.function.debugging.memory import checking_memory
from lltheano.function.debugging.replay import recorded, recording, replaying
from lltheano.function.modes.mode import Mode
from lltheano.function.programs.program import CompiledProgram
from lltheano.function.requests.gather import CommitCounter
from lltheano.graph import Variable
from lltheano.runtime.calls.callable import Way
from lltheano.runtime.calls.executable import Report
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.storages.storage import assign_together
from lltheano.shared import TensorSharedVariable
from lltheano.shared.objects import holding
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.host import HostFunction
from lltheano_ir.interpret import interpret

__all__ = ["CheckedProgram", "DebugMode", "watched_calls"]

_TOLERANCES = {
    "float16": (1e-2, 1e-3),
    **dict.fromkeys(("float32", "complex64"), (1e-4, 1e-5)),
    **dict.fromkeys(("float64", "complex128"), (1e-5, 1e-8)),
}
"""How far results of a dtype may be apart, relative and absolute."""


class _Flag:
    """An attribute that is what a flag says, unless an instance has its own."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        return config.value(self._name)


class DebugMode(Mode):
    """A mode whose functions raise DebugModeError where compiled code and reference disagree.

    Each call is computed twice, by compiled code and by the reference interpreter, so it is slow.
    Integers must be equal; floats may differ by a little, since the passes may order and merge
    what they compute. Passes that make results better than the reference's (`stabilise`) are left
    out, so that the two can be compared.

    An op in Python that does more than compute, such as `Print`, is called once; the reference gets
    what it gave.

    The comparison comes before the updates: when it fails, no shared variable has changed. What the
    compiler makes of the function is verified after each of its passes.

    It also raises InvalidValueError for a NaN or an infinity among the arguments, the values of
    shared variables and the results; and BadViewMap and BadDestroyMap for an op in Python that
    returns the memory of an input, or writes to one, without saying so in its `view_map` and
    `destroy_map`.

    Parameters
    ----------
    optimizer
        That of `Mode`.
    check_isfinite
        Whether NaN and infinities are errors; None is `config.DebugMode.check_finite`. The
        attribute may be set at any time.
    stability_patience, check_c_code, check_py_code, check_preallocated_output,
    require_matching_strides
        Taken for Theano's sake. There is one kind of compiled code here, and each call is checked
        in the same way.
    linker
        That of `Mode`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dvector("x")
    >>> function([x], T.exp(x).sum(), mode=DebugMode())([0.0, 0.0])
    array(2.)
    """

    checks_calls = True
    stability_patience = _Flag("DebugMode.patience")
    check_c_code = _Flag("DebugMode.check_c")
    check_py_code = _Flag("DebugMode.check_py")
    check_isfinite = _Flag("DebugMode.check_finite")
    require_matching_strides = _Flag("DebugMode.check_strides")
    check_preallocated_output = _Flag("DebugMode.check_preallocated_output")

    def __init__(
        self,
        optimizer: Any = "fast_run",
        stability_patience: int | None = None,
        check_c_code: bool | None = None,
        check_py_code: bool | None = None,
        check_isfinite: bool | None = None,
        check_preallocated_output: str | None = None,
        require_matching_strides: int | None = None,
        linker: str | None = None,
    ) -> None:
        super().__init__(linker, optimizer)
        self.optimizer = self.excluding("stabilise").optimizer
        said = {
            "stability_patience": stability_patience,
            "check_c_code": check_c_code,
            "check_py_code": check_py_code,
            "check_isfinite": check_isfinite,
            "check_preallocated_output": check_preallocated_output,
            "require_matching_strides": require_matching_strides,
        }
        vars(self).update({name: one for name, one in said.items() if one is not None})


def watched_calls(
    host: Sequence[HostFunction], roots: Sequence[Variable]
) -> tuple[HostFunction, ...]:
    """Return the functions of a graph with `roots`, watched by all that DebugMode looks for."""
    return recorded(checking_memory(host, roots))


class CheckedProgram(CompiledProgram):
    """A program that returns, after its outputs, the old values of the shared variables and the
    new ones of those that are updated.

    Parameters
    ----------
    outputs
        How many outputs are the function's own.
    watched
        All the variables that the program returns.
    updated
        The shared variables whose new values come last among them.
    mode
        The DebugMode.
    single
        Whether the function has one output, to be returned by itself.
    """

    def __init__(
        self,
        *arguments: Any,
        outputs: int,
        watched: Sequence[Variable],
        updated: Sequence[TensorSharedVariable],
        single: bool,
        mode: DebugMode,
    ) -> None:
        super().__init__(*arguments, single=single)
        self._outputs = outputs
        self._watched = tuple(watched)
        self._mode = mode
        self._targets = [one.container.backing for one in updated]
        # Nobody else writes a counter of commits, and the end of a lease would count as one.
        leased = [one for one in updated if not isinstance(one, CommitCounter)]
        self._leased = sorted((one.container.backing for one in leased), key=lambda one: one.order)

    @property
    def way(self) -> Way:
        """Every call is compared, in Python."""
        return Way.PYTHON

    def enter(self, arguments: Sequence[Any], receipt: Receipt) -> Any:
        """Do what `CompiledProgram.enter` does, and compare."""
        return self._compared(arguments, receipt, partial(super().enter, arguments))

    def resume(self, report: Report, arguments: Sequence[Any], receipt: Receipt) -> Any:
        """Do what `CompiledProgram.resume` does, and compare."""
        return self._compared(arguments, receipt, partial(super().resume, report, arguments))

    def _compared(
        self, arguments: Sequence[Any], receipt: Receipt, act: Callable[[Receipt], Any]
    ) -> Any:
        """Call the program while others are kept from the variables that are updated, from their
        old values to the new.
        """
        before = self._copied(arguments)

        def call() -> Any:
            with recording() as calls:
                outcome = act(Receipt())
                if type(outcome) is tuple:
                    return outcome
                return self._checked(before, outcome, calls, receipt)

        return holding(self._leased, call)

    def _copied(self, arguments: Sequence[Any]) -> list[Any]:
        """What callers pass may show memory that the call changes."""
        return [
            argument.copy() if isinstance(argument, np.ndarray) else argument
            for argument in arguments
        ]

    def _checked(
        self,
        arguments: Sequence[Any],
        values: Sequence[NDArray[Any]],
        calls: deque[list[Any]],
        receipt: Receipt,
    ) -> Any:
        """The outputs, once they agree with the reference; the updates are made with that."""
        converted = [
            convert(value) for convert, value in zip(self._converters, arguments, strict=True)
        ]
        updates = len(self._targets)
        old = values[self._outputs : len(values) - updates]
        new = [*values[: self._outputs], *values[len(values) - updates :]]
        variables = [*self._watched[: self._outputs], *self._watched[len(values) - updates :]]
        if self._mode.check_isfinite:
            inputs = [converter.spec.variable for converter in self._converters]
            shared = self._watched[self._outputs : len(values) - updates]
            names = (*inputs, *shared, *variables)
            self._require_finite(names, (*converted, *old, *new))
        source = self.compiled.source
        reference = replace(source, host=replaying(source.host, calls))
        computed, _ = interpret(reference, [*converted, *old])
        expected = [*computed[: self._outputs], *computed[len(values) - updates :]]
        for variable, one, other in zip(variables, new, expected, strict=True):
            # A handle is a place among the call's objects, and the reference computes its own.
            if isinstance(variable.type, TensorType) and not _agree(one, other):
                raise DebugModeError(self._difference(variable, one, other, arguments))
        results = list(values[: self._outputs])
        outcome = results[0] if self._single else results
        fresh = zip(self._targets, values[len(values) - updates :], strict=True)
        assign_together(list(fresh), receipt, outcome)
        return outcome

    def _require_finite(self, variables: Sequence[Variable], values: Sequence[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            if value.dtype.kind in "fc" and not np.isfinite(value).all():
                raise InvalidValueError(
                    f"{self._label}: {variable.describe()} is not finite: {_shown(value)};"
                    " DebugMode(check_isfinite=False) allows that"
                )

    def _difference(
        self, variable: Variable, compiled: NDArray[Any], expected: NDArray[Any], arguments: Any
    ) -> str:
        lines = [
            f"{self._label}: compiled code and the reference disagree on {variable.describe()}",
            f"  compiled: {_shown(compiled)}",
            f"  reference: {_shown(expected)}",
        ]
        return "\n".join(lines + [f"  with {one}" for one in self._seen(arguments)])


def _agree(compiled: NDArray[Any], expected: NDArray[Any]) -> bool:
    if compiled.shape != expected.shape or compiled.dtype != expected.dtype:
        return False
    if compiled.dtype.kind not in "fc":
        return bool((compiled == expected).all())
    relative, absolute = _TOLERANCES[compiled.dtype.name]
    with np.errstate(all="ignore"):
        return np.allclose(compiled, expected, relative, absolute, equal_nan=True)


def _shown(array: NDArray[Any]) -> str:
    values = np.array2string(array, threshold=20, separator=", ")
    return f"{array.dtype} of shape {array.shape}: {' '.join(values.split())}"
