"""What programs of Theano's rely on: sizes, dtypes, names and errors of both families."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats

import lltheano.tensor as T
from lltheano import config, function
from lltheano.random import MRG_RandomStreams, RandomStreams
from lltheano.random.mrg import guess_n_streams
from tests.random_battery.statistics import pearson

Draw = Callable[..., Any]

BROADCASTING: dict[str, Draw] = {
    "uniform": lambda s, size, x: s.uniform(size, low=x, high=x + 1),
    "normal": lambda s, size, x: s.normal(size, avg=x),
    "truncated_normal": lambda s, size, x: s.truncated_normal(size, avg=x),
    "exponential": lambda s, size, x: s.exponential(size, scale=x + 1),
    "gamma": lambda s, size, x: s.gamma(size, x + 1),
    "beta": lambda s, size, x: s.beta(size, x + 1, 2.0),
    "binomial": lambda s, size, x: s.binomial(size, n=5, p=x),
    "poisson": lambda s, size, x: s.poisson(size, lam=x),
    "random_integers": lambda s, size, x: s.random_integers(size, low=x.astype("int64"), high=9),
}


@pytest.mark.parametrize("name", BROADCASTING)
def test_parameters_larger_than_the_size_are_refused(name: str) -> None:
    """What is drawn would be repeated: at once where it has more axes, by the call where a size of
    1 meets a larger one.
    """
    draw, x = BROADCASTING[name], T.dmatrix("x")
    with pytest.raises(ValueError, match=f"{name}: the size has 1 axes, and .* has 2"):
        draw(RandomStreams(1), (3,), x)
    drawn = draw(RandomStreams(1), (1, 3), x)
    f = function([x], drawn)
    assert f(np.zeros((1, 3))).shape == (1, 3)
    before = drawn.rng.get_value()
    with pytest.raises(ValueError, match=f"{name}: the size on axis -2 is 1.*x"):
        f(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="size"):
        f(np.zeros((1, 2)))
    assert drawn.rng.get_value() == before


def test_a_size_of_minus_one_is_that_of_the_parameters() -> None:
    x = T.dcol("x")
    streams = RandomStreams(2)
    draws = [streams.uniform((4, -1, -1), low=x, high=x + 1), streams.normal((-1, 3), avg=x)]
    first, second = function([x], draws)(np.zeros((2, 1)))
    assert first.shape == (4, 2, 1)
    assert second.shape == (2, 3)
    with pytest.raises(ValueError, match="a size cannot be negative, got -1"):
        streams.uniform((-1,))
    with pytest.raises(ValueError, match="a size cannot be negative, got -2"):
        streams.uniform((-2, 3), low=x)


DTYPES: list[tuple[str, Any, str]] = [
    ("float32", 0.5, "float32"),
    ("float32", np.zeros(2, "int8"), "float32"),
    ("float32", np.zeros(2, "int64"), "float64"),
    ("float32", T.dscalar(), "float64"),
    ("float32", T.dvector(), "float64"),
    ("float32", T.fvector(), "float32"),
    ("float64", T.fvector(), "float64"),
]


@pytest.mark.parametrize("family", [RandomStreams, MRG_RandomStreams])
@pytest.mark.parametrize(("floats", "low", "expected"), DTYPES)
def test_default_dtypes(family: Any, floats: str, low: Any, expected: str) -> None:
    """At least floatX, and as precise as all parameters."""
    with config.change_flags(floatX=floats):
        streams = family(3)
        assert streams.uniform((2,), low=low, high=low).dtype == expected
        assert streams.normal((2,), avg=low).dtype == expected
        assert streams.binomial((2,)).dtype == "int64"
        assert streams.uniform((2,), low=low, dtype="float32").dtype == "float32"
        assert streams.uniform((2,), low=low, dtype="floatX").dtype == floats


def test_sizes_of_one_are_broadcastable() -> None:
    streams = RandomStreams(4)
    assert streams.uniform((1, 3)).broadcastable == (True, False)
    assert streams.binomial((3, 1), p=0.5).broadcastable == (False, True)
    assert streams.poisson((1, 1), 30.0).broadcastable == (True, True)


@pytest.mark.slow
def test_multinomial_of_several_numbers_of_trials() -> None:
    """`n` broadcasts against the rows; outcomes of no probability never occur."""
    n, pvals = T.lvector("n"), T.dmatrix("pvals")
    counts = RandomStreams(5).multinomial(n=n, pvals=pvals)
    many = np.tile([0, 4, 2000], 5000)
    likely = np.tile([[0.2, 0.0, 0.5, 0.3]], (15_000, 1))
    drawn = function([n, pvals], counts)(many, likely)
    np.testing.assert_array_equal(drawn.sum(axis=1), many)
    assert not drawn[:, 1].any()
    for place, p in ((0, 0.2), (2, 0.5), (3, 0.3)):
        for kind, trials in ((1, 4), (2, 2000)):
            assert pearson(drawn[kind::3, place], scipy.stats.binom(trials, p)) > 1e-4
    pair = np.corrcoef(drawn[2::3, 0], drawn[2::3, 2])[0, 1]
    assert abs(pair + np.sqrt(0.2 * 0.5 / (0.8 * 0.5))) < 0.05
    with pytest.raises(ValueError, match=r"multinomial: n cannot be below 0: n"):
        function([n, pvals], counts)([-1], likely[:1])


@pytest.mark.slow
def test_choices_of_the_rows_of_a_matrix() -> None:
    p, size = T.dmatrix("p"), T.lscalar("size")
    streams = MRG_RandomStreams(6)
    draws = [
        streams.choice(size=size, p=p, replace=False),
        streams.choice(size=size, p=p, dtype="int32"),
    ]
    f = function([p, size], draws)
    likely = np.tile([[0.5, 0.0, 0.25, 0.25], [0.0, 0.1, 0.0, 0.9]], (10_000, 1))
    without, repeated = f(likely, 2)
    assert without.shape == repeated.shape == (20_000, 2)
    assert (without.dtype, repeated.dtype) == (np.int64, np.int32)
    assert (without[:, 0] != without[:, 1]).all()
    np.testing.assert_array_equal(np.sort(without[1::2], axis=1), [[1, 3]] * 10_000)
    law = scipy.stats.rv_discrete(values=([0, 2, 3], [0.5, 0.25, 0.25]))
    assert pearson(without[::2, 0], law) > 1e-4
    assert pearson(repeated[::2, 1], law) > 1e-4
    with pytest.raises(ValueError, match="a row has fewer elements than are drawn"):
        f(likely, 3)
    with pytest.raises(TypeError, match="a has to be None, got"):
        streams.choice(a=4, p=p)


def test_the_older_name_of_choice_without_replacement() -> None:
    pvals = np.full((3, 5), 0.2)
    with pytest.warns(DeprecationWarning, match="multinomial_wo_replacement is deprecated"):
        drawn = MRG_RandomStreams(7).multinomial_wo_replacement(n=5, pvals=pvals)
    np.testing.assert_array_equal(np.sort(drawn.eval(), axis=1), [range(5)] * 3)
    with (
        pytest.warns(DeprecationWarning, match="deprecated"),
        pytest.raises(ValueError, match="n says how many are drawn, not size"),
    ):
        MRG_RandomStreams(7).multinomial_wo_replacement((3,), pvals=pvals)


def test_choice_needs_a_probability_for_each_element() -> None:
    p = T.dvector("p")
    with pytest.raises(ValueError, match="a probability for each element of a"):
        RandomStreams(8).choice((2,), a=2, p=[0.2, 0.3, 0.5]).eval()
    f = function([p], RandomStreams(8).choice((50,), a=3, p=p))
    assert set(f([0.0, 1.0, 0.0])) == {1}
    with pytest.raises(ValueError, match="a probability for each element of a: p"):
        f([0.5, 0.5])
    assert set(MRG_RandomStreams(8).choice(size=50, p=[0.0, 0.0, 1.0]).eval()) == {2}


def test_truncated_normal_numbers_by_a_flag() -> None:
    streams = MRG_RandomStreams(9)
    sample = streams.normal((5000,), avg=1.0, std=2.0, truncate=True).eval()
    assert np.abs(sample - 1).max() <= 4
    assert scipy.stats.kstest(sample, scipy.stats.truncnorm(-2, 2, 1, 2).cdf).pvalue > 1e-3


def test_rstate_is_copied_from_family_to_family() -> None:
    """As the tutorial's example of copying random states does."""
    first, second = MRG_RandomStreams(10), MRG_RandomStreams(11)
    second.uniform((2,))
    second.rstate = first.rstate
    for _ in range(2):
        one, other = first.uniform((4,)), second.uniform((4,))
        np.testing.assert_array_equal(one.eval(), other.eval())
    second.seed(10)
    state = second.state_updates[0][0].get_value()
    assert state == MRG_RandomStreams(10).uniform((2,)).rng.get_value()
    with pytest.raises(ValueError, match="rstate is what rstate of such streams gave"):
        first.rstate = [1, 2]
    second.set_rstate(12)
    np.testing.assert_array_equal(
        second.uniform((4,)).eval(), MRG_RandomStreams(12).uniform((4,)).eval()
    )


def test_numbers_of_streams() -> None:
    """They decide nothing, but programs print and compare them."""
    sizes = [(1,), (2, 3), (7,), (100, 10), (1000, 1000)]
    assert [guess_n_streams(size) for size in sizes] == [1, 6, 1, 166, 15360]
    assert MRG_RandomStreams(13).n_streams((100, 10)) == 166
    with pytest.warns(UserWarning, match="no difference"):
        assert guess_n_streams(T.lvector(), warn=True) == 15360
