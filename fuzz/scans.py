"""Scans as recipes: built as a loop, written out step by step, and computed with NumPy.

A recipe says what a step is given (sequences and states at their taps, other values, shared
variables), which ops of `fuzz.scan_ops` it makes of that, and what it gives: the next values of the
states, rows, new values of the shared variables, and when to end. The scan must give what a loop in
Python gives; the compiled function what the interpreter gives; and its derivatives must be those of
the steps written out, which are a graph without a loop.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import lltheano
import lltheano.tensor as T
from fuzz.scan_ops import STEP_OPS
from lltheano import function, scan, shared
from lltheano.loops import until
from lltheano.lowering import lower
from lltheano.random.raw import random_state_type, uniform
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.interpret import interpret

__all__ = ["Given", "ScanCase", "ScanRecipe", "StepOf", "scan_agrees"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class StepOf:
    """An op on what stands at `operands`, among what a step is given and then results of ops."""

    op: str
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Given:
    """A sequence or a state: how many axes a row of it has, and the taps at which a step reads."""

    rank: int
    taps: tuple[int, ...]


@dataclass(frozen=True)
class ScanRecipe:
    """A scan; positions are those of values in a step.

    Attributes
    ----------
    dtype
        That of all values.
    sequences, states
        What steps read of the one and of the other.
    others, shared
        The number of axes of the other values, and of the shared variables.
    ops
        What a step computes.
    following, rows, updates
        The positions of the next value of each state, of the rows, and of the new value of each
        shared variable.
    end
        The position of a scalar, above whose limit the loop ends; None where it runs on.
    limit
        See `end`.
    steps
        How many steps; None is as many as the sequences allow.
    is_symbolic
        Whether the number of steps is an input of the function.
    go_backwards
        Whether the sequences are gone along from the end.
    draws
        How many random numbers a step draws, from a state that it changes; 0 for none. They are one
        more value that a step is given, after the shared variables.
    derivative
        What is compared besides: "gradient", "product" (the right one) or "second".
    """

    dtype: str
    sequences: tuple[Given, ...]
    states: tuple[Given, ...]
    others: tuple[int, ...]
    shared: tuple[int, ...]
    ops: tuple[StepOf, ...]
    following: tuple[int, ...]
    rows: tuple[int, ...]
    updates: tuple[int, ...]
    end: int | None = None
    limit: float = 0.0
    steps: int | None = None
    is_symbolic: bool = False
    go_backwards: bool = False
    draws: int = 0
    derivative: str | None = None


@dataclass(frozen=True)
class ScanCase:
    """A recipe with arrays: sequences, first values, other values, shared variables, and the state
    that random numbers are drawn from, if any are.
    """

    recipe: ScanRecipe
    inputs: tuple[Array, ...]

    def save(self, path: Path, head: str) -> None:
        """Write `path`, and its arrays beside it."""
        path.write_text(json.dumps({"about": head.splitlines(), **asdict(self.recipe)}) + "\n")
        arrays = {f"input{i:02}": one for i, one in enumerate(self.inputs)}
        np.savez(path.with_suffix(".npz"), allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "ScanCase":
        """Read what `save` wrote."""
        text = json.loads(path.read_text())
        del text["about"]
        for name in ("sequences", "states"):
            text[name] = tuple(Given(one["rank"], tuple(one["taps"])) for one in text[name])
        text["ops"] = tuple(StepOf(one["op"], tuple(one["operands"])) for one in text["ops"])
        for name in ("others", "shared", "following", "rows", "updates"):
            text[name] = tuple(text[name])
        with np.load(path.with_suffix(".npz")) as stored:
            inputs = tuple(stored[name] for name in sorted(stored.files))
        return cls(ScanRecipe(**text), inputs)


@dataclass
class _Parts:
    """Arrays or variables by what they are in the scan."""

    sequences: list[Any]
    firsts: list[Any]
    others: list[Any]
    shared: list[Any]
    state: Any


def _parts(recipe: ScanRecipe, given: Sequence[Any]) -> _Parts:
    left = iter(given)
    groups = (recipe.sequences, recipe.states, recipe.others, recipe.shared)
    sequences, firsts, others, variables = ([next(left) for _ in group] for group in groups)
    return _Parts(sequences, firsts, others, variables, next(left, None))


@dataclass(frozen=True)
class _Language:
    """How a step is computed: what its ops are, and how random numbers are drawn."""

    op: Callable[[str], Callable[..., Any]]
    draw: Callable[[Any, int], Any]


def _drawn(state: Array, count: int) -> Any:
    before = random_state_type()
    return interpret(lower([before], list(uniform(before, (count,)))), [state])[0]


_SYMBOLIC = _Language(lambda name: STEP_OPS[name].symbolic, lambda s, count: uniform(s, (count,)))
_NUMPY = _Language(lambda name: STEP_OPS[name].numpy, _drawn)


def _step(
    recipe: ScanRecipe, given: Sequence[Any], state: Any, language: _Language
) -> tuple[list[Any], Any]:
    """All values in a step, and the state that random numbers are drawn from next."""
    values = list(given)
    if recipe.draws:
        state, drawn = language.draw(state, recipe.draws)
        values.append(drawn.astype(recipe.dtype))
    for one in recipe.ops:
        values.append(language.op(one.op)(*(values[position] for position in one.operands)))
    return values, state


@dataclass
class _Results:
    """The values of each state and each row in all steps, and the last of the shared variables, the
    state of random numbers among them.
    """

    histories: list[list[Any]]
    rows: list[list[Any]]
    shared: list[Any]
    steps: int


def length_of(recipe: ScanRecipe, sequences: Sequence[Array]) -> int | None:
    """How many steps the sequences allow."""
    lengths = [
        len(rows) - max(0, *one.taps) + min(0, *one.taps)
        for one, rows in zip(recipe.sequences, sequences, strict=True)
    ]
    return max(0, min(lengths)) if lengths else None


def _step_by_step(
    recipe: ScanRecipe, given: Sequence[Any], steps: int, language: _Language
) -> _Results:
    """What the steps give, one after another, in NumPy or in the tensor language."""
    parts = _parts(recipe, given)
    before = [
        [first] if one.taps == (-1,) else [first[k] for k in range(-min(one.taps))]
        for one, first in zip(recipe.states, parts.firsts, strict=True)
    ]
    depths = [len(one) for one in before]
    shared_values, rows = list(parts.shared), [list[Any]() for _ in recipe.rows]
    random_state = parts.state
    done = 0
    for step in range(steps):
        read = [
            sequence[_place(one, tap, step, recipe.go_backwards, sequence)]
            for one, sequence in zip(recipe.sequences, parts.sequences, strict=True)
            for tap in one.taps
        ]
        read += [
            values[len(values) + tap]
            for one, values in zip(recipe.states, before, strict=True)
            for tap in one.taps
        ]
        given_now = [*read, *parts.others, *shared_values]
        values, random_state = _step(recipe, given_now, random_state, language)
        for history, position in zip(before, recipe.following, strict=True):
            history.append(values[position])
        for stack, position in zip(rows, recipe.rows, strict=True):
            stack.append(values[position])
        shared_values = [values[position] for position in recipe.updates]
        done += 1
        if language is _NUMPY and recipe.end is not None and values[recipe.end] > recipe.limit:
            break
    histories = [one[depth:] for one, depth in zip(before, depths, strict=True)]
    last_state = [random_state] if recipe.draws else []
    return _Results(histories, rows, [*shared_values, *last_state], done)


def _place(one: Given, tap: int, step: int, backwards: bool, rows: Any) -> Any:
    """The row that a step reads at a tap; counted from the end where that is where steps begin."""
    if not backwards:
        return step + tap - min(0, *one.taps)
    return -1 - step - max(0, *one.taps) + tap


def _as_scan(recipe: ScanRecipe, given: Sequence[Any], steps: Any) -> tuple[list[Any], list[Any]]:
    """The stacks, and the last values of the shared variables."""
    parts = _parts(recipe, given)

    def step(*arguments: Any) -> Any:
        values, state = _step(recipe, [*arguments, *parts.shared], parts.state, _SYMBOLIC)
        outputs = [values[position] for position in (*recipe.following, *recipe.rows)]
        pairs = zip(parts.shared, recipe.updates, strict=True)
        updates = {variable: values[position] for variable, position in pairs}
        if recipe.draws:
            updates[parts.state] = state
        if recipe.end is None:
            return outputs, updates
        return (
            outputs,
            updates,
            until(values[recipe.end] > recipe.limit),
        )

    states = [
        {"initial": first, "taps": list(one.taps)}
        for one, first in zip(recipe.states, parts.firsts, strict=True)
    ]
    outputs, updates = scan(
        step,
        sequences=[
            {"input": rows, "taps": list(one.taps)}
            for one, rows in zip(recipe.sequences, parts.sequences, strict=True)
        ],
        outputs_info=[*states, *(None for _ in recipe.rows)],
        non_sequences=parts.others,
        n_steps=steps,
        go_backwards=recipe.go_backwards,
        return_list=True,
    )
    changed = [*parts.shared, *([parts.state] if recipe.draws else [])]
    return outputs, [updates.get(one, one) for one in changed]


def scan_agrees(case: ScanCase) -> None:
    """Values are those of NumPy and of the interpreter, derivatives those of the written steps."""
    recipe = case.recipe
    available = length_of(recipe, _parts(recipe, case.inputs).sequences)
    count = recipe.steps if recipe.steps is not None else available
    assert count is not None
    wanted = _step_by_step(recipe, case.inputs, count, _NUMPY)
    leaves = _leaves(case)
    number = T.lscalar("number")
    chosen = number if recipe.is_symbolic else recipe.steps
    outputs, lasts = _as_scan(recipe, leaves, chosen)
    derived = _derivatives(recipe, [*outputs, *lasts], leaves)
    is_shared = len(leaves) - len(recipe.shared) - bool(recipe.draws)
    inputs = [*leaves[:is_shared], number]
    results = [*outputs, *lasts, *derived]
    program = lower(inputs, results, (), "fuzzed", leaves[is_shared:])
    arrays = [*case.inputs[:is_shared], np.asarray(count), *case.inputs[is_shared:]]
    interpreted, _ = interpret(program, arrays)
    compiled = function(inputs, results, on_unused_input="ignore")(*arrays[: is_shared + 1])
    plain = [*wanted.histories, *wanted.rows]
    for place, rows in enumerate(plain):
        _near(f"stack {place}", interpreted[place], _stacked(rows, interpreted[place]))
    for place, one in enumerate(wanted.shared, start=len(plain)):
        _near(f"shared variable {place - len(plain)}", interpreted[place], one)
    for place, (one, other) in enumerate(zip(compiled, interpreted, strict=True)):
        _near(f"compiled result {place}", one, other)
    if wanted.steps and derived:
        _derivatives_agree(case, wanted.steps, interpreted[len(results) - len(derived) :])


def _derivatives_agree(case: ScanCase, steps: int, found: Sequence[Array]) -> None:
    """The derivatives are those of the steps written out."""
    recipe, leaves = case.recipe, _leaves(case)
    plain = _step_by_step(recipe, leaves, steps, _SYMBOLIC)
    stacks = [T.stack(rows) for rows in (*plain.histories, *plain.rows)]
    derived = _derivatives(recipe, [*stacks, *plain.shared], leaves)
    wanted, _ = interpret(lower(leaves, derived), list(case.inputs))
    for place, (one, other) in enumerate(zip(found, wanted, strict=True)):
        _near(f"derivative {place}", one, other)


def _leaves(case: ScanCase) -> list[Any]:
    count = len(case.inputs) - len(case.recipe.shared) - bool(case.recipe.draws)
    plain = [
        TensorType(str(one.dtype), (False,) * one.ndim)(f"x{place}")
        for place, one in enumerate(case.inputs[:count])
    ]
    return [*plain, *(shared(one, f"s{place}") for place, one in enumerate(case.inputs[count:]))]


def _derivatives(recipe: ScanRecipe, results: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    if recipe.derivative is None:
        return []
    results = [one for one in results if one.dtype == recipe.dtype]
    leaves = [one for one in leaves if one.dtype == recipe.dtype]
    tangents = [_weights(one) for one in leaves]
    if recipe.derivative == "product":
        found = lltheano.Rop(list(results), list(leaves), tangents, disconnected_outputs="ignore")
        return list(found)
    cost = sum((_weights(one) * (one + one * one)).sum() for one in results)
    slopes = T.grad(cost, list(leaves), disconnected_inputs="ignore")
    if recipe.derivative == "gradient":
        return list(slopes)
    along: Any = sum((slope * one).sum() for slope, one in zip(slopes, tangents, strict=True))
    return list(T.grad(along, list(leaves), disconnected_inputs="ignore"))


def _weights(x: Any) -> Any:
    """Numbers of which no two are the same, in the sizes of `x`."""
    return T.cos(T.arange(x.size).reshape(x.shape, ndim=x.ndim)).astype(x.dtype)


def _stacked(rows: Sequence[Array], model: Array) -> Array:
    return np.array(rows, model.dtype).reshape(len(rows), *model.shape[1:])


def _near(what: str, one: Array, other: Array) -> None:
    assert one.shape == other.shape, f"{what}: shape {one.shape}, wanted {other.shape}"
    scale = max(1.0, float(np.max(np.abs(other), initial=0)))
    if one.dtype.kind == "u":
        assert np.array_equal(one, other), f"{what}: {one!r}, wanted {other!r}"
        return
    near = (1e-8 if one.dtype == np.float64 else 1e-3) * scale
    assert np.all(np.abs(one - other) <= near), f"{what}: {one!r}, wanted {other!r}"
