"""Reverse-mode differentiation of a graph.

`grad` walks the graph once from the cost back to the variables asked for, through the applications
that connect them and no others, and adds up what each op's `L_op` returns. The gradient is a graph
itself.

Invariants: the gradient of a float variable has the variable's type; that of an integer variable,
which is treated as a real number, is a float.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from lltheano.config import config
from lltheano.errors import DisconnectedInputError, NullTypeGradError
from lltheano.gradient.relative import Facts, Part, moved_parts, plain_of
from lltheano.graph import (
    Apply,
    CompoundType,
    DisconnectedType,
    NullType,
    Variable,
    ZeroType,
    ancestors,
)
from lltheano.graph.boundary import boundary
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.graph.walk import io_toposort
from lltheano.graph.written import varies_as_written, written_as
from lltheano.interfaces.layers import language

if TYPE_CHECKING:
    from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["absent", "backpropagate", "connected", "grad", "note_written", "zeros_of"]

Gradients = dict[Variable, Any]


@overload
def grad(
    cost: Variable | None,
    wrt: Variable,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Any, Any] | None = None,
    return_disconnected: Literal["zero"] = "zero",
    null_gradients: Literal["raise"] = "raise",
) -> "TensorVariable": ...
@overload
def grad(
    cost: Variable | None,
    wrt: list[Any],
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Any, Any] | None = None,
    return_disconnected: Literal["zero"] = "zero",
    null_gradients: Literal["raise"] = "raise",
) -> "list[TensorVariable]": ...
@overload
def grad(
    cost: Variable | None,
    wrt: tuple[Any, ...],
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Any, Any] | None = None,
    return_disconnected: Literal["zero"] = "zero",
    null_gradients: Literal["raise"] = "raise",
) -> "tuple[TensorVariable, ...]": ...
@overload
def grad(
    cost: Variable | None,
    wrt: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Any, Any] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any: ...
@boundary
def grad(
    cost: Variable | None,
    wrt: Any,
    consider_constant: Sequence[Variable] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Any, Any] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """Return the gradient of `cost` with respect to each variable of `wrt`.

    The gradient with respect to a complex variable x + iy is d/dx + i d/dy, the direction in which
    the cost, which is real, grows fastest: a small step h changes it by the real part of
    conj(gradient) * h, and a step against the gradient lowers it. Through a function with a complex
    derivative d it is the gradient of the result times conj(d); Theano's rules for products,
    conjugates and parts come to the same. (JAX gives the conjugate of this.) That of a real
    variable of which a complex one is computed is real.

    TypeError when the cost is not a real scalar, or something that should be a variable is not.

    Parameters
    ----------
    cost
        A scalar; None when `known_grads` says where to begin.
    wrt
        A variable, or a list of variables; the result is one gradient, or a list.
    consider_constant
        Variables that the gradient does not pass through.
    disconnected_inputs
        What to do when `cost` does not depend on a variable of `wrt`: "raise"
    a
        DisconnectedInputError, "warn", or "ignore".
    add_names
        Name the gradients after cost and variable, as in (dcost/dW).
    known_grads
        Gradients of an outer cost with respect to some variables, by variable. One of fewer axes is
        repeated; one of DisconnectedType says that the cost does not depend on the variable.
    return_disconnected
        What such a variable gets: "zero", "none", or "disconnected", a
    variable of
        DisconnectedType.
    null_gradients
        What to do when the gradient passes an op that has none: "raise" a NullTypeGradError, or
        "return" a variable of NullType.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x, w = T.vectors("x", "w")
    >>> T.grad((w * x).sum(), w).type == w.type
    True
    """
    _check_options(disconnected_inputs, return_disconnected, null_gradients)
    many = isinstance(wrt, list | tuple)
    targets = _variables(list(wrt) if many else [wrt], "wrt")
    seeds = _seeds(cost, known_grads)
    found = backpropagate(seeds, targets, consider_constant or ())
    options = (disconnected_inputs, return_disconnected, null_gradients)
    constants = consider_constant or ()
    results = [
        _finished(cost, seeds, target, found.get(target), constants, options) for target in targets
    ]
    written = [*seeds, *(known_grads or {}).values(), *targets]
    note_written([result for result in results if result is not None], written)
    if add_names:
        _name(cost, targets, results)
    if not many:
        return results[0]
    return tuple(results) if isinstance(wrt, tuple) else results


def _check_options(disconnected_inputs: str, return_disconnected: str, nulls: str) -> None:
    choices = {
        "disconnected_inputs": (disconnected_inputs, ("raise", "warn", "ignore")),
        "return_disconnected": (return_disconnected, ("zero", "none", "disconnected")),
        "null_gradients": (nulls, ("raise", "return")),
    }
    for name, (got, allowed) in choices.items():
        if str(got).lower() not in allowed:
            raise ValueError(f"grad: {name} takes {', '.join(allowed)}, got {got!r}")


def _variables(values: Iterable[Any], what: str) -> list[Variable]:
    result = list(values)
    for part in result:
        if not isinstance(part, Variable):
            raise TypeError(f"grad: {what} must be symbolic variables, got {part!r:.80}")
    return result


def _seeds(cost: Variable | None, known_grads: Mapping[Any, Any] | None) -> Gradients:
    """The gradients to begin with."""
    seeds: Gradients = {}
    if cost is None and not known_grads:
        raise ValueError("grad needs a cost, or known_grads to begin with")
    if cost is not None:
        if not isinstance(cost, Variable):
            raise TypeError(f"grad: the cost must be a symbolic variable, got {cost!r:.80}")
        if getattr(cost, "ndim", None) != 0:
            raise TypeError(
                f"grad: the cost must be a scalar, got {cost.describe()}; reduce it with .sum() or"
                " .mean()"
            )
        if _is_complex(cost):
            raise TypeError(
                f"grad: the cost must be real, got {cost.describe()}; take its real part, or its"
                " absolute value"
            )
        seeds[cost] = _ones(cost)
    for variable, gradient in (known_grads or {}).items():
        _variables([variable, gradient], "the keys and values of known_grads")
        seeds[variable] = _known(variable, gradient)
    return seeds


def _known(variable: Any, gradient: Any) -> Any:
    """A gradient that was given, repeated to the shape of its variable where it has fewer axes."""
    if isinstance(gradient.type, NullType | ZeroType | DisconnectedType):
        return gradient
    ranks = getattr(variable, "ndim", None), getattr(gradient, "ndim", None)
    if ranks[0] == ranks[1]:
        return gradient
    if ranks[0] is None or ranks[1] is None or ranks[0] < ranks[1]:
        raise ValueError(
            f"grad: known_grads gives {variable.describe()} a gradient of more axes,"
            f" {gradient.describe()}"
        )
    return variable.fill(gradient)


def _is_continuous(variable: Any) -> bool:
    return np.dtype(variable.dtype).kind in "fc"


def _is_complex(variable: Any) -> bool:
    return bool(np.dtype(variable.dtype).kind == "c")


def _gradient_dtype(variable: Any) -> str:
    return str(variable.dtype) if _is_continuous(variable) else str(config.floatX)


def _ones(variable: Any) -> Any:
    return variable.ones_like(dtype=_gradient_dtype(variable))


def zeros_of(variable: Any) -> Any:
    """Return the gradient that is zero: of the variable's type, a float for an integer."""
    return variable.zeros_like(dtype=_gradient_dtype(variable))


