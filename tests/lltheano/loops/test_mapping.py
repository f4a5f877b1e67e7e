"""`map_variables` replaces variables in graphs, and inside the steps of scans."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, scan, shared
from lltheano.loops import until
from lltheano.loops.mapping import map_variables


def test_variables_outside_of_scans() -> None:
    x, y, unused = T.dvectors("x", "y", "unused")
    seen = []

    def replacer(variable: Any) -> Any:
        seen.append(variable)
        return y if variable is x else variable

    first, same = map_variables(replacer, [T.exp(x) * 2, y], [unused])
    assert unused in seen
    assert same is y
    np.testing.assert_allclose(function([y], first)([1.0]), 2 * np.exp([1.0]))


def marked(variable: Any) -> Any:
    return getattr(variable.tag, "replacement", variable)


def test_variables_of_steps_and_of_steps_inside_steps() -> None:
    """A replacement may use variables of the step, of the scan's surroundings, and shared ones."""
    x, k, weights = T.dmatrix("x"), T.dscalar("k"), shared(np.array([1.0, 10.0]), name="weights")

    def inner(one: Any, total: Any) -> Any:
        doubled = one * 2
        doubled.tag.replacement = one * 3 + k
        return total + doubled

    def step(row: Any, before: Any) -> Any:
        scaled = row + 1
        scaled.tag.replacement = row * weights
        sums, _ = scan(inner, scaled, before)
        return sums[-1], until(sums[-1] > 1000)

    out, _ = scan(step, x, T.zeros(()))
    (changed,) = map_variables(marked, [out])
    got, old = function([x, k], [changed, out])([[1.0, 2.0], [3.0, 4.0]], 0.5)
    assert old.tolist() == [10.0, 28.0]
    assert got.tolist() == [64.0, 194.0]


def test_a_replacement_must_have_the_type_inside() -> None:
    x = T.dvector("x")

    def step(one: Any) -> Any:
        result = one * 2
        result.tag.replacement = result.astype("float32")
        return result

    out, _ = scan(step, x)
    with pytest.raises(TypeError, match=r"inside for{cpu,scan_fn}, mul .* cannot become"):
        map_variables(marked, [out])


def test_what_changes_by_default_is_refused() -> None:
    x, count = T.dvector("x"), shared(1.0, name="count")
    count.default_update = count + 1

    def step(one: Any) -> Any:
        result = one * 2
        result.tag.replacement = one * count
        return result

    out, _ = scan(step, x)
    with pytest.raises(NotImplementedError, match=r"count .* has a default update"):
        map_variables(marked, [out])
