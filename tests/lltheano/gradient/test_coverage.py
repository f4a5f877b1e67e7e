"""No op and no public function goes without a gradient check: a new one must be put in a table."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

import lltheano
import lltheano.tensor as T
from docs.extensions.catalogue import public_names
from lltheano import ops
from lltheano.graph import Apply, Op, applies
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.variable import TensorType
from tests.lltheano.evaluation import ELEMENTWISE_OPS
from tests.lltheano.gradient.covered import CASES, MODULES_WITHOUT, OPS_WITHOUT, WITHOUT

NOT_SEARCHED = ("cli", "demo", "__main__")


def every_op_class() -> Iterator[type[Op]]:
    """Those whose gradients are to be checked here."""
    return (kind for kind in op_classes() if not is_exempt(kind.__module__))


def op_classes() -> Iterator[type[Op]]:
    """The classes of the library's ops that are no bases of others."""
    for found in pkgutil.walk_packages(lltheano.__path__, "lltheano."):
        if not any(part in found.name.split(".") for part in NOT_SEARCHED):
            importlib.import_module(found.name)
    pending: list[type[Any]] = [Op]
    while pending:
        for one in pending.pop().__subclasses__():
            pending.append(one)
            if one.__module__.startswith("lltheano.") and not one.__subclasses__():
                yield one


def with_inner(nodes: Iterable[Apply]) -> Iterator[Apply]:
    """Applications, and those that they are compositions of."""
    for node in nodes:
        yield node
        if isinstance(node.op, ComposedOp):
            yield from with_inner(applies(node.op.inner_graph(node)[1]))


def is_exempt(module: str) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in MODULES_WITHOUT)


def full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def test_every_op_class_is_part_of_a_case() -> None:
    results = [case(T.dmatrix("x")) for case in CASES.values()]
    used = {full_name(type(node.op)) for node in with_inner(applies(results))}
    every = {full_name(kind) for kind in every_op_class()}
    assert sorted(every - used - set(OPS_WITHOUT)) == [], "add a case, or a reason to OPS_WITHOUT"
    assert sorted(set(OPS_WITHOUT) & used) == []
    assert sorted(set(OPS_WITHOUT) - every) == []


def test_every_public_function_has_a_case_or_a_reason() -> None:
    covered = {name.partition(":")[0] for name in CASES}
    lacking = []
    for full, value in public_names().items():
        package, _, name = full.rpartition(".")
        if isinstance(value, type | TensorType | Elementwise):
            continue
        home = value.__module__ if inspect.isroutine(value) else type(value).__module__
        if is_exempt(home):
            continue
        names = {one.rpartition(".")[2] for one, other in public_names().items() if other is value}
        if not names & (covered | set(WITHOUT)):
            lacking.append(f"{package}.{name}")
    assert lacking == [], "add a case to covered.py, or a reason to WITHOUT"


def test_no_name_is_in_two_tables_or_gone() -> None:
    covered = {name.partition(":")[0] for name in CASES}
    assert covered & set(WITHOUT) == set()
    public = {name.rpartition(".")[2] for name in public_names()}
    known = public | set(ELEMENTWISE_OPS) | set(vars(ops)["LAZY"])
    assert sorted((covered | set(WITHOUT)) - known) == []