def backpropagate(
    seeds: Gradients, targets: Sequence[Variable], constants: Sequence[Variable]
) -> Gradients:
    """Return the gradient of every variable between the seeds and the targets, as far as it has
    one.
    """
    order = io_toposort(constants, list(seeds))
    active = connected(order, targets, set(constants))
    facts = Facts(order, {*targets, *seeds, *constants}, active)
    gathered = _Gathered(dict(seeds), active)
    stopped = set(constants)  # of several results of one op, one may be, and others not
    for node in reversed(order):
        passing = [gathered.has(x) and x not in stopped for x in node.outputs]
        if any(x in active and passes for x, passes in zip(node.outputs, passing, strict=True)):
            parts = _relative_parts(node, facts, gathered)
            if parts is None:
                given = [
                    gathered.settled(x) if passes else disconnected()
                    for x, passes in zip(node.outputs, passing, strict=True)
                ]
                parts = [Part(x, term) for x, term in _input_gradients(node, given)]
            gathered.extend(parts)
    return {x: gathered.settled(x) for x in dict.fromkeys(targets) if gathered.has(x)}


class _Gathered:
    """The terms of the gradients that are known so far; those of seeds are not added to."""

    def __init__(self, seeds: Gradients, active: set[Variable]) -> None:
        self._seeds = frozenset(seeds)
        self._active = active
        self._plain: dict[Variable, list[Any]] = {x: [g] for x, g in seeds.items()}
        self._relative: dict[Variable, list[Part]] = {}

    def extend(self, parts: Iterable[Part]) -> None:
        """Add what an application gives."""
        for part in parts:
            x = part.variable
            if x in self._active and x not in self._seeds:
                if part.plain is not None:
                    self._plain.setdefault(x, []).append(part.plain)
                if part.relative is not None:
                    self._relative.setdefault(x, []).append(part)

    def has(self, x: Variable) -> bool:
        """Whether there is anything, if only a gradient without a value."""
        return x in self._plain or x in self._relative

    def both(self, x: Variable) -> tuple[Any, Any, bool]:
        """The plain and the relative gradient, None where there is none; whether that is masked."""
        plain = _total(self._plain[x]) if x in self._plain else None
        parts = self._relative.get(x, [])
        relative = _total([part.relative for part in parts]) if parts else None
        return plain, relative, any(part.masked for part in parts)

    def settled(self, x: Variable) -> Any:
        """One plain gradient of all that there is."""
        plain, relative, masked = self.both(x)
        if relative is None:
            return plain
        from_relative = plain_of(x, relative, masked)
        return from_relative if plain is None else _total([plain, from_relative])


