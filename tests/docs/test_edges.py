"""Gradients where functions break are what the page says."""

import numpy as np
import pytest

from tests.docs.edges import PAGE, ROWS, Edge, with_table
from tests.lltheano.evaluation import evaluate


@pytest.mark.parametrize("edge", ROWS, ids=lambda one: f"{one.expression} at {one.x:g}")
def test_the_gradient_at(edge: Edge) -> None:
    x, gradient = edge.gradient_of()
    found = evaluate(gradient, {x: edge.x})
    np.testing.assert_allclose(found, edge.gradient, rtol=1e-12)


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "write it anew: python -m tests.docs.edges"
