"""Poisson and binomial: by inversion and by rejection, at the border between them, at their ends,
and where counts are so large that their factorials have no digits left.
"""

import itertools

import numpy as np
import pytest
import scipy.stats

import lltheano
import lltheano.tensor as T
from lltheano import function
from lltheano.random import RandomStreams
from lltheano.random.transformed import binomial_density, poisson_density
from tests.random_battery.statistics import pearson

COUNT = 100_000

POISSON = [1e-3, 0.7, 4.5, 9.999, 10.0, 11.3, 31.0, 250.0, 1e4, 1e6]

BINOMIAL = [
    (2, 0.5),
    (9, 0.3),
    (30, 0.9),
    (20, 0.5),  # both a count and what it leaves may be 0
    (40, 0.26),
    (100, 0.97),
    (1000, 0.001),
    (1000, 0.3),
    (10**6, 0.4),
    (10**9, 2e-8),
]


@pytest.mark.slow
@pytest.mark.parametrize("lam", POISSON)
def test_poisson(lam: float) -> None:
    sample = function([], RandomStreams(1).poisson((COUNT,), lam))()
    assert pearson(sample, scipy.stats.poisson(lam)) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(("n", "p"), BINOMIAL)
def test_binomial(n: int, p: float) -> None:
    sample = function([], RandomStreams(1).binomial((COUNT,), n, p))()
    assert pearson(sample, scipy.stats.binom(n, p)) > 1e-4