def _relative_parts(node: Apply, facts: Facts, gathered: _Gathered) -> list[Part] | None:
    """What an op that knows of relative gradients gives its inputs; None where it does not."""
    if len(node.outputs) != 1 or not _is_real(node.out):
        return None
    plain, relative, masked = gathered.both(node.out)
    if plain is not None and isinstance(plain.type, NullType):
        return None
    if plain is not None and isinstance(plain.type, ZeroType | DisconnectedType):
        plain = None
    if plain is None and relative is None:
        return None
    result = (
        moved_parts(node, plain, relative)
        if node.op.moves and relative is not None
        else node.op.relative(node, facts, plain, relative)
    )
    return None if result is None else [_checked_part(node, part, masked) for part in result]


def _checked_part(node: Apply, part: Part, masked: bool) -> Part:
    both: list[Any] = []
    for term in (part.plain, part.relative):
        checked = None if term is None else _checked_term(node, part.variable, term)
        absent = checked is None or isinstance(checked.type, ZeroType | DisconnectedType)
        both.append(None if absent else checked)
    return Part(part.variable, both[0], both[1], masked or part.masked)


def _is_real(x: Any) -> bool:
    dtype = getattr(x, "dtype", None)
    return dtype is not None and np.dtype(dtype).kind == "f"


def connected(
    order: Sequence[Apply], targets: Sequence[Variable], constants: set[Variable]
) -> set[Variable]:
    """The variables that vary with one of the targets, some of them perhaps in steps only."""
    active = set(targets)
    for node in order:
        if not any(operand in active for operand in node.inputs):
            continue
        pattern = node.op.connection_pattern(node)
        for j, output in enumerate(node.outputs):
            linked = (pattern[i][j] and operand in active for i, operand in enumerate(node.inputs))
            if output not in constants and any(linked):
                active.add(output)
    return active


def _total(terms: Sequence[Any]) -> Any:
    """The sum of terms, of which some may be absent."""
    for term in terms:
        if isinstance(term.type, NullType):
            return term
    real = [addend for addend in terms if not isinstance(addend.type, ZeroType | DisconnectedType)]
    if not real:
        zeros = [addend for addend in terms if isinstance(addend.type, ZeroType)]
        return (zeros or list(terms))[0]
    total = real[0]
    for term in real[1:]:
        total = total + term
    return total


def _input_gradients(node: Apply, values: Sequence[Any]) -> list[tuple[Variable, Any]]:
    """The terms that an application adds to the gradients of its inputs."""
    pattern = node.op.connection_pattern(node)
    kinds = [value.type for value in values]
    connected = [
        any(row[j] and not isinstance(kind, DisconnectedType) for j, kind in enumerate(kinds))
        for row in pattern
    ]
    null = next((value for value in values if isinstance(value.type, NullType)), None)
    if null is not None:
        terms: list[Any] = [null] * node.nin
    elif all(isinstance(kind, ZeroType | DisconnectedType) for kind in kinds):
        terms = [zero()] * node.nin
    else:
        terms = _checked_terms(node, values)
    return [
        (variable, term)
        for variable, term, linked in zip(node.inputs, terms, connected, strict=True)
        if linked
    ]


