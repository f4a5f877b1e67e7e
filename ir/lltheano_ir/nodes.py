"""Values of the tensor IR: immutable and interned, so that equal means identical.

A value is an op applied to values. Two values with the same op, operands, attributes and regions
are one object, whoever makes them and wherever: compare with `is`, and common subexpressions are
shared for free. Values that nobody holds are forgotten. Construction applies the op's type rule, so
that an ill-typed value cannot exist.

An op with several results (`if`, `loop`, `fused`, the factorisations) is a value whose `types` has
several entries; each result is taken with the op `result`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from weakref import WeakValueDictionary

from lltheano_ir.locks import ProcessLock
from lltheano_ir.ops.definition import Op, TypeRuleError, require_attributes
from lltheano_ir.ops.regions import RegionForm
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Role
from lltheano_ir.records import record
from lltheano_ir.types import BOOL, INDEX, ValueType

__all__ = [
    "MAX_RANK",
    "Region",
    "Value",
    "argument",
    "derive_types",
    "has_callback",
    "inlined",
    "make",
    "needs_an_iteration",
    "operands_first",
    "rebuilt",
    "result",
]

MAX_RANK = 32
"""The greatest number of axes of a value; what NumPy 1 and 2 can both hold."""


class Value:
    """A result of an op. Do not construct; `make` interns.

    Attributes
    ----------
    op, operands, attributes, regions
        What it is made of; `attributes` in the order in which the op declares them.
    types
        The types of the results, one for most ops.
    """

    __slots__ = ("__weakref__", "attributes", "op", "operands", "regions", "types")

    op: Op
    operands: tuple["Value", ...]
    attributes: tuple[Any, ...]
    regions: tuple["Region", ...]
    types: tuple[ValueType, ...]

    @property
    def type(self) -> ValueType:
        """The type of the only result; TypeError when there are several."""
        if len(self.types) != 1:
            raise TypeError(f"{self.op.name} has {len(self.types)} results")
        return self.types[0]

    @property
    def rank(self) -> int:
        """The number of axes of the only result."""
        return self.type.rank

    @property
    def form(self) -> RegionForm:
        """What operands, regions and results of an op with regions are to each other."""
        return self.op.form(self.attributes, len(self.operands), len(self.regions[0].results))

    @property
    def is_argument(self) -> bool:
        """Whether it is passed to the program or region in which it stands."""
        return self.op.role is Role.ARGUMENT

    @property
    def is_constant(self) -> bool:
        """Whether its elements are known now: the first attribute holds them."""
        return self.op.role is Role.CONSTANT

    @property
    def is_result(self) -> bool:
        """Whether it is one of the several results of its operand."""
        return self.op.role is Role.RESULT

    def __repr__(self) -> str:
        inner = ", ".join(operand.op.name for operand in self.operands)
        return f"<{self.op.name}({inner}): {', '.join(map(str, self.types))}>"


@record(frozen=True, slots=True)
class Region:
    """A closed sub-program: its values reach arguments of the region only.

    `parameters` are the types of the arguments, `results` the values it gives.
    """

    parameters: tuple[ValueType, ...]
    results: tuple[Value, ...]


_interned: "WeakValueDictionary[tuple[Any, ...], Value]" = WeakValueDictionary()
_lock = ProcessLock()


def make(
    name: str,
    operands: Iterable[Value] = (),
    attributes: tuple[Any, ...] = (),
    regions: tuple[Region, ...] = (),
) -> Value:
    """Return the value of an op, its type checked; TypeRuleError when the op refuses its operands.

    >>> from lltheano_ir.types import INDEX
    >>> n = argument(0, INDEX)
    >>> make("add", (n, n)) is make("add", (n, n))
    True
    """
    op = OPS[name]
    operands = tuple(operands)
    key = (op, operands, attributes, regions)
    known = _interned.get(key)
    if known is not None:
        return known
    value = Value()
    value.op, value.operands, value.attributes, value.regions = key
    value.types = derive_types(op, operands, attributes, regions)
    with _lock:
        return _interned.setdefault(key, value)


def argument(index: int, type_: ValueType) -> Value:
    """The parameter at position `index` of the program or region in which the value stands."""
    return make("argument", (), (index, type_))


def result(value: Value, index: int) -> Value:
    """One result of a value; the value itself when it has only one."""
    return value if len(value.types) == 1 else make("result", (value,), (index,))


def rebuilt(value: Value, operands: tuple[Value, ...]) -> Value:
    """The same op applied to other operands."""
    if operands == value.operands:
        return value
    return make(value.op.name, operands, value.attributes, value.regions)


def derive_types(
    op: Op,
    operands: tuple[Value, ...],
    attributes: tuple[Any, ...],
    regions: tuple[Region, ...],
) -> tuple[ValueType, ...]:
    """The types of the results of an op; TypeRuleError when it refuses what it is given."""
    if len(operands) < op.arity or (len(operands) > op.arity and not op.variadic):
        raise TypeRuleError(f"{op.name} takes {op.arity} operands, got {len(operands)}")
    require_attributes(op, attributes)
    if len(regions) != len(op.region_names):
        raise TypeRuleError(f"{op.name} has {len(op.region_names)} regions, got {len(regions)}")
    if op.role is Role.RESULT:
        return (_result_type(operands[0], attributes[0]),)
    types = [_only_type(operand) for operand in operands]
    if op.regions is not None:
        inferred = _region_types(op, types, attributes, regions)
    else:
        inferred = op.result_types(types, attributes)
    if any(one.rank > MAX_RANK for one in inferred):
        raise TypeRuleError(f"{op.name} gives more than {MAX_RANK} axes")
    return inferred


def _only_type(value: Value) -> ValueType:
    if len(value.types) != 1:
        raise TypeRuleError(f"take one of the {len(value.types)} results of {value.op.name}")
    return value.types[0]


def _result_type(value: Value, index: int) -> ValueType:
    if len(value.types) < 2 or not 0 <= index < len(value.types):
        raise TypeRuleError(f"{value.op.name} has no result {index}: it has {len(value.types)}")
    return value.types[index]


def _result_types(region: Region) -> tuple[ValueType, ...]:
    return tuple(_only_type(value) for value in region.results)


def _region_types(
    op: Op, types: Sequence[ValueType], attributes: tuple[Any, ...], regions: tuple[Region, ...]
) -> tuple[ValueType, ...]:
    """The types of the results of an op with regions, by its form."""
    per_region = [_result_types(region) for region in regions]
    if any(one != per_region[0] for one in per_region) or not per_region[0]:
        listed = " and ".join(f"({', '.join(map(str, one))})" for one in per_region)
        raise TypeRuleError(f"the regions of {op.name} give {listed}: at least one, and all alike")
    yielded = per_region[0]
    form = op.form(attributes, len(types), len(yielded))
    _require_deciding(op, form, types, yielded)
    parameters = form.arguments(types, _changing_arguments(form, types))
    for region in regions:
        if region.parameters != parameters:
            declared, passed = (", ".join(map(str, one)) for one in (region.parameters, parameters))
            raise TypeRuleError(f"a region of {op.name} takes ({declared}), got ({passed})")
    for one in form.carried:
        if yielded[one.result] != parameters[one.arguments[-1]]:
            raise TypeRuleError(
                f"{op.name} carries {parameters[one.arguments[-1]]}, its body gives"
                f" {yielded[one.result]}"
            )
    results = [place for place in range(len(yielded)) if place != form.proceeds]
    return tuple(
        _with_leading_axis(yielded[place]) if place in form.stacked else yielded[place]
        for place in results
    )


def _require_deciding(
    op: Op, form: RegionForm, types: Sequence[ValueType], results: Sequence[ValueType]
) -> None:
    """What decides which region is run, and how often, must be there, and of its type."""
    deciding = (("condition", form.condition, BOOL), ("count", form.count, INDEX))
    for what, operand, type_ in deciding:
        if operand is not None and types[operand] != type_:
            raise TypeRuleError(f"{op.name} needs a {what} of type {type_}, got {types[operand]}")
    if any(not 0 <= one.result < len(results) for one in form.carried):
        raise TypeRuleError(
            f"{op.name} carries {len(form.carried)} values, its body gives {len(results)}"
        )
    if form.proceeds is not None and results[form.proceeds] != BOOL:
        raise TypeRuleError(f"{op.name} goes on by a {BOOL}, got {results[form.proceeds]}")


def _changing_arguments(form: RegionForm, types: Sequence[ValueType]) -> dict[int, ValueType]:
    """The types of the arguments that are not the same in all steps."""
    changing = {} if form.step is None else {form.step: INDEX}
    for one in form.carried:
        first = types[one.operand]
        if len(one.arguments) > 1:
            first = ValueType(first.dtype, first.broadcast[1:])
        changing.update(dict.fromkeys(one.arguments, first))
    return changing


def _with_leading_axis(type_: ValueType) -> ValueType:
    return ValueType(type_.dtype, (False, *type_.broadcast))


def operands_first(roots: Iterable[Value]) -> Iterator[Value]:
    """Every value that `roots` need, once, each after its operands: an order in which to compute
    them.
    """
    done: set[Value] = set()
    stack = list(roots)[::-1]
    while stack:
        value = stack[-1]
        pending = [one for one in value.operands if one not in done] if value not in done else ()
        if pending:
            stack.extend(reversed(pending))
            continue
        stack.pop()
        if value not in done:
            done.add(value)
            yield value


def has_callback(*values: Value) -> bool:
    """Whether a host function is called to compute the values, in regions or outside."""
    return any(
        value.op.calls_host or any(has_callback(*region.results) for region in value.regions)
        for value in operands_first(values)
    )


def needs_an_iteration(step: int | None, *sizes: Value) -> bool:
    """Whether sizes inside the body of a loop are known in an iteration alone.

    Such are those that a host function tells, and those that vary with the number of the iteration,
    which is the argument `step` of the body: they may read a row that is not there.
    """
    return has_callback(*sizes) or any(
        one.is_argument and one.attributes[0] == step for one in operands_first(sizes)
    )


def inlined(
    region: Region,
    arguments: Sequence[Value],
    note: Callable[[Value, Value], None] = lambda new, old: None,
) -> tuple[Value, ...]:
    """The results of a region with its arguments replaced by values.

    `note` is called with each value that is made and the one in whose place it is.

    >>> from lltheano_ir.types import INDEX
    >>> n = argument(0, INDEX)
    >>> size = make("dim", (make("iota", (n,)),), (0,))
    >>> inlined(Region((INDEX,), (make("neg", (n,)),)), [size])[0] is make("neg", (size,))
    True
    """
    replaced: dict[Value, Value] = {}
    for value in operands_first(region.results):
        if value.is_argument:
            replaced[value] = arguments[value.attributes[0]]
        else:
            operands = tuple(replaced[operand] for operand in value.operands)
            replaced[value] = rebuilt(value, operands)
            note(replaced[value], value)
    return tuple(replaced[value] for value in region.results)
