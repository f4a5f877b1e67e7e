"""Reading what a person passes to `function`: inputs, outputs, and pairs of variables.

Each reader takes all the forms that Theano's users write (a variable, lists, tuples, dicts), checks
what can be checked without looking at the graph, and returns one form. None of them changes what it
was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lltheano.errors import UnusedInputError
from lltheano.function.modes.mode import Mode
from lltheano.function.requests.inputs import In, Out, check_input_variable
from lltheano.graph import SourceLine, Variable
from lltheano.shared import SharedVariable
from lltheano_ir.records import record

if TYPE_CHECKING:
    from lltheano.function.profiling.stats import ProfileStats

__all__ = ["Outputs", "Request", "read_inputs", "read_outputs", "read_pairs"]


@record(frozen=True, slots=True)
class Outputs:
    """The outputs in order, and how a call returns them.

    `single` returns the only one itself. `keys`, one for each, returns a dict; None a list.
    """

    specs: tuple[Out, ...]
    single: bool = False
    keys: tuple[str, ...] | None = None


@record(frozen=True, slots=True)
class Request:
    """All that `function` was asked for, each part read and in one form.

    Attributes
    ----------
    name, location
        The name of the function, if it was given one, and the line that asks for it.
    inputs, outputs, updates, givens
        As the caller wrote them, in one form each.
    kept
        The storage of each input whose value the function keeps, by the input's position.
    no_default_updates, rebuild_strict, on_unused_input, mode
        The options of `function`.
    swapped
        What shared variables take the place of others in the complete graph, step by step.
    updating
        Whether shared variables are updated at all.
    profile
        What calls are counted in, if they are.
    """

    name: str | None
    location: SourceLine | None
    inputs: tuple[In, ...]
    outputs: Outputs
    updates: tuple[tuple[Variable, Any], ...]
    givens: tuple[tuple[Variable, Any], ...]
    kept: Mapping[int, SharedVariable]
    no_default_updates: bool | Sequence[SharedVariable]
    rebuild_strict: bool
    on_unused_input: str
    mode: Mode
    swapped: tuple[Mapping[SharedVariable, SharedVariable], ...] = ()
    updating: bool = True
    profile: "ProfileStats | None" = None

    @property
    def label(self) -> str:
        """What messages call the function."""
        return f"{self.name}()" if self.name is not None else f"the function of {self.location}"

    @property
    def plain_name(self) -> str:
        """What the compiler's texts call the function."""
        return self.name if self.name is not None else "function"


def read_inputs(inputs: object, allow_downcast: bool | None) -> list[In]:
    """Return an `In` for each input; `allow_downcast` applies to those that do not say.

    Raises TypeError for anything that is not a list or tuple of variables and `In`s, for a constant
    and for a shared variable; UnusedInputError for a variable that occurs twice.
    """
    if not isinstance(inputs, list | tuple):
        hint = "[x], even when there is only one" if isinstance(inputs, Variable | In) else "[x, y]"
        raise TypeError(
            f"inputs must be a list of variables, such as {hint}; got {type(inputs).__name__}"
        )
    specs = [_read_input(operand, i, allow_downcast) for i, operand in enumerate(inputs)]
    _check_distinct(specs)
    return specs


def _read_input(one: object, position: int, allow_downcast: bool | None) -> In:
    where = f"inputs[{position}]"
    if isinstance(one, In):
        spec = one
    else:
        check_input_variable(one, where)
        assert isinstance(one, Variable)
        spec = In(one, allow_downcast=allow_downcast)
    if isinstance(spec.variable, SharedVariable):
        raise TypeError(
            f"{where}: {spec.variable.describe()} is a shared variable, whose value no caller"
            " passes; leave it out of the inputs, or let givens replace it by an input"
        )
    return spec


def _check_distinct(specs: list[In]) -> None:
    first: dict[Variable, int] = {}
    for position, spec in enumerate(specs):
        if first.setdefault(spec.variable, position) != position:
            raise UnusedInputError(
                f"inputs[{first[spec.variable]}] and inputs[{position}] are the same variable,"
                f" {spec.variable.describe()}; list it once"
            )


class _OutputKeyError(AssertionError, TypeError):
    """A key of a dict of outputs is no string; Theano's programs catch an AssertionError."""


def read_outputs(outputs: object) -> Outputs:
    """Return the outputs in one form; None becomes an empty list, and a dict is sorted by its keys.

    Raises TypeError for anything but a variable, an `Out`, a list or tuple of them, a dict of them
    with string keys, or None.
    """
    if outputs is None:
        return Outputs(())
    if isinstance(outputs, Variable | Out):
        return Outputs((_read_output(outputs, "outputs"),), single=True)
    if isinstance(outputs, Mapping):
        for key in outputs:
            if not isinstance(key, str):
                raise _OutputKeyError(f"the keys of a dict of outputs must be strings; got {key!r}")
        keys = tuple(sorted(outputs))
        specs = (_read_output(outputs[key], f"outputs[{key!r}]") for key in keys)
        return Outputs(tuple(specs), keys=keys)
    if isinstance(outputs, list | tuple):
        return Outputs(
            tuple(_read_output(output, f"outputs[{i}]") for i, output in enumerate(outputs))
        )
    raise TypeError(
        "outputs must be a variable, a list or dict of variables, or None; got"
        f" {type(outputs).__name__}"
    )


def _read_output(one: object, where: str) -> Out:
    spec = one if isinstance(one, Out) else None
    variable = spec.variable if spec is not None else one
    if not isinstance(variable, Variable):
        raise TypeError(
            f"{where} must be a symbolic variable; got {type(variable).__name__}"
            " (a constant output is written T.constant(value))"
        )
    return spec if spec is not None else Out(variable)


def read_pairs(pairs: object, what: str) -> list[tuple[Variable, Any]]:
    """Return the pairs of `what`, "updates" or "givens", in the order in which they were given.

    Raises TypeError for anything but a mapping, an iterable of pairs, or None, and when the first
    part of a pair is no variable; ValueError when two pairs begin with the same variable.
    """
    if pairs is None:
        return []
    results: list[tuple[Variable, Any]] = []
    seen: set[Variable] = set()
    for position, pair in enumerate(_items(pairs, what)):
        key, value = _split(pair, f"{what}[{position}]")
        if not isinstance(key, Variable):
            raise TypeError(
                f"{what}[{position}] begins with {type(key).__name__} {key!r}; the first part of a"
                " pair must be a symbolic variable"
            )
        if key in seen:
            raise ValueError(f"{what} name {key.describe()} twice; give it one new value")
        seen.add(key)
        results.append((key, value))
    return results


def _items(pairs: object, what: str) -> Iterable[object]:
    if isinstance(pairs, Mapping):
        return pairs.items()
    if isinstance(pairs, Variable | str) or not isinstance(pairs, Iterable):
        raise TypeError(
            f"{what} must be a list of pairs or a dict, such as [(variable, new_value)]; got"
            f" {type(pairs).__name__}"
        )
    return pairs


def _split(pair: object, where: str) -> tuple[object, object]:
    if isinstance(pair, Variable) or not isinstance(pair, list | tuple):
        raise TypeError(f"{where} must be a pair (variable, new_value); got {pair!r}")
    if len(pair) != 2:
        raise ValueError(f"{where} must be a pair (variable, new_value); got {len(pair)} items")
    return pair[0], pair[1]
