"""The chains move as in NumPy, given what was drawn, and their covariance is the density's."""

import numpy as np

from tests.programs.digits import Array
from tests.programs.hamiltonian import CHAINS, COVARIANCE, PRECISION, SETTLE, STEPS, run


def total(q: Array, p: Array) -> Array:
    return np.asarray(np.einsum("ni,ij,nj->n", q, PRECISION, q) / 2 + (p**2).sum(1) / 2)


def test_it_moves_as_numpy_does() -> None:
    sampled = run(6)
    q = np.ones((CHAINS, 3))
    for move in sampled.moves:
        old, p = q, move.momenta.copy()
        for _ in range(STEPS):
            p = p - sampled.size / 2 * q @ PRECISION
            q = q + sampled.size * p
            p = p - sampled.size / 2 * q @ PRECISION
        accepted = np.log(move.uniforms) < total(old, move.momenta) - total(q, p)
        q = np.where(accepted[:, None], q, old)
        np.testing.assert_allclose(move.positions, q, rtol=1e-9, atol=1e-11)


def test_the_samples_have_the_covariance() -> None:
    sampled = run()
    settled = np.concatenate([move.positions for move in sampled.moves[SETTLE:]])
    assert sampled.accepted > 0.6
    np.testing.assert_allclose(np.cov(settled.T), COVARIANCE, atol=0.08)
    np.testing.assert_allclose(settled.mean(0), 0, atol=0.08)
