"""What is drawn has its distribution: tests of Kolmogorov and Smirnov and of Pearson, at seeds that
are fixed, so that none fails by chance.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats

import lltheano.tensor as T
from lltheano import function
from lltheano.random import RandomStreams

COUNT = 20_000
Draw = Callable[[RandomStreams], Any]

FLOATS: dict[str, tuple[Callable[[RandomStreams, str], Any], Any]] = {
    "uniform": (lambda s, d: s.uniform((COUNT,), -1, 3, dtype=d), scipy.stats.uniform(-1, 4)),
    "normal": (lambda s, d: s.normal((COUNT,), 1, 2, dtype=d), scipy.stats.norm(1, 2)),
    "truncated_normal": (
        lambda s, d: s.truncated_normal((COUNT,), 1, 2, dtype=d),
        scipy.stats.truncnorm(-2, 2, 1, 2),
    ),
    "exponential": (
        lambda s, d: s.exponential((COUNT,), 2.5, dtype=d),
        scipy.stats.expon(scale=2.5),
    ),
    "gamma": (lambda s, d: s.gamma((COUNT,), 3.0, 2.0, dtype=d), scipy.stats.gamma(3, scale=2)),
    "gamma:small": (lambda s, d: s.gamma((COUNT,), 0.4, dtype=d), scipy.stats.gamma(0.4)),
    "beta": (lambda s, d: s.beta((COUNT,), 2.0, 5.0, dtype=d), scipy.stats.beta(2, 5)),
}

INTEGERS: dict[str, tuple[Draw, Any]] = {
    "bernoulli": (lambda s: s.binomial((COUNT,), p=0.3), scipy.stats.bernoulli(0.3)),
    "binomial": (lambda s: s.binomial((COUNT,), n=9, p=0.3), scipy.stats.binom(9, 0.3)),
    "poisson": (lambda s: s.poisson((COUNT,), 4.5), scipy.stats.poisson(4.5)),
    "random_integers": (lambda s: s.random_integers((COUNT,), -2, 6), scipy.stats.randint(-2, 7)),
    "choice": (lambda s: s.choice((COUNT,), 7), scipy.stats.randint(0, 7)),
    "choice:p": (
        lambda s: s.choice((COUNT,), 3, p=[0.2, 0.5, 0.3]),
        scipy.stats.rv_discrete(values=([0, 1, 2], [0.2, 0.5, 0.3])),
    ),
    "multinomial": (
        lambda s: s.multinomial((COUNT,), pvals=[0.1, 0.6, 0.3]).argmax(axis=1),
        scipy.stats.rv_discrete(values=([0, 1, 2], [0.1, 0.6, 0.3])),
    ),
    "multinomial:n": (
        lambda s: s.multinomial((COUNT,), n=5, pvals=[0.1, 0.6, 0.3])[:, 1],
        scipy.stats.binom(5, 0.6),
    ),
    "permutation": (
        lambda s: s.permutation((COUNT,), n=5)[:, 2],
        scipy.stats.randint(0, 5),
    ),
    "choice:without": (
        lambda s: T.stack([s.choice((2,), 4, replace=False)[1] for _ in range(20)]),
        scipy.stats.randint(0, 4),
    ),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", FLOATS)
def test_floats(name: str, dtype: str) -> None:
    draw, law = FLOATS[name]
    sample = function([], draw(RandomStreams(1), dtype))()
    assert sample.dtype == dtype
    if dtype == "float16":  # a test of a continuous law sees its steps
        np.testing.assert_allclose(sample.astype("float64").mean(), law.mean(), atol=0.06)
        np.testing.assert_allclose(sample.astype("float64").std(), law.std(), rtol=0.03)
        return
    assert scipy.stats.kstest(sample, law.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) < 4 / np.sqrt(COUNT)


@pytest.mark.slow
@pytest.mark.parametrize("name", INTEGERS)
def test_integers(name: str) -> None:
    draw, law = INTEGERS[name]
    sample = function([], draw(RandomStreams(1)))()
    values, observed = np.unique(sample, return_counts=True)
    expected = law.pmf(values) * len(sample)
    often = expected >= 5
    seen = np.append(observed[often], len(sample) - observed[often].sum())
    wanted = np.append(expected[often], len(sample) - expected[often].sum())
    kept = wanted > 1e-6
    assert seen[~kept].sum() == 0
    assert scipy.stats.chisquare(seen[kept], wanted[kept]).pvalue > 1e-3


def test_uniform_words_of_a_double_are_all_random() -> None:
    """Every one of the 53 bits is set half of the time, and none goes with its neighbour."""
    sample = function([], RandomStreams(2).uniform((COUNT,), dtype="float64"))()
    bits = (sample * 2.0**53).astype(np.uint64)[:, None] >> np.arange(53, dtype=np.uint64) & 1
    shares = bits.mean(axis=0)
    assert np.abs(shares - 0.5).max() < 5 * 0.5 / np.sqrt(COUNT)
    together = (bits[:, 1:] == bits[:, :-1]).mean(axis=0)
    assert np.abs(together - 0.5).max() < 5 * 0.5 / np.sqrt(COUNT)


def test_parameters_broadcast() -> None:
    low, n = T.dcol("low"), T.ivector("n")
    streams = RandomStreams(3)
    u = streams.uniform(low=low, high=low + 1)
    b = streams.binomial((2, 3), n=n, p=0.5)
    z = streams.normal(avg=np.zeros((4, 1)), std=np.ones(3))
    first, second, third = function([low, n], [u, b, z])([[0.0], [5.0]], [0, 1, 50])
    assert first.shape == (2, 1)
    assert ((first - [[0.0], [5.0]] >= 0) & (first - [[0.0], [5.0]] <= 1)).all()
    assert second.shape == (2, 3)
    assert (second[:, 0] == 0).all()
    assert (second[:, 2] > 5).all()
    assert third.shape == (4, 3)


@pytest.mark.parametrize("size", [(), 3, (2, 3), (0,), (3, 0), None])
def test_sizes(size: Any) -> None:
    streams = RandomStreams(4)
    expected = np.empty(() if size is None else size).shape
    draws = [
        streams.uniform(size),
        streams.normal(size, dtype="float32"),
        streams.binomial(size),
        streams.poisson(size, 2.0),
        streams.gamma(size, 2.0),
    ]
    for one in function([], draws)():
        assert one.shape == expected


def test_symbolic_sizes() -> None:
    n, x, v = T.lscalar("n"), T.dmatrix("x"), T.lvector("v")
    streams = RandomStreams(5)
    draws = [
        streams.uniform((n, 2)),
        streams.normal(x.shape),
        streams.uniform(v, ndim=2),
        streams.binomial(size=(x.shape[0], n), p=x[0, 0]),
    ]
    f = function([n, x, v], draws)
    shapes = [one.shape for one in f(3, np.full((2, 5), 0.5), [4, 1])]
    assert shapes == [(3, 2), (2, 5), (4, 1), (2, 3)]
    with pytest.raises(ValueError, match="give ndim"):
        streams.uniform(v)
    with pytest.raises(ValueError, match="contradicts"):
        streams.uniform((2, 2), ndim=1)


def test_choices_and_orders() -> None:
    streams = RandomStreams(6)
    rows = T.dmatrix("rows")
    draws = [
        streams.choice((5,), 5, replace=False),
        streams.choice((2,), [10, 20, 30, 40], replace=False, p=[0.5, 0.5, 0.0, 0.0]),
        streams.permutation(n=6),
        streams.shuffle_row_elements(rows),
    ]
    with pytest.raises(ValueError, match="fewer elements"):
        function([], streams.choice((5,), 4, replace=False))()
    short = streams.choice((rows.shape[1],), 4, replace=False)
    with pytest.raises(ValueError, match="fewer elements"):
        function([rows], short)(np.ones((2, 6)))
    data = np.arange(12.0).reshape(2, 6)
    some, two, order, shuffled = function([rows], draws)(data)
    assert sorted(some.tolist()) == [0, 1, 2, 3, 4]
    assert sorted(two.tolist()) == [10, 20]
    assert sorted(order.tolist()) == list(range(6))
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), data)
    assert (shuffled != data).any()


def test_the_gradient_goes_through_mean_spread_and_limits() -> None:
    avg, std = T.dscalars("avg", "std")
    z = RandomStreams(7).normal((1000,), avg, std)
    cost = ((z - 3) ** 2).mean()
    f = function([avg, std], [z, *T.grad(cost, [avg, std])])
    sample, by_avg, by_std = f(1.0, 2.0)
    np.testing.assert_allclose(by_avg, 2 * (sample - 3).mean())
    np.testing.assert_allclose(by_std, (2 * (sample - 3) * (sample - 1) / 2).mean())
    p = T.dscalar("p")
    drawn = RandomStreams(7).binomial((5,), p=p)
    assert float(T.grad(drawn.sum().astype("float64"), p).eval({p: 0.5})) == 0


WRONG: dict[str, Any] = {
    "p above 1": (lambda s, x: s.binomial((2,), p=x), 1.5, "binomial: p must lie from 0 to 1"),
    "p NaN": (lambda s, x: s.binomial((2,), p=x), np.nan, "binomial: p must lie"),
    "n below 0": (lambda s, x: s.binomial((2,), n=x.astype("int64")), -1.0, "binomial: n cannot"),
    "std below 0": (lambda s, x: s.normal((2,), 0, x), -1.0, "normal: std cannot be below 0"),
    "low above high": (lambda s, x: s.uniform((2,), x, 0), 1.0, "high - low cannot be below 0"),
    "sum": (
        lambda s, x: s.multinomial(pvals=T.stack([x, x])),
        0.7,
        "probabilities must sum to 1",
    ),
    "negative": (
        lambda s, x: s.multinomial(pvals=T.stack([x, 1 - x])),
        -0.5,
        "a probability cannot be below 0",
    ),
    "lam": (lambda s, x: s.poisson((2,), x), -1.0, "poisson: lam cannot be below 0"),
    "integers": (
        lambda s, x: s.random_integers((2,), x.astype("int64"), 0),
        5.0,
        "random_integers: high",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_parameters_must_be(name: str) -> None:
    """ValueError naming the variable, and no stream has moved."""
    build, value, message = WRONG[name]
    x = T.dscalar("x")
    drawn = build(RandomStreams(8), x)
    f = function([x], drawn)
    before = drawn.rng.get_value()
    with pytest.raises(ValueError, match=message) as caught:
        f(value)
    assert "test_distributions" in str(caught.value)
    assert drawn.rng.get_value() == before


def test_what_is_wrong_at_once() -> None:
    streams = RandomStreams(9)
    with pytest.raises(ValueError, match="p must lie from 0 to 1"):
        streams.binomial((2,), p=2.0)
    with pytest.raises(ValueError, match="negative"):
        streams.uniform((-1,))
    with pytest.raises(TypeError, match="draws floats"):
        streams.normal((2,), dtype="int32")
    with pytest.raises(TypeError, match="sizes are integers"):
        streams.normal((2.5,))


def test_each_draw_has_its_number_of_trials() -> None:
    """Of outcomes that are drawn together."""
    n = T.lvector("n")
    counts = RandomStreams(1).multinomial(n=n, pvals=[[0.2, 0.8], [0.5, 0.5], [0.0, 1.0]])
    f = function([n], counts)
    for wanted in ([1000, 0, 7], [0, 0, 0], [3, 2, 1]):
        found = f(wanted)
        assert found.sum(axis=1).tolist() == wanted
        assert found[2, 0] == 0
    with pytest.raises(ValueError, match="n"):
        f([1, -1, 1])
