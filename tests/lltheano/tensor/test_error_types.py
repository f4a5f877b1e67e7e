"""The types of refusals: programs catch what Theano raised, or what NumPy raises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.errors import ComplexError, EmptyConstantError, NotScalarConstantError

X, V, W, S = T.dmatrix("x"), T.dvector("v"), T.dvector("w"), T.dscalar("s")

WHEN_BUILT: dict[str, tuple[Callable[[], Any], tuple[type[Exception], ...]]] = {
    "swapaxes": (lambda: T.swapaxes(X, 0, 5), (IndexError, ValueError)),
    "an axis of a method": (lambda: X.swapaxes(-3, 0), (IndexError, ValueError)),
    "sum": (lambda: X.sum(axis=2), (IndexError, ValueError)),
    "join, below": (lambda: T.join(-3, X, X), (IndexError, ValueError)),
    "join, above": (lambda: T.join(2, X, X), (IndexError, ValueError)),
    "shape_padaxis": (lambda: T.shape_padaxis(X, 4), (IndexError, ValueError)),
    "SpecifyShape": (lambda: T.SpecifyShape()(X, (1,)), (AssertionError,)),
    "specify_shape": (lambda: T.specify_shape(X, (1, 2, 3)), (AssertionError,)),
    "inc_subtensor": (lambda: T.inc_subtensor(V[:2], X), (TypeError, ValueError)),
    "set_subtensor": (lambda: T.set_subtensor(V[[0, 1]], X), (TypeError, ValueError)),
    "norm": (lambda: T.nlinalg.norm(T.dtensor3(), None), (NotImplementedError, ValueError)),
    "searchsorted": (lambda: T.searchsorted(V, 3, sorter=T.lmatrix()), (ValueError, TypeError)),
    "tile": (lambda: T.tile(X, 1.5), (ValueError, TypeError)),
    "tile, of several": (lambda: T.tile(X, (2, 1.5)), (ValueError, TypeError)),
    "tile, by a vector": (lambda: T.tile(X, T.dvector(), ndim=2), (ValueError, TypeError)),
    "flatnonzero": (lambda: T.flatnonzero(S), (ValueError,)),
    "spectral_radius_bound": (lambda: T.linalg.spectral_radius_bound(X, 1.5), (TypeError,)),  # type: ignore[arg-type]
    "spectral_radius_bound, negative": (
        lambda: T.linalg.spectral_radius_bound(X, -1),
        (ValueError,),
    ),
    "a long bound of a slice": (lambda: V[: 2**63], (IndexError,)),
    "alloc_diag": (lambda: T.nlinalg.alloc_diag(X), (TypeError,)),
    "DimShuffle": (lambda: T.DimShuffle((False, False), (0,)), (ValueError,)),
    "dimshuffle": (lambda: X.dimshuffle(0), (ValueError,)),
    "mod of complex": (
        lambda: T.mod(T.zvector(), 2),
        (ComplexError, TypeError, NotImplementedError),
    ),
    "a constant without elements": (
        lambda: T.get_scalar_constant_value(T.constant(np.zeros(0))),
        (EmptyConstantError, NotScalarConstantError),
    ),
}


@pytest.mark.parametrize("name", WHEN_BUILT)
def test_what_is_raised_while_the_graph_is_built(name: str) -> None:
    build, types = WHEN_BUILT[name]
    for one in types:
        with pytest.raises(one):
            build()


def test_what_names_the_variable_keeps_doing_so() -> None:
    with pytest.raises(ValueError, match=r"would drop axis 1 of x .*not known"):
        X.dimshuffle(0)
    with pytest.raises(AssertionError, match=r"1 sizes for the 2 axes of x"):
        T.specify_shape(X, (1,))


@pytest.mark.parametrize("wrong", ["a vector", "a vector as rcond", "three axes"])
def test_least_squares_of_other_ranks_fail_when_called(wrong: str) -> None:
    x, y, z = {
        "a vector": (V, W, S),
        "a vector as rcond": (V, W, T.dvector("z")),
        "three axes": (X, T.dtensor3("y"), S),
    }[wrong]
    compiled = function([x, y, z], T.nlinalg.lstsq()(x, y, z))
    values = [np.ones((2,) * one.ndim) for one in (x, y, z)]
    with pytest.raises(np.linalg.LinAlgError, match="lstsq takes a matrix, a vector or matrix"):
        compiled(*values)


@pytest.mark.parametrize("rcond", [1.0, 2.0, -1.0, 0.0, 0.5, 1e-9])
def test_least_squares_cut_off_as_in_lapack(rcond: float) -> None:
    a, b = np.array([[2.0, 1.0], [3.0, 4.0]]), np.array([1.0, 2.0])
    compiled = function([X, V, S], T.nlinalg.lstsq()(X, V, S))
    wanted = np.linalg.lstsq(a, b, rcond=rcond)
    np.testing.assert_allclose(compiled(a, b, rcond)[0], wanted[0], rtol=1e-12)


def test_a_negative_size_of_a_part_fails_when_called() -> None:
    compiled = function([V], T.split(V, [-1, 4], 2))
    with pytest.raises(ValueError, match="size"):
        compiled([1.0, 2.0, 3.0])


def test_infinite_norms_may_be_written_as_words() -> None:
    for kind, number in (("inf", np.inf), ("-inf", -np.inf)):
        found = T.nlinalg.norm(X, kind).eval({X: [[1.0, -2.0], [3.0, 4.0]]})
        assert found == np.linalg.norm([[1.0, -2.0], [3.0, 4.0]], number)
