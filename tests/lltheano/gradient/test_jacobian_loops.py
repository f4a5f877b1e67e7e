"""The loop of a Jacobian: an iteration allocates nothing, copies nothing, and checks nothing that
does not change.
"""

import numpy as np

import lltheano.tensor as T
from lltheano import function
from lltheano.gradient import jacobian
from lltheano_ir.loops.nodes import For, Let
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.walk import statements_in
from tests.ir.lowering.nested_loops import repeated_work


def test_the_jacobian_of_a_layer(rng: np.random.Generator) -> None:
    x, w = T.dmatrices("x", "w")
    compiled = function([x, w], jacobian(T.tanh(T.dot(x, w)).sum(0), x))
    entry = parse_module(compiled.stages["loops"]).entry
    loops = [one for one in entry.body if isinstance(one, For) and one.sequential]
    assert len(loops) == 1
    assert repeated_work(entry) == []
    inside = list(statements_in(loops[0]))
    assert not any(isinstance(one, Let) and one.op == "tanh" for one in inside)
    rows, weights = rng.standard_normal((5, 4)), rng.standard_normal((4, 3))
    slopes = 1 - np.tanh(rows @ weights) ** 2
    expected = np.einsum("bj,kj->jbk", slopes, weights)
    # 1 - tanh(y)**2 cancels where tanh(y) is near 1.
    np.testing.assert_allclose(compiled(rows, weights), expected, rtol=1e-9)