@pytest.mark.slow
def test_parameters_of_both_kinds_in_one_draw() -> None:
    """Each element has its own distribution, and none goes with another."""
    lam, n, p = T.dvector("lam"), T.lcol("n"), T.dvector("p")
    streams = RandomStreams(2)
    f = function([lam, n, p], [streams.poisson(lam=lam), streams.binomial(n=n, p=p)])
    means = np.tile([0.0, 3.0, 12.0, 500.0], COUNT // 4)
    trials, chances = np.full((COUNT // 6, 1), 40), np.array([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
    events, successes = f(means, trials, chances)
    for place, mean in enumerate([0.0, 3.0, 12.0, 500.0]):
        own = events[place::4]
        assert pearson(own, scipy.stats.poisson(mean)) > 1e-4 if mean else (own == 0).all()
    for place, chance in enumerate(chances):
        own = successes[:, place]
        if chance in (0, 1):
            assert (own == 40 * chance).all()
        else:
            assert pearson(own, scipy.stats.binom(40, chance)) > 1e-4
    for one, other in itertools.pairwise(range(1, 4)):
        pair = np.corrcoef(events[one::4], events[other::4])[0, 1]
        assert abs(pair) < 4 / np.sqrt(COUNT / 4)


@pytest.mark.slow
@pytest.mark.parametrize("value", [2.0, 40.0])
def test_a_mean_that_is_known_only_to_the_call(value: float) -> None:
    lam, n = T.dscalar("lam"), T.lscalar("n")
    streams = RandomStreams(3)
    draws = [streams.poisson((COUNT,), lam), streams.binomial((COUNT,), n, 0.25)]
    events, successes = function([lam, n], draws)(value, int(4 * value))
    assert pearson(events, scipy.stats.poisson(value)) > 1e-4
    assert pearson(successes, scipy.stats.binom(int(4 * value), 0.25)) > 1e-4


HUGE = [1e9, 1e13, 1e16, 9e18]


@pytest.mark.parametrize("mean", HUGE)
def test_huge_means(mean: float) -> None:
    """Beyond any table: normal but for what no test sees, in steps of the double."""
    streams = RandomStreams(4)
    n = int(2 * mean) if mean < 4e18 else int(mean)
    events, successes = function(
        [], [streams.poisson((5000,), mean), streams.binomial((5000,), n, 0.5)]
    )()
    assert events.dtype == successes.dtype == np.int64
    for counts, centre, deviation in (
        (events, mean, np.sqrt(mean)),
        (successes, n / 2, np.sqrt(n) / 2),
    ):
        from_centre = (counts - int(centre)).astype("float64") / deviation
        assert scipy.stats.kstest(from_centre, "norm").pvalue > 1e-3


def test_ends() -> None:
    streams = RandomStreams(5)
    nothing, always = streams.poisson((50,), 0.0), streams.binomial((50,), 10**15, 1.0)
    never, none = streams.binomial((50,), 10**15, 0.0), streams.binomial((50,), 0, 0.5)
    rare = streams.poisson((50,), 1e-300)
    once = streams.binomial((50,), 10**18, 1e-30)
    counts = function([], [nothing, always, never, none, rare, once])()
    for drawn, expected in zip(counts, [0, 10**15, 0, 0, 0, 0], strict=True):
        assert (drawn == expected).all()


def test_dtypes_and_sizes() -> None:
    """Counts in any dtype, of one number, of none, and of a size in a small dtype."""
    size = T.bscalar("size")
    streams = RandomStreams(6)
    draws = [
        streams.poisson((), 50.0, dtype="float32"),
        streams.binomial((size,), 100, 0.5, dtype="int16"),
        streams.poisson((size,), 3.0),
        streams.uniform((size, 2)),
    ]
    f = function([size], draws)
    for many in (0, 100):
        event, successes, events, numbers = f(many)
        assert (event.dtype, event.shape) == (np.float32, ())
        assert (successes.dtype, successes.shape) == (np.int16, (many,))
        assert events.shape == (many,)
        assert numbers.shape == (many, 2)


def test_calls_never_draw_the_same_counts_again() -> None:
    """A draw moves the stream on by all that it took, of any substream."""
    f = function([], RandomStreams(7).poisson((64,), 1e15))
    drawn = np.concatenate([f() for _ in range(20)])
    assert len(np.unique(drawn)) == len(drawn)


@pytest.mark.parametrize("value", [np.nan, np.inf, 9.3e18])
def test_means_beyond_integers_are_refused(value: float) -> None:
    lam = T.dscalar("lam")
    drawn = RandomStreams(8).poisson((2,), lam)
    f, before = function([lam], drawn), drawn.rng.get_value()
    with pytest.raises(ValueError, match=r"poisson: lam .*lam"):
        f(value)
    assert drawn.rng.get_value() == before
    with pytest.raises(ValueError, match="poisson: lam"):
        RandomStreams(8).poisson((2,), value)


@pytest.mark.parametrize("lam", [10.0, 31.7, 1e3, 1e6])
def test_densities_of_poisson(lam: float) -> None:
    spread = 8 * np.sqrt(lam)
    counts = np.unique(np.floor(np.linspace(max(0, lam - spread), lam + spread, 400)))
    k = T.dvector("k")
    factor, exponent = function([k], list(poisson_density(k, lam)))(counts)
    expected = scipy.stats.poisson(lam).logpmf(counts)
    np.testing.assert_allclose(np.log(factor) + exponent, expected, rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize(("n", "p"), [(20, 0.5), (34, 0.3), (1000, 0.2), (10**6, 0.01)])
def test_densities_of_binomial(n: int, p: float) -> None:
    """Relative to the first, for what depends on n and p alone is left out."""
    deviation = np.sqrt(n * p * (1 - p))
    low, high = max(0.0, n * p - 8 * deviation), min(n, n * p + 8 * deviation)
    counts = np.unique(np.floor(np.linspace(low, high, 400)))
    k = T.dvector("k")
    factor, exponent = function([k], list(binomial_density(k, float(n), p)))(counts)
    found = np.log(factor) + exponent
    expected = scipy.stats.binom(n, p).logpmf(counts)
    np.testing.assert_allclose(found - found[0], expected - expected[0], rtol=1e-9, atol=1e-8)


def test_no_gradient_goes_through_counts() -> None:
    lam = T.dvector("lam")
    cost = (RandomStreams(9).poisson(lam=lam, dtype="float64") * lam).sum()
    events, slope = function([lam], [cost, T.grad(cost, lam)], no_default_updates=True)([2.0, 50.0])
    assert events == slope @ [2.0, 50.0]
    assert lltheano.grad(cost, lam).type == lam.type
