import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano.errors import CyclicGraphError
from lltheano.graph import clone_replace, is_same_graph
from tests.lltheano.evaluation import evaluate


def test_replacement_shares_what_does_not_depend_on_it() -> None:
    x, y, z = T.scalars("x", "y", "z")
    kept = T.exp(x)
    (copy,) = clone_replace([kept + y], {y: z})
    assert copy.owner is not None
    assert copy.owner.inputs[0] is kept
    assert copy.owner.inputs[1] is z


def test_replacing_a_computed_variable() -> None:
    x, z = T.scalars("x", "z")
    y = T.exp(x)
    (copy,) = clone_replace([y * 2], {y: z})
    assert evaluate(copy, {z: 3.0}) == 6


def test_replacing_the_output_itself() -> None:
    x, z = T.scalars("x", "z")
    assert clone_replace([x * 2, x], {x: z})[1] is z


def test_replacement_is_simultaneous() -> None:
    x, y = T.dscalars("x", "y")
    (copy,) = clone_replace([x - y], {x: y, y: x})
    assert evaluate(copy, {x: 1.0, y: 3.0}) == 2
    (shifted,) = clone_replace([x * 2], {x: x + 1})
    assert evaluate(shifted, {x: 1.0}) == 4


def test_chained_replacement_reaches_into_replacements() -> None:
    x, y, z = T.dscalars("x", "y", "z")
    (copy,) = clone_replace([x * 2], {x: y + 1, y: z * z}, chained=True)
    assert evaluate(copy, {z: 3.0}) == 20


def test_a_cycle_of_replacements_is_an_error() -> None:
    x, y = T.dscalars("x", "y")
    with pytest.raises(CyclicGraphError, match=r"lead back to themselves: x .* -> y .* -> x"):
        clone_replace([x], {x: y + 1, y: x * 2}, chained=True)


def test_a_key_inside_its_own_value_stays() -> None:
    x, y = T.dscalars("x", "y")
    (copy,) = clone_replace([x * 2], {x: x + y, y: y * y}, chained=True)
    assert evaluate(copy, {x: 1.0, y: 3.0}) == 20


def test_types_follow_the_replacement() -> None:
    column, matrix = T.dcol("c"), T.dmatrix("m")
    (copy,) = clone_replace([T.exp(column)], {column: matrix})
    assert copy.type == matrix.type


def test_clone_checks_types_unless_told_not_to() -> None:
    x, y = T.dscalar("x"), T.fscalar("y")
    with pytest.raises(TypeError, match=r"y .* cannot replace x .*: the types differ"):
        lltheano.clone(x * 2, {x: y})
    assert lltheano.clone(x * 2, {x: y}, strict=False).dtype == "float32"
    assert len(lltheano.clone([x, x * 2])) == 2


def test_clone_may_copy_the_leaves() -> None:
    x = T.dscalar("x")
    copy = lltheano.clone(x * 2, share_inputs=False)
    assert copy.owner.inputs[0] is not x
    assert copy.owner.inputs[0].name == "x"


def test_equal_graphs() -> None:
    x, y = T.dvectors("x", "y")
    assert is_same_graph(T.exp(x)[1:] * 2, T.exp(x)[1:] * 2)
    assert not is_same_graph(x[1:], x[2:])
    assert not is_same_graph(x * 2, x * 2.5)
    assert not is_same_graph(x + 1, y + 1)
    assert is_same_graph(x + 1, y + 1, givens={x: y})
    assert is_same_graph(x * np.arange(3.0), x * np.arange(3.0))