def _checked_terms(node: Apply, values: Sequence[Any]) -> list[Any]:
    absent = (ZeroType, DisconnectedType)
    dense = [
        zeros_of(output) if isinstance(value.type, absent) else value
        for output, value in zip(node.outputs, values, strict=True)
    ]
    terms = list(node.op.L_op(node.inputs, node.outputs, dense))
    if len(terms) != node.nin:
        raise ValueError(
            f"the gradient of {node.op} returned {len(terms)} terms for {node.nin} inputs"
        )
    pairs = zip(node.inputs, terms, strict=True)
    return [_checked_term(node, variable, term) for variable, term in pairs]


def _checked_term(node: Apply, variable: Any, term: Any) -> Any:
    if not isinstance(term, Variable):
        raise TypeError(
            f"the gradient of {node.op} with respect to {variable.describe()} is {term!r:.60}, not"
            " a variable; return x.zeros_like() where it is zero"
        )
    if isinstance(term.type, NullType | ZeroType | DisconnectedType):
        return term
    tensor: Any = term
    if isinstance(variable.type, CompoundType):
        return tensor if tensor.type == variable.type else tensor.astype(_gradient_dtype(variable))
    if tensor.ndim != variable.ndim:
        raise ValueError(
            f"the gradient of {node.op} with respect to {variable.describe()} has {tensor.ndim}"
            f" axes, not {variable.ndim}"
        )
    if _is_complex(tensor) and not _is_complex(variable):
        tensor = language.real(tensor)
    tensor = language.patternbroadcast(tensor, variable.broadcastable)
    if _is_continuous(variable) and tensor.dtype != variable.dtype:
        return tensor.astype(variable.dtype)
    return tensor if _is_continuous(tensor) else tensor.astype(_gradient_dtype(variable))


def note_written(results: Sequence[Any], sources: Sequence[Variable]) -> None:
    """Note that derivatives that were just made are expressions of `sources`, even where these do
    not occur in them: of something linear they do not.
    """
    there = set(ancestors(sources))
    for result in results:
        if result not in there:
            written_as(result, sources, connected=True)


def _finished(
    cost: Variable | None,
    seeds: Gradients,
    variable: Variable,
    gradient: Any,
    constants: Sequence[Variable],
    options: tuple[str, str, str],
) -> Any:
    disconnected_inputs, return_disconnected, null_gradients = options
    if gradient is None or isinstance(gradient.type, DisconnectedType):
        reported = disconnected_inputs.lower() != "ignore"
        if reported and _varies(seeds, variable, constants):
            return zeros_of(variable)
        _report_disconnected(cost, variable, disconnected_inputs)
        return absent(variable, return_disconnected.lower())
    if isinstance(gradient.type, NullType) and null_gradients == "raise":
        raise NullTypeGradError(
            f"there is no gradient with respect to {variable.describe()}: {gradient.type.why}"
        )
    return zeros_of(variable) if isinstance(gradient.type, ZeroType) else gradient


def _varies(seeds: Gradients, variable: Variable, constants: Sequence[Variable]) -> bool:
    """Whether a variable with no gradient counts in what is differentiated, as written."""
    beginning = [
        one for one, gradient in seeds.items() if not isinstance(gradient.type, DisconnectedType)
    ]
    return variable not in seeds and varies_as_written(beginning, variable, constants)


def absent(variable: Variable, choice: str) -> Any:
    """Return what `return_disconnected` asks for in the place of a gradient that there is not."""
    if choice == "none":
        return None
    return disconnected() if choice == "disconnected" else zeros_of(variable)


def _report_disconnected(cost: Variable | None, variable: Variable, choice: str) -> None:
    if choice == "ignore":
        return
    what = "the known gradients" if cost is None else cost.describe()
    reason = "it does not occur there"
    if cost is not None and any(ancestor is variable for ancestor in ancestors([cost])):
        reason = "it occurs there as an index, a size or in a part that is held constant only"
    message = (
        f"grad: {what} does not depend on {variable.describe()}: {reason}; pass"
        " disconnected_inputs='ignore' if that is meant"
    )
    if choice == "warn":
        warnings.warn(message, stacklevel=5)
    else:
        raise DisconnectedInputError(message)


def _name(cost: Variable | None, targets: Sequence[Variable], results: Sequence[Any]) -> None:
    if cost is None or cost.name is None:
        return
    for variable, gradient in zip(targets, results, strict=True):
        if gradient is not None and variable.name is not None and gradient.name is None:
            gradient.name = f"(d{cost.name}/d{variable.name})"
