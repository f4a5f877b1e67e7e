"""Symbolic graphs as recipes: built with `lltheano.tensor` and computed with NumPy step by step.

A recipe is data that can be written to a file: its leaves, then steps that each name an op of
`fuzz.graph_ops`, the positions of its operands among what there is so far, and settings. What the
graph gives is judged three ways: the lowered program in the interpreter against NumPy (loosely,
where the numbers are tame), the compiled function against the interpreter (to within its bounds),
and each of the function's calls against promises: failing calls change nothing, arguments are never
written to. A pickled graph must be the same program.
"""

import copy
import json
import pickle
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import lltheano.tensor as T
from fuzz.comparison import within
from fuzz.graph_ops import GRAPH_OPS
from fuzz.layouts import exotic
from fuzz.tolerance import decided_by_inexact, tolerances
from lltheano import function, shared
from lltheano.lowering import lower
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.interpret import interpret
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.canonicalise import canonicalise
from lltheano_ir.passes.stabilise import stabilise
from lltheano_ir.program import Program

__all__ = ["GraphCase", "Leaf", "Recipe", "Step", "graph_agrees"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Leaf:
    """A variable that is given: dtype, which axes broadcast, and whether it is shared."""

    dtype: str
    pattern: tuple[bool, ...]
    shared: bool


@dataclass(frozen=True)
class Step:
    """An op on what stands at `operands`, among the leaves and then the results of steps."""

    op: str
    operands: tuple[int, ...]
    settings: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """A graph: `outputs` and the second parts of `updates` are positions, like a step's operands.

    `gradient` is the position of a floating sum that is derived by all floating leaves, if any.
    """

    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    updates: tuple[tuple[int, int], ...] = ()
    gradient: int | None = None


@dataclass(frozen=True)
class GraphCase:
    """A recipe with an array for each of its leaves; `variant` chooses the arguments' layouts."""

    recipe: Recipe
    inputs: tuple[Array, ...]
    variant: int = 0

    def save(self, path: Path, head: str) -> None:
        """Write `path`, and its arrays beside it."""
        about = {"about": head.splitlines(), "variant": self.variant, **asdict(self.recipe)}
        path.write_text(json.dumps(about, indent=1) + "\n")
        arrays = {f"input{i:02}": one for i, one in enumerate(self.inputs)}
        np.savez(path.with_suffix(".npz"), allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "GraphCase":
        """Read what `save` wrote."""
        text = json.loads(path.read_text())
        recipe = Recipe(
            tuple(
                Leaf(one["dtype"], tuple(one["pattern"]), one["shared"]) for one in text["leaves"]
            ),
            tuple(
                Step(one["op"], tuple(one["operands"]), tuple(one["settings"]))
                for one in text["steps"]
            ),
            tuple(text["outputs"]),
            tuple((target, value) for target, value in text["updates"]),
            text["gradient"],
        )
        with np.load(path.with_suffix(".npz")) as stored:
            inputs = tuple(stored[name] for name in sorted(stored.files))
        return cls(recipe, inputs, text["variant"])


@dataclass
class _Built:
    """The graph of a recipe."""

    case: GraphCase
    variables: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    shared: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    updates: list[tuple[Any, Any]] = field(default_factory=list)

    def lowered(self) -> Program:
        return lower(self.inputs, self.outputs, self.updates, "fuzzed", self.shared)


def _build(case: GraphCase) -> _Built:
    built = _Built(case)
    for position, (leaf, array) in enumerate(zip(case.recipe.leaves, case.inputs, strict=True)):
        if leaf.shared:
            built.variables.append(shared(array, f"s{position}", broadcastable=leaf.pattern))
            built.shared.append(built.variables[-1])
        else:
            built.variables.append(TensorType(leaf.dtype, leaf.pattern)(f"x{position}"))
            built.inputs.append(built.variables[-1])
    for step in case.recipe.steps:
        operands = [built.variables[position] for position in step.operands]
        built.variables.append(GRAPH_OPS[step.op].symbolic(*operands, *step.settings))
    built.outputs = [built.variables[position] for position in case.recipe.outputs]
    if case.recipe.gradient is not None:
        cost = T.sum(built.variables[case.recipe.gradient])
        leaves = (*built.inputs, *built.shared)
        wrt = [one for one in leaves if one.dtype.startswith(("float", "complex"))]
        built.outputs += T.grad(cost, wrt, disconnected_inputs="ignore")
    built.updates = [
        (built.variables[target], built.variables[value]) for target, value in case.recipe.updates
    ]
    return built


def graph_agrees(case: GraphCase) -> None:
    """What a compiled function gives is what the interpreter, and loosely NumPy, gives."""
    built = _build(case)
    program = built.lowered()
    _survives_pickling(built, program)
    order = [i for i, leaf in enumerate(case.recipe.leaves) if not leaf.shared]
    order += [i for i, leaf in enumerate(case.recipe.leaves) if leaf.shared]
    arrays = [case.inputs[i] for i in order]
    try:
        outputs, updates = interpret(program, arrays)
    except ExecutionError as error:
        _fails(built, case, program, error)
        return
    wanted = (*outputs, *updates)
    _like_numpy(case, wanted)
    if decided_by_inexact(program):
        with suppress(ValueError, IndexError, AssertionError):
            _called(built, case)
        return
    found = _called(built, case)
    if _is_restated(program):
        return
    bounds = tolerances(program, arrays)
    for number, (one, other, bound) in enumerate(zip(found, wanted, bounds, strict=True)):
        assert within(one, other, bound), f"result {number}: {one!r}, interpreter: {other!r}"


def _survives_pickling(built: _Built, program: Program) -> None:
    """A graph that was pickled, or copied, is the same program."""
    pickled: _Built = pickle.loads(pickle.dumps(built))
    for again in (pickled, copy.deepcopy(built)):
        assert again.lowered() == program, "a copy of the graph is another program"


def _is_restated(program: Program) -> bool:
    """Whether a rule applies that gives other, better results than the program as written."""
    plain = canonicalise(program)
    return stabilise(plain) != plain


def _called(built: _Built, case: GraphCase) -> list[Array]:
    """Results of the compiled function, called with arguments of exotic layouts."""
    call = function(built.inputs, built.outputs, updates=built.updates, on_unused_input="ignore")
    leaves = zip(case.recipe.leaves, case.inputs, strict=True)
    plain = [array for leaf, array in leaves if not leaf.shared]
    given = [exotic(array, case.variant + i) for i, array in enumerate(plain)]
    outputs = call(*given)
    for one, before in zip(given, plain, strict=True):
        if not np.array_equal(one, before, equal_nan=one.dtype.kind in "fc"):
            raise RuntimeError(f"an argument changed to {one!r}")
    return [*outputs, *(target.get_value() for target, _ in built.updates)]


def _fails(built: _Built, case: GraphCase, program: Program, error: ExecutionError) -> None:
    """A call fails where the interpreter does, and leaves the shared variables alone."""
    before = [one.get_value() for one in built.shared]
    try:
        _called(built, case)
    except (ValueError, IndexError, AssertionError, MemoryError):
        pass
    else:
        message = f"the function succeeds, the interpreter says: {error}"
        assert error.kind == "memory" or decided_by_inexact(program), message
        return
    for one, old in zip(built.shared, before, strict=True):
        assert one.get_value().tobytes() == old.tobytes(), f"{one} was changed by a failing call"


_TAME = 1e3
_TOLERANCES = {"float64": 1e-9, "float32": 1e-3, "complex128": 1e-9, "complex64": 1e-3}


def _like_numpy(case: GraphCase, found: Sequence[Array]) -> None:
    """The interpreter's results are NumPy's, as far as the size of the numbers lets one tell."""
    arrays: list[Array] = list(case.inputs)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the mean of nothing, say
        for step in case.recipe.steps:
            operands = [arrays[position] for position in step.operands]
            arrays.append(np.asarray(GRAPH_OPS[step.op].numpy(*operands, *step.settings)))
        floating = any(one.dtype.kind in "fc" for one in arrays)
        rounded = "fiuc" if floating else ""  # integers that become floats must be small too
        sizes = [np.max(np.abs(one), initial=0) for one in arrays if one.dtype.kind in rounded]
        if not all(np.isfinite(size) and size < _TAME for size in sizes):
            return
    kinds = {str(array.dtype) for array in (*arrays, *found) if array.dtype.kind in "fc"}
    if not kinds <= _TOLERANCES.keys():
        return  # NumPy has sine and the like of small integers in float16
    scale = max([1.0, *map(float, sizes)])
    positions = (*case.recipe.outputs, *(value for _, value in case.recipe.updates))
    count = len(case.recipe.outputs)
    chosen = (*found[:count], *found[len(found) - len(case.recipe.updates) :])
    for position, one in zip(positions, chosen, strict=True):
        wanted = arrays[position]
        assert one.shape == wanted.shape, f"shape {one.shape}, NumPy's is {wanted.shape}"
        near = max((_TOLERANCES[kind] for kind in kinds), default=0.0) * scale**2
        off = np.abs(one.astype(np.complex128) - wanted.astype(np.complex128))
        assert (off <= near).all(), f"{one!r}, NumPy gives {wanted!r}"
