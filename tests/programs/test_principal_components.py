"""The components are those of a singular value decomposition, and settled steps cost nothing."""

import numpy as np

from tests.programs.principal_components import COMPONENTS, centred, run


def test_they_are_the_singular_vectors() -> None:
    components = run()
    x = centred()
    _, values, vectors = np.linalg.svd(x, full_matrices=False)
    np.testing.assert_allclose(components.variances, values[:COMPONENTS] ** 2 / len(x), rtol=1e-9)
    cosines = np.abs((components.directions * vectors[:COMPONENTS]).sum(axis=1))
    np.testing.assert_allclose(cosines, 1, rtol=1e-9)


def test_the_iterations_are_numpys() -> None:
    components = run()
    x, direction, steps = centred(), np.eye(64)[20], 0
    change = np.inf
    while change > 1e-12:
        moved = x.T @ (x @ direction)
        moved /= np.sqrt((moved**2).sum())
        change, direction, steps = np.abs(moved - direction).max(), moved, steps + 1
    assert abs(components.steps[0] - steps) <= 2  # the last bits of a product decide
    np.testing.assert_allclose(components.directions[0], direction, rtol=1e-7, atol=1e-10)
