"""Q-learning of a walk along a cliff, the world of Sutton and Barto (2018), example 6.6.

The table of values is a shared variable, of which a call of `learn` changes one element in place.
Exploring and the world are Python; what is learned is compiled.
"""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from tests.programs.digits import Array

ROWS, COLUMNS = 4, 12
START, GOAL = (3, 0), (3, 11)
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
RATE, DISCOUNT, EXPLORE = 0.5, 1.0, 0.1
EPISODES = 400

Cell = tuple[int, int]
Step = tuple[Cell, int, float, Cell]


@dataclass
class Learned:
    """The values of each move in each cell, every step that was made, and the walk that follows."""

    values: Array
    steps: list[Step]
    walk: list[Cell]


def move(cell: Cell, action: int) -> tuple[Cell, float]:
    """Where a move leads, and its reward: who falls off the cliff begins anew, at great cost."""
    row = min(max(cell[0] + MOVES[action][0], 0), ROWS - 1)
    column = min(max(cell[1] + MOVES[action][1], 0), COLUMNS - 1)
    falls = row == ROWS - 1 and 0 < column < COLUMNS - 1
    return (START, -100.0) if falls else ((row, column), -1.0)


def run(episodes: int = EPISODES) -> Learned:
    """Learn, then walk without exploring."""
    q = theano.shared(np.zeros((ROWS, COLUMNS, len(MOVES))), name="q")
    row, column, next_row, next_column = T.lscalars("row", "column", "next_row", "next_column")
    action, reward = T.lscalar("action"), T.dscalar("reward")

    old = q[row, column, action]
    best = q[next_row, next_column].max()  # the goal's values stay 0
    target = T.inc_subtensor(old, RATE * (reward + DISCOUNT * best - old))
    learn = theano.function(
        [row, column, action, reward, next_row, next_column], updates=[(q, target)], name="learn"
    )
    choose = theano.function([row, column], q[row, column].argmax(), name="choose")

    rng = np.random.default_rng(0)
    steps: list[Step] = []
    for _ in range(episodes):
        cell = START
        while cell != GOAL:
            explores = rng.random() < EXPLORE
            taken = int(rng.integers(len(MOVES))) if explores else int(choose(*cell))
            following, gain = move(cell, taken)
            learn(*cell, taken, gain, *following)
            steps.append((cell, taken, gain, following))
            cell = following
    walk = [START]
    while walk[-1] != GOAL and len(walk) < ROWS * COLUMNS:
        walk.append(move(walk[-1], int(choose(*walk[-1])))[0])
    return Learned(q.get_value(), steps, walk)


if __name__ == "__main__":
    learned = run()
    print(
        f"{len(learned.steps)} steps learned from; the goal is {len(learned.walk) - 1} moves away"
    )
    for line in range(ROWS):
        cells = ((line, column) for column in range(COLUMNS))
        print("".join("o" if cell in learned.walk else "." for cell in cells))
