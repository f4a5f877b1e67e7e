"""Logistic regression on sparse documents: which of two topics a bag of words is about.

A document has some 20 words of 2,000, so that its row has 20 entries. The product with the weights,
and the gradient of the weights, touch no others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

import lltheano as theano
import lltheano.sparse as S
import lltheano.tensor as T

WORDS, DOCUMENTS, LENGTH = 2000, 1500, 20
RATE, DECAY, PASSES, BATCH = 1.0, 1e-4, 15, 50


@dataclass
class Learned:
    """The cost before each pass and at the end, the weights, and the errors in the test."""

    costs: list[float]
    weights: Any
    bias: float
    errors: float


def documents(count: int, seed: int) -> tuple[Any, Any]:
    """Rows of counts of words, and topics: each topic has words that it prefers."""
    rng = np.random.default_rng(seed)
    topics = rng.integers(0, 2, count)
    common = rng.integers(0, WORDS, (count, LENGTH))
    # A third of the words come from the quarter of the vocabulary that the topic prefers.
    special = rng.integers(0, WORDS // 4, (count, LENGTH)) + topics[:, None] * (WORDS // 4)
    words = np.where(rng.uniform(size=common.shape) < 1 / 3, special, common)
    rows = np.repeat(np.arange(count), LENGTH)
    counts = sp.csr_matrix((np.ones(words.size), (rows, words.ravel())), (count, WORDS))
    return counts, topics.astype(float)


def build() -> tuple[Any, Any, Any, Any]:
    """The weights, the bias, a step of learning, and the probability of the second topic."""
    x, y = S.csr_matrix("x", dtype="float64"), T.dvector("y")
    w, b = theano.shared(np.zeros(WORDS), name="w"), theano.shared(0.0, name="b")
    p = T.nnet.sigmoid(S.dot(x, w) + b)
    cost = T.nnet.binary_crossentropy(p, y).mean() + DECAY * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    train = theano.function([x, y], cost, updates=[(w, w - RATE * gw), (b, b - RATE * gb)])
    return w, b, train, theano.function([x], p)


def run() -> Learned:
    """Learn from batches, and test on documents that were not seen."""
    x, y = documents(DOCUMENTS, seed=1)
    w, b, train, predict = build()
    costs = []
    for _ in range(PASSES):
        batches = range(0, DOCUMENTS, BATCH)
        costs.append(float(np.mean([train(x[i : i + BATCH], y[i : i + BATCH]) for i in batches])))
    unseen, topics = documents(1000, seed=2)
    errors = float(np.mean((predict(unseen) > 0.5) != topics))
    return Learned(costs, w.get_value(), float(b.get_value()), errors)


if __name__ == "__main__":
    learned = run()
    print(f"cost {learned.costs[0]:.4f} -> {learned.costs[-1]:.4f}")
    print(f"misread in the test: {100 * learned.errors:.1f}%")
