"""The op `Scan`: a graph computed once for each step, with values that steps hand on.

A state of depth d is what the last d steps gave. All of its operands and leaves are in the order of
time, so that a step reads ``leaves[j]`` as the value of d - j steps before. The op knows nothing of
taps: the function `scan` cuts sequences so that a step reads row t of each, and gives a state as
many first values as the oldest tap asks for.

The op gives the values of each state in all steps, and the last one by itself: what is not used is
not kept (the compiler drops it), so that a loop of any length takes the memory of one step where
only the last value is asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lltheano.graph.clone import clone_replace, is_same_graph
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.text import escaped
from lltheano.graph.walk import io_toposort
from lltheano.loops.gradient import scan_gradients
from lltheano.loops.parts import Operands, Results, State, split_operands, split_results
from lltheano.loops.tangents import scan_tangents
from lltheano.tensor.inner_graphs.closing import lower_inside
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Scan"]

Variables = Sequence[Variable]


@record(frozen=True, eq=False)
class Scan(Op):
    """A graph that is computed once for each step; see the module.

    Operands: the number of steps (at most so many, with `proceeds`); the sequences, of exactly so
    many rows; for each state its first values, the oldest first; captured values. Results: for each
    state the stack of the values that the steps gave; the last value of each state; the stacks of
    `rows`; and with `proceeds` how many steps there were.

    Attributes
    ----------
    sequences
        The leaves that stand for a row of each sequence.
    states
        What steps hand on.
    captured
        The leaves that stand for what is the same in all steps.
    rows
        What a step gives besides.
    proceeds
        A bool scalar of the step that says whether another follows; None where all are run.
    truncate_gradient
        How many steps back the gradient goes at most; -1 is all.
    name
        What listings call it.
    mode
        The mode that was asked for. It has no meaning: a loop is compiled with what is around it.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import scan
    >>> x = T.dvector("x")
    >>> sums, _ = scan(lambda one, total: total + one, x, T.zeros(()), name="sums")
    >>> op = sums.owner.op
    >>> op, op.inputs, op.n_seqs, op.as_while
    (for{cpu,sums}, [x[t], <TensorType(float64, scalar)>], 1, False)
    """

    sequences: tuple[Variable, ...]
    states: tuple[State, ...]
    captured: tuple[Variable, ...]
    rows: tuple[Variable, ...]
    proceeds: Variable | None = None
    truncate_gradient: int = -1
    name: str | None = None
    mode: Any = None

    def make_node(self, count: Any, *operands: Any) -> Apply:
        """The operands of the types that the inner graph was made for; TypeError for others."""
        count = as_tensor_variable(count)
        if count.ndim or not is_discrete(count.dtype):
            raise TypeError(f"the number of steps is an integer, got {count.describe()}")
        wanted = [
            *(_stacked(self, leaf) for leaf in self.sequences),
            *(leaf.type for state in self.states for leaf in state.leaves),
            *(leaf.type for leaf in self.captured),
        ]
        if len(operands) != len(wanted):
            raise ValueError(f"{self} takes {1 + len(wanted)} operands, got {1 + len(operands)}")
        pairs = zip(operands, wanted, strict=True)
        given = [_as_type(self, operand, kind) for operand, kind in pairs]
        nexts = [state.following for state in self.states]
        kinds = [
            *(_stacked(self, following) for following in nexts),
            *(following.type for following in nexts),
            *(_stacked(self, row) for row in self.rows),
            *([] if self.proceeds is None else [TensorType("int64", ())]),
        ]
        results = [kind.make_variable() for kind in kinds]
        return Apply(self, [count.astype("int64"), *given], results)

    def operands(self, given: Sequence[Any]) -> Operands:
        """Operands, or what stands for them, by what they are."""
        return split_operands(given, self.sequences, self.states)

    def results(self, given: Sequence[Any]) -> Results:
        """Results, or what stands for them, by what they are."""
        return split_results(given, len(self.states), len(self.rows))

    @property
    def leaves(self) -> tuple[Variable, ...]:
        """The leaves of the inner graph, in the order of the operands."""
        inside = (leaf for state in self.states for leaf in state.leaves)
        return (*self.sequences, *inside, *self.captured)

    @property
    def step_results(self) -> tuple[Variable, ...]:
        """What a step gives: next values, rows, and whether it goes on."""
        proceeds = () if self.proceeds is None else (self.proceeds,)
        return (*(state.following for state in self.states), *self.rows, *proceeds)

    def L_op(  # noqa: N802
        self, inputs: Variables, outputs: Variables, output_gradients: Variables
    ) -> list[Variable]:
        """By a scan that goes back through the steps; see `lltheano.loops.gradient`."""
        return scan_gradients(self, inputs, outputs, output_gradients)

    def R_op(  # noqa: N802
        self, inputs: Variables, eval_points: Sequence[Variable | None]
    ) -> list[Variable | None]:
        """By a scan that carries tangents along; see `lltheano.loops.tangents`."""
        return scan_tangents(self, inputs, eval_points)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """What a step's results vary with, followed from step to step until nothing is added."""
        reached = self.reached()
        states, rows = len(self.states), len(self.rows)
        pattern = [[False] * len(node.outputs)]
        for leaf in self.leaves:
            to_state = [leaf in reached[index] for index in range(states)]
            to_row = [leaf in reached[states + index] for index in range(rows)]
            pattern.append(
                [*to_state, *to_state, *to_row, *([False] * (self.proceeds is not None))]
            )
        position = 1 + len(self.sequences)
        for index, state in enumerate(self.states):
            for _ in state.leaves:  # where there is no step, the last value is a first one
                pattern[position][states + index] = True
                position += 1
        return pattern

    def reached(self) -> list[set[Variable]]:
        """For each state and row, the leaves that it varies with in any step."""
        results = (*(state.following for state in self.states), *self.rows)
        reached = _varied_with(self.leaves, results)
        changed = True
        while changed:
            changed = False
            for one in reached:
                more = set[Variable]()
                for state, before in zip(self.states, reached, strict=False):
                    read = [place for place, leaf in enumerate(state.leaves) if leaf in one]
                    if read:  # of a value that is read as the oldest, all later ones become one
                        more |= before.union(state.leaves[read[0] :])
                changed |= not more <= one
                one |= more
        return reached

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `loop`: a native loop, with as many carried values as first ones."""
        operands = self.operands(inputs)
        count = self._checked_count(builder, node, operands)
        firsts = [value for group in operands.firsts for value in group]
        outer = [*operands.sequences, *operands.captured]

        def body(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
            following, rows, _ = self._step(builder, arguments)
            return following, rows

        def body_while(arguments: Sequence[Value]) -> tuple[list[Value], list[Value], Value]:
            following, rows, (proceeds,) = self._step(builder, arguments)
            return following, rows, proceeds

        if self.proceeds is None:
            found = list(builder.loop_over(count, firsts, outer, body))
        else:
            found = list(builder.loop_while(count, firsts, outer, body_while))
        carried, stacks = found[: len(firsts)], found[len(firsts) :]
        states = len(self.states)
        return [*stacks[:states], *_lasts(self.states, carried), *stacks[states:]]

    def _checked_count(self, builder: Builder, node: Apply, operands: Operands) -> Value:
        """The number of steps, provided that it is one, and that all sequences have so many rows.

        IndexError and ValueError otherwise, as in Theano.
        """
        count: Value = operands.count
        name = escaped(str(self))
        some = builder.elementwise("ge", count, builder.integer(0))
        message = f"{name} was asked for {{0}} steps; the number of steps cannot be negative"
        result = builder.require(count, some, message, (count,), "index")
        for variable, rows in zip(node.inputs[1:], operands.sequences, strict=False):
            length = builder.dim(rows, 0)
            same = builder.elementwise("eq", length, count)
            shown = escaped(variable.describe())
            message = f"{name} runs {{0}} steps, but its sequence {shown} has {{1}} rows to read"
            result = builder.require(result, same, message, (count, length), "value")
        return result

    def _step(
        self, builder: Builder, arguments: Sequence[Value]
    ) -> tuple[list[Value], list[Value], list[Value]]:
        """The next carried values, what is stacked, and whether the loop goes on."""
        number, *rest = arguments
        left = iter(rest)
        carried = [[next(left) for _ in state.leaves] for state in self.states]
        rows = [builder.index(next(left), number, 0) for _ in self.sequences]
        inside = [*rows, *(value for group in carried for value in group), *left]
        given = dict(zip(self.leaves, inside, strict=True))
        found = lower_inside(builder, given, self.step_results)
        states, count = len(self.states), len(self.rows)
        nexts = [
            value
            for group, new in zip(carried, found[:states], strict=True)
            for value in (*group[1:], new)
        ]
        return nexts, found[: states + count], found[states + count :]

    def __eq__(self, other: object) -> bool:
        """Whether another scan computes the same."""
        if self is other:
            return True
        if not isinstance(other, Scan) or self._form != other._form:
            return False
        renamed = clone_replace(
            other.step_results, dict(zip(other.leaves, self.leaves, strict=True))
        )
        pairs = zip(self.step_results, renamed, strict=True)
        return all(is_same_graph(one, another) for one, another in pairs)

    def __hash__(self) -> int:
        return hash(self._form)

    @property
    def _form(self) -> tuple[Any, ...]:
        """What two scans that compute the same have in common, their inner graphs aside."""
        counts = (len(self.sequences), tuple(len(state.leaves) for state in self.states))
        kinds = tuple(one.type for one in (*self.leaves, *self.step_results))
        return (counts, len(self.rows), kinds, self.as_while, self.truncate_gradient, self.name)

    def clone(self) -> "Scan":
        """Return an equal op, as Theano's has it."""
        return replace(self)

    @property
    def inputs(self) -> list[Variable]:
        """The leaves of the inner graph, under Theano's name."""
        return list(self.leaves)

    @property
    def outputs(self) -> list[Variable]:
        """The results of the inner graph, under Theano's name."""
        return list(self.step_results)

    @property
    def as_while(self) -> bool:
        """Whether the loop may end before its time."""
        return self.proceeds is not None

    @property
    def n_seqs(self) -> int:
        """The number of sequences, each tap counted."""
        return len(self.sequences)

    @property
    def n_mit_sot(self) -> int:
        """The number of states of which a step reads older values than the last."""
        return sum(len(state.leaves) > 1 for state in self.states)

    @property
    def n_sit_sot(self) -> int:
        """The number of states of which a step reads the last value alone."""
        return len(self.states) - self.n_mit_sot

    @property
    def n_nit_sot(self) -> int:
        """The number of outputs that no step reads."""
        return len(self.rows)

    @property
    def info(self) -> dict[str, Any]:
        """What Theano kept about a scan, as far as it means something here."""
        return {
            "name": self.name,
            "mode": self.mode,
            "n_seqs": self.n_seqs,
            "n_mit_sot": self.n_mit_sot,
            "n_sit_sot": self.n_sit_sot,
            "n_nit_sot": self.n_nit_sot,
            "as_while": self.as_while,
            "truncate_gradient": self.truncate_gradient,
        }

    @property
    def inner_outputs(self) -> tuple[Variable, ...]:
        """The results of the inner graph, for listings."""
        return self.step_results

    @property
    def inner_inputs(self) -> tuple[Variable | None, ...]:
        """What stands in the inner graph for each operand; None where nothing does."""
        return (None, *self.leaves)

    def __str__(self) -> str:
        kind = "for" if self.proceeds is None else "do_while"
        return f"{kind}{{cpu,{self.name or 'scan_fn'}}}"

    __repr__ = __str__


