"""The table is what the same steps give in NumPy, and the walk learned is the shortest."""

import numpy as np

from tests.programs.q_learning import DISCOUNT, RATE, run


def test_it_learns_as_numpy_does_and_walks_the_shortest_way() -> None:
    learned = run()
    table = np.zeros_like(learned.values)
    for cell, action, reward, following in learned.steps:
        slot = (*cell, action)
        table[slot] += RATE * (reward + DISCOUNT * table[following].max() - table[slot])
    np.testing.assert_array_equal(learned.values, table)
    assert len(learned.walk) - 1 == 13
