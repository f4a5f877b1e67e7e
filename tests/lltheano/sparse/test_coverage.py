"""No op of sparse matrices goes without a case."""

from collections.abc import Iterator
from typing import Any

import lltheano.sparse as S
from lltheano.graph import applies
from tests.lltheano.gradient import test_coverage as every
from tests.lltheano.sparse.cases import CASES, COMPARISONS, FACTORS, variables


def results() -> Iterator[Any]:
    for format_ in ("csr", "csc"):
        x, y = variables(format_, "float64")
        yield from (ours(x, y) for ours, _ in CASES.values())
        for name in COMPARISONS:
            yield from (getattr(S, name)(x, other) for other in (y, FACTORS))


def test_every_op_class_is_part_of_a_case() -> None:
    used = {type(node.op) for node in every.with_inner(applies([*results()]))}
    ours = {kind for kind in every.op_classes() if kind.__module__.startswith(S.__name__)}
    assert sorted(kind.__qualname__ for kind in ours - used) == []