def _stacked(op: Scan, variable: Variable) -> TensorType:
    kind = variable.type
    if not isinstance(kind, TensorType):
        raise TypeError(
            f"{op}: what a step reads or gives row by row is a tensor, got {variable.describe()}"
        )
    return TensorType(kind.dtype, (False, *kind.broadcastable))


def _as_type(op: Scan, value: Any, kind: Any) -> Variable:
    """An operand of the type that the inner graph was made for."""
    if not isinstance(kind, TensorType):
        if isinstance(value, Variable) and value.type == kind:
            return value
        raise TypeError(f"{op} was made for {kind!r}, got {value!r:.80}")
    x = as_tensor_variable(value)
    if x.dtype == kind.dtype and x.ndim == kind.ndim:
        x = patternbroadcast(x, kind.broadcastable)
    if x.type != kind:
        raise TypeError(f"{op} was made for {kind!r}, got {x.describe()}")
    return x


def _lasts(states: Sequence[State], carried: Sequence[Value]) -> Iterator[Value]:
    """The last value of each state, of all the values that the loop carried."""
    end = 0
    for state in states:
        end += len(state.leaves)
        yield carried[end - 1]


def _varied_with(leaves: Variables, results: Variables) -> list[set[Variable]]:
    """For each result the leaves that its elements vary with, in one step."""
    varied: dict[Variable, set[Variable]] = {leaf: {leaf} for leaf in leaves}
    for node in io_toposort(leaves, results):
        pattern = node.op.connection_pattern(node)
        for j, output in enumerate(node.outputs):
            connected = (x for i, x in enumerate(node.inputs) if pattern[i][j] and x in varied)
            varied[output] = set().union(*(varied[x] for x in connected))
    return [set(varied.get(result, ())) for result in results]
